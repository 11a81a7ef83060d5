//! Capitalisation and the places that ask for them.

use super::lexicon::{is_function_word, is_title};
use super::words::Sentence;

/// How the words of a text are capitalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capitalisation {
    /// As in a sentence.
    Sentence,
    /// Each word with a capital, small ones apart: a headline of the American kind.
    Title,
    /// No small letter at all.
    All,
}

impl Capitalisation {
    /// Looks at a whole text.
    pub(super) fn of(sentence: &Sentence) -> Self {
        let content = || sentence.words().iter().filter(|word| !is_function_word(&word.folded));
        let upper = |word| sentence.surface(word).starts_with(|c: char| !c.is_lowercase());
        if !sentence.text().contains(char::is_lowercase) {
            Self::All
        } else if content().all(upper) {
            Self::Title
        } else {
            Self::Sentence
        }
    }
}

/// With a capital at the start.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Whether what follows `before` is the start of a sentence.
pub(crate) fn starts_sentence(before: &str) -> bool {
    let marks = |c: char| c.is_whitespace() || "“”\"‘'«»(".contains(c);
    let text = before.trim_end_matches(marks);
    text.is_empty() || (text.len() < before.len() && text.ends_with(['.', '!', '?']) && !is_abbreviated(text))
}

/// Whether a text ends with a title or an initial rather than a sentence.
fn is_abbreviated(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    let word = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    word.chars().count() == 1 || word.contains('.') || is_title(word)
}
