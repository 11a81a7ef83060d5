//! `DeepL`: `POST /v2/translate`, with its glossaries.

mod glossaries;

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::time::Duration;

use futures::FutureExt;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tracing::warn;

use self::glossaries::Glossaries;
use crate::engine::authorize::FixedHeaders;
use crate::engine::error::EngineError;
use crate::engine::fault::AnswerFault;
use crate::engine::http::{Account, Endpoint, EndpointSetup, Paid, encode, head, json_len, tail};
use crate::engine::interface::{Abilities, Billing, Engine, EngineInfo, TranslateFuture};
use crate::engine::lenient;
use crate::engine::markup::{self, atom_tags, has_markup, marked};
use crate::engine::profile::{
    DeepLGlossary, DeepLOptions, EngineKind, Profile, ProfileError, ServiceOptions,
};
use crate::engine::purse::Spent;
use crate::engine::server::Server;
use crate::engine::service::ServiceTraits;
use crate::engine::upkeep::{AccountUse, TermSets, Upkeep, UpkeepFuture};
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
/// How long the first texts of a run wait for the state of the account: it is worth a glance, not a run.
const FIRST_LOOK: Duration = Duration::from_secs(3);
/// Sentences after a headline that go along with it.
const LEAD: usize = 3;
/// Instructions in a request, and characters of each.
const INSTRUCTIONS: usize = 10;
const INSTRUCTION: usize = 300;
/// What stands for no limit in the usage of an account.
const NO_LIMIT: u64 = 1_000_000_000_000;
/// The path of translations.
const TRANSLATE: [&str; 2] = ["v2", "translate"];
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
    options: DeepLOptions,
    glossaries: Glossaries,
    /// `…/v2/usage`.
    usage: Server,
    /// What was used when the first text was sent.
    before: OnceCell<Option<AccountUse>>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    glossary_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    style_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    custom_instructions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    translation_memory_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    translation_memory_threshold: Option<NonZeroU32>,
    /// Each text is one segment, whatever stops are in it.
    split_sentences: &'static str,
    preserve_formatting: bool,
    show_billed_characters: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_handling: Option<&'static str>,
    /// What it is without it depends on the age of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_handling_version: Option<&'static str>,
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
        options: &DeepLOptions,
        account: Account,
    ) -> Result<Self, EngineError> {
        let key = service.trimmed_key().ok_or_else(|| profile.no_key(service))?;
        let model = service.model.clone();
        if let Some(model) = model.as_deref().filter(|model| !MODELS.contains(model)) {
            let models = MODELS.join(", ");
            let message = format!("DeepL has no model {model:?}");
            return Err(ProfileError::at("model", message, format!("it has {models}")).into());
        }
        check_instructions(&options.instructions)?;
        let base = service.base_url.as_deref().or_else(|| default_host(&key));
        let server = Server::of(EngineKind::DeepL, base)?.endpoint(&TRANSLATE);
        let endpoint = Endpoint::new(EndpointSetup {
            authorize: Box::new(FixedHeaders::scheme("DeepL-Auth-Key", Some(&key))?),
            ..service.setup(server.clone(), 60, account)
        })?;
        let glossaries = Glossaries::new(server.beside(&TRANSLATE, &["v3", "glossaries"]));
        let usage = server.beside(&TRANSLATE, &["v2", "usage"]);
        let target = service.target_lang.tag();
        let terms = options.glossary == DeepLGlossary::Project;
        let traits = ServiceTraits {
            endpoint: server,
            options: format!("target={target} model={model:?}{}", fingerprint(options)),
            segments: TEXTS,
            characters: usize::MAX,
            body: BODY,
            overhead: overhead(profile.context)
                + options.instructions.iter().map(|text| json_len(text) + 1).sum::<usize>(),
            concurrency: 8,
            billing: Billing::Characters,
            abilities: Abilities { terms, context: true, markup: true, ..Abilities::default() },
        };
        let info = traits.info(profile, service);
        let options = options.clone();
        Ok(Self { info, endpoint, target, model, options, glossaries, usage, before: OnceCell::new() })
    }

    /// The German around a batch. A headline, which has nothing before it, is read with the sentences that follow.
    fn context<'a>(&self, batch: &'a Batch) -> Option<Cow<'a, str>> {
        if !self.info.abilities.context {
            return None;
        }
        let context: Cow<'a, str> = match (&batch.context, &batch.requests[..]) {
            (Some(context), _) => tail(context, CONTEXT).into(),
            (None, [_, lead @ ..]) => {
                let lead: Vec<&str> = lead.iter().take(LEAD).map(|request| request.text.as_str()).collect();
                head(&lead.join(" "), CONTEXT).to_owned().into()
            }
            (None, _) => return None,
        };
        (!context.is_empty()).then_some(context)
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let context = self.context(batch);
        let is_marked = has_markup(batch);
        let body = DeepLBody {
            text: markup::texts(batch),
            source_lang: "DE",
            target_lang: self.target,
            context: context.as_deref(),
            model_type: self.model.as_deref(),
            glossary_id: match &self.options.glossary {
                DeepLGlossary::None => None,
                DeepLGlossary::Id(id) => Some(id.into()),
                DeepLGlossary::Project => self.glossaries.of(batch).map(Cow::Owned),
            },
            style_id: self.options.style.as_deref(),
            custom_instructions: &self.options.instructions,
            translation_memory_id: self.options.translation_memory.as_deref(),
            translation_memory_threshold: self.options.translation_memory_threshold,
            split_sentences: "0",
            preserve_formatting: true,
            show_billed_characters: true,
            tag_handling: is_marked.then_some("xml"),
            tag_handling_version: is_marked.then_some("v2"),
            outline_detection: is_marked.then_some(false),
            ignore_tags: atom_tags(batch),
        };
        self.look_at_account().await;
        let paid = self.endpoint.post(encode(&body)?, batch.characters()).await;
        let paid = match (paid, &self.options.glossary, &body.glossary_id) {
            // Another machine with the same project may have put its own in the place of ours. Terms hold without it, too.
            (Err(EngineError::Unusable(message)), DeepLGlossary::Project, Some(id)) => {
                warn!(message, "the glossary is gone; going on without it");
                self.glossaries.forget(id);
                let without = DeepLBody { glossary_id: None, ..body };
                self.endpoint.post(encode(&without)?, batch.characters()).await
            }
            (paid, ..) => paid,
        };
        let Paid { answer, set_aside } = paid?;
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
            let answer = markup::read(&text, request, is_marked);
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

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        Some(self)
    }
}

impl DeepL {
    /// Remembers what is used before the first text is charged. All texts wait for that, since each could be charged before
    /// the service counts; a service that takes too long to say it holds up nothing.
    async fn look_at_account(&self) {
        let look = async { timeout(FIRST_LOOK, self.account()).await.ok()?.ok()? };
        self.before.get_or_init(|| look).await;
    }
}

impl Upkeep for DeepL {
    fn account_before(&self) -> Option<AccountUse> {
        self.before.get().cloned().flatten()
    }

    fn account(&self) -> UpkeepFuture<'_, Option<AccountUse>> {
        async {
            let reply = self.endpoint.ask(Method::GET, &self.usage, None).await?;
            let figure = |name| reply.get(name).and_then(lenient::figure);
            // A key may have a limit below that of its account.
            let of_key = figure("api_key_character_count").zip(figure("api_key_character_limit"));
            let of_key = of_key.filter(|(_, limit)| *limit < NO_LIMIT);
            let of_account = figure("character_count").zip(figure("character_limit"));
            let Some((used, limit)) = of_key.or(of_account) else { return Ok(None) };
            let until = Some(lenient::text(&reply, "end_time")).filter(|time| !time.is_empty());
            Ok(Some(AccountUse { used, limit: (limit < NO_LIMIT).then_some(limit), until }))
        }
        .boxed()
    }

    fn wants_terms(&self) -> bool {
        self.options.glossary == DeepLGlossary::Project
    }

    fn keep_terms<'a>(&'a self, terms: &'a TermSets) -> UpkeepFuture<'a, ()> {
        self.glossaries.keep(&self.endpoint, terms).boxed()
    }

    fn clean<'a>(&'a self, owner: Option<&'a str>) -> UpkeepFuture<'a, Vec<String>> {
        self.glossaries.clean(&self.endpoint, owner).boxed()
    }
}

/// What options change of the output. Nothing is said of those that are not set, as in profiles of before there were any;
/// of a glossary made from the project's, the terms in the keys of the memory tell.
fn fingerprint(options: &DeepLOptions) -> String {
    let DeepLOptions { glossary, style, instructions, translation_memory, translation_memory_threshold } =
        options;
    let glossary = if let DeepLGlossary::Id(id) = glossary { Some(id) } else { None };
    let memory = translation_memory.as_ref().map(|memory| (memory, translation_memory_threshold));
    let instructions = Some(instructions).filter(|instructions| !instructions.is_empty());
    [
        glossary.map(|id| format!(" glossary={id:?}")),
        style.as_ref().map(|id| format!(" style={id:?}")),
        instructions.map(|instructions| format!(" instructions={instructions:?}")),
        memory.map(|(id, threshold)| format!(" memory={id:?} threshold={threshold:?}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The documentation takes ten instructions of 300 characters each.
fn check_instructions(instructions: &[String]) -> Result<(), ProfileError> {
    let wrong = |message: String| {
        let hint = format!("DeepL takes {INSTRUCTIONS} of at most {INSTRUCTION} characters each");
        Err(ProfileError::at("instructions", message, hint))
    };
    if instructions.len() > INSTRUCTIONS {
        return wrong(format!("there are {} instructions", instructions.len()));
    }
    match instructions.iter().map(|text| text.chars().count()).find(|length| *length > INSTRUCTION) {
        Some(length) => wrong(format!("an instruction has {length} characters")),
        None => Ok(()),
    }
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
