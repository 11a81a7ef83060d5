//! A sentence as units: words, and words joined by hyphens.

use std::ops::Range;

use super::super::folding::{Folded, Gap};
use super::super::inflection;

/// A word or several joined by hyphens.
#[derive(Debug, Clone)]
pub(super) struct WordUnit<'a> {
    pub(super) text: &'a str,
    pub(super) span: Range<usize>,
    /// Whether it begins with a capital or a digit before one (`6G`).
    pub(super) is_capital: bool,
    /// Whether a capital says nothing here: at the start of a sentence or of a quotation.
    pub(super) is_first: bool,
    /// Whether only a space stands between it and the one before.
    pub(super) is_joined: bool,
}

/// Cuts a sentence into units.
pub(super) fn units(text: &str) -> Vec<WordUnit<'_>> {
    let folded = Folded::new(text, inflection::is_conjunction);
    let mut out: Vec<WordUnit<'_>> = Vec::new();
    let mut is_hyphened = false;
    for (at, token) in folded.tokens.iter().enumerate() {
        let gap = folded.gap(text, at);
        if is_hyphened && let Some(last) = out.last_mut() {
            last.span.end = token.span.end;
            last.text = &text[last.span.clone()];
        } else {
            let before = out.last().map_or("", |last: &WordUnit<'_>| &text[last.span.end..token.span.start]);
            out.push(WordUnit {
                text: &text[token.span.clone()],
                is_capital: is_capital(&text[token.span.clone()]),
                is_first: out.is_empty()
                    || before.contains(['.', ':', '!', '?', '„', '“', '"', '»', '«', '–']),
                is_joined: !out.is_empty() && before.chars().all(char::is_whitespace),
                span: token.span.clone(),
            });
        }
        is_hyphened = gap == Some(Gap::Hyphen);
    }
    out
}

/// Whether a word begins with a capital, perhaps behind digits.
fn is_capital(word: &str) -> bool {
    word.chars().find(|c| !c.is_ascii_digit()).is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphens_join_and_places_are_known() {
        let all = units("Am Elbe-Seiten-Kanal sagte er: „Der Inn, ja!“");
        let seen: Vec<_> = all.iter().map(|unit| (unit.text, unit.is_first, unit.is_joined)).collect();
        assert_eq!(
            seen,
            [
                ("Am", true, false),
                ("Elbe-Seiten-Kanal", false, true),
                ("sagte", false, true),
                ("er", false, true),
                ("Der", true, false),
                ("Inn", false, true),
                ("ja", false, false),
            ]
        );
    }
}
