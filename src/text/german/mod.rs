//! Sentences of German text.
//!
//! One pass finds the candidates: marks that white space or an opening quote follows. One typed decision
//! is made at each, from the two words before it, the word after it and the quotes beside it. What words
//! mean is in the lists under `src/text/data`.

mod candidates;
mod decide;
mod lists;
mod notes;
mod quotes;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::Range;

pub use rule::{BoundaryRule, Decision};

use super::segmenter::{Explanation, SegmentError, Segmenter};
use candidates::{BoundaryCandidate, CandidateScan};
pub(super) use lists::LISTS;

/// Cuts German text into sentences by rules and word lists.
///
/// Time and memory are linear in the text, whatever the text is; a line break is white space.
#[derive(Debug, Clone, Default)]
pub struct German {
    extra: HashSet<String>,
}

impl German {
    /// A segmenter that knows further abbreviations, with or without their stop, which never end a sentence.
    #[must_use]
    pub fn with_abbreviations<I: IntoIterator<Item = String>>(abbreviations: I) -> Self {
        let stripped = abbreviations.into_iter().map(|word| word.trim_end_matches('.').to_owned());
        Self { extra: stripped.collect() }
    }

    /// What was decided at each candidate of `text`, in order.
    #[must_use]
    pub fn decisions(&self, text: &str) -> Vec<Decision> {
        let mut decisions = Vec::new();
        self.walk(text, |candidate, rule| {
            decisions.push(Decision { at: candidate.at, boundary: rule.is_boundary(), rule });
        });
        decisions
    }

    fn walk(&self, text: &str, mut pass_on: impl FnMut(&BoundaryCandidate<'_>, BoundaryRule)) {
        let mut scan = CandidateScan::new(text);
        let mut sentence = text.len() - text.trim_start().len();
        while let Some(candidate) = scan.next(sentence) {
            let rule = decide::decide(&candidate, |word| !self.extra.is_empty() && self.extra.contains(word));
            pass_on(&candidate, rule);
            if rule.is_boundary() {
                sentence = candidate.resume;
            }
        }
    }
}

impl Segmenter for German {
    fn segment(&self, text: &str) -> Result<Vec<Range<usize>>, SegmentError> {
        let mut spans = Vec::with_capacity(text.len() / 128 + 1);
        let mut start = text.len() - text.trim_start().len();
        self.walk(text, |candidate, rule| {
            if rule.is_boundary() {
                spans.push(start..candidate.end);
                start = candidate.resume;
            }
        });
        let end = text.trim_end().len();
        if start < end {
            spans.push(start..end);
        }
        Ok(spans)
    }

    fn explain(&self, text: &str) -> Result<Vec<Explanation>, SegmentError> {
        let decisions = self.decisions(text).into_iter();
        Ok(decisions
            .map(|Decision { at, boundary, rule }| Explanation { at, boundary, reason: rule.as_str().into() })
            .collect())
    }
}
