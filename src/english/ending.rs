//! How texts end: with which mark, and whether a point at the end is one of an abbreviation.

use std::sync::LazyLock;

use crate::tables::{Kinds, TableError, must};
use crate::text::characters::{inside, last_inside};

/// Words whose point ends no sentence: `data/endings.tsv`.
static ABBREVIATIONS: LazyLock<Vec<&'static str>> = LazyLock::new(|| must(abbreviations()));

fn abbreviations() -> Result<Vec<&'static str>, TableError> {
    let table = Kinds::read("english/data/endings.tsv", include_str!("data/endings.tsv"), &["abbreviation"])?;
    table.values("abbreviation")
}

/// How a text ends, be it before closing quotation marks and brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentenceEnd {
    /// With `.`, `!` or an ellipsis.
    Stop,
    Question,
    /// With a colon, a semicolon, a comma or a dash.
    Open,
    /// Without a mark.
    None,
}

impl SentenceEnd {
    pub(crate) fn of(text: &str) -> Self {
        match last_inside(text) {
            Some('?') => Self::Question,
            Some('.' | '!' | '…') => Self::Stop,
            Some(':' | ';' | ',' | '-' | '–' | '—' | '/') => Self::Open,
            _ => Self::None,
        }
    }
}

/// Whether a text ends with an abbreviation, whose point is no end of a sentence.
pub(crate) fn is_abbreviated(text: &str) -> bool {
    let Some(text) = text.trim_end().strip_suffix('.') else { return false };
    let last = text.rsplit([' ', '\u{a0}', '(']).next().unwrap_or_default();
    let is_letters = last.split('.').all(|letter| letter.chars().count() == 1);
    is_letters
        || last.chars().all(|c| c.is_ascii_digit())
        || ABBREVIATIONS.contains(&last.to_lowercase().as_str())
}

/// Where the full stop stands that a heading got in its translation: the German ends without a mark, and what is one sentence in
/// English ends with a point that is not one of an abbreviation.
pub(crate) fn added_stop(german: &str, english: &str) -> Option<usize> {
    if SentenceEnd::of(german) != SentenceEnd::None {
        return None;
    }
    let text = inside(english);
    let before = text.strip_suffix('.')?;
    let is_one = !before.ends_with('.') && !before.split_inclusive([' ', '\u{a0}']).any(ends_sentence);
    (is_one && !is_abbreviated(text)).then_some(before.len())
}

/// Whether a word with the blank behind it is the last of a sentence.
fn ends_sentence(word: &str) -> bool {
    let inner = inside(word);
    word.ends_with(char::is_whitespace) && inner.ends_with(['.', '!', '?', '…']) && !is_abbreviated(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stop_that_a_heading_got_is_found() {
        for (german, english, stop) in [
            ("Neue Fähre für Amrum", "New ferry for Amrum.", "New ferry for Amrum"),
            ("„Alles auf Anfang“", "\"Back to square one.\"", "\"Back to square one"),
            ("Amrum (Bild)", "Amrum (picture.)", "Amrum (picture"),
            ("Dr. Ott wird Chef", "Dr. Ott becomes head.", "Dr. Ott becomes head"),
        ] {
            assert_eq!(added_stop(german, english).map(|at| &english[..at]), Some(stop), "{english}");
        }
    }

    #[test]
    fn a_stop_that_belongs_there_stays() {
        for (german, english) in [
            ("Die Fähre fährt.", "The ferry leaves."),
            ("Fährt sie?", "Is it leaving."),
            ("Sie sagte:", "She said."),
            ("Reise in die USA", "Trip to the U.S."),
            ("Autohaus Ott AG", "Ott Motors Inc."),
            ("Und dann", "And then..."),
            ("Regen, Sturm", "It rained. It stormed."),
            ("Halt", "Stop!"),
            ("Fähre", "Ferry"),
            ("", "."),
        ] {
            assert_eq!(added_stop(german, english), None, "{english}");
        }
    }
}
