//! From a profile to its engine, with retries around it.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use super::deepl::DeepL;
use super::firefox::Firefox;
use super::gguf::Gguf;
use super::libretranslate::LibreTranslate;
use super::openai::OpenAi;
use super::profile::{
    EngineKind, EngineOptions, LocalOptions, ModelFiles, Profile, ProfileError, TargetLang,
};
use super::pseudo::Pseudo;
use super::server::readable_key;
use super::{
    Engine, EngineError, OnWait, Policy, Retrying, Tuning, deepl, firefox, gguf, libretranslate, openai,
};

/// Requests a second that `DeepL`'s makers advise not to exceed.
const DEEPL_RATE: f64 = 50.0;

/// Bytes that an ordinary sentence takes in a request, with its quotation marks, term and tags; some 25 words.
const SENTENCE: usize = 250;

/// Tokens that a prompt and its answer may take together: plenty for single sentences.
const GGUF_CONTEXT: usize = 2048;

impl EngineKind {
    /// The smallest `max_bytes` in which one sentence finds room beside what stands around it in a request; `None`
    /// for kinds that do not count bytes.
    #[must_use]
    pub fn least_bytes(self, context: bool) -> Option<usize> {
        let frame = match self {
            Self::DeepL => deepl::overhead(context),
            Self::LibreTranslate => libretranslate::FRAME,
            Self::OpenAi => openai::overhead(TargetLang::default()),
            Self::Firefox | Self::Gguf | Self::Pseudo => return None,
        };
        Some(frame + SENTENCE)
    }
}

/// Makes the engine of a profile, with [`Retrying`] around it. Nothing is sent.
///
/// # Errors
/// If the profile lacks something or holds something unusable; see [`readiness`].
pub fn build(profile: &Profile) -> Result<Arc<dyn Engine>, EngineError> {
    build_reporting(profile, Arc::new(|_| {}))
}

/// Like [`build`], and reports whenever the engine has to wait.
///
/// # Errors
/// If the profile lacks something or holds something unusable; see [`readiness`].
pub fn build_reporting(profile: &Profile, on_wait: OnWait) -> Result<Arc<dyn Engine>, EngineError> {
    let engine = bare(profile)?;
    let defaults = Policy::default();
    let own_rate = match &profile.options {
        // The advice is about DeepL's own hosts; another address is a stand-in with limits of its own.
        EngineOptions::DeepL(service) if service.base_url.is_none() => Some(DEEPL_RATE),
        _ => defaults.requests_per_second,
    };
    let policy = Policy {
        attempts: profile.attempts.map_or(defaults.attempts, NonZeroU32::get),
        requests_per_second: profile.requests_per_second.or(own_rate),
        ..defaults
    };
    Ok(Arc::new(Retrying::new(engine, policy, on_wait)))
}

/// Whether an engine can be made of a profile, and if not, what is missing. Nothing is sent or loaded.
///
/// # Errors
/// What is missing.
pub fn readiness(profile: &Profile) -> Result<(), EngineError> {
    match &profile.options {
        // Loading takes seconds; that the files are there is what can be said at once.
        EngineOptions::Firefox(local) | EngineOptions::Gguf(local) => files(profile, local).map(drop),
        _ => bare(profile).map(drop),
    }
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
pub(super) fn bare(profile: &Profile) -> Result<Arc<dyn Engine>, EngineError> {
    check_key(profile)?;
    Ok(match &profile.options {
        EngineOptions::DeepL(service) => Arc::new(DeepL::new(profile, service)?),
        EngineOptions::LibreTranslate(service) => Arc::new(LibreTranslate::new(profile, service)?),
        EngineOptions::OpenAi(service) => Arc::new(OpenAi::new(profile, service)?),
        EngineOptions::Firefox(local) => Arc::new(Firefox::open(&firefox_options(profile, local)?)?),
        EngineOptions::Gguf(local) => Arc::new(Gguf::load(gguf_options(profile, local)?)?),
        EngineOptions::Pseudo => Arc::new(Pseudo::new(profile)),
    })
}

/// Makes sure that the key is sent only where nobody on the way can read it.
fn check_key(profile: &Profile) -> Result<(), ProfileError> {
    let Some(service) = profile.options.service() else { return Ok(()) };
    if service.trimmed_key().is_none() || service.allow_http {
        return Ok(());
    }
    let server = profile.server(service)?;
    if server.is_open_to_readers() { Err(readable_key(&server)) } else { Ok(()) }
}

fn firefox_options(profile: &Profile, local: &LocalOptions) -> Result<firefox::FirefoxOptions, EngineError> {
    let files = files(profile, local)?;
    let vocabulary = files.vocabulary.clone();
    Ok(firefox::FirefoxOptions {
        profile: profile.name.clone(),
        model: files.weights.clone(),
        vocabulary: vocabulary.ok_or_else(|| {
            EngineError::Unusable(format!("{} has a model without vocabulary", profile.name))
        })?,
        shortlist: files.shortlist.clone(),
        tuning: tuning(profile, local),
    })
}

fn gguf_options(profile: &Profile, local: &LocalOptions) -> Result<gguf::GgufOptions, EngineError> {
    let files = files(profile, local)?;
    Ok(gguf::GgufOptions {
        profile: profile.name.clone(),
        model: files.weights.clone(),
        context: GGUF_CONTEXT,
        neighbours: profile.context,
        caveat: files.caveat.clone(),
        tuning: tuning(profile, local),
    })
}

fn tuning(profile: &Profile, local: &LocalOptions) -> Tuning {
    let (segments, concurrency): (Option<NonZeroUsize>, _) = (profile.max_segments, profile.concurrency);
    Tuning { threads: local.threads, segments, concurrency }
}

fn files<'a>(profile: &Profile, local: &'a LocalOptions) -> Result<&'a ModelFiles, EngineError> {
    local.files.as_ref().ok_or_else(|| EngineError::NoModel { profile: profile.name.clone() })
}
