use serde_json::json;

use super::*;
use crate::engine::ErrorClass;

async fn answer_to(texts: &[&str], answer: ResponseTemplate) -> Result<Vec<Translation>, EngineError> {
    let server = server("/translate", answer).await;
    let engine = build(&profile(EngineKind::LibreTranslate, &server)).unwrap();
    engine.translate(&batch(texts)).await
}

fn error(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error": message }))
}

#[tokio::test]
async fn sends_an_array_and_reads_one() {
    let reply = json!({ "translatedText": ["The train stops.", "It departs."] });
    let server = server("/translate", ResponseTemplate::new(200).set_body_json(reply)).await;
    let engine = build(&profile(EngineKind::LibreTranslate, &server)).unwrap();
    let got = engine.translate(&batch(&["Der Zug hält.", "Er fährt ab."])).await.unwrap();
    assert_eq!(texts(&got), ["The train stops.", "It departs."]);
    let sent = json!({
        "q": ["Der Zug hält.", "Er fährt ab."],
        "source": "de", "target": "en", "format": "text", "api_key": KEY,
    });
    assert_eq!(bodies(&server).await, [sent]);
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].headers["user-agent"], concat!("wortlaut/", env!("CARGO_PKG_VERSION")));
    assert!(!requests[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn without_a_key_none_is_sent() {
    let reply = json!({ "translatedText": ["Yes."] });
    let server = server("/translate", ResponseTemplate::new(200).set_body_json(reply)).await;
    let engine =
        build(&with(profile(EngineKind::LibreTranslate, &server), |service| service.key = None)).unwrap();
    engine.translate(&batch(&["Ja."])).await.unwrap();
    assert!(bodies(&server).await[0].get("api_key").is_none());
}

#[tokio::test]
async fn a_wrong_number_of_translations_is_refused() {
    let reply = json!({ "translatedText": ["Yes."] });
    let got = answer_to(&["Ja.", "Nein."], ResponseTemplate::new(200).set_body_json(reply)).await;
    assert!(matches!(got, Err(EngineError::NoAnswer { fault: AnswerFault::WrongCount { sent: 2, got: 1 } })));
}

#[tokio::test]
async fn errors_have_their_classes() {
    let class = async |answer| answer_to(&["Ja."], answer).await.unwrap_err();
    let limit = "Invalid request: request (3) exceeds text limit (2)";
    assert_eq!(class(error(400, limit)).await.class(), ErrorClass::Reject);
    assert!(matches!(class(error(403, "Invalid API key")).await, EngineError::Key(_)));
    assert!(matches!(class(error(400, "Visit x to get an API key")).await, EngineError::Key(_)));
    assert!(matches!(class(error(200, "Invalid API key")).await, EngineError::Key(_)));
    assert!(matches!(class(error(200, "zu lang")).await, EngineError::Refused { status: 200, .. }));
    assert!(matches!(class(error(400, "de is not supported")).await, EngineError::Unusable(_)));
}

#[tokio::test]
async fn what_is_no_answer_cannot_be_read() {
    let text = ResponseTemplate::new(200).set_body_string(r#"{"translatedText": "Ja"}"#);
    assert!(matches!(
        answer_to(&["Ja."], text).await,
        Err(EngineError::NoAnswer { fault: AnswerFault::Unreadable(_) })
    ));
    let cut = ResponseTemplate::new(200).set_body_string(r#"{"translatedText": ["Y"#);
    assert!(matches!(
        answer_to(&["Ja."], cut).await,
        Err(EngineError::NoAnswer { fault: AnswerFault::Unreadable(_) })
    ));
}

#[tokio::test]
async fn what_can_be_read_of_an_answer_is_read() {
    let body = r#"{"error":null,"translatedText":["Yes \udc00.",null,["No."],7,"Perhaps."]}]"#;
    let got = answer_to(&["Ja."; 5], ResponseTemplate::new(200).set_body_string(body)).await.unwrap();
    assert_eq!(texts(&got), ["Yes \u{fffd}.", "", "", "", "Perhaps."]);
}
