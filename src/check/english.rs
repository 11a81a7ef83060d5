//! Where a rendering stands in English text, and how English words inflect.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use super::lexicon::FORMS;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    /// Lower case, composed, without invisible characters.
    pub(super) folded: String,
}

/// A place in a text where a rendering stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes, without a possessive ending.
    pub(super) span: Range<usize>,
    /// Whether the noun stands in the plural where the rendering has the singular.
    pub(super) plural: bool,
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn belongs(c: char) -> bool {
    c.is_alphanumeric() || is_invisible(c) || unicode_normalization::char::is_combining_mark(c)
}

/// Hyphens of every kind.
pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}' | '\u{2212}')
}

/// Apostrophes of every kind.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`' | '\u{b4}')
}

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<Word> {
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
pub(super) fn first_word(text: &str) -> Option<Word> {
    let start = text.find(char::is_alphanumeric)?;
    let end = text[start..].find(|c| !belongs(c)).map_or(text.len(), |length| start + length);
    Some(Word { span: start..end, folded: fold(&text[start..end]) })
}

/// The last word of a text: the others are not looked at.
pub(super) fn last_word(text: &str) -> Option<Word> {
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
pub(super) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.chars().filter(|c| !is_invisible(*c)).nfkc().flat_map(char::to_lowercase).collect()
}

/// A rendering made ready to be looked for.
pub(super) struct Rendering {
    words: Vec<Word>,
    /// What stands between the words, made equal.
    gaps: Vec<String>,
    text: String,
}

impl Rendering {
    /// Takes a rendering apart; an article at its start is left out.
    pub(super) fn new(text: &str) -> Self {
        let mut words = words(text);
        if words.len() > 1 && matches!(words[0].folded.as_str(), "the" | "a" | "an") {
            words.remove(0);
        }
        Self::of(&words, text)
    }

    /// All places where the rendering stands in a text, which may overlap.
    pub(super) fn find(&self, text: &str, in_text: &[Word]) -> Vec<Place> {
        if self.words.is_empty() {
            return Vec::new();
        }
        in_text.windows(self.words.len()).filter_map(|window| self.place(text, window)).collect()
    }

    /// All places where it stands with its first word only, before a hyphen and `and` or `or`.
    pub(super) fn find_elided(&self, text: &str, in_text: &[Word]) -> Vec<Place> {
        in_text.windows(self.words.len() + 2).filter_map(|window| self.elided(text, window)).collect()
    }

    /// The first word of a rendering that shares its others with the next one: `deep- and high-sea fish`.
    fn elided(&self, text: &str, window: &[Word]) -> Option<Place> {
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
        let Place { plural, .. } = Self::of(rest, &self.text).place(text, found)?;
        Some(Place { span: own.span.clone(), plural })
    }

    fn of(words: &[Word], text: &str) -> Self {
        let gaps = words.windows(2).map(|w| gap(&text[w[0].span.end..w[1].span.start])).collect();
        Self { words: words.to_vec(), gaps, text: text.to_owned() }
    }

    fn place(&self, text: &str, window: &[Word]) -> Option<Place> {
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
        equal.then(|| Place { span: window[0].span.start..window[last].span.end, plural })
    }
}

/// Abbreviations such as US and WHO are told from words by their capitals.
fn capitals_fit(own: &str, found: &str) -> bool {
    let abbreviation = own.chars().count() > 1 && own.chars().all(char::is_uppercase);
    !abbreviation || found.starts_with(own)
}

/// What stands between two words, made equal: a hyphen or white space is one blank.
fn gap(between: &str) -> String {
    let seen = between.chars().filter(|c| !is_invisible(*c));
    let equal = seen.map(|c| match c {
        c if c.is_whitespace() || is_hyphen(c) => ' ',
        c if is_apostrophe(c) => '\'',
        c => c,
    });
    let text: String = equal.collect();
    text.split(' ').filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_postmodifier(word: &str) -> bool {
    FORMS.postmodifiers.contains(&word)
}

/// Whether `many` is a plural of `one`; both folded.
pub(super) fn is_plural(one: &str, many: &str) -> bool {
    let regular = many.strip_prefix(one).is_some_and(|end| matches!(end, "s" | "es"));
    let y = one.strip_suffix('y').is_some_and(|stem| many.strip_suffix("ies") == Some(stem));
    let sis = one.strip_suffix("sis").is_some_and(|stem| many.strip_suffix("ses") == Some(stem));
    regular || y || sis || FORMS.plurals.get(one).is_some_and(|forms| forms.contains(&many))
}

/// The plural of a rendering: of its last word, or of the noun before `of` and the like.
pub(super) fn plural(rendering: &str) -> String {
    let words = words(rendering);
    let Some(noun) = noun(&words) else { return rendering.to_owned() };
    let (head, tail) = rendering.split_at(noun.span.end);
    let folded = noun.folded.as_str();
    if looks_plural(folded) {
        return rendering.to_owned();
    }
    if let Some(many) = FORMS.plurals.get(folded).and_then(|forms| forms.first()) {
        return format!("{}{many}{tail}", &rendering[..noun.span.start]);
    }
    let vowel_y = ["ay", "ey", "oy", "uy"].iter().any(|e| folded.ends_with(e));
    match () {
        () if folded.ends_with('y') && !vowel_y && head.ends_with('y') => {
            format!("{}ies{tail}", &head[..head.len() - 1])
        }
        () if folded.ends_with("sis") => format!("{}es{tail}", &head[..head.len() - 2]),
        () if ["s", "x", "z", "ch", "sh"].iter().any(|e| folded.ends_with(e)) => format!("{head}es{tail}"),
        () => format!("{head}s{tail}"),
    }
}

fn looks_plural(folded: &str) -> bool {
    FORMS.plurals.values().any(|forms| forms.contains(&folded))
        || folded.ends_with('s') && !["ss", "us", "is"].iter().any(|e| folded.ends_with(e))
}

/// Whether a rendering that begins in lower case is a plural: `harvesters`, not `Cyprus`.
pub(super) fn is_plural_form(rendering: &str) -> bool {
    let common = rendering.chars().next().is_some_and(char::is_lowercase);
    common && noun(&words(rendering)).is_some_and(|noun| looks_plural(&noun.folded))
}

/// The noun that takes the plural.
fn noun(words: &[Word]) -> Option<&Word> {
    let before_of = words.windows(2).position(|w| is_postmodifier(&w[1].folded));
    words.get(before_of.unwrap_or(words.len().saturating_sub(1)))
}

/// Whether something stands behind the noun of a rendering: `Ministry of Justice`.
pub(super) fn has_postmodifier(rendering: &str) -> bool {
    words(rendering).iter().skip(1).any(|w| is_postmodifier(&w.folded))
}

/// Whether a word is an adjective or a people made of a name: `Polish` and `Poles` of `Poland`.
pub(super) fn is_derived(word: &str, name: &str) -> bool {
    /// Letters that the two begin with alike.
    const STEM: usize = 3;
    let shared = word.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    let ends = |end: &&str| match end.strip_prefix('+') {
        Some(end) => word.strip_suffix(end) == Some(name),
        None => word.ends_with(*end) && !name.ends_with(*end),
    };
    shared >= STEM && FORMS.derived.iter().any(ends)
}

/// Whether a folded word is a plural, an adjective or a people made of another one: `norwegians` of `norwegian`.
pub(super) fn is_inflected(word: &str, of: &str) -> bool {
    is_plural(of, word) || is_derived(word, of)
}

/// Whether a rendering looks like a noun that stands without an article in the singular.
pub(super) fn is_mass(rendering: &str) -> bool {
    let words = words(rendering);
    noun(&words).is_some_and(|noun| FORMS.mass.iter().any(|end| noun.folded.ends_with(end)))
}

/// The indefinite article before a word: `an` or `a`.
pub(super) fn article(next: &str) -> &'static str {
    let word: String = next.chars().take_while(|c| c.is_alphanumeric()).collect();
    let folded = fold(&word);
    let listed = FORMS.articles.iter().filter(|(start, _)| folded.starts_with(start));
    let spelt = word.chars().count() > 1 && word.chars().all(char::is_uppercase);
    let an = match listed.max_by_key(|(start, _)| start.len()) {
        _ if spelt && !FORMS.spoken.contains(&folded.as_str()) => {
            FORMS.letters.iter().any(|letter| folded.starts_with(letter))
        }
        Some((_, an)) => *an,
        None => folded.starts_with(['a', 'e', 'i', 'o', 'u']) || folded == "8" || folded.starts_with("80"),
    };
    if an { "an" } else { "a" }
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_and_the_last_word_are_those_of_all(text in "([a-zß9]{0,3}|[ .’\\-]|\u{ad}|\u{301}){0,12}|.*") {
            prop_assert_eq!(first_word(&text), words(&text).into_iter().next());
            prop_assert_eq!(last_word(&text), words(&text).pop());
        }
    }

    fn found(rendering: &str, text: &str) -> Vec<String> {
        let places = Rendering::new(rendering).find(text, &words(text));
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
        let elided = |text: &str| Rendering::new("deep-sea fish").find_elided(text, &words(text)).len();
        assert_eq!(elided("deep- and high-sea fish, deep- or shallow-sea fishes"), 2);
        assert_eq!(elided("deep and high-sea fish, deep- and high-sea crabs"), 0);
    }

    #[test]
    fn abbreviations_need_their_capitals() {
        assert!(found("WHO", "those who know").is_empty());
        assert_eq!(found("WHO", "the WHO knows"), ["WHO"]);
    }

    #[test]
    fn plurals_and_articles() {
        assert_eq!(plural("head of state"), "heads of state");
        assert_eq!(plural("fire brigade"), "fire brigades");
        assert_eq!(plural("shipping company"), "shipping companies");
        assert_eq!(plural("shipping costs"), "shipping costs");
        assert_eq!(plural("food crisis"), "food crises");
        assert_eq!(plural("small children"), "small children");
        for (next, expected) in [
            ("hour", "an"),
            ("European", "a"),
            ("EU", "an"),
            ("UN", "a"),
            ("FBI", "an"),
            ("NATO", "a"),
            ("apple", "an"),
            ("uninformed", "an"),
        ] {
            assert_eq!(article(next), expected, "{next}");
        }
    }
}
