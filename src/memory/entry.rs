//! What is found in a memory: an answer of an engine, or a pair of a person.

use serde::Serialize;

use crate::model::{PairKind, StoredPair, Timestamp};

/// An answer of an engine, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerEntry {
    /// The key that it is found by, in hexadecimal digits.
    pub id: String,
    pub source: String,
    pub target: String,
    /// The name of the engine's profile.
    pub engine: String,
    pub at: Timestamp,
}

/// A German text with an English one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MemoryEntry {
    Pair(StoredPair),
    Answer(AnswerEntry),
}

/// What an entry is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum EntrySort {
    /// What a person approved comes before everything else.
    Correction,
    Suggestion,
    /// What an engine wrote.
    Answer,
}

impl EntrySort {
    /// The name used on the command line and in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl MemoryEntry {
    /// What it is.
    #[must_use]
    pub fn sort(&self) -> EntrySort {
        match self {
            Self::Pair(stored) => match stored.pair.kind {
                PairKind::Correction => EntrySort::Correction,
                PairKind::Suggestion => EntrySort::Suggestion,
            },
            Self::Answer(_) => EntrySort::Answer,
        }
    }

    /// The German.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Pair(stored) => &stored.pair.source,
            Self::Answer(answer) => &answer.source,
        }
    }

    /// The English.
    #[must_use]
    pub fn target(&self) -> &str {
        match self {
            Self::Pair(stored) => &stored.pair.target,
            Self::Answer(answer) => &answer.target,
        }
    }

    /// When it was made.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Pair(stored) => stored.pair.at,
            Self::Answer(answer) => answer.at,
        }
    }

    /// Its id, in hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Pair(stored) => stored.id.to_string(),
            Self::Answer(answer) => answer.id.clone(),
        }
    }
}

/// An entry whose German is like a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NearEntry {
    /// In per cent, as translation tools count: 100 for the same text, 101 for the same text between the same segments.
    pub score: u8,
    #[serde(flatten)]
    pub entry: MemoryEntry,
}

/// What is searched for: the texts that have all of its words, in German or in English. A word of at least three letters
/// is found at the beginning of words, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    pub words: String,
    /// Only entries of these sorts; all if there is none.
    pub sorts: Vec<EntrySort>,
    /// Only answers of the engine with this profile.
    pub engine: Option<String>,
    /// The most entries that are returned.
    pub limit: usize,
}
