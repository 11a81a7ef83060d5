//! Anthropic's Messages API: `POST /v1/messages`.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::dialect::Wish;
use super::night;
use super::protocol::{AnswerEnd, ModelAnswer, ModelAsk, Protocol, count, reason, word};
use super::vendor::{Vendor, VendorSetup};
use crate::engine::authorize::FixedHeaders;
use crate::engine::error::EngineError;
use crate::engine::profile::{Effort, ModelOptions};
use crate::engine::status::ServiceRefusal;
use crate::model::Usage;

/// The version of the API, of which there has been only one since.
const VERSION: (HeaderName, &str) = (HeaderName::from_static("anthropic-version"), "2023-06-01");
const KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Tokens that a model may think at low effort; it cannot be kept from it everywhere.
const THINKING: u64 = 4_000;

/// Places of the wishes.
const EFFORT: usize = 0;
const FORMAT: usize = 1;

/// The protocol.
struct Messages {
    model: String,
    options: ModelOptions,
}

/// The API.
pub(super) fn vendor(setup: VendorSetup<'_>) -> Result<Vendor, EngineError> {
    setup.needs_key()?;
    let VendorSetup { profile, options, model, key, root, .. } = setup;
    profile.refuse_efforts(options, &[Effort::None, Effort::Minimal])?;
    let protocol = Messages { model: model.clone(), options: options.clone() };
    Ok(Vendor {
        jobs: Some(Box::new(night::AnthropicJobs)),
        read_refusal,
        thinking: THINKING,
        ..Vendor::hosted(
            protocol,
            root.endpoint(&["v1", "messages"]),
            FixedHeaders::of(KEY, key.as_ref())?,
            model,
        )
    })
}

impl Protocol for Messages {
    fn body(&self, ask: &ModelAsk<'_>) -> Value {
        let mut body = Map::from_iter([
            ("model".to_owned(), json!(self.model)),
            ("max_tokens".to_owned(), json!(ask.ceiling)),
            ("messages".to_owned(), json!([{ "role": "user", "content": ask.prompt.user }])),
        ]);
        if !ask.prompt.system.is_empty() {
            // Too short for the cache, it is read anew each time, and nothing is charged for the attempt.
            let fixed = json!({
                "type": "text",
                "text": ask.prompt.system,
                "cache_control": { "type": "ephemeral" },
            });
            body.insert("system".to_owned(), json!([fixed]));
        }
        let mut output = Map::new();
        if ask.spoken.step(EFFORT) == 0 {
            let effort = self.options.effort.unwrap_or(Effort::Low);
            output.insert("effort".to_owned(), json!(effort.name()));
        }
        if ask.spoken.step(FORMAT) == 0 {
            output.insert("format".to_owned(), json!({ "type": "json_schema", "schema": ask.schema }));
        }
        if !output.is_empty() {
            body.insert("output_config".to_owned(), Value::Object(output));
        }
        // Models since Sonnet 5 refuse any temperature but their own.
        if let Some(temperature) = self.options.temperature {
            body.insert("temperature".to_owned(), json!(temperature));
        }
        Value::Object(body)
    }

    fn read(&self, reply: &Value) -> Option<ModelAnswer> {
        // Blocks of another type are thoughts.
        let is_text = |block: &&Value| word(block, "/type") == "text";
        let blocks = reply.get("content").and_then(Value::as_array)?;
        let text: String = blocks.iter().filter(is_text).map(|block| word(block, "/text")).collect();
        let end = match word(reply, "/stop_reason") {
            "refusal" => {
                let category = word(reply, "/stop_details/category");
                let category = if category.is_empty() { "refusal" } else { category };
                AnswerEnd::Declined(reason(category, word(reply, "/stop_details/explanation")))
            }
            "max_tokens" | "model_context_window_exceeded" => AnswerEnd::CutOff,
            _ => AnswerEnd::Whole,
        };
        Some(ModelAnswer::new(text, end))
    }

    /// Anthropic reports cached tokens apart from `input_tokens`. Writing a token to the cache costs 1.25 times the price of
    /// reading one, so a token written counts as one and a quarter tokens read.
    fn usage(&self, reply: &Value) -> Option<Usage> {
        let usage = reply.get("usage").filter(|usage| usage.is_object())?;
        let kept = count(usage, "/cache_creation_input_tokens");
        let output = count(usage, "/output_tokens");
        let thinking = count(usage, "/output_tokens_details/thinking_tokens").min(output);
        Some(Usage {
            input_tokens: count(usage, "/input_tokens").saturating_add(kept).saturating_add(kept.div_ceil(4)),
            cached_tokens: count(usage, "/cache_read_input_tokens"),
            output_tokens: output - thinking,
            thinking_tokens: thinking,
            ..Usage::default()
        })
    }

    fn wishes(&self) -> Vec<Wish> {
        let set = |is_set: bool, name| is_set.then_some(name);
        vec![
            Wish { words: &["effort"], steps: 1, setting: set(self.options.effort.is_some(), "effort") },
            Wish {
                words: &["output_config", "schema", "format", "structured output"],
                steps: 1,
                setting: None,
            },
            Wish {
                words: &["temperature"],
                steps: u32::from(self.options.temperature.is_some()),
                setting: Some("temperature"),
            },
        ]
    }

    fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([(VERSION.0, HeaderValue::from_static(VERSION.1))])
    }
}

fn read_refusal(refusal: &ServiceRefusal<'_>) -> Option<EngineError> {
    let said = refusal.message.to_lowercase();
    let kind = refusal.body.as_ref().map(|body| word(body, "/error/type")).unwrap_or_default();
    match (refusal.status, kind) {
        (_, "billing_error") => Some(EngineError::Quota(refusal.message.clone())),
        (400, _) if said.contains("credit balance") => Some(EngineError::Quota(refusal.message.clone())),
        (400, _) if said.contains("prompt is too long") => Some(EngineError::TooLarge),
        _ => None,
    }
}
