//! Where a rendering stands in English text, and whether it is spelt there as it is listed.

use std::cell::LazyCell;
use std::ops::Range;

use super::capitals::{Capitalisation, starts_sentence};
use super::inflection::{is_plural, is_postmodifier, is_spelt_out, without_article};
use super::lexicon::is_function_word;
use super::words::{Sentence, Word, words};
use crate::text::characters::{is_apostrophe, is_hyphen, is_invisible_in_word};

/// A place in a text where a rendering stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// Bytes, without a possessive ending.
    pub(crate) span: Range<usize>,
    /// Whether the noun stands in the plural where the rendering has the singular.
    pub(crate) plural: bool,
    /// In what it differs from the rendering as it is listed.
    pub(crate) deviation: Deviation,
}

/// In what a rendering differs from its listed form where it stands. What grammar and headlines ask for is no difference: a
/// capital at the start of a sentence, capitals throughout, the capitals of a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Deviation {
    /// A name, or a word of a name, without its capitals or with others.
    pub(crate) capitals: bool,
    /// A name with other hyphens.
    pub(crate) hyphens: bool,
}

impl Deviation {
    /// Whether it stands as it is listed.
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// How closely a rendering is to be spelt as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Its own capitals stand, and no blank is a hyphen beside a word that has one: a term may have a capital before a name,
    /// and the hyphen of an attribute.
    Term,
    /// Letter by letter.
    Name,
}

/// A rendering made ready to be looked for.
pub(crate) struct Rendering {
    words: Vec<Word>,
    /// What stands between the words, made equal.
    gaps: Vec<String>,
    text: String,
    strictness: Strictness,
}

impl Rendering {
    /// Takes a rendering apart that is spelt as terms are; an article at its start is left out.
    pub(crate) fn new(text: &str) -> Self {
        Self::spelt(text, Strictness::Term)
    }

    /// The same with a strictness of its own.
    pub(crate) fn spelt(text: &str, strictness: Strictness) -> Self {
        let text = without_article(text);
        Self::of(&words(text), text, strictness)
    }

    /// All places where the rendering stands in a text, in any spelling, which may overlap.
    pub(crate) fn find(&self, sentence: &Sentence) -> Vec<Occurrence> {
        if self.words.is_empty() {
            return Vec::new();
        }
        let text = Text::of(sentence);
        sentence.words().windows(self.words.len()).filter_map(|window| self.place(&text, window)).collect()
    }

    /// All places where it stands with its first word only, the others being shared with what follows `and` or `or`.
    pub(crate) fn find_elided(&self, sentence: &Sentence) -> Vec<Occurrence> {
        if self.words.len() < 2 {
            return Vec::new();
        }
        let text = Text::of(sentence);
        sentence
            .words()
            .windows(self.words.len() + 2)
            .filter_map(|window| self.elided(&text, window))
            .collect()
    }

    /// The first word of a rendering that shares its others with the next one: `deep- and high-sea fish`, `North and South
    /// Korea`.
    fn elided(&self, text: &Text<'_>, window: &[Word]) -> Option<Occurrence> {
        let ([first, rest @ ..], [own, and, other, found @ ..]) = (&self.words[..], window) else {
            return None;
        };
        if first.folded != own.folded || !matches!(and.folded.as_str(), "and" | "or") {
            return None;
        }
        // As the rendering is joined itself, so are both: with a hyphen before `and` and in the second, or with neither.
        let hyphen = self.text[first.span.end..rest.first()?.span.start].contains(is_hyphen);
        let between = &text.own[own.span.end..and.span.start];
        let joined = &text.own[other.span.end..found.first()?.span.start];
        let fits = if hyphen {
            between.starts_with(is_hyphen)
                && between.ends_with(char::is_whitespace)
                && joined.starts_with(is_hyphen)
        } else {
            between.chars().chain(joined.chars()).all(char::is_whitespace)
        };
        if !fits || is_function_word(&other.folded) {
            return None;
        }
        let Occurrence { plural, deviation, .. } =
            Self::of(rest, &self.text, self.strictness).place(text, found)?;
        let capitals = deviation.capitals || !self.capitals_fit(text, first, own, false);
        Some(Occurrence { span: own.span.clone(), plural, deviation: Deviation { capitals, ..deviation } })
    }

    fn of(words: &[Word], text: &str, strictness: Strictness) -> Self {
        let gaps = words.windows(2).map(|w| gap(&text[w[0].span.end..w[1].span.start])).collect();
        Self { words: words.to_vec(), gaps, text: text.to_owned(), strictness }
    }

    fn place(&self, text: &Text<'_>, window: &[Word]) -> Option<Occurrence> {
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
            if !abbreviation_fits(&self.text[own.span.clone()], &text.own[word.span.clone()]) {
                return None;
            }
        }
        let found = || window.windows(2).map(|w| &text.own[w[0].span.end..w[1].span.start]);
        if !found().map(gap).zip(&self.gaps).all(|(found, own)| found == *own) {
            return None;
        }
        let pairs = || self.words.iter().zip(window).enumerate();
        let deviation = Deviation {
            capitals: pairs().any(|(at, (own, word))| !self.capitals_fit(text, own, word, at == 0)),
            hyphens: self.words.windows(2).zip(found()).any(|(own, found)| !self.hyphens_fit(own, found)),
        };
        Some(Occurrence { span: window[0].span.start..window[last].span.end, plural, deviation })
    }

    /// Whether a word stands in its capitals.
    fn capitals_fit(&self, text: &Text<'_>, own: &Word, found: &Word, is_first: bool) -> bool {
        let (own, surface) = (&self.text[own.span.clone()], &text.own[found.span.clone()]);
        let upper = |text: &str| text.chars().any(char::is_uppercase);
        let lower = |text: &str| text.chars().any(char::is_lowercase);
        // The vowels of a plural may be others; its ending is small.
        let mut letters = own.chars().zip(surface.chars());
        let same = letters.all(|(own, found)| own.is_uppercase() == found.is_uppercase());
        if same && !surface.chars().skip(own.chars().count()).any(char::is_uppercase) {
            return true;
        }
        if !lower(surface) && *text.capitals == Capitalisation::All {
            return true;
        }
        let only_first = !upper(own)
            && surface.starts_with(char::is_uppercase)
            && surface.chars().skip(1).all(|c| !c.is_uppercase());
        if !upper(own) && self.strictness == Strictness::Term {
            return only_first || !lower(surface);
        }
        only_first
            && (*text.capitals == Capitalisation::Title
                || is_first && starts_sentence(&text.own[..found.span.start]))
    }

    /// Whether two words are joined as they are in the rendering. Beside a word without a capital a term may be joined
    /// either way.
    fn hyphens_fit(&self, own: &[Word], found: &str) -> bool {
        let name = |word: &Word| self.text[word.span.clone()].starts_with(char::is_uppercase);
        let strict = self.strictness == Strictness::Name || own.iter().any(name);
        let joined = self.text[own[0].span.end..own[1].span.start].contains(is_hyphen);
        !strict || joined == found.contains(is_hyphen)
    }
}

/// A text that is looked through, and what is asked of it as a whole only where a word needs it.
struct Text<'a> {
    own: &'a str,
    capitals: LazyCell<Capitalisation, Box<dyn FnOnce() -> Capitalisation + 'a>>,
}

impl<'a> Text<'a> {
    fn of(sentence: &'a Sentence) -> Self {
        Self { own: sentence.text(), capitals: LazyCell::new(Box::new(|| Capitalisation::of(sentence))) }
    }
}

/// Abbreviations such as US and WHO are distinguished from words by their capitals.
fn abbreviation_fits(own: &str, found: &str) -> bool {
    !is_spelt_out(own) || found.starts_with(own)
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
        let found =
            |rendering: &str, text: &str| Rendering::new(rendering).find_elided(&Sentence::new(text)).len();
        let elided = |text: &str| found("deep-sea fish", text);
        assert_eq!(elided("deep- and high-sea fish, deep- or shallow-sea fishes"), 2);
        assert_eq!(elided("deep and high-sea fish, deep- and high-sea crabs"), 0);
        assert_eq!(found("East Frisia", "East and North Frisia"), 1);
        assert_eq!(found("East Frisia", "East, and North Frisia; East and the Frisia"), 0);
    }

    /// Whether a rendering stands as it is listed wherever it stands.
    fn is_listed(rendering: &str, strictness: Strictness, text: &str) -> bool {
        let places = Rendering::spelt(rendering, strictness).find(&Sentence::new(text));
        assert!(!places.is_empty(), "{rendering} stands nowhere in {text}");
        places.iter().all(|place| place.deviation.is_none())
    }

    #[test]
    fn names_stand_in_their_capitals_and_hyphens() {
        for strictness in [Strictness::Term, Strictness::Name] {
            for (rendering, right, wrong) in [
                ("Coral Sea", "in the Coral Sea", "in the coral sea"),
                ("Coral Sea", "CALM ON THE CORAL SEA", "in the Coral sea"),
                ("Coral Sea", "the Coral Sea’s port", "a Coral-Sea port"),
                ("Ito Ren Jun", "Ito Ren Jun came.", "Ito Ren-jun came."),
                ("Falke-7", "the Falke-7 rocket", "the Falke 7 rocket"),
                ("Bay of Kotor", "At the Bay of Kotor", "at the bay of Kotor"),
                ("OSZE Office", "the OSZE Office", "the OSZE office"),
            ] {
                assert!(is_listed(rendering, strictness, right), "{right}");
                assert!(!is_listed(rendering, strictness, wrong), "{wrong}");
            }
        }
    }

    #[test]
    fn a_small_word_has_a_capital_where_grammar_or_a_headline_asks_for_it() {
        for (rendering, strictness, text, expected) in [
            ("ice breaker", Strictness::Term, "Two Ice Breakers met Federal Ice Breaker Meyer", true),
            ("ice breaker", Strictness::Term, "the ice-breaker", true),
            ("ice breaker", Strictness::Name, "the ice-breaker", false),
            ("Jade region", Strictness::Name, "in the Jade Region today", false),
            ("Jade region", Strictness::Name, "Storm in the Jade Region", true),
            ("Jade region", Strictness::Name, "STORM IN THE JADE REGION", true),
            ("al-Badr", Strictness::Name, "He left. “Al-Badr came.", true),
            ("al-Badr", Strictness::Name, "So Al-Badr came.", false),
        ] {
            assert_eq!(is_listed(rendering, strictness, text), expected, "{rendering}: {text}");
        }
    }

    #[test]
    fn abbreviations_need_their_capitals() {
        assert!(found("WHO", "those who know").is_empty());
        assert_eq!(found("WHO", "the WHO knows"), ["WHO"]);
    }
}
