//! The profile of an engine, from its settings.

use std::num::NonZero;

use crate::config::{EngineSettings, Environment, Settings, resolve_key};
use crate::engine::{Kind, Profile};

use super::failure::{Exit, Failure};
use super::models::{self, Pulling};

/// The profile of the engine that a run uses; with `pulling`, a model may be pulled for it.
pub(super) fn run_profile(settings: &Settings, pulling: Option<Pulling>) -> Result<Profile, Failure> {
    match settings.translate.engine.as_str() {
        models::AUTO => auto_profile(settings, pulling),
        name => profile(settings, name),
    }
}

/// The profile of the best model. Options may stand in `[engines.auto]`, as no other name is known beforehand.
fn auto_profile(settings: &Settings, pulling: Option<Pulling>) -> Result<Profile, Failure> {
    let mut profile = models::auto(pulling)?;
    if let Some(found) = settings.engines.get(models::AUTO) {
        set_options(&mut profile, found);
    }
    Ok(profile)
}

/// The profile of an engine by its name or by the name of its kind.
pub(super) fn profile(settings: &Settings, name: &str) -> Result<Profile, Failure> {
    let default = EngineSettings::default();
    let found = settings.engines.get(name).unwrap_or(&default);
    let kind: Kind =
        found.kind.map_or_else(|| name.parse().map_err(|_| unknown_engine(settings, name)), Ok)?;
    let mut profile = Profile::new(name, kind);
    profile.model.clone_from(&found.model);
    set_options(&mut profile, found);
    profile.key = resolve_key(&profile, found, &Environment::of_process())?;
    models::resolve(&mut profile)?;
    Ok(profile)
}

/// Options that any kind of engine may have.
fn set_options(profile: &mut Profile, found: &EngineSettings) {
    profile.base_url.clone_from(&found.base_url);
    profile.identity.clone_from(&found.identity);
    profile.allow_http = found.allow_http.unwrap_or_default();
    profile.target_lang = found.target.unwrap_or_default();
    profile.concurrency = found.concurrency.map(NonZero::get);
    profile.threads = found.threads.map(NonZero::get);
    profile.max_segments = found.max_segments.map(NonZero::get);
    profile.max_bytes = found.max_bytes.map(NonZero::get);
    profile.timeout = found.timeout;
    profile.requests_per_second = found.requests_per_second;
    profile.attempts = found.attempts.map(NonZero::get);
    profile.context = found.context.unwrap_or(true);
}

/// A name that is neither a profile nor a kind.
fn unknown_engine(settings: &Settings, name: &str) -> Failure {
    let known: Vec<&str> = settings.engines.keys().map(String::as_str).collect();
    let nearest = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name));
    let hint = match nearest {
        Some(near) if strsim::damerau_levenshtein(near, name) <= 2 => format!("did you mean {near}?"),
        _ => format!("there are {}", known.join(", ")),
    };
    Failure::new(Exit::Config, format!("there is no engine {name:?}")).hint(hint)
}

/// Passes on how many threads a language model may compute with. Its arithmetic takes the number from a variable
/// of the environment when it is first used, and knows no other way; the engine checks that it has come through.
pub(super) fn limit_threads(profile: &Profile) {
    let Some(threads) = profile.threads.filter(|_| profile.kind == Kind::Gguf) else { return };
    #[expect(unsafe_code, reason = "no safe function sets a variable of the environment")]
    // SAFETY: this is undefined only if another thread reads the environment past the lock of the standard
    // library, as C libraries do. No engine, memory or runtime is there yet; the progress display is plain Rust.
    unsafe {
        std::env::set_var("CANDLE_NUM_THREADS", threads.to_string());
    }
}
