//! `OpenAI`'s `POST /chat/completions`, and the many servers that speak it: llama.cpp, vLLM, routers.

use serde_json::{Map, Value, json};

use super::dialect::Wish;
use super::night;
use super::prompt::Prompt;
use super::protocol::{AnswerEnd, ModelAnswer, ModelAsk, Protocol, count, has_error, text_of, word};
use super::vendor::{FEW_TEXTS, FIRST_PROMPT, Vendor, VendorSetup};
use crate::engine::authorize::FixedHeaders;
use crate::engine::error::EngineError;
use crate::engine::profile::ModelOptions;
use crate::engine::status::ServiceRefusal;
use crate::model::Usage;

/// Places of the wishes.
const FORMAT: usize = 0;
const TEMPERATURE: usize = 1;
const CEILING: usize = 2;

/// Tokens that a model may think; those of today think by default.
pub(super) const THINKING: u64 = 8_000;

/// The protocol.
struct ChatCompletions {
    model: String,
    options: ModelOptions,
    /// Whether it is `OpenAI`'s own server, which has a newer name for the ceiling than the servers that imitate it.
    is_vendors: bool,
}

/// The API, at `OpenAI` or wherever else it is spoken.
pub(super) fn vendor(setup: VendorSetup<'_>) -> Result<Vendor, EngineError> {
    // A gateway at a host of the vendor's has been used without a key.
    if setup.key.is_none() && setup.service.base_url.is_none() {
        return Err(setup.profile.no_key(setup.service).into());
    }
    let VendorSetup { profile, options, model, key, root, .. } = setup;
    let path = ["v1", "chat", "completions"];
    let server = root.endpoint(if root.url().path() == "/" { &path[..] } else { &path[1..] });
    let protocol = ChatCompletions {
        model: model.clone(),
        options: options.clone(),
        is_vendors: server.is_vendors(profile.kind()),
    };
    Ok(Vendor {
        jobs: Some(Box::new(night::OpenAiJobs { url: "/v1/chat/completions" })),
        read_refusal: openai_refusal,
        prompt: FIRST_PROMPT,
        texts: FEW_TEXTS,
        thinking: THINKING,
        always_has_ceiling: false,
        ..Vendor::hosted(protocol, server, FixedHeaders::scheme("Bearer", key.as_ref())?, model)
    })
}

impl Protocol for ChatCompletions {
    fn body(&self, ask: &ModelAsk<'_>) -> Value {
        let mut body = Map::from_iter([
            ("model".to_owned(), json!(self.model)),
            ("messages".to_owned(), messages(ask.prompt)),
            ("stream".to_owned(), json!(false)),
        ]);
        let mut put = |name: &str, value| body.insert(name.to_owned(), value);
        if ask.spoken.step(TEMPERATURE) == 0 {
            put("temperature", self.options.temperature.map_or_else(|| json!(0), |degree| json!(degree)));
        }
        match ask.spoken.step(FORMAT) {
            0 => put("response_format", json_schema(ask.schema)),
            1 => put("response_format", json!({ "type": "json_object" })),
            _ => None,
        };
        if let Some(tokens) = ask.ceiling {
            let is_first = ask.spoken.step(CEILING) == 0;
            let name = if is_first == self.is_vendors { "max_completion_tokens" } else { "max_tokens" };
            put(name, json!(tokens));
        }
        if let Some(effort) = self.options.effort {
            put("reasoning_effort", json!(effort.name()));
        }
        Value::Object(body)
    }

    fn read(&self, reply: &Value) -> Option<ModelAnswer> {
        let choice = reply.pointer("/choices/0")?;
        if has_error(choice) {
            return Some(ModelAnswer::new("", AnswerEnd::Failed(choice.clone())));
        }
        let declined = word(choice, "/message/refusal");
        let end = match word(choice, "/finish_reason") {
            "content_filter" => AnswerEnd::Withheld("its content filter stopped it".to_owned()),
            _ if !declined.is_empty() => AnswerEnd::Declined(declined.to_owned()),
            "length" => AnswerEnd::CutOff,
            _ => AnswerEnd::Whole,
        };
        Some(ModelAnswer::new(choice.pointer("/message/content").map(text_of).unwrap_or_default(), end))
    }

    fn usage(&self, reply: &Value) -> Option<Usage> {
        usage(reply)
    }

    fn wishes(&self) -> Vec<Wish> {
        let set = |is_set: bool, name| is_set.then_some(name);
        let mut wishes = vec![
            Wish { words: &["response_format", "schema", "json_object", "grammar"], steps: 2, setting: None },
            Wish {
                words: &["temperature"],
                steps: 1,
                setting: set(self.options.temperature.is_some(), "temperature"),
            },
            // A message that names the one may advise the other.
            Wish { words: &["max_completion_tokens", "max_tokens"], steps: 1, setting: None },
        ];
        if self.options.effort.is_some() {
            wishes.push(Wish { words: &["reasoning_effort"], steps: 1, setting: Some("effort") });
        }
        wishes
    }
}

/// The messages of a prompt.
pub(super) fn messages(prompt: &Prompt) -> Value {
    let user = json!({ "role": "user", "content": prompt.user });
    if prompt.system.is_empty() {
        return json!([user]);
    }
    json!([{ "role": "system", "content": prompt.system }, user])
}

/// The format that asks for an answer by a schema.
pub(super) fn json_schema(schema: &Value) -> Value {
    let schema = json!({ "name": "translations", "strict": true, "schema": schema });
    json!({ "type": "json_schema", "json_schema": schema })
}

/// What a request used. Thinking is among the tokens of the answer, and what was kept is among those of the prompt.
pub(super) fn usage(reply: &Value) -> Option<Usage> {
    let usage = reply.get("usage").filter(|usage| usage.is_object())?;
    let (input, output) = (count(usage, "/prompt_tokens"), count(usage, "/completion_tokens"));
    let cached = count(usage, "/prompt_tokens_details/cached_tokens").min(input);
    let thinking = count(usage, "/completion_tokens_details/reasoning_tokens").min(output);
    Some(Usage {
        input_tokens: input - cached,
        cached_tokens: cached,
        output_tokens: output - thinking,
        thinking_tokens: thinking,
        ..Usage::default()
    })
}

/// What only `OpenAI`'s errors mean.
pub(super) fn openai_refusal(refusal: &ServiceRefusal<'_>) -> Option<EngineError> {
    let code = refusal.body.as_ref().map(|body| word(body, "/error/code")).unwrap_or_default();
    match (refusal.status, code) {
        // The key is good, only not from here.
        (403, "unsupported_country_region_territory") => Some(EngineError::Unusable(refusal.message.clone())),
        _ => None,
    }
}
