//! What an HTTP status means for an engine, and what a service says about it.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use serde_json::Value;

use super::error::EngineError;
use super::secrets::Secrets;
use super::waiting::wait_of;
use crate::text::characters::{is_control, one_line};

/// Characters of a service's message that are kept.
const MESSAGE_CHARS: usize = 240;

/// An answer of a service.
pub(super) struct HttpAnswer {
    /// HTTP status.
    pub(super) status: u16,
    /// Its headers.
    pub(super) headers: HeaderMap,
    /// The whole body.
    pub(super) body: Vec<u8>,
}

impl HttpAnswer {
    /// Whether it is 2xx.
    pub(super) fn is_success(&self) -> bool {
        is_success(self.status)
    }
}

/// Whether a status is 2xx.
pub(super) fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// An answer other than 2xx.
pub(super) struct ServiceRefusal<'a> {
    pub(super) status: u16,
    pub(super) headers: &'a HeaderMap,
    /// The body, if it is JSON, without secrets.
    pub(super) body: Option<Value>,
    /// What the service says, on one line, shortened, without secrets.
    pub(super) message: String,
    /// Host and path of the request.
    place: String,
}

/// What the errors of one vendor mean, where that is not what their status means everywhere.
pub(super) type ReadRefusal = fn(&ServiceRefusal<'_>) -> Option<EngineError>;

impl<'a> ServiceRefusal<'a> {
    /// Reads an answer; `place` is host and path of the request.
    pub(super) fn new(answer: &'a HttpAnswer, place: String, secrets: &Secrets) -> Self {
        let text = String::from_utf8_lossy(&answer.body);
        let mut body: Option<Value> = serde_json::from_str(&text).ok();
        if let Some(body) = &mut body {
            hide(body, secrets);
        }
        let message = match body.as_ref().and_then(message_in) {
            Some(said) => said,
            None if text.trim().is_empty() => "no reason given".to_owned(),
            None if is_page(&text) => "a web page came instead of a reason".to_owned(),
            None => text.into_owned(),
        };
        Self {
            status: answer.status,
            headers: &answer.headers,
            body,
            message: clean(&message, secrets),
            place,
        }
    }

    /// How long the service asks to wait, if it does.
    pub(super) fn wait(&self) -> Option<Duration> {
        wait_of(self.headers)
    }

    /// What it means by its status.
    pub(super) fn error(&self) -> EngineError {
        let Self { status, place, .. } = self;
        let (status, message) = (*status, self.message.clone());
        match status {
            300..=399 => EngineError::Unusable(self.redirect()),
            400 if names_key(&message) => EngineError::Key(message),
            401 | 403 => EngineError::Key(message),
            402 | 456 => EngineError::Quota(message),
            404 | 405 | 410 => EngineError::Unusable(format!(
                "{place} does not answer as it should (HTTP {status}): {message}; base_url or model may be wrong"
            )),
            407 | 511 => {
                EngineError::Unusable(format!("a proxy between here and {place} wants a login: {message}"))
            }
            413 => EngineError::TooLarge,
            429 if message.contains("insufficient_quota") => EngineError::Quota(message),
            429 => EngineError::RateLimited { after: self.wait() },
            408 | 425 | 500.. => EngineError::Unavailable { status, message, after: self.wait() },
            _ => EngineError::Refused { status, message },
        }
    }

    /// A text of the body, on one line and shortened; `None` if there is none at the place.
    pub(super) fn text(&self, pointer: &str) -> Option<String> {
        let text = self.body.as_ref()?.pointer(pointer)?.as_str()?;
        Some(clean(text, &Secrets::default())).filter(|text| !text.is_empty())
    }

    fn redirect(&self) -> String {
        let place = &self.place;
        let target = self.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let target = target.map(|target| target.split(['?', '#']).next().unwrap_or_default());
        let target = clean(target.unwrap_or("elsewhere"), &Secrets::default());
        format!("{place} redirects to {target}; redirects are not followed, set base_url to where it leads")
    }
}

/// What a service means that answers 2xx and puts an error where the translations should be, as servers
/// behind some proxies do.
pub(super) fn error_in(answer: &HttpAnswer, body: &Value, secrets: &Secrets) -> EngineError {
    let Some(message) = message_in(body) else {
        return EngineError::unreadable("there are no translations in it");
    };
    let message = clean(&message, secrets);
    let about = |words: &[&str]| words.iter().any(|word| message.to_lowercase().contains(word));
    if about(&["slowdown", "too many requests", "rate limit"]) {
        EngineError::RateLimited { after: wait_of(&answer.headers) }
    } else if about(&["quota"]) {
        EngineError::Quota(message)
    } else if names_key(&message) {
        EngineError::Key(message)
    } else {
        EngineError::Refused { status: answer.status, message }
    }
}

/// Takes the secrets out of all texts in a body.
fn hide(body: &mut Value, secrets: &Secrets) {
    match body {
        Value::String(text) => *text = secrets.hide(text),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|value| hide(value, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a message is about the key: some services answer 400 to a missing or wrong one.
fn names_key(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("api key") || message.contains("api_key")
}

/// A message of a service, on one line, shortened, with the secrets taken out.
pub(super) fn clean(message: &str, secrets: &Secrets) -> String {
    let hidden = secrets.hide(message);
    let spaced: String = hidden.chars().map(|c| if is_control(c) { ' ' } else { c }).collect();
    let line = one_line(&spaced);
    match line.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// What a service says in a JSON body, in any of the shapes that are about.
fn message_in(body: &Value) -> Option<String> {
    if let Some(faults) = body.get("detail").and_then(Value::as_array) {
        return Some(faults.iter().map(field_fault).collect::<Vec<_>>().join("; "));
    }
    let error = body.get("error").unwrap_or(body);
    let text =
        ["message", "Message", "detail", "description"].iter().find_map(|name| error.get(name)?.as_str());
    let text = text.or_else(|| error.as_str()).or_else(|| body.get("message")?.as_str())?;
    match error.get("code").and_then(Value::as_str) {
        Some(code) if !text.contains(code) => Some(format!("{text} ({code})")),
        _ => Some(text.to_owned()),
    }
}

/// What a server made with `FastAPI` says of one field, without the value that it repeats.
fn field_fault(fault: &Value) -> String {
    let steps = fault.get("loc").and_then(Value::as_array).into_iter().flatten();
    let field: Vec<_> =
        steps.map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned)).collect();
    format!("{}: {}", field.join("."), fault.get("msg").and_then(Value::as_str).unwrap_or_default())
}

/// Whether a body is a web page, or the beginning of one.
pub(super) fn is_page(body: &str) -> bool {
    body.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').starts_with('<')
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::engine::error::ErrorClass;

    fn error(status: u16, body: &str) -> EngineError {
        let answer = HttpAnswer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        let secrets = Secrets::of(Some(&SecretString::from("geheim-123")));
        ServiceRefusal::new(&answer, "mt.example/translate".to_owned(), &secrets).error()
    }

    #[test]
    fn every_status_has_its_class() {
        let class = |status| error(status, "").class();
        for status in [408, 425, 429, 500, 502, 503, 504, 529] {
            assert_eq!(class(status), ErrorClass::Retry(None), "{status}");
        }
        for status in [400, 409, 413, 414, 422] {
            assert_eq!(class(status), ErrorClass::Reject, "{status}");
        }
        for status in [301, 307, 401, 402, 403, 404, 405, 407, 456, 511] {
            assert_eq!(class(status), ErrorClass::Fatal, "{status}");
        }
    }

    #[test]
    fn messages_are_found_in_every_shape() {
        let refused = |body| match error(400, body) {
            EngineError::Refused { message, .. } => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(r#"{"message":"zu lang"}"#), "zu lang");
        assert_eq!(refused(r#"{"error":"zu lang"}"#), "zu lang");
        assert_eq!(refused(r#"{"error":{"message":"zu lang","code":"too_long"}}"#), "zu lang (too_long)");
        assert_eq!(refused(r#"{"detail":"zu lang"}"#), "zu lang");
        let faults = r#"{"detail":[{"loc":["body","messages",0],"msg":"zu lang","input":"Der Text"},{"loc":["body"],"msg":"leer"}]}"#;
        assert_eq!(refused(faults), "body.messages.0: zu lang; body: leer");
        assert_eq!(refused("<html><h1>Fehler</h1></html>"), "a web page came instead of a reason");
        assert_eq!(refused("zu\u{1b}[31m\r\n lang"), "zu [31m lang");
        assert_eq!(refused(""), "no reason given");
    }

    #[test]
    fn a_message_is_cut_and_holds_no_key() {
        let error = error(400, &format!("geheim-123 {}", "ß".repeat(1000)));
        let text = error.to_string();
        assert!(!text.contains("geheim-123") && text.contains("***"), "{text}");
        assert!(text.chars().count() < 300);
    }

    #[test]
    fn a_bad_request_about_the_key_is_about_the_key() {
        let body = r#"{"error":{"message":"API key not valid. Please pass a valid API key."}}"#;
        assert!(matches!(error(400, body), EngineError::Key(_)));
    }

    #[test]
    fn an_empty_account_is_no_reason_to_wait() {
        let body = r#"{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}"#;
        assert!(matches!(error(429, body), EngineError::Quota(_)));
    }

    #[test]
    fn a_redirect_says_where_it_leads_without_its_query() {
        let location = [(LOCATION, "https://mt.example/neu?key=abc".parse().unwrap())];
        let answer = HttpAnswer { status: 301, headers: location.into_iter().collect(), body: Vec::new() };
        let refusal = ServiceRefusal::new(&answer, "mt.example/alt".to_owned(), &Secrets::default());
        let text = refusal.error().to_string();
        assert!(text.contains("https://mt.example/neu;") && !text.contains("abc"), "{text}");
    }
}
