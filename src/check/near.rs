//! Renderings that are near the house form: they share a word or a stem with it.
//!
//! An engine that writes `corona crisis` where the house says `coronavirus crisis` has rendered the term at a place that
//! can be told. Each rule asks for so much around the place that nothing else of the sentence is taken for it, and for
//! no more such places than there are terms to be put there.

use std::ops::Range;

use super::english::{
    Place, Rendering, Word, first_word, fold, has_postmodifier, is_derived, is_hyphen, is_plural,
    is_plural_form, last_word, plural, words,
};
use super::lexicon::{
    is_be, is_edge, is_function_word, is_german_adjective, is_german_genitive, is_singular_verb, neutral,
    preposition_of_state,
};
use super::mend::Replacement;
use super::near_words::{
    is_blank, is_common, is_half_german, is_longer, is_near_name, is_outside, is_telling,
};
use super::terms::overlap;
use crate::model::TermMatch;

/// The search for a rendering near the house form of one term.
pub(super) struct Near<'a> {
    pub(super) source: &'a str,
    pub(super) target: &'a str,
    pub(super) term: &'a TermMatch,
    pub(super) in_target: &'a [Word],
    /// Places of terms that hold.
    pub(super) taken: &'a [Range<usize>],
    /// How many occurrences of the entry do not hold.
    pub(super) open: usize,
}

impl Near<'_> {
    /// The first rule that finds as many places as there are occurrences, or fewer.
    pub(super) fn place(&self) -> Option<Replacement> {
        let own = words(self.term.entry.target());
        if own.is_empty() {
            return None;
        }
        [
            Self::half_german,
            Self::people,
            Self::alike,
            Self::shortened,
            Self::singular,
            Self::head,
            Self::other_word,
            Self::stem,
            Self::state,
        ]
        .into_iter()
        .map(|rule| rule(self, &own))
        .chain([self.punctuated(&own), self.dotted(), self.reordered()])
        .find(|found| !found.is_empty())
        .filter(|found| found.len() <= self.open.max(1))
        .and_then(|found| found.into_iter().next())
    }

    /// The house form, in the plural if that is wanted.
    fn house(&self, many: bool) -> String {
        let house = self.term.entry.target();
        if many { plural(house) } else { house.to_owned() }
    }

    /// An English word with the German spelling in it: `Leukozytosis`.
    fn half_german(&self, own: &[Word]) -> Vec<Replacement> {
        let [word] = own else { return Vec::new() };
        let german = fold(self.term.surface(self.source));
        let house = self.term.entry.target();
        let fits = |found: &Word| is_half_german(&found.folded, &german, &word.folded);
        let found = self.all(1, |window| fits(&window[0]).then(|| house.to_owned()));
        found.into_iter().map(|place| Replacement { german: true, ..place }).collect()
    }

    /// As many words, each the same or near: `corona crisis` for `coronavirus crisis`, `Lazio Roma` for `Lazio Rome`,
    /// `local anesthetics` for `local anaesthetics`. Of three or more one may be any other.
    fn alike(&self, own: &[Word]) -> Vec<Replacement> {
        let house = self.term.entry.target();
        let capital = |text: &str, w: &Word| text[w.span.clone()].starts_with(char::is_uppercase);
        let german = words(self.term.surface(self.source));
        let near = |own: &Word, found: &Word| {
            if capital(house, own) && capital(self.target, found) {
                return is_near_name(&own.folded, &found.folded);
            }
            // The last word made longer is another kind of word: `prime ministerial`.
            let longer = is_longer(&own.folded, &found.folded) || is_longer(&found.folded, &own.folded);
            longer && words(house).last() != Some(own)
                || german.iter().any(|g| is_half_german(&found.folded, &g.folded, &own.folded))
        };
        self.all(own.len(), |window| {
            let (last, other) = (own.last()?, window.last()?);
            let many = is_plural(&neutral(&last.folded), &neutral(&other.folded));
            let same = |(a, b): &(&Word, &Word)| {
                neutral(&a.folded) == neutral(&b.folded) || (many && a.span == last.span)
            };
            let pairs = || own.iter().zip(window);
            let content = pairs().filter(same).filter(|(a, _)| is_telling(a)).count();
            let mut others = pairs().filter(|pair| !same(pair) && !near(pair.0, pair.1));
            let fits = match (others.next(), others.next()) {
                (None, _) => content > 0,
                (Some((a, b)), None) => content > 1 && self.may_replace(own, (a, b), window),
                _ => false,
            };
            fits.then(|| self.house(many))
        })
    }

    /// Whether a word of a window may be what stands for another one of the house form: no name, and all there is.
    fn may_replace(&self, own: &[Word], (wanted, found): (&Word, &Word), window: &[Word]) -> bool {
        let common = self.term.entry.target()[wanted.span.clone()].starts_with(char::is_lowercase);
        let (start, end) = (window[0].span.start, window[window.len() - 1].span.end);
        let first =
            own.first() == Some(wanted) && (self.has_adjective() || !self.is_bounded(&(start..start)));
        let last = own.last() == Some(wanted) && !self.is_bounded(&(end..end));
        common && self.is_common_word(found) && !first && !last && !self.has_relative()
    }

    /// All words but one: `vaginal delivery` for `spontaneous vaginal delivery`.
    fn shortened(&self, own: &[Word]) -> Vec<Replacement> {
        let house = self.term.entry.target();
        let length = own.len().saturating_sub(1);
        if length < 2 || self.has_relative() {
            return Vec::new();
        }
        self.all(length, |window| {
            let missing = own.iter().zip(window).take_while(|(a, b)| a.folded == b.folded).count();
            let rest = own[missing + 1..].iter().zip(&window[missing..]).all(|(a, b)| a.folded == b.folded);
            let span = window[0].span.start..window[length - 1].span.end;
            let ends = 0 < missing && missing < length || self.is_bounded(&span);
            let content = window.iter().filter(|w| is_telling(w)).count();
            let fits = rest && ends && content > 1 && !is_outside(&own[missing]);
            fits.then(|| house.to_owned())
        })
    }

    /// The singular of a house form that is a plural: `calibration` for `calibrations`.
    fn singular(&self, own: &[Word]) -> Vec<Replacement> {
        let house = self.term.entry.target();
        if !is_plural_form(house) || has_postmodifier(house) {
            return Vec::new();
        }
        self.all(own.len(), |window| {
            let (last, one) = (own.last()?, window.last()?);
            let same = own.iter().zip(window).all(|(a, b)| a.folded == b.folded || a.span == last.span);
            let rest = &self.target[one.span.end..];
            let next = first_word(rest);
            let alone = next.is_none_or(|w| {
                !is_blank(&rest[..w.span.start]) || is_outside(&w) && !is_singular_verb(&w.folded)
            });
            (same && is_plural(&one.folded, &last.folded) && alone).then(|| house.to_owned())
        })
    }

    /// The last word of the house form standing alone: `in the state` for `federal state`.
    fn head(&self, own: &[Word]) -> Vec<Replacement> {
        let house = self.term.entry.target();
        let Some(head) = own.last().filter(|_| own.len() > 1 && is_common(house) && !self.has_relative())
        else {
            return Vec::new();
        };
        let mut found = self.all(1, |window| {
            let many = is_plural(&head.folded, &window[0].folded);
            // A capital makes it part of a name: `Free State`.
            let common = self.target[window[0].span.clone()].starts_with(char::is_lowercase);
            let same = common && (many || window[0].folded == head.folded);
            same.then(|| self.house(many))
        });
        // A second one, whatever stands beside it, may be the one that is meant.
        if found.len() <= self.open.max(1) {
            found.retain(|place| self.is_bounded(&place.span));
        }
        found
    }

    /// One of the two words beside another one, for a German word that can mean nothing else by it:
    /// `guarantee period` for `warranty period`, `storm damage` for `storm loss`.
    fn other_word(&self, own: &[Word]) -> Vec<Replacement> {
        let house = self.term.entry.target();
        let [first, head] = own else { return Vec::new() };
        let alone = self.stands_alone();
        // An adjective and its noun: what stands before them in English is none of theirs.
        let pair = words(self.term.surface(self.source)).len() == 2;
        if !is_common(house) || !(alone || pair) || self.has_relative() {
            return Vec::new();
        }
        self.all(2, |window| {
            let [before, last] = window else { return None };
            let plural_head = is_plural(&head.folded, &last.folded);
            let same_head = plural_head || last.folded == head.folded;
            let (other, many) =
                if same_head { (before, plural_head) } else { (last, is_plural_form(&last.folded)) };
            let same_first = before.folded == first.folded;
            let span = if pair { last.span.clone() } else { before.span.start..last.span.end };
            let bounded = if pair { self.is_bounded(&(span.end..span.end)) } else { self.is_bounded(&span) };
            let fits = (same_first || same_head && alone) && self.is_common_word(other) && bounded;
            fits.then(|| self.house(many))
        })
    }

    /// Two words of which the first is the beginning of the house form: `harvest helpers` for `harvesters`.
    fn stem(&self, own: &[Word]) -> Vec<Replacement> {
        let house = self.term.entry.target();
        let [word] = own else { return Vec::new() };
        if !is_common(house) || !self.stands_alone() || self.has_relative() {
            return Vec::new();
        }
        self.all(2, |window| {
            let many = is_plural_form(&window[1].folded);
            let fits = is_longer(&word.folded, &window[0].folded)
                && self.is_common_word(&window[1])
                && (many || !is_plural_form(house))
                && self.is_bounded(&(window[0].span.start..window[1].span.end));
            fits.then(|| self.house(many))
        })
    }

    /// A participle for a noun with its preposition: `were quarantined` for `unter Quarantäne`.
    fn state(&self, own: &[Word]) -> Vec<Replacement> {
        let [noun] = own else { return Vec::new() };
        let before = last_word(&self.source[..self.term.span.start]);
        let Some(preposition) = before.and_then(|w| preposition_of_state(&w.folded)) else {
            return Vec::new();
        };
        self.all(2, |window| {
            let participle = window[1].folded.strip_suffix("ed");
            let fits = is_be(&window[0].folded)
                && participle
                    .is_some_and(|stem| stem == noun.folded.strip_suffix('e').unwrap_or(&noun.folded));
            let be = &self.target[window[0].span.clone()];
            fits.then(|| format!("{be} {preposition} {}", self.term.entry.target()))
        })
    }

    /// An adjective for the genitive of a name: `the Icelandic coast` for `Islands Küste`.
    fn people(&self, own: &[Word]) -> Vec<Replacement> {
        let (entry, Some(last)) = (&self.term.entry, own.last()) else { return Vec::new() };
        let ending = self.term.surface(self.source).strip_prefix(entry.source.as_str());
        if is_common(entry.target()) || !matches!(ending, Some("s" | "’s" | "'s")) {
            return Vec::new();
        }
        let mut found = self.all(own.len(), |window| {
            let stems = own.iter().zip(window).all(|(a, b)| a.span == last.span || a.folded == b.folded);
            let word = &window.last()?.folded;
            let adjective = stems && is_derived(word, &last.folded) && !word.ends_with('s');
            adjective.then(|| format!("{}’s", entry.target()))
        });
        found.retain_mut(|place| {
            let rest = &self.target[place.span.end..];
            let noun = first_word(rest).filter(|w| rest[..w.span.start] == *" ");
            let Some(noun) = noun.filter(|w| !is_outside(w)) else { return false };
            let before = last_word(&self.target[..place.span.start]);
            let before = before.filter(|w| self.target[w.span.end..place.span.start] == *" ");
            match before.as_ref().map(|w| w.folded.as_str()) {
                Some("the") => place.span.start = before.map_or(place.span.start, |w| w.span.start),
                Some("a" | "an") => return false,
                Some(other) => return is_edge(other) || is_function_word(other),
                None => return true,
            }
            // With an article and a capital it is a name of its own: `the Icelandic Parliament`.
            rest[noun.span].starts_with(char::is_lowercase)
        });
        found
    }

    /// The words of the house form with other marks between them: `red, white, and blue` for `red, white and blue`.
    fn punctuated(&self, own: &[Word]) -> Vec<Replacement> {
        if own.len() < 2 {
            return Vec::new();
        }
        let mark = |c: char| c.is_whitespace() || is_hyphen(c) || ",/()“”\"’'".contains(c);
        let windows = self.in_target.windows(own.len()).filter(|window| {
            let gaps = window.windows(2).map(|w| &self.target[w[0].span.end..w[1].span.start]);
            own.iter().zip(*window).all(|(a, b)| a.folded == b.folded) && gaps.flat_map(str::chars).all(mark)
        });
        let spans = windows.map(|w| w[0].span.start..w[w.len() - 1].span.end);
        let free = spans.filter(|span| !self.taken.iter().any(|t| overlap(t, span)));
        let house = self.term.entry.target();
        free.map(|span| Replacement { span, by: house.to_owned(), german: false }).collect()
    }

    /// The house form with dots in its abbreviations: `U.S. president`.
    fn dotted(&self) -> Vec<Replacement> {
        let house = self.term.entry.target();
        let mut dotted = String::new();
        for word in house.split_inclusive(' ') {
            let letters = word.trim_end();
            if matches!(letters.len(), 2..=4) && letters.bytes().all(|b| b.is_ascii_uppercase()) {
                dotted.extend(letters.chars().flat_map(|c| [c, '.']));
                dotted.push_str(&word[letters.len()..]);
            } else {
                dotted.push_str(word);
            }
        }
        if dotted == house || house.len() < 4 {
            return Vec::new();
        }
        let places = Rendering::new(&dotted).find(self.target, self.in_target);
        let put = |p: Place| Replacement { span: p.span, by: self.house(p.plural), german: false };
        let found = places.into_iter().map(put);
        found.filter(|place| !self.taken.iter().any(|t| overlap(t, &place.span))).collect()
    }

    /// The words of an accepted rendering in another order: `Cosmodrome Vostochny` for `Vostochny Cosmodrome`.
    fn reordered(&self) -> Vec<Replacement> {
        let content = |words: &[Word]| {
            let mut kept: Vec<_> =
                words.iter().map(|w| w.folded.clone()).filter(|w| !is_function_word(w)).collect();
            kept.sort();
            kept
        };
        for accepted in &self.term.entry.targets {
            let wanted = content(&words(accepted));
            if wanted.len() < 2 {
                continue;
            }
            for length in wanted.len()..=wanted.len() + 2 {
                let found = self.all(length, |window| {
                    let ends = [window.first()?, window.last()?];
                    let fits = content(window) == wanted && ends.iter().all(|w| !is_function_word(&w.folded));
                    fits.then(|| accepted.clone())
                });
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
    }

    /// The windows of some words, nothing but blanks and hyphens between them, that no term holds and a rule takes.
    fn all(&self, length: usize, rule: impl Fn(&[Word]) -> Option<String>) -> Vec<Replacement> {
        let mut out: Vec<Replacement> = Vec::new();
        for window in self.in_target.windows(length) {
            let span = window[0].span.start..window[length - 1].span.end;
            let gap = |c: char| c.is_whitespace() || is_hyphen(c);
            let together =
                window.windows(2).all(|w| self.target[w[0].span.end..w[1].span.start].chars().all(gap));
            let free = !self.taken.iter().chain(out.iter().map(|r| &r.span)).any(|t| overlap(t, &span));
            if let Some(by) = rule(window).filter(|_| together && free) {
                out.push(Replacement { span, by, german: false });
            }
        }
        out
    }

    /// Whether words are all there is of a noun with what belongs to it: function words, numbers or marks beside.
    pub(super) fn is_bounded(&self, span: &Range<usize>) -> bool {
        let (before, behind) = (&self.target[..span.start], &self.target[span.end..]);
        let left = last_word(before).filter(|w| is_blank(&before[w.span.end..]));
        let right = first_word(behind).filter(|w| is_blank(&behind[..w.span.start]));
        let joined = before.ends_with(is_hyphen) || behind.starts_with(is_hyphen);
        !joined && left.is_none_or(|w| is_outside(&w)) && right.is_none_or(|w| is_outside(&w))
    }

    pub(super) fn is_common_word(&self, word: &Word) -> bool {
        self.target[word.span.clone()].starts_with(char::is_lowercase) && !is_outside(word)
    }

    /// Whether another German word has a part in common with the term's: `Sturmfront` beside `Sturmschaden`.
    pub(super) fn has_relative(&self) -> bool {
        /// Letters at the beginning or end that make a part.
        const PART: usize = 4;
        let surface = fold(self.term.surface(self.source));
        let ends = |word: &str| {
            let letters: Vec<char> = word.chars().collect();
            letters.len().checked_sub(PART).map(|from| [letters[..PART].to_vec(), letters[from..].to_vec()])
        };
        let Some([start, end]) = ends(&surface) else { return true };
        words(self.source)
            .iter()
            .filter(|w| !overlap(&w.span, &self.term.span) && w.folded != surface)
            .any(|w| ends(&w.folded).is_some_and(|[s, e]| s == start || e == end))
    }

    /// Whether an adjective may stand before the German.
    fn has_adjective(&self) -> bool {
        let before = &self.source[..self.term.span.start];
        last_word(before).is_some_and(|w| {
            let word = &before[w.span.clone()];
            is_german_adjective(word) && word.starts_with(char::is_lowercase)
        })
    }

    /// Whether the German is one word with neither an adjective before nor a genitive behind it, so that all words of
    /// its English noun phrase are its own.
    fn stands_alone(&self) -> bool {
        let surface = self.term.surface(self.source);
        let behind = &self.source[self.term.span.end..];
        let next = first_word(behind).filter(|w| is_blank(&behind[..w.span.start]));
        let genitive = next.is_some_and(|w| is_german_genitive(&w.folded));
        !surface.contains([' ', '-']) && !self.has_adjective() && !genitive
    }
}
