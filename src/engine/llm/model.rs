//! The engine: a language model behind the API of a vendor.

use std::sync::Arc;

use futures::FutureExt;
use serde_json::Value;

use super::ceiling::{Ceiling, Room};
use super::dialect::{Dialect, Spoken};
use super::night::jobs::{self, JobProtocol};
use super::prompt::{Prompt, PromptTemplate, PromptVersion};
use super::protocol::{AnswerEnd, ModelAsk, Protocol, has_error};
use super::vendor::{FIRST_PROMPT, NEWEST_PROMPT, Vendor, VendorSetup};
use super::{answer, anthropic, ceiling, chat, gemini, mistral, ollama, prompt, responses, schema};
use crate::engine::error::EngineError;
use crate::engine::fault::AnswerFault;
use crate::engine::http::{Account, Endpoint, EndpointSetup, Paid, encode};
use crate::engine::interface::{Abilities, Billing, Engine, EngineInfo, Foreseen, TranslateFuture};
use crate::engine::money::Prices;
use crate::engine::night::NightLane;
use crate::engine::profile::{
    EngineKind, EngineOptions, ModelOptions, OpenAiApi, Profile, ServiceOptions, TargetLang,
};
use crate::engine::purse::Spent;
use crate::engine::server::Server;
use crate::engine::service::ServiceTraits;
use crate::engine::status::HttpAnswer;
use crate::model::{Batch, Request, Translation, Usage};

/// Characters in a request: some 2,000 tokens, which leaves room in a context of 8,192.
const CHARACTERS: usize = 6_000;
/// Bytes of a body: what those characters take at most, with their terms.
const BODY: usize = 64_000;
/// Bytes for texts beside a prompt of the user's that takes most of that.
const LEAST_FOR_TEXTS: usize = 16_000;
/// Bytes of the JSON around prompt and texts, the schema included, with room to spare.
const FRAME: usize = 1_000;
/// Seconds for an answer: models think, and servers on one's own machine load theirs first.
const PATIENCE: u64 = 600;

/// The engine.
pub(crate) struct LanguageModel {
    pub(super) info: EngineInfo,
    pub(super) endpoint: Endpoint,
    pub(super) prompt: PromptTemplate,
    pub(super) protocol: Box<dyn Protocol>,
    pub(super) dialect: Dialect,
    pub(super) ceiling: Option<Ceiling>,
    pub(super) jobs: Option<JobLane>,
}

/// What is needed for batch jobs.
pub(super) struct JobLane {
    pub(super) protocol: Box<dyn JobProtocol>,
    /// Where the API is.
    pub(super) root: Server,
    /// Those of the night.
    pub(super) prices: Option<Arc<Prices>>,
}

/// A batch as it is sent.
pub(super) struct WrittenAsk {
    pub(super) body: Vec<u8>,
    /// The most that it can use.
    pub(super) most: Usage,
    pub(super) room: Option<Room>,
    pub(super) spoken: Spoken,
}

impl LanguageModel {
    /// The engine of a profile.
    pub(crate) fn new(
        profile: &Profile,
        service: &ServiceOptions,
        options: &ModelOptions,
        account: Account,
    ) -> Result<Self, EngineError> {
        let setup = VendorSetup::new(profile, service, options)?;
        let root = setup.root.clone();
        let vendor = vendor(setup)?;
        let prompt = match &options.prompt {
            Some(text) => PromptTemplate::users(text, service.target_lang),
            None => PromptTemplate::own(vendor.prompt, service.target_lang),
        }?;
        let overhead = overhead(&prompt);
        let traits = ServiceTraits {
            endpoint: vendor.server.clone(),
            options: format!(
                "target={} model={:?} prompt={}{}{}",
                service.target_lang.tag(),
                vendor.model,
                prompt.version(),
                vendor.mark,
                marks(options)
            ),
            segments: vendor.texts,
            characters: vendor.characters.map_or(CHARACTERS, |characters| characters.min(CHARACTERS)),
            body: BODY.max(overhead + LEAST_FOR_TEXTS),
            overhead,
            concurrency: vendor.concurrency,
            billing: Billing::Tokens,
            abilities: Abilities {
                terms: true,
                context: true,
                title: !is_first(&prompt),
                examples: !is_first(&prompt),
                ..Abilities::default()
            },
        };
        let endpoint = Endpoint::new(EndpointSetup {
            authorize: Box::new(vendor.authorize),
            read_refusal: vendor.read_refusal,
            ..service.setup(vendor.server, PATIENCE, account)
        })?;
        // Profiles of `openai` from before there was a ceiling go on without, unless there is a bill.
        let has_ceiling =
            vendor.always_has_ceiling || profile.prices.is_some() || options.max_tokens.is_some();
        Ok(Self {
            info: traits.info(profile, service),
            endpoint,
            prompt,
            dialect: Dialect::new(vendor.protocol.wishes()),
            protocol: vendor.protocol,
            ceiling: has_ceiling.then(|| Ceiling::new(options.max_tokens, vendor.thinking)),
            jobs: vendor.jobs.map(|protocol| JobLane { protocol, root, prices: jobs::prices(profile) }),
        })
    }

    /// What is said to the model, and what its answer must look like.
    fn said(&self, batch: &Batch) -> Result<(Prompt, Value), EngineError> {
        let ids = schema::ids(batch.requests.len());
        let schema = if is_first(&self.prompt) { schema::listed() } else { schema::by_ids(&ids) };
        Ok((self.prompt.write(batch, &ids, self.info.abilities.context)?, schema))
    }

    /// What is said, and what may come back, before it is sent.
    fn foreseen(&self, batch: &Batch) -> Result<Foreseen, EngineError> {
        let (prompt, schema) = self.said(batch)?;
        let room = self.ceiling.as_ref().map(|ceiling| ceiling.of(batch));
        let spoken = self.dialect.current();
        let ask =
            ModelAsk { prompt: &prompt, schema: &schema, ceiling: room.map(|room| room.tokens), spoken };
        let mut body = encode(&self.protocol.body(&ask))?.len();
        if self.info.abilities.examples {
            // Nobody looks for them before the run.
            body += prompt::EXAMPLES_MOST;
        }
        let most = ceiling::most(self.info.prices.as_deref(), body, room, batch);
        Ok(Foreseen { likely: ceiling::likely(&prompt, batch), most })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        loop {
            let WrittenAsk { body, most, room, spoken } = self.write(batch)?;
            match self.endpoint.post_with(self.protocol.headers(), body, most).await {
                Ok(paid) => return self.read(paid, batch, room),
                // Each round gives up something that the server does not know, so this ends.
                Err(error) => self.dialect.give_way(spoken, error)?,
            }
        }
    }

    /// A batch as it is sent, as far as is known what the server takes.
    pub(super) fn write(&self, batch: &Batch) -> Result<WrittenAsk, EngineError> {
        let (prompt, schema) = self.said(batch)?;
        let room = self.ceiling.as_ref().map(|ceiling| ceiling.of(batch));
        let spoken = self.dialect.current();
        let ceiling = room.map(|room| room.tokens);
        let ask = ModelAsk { prompt: &prompt, schema: &schema, ceiling, spoken };
        let body = encode(&self.protocol.body(&ask))?;
        let most = ceiling::most(self.info.prices.as_deref(), body.len(), room, batch);
        Ok(WrittenAsk { body, most, room, spoken })
    }

    fn read(&self, paid: Paid, batch: &Batch, room: Option<Room>) -> Result<Vec<Translation>, EngineError> {
        let Paid { answer, set_aside } = paid;
        let reply = self.endpoint.json(&answer)?;
        match self.protocol.usage(&reply) {
            Some(usage) => {
                set_aside.spend(Usage { characters: batch.characters().characters, ..usage });
            }
            None if has_error(&reply) || self.info.prices.is_none() => set_aside.spend(batch.characters()),
            // It was not said what the answer cost, so that is not known.
            None => drop(set_aside),
        }
        self.understood(&answer, &reply, batch.requests.len(), room.map(|room| room.raised))
    }

    /// What an answer to a number of texts says. If it was cut off, later requests may write more; `raised` is how often they
    /// had been given more before.
    pub(super) fn understood(
        &self,
        answer: &HttpAnswer,
        reply: &Value,
        texts: usize,
        raised: Option<u8>,
    ) -> Result<Vec<Translation>, EngineError> {
        if has_error(reply) {
            return Err(self.error_in(answer, reply));
        }
        let said = self.protocol.read(reply).ok_or_else(|| self.endpoint.error_in(answer, reply))?;
        let is_cut_off = said.end == AnswerEnd::CutOff;
        if let (true, Some(ceiling), Some(raised)) = (is_cut_off, &self.ceiling, raised) {
            ceiling.raise(raised);
        }
        match said.end {
            AnswerEnd::Whole | AnswerEnd::CutOff => {}
            AnswerEnd::Declined(why) => return Err(AnswerFault::Declined(self.endpoint.clean(&why)).into()),
            AnswerEnd::Withheld(why) => return Err(AnswerFault::Withheld(self.endpoint.clean(&why)).into()),
            AnswerEnd::Failed(failed) => return Err(self.error_in(answer, &failed)),
            AnswerEnd::CutPrompt(message) => {
                return Err(EngineError::Refused { status: answer.status, message });
            }
        }
        match answer::texts(&said.text, texts) {
            Ok(texts) => Ok(texts.into_iter().map(Translation::plain).collect()),
            Err(_) if is_cut_off => Err(AnswerFault::CutOff.into()),
            Err(_) if said.text.trim().is_empty() => Err(AnswerFault::Empty.into()),
            Err(error) => Err(error),
        }
    }

    /// Some routers answer 200 and put the failure of the server behind them into the body.
    fn error_in(&self, answer: &HttpAnswer, failed: &Value) -> EngineError {
        let code = failed.pointer("/error/code").and_then(Value::as_u64);
        let status = code.and_then(|code| u16::try_from(code).ok()).filter(|code| *code >= 300);
        let (headers, body) = (answer.headers.clone(), failed.to_string().into_bytes());
        self.endpoint.error_of(&HttpAnswer { status: status.unwrap_or(500), headers, body })
    }
}

/// The API that a profile names.
fn vendor(setup: VendorSetup<'_>) -> Result<Vendor, EngineError> {
    match setup.profile.options {
        EngineOptions::Anthropic(..) => anthropic::vendor(setup),
        EngineOptions::Gemini(..) => gemini::vendor(setup),
        EngineOptions::Mistral(..) => mistral::vendor(setup),
        EngineOptions::OpenAi(_, _, OpenAiApi::Chat) => chat::vendor(setup),
        EngineOptions::OpenAi(_, _, OpenAiApi::Responses) => responses::vendor(setup),
        EngineOptions::Ollama(_, _, own) => ollama::vendor(setup, own),
        _ => Err(EngineError::Unusable(format!("{} is no language model", setup.profile.kind()))),
    }
}

/// Whether a prompt is the first one, which asks for a list and knows no examples.
fn is_first(prompt: &PromptTemplate) -> bool {
    *prompt.version() == PromptVersion::Own(FIRST_PROMPT)
}

/// What the profile sets that changes answers, as the fingerprint has it.
fn marks(options: &ModelOptions) -> String {
    let effort = options.effort.map(|effort| format!(" effort={}", effort.name()));
    let temperature = options.temperature.map(|degree| format!(" temperature={degree}"));
    [effort, temperature].into_iter().flatten().collect()
}

fn overhead(prompt: &PromptTemplate) -> usize {
    prompt.overhead() + FRAME
}

/// Bytes of a body with one text that are not the text, with wortlaut's own prompt.
pub(crate) fn least_overhead(kind: EngineKind) -> usize {
    let number = if kind == EngineKind::OpenAi { FIRST_PROMPT } else { NEWEST_PROMPT };
    PromptTemplate::own(number, TargetLang::default()).map_or(FRAME, |prompt| overhead(&prompt))
        + schema::SEGMENT
}

impl Engine for LanguageModel {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        self.prompt.encoded_len(request) + schema::SEGMENT
    }

    fn foresee(&self, batch: &Batch) -> Foreseen {
        // A prompt that cannot be written is not sent either.
        self.foreseen(batch).unwrap_or_default()
    }

    fn requests(&self) -> u64 {
        self.endpoint.sent()
    }

    fn spent(&self) -> Spent {
        self.endpoint.spent()
    }

    fn night_lane(&self) -> Option<&dyn NightLane> {
        self.jobs.is_some().then_some(self as &dyn NightLane)
    }
}
