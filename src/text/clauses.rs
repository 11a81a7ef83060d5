//! Cutting a sentence that is too long for an engine at clause ends, and joining its parts again.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use unicode_segmentation::GraphemeCursor;

use crate::tables::words;

static CONJUNCTIONS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words(include_str!("data/conjunctions.txt")).collect());
static FUNCTION_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words(include_str!("data/english-function-words.txt")).collect());

/// How good a place is for a cut; the first is the best.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CutPlace {
    /// After the end of a sentence, a semicolon, a colon or a dash.
    Stop,
    Comma,
    Conjunction,
    Space,
}

impl CutPlace {
    const ALL: [Self; 4] = [Self::Stop, Self::Comma, Self::Conjunction, Self::Space];
}

/// A text without white space is cut at the next grapheme, if it is not farther than this, in bytes.
const LONGEST_GRAPHEME: usize = 64;

/// Cuts a text into parts that fit, in order and without the white space between them.
///
/// A text that fits is one part. The stretches in `whole`, in order, are not cut unless there is no other way;
/// nor is a single character, whether it fits or not.
pub fn clauses(text: &str, whole: &[Range<usize>], fits: &impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut waiting = vec![trimmed(text, 0..text.len())];
    while let Some(part) = waiting.pop() {
        if part.is_empty() {
            continue;
        }
        let may_cut = |at: usize| is_free(whole, part.start + at);
        let cut = if fits(&text[part.clone()]) { None } else { middle(&text[part.clone()], &may_cut) };
        match cut {
            Some(at) => {
                waiting.push(trimmed(text, part.start + at..part.end));
                waiting.push(trimmed(text, part.start..part.start + at));
            }
            None => parts.push(part),
        }
    }
    parts
}

/// Whether a place is inside none of the stretches.
fn is_free(whole: &[Range<usize>], at: usize) -> bool {
    let before = whole.partition_point(|stretch| stretch.start < at);
    before.checked_sub(1).is_none_or(|last| whole[last].end <= at)
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + inner.len() - inner.trim_start().len();
    start..start + inner.trim().len()
}

/// The best place for a cut; `None` if the text is a single character.
fn middle(text: &str, may_cut: &impl Fn(usize) -> bool) -> Option<usize> {
    let half = text.len() / 2;
    between_words(text, half, may_cut)
        .or_else(|| between_words(text, half, &|_| true))
        .or_else(|| between_characters(text, half))
}

/// The best place between words in the middle half of a text, otherwise the one nearest to the middle.
fn between_words(text: &str, half: usize, may_cut: &impl Fn(usize) -> bool) -> Option<usize> {
    let nearest = |place: CutPlace, window: Range<usize>| {
        text.char_indices()
            .map(|(at, _)| at)
            .filter(|at| window.contains(at) && *at > 0 && is_place(text, *at, place) && may_cut(*at))
            .min_by_key(|at| at.abs_diff(half))
    };
    let window = text.len() / 4..text.len() - text.len() / 4;
    CutPlace::ALL
        .into_iter()
        .find_map(|place| nearest(place, window.clone()))
        .or_else(|| nearest(CutPlace::Space, 0..text.len()))
}

/// A place between two graphemes near the middle; between two characters if a grapheme is monstrous.
fn between_characters(text: &str, half: usize) -> Option<usize> {
    let middle = text.floor_char_boundary(half).max(text.chars().next()?.len_utf8());
    let near = text[middle..].char_indices().map(|(at, _)| middle + at);
    let is_border = |at: &usize| GraphemeCursor::new(*at, text.len(), true).is_boundary(text, 0) == Ok(true);
    let after = near.take_while(|at| at - middle < LONGEST_GRAPHEME).find(is_border);
    let before = || {
        let near = text[..middle].char_indices().rev().map(|(at, _)| at);
        near.take_while(|at| *at > 0 && middle - at < LONGEST_GRAPHEME).find(is_border)
    };
    after.or_else(before).or(Some(middle)).filter(|at| *at < text.len())
}

fn is_place(text: &str, at: usize, place: CutPlace) -> bool {
    let (before, after) = text.split_at(at);
    // All places follow white space, so that a number such as 3,5 or 12:30 stays whole.
    if !before.ends_with(char::is_whitespace) || after.starts_with(char::is_whitespace) {
        return false;
    }
    match place {
        CutPlace::Stop => before.trim_end().ends_with([';', ':', '–', '—', '!', '?']),
        CutPlace::Comma => before.trim_end().ends_with(','),
        CutPlace::Conjunction => {
            let word = after.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            CONJUNCTIONS.contains(word.to_lowercase().as_str())
        }
        CutPlace::Space => true,
    }
}

/// A part of a text and what it became.
#[derive(Debug, Clone, Copy)]
pub struct TranslatedPart<'a> {
    pub source: &'a str,
    pub target: &'a str,
    /// Whether white space stands before the part in the German text.
    pub spaced: bool,
}

/// Puts the translations of parts together; gives the text and where each translation begins in it.
///
/// An engine takes each part for a sentence, so it likes to end one with a full stop and to begin one with a
/// capital that the German part does not have; both are taken back. Neither changes where words stand.
#[must_use]
pub fn join(parts: &[TranslatedPart<'_>]) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut starts = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        if part.spaced && !text.is_empty() && !part.target.is_empty() {
            text.push(' ');
        }
        starts.push(text.len());
        let mut target = part.target;
        if index + 1 < parts.len() && !part.source.ends_with(['.', '…']) && target.ends_with('.') {
            target = &target[..target.len() - 1];
        }
        let first = target.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let lower = first.to_lowercase();
        let takes_back = index > 0
            && part.source.starts_with(char::is_lowercase)
            && lower.len() == first.len()
            && FUNCTION_WORDS.contains(lower.as_str());
        if takes_back {
            text.push_str(&lower);
            target = &target[first.len()..];
        }
        text.push_str(target);
    }
    (text, starts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str, limit: usize) -> Vec<&str> {
        clauses(text, &[], &|part: &str| part.split_whitespace().count() <= limit)
            .into_iter()
            .map(|r| &text[r])
            .collect()
    }

    #[test]
    fn a_short_sentence_stays_whole() {
        assert_eq!(parts("Die Sonde funkt, und alle warten.", 6), ["Die Sonde funkt, und alle warten."]);
    }

    #[test]
    fn a_semicolon_goes_before_a_comma_and_a_comma_before_a_conjunction() {
        assert_eq!(
            parts("Die Sonde funkt, alle warten; der Rechner hört zu.", 6),
            ["Die Sonde funkt, alle warten;", "der Rechner hört zu."]
        );
        assert_eq!(
            parts("Der Rechner hört zu und wartet, alle anderen schlafen noch.", 6),
            ["Der Rechner hört zu und wartet,", "alle anderen schlafen noch."]
        );
        assert_eq!(
            parts("Der große Rechner hört zu und wartet auf ein Zeichen.", 6),
            ["Der große Rechner hört zu", "und wartet auf ein Zeichen."]
        );
    }

    #[test]
    fn a_decimal_comma_is_no_clause_end() {
        assert_eq!(parts("Rund 3,5 Tonnen flogen mit", 3), ["Rund 3,5 Tonnen", "flogen mit"]);
    }

    #[test]
    fn text_without_spaces_is_cut_between_graphemes() {
        let text = "a\u{308}".repeat(9);
        let ranges = clauses(&text, &[], &|part: &str| part.len() <= 12);
        assert!(ranges.iter().all(|range| range.len() <= 12 && range.start % 3 == 0), "{ranges:?}");
        assert_eq!(ranges.iter().map(|range| &text[range.clone()]).collect::<String>(), text);
    }

    #[test]
    fn what_is_to_stay_whole_is_not_cut() {
        let text = "Der Rat, die Kommission, das Parlament und der Hof";
        let fits = |part: &str| part.len() <= 40;
        let found = |whole: &[Range<usize>]| -> Vec<_> {
            clauses(text, whole, &fits).into_iter().map(|range| &text[range]).collect()
        };
        assert_eq!(found(&[]), ["Der Rat, die Kommission,", "das Parlament und der Hof"]);
        assert_eq!(found(&[4..38, 43..50]), ["Der Rat, die Kommission, das Parlament", "und der Hof"]);
        let all = 0..50;
        assert_eq!(found(std::slice::from_ref(&all)).len(), 2, "there is no other way");
    }

    #[test]
    fn joining_takes_back_full_stops_and_capitals() {
        let joint = |source, target| TranslatedPart { source, target, spaced: true };
        let (text, starts) = join(&[
            joint("Die Sonde funkt", "The probe transmits."),
            joint("und alle warten,", "And everyone waits,"),
            joint("Oslo schläft.", "The city sleeps."),
        ]);
        assert_eq!(text, "The probe transmits and everyone waits, The city sleeps.");
        assert_eq!(starts, [0, 20, 40]);
    }

    proptest! {
        #[test]
        fn parts_keep_every_character_and_the_limit(
            text in "[a-zä,;:. –\u{308}😀]{0,200}|.*",
            limit in 4_usize..12,
            stretch in 0_usize..50,
        ) {
            let whole = stretch..stretch + 8;
            let ranges = clauses(&text, &[whole], &|part: &str| part.len() <= limit);
            let kept: String = ranges.iter().map(|r| &text[r.clone()]).collect();
            let strip = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(strip(&kept), strip(&text));
            prop_assert!(ranges.iter().all(|r| r.len() <= limit));
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
