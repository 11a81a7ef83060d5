//! Doubles of services that translate with a system of their own.

use super::*;
use crate::engine::profile::GoogleOptions;

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
        strings(&request["q"])
    }

    fn answer(&self, _: &Value, english: &[String], _: Usage) -> Value {
        json!({ "translatedText": english })
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
    let code = match fault {
        ServiceFault::SlowDown => 429_000,
        ServiceFault::Down => 503_000,
        ServiceFault::WrongKey => 401_000,
        ServiceFault::UsedUp => 403_001,
        ServiceFault::Refused => 400_005,
    };
    ((code / 1_000) as u16, json!({ "error": { "code": code, "message": "MESSAGE" } }))
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
