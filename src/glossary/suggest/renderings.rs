//! What suggestions are called in English, by what stands in the translations of their sentences.

use std::collections::{HashMap, HashSet};

use super::super::load::Glossary;
use super::super::matcher::Matcher;
use super::suggestion::Suggestion;
use super::words::{SuggestClass, is};
use crate::model::{Entry, EntryKind, MatchKind, Origin};

/// The most words of a rendering; longer phrases are mostly chance.
const WORDS: usize = 4;
/// The most phrases counted at once, so that memory does not grow with the corpus; when there are more, the rarest go.
const MOST: usize = 1 << 19;
/// The most sentences of a suggestion that are looked at; more would not change the answer.
const SENTENCES: u32 = 64;
/// The lowest Dice coefficient accepted; phrases below it are more likely chance.
const ENOUGH: f64 = 0.3;
/// How much a likeness of the letters counts beside the Dice coefficient: names are mostly alike.
const LIKENESS: f64 = 0.8;
/// Likeness below this (Jaro-Winkler) says nothing; the value is that from which two words are one name to the matcher.
const ALIKE: f64 = 0.78;

/// Reads sentences with their translations and counts which phrases go with which suggestions.
#[derive(Debug, Default)]
pub struct RenderingFinder {
    matcher: Matcher,
    /// The suggestions by their source.
    places: HashMap<String, usize>,
    /// Sentences with each suggestion.
    sentences: Vec<u32>,
    /// Sentences with each suggestion and each phrase.
    together: Vec<HashMap<String, u32>>,
    /// Sentences with each phrase.
    phrases: HashMap<String, u32>,
}

impl RenderingFinder {
    /// Looks for renderings of suggestions.
    #[must_use]
    pub fn new(suggestions: &[Suggestion]) -> Self {
        let entry = |(at, suggestion): (usize, &Suggestion)| {
            // The target only has to be there; the kind says how the source inflects.
            let origin = Origin { path: "suggestions".into(), line: at + 1 };
            Entry { kind: suggestion.kind, ..Entry::new(&suggestion.source, &suggestion.source, origin) }
        };
        let places = suggestions.iter().enumerate().map(|(at, s)| (s.source.clone(), at)).collect();
        Self {
            matcher: Matcher::new(&Glossary::of(suggestions.iter().enumerate().map(entry).collect())),
            places,
            sentences: vec![0; suggestions.len()],
            together: vec![HashMap::new(); suggestions.len()],
            phrases: HashMap::new(),
        }
    }

    /// Reads a sentence and its translation.
    pub fn pair(&mut self, german: &str, english: &str) {
        let phrases = phrases(english);
        for phrase in &phrases {
            match self.phrases.get_mut(*phrase) {
                Some(count) => *count += 1,
                None => drop(self.phrases.insert((*phrase).to_owned(), 1)),
            }
        }
        if self.phrases.len() > MOST {
            self.phrases.retain(|_, count| *count > 1);
        }
        let found = self.matcher.find(german).into_iter().filter(|term| term.kind != MatchKind::Part);
        let found: HashSet<usize> =
            found.filter_map(|term| self.places.get(&term.entry.source).copied()).collect();
        for at in found {
            self.sentences[at] += 1;
            if self.sentences[at] > SENTENCES {
                continue;
            }
            for phrase in &phrases {
                match self.together[at].get_mut(*phrase) {
                    Some(count) => *count += 1,
                    None => drop(self.together[at].insert((*phrase).to_owned(), 1)),
                }
            }
        }
    }

    /// The English that goes best with a suggestion, if any does well enough.
    #[must_use]
    pub fn proposal(&self, suggestion: &Suggestion) -> Option<&str> {
        let at = *self.places.get(&suggestion.source)?;
        let sentences = f64::from(self.sentences[at].min(SENTENCES));
        let rated = self.together[at].iter().filter_map(|(phrase, together)| {
            let all = f64::from(self.phrases.get(phrase).copied().unwrap_or(*together).max(*together));
            let dice = 2.0 * f64::from(*together) / (sentences + all);
            let likeness = likeness(&suggestion.source, phrase);
            // A single sentence says nothing about words that are not alike.
            let is_proof = *together > 1 || likeness > 0.0;
            let rate = dice + LIKENESS * likeness + shape(suggestion, phrase);
            (is_proof && dice >= ENOUGH).then_some((rate, phrase.as_str()))
        });
        rated.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1))).map(|(_, phrase)| phrase)
    }
}

/// How alike the letters are, 0 if no more than chance.
fn likeness(german: &str, english: &str) -> f64 {
    if german == english {
        return 1.0;
    }
    let alike = strsim::jaro_winkler(&german.to_lowercase(), &english.to_lowercase());
    if alike < ALIKE { 0.0 } else { alike * 0.9 }
}

/// What speaks for a phrase by its shape: a name has capitals, and about as many words.
fn shape(suggestion: &Suggestion, phrase: &str) -> f64 {
    let words = |text: &str| text.split(' ').count();
    let capital = |word: &str| word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
    let capitals = suggestion.kind != EntryKind::Name || phrase.split(' ').all(capital);
    let longer = words(phrase).abs_diff(words(&suggestion.source));
    // Sentences have too few words for their number to lose precision.
    let longer = f64::from(u32::try_from(longer).unwrap_or(u32::MAX));
    if capitals { 0.1 - 0.05 * longer } else { -0.3 }
}

/// The phrases of a sentence that can be a rendering, each once.
fn phrases(english: &str) -> HashSet<&str> {
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    let mut out = HashSet::new();
    let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '’' | '.');
    let mut start = 0;
    for whole in english.split_inclusive(|c: char| !is_inner(c)) {
        let piece = whole.trim_end_matches(|c: char| !is_inner(c));
        let word = piece.trim_end_matches(['.', '\'', '’', '-']);
        let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
        if !word.is_empty() {
            words.push(start..start + word.len());
        }
        start += whole.len();
    }
    for first in 0..words.len() {
        for last in first..words.len().min(first + WORDS) {
            let phrase = &english[words[first].start..words[last].end];
            let is_edge = |at: usize| is(SuggestClass::English, &english[words[at].clone()].to_lowercase());
            let is_one =
                words[first..=last].windows(2).all(|pair| &english[pair[0].end..pair[1].start] == " ");
            if !is_edge(first) && !is_edge(last) && is_one {
                out.insert(phrase);
            }
        }
    }
    out
}
