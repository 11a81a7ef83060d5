//! What all services have in common: one address, one client, JSON out and JSON in.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::status::{Answer, clean, error_of, is_page};
use super::{EngineError, Server};

/// The longest answer that is read, in bytes: far above what any batch can come to.
const MAX_BODY: usize = 16 << 20;
/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);

/// How long to wait for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timeouts {
    /// For the connection.
    pub(super) connect: Duration,
    /// For the next bytes of the answer, its first ones included.
    pub(super) read: Duration,
    /// For the whole request.
    pub(super) total: Duration,
}

/// One endpoint of a service. Has no `Debug`: it knows the key.
pub(super) struct Endpoint {
    client: Client,
    server: Server,
    timeouts: Timeouts,
    key: Option<SecretString>,
    authorization: Option<HeaderValue>,
}

impl Endpoint {
    /// The endpoint at an address; nothing is sent yet.
    pub(super) fn new(
        server: Server,
        timeouts: Timeouts,
        key: Option<SecretString>,
        scheme: Option<&str>,
    ) -> Result<Self, EngineError> {
        let authorization = match (&key, scheme) {
            (Some(key), Some(scheme)) => Some(authorization(scheme, key)?),
            _ => None,
        };
        let mut client = Client::builder()
            .user_agent(concat!("wortlaut/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.read)
            .timeout(timeouts.total)
            .pool_idle_timeout(IDLE)
            // A redirect could carry key and text to another host.
            .redirect(Policy::none());
        if server.is_loopback() {
            // A proxy cannot reach what runs on this machine.
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| {
            EngineError::Unusable(format!("cannot set up HTTP: {}", innermost(&error.without_url())))
        })?;
        Ok(Self { client, server, timeouts, key, authorization })
    }

    /// Sends a JSON body and gives back the answer, which is 2xx.
    pub(super) async fn post(&self, body: Vec<u8>) -> Result<Answer, EngineError> {
        let mut request =
            self.client.post(self.server.url().clone()).header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let response = request.body(body).send().await.map_err(|error| self.failure(error))?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = self.read(response).await?;
        let answer = Answer { status: status.as_u16(), headers, body };
        if status.is_success() { Ok(answer) } else { Err(self.error_of(&answer)) }
    }

    /// Reads the body of an answer as JSON of the given shape.
    pub(super) fn json<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, EngineError> {
        serde_json::from_slice(&answer.body).map_err(|error| {
            if is_page(&String::from_utf8_lossy(&answer.body)) {
                let message = "a web page came instead of JSON; base_url may be wrong".to_owned();
                return EngineError::Unavailable { status: answer.status, message, after: None };
            }
            EngineError::Malformed(self.clean(&error.to_string()))
        })
    }

    /// What an answer means that is an error.
    pub(super) fn error_of(&self, answer: &Answer) -> EngineError {
        error_of(answer, &format!("{}{}", self.server.host(), self.server.url().path()), self.key.as_ref())
    }

    /// A message on one line, shortened, with the key taken out.
    pub(super) fn clean(&self, message: &str) -> String {
        clean(message, self.key.as_ref())
    }

    /// The key as it stands, for services that want it in the body.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_ref().map(ExposeSecret::expose_secret)
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, EngineError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(error))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(EngineError::Malformed(format!("it is longer than {} MiB", MAX_BODY >> 20)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn failure(&self, error: reqwest::Error) -> EngineError {
        let (host, error) = (self.server.host(), error.without_url());
        let connecting = error.is_connect();
        if error.is_timeout() {
            let Timeouts { connect, read, total } = self.timeouts;
            let after = if connecting { connect } else { read.min(total) };
            return EngineError::Timeout { host, after };
        }
        let reason = self.clean(&innermost(&error));
        if connecting {
            EngineError::Connection { host, reason }
        } else {
            EngineError::BrokenOff { host, reason }
        }
    }
}

/// The bytes of a value in JSON.
pub(super) fn json_len<T: Serialize + ?Sized>(value: &T) -> usize {
    let mut counter = Counter(0);
    // Counting cannot fail, and a length that is too small is found out by the service.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

/// The end of a text, from a word on, that takes no more than so many bytes in JSON.
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
    serde_json::to_vec(value).map_err(|error| EngineError::Unusable(format!("cannot write JSON: {error}")))
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

fn authorization(scheme: &str, key: &SecretString) -> Result<HeaderValue, EngineError> {
    let mut value = HeaderValue::from_str(&format!("{scheme} {}", key.expose_secret()))
        .map_err(|_| EngineError::Key("it holds characters that cannot be sent".to_owned()))?;
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
