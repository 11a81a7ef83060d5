//! What repair makes of an answer.

use crate::english::Sentence;
use crate::model::RepairRule;

/// A text in which rules put house forms.
#[derive(Debug)]
pub(super) struct Repaired {
    pub(super) english: Sentence,
    /// For each term, the rule that put its rendering there.
    pub(super) rules: Vec<Option<RepairRule>>,
}
