//! The words that the engine aligned to the term, if they are few and stand together.

use std::ops::Range;

use super::super::inline::rendering;
use super::search::{BREAKS, Replacement, Search};
use crate::check::overlap;
use crate::english::{Word, is_function_word, words};
use crate::text::characters::is_apostrophe;

/// Words that an aligned rendering may have beyond those of the house form: more of them are a paraphrase.
const MORE: usize = 2;

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let Some(span) = aligned_words(search) else { return Vec::new() };
    let by = rendering(search.term(), search.source.text());
    let is_paraphrase = words(&search.target.text()[span.clone()]).len() > words(&by).len() + MORE;
    if is_paraphrase { Vec::new() } else { vec![Replacement { span, by, german: false }] }
}

/// The words that the engine aligned to the term, if they stand together: none between them that belongs to something
/// else, and no mark that ends a phrase.
pub(in crate::enforce) fn aligned_words(search: &Search<'_>) -> Option<Range<usize>> {
    let (term, in_target) = (&search.term().span, search.target.words());
    let pairs = &search.words?.0;
    let ends = pairs.iter().filter(|(source, _)| overlap(source, term)).map(|(_, target)| target);
    let touched = |w: &&Word| ends.clone().any(|e| overlap(e, &w.span));
    let first = in_target.iter().position(|w| touched(&w))?;
    let last = in_target.iter().rposition(|w| touched(&w))?;
    let chosen = without_function_words(search, &in_target[first..=last])?;
    let span = chosen.first()?.span.start..chosen.last()?.span.end;
    let strangers = chosen.iter().any(|w| !touched(&w) && !is_function_word(&w.folded));
    let broken = search.target.text()[span.clone()].contains(BREAKS);
    let free = !search.taken.iter().any(|t| overlap(t, &span));
    (free && !strangers && !broken).then_some(span)
}

/// Leaves articles and prepositions at the ends of the aligned words standing; `None` if there is nothing else.
fn without_function_words<'a>(search: &Search<'_>, mut words: &'a [Word]) -> Option<&'a [Word]> {
    let target = search.target.text();
    let is_possessive = |w: &Word| w.folded == "s" && target[..w.span.start].ends_with(is_apostrophe);
    let stays = |w: &Word| is_function_word(&w.folded) || is_possessive(w);
    while let [first, rest @ ..] = words
        && !rest.is_empty()
        && stays(first)
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && stays(last)
    {
        words = rest;
    }
    words.first().filter(|first| !stays(first)).map(|_| words)
}
