//! The English of German words, for an engine that has a dictionary.

use super::inline::rendering;
use crate::model::{MatchKind, TermHint, TermMatch};

/// Whether a term is of the kind that a dictionary renders well: a name or another noun, which stands in the sentence as a
/// word. What is put in the place of verbs and adjectives would not fit what stands around it.
pub(super) fn suits_dictionary(term: &TermMatch, source: &str) -> bool {
    let is_noun = term.entry.source.chars().next().is_some_and(char::is_uppercase);
    let span = &term.span;
    let (Some(before), Some(behind)) = (source.get(..span.start), source.get(span.end..)) else {
        return false;
    };
    let is_word = !before.chars().next_back().is_some_and(char::is_alphanumeric)
        && !behind.chars().next().is_some_and(char::is_alphanumeric);
    // In an attribute these would have to be escaped, and nobody says how.
    let is_plain = !term.entry.target().contains(['"', '<', '>', '&']);
    term.kind != MatchKind::Part && is_noun && is_word && is_plain
}

/// What a dictionary is to say of some terms, each once.
pub(super) fn dictionary(source: &str, terms: &[&TermMatch]) -> Vec<TermHint> {
    let mut hints: Vec<TermHint> = Vec::new();
    for term in terms {
        let surface = term.surface(source).split_whitespace().collect::<Vec<_>>().join(" ");
        let hint = TermHint { source: surface, target: rendering(term, source) };
        if !hints.iter().any(|known| known.source == hint.source) {
            hints.push(hint);
        }
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::surface;

    #[test]
    fn nouns_that_stand_as_words_suit_a_dictionary() {
        let source = "Wachhunde, Hafenfest und Alte";
        let suits =
            |german: &str, english: &str, span| suits_dictionary(&surface(german, english, span), source);
        assert!(suits("Wachhund", "guard dog", 0..9));
        assert!(!suits("Hafen", "port", 11..16), "a part of a word");
        assert!(!suits("alt", "old", 25..29), "no noun");
        assert!(!suits("Wachhund", "\"dog\"", 0..9));
        let terms = [surface("Wachhund", "guard dog", 0..9), surface("Wachhund", "watchdog", 0..9)];
        let hints = dictionary(source, &terms.iter().collect::<Vec<_>>());
        assert_eq!(hints, [TermHint { source: "Wachhunde".to_owned(), target: "guard dogs".to_owned() }]);
    }
}
