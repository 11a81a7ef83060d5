//! The engines inside the process: what they are told of a profile, and what of it they cannot do.

use std::num::NonZeroUsize;

use super::profile::{Kind, ModelFiles, Profile, TargetLang};
use super::{EngineError, Tuning, firefox, gguf};

/// Tokens that a prompt and its answer may take together: plenty for single sentences.
const GGUF_CONTEXT: usize = 2048;

/// Makes sure that the options and the files of a profile can be used.
pub(super) fn check(profile: &Profile) -> Result<(), EngineError> {
    check_options(profile)?;
    files(profile).map(drop)
}

/// Refuses options that the kind of engine does not have, which would else be ignored without a word.
pub(super) fn check_options(profile: &Profile) -> Result<(), EngineError> {
    let (name, kind) = (&profile.name, profile.kind);
    let inside = matches!(kind, Kind::Firefox | Kind::Gguf);
    if !inside {
        return match profile.threads {
            None => Ok(()),
            Some(_) => Err(EngineError::Unusable(format!(
                "{name} has the option threads, which only engines inside the process have; {kind} is a service"
            ))),
        };
    }
    let requests = [
        ("base_url", profile.base_url.is_some()),
        ("identity", profile.identity.is_some()),
        ("allow_http", profile.allow_http),
        ("max_bytes", profile.max_bytes.is_some()),
        ("timeout", profile.timeout.is_some()),
        ("target = \"en-GB\"", profile.target_lang == TargetLang::EnGb),
    ];
    match requests.into_iter().find(|(_, is_set)| *is_set) {
        None => Ok(()),
        Some((option, _)) => Err(EngineError::Unusable(format!(
            "{name} has the option {option}, which {kind}, an engine inside the process, does not have"
        ))),
    }
}

/// What the firefox engine is told.
pub(super) fn firefox(profile: &Profile) -> Result<firefox::Options, EngineError> {
    let files = files(profile)?;
    let vocabulary = files.vocabulary.clone();
    Ok(firefox::Options {
        profile: profile.name.clone(),
        model: files.model.clone(),
        vocabulary: vocabulary.ok_or_else(|| {
            EngineError::Unusable(format!("{} has a model without vocabulary", profile.name))
        })?,
        shortlist: files.shortlist.clone(),
        tuning: tuning(profile),
    })
}

/// What the gguf engine is told.
pub(super) fn gguf(profile: &Profile) -> Result<gguf::Options, EngineError> {
    let files = files(profile)?;
    Ok(gguf::Options {
        profile: profile.name.clone(),
        model: files.model.clone(),
        context: GGUF_CONTEXT,
        neighbours: profile.context,
        caveat: files.caveat.clone(),
        tuning: tuning(profile),
    })
}

fn tuning(profile: &Profile) -> Tuning {
    let number =
        |value: Option<usize>| value.map(|value| NonZeroUsize::new(value).unwrap_or(NonZeroUsize::MIN));
    Tuning {
        threads: number(profile.threads),
        segments: number(profile.max_segments),
        concurrency: number(profile.concurrency),
    }
}

fn files(profile: &Profile) -> Result<&ModelFiles, EngineError> {
    profile.files.as_ref().ok_or_else(|| {
        EngineError::Unusable(format!("{} has no model: pull one with `wortlaut model pull`", profile.name))
    })
}
