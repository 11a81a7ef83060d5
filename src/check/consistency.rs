//! Names and terms that are rendered in more than one way across a corpus.
//!
//! [`Renderings`] are collected article by article and merged. They are the same whatever came first, and they do not
//! grow with the corpus: of more than [`NAMES`] names those with the smallest hashes are kept, which are the same ones
//! in every order, and whose counts are complete since a name once left out never comes back.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::accepted::accepted;
use super::overlap::overlap;
use super::pair::Pair;
use crate::english::{Heard, Sentence, Word, fold, is_alike, is_inflected};
use crate::model::{ArticleId, MatchKind, TermOutcome};

/// Most names that are kept: they take some ten megabytes.
const NAMES: usize = 50_000;

/// Most renderings that are kept of a name, the first ones in alphabetical order: more than anyone compares.
const WAYS: usize = 12;

/// A name or term that is rendered in more than one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inconsistency {
    /// The German.
    pub name: String,
    /// Its renderings, the most frequent first.
    pub renderings: Vec<Rendered>,
}

/// One of the ways in which a name is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rendered {
    /// The English.
    pub text: String,
    /// How often it stands.
    pub count: u64,
    /// The first article, by its name, in which it does.
    pub article: String,
    /// The segment of that article, counted from 1.
    pub segment: usize,
}

/// How often a rendering stands, and where first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sightings {
    count: u64,
    first: (ArticleId, usize),
}

/// What was seen of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Name {
    text: String,
    /// Whether it is an entry of the glossary.
    is_term: bool,
    /// Whether its English was seen without a capital: an ordinary noun.
    is_common: bool,
    ways: BTreeMap<String, Sightings>,
}

/// The renderings of names and terms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Name>", into = "Vec<Name>")]
pub struct Renderings {
    /// By the hash of the name, so that the largest ones can be left out.
    names: BTreeMap<[u8; 8], Name>,
}

impl Renderings {
    /// Looks at a segment, counted from 1, and its translation.
    pub fn observe(&mut self, article: &ArticleId, segment: usize, pair: Pair<'_>) {
        let place = (article, segment);
        let Pair { source, target, outcomes } = pair;
        self.terms(place, target.text(), outcomes);
        let in_term = |span: &Range<usize>| outcomes.iter().any(|o| overlap(&o.term.span, span));
        let held =
            |span: &Range<usize>| outcomes.iter().any(|o| o.held.as_ref().is_some_and(|h| overlap(h, span)));
        let is_name = |w: &&Word| is_candidate(source, w) && !in_term(&w.span);
        let names: Vec<&Word> = source.words().iter().skip(1).filter(is_name).collect();
        if names.is_empty() {
            return;
        }
        let words = target.words().iter().zip(target.heard());
        let mut free: Vec<(&Word, &Heard)> = words.filter(|(w, _)| !held(&w.span)).collect();
        // What stands there as it is cannot be the rendering of a similar name.
        let (kept, open): (Vec<&Word>, Vec<&Word>) =
            names.into_iter().partition(|name| free.iter().any(|(w, _)| w.folded == name.folded));
        for name in kept {
            if let Some(at) = free.iter().position(|(w, _)| w.folded == name.folded) {
                let (word, _) = free.remove(at);
                // `Europa League` is a name of its own, and none of `Europa`.
                if !is_part_of_name(pair, name, word) {
                    self.add(place, source.surface(name), target.surface(word));
                }
            }
        }
        for name in open {
            let name_heard = NameHeard::of(&name.folded);
            let mut alike = free.iter().enumerate().filter(|(_, (_, heard))| name_heard.is_rendered(heard));
            if let (Some((at, _)), None) = (alike.next(), alike.next()) {
                let (word, _) = free.remove(at);
                self.add(place, source.surface(name), target.surface(word));
            }
        }
    }

    /// The accepted renderings that were taken for entries with several.
    fn terms(&mut self, place: (&ArticleId, usize), target: &str, terms: &[TermOutcome]) {
        for outcome in terms.iter().filter(|o| o.term.kind != MatchKind::Part) {
            let Some(surface) = outcome.held.clone().and_then(|span| target.get(span)) else { continue };
            if let Some(rendering) = accepted(&outcome.term.entry.targets, surface) {
                let name = self.name(&outcome.term.entry.source);
                name.is_term = true;
                name.see(rendering, place);
            }
        }
        self.bound();
    }

    fn add(&mut self, place: (&ArticleId, usize), german: &str, english: &str) {
        // The genitive is the same name: `Meyers`, where the English has no s.
        let genitive = german.strip_suffix('s').filter(|_| !english.ends_with('s'));
        let name = self.name(genitive.unwrap_or(german));
        if english.starts_with(char::is_lowercase) {
            name.is_common = true;
        } else {
            name.see(english, place);
        }
        self.bound();
    }

    fn name(&mut self, text: &str) -> &mut Name {
        let name = self.names.entry(hash(text)).or_default();
        if name.text.is_empty() {
            text.clone_into(&mut name.text);
        }
        name
    }

    fn bound(&mut self) {
        while self.names.len() > NAMES {
            self.names.pop_last();
        }
    }

    /// Adds what was seen elsewhere.
    pub fn merge(&mut self, other: Self) {
        for (hash, name) in other.names {
            match self.names.entry(hash) {
                Slot::Vacant(slot) => {
                    slot.insert(name);
                }
                Slot::Occupied(mut slot) => slot.get_mut().merge(name),
            }
        }
        self.bound();
    }

    /// What is rendered in more than one way, by name.
    #[must_use]
    pub fn inconsistencies(&self) -> Vec<Inconsistency> {
        let mut out: Vec<_> = self.names.values().filter_map(Name::inconsistency).collect();
        out.sort_by(|a, b| a.name.cmp(&b.name));
        out
    }
}

impl From<Vec<Name>> for Renderings {
    fn from(names: Vec<Name>) -> Self {
        Self { names: names.into_iter().map(|name| (hash(&name.text), name)).collect() }
    }
}

impl From<Renderings> for Vec<Name> {
    fn from(renderings: Renderings) -> Self {
        renderings.names.into_values().collect()
    }
}

impl Name {
    fn see(&mut self, rendering: &str, (article, segment): (&ArticleId, usize)) {
        let seen = Sightings { count: 1, first: (article.clone(), segment) };
        self.add(rendering.to_owned(), seen);
    }

    fn add(&mut self, rendering: String, seen: Sightings) {
        match self.ways.entry(rendering) {
            Slot::Vacant(slot) => {
                slot.insert(seen);
            }
            Slot::Occupied(mut slot) => {
                let known = slot.get_mut();
                known.count += seen.count;
                known.first = known.first.clone().min(seen.first);
            }
        }
        while self.ways.len() > WAYS {
            self.ways.pop_last();
        }
    }

    fn merge(&mut self, other: Self) {
        self.is_term |= other.is_term;
        self.is_common |= other.is_common;
        for (rendering, seen) in other.ways {
            self.add(rendering, seen);
        }
    }

    fn inconsistency(&self) -> Option<Inconsistency> {
        let ways: Vec<(&String, &Sightings)> = self.ways.iter().collect();
        let differ = |a: &str, b: &str| self.is_term || are_two(a, b, &self.text);
        let two = ways.iter().enumerate().any(|(at, (a, _))| ways[..at].iter().any(|(b, _)| differ(a, b)));
        if !two || (self.is_common && !self.is_term) {
            return None;
        }
        let mut renderings: Vec<Rendered> = ways
            .into_iter()
            .map(|(text, seen)| Rendered {
                text: text.clone(),
                count: seen.count,
                article: seen.first.0.to_string(),
                segment: seen.first.1,
            })
            .collect();
        renderings.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
        Some(Inconsistency { name: self.text.clone(), renderings })
    }
}

/// The start of a hash that is the same on every machine.
fn hash(text: &str) -> [u8; 8] {
    // FNV-1a, then mixed so that its order says nothing about the text.
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 32)).to_be_bytes()
}

/// Whether a German word may be a name: a capital and then small letters, and long enough not to be alike by chance.
fn is_candidate(source: &Sentence, word: &Word) -> bool {
    const SHORTEST: usize = 5;
    let surface = source.surface(word);
    let mut chars = surface.chars();
    chars.next().is_some_and(char::is_uppercase)
        && chars.all(char::is_lowercase)
        && surface.chars().count() >= SHORTEST
}

/// Whether the same word with a capital follows a name in both texts.
fn is_part_of_name(pair: Pair<'_>, german: &Word, english: &Word) -> bool {
    fn next<'a>(text: &'a Sentence, word: &Word) -> Option<&'a Word> {
        let at = text.words().partition_point(|other| other.span.start <= word.span.start);
        text.words().get(at).filter(|next| matches!(&text.text()[word.span.end..next.span.start], " " | "-"))
    }
    let is_capital = |word: &Word| pair.source.surface(word).starts_with(char::is_uppercase);
    let following = next(pair.source, german).filter(|word| is_capital(word));
    following.is_some_and(|own| next(pair.target, english).is_some_and(|other| other.folded == own.folded))
}

/// A German name as it sounds, as it stands and without the s of a genitive.
struct NameHeard([Heard; 2]);

impl NameHeard {
    fn of(german: &str) -> Self {
        Self([german, german.strip_suffix('s').unwrap_or(german)].map(Heard::of))
    }

    /// Whether an English word may stand for it: the same sounds, or nearly the same letters.
    fn is_rendered(&self, english: &Heard) -> bool {
        /// Jaro-Winkler similarity of spellings of one name in two languages: Gorbatschow and Gorbachev have 0.88.
        const ALIKE: f64 = 0.86;
        /// Letters that a rendering has at least: `Aug` is an abbreviation.
        const SHORTEST: usize = 4;
        english.letters() >= SHORTEST
            && self.0.iter().any(|name| english.is_alike(name, true) || english.resembles(name, ALIKE))
    }
}

/// Whether two English words are two spellings of one name rather than forms of one word or two words.
fn are_two(a: &str, b: &str, german: &str) -> bool {
    let (a, b, german) = (fold(a), fold(b), fold(german));
    // Of a country and its people the one begins with the other: *Europe*, *European*.
    let is_derived = |a: &str, b: &str| a.starts_with(b) && a.len() <= b.len() + 2;
    if a == b || is_inflected(&a, &b) || is_inflected(&b, &a) || is_derived(&a, &b) || is_derived(&b, &a) {
        return false;
    }
    is_alike(&a, &b, true) || (a == german || b == german) && strsim::jaro_winkler(&a, &b) >= 0.7
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{looked, term};
    use super::*;

    fn seen(pairs: &[(&str, &str, &str)]) -> Renderings {
        let mut all = Renderings::default();
        for (article, source, target) in pairs {
            looked(source, target, &[], |pair| all.observe(&ArticleId::new(article), 1, pair));
        }
        all
    }

    #[test]
    fn a_name_in_two_spellings_is_told_with_its_places() {
        let all = seen(&[
            ("b", "Gestern kam Tschaikowski an.", "Yesterday Tchaikovsky arrived."),
            ("a", "Auch Tschaikowskis Bruder kam.", "Chaikovsky’s brother came too."),
            ("c", "Heute kam Tschaikowski.", "Today Tchaikovsky came."),
        ]);
        let found = all.inconsistencies();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "Tschaikowski");
        let told: Vec<_> =
            found[0].renderings.iter().map(|r| (r.text.as_str(), r.count, r.article.as_str())).collect();
        assert_eq!(told, [("Tchaikovsky", 2, "b"), ("Chaikovsky", 1, "a")]);
    }

    #[test]
    fn ordinary_nouns_and_forms_of_one_word_are_no_inconsistency() {
        let all = seen(&[
            ("a", "Der neue Minister kam.", "New Minister Meyer came."),
            ("b", "Beide Minister kamen.", "Both Ministers came."),
            ("c", "Die Kultur lebt.", "Culture lives."),
            ("d", "Das Haus der Kultur.", "The house of culture."),
            ("e", "Die alten Norweger kamen.", "The old Norwegians came, and a Norwegian."),
        ]);
        assert_eq!(all.inconsistencies(), []);
    }

    #[test]
    fn accepted_renderings_of_an_entry_are_told_apart() {
        let mut all = Renderings::default();
        for (article, target) in [("a", "the lakes"), ("b", "an inland sea")] {
            let terms = [term("See", "lake|inland sea", 0)];
            looked("See", target, &terms, |pair| all.observe(&ArticleId::new(article), 1, pair));
        }
        let found = all.inconsistencies();
        let told: Vec<_> = found[0].renderings.iter().map(|r| r.text.as_str()).collect();
        assert_eq!((found[0].name.as_str(), told), ("See", vec!["inland sea", "lake"]));
    }

    #[test]
    fn a_name_in_a_longer_name_is_another_one() {
        let all = seen(&[
            ("a", "Sie spielen in der Europa League.", "They play in the Europa League."),
            ("c", "Sie waren im Europa-Park.", "They were at Europa-Park."),
            ("b", "Ganz Europa schaut zu.", "All of Europe is watching."),
        ]);
        assert_eq!(all.inconsistencies(), []);
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_count(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle()) {
            let pairs: Vec<_> = (0..6)
                .map(|i| seen(&[(["a", "b", "c"][i % 3], "Da kam Tschaikowski.", ["Chaikovsky", "Tchaikovsky"][i % 2])]))
                .collect();
            let mut all = Renderings::default();
            let mut shuffled = Renderings::default();
            for i in 0..6 {
                all.merge(pairs[i].clone());
                shuffled.merge(pairs[order[i]].clone());
            }
            prop_assert_eq!(all, shuffled);
        }
    }
}
