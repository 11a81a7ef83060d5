//! Names and terms of a corpus that a glossary does not have yet.
//!
//! [`Candidates`] reads the sentences and ranks what in them looks like a name or a term; [`RenderingFinder`] reads them
//! once more with their translations and proposes what the chosen ones are called in English. Both take time linear
//! in the corpus, and memory that does not grow with it. Suggestions are for people to judge: mined terms are wrong
//! too often to be enforced unseen.

mod candidates;
mod counts;
mod rank;
mod renderings;
#[cfg(test)]
mod tests;
mod units;
mod words;

use crate::model::EntryKind;

pub use candidates::Candidates;
pub use renderings::RenderingFinder;

/// A name or term that may be worth an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The German, in the form in which it occurs most often.
    pub source: String,
    pub kind: EntryKind,
    pub count: u32,
    /// How much it looks like a name or term; only to be compared.
    pub score: f64,
    /// Where it stands first: what the caller named the sentence.
    pub place: String,
    pub example: String,
}
