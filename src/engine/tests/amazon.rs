use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::*;
use crate::engine::{AmazonOptions, ErrorClass, KeyRenewal, readiness};
use crate::model::Usage;

fn own(profile: Profile, change: impl FnOnce(&mut AmazonOptions)) -> Profile {
    let EngineOptions::Amazon(service, mut own) = profile.options else { panic!("a profile of Amazon's") };
    change(&mut own);
    Profile { options: EngineOptions::Amazon(service, own), ..profile }
}

fn amazon(server: &MockServer) -> Profile {
    profile(EngineKind::Amazon, server)
}

fn reply(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "TranslatedText": text, "SourceLanguageCode": "de", "TargetLanguageCode": "en",
    }))
}

#[tokio::test]
async fn a_request_is_what_the_service_model_says() {
    let server = server("/", reply("The train stops.")).await;
    let profile = own(amazon(&server), |own| own.terminology = Some("haus".to_owned()));
    let engine = build(&Profile { max_segments: NonZeroUsize::new(7), ..profile }).unwrap();
    assert_eq!((engine.info().limits.segments, engine.info().limits.bytes), (1, 10_000));
    assert_eq!(engine.encoded_len(&batch(&["Grüße"]).requests[0]), 7, "bytes of UTF-8");
    let got = engine.translate(&batch(&["Der Zug hält."])).await.unwrap();
    assert_eq!(texts(&got), ["The train stops."]);
    let sent = json!({
        "Text": "Der Zug hält.", "SourceLanguageCode": "de", "TargetLanguageCode": "en", "TerminologyNames": ["haus"],
    });
    assert_eq!(bodies(&server).await, [sent]);
    let headers = &server.received_requests().await.unwrap()[0].headers;
    assert_eq!(headers["content-type"], "application/x-amz-json-1.1");
    assert_eq!(headers["x-amz-target"], "AWSShineFrontendService_20170701.TranslateText");
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
    assert!(authorization.contains("/eu-central-1/translate/aws4_request, "), "{authorization}");
    assert_eq!(engine.spent().usage, Usage::of_characters(13));
    assert_ne!(engine.info().fingerprint, build(&amazon(&server)).unwrap().info().fingerprint);
}

#[tokio::test]
async fn errors_are_known_by_their_names_and_not_by_their_status() {
    for (status, name, class, says) in [
        (400, "ThrottlingException", ErrorClass::Retry(None), "slow down"),
        (400, "TooManyRequestsException", ErrorClass::Retry(None), "slow down"),
        (400, "TextSizeLimitExceededException", ErrorClass::Reject, "too large"),
        (400, "InvalidRequestException", ErrorClass::Reject, "Nein."),
        (400, "UnsupportedLanguagePairException", ErrorClass::Fatal, "Nein."),
        (400, "ResourceNotFoundException", ErrorClass::Fatal, "no such terminology"),
        (400, "AccessDeniedException", ErrorClass::Fatal, "translate:TranslateText"),
        (400, "UnrecognizedClientException", ErrorClass::Fatal, "does not accept the key"),
        (400, "ExpiredTokenException", ErrorClass::Fatal, "expired"),
        (403, "InvalidSignatureException", ErrorClass::Fatal, "clock"),
        (500, "InternalServerException", ErrorClass::Retry(None), "HTTP 500"),
        (400, "ServiceUnavailableException", ErrorClass::Retry(None), "out of order"),
    ] {
        let in_body = json!({ "__type": format!("com.amazonaws.translate#{name}"), "Message": "Nein." });
        let in_header = ResponseTemplate::new(status)
            .insert_header("x-amzn-ErrorType", format!("{name}:http://aws.example/"));
        for answer in [
            ResponseTemplate::new(status).set_body_json(in_body),
            in_header.set_body_json(json!({ "message": "Nein." })),
        ] {
            let server = server("/", answer).await;
            let engine = build::bare(&amazon(&server), &Arc::default()).unwrap();
            let error = engine.translate(&batch(&["Ja."])).await.unwrap_err();
            assert_eq!(error.class(), class, "{name}: {error}");
            assert!(error.to_string().contains(says), "{name}: {error}");
        }
    }
}

#[test]
fn what_is_missing_or_wrong_is_told_without_the_keys() {
    let said = |profile: &Profile| {
        let error = readiness(profile).unwrap_err().to_string();
        assert!(!error.contains("4711"), "{error}");
        error
    };
    assert!(said(&Profile::new("haus", EngineKind::Amazon)).contains("AWS_ACCESS_KEY_ID"));
    assert!(said(&own(with_key(EngineKind::Amazon), |own| own.region = None)).contains("eu-central-1"));
    let looked_at = with(with_key(EngineKind::Amazon), |service| {
        service.key = Some(SecretString::from(EngineKind::Amazon.empty_key()));
    });
    assert!(readiness(&looked_at).is_ok(), "a dry run needs no key");
    for region in ["", "eu.evil.example/", "EU-CENTRAL-1", "x@evil.example"] {
        let odd = own(with_key(EngineKind::Amazon), |own| own.region = Some(region.to_owned()));
        assert!(said(&odd).contains("no region"), "{region}");
    }
    for key in [KEY, "{}", r#"{"AccessKeyId":"schluessel-4711"}"#] {
        let odd = with(with_key(EngineKind::Amazon), |service| service.key = Some(SecretString::from(key)));
        assert!(said(&odd).contains("export-credentials"), "{key}");
    }
}

#[tokio::test]
async fn keys_are_renewed_before_they_expire_and_when_they_are_refused() {
    let server = MockServer::start().await;
    let answer = |request: &wiremock::Request| {
        let sent = format!("{:?}", request.headers);
        // The second keys have been withdrawn.
        if sent.contains("Credential=AKID-2/") {
            let body = json!({ "__type": "ExpiredTokenException", "message": format!("token-4711-2 expired {sent}") });
            return ResponseTemplate::new(400).set_body_json(body);
        }
        let token = request.headers["x-amz-security-token"].to_str().unwrap();
        reply(&format!("Yes. {token}"))
    };
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    let keys = |number: usize, expiration: &str| {
        let keys = json!({
            "Version": 1, "AccessKeyId": format!("AKID-{number}"), "SecretAccessKey": KEY,
            "SessionToken": format!("token-{number}"), "Expiration": expiration,
        });
        SecretString::from(keys.to_string())
    };
    let asked = Arc::new(AtomicUsize::new(1));
    let counter = Arc::clone(&asked);
    let renewal =
        KeyRenewal::new(move || Ok(keys(counter.fetch_add(1, Ordering::SeqCst) + 1, "2999-01-01T00:00:00Z")));
    let profile = with(amazon(&server), |service| {
        service.key = Some(keys(1, "2026-01-01T00:00:00+00:00"));
        service.key_renewal = Some(renewal);
    });
    let engine = build(&profile).unwrap();
    for _ in 0..3 {
        assert_eq!(texts(&engine.translate(&batch(&["Ja."])).await.unwrap()), ["Yes. token-3"]);
    }
    // The first had expired, the second were refused.
    assert_eq!((asked.load(Ordering::SeqCst), engine.requests()), (3, 4));
}
