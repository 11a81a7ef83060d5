use serde_json::json;
use wiremock::Request as Received;

use super::*;
use crate::engine::ErrorClass;

const PATH: &str = "/v1/chat/completions";

fn says(content: &str, finish_reason: &str) -> ResponseTemplate {
    let message = json!({ "role": "assistant", "content": content });
    let choice = json!({ "index": 0, "message": message, "finish_reason": finish_reason });
    ResponseTemplate::new(200).set_body_json(json!({ "choices": [choice] }))
}

fn refuses(message: &str) -> ResponseTemplate {
    ResponseTemplate::new(400).set_body_json(json!({ "error": { "message": message } }))
}

async fn answer_to(sent: &[&str], answer: ResponseTemplate) -> Result<Vec<Translation>, EngineError> {
    let server = server(PATH, answer).await;
    build(&profile(EngineKind::OpenAi, &server)).unwrap().translate(&batch(sent)).await
}

#[tokio::test]
async fn a_request_asks_for_json_by_ids() {
    let content = r#"{"translations":[{"id":2,"en":"It departs."},{"id":1,"en":"The train stops."}]}"#;
    let server = server(PATH, says(content, "stop")).await;
    let engine = build(&profile(EngineKind::OpenAi, &server)).unwrap();
    let batch = Batch {
        context: Some("Es ist spät.".to_owned()),
        ..batch(&["Der \"Zug\" hält.", "Er fährt ab."])
    };
    let got = engine.translate(&batch).await.unwrap();
    assert_eq!(texts(&got), ["The train stops.", "It departs."]);
    let body = &bodies(&server).await[0];
    assert_eq!((&body["model"], &body["temperature"]), (&json!("modell"), &json!(0)));
    assert_eq!(body["response_format"]["type"], "json_schema");
    let task: Value = serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
    let segments = json!([{ "id": 1, "de": "Der \"Zug\" hält." }, { "id": 2, "de": "Er fährt ab." }]);
    assert_eq!(task, json!({ "segments": segments, "context": "Es ist spät." }));
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert!(system.contains("American English") && !system.contains(['#', '→']) && !system.contains("Terms"));
    let headers = &server.received_requests().await.unwrap()[0].headers;
    assert_eq!(headers["authorization"], format!("Bearer {KEY}"));
}

#[tokio::test]
async fn terms_stand_in_the_prompt_once_each() {
    let content = r#"[{"id":1,"en":"a"},{"id":2,"en":"b"}]"#;
    let server = server(PATH, says(content, "stop")).await;
    let engine = build(&profile(EngineKind::OpenAi, &server)).unwrap();
    let mut batch = batch(&["Am Ostbahnhof.", "Zum Ostbahnhof."]);
    for request in &mut batch.requests {
        let term = TermHint { source: "Ostbahnhof".to_owned(), target: "East\nStation".to_owned() };
        request.terms.push(term);
    }
    engine.translate(&batch).await.unwrap();
    let body = &bodies(&server).await[0];
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert_eq!(system.matches("\nOstbahnhof -> East Station\n").count(), 1);
}

#[tokio::test]
async fn the_body_is_no_longer_than_the_limits_say() {
    let server = server(PATH, says("", "stop")).await;
    let engine = build(&profile(EngineKind::OpenAi, &server)).unwrap();
    let mut batch = batch(&["\"Grüße\" \\ sagte sie."; 9]);
    let term = TermHint { source: "Grüße".to_owned(), target: "\"Greetings\"".to_owned() };
    batch.requests[0].terms.push(term);
    batch.context = Some("\"\\ ".repeat(5_000));
    let texts: usize = batch.requests.iter().map(|request| engine.encoded_len(request)).sum();
    let _ = engine.translate(&batch).await;
    let body = server.received_requests().await.unwrap()[0].body.len();
    assert!(body <= texts + (64_000 - engine.info().limits.bytes), "{body} {texts}");
}

#[tokio::test]
async fn a_server_without_schemas_is_asked_without_from_then_on() {
    let server = MockServer::start().await;
    let answer = |request: &Received| {
        let body: Value = request.body_json().unwrap();
        match body.pointer("/response_format/type").and_then(Value::as_str) {
            Some("json_schema") => refuses("response_format: json_schema is not supported"),
            Some(_) => refuses("'response_format' must be text"),
            None => says("```json\n[{\"id\": 1, \"en\": \"Yes.\"}]\n```", "stop"),
        }
    };
    Mock::given(path(PATH)).respond_with(answer).mount(&server).await;
    let engine = build(&profile(EngineKind::OpenAi, &server)).unwrap();
    for requests in [3, 4] {
        let got = engine.translate(&batch(&["Ja."])).await.unwrap();
        assert_eq!(texts(&got), ["Yes."]);
        assert_eq!(bodies(&server).await.len(), requests);
        assert_eq!(engine.requests(), requests as u64, "each round is a request");
    }
}

#[tokio::test]
async fn other_refusals_are_not_tried_again() {
    let server = server(PATH, refuses("this model's context is too short")).await;
    let engine = build(&profile(EngineKind::OpenAi, &server)).unwrap();
    assert_eq!(engine.translate(&batch(&["Ja."])).await.unwrap_err().class(), ErrorClass::Reject);
    assert_eq!(bodies(&server).await.len(), 1);
}

#[tokio::test]
async fn answers_that_are_not_whole_are_refused() {
    let half = r#"[{"id":1,"en":"Yes."}]"#;
    for (reason, cut) in [("length", &half[..half.len() - 1]), ("stop", half)] {
        let got = answer_to(&["Ja.", "Nein."], says(cut, reason)).await.unwrap();
        assert_eq!(texts(&got), ["Yes.", ""], "what can be read is used");
    }
    assert!(matches!(
        answer_to(&["Ja."], says("[{\"id\":1,\"en\":\"Y", "length")).await,
        Err(EngineError::NoAnswer { fault: AnswerFault::CutOff })
    ));
    let filtered = answer_to(&["Ja."], says("", "content_filter")).await;
    assert!(matches!(filtered, Err(EngineError::NoAnswer { fault: AnswerFault::Withheld(_) })));
    let declined = json!({ "choices": [{ "message": { "content": null, "refusal": "I can't." }, "finish_reason": "stop" }] });
    let declined = answer_to(&["Ja."], ResponseTemplate::new(200).set_body_json(declined)).await;
    assert!(
        matches!(declined, Err(EngineError::NoAnswer { fault: AnswerFault::Declined(why) }) if why == "I can't.")
    );
    let nothing = ResponseTemplate::new(200).set_body_json(json!({ "choices": [] }));
    assert!(matches!(
        answer_to(&["Ja."], nothing).await,
        Err(EngineError::NoAnswer { fault: AnswerFault::Unreadable(_) })
    ));
}

#[tokio::test]
async fn an_error_in_a_good_answer_counts_as_what_it_is() {
    let error = |code: u16| {
        let body = json!({ "error": { "code": code, "message": "nicht jetzt" } });
        ResponseTemplate::new(200).set_body_json(body)
    };
    assert!(matches!(answer_to(&["Ja."], error(402)).await, Err(EngineError::Quota(_))));
    let Err(EngineError::GivenUp { last, .. }) = answer_to(&["Ja."], error(502)).await else { panic!() };
    assert!(matches!(*last, EngineError::Unavailable { status: 502, .. }));
}

#[tokio::test]
async fn what_can_be_read_of_an_answer_is_read() {
    let content =
        r#"[{\"id\":1,\"en\":\"\\ud83d Yes.\"},{\"id\":2,\"en\":\"No \ude80.\"},{\"id\":3,\"en\":7}]"#;
    for content in [format!("\"{content}\""), format!("[{{\"type\":\"text\",\"text\":\"{content}\"}}]")] {
        let body = format!(
            "{{\"choices\":[{{\"message\":{{\"content\":{content}}}}}],\"choices\":7,\"choices\":[{{\"message\":{{\"content\":{content}}}}}]}} and more"
        );
        let got =
            answer_to(&["Ja.", "Nein.", "Nie."], ResponseTemplate::new(200).set_body_string(body)).await;
        assert_eq!(texts(&got.unwrap()), ["\u{fffd} Yes.", "No \u{fffd}.", ""]);
    }
}

#[tokio::test]
async fn an_error_inside_a_choice_counts_as_what_it_is() {
    let error = json!({ "code": 502, "message": "weg" });
    let choice = json!({ "error": error, "finish_reason": "error", "message": { "content": "[{\"id\":1,\"en\":\"Y\"}]" } });
    let answer = ResponseTemplate::new(200).set_body_json(json!({ "choices": [choice] }));
    let Err(EngineError::GivenUp { last, .. }) = answer_to(&["Ja."], answer).await else { panic!() };
    assert!(matches!(*last, EngineError::Unavailable { status: 502, .. }));
}

#[tokio::test]
async fn an_unknown_model_is_told() {
    let body = json!({ "error": { "message": "model 'modell' not found" } });
    let error = answer_to(&["Ja."], ResponseTemplate::new(404).set_body_json(body)).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Fatal);
    assert!(error.to_string().contains("model 'modell' not found"), "{error}");
}

#[tokio::test]
async fn a_base_with_a_path_is_taken_as_it_is() {
    let content = r#"[{"id":1,"en":"Yes."}]"#;
    let server = server("/api/v3/chat/completions", says(content, "stop")).await;
    let base_url = Some(format!("{}/api/v3/", server.uri()));
    let engine =
        build(&with(profile(EngineKind::OpenAi, &server), |service| service.base_url = base_url)).unwrap();
    assert_eq!(texts(&engine.translate(&batch(&["Ja."])).await.unwrap()), ["Yes."]);
}
