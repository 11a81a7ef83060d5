//! `LibreTranslate`: `POST /translate`, and what its server says of itself.

use std::borrow::Cow;

use futures::FutureExt;
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::error::EngineError;
use super::fault::AnswerFault;
use super::http::{Account, Endpoint, Paid, encode, json_len};
use super::interface::{Abilities, Billing, Engine, EngineInfo, Limits, TranslateFuture};
use super::lenient;
use super::markup::{self, has_markup, marked};
use super::profile::{Profile, ProfileError, ServiceOptions};
use super::purse::Spent;
use super::server::Server;
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
/// Other translations of a text. A server looks at four at once in any case, so these cost it nothing, and the first one
/// is the same with them and without.
const ALTERNATIVES: usize = 3;
/// The path of translations.
const TRANSLATE: [&str; 1] = ["translate"];

/// The engine.
pub(super) struct LibreTranslate {
    info: EngineInfo,
    endpoint: Endpoint,
    /// Goes into the body.
    key: Option<SecretString>,
    /// Why nothing is sent if there is no key and the server wants one.
    no_key: ProfileError,
    /// `…/frontend/settings`.
    settings: Server,
    /// Whether the server wants a key, as it said before the first text was sent.
    wants_key: OnceCell<bool>,
    takes: Mutex<ServerLimits>,
}

/// What a server takes, as far as it has said.
#[derive(Debug, Clone, Copy)]
struct ServerLimits {
    /// Texts in a request.
    texts: usize,
    /// Characters of all texts in a request: versions of before 2024 hold those against the limit of a text.
    characters: usize,
    /// Characters of a text.
    text: usize,
    /// Other translations of a text.
    alternatives: usize,
}

#[derive(Serialize)]
struct LibreTranslateBody<'a> {
    q: &'a [Cow<'a, str>],
    source: &'static str,
    target: &'static str,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alternatives: Option<usize>,
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
        let server = profile.server(service)?.endpoint(&TRANSLATE);
        let key = service.trimmed_key();
        let endpoint = Endpoint::new(service.setup(server.clone(), 180, account))?;
        let settings = server.beside(&TRANSLATE, &["frontend", "settings"]);
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
        let ProfileError { field, message, hint } = profile.no_key(service);
        let no_key = ProfileError { field, message: format!("{message}, and its server wants one"), hint };
        let takes = ServerLimits {
            texts: usize::MAX,
            characters: usize::MAX,
            text: usize::MAX,
            alternatives: ALTERNATIVES,
        };
        Ok(Self {
            info: traits.info(profile, service),
            endpoint,
            key,
            no_key,
            settings,
            wants_key: OnceCell::new(),
            takes: Mutex::new(takes),
        })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        self.look_at_settings().await?;
        if let Some(error) = batch.requests.iter().find_map(|request| self.refusal(request)) {
            return Err(error);
        }
        let is_marked = has_markup(batch);
        let texts = markup::texts(batch);
        let Paid { answer, set_aside } = self.ask(batch, &texts).await?;
        let reply = self.endpoint.json(&answer)?;
        let Some(items) = reply.get("translatedText").and_then(Value::as_array) else {
            return Err(unusable(self.endpoint.error_in(&answer, &reply)));
        };
        set_aside.spend(batch.characters());
        let (sent, got) = (batch.requests.len(), items.len());
        if got != sent {
            return Err(AnswerFault::WrongCount { sent, got }.into());
        }
        let alternatives = reply.get("alternatives").and_then(Value::as_array);
        let translation = |(place, request): (usize, &Request)| {
            let text = items[place].as_str().unwrap_or_default();
            let others = alternatives.and_then(|lists| lists.get(place)).and_then(Value::as_array);
            let others = others.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            Translation { alternatives: others.collect(), ..markup::read(text, request, is_marked) }
        };
        Ok(batch.requests.iter().enumerate().map(translation).collect())
    }

    /// Sends the texts, and learns from the errors that say what the server takes.
    async fn ask(&self, batch: &Batch, texts: &[Cow<'_, str>]) -> Result<Paid, EngineError> {
        let is_marked = has_markup(batch);
        loop {
            // There are none for HTML.
            let wanted = batch.alternatives && !is_marked;
            let alternatives = Some(self.takes.lock().alternatives).filter(|most| wanted && *most > 0);
            let body = LibreTranslateBody {
                q: texts,
                source: "de",
                target: "en",
                format: if is_marked { "html" } else { "text" },
                alternatives,
                api_key: self.key.as_ref().map(ExposeSecret::expose_secret),
            };
            let error = match self.endpoint.post(encode(&body)?, batch.characters()).await {
                Ok(paid) => return Ok(paid),
                Err(error) => error,
            };
            match (&error, alternatives) {
                (EngineError::Refused { message, .. }, Some(most)) if message.contains("alternatives") => {
                    let limit = figures(message).next_back().filter(|limit| *limit < most);
                    self.takes.lock().alternatives = limit.unwrap_or_default();
                }
                _ => return Err(unusable(self.learned(error, texts))),
            }
        }
    }

    /// What an error means that names a size and the limit that it exceeds. It says the same of a request with too many texts
    /// and of a text with too many characters; which of them it is, the size tells.
    fn learned(&self, error: EngineError, texts: &[Cow<'_, str>]) -> EngineError {
        let figures: Vec<usize> = match &error {
            EngineError::Refused { message, .. } => figures(message).collect(),
            _ => return error,
        };
        let &[size, limit] = figures.as_slice() else { return error };
        if limit >= size {
            return error;
        }
        let lengths: Vec<usize> = texts.iter().map(|text| text.chars().count()).collect();
        let mut takes = self.takes.lock();
        if texts.len() > 1 && size == texts.len() {
            takes.texts = limit.max(1);
            EngineError::TooLarge
        } else if lengths.contains(&size) {
            takes.text = limit;
            EngineError::TooLong { characters: size, limit }
        } else if size == lengths.iter().sum::<usize>() {
            takes.characters = limit;
            EngineError::TooLarge
        } else {
            error
        }
    }

    /// Reads what the server says to everyone before the first text is sent. All texts wait for that; a server that does not
    /// say it is asked for translations all the same.
    async fn look_at_settings(&self) -> Result<(), EngineError> {
        let wants_key = self.wants_key.get_or_init(|| async {
            let Some(settings) = self.endpoint.glance(&self.settings).await else { return false };
            let limit = settings.get("charLimit").and_then(lenient::figure);
            // Who has a key may have another limit.
            let limit = limit.filter(|limit| *limit > 0 && self.key.is_none());
            if let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) {
                self.takes.lock().text = limit;
            }
            settings.get("keyRequired").and_then(Value::as_bool).unwrap_or_default()
        });
        if *wants_key.await && self.key.is_none() { Err(self.no_key.clone().into()) } else { Ok(()) }
    }
}

/// The numbers in a message, whatever language it is in.
fn figures(message: &str) -> impl DoubleEndedIterator<Item = usize> {
    message.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok())
}

/// A server without German or English refuses every text alike, and one that has had enough of somebody refuses whatever
/// comes.
fn unusable(error: EngineError) -> EngineError {
    match error {
        EngineError::Refused { message, .. }
            if message.contains("is not supported") || message.contains("is not available as a target") =>
        {
            EngineError::Unusable(format!("the server has no German to English: {message}"))
        }
        EngineError::Key(message) if message.contains("request limits") => {
            EngineError::Unusable(format!("the server takes nothing more from here: {message}"))
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

    fn limits(&self) -> Limits {
        let takes = *self.takes.lock();
        let Limits { segments, characters, bytes } = self.info.limits;
        Limits { segments: segments.min(takes.texts), characters: characters.min(takes.characters), bytes }
    }

    fn refusal(&self, request: &Request) -> Option<EngineError> {
        let limit = self.takes.lock().text;
        let characters = match request.inlines.as_slice() {
            [] => request.text.chars().count(),
            _ => marked(request).chars().count(),
        };
        (characters > limit).then_some(EngineError::TooLong { characters, limit })
    }

    fn requests(&self) -> u64 {
        self.endpoint.sent()
    }

    fn spent(&self) -> Spent {
        self.endpoint.spent()
    }
}
