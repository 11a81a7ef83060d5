//! Words that the text writes in two: with a hyphen (`Ukraine-Krieg`), or with an elided half
//! (`Lang- und Kurzstreckenraketen`, `Flugzeugträger und -bauer`).

use std::ops::Range;

use super::folding::Gap;
use super::inflection;
use super::search::{IndexSearch, PatternMatch};
use crate::model::MatchKind;
use crate::text::characters::is_hyphen;

/// The most members of a hyphen compound that are read as one word.
const MEMBERS: usize = 4;
/// The fewest letters of the half that is elided or stays.
const HALF: usize = 3;
/// The longest word, in bytes, that elided halves are completed from: keeps hostile text from costing much.
const LONGEST: usize = 64;

/// Looks for patterns of one word in joined words that start at a token.
#[inline]
pub(super) fn find(search: &mut IndexSearch<'_>, token: usize) {
    let Some(gap) = search.folded.gap(search.text, token) else { return };
    match gap {
        Gap::Hyphen => hyphened(search, token),
        Gap::Other(between) if between.starts_with(is_hyphen) && between.ends_with(char::is_whitespace) => {
            first_half(search, token);
        }
        Gap::Other(between) if between.starts_with(char::is_whitespace) && between.ends_with(is_hyphen) => {
            second_half(search, token);
        }
        _ => {}
    }
}

/// Reads the members of a hyphen compound as one word.
fn hyphened(search: &mut IndexSearch<'_>, token: usize) {
    let mut word = search.folded.word(token).to_vec();
    for last in token + 1..token + MEMBERS {
        if search.folded.gap(search.text, last - 1) != Some(Gap::Hyphen) {
            return;
        }
        word.extend_from_slice(search.folded.word(last));
        for pattern in whole(search, &word) {
            let capitals = &search.glossary.patterns[pattern as usize].words[0].capitals;
            let span = search.folded.tokens[token].span.start..search.folded.tokens[last].span.end;
            if search.spelling_fits(span, capitals) {
                search.accept(token..last + 1, pattern);
            }
        }
    }
}

/// `Lang-` before `und Kurzstreckenraketen`: what is elided stands at the end of the word behind.
fn first_half(search: &mut IndexSearch<'_>, token: usize) {
    let own = search.folded.word(token);
    let full = full_word(search, token).and_then(|at| search.folded.tokens.get(at));
    let Some(full) = full else { return };
    let full = &search.folded.bytes[full.folded.clone()];
    if own.len() + full.len() > LONGEST {
        return;
    }
    let words: Vec<_> =
        (1..full.len().saturating_sub(HALF - 1)).map(|at| [own, &full[at..]].concat()).collect();
    let end = search.folded.tokens[token].span.end;
    let hyphen = search.text[end..].chars().find(|c| is_hyphen(*c)).map_or(0, char::len_utf8);
    elided(search, &words, search.folded.tokens[token].span.start..end + hyphen);
}

/// The word behind a conjunction that completes the half at a token, which may be one of several: `Stein-, Eis- und
/// Wellenbrecher`.
fn full_word(search: &IndexSearch<'_>, token: usize) -> Option<usize> {
    for at in token + 1..=token + MEMBERS {
        if std::str::from_utf8(search.folded.word(at)).is_ok_and(inflection::is_conjunction) {
            return Some(at + 1);
        }
        let Some(Gap::Other(before)) = search.folded.gap(search.text, at - 1) else { return None };
        let Some(Gap::Other(behind)) = search.folded.gap(search.text, at) else { return None };
        let comma = before.trim_end().strip_prefix(is_hyphen) == Some(",");
        if !comma || !behind.starts_with(is_hyphen) {
            return None;
        }
    }
    None
}

/// `-bauer` behind `Flugzeugträger und`: what is elided stands at the start of the word before.
fn second_half(search: &mut IndexSearch<'_>, token: usize) {
    let conjunction = std::str::from_utf8(search.folded.word(token)).is_ok_and(inflection::is_conjunction);
    let own = search.folded.word(token + 1);
    let Some(full) = token.checked_sub(1).filter(|_| conjunction) else { return };
    let full = search.folded.word(full);
    if own.len() + full.len() > LONGEST {
        return;
    }
    let words: Vec<_> = (HALF..full.len()).map(|at| [&full[..at], own].concat()).collect();
    let span = search.folded.tokens[token + 1].span.clone();
    let between = &search.text[..span.start];
    let hyphen = between.chars().next_back().map_or(0, char::len_utf8);
    elided(search, &words, span.start - hyphen..span.end);
}

fn elided(search: &mut IndexSearch<'_>, words: &[Vec<u8>], span: Range<usize>) {
    let found: Vec<u32> = words.iter().flat_map(|w| whole(search, w)).collect();
    let part = |pattern| PatternMatch { span: span.clone(), pattern, kind: MatchKind::Part };
    search.found.extend(found.into_iter().map(part));
}

/// The patterns of one word that a folded word is a form of; capitals are not looked at.
fn whole<'a>(search: &IndexSearch<'a>, letters: &[u8]) -> impl Iterator<Item = u32> + use<'a> {
    let index = &search.glossary.index;
    let words = index.words_of(letters).filter(|spelling| !spelling.hyphened);
    words.flat_map(|spelling| index.patterns(spelling.word).iter().map(|posting| posting.pattern))
}
