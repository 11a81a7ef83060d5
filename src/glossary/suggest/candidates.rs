//! Counting what looks like a name or a term.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::common_words;
use super::super::matcher::Matcher;
use super::counts::CandidateCounts;
use super::rank::ranked;
use super::suggestion::Suggestion;
use super::units::{WordUnit, units};
use super::words::{SuggestClass, is, is_title};
use crate::model::MatchKind;

/// The most candidates kept at once, so that memory does not grow with the corpus; when there are more, the rarest go.
const MOST: usize = 1 << 18;
/// The most words of a candidate; longer runs of capitalised words are mostly lists.
const WORDS: usize = 6;
/// The most characters of an example, two lines of a terminal.
const EXAMPLE: usize = 160;
/// The longest word in bytes; what is longer is an address or noise.
const LONGEST: usize = 80;

/// Reads sentences and counts candidates.
#[derive(Debug)]
pub struct Candidates {
    known: Arc<Matcher>,
    seen: HashMap<String, CandidateCounts>,
    /// Candidates that occur no more often than this are dropped when room is needed.
    floor: u32,
}

impl Candidates {
    /// Looks for what `known` does not find.
    #[must_use]
    pub fn new(known: Arc<Matcher>) -> Self {
        Self { known, seen: HashMap::new(), floor: 1 }
    }

    /// Reads a sentence; `place` is what to call it.
    pub fn sentence(&mut self, place: &str, text: &str) {
        let known: Vec<_> = self
            .known
            .find(text)
            .into_iter()
            .filter(|term| term.kind != MatchKind::Part)
            .map(|term| term.span)
            .collect();
        let all = units(text);
        // Both are in order, and the terms do not overlap.
        let is_known = |unit: &WordUnit<'_>| {
            let first = known.partition_point(|term| term.end <= unit.span.start);
            known.get(first).is_some_and(|term| term.start < unit.span.end)
        };
        for start in 0..all.len() {
            for end in start + 1..=all.len().min(start + WORDS) {
                let run = &all[start..end];
                if !can_go_on(run) || run.last().is_some_and(is_known) {
                    break;
                }
                if is_candidate(run) {
                    let before = start.checked_sub(1).map(|at| &all[at]).filter(|_| run[0].is_joined);
                    let behind = all.get(end).filter(|unit| unit.is_joined);
                    self.count(run, before, behind, place, text);
                }
            }
        }
    }

    /// Counts an occurrence of a candidate: its words, the words joined to it, and the sentence with its name.
    fn count(
        &mut self,
        run: &[WordUnit<'_>],
        before: Option<&WordUnit<'_>>,
        behind: Option<&WordUnit<'_>>,
        place: &str,
        text: &str,
    ) {
        let source = run.iter().map(|unit| unit.text).collect::<Vec<_>>().join(" ");
        let before = before.map_or("", |unit| unit.text);
        let is_behind = is(SuggestClass::Before, &before.to_lowercase());
        let is_genitive = source.ends_with('s') && behind.is_some_and(|unit| unit.is_capital) && !is_behind;
        let seen = self.seen.entry(source).or_default();
        if seen.count == 0 || place < seen.place.as_str() {
            place.clone_into(&mut seen.place);
            seen.example = text.chars().take(EXAMPLE).collect();
        }
        seen.count += 1;
        seen.inside += u32::from(!run[0].is_first);
        seen.behind += u32::from(is_behind);
        seen.as_name += u32::from(is_genitive || is(SuggestClass::Place, before));
        self.make_room();
    }

    /// Drops the rarest candidates when there are too many.
    fn make_room(&mut self) {
        if self.seen.len() <= MOST {
            return;
        }
        let floor = self.floor;
        self.seen.retain(|_, seen| seen.count > floor);
        // A corpus of ever new words must not make every sentence look at all of them.
        if self.seen.len() > MOST / 2 {
            self.floor += 1;
        }
    }

    /// The best candidates that occur at least `min` times, best first. What was read is forgotten.
    pub fn ranked(&mut self, limit: usize, min: u32) -> Vec<Suggestion> {
        ranked(std::mem::take(&mut self.seen), limit, min)
    }
}

/// Whether a run of units may be the beginning of a candidate.
fn can_go_on(run: &[WordUnit<'_>]) -> bool {
    let [first, between @ .., last] = run else {
        return run.first().is_some_and(|unit| unit.is_capital && fits(unit));
    };
    // Der Kanzler der Republik is not a name, Ursula von der Leyen is one.
    let is_article = matches!(last.text, "der" | "the");
    let is_inside =
        is(SuggestClass::Inside, last.text) && (!is_article || between.last().is_some_and(|b| !b.is_capital));
    // A quantity: `13 000 Container`.
    let is_number = number(last) && !between.last().is_some_and(number);
    first.is_capital && last.is_joined && fits(last) && (last.is_capital || is_inside || is_number)
}

/// Whether a run of units is a candidate.
fn is_candidate(run: &[WordUnit<'_>]) -> bool {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
    let is_word = |unit: &WordUnit<'_>| {
        unit.is_first
            && (common_words::get(unit.text).is_some_and(|c| !c.name)
                || is(SuggestClass::Before, &unit.text.to_lowercase()))
    };
    let is_end = last.is_capital || (number(last) && run.len() > 1);
    is_end && !is_word(first) && first.text.chars().count() > 1 && !(run.len() > 1 && is_title(last.text))
}

fn fits(unit: &WordUnit<'_>) -> bool {
    unit.text.len() <= LONGEST
}

fn number(unit: &WordUnit<'_>) -> bool {
    unit.text.chars().all(|c| c.is_ascii_digit()) && unit.text.len() <= 3
}
