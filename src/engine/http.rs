//! What all services have in common: one address, one client, JSON out and JSON in.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Serialize;
use serde_json::Value;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::authorize::{Authorize, Unsigned};
use super::client::innermost;
use super::error::{EngineError, ErrorClass};
use super::lenient;
use super::money::Prices;
use super::patience::Patience;
use super::profile::NetworkOptions;
use super::purse::{Purse, SetAside, Spent};
use super::secrets::Secrets;
use super::server::Server;
use super::status::{HttpAnswer, ReadRefusal, ServiceRefusal, clean, error_in, is_page, is_success};
use crate::model::Usage;

/// The longest answer that is read, in bytes: far above the answer to any batch.
const MAX_BODY: usize = 16 << 20;

/// How long a glance takes at most.
const GLANCE: Duration = Duration::from_secs(3);

/// How often something that is not charged is asked for.
const ASKED_AT_MOST: u32 = 3;
/// The pause before it is asked for again, and the longest that a service can ask for: somebody waits for it.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// How long to wait for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timeouts {
    /// For the connection.
    pub(super) connect: Duration,
    /// For a whole request to be answered, at first; see [`Patience`].
    pub(super) answer: Duration,
}

/// One endpoint of a service, and what else its server offers. Has no `Debug`: it knows the key.
pub(super) struct Endpoint {
    client: Client,
    server: Server,
    connect_timeout: Duration,
    patience: Patience,
    sent: AtomicU64,
    secrets: Secrets,
    authorize: Box<dyn Authorize>,
    read_refusal: ReadRefusal,
    account: Account,
}

/// What an endpoint is made of.
pub(super) struct EndpointSetup<'a> {
    pub(super) server: Server,
    pub(super) timeouts: Timeouts,
    pub(super) network: &'a NetworkOptions,
    pub(super) secrets: Secrets,
    pub(super) authorize: Box<dyn Authorize>,
    /// What only this vendor's errors mean.
    pub(super) read_refusal: ReadRefusal,
    pub(super) account: Account,
}

/// Who pays for requests, and how much.
#[derive(Clone, Default)]
pub(super) struct Account {
    pub(super) purse: Arc<Purse>,
    pub(super) prices: Option<Arc<Prices>>,
}

/// An answer, which is 2xx, and what was set aside for it.
pub(super) struct Paid {
    pub(super) answer: HttpAnswer,
    pub(super) set_aside: SetAside,
}

/// A text that is read line by line.
struct LinesOfText {
    /// `None` once all of it is there.
    response: Option<Response>,
    waiting: Vec<u8>,
}

/// A request.
struct Call<'a> {
    method: Method,
    server: &'a Server,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Whether it is one of those that [`Endpoint::sent`] counts.
    is_counted: bool,
}

/// Why there is no answer to use.
struct CallFailure {
    error: EngineError,
    /// Whether the request went out, so that the service may have charged for it.
    went_out: bool,
}

impl Endpoint {
    /// The endpoint at an address; nothing is sent yet.
    pub(super) fn new(setup: EndpointSetup<'_>) -> Result<Self, EngineError> {
        let EndpointSetup { server, timeouts, network, secrets, authorize, read_refusal, account } = setup;
        Ok(Self {
            client: network.client(&server, timeouts.connect)?,
            server,
            connect_timeout: timeouts.connect,
            patience: Patience::new(timeouts.answer),
            sent: AtomicU64::new(0),
            secrets,
            authorize,
            read_refusal,
            account,
        })
    }

    /// Sends a JSON body that can use so much at most.
    pub(super) async fn post(&self, body: Vec<u8>, most: Usage) -> Result<Paid, EngineError> {
        self.post_with(HeaderMap::new(), body, most).await
    }

    /// The same with further headers, such as those that name the operation.
    pub(super) async fn post_with(
        &self,
        headers: HeaderMap,
        body: Vec<u8>,
        most: Usage,
    ) -> Result<Paid, EngineError> {
        self.post_to(&self.server, headers, body, most).await
    }

    /// The same to another address of the server, where options stand in the address.
    pub(super) async fn post_to(
        &self,
        server: &Server,
        headers: HeaderMap,
        body: Vec<u8>,
        most: Usage,
    ) -> Result<Paid, EngineError> {
        let set_aside = self.account.purse.set_aside(self.account.prices.as_ref(), most).await?;
        let mut all = json_headers();
        all.extend(headers);
        let call = Call { method: Method::POST, server, headers: all, body, is_counted: true };
        let CallFailure { error, went_out } = match self.success(&call).await {
            Ok(answer) => return Ok(Paid { answer, set_aside }),
            Err(failure) => failure,
        };
        if !went_out || !error.may_be_charged() {
            set_aside.give_back();
        }
        Err(error)
    }

    /// Asks the same server for something that is not charged, such as what was used so far; with a JSON body or without.
    ///
    /// What fails for a moment is tried again, since nothing is paid for it.
    pub(super) async fn ask(
        &self,
        method: Method,
        server: &Server,
        body: Option<Vec<u8>>,
    ) -> Result<Value, EngineError> {
        self.ask_with(HeaderMap::new(), method, server, body).await
    }

    /// The same with further headers.
    pub(super) async fn ask_with(
        &self,
        further: HeaderMap,
        method: Method,
        server: &Server,
        body: Option<Vec<u8>>,
    ) -> Result<Value, EngineError> {
        let mut headers = if body.is_some() { json_headers() } else { HeaderMap::new() };
        headers.extend(further);
        let body = body.unwrap_or_default();
        let mut attempts = 1;
        loop {
            let (method, headers, body) = (method.clone(), headers.clone(), body.clone());
            let call = Call { method, server, headers, body, is_counted: false };
            let error = match self.success(&call).await {
                Ok(answer) if answer.body.is_empty() => return Ok(Value::Null),
                Ok(answer) => return self.json(&answer),
                Err(failure) => failure.error,
            };
            match error.class() {
                ErrorClass::Retry(asked) if attempts < ASKED_AT_MOST => {
                    sleep(asked.unwrap_or(PAUSE).min(LONGEST_PAUSE)).await;
                }
                _ => return Err(error),
            }
            attempts += 1;
        }
    }

    /// Looks at something on the same server that it may not have, and that is worth no more than a moment: whatever goes
    /// wrong, there is nothing.
    pub(super) async fn glance(&self, server: &Server) -> Option<Value> {
        let headers = HeaderMap::new();
        let call = Call { method: Method::GET, server, headers, body: Vec::new(), is_counted: false };
        let answer = timeout(GLANCE, self.success(&call)).await.ok()?.ok()?;
        self.json(&answer).ok()
    }

    /// Sends something that must not be sent twice, such as an order, and reads the answer as JSON.
    pub(super) async fn order(
        &self,
        server: &Server,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Value, EngineError> {
        let call = Call { method: Method::POST, server, headers, body, is_counted: true };
        let answer = self.success(&call).await.map_err(|failure| failure.error)?;
        self.json(&answer)
    }

    /// The lines of a text at the same server, as they come; none is longer than an answer may be.
    pub(super) async fn lines(
        &self,
        server: &Server,
        further: HeaderMap,
    ) -> Result<BoxStream<'_, Result<Vec<u8>, EngineError>>, EngineError> {
        let call =
            Call { method: Method::GET, server, headers: further, body: Vec::new(), is_counted: false };
        let signed = self.signed(&call).await.map_err(|failure| failure.error)?;
        let request = self.client.get(server.url().clone()).headers(call.headers).headers(signed);
        let response = request.send().await.map_err(|error| self.failure(error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if !response.status().is_success() {
            let body = response.bytes().await.map(Vec::from).unwrap_or_default();
            return Err(self.error_of(&HttpAnswer { status, headers, body }));
        }
        let text = LinesOfText { response: Some(response), waiting: Vec::new() };
        let next = async move |mut text: LinesOfText| {
            self.next_line(&mut text).await.map(|line| line.map(|line| (line, text)))
        };
        Ok(stream::try_unfold(text, next).boxed())
    }

    async fn next_line(&self, text: &mut LinesOfText) -> Result<Option<Vec<u8>>, EngineError> {
        let mut searched = 0;
        loop {
            if let Some(end) = text.waiting[searched..].iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = text.waiting.drain(..=searched + end).collect();
                return Ok(Some(line));
            }
            searched = text.waiting.len();
            let Some(response) = &mut text.response else {
                return Ok((!text.waiting.is_empty()).then(|| std::mem::take(&mut text.waiting)));
            };
            let piece = self.patience.wait_for_piece(response.chunk()).await;
            let piece = piece.map_err(|after| EngineError::Timeout { host: self.server.host(), after })?;
            match piece.map_err(|error| self.failure(error))? {
                Some(chunk) if text.waiting.len() + chunk.len() > 2 * MAX_BODY => {
                    return Err(EngineError::unreadable(format!(
                        "a line is longer than {} MiB",
                        MAX_BODY >> 20
                    )));
                }
                Some(chunk) => text.waiting.extend_from_slice(&chunk),
                None => text.response = None,
            }
        }
    }

    /// Who pays.
    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    /// Sends a request and gives back the answer, which is 2xx.
    async fn success(&self, call: &Call<'_>) -> Result<HttpAnswer, CallFailure> {
        let signed = self.signed(call).await?;
        let error = match self.once(call, signed.clone()).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        // A token may be withdrawn, or expire on its way; once, since a fresh one that is refused will be refused again.
        if !matches!(error, EngineError::Key(_)) || !self.authorize.refused(&signed) {
            return Err(CallFailure { error, went_out: true });
        }
        let signed = self.signed(call).await?;
        self.once(call, signed).await.map_err(|error| CallFailure { error, went_out: true })
    }

    /// What authorises a request.
    async fn signed(&self, call: &Call<'_>) -> Result<HeaderMap, CallFailure> {
        let Call { method, server, headers, body, .. } = call;
        let unsigned = Unsigned { method, url: server.url(), headers, body };
        let signed = self.authorize.headers(unsigned).await;
        signed.map_err(|error| CallFailure { error, went_out: false })
    }

    /// Sends a request once and gives back the answer, which is 2xx.
    async fn once(&self, call: &Call<'_>, signed: HeaderMap) -> Result<HttpAnswer, EngineError> {
        let Call { method, server, headers, body, is_counted } = call;
        let request = self.client.request(method.clone(), server.url().clone());
        let request = request.headers(headers.clone()).headers(signed).body(body.clone());
        let start = Instant::now();
        let count = u64::from(*is_counted);
        self.sent.fetch_add(count, Ordering::Relaxed);
        let answer = self.patience.wait_for(self.answer(request)).await;
        let answer =
            answer.unwrap_or_else(|after| Err(EngineError::Timeout { host: self.server.host(), after }));
        if matches!(answer, Err(EngineError::Connection { .. })) {
            // It never left this machine.
            self.sent.fetch_sub(count, Ordering::Relaxed);
        }
        let answer = answer?;
        let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (status, bytes) = (answer.status, answer.body.len());
        debug!(host = self.server.host(), status, bytes, ms, "got an answer");
        if answer.is_success() { Ok(answer) } else { Err(self.error_of(&answer)) }
    }

    /// Requests that went out so far.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// What they used, and those of other engines with the same purse.
    pub(super) fn spent(&self) -> Spent {
        self.account.purse.spent()
    }

    /// Reads the body of an answer as JSON, as far as it can be read.
    pub(super) fn json(&self, answer: &HttpAnswer) -> Result<Value, EngineError> {
        let body = lenient::mended(&answer.body);
        lenient::value(&body).map_err(|error| {
            let place = self.place();
            if is_page(&body) {
                return EngineError::Unusable(format!(
                    "a web page came instead of JSON from {place}; base_url may be wrong, or a proxy wants a login"
                ));
            }
            if !body.is_empty() && !body.trim_start().starts_with(['{', '[']) {
                // Not JSON that was cut off: it would be the same for every text.
                let text = self.clean(&body);
                return EngineError::Unusable(format!(
                    "text came instead of JSON from {place} ({text:?}); base_url may be wrong"
                ));
            }
            // Says a place and no text, so no key either.
            EngineError::unreadable(error)
        })
    }

    /// What an answer means that is an error.
    pub(super) fn error_of(&self, answer: &HttpAnswer) -> EngineError {
        let refusal = ServiceRefusal::new(answer, self.place(), &self.secrets);
        (self.read_refusal)(&refusal).unwrap_or_else(|| refusal.error())
    }

    /// What an answer of 2xx that holds no translations means.
    pub(super) fn error_in(&self, answer: &HttpAnswer, body: &Value) -> EngineError {
        error_in(answer, body, &self.secrets)
    }

    /// A message on one line, shortened, with the secrets taken out.
    pub(super) fn clean(&self, message: &str) -> String {
        clean(message, &self.secrets)
    }

    /// Host and path.
    fn place(&self) -> String {
        format!("{}{}", self.server.host(), self.server.url().path())
    }

    /// Sends a request and reads what comes back.
    async fn answer(&self, request: RequestBuilder) -> Result<HttpAnswer, EngineError> {
        let mut response = request.send().await.map_err(|error| self.failure(error))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        loop {
            let piece = self.patience.wait_for_piece(response.chunk()).await;
            let piece = piece.map_err(|after| EngineError::Timeout { host: self.server.host(), after })?;
            let chunk = match piece {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                // An error is one without its last words, and the beginning of a page is the same every time: proxies that
                // want a login send pages that are shorter than they say.
                Err(_) if !is_success(status) || is_page(&String::from_utf8_lossy(&body)) => break,
                Err(error) => return Err(self.failure(error)),
            };
            if body.len() + chunk.len() > MAX_BODY {
                return Err(EngineError::unreadable(format!("it is longer than {} MiB", MAX_BODY >> 20)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpAnswer { status, headers, body })
    }

    fn failure(&self, error: reqwest::Error) -> EngineError {
        let (host, error) = (self.server.host(), error.without_url());
        if !error.is_connect() {
            return EngineError::BrokenOff {
                host,
                reason: self.clean(&innermost(&error)),
                source: error.into(),
            };
        }
        let reason = if error.is_timeout() {
            format!("no connection within {} s", self.connect_timeout.as_secs())
        } else {
            self.clean(&innermost(&error))
        };
        EngineError::Connection { host, reason, source: error.into() }
    }
}

/// The bytes of a value in JSON.
pub(super) fn json_len<T: Serialize + ?Sized>(value: &T) -> usize {
    let mut counter = Counter(0);
    // Counting cannot fail, and a length that is too small is found out by the service.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

/// The beginning of a text, up to the end of a word, that takes at most a number of bytes in JSON.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    if json_len(text) <= bytes {
        return text;
    }
    let mut left = bytes.saturating_sub(2);
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let len = json_len(&c) - 2;
        if len > left {
            break;
        }
        left -= len;
        end = at + c.len_utf8();
    }
    let head = &text[..end];
    head.rsplit_once(' ').map_or(head, |(words, _)| words)
}

/// The end of a text, from a word on, that takes at most a number of bytes in JSON.
pub(super) fn tail(text: &str, bytes: usize) -> &str {
    if json_len(text) <= bytes {
        return text;
    }
    let mut left = bytes.saturating_sub(2);
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        let len = json_len(&c) - 2;
        if len > left {
            break;
        }
        left -= len;
        start = at;
    }
    let tail = &text[start..];
    tail.split_once(' ').map_or(tail, |(_, words)| words)
}

/// The body of a request.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, EngineError> {
    serde_json::to_vec(value).map_err(|error| EngineError::broken("cannot write JSON", error))
}

struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_in_json_is_exact() {
        for text in ["", "ä\"ö\\", "\u{1}\n", "日本"] {
            assert_eq!(json_len(text), serde_json::to_string(text).unwrap().len());
        }
    }

    #[test]
    fn the_end_of_the_context_is_kept() {
        assert_eq!(tail("Der Zug fährt. Er hält.", 100), "Der Zug fährt. Er hält.");
        assert_eq!(tail("Der Zug fährt. Er hält.", 13), "Er hält.");
        assert!(json_len(tail(&"\"ä\" ".repeat(90), 50)) <= 50);
        assert_eq!(tail("", 10), "");
    }
}
