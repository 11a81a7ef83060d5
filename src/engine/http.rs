//! What all services have in common: one address, one client, JSON out and JSON in.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use tracing::debug;

use super::error::EngineError;
use super::lenient;
use super::money::Prices;
use super::patience::Patience;
use super::profile::ProfileError;
use super::purse::{Purse, SetAside, Spent};
use super::server::Server;
use super::status::{HttpAnswer, clean, error_in, error_of, is_page, is_success};
use crate::model::Usage;

/// The longest answer that is read, in bytes: far above the answer to any batch.
const MAX_BODY: usize = 16 << 20;
/// How long an idle connection is kept: longer than the pause between two batches, shorter than servers keep them.
const IDLE: Duration = Duration::from_secs(30);

/// How long to wait for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timeouts {
    /// For the connection.
    pub(super) connect: Duration,
    /// For a whole request to be answered, at first; see [`Patience`].
    pub(super) answer: Duration,
}

/// One endpoint of a service. Has no `Debug`: it knows the key.
pub(super) struct Endpoint {
    client: Client,
    server: Server,
    connect_timeout: Duration,
    patience: Patience,
    sent: AtomicU64,
    key: Option<SecretString>,
    authorization: Option<HeaderValue>,
    account: Account,
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

impl Endpoint {
    /// The endpoint at an address; nothing is sent yet.
    pub(super) fn new(
        server: Server,
        timeouts: Timeouts,
        key: Option<SecretString>,
        scheme: Option<&str>,
        account: Account,
    ) -> Result<Self, EngineError> {
        let authorization = match (&key, scheme) {
            (Some(key), Some(scheme)) => Some(authorization(scheme, key)?),
            _ => None,
        };
        let mut client = Client::builder()
            .user_agent(concat!("wortlaut/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .pool_idle_timeout(IDLE)
            // A redirect could carry key and text to another host.
            .redirect(Policy::none());
        if server.is_loopback() {
            // A proxy cannot reach what runs on this machine.
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| {
            let error = error.without_url();
            EngineError::Broken {
                message: format!("cannot set up HTTP: {}", innermost(&error)),
                source: error.into(),
            }
        })?;
        let (connect_timeout, patience) = (timeouts.connect, Patience::new(timeouts.answer));
        let sent = AtomicU64::new(0);
        Ok(Self { client, server, connect_timeout, patience, sent, key, authorization, account })
    }

    /// Sends a JSON body that can use so much at most.
    pub(super) async fn post(&self, body: Vec<u8>, most: Usage) -> Result<Paid, EngineError> {
        let set_aside = self.account.purse.set_aside(self.account.prices.as_ref(), most).await?;
        let error = match self.send(body).await {
            Ok(answer) => return Ok(Paid { answer, set_aside }),
            Err(error) => error,
        };
        if !error.may_be_charged() {
            set_aside.give_back();
        }
        Err(error)
    }

    /// Sends a JSON body and gives back the answer, which is 2xx.
    async fn send(&self, body: Vec<u8>) -> Result<HttpAnswer, EngineError> {
        let mut request =
            self.client.post(self.server.url().clone()).header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        let result = self.patience.wait_for(self.answer(request.body(body))).await;
        let answer =
            result.unwrap_or_else(|after| Err(EngineError::Timeout { host: self.server.host(), after }));
        if matches!(answer, Err(EngineError::Connection { .. })) {
            // It never left this machine.
            self.sent.fetch_sub(1, Ordering::Relaxed);
        }
        if let Ok(answer) = &answer {
            let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            debug!(
                host = self.server.host(),
                status = answer.status,
                bytes = answer.body.len(),
                ms,
                "got an answer"
            );
        }
        answer.and_then(|answer| if answer.is_success() { Ok(answer) } else { Err(self.error_of(&answer)) })
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
        error_of(answer, &self.place(), self.key.as_ref())
    }

    /// What an answer of 2xx that holds no translations means.
    pub(super) fn error_in(&self, answer: &HttpAnswer, body: &Value) -> EngineError {
        error_in(answer, body, self.key.as_ref())
    }

    /// A message on one line, shortened, with the key taken out.
    pub(super) fn clean(&self, message: &str) -> String {
        clean(message, self.key.as_ref())
    }

    /// The key as it stands, for services that want it in the body.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_ref().map(ExposeSecret::expose_secret)
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
            let chunk = match response.chunk().await {
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

fn authorization(scheme: &str, key: &SecretString) -> Result<HeaderValue, ProfileError> {
    let mut value = HeaderValue::from_str(&format!("{scheme} {}", key.expose_secret())).map_err(|_| {
        let hint = "a key is a single line of ASCII characters";
        ProfileError::missing("the key holds characters that cannot be sent", hint)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The deepest cause of an error: what the system says.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
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
