//! Azure Translator: version 3.0, which tells which words stand for which, and version 2026-06-06, which has language
//! models.

mod alignment;
mod dictionary;
mod refusal;

use std::borrow::Cow;

use futures::FutureExt;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

use super::authorize::FixedHeaders;
use super::error::EngineError;
use super::fault::AnswerFault;
use super::http::{Account, Endpoint, EndpointSetup, Paid, encode, json_len};
use super::interface::{Abilities, Billing, Engine, EngineInfo, Foreseen, TranslateFuture};
use super::lenient;
use super::markup::{has_markup, marked, unmarked};
use super::profile::{MicrosoftOptions, Profile, ProfileError, ServiceOptions};
use super::purse::Spent;
use super::server::Server;
use super::service::ServiceTraits;
use crate::model::{Batch, Request, Translation, Usage};
use dictionary::with_dictionary;
use refusal::charged;

/// The versions of the API, as they stand in addresses.
const CLASSIC: &str = "3.0";
const CURRENT: &str = "2026-06-06";
/// Texts in a request by the documentation, and for a language model.
const TEXTS: usize = 1_000;
const LLM_TEXTS: usize = 50;
/// Characters in a request. The limit is 50,000, tags included; smaller requests are what the documentation asks for.
const CHARACTERS: usize = 10_000;
/// The same for a language model: the limit of a single text.
const LLM_CHARACTERS: usize = 5_000;
/// Bytes of a body: far above 10,000 characters of German.
const BODY: usize = 100_000;
/// Bytes of the JSON around all texts.
const FRAME: usize = 40;
/// Bytes of the JSON around each text without its pairs, with the longest name of a deployment that is likely.
const TEXT_FRAME: usize = 250;
/// Pairs of earlier translations with a text, by the documentation, and the bytes that they may take together.
const PAIRS: usize = 5;
const PAIR_BYTES: usize = 4_000;
/// The domain in which each customer may have a host.
const CUSTOM_DOMAIN: &str = "cognitiveservices.azure.com";

/// The engine.
pub(super) struct Microsoft {
    info: EngineInfo,
    endpoint: Endpoint,
    api: AzureApi,
    region: Option<HeaderValue>,
}

/// A version of the API, with its addresses.
enum AzureApi {
    /// For plain texts and for texts with tags.
    Classic {
        plain: Server,
        styled: Server,
    },
    Current {
        server: Server,
        deployment: Option<String>,
    },
}

#[derive(Serialize)]
struct ClassicText<'a> {
    #[serde(rename = "Text")]
    text: Cow<'a, str>,
}

#[derive(Serialize)]
struct CurrentBody<'a> {
    inputs: Vec<CurrentText<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CurrentText<'a> {
    text: Cow<'a, str>,
    language: &'static str,
    text_type: &'static str,
    targets: [CurrentTarget<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CurrentTarget<'a> {
    language: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reference_text_pairs: Vec<ReferencePair<'a>>,
}

#[derive(Serialize)]
struct ReferencePair<'a> {
    source: &'a str,
    target: &'a str,
}

impl Microsoft {
    /// The engine of a profile.
    pub(super) fn new(
        profile: &Profile,
        service: &ServiceOptions,
        own: &MicrosoftOptions,
        account: Account,
    ) -> Result<Self, EngineError> {
        let is_current = match own.api_version.as_deref() {
            None | Some(CLASSIC) => false,
            Some(CURRENT) => true,
            Some(other) => {
                let message = format!("wortlaut does not speak version {other:?} of Azure Translator");
                return Err(ProfileError::at(
                    "api_version",
                    message,
                    format!("it speaks {CLASSIC} and {CURRENT}"),
                )
                .into());
            }
        };
        let key = service.trimmed_key().ok_or_else(|| profile.no_key(service))?;
        let region = own.region.as_deref().map(HeaderValue::from_str).transpose().map_err(|_| {
            ProfileError::at("region", "region is not usable", "it is a name such as westeurope")
        })?;
        let root = profile.server(service)?;
        let path = match (root.is_below(CUSTOM_DOMAIN), is_current) {
            (false, _) => &["translate"][..],
            (true, false) => &["translator", "text", "v3.0", "translate"],
            (true, true) => &["translator", "text", "translate"],
        };
        let server = root.endpoint(path);
        let deployment = own.deployment.clone();
        let name = HeaderName::from_static("ocp-apim-subscription-key");
        let endpoint = Endpoint::new(EndpointSetup {
            authorize: Box::new(FixedHeaders::of(name, Some(&key))?),
            read_refusal: refusal::read,
            ..service.setup(server.clone(), 120, account)
        })?;
        let is_llm = is_current && deployment.is_some();
        let traits = ServiceTraits {
            endpoint: server.clone(),
            options: format!(
                "api={} target=en deployment={deployment:?}",
                if is_current { CURRENT } else { CLASSIC }
            ),
            segments: if is_llm { LLM_TEXTS } else { TEXTS },
            characters: if is_llm { LLM_CHARACTERS } else { CHARACTERS },
            body: BODY,
            overhead: FRAME,
            concurrency: 8,
            billing: if is_llm { Billing::Tokens } else { Billing::Characters },
            // The documents say nothing of dictionaries of the newer version.
            abilities: Abilities {
                markup: true,
                dictionary: !is_current,
                examples: is_llm,
                ..Abilities::default()
            },
        };
        let api = if is_current {
            AzureApi::Current { server: server.with_query(&[("api-version", CURRENT)]), deployment }
        } else {
            classic(&server, deployment.as_deref())
        };
        Ok(Self { info: traits.info(profile, service), endpoint, api, region })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let is_marked = has_markup(batch);
        let (server, body, most) = self.asked(batch)?;
        let characters = Usage::of_characters(most.characters);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
        if let Some(region) = &self.region {
            headers.insert(HeaderName::from_static("ocp-apim-subscription-region"), region.clone());
        }
        let Paid { answer, set_aside } = self.endpoint.post_to(server, headers, body, most).await?;
        let reply = self.endpoint.json(&answer)?;
        let items = match &self.api {
            AzureApi::Classic { .. } => reply.as_array(),
            AzureApi::Current { .. } => reply.get("value").and_then(Value::as_array),
        };
        let items = items.filter(|items| !items.is_empty());
        let Some(items) = items else { return Err(self.endpoint.error_in(&answer, &reply)) };
        let header = |name| charged(&answer.headers, name);
        let metered = header("x-metered-usage").or_else(|| header("sourcecharacterscharged"));
        set_aside.spend(Usage {
            input_tokens: header("sourcetokenscharged").unwrap_or_default(),
            output_tokens: header("targettokenscharged").unwrap_or_default(),
            ..metered.map_or(characters, Usage::of_characters)
        });
        let (asked, got) = (batch.requests.len(), items.len());
        if got != asked {
            return Err(AnswerFault::WrongCount { sent: asked, got }.into());
        }
        let translation = |(item, request): (&Value, &Request)| {
            let told = item.pointer("/translations/0").unwrap_or(&Value::Null);
            let text = lenient::text(told, "text");
            let billed = told.get("sourceCharacters").and_then(lenient::figure);
            let billed = billed.or_else(|| metered.filter(|_| asked == 1));
            if is_marked {
                return Translation { billed, ..unmarked(&text, request) };
            }
            // Where there is markup, nobody says what the offsets count.
            let words = told.pointer("/alignment/proj").filter(|_| request.terms.is_empty());
            let words = words.and_then(Value::as_str);
            let alignment = words.and_then(|words| alignment::read(words, &request.text, &text));
            Translation { alignment, billed, ..Translation::plain(text) }
        };
        Ok(items.iter().zip(&batch.requests).map(translation).collect())
    }
}

impl Microsoft {
    /// Where a batch goes, its body, and the most that it can use.
    fn asked(&self, batch: &Batch) -> Result<(&Server, Vec<u8>, Usage), EngineError> {
        let is_marked = has_markup(batch);
        let texts: Vec<Cow<'_, str>> =
            batch.requests.iter().map(|request| sent(request, is_marked)).collect();
        let characters = Usage::of_characters(texts.iter().map(|text| text.chars().count() as u64).sum());
        Ok(match &self.api {
            AzureApi::Classic { plain, styled } => {
                let texts: Vec<_> = texts.into_iter().map(|text| ClassicText { text }).collect();
                (if is_marked { styled } else { plain }, encode(&texts)?, characters)
            }
            AzureApi::Current { server, deployment } => {
                let body = encode(&current_body(batch, texts, is_marked, deployment.as_deref()))?;
                if deployment.is_none() {
                    return Ok((server, body, characters));
                }
                // A token has at least a byte. Nothing in a request limits what the model writes; a translation is shorter
                // than its text with the JSON around it.
                let tokens = body.len() as u64;
                (server, body, Usage { input_tokens: tokens, output_tokens: tokens, ..characters })
            }
        })
    }
}

/// The addresses of version 3.0.
fn classic(server: &Server, category: Option<&str>) -> AzureApi {
    let address = |form: &[(&str, &str)]| {
        let mut options = vec![("api-version", CLASSIC), ("from", "de"), ("to", "en")];
        options.extend(form);
        if let Some(category) = category {
            // Otherwise a category that does not exist would silently be the general system.
            options.extend([("category", category), ("allowFallback", "false")]);
        }
        server.with_query(&options)
    };
    // There is no alignment for HTML.
    let plain = address(&[("textType", "plain"), ("includeAlignment", "true")]);
    AzureApi::Classic { plain, styled: address(&[("textType", "html")]) }
}

fn current_body<'a>(
    batch: &'a Batch,
    texts: Vec<Cow<'a, str>>,
    is_marked: bool,
    deployment: Option<&'a str>,
) -> CurrentBody<'a> {
    let mut examples = batch.examples.iter();
    let inputs = texts.into_iter().map(|text| {
        let mut left = PAIR_BYTES;
        let pairs = examples.next().into_iter().flatten().take(PAIRS);
        let pairs = pairs.map_while(|example| {
            left = left.checked_sub(json_len(&example.source) + json_len(&example.target))?;
            Some(ReferencePair { source: &example.source, target: &example.target })
        });
        let reference_text_pairs = if deployment.is_some() { pairs.collect() } else { Vec::new() };
        CurrentText {
            text,
            language: "de",
            text_type: if is_marked { "Html" } else { "Plain" },
            targets: [CurrentTarget { language: "en", deployment_name: deployment, reference_text_pairs }],
        }
    });
    CurrentBody { inputs: inputs.collect() }
}

/// Bytes of a body that are not the first text, at most.
pub(super) fn overhead() -> usize {
    FRAME + TEXT_FRAME + PAIR_BYTES
}

/// A text as it is sent, with tags or without.
fn sent(request: &Request, with_tags: bool) -> Cow<'_, str> {
    let text = if with_tags { marked(request).into() } else { request.text.as_str().into() };
    with_dictionary(text, &request.terms, with_tags)
}

impl Engine for Microsoft {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        let frame = match &self.api {
            // `{"Text":},`
            AzureApi::Classic { .. } => 10,
            AzureApi::Current { deployment: None, .. } => TEXT_FRAME,
            AzureApi::Current { .. } => TEXT_FRAME + PAIR_BYTES,
        };
        // A neighbour with inline markup makes markup of every text of a request.
        json_len(&sent(request, true)) + frame
    }

    fn foresee(&self, batch: &Batch) -> Foreseen {
        // What cannot be written as JSON is not sent either.
        let mut most = self.asked(batch).map(|(_, _, most)| most).unwrap_or_default();
        if self.info.abilities.examples {
            // Nobody looks for them before the run.
            most.input_tokens += (PAIR_BYTES * batch.requests.len()) as u64;
        }
        // Of what a language model reads and writes there, nothing but the bound is known.
        Foreseen::exact(most)
    }

    fn requests(&self) -> u64 {
        self.endpoint.sent()
    }

    fn spent(&self) -> Spent {
        self.endpoint.spent()
    }
}
