//! Reading German text: blocks and sentences.

mod german;

use std::ops::Range;

pub use german::{Decision, German, Rule};

/// Cuts the text of a block into sentences.
pub trait Segmenter: Send + Sync {
    /// The byte spans of the sentences of `text`, in order and disjoint, without the white space between
    /// them. Every character that is not white space is in exactly one span.
    fn segment(&self, text: &str) -> Vec<Range<usize>>;
}
