//! Doubles of services, written from their vendors' documents.

use serde_json::{Map, json};
use wiremock::Request as Received;

use super::*;
use crate::engine::profile::{EngineOptions, GoogleOptions, OpenAiApi};
use crate::model::Usage;

/// A double of a service. It knows its protocol from the vendor's documents, and nothing of the engine.
pub(super) trait ServiceDouble: Sync {
    /// The end of the path that requests go to.
    fn path(&self) -> &'static str;

    /// A name for reports.
    fn name(&self) -> &'static str {
        self.fingerprint()
    }

    /// A profile for it at an address, without a key and a model.
    fn profile(&self) -> Profile;

    /// The fingerprint that its profile has always had, without the server.
    fn fingerprint(&self) -> &'static str;

    /// The answer to a request that its vendor's description does not allow, where that is held against it.
    fn refusal(&self, _: &Received) -> Option<ResponseTemplate> {
        None
    }

    /// The texts in a request, in their order.
    fn texts(&self, request: &Value) -> Vec<String>;

    /// An answer to a request, which used so much.
    fn answer(&self, request: &Value, english: &[String], used: Usage) -> Value;

    /// What the headers of such an answer say.
    fn headers(&self, _: &Value, _: Usage) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Bytes of a request that the limit of bytes is about.
    fn limited_bytes(&self, request: &Received) -> usize {
        request.body.len()
    }

    /// The status and body of an error.
    fn fault(&self, fault: ServiceFault) -> (u16, Value);

    /// The most tokens that a request lets the model write; `None` if there is no model.
    fn ceiling(&self, _: &Value) -> Option<u64> {
        None
    }

    /// Whether a key stands in the header of requests, and how.
    fn has_key(&self, request: &Received) -> bool;

    /// What of a usage the service tells.
    fn tells(&self, used: Usage) -> Usage {
        used
    }
}

/// What a service can say in place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServiceFault {
    SlowDown,
    Down,
    WrongKey,
    UsedUp,
    /// It refuses this request.
    Refused,
}

fn of_kind(kind: EngineKind) -> Profile {
    let profile = Profile::new("probe", kind);
    if !kind.is_language_model() {
        return profile;
    }
    with(profile, |service| service.model = Some("modell".to_owned()))
}

fn header(request: &Received, name: &str) -> String {
    request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn strings(values: &Value) -> Vec<String> {
    values.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The texts in a prompt of wortlaut's.
fn prompt_texts(user: &str) -> Vec<String> {
    if let Ok(task) = serde_json::from_str::<Value>(user) {
        let segments = task["segments"].as_array().cloned().unwrap_or_default();
        return segments.iter().filter_map(|segment| segment["de"].as_str()).map(str::to_owned).collect();
    }
    let (_, segments) = user.split_once("Segments:\n").expect("segments");
    let line = |line: &str| serde_json::from_str(line.split_once(": ")?.1).ok();
    segments.lines().map_while(line).collect()
}

/// What a model writes by a schema with a key for each text, in another order than asked.
fn by_keys(schema: &Value, english: &[String]) -> String {
    let keys: Vec<String> = match schema["required"].as_array() {
        Some(_) => strings(&schema["required"]),
        None => (1..=english.len()).map(|id| id.to_string()).collect(),
    };
    let fields: Vec<String> =
        keys.iter().zip(english).rev().map(|(key, text)| format!("{}:{}", json!(key), json!(text))).collect();
    format!("{{{}}}", fields.join(","))
}

/// The messages of a chat.
fn user_message(request: &Value) -> String {
    let messages = request["messages"].as_array().cloned().unwrap_or_default();
    messages.last().and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned()
}

pub(super) struct AnthropicDouble;

impl ServiceDouble for AnthropicDouble {
    fn path(&self) -> &'static str {
        "/v1/messages"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::Anthropic)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" anthropic context=true target=EN-US model="modell" prompt=2"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        assert!(request["max_tokens"].is_u64() && request.get("temperature").is_none());
        assert_eq!(request["output_config"]["effort"], "low");
        assert_eq!(request["system"][0]["cache_control"]["type"], "ephemeral");
        prompt_texts(&user_message(request))
    }

    fn answer(&self, request: &Value, english: &[String], used: Usage) -> Value {
        let schema = &request["output_config"]["format"]["schema"];
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "stop_reason": "end_turn",
            "content": [
                { "type": "thinking", "thinking": "{\"1\": \"No.\"}", "signature": "x" },
                { "type": "text", "text": by_keys(schema, english) },
            ],
            "usage": {
                "input_tokens": used.input_tokens,
                "cache_read_input_tokens": used.cached_tokens,
                "cache_creation_input_tokens": 0,
                "output_tokens": used.output_tokens + used.thinking_tokens,
                "output_tokens_details": { "thinking_tokens": used.thinking_tokens },
            },
        })
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        let (status, kind) = match fault {
            ServiceFault::SlowDown => (429, "rate_limit_error"),
            ServiceFault::Down => (529, "overloaded_error"),
            ServiceFault::WrongKey => (401, "authentication_error"),
            ServiceFault::UsedUp => (400, "billing_error"),
            ServiceFault::Refused => (400, "invalid_request_error"),
        };
        (
            status,
            json!({ "type": "error", "error": { "type": kind, "message": "MESSAGE" }, "request_id": "req_1" }),
        )
    }

    fn ceiling(&self, request: &Value) -> Option<u64> {
        request["max_tokens"].as_u64()
    }

    fn has_key(&self, request: &Received) -> bool {
        assert_eq!(header(request, "anthropic-version"), "2023-06-01");
        header(request, "x-api-key") == KEY
    }
}

pub(super) struct GeminiDouble;

impl ServiceDouble for GeminiDouble {
    fn path(&self) -> &'static str {
        "/v1beta/models/modell:generateContent"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::Gemini)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" gemini context=true target=EN-US model="modell" prompt=2"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        assert_eq!(request["generationConfig"]["thinkingConfig"], json!({ "thinkingLevel": "LOW" }));
        prompt_texts(request["contents"][0]["parts"][0]["text"].as_str().unwrap())
    }

    fn answer(&self, request: &Value, english: &[String], used: Usage) -> Value {
        let schema = &request["generationConfig"]["responseJsonSchema"];
        let parts = json!([{ "text": "Hm.", "thought": true }, { "text": by_keys(schema, english) }]);
        let content = json!({ "role": "model", "parts": parts });
        json!({
            "candidates": [{ "content": content, "finishReason": "STOP", "index": 0 }],
            "usageMetadata": {
                "promptTokenCount": used.input_tokens + used.cached_tokens,
                "cachedContentTokenCount": used.cached_tokens,
                "candidatesTokenCount": used.output_tokens,
                "thoughtsTokenCount": used.thinking_tokens,
            },
        })
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        let (status, name, details) = match fault {
            ServiceFault::SlowDown => (429, "RESOURCE_EXHAUSTED", json!([])),
            ServiceFault::Down => (503, "UNAVAILABLE", json!([])),
            ServiceFault::WrongKey => {
                let info = json!({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" });
                (400, "INVALID_ARGUMENT", json!([info]))
            }
            ServiceFault::UsedUp => {
                let violation = json!({ "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier" });
                let failure = json!({ "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation] });
                (429, "RESOURCE_EXHAUSTED", json!([failure]))
            }
            ServiceFault::Refused => (400, "INVALID_ARGUMENT", json!([])),
        };
        let error = json!({ "code": status, "message": "MESSAGE", "status": name, "details": details });
        (status, json!({ "error": error }))
    }

    fn ceiling(&self, request: &Value) -> Option<u64> {
        request["generationConfig"]["maxOutputTokens"].as_u64()
    }

    fn has_key(&self, request: &Received) -> bool {
        header(request, "x-goog-api-key") == KEY
    }
}

/// What chats of `OpenAI` and of its imitators answer.
fn completion(content: &str, used: Usage) -> Value {
    let message = json!({ "role": "assistant", "content": content });
    json!({
        "object": "chat.completion",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": {
            "prompt_tokens": used.input_tokens + used.cached_tokens,
            "prompt_tokens_details": { "cached_tokens": used.cached_tokens },
            "completion_tokens": used.output_tokens + used.thinking_tokens,
            "completion_tokens_details": { "reasoning_tokens": used.thinking_tokens },
        },
    })
}

fn openai_fault(fault: ServiceFault) -> (u16, Value) {
    let (status, code) = match fault {
        ServiceFault::SlowDown => (429, "rate_limit_exceeded"),
        ServiceFault::Down => (503, "server_error"),
        ServiceFault::WrongKey => (401, "invalid_api_key"),
        ServiceFault::UsedUp => (429, "insufficient_quota"),
        ServiceFault::Refused => (400, "context_length_exceeded"),
    };
    (status, json!({ "error": { "message": "MESSAGE", "type": "some_error", "param": null, "code": code } }))
}

fn bearer(request: &Received) -> bool {
    header(request, "authorization") == format!("Bearer {KEY}")
}

pub(super) struct MistralDouble;

impl ServiceDouble for MistralDouble {
    fn path(&self) -> &'static str {
        "/v1/chat/completions"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::Mistral)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" mistral context=true target=EN-US model="modell" prompt=2"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        let known = ["model", "messages", "max_tokens", "response_format", "temperature"];
        let unknown = request.as_object().unwrap().keys().find(|key| !known.contains(&key.as_str()));
        assert_eq!(unknown, None, "Mistral answers 422 to a field that it does not know");
        prompt_texts(&user_message(request))
    }

    fn answer(&self, request: &Value, english: &[String], used: Usage) -> Value {
        let schema = &request["response_format"]["json_schema"]["schema"];
        completion(&by_keys(schema, english), used)
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        match fault {
            ServiceFault::SlowDown => (
                429,
                json!({ "object": "error", "message": "MESSAGE", "type": "rate_limited", "code": "1300" }),
            ),
            ServiceFault::Down => (
                503,
                json!({ "object": "error", "message": "MESSAGE", "type": "service_unavailable", "code": "1000" }),
            ),
            ServiceFault::WrongKey => (401, json!({ "detail": "MESSAGE" })),
            ServiceFault::UsedUp => (402, json!({ "object": "error", "message": "MESSAGE", "code": "1200" })),
            ServiceFault::Refused => (
                422,
                json!({ "detail": [{ "loc": ["body", "model"], "msg": "MESSAGE", "type": "value_error" }] }),
            ),
        }
    }

    fn ceiling(&self, request: &Value) -> Option<u64> {
        request["max_tokens"].as_u64()
    }

    fn has_key(&self, request: &Received) -> bool {
        bearer(request)
    }
}

pub(super) struct ChatDouble;

impl ServiceDouble for ChatDouble {
    fn path(&self) -> &'static str {
        "/v1/chat/completions"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::OpenAi)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" openai context=true target=EN-US model="modell" prompt=1"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        prompt_texts(&user_message(request))
    }

    fn answer(&self, _: &Value, english: &[String], used: Usage) -> Value {
        let items = english.iter().enumerate().rev().map(|(at, text)| json!({ "id": at + 1, "en": text }));
        completion(&json!({ "translations": items.collect::<Vec<_>>() }).to_string(), used)
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        openai_fault(fault)
    }

    /// Servers that imitate `OpenAI` know the older name.
    fn ceiling(&self, request: &Value) -> Option<u64> {
        request["max_tokens"].as_u64()
    }

    fn has_key(&self, request: &Received) -> bool {
        bearer(request)
    }
}

pub(super) struct ResponsesDouble;

impl ServiceDouble for ResponsesDouble {
    fn path(&self) -> &'static str {
        "/v1/responses"
    }

    fn profile(&self) -> Profile {
        let mut profile = of_kind(EngineKind::OpenAi);
        if let EngineOptions::OpenAi(_, _, api) = &mut profile.options {
            *api = OpenAiApi::Responses;
        }
        profile
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" openai context=true target=EN-US model="modell" prompt=2 api=responses"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        assert_eq!((&request["store"], &request["reasoning"]["effort"]), (&json!(false), &json!("low")));
        prompt_texts(request["input"].as_str().unwrap())
    }

    fn answer(&self, request: &Value, english: &[String], used: Usage) -> Value {
        let text = by_keys(&request["text"]["format"]["schema"], english);
        let content = json!([{ "type": "output_text", "text": text, "annotations": [] }]);
        json!({
            "id": "resp_1", "object": "response", "status": "completed", "error": null, "incomplete_details": null,
            "output": [
                { "type": "reasoning", "summary": [] },
                { "type": "message", "role": "assistant", "status": "completed", "content": content },
            ],
            "usage": {
                "input_tokens": used.input_tokens + used.cached_tokens,
                "input_tokens_details": { "cached_tokens": used.cached_tokens, "cache_write_tokens": 0 },
                "output_tokens": used.output_tokens + used.thinking_tokens,
                "output_tokens_details": { "reasoning_tokens": used.thinking_tokens },
            },
        })
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        openai_fault(fault)
    }

    fn ceiling(&self, request: &Value) -> Option<u64> {
        request["max_output_tokens"].as_u64()
    }

    fn has_key(&self, request: &Received) -> bool {
        bearer(request)
    }
}

pub(super) struct OllamaDouble;

impl ServiceDouble for OllamaDouble {
    fn path(&self) -> &'static str {
        "/api/chat"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::Ollama)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" ollama context=true target=EN-US model="modell" prompt=2"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        assert_eq!((&request["stream"], &request["think"]), (&json!(false), &json!(false)));
        let context = request["options"]["num_ctx"].as_u64().unwrap();
        assert!(context >= 8_192 && context > request["options"]["num_predict"].as_u64().unwrap());
        prompt_texts(&user_message(request))
    }

    fn answer(&self, request: &Value, english: &[String], used: Usage) -> Value {
        let content = by_keys(&request["format"], english);
        let mut reply = Map::from_iter([
            ("message".to_owned(), json!({ "role": "assistant", "content": content })),
            ("done".to_owned(), json!(true)),
            ("done_reason".to_owned(), json!("stop")),
        ]);
        reply.insert("prompt_eval_count".to_owned(), json!(used.input_tokens));
        reply.insert("eval_count".to_owned(), json!(used.output_tokens + used.thinking_tokens));
        Value::Object(reply)
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        let status = match fault {
            ServiceFault::SlowDown => 429,
            ServiceFault::Down => 502,
            ServiceFault::WrongKey => 401,
            ServiceFault::UsedUp => 402,
            ServiceFault::Refused => 400,
        };
        (status, json!({ "error": "MESSAGE" }))
    }

    fn ceiling(&self, request: &Value) -> Option<u64> {
        request["options"]["num_predict"].as_u64()
    }

    fn has_key(&self, request: &Received) -> bool {
        bearer(request)
    }

    /// It does not tell thinking from answers, nor what it had kept.
    fn tells(&self, used: Usage) -> Usage {
        let output_tokens = used.output_tokens + used.thinking_tokens;
        Usage { input_tokens: used.input_tokens, output_tokens, ..Usage::default() }
    }
}

pub(super) struct DeepLDouble;

impl ServiceDouble for DeepLDouble {
    fn path(&self) -> &'static str {
        "/v2/translate"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::DeepL)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" deepl context=true target=EN-US model=None"#
    }

    fn refusal(&self, request: &Received) -> Option<ResponseTemplate> {
        deepl_requests::refusal(request)
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        strings(&request["text"])
    }

    fn answer(&self, _: &Value, english: &[String], _: Usage) -> Value {
        let item = |text: &String| {
            // „EN “ is the double's own.
            let billed = text.strip_prefix("EN ").unwrap_or_default().chars().count();
            json!({ "text": text, "detected_source_language": "DE", "billed_characters": billed })
        };
        json!({ "translations": english.iter().map(item).collect::<Vec<_>>() })
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        let status = match fault {
            ServiceFault::SlowDown => 429,
            ServiceFault::Down => 529,
            ServiceFault::WrongKey => 403,
            ServiceFault::UsedUp => 456,
            ServiceFault::Refused => 400,
        };
        (status, json!({ "message": "MESSAGE" }))
    }

    fn has_key(&self, request: &Received) -> bool {
        header(request, "authorization") == format!("DeepL-Auth-Key {KEY}")
    }

    fn tells(&self, _: Usage) -> Usage {
        Usage::default()
    }
}

pub(super) struct LibreDouble;

impl ServiceDouble for LibreDouble {
    fn path(&self) -> &'static str {
        "/translate"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::LibreTranslate)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" libretranslate context=false target=en"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        assert_eq!((&request["source"], &request["target"]), (&json!("de"), &json!("en")));
        assert!(["text", "html"].contains(&request["format"].as_str().unwrap()));
        strings(&request["q"])
    }

    fn answer(&self, request: &Value, english: &[String], _: Usage) -> Value {
        let mut answer = json!({ "translatedText": english });
        // Of HTML it has none, but says so.
        let most =
            if request["format"] == "html" { 0 } else { request["alternatives"].as_u64().unwrap_or(0) };
        let others = |text: &String| (1..=most).map(|other| format!("{text} {other}")).collect::<Vec<_>>();
        if request["alternatives"].as_u64().is_some_and(|most| most > 0) {
            answer["alternatives"] = english.iter().map(others).collect::<Vec<_>>().into();
        }
        answer
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        let status = match fault {
            ServiceFault::SlowDown => 429,
            ServiceFault::Down => 500,
            ServiceFault::WrongKey | ServiceFault::UsedUp => 403,
            ServiceFault::Refused => 400,
        };
        (status, json!({ "error": "MESSAGE" }))
    }

    /// Its key goes into the body.
    fn has_key(&self, request: &Received) -> bool {
        request.body_json::<Value>().is_ok_and(|body| body["api_key"] == KEY)
    }

    fn tells(&self, _: Usage) -> Usage {
        Usage::default()
    }
}

/// What Google answers with either version, but for the place of the translations.
fn google_items(english: &[String]) -> Value {
    english.iter().map(|text| json!({ "translatedText": text })).collect()
}

/// Google tells by reasons what its statuses do not.
fn google_fault(fault: ServiceFault) -> (u16, Value) {
    let (status, name, reason) = match fault {
        ServiceFault::SlowDown => (403, "PERMISSION_DENIED", "userRateLimitExceeded"),
        ServiceFault::Down => (503, "UNAVAILABLE", "backendError"),
        ServiceFault::WrongKey => (401, "UNAUTHENTICATED", "authError"),
        ServiceFault::UsedUp => (403, "PERMISSION_DENIED", "dailyLimitExceeded"),
        ServiceFault::Refused => (400, "INVALID_ARGUMENT", "invalid"),
    };
    let errors = json!([{ "message": "MESSAGE", "domain": "usageLimits", "reason": reason }]);
    (status, json!({ "error": { "code": status, "message": "MESSAGE", "status": name, "errors": errors } }))
}

pub(super) struct GoogleBasicDouble;

impl ServiceDouble for GoogleBasicDouble {
    fn path(&self) -> &'static str {
        "/language/translate/v2"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::Google)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" google context=false api=2 target=en"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        assert_eq!((&request["source"], &request["target"]), (&json!("de"), &json!("en")));
        // What is left out is HTML.
        assert!(["text", "html"].contains(&request["format"].as_str().unwrap()));
        strings(&request["q"])
    }

    fn answer(&self, _: &Value, english: &[String], _: Usage) -> Value {
        json!({ "data": { "translations": google_items(english) } })
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        google_fault(fault)
    }

    fn has_key(&self, request: &Received) -> bool {
        header(request, "x-goog-api-key") == KEY && request.url.query().is_none()
    }

    fn tells(&self, _: Usage) -> Usage {
        Usage::default()
    }
}

pub(super) struct GoogleAdvancedDouble;

impl ServiceDouble for GoogleAdvancedDouble {
    fn path(&self) -> &'static str {
        "/v3/projects/presse/locations/global:translateText"
    }

    fn profile(&self) -> Profile {
        let project = Some("presse".to_owned());
        let own = GoogleOptions { project, ..GoogleOptions::default() };
        Profile::with_options("probe", EngineOptions::Google(ServiceOptions::default(), own))
    }

    fn fingerprint(&self) -> &'static str {
        "\"probe\" google context=false api=3 target=en \
         model=\"projects/presse/locations/global/models/general/nmt\" glossary=None"
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        let languages = (&request["sourceLanguageCode"], &request["targetLanguageCode"]);
        assert_eq!(languages, (&json!("de"), &json!("en")));
        assert!(["text/plain", "text/html"].contains(&request["mimeType"].as_str().unwrap()));
        strings(&request["contents"])
    }

    fn answer(&self, _: &Value, english: &[String], _: Usage) -> Value {
        json!({ "translations": google_items(english) })
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        google_fault(fault)
    }

    fn has_key(&self, request: &Received) -> bool {
        assert_eq!(header(request, "x-goog-user-project"), "presse");
        bearer(request)
    }

    fn tells(&self, _: Usage) -> Usage {
        Usage::default()
    }
}

/// Azure's codes begin with the status.
fn azure_fault(fault: ServiceFault) -> (u16, Value) {
    let (status, code) = match fault {
        ServiceFault::SlowDown => (429, 429_000),
        ServiceFault::Down => (503, 503_000),
        ServiceFault::WrongKey => (401, 401_000),
        ServiceFault::UsedUp => (403, 403_001),
        ServiceFault::Refused => (400, 400_005),
    };
    (status, json!({ "error": { "code": code, "message": "MESSAGE" } }))
}

/// The texts of a body, which may have no more than the service reads.
fn azure_texts(items: &Value, field: &str, most: usize) -> Vec<String> {
    let items = items.as_array().into_iter().flatten();
    let texts: Vec<String> = items.filter_map(|item| item[field].as_str()).map(str::to_owned).collect();
    assert!(texts.len() <= most, "{}", texts.len());
    texts
}

/// The options in an address.
fn query(request: &Received, name: &str) -> Option<String> {
    request.url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

pub(super) struct AzureClassicDouble;

impl ServiceDouble for AzureClassicDouble {
    fn path(&self) -> &'static str {
        "/translate"
    }

    fn profile(&self) -> Profile {
        of_kind(EngineKind::Microsoft)
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" microsoft context=false api=3.0 target=en deployment=None"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        azure_texts(request, "Text", 1_000)
    }

    fn answer(&self, _: &Value, english: &[String], _: Usage) -> Value {
        english.iter().map(|text| json!({ "translations": [{ "text": text, "to": "en" }] })).collect()
    }

    fn headers(&self, request: &Value, _: Usage) -> Vec<(&'static str, String)> {
        let characters: usize = self.texts(request).iter().map(|text| text.chars().count()).sum();
        vec![("x-metered-usage", characters.to_string())]
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        azure_fault(fault)
    }

    fn has_key(&self, request: &Received) -> bool {
        for (name, value) in [("api-version", "3.0"), ("from", "de"), ("to", "en")] {
            assert_eq!(query(request, name).as_deref(), Some(value), "{}", request.url);
        }
        header(request, "ocp-apim-subscription-key") == KEY
    }

    fn tells(&self, _: Usage) -> Usage {
        Usage::default()
    }
}

pub(super) struct AzureModelDouble;

impl ServiceDouble for AzureModelDouble {
    fn path(&self) -> &'static str {
        "/translate"
    }

    fn profile(&self) -> Profile {
        let mut profile = of_kind(EngineKind::Microsoft);
        if let EngineOptions::Microsoft(_, own) = &mut profile.options {
            own.api_version = Some("2026-06-06".to_owned());
            own.deployment = Some("haus-gpt".to_owned());
        }
        profile
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" microsoft context=false api=2026-06-06 target=en deployment=Some("haus-gpt")"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        for input in request["inputs"].as_array().into_iter().flatten() {
            let target = &input["targets"][0];
            assert_eq!((&input["language"], &target["language"]), (&json!("de"), &json!("en")));
            assert_eq!(target["deploymentName"], "haus-gpt");
            assert!(target["referenceTextPairs"].as_array().is_none_or(|pairs| pairs.len() <= 5));
        }
        azure_texts(&request["inputs"], "text", 50)
    }

    fn answer(&self, _: &Value, english: &[String], _: Usage) -> Value {
        let item = |text: &String| json!({ "translations": [{ "text": text, "language": "en" }] });
        json!({ "value": english.iter().map(item).collect::<Vec<_>>() })
    }

    fn headers(&self, request: &Value, used: Usage) -> Vec<(&'static str, String)> {
        let characters: usize = self.texts(request).iter().map(|text| text.chars().count()).sum();
        let told = self.tells(used);
        vec![
            ("sourcecharacterscharged", characters.to_string()),
            ("sourcetokenscharged", told.input_tokens.to_string()),
            ("targettokenscharged", told.output_tokens.to_string()),
        ]
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        azure_fault(fault)
    }

    /// Nothing in a request limits the model; that it writes more than it reads is not to be expected.
    fn ceiling(&self, request: &Value) -> Option<u64> {
        Some(serde_json::to_vec(request).unwrap().len() as u64)
    }

    fn has_key(&self, request: &Received) -> bool {
        assert_eq!(query(request, "api-version").as_deref(), Some("2026-06-06"), "{}", request.url);
        header(request, "ocp-apim-subscription-key") == KEY
    }

    /// It knows no kinds of tokens.
    fn tells(&self, used: Usage) -> Usage {
        let input_tokens = used.input_tokens + used.cached_tokens;
        let output_tokens = used.output_tokens + used.thinking_tokens;
        Usage { input_tokens, output_tokens, ..Usage::default() }
    }
}

pub(super) struct AmazonDouble;

impl ServiceDouble for AmazonDouble {
    fn path(&self) -> &'static str {
        "/"
    }

    fn profile(&self) -> Profile {
        let mut profile = of_kind(EngineKind::Amazon);
        if let EngineOptions::Amazon(_, own) = &mut profile.options {
            own.region = Some("eu-central-1".to_owned());
        }
        profile
    }

    fn fingerprint(&self) -> &'static str {
        r#""probe" amazon context=false target=en terminology=None"#
    }

    fn texts(&self, request: &Value) -> Vec<String> {
        let languages = (&request["SourceLanguageCode"], &request["TargetLanguageCode"]);
        assert_eq!(languages, (&json!("de"), &json!("en")));
        vec![request["Text"].as_str().unwrap().to_owned()]
    }

    fn answer(&self, _: &Value, english: &[String], _: Usage) -> Value {
        json!({ "TranslatedText": english[0], "SourceLanguageCode": "de", "TargetLanguageCode": "en" })
    }

    /// Only those of the text.
    fn limited_bytes(&self, request: &Received) -> usize {
        request.body_json::<Value>().unwrap()["Text"].as_str().unwrap().len()
    }

    fn fault(&self, fault: ServiceFault) -> (u16, Value) {
        let (status, name) = match fault {
            ServiceFault::SlowDown => (400, "ThrottlingException"),
            ServiceFault::Down => (500, "InternalServerException"),
            ServiceFault::WrongKey => (400, "UnrecognizedClientException"),
            ServiceFault::UsedUp => (400, "ServiceQuotaExceededException"),
            ServiceFault::Refused => (400, "InvalidRequestException"),
        };
        (status, json!({ "__type": name, "Message": "MESSAGE" }))
    }

    /// The key signs, and is not sent itself.
    fn has_key(&self, request: &Received) -> bool {
        assert_eq!(header(request, "x-amz-target"), "AWSShineFrontendService_20170701.TranslateText");
        let authorization = header(request, "authorization");
        authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") && !authorization.contains(KEY)
    }

    fn tells(&self, _: Usage) -> Usage {
        Usage::default()
    }
}
