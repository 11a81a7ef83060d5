//! Which words of the target look like which words of the source.
//!
//! The words of a segment lie in slots: a link, the text before it, the text behind it. What is known of the
//! pairing (the engine's own markup or alignment, terms that hold, words that are the same in both languages)
//! votes for the slot of a target word; where nothing is known, its place in the sentence does. The slots
//! then share the target out between them, each a stretch without a hole, such that as few votes as possible
//! are overruled. No word is split and nothing of the target is lost.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::share::{by_length, cheapest, stretches};
use super::slot::MarkupSlot;
use super::tokens::{TargetToken, TokenKind, tokens};

/// Tables with more cells than this are not made; the target is then shared out by length.
const CELLS: usize = 1 << 20;
/// What it costs to overrule a vote.
const OVERRULED: f32 = 6.0;
/// What it costs to put a word that must stand somewhere else into a fixed slot, or the other way round.
const NEVER: f32 = 1000.0;
/// What it costs to leave a slot with words in the source without any in the target.
const LEFT_EMPTY: f32 = 2.5;
/// A word this many bytes off its expected place costs 1.
const DISTANCE: f32 = 8.0;
/// A word that is nowhere near its expected place costs no more.
const FARTHEST: f32 = 3.0;
/// What each word costs by which an element becomes longer than it was.
const LONGER: f32 = 1.5;
/// Elements that become longer by many words cost no more.
const LONGEST: f32 = 4.0;
/// What it costs to make text where the source has none.
const NEW_TEXT: f32 = 0.6;

/// What stands for what: bytes of the source and of the target. An empty source stands for text without an
/// inline element.
pub(super) type Pairs = [(Range<usize>, Range<usize>)];

/// What is known beside the texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hints<'a> {
    pub(super) pairs: &'a Pairs,
    pub(super) may_move: bool,
}

/// A vote on the slot of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vote {
    None,
    /// For this slot; the byte is where in the source it stands.
    Slot(usize, usize),
    /// For any slot outside of elements.
    Plain,
}

/// Shares the target out: slots in the order of the target, each with its stretch. Stretches joined are the
/// target. The order differs from that of `slots` only where elements change places.
pub(super) fn project(
    source: &str,
    slots: &[MarkupSlot],
    target: &str,
    hints: Hints<'_>,
) -> Vec<(usize, Range<usize>)> {
    if slots.len() < 2 {
        return slots.iter().map(|_| (0, 0..target.len())).collect();
    }
    let tokens = tokens(target);
    if tokens.len().saturating_mul(slots.len()) > CELLS {
        return by_length(slots, &tokens, target);
    }
    let mut ballot = Ballot {
        source,
        slots,
        target,
        tokens: &tokens,
        votes: vec![Vote::None; tokens.len()],
        numbers: numbers(&tokens),
        known: vec![None; slots.len()],
    };
    ballot.fixed();
    ballot.paired(hints.pairs);
    ballot.same_words();
    ballot.know();
    let order = if hints.may_move { ballot.order() } else { (0..slots.len()).collect() };
    let expected = ballot.expected();
    let cost = |token: usize, at: usize| ballot.cost(token, order[at], expected[token]);
    let weights: Vec<f32> = order.iter().map(|&slot| ballot.weight(slot)).collect();
    let chosen = cheapest(tokens.len(), &weights, cost);
    stretches(&order, &tokens, &chosen, target.len())
}

struct Ballot<'a> {
    source: &'a str,
    slots: &'a [MarkupSlot],
    target: &'a str,
    tokens: &'a [TargetToken],
    votes: Vec<Vote>,
    /// For each token how many words stand before it.
    numbers: Vec<usize>,
    /// For each slot that has votes, what they say.
    known: Vec<Option<SlotVotes>>,
}

/// What is known of a slot by its votes.
#[derive(Debug, Clone)]
struct SlotVotes {
    /// From the first to behind the last word that is voted into it.
    words: Range<usize>,
    /// How many words it has in the source beyond those.
    spare: usize,
}

impl Ballot<'_> {
    /// The text of fixed slots is looked for to the letter.
    fn fixed(&mut self) {
        let mut from = 0;
        for (index, slot) in self.slots.iter().enumerate().filter(|(_, slot)| slot.is_fixed) {
            let Some(text) = self.source.get(slot.source.clone()).filter(|text| !text.is_empty()) else {
                continue;
            };
            let found = self.target[from..].find(text).map(|at| from + at);
            let Some(start) = found.or_else(|| self.target.find(text)) else { continue };
            let end = start + text.len();
            from = end;
            let first = self.tokens.partition_point(|token| token.span.start < start);
            let last = self.tokens.partition_point(|token| token.span.end <= end);
            let whole = self.tokens.get(first).is_some_and(|token| token.span.start == start)
                && last > first
                && self.tokens[last - 1].span.end == end;
            if whole {
                self.votes[first..last].fill(Vote::Slot(index, slot.source.start));
            }
        }
    }

    /// Words that something pairs.
    fn paired(&mut self, pairs: &Pairs) {
        for (from, to) in pairs {
            let middle = from.start.midpoint(from.end);
            let vote = match self.slot_at(middle) {
                _ if from.is_empty() => Vote::Plain,
                Some(slot) if !self.slots[slot].is_fixed => Vote::Slot(slot, middle),
                _ => continue,
            };
            let first = self.tokens.partition_point(|token| token.span.end <= to.start);
            for (token, known) in self.tokens[first..].iter().zip(&mut self.votes[first..]) {
                if token.span.start >= to.end {
                    break;
                }
                let is_word = token.kind == TokenKind::Word || matches!(vote, Vote::Plain);
                if *known == Vote::None && is_word {
                    *known = vote;
                }
            }
        }
    }

    /// Words that occur once in both languages: names, numbers, loans.
    fn same_words(&mut self) {
        let source_tokens = tokens(self.source);
        let mut places: HashMap<Cow<'_, str>, Option<usize>> = HashMap::new();
        for token in source_tokens.iter().filter(|token| token.kind == TokenKind::Word) {
            let word = letters(&self.source[token.span.clone()]);
            let place = token.span.start.midpoint(token.span.end);
            places.entry(word).and_modify(|known| *known = None).or_insert(Some(place));
        }
        let mut counts: HashMap<Cow<'_, str>, usize> = HashMap::new();
        for token in self.tokens.iter().filter(|token| token.kind == TokenKind::Word) {
            *counts.entry(letters(&self.target[token.span.clone()])).or_default() += 1;
        }
        for index in 0..self.tokens.len() {
            let token = &self.tokens[index];
            let word = letters(&self.target[token.span.clone()]);
            if token.kind != TokenKind::Word
                || self.votes[index] != Vote::None
                || counts.get(&word) != Some(&1)
            {
                continue;
            }
            let Some(&Some(place)) = places.get(&word) else { continue };
            if let Some(slot) = self.slot_at(place).filter(|&slot| !self.slots[slot].is_fixed) {
                self.votes[index] = Vote::Slot(slot, place);
            }
        }
    }

    /// The slot that a byte of the source lies in.
    fn slot_at(&self, byte: usize) -> Option<usize> {
        self.slots.iter().position(|slot| slot.source.contains(&byte))
    }

    /// The slots in the order of the target. Elements change places only if each is voted for, and no two
    /// of them lie in each other's way.
    fn order(&self) -> Vec<usize> {
        let kept: Vec<usize> = (0..self.slots.len()).collect();
        let elements: Vec<usize> = self.elements();
        let places: Option<Vec<Range<usize>>> =
            elements.iter().map(|&element| self.voted_range(element)).collect();
        let Some(places) = places else { return kept };
        let mut by_place: Vec<usize> = (0..elements.len()).collect();
        by_place.sort_by_key(|&element| places[element].start);
        let disjoint = by_place.windows(2).all(|pair| places[pair[0]].end <= places[pair[1]].start);
        if !disjoint || by_place.is_sorted() {
            return kept;
        }
        let mut order = Vec::with_capacity(kept.len());
        let mut turn = by_place.into_iter();
        let mut last = None;
        for slot in kept {
            let element = self.slots[slot].element;
            if element.is_none() {
                order.push(slot);
            } else if element != last
                && let Some(next) = turn.next()
            {
                let inside = (0..self.slots.len()).filter(|&s| self.slots[s].element == Some(elements[next]));
                order.extend(inside);
            }
            last = element;
        }
        order
    }

    /// The elements that can be moved, in the order of the source.
    fn elements(&self) -> Vec<usize> {
        let mut elements: Vec<usize> = self.slots.iter().filter_map(|slot| slot.element).collect();
        elements.dedup();
        elements
    }

    /// From the first to behind the last token that is voted into an element.
    fn voted_range(&self, element: usize) -> Option<Range<usize>> {
        let inside =
            |vote: &Vote| matches!(vote, Vote::Slot(s, _) if self.slots[*s].element == Some(element));
        let first = self.votes.iter().position(inside)?;
        let last = self.votes.iter().rposition(inside)?;
        Some(first..last + 1)
    }

    /// For each token the byte of the source where it is expected to come from.
    fn expected(&self) -> Vec<f32> {
        let mut known = vec![(0.0, 0.0)];
        for (token, vote) in self.tokens.iter().zip(&self.votes) {
            if let Vote::Slot(_, byte) = vote {
                let (at, from) = (middle(&token.span), float(*byte));
                if known.last().is_none_or(|&(a, f)| a < at && f <= from) {
                    known.push((at, from));
                }
            }
        }
        known.push((float(self.target.len().max(1)), float(self.source.len())));
        let mut next = 1;
        let place = |token: &TargetToken| {
            let at = middle(&token.span);
            while next + 1 < known.len() && known[next].0 < at {
                next += 1;
            }
            let ((a0, f0), (a1, f1)) = (known[next - 1], known[next]);
            if a1 > a0 { f0 + (at - a0) / (a1 - a0) * (f1 - f0) } else { f0 }
        };
        self.tokens.iter().map(place).collect()
    }

    /// What it costs to put a word into an element whose place is known by other words.
    fn growth(&self, token: usize, slot: usize) -> f32 {
        let Some(SlotVotes { words, spare }) = &self.known[slot] else { return 0.0 };
        let word = self.numbers[token];
        let off = words.start.saturating_sub(word).max((word + 1).saturating_sub(words.end));
        (float(off.saturating_sub(*spare)) * LONGER).min(LONGEST)
    }

    /// Finds out which slots have votes, and how many words more they had in the source.
    fn know(&mut self) {
        let mut votes = vec![0; self.slots.len()];
        for (token, vote) in self.votes.iter().enumerate() {
            let Vote::Slot(slot, _) = *vote else { continue };
            let word = self.numbers[token];
            votes[slot] += usize::from(self.tokens[token].kind == TokenKind::Word);
            let known = self.known[slot].get_or_insert(SlotVotes { words: word..word + 1, spare: 0 });
            known.words.end = word + 1;
        }
        for ((slot, known), votes) in self.slots.iter().zip(&mut self.known).zip(votes) {
            if let Some(known) = known {
                let source = self.source.get(slot.source.clone()).unwrap_or_default();
                known.spare = source.split_whitespace().count().saturating_sub(votes);
            }
        }
    }

    /// What it costs to leave a slot without words.
    fn weight(&self, slot: usize) -> f32 {
        let MarkupSlot { source, is_fixed, .. } = &self.slots[slot];
        let words = self.source.get(source.clone()).is_some_and(|text| text.contains(char::is_alphanumeric));
        if words && !is_fixed { LEFT_EMPTY } else { 0.0 }
    }

    /// What it costs to put a token into a slot.
    fn cost(&self, token: usize, slot: usize, expected: f32) -> f32 {
        let MarkupSlot { source, is_fixed, element } = &self.slots[slot];
        match self.votes[token] {
            Vote::Slot(voted, _) if voted == slot => return 0.0,
            Vote::Slot(voted, _) if *is_fixed || self.slots[voted].is_fixed => return NEVER,
            Vote::Slot(..) => return OVERRULED,
            _ if *is_fixed => return NEVER,
            Vote::Plain if element.is_some() => return OVERRULED,
            Vote::Plain | Vote::None => {}
        }
        let inside = f32::from(u8::from(element.is_some()));
        let text = &self.target[self.tokens[token].span.clone()];
        match self.tokens[token].kind {
            TokenKind::Space => 0.02 * inside,
            TokenKind::Mark => {
                let of_slot = self.source.get(source.clone()).map_or("", str::trim);
                let own = !of_slot.is_empty() && (of_slot.ends_with(text) || of_slot.starts_with(text));
                if own && element.is_some() { 0.0 } else { 0.2 + 0.2 * inside }
            }
            TokenKind::Word if element.is_some() && self.known[slot].is_some() => self.growth(token, slot),
            TokenKind::Word => {
                let off = (float(source.start) - expected).max(expected - float(source.end)).max(0.0);
                let new = if source.is_empty() { NEW_TEXT } else { 0.0 };
                (off / DISTANCE).min(FARTHEST) + new
            }
        }
    }
}

/// A word as it is compared: a number without its points and commas, which differ between the languages.
fn letters(word: &str) -> Cow<'_, str> {
    if word.contains(|c: char| c.is_ascii_digit()) && word.contains(['.', ',']) {
        Cow::Owned(word.replace(['.', ','], ""))
    } else {
        Cow::Borrowed(word)
    }
}

/// For each token how many words stand before it.
fn numbers(tokens: &[TargetToken]) -> Vec<usize> {
    let mut words = 0;
    let count = |token: &TargetToken| {
        let before = words;
        words += usize::from(token.kind == TokenKind::Word);
        before
    };
    tokens.iter().map(count).collect()
}

fn middle(span: &Range<usize>) -> f32 {
    float(span.start.midpoint(span.end))
}

#[expect(clippy::cast_precision_loss, reason = "in a segment of 16 MB a byte more or less does not matter")]
fn float(bytes: usize) -> f32 {
    bytes as f32
}

#[cfg(test)]
mod tests;
