//! What all services have of their profile: server, key, timeouts, limits, fingerprint.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::authorize::FixedHeaders;
use super::fingerprint::{Fingerprint, ServerMark};
use super::http::{Account, EndpointSetup, Timeouts};
use super::interface::{Abilities, Billing, EngineInfo, Limits};
use super::profile::{Profile, ProfileError, ServiceOptions};
use super::secrets::Secrets;
use super::server::Server;

/// How long to wait for a connection: enough for a far host, short enough to notice a wrong address.
const CONNECT: Duration = Duration::from_secs(10);

/// What a service is where the profile does not say otherwise.
pub(super) struct ServiceTraits {
    /// Where requests go.
    pub(super) endpoint: Server,
    /// Options that change its output, in the order and form they have in the fingerprint.
    pub(super) options: String,
    /// Texts in a request.
    pub(super) segments: usize,
    /// Characters in a request.
    pub(super) characters: usize,
    /// Bytes in the body of a request.
    pub(super) body: usize,
    /// Bytes of the body that are not texts.
    pub(super) overhead: usize,
    /// Requests in flight at once.
    pub(super) concurrency: usize,
    pub(super) billing: Billing,
    pub(super) abilities: Abilities,
}

impl ServiceTraits {
    /// What the engine is, with the profile's own limits in the place of the service's.
    pub(super) fn info(self, profile: &Profile, service: &ServiceOptions) -> EngineInfo {
        let kind = profile.kind();
        let body = service.max_bytes.map_or(self.body, NonZeroUsize::get);
        // An own server costs nothing, unless its user says what.
        let prices = profile.prices.as_ref();
        let has_price = prices.is_some_and(|prices| prices.characters.is_some());
        let context = self.abilities.context && profile.context;
        // Nothing is said of the vendor's server, as there is only one such.
        let server = match &service.identity {
            Some(name) => Some(ServerMark::Identity(escaped(name))),
            None if self.endpoint.is_vendors(kind) => None,
            None => Some(ServerMark::Address(escaped(&self.endpoint.identity()))),
        };
        let fingerprint = Fingerprint {
            profile: profile.name.clone(),
            kind,
            options: format!("context={context} {}", self.options),
            server,
        };
        EngineInfo {
            profile: profile.name.clone(),
            kind: kind.name(),
            fingerprint: fingerprint.to_string(),
            limits: Limits {
                segments: profile.max_segments.map_or(self.segments, NonZeroUsize::get),
                characters: self.characters,
                bytes: body.saturating_sub(self.overhead).max(1),
            },
            concurrency: profile.concurrency.map_or(self.concurrency, NonZeroUsize::get),
            billing: if has_price { Billing::Characters } else { self.billing },
            prices: profile.prices.clone(),
            abilities: Abilities { context, title: context && self.abilities.title, ..self.abilities },
            caveat: None,
        }
    }
}

/// A text as it stands between quotation marks in a fingerprint.
fn escaped(text: &str) -> String {
    let quoted = format!("{text:?}");
    quoted[1..quoted.len() - 1].to_owned()
}

impl ServiceOptions {
    /// The timeouts, with the service's own for an answer, in seconds, where none is set.
    fn timeouts(&self, answer: u64) -> Timeouts {
        Timeouts {
            connect: self.connect_timeout.unwrap_or(CONNECT),
            answer: self.timeout.unwrap_or(Duration::from_secs(answer)),
        }
    }

    /// What an endpoint of the service is made of, with the service's own timeout for an answer, in seconds. Nothing
    /// authorises its requests, and its errors mean what they mean everywhere.
    pub(super) fn setup(&self, server: Server, answer: u64, account: Account) -> EndpointSetup<'_> {
        EndpointSetup {
            server,
            timeouts: self.timeouts(answer),
            network: &self.network,
            secrets: Secrets::of(self.trimmed_key().as_ref()),
            authorize: Box::new(FixedHeaders::default()),
            read_refusal: |_| None,
            account,
        }
    }
}

impl Profile {
    /// The server of the profile.
    pub(super) fn server(&self, service: &ServiceOptions) -> Result<Server, ProfileError> {
        Server::of(self.kind(), service.base_url.as_deref())
    }

    /// The error of an engine that cannot work without a key.
    pub(super) fn no_key(&self, service: &ServiceOptions) -> ProfileError {
        let name = &self.name;
        let is_vendors = self.server(service).is_ok_and(|server| server.is_vendors(self.kind()));
        let variable = match self.kind().key_variable().filter(|_| is_vendors) {
            Some(variable) => format!("put it into the environment variable {variable}, or "),
            None => String::new(),
        };
        ProfileError::missing(
            format!("{name} has no key"),
            format!("{variable}set key_env, key_file or key_command in [engines.{name}]"),
        )
    }
}
