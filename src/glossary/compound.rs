//! Entries inside closed compounds: reported as parts.
//!
//! There is no list of all German words to prove a compound by, so the proof is by what is around the entry:
//! a linking element or a form's ending behind it, and before and behind it pieces long enough to be words
//! that are not derivational suffixes.

use std::ops::Range;

use super::index::{Posting, Prefix, Spelling};
use super::inflection::{self, WordClass};
use super::pattern::{Capitals, Demand};
use super::search::{IndexSearch, PatternMatch};
use crate::model::MatchKind;

/// The fewest letters that another member of a compound has (`Tor`, `Bau`); shorter rests are mostly endings.
const OTHER: usize = 3;
/// The fewest letters of an entry at the end of a compound (`Vertragsart`).
const SHORTEST_TAIL: usize = 3;
/// The fewest letters of an entry before other members: `Art` would be seen in `Artikel`.
const SHORTEST_HEAD: usize = 4;
/// The fewest letters of a name in a compound, which are more often chance.
const SHORTEST_NAME: usize = 5;

/// The longest word, in bytes, that is taken for a compound: keeps hostile text from costing much.
const LONGEST: usize = 256;

/// Looks for entries of one word inside a token.
#[inline]
pub(super) fn find(search: &mut IndexSearch<'_>, token: usize) {
    let index = &search.glossary.index;
    let folded = search.folded.tokens[token].folded.clone();
    let length = folded.len();
    if !(OTHER + SHORTEST_TAIL..=LONGEST).contains(&length) {
        return;
    }
    for start in std::iter::once(0).chain(OTHER..=length - SHORTEST_TAIL) {
        let from = folded.start + start;
        if !index.may_start(&search.folded.bytes[from..folded.end]) {
            continue;
        }
        let mut prefix = Prefix::EMPTY;
        for size in 1..=index.longest().min(length - start) {
            prefix = prefix.then(search.folded.bytes[from + size - 1]);
            if !index.may_continue(prefix, size) {
                break;
            }
            if size < SHORTEST_TAIL {
                continue;
            }
            for spelling in index.stems(prefix) {
                verify(search, token, spelling, start..start + size);
            }
        }
    }
}

/// Proves a stem inside a token and takes the patterns of its word.
fn verify(search: &mut IndexSearch<'_>, token: usize, spelling: Spelling, place: Range<usize>) {
    let index = &search.glossary.index;
    let letters = search.folded.word(token);
    // The first stem is the word itself.
    let whole = spelling.stem == 0;
    let ends = place.start > 0 && letters.len() - place.end <= inflection::longest_ending();
    if !whole && !ends {
        return;
    }
    let Some(rest) = letters.get(place.end..).and_then(|r| std::str::from_utf8(r).ok()) else { return };
    let word = index.word(spelling.word);
    let surface = &search.text[search.folded.tokens[token].span.clone()];
    let small = surface.starts_with(char::is_lowercase);
    let tail = ends && word.spelled_as(spelling.stem).any(|stem| stem.endings.contains(&rest));
    let least = match word.class {
        WordClass::Name => SHORTEST_NAME,
        _ if tail => SHORTEST_TAIL,
        _ => SHORTEST_HEAD,
    };
    let link = match () {
        () if tail => Some(rest.len()),
        () if whole && !inflection::is_verb_ending(rest, small) => link(rest),
        () => None,
    };
    let Some(link) = link.filter(|_| word.letters.len() >= least) else { return };
    if place.start == 0 && std::str::from_utf8(letters).is_ok_and(inflection::looks_compound) {
        return;
    }
    let at = |letters| search.folded.unfold(search.text, token, letters);
    let span = at(place.start)..at(place.end + link);
    if span.is_empty() {
        return;
    }
    for posting in index.patterns(spelling.word) {
        // A compound has the capital of its last noun: `verstand` is a verb, whatever Stand is.
        if !(tail && small && asks_for_capital(search, *posting)) {
            take(search, span.clone(), *posting);
        }
    }
}

/// Whether the word of a pattern is written with a capital.
fn asks_for_capital(search: &IndexSearch<'_>, posting: Posting) -> bool {
    match posting.demand {
        Demand::Capitals(bits) => bits != 0,
        Demand::More => {
            let word = search.glossary.patterns[posting.pattern as usize].words.first();
            word.is_some_and(|word| matches!(word.capitals, Capitals::Initial | Capitals::Exact(_)))
        }
    }
}

/// Takes a pattern of one word inside a token, unless its marks, its capitals or forms to avoid forbid it.
fn take(search: &mut IndexSearch<'_>, span: Range<usize>, posting: Posting) {
    let pattern = posting.pattern;
    if posting.demand == Demand::More {
        let found = &search.glossary.patterns[pattern as usize];
        let capitals = found.words.first().map(|word| &word.capitals);
        let abbreviation = capitals.filter(|capitals| matches!(capitals, Capitals::Exact(_)));
        let marked = !found.before.is_empty() || !found.behind.is_empty();
        if marked || abbreviation.is_some_and(|capitals| !search.spelling_fits(span.clone(), capitals)) {
            return;
        }
    }
    if !search.is_ruled_out(&span, pattern) {
        search.found.push(PatternMatch { span, pattern, kind: MatchKind::Part });
    }
}

/// The length of the linking element at the start of `rest` if a further member follows it.
fn link(rest: &str) -> Option<usize> {
    let follows = |l: &&&str| rest.strip_prefix(**l).is_some_and(|r| r.len() >= OTHER && can_start_word(r));
    if inflection::is_derivation(rest) {
        return None;
    }
    inflection::links().iter().filter(follows).map(|l| l.len()).max()
}

/// Whether a word could begin so: it has a vowel near its start.
fn can_start_word(rest: &str) -> bool {
    rest.bytes().take(4).any(|b| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
}
