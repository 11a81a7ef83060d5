//! The fixed part of a model's prompts, which the model sees once for all texts.

use std::sync::Arc;

use super::cache::Positions;
use super::model::{Chunk, GgufModel, failed};
use super::state::PromptState;
use crate::engine::error::EngineError;

/// Tokens in one pass: bounds the memory that a pass takes.
pub(super) const PASS_TOKENS: usize = 512;

/// What the fixed part of the prompts leaves behind.
pub(super) struct FixedPart {
    /// Where that is kept from run to run.
    state: PromptState,
    /// Once it was needed.
    seen: Option<Arc<Positions>>,
}

impl FixedPart {
    /// Begins with nothing seen yet.
    pub(super) fn new(state: PromptState) -> Self {
        Self { state, seen: None }
    }

    /// What its tokens, the same each time, leave behind: from the last run if it is kept.
    pub(super) fn seen(&mut self, model: &GgufModel, tokens: &[u32]) -> Result<Arc<Positions>, EngineError> {
        if let Some(seen) = &self.seen {
            return Ok(Arc::clone(seen));
        }
        let (layers, width) = model.cached();
        let seen = if let Some(kept) = self.state.load(tokens, layers, width) {
            kept
        } else {
            let computed = compute(model, tokens)?;
            self.state.save(tokens, &computed);
            computed
        };
        Ok(Arc::clone(self.seen.insert(seen)))
    }
}

/// Shows the fixed part of a prompt to a model.
fn compute(model: &GgufModel, fixed: &[u32]) -> Result<Arc<Positions>, EngineError> {
    let mut cache = model.cache();
    for tokens in fixed.chunks(PASS_TOKENS) {
        model.advance(&mut [Chunk { tokens, cache: &mut cache }]).map_err(failed)?;
    }
    Ok(cache.share())
}
