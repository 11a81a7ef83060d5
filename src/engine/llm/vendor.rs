//! The API of a vendor, and what of a profile it is made of.

use secrecy::SecretString;
use strum::VariantArray;

use super::night::jobs::JobProtocol;
use super::protocol::Protocol;
use crate::engine::authorize::FixedHeaders;
use crate::engine::profile::{Effort, EngineKind, ModelOptions, Profile, ProfileError, ServiceOptions};
use crate::engine::server::Server;
use crate::engine::status::ReadRefusal;

/// The numbers of wortlaut's own prompts. Answers to the first are in people's memories, so an API keeps the one that it
/// began with.
pub(super) const FIRST_PROMPT: u32 = 1;
pub(super) const NEWEST_PROMPT: u32 = 2;
/// Texts in a request: small models lose count beyond that.
pub(super) const FEW_TEXTS: usize = 10;
/// The same for the large models of vendors, which are held to the ids by a schema.
pub(super) const MANY_TEXTS: usize = 20;

/// An API with all that is particular to it.
pub(super) struct Vendor {
    pub(super) protocol: Box<dyn Protocol>,
    /// Its batch jobs, if it has any.
    pub(super) jobs: Option<Box<dyn JobProtocol>>,
    /// Where requests go.
    pub(super) server: Server,
    pub(super) authorize: FixedHeaders,
    /// What only this vendor's errors mean.
    pub(super) read_refusal: ReadRefusal,
    pub(super) model: String,
    /// The number of wortlaut's own prompt for it.
    pub(super) prompt: u32,
    /// What else stands in the fingerprint, with a space before it.
    pub(super) mark: &'static str,
    /// Texts in a request.
    pub(super) texts: usize,
    /// Characters in a request, where the profile says how large the model's context is.
    pub(super) characters: Option<usize>,
    /// Requests in flight at once.
    pub(super) concurrency: usize,
    /// Tokens that a model may think before its answer.
    pub(super) thinking: u64,
    pub(super) always_has_ceiling: bool,
}

impl Vendor {
    /// A hosted API as most are: a large model, the newest prompt, a ceiling for every answer, and no batch jobs or errors of
    /// its own.
    pub(super) fn hosted(
        protocol: impl Protocol + 'static,
        server: Server,
        authorize: FixedHeaders,
        model: String,
    ) -> Self {
        Self {
            protocol: Box::new(protocol),
            jobs: None,
            server,
            authorize,
            read_refusal: |_| None,
            model,
            prompt: NEWEST_PROMPT,
            mark: "",
            texts: MANY_TEXTS,
            characters: None,
            concurrency: 4,
            thinking: 0,
            always_has_ceiling: true,
        }
    }
}

/// What of a profile a vendor is made of.
pub(super) struct VendorSetup<'a> {
    pub(super) profile: &'a Profile,
    pub(super) service: &'a ServiceOptions,
    pub(super) options: &'a ModelOptions,
    pub(super) model: String,
    pub(super) key: Option<SecretString>,
    /// Where the API is.
    pub(super) root: Server,
}

impl<'a> VendorSetup<'a> {
    /// What a profile says.
    pub(super) fn new(
        profile: &'a Profile,
        service: &'a ServiceOptions,
        options: &'a ModelOptions,
    ) -> Result<Self, ProfileError> {
        let model = service.model.as_deref().map(str::trim).filter(|model| !model.is_empty());
        let model = model.ok_or_else(|| no_model(profile, service))?.to_owned();
        let (key, root) = (service.trimmed_key(), profile.server(service)?);
        Ok(Self { profile, service, options, model, key, root })
    }

    /// Makes sure that there is a key, unless the server is the user's own.
    pub(super) fn needs_key(&self) -> Result<(), ProfileError> {
        let is_own = self.service.base_url.is_some() && !self.root.is_vendors(self.profile.kind());
        if self.key.is_none() && !is_own { Err(self.profile.no_key(self.service)) } else { Ok(()) }
    }
}

impl Profile {
    /// Refuses an effort that the API has no word for.
    pub(super) fn refuse_efforts(
        &self,
        options: &ModelOptions,
        foreign: &[Effort],
    ) -> Result<(), ProfileError> {
        let Some(effort) = options.effort.filter(|effort| foreign.contains(effort)) else { return Ok(()) };
        let has: Vec<_> = Effort::VARIANTS
            .iter()
            .filter(|effort| !foreign.contains(effort))
            .map(|effort| effort.name())
            .collect();
        let message = format!("{} has no effort {}", self.kind(), effort.name());
        Err(ProfileError::at("effort", message, format!("it has {}", has.join(", "))))
    }
}

fn no_model(profile: &Profile, service: &ServiceOptions) -> ProfileError {
    let (name, kind) = (&profile.name, profile.kind());
    let is_usual = profile
        .server(service)
        .is_ok_and(|server| server.is_vendors(kind) || kind == EngineKind::Ollama && server.is_loopback());
    let hint = match kind.example_model().filter(|_| is_usual) {
        Some(model) => format!("set model in [engines.{name}], such as model = {model:?}"),
        None => format!("set model in [engines.{name}] to one that the server has"),
    };
    ProfileError::missing(format!("{name} has no model"), hint)
}
