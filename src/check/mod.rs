//! Checks: what is wrong with a translation; and the judge, who says whether an answer is one.

mod alike;
mod avoid;
mod chatter;
mod consistency;
mod english;
mod house;
mod inline;
mod judge;
mod lexicon;
mod likeness;
mod mend;
mod near;
#[cfg(test)]
mod near_tests;
mod near_words;
mod numbers;
mod placeholder;
mod repair;
mod resemble;
mod rewrite;
mod shape;
mod standing;
mod terms;
#[cfg(test)]
mod tests_support;
mod tidy;

use crate::model::{Finding, TermMatch};
use crate::text::characters;

pub use characters::{breaks_line, is_control, is_invisible};
pub use chatter::{declines, remark, unlabelled};
pub use consistency::{Inconsistency, Rendered, Renderings};
#[cfg(test)]
pub(crate) use english::steps;
pub use house::house;
pub use inline::inline;
pub use judge::{Class, Verdict, judge};
pub use numbers::Numbers;
pub use placeholder::{has_placeholder, placeholders, restore};
pub use repair::repair;
pub use resemble::{resembles, says_twice};
pub use rewrite::Rewritten;
pub use shape::{Empty, Length, Repetition, Untranslated};
pub use standing::{Terms, unheld};
pub use terms::outcomes;
pub use tidy::tidy;

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

/// All the checks there are.
#[must_use]
pub fn standard() -> Vec<Box<dyn Check>> {
    vec![
        Box::new(Empty),
        Box::new(Untranslated),
        Box::new(Terms),
        Box::new(Numbers),
        Box::new(Length),
        Box::new(Repetition),
    ]
}

/// What all the checks have to say about a translation.
#[must_use]
pub fn all(pair: Pair<'_>) -> Vec<Finding> {
    standard().iter().flat_map(|check| check.check(pair)).collect()
}
