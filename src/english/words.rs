//! The words of a text, found once.

use std::ops::Range;
use std::sync::OnceLock;

use compact_str::CompactString;
use unicode_normalization::UnicodeNormalization as _;

use super::transliteration::Heard;
use crate::text::characters::is_invisible_in_word;

/// A word: letters and digits in a row, a hyphen or an apostrophe ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Lower case, composed, without invisible characters.
    pub folded: CompactString,
}

/// A text and its words. What reads a translation takes this rather than the bare text, so that no reader looks for the
/// words anew.
///
/// The German of a segment is taken apart in the same way, since checks and rules compare words of both sides.
#[derive(Debug, Clone, Default)]
pub struct Sentence {
    text: String,
    words: Vec<Word>,
    /// Worked out when it is first asked for.
    heard: OnceLock<Vec<Heard>>,
}

impl PartialEq for Sentence {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Sentence {}

impl Sentence {
    /// Finds the words of a text.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let words = words(&text);
        Self { text, words, heard: OnceLock::new() }
    }

    /// The text as it is.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its words in order.
    #[must_use]
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The words as they sound, in order.
    pub(crate) fn heard(&self) -> &[Heard] {
        self.heard.get_or_init(|| self.words.iter().map(|word| Heard::of(&word.folded)).collect())
    }

    /// A word as it is spelt in the text.
    #[must_use]
    pub fn surface(&self, word: &Word) -> &str {
        &self.text[word.span.clone()]
    }

    /// The text without its words.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }
}

fn belongs(c: char) -> bool {
    // Most characters are ASCII, where the two tables say nothing.
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    c.is_alphanumeric() || is_invisible_in_word(c) || unicode_normalization::char::is_combining_mark(c)
}

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match start {
            None if c.is_alphanumeric() => start = Some(at),
            Some(from) if !belongs(c) => {
                out.push(Word { span: from..at, folded: fold(&text[from..at]) });
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// The first word of a text: the others are not looked at.
pub(crate) fn first_word(text: &str) -> Option<Word> {
    let start = text.find(char::is_alphanumeric)?;
    let end = text[start..].find(|c| !belongs(c)).map_or(text.len(), |length| start + length);
    Some(Word { span: start..end, folded: fold(&text[start..end]) })
}

/// The last word of a text: the others are not looked at.
pub(crate) fn last_word(text: &str) -> Option<Word> {
    let end = text.rfind(char::is_alphanumeric)?;
    // What belongs to a word without being a letter may stand behind the last letter, and before the first one.
    let end = text[end..].find(|c| !belongs(c)).map_or(text.len(), |length| end + length);
    let run = text[..end]
        .rfind(|c| !belongs(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let start = run + text[run..end].find(char::is_alphanumeric)?;
    Some(Word { span: start..end, folded: fold(&text[start..end]) })
}

/// A word in lower case, composed, without invisible characters.
pub(crate) fn fold(word: &str) -> CompactString {
    if word.is_ascii() {
        let mut folded = CompactString::from(word);
        folded.make_ascii_lowercase();
        return folded;
    }
    // Umlauts and their like are composed, and composing is what takes long.
    if word.chars().all(|c| c.is_ascii() || ('À'..='ÿ').contains(&c)) {
        return CompactString::from_str_to_lowercase(word);
    }
    word.chars().filter(|c| !is_invisible_in_word(*c)).nfkc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_of_western_europe_are_folded_like_all(text in "([a-zA-Z0-9À-ÿ]|\u{ad}|[aou]\u{308}|²|ŉ|ſ){1,12}") {
            let slow: String = text.chars().filter(|c| !is_invisible_in_word(*c)).nfkc().collect();
            prop_assert_eq!(fold(&text), slow.to_lowercase());
        }

        #[test]
        fn the_first_and_the_last_word_are_those_of_all(text in "([a-zß9]{0,3}|[ .’\\-]|\u{ad}|\u{301}){0,12}|.*") {
            prop_assert_eq!(first_word(&text), words(&text).into_iter().next());
            prop_assert_eq!(last_word(&text), words(&text).pop());
        }
    }
}
