use std::sync::Arc;

use serde_json::json;
use wiremock::Request as Received;

use super::*;
use crate::engine::{Engine, ErrorClass};
use crate::model::{InlineKind, InlineSpan};

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
    let pair = "English (en) is not available as a target language from German (de)";
    assert!(matches!(class(error(400, pair)).await, EngineError::Unusable(_)));
    let banned = class(error(403, "Too many request limits violations")).await.to_string();
    assert!(banned.starts_with("the server takes nothing more from here"), "{banned}");
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

/// A server that is asked for translations and for its settings, and an engine for it without a key.
async fn served(
    settings: ResponseTemplate,
    translate: impl Fn(&Value) -> ResponseTemplate + Send + Sync + 'static,
) -> (MockServer, Arc<dyn Engine>) {
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(path("/frontend/settings")).respond_with(settings).mount(&server).await;
    let respond = move |request: &Received| translate(&request.body_json().unwrap());
    Mock::given(method("POST")).and(path("/translate")).respond_with(respond).mount(&server).await;
    let engine = build(&with(profile(EngineKind::LibreTranslate, &server), |service| service.key = None));
    (server, engine.unwrap())
}

/// What a server says of itself, as far as an engine reads it.
fn settings(limit: i64, wants_key: bool) -> ResponseTemplate {
    let body =
        json!({ "charLimit": limit, "frontendTimeout": 500, "apiKeys": wants_key, "keyRequired": wants_key });
    ResponseTemplate::new(200).set_body_json(body)
}

/// One that does not.
fn discreet() -> ResponseTemplate {
    ResponseTemplate::new(404).set_body_string("<!doctype html><h1>Not Found</h1>")
}

fn translated(request: &Value) -> ResponseTemplate {
    let items = request["q"].as_array().unwrap();
    let mut answer = json!({ "translatedText": vec!["Yes."; items.len()] });
    if request["alternatives"].as_u64().is_some_and(|most| most > 0) {
        answer["alternatives"] = json!(vec![["Yeah.", "Yep."]; items.len()]);
    }
    ResponseTemplate::new(200).set_body_json(answer)
}

#[tokio::test]
async fn alternatives_are_asked_for_where_they_are_of_use() {
    let (server, engine) = served(discreet(), translated).await;
    let wanted = Batch { alternatives: true, ..batch(&["Ja.", "Jawohl."]) };
    let got = engine.translate(&wanted).await.unwrap();
    assert_eq!(texts(&got), ["Yes.", "Yes."]);
    assert!(got.iter().all(|translation| translation.alternatives == ["Yeah.", "Yep."]));
    let mut marked = wanted.clone();
    marked.requests[0].inlines = vec![InlineSpan { kind: InlineKind::Range, span: 0..2 }];
    for other in [batch(&["Ja."]), marked] {
        assert!(engine.translate(&other).await.unwrap()[0].alternatives.is_empty());
    }
    let sent: Vec<Value> = bodies(&server).await.iter().map(|body| body["alternatives"].clone()).collect();
    assert_eq!(sent, [json!(3), Value::Null, Value::Null]);
}

#[tokio::test]
async fn a_server_with_few_alternatives_is_asked_for_no_more_than_these() {
    for (limit, then) in [(2, json!(2)), (0, Value::Null)] {
        let (server, engine) = served(discreet(), move |request| {
            if request["alternatives"].as_u64().is_some_and(|wanted| wanted > limit) {
                return error(400, &format!("Invalid request: alternatives parameter must be <= {limit}"));
            }
            translated(request)
        })
        .await;
        for _ in 0..2 {
            engine.translate(&Batch { alternatives: true, ..batch(&["Ja."]) }).await.unwrap();
        }
        let sent: Vec<Value> =
            bodies(&server).await.iter().map(|body| body["alternatives"].clone()).collect();
        assert_eq!(sent, [json!(3), then.clone(), then]);
    }
}

#[tokio::test]
async fn which_limit_is_exceeded_the_size_tells() {
    // The same words for either, and in the language of the server.
    let said = |size: usize, limit: usize| {
        error(400, &format!("Ungültige Anfrage: Anfrage ({size}) überschreitet Textlimit ({limit})"))
    };
    let of = async |texts: &[&str], answer: ResponseTemplate| {
        let (_server, engine) = served(discreet(), move |_| answer.clone()).await;
        let error = engine.translate(&batch(texts)).await.unwrap_err();
        let refused = batch(texts).requests.iter().filter(|text| engine.refusal(text).is_some()).count();
        (error, engine.limits(), refused)
    };
    let texts = ["Ja.", "Jawohl.", "Ja.", "Ja."];
    let (error, limits, refused) = of(&texts, said(4, 2)).await;
    assert!(matches!(error, EngineError::TooLarge), "{error:?}");
    assert_eq!((limits.segments, limits.characters, refused), (2, 20_000, 0));
    let (error, limits, refused) = of(&texts, said(7, 5)).await;
    assert!(matches!(error, EngineError::TooLong { characters: 7, limit: 5 }), "{error:?}");
    assert_eq!((limits.segments, limits.characters, refused), (50, 20_000, 1));
    let (error, limits, refused) = of(&texts, said(16, 9)).await;
    assert!(matches!(error, EngineError::TooLarge), "{error:?}");
    assert_eq!((limits.segments, limits.characters, refused), (50, 9, 0));
    for unknown in [said(5, 3), said(4, 4)] {
        let (error, limits, refused) = of(&texts, unknown).await;
        assert!(matches!(error, EngineError::Refused { .. }), "{error:?}");
        assert_eq!((limits, refused), (of(&texts, discreet()).await.1, 0));
    }
    // One text that has as many characters as there are texts.
    let (error, ..) = of(&["J"], said(1, 0)).await;
    assert!(matches!(error, EngineError::TooLong { characters: 1, limit: 0 }), "{error:?}");
}

#[tokio::test]
async fn markup_counts_where_a_text_has_some() {
    let (server, engine) = served(settings(14, false), translated).await;
    let mut batch = batch(&["Ja, jawohl."]);
    engine.translate(&batch).await.unwrap();
    batch.requests[0].inlines = vec![InlineSpan { kind: InlineKind::Range, span: 0..2 }];
    let error = engine.translate(&batch).await.unwrap_err();
    assert!(matches!(error, EngineError::TooLong { characters: 20, limit: 14 }), "{error:?}");
    assert_eq!(bodies(&server).await.len(), 1, "it is not sent to be refused");
}

#[tokio::test]
async fn what_the_server_says_of_itself_is_read_once_and_before_any_text() {
    let (server, engine) = served(settings(4, false), translated).await;
    let (first, second) = (batch(&["Ja."]), batch(&["Ja.", "Nein."]));
    let (first, second) = futures::join!(engine.translate(&first), engine.translate(&second));
    assert!(first.is_ok());
    let error = second.unwrap_err();
    assert!(matches!(error, EngineError::TooLong { characters: 5, limit: 4 }), "{error:?}");
    let requests = server.received_requests().await.unwrap();
    let paths: Vec<&str> = requests.iter().map(|request| request.url.path()).collect();
    assert_eq!(paths, ["/frontend/settings", "/translate"]);
    assert_eq!(engine.requests(), 1, "it is no request with texts");
}

#[tokio::test]
async fn a_server_that_wants_a_key_is_sent_nothing_without_one() {
    let (server, engine) = served(settings(-1, true), translated).await;
    for _ in 0..2 {
        let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
        let EngineError::Profile(error) = error else { panic!("{error:?}") };
        assert!(error.hint.contains("key_env"), "{error}");
    }
    assert!(bodies(&server).await.is_empty());
}

#[tokio::test]
async fn who_has_a_key_may_have_another_limit() {
    let (server, _) = served(settings(2, true), translated).await;
    let engine = build(&profile(EngineKind::LibreTranslate, &server)).unwrap();
    engine.translate(&batch(&["Jawohl."])).await.unwrap();
}

#[tokio::test]
async fn a_server_that_says_nothing_of_itself_translates_all_the_same() {
    let other = json!({ "charLimit": "unlimited", "keyRequired": "no" });
    for settings in [
        discreet(),
        ResponseTemplate::new(200).set_body_string("<html>"),
        ResponseTemplate::new(500),
        ResponseTemplate::new(200).set_body_json(other),
        settings(-1, false),
    ] {
        let (server, engine) = served(settings, translated).await;
        assert_eq!(texts(&engine.translate(&batch(&["Ja."])).await.unwrap()), ["Yes."]);
        assert_eq!(server.received_requests().await.unwrap().len(), 2, "it is not asked twice");
    }
}
