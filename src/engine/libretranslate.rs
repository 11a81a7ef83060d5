//! `LibreTranslate`: `POST /translate`.

use std::borrow::Cow;

use futures::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;

use super::error::EngineError;
use super::fault::AnswerFault;
use super::http::{Account, Endpoint, Paid, encode, json_len};
use super::interface::{Abilities, Billing, Engine, EngineInfo, TranslateFuture};
use super::markup::{self, has_markup, marked};
use super::profile::{Profile, ServiceOptions};
use super::purse::Spent;
use super::service::ServiceTraits;
use crate::model::{Batch, Request, Translation};

/// Texts in a request. Servers have no limit of their own unless their owner sets one
/// (`--batch-limit`); this keeps a request under a minute on a machine without a GPU.
const TEXTS: usize = 50;
/// Characters in a request; a server translates one request after the other.
const CHARACTERS: usize = 20_000;
/// Bytes of a body: what those characters take at most.
const BODY: usize = 100_000;
/// Bytes of the JSON around the texts, without the key.
pub(super) const FRAME: usize = 120;

/// The engine.
pub(super) struct LibreTranslate {
    info: EngineInfo,
    endpoint: Endpoint,
    /// Goes into the body.
    key: Option<SecretString>,
}

#[derive(Serialize)]
struct LibreTranslateBody<'a> {
    q: Vec<Cow<'a, str>>,
    source: &'static str,
    target: &'static str,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
}

impl LibreTranslate {
    /// The engine of a profile.
    pub(super) fn new(
        profile: &Profile,
        service: &ServiceOptions,
        account: Account,
    ) -> Result<Self, EngineError> {
        let server = profile.server(service)?.endpoint(&["translate"]);
        let key = service.trimmed_key();
        let endpoint = Endpoint::new(service.setup(server.clone(), 180, account))?;
        let traits = ServiceTraits {
            endpoint: server,
            options: "target=en".to_owned(),
            segments: TEXTS,
            characters: CHARACTERS,
            body: BODY,
            overhead: FRAME + key.as_ref().map_or(0, |key| json_len(key.expose_secret())),
            concurrency: 4,
            billing: Billing::None,
            abilities: Abilities { markup: true, ..Abilities::default() },
        };
        Ok(Self { info: traits.info(profile, service), endpoint, key })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let is_marked = has_markup(batch);
        let body = LibreTranslateBody {
            q: markup::texts(batch),
            source: "de",
            target: "en",
            format: if is_marked { "html" } else { "text" },
            api_key: self.key.as_ref().map(ExposeSecret::expose_secret),
        };
        let paid = self.endpoint.post(encode(&body)?, batch.characters()).await.map_err(unusable)?;
        let Paid { answer, set_aside } = paid;
        let reply = self.endpoint.json(&answer)?;
        let Some(items) = reply.get("translatedText").and_then(Value::as_array) else {
            return Err(unusable(self.endpoint.error_in(&answer, &reply)));
        };
        set_aside.spend(batch.characters());
        let (sent, got) = (batch.requests.len(), items.len());
        if got != sent {
            return Err(AnswerFault::WrongCount { sent, got }.into());
        }
        let translation = |(item, request): (&Value, &Request)| {
            let text = item.as_str().unwrap_or_default();
            markup::read(text, request, is_marked)
        };
        Ok(items.iter().zip(&batch.requests).map(translation).collect())
    }
}

/// A server without German or English refuses every text alike.
fn unusable(error: EngineError) -> EngineError {
    match error {
        EngineError::Refused { message, .. } if message.contains("is not supported") => {
            EngineError::Unusable(format!("the server has no German to English: {message}"))
        }
        error => error,
    }
}

impl Engine for LibreTranslate {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        // One more for the comma. A neighbour with inline markup makes markup of every text of a request.
        json_len(&marked(request)) + 1
    }

    fn requests(&self) -> u64 {
        self.endpoint.sent()
    }

    fn spent(&self) -> Spent {
        self.endpoint.spent()
    }
}
