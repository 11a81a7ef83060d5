//! What checks look at.

use crate::english::Sentence;
use crate::model::TermOutcome;

/// A segment and its translation, as a check sees them.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The German.
    pub source: &'a Sentence,
    /// The English.
    pub target: &'a Sentence,
    /// The terms found in the German and where they stand in the English; see [`outcomes`](super::outcomes).
    pub outcomes: &'a [TermOutcome],
}
