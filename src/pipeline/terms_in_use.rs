//! The terms of a corpus in the forms in which they occur, for services that keep glossaries.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::plan::{Need, Plan};
use crate::glossary::Matcher;
use crate::model::{ArticleId, TermHint};

/// The terms in use, by the further glossaries of the articles that they stand in.
#[derive(Debug, Default)]
pub(super) struct TermsInUse(BTreeMap<Vec<usize>, BTreeSet<TermHint>>);

impl TermsInUse {
    /// Those of an article.
    pub(super) fn of(article: &ArticleId, plan: &Plan, matcher: &Matcher) -> Self {
        let asked = plan.segments.iter().filter_map(|planned| match &planned.need {
            Need::Ask(parts) => Some(parts),
            Need::Keep(_) | Need::Correction(_) => None,
        });
        let hints = asked.flatten().flat_map(|part| part.query.request.terms.iter().cloned());
        Self([(matcher.scopes_of(article.as_str()), hints.collect())].into_iter().collect())
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (scopes, hints) in other.0 {
            self.0.entry(scopes).or_default().extend(hints);
        }
    }

    /// A set of terms for each group of articles, that of articles without glossaries of their own first: what the glossary
    /// has, and the forms in which that occurs. What counts for single segments is in none of them.
    pub(super) fn into_sets(self, matcher: &Matcher) -> Vec<BTreeSet<TermHint>> {
        let set = |(scopes, mut hints): (Vec<usize>, BTreeSet<TermHint>)| {
            let entries = matcher.entries_in(&scopes);
            let targets: HashSet<&str> = entries.iter().map(|entry| entry.target()).collect();
            hints.retain(|hint| targets.contains(hint.target.as_str()));
            let dictionary = entries
                .iter()
                .map(|entry| TermHint { source: entry.source.clone(), target: entry.target().to_owned() });
            hints.extend(dictionary);
            hints
        };
        self.0.into_iter().map(set).collect()
    }
}
