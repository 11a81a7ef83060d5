//! Ollama's own API: `POST /api/chat`. Unlike the one that it copies from `OpenAI`, it can set the size of the context.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};

use super::chat::messages;
use super::dialect::Wish;
use super::prompt::Prompt;
use super::protocol::{AnswerEnd, ModelAnswer, ModelAsk, Protocol, count, word};
use super::vendor::{FEW_TEXTS, Vendor, VendorSetup};
use crate::engine::authorize::FixedHeaders;
use crate::engine::error::EngineError;
use crate::engine::profile::{Effort, ModelOptions, OllamaOptions, ProfileError};
use crate::engine::status::ServiceRefusal;
use crate::model::Usage;

/// Tokens of context at least: most requests fit, so that the model is loaded once.
const LEAST_CONTEXT: u64 = 8_192;
/// Bytes of a prompt that make a token at least. Models of today need fewer tokens for German.
const BYTES_A_TOKEN: u64 = 2;
/// Tokens that the model's template puts around the messages, with room to spare.
const TEMPLATE: u64 = 128;
/// Tokens of the prompt without texts, roughly.
const PROMPT: usize = 1_200;
/// Characters in a request at least, whatever the context.
const LEAST_CHARACTERS: usize = 500;
/// Tokens set aside for thinking: some models think even with `"think": false`.
const THINKING: u64 = 1_000;
/// How long the model stays loaded after a request: a run that waits for a person must not wait for it, too.
const KEEP_ALIVE: &str = "30m";

/// Places of the wishes.
const FORMAT: usize = 0;

/// The protocol.
struct OllamaChat {
    model: String,
    options: ModelOptions,
    /// What the profile says of the context.
    stated: Option<u64>,
    /// The largest context that a request needed: the server loads the model anew for another size, so it only grows.
    num_ctx: AtomicU64,
}

/// The API.
pub(super) fn vendor(setup: VendorSetup<'_>, own: OllamaOptions) -> Result<Vendor, EngineError> {
    if setup.root.is_vendors(setup.profile.kind()) {
        setup.needs_key()?;
    }
    let VendorSetup { profile, options, model, key, root, .. } = setup;
    profile.refuse_efforts(options, &[Effort::Minimal, Effort::XHigh])?;
    if root.url().path().trim_end_matches('/').ends_with("/v1") {
        let message = "Ollama's own API is not below /v1";
        return Err(ProfileError::at("base_url", message, "delete /v1, or set kind = \"openai\"").into());
    }
    let protocol = OllamaChat {
        model: model.clone(),
        options: options.clone(),
        stated: own.num_ctx.map(|tokens| tokens.get().into()),
        num_ctx: AtomicU64::new(LEAST_CONTEXT),
    };
    let server = root.endpoint(&["api", "chat"]);
    Ok(Vendor {
        read_refusal,
        texts: FEW_TEXTS,
        characters: own.num_ctx.map(characters),
        // Ollama answers one request at a time by default. A second one in its queue saves the time between two.
        concurrency: 2,
        thinking: THINKING,
        ..Vendor::hosted(protocol, server, FixedHeaders::scheme("Bearer", key.as_ref())?, model)
    })
}

/// Characters that a request may have in a context: what is left of it beside the prompt, half of it for the answer, at two
/// characters a token.
fn characters(num_ctx: NonZeroU32) -> usize {
    let tokens = usize::try_from(num_ctx.get()).unwrap_or(usize::MAX);
    tokens.saturating_sub(PROMPT).max(LEAST_CHARACTERS)
}

impl OllamaChat {
    /// The context for a prompt and its answer.
    fn context(&self, prompt: &Prompt, ceiling: u64) -> u64 {
        let bytes = (prompt.system.len() + prompt.user.len()) as u64;
        let needed = bytes / BYTES_A_TOKEN + TEMPLATE + ceiling;
        self.stated.unwrap_or_else(|| {
            let needed = needed.next_power_of_two();
            needed.max(self.num_ctx.fetch_max(needed, Ordering::Relaxed))
        })
    }
}

impl Protocol for OllamaChat {
    fn body(&self, ask: &ModelAsk<'_>) -> Value {
        let ceiling = ask.ceiling.unwrap_or_default();
        let mut options = Map::from_iter([
            (
                "temperature".to_owned(),
                self.options.temperature.map_or_else(|| json!(0), |degree| json!(degree)),
            ),
            ("num_predict".to_owned(), json!(ceiling)),
        ]);
        // The makers advise to put the schema into the prompt, too.
        let user = format!("{}\n\nThe JSON schema of the answer: {}", ask.prompt.user, ask.schema);
        let prompt = Prompt { system: ask.prompt.system.clone(), user };
        options.insert("num_ctx".to_owned(), json!(self.context(&prompt, ceiling)));
        let think = match self.options.effort {
            None | Some(Effort::None) => json!(false),
            Some(effort) => json!(effort.name()),
        };
        let mut body = Map::from_iter([
            ("model".to_owned(), json!(self.model)),
            ("messages".to_owned(), messages(&prompt)),
            ("stream".to_owned(), json!(false)),
            ("think".to_owned(), think),
            ("keep_alive".to_owned(), json!(KEEP_ALIVE)),
            ("options".to_owned(), Value::Object(options)),
            // An error is better than a prompt without its beginning.
            ("truncate".to_owned(), json!(false)),
            ("shift".to_owned(), json!(false)),
        ]);
        if ask.spoken.step(FORMAT) == 0 {
            body.insert("format".to_owned(), ask.schema.clone());
        }
        Value::Object(body)
    }

    fn read(&self, reply: &Value) -> Option<ModelAnswer> {
        let content = reply.pointer("/message/content")?.as_str()?;
        let read = count(reply, "/prompt_eval_count");
        let num_ctx = self.stated.unwrap_or_else(|| self.num_ctx.load(Ordering::Relaxed));
        let end = match word(reply, "/done_reason") {
            // Older servers cut a prompt to the context without a word.
            _ if read >= num_ctx => AnswerEnd::CutPrompt(format!(
                "the prompt was cut to the context of {read} tokens: set a larger num_ctx or a smaller max_segments"
            )),
            "length" => AnswerEnd::CutOff,
            _ => AnswerEnd::Whole,
        };
        Some(ModelAnswer::new(content, end))
    }

    fn usage(&self, reply: &Value) -> Option<Usage> {
        reply.get("eval_count")?;
        Some(Usage {
            input_tokens: count(reply, "/prompt_eval_count"),
            output_tokens: count(reply, "/eval_count"),
            ..Usage::default()
        })
    }

    fn wishes(&self) -> Vec<Wish> {
        let is_set = self.options.effort.is_some_and(|effort| effort != Effort::None);
        vec![
            // The cloud of its makers has no schemas.
            Wish { words: &["format", "schema", "grammar", "structured"], steps: 1, setting: None },
            Wish { words: &["think"], steps: u32::from(is_set), setting: Some("effort") },
        ]
    }
}

fn read_refusal(refusal: &ServiceRefusal<'_>) -> Option<EngineError> {
    let message = &refusal.message;
    let name = message.split(['\'', '"']).nth(1).filter(|name| !name.is_empty());
    match (refusal.status, name) {
        (404, Some(name)) if message.contains("not found") => {
            Some(EngineError::Unusable(format!("{message}: run `ollama pull {name}` where the server is")))
        }
        (400, _) if message.contains("context length") => Some(EngineError::TooLarge),
        // Memory does not grow by waiting.
        (500, _) if message.contains("more system memory") => Some(EngineError::Unusable(message.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_grows_with_the_longest_request_and_never_shrinks() {
        let protocol = |stated| OllamaChat {
            model: "modell".to_owned(),
            options: ModelOptions::default(),
            stated,
            num_ctx: AtomicU64::new(LEAST_CONTEXT),
        };
        let prompt = |bytes| Prompt { system: String::new(), user: "a".repeat(bytes) };
        let own = protocol(None);
        assert_eq!(own.context(&prompt(1_000), 1_000), 8_192);
        assert_eq!(own.context(&prompt(20_000), 1_000), 16_384);
        assert_eq!(own.context(&prompt(1_000), 1_000), 16_384);
        assert_eq!(protocol(Some(4_096)).context(&prompt(20_000), 1_000), 4_096);
        assert_eq!(characters(NonZeroU32::new(4_096).unwrap()), 2_896);
    }
}
