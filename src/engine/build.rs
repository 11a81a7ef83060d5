//! From a profile to its engine, with retries around it.

#[cfg(feature = "local")]
mod local;
#[cfg(feature = "services")]
mod services;

use std::num::NonZeroU32;
use std::sync::Arc;

#[cfg(feature = "local")]
use super::command::CommandEngine;
#[cfg(feature = "services")]
use super::deepl;
use super::error::EngineError;
use super::gate::Gates;
#[cfg(feature = "services")]
use super::http::Account;
use super::interface::Engine;
#[cfg(feature = "services")]
use super::profile::EngineKind;
use super::profile::{EngineOptions, Profile, ProfileError};
use super::pseudo::Pseudo;
use super::purse::Purse;
use super::retry::{OnWait, Policy, Retrying};
#[cfg(feature = "services")]
use super::server::Server;
use super::shared::{SharedLine, SharedPace};

/// Requests a second that `DeepL`'s makers advise not to exceed.
const DEEPL_RATE: f64 = 50.0;

/// Makes the engine of a profile, with [`Retrying`] around it. Nothing is sent.
///
/// # Errors
/// If the profile lacks something or holds something unusable; see [`readiness`].
pub fn build(profile: &Profile) -> Result<Arc<dyn Engine>, EngineError> {
    build_with(profile, EngineSupplies::default())
}

/// What an engine is given to work with.
#[derive(Clone)]
pub struct EngineSupplies {
    /// Told whenever the engine has to wait.
    pub on_wait: OnWait,
    /// What its requests are paid from.
    pub purse: Arc<Purse>,
    /// The gates of the hosts that it and the other engines of the run talk to.
    pub gates: Arc<Gates>,
    /// The pace that engines of other processes keep, too.
    pub pace: Option<Arc<dyn SharedPace>>,
}

impl Default for EngineSupplies {
    fn default() -> Self {
        Self { on_wait: Arc::new(|_| {}), purse: Arc::default(), gates: Arc::default(), pace: None }
    }
}

/// Like [`build`], with somebody who hears of waits, and a purse.
///
/// # Errors
/// If the profile lacks something or holds something unusable; see [`readiness`].
pub fn build_with(profile: &Profile, supplies: EngineSupplies) -> Result<Arc<dyn Engine>, EngineError> {
    let engine = bare(profile, &supplies.purse)?;
    let defaults = Policy::default();
    let own_rate = match &profile.options {
        // The advice is about DeepL's own hosts; another address is a stand-in with limits of its own.
        EngineOptions::DeepL(service, _) if service.base_url.is_none() => Some(DEEPL_RATE),
        _ => defaults.requests_per_second,
    };
    let policy = Policy {
        attempts: profile.attempts.map_or(defaults.attempts, NonZeroU32::get),
        requests_per_second: profile.requests_per_second.or(own_rate),
        ..defaults
    };
    Ok(Arc::new(match host_of(profile) {
        Some(host) => {
            let name = format!("{host} {}", profile.name);
            let line = supplies.pace.map(|pace| SharedLine::new(pace, name));
            Retrying::at(supplies.gates.of(host), engine, policy, supplies.on_wait).in_line(line)
        }
        None => Retrying::new(engine, policy, supplies.on_wait),
    }))
}

/// The host that the engine of a profile talks to, if there is one.
fn host_of(profile: &Profile) -> Option<String> {
    #[cfg(feature = "services")]
    if let Some(service) = profile.options.service() {
        return profile.server(service).ok().map(|server| server.host());
    }
    #[cfg(not(feature = "services"))]
    let _ = profile;
    None
}

/// Whether an engine can be made of a profile, and if not, what is missing. Nothing is sent or loaded.
///
/// # Errors
/// What is missing.
pub fn readiness(profile: &Profile) -> Result<(), EngineError> {
    match &profile.options {
        // Loading takes seconds; that the files are there is what can be said at once.
        #[cfg(feature = "local")]
        EngineOptions::Firefox(local) | EngineOptions::Gguf(local) => local::files(profile, local).map(drop),
        _ => bare(profile, &Arc::default()).map(drop),
    }
}

/// The server that the engine of a profile sends to; `None` for one that works without.
///
/// # Errors
/// The address of the profile is wrong.
#[cfg(feature = "services")]
pub fn server_of(profile: &Profile) -> Result<Option<Server>, ProfileError> {
    let Some(service) = profile.options.service() else { return Ok(None) };
    let base = service.base_url.as_deref();
    let of_key = || match profile.kind() {
        EngineKind::DeepL => deepl::default_host(&service.trimmed_key()?),
        _ => None,
    };
    Server::of(profile.kind(), base.or_else(of_key)).map(Some)
}

/// Looks for mistakes in a profile that are known before anything is sent or loaded.
///
/// # Errors
/// The first mistake.
pub fn check_profile(profile: &Profile) -> Result<(), ProfileError> {
    match readiness(profile) {
        Err(EngineError::Profile(error)) => Err(error),
        _ => Ok(()),
    }
}

/// The engine of a profile without retries.
pub(super) fn bare(profile: &Profile, purse: &Arc<Purse>) -> Result<Arc<dyn Engine>, EngineError> {
    #[cfg(feature = "services")]
    let account = Account { purse: Arc::clone(purse), prices: profile.prices.clone() };
    // Only services are paid.
    #[cfg(not(feature = "services"))]
    let _ = purse;
    match &profile.options {
        EngineOptions::Pseudo => Ok(Arc::new(Pseudo::new(profile))),
        #[cfg(feature = "local")]
        EngineOptions::Firefox(local) => local::firefox(profile, local),
        #[cfg(feature = "local")]
        EngineOptions::Gguf(local) => local::gguf(profile, local),
        #[cfg(feature = "local")]
        EngineOptions::Command(options) => Ok(Arc::new(CommandEngine::new(profile, options)?)),
        #[cfg(feature = "services")]
        options if let Some(service) = options.service() => services::service(profile, service, account),
        _ => Err(EngineError::Unusable(format!("this build has no {}", profile.kind()))),
    }
}
