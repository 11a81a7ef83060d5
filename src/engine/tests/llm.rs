//! What is particular to the API of each language model: how it ends, refuses, and is refused.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use wiremock::Request as Received;

use super::*;
use crate::engine::build::bare;
use crate::engine::profile::{Effort, ModelOptions};
use crate::engine::{EngineOptions, ErrorClass, OpenAiApi, readiness};
use crate::model::Usage;

const ANTHROPIC: &str = "/v1/messages";
const GEMINI: &str = "/v1beta/models/modell:generateContent";
const CHAT: &str = "/v1/chat/completions";
const OLLAMA: &str = "/api/chat";
/// An answer to „Ja.“.
const YES: &str = r#"{"1": "Yes."}"#;

fn json_answer(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn claude(text: &str, stop_reason: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "stop_reason": stop_reason, "usage": { "input_tokens": 9, "output_tokens": 4 } })
}

fn gemini(text: &str, finish_reason: &str) -> Value {
    json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": finish_reason }] })
}

fn mistral(text: &str, finish_reason: &str) -> Value {
    json!({ "choices": [{ "message": { "content": text }, "finish_reason": finish_reason }] })
}

fn ollama(text: &str, done_reason: &str, read: u64) -> Value {
    json!({ "message": { "content": text }, "done_reason": done_reason, "prompt_eval_count": read, "eval_count": 5 })
}

fn set(mut profile: Profile, change: impl FnOnce(&mut ModelOptions)) -> Profile {
    change(profile.options.model_mut().unwrap());
    profile
}

async fn ask(kind: EngineKind, at: &str, answer: ResponseTemplate) -> Result<Vec<Translation>, EngineError> {
    let server = server(at, answer).await;
    build(&profile(kind, &server)).unwrap().translate(&batch(&["Ja."])).await
}

fn is_fault(result: &Result<Vec<Translation>, EngineError>, is: impl Fn(&AnswerFault) -> bool) -> bool {
    matches!(result, Err(EngineError::NoAnswer { fault }) if is(fault))
}

#[tokio::test]
async fn the_ends_of_claude() {
    let of = |answer| ask(EngineKind::Anthropic, ANTHROPIC, json_answer(answer));
    for end in ["end_turn", "stop_sequence", "max_tokens"] {
        assert_eq!(texts(&of(claude(YES, end)).await.unwrap()), ["Yes."], "what is whole of it counts");
    }
    for end in ["max_tokens", "model_context_window_exceeded"] {
        assert!(
            is_fault(&of(claude("{\"1\": \"Y", end)).await, |fault| matches!(fault, AnswerFault::CutOff)),
            "{end}"
        );
    }
    let mut refusal = claude("", "refusal");
    refusal["stop_details"] = json!({ "type": "refusal", "category": "bio", "explanation": "No." });
    let refused = of(refusal).await;
    assert!(
        is_fault(&refused, |fault| matches!(fault, AnswerFault::Declined(why) if why == "No. (bio)")),
        "{refused:?}"
    );
    assert!(is_fault(&of(claude("", "end_turn")).await, |fault| matches!(fault, AnswerFault::Empty)));
    let poor = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": "Your credit balance is too low." } });
    let poor = ask(EngineKind::Anthropic, ANTHROPIC, ResponseTemplate::new(400).set_body_json(poor)).await;
    assert!(matches!(poor, Err(EngineError::Quota(_))));
}

#[tokio::test]
async fn what_claude_keeps_anew_is_counted_at_what_it_costs() {
    let mut answer = claude(YES, "end_turn");
    answer["usage"] = json!({ "input_tokens": 10, "cache_creation_input_tokens": 1_001, "cache_read_input_tokens": 7, "output_tokens": 5 });
    let server = server(ANTHROPIC, json_answer(answer)).await;
    let engine = build(&profile(EngineKind::Anthropic, &server)).unwrap();
    engine.translate(&batch(&["Ja."])).await.unwrap();
    let wanted = Usage {
        characters: 3,
        input_tokens: 10 + 1_001 + 251,
        cached_tokens: 7,
        output_tokens: 5,
        thinking_tokens: 0,
    };
    assert_eq!(engine.spent().usage, wanted);
}

#[tokio::test]
async fn an_answer_that_was_cut_off_leaves_more_room_for_the_next() {
    let server = server(ANTHROPIC, json_answer(claude("{", "max_tokens"))).await;
    let engine = build(&profile(EngineKind::Anthropic, &server)).unwrap();
    for _ in 0..4 {
        assert!(engine.translate(&batch(&["Ja."])).await.is_err());
    }
    let room: Vec<_> =
        bodies(&server).await.iter().map(|body| body["max_tokens"].as_u64().unwrap()).collect();
    assert!(room[0] < room[1] && room[1] < room[2] && room[2] == room[3], "{room:?}");
    let stated =
        set(profile(EngineKind::Anthropic, &server), |model| model.max_tokens = NonZeroU32::new(777));
    let engine = build(&stated).unwrap();
    assert!(engine.translate(&batch(&["Ja."])).await.is_err());
    assert_eq!(bodies(&server).await.last().unwrap()["max_tokens"], 777);
}

#[tokio::test]
async fn the_ends_of_gemini() {
    let of = |answer| ask(EngineKind::Gemini, GEMINI, json_answer(answer));
    assert_eq!(texts(&of(gemini(YES, "STOP")).await.unwrap()), ["Yes."]);
    assert!(is_fault(&of(gemini("", "MAX_TOKENS")).await, |fault| matches!(fault, AnswerFault::CutOff)));
    for end in ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "OTHER", "A_NEW_ONE"] {
        let withheld = of(gemini("", end)).await;
        assert!(
            is_fault(&withheld, |fault| matches!(fault, AnswerFault::Withheld(why) if why == end)),
            "{withheld:?}"
        );
    }
    let blocked = of(json!({ "promptFeedback": { "blockReason": "PROHIBITED_CONTENT" } })).await;
    assert!(is_fault(
        &blocked,
        |fault| matches!(fault, AnswerFault::Withheld(why) if why.contains("PROHIBITED"))
    ));
}

#[tokio::test]
async fn gemini_says_in_details_how_long_to_wait() {
    let retry = json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s" });
    let error = json!({ "error": { "code": 429, "message": "Slow down", "status": "RESOURCE_EXHAUSTED", "details": [retry] } });
    let server = server(GEMINI, ResponseTemplate::new(429).set_body_json(error)).await;
    let engine = bare(&profile(EngineKind::Gemini, &server), &Arc::default()).unwrap();
    let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Retry(Some(Duration::from_secs(37))));
}

#[tokio::test]
async fn a_gemini_of_before_is_told_how_much_to_think_by_a_number() {
    let server = MockServer::start().await;
    let answer = |request: &Received| {
        let body: Value = request.body_json().unwrap();
        match body.pointer("/generationConfig/thinkingConfig/thinkingLevel") {
            Some(_) => ResponseTemplate::new(400).set_body_json(
                json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "message": "Thinking level is not supported for this model." } }),
            ),
            None => json_answer(gemini(YES, "STOP")),
        }
    };
    Mock::given(path(GEMINI)).respond_with(answer).mount(&server).await;
    let engine = build(&profile(EngineKind::Gemini, &server)).unwrap();
    engine.translate(&batch(&["Ja."])).await.unwrap();
    engine.translate(&batch(&["Ja."])).await.unwrap();
    let bodies = bodies(&server).await;
    assert_eq!(bodies.len(), 3, "it is learnt once");
    assert_eq!(bodies[2]["generationConfig"]["thinkingConfig"], json!({ "thinkingBudget": 1_000 }));
    // What a person asks for is not left out in silence.
    let stated = set(profile(EngineKind::Gemini, &server), |model| model.effort = Some(Effort::High));
    let error = build(&stated).unwrap().translate(&batch(&["Ja."])).await.unwrap_err();
    assert!(matches!(&error, EngineError::Unusable(message) if message.contains("sets effort")), "{error}");
}

#[tokio::test]
async fn the_ends_of_mistral() {
    let of = |answer| ask(EngineKind::Mistral, CHAT, json_answer(answer));
    for end in ["length", "model_length"] {
        assert!(is_fault(&of(mistral("", end)).await, |fault| matches!(fault, AnswerFault::CutOff)), "{end}");
    }
    let Err(EngineError::GivenUp { last, .. }) = of(mistral(YES, "error")).await else { panic!() };
    assert!(matches!(*last, EngineError::Unavailable { .. }));
    let thoughts = json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": "{}" }] }, { "type": "text", "text": YES }]);
    let thinks = json!({ "choices": [{ "message": { "content": thoughts }, "finish_reason": "stop" }] });
    assert_eq!(texts(&of(thinks).await.unwrap()), ["Yes."]);
}

#[tokio::test]
async fn the_ends_of_responses() {
    let of = |body: Value| async move {
        let server = server("/v1/responses", json_answer(body)).await;
        let mut profile = profile(EngineKind::OpenAi, &server);
        if let EngineOptions::OpenAi(_, _, api) = &mut profile.options {
            *api = OpenAiApi::Responses;
        }
        build(&profile).unwrap().translate(&batch(&["Ja."])).await
    };
    let message = |part: Value| json!([{ "type": "reasoning" }, { "type": "message", "content": [part] }]);
    let text = message(json!({ "type": "output_text", "text": YES }));
    assert_eq!(texts(&of(json!({ "status": "completed", "output": text })).await.unwrap()), ["Yes."]);
    let incomplete = |reason: &str| json!({ "status": "incomplete", "incomplete_details": { "reason": reason }, "output": [] });
    assert!(is_fault(&of(incomplete("max_output_tokens")).await, |fault| matches!(
        fault,
        AnswerFault::CutOff
    )));
    assert!(is_fault(&of(incomplete("content_filter")).await, |fault| matches!(
        fault,
        AnswerFault::Withheld(_)
    )));
    let refusal = message(json!({ "type": "refusal", "refusal": "I can't." }));
    let refused = of(json!({ "status": "completed", "output": refusal })).await;
    assert!(is_fault(&refused, |fault| matches!(fault, AnswerFault::Declined(why) if why == "I can't.")));
    let failed =
        json!({ "status": "failed", "error": { "code": "server_error", "message": "weg" }, "output": [] });
    assert!(matches!(of(failed).await, Err(EngineError::GivenUp { .. })));
}

#[tokio::test]
async fn the_ends_of_ollama() {
    let of = |answer| ask(EngineKind::Ollama, OLLAMA, answer);
    assert_eq!(texts(&of(json_answer(ollama(YES, "stop", 700))).await.unwrap()), ["Yes."]);
    let cut = of(json_answer(ollama("{", "length", 700))).await;
    assert!(is_fault(&cut, |fault| matches!(fault, AnswerFault::CutOff)));
    let cut = of(json_answer(ollama(YES, "stop", 8_192))).await.unwrap_err();
    assert!(cut.class() == ErrorClass::Reject && cut.to_string().contains("num_ctx"), "{cut}");
    let error =
        |status, message: &str| ResponseTemplate::new(status).set_body_json(json!({ "error": message }));
    let missing = of(error(404, "model 'modell' not found")).await.unwrap_err();
    assert!(missing.to_string().contains("`ollama pull modell`"), "{missing}");
    assert!(matches!(
        of(error(400, "the input length exceeds the context length")).await,
        Err(EngineError::TooLarge)
    ));
    let memory = of(error(500, "model requires more system memory (9 GiB) than is available (4 GiB)")).await;
    assert_eq!(memory.unwrap_err().class(), ErrorClass::Fatal);
}

#[test]
fn what_a_vendor_does_not_have_is_a_mistake_in_the_profile() {
    let of = |kind, effort| {
        let profile = with(Profile::new("haus", kind), |service| {
            service.model = Some("modell".to_owned());
            service.key = Some(KEY.into());
        });
        readiness(&set(profile, |model| model.effort = Some(effort)))
    };
    for (kind, effort) in [
        (EngineKind::Anthropic, Effort::Minimal),
        (EngineKind::Gemini, Effort::Max),
        (EngineKind::Mistral, Effort::Max),
        (EngineKind::Ollama, Effort::XHigh),
    ] {
        assert!(of(kind, effort).unwrap_err().to_string().contains("has no effort"), "{kind}");
        assert!(of(kind, Effort::Low).is_ok());
    }
    let v1 = with(Profile::new("haus", EngineKind::Ollama), |service| {
        service.model = Some("modell".to_owned());
        service.base_url = Some("http://127.0.0.1:11434/v1/".to_owned());
    });
    assert!(readiness(&v1).unwrap_err().to_string().contains("/v1"));
    let bare = Profile::new("haus", EngineKind::Anthropic);
    assert!(readiness(&bare).unwrap_err().to_string().contains("model = \"claude"));
}

#[tokio::test]
async fn a_prompt_of_the_users_says_what_it_likes_and_is_known_by_its_hash() {
    let text = "In {{ english }}!\n---\n{% for s in segments %}{{ s.id }}={{ s.de }};{% endfor %}";
    let server = server(CHAT, json_answer(mistral(YES, "stop"))).await;
    let own = profile(EngineKind::OpenAi, &server);
    let users = set(own.clone(), |model| model.prompt = Some(text.into()));
    let engine = build(&users).unwrap();
    assert_eq!(texts(&engine.translate(&batch(&["Ja."])).await.unwrap()), ["Yes."]);
    let body = &bodies(&server).await[0];
    assert_eq!(body["messages"][0]["content"], "In American English!\n");
    assert_eq!(body["messages"][1]["content"], "1=Ja.;");
    assert_eq!(body["response_format"]["json_schema"]["schema"]["required"], json!(["1"]));
    let fingerprint = |profile: &Profile| build(profile).unwrap().info().fingerprint.clone();
    let other = set(own.clone(), |model| model.prompt = Some(format!("{text} ").into()));
    assert!(fingerprint(&users) != fingerprint(&own) && fingerprint(&users) != fingerprint(&other));
    let warm = set(own.clone(), |model| (model.temperature, model.effort) = (Some(0.5), Some(Effort::High)));
    assert!(fingerprint(&warm).contains(" effort=high temperature=0.5"), "{}", fingerprint(&warm));
    let roomy = set(own.clone(), |model| model.max_tokens = NonZeroU32::new(9_999));
    assert_eq!(fingerprint(&roomy), fingerprint(&own), "room changes no answer that is whole");
    assert!(
        readiness(&set(own, |model| model.prompt = Some("Hallo".into())))
            .unwrap_err()
            .to_string()
            .contains("prompt")
    );
}

/// What profiles of before sent, they send: no field more, no word else.
#[tokio::test]
async fn a_profile_of_before_sends_what_it_always_sent() {
    let server = server(CHAT, json_answer(mistral(r#"[{"id":1,"en":"Yes."}]"#, "stop"))).await;
    let engine = build(&profile(EngineKind::OpenAi, &server)).unwrap();
    engine.translate(&batch(&["Ja."])).await.unwrap();
    let body = &bodies(&server).await[0];
    let keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["messages", "model", "response_format", "stream", "temperature"]);
    assert_eq!(body["messages"][1]["content"], r#"{"segments":[{"id":1,"de":"Ja."}]}"#);
}
