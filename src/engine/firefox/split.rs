//! Cutting a sentence that is too long for the network at clause ends, and joining its parts again.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

static CONJUNCTIONS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words(include_str!("data/conjunctions.txt")));
static FUNCTION_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words(include_str!("data/function_words.txt")));

fn words(list: &'static str) -> HashSet<&'static str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// How good a place is for a cut; the first is the best.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// After the end of a sentence, a semicolon, a colon or a dash.
    Stop,
    /// After a comma.
    Comma,
    /// Before a conjunction.
    Conjunction,
    /// Between two words.
    Space,
    /// Between two characters: only text without spaces is cut there.
    Character,
}

impl Place {
    const ALL: [Self; 5] = [Self::Stop, Self::Comma, Self::Conjunction, Self::Space, Self::Character];
}

/// Cuts a text into parts of at most `limit` tokens, in order and without the white space between them.
///
/// A text within the limit is one part. `count` tells the tokens of a text.
pub(super) fn cut(text: &str, limit: usize, count: &impl Fn(&str) -> usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut waiting = vec![trimmed(text, 0..text.len())];
    while let Some(part) = waiting.pop() {
        if part.is_empty() {
            continue;
        }
        let inner = &text[part.clone()];
        match middle(inner).filter(|_| count(inner) > limit) {
            Some(at) => {
                waiting.push(trimmed(text, part.start + at..part.end));
                waiting.push(trimmed(text, part.start..part.start + at));
            }
            None => parts.push(part),
        }
    }
    parts
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + inner.len() - inner.trim_start().len();
    start..start + inner.trim().len()
}

/// The best place for a cut in the middle half of a text; `None` if it is a single character.
fn middle(text: &str) -> Option<usize> {
    let half = text.len() / 2;
    let nearest = |place: Place, window: Range<usize>| {
        text.char_indices()
            .map(|(at, _)| at)
            .filter(|at| window.contains(at) && *at > 0 && is_place(text, *at, place))
            .min_by_key(|at| at.abs_diff(half))
    };
    let window = text.len() / 4..text.len() - text.len() / 4;
    Place::ALL
        .into_iter()
        .find_map(|place| nearest(place, window.clone()))
        .or_else(|| nearest(Place::Character, 0..text.len()))
}

fn is_place(text: &str, at: usize, place: Place) -> bool {
    let (before, after) = text.split_at(at);
    if place == Place::Character {
        return true;
    }
    // All better places follow white space, so that a number such as 3,5 or 12:30 stays whole.
    if !before.ends_with(char::is_whitespace) || after.starts_with(char::is_whitespace) {
        return false;
    }
    match place {
        Place::Stop => before.trim_end().ends_with([';', ':', '–', '—', '!', '?']),
        Place::Comma => before.trim_end().ends_with(','),
        Place::Conjunction => {
            let word = after.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            CONJUNCTIONS.contains(word.to_lowercase().as_str())
        }
        Place::Space | Place::Character => true,
    }
}

/// A part of a text and what it became.
pub(super) struct Joint<'a> {
    /// The German part.
    pub(super) source: &'a str,
    /// Its translation.
    pub(super) target: &'a str,
    /// Whether white space stands before the part in the German text.
    pub(super) spaced: bool,
}

/// Puts the translations of parts together; gives the text and where each translation begins in it.
///
/// The network takes each part for a sentence, so it likes to end one with a full stop and to begin one with a
/// capital that the German part does not have; both are taken back. Neither changes where words stand.
pub(super) fn join(parts: &[Joint<'_>]) -> (String, Vec<usize>) {
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
        cut(text, limit, &|part: &str| part.split_whitespace().count())
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
    fn text_without_spaces_is_cut_between_characters() {
        let text = "ä".repeat(9);
        let ranges = cut(&text, 4, &|part: &str| part.chars().count());
        assert!(ranges.iter().all(|r| text[r.clone()].chars().count() <= 4));
        assert_eq!(ranges.iter().map(|r| &text[r.clone()]).collect::<String>(), text);
    }

    #[test]
    fn joining_takes_back_full_stops_and_capitals() {
        let joint = |source, target| Joint { source, target, spaced: true };
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
        fn parts_keep_every_character_and_the_limit(text in "[a-zä,;:. –]{0,200}", limit in 1_usize..9) {
            let count = |part: &str| part.chars().count();
            let ranges = cut(&text, limit, &count);
            let kept: String = ranges.iter().map(|r| &text[r.clone()]).collect();
            let strip = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(strip(&kept), strip(&text));
            prop_assert!(ranges.iter().all(|r| count(&text[r.clone()]) <= limit));
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
