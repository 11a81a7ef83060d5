//! Where words of the target can go.

use std::ops::Range;

/// A place for words of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MarkupSlot {
    /// Bytes of the source segment; empty for a place that has no text in the source.
    pub(super) source: Range<usize>,
    /// Whether its text must stay what it is.
    pub(super) is_fixed: bool,
    /// The inline element it lies in, if any; elements that can be moved as a whole have a number.
    pub(super) element: Option<usize>,
}
