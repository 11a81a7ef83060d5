//! What an engine sends back.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Which source words a piece of the target comes from: pairs of byte ranges, source then target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alignment(pub Vec<(Range<usize>, Range<usize>)>);

/// The answer of an engine to one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The English text, exactly as it came.
    pub text: String,
    /// Word alignment, where the engine gives one.
    pub alignment: Option<Alignment>,
    /// What the service says it billed, in its unit; `None` where it does not say.
    pub billed: Option<u64>,
}

impl Translation {
    /// A translation without alignment or billing.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), alignment: None, billed: None }
    }
}
