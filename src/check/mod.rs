//! Checks: what is wrong with a translation.

use crate::model::{Finding, TermMatch};

/// A segment and its translation, as a check sees them.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The German.
    pub source: &'a str,
    /// The English.
    pub target: &'a str,
    /// The terms found in the German.
    pub terms: &'a [TermMatch],
}

/// Looks at one translation from one point of view.
pub trait Check: Send + Sync {
    /// What there is to say; nothing if all is well.
    fn check(&self, pair: Pair<'_>) -> Vec<Finding>;
}
