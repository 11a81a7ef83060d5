use serde_json::json;

use super::*;
use crate::engine::{Billing, EngineOptions, ErrorClass, TargetLang};
use crate::model::{InlineKind, InlineSpan};

const PATH: &str = "/v2/translate";

fn reply(texts: &[&str]) -> ResponseTemplate {
    let item =
        |text: &&str| json!({ "detected_source_language": "DE", "text": text, "billed_characters": 7 });
    let items: Vec<_> = texts.iter().map(item).collect();
    ResponseTemplate::new(200).set_body_json(json!({ "translations": items }))
}

#[tokio::test]
async fn a_request_is_what_the_api_description_says() {
    let server = server(PATH, reply(&["The train stops."])).await;
    let engine = build(&profile(EngineKind::DeepL, &server)).unwrap();
    let batch = Batch { context: Some("Es ist spät.".to_owned()), ..batch(&["Der Zug hält."]) };
    let got = engine.translate(&batch).await.unwrap();
    assert_eq!((texts(&got), got[0].billed), (vec!["The train stops."], Some(7)));
    let sent = json!({
        "text": ["Der Zug hält."], "source_lang": "DE", "target_lang": "EN-US", "context": "Es ist spät.",
        "split_sentences": "0", "preserve_formatting": true, "show_billed_characters": true,
    });
    assert_eq!(bodies(&server).await, [sent]);
    let headers = &posts(&server).await[0].headers;
    assert_eq!(headers["authorization"], format!("DeepL-Auth-Key {KEY}"));
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["user-agent"], concat!("wortlaut/", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn options_change_the_request_and_the_fingerprint() {
    let server = server(PATH, reply(&["Colour."])).await;
    let plain = profile(EngineKind::DeepL, &server);
    let british = with(Profile { context: false, ..plain.clone() }, |service| {
        service.target_lang = TargetLang::EnGb;
        service.model = Some("latency_optimized".to_owned());
    });
    let engine = build(&british).unwrap();
    engine.translate(&Batch { context: Some("Ja.".to_owned()), ..batch(&["Farbe."]) }).await.unwrap();
    let body = &bodies(&server).await[0];
    assert_eq!((&body["target_lang"], &body["model_type"]), (&json!("EN-GB"), &json!("latency_optimized")));
    assert!(body.get("context").is_none());
    assert_ne!(engine.info().fingerprint, build(&plain).unwrap().info().fingerprint);
}

#[tokio::test]
async fn limits_leave_room_for_everything_else() {
    let server = server(PATH, reply(&[])).await;
    let engine = build(&profile(EngineKind::DeepL, &server)).unwrap();
    let info = engine.info();
    assert_eq!((info.limits.segments, info.billing), (50, Billing::Characters));
    let requests = batch(&["\"Grüße\", \\ sagte sie.".repeat(25).as_str(); 50]).requests;
    let texts: usize = requests.iter().map(|request| engine.encoded_len(request)).sum();
    let batch = Batch { requests, context: Some("\"ä\" \u{1}".repeat(20_000)), ..Batch::default() };
    let _ = engine.translate(&batch).await;
    let body = posts(&server).await[0].body.len();
    assert!(body <= texts + (100_000 - info.limits.bytes), "{body} {texts}");
}

#[tokio::test]
async fn errors_have_their_classes() {
    for (status, class) in [
        (400, ErrorClass::Reject),
        (403, ErrorClass::Fatal),
        (404, ErrorClass::Fatal),
        (413, ErrorClass::Reject),
        (456, ErrorClass::Fatal),
    ] {
        let server = server(PATH, ResponseTemplate::new(status)).await;
        let engine = build(&profile(EngineKind::DeepL, &server)).unwrap();
        assert_eq!(engine.translate(&batch(&["Ja."])).await.unwrap_err().class(), class, "{status}");
    }
}

#[tokio::test]
async fn a_wrong_number_of_translations_is_refused() {
    let server = server(PATH, reply(&["Yes.", "No."])).await;
    let engine = build(&profile(EngineKind::DeepL, &server)).unwrap();
    let got = engine.translate(&batch(&["Ja."])).await;
    assert!(matches!(got, Err(EngineError::NoAnswer { fault: AnswerFault::WrongCount { sent: 1, got: 2 } })));
}

#[tokio::test]
async fn styled_texts_go_as_xml_and_come_back_plain() {
    let server = server(PATH, reply(&["The <x1>chancellor</x1> &amp; <k2>ER</k2>.", "A &lt; B"])).await;
    let engine = build(&profile(EngineKind::DeepL, &server)).unwrap();
    let mut batch = batch(&["Der Kanzler & er.", "A < B"]);
    batch.requests[0].inlines = vec![
        InlineSpan { kind: InlineKind::Range, span: 4..11 },
        InlineSpan { kind: InlineKind::Atom, span: 14..16 },
    ];
    let got = engine.translate(&batch).await.unwrap();
    assert_eq!(texts(&got), ["The chancellor & er.", "A < B"]);
    let alignment = got[0].alignment.as_ref().unwrap();
    assert!(alignment.words().is_none() && alignment.pairs().0.contains(&(4..11, 4..14)), "{alignment:?}");
    let body = &bodies(&server).await[0];
    assert_eq!(body["text"], json!(["Der <x1>Kanzler</x1> &amp; <k2>er</k2>.", "A &lt; B"]));
    assert_eq!((&body["tag_handling"], &body["outline_detection"]), (&json!("xml"), &json!(false)));
    assert_eq!((&body["ignore_tags"], &body["tag_handling_version"]), (&json!(["k2"]), &json!("v2")));
}

#[tokio::test]
async fn what_can_be_read_of_an_answer_is_read() {
    let body = concat!(
        "\u{feff}{\"translations\":[",
        r#"{"text":"Yes.","billed_characters":1.5},"#,
        r#"{"text":"No \ud83d.","billed_characters":"7"},"#,
        r#"{"text":null,"billed_characters":-1},"#,
        r#"{"billed_characters":1e300},"#,
        r#"{"text":["Never."],"text":7},"#,
        r#"null,"#,
        r#"{"text":"Maybe.","text":"Perhaps.","billed_characters":null}"#,
        "]}\nX-Trailer: 1"
    );
    let server = server(PATH, ResponseTemplate::new(200).set_body_string(body)).await;
    let engine = build(&profile(EngineKind::DeepL, &server)).unwrap();
    let got = engine.translate(&batch(&["Ja."; 7])).await.unwrap();
    assert_eq!(texts(&got), ["Yes.", "No \u{fffd}.", "", "", "", "", "Perhaps."]);
    let billed: Vec<_> = got.iter().map(|translation| translation.billed).collect();
    assert_eq!(billed, [Some(2), None, None, None, None, None, None]);
}

#[tokio::test]
async fn a_headline_goes_with_the_sentences_that_follow() {
    let server = server(PATH, reply(&["One.", "Two.", "Three.", "Four.", "Five."])).await;
    let engine = build(&profile(EngineKind::DeepL, &server)).unwrap();
    engine.translate(&batch(&["Fähre am Kai", "Eins.", "Zwei.", "Drei.", "Vier."])).await.unwrap();
    assert_eq!(bodies(&server).await[0]["context"], "Eins. Zwei. Drei.");
}

#[tokio::test]
async fn what_only_deepl_has_is_sent_and_tells_answers_apart() {
    let server = server(PATH, reply(&["Yes."])).await;
    let plain = profile(EngineKind::DeepL, &server);
    let mut own = plain.clone();
    let EngineOptions::DeepL(_, options) = &mut own.options else { panic!("a profile for DeepL") };
    options.style = Some("stil-1".to_owned());
    options.instructions = vec!["Write numbers as digits".to_owned()];
    options.translation_memory = Some("tm-1".to_owned());
    options.translation_memory_threshold = NonZeroU32::new(90);
    let engine = build(&own).unwrap();
    engine.translate(&batch(&["Ja."])).await.unwrap();
    let body = &bodies(&server).await[0];
    assert_eq!(body["style_id"], "stil-1");
    assert_eq!(body["custom_instructions"], json!(["Write numbers as digits"]));
    assert_eq!(body["translation_memory_id"], "tm-1");
    assert_eq!(body["translation_memory_threshold"], 90);
    assert_ne!(engine.info().fingerprint, build(&plain).unwrap().info().fingerprint);
    let EngineOptions::DeepL(_, options) = &mut own.options else { panic!("a profile for DeepL") };
    options.instructions = vec!["x".repeat(301)];
    assert!(
        matches!(build(&own).err(), Some(EngineError::Profile(error)) if error.field == Some("instructions"))
    );
}
