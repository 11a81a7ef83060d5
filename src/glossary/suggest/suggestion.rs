//! What is suggested for a glossary.

use crate::model::EntryKind;

/// A name or term that may be worth an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The German, in the form that stands best for its dictionary form.
    pub source: String,
    pub kind: EntryKind,
    pub count: u32,
    /// How much it looks like a name or term; only to be compared.
    pub score: f64,
    /// Where it stands first: what the caller named the sentence.
    pub place: String,
    pub example: String,
}
