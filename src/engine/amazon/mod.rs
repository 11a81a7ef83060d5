//! Amazon Translate: `TranslateText`, one text a request.

mod refusal;
mod signature;

use futures::FutureExt;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use super::error::EngineError;
use super::fault::AnswerFault;
use super::http::{Account, Endpoint, EndpointSetup, Paid, encode};
use super::interface::{Abilities, Billing, Engine, EngineInfo, Limits, TranslateFuture};
use super::lenient;
use super::profile::{AmazonOptions, EngineKind, Profile, ProfileError, ServiceOptions};
use super::purse::Spent;
use super::secrets::Secrets;
use super::server::Server;
use super::service::ServiceTraits;
use crate::model::{Batch, Request, Translation};
use signature::Signature;

/// Bytes of a text, in UTF-8, by the documentation. There is no limit of the body around it.
const TEXT: usize = 10_000;
/// The operation, as it stands in a header.
const OPERATION: &str = "AWSShineFrontendService_20170701.TranslateText";

/// The engine.
pub(super) struct Amazon {
    info: EngineInfo,
    endpoint: Endpoint,
    terminology: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AmazonBody<'a> {
    text: &'a str,
    source_language_code: &'static str,
    target_language_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    terminology_names: Option<[&'a str; 1]>,
}

impl Amazon {
    /// The engine of a profile.
    pub(super) fn new(
        profile: &Profile,
        service: &ServiceOptions,
        own: &AmazonOptions,
        account: Account,
    ) -> Result<Self, EngineError> {
        let name = &profile.name;
        let key = service.trimmed_key().ok_or_else(|| profile.no_key(service))?;
        let region = own.region.as_deref().ok_or_else(|| {
            let hint = format!("add region = \"eu-central-1\", or another of AWS, to [engines.{name}]");
            ProfileError::missing(format!("{name} has no region"), hint)
        })?;
        // It is a part of the host's name.
        if region.is_empty()
            || !region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        {
            let message = format!("{region:?} is no region of AWS");
            return Err(ProfileError::at("region", message, "it is a name such as eu-central-1").into());
        }
        let regional = format!("https://translate.{region}.amazonaws.com");
        let base = service.base_url.as_deref().unwrap_or(&regional);
        let server = Server::of(EngineKind::Amazon, Some(base))?.endpoint(&[""]);
        let secrets = Secrets::of(Some(&key));
        let signature = Signature::new(&key, service.key_renewal.clone(), region, secrets.clone())?;
        let endpoint = Endpoint::new(EndpointSetup {
            secrets,
            authorize: Box::new(signature),
            read_refusal: refusal::read,
            ..service.setup(server.clone(), 60, account)
        })?;
        let traits = ServiceTraits {
            endpoint: server,
            options: format!("target=en terminology={:?}", own.terminology),
            segments: 1,
            characters: usize::MAX,
            body: TEXT,
            overhead: 0,
            concurrency: 16,
            billing: Billing::Characters,
            abilities: Abilities::default(),
        };
        let info = traits.info(profile, service);
        // Whatever the profile says.
        let info = EngineInfo { limits: Limits { segments: 1, ..info.limits }, ..info };
        Ok(Self { info, endpoint, terminology: own.terminology.clone() })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        // More are sent in halves, until there is one in each.
        let [Request { text, .. }] = &batch.requests[..] else { return Err(EngineError::TooLarge) };
        let body = encode(&AmazonBody {
            text,
            source_language_code: "de",
            target_language_code: "en",
            terminology_names: self.terminology.as_deref().map(|name| [name]),
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        headers.insert(HeaderName::from_static("x-amz-target"), HeaderValue::from_static(OPERATION));
        let Paid { answer, set_aside } = self.endpoint.post_with(headers, body, batch.characters()).await?;
        let reply = self.endpoint.json(&answer)?;
        if !reply.get("TranslatedText").is_some_and(serde_json::Value::is_string) {
            return Err(self.endpoint.error_in(&answer, &reply));
        }
        set_aside.spend(batch.characters());
        let text = lenient::text(&reply, "TranslatedText");
        if text.is_empty() {
            return Err(AnswerFault::Empty.into());
        }
        Ok(vec![Translation::plain(text)])
    }
}

impl Engine for Amazon {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    /// Its bytes alone: what the service counts.
    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.endpoint.sent()
    }

    fn spent(&self) -> Spent {
        self.endpoint.spent()
    }
}
