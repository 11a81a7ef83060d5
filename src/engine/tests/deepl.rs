use serde_json::json;

use super::*;
use crate::engine::{Billing, EngineOptions, ErrorClass, TargetLang};
use crate::model::{InlineKind, InlineSpan};

const PATH: &str = "/v2/translate";
/// The id of a translation memory.
const MEMORY: &str = "a74d88fb-ed2a-4943-a664-a4512398b994";

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
    options.translation_memory = Some(MEMORY.to_owned());
    options.translation_memory_threshold = NonZeroU32::new(90);
    let engine = build(&own).unwrap();
    engine.translate(&batch(&["Ja."])).await.unwrap();
    let body = &bodies(&server).await[0];
    assert_eq!(body["style_id"], "stil-1");
    assert_eq!(body["custom_instructions"], json!(["Write numbers as digits"]));
    assert_eq!(body["translation_memory_id"], MEMORY);
    assert_eq!(body["translation_memory_threshold"], 90);
    assert_ne!(engine.info().fingerprint, build(&plain).unwrap().info().fingerprint);
    let EngineOptions::DeepL(_, options) = &mut own.options else { panic!("a profile for DeepL") };
    options.instructions = vec!["x".repeat(301)];
    assert!(
        matches!(build(&own).err(), Some(EngineError::Profile(error)) if error.field == Some("instructions"))
    );
}

/// What the table says of a request with a body.
fn faults(at: &str, body: &Value) -> Vec<String> {
    let (method, path) = at.split_once(' ').unwrap();
    let headers =
        [("authorization", "DeepL-Auth-Key x"), ("user-agent", "x"), ("content-type", "application/json")];
    let header =
        |(name, value): (&'static str, &'static str)| (name.parse().unwrap(), value.parse().unwrap());
    deepl_requests::faults(&wiremock::Request {
        url: format!("http://deepl{path}").parse().unwrap(),
        method: method.parse().unwrap(),
        headers: headers.into_iter().map(header).collect(),
        body: if body.is_null() { Vec::new() } else { serde_json::to_vec(body).unwrap() },
    })
}

#[test]
fn a_request_that_the_description_does_not_allow_is_refused() {
    let whole = json!({
        "text": ["Ja."], "source_lang": "DE", "target_lang": "EN-GB", "context": "Nein.", "model_type": "quality_optimized",
        "show_billed_characters": true, "split_sentences": "0", "preserve_formatting": true, "glossary_id": "g1",
        "style_id": "s1", "custom_instructions": ["Write numbers as digits"], "translation_memory_id": MEMORY,
        "translation_memory_threshold": 90, "tag_handling": "xml", "tag_handling_version": "v2",
        "outline_detection": false, "ignore_tags": ["k1"],
    });
    let translate = format!("POST {PATH}");
    assert!(faults(&translate, &whole).is_empty());
    let with = |name: &str, value: Value| {
        let mut body = whole.clone();
        body[name] = value;
        faults(&translate, &body).join("; ")
    };
    for (name, value, says) in [
        ("text", json!([]), "text is not texts 1-50"),
        ("text", json!(vec!["Ja."; 51]), "text is not texts 1-50"),
        ("text", json!("Ja."), "text is not texts 1-50"),
        ("text", json!(["ß".repeat(70_000)]), "a body of 1404"),
        ("target_lang", json!("EN"), "target_lang is not one of EN-US|EN-GB"),
        ("source_lang", json!("de-DE"), "source_lang is not one of DE"),
        ("context", json!(["Nein."]), "context is not text"),
        ("model_type", json!("best"), "model_type is not one of"),
        ("split_sentences", json!(0), "split_sentences is not one of 0|1|nonewlines"),
        ("preserve_formatting", json!("1"), "preserve_formatting is not bool"),
        ("glossary_ids", json!(["g1"]), "glossary_id with glossary_ids; glossary_ids with glossary_id"),
        ("custom_instructions", json!(vec!["x"; 11]), "custom_instructions is not texts 1-10 of 300"),
        ("custom_instructions", json!(["x".repeat(301)]), "custom_instructions is not texts 1-10 of 300"),
        ("translation_memory_id", json!("tm-1"), "translation_memory_id is not uuid"),
        ("translation_memory_threshold", json!(101), "translation_memory_threshold is not number 0-100"),
        ("ignore_tags", json!("k1,k2"), "ignore_tags is not texts"),
        ("formality", json!("more"), "no field formality"),
        ("texts", json!([]), "no field texts"),
    ] {
        let said = with(name, value);
        assert!(said.starts_with(says), "{name}: {said:?}");
    }
    for (gone, says) in [
        ("text", "text is missing"),
        ("target_lang", "target_lang is missing"),
        ("source_lang", "glossary_id without source_lang; translation_memory_id without source_lang"),
        ("translation_memory_id", "translation_memory_threshold without translation_memory_id"),
        (
            "tag_handling",
            "tag_handling_version without tag_handling; outline_detection without tag_handling; \
             ignore_tags without tag_handling",
        ),
    ] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(gone);
        assert_eq!(faults(&translate, &body).join("; "), says);
    }
}

#[test]
fn so_is_a_glossary_that_it_does_not_allow() {
    let dictionary = json!({ "source_lang": "de", "target_lang": "en", "entries": "Kai\tquay\n", "entries_format": "tsv" });
    let create = |dictionary: &Value| {
        faults("POST /v3/glossaries", &json!({ "name": "haus", "dictionaries": [dictionary] })).join("; ")
    };
    let of = |name: &str, value: Value| {
        let mut dictionary = dictionary.clone();
        dictionary[name] = value;
        create(&dictionary)
    };
    assert_eq!(create(&dictionary), "");
    assert_eq!(of("target_lang", json!("EN-US")), "target_lang is not one of en");
    for entries in ["", "Kai", "Kai\tquay\tpier", "Kai\t", "Kai\tquay\nKai\twharf", "Kai\t quay"] {
        assert_eq!(of("entries", json!(entries)), "entries is not tsv", "{entries:?}");
    }
    assert_eq!(of("entry_count", json!(1)), "no field entry_count");
    assert_eq!(faults("PUT /v3/glossaries/g1/dictionaries", &dictionary), [""; 0]);
    let two = json!({ "dictionaries": [dictionary, dictionary] });
    assert_eq!(faults("PATCH /v3/glossaries/g1", &two), ["dictionaries is not objects 0-1"]);
    for at in ["GET /v2/usage", "GET /v3/glossaries", "GET /v3/glossaries/g1", "DELETE /v3/glossaries/g1"] {
        assert_eq!(faults(at, &Value::Null), [""; 0]);
        assert_eq!(faults(at, &dictionary), ["a body"]);
    }
    for at in
        ["POST /v2/usage", "POST /v1/translate", "DELETE /v3/glossaries/", "DELETE /v3/glossaries/g1/entries"]
    {
        assert!(faults(at, &Value::Null)[0].ends_with("is no request"), "{at}");
    }
}
