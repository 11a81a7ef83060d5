//! Mistral's `POST /v1/chat/completions`: nearly `OpenAI`'s, with names and ends of its own.

use serde_json::{Map, Value, json};

use super::chat::{json_schema, messages, usage};
use super::dialect::Wish;
use super::night;
use super::protocol::{AnswerEnd, ModelAnswer, ModelAsk, Protocol, has_error, text_of, word};
use super::vendor::{Vendor, VendorSetup};
use crate::engine::authorize::FixedHeaders;
use crate::engine::error::EngineError;
use crate::engine::profile::{Effort, ModelOptions};
use crate::model::Usage;

/// Tokens set aside for thinking. Most models think only if `effort` asks for it.
const THINKING: u64 = 2_000;

/// Places of the wishes.
const FORMAT: usize = 0;
const TEMPERATURE: usize = 1;

/// The protocol.
struct MistralChat {
    model: String,
    options: ModelOptions,
}

/// The API.
pub(super) fn vendor(setup: VendorSetup<'_>) -> Result<Vendor, EngineError> {
    setup.needs_key()?;
    let VendorSetup { profile, options, model, key, root, .. } = setup;
    profile.refuse_efforts(options, &[Effort::Max])?;
    let server = root.endpoint(&["v1", "chat", "completions"]);
    let protocol = MistralChat { model: model.clone(), options: options.clone() };
    Ok(Vendor {
        jobs: Some(Box::new(night::MistralJobs { model: model.clone() })),
        thinking: THINKING,
        ..Vendor::hosted(protocol, server, FixedHeaders::scheme("Bearer", key.as_ref())?, model)
    })
}

impl Protocol for MistralChat {
    fn body(&self, ask: &ModelAsk<'_>) -> Value {
        let mut body = Map::from_iter([
            ("model".to_owned(), json!(self.model)),
            ("messages".to_owned(), messages(ask.prompt)),
            ("max_tokens".to_owned(), json!(ask.ceiling)),
        ]);
        let mut put = |name: &str, value| body.insert(name.to_owned(), value);
        match ask.spoken.step(FORMAT) {
            0 => put("response_format", json_schema(ask.schema)),
            1 => put("response_format", json!({ "type": "json_object" })),
            _ => None,
        };
        if ask.spoken.step(TEMPERATURE) == 0 {
            put("temperature", self.options.temperature.map_or_else(|| json!(0), |degree| json!(degree)));
        }
        if let Some(effort) = self.options.effort {
            put("reasoning_effort", json!(effort.name()));
        }
        Value::Object(body)
    }

    fn read(&self, reply: &Value) -> Option<ModelAnswer> {
        let choice = reply.pointer("/choices/0")?;
        let end = match word(choice, "/finish_reason") {
            _ if has_error(choice) => AnswerEnd::Failed(choice.clone()),
            "error" => AnswerEnd::Failed(json!({ "error": { "message": "the model ended with an error" } })),
            "length" | "model_length" => AnswerEnd::CutOff,
            _ => AnswerEnd::Whole,
        };
        Some(ModelAnswer::new(choice.pointer("/message/content").map(text_of).unwrap_or_default(), end))
    }

    fn usage(&self, reply: &Value) -> Option<Usage> {
        usage(reply)
    }

    fn wishes(&self) -> Vec<Wish> {
        let mut wishes = vec![
            Wish { words: &["response_format", "schema", "json_object"], steps: 2, setting: None },
            Wish {
                words: &["temperature"],
                steps: 1,
                setting: self.options.temperature.is_some().then_some("temperature"),
            },
        ];
        if self.options.effort.is_some() {
            wishes.push(Wish {
                words: &["reasoning_effort", "reasoning"],
                steps: 1,
                setting: Some("effort"),
            });
        }
        wishes
    }
}
