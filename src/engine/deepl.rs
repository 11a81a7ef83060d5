//! `DeepL`: `POST /v2/translate`.

use std::borrow::Cow;

use futures::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;

use super::error::EngineError;
use super::fault::AnswerFault;
use super::http::{Account, Endpoint, Paid, encode, json_len, tail};
use super::interface::{Abilities, Billing, Engine, EngineInfo, TranslateFuture};
use super::lenient;
use super::markup::{atom_tags, has_markup, marked, unmarked};
use super::profile::{EngineKind, Profile, ProfileError, ServiceOptions};
use super::purse::Spent;
use super::server::Server;
use super::service::ServiceTraits;
use crate::model::{Batch, Request, Translation, Usage};

const FREE_HOST: &str = "https://api-free.deepl.com";
/// Texts in a request, by the documentation.
const TEXTS: usize = 50;
/// Bytes of a body. The documentation says 128 KiB; the service has been seen to refuse less.
const BODY: usize = 100_000;
/// Bytes of the JSON around texts and context, with room to spare.
const FRAME: usize = 400;
/// Bytes of context, in JSON. It is not billed, but takes the room of texts.
const CONTEXT: usize = 4_000;
/// Bytes of the name of a tag in the list of those that are ignored, with its quotation marks and its comma.
const IGNORED_TAG: usize = 8;
/// The models of the API description (`model_type`).
const MODELS: [&str; 3] = ["quality_optimized", "prefer_quality_optimized", "latency_optimized"];

/// The engine.
pub(super) struct DeepL {
    info: EngineInfo,
    endpoint: Endpoint,
    target: &'static str,
    model: Option<String>,
}

#[derive(Serialize)]
struct DeepLBody<'a> {
    text: Vec<Cow<'a, str>>,
    source_lang: &'static str,
    target_lang: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_type: Option<&'a str>,
    /// Each text is one segment, whatever stops are in it.
    split_sentences: &'static str,
    preserve_formatting: bool,
    show_billed_characters: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_handling: Option<&'static str>,
    /// Our tags are parts of sentences; none of them splits any.
    #[serde(skip_serializing_if = "Option::is_none")]
    outline_detection: Option<bool>,
    /// What stands in these is no language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignore_tags: Vec<String>,
}

impl DeepL {
    /// The engine of a profile.
    pub(super) fn new(
        profile: &Profile,
        service: &ServiceOptions,
        account: Account,
    ) -> Result<Self, EngineError> {
        let key = service.trimmed_key().ok_or_else(|| profile.no_key(service))?;
        let model = service.model.clone();
        if let Some(model) = model.as_deref().filter(|model| !MODELS.contains(model)) {
            let models = MODELS.join(", ");
            let message = format!("DeepL has no model {model:?}");
            return Err(ProfileError::at("model", message, format!("it has {models}")).into());
        }
        let base = service.base_url.as_deref().or_else(|| default_host(&key));
        let server = Server::of(EngineKind::DeepL, base)?.endpoint(&["v2", "translate"]);
        let timeouts = service.timeouts(60);
        let endpoint = Endpoint::new(server.clone(), timeouts, Some(key), Some("DeepL-Auth-Key"), account)?;
        let target = service.target_lang.tag();
        let traits = ServiceTraits {
            endpoint: server,
            options: format!("target={target} model={model:?}"),
            segments: TEXTS,
            characters: usize::MAX,
            body: BODY,
            overhead: overhead(profile.context),
            concurrency: 8,
            billing: Billing::Characters,
            abilities: Abilities { context: true, markup: true, ..Abilities::default() },
        };
        Ok(Self { info: traits.info(profile, service), endpoint, target, model })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let context = batch.context.as_deref().filter(|_| self.info.abilities.context);
        let is_marked = has_markup(batch);
        let text = |request| if is_marked { marked(request).into() } else { plain(request) };
        let body = DeepLBody {
            text: batch.requests.iter().map(text).collect(),
            source_lang: "DE",
            target_lang: self.target,
            context: context.map(|context| tail(context, CONTEXT)).filter(|context| !context.is_empty()),
            model_type: self.model.as_deref(),
            split_sentences: "0",
            preserve_formatting: true,
            show_billed_characters: true,
            tag_handling: is_marked.then_some("xml"),
            outline_detection: is_marked.then_some(false),
            ignore_tags: atom_tags(batch),
        };
        let Paid { answer, set_aside } = self.endpoint.post(encode(&body)?, batch.characters()).await?;
        let reply = self.endpoint.json(&answer)?;
        let Some(items) = reply.get("translations").and_then(Value::as_array) else {
            return Err(self.endpoint.error_in(&answer, &reply));
        };
        let mut billed = items.iter().map(|item| item.get("billed_characters").and_then(lenient::figure));
        let billed = billed.try_fold(0_u64, |sum, billed| Some(sum.saturating_add(billed?)));
        set_aside.spend(billed.map_or(batch.characters(), Usage::of_characters));
        let (sent, got) = (batch.requests.len(), items.len());
        if got != sent {
            return Err(AnswerFault::WrongCount { sent, got }.into());
        }
        let translation = |(item, request): (&Value, &Request)| {
            let text = lenient::text(item, "text");
            let answer = if is_marked { unmarked(&text, request) } else { Translation::plain(text) };
            Translation { billed: item.get("billed_characters").and_then(lenient::figure), ..answer }
        };
        Ok(items.iter().zip(&batch.requests).map(translation).collect())
    }
}

impl Engine for DeepL {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        // One more for the comma. A neighbour with inline markup makes markup of every text of a request.
        json_len(&marked(request)) + 1 + IGNORED_TAG * request.inlines.len()
    }

    fn requests(&self) -> u64 {
        self.endpoint.sent()
    }

    fn spent(&self) -> Spent {
        self.endpoint.spent()
    }
}

fn plain(request: &Request) -> Cow<'_, str> {
    request.text.as_str().into()
}

/// Bytes of a body that are not texts.
pub(super) fn overhead(context: bool) -> usize {
    FRAME + if context { CONTEXT } else { 0 }
}

/// Keys of the free plan end in `:fx` and work on a host of their own.
pub(super) fn default_host(key: &SecretString) -> Option<&'static str> {
    key.expose_secret().ends_with(":fx").then_some(FREE_HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_follows_from_the_key() {
        assert_eq!(default_host(&SecretString::from("abc:fx")), Some(FREE_HOST));
        assert_eq!(default_host(&SecretString::from("abc")), None);
    }
}
