//! What an engine sends back.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Which source words a piece of the target comes from: pairs of byte ranges, source then target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alignment(pub Vec<(Range<usize>, Range<usize>)>);

/// What an engine has cut off an answer before it gave it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The answer repeated itself over and over; the first round is left.
    Loop,
    /// The answer did not come to an end; what there was of it is left.
    Runaway,
    /// Words around the translation: labels, notes, quotation marks.
    Chatter,
}

impl Cut {
    /// What was cut off, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Loop => "the engine repeated itself; the repetitions were cut off",
            Self::Runaway => "the engine did not come to an end; its answer was cut off",
            Self::Chatter => "the engine wrote words around the translation; they were cut off",
        }
    }
}

/// The answer of an engine to one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The English text, exactly as it came.
    pub text: String,
    /// Word alignment, where the engine gives one.
    pub alignment: Option<Alignment>,
    /// What the service says it billed, in its unit; `None` where it does not say.
    pub billed: Option<u64>,
    /// What the engine has cut off; empty for services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
}

impl Translation {
    /// A translation without alignment, billing or cuts.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), alignment: None, billed: None, cuts: Vec::new() }
    }
}
