use std::time::Duration;

use serde_json::json;
use wiremock::matchers::query_param;

use super::*;
use crate::engine::{Billing, ErrorClass, MicrosoftOptions, readiness};
use crate::model::{Example, InlineKind, InlineSpan, SpanPairs, Usage};

const PATH: &str = "/translate";

fn reply(texts: &[&str]) -> ResponseTemplate {
    let items = texts.iter().map(|text| json!({ "translations": [{ "text": text, "to": "en" }] }));
    ResponseTemplate::new(200).set_body_json(items.collect::<Value>())
}

fn current_reply(texts: &[&str]) -> ResponseTemplate {
    let item =
        |text: &&str| json!({ "translations": [{ "text": text, "language": "en", "sourceTokens": 4 }] });
    let items: Vec<_> = texts.iter().map(item).collect();
    ResponseTemplate::new(200).set_body_json(json!({ "value": items }))
}

fn own(profile: Profile, change: impl FnOnce(&mut MicrosoftOptions)) -> Profile {
    let EngineOptions::Microsoft(service, mut own) = profile.options else {
        panic!("a profile of Microsoft's")
    };
    change(&mut own);
    Profile { options: EngineOptions::Microsoft(service, own), ..profile }
}

fn classic(server: &MockServer) -> Profile {
    profile(EngineKind::Microsoft, server)
}

/// A profile for a language model.
fn llm(server: &MockServer) -> Profile {
    own(classic(server), |own| {
        own.api_version = Some("2026-06-06".to_owned());
        own.deployment = Some("haus-gpt".to_owned());
    })
}

fn query(request: &wiremock::Request) -> Vec<(String, String)> {
    request.url.query_pairs().into_owned().collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn a_request_of_version_3_is_what_the_documentation_says() {
    let answer = reply(&["The train stops.", "Yes."]).insert_header("X-metered-usage", "19");
    let server = server(PATH, answer).await;
    let engine = build(&own(classic(&server), |own| own.region = Some("westeurope".to_owned()))).unwrap();
    let got = engine.translate(&batch(&["Der Zug hält.", "Ja."])).await.unwrap();
    assert_eq!(texts(&got), ["The train stops.", "Yes."]);
    assert_eq!(bodies(&server).await, [json!([{ "Text": "Der Zug hält." }, { "Text": "Ja." }])]);
    let request = &server.received_requests().await.unwrap()[0];
    let options = [
        pair("api-version", "3.0"),
        pair("from", "de"),
        pair("to", "en"),
        pair("textType", "plain"),
        pair("includeAlignment", "true"),
    ];
    assert_eq!(query(request), options);
    assert_eq!(request.headers["ocp-apim-subscription-key"], KEY);
    assert_eq!(request.headers["ocp-apim-subscription-region"], "westeurope");
    assert_eq!(request.headers["content-type"], "application/json; charset=UTF-8");
    assert_eq!(engine.spent().usage, Usage::of_characters(19), "what the service says it charged");
}

#[tokio::test]
async fn the_words_that_stand_for_each_other_are_told_in_bytes() {
    let source = "🚀 Die Fähre hält.";
    let told = json!({
        "text": "🚀 The ferry stops.", "to": "en",
        "alignment": { "proj": "0:1-0:1 3:5-3:5 7:11-7:11 13:16-13:17 17:17-18:18" },
    });
    let body = json!([{ "translations": [told] }, { "translations": [{ "text": "Yes.", "to": "en", "alignment": { "proj": "" } }] }]);
    let server = server(PATH, ResponseTemplate::new(200).set_body_json(body)).await;
    let got = build(&classic(&server)).unwrap().translate(&batch(&[source, "Ja."])).await.unwrap();
    let Some(SpanPairs(pairs)) = got[0].alignment.as_ref().and_then(|alignment| alignment.words()) else {
        panic!("{got:?}")
    };
    let words: Vec<_> =
        pairs.iter().map(|(from, to)| (&source[from.clone()], &got[0].text[to.clone()])).collect();
    assert_eq!(words, [("🚀", "🚀"), ("Die", "The"), ("Fähre", "ferry"), ("hält", "stops"), (".", ".")]);
    assert_eq!(got[1].alignment, None);
}

#[tokio::test]
async fn styled_texts_go_as_html_without_alignment() {
    let server = server(PATH, reply(&["The <x1>chancellor</x1> &amp; he.", "A &lt; B"])).await;
    let engine = build(&classic(&server)).unwrap();
    let mut batch = batch(&["Der Kanzler & er.", "A < B"]);
    batch.requests[0].inlines = vec![InlineSpan { kind: InlineKind::Range, span: 4..11 }];
    let got = engine.translate(&batch).await.unwrap();
    assert_eq!(texts(&got), ["The chancellor & he.", "A < B"]);
    let options = query(&server.received_requests().await.unwrap()[0]);
    assert!(options.contains(&pair("textType", "html")), "{options:?}");
    assert!(options.iter().all(|(name, _)| name != "includeAlignment"), "{options:?}");
    assert_eq!(bodies(&server).await[0][0]["Text"], "Der <x1>Kanzler</x1> &amp; er.");
}

#[tokio::test]
async fn nouns_of_the_inline_rung_go_as_a_dictionary() {
    let told = json!({ "text": "The steam ferry stops.", "to": "en", "alignment": { "proj": "0:2-0:2" } });
    let server =
        server(PATH, ResponseTemplate::new(200).set_body_json(json!([{ "translations": [told] }]))).await;
    let engine = build(&classic(&server)).unwrap();
    assert!(engine.info().abilities.dictionary && !build(&llm(&server)).unwrap().info().abilities.dictionary);
    let mut batch = batch(&["Die Fähre hält."]);
    batch.requests[0].terms =
        vec![TermHint { source: "Fähre".to_owned(), target: "steam ferry".to_owned() }];
    let got = engine.translate(&batch).await.unwrap();
    assert_eq!((texts(&got), &got[0].alignment), (vec!["The steam ferry stops."], &None));
    let sent = "Die <mstrans:dictionary translation=\"steam ferry\">Fähre</mstrans:dictionary> hält.";
    assert_eq!(bodies(&server).await[0][0]["Text"], sent);
    assert_eq!(engine.spent().usage, Usage::of_characters(sent.chars().count() as u64));
}

#[tokio::test]
async fn a_custom_system_is_asked_for_without_falling_back() {
    let server = MockServer::start().await;
    let asked = Mock::given(path(PATH))
        .and(query_param("category", "haus"))
        .and(query_param("allowFallback", "false"));
    asked.respond_with(reply(&["Yes."])).mount(&server).await;
    let custom = own(classic(&server), |own| own.deployment = Some("haus".to_owned()));
    let engine = build(&custom).unwrap();
    assert_eq!(texts(&engine.translate(&batch(&["Ja."])).await.unwrap()), ["Yes."]);
    assert_ne!(engine.info().fingerprint, build(&classic(&server)).unwrap().info().fingerprint);
}

#[tokio::test]
async fn a_language_model_is_shown_at_most_five_earlier_pairs() {
    let answer = current_reply(&["Yes.", "No."])
        .insert_header("sourceTokensCharged", "26")
        .insert_header("targetTokensCharged", "16")
        .insert_header("sourceCharactersCharged", "8");
    let server = server(PATH, answer).await;
    let engine = build(&llm(&server)).unwrap();
    let info = engine.info();
    assert_eq!((info.limits.segments, info.limits.characters), (50, 5_000));
    assert!(info.abilities.examples && info.billing == Billing::Tokens);
    let example = |n: usize| Example { source: format!("Satz {n}."), target: format!("Sentence {n}.") };
    let batch =
        Batch { examples: vec![(1..=7).map(example).collect(), Vec::new()], ..batch(&["Ja.", "Nein."]) };
    assert_eq!(texts(&engine.translate(&batch).await.unwrap()), ["Yes.", "No."]);
    let pairs: Vec<_> = (1..=5)
        .map(|n| json!({ "source": format!("Satz {n}."), "target": format!("Sentence {n}.") }))
        .collect();
    let sent = json!({ "inputs": [
        { "text": "Ja.", "language": "de", "textType": "Plain",
          "targets": [{ "language": "en", "deploymentName": "haus-gpt", "referenceTextPairs": pairs }] },
        { "text": "Nein.", "language": "de", "textType": "Plain",
          "targets": [{ "language": "en", "deploymentName": "haus-gpt" }] },
    ] });
    assert_eq!(bodies(&server).await, [sent]);
    assert_eq!(query(&server.received_requests().await.unwrap()[0]), [pair("api-version", "2026-06-06")]);
    let used = Usage { input_tokens: 26, output_tokens: 16, ..Usage::of_characters(8) };
    assert_eq!(engine.spent().usage, used);
}

#[tokio::test]
async fn requests_stay_within_the_limit_of_bytes() {
    let server = server(PATH, reply(&[])).await;
    for profile in [
        classic(&server),
        own(classic(&server), |own| own.api_version = Some("2026-06-06".to_owned())),
        llm(&server),
    ] {
        let engine = build(&profile).unwrap();
        let requests = batch(&["\"Grüße\", \\ sagte sie."; 12]).requests;
        let texts: usize = requests.iter().map(|request| engine.encoded_len(request)).sum();
        let example = Example { source: "\"ä\" ".repeat(300), target: "a ".repeat(300) };
        let batch = Batch { examples: vec![vec![example; 5]; 12], requests, ..Batch::default() };
        let _ = engine.translate(&batch).await;
        let body = server.received_requests().await.unwrap().last().unwrap().body.len();
        assert!(body <= texts + (100_000 - engine.info().limits.bytes), "{body} {texts}");
    }
}

#[tokio::test]
async fn codes_of_six_digits_have_their_classes() {
    let minute = ErrorClass::Retry(Some(Duration::from_mins(1)));
    for (status, code, class, says) in [
        (403, 403_001, ErrorClass::Fatal, "quota"),
        (403, 403_000, ErrorClass::Fatal, "does not accept the key"),
        (401, 401_000, ErrorClass::Fatal, "needs region"),
        (401, 401_015, ErrorClass::Fatal, "does not accept the key"),
        (400, 400_050, ErrorClass::Reject, "too large"),
        (400, 400_072, ErrorClass::Reject, "too large"),
        (400, 400_077, ErrorClass::Reject, "too large"),
        (400, 400_079, ErrorClass::Fatal, "deployment may be wrong"),
        (400, 400_005, ErrorClass::Reject, "refuses the request"),
        (408, 408_001, minute, "408001"),
        (408, 408_002, ErrorClass::Retry(None), "HTTP 408"),
        (429, 429_001, ErrorClass::Retry(None), "slow down"),
        (503, 503_000, ErrorClass::Retry(None), "HTTP 503"),
    ] {
        for code in [json!(code), json!(code.to_string())] {
            let body = json!({ "error": { "code": code, "message": "Nein." } });
            let server = server(PATH, ResponseTemplate::new(status).set_body_json(&body)).await;
            let engine = build::bare(&classic(&server), &std::sync::Arc::default()).unwrap();
            let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
            assert_eq!(error.class(), class, "{body}");
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}

#[test]
fn what_is_missing_or_unknown_is_told_and_hosts_have_their_paths() {
    let said = |profile: &Profile| readiness(profile).unwrap_err().to_string();
    assert!(said(&Profile::new("haus", EngineKind::Microsoft)).contains("AZURE_TRANSLATOR_KEY"));
    let version = |version: &str| {
        own(with_key(EngineKind::Microsoft), |own| own.api_version = Some(version.to_owned()))
    };
    assert!(said(&version("4.0")).contains("2026-06-06"));
    let path_at = |base: &str, profile: Profile| {
        let profile = with(profile, |service| {
            service.base_url = Some(base.to_owned());
        });
        build(&profile)
            .unwrap()
            .info()
            .fingerprint
            .rsplit_once("server=")
            .map(|(_, server)| server.to_owned())
    };
    assert_eq!(
        path_at("https://mt.example", version("3.0")).as_deref(),
        Some("\"https://mt.example/translate\"")
    );
    assert_eq!(
        path_at("https://haus.cognitiveservices.azure.com", version("3.0")),
        None,
        "it is the vendor's"
    );
}
