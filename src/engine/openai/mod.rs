//! Language models behind a server that is compatible with `OpenAI`'s: `POST /chat/completions`.

mod answer;
mod dialect;
mod prompt;

use futures::FutureExt;
use serde_json::{Value, json};

use self::dialect::Dialect;
use self::prompt::ChatPrompt;
use super::authorize::FixedHeaders;
use super::error::EngineError;
use super::fault::AnswerFault;
use super::http::{Account, Endpoint, EndpointSetup, Paid, encode, tail};
use super::interface::{Abilities, Billing, Engine, EngineInfo, TranslateFuture};
use super::lenient;
use super::profile::{Profile, ProfileError, ServiceOptions, TargetLang};
use super::purse::Spent;
use super::service::ServiceTraits;
use super::status::HttpAnswer;
use crate::model::{Batch, Request, Translation, Usage};

/// Texts in a request: small models lose count beyond that.
const TEXTS: usize = 10;
/// Characters in a request: some 2,000 tokens, which leaves room in a context of 8,192.
const CHARACTERS: usize = 6_000;
/// Bytes of a body: what those characters take at most, with their terms.
const BODY: usize = 64_000;
/// Bytes of context, in JSON; more does not help and takes the model's time.
const CONTEXT: usize = 2_000;
/// Bytes of the JSON around prompt and texts, the schema included, with room to spare.
const FRAME: usize = 1_000;

/// The engine.
pub(super) struct OpenAi {
    info: EngineInfo,
    endpoint: Endpoint,
    prompt: ChatPrompt,
    model: String,
    dialect: Dialect,
}

impl OpenAi {
    /// The engine of a profile.
    pub(super) fn new(
        profile: &Profile,
        service: &ServiceOptions,
        account: Account,
    ) -> Result<Self, EngineError> {
        let Some(model) = service.model.clone().filter(|model| !model.trim().is_empty()) else {
            let name = &profile.name;
            let hint = format!("set model in [engines.{name}] to one that the server has");
            return Err(ProfileError::missing(format!("{name} has no model"), hint).into());
        };
        let key = service.trimmed_key();
        if key.is_none() && service.base_url.is_none() {
            return Err(profile.no_key(service).into());
        }
        let root = profile.server(service)?;
        let path = ["v1", "chat", "completions"];
        let server = root.endpoint(if root.url().path() == "/" { &path[..] } else { &path[1..] });
        let endpoint = Endpoint::new(EndpointSetup {
            authorize: Box::new(FixedHeaders::scheme("Bearer", key.as_ref())?),
            ..service.setup(server.clone(), 600, account)
        })?;
        let prompt = ChatPrompt::new(service.target_lang);
        let traits = ServiceTraits {
            endpoint: server,
            options: format!(
                "target={} model={model:?} prompt={}",
                service.target_lang.tag(),
                prompt::VERSION
            ),
            segments: TEXTS,
            characters: CHARACTERS,
            body: BODY,
            overhead: overhead(service.target_lang),
            concurrency: 4,
            billing: Billing::Tokens,
            abilities: Abilities { terms: true, context: true, ..Abilities::default() },
        };
        Ok(Self { info: traits.info(profile, service), endpoint, prompt, model, dialect: Dialect::default() })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let context = batch.context.as_deref().filter(|_| self.info.abilities.context);
        let messages = self.prompt.messages(&batch.requests, context.map(|text| tail(text, CONTEXT)))?;
        loop {
            let spoken = self.dialect.current();
            let mut body = json!({ "model": self.model, "messages": messages, "stream": false });
            if let Some(fields) = body.as_object_mut() {
                fields.extend(spoken.fields());
            }
            let body = encode(&body)?;
            // A token has at least a byte.
            let most = Usage { input_tokens: body.len() as u64, ..batch.characters() };
            match self.endpoint.post(body, most).await {
                Ok(paid) => return self.read(paid, batch),
                // Each round gives up a field that the server does not know, so this ends.
                Err(error) if self.dialect.give_way(spoken, &error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn read(&self, paid: Paid, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let Paid { answer, set_aside } = paid;
        let reply = self.endpoint.json(&answer)?;
        set_aside.spend(usage(&reply, batch));
        let choice = reply.pointer("/choices/0");
        if let Some(failed) = [Some(&reply), choice].into_iter().flatten().find(|part| has_error(part)) {
            return Err(self.error_in(&answer, failed));
        }
        let choice = choice.ok_or_else(|| self.endpoint.error_in(&answer, &reply))?;
        let finish_reason = choice.get("finish_reason").and_then(Value::as_str);
        if finish_reason == Some("content_filter") {
            return Err(AnswerFault::Withheld("its content filter stopped it".to_owned()).into());
        }
        let said = choice.pointer("/message/refusal").and_then(Value::as_str).filter(|said| !said.is_empty());
        if let Some(said) = said {
            return Err(AnswerFault::Declined(self.endpoint.clean(said)).into());
        }
        let content = choice.pointer("/message/content").map(content).unwrap_or_default();
        match answer::texts(&content, batch.requests.len()) {
            Ok(texts) => Ok(texts.into_iter().map(Translation::plain).collect()),
            Err(_) if finish_reason == Some("length") => Err(AnswerFault::CutOff.into()),
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

/// What a request used, as the server counts it. Thinking is among the tokens of the answer, and what was kept is among
/// those of the prompt.
fn usage(reply: &Value, batch: &Batch) -> Usage {
    let count = |path: &str| reply.pointer(&format!("/usage/{path}")).and_then(lenient::figure).unwrap_or(0);
    let (input, output) = (count("prompt_tokens"), count("completion_tokens"));
    let cached = count("prompt_tokens_details/cached_tokens").min(input);
    let thinking = count("completion_tokens_details/reasoning_tokens").min(output);
    Usage {
        input_tokens: input - cached,
        cached_tokens: cached,
        output_tokens: output - thinking,
        thinking_tokens: thinking,
        ..batch.characters()
    }
}

/// Whether a part of an answer holds an error.
fn has_error(part: &Value) -> bool {
    part.get("error").is_some_and(|error| !error.is_null())
}

/// The text of a message: a string, or a list of parts of which some are text.
fn content(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(|part| lenient::text(part, "text")).collect(),
        _ => String::new(),
    }
}

/// Bytes of a body that are not texts.
pub(super) fn overhead(target: TargetLang) -> usize {
    // The context is JSON within a JSON string, which at most doubles it.
    ChatPrompt::new(target).len() + 2 * CONTEXT + FRAME
}

impl Engine for OpenAi {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        prompt::encoded_len(request)
    }

    fn requests(&self) -> u64 {
        self.endpoint.sent()
    }

    fn spent(&self) -> Spent {
        self.endpoint.spent()
    }
}
