//! Which of the corrections of a text is meant for a segment.

use std::cmp::Reverse;

use crate::model::{HumanPair, SegmentInContext, StoredPair};

/// How near the place where a pair was made is to a segment with the same text, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// In the same article, between the same segments.
    SamePlace,
    /// Between the same segments, in another article.
    BothNeighbours,
    /// Beside one of them.
    OneNeighbour,
    SameArticle,
    /// Only the text is the same.
    Anywhere,
}

impl Nearness {
    /// How near a pair is to a segment.
    #[must_use]
    pub fn of(pair: &HumanPair, segment: &SegmentInContext) -> Self {
        // No neighbour says something of a place only where the neighbours are known: at the ends of an article.
        let is_known = pair.place.is_some() && segment.place.is_some();
        let same = |own: &Option<String>, other: &Option<String>| own == other && (own.is_some() || is_known);
        let before = same(&pair.context.before, &segment.context.before);
        let after = same(&pair.context.after, &segment.context.after);
        let article = match (&pair.place, &segment.place) {
            (Some(own), Some(other)) => own.article == other.article,
            _ => false,
        };
        match (before, after, article) {
            (true, true, true) => Self::SamePlace,
            (true, true, false) => Self::BothNeighbours,
            (true, false, _) | (false, true, _) => Self::OneNeighbour,
            (false, false, true) => Self::SameArticle,
            (false, false, false) => Self::Anywhere,
        }
    }
}

/// The pair that is meant for a segment: the nearest, among these the newest, among these the one with the highest id.
pub(super) fn meant(
    pairs: impl Iterator<Item = StoredPair>,
    segment: &SegmentInContext,
) -> Option<StoredPair> {
    pairs.min_by_key(|StoredPair { id, pair, .. }| (Nearness::of(pair, segment), Reverse((pair.at, *id))))
}
