//! What cuts text into sentences, and how it accounts for each border.

use std::borrow::Cow;
use std::ops::Range;

use thiserror::Error;

/// Text that cannot be segmented.
#[derive(Debug, Error)]
pub enum SegmentError {
    /// A rule of the user's own needs more time than any sensible rule does.
    #[error("a segmentation rule takes too long: {rule}")]
    TooLong { rule: String },
}

/// Why there is or is no border at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The place in the text, in bytes.
    pub at: usize,
    /// Whether a sentence ends here.
    pub boundary: bool,
    /// The rule that decided.
    pub reason: Cow<'static, str>,
}

/// Cuts the text of a block into sentences.
pub trait Segmenter: Send + Sync {
    /// The byte spans of the sentences of `text`, in order and disjoint, without the white space between
    /// them. Every character that is not white space is in exactly one span.
    ///
    /// # Errors
    /// Only rules of the user's own can fail, on text that would take them too long.
    fn segment(&self, text: &str) -> Result<Vec<Range<usize>>, SegmentError>;

    /// The places where a sentence might end, in order, and what decided at each.
    ///
    /// # Errors
    /// As [`Segmenter::segment`].
    fn explain(&self, text: &str) -> Result<Vec<Explanation>, SegmentError>;
}
