//! `OpenAI`'s newer API: `POST /v1/responses`.

use serde_json::{Map, Value, json};

use super::chat::{THINKING, openai_refusal};
use super::dialect::Wish;
use super::night;
use super::protocol::{AnswerEnd, ModelAnswer, ModelAsk, Protocol, count, word};
use super::vendor::{Vendor, VendorSetup};
use crate::engine::authorize::FixedHeaders;
use crate::engine::error::EngineError;
use crate::engine::profile::{Effort, ModelOptions};
use crate::model::Usage;

/// Places of the wishes.
const EFFORT: usize = 0;
const FORMAT: usize = 1;

/// The protocol.
struct Responses {
    model: String,
    options: ModelOptions,
}

/// The API.
pub(super) fn vendor(setup: VendorSetup<'_>) -> Result<Vendor, EngineError> {
    setup.needs_key()?;
    let VendorSetup { options, model, key, root, .. } = setup;
    let server = root.endpoint(&["v1", "responses"]);
    let protocol = Responses { model: model.clone(), options: options.clone() };
    Ok(Vendor {
        jobs: Some(Box::new(night::OpenAiJobs { url: "/v1/responses" })),
        read_refusal: openai_refusal,
        mark: " api=responses",
        thinking: THINKING,
        ..Vendor::hosted(protocol, server, FixedHeaders::scheme("Bearer", key.as_ref())?, model)
    })
}

impl Protocol for Responses {
    fn body(&self, ask: &ModelAsk<'_>) -> Value {
        let mut body = Map::from_iter([
            ("model".to_owned(), json!(self.model)),
            ("input".to_owned(), json!(ask.prompt.user)),
            ("max_output_tokens".to_owned(), json!(ask.ceiling)),
            // Nothing is left behind at the service.
            ("store".to_owned(), json!(false)),
        ]);
        let mut put = |name: &str, value| body.insert(name.to_owned(), value);
        if !ask.prompt.system.is_empty() {
            put("instructions", json!(ask.prompt.system));
        }
        if ask.spoken.step(FORMAT) == 0 {
            let format = json!({ "type": "json_schema", "name": "translations", "schema": ask.schema, "strict": true });
            put("text", json!({ "format": format }));
        }
        if ask.spoken.step(EFFORT) == 0 {
            let effort = self.options.effort.unwrap_or(Effort::Low);
            put("reasoning", json!({ "effort": effort.name() }));
        }
        // Models that think take none but their own.
        if let Some(temperature) = self.options.temperature {
            put("temperature", json!(temperature));
        }
        Value::Object(body)
    }

    fn read(&self, reply: &Value) -> Option<ModelAnswer> {
        let items = reply.get("output").and_then(Value::as_array)?;
        // Items of another type are thoughts.
        let parts =
            || items.iter().filter_map(|item| item.get("content").and_then(Value::as_array)).flatten();
        let of = |kind: &str, field: &str| -> String {
            parts().filter(|part| word(part, "/type") == kind).map(|part| word(part, field)).collect()
        };
        let declined = of("refusal", "/refusal");
        let end = match (word(reply, "/status"), word(reply, "/incomplete_details/reason")) {
            (_, "content_filter") => AnswerEnd::Withheld("its content filter stopped it".to_owned()),
            _ if !declined.is_empty() => AnswerEnd::Declined(declined),
            ("incomplete", _) => AnswerEnd::CutOff,
            ("failed" | "cancelled", _) => {
                AnswerEnd::Failed(json!({ "error": { "message": "the response failed" } }))
            }
            _ => AnswerEnd::Whole,
        };
        Some(ModelAnswer::new(of("output_text", "/text"), end))
    }

    fn usage(&self, reply: &Value) -> Option<Usage> {
        let usage = reply.get("usage").filter(|usage| usage.is_object())?;
        let (input, output) = (count(usage, "/input_tokens"), count(usage, "/output_tokens"));
        let cached = count(usage, "/input_tokens_details/cached_tokens").min(input);
        let thinking = count(usage, "/output_tokens_details/reasoning_tokens").min(output);
        Some(Usage {
            input_tokens: input - cached,
            cached_tokens: cached,
            output_tokens: output - thinking,
            thinking_tokens: thinking,
            ..Usage::default()
        })
    }

    fn wishes(&self) -> Vec<Wish> {
        let set = |is_set: bool, name| is_set.then_some(name);
        vec![
            Wish { words: &["reasoning"], steps: 1, setting: set(self.options.effort.is_some(), "effort") },
            Wish { words: &["text.format", "json_schema", "schema"], steps: 1, setting: None },
            Wish {
                words: &["temperature"],
                steps: u32::from(self.options.temperature.is_some()),
                setting: Some("temperature"),
            },
        ]
    }
}
