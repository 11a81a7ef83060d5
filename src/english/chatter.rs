//! What language models say besides the translation: labels before it, remarks in and behind it, refusals.
//!
//! The phrases stand in `data/chatter.tsv`. None counts where the German has as many of its marks: a label or a note of
//! the article's own is text.

use std::ops::Range;
use std::sync::LazyLock;

use crate::tables::{Kinds, TableError, must};

struct ChatterTables {
    labels: Vec<&'static str>,
    refusals: Vec<&'static str>,
    tails: Vec<&'static str>,
}

static CHATTER: LazyLock<ChatterTables> = LazyLock::new(|| must(ChatterTables::read()));

impl ChatterTables {
    fn read() -> Result<Self, TableError> {
        let kinds = ["label", "refusal", "tail"];
        let table = Kinds::read("english/data/chatter.tsv", include_str!("data/chatter.tsv"), &kinds)?;
        Ok(Self {
            labels: table.values("label")?,
            refusals: table.values("refusal")?,
            tails: table.values("tail")?,
        })
    }
}

/// What was said without labels before it. One that has a line to itself is never text.
#[must_use]
pub fn unlabelled<'a>(german: &str, said: &'a str) -> &'a str {
    let mut rest = said.trim_start();
    let mut spare = marks(said, ':').saturating_sub(marks(german, ':'));
    while let Some(label) = CHATTER.labels.iter().find(|label| starts_with(rest, label)) {
        let behind = &rest[label.len()..];
        if spare == 0 && !behind.trim_start_matches(['*', ' ']).starts_with(['\n', '\r']) {
            break;
        }
        rest = behind.trim_start();
        spare = spare.saturating_sub(1);
    }
    rest
}

/// Where the first remark stands: up to the end, or up to its closing bracket.
#[must_use]
pub fn remark(german: &str, text: &str) -> Option<Range<usize>> {
    // Most answers have no mark that the German does not have, and are not searched for phrases.
    let added = ['(', '[', ':'].map(|mark| (marks(text, mark) > marks(german, mark)).then_some(mark));
    if added == [None; 3] {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let found = CHATTER.tails.iter().filter_map(|tail| {
        let mark = opening(tail);
        if !added.contains(&Some(mark)) {
            return None;
        }
        let mut places = lower.match_indices(tail).map(|(at, _)| at);
        Some((places.find(|at| mark != ':' || stands_alone(german, text, *at))?, *tail))
    });
    let (start, tail) = found.min()?;
    let close = match opening(tail) {
        '(' => closing(text, start, '(', ')'),
        '[' => closing(text, start, '[', ']'),
        _ => None,
    };
    Some(start..close.unwrap_or(text.len()))
}

/// Whether the model declines to translate.
#[must_use]
pub fn declines(said: &str) -> bool {
    CHATTER.refusals.iter().any(|refusal| starts_with(said, refusal))
}

/// The mark that a phrase has and the German has not.
fn opening(tail: &str) -> char {
    tail.trim_start().chars().next().filter(|c| matches!(c, '(' | '[')).unwrap_or(':')
}

/// How often a mark stands in a text. A colon between digits is one of a time or a score, which the German may write
/// with a stop.
fn marks(text: &str, mark: char) -> usize {
    let is_mark =
        |(at, _): &(usize, &str)| !(mark == ':' && text[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    text.match_indices(mark).filter(is_mark).count()
}

/// Whether what begins at a place is a sentence of its own: `Please note: the train is late` is none.
fn stands_alone(german: &str, text: &str, at: usize) -> bool {
    let ends = |text: &str| {
        text.trim_end_matches(['"', '”', '’', '\'', ')', '«', '“', '*', ' ']).ends_with(['.', '!', '?', '…'])
    };
    let is_capital = text[at..].trim_start().starts_with(|c: char| c.is_uppercase());
    is_capital && (ends(&text[..at]) || !ends(german))
}

/// Where the bracket closes that opens first behind a place.
fn closing(text: &str, from: usize, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text[from..].char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(from + at + c.len_utf8());
            }
        }
    }
    None
}

fn starts_with(text: &str, phrase: &str) -> bool {
    text.get(..phrase.len()).is_some_and(|start| start.eq_ignore_ascii_case(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(german: &str, text: &str) -> String {
        remark(german, text)
            .map_or(text.to_owned(), |place| format!("{}{}", &text[..place.start], &text[place.end..]))
    }

    #[test]
    fn the_data_is_understood() {
        assert!(ChatterTables::read().is_ok());
    }

    #[test]
    fn labels_go_unless_the_german_has_them() {
        assert_eq!(unlabelled("Es regnet.", "Translation: It is raining."), "It is raining.");
        assert_eq!(unlabelled("Er sagte: Ja.", "English: He said: Yes."), "He said: Yes.");
        assert_eq!(unlabelled("Um 14.05 Uhr: Regen", "English: At 14:05: rain"), "At 14:05: rain");
        assert_eq!(unlabelled("Er sagte: Ja.", "Translation:\nHe said yes."), "He said yes.");
        assert_eq!(
            unlabelled("Übersetzung: Eva Muster", "Translation: Eva Muster"),
            "Translation: Eva Muster"
        );
    }

    #[test]
    fn remarks_go_with_their_brackets_and_what_follows_stays() {
        for said in [
            "It is raining. (Note: \"Regen\" can also mean (heavy) rain.)",
            "It is raining. Note: weather.",
            "It is raining. [Translator's note: weather]",
            "It is raining. German: Es regnet.",
        ] {
            assert_eq!(without("Es regnet.", said), "It is raining.", "{said}");
        }
        assert_eq!(without("Es regnet heute.", "It rains (note: hard) today."), "It rains today.");
    }

    #[test]
    fn notes_of_the_article_stay() {
        for (german, english) in [
            ("Es regnet (Hinweis: stark).", "It is raining (note: hard)."),
            ("Er sprach. Anmerkung: leise.", "He spoke. Note: softly."),
            ("Bitte beachten – der Zug hat Verspätung.", "Please note: the train is late."),
        ] {
            assert_eq!(without(german, english), english);
        }
    }
}
