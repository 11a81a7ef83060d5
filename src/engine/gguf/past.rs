//! The decoder state of a language model in one answer.

use super::cache::Cache;
use super::model::Chunk;
use crate::engine::constraint::Past;

/// What the model has seen of a prompt and of the answer to it, and what it is to see next.
pub(super) struct ModelPast {
    cache: Cache,
    /// The positions that the prompt takes.
    prompt: usize,
    /// Tokens that the model has not seen yet.
    pending: Vec<u32>,
}

impl ModelPast {
    /// Nothing said yet to a prompt of which the cache has seen the beginning.
    pub(super) fn new(cache: Cache, pending: Vec<u32>) -> Self {
        Self { prompt: cache.count() + pending.len(), cache, pending }
    }

    /// The next pending tokens, at most `most` of them.
    pub(super) fn chunk(&mut self, most: usize) -> Chunk<'_> {
        let most = most.min(self.pending.len());
        Chunk { tokens: &self.pending[..most], cache: &mut self.cache }
    }

    /// Drops the tokens that the model has now seen. Returns whether none are pending.
    pub(super) fn seen(&mut self, count: usize) -> bool {
        self.pending.drain(..count);
        self.pending.is_empty()
    }
}

impl Past for ModelPast {
    const DEFERS: bool = true;

    fn fork(&mut self, said: usize) -> Self {
        let end = self.prompt + said;
        let pending = end.saturating_sub(self.cache.count());
        Self {
            cache: self.cache.fork(end - pending),
            prompt: self.prompt,
            pending: self.pending[..pending].to_vec(),
        }
    }

    fn say(&mut self, token: u32) {
        self.pending.push(token);
    }
}
