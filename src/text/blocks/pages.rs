//! What is left of pages in a text that was printed: their numbers, heads and feet.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::furniture::Leftover;
use crate::model::BlockKind;
use crate::tables::words;
use crate::text::german::LISTS;

/// Heads of pages are not longer than this, in bytes.
const LONGEST: usize = 120;
/// No book has more pages.
const DIGITS: usize = 4;
/// The longest Roman numeral of a page, `lxxxviii`.
const ROMAN: usize = 8;

const NUMBER: Leftover = Leftover { kind: BlockKind::Furniture, reason: "page number" };
const RUNNING_HEAD: Leftover = Leftover { kind: BlockKind::Furniture, reason: "head or foot of a page" };

static LABELS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words(include_str!("../data/page-labels.txt")).collect());

/// The heads and feet of an article's pages.
pub(super) struct Pages {
    /// Lines beside page breaks that come back on another page, without their digits.
    repeated: HashSet<String>,
}

/// A line with those around it.
pub(super) struct LineContext<'a> {
    /// Whether a page begins with the line, or ends with it.
    pub(super) beside_break: bool,
    /// The text of the article before it.
    pub(super) before: Option<&'a str>,
    /// What follows.
    pub(super) next: Option<&'a str>,
}

impl LineContext<'_> {
    /// Whether a sentence goes on over the line: what stands before it cannot end there, or what follows cannot begin there.
    fn breaks_sentence(&self) -> bool {
        let Some(before) = self.before else { return false };
        let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let open = before.ends_with([',', '-', '\u{ad}']) || opens_phrase(last);
        let small = self.next.is_some_and(|next| next.starts_with(char::is_lowercase));
        open || (small && before.ends_with(char::is_alphanumeric))
    }
}

/// Whether no heading and no page of a finished text ends in the word.
pub(super) fn opens_phrase(word: &str) -> bool {
    LISTS.opens_phrase(word) || matches!(word, "der" | "die" | "das")
}

impl Pages {
    /// `lines` are the paragraphs that pages begin or end with.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for line in lines {
            *counts.entry(without_digits(line)).or_default() += 1;
        }
        let repeated = counts.into_iter().filter(|(line, count)| *count > 1 && !line.is_empty());
        Self { repeated: repeated.map(|(line, _)| line).collect() }
    }

    /// Whether a line is the number, the head or the foot of a page.
    pub(super) fn judge(&self, line: &str, around: &LineContext<'_>) -> Option<Leftover> {
        if line.len() > LONGEST || line.contains('\n') {
            return None;
        }
        let here = around.beside_break || around.breaks_sentence();
        match number(line) {
            Some(PageNumber::Marked) => return Some(NUMBER),
            Some(PageNumber::Bare) if here => return Some(NUMBER),
            _ => {}
        }
        let repeated = || around.beside_break && self.repeated.contains(&without_digits(line));
        // What a page break cuts may come back as well.
        let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
        let sentence = line.ends_with(['.', '!', '?', ':', ',', '-']) || opens_phrase(last);
        (!sentence && ((here && has_number_at_end(line)) || repeated())).then_some(RUNNING_HEAD)
    }
}

/// How a line that is nothing but the number of a page says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageNumber {
    /// By a word or signs on either side: `Seite 3 von 9`, `- iv -`.
    Marked,
    /// Not at all: `3`, `[3]`, `4/9`.
    Bare,
}

/// Whether a line is nothing but the number of a page.
pub(super) fn is_number_alone(line: &str) -> bool {
    number(line).is_some()
}

fn number(line: &str) -> Option<PageNumber> {
    let mark = |c: char| matches!(c, '-' | '–' | '—' | '•' | '·' | '~' | '*' | '|' | '=');
    let inside = line.trim_matches(|c: char| mark(c) || c.is_whitespace() || "[](){}<>".contains(c));
    let between = line.starts_with(mark) && line.ends_with(mark);
    let mut parts = inside.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let first = parts.next()?;
    let labelled = LABELS.contains(first.to_lowercase().as_str());
    let own = if labelled { parts.next()? } else { first };
    if !(is_number(own) || is_roman(own)) {
        return None;
    }
    // `3 von 9`, `3/9`.
    let of = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => inside.ends_with(own),
        (Some("von" | "of" | "aus"), Some(all), None) => is_number(own) && is_number(all),
        (Some(all), None, None) => is_number(own) && is_number(all) && inside.contains('/'),
        _ => false,
    };
    of.then_some(if labelled || between { PageNumber::Marked } else { PageNumber::Bare })
}

fn is_number(word: &str) -> bool {
    (1..=DIGITS).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit())
}

/// A Roman numeral of one case, up to the pages that a preface may have.
fn is_roman(word: &str) -> bool {
    let of = |letters: &str| word.chars().all(|c| letters.contains(c));
    (1..=ROMAN).contains(&word.len()) && (of("ivxl") || of("IVXL"))
}

/// Whether a line begins or ends with a number.
fn has_number_at_end(line: &str) -> bool {
    let is_number = |word: &str| is_number(word.trim_matches(|c: char| !c.is_alphanumeric()));
    let ends = [line.split_whitespace().next(), line.split_whitespace().next_back()];
    ends.into_iter().flatten().any(is_number)
}

fn without_digits(line: &str) -> String {
    if line.len() > LONGEST || line.contains('\n') {
        return String::new();
    }
    line.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_pages_are_known_in_all_their_shapes() {
        for line in [
            "Seite 3",
            "Seite 4 von 9",
            "S. 12",
            "Seite 3/12",
            "- iv -",
            "– 7 –",
            "-7-",
            "• 7 •",
            "~ 7 ~",
            "Page 3 of 9",
            "Blatt 5",
            "Seite: 8",
            "Seite - 3 -",
            "[Seite 3]",
            "Seite XII",
            "| 9 |",
        ] {
            assert_eq!(number(line), Some(PageNumber::Marked), "{line}");
        }
        for line in ["3", "[3]", "(3)", "xii", "IV", "3 von 9", "3 / 9", "| 3"] {
            assert_eq!(number(line), Some(PageNumber::Bare), "{line}");
        }
        for line in [
            "3.",
            "Seite",
            "Seite an Seite",
            "1950 bis 1960",
            "12345",
            "S. Groß",
            "- 3 Birnen",
            "Kapitel 3",
            "1. FC",
            "3:1",
        ] {
            assert_eq!(number(line), None, "{line}");
        }
    }
}
