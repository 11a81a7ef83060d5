//! Google's Gemini API: `POST /v1beta/models/MODEL:generateContent`.

use std::time::Duration;

use reqwest::header::HeaderName;
use serde_json::{Map, Value, json};

use super::dialect::Wish;
use super::night;
use super::protocol::{AnswerEnd, ModelAnswer, ModelAsk, Protocol, count, word};
use super::vendor::{Vendor, VendorSetup};
use crate::engine::authorize::FixedHeaders;
use crate::engine::error::EngineError;
use crate::engine::profile::{Effort, ModelOptions};
use crate::engine::status::ServiceRefusal;
use crate::model::Usage;

const KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
/// Tokens that a model may think; also what is said to models that take a number.
const THINKING: u64 = 4_000;
const LITTLE_THINKING: u64 = 1_000;

/// Places of the wishes.
const THINK: usize = 0;
const FORMAT: usize = 1;

/// The protocol.
struct GenerateContent {
    options: ModelOptions,
}

/// The API.
pub(super) fn vendor(setup: VendorSetup<'_>) -> Result<Vendor, EngineError> {
    setup.needs_key()?;
    let VendorSetup { profile, options, model, key, root, .. } = setup;
    profile.refuse_efforts(options, &[Effort::XHigh, Effort::Max])?;
    // The list of models writes their names with the collection before them.
    let model = model.strip_prefix("models/").unwrap_or(&model).to_owned();
    let server = root.endpoint(&["v1beta", "models", &format!("{model}:generateContent")]);
    let protocol = GenerateContent { options: options.clone() };
    Ok(Vendor {
        jobs: Some(Box::new(night::GeminiJobs { model: model.clone() })),
        read_refusal,
        thinking: THINKING,
        ..Vendor::hosted(protocol, server, FixedHeaders::of(KEY, key.as_ref())?, model)
    })
}

impl GenerateContent {
    /// How much to think: by a word for models since Gemini 3, by a number of tokens for those before.
    fn thinking(&self, step: u32) -> Option<Value> {
        let effort = self.options.effort.unwrap_or(Effort::Low);
        let by_number = json!({ "thinkingBudget": if effort == Effort::None { 0 } else { LITTLE_THINKING } });
        match (effort, step) {
            (Effort::None, 0) => Some(by_number),
            (_, 0) => Some(json!({ "thinkingLevel": effort.name().to_uppercase() })),
            (Effort::Low, 1) if self.options.effort.is_none() => Some(by_number),
            _ => None,
        }
    }
}

impl Protocol for GenerateContent {
    fn body(&self, ask: &ModelAsk<'_>) -> Value {
        let mut config = Map::from_iter([
            ("candidateCount".to_owned(), json!(1)),
            ("maxOutputTokens".to_owned(), json!(ask.ceiling)),
            ("responseMimeType".to_owned(), json!("application/json")),
        ]);
        if ask.spoken.step(FORMAT) == 0 {
            config.insert("responseJsonSchema".to_owned(), ask.schema.clone());
        }
        if let Some(thinking) = self.thinking(ask.spoken.step(THINK)) {
            config.insert("thinkingConfig".to_owned(), thinking);
        }
        // Models since Gemini 3 are made for their own temperature.
        if let Some(temperature) = self.options.temperature {
            config.insert("temperature".to_owned(), json!(temperature));
        }
        let parts = |text: &str| json!([{ "text": text }]);
        let mut body = Map::from_iter([
            ("contents".to_owned(), json!([{ "role": "user", "parts": parts(&ask.prompt.user) }])),
            ("generationConfig".to_owned(), Value::Object(config)),
        ]);
        if !ask.prompt.system.is_empty() {
            body.insert("systemInstruction".to_owned(), json!({ "parts": parts(&ask.prompt.system) }));
        }
        Value::Object(body)
    }

    fn read(&self, reply: &Value) -> Option<ModelAnswer> {
        let blocked = word(reply, "/promptFeedback/blockReason");
        if !blocked.is_empty() {
            return Some(ModelAnswer::new(
                "",
                AnswerEnd::Withheld(format!("the prompt is blocked ({blocked})")),
            ));
        }
        let candidate = reply.pointer("/candidates/0")?;
        let parts = candidate.pointer("/content/parts").and_then(Value::as_array);
        let is_thought = |part: &&Value| part.get("thought").and_then(Value::as_bool).unwrap_or_default();
        let text =
            parts.into_iter().flatten().filter(|part| !is_thought(part)).map(|part| word(part, "/text"));
        let end = match word(candidate, "/finishReason") {
            "" | "STOP" | "FINISH_REASON_UNSPECIFIED" => AnswerEnd::Whole,
            "MAX_TOKENS" => AnswerEnd::CutOff,
            // SAFETY, RECITATION, PROHIBITED_CONTENT, BLOCKLIST, SPII, LANGUAGE, OTHER, and what is to come.
            reason => AnswerEnd::Withheld(reason.to_owned()),
        };
        Some(ModelAnswer::new(text.collect::<String>(), end))
    }

    /// Thinking is not among the tokens of the answer here; what was kept is among those of the prompt.
    fn usage(&self, reply: &Value) -> Option<Usage> {
        let usage = reply.get("usageMetadata").filter(|usage| usage.is_object())?;
        let input = count(usage, "/promptTokenCount");
        let cached = count(usage, "/cachedContentTokenCount").min(input);
        Some(Usage {
            input_tokens: input - cached,
            cached_tokens: cached,
            output_tokens: count(usage, "/candidatesTokenCount"),
            thinking_tokens: count(usage, "/thoughtsTokenCount"),
            ..Usage::default()
        })
    }

    fn wishes(&self) -> Vec<Wish> {
        let set = |is_set: bool, name| is_set.then_some(name);
        let thinking = self.options.effort.is_some();
        vec![
            Wish {
                words: &["thinking", "thought"],
                steps: if thinking { 1 } else { 2 },
                setting: set(thinking, "effort"),
            },
            Wish {
                words: &["responsejsonschema", "response_json_schema", "schema"],
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
}

/// The service puts what it means into `details`, by types of its own.
fn read_refusal(refusal: &ServiceRefusal<'_>) -> Option<EngineError> {
    let body = refusal.body.as_ref()?;
    // Some answers are a list of one.
    let error = body.get("error").or_else(|| body.pointer("/0/error"))?;
    let details = || error.get("details").and_then(Value::as_array).into_iter().flatten();
    let message =
        if refusal.message.is_empty() { word(error, "/status").to_owned() } else { refusal.message.clone() };
    match refusal.status {
        400 | 401 if details().any(|detail| word(detail, "/reason") == "API_KEY_INVALID") => {
            Some(EngineError::Key(message))
        }
        // The country, or billing that is needed and not there: no text will pass.
        400 if word(error, "/status") == "FAILED_PRECONDITION" => Some(EngineError::Unusable(message)),
        429 => {
            let violations = details().filter_map(|detail| detail.get("violations")?.as_array()).flatten();
            let is_daily =
                violations.into_iter().any(|violation| word(violation, "/quotaId").contains("PerDay"));
            if is_daily {
                let hint = "today's limit; it begins anew at midnight in California";
                return Some(EngineError::Quota(format!("{message} ({hint})")));
            }
            let asked = details().find_map(|detail| seconds(word(detail, "/retryDelay")));
            Some(EngineError::RateLimited { after: asked.or_else(|| refusal.wait()) })
        }
        _ => None,
    }
}

/// A duration as Google writes it: `37s`, `1.5s`.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_google_are_read() {
        assert_eq!(seconds("37s"), Some(Duration::from_secs(37)));
        assert_eq!(seconds("0.250s"), Some(Duration::from_millis(250)));
        for odd in ["", "s", "37", "-1s", "1e400s", "NaNs"] {
            assert_eq!(seconds(odd), None, "{odd}");
        }
    }
}
