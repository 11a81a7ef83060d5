//! Reading German text: blocks and sentences.

use std::ops::Range;

/// Cuts the text of a block into sentences.
pub trait Segmenter: Send + Sync {
    /// The byte spans of the sentences of `text`, in order and disjoint, without the white space between
    /// them. Every character that is not white space is in exactly one span.
    fn segment(&self, text: &str) -> Vec<Range<usize>>;
}
