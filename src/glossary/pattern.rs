//! What is looked for: an entry's spellings as sequences of word patterns.

use std::collections::HashSet;

use super::folding::{Gap, fold};
use super::gender;
use super::inflection::{self, WordClass};
use crate::model::{CaseRule, Entry, EntryKind};
use crate::text::characters::{is_hyphen, is_invisible_in_word};

/// What a word of the text must look like in capitals; a word in capitals throughout always fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Capitals {
    Any,
    /// The first letter is a capital.
    Initial,
    /// The letters of the entry stand exactly as given (`UN`, `AfD`).
    Exact(Box<str>),
    /// The first letter is not a capital, except at the start of a sentence.
    Lower,
}

/// One word of a pattern.
#[derive(Debug, Clone)]
pub(super) struct WordPattern {
    /// The folded word as it stands in the entry.
    pub(super) word: Box<str>,
    pub(super) capitals: Capitals,
    pub(super) class: WordClass,
}

/// What a pattern asks of words of the text that are forms of its words, known without looking at the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// Spaces or hyphens between the words, and a capital at the start of those whose bit is set.
    Capitals(u16),
    /// More must be looked at: characters around the words, capitals of other kinds.
    More,
}

impl Pattern {
    pub(super) fn demand(&self) -> Demand {
        let apart = self.joints.iter().all(|joint| matches!(joint, Joint::Space | Joint::Hyphen));
        if !apart || !self.before.is_empty() || !self.behind.is_empty() || self.words.len() > 16 {
            return Demand::More;
        }
        let bit = |(at, word): (usize, &WordPattern)| match word.capitals {
            Capitals::Any => Some(0),
            Capitals::Initial => Some(1 << at),
            Capitals::Exact(_) | Capitals::Lower => None,
        };
        let bits: Option<u16> = self.words.iter().enumerate().map(bit).sum();
        bits.map_or(Demand::More, Demand::Capitals)
    }
}

/// What must stand between two words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Joint {
    Space,
    Hyphen,
    Apostrophe,
    /// Other characters, white space left out.
    Other(Box<str>),
}

/// One spelling of an entry.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) words: Vec<WordPattern>,
    /// One fewer than words.
    pub(super) joints: Vec<Joint>,
    /// What stands before the first word (`.NET`, `% Anteil`).
    pub(super) before: AffixedSigns,
    /// What stands behind the last word (`C++`, `5 %`).
    pub(super) behind: AffixedSigns,
}

/// Characters around the words of an entry that are neither letters nor digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AffixedSigns {
    /// White space left out.
    signs: Box<str>,
    /// Whether blanks may stand between the signs and the word.
    apart: bool,
}

impl AffixedSigns {
    fn of(text: &str) -> Self {
        /// Signs that stand for a word: with a blank or without one they are the same.
        const WORDS: [char; 8] = ['§', '%', '‰', '€', '$', '£', '°', '&'];
        let signs = squeeze(text);
        let apart = text.contains(char::is_whitespace) || signs.contains(WORDS);
        Self { signs, apart }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.signs.is_empty()
    }

    /// The byte at which the marks begin that end a text; `None` if they do not stand there or belong to a longer word:
    /// `.NET` is no part of `ASP.NET`, but `% Anteil` is one of `5% Anteil`.
    pub(super) fn ending(&self, text: &str) -> Option<usize> {
        if self.is_empty() {
            return Some(text.len());
        }
        let beside = if self.apart { text.trim_end_matches(is_blank) } else { text };
        let before = beside.strip_suffix(&*self.signs)?;
        let own = before.chars().next_back().is_some_and(|c| match c {
            _ if c.is_alphabetic() => true,
            _ => c.is_numeric() && !self.apart,
        });
        (!own).then_some(before.len())
    }

    /// The bytes of the marks that begin a text, as [`AffixedSigns::ending`].
    pub(super) fn beginning(&self, text: &str) -> Option<usize> {
        if self.is_empty() {
            return Some(0);
        }
        let beside = if self.apart { text.trim_start_matches(is_blank) } else { text };
        let rest = beside.strip_prefix(&*self.signs)?;
        let goes_on = |c: char| c.is_alphabetic() || (!c.is_whitespace() && self.signs.ends_with(c));
        (!rest.starts_with(goes_on)).then_some(text.len() - rest.len())
    }
}

/// White space inside a line.
fn is_blank(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\n' | '\r')
}

impl Joint {
    fn of(gap: Gap<'_>) -> Self {
        match gap {
            Gap::Space => Self::Space,
            Gap::Hyphen => Self::Hyphen,
            Gap::Apostrophe => Self::Apostrophe,
            Gap::Other(text) => Self::Other(squeeze(text)),
        }
    }

    /// Whether a gap of the text fits. A hyphen and a space stand for each other.
    pub(super) fn fits(&self, gap: Gap<'_>) -> bool {
        match (self, gap) {
            (Self::Space | Self::Hyphen, Gap::Space | Gap::Hyphen) | (Self::Apostrophe, Gap::Apostrophe) => {
                true
            }
            (Self::Other(own), Gap::Other(text)) => *own == squeeze(text) && text.matches('\n').count() < 2,
            _ => false,
        }
    }
}

/// Text without white space and invisible characters, hyphens made equal.
fn squeeze(text: &str) -> Box<str> {
    let kept = text.chars().filter(|c| !c.is_whitespace() && !is_invisible_in_word(*c));
    kept.map(|c| if is_hyphen(c) { '-' } else { c }).collect::<String>().into()
}

/// All spellings of an entry.
pub(super) fn patterns(entry: &Entry) -> Vec<Pattern> {
    let names = Names::of(entry);
    let mut out = Vec::with_capacity(2);
    if let Some(main) = pattern(&entry.source, entry.case, &names, true) {
        out.extend(closed(&main, &entry.source));
        out.push(main);
    }
    for spelling in ordinals(&entry.source).into_iter().chain(gender::spellings(&entry.source)) {
        out.extend(pattern(&spelling, entry.case, &names, true));
    }
    for form in &entry.forms {
        out.extend(pattern(form, entry.case, &names, false));
    }
    out
}

/// Which words of an entry are names.
struct Names {
    all: bool,
    targets: HashSet<String>,
}

impl Names {
    fn of(entry: &Entry) -> Self {
        let capital = |w: &&str| w.chars().next().is_some_and(char::is_uppercase);
        let targets = entry.target().split(|c: char| !c.is_alphanumeric()).filter(capital);
        let folded = targets.map(|w| String::from_utf8_lossy(&fold(w)).into_owned()).collect();
        Self { all: entry.kind == EntryKind::Name, targets: folded }
    }

    /// A word is a name if the entry says so, or if its English is a similar word with a capital and it is none of the nouns
    /// that English has too: the Kongress of the Congress has a plural.
    fn has(&self, folded: &str) -> bool {
        /// Jaro-Winkler similarity from which two words are one name: Gorbatschow and Gorbachev have 0.88,
        /// Moskau and Moscow 0.84, Rat and Council nothing.
        const ALIKE: f64 = 0.78;
        let alike = |target: &String| target == folded || strsim::jaro_winkler(target, folded) >= ALIKE;
        self.all || (self.targets.iter().any(alike) && !inflection::is_common_noun(folded))
    }
}

/// Cuts a spelling into word patterns; `None` if it has no letter or digit.
fn pattern(spelling: &str, case: CaseRule, names: &Names, inflects: bool) -> Option<Pattern> {
    let folded = super::folding::Folded::new(spelling, inflection::is_conjunction);
    let count = folded.tokens.len();
    let (first, last) = (folded.tokens.first()?, folded.tokens.last()?);
    let mut words = Vec::with_capacity(count);
    for (at, token) in folded.tokens.iter().enumerate() {
        let surface = spelling.get(token.span.clone())?;
        let word = std::str::from_utf8(folded.word(at)).ok()?;
        let class = match () {
            () if !inflects || word.bytes().all(|b| b.is_ascii_digit()) => WordClass::Fixed,
            () if at + 1 < count => WordClass::Inner,
            () if !starts_upper(surface) => WordClass::Word,
            () if names.has(word) => WordClass::Name,
            () => WordClass::Noun,
        };
        words.push(WordPattern { word: word.into(), capitals: capitals(surface, case, spelling), class });
    }
    Some(Pattern {
        words,
        joints: (0..count.saturating_sub(1)).filter_map(|i| folded.gap(spelling, i)).map(Joint::of).collect(),
        before: AffixedSigns::of(&spelling[..first.span.start]),
        behind: AffixedSigns::of(&spelling[last.span.end..]),
    })
}

fn starts_upper(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

fn capitals(word: &str, case: CaseRule, spelling: &str) -> Capitals {
    let upper = word.chars().filter(|c| c.is_uppercase()).count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    match case {
        CaseRule::Ignore => Capitals::Any,
        CaseRule::Exact if upper == 0 && letters > 0 => Capitals::Lower,
        CaseRule::Auto if !spelling.chars().any(char::is_uppercase) => Capitals::Any,
        _ if upper == 0 => Capitals::Any,
        _ if upper == 1 && starts_upper(word) && letters > 1 => Capitals::Initial,
        _ => Capitals::Exact(word.chars().filter(|c| !is_invisible_in_word(*c)).collect::<String>().into()),
    }
}

/// The spelling in one word of an entry with hyphens: `Sechsparteiengespräche`, `F16`.
fn closed(pattern: &Pattern, source: &str) -> Option<Pattern> {
    let hyphens = pattern.joints.iter().all(|j| *j == Joint::Hyphen);
    if pattern.words.len() < 2 || !hyphens || !pattern.before.is_empty() || !pattern.behind.is_empty() {
        return None;
    }
    let last = pattern.words.last()?;
    let word: String = pattern.words.iter().map(|w| &*w.word).collect();
    // Written in one word, an abbreviation is recognised only by its capitals: UNRat, not Unrat.
    let short = pattern.words.iter().any(|w| w.word.len() < 4 || matches!(w.capitals, Capitals::Exact(_)));
    let caseless = pattern.words.iter().all(|w| w.capitals == Capitals::Any);
    let capitals = match () {
        () if caseless => Capitals::Any,
        () if short => {
            Capitals::Exact(source.chars().filter(|c| c.is_alphanumeric()).collect::<String>().into())
        }
        () => Capitals::Initial,
    };
    let one = WordPattern { word: word.into(), capitals, class: last.class };
    Some(Pattern {
        words: vec![one],
        joints: Vec::new(),
        before: AffixedSigns::default(),
        behind: AffixedSigns::default(),
    })
}

/// The spellings with digits and Roman numerals of a source that begins with an ordinal.
fn ordinals(source: &str) -> Vec<String> {
    let Some((first, rest)) = source.split_once(' ') else { return Vec::new() };
    let folded = fold(first);
    let numerals = std::str::from_utf8(&folded).ok().and_then(inflection::ordinal);
    numerals.into_iter().flatten().map(|numeral| format!("{numeral} {rest}")).collect()
}
