//! From settings to what a command works with.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{EngineSettings, Environment, Layers, Origin, Settings, resolve_key};
use crate::engine::{self, Engine, Kind, OnWait, Profile};
use crate::glossary::{Glossary, GlossaryError, Matcher};
use crate::model::Rung;
use crate::pipeline::{Again, Options, Peers, Tools};
use crate::read;
use crate::report::clean;
use crate::text::{German, Segmenter, Srx};
use crate::write::Format;

use super::cli::ConfigArgs;
use super::failure::{Exit, Failure};
use super::models::{self, Pulling};

/// Looks up an environment variable; one that is no Unicode counts as not set.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// All layers but the flags.
pub(super) fn layers(args: &ConfigArgs) -> Result<Layers, Failure> {
    let folder = std::env::current_dir()
        .map_err(|error| Failure::new(Exit::Config, format!("cannot tell the current folder: {error}")))?;
    Ok(Layers::load(args.config.as_deref(), &folder, &Environment::of_process())?)
}

/// Puts the flags that were given on top.
pub(super) fn with_flags(
    layers: &mut Layers,
    flags: &[(&'static str, &str, Option<String>)],
) -> Result<(), Failure> {
    for (flag, key, value) in flags {
        if let Some(value) = value {
            layers.set_text(key, value, Origin::Flag(flag))?;
        }
    }
    Ok(())
}

/// A switch that was given, as the text of a setting.
pub(super) fn text_of_switch(given: bool) -> Option<String> {
    given.then(|| "true".to_owned())
}

/// A path as the text of a setting.
pub(super) fn text_of(path: Option<&Path>) -> Option<String> {
    path.map(|path| path.to_string_lossy().into_owned())
}

/// The glossary in force.
pub(super) fn glossary(settings: &Settings) -> Result<Glossary, Failure> {
    if settings.glossary_is_default && !settings.glossary.exists() {
        return Ok(Glossary::default());
    }
    load_glossary(&settings.glossary, settings.glossary_lenient)
}

/// Loads a glossary that must be there; a lenient load tells on standard error what it leaves out.
pub(super) fn load_glossary(path: &Path, lenient: bool) -> Result<Glossary, Failure> {
    if !lenient {
        return Glossary::load(path).map_err(|error| {
            let lenient = matches!(error, GlossaryError::Line(_));
            let failure = glossary_failure(error);
            if lenient { failure.hint("--lenient leaves broken lines out and goes on") } else { failure }
        });
    }
    let (glossary, faults) = Glossary::load_lenient(path).map_err(glossary_failure)?;
    for fault in &faults {
        let _ = writeln!(io::stderr(), "left out: {}", clean(&fault.to_string()));
    }
    Ok(glossary)
}

/// A broken glossary, with the line marked in its file.
pub(super) fn glossary_failure(error: GlossaryError) -> Failure {
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let failure = Failure::new(Exit::Config, format!("{error}{cause}"));
    let GlossaryError::Line(line) = error else { return failure };
    let path = &line.origin.path;
    // A pipe gives nothing twice, and opening it again may wait for ever.
    if !path.is_file() {
        return failure;
    }
    let Ok(text) = std::fs::read_to_string(path) else { return failure };
    let start: usize =
        text.split_inclusive('\n').take(line.origin.line.saturating_sub(1)).map(str::len).sum();
    failure.at(path.display(), &text, start + line.span.start..start + line.span.end)
}

/// The profile of the engine that a run uses; with `pulling`, a model may be pulled for it.
pub(super) fn run_profile(settings: &Settings, pulling: Option<Pulling>) -> Result<Profile, Failure> {
    match settings.engine.as_str() {
        models::AUTO => auto_profile(settings, pulling),
        name => profile(settings, name),
    }
}

/// The profile of the best model. Options may stand in `[engines.auto]`, as no other name is known beforehand.
fn auto_profile(settings: &Settings, pulling: Option<Pulling>) -> Result<Profile, Failure> {
    let mut profile = models::auto(pulling)?;
    if let Some(found) = settings.engines.get(models::AUTO) {
        set_options(&mut profile, found)?;
    }
    Ok(profile)
}

/// The profile of an engine by its name or by the name of its kind.
pub(super) fn profile(settings: &Settings, name: &str) -> Result<Profile, Failure> {
    let default = EngineSettings::default();
    let found = settings.engines.get(name).unwrap_or(&default);
    let kind: Kind =
        found.kind.as_deref().unwrap_or(name).parse().map_err(|_| unknown_engine(settings, name))?;
    let mut profile = Profile::new(name, kind);
    profile.model.clone_from(&found.model);
    set_options(&mut profile, found)?;
    profile.key = resolve_key(&profile, found, &Environment::of_process())?;
    models::resolve(&mut profile)?;
    Ok(profile)
}

/// Options that any kind of engine may have.
fn set_options(profile: &mut Profile, found: &EngineSettings) -> Result<(), Failure> {
    profile.base_url.clone_from(&found.base_url);
    profile.identity.clone_from(&found.identity);
    profile.allow_http = found.allow_http.unwrap_or_default();
    if let Some(target) = &found.target {
        profile.target_lang = target.parse().map_err(Failure::from)?;
    }
    profile.concurrency = found.concurrency;
    profile.threads = found.threads;
    profile.max_segments = found.max_segments;
    profile.max_bytes = found.max_bytes;
    profile.timeout = found.timeout.map(|seconds| Duration::from_secs(seconds as u64));
    profile.requests_per_second =
        found.requests_per_second.and_then(|rate| u32::try_from(rate).ok()).map(f64::from);
    profile.attempts = found.attempts.and_then(|attempts| u32::try_from(attempts).ok());
    profile.context = found.context.unwrap_or(true);
    Ok(())
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

/// What cuts German into sentences.
pub(super) fn segmenter(settings: &Settings) -> Result<Arc<dyn Segmenter>, Failure> {
    let Some(path) = &settings.rules else {
        return Ok(Arc::new(German::with_abbreviations(settings.abbreviations.iter().cloned())));
    };
    let srx = Srx::load(path).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Failure::new(Exit::Config, format!("{}: {error}{cause}", path.display()))
    })?;
    if !settings.abbreviations.is_empty() {
        let message = "segment.abbreviations are for wortlaut's own rules, and segment.rules replaces them";
        return Err(Failure::new(Exit::Config, message).hint("write them into the file of rules"));
    }
    Ok(Arc::new(srx))
}

/// What a run works with.
pub(super) fn tools(settings: &Settings, profile: &Profile, on_wait: OnWait) -> Result<Tools, Failure> {
    limit_threads(profile);
    let engine: Arc<dyn Engine> = engine::build_reporting(profile, on_wait)?;
    Ok(Tools {
        segmenter: segmenter(settings)?,
        matcher: Arc::new(Matcher::new(&glossary(settings)?)),
        engine,
    })
}

/// Passes on how many threads a language model may compute with. Its arithmetic takes the number from a variable
/// of the environment when it is first used, and knows no other way; the engine checks that it has come through.
fn limit_threads(profile: &Profile) {
    let Some(threads) = profile.threads.filter(|_| profile.kind == Kind::Gguf) else { return };
    #[expect(unsafe_code, reason = "no safe function sets a variable of the environment")]
    // SAFETY: this is undefined only if another thread reads the environment past the lock of the standard
    // library, as C libraries do. No engine, memory or runtime is there yet; the progress display is plain Rust.
    unsafe {
        std::env::set_var("CANDLE_NUM_THREADS", threads.to_string());
    }
}

/// How articles are read and what is done to their segments.
pub(super) fn options(settings: &Settings, count: bool) -> Result<Options, Failure> {
    let rung = |name: &String| {
        Rung::ALL.into_iter().find(|rung| rung.as_str() == name).ok_or_else(|| {
            Failure::new(Exit::Config, format!("glossary.rungs: there is no rung {name:?}"))
                .hint("there are repair, inline, placeholder")
        })
    };
    let furniture = match settings.furniture.as_str() {
        "keep" => false,
        "translate" => true,
        other => {
            let message = format!("translate.furniture is {other:?}");
            return Err(Failure::new(Exit::Config, message).hint("it is keep or translate"));
        }
    };
    Ok(Options {
        read: read::Options { wrap: settings.wrap, ..read::Options::default() },
        furniture,
        house_form: settings.house_form,
        any_language: settings.force,
        rungs: settings.rungs.iter().map(rung).collect::<Result<_, _>>()?,
        count,
        peers: Peers::default(),
        again: Again::default(),
        offline: false,
    })
}

/// The output formats.
pub(super) fn formats(settings: &Settings) -> Result<Vec<Format>, Failure> {
    let parse = |name: &String| name.parse::<Format>().map_err(|error| Failure::new(Exit::Usage, error));
    let formats: Vec<Format> = settings.formats.iter().map(parse).collect::<Result<_, _>>()?;
    if formats.is_empty() {
        return Err(
            Failure::new(Exit::Usage, "no output format is given").hint("--format lines,text,tsv,jsonl")
        );
    }
    Ok(formats)
}
