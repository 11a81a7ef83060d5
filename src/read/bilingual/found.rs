//! What is found in a file to be filled.

use std::ops::Range;

use super::fill::Fill;
use super::tree::SpannedElement;
use crate::bilingual::{is_english, is_german};

/// What is to be filled in a file.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) fills: Vec<Fill<'a>>,
    /// What else changes if any of it is.
    pub(super) edits: Vec<(Range<usize>, String)>,
    /// Of what is not German, or does not become English.
    pub(super) wrong: Option<String>,
}

/// The languages of units; what a file does not say is taken for what it must be.
#[derive(Debug, Clone, Default)]
pub(super) struct UnitLanguages {
    source: Option<String>,
    target: Option<String>,
}

impl UnitLanguages {
    pub(super) fn with(self, element: &SpannedElement, source: &str, target: &str) -> Self {
        let own = |name: &str| element.attribute(name).map(str::to_owned);
        Self { source: own(source).or(self.source), target: own(target).or(self.target) }
    }

    /// What is wrong with them.
    pub(super) fn wrong(&self) -> Option<String> {
        let is = |language: &Option<String>, is_wanted: fn(&str) -> bool| {
            language.as_deref().is_none_or(is_wanted)
        };
        let name = |language: &Option<String>| language.clone().unwrap_or_default();
        let is_right = is(&self.source, is_german) && is(&self.target, is_english);
        (!is_right).then(|| {
            format!(
                "it is to be translated from {} to {}, not from de to en",
                name(&self.source),
                name(&self.target)
            )
        })
    }
}
