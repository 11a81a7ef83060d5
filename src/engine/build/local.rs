//! Local engines, from what a profile says of them.

use std::sync::Arc;

use crate::engine::error::EngineError;
use crate::engine::firefox::{Firefox, FirefoxOptions};
use crate::engine::gguf::{Gguf, GgufOptions};
use crate::engine::interface::Engine;
use crate::engine::profile::{LocalOptions, ModelFiles, Profile, Tuning};

/// Tokens that a prompt and its answer may take together: plenty for single sentences.
const GGUF_CONTEXT: usize = 2048;

pub(super) fn firefox(profile: &Profile, local: &LocalOptions) -> Result<Arc<dyn Engine>, EngineError> {
    let files = files(profile, local)?;
    let vocabulary = files.vocabulary.clone();
    Ok(Arc::new(Firefox::open(&FirefoxOptions {
        profile: profile.name.clone(),
        model: files.weights.clone(),
        vocabulary: vocabulary.ok_or_else(|| {
            EngineError::Unusable(format!("{} has a model without vocabulary", profile.name))
        })?,
        shortlist: files.shortlist.clone(),
        tuning: tuning(profile, local),
    })?))
}

pub(super) fn gguf(profile: &Profile, local: &LocalOptions) -> Result<Arc<dyn Engine>, EngineError> {
    let files = files(profile, local)?;
    Ok(Arc::new(Gguf::load(GgufOptions {
        profile: profile.name.clone(),
        model: files.weights.clone(),
        context: GGUF_CONTEXT,
        neighbours: profile.context,
        rerank: local.rerank,
        caveat: files.caveat.clone(),
        tuning: tuning(profile, local),
    })?))
}

fn tuning(profile: &Profile, local: &LocalOptions) -> Tuning {
    Tuning { threads: local.threads, segments: profile.max_segments, concurrency: profile.concurrency }
}

/// The files of the model, which must be installed.
pub(super) fn files<'a>(profile: &Profile, local: &'a LocalOptions) -> Result<&'a ModelFiles, EngineError> {
    local.files.as_ref().ok_or_else(|| EngineError::NoModel { profile: profile.name.clone() })
}
