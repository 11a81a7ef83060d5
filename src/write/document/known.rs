//! What is known of where the markup of a segment belongs, before any guess.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::tokens::{TargetToken, TokenKind, tokens};
use super::tree::Tree;
use crate::model::InlineKind;

/// What stands for what: bytes of the source and of the target.
pub(super) type Pairs = [(Range<usize>, Range<usize>)];

/// What is known of the places of a segment's markup in the target.
#[derive(Debug, Default)]
pub(super) struct SurePlaces {
    /// For each element the bytes of the target that are its own; empty for a place. None is outside of what it lies in,
    /// and no two overlap otherwise.
    pub(super) exact: Vec<Option<Range<usize>>>,
    /// Pieces of words that stand in the target as they do in the source, with the slots they belong to.
    pub(super) pieces: Vec<(usize, Range<usize>)>,
    /// Where words of the target are cut.
    pub(super) cuts: BTreeSet<usize>,
    /// Atoms that read as something which does not stand in the target.
    pub(super) lost: BTreeSet<usize>,
}

/// Looks for what is sure: the engine's own tags, the text of atoms to the letter, words that are written alike.
pub(super) fn known(source: &str, tree: &Tree, target: &str, inlines: &Pairs) -> SurePlaces {
    let mut search = PlaceSearch {
        source,
        tree,
        target,
        known: SurePlaces { exact: vec![None; tree.elements.len()], ..SurePlaces::default() },
        words: HashMap::new(),
        taken: Vec::new(),
        source_words: tokens(source).into_iter().filter(|token| token.kind == TokenKind::Word).collect(),
    };
    search.tagged(inlines);
    search.atoms();
    search.torn_words();
    search.known.cut();
    search.known
}

impl SurePlaces {
    /// Words are cut where markup is sure to begin or end.
    pub(super) fn cut(&mut self) {
        let borders = self.exact.iter().flatten().flat_map(|place| [place.start, place.end]);
        self.cuts.extend(borders);
        self.cuts.extend(self.pieces.iter().flat_map(|(_, place)| [place.start, place.end]));
    }
}

struct PlaceSearch<'a> {
    source: &'a str,
    tree: &'a Tree,
    target: &'a str,
    known: SurePlaces,
    /// Where words of the source that markup stands in are in the target, by their beginnings.
    words: HashMap<usize, Option<usize>>,
    /// Bytes of the target that were found to be something, each with where that begins in the source.
    taken: Vec<(Range<usize>, usize)>,
    source_words: Vec<TargetToken>,
}

impl PlaceSearch<'_> {
    /// The engine's tags are the places, exactly.
    fn tagged(&mut self, inlines: &Pairs) {
        let mut next = 0;
        for (from, to) in inlines {
            let Some(found) =
                (next..self.tree.elements.len()).find(|&e| self.tree.elements[e].source == *from)
            else {
                continue;
            };
            next = found + 1;
            let Some(text) = self.target.get(to.clone()) else { continue };
            let element = &self.tree.elements[found];
            let place = match element.kind {
                InlineKind::Range => {
                    // White space belongs to the text outside.
                    let start = to.end - text.trim_start().len();
                    start..(to.start + text.trim_end().len()).max(start)
                }
                InlineKind::Atom if self.reads_as(found).trim().is_empty() => to.start..to.start,
                InlineKind::Atom => to.clone(),
            };
            let is_blank = self.reads_as(found).trim().is_empty();
            let says_so = element.kind == InlineKind::Range || is_blank || text == self.reads_as(found);
            let is_empty_range = element.kind == InlineKind::Range && place.is_empty();
            if says_so && !is_empty_range && self.fits(found, &place) {
                self.known.exact[found] = Some(place);
            }
        }
    }

    /// What an element of the source reads as.
    fn reads_as(&self, element: usize) -> &str {
        self.source.get(self.tree.elements[element].source.clone()).unwrap_or_default()
    }

    /// Whether an element can have a place in the target, beside those that are known.
    fn fits(&self, element: usize, place: &Range<usize>) -> bool {
        let around: Vec<usize> = self.tree.around(self.tree.elements[element].parent).collect();
        let known = self.known.exact.iter().enumerate();
        let mut known = known.filter_map(|(other, place)| Some((other, place.as_ref()?)));
        known.all(|(other, known)| {
            if around.contains(&other) {
                known.start <= place.start && place.end <= known.end
            } else if self.tree.around(Some(other)).any(|outer| outer == element) {
                place.start <= known.start && known.end <= place.end
            } else {
                place.end <= known.start || known.end <= place.start
            }
        })
    }

    /// The text of atoms is looked for to the letter, inside words as well.
    fn atoms(&mut self) {
        let mut from = 0;
        for element in 0..self.tree.elements.len() {
            let text = self.reads_as(element);
            let is_atom = self.tree.elements[element].kind == InlineKind::Atom;
            if !is_atom || text.trim().is_empty() || self.known.exact[element].is_some() {
                continue;
            }
            let place = self.in_word(element).or_else(|| {
                let place = self.to_the_letter(element, from)?;
                self.taken.push((place.clone(), self.tree.elements[element].source.start));
                Some(place)
            });
            match &place {
                Some(place) => from = place.end,
                None => drop(self.known.lost.insert(element)),
            }
            self.known.exact[element] = place;
        }
    }

    /// The place of an atom in a word that is the same in both languages.
    fn in_word(&mut self, element: usize) -> Option<Range<usize>> {
        let own = self.tree.elements[element].source.clone();
        let word =
            self.source_words.iter().find(|word| word.span.start <= own.start && own.end <= word.span.end)?;
        let word = word.span.clone();
        if word == own {
            return None;
        }
        let start = self.word(&word)?;
        let place = start + own.start - word.start..start + own.end - word.start;
        self.fits(element, &place).then_some(place)
    }

    /// Where a word of the source stands in the target, the same; each place counts once.
    fn word(&mut self, word: &Range<usize>) -> Option<usize> {
        if let Some(known) = self.words.get(&word.start) {
            return *known;
        }
        let text = &self.source[word.clone()];
        let is_whole = |start: &usize| !self.is_glued(*start) && !self.is_glued(start + text.len());
        let is_free = |start: &&usize| self.is_free_for(word.start, &(**start..**start + text.len()));
        let places: Vec<usize> = self.occurrences(text, 0).filter(is_whole).collect();
        // The second of equal words is the second one in the target as well, if it can be.
        let equal =
            |other: &&TargetToken| other.span.start < word.start && self.source[other.span.clone()] == *text;
        let number = self.source_words.iter().filter(equal).count();
        let found = places.get(number).filter(is_free).or_else(|| places.iter().find(is_free)).copied();
        self.words.insert(word.start, found);
        self.taken.extend(found.map(|start| (start..start + text.len(), word.start)));
        found
    }

    fn occurrences<'b>(&self, text: &'b str, from: usize) -> impl Iterator<Item = usize> + use<'_, 'b> {
        let target = self.target;
        target[from..].match_indices(text).map(move |(at, _)| from + at)
    }

    /// Whether a place can be that of what begins at a byte of the source. A word that it shares with other markup may be
    /// there already, at the same distance.
    fn is_free_for(&self, start: usize, place: &Range<usize>) -> bool {
        self.taken.iter().all(|(taken, from)| {
            let is_shared = taken.start + start == place.start + from;
            place.end <= taken.start || taken.end <= place.start || is_shared
        })
    }

    /// Whether a place is inside a word of the target.
    fn is_glued(&self, at: usize) -> bool {
        is_in_word(self.target, at)
    }

    /// The place of an atom's own text. Where it stands in a word of the source, it does in the target, beside the same
    /// letter; where it does not, it is a word of its own.
    fn to_the_letter(&self, element: usize, from: usize) -> Option<Range<usize>> {
        let own = self.tree.elements[element].source.clone();
        let text = self.reads_as(element);
        let (before, behind) =
            (self.source[..own.start].chars().next_back(), self.source[own.end..].chars().next());
        let is_glue = |c: Option<char>| c.filter(|c| c.is_alphanumeric());
        let fits = |start: usize, length: usize| {
            let place = start..start + length;
            let there = (
                is_glue(self.target[..place.start].chars().next_back()),
                is_glue(self.target[place.end..].chars().next()),
            );
            let beside = match (is_glue(before), is_glue(behind)) {
                (None, None) => !self.is_glued(place.start) && !self.is_glued(place.end),
                (Some(c), None) => there.0 == Some(c) && there.1.is_none(),
                (None, Some(c)) => there.1 == Some(c) && there.0.is_none(),
                (Some(a), Some(b)) => there.0 == Some(a) || there.1 == Some(b),
            };
            beside && self.is_free_for(own.start, &place) && self.fits(element, &place)
        };
        // Engines write a plain hyphen for one that does not break, and a blank for a line break.
        let plain = text.replace('\u{2011}', "-");
        let line = plain.replace('\n', " ");
        let equal = equal_words(self.source, text);
        [text, &plain, &line].into_iter().find_map(|text| {
            // Where the text stands as often in both languages, the second is the second.
            let all = equal_words(self.target, text);
            let number = equal.binary_search(&own.start).ok().filter(|_| all.len() == equal.len());
            let same = number.map(|number| all[number]).filter(|&start| fits(start, text.len()));
            let later = || self.occurrences(text, from).find(|&start| fits(start, text.len()));
            let any = || self.occurrences(text, 0).find(|&start| fits(start, text.len()));
            let start = same.or_else(later).or_else(any)?;
            Some(start..start + text.len())
        })
    }

    /// Words of the source that lie in several slots: the same word, or the same part of one, is cut in the same places.
    fn torn_words(&mut self) {
        let mut first = 0;
        for index in 0..self.source_words.len() {
            let word = self.source_words[index].span.clone();
            let slots = &self.tree.slots;
            while slots
                .get(first)
                .is_some_and(|slot| slot.source.end <= word.start && slot.source.start < word.start)
            {
                first += 1;
            }
            let inside: Vec<usize> = (first..slots.len())
                .take_while(|&slot| slots[slot].source.start < word.end)
                .filter(|&slot| slots[slot].source.end > word.start)
                .collect();
            if inside.len() < 2 {
                continue;
            }
            let start = self.word(&word);
            for slot in inside {
                let own = &self.tree.slots[slot].source;
                let own = own.start.max(word.start)..own.end.min(word.end);
                match (start, self.tree.slots[slot].element.filter(|_| self.tree.is_atom(slot))) {
                    (Some(start), Some(atom)) if own.is_empty() && self.known.exact[atom].is_none() => {
                        let at = start + own.start - word.start;
                        if self.fits(atom, &(at..at)) {
                            self.known.exact[atom] = Some(at..at);
                        }
                    }
                    (Some(start), None) if !own.is_empty() => {
                        let place = start + own.start - word.start..start + own.end - word.start;
                        self.known.pieces.push((slot, place));
                    }
                    (None, None) if !own.is_empty() => self.part(slot, &own),
                    _ => {}
                }
            }
        }
    }

    /// A part of a word that is a word, or a part between hyphens, in the target.
    fn part(&mut self, slot: usize, own: &Range<usize>) {
        let part = self.source[own.clone()].trim_matches(|c: char| !c.is_alphanumeric());
        // A single letter stands anywhere.
        if part.chars().nth(1).is_none() {
            return;
        }
        let found = self.occurrences(part, 0).find(|start| {
            let place = *start..*start + part.len();
            self.is_free_for(own.start, &place) && !self.is_glued(place.start) && !self.is_glued(place.end)
        });
        if let Some(start) = found {
            let place = start..start + part.len();
            self.taken.push((place.clone(), own.start));
            self.known.pieces.push((slot, place));
        }
    }
}

/// Where a text stands in another one, not in the middle of a word.
fn equal_words(whole: &str, text: &str) -> Vec<usize> {
    let places = whole.match_indices(text).map(|(at, _)| at);
    places.filter(|&at| !is_in_word(whole, at) && !is_in_word(whole, at + text.len())).collect()
}

/// Whether a place is inside a word.
pub(super) fn is_in_word(text: &str, at: usize) -> bool {
    text[..at].ends_with(char::is_alphanumeric) && text[at..].starts_with(char::is_alphanumeric)
}
