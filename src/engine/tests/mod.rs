//! The engines against servers on this machine that keep to the services' protocols, or do not.

mod amazon;
#[cfg(unix)]
mod command;
mod conformance;
mod deepl;
mod deepl_glossaries;
#[path = "../../../tests/support/deepl_requests.rs"]
mod deepl_requests;
mod doubles;
mod google;
mod http;
mod libretranslate;
mod llm;
mod microsoft;
mod night;
mod openai;
mod pace;
mod profile;
mod retry;

use std::num::{NonZeroU32, NonZeroUsize};

use secrecy::SecretString;
use serde_json::Value;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::profile::EngineKind;
use super::{AnswerFault, EngineError, EngineOptions, Profile, ServiceOptions, build};
use crate::model::{Batch, Request, TermHint, Translation};

/// Stands wherever a key is needed and must never be seen again.
const KEY: &str = "schluessel-4711:fx";

/// The kinds of engine that are services.
const SERVICES: [EngineKind; 6] = [
    EngineKind::DeepL,
    EngineKind::Google,
    EngineKind::Microsoft,
    EngineKind::Amazon,
    EngineKind::LibreTranslate,
    EngineKind::OpenAi,
];

fn batch(texts: &[&str]) -> Batch {
    let request = |text: &&str| Request { text: (*text).to_owned(), terms: Vec::new(), inlines: Vec::new() };
    Batch { requests: texts.iter().map(request).collect(), ..Batch::default() }
}

/// A profile for a server, with a key and without retries.
fn profile(kind: EngineKind, server: &MockServer) -> Profile {
    let profile = Profile { attempts: NonZeroU32::new(1), ..with_key(kind) };
    with(profile, |service| service.base_url = Some(server.uri()))
}

/// A profile with a key, and what else its kind cannot do without.
fn with_key(kind: EngineKind) -> Profile {
    let mut profile = Profile::new("probe", kind);
    if let Some(service) = profile.options.service_mut() {
        service.key = Some(key(kind));
        service.model = kind.is_language_model().then(|| "modell".to_owned());
    }
    if let EngineOptions::Amazon(_, own) = &mut profile.options {
        own.region = Some("eu-central-1".to_owned());
    }
    if let EngineOptions::Command(own) = &mut profile.options {
        own.command = Some("cat".to_owned());
    }
    profile
}

/// A key in the form that a kind has it.
fn key(kind: EngineKind) -> SecretString {
    match kind {
        EngineKind::Amazon => {
            let keys = serde_json::json!({ "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": KEY });
            SecretString::from(keys.to_string())
        }
        _ => SecretString::from(KEY),
    }
}

/// A profile of a service with other options.
fn with(mut profile: Profile, change: impl FnOnce(&mut ServiceOptions)) -> Profile {
    change(profile.options.service_mut().unwrap());
    profile
}

/// A server that answers every request to a path in the same way.
async fn server(at: &str, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path(at)).respond_with(always(answer)).mount(&server).await;
    server
}

/// The same answer to every request, but for those to `DeepL` that its description does not allow.
fn always(answer: ResponseTemplate) -> impl Respond {
    move |request: &wiremock::Request| {
        let is_for_deepl = request.url.path() == "/v2/translate";
        let refusal = is_for_deepl.then(|| deepl_requests::refusal(request)).flatten();
        refusal.unwrap_or_else(|| answer.clone())
    }
}

/// The bodies that a server has received.
async fn bodies(server: &MockServer) -> Vec<Value> {
    posts(server).await.iter().map(|request| request.body_json().unwrap()).collect()
}

/// The requests with texts that a server has received.
async fn posts(server: &MockServer) -> Vec<wiremock::Request> {
    let requests = server.received_requests().await.unwrap();
    requests.into_iter().filter(|request| request.method.as_str() == "POST").collect()
}

fn texts(translations: &[Translation]) -> Vec<&str> {
    translations.iter().map(|translation| translation.text.as_str()).collect()
}
