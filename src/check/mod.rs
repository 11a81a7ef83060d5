//! Checks: what is wrong with a translation; and the judge, who says whether an answer is one.
//!
//! Nothing here changes a text. What is put right is put right in [`crate::enforce`].

mod accepted;
mod consistency;
mod doublets;
mod judge;
mod left_german;
mod marks;
mod names;
mod negation;
mod numbers;
mod overlap;
mod pair;
mod places;
mod quotes;
mod repeats;
mod sentences;
mod shape;
mod spelling;
mod terms;
#[cfg(test)]
pub(crate) mod testing;
mod unwanted;

use std::collections::BTreeMap;

use crate::model::{Finding, FindingKind, Severity};

pub(crate) use accepted::{standing, whole};
pub use consistency::{Inconsistency, Rendered, Renderings};
pub use doublets::Doublets;
pub(crate) use judge::german_words;
pub use judge::{Class, Verdict, judge};
pub use names::{kept as kept_names, missing as missing_names};
pub(crate) use overlap::overlap;
pub use pair::Pair;
pub use places::misplaced;
pub use spelling::{EnglishVariety, findings as spelling};
pub use terms::outcomes;
pub(crate) use terms::{has_bare_s, is_genitive, not_held, strictness};
pub(crate) use unwanted::{choose, places as unwanted_places};

/// Which checks look, and how bad what they find is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checks {
    /// For each kind that is in here its severity, or `None` if it is not looked for; the others have their own.
    pub severities: BTreeMap<FindingKind, Option<Severity>>,
    /// The spelling that is wanted; `None` if either will do.
    pub spelling: Option<EnglishVariety>,
}

/// All checks of single pairs but that of the spelling.
const CHECKS: [fn(Pair<'_>) -> Vec<Finding>; 14] = [
    shape::empty,
    shape::untranslated,
    terms::findings,
    numbers::findings,
    names::findings,
    negation::findings,
    left_german::findings,
    shape::length,
    sentences::findings,
    shape::repetition,
    quotes::findings,
    marks::ends,
    marks::brackets,
    marks::addresses,
];

impl Checks {
    /// What all checks find in a translation, check by check, each with a severity of its own. Where there is no English, or only German, nothing else is
    /// to be said.
    #[must_use]
    pub fn findings(&self, pair: Pair<'_>) -> Vec<Finding> {
        let spelling =
            |pair| self.spelling.map(|wanted| spelling::findings(pair, wanted)).unwrap_or_default();
        let mut found: Vec<Finding> =
            CHECKS.into_iter().flat_map(|check| check(pair)).chain(spelling(pair)).collect();
        let is_nothing = |finding: &Finding| {
            finding.severity == Severity::Error
                && matches!(finding.kind, FindingKind::Empty | FindingKind::Untranslated)
        };
        if found.iter().any(is_nothing) {
            found.retain(|finding| is_nothing(finding) || finding.kind == FindingKind::TermNotHeld);
        }
        found
    }

    /// Findings with the severities that are wanted, without those that are not.
    #[must_use]
    pub fn graded(&self, mut found: Vec<Finding>) -> Vec<Finding> {
        found.retain_mut(|finding| match self.severities.get(&finding.kind) {
            None => true,
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::testing::looked;
    use super::*;

    /// What the checks look out for: the cells of their tables, figures, marks and what may stand between them.
    fn pieces() -> Vec<&'static str> {
        const TABLES: [&str; 8] = [
            include_str!("data/answers.tsv"),
            include_str!("data/foreign_words.tsv"),
            include_str!("data/left_german.tsv"),
            include_str!("data/marks.tsv"),
            include_str!("data/names.tsv"),
            include_str!("data/negation.tsv"),
            include_str!("data/numbers.tsv"),
            include_str!("data/spelling.tsv"),
        ];
        const OTHERS: [&str; 40] = [
            "1",
            "13",
            "2024",
            "08",
            "7,5",
            "1.300",
            "8.10.2024",
            "20:15",
            "MCMXC",
            ":",
            ".",
            ",",
            "-",
            "–",
            "/",
            "%",
            "€",
            "°",
            "„",
            "“",
            "\"",
            "‚",
            "’",
            "(",
            ")",
            "[",
            "...",
            "…",
            "!",
            "?",
            "\n",
            "\u{a0}",
            "\u{202f}",
            "\u{ad}",
            "\u{301}",
            "ß",
            "İ",
            "ﬁ",
            "https://example.org",
            "a@example.org",
        ];
        let cells =
            TABLES.into_iter().flat_map(crate::tables::lines).flat_map(|(_, line)| line.split(['\t', '|']));
        cells.chain(OTHERS).collect()
    }

    fn text() -> impl Strategy<Value = String> {
        let word =
            (select(pieces()), any::<bool>()).prop_map(|(word, is_capital)| match word.chars().next() {
                Some(first) if is_capital => first.to_uppercase().chain(word.chars().skip(1)).collect(),
                _ => word.to_owned(),
            });
        let piece = (word, select(vec!["", " ", " ", " "])).prop_map(|(word, gap)| word + gap);
        prop_oneof![proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat()), ".{0,30}"]
    }

    proptest! {
        #[test]
        fn any_two_texts_can_be_checked(german in text(), english in text()) {
            let spelling = Some(EnglishVariety::British);
            let checks = Checks { spelling, ..Checks::default() };
            for (german, english) in [(&german, &english), (&german, &german)] {
                for finding in looked(german, english, &[], |pair| checks.findings(pair)) {
                    prop_assert!(finding.source.clone().is_none_or(|at| german.get(at).is_some()), "{finding:?}");
                    prop_assert!(finding.target.clone().is_none_or(|at| english.get(at).is_some()), "{finding:?}");
                }
            }
        }
    }
}
