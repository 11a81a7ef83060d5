//! Checks: what is wrong with a translation; and the judge, who says whether an answer is one.
//!
//! Nothing here changes a text. What is put right is put right in [`crate::enforce`].

mod accepted;
mod consistency;
mod judge;
mod numbers;
mod overlap;
mod pair;
mod places;
mod repeats;
mod shape;
mod terms;
#[cfg(test)]
pub(crate) mod testing;
mod unwanted;

use crate::model::Finding;

pub(crate) use accepted::{standing, whole};
pub use consistency::{Inconsistency, Rendered, Renderings};
pub(crate) use judge::german_words;
pub use judge::{Class, Verdict, judge};
pub(crate) use overlap::overlap;
pub use pair::Pair;
pub use places::misplaced;
pub use terms::outcomes;
pub(crate) use terms::{has_bare_s, is_genitive, not_held, strictness};
pub(crate) use unwanted::{choose, places as unwanted_places};

/// What all checks find in a translation, check by check.
#[must_use]
pub fn findings(pair: Pair<'_>) -> Vec<Finding> {
    [shape::empty, shape::untranslated, terms::findings, numbers::findings, shape::length, shape::repetition]
        .into_iter()
        .flat_map(|check| check(pair))
        .collect()
}
