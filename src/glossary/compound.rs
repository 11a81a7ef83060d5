//! Entries inside closed compounds: reported as parts.
//!
//! There is no list of all German words to prove a compound by, so the proof is by what is around the entry:
//! a linking element or a form's ending behind it, and before and behind it pieces long enough to be words
//! that are no derivational suffixes.

use super::fold::unfold;
use super::index::{Posting, Prefix};
use super::matcher::{Candidate, Search};
use super::morph::{self, WordClass};
use super::pattern::Capitals;
use crate::model::MatchKind;

/// The fewest letters that another member of a compound has.
const OTHER: usize = 3;
/// The fewest letters of an entry at the end of a compound (`Vertragsart`).
const SHORTEST_TAIL: usize = 3;
/// The fewest letters of an entry before other members: `Art` would be seen in `Artikel`.
const SHORTEST_HEAD: usize = 4;
/// The fewest letters of a name in a compound, which are more often chance.
const SHORTEST_NAME: usize = 5;

/// Looks for entries of one word inside a token.
pub(super) fn find(search: &mut Search<'_>, token: usize) {
    let matcher = search.matcher;
    let length = search.folded.word(token).len();
    let from = search.folded.tokens[token].folded.start;
    if length < OTHER + SHORTEST_TAIL {
        return;
    }
    for start in (0..=length - SHORTEST_TAIL).filter(|s| *s == 0 || *s >= OTHER) {
        let mut prefix = Prefix::EMPTY;
        for end in start..length.min(start + matcher.single.longest()) {
            prefix = prefix.then(search.folded.bytes[from + end]);
            if !matcher.single.goes_on(prefix, end + 1 - start) {
                break;
            }
            if end + 1 < start + SHORTEST_TAIL {
                continue;
            }
            for posting in matcher.single.get(prefix) {
                verify(search, token, *posting, start..end + 1);
            }
        }
    }
}

fn verify(search: &mut Search<'_>, token: usize, posting: Posting, place: std::ops::Range<usize>) {
    let pattern = &search.matcher.patterns[posting.pattern as usize];
    let [word] = &pattern.words[..] else { return };
    if !pattern.before.is_empty() || !pattern.behind.is_empty() || word.class == WordClass::Fixed {
        return;
    }
    let stem = &word.stems[usize::from(posting.stem)];
    let letters = search.folded.word(token);
    if letters.get(place.clone()) != Some(stem.letters.as_bytes()) {
        return;
    }
    let Some(rest) = letters.get(place.end..).and_then(|r| std::str::from_utf8(r).ok()) else { return };
    let tail = place.start > 0 && word.spelled_as(posting.stem).any(|stem| stem.endings.contains(&rest));
    let whole = stem.letters == word.word;
    let link = if tail { Some(rest.len()) } else { link(rest).filter(|_| whole) };
    let least = match word.class {
        WordClass::Name => SHORTEST_NAME,
        _ if tail => SHORTEST_TAIL,
        _ => SHORTEST_HEAD,
    };
    let Some(link) = link.filter(|_| word.word.len() >= least) else { return };
    let Some(span) = search.folded.tokens.get(token).map(|t| t.span.clone()) else { return };
    let surface = &search.text[span.clone()];
    let bytes = span.start + unfold(surface, place.start)..span.start + unfold(surface, place.end + link);
    let abbreviation = matches!(word.capitals, Capitals::Exact(_));
    if bytes.is_empty()
        || (abbreviation && !search.spelling_fits(bytes.clone(), &word.capitals))
        || search.is_avoided(&bytes, posting.pattern)
    {
        return;
    }
    search.found.push(Candidate { span: bytes, pattern: posting.pattern, kind: MatchKind::Part });
}

/// The length of the linking element at the start of `rest` if a further member follows it.
fn link(rest: &str) -> Option<usize> {
    let follows = |l: &&&str| rest.strip_prefix(**l).is_some_and(|r| r.len() >= OTHER && can_start_word(r));
    if morph::is_derivation(rest) {
        return None;
    }
    morph::links().iter().filter(follows).map(|l| l.len()).max()
}

/// Whether a word could begin so: it has a vowel near its start.
fn can_start_word(rest: &str) -> bool {
    rest.bytes().take(4).any(|b| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
}
