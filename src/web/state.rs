//! What of an article a page has: what somebody saw of a segment when they changed it, and of which German it is.

use std::fmt;
use std::str::FromStr;

use super::card::ArticleCard;
use crate::model::{Translator, Unit};

/// A hash of the German, the English and who approved it: what is changed is named with it, so that nobody changes what
/// they did not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentState(u64);

impl SegmentState {
    pub(super) fn of(source: &str, unit: Option<&Unit>) -> Self {
        let mut hasher = blake3::Hasher::new();
        let target = unit.and_then(Unit::target);
        let approval = unit.and_then(Unit::rendition).and_then(|rendition| match &rendition.translator {
            Translator::Person(approval) => Some(approval.pair.to_string()),
            Translator::Engine(_) => None,
        });
        for text in [Some(source), target, approval.as_deref()] {
            // With what is absent marked and lengths before the texts, no two states give the same bytes.
            hasher.update(&[u8::from(text.is_some())]);
            update(&mut hasher, text.unwrap_or_default());
        }
        Self(shortened(&hasher))
    }
}

/// A hash of the German of all segments of an article. Rows of an article with another one have no place in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GermanState(u64);

impl GermanState {
    pub(super) fn of(card: &ArticleCard) -> Self {
        let mut hasher = blake3::Hasher::new();
        card.segments.iter().for_each(|segment| update(&mut hasher, &segment.source));
        Self(shortened(&hasher))
    }
}

fn update(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

fn shortened(hasher: &blake3::Hasher) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

impl fmt::Display for SegmentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Display for GermanState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for SegmentState {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}
