//! Where a rendering stands in English text.

use std::ops::Range;

use super::inflection::{is_plural, is_postmodifier};
use super::words::{Sentence, Word, words};
use crate::text::characters::{is_apostrophe, is_hyphen, is_invisible_in_word};

/// A place in a text where a rendering stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// Bytes, without a possessive ending.
    pub(crate) span: Range<usize>,
    /// Whether the noun stands in the plural where the rendering has the singular.
    pub(crate) plural: bool,
}

/// A rendering made ready to be looked for.
pub(crate) struct Rendering {
    words: Vec<Word>,
    /// What stands between the words, made equal.
    gaps: Vec<String>,
    text: String,
}

impl Rendering {
    /// Takes a rendering apart; an article at its start is left out.
    pub(crate) fn new(text: &str) -> Self {
        let mut words = words(text);
        if words.len() > 1 && matches!(words[0].folded.as_str(), "the" | "a" | "an") {
            words.remove(0);
        }
        Self::of(&words, text)
    }

    /// All places where the rendering stands in a text, which may overlap.
    pub(crate) fn find(&self, sentence: &Sentence) -> Vec<Occurrence> {
        if self.words.is_empty() {
            return Vec::new();
        }
        let text = sentence.text();
        sentence.words().windows(self.words.len()).filter_map(|window| self.place(text, window)).collect()
    }

    /// All places where it stands with its first word only, before a hyphen and `and` or `or`.
    pub(crate) fn find_elided(&self, sentence: &Sentence) -> Vec<Occurrence> {
        let text = sentence.text();
        sentence
            .words()
            .windows(self.words.len() + 2)
            .filter_map(|window| self.elided(text, window))
            .collect()
    }

    /// The first word of a rendering that shares its others with the next one: `deep- and high-sea fish`.
    fn elided(&self, text: &str, window: &[Word]) -> Option<Occurrence> {
        let ([first, rest @ ..], [own, and, other, found @ ..]) = (&self.words[..], window) else {
            return None;
        };
        let between = &text[own.span.end..and.span.start];
        let hyphen = between.starts_with(is_hyphen) && between.ends_with(char::is_whitespace);
        let joined = other.span.end..found.first()?.span.start;
        if first.folded != own.folded
            || !hyphen
            || !matches!(and.folded.as_str(), "and" | "or")
            || !text[joined].starts_with(is_hyphen)
        {
            return None;
        }
        let Occurrence { plural, .. } = Self::of(rest, &self.text).place(text, found)?;
        Some(Occurrence { span: own.span.clone(), plural })
    }

    fn of(words: &[Word], text: &str) -> Self {
        let gaps = words.windows(2).map(|w| gap(&text[w[0].span.end..w[1].span.start])).collect();
        Self { words: words.to_vec(), gaps, text: text.to_owned() }
    }

    fn place(&self, text: &str, window: &[Word]) -> Option<Occurrence> {
        #[cfg(test)]
        steps::count();
        let last = self.words.len() - 1;
        let mut plural = false;
        for (at, (own, word)) in self.words.iter().zip(window).enumerate() {
            let may = at == last || self.words.get(at + 1).is_some_and(|w| is_postmodifier(&w.folded));
            if own.folded != word.folded {
                if !may || !is_plural(&own.folded, &word.folded) {
                    return None;
                }
                plural = true;
            }
            if !capitals_fit(&self.text[own.span.clone()], &text[word.span.clone()]) {
                return None;
            }
        }
        let gaps = window.windows(2).map(|w| gap(&text[w[0].span.end..w[1].span.start]));
        let equal = gaps.zip(&self.gaps).all(|(found, own)| found == *own);
        equal.then(|| Occurrence { span: window[0].span.start..window[last].span.end, plural })
    }
}

/// Abbreviations such as US and WHO are distinguished from words by their capitals.
fn capitals_fit(own: &str, found: &str) -> bool {
    let abbreviation = own.chars().count() > 1 && own.chars().all(char::is_uppercase);
    !abbreviation || found.starts_with(own)
}

/// What stands between two words, made equal: a hyphen or white space is one blank.
fn gap(between: &str) -> String {
    let seen = between.chars().filter(|c| !is_invisible_in_word(*c));
    let equal = seen.map(|c| match c {
        c if c.is_whitespace() || is_hyphen(c) => ' ',
        c if is_apostrophe(c) => '\'',
        c => c,
    });
    let text: String = equal.collect();
    text.split(' ').filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Counts looks at places, so that a test can hold how they grow.
#[cfg(test)]
pub(crate) mod steps {
    use std::cell::Cell;

    thread_local!(static STEPS: Cell<u64> = const { Cell::new(0) });

    pub(super) fn count() {
        STEPS.with(|steps| steps.set(steps.get() + 1));
    }

    /// How many there are while something is done.
    pub(crate) fn of(work: impl FnOnce()) -> u64 {
        let before = STEPS.with(Cell::get);
        work();
        STEPS.with(Cell::get) - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rendering: &str, text: &str) -> Vec<String> {
        let places = Rendering::new(rendering).find(&Sentence::new(text));
        places.into_iter().map(|p| text[p.span].to_owned()).collect()
    }

    #[test]
    fn renderings_are_found_in_their_variants() {
        assert_eq!(
            found("ice breaker", "Two ice-breakers and an Ice\u{a0}breaker's crew"),
            ["ice-breakers", "Ice\u{a0}breaker"]
        );
        assert_eq!(found("head of state", "the heads of state met"), ["heads of state"]);
        assert_eq!(found("the Azores", "on the Azores"), ["Azores"]);
        assert_eq!(found("fire brigade", "the fire-brigaded"), Vec::<String>::new());
    }

    #[test]
    fn a_rendering_may_share_its_last_words_with_the_next() {
        let elided = |text: &str| Rendering::new("deep-sea fish").find_elided(&Sentence::new(text)).len();
        assert_eq!(elided("deep- and high-sea fish, deep- or shallow-sea fishes"), 2);
        assert_eq!(elided("deep and high-sea fish, deep- and high-sea crabs"), 0);
    }

    #[test]
    fn abbreviations_need_their_capitals() {
        assert!(found("WHO", "those who know").is_empty());
        assert_eq!(found("WHO", "the WHO knows"), ["WHO"]);
    }
}
