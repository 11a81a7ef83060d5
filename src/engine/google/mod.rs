//! Google Cloud Translation: version 2 with a key, version 3 with a token.

mod account;
mod refusal;
mod token;

use std::borrow::Cow;

use futures::FutureExt;
use reqwest::header::HeaderName;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::Value;

use super::authorize::{Authorize, FixedHeaders};
use super::error::EngineError;
use super::fault::AnswerFault;
use super::http::{Account, Endpoint, EndpointSetup, Paid, encode, json_len};
use super::interface::{Abilities, Billing, Engine, EngineInfo, Foreseen, TranslateFuture};
use super::lenient;
use super::markup::{self, has_markup, marked};
use super::profile::{GoogleOptions, Profile, ProfileError, ServiceOptions, TargetLang};
use super::purse::Spent;
use super::secrets::Secrets;
use super::service::ServiceTraits;
use crate::model::{Batch, Request, Translation, Usage};
use account::ServiceAccount;
use token::BearerToken;

/// Texts in a request of version 2, and of version 3, by the documentation.
const BASIC_TEXTS: usize = 128;
const ADVANCED_TEXTS: usize = 1_024;
/// Characters in a request: what the documentation recommends. Version 3 refuses 30,000.
const CHARACTERS: usize = 5_000;
/// Bytes of a body: the limit of version 2, and far above 5,000 characters of German.
const BODY: usize = 100_000;
/// Bytes of the JSON around the texts; the names of a model and a glossary are the longest part of it.
pub(super) const FRAME: usize = 800;
/// Where a model runs unless the profile says.
const GLOBAL: &str = "global";
/// The general models of version 3.
const GENERAL_MODELS: [&str; 2] = ["nmt", LLM];
/// The one that is a language model, and knows kinds of English.
const LLM: &str = "translation-llm";
/// What API keys begin with, and tokens of a user or a service account: each is of use with one version only.
const KEY_START: &str = "AIza";
const TOKEN_START: &str = "ya29.";
/// How a profile comes by a token.
const TOKEN_HINT: &str =
    "set key_command = \"gcloud auth print-access-token\", or key_file to the file of a service account";

/// The engine.
pub(super) struct Google {
    info: EngineInfo,
    endpoint: Endpoint,
    api: GoogleApi,
    target: &'static str,
}

/// A version of the API.
enum GoogleApi {
    Basic,
    Advanced {
        /// The full names of a model and a glossary.
        model: String,
        glossary: Option<String>,
    },
}

#[derive(Serialize)]
struct BasicBody<'a> {
    q: Vec<Cow<'a, str>>,
    source: &'static str,
    target: &'static str,
    /// HTML is the default, which would turn quotation marks into entities.
    format: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdvancedBody<'a> {
    contents: Vec<Cow<'a, str>>,
    /// HTML is the default here, too.
    mime_type: &'static str,
    source_language_code: &'static str,
    target_language_code: &'static str,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    glossary_config: Option<GlossaryConfig<'a>>,
}

#[derive(Serialize)]
struct GlossaryConfig<'a> {
    glossary: &'a str,
}

impl Google {
    /// The engine of a profile.
    pub(super) fn new(
        profile: &Profile,
        service: &ServiceOptions,
        own: &GoogleOptions,
        account: Account,
    ) -> Result<Self, EngineError> {
        let key = service.trimmed_key();
        let service_account = match &key {
            Some(key) if key.expose_secret().starts_with('{') => Some(ServiceAccount::read(key)?),
            _ => None,
        };
        let accounts_own = service_account.as_ref().and_then(ServiceAccount::project).map(str::to_owned);
        let project = own.project.as_deref().or(accounts_own.as_deref());
        let target = target(profile, service)?;
        let secrets = Secrets::of(key.as_ref());
        let root = profile.server(service)?;
        let Some(project) = project else {
            if let Some((field, value)) = own.advanced_only(service) {
                let message = format!("{field} = {value:?} needs a project");
                return Err(
                    ProfileError::at(field, message, "add project = \"…\", the ID of the project").into()
                );
            }
            let key = key.ok_or_else(|| profile.no_key(service))?;
            if key.expose_secret().starts_with(TOKEN_START) {
                let hint = "add project = \"…\", the ID of the project that pays";
                return Err(ProfileError::missing("a token needs a project", hint).into());
            }
            let server = root.endpoint(&["language", "translate", "v2"]);
            let name = HeaderName::from_static("x-goog-api-key");
            let authorize = Box::new(FixedHeaders::of(name, Some(&key))?);
            let setup = service.setup(server, 60, account);
            return Self::build(
                profile,
                service,
                GoogleApi::Basic,
                target,
                EndpointSetup { secrets, authorize, ..setup },
            );
        };
        let (model, glossary) = names(project, own, service)?;
        let token = match (service_account, key) {
            (Some(account), _) => BearerToken::of_account(account, service, secrets.clone())?,
            (None, Some(key)) if key.expose_secret().starts_with(KEY_START) => {
                let name = &profile.name;
                let message = format!("{name} has an API key, but a project takes a token");
                return Err(ProfileError::missing(message, TOKEN_HINT).into());
            }
            (None, Some(key)) => {
                BearerToken::of_key(&key, service.key_renewal.clone(), project, secrets.clone())?
            }
            (None, None) => {
                let message = format!("{} has no token", profile.name);
                return Err(ProfileError::missing(message, TOKEN_HINT).into());
            }
        };
        let location = own.location.as_deref().unwrap_or(GLOBAL);
        let method = format!("{location}:translateText");
        let server = root.endpoint(&["v3", "projects", project, "locations", &method]);
        let setup = service.setup(server, 60, account);
        let authorize: Box<dyn Authorize> = Box::new(token);
        let api = GoogleApi::Advanced { model, glossary };
        Self::build(profile, service, api, target, EndpointSetup { secrets, authorize, ..setup })
    }

    fn build(
        profile: &Profile,
        service: &ServiceOptions,
        api: GoogleApi,
        target: &'static str,
        setup: EndpointSetup<'_>,
    ) -> Result<Self, EngineError> {
        let traits = ServiceTraits {
            endpoint: setup.server.clone(),
            options: match &api {
                GoogleApi::Basic => format!("api=2 target={target}"),
                GoogleApi::Advanced { model, glossary } => {
                    format!("api=3 target={target} model={model:?} glossary={glossary:?}")
                }
            },
            segments: if matches!(api, GoogleApi::Basic) { BASIC_TEXTS } else { ADVANCED_TEXTS },
            characters: CHARACTERS,
            body: BODY,
            overhead: FRAME,
            concurrency: 8,
            billing: Billing::Characters,
            abilities: Abilities { markup: true, ..Abilities::default() },
        };
        let endpoint = Endpoint::new(EndpointSetup { read_refusal: refusal::read, ..setup })?;
        Ok(Self { info: traits.info(profile, service), endpoint, api, target })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let is_marked = has_markup(batch);
        let texts = markup::texts(batch);
        let usage = charged(&texts);
        let body = match &self.api {
            GoogleApi::Basic => encode(&BasicBody {
                q: texts,
                source: "de",
                target: self.target,
                format: if is_marked { "html" } else { "text" },
            }),
            GoogleApi::Advanced { model, glossary } => encode(&AdvancedBody {
                contents: texts,
                mime_type: if is_marked { "text/html" } else { "text/plain" },
                source_language_code: "de",
                target_language_code: self.target,
                model,
                glossary_config: glossary.as_deref().map(|glossary| GlossaryConfig { glossary }),
            }),
        }?;
        let Paid { answer, set_aside } = self.endpoint.post(body, usage).await?;
        let reply = self.endpoint.json(&answer)?;
        let Some(items) = self.items(&reply) else { return Err(self.endpoint.error_in(&answer, &reply)) };
        set_aside.spend(usage);
        let (sent, got) = (batch.requests.len(), items.len());
        if got != sent {
            return Err(AnswerFault::WrongCount { sent, got }.into());
        }
        let translation = |(item, request): (&Value, &Request)| {
            let text = lenient::text(item, "translatedText");
            markup::read(&text, request, is_marked)
        };
        Ok(items.iter().zip(&batch.requests).map(translation).collect())
    }

    /// The translations in an answer. With a glossary there are two lists, of which the first one is without it.
    fn items<'a>(&self, reply: &'a Value) -> Option<&'a Vec<Value>> {
        let list = |name: &str| reply.get(name).and_then(Value::as_array);
        match &self.api {
            GoogleApi::Basic => reply.pointer("/data/translations").and_then(Value::as_array),
            GoogleApi::Advanced { glossary: None, .. } => list("translations"),
            GoogleApi::Advanced { .. } => list("glossaryTranslations").or_else(|| list("translations")),
        }
    }
}

impl GoogleOptions {
    /// The first option that only version 3 has, if the profile has one, and its value.
    fn advanced_only<'a>(&'a self, service: &'a ServiceOptions) -> Option<(&'static str, &'a str)> {
        let model = service.model.as_deref().filter(|model| *model != GENERAL_MODELS[0]);
        let options = [
            ("model", model),
            ("location", self.location.as_deref()),
            ("glossary", self.glossary.as_deref()),
        ];
        options.into_iter().find_map(|(field, value)| Some((field, value?)))
    }
}

/// The full names of the model and the glossary.
fn names(
    project: &str,
    own: &GoogleOptions,
    service: &ServiceOptions,
) -> Result<(String, Option<String>), ProfileError> {
    let location = own.location.as_deref().unwrap_or(GLOBAL);
    for (field, value) in [("project", project), ("location", location)] {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        if value.is_empty() || !value.chars().all(is_fit) {
            let message = format!("{value:?} is no {field}");
            return Err(ProfileError::at(field, message, "copy it from the Google Cloud console"));
        }
    }
    let place = format!("projects/{project}/locations/{location}");
    let model = match service.model.as_deref().unwrap_or(GENERAL_MODELS[0]) {
        name if GENERAL_MODELS.contains(&name) => format!("{place}/models/general/{name}"),
        full if full.starts_with("projects/") => full.to_owned(),
        other => {
            let hint = format!("it has {}, and your own by their full names", GENERAL_MODELS.join(" and "));
            return Err(ProfileError::at("model", format!("Google has no model {other:?}"), hint));
        }
    };
    let glossary = own.glossary.as_deref().map(|glossary| match glossary {
        full if full.starts_with("projects/") => full.to_owned(),
        id => format!("{place}/glossaries/{id}"),
    });
    if glossary.is_some() && location == GLOBAL {
        let hint = "add location = \"us-central1\", or where else the glossary is";
        return Err(ProfileError::at(
            "glossary",
            "a glossary of Google's has a location other than global",
            hint,
        ));
    }
    Ok((model, glossary))
}

/// The language asked for. Only the language model tells kinds of English apart.
fn target(profile: &Profile, service: &ServiceOptions) -> Result<&'static str, ProfileError> {
    match (service.model.as_deref(), service.target_lang) {
        (Some(LLM), TargetLang::EnUs) => Ok("en-US"),
        (Some(LLM), TargetLang::EnGb) => Ok("en-GB"),
        (_, TargetLang::EnUs) => Ok("en"),
        (_, TargetLang::EnGb) => {
            let message =
                format!("{} has the target en-GB, which this model of Google's does not have", profile.name);
            let hint = format!("delete the line, or add model = {LLM:?}");
            Err(ProfileError::at("target", message, hint))
        }
    }
}

/// What is charged for texts. Tags are charged like any other characters.
fn charged(texts: &[Cow<'_, str>]) -> Usage {
    Usage::of_characters(texts.iter().map(|text| text.chars().count() as u64).sum())
}

impl Engine for Google {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        // One more for the comma. A neighbour with inline markup makes markup of every text of a request.
        json_len(&marked(request)) + 1
    }

    fn foresee(&self, batch: &Batch) -> Foreseen {
        Foreseen::exact(charged(&markup::texts(batch)))
    }

    fn requests(&self) -> u64 {
        self.endpoint.sent()
    }

    fn spent(&self) -> Spent {
        self.endpoint.spent()
    }
}
