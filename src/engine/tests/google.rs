use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::json;
use wiremock::matchers::header;

use super::*;
use crate::engine::{ErrorClass, GoogleOptions, KeyRenewal, Spent, TargetLang, readiness};
use crate::model::{InlineKind, InlineSpan, Usage};

const PATH: &str = "/language/translate/v2";
const ADVANCED: &str = "/v3/projects/presse/locations/global:translateText";
/// A key that was made for these tests and opens nothing.
const PRIVATE_KEY: &str = include_str!("../../../tests/fixtures/service-account/private.pem");
const PUBLIC_KEY: &str = include_str!("../../../tests/fixtures/service-account/public.pem");

fn reply(texts: &[&str]) -> ResponseTemplate {
    let items: Vec<_> = texts.iter().map(|text| json!({ "translatedText": text })).collect();
    ResponseTemplate::new(200).set_body_json(json!({ "data": { "translations": items } }))
}

fn advanced_reply(texts: &[&str]) -> ResponseTemplate {
    let items: Vec<_> = texts.iter().map(|text| json!({ "translatedText": text, "model": "nmt" })).collect();
    ResponseTemplate::new(200).set_body_json(json!({ "translations": items }))
}

fn basic(server: &MockServer) -> Profile {
    profile(EngineKind::Google, server)
}

fn own(profile: Profile, change: impl FnOnce(&mut GoogleOptions)) -> Profile {
    let EngineOptions::Google(service, mut own) = profile.options else { panic!("a profile of Google's") };
    change(&mut own);
    Profile { options: EngineOptions::Google(service, own), ..profile }
}

/// A profile for version 3.
fn advanced(server: &MockServer) -> Profile {
    own(basic(server), |own| own.project = Some("presse".to_owned()))
}

#[tokio::test]
async fn a_request_of_version_2_is_what_the_documentation_says() {
    let server = server(PATH, reply(&["The train \"stops\".", "Yes."])).await;
    let engine = build(&basic(&server)).unwrap();
    let got = engine.translate(&batch(&["Der Zug „hält“.", "Ja."])).await.unwrap();
    assert_eq!(texts(&got), ["The train \"stops\".", "Yes."]);
    let sent = json!({ "q": ["Der Zug „hält“.", "Ja."], "source": "de", "target": "en", "format": "text" });
    assert_eq!(bodies(&server).await, [sent]);
    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(request.headers["x-goog-api-key"], KEY);
    assert_eq!(request.url.query(), None, "no key in the address");
    assert_eq!(engine.spent().usage, Usage::of_characters(18));
    assert_eq!((engine.info().limits.segments, engine.info().limits.characters), (128, 5_000));
}

#[tokio::test]
async fn a_request_of_version_3_is_what_the_api_description_says() {
    let server = server(ADVANCED, advanced_reply(&["Yes."])).await;
    let engine = build(&advanced(&server)).unwrap();
    assert_eq!(texts(&engine.translate(&batch(&["Ja."])).await.unwrap()), ["Yes."]);
    let sent = json!({
        "contents": ["Ja."], "mimeType": "text/plain", "sourceLanguageCode": "de", "targetLanguageCode": "en",
        "model": "projects/presse/locations/global/models/general/nmt",
    });
    assert_eq!(bodies(&server).await, [sent]);
    let headers = &server.received_requests().await.unwrap()[0].headers;
    assert_eq!(headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(headers["x-goog-user-project"], "presse");
}

#[tokio::test]
async fn options_change_the_request_and_the_fingerprint() {
    let body = json!({
        "translations": [{ "translatedText": "The house." }],
        "glossaryTranslations": [{ "translatedText": "The building." }],
    });
    let at = "/v3/projects/presse/locations/us-central1:translateText";
    let server = server(at, ResponseTemplate::new(200).set_body_json(body)).await;
    let profile = own(advanced(&server), |own| {
        own.location = Some("us-central1".to_owned());
        own.glossary = Some("haus".to_owned());
    });
    let profile = with(profile, |service| {
        service.model = Some("translation-llm".to_owned());
        service.target_lang = TargetLang::EnGb;
    });
    let engine = build(&profile).unwrap();
    let got = engine.translate(&batch(&["Das Haus."])).await.unwrap();
    assert_eq!(texts(&got), ["The building."], "the list with the glossary counts");
    let body = &bodies(&server).await[0];
    let place = "projects/presse/locations/us-central1";
    assert_eq!(body["model"], format!("{place}/models/general/translation-llm"));
    assert_eq!(body["glossaryConfig"], json!({ "glossary": format!("{place}/glossaries/haus") }));
    assert_eq!(body["targetLanguageCode"], "en-GB");
    let fingerprint = |profile: &Profile| build(profile).unwrap().info().fingerprint.clone();
    let different = [
        fingerprint(&profile),
        fingerprint(&with(profile.clone(), |service| service.target_lang = TargetLang::EnUs)),
        fingerprint(&with(profile.clone(), |service| {
            service.target_lang = TargetLang::EnUs;
            service.model = None;
        })),
        fingerprint(&own(profile, |own| own.glossary = None)),
        fingerprint(&basic(&server)),
    ];
    let distinct: std::collections::HashSet<_> = different.iter().collect();
    assert_eq!(distinct.len(), different.len(), "{different:?}");
}

#[tokio::test]
async fn styled_texts_go_as_html_and_come_back_plain() {
    let server = server(PATH, reply(&["The <x1>chancellor</x1> &amp; he&#39;s.", "A &lt; B"])).await;
    let engine = build(&basic(&server)).unwrap();
    let mut batch = batch(&["Der Kanzler & er.", "A < B"]);
    batch.requests[0].inlines = vec![InlineSpan { kind: InlineKind::Range, span: 4..11 }];
    let got = engine.translate(&batch).await.unwrap();
    assert_eq!(texts(&got), ["The chancellor & he's.", "A < B"]);
    let body = &bodies(&server).await[0];
    assert_eq!((&body["format"], &body["q"][0]), (&json!("html"), &json!("Der <x1>Kanzler</x1> &amp; er.")));
    let sent: usize =
        ["Der <x1>Kanzler</x1> &amp; er.", "A &lt; B"].iter().map(|text| text.chars().count()).sum();
    assert_eq!(engine.spent().usage, Usage::of_characters(sent as u64), "tags are charged");
}

#[tokio::test]
async fn a_used_up_day_and_too_many_requests_are_told_apart_from_a_refused_key() {
    let old = |message: &str, reason: &str| {
        let errors = [json!({ "message": message, "domain": "usageLimits", "reason": reason })];
        json!({ "error": { "code": 403, "message": message, "errors": errors } })
    };
    let new = |message: &str, status: &str, reason: &str, limit: &str| {
        let details = json!([
            { "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "metadata": { "quota_limit": limit } },
            { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s" },
        ]);
        json!({ "error": { "code": 429, "message": message, "status": status, "details": details } })
    };
    let day = new(
        "Quota exceeded",
        "RESOURCE_EXHAUSTED",
        "RATE_LIMIT_EXCEEDED",
        "DefaultCharactersPerDayPerProject",
    );
    let pace =
        new("Quota exceeded", "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", "DefaultPerMinutePerProject");
    let off = new(
        "Cloud Translation API has not been used in project 7",
        "PERMISSION_DENIED",
        "SERVICE_DISABLED",
        "",
    );
    let wait = ErrorClass::Retry(Some(Duration::from_secs(37)));
    for (status, body, class, says) in [
        (403, old("Daily Limit Exceeded", "dailyLimitExceeded"), ErrorClass::Fatal, "midnight Pacific"),
        (403, old("User Rate Limit Exceeded", "userRateLimitExceeded"), ErrorClass::Retry(None), "slow down"),
        (
            403,
            old("The caller does not have permission", "forbidden"),
            ErrorClass::Fatal,
            "does not accept the key",
        ),
        (429, day, ErrorClass::Fatal, "midnight Pacific"),
        (429, pace.clone(), wait, "slow down"),
        (403, pace, wait, "slow down"),
        (403, off, ErrorClass::Fatal, "has not been used in project 7"),
        (
            400,
            old("API key not valid. Please pass a valid API key.", "badRequest"),
            ErrorClass::Fatal,
            "the key",
        ),
        (400, old("Text too long", "invalid"), ErrorClass::Reject, "too large"),
        (400, old("Too many text segments", "invalid"), ErrorClass::Reject, "too large"),
        (400, old("Bad language pair", "invalid"), ErrorClass::Reject, "Bad language pair"),
        (503, old("Backend Error", "backendError"), ErrorClass::Retry(None), "out of order"),
    ] {
        let server = server(PATH, ResponseTemplate::new(status).set_body_json(&body)).await;
        let engine = build::bare(&basic(&server), &Arc::default()).unwrap();
        let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
        assert_eq!(error.class(), class, "{status} {body}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(engine.spent(), Spent { unsure: engine.spent().unsure, ..Spent::default() });
    }
}

#[test]
fn what_is_missing_or_does_not_go_together_is_told() {
    let said = |profile: &Profile| readiness(profile).unwrap_err().to_string();
    let profile = Profile::new("haus", EngineKind::Google);
    assert!(said(&profile).contains("GOOGLE_API_KEY"));
    let project = |profile: &Profile| own(profile.clone(), |own| own.project = Some("presse".to_owned()));
    assert!(said(&project(&profile)).contains("gcloud auth print-access-token"));
    let keyed = |key: &str| with(profile.clone(), |service| service.key = Some(SecretString::from(key)));
    assert!(said(&project(&keyed("AIzaSy4711"))).contains("takes a token"));
    assert!(said(&keyed("ya29.4711")).contains("needs a project"));
    let model = |profile: &Profile, model: &str| {
        with(profile.clone(), |service| service.model = Some(model.to_owned()))
    };
    assert!(said(&model(&keyed("k"), "translation-llm")).contains("needs a project"));
    assert!(said(&model(&project(&keyed("k")), "riesig")).contains("translation-llm"));
    let british = |profile: &Profile| with(profile.clone(), |service| service.target_lang = TargetLang::EnGb);
    assert!(said(&british(&keyed("k"))).contains("translation-llm"));
    assert!(readiness(&british(&model(&project(&keyed("k")), "translation-llm"))).is_ok());
    let glossary = own(project(&keyed("k")), |own| own.glossary = Some("haus".to_owned()));
    assert!(said(&glossary).contains("location"));
    assert!(readiness(&own(glossary, |own| own.location = Some("us-central1".to_owned()))).is_ok());
    let odd = own(keyed("k"), |own| own.project = Some("a/b".to_owned()));
    assert!(said(&odd).contains("no project"));
}

#[tokio::test]
async fn a_token_that_is_refused_is_asked_for_again_once() {
    let server = MockServer::start().await;
    let fresh = Mock::given(path(ADVANCED)).and(header("authorization", "Bearer token-2"));
    fresh.respond_with(advanced_reply(&["Yes."])).mount(&server).await;
    let stale =
        ResponseTemplate::new(401).set_body_json(json!({ "error": { "message": "token-1 expired" } }));
    Mock::given(path(ADVANCED)).respond_with(stale).with_priority(9).mount(&server).await;
    let asked = Arc::new(AtomicUsize::new(1));
    let counter = Arc::clone(&asked);
    let renewal = KeyRenewal::new(move || {
        Ok(SecretString::from(format!("token-{}", counter.fetch_add(1, Ordering::SeqCst) + 1)))
    });
    let profile = with(advanced(&server), |service| {
        service.key = Some(SecretString::from("token-1"));
        service.key_renewal = Some(renewal);
    });
    let engine = build(&profile).unwrap();
    for _ in 0..2 {
        assert_eq!(texts(&engine.translate(&batch(&["Ja."])).await.unwrap()), ["Yes."]);
    }
    assert_eq!((asked.load(Ordering::SeqCst), engine.requests()), (2, 3));

    // What is refused for good is told, with none of the tokens.
    server.reset().await;
    let echo = |request: &wiremock::Request| {
        ResponseTemplate::new(401).set_body_json(
            json!({ "error": { "message": format!("{:?}", request.headers["authorization"].to_str()) } }),
        )
    };
    Mock::given(path(ADVANCED)).respond_with(echo).mount(&server).await;
    let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
    assert!(matches!(error, EngineError::Key(_)) && !error.to_string().contains("token-"), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 3, "and not asked for without end");
}

/// The file of a service account whose tokens come from a server.
fn account_file(token_uri: &str) -> String {
    let file = json!({
        "type": "service_account", "project_id": "presse", "private_key_id": "k1", "private_key": PRIVATE_KEY,
        "client_email": "bote@presse.example", "token_uri": token_uri,
    });
    file.to_string()
}

#[tokio::test]
async fn a_service_account_trades_its_signature_for_one_token_that_all_share() {
    let server = MockServer::start().await;
    let token = json!({ "access_token": "token-7", "expires_in": 3599, "token_type": "Bearer" });
    let tokens = Mock::given(method("POST")).and(path("/token"));
    tokens.respond_with(ResponseTemplate::new(200).set_body_json(token)).expect(1).mount(&server).await;
    let translations = Mock::given(path(ADVANCED)).and(header("authorization", "Bearer token-7"));
    translations.respond_with(advanced_reply(&["Yes."])).mount(&server).await;
    let file = account_file(&format!("{}/token", server.uri()));
    let engine =
        build(&with(basic(&server), |service| service.key = Some(SecretString::from(file)))).unwrap();
    let one = batch(&["Ja."]);
    let all = futures::future::join_all((0..8).map(|_| engine.translate(&one))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let requests = server.received_requests().await.unwrap();
    let trade = requests.iter().find(|request| request.url.path() == "/token").unwrap();
    assert_eq!(trade.headers["content-type"], "application/x-www-form-urlencoded");
    let form = String::from_utf8(trade.body.clone()).unwrap();
    let form: HashMap<_, _> = form.split('&').filter_map(|pair| pair.split_once('=')).collect();
    assert_eq!(form["grant_type"], "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[format!("{}/token", server.uri())]);
    validation.set_issuer(&["bote@presse.example"]);
    let key = DecodingKey::from_rsa_pem(PUBLIC_KEY.as_bytes()).unwrap();
    let decoded = decode::<Value>(form["assertion"], &key, &validation).unwrap();
    assert_eq!(decoded.header.kid.as_deref(), Some("k1"));
    assert_eq!(decoded.claims["scope"], "https://www.googleapis.com/auth/cloud-translation");
    let times = ["iat", "exp"].map(|name| decoded.claims[name].as_u64().unwrap());
    assert_eq!(times[1] - times[0], 3600);
}

#[tokio::test]
async fn an_account_that_is_refused_is_told_with_none_of_its_secrets_and_nothing_is_charged() {
    let server = MockServer::start().await;
    let refuse = |request: &wiremock::Request| {
        let seen = String::from_utf8_lossy(&request.body).into_owned();
        let body = json!({ "error": "invalid_grant", "error_description": format!("Invalid JWT Signature. {seen} {PRIVATE_KEY}") });
        ResponseTemplate::new(400).set_body_json(body)
    };
    Mock::given(path("/token")).respond_with(refuse).mount(&server).await;
    let file = account_file(&format!("{}/token", server.uri()));
    let profile = with(basic(&server), |service| service.key = Some(SecretString::from(file)));
    let engine = build(&profile).unwrap();
    let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
    let shown = format!("{error} {error:?} {profile:?}");
    assert!(matches!(error, EngineError::Key(_)) && shown.contains("Invalid JWT Signature"), "{shown}");
    assert!(!shown.contains("PRIVATE KEY") && !shown.contains("eyJ"), "{shown}");
    assert_eq!((engine.spent(), engine.requests()), (Spent::default(), 0));

    // A server of tokens that is out of order is waited for, and nothing counts as charged either.
    server.reset().await;
    Mock::given(path("/token")).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    let engine = build::bare(&profile, &Arc::default()).unwrap();
    let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
    assert_eq!((error.class(), engine.spent()), (ErrorClass::Retry(None), Spent::default()));
}

#[test]
fn a_file_that_is_no_service_account_or_sends_its_signature_elsewhere_is_refused_without_showing_it() {
    let said = |file: String| {
        let profile = with(Profile::new("haus", EngineKind::Google), |service| {
            service.key = Some(SecretString::from(file));
        });
        let error = readiness(&profile).unwrap_err().to_string();
        assert!(!error.contains("PRIVATE KEY"), "{error}");
        error
    };
    for uri in [
        "https://evil.example/token",
        "http://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com.evil.example/",
        "ftp://x",
    ] {
        assert!(said(account_file(uri)).contains("none of Google's"), "{uri}");
    }
    assert!(said(r#"{"type":"authorized_user"}"#.to_owned()).contains("application-default"));
    assert!(said(r#"{"type":"service_account"}"#.to_owned()).contains("not complete"));
    assert!(said("{".to_owned()).contains("no valid JSON"));
    let broken = account_file("https://oauth2.googleapis.com/token").replace("MII", "MXX");
    assert!(said(broken).contains("no RSA key"));
    let fine = account_file("https://oauth2.googleapis.com/token");
    let profile = with(Profile::new("haus", EngineKind::Google), |service| {
        service.key = Some(SecretString::from(fine));
    });
    assert!(readiness(&profile).is_ok());
}
