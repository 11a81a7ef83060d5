//! Which words of the target look like which words of the source.
//!
//! The text of a segment lies in slots: a link, the text before it, the text behind it. What is sure (the engine's own
//! tags, atoms to the letter, words that are written alike) decides. Elsewhere what is known of the pairing (the engine's
//! alignment, terms that hold, words that occur in both languages) votes for the slot of a target word; where nothing is
//! known, its place in the sentence does. The slots then share the target out between them, each a stretch without a
//! hole, such that as few votes as possible are overruled. Words are cut only where what is sure begins or ends; nothing
//! of the target is lost.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::known::{Pairs, SurePlaces, is_in_word, known};
use super::order::{Order, order};
use super::share::cheapest;
use super::tokens::{TargetToken, TokenKind, tokens, tokens_cut};
use super::tree::{TextSlot, Tree};
use crate::model::InlineKind;

/// Tables with more cells than this are not made; the markup then stands behind the text. A segment of 2 KiB, the longest
/// there is, stays below it unless its target is many times as long.
const CELLS: usize = 1 << 22;
/// What it costs to overrule a vote.
const OVERRULED: f32 = 6.0;
/// What it costs to put a word where it cannot stand.
const NEVER: f32 = 1e5;
/// What it costs to leave a slot with words in the source without any in the target.
const LEFT_EMPTY: f32 = 2.5;
/// A word this many bytes off its expected place costs 1.
const DISTANCE: f32 = 8.0;
/// A word that is nowhere near its expected place costs no more.
const FARTHEST: f32 = 3.0;
/// What each word costs by which a range becomes longer than it was.
const LONGER: f32 = 1.5;
/// Ranges that become longer by many words cost no more.
const LONGEST: f32 = 4.0;
/// What it costs to make text where the source has none.
const NEW_TEXT: f32 = 0.6;

/// What is known beside the texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hints<'a> {
    /// Words that stand for each other, the surest first.
    pub(super) words: &'a Pairs,
    /// What the engine put into the tags of the segment's markup, in the order of the source.
    pub(super) inlines: &'a Pairs,
}

/// What a slot gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) slot: usize,
    /// Bytes of the target; of an atom, what it stands for.
    pub(super) span: Range<usize>,
    /// Whether a blank follows that the target does not have: before an atom that the target does not have.
    pub(super) is_spaced: bool,
}

/// The target shared out.
#[derive(Debug, Default)]
pub(super) struct TargetShares {
    /// Joined, they are the target but for white space around line breaks and the like.
    pub(super) stretches: Vec<Stretch>,
    /// An element, and the one that stands in its place.
    pub(super) moves: Vec<(usize, usize)>,
    /// What has no words in the target.
    pub(super) lost: Vec<usize>,
}

/// A vote on the slot of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vote {
    None,
    /// For this slot; the byte is where in the source it stands.
    Slot(usize, usize),
}

/// Shares the target out.
pub(super) fn project(source: &str, tree: &Tree, target: &str, hints: Hints<'_>) -> TargetShares {
    if tree.elements.is_empty() {
        let stretch = |slot| Stretch { slot, span: 0..target.len(), is_spaced: false };
        return TargetShares {
            stretches: (0..tree.slots.len()).map(stretch).take(1).collect(),
            ..TargetShares::default()
        };
    }
    let mut known = known(source, tree, target, hints.inlines);
    let mut ballot = Ballot::new(source, tree, target, &known);
    if ballot.tokens.len().saturating_mul(tree.slots.len()) > CELLS {
        return behind(tree, target);
    }
    ballot.vote(&known, hints.words);
    if ballot.marks_behind_words(&mut known) {
        ballot = Ballot::new(source, tree, target, &known);
        ballot.vote(&known, hints.words);
    }
    let order = settle(tree, &mut known, &ballot);
    ballot.know();
    let costs = Costs::new(&ballot, &known, &order);
    let weights: Vec<f32> = order.slots.iter().map(|&slot| ballot.weight(slot)).collect();
    let chosen = cheapest(ballot.tokens.len(), &weights, |token, at| costs.of(token, at));
    let mut shares = Shares::new(tree, &order, &ballot.tokens, &chosen, target);
    shares.whole_words(source, &known);
    if !shares.fit(&known) {
        return behind(tree, target);
    }
    shares.white_space(source);
    shares.projection(source, &known, order.moves)
}

/// All text in the first slot, all markup behind it.
fn behind(tree: &Tree, target: &str) -> TargetShares {
    let order = order(tree, &vec![None; tree.elements.len()], &BTreeSet::new());
    let first = order.slots.iter().position(|&slot| !tree.is_atom(slot));
    let stretch = |(at, slot): (usize, usize)| {
        let (start, end) = match first {
            Some(first) if at == first => (0, target.len()),
            Some(first) if at < first => (0, 0),
            _ => (target.len(), target.len()),
        };
        Stretch { slot, span: start..end, is_spaced: Some(at) == first }
    };
    let stretches = order.slots.into_iter().enumerate().map(stretch).collect();
    TargetShares { stretches, moves: Vec::new(), lost: (0..tree.elements.len()).collect() }
}

/// Finds the order of the markup. What is known but cannot be so, for the format does not let it move there, is not known.
fn settle(tree: &Tree, known: &mut SurePlaces, ballot: &Ballot<'_>) -> Order {
    loop {
        let places = ballot.places(&known.exact);
        let order = order(tree, &places, &known.lost);
        let backwards = backwards(tree, &order, &known.exact);
        if backwards.is_empty() {
            return order;
        }
        for element in backwards {
            let place = known.exact[element].take();
            // The atom goes wherever it fits, although its text stands elsewhere in the target: a finding says so.
            if place.is_some_and(|place| !place.is_empty()) && tree.elements[element].kind == InlineKind::Atom
            {
                known.lost.insert(element);
            }
        }
    }
}

/// What would stand before something that it stands behind.
fn backwards(tree: &Tree, order: &Order, exact: &[Option<Range<usize>>]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut front = 0;
    for &slot in &order.slots {
        let mut around: Vec<usize> = tree.around(tree.slots[slot].element).collect();
        around.reverse();
        let shared = open.iter().zip(&around).take_while(|(a, b)| a == b).count();
        for closed in open.drain(shared..).rev() {
            front = exact[closed]
                .as_ref()
                .filter(|_| !found.contains(&closed))
                .map_or(front, |place| front.max(place.end));
        }
        for &opened in &around[shared..] {
            if let Some(place) = &exact[opened] {
                if place.start < front {
                    found.push(opened);
                } else {
                    front = place.start;
                }
            }
            open.push(opened);
        }
    }
    found
}

struct Ballot<'a> {
    source: &'a str,
    tree: &'a Tree,
    target: &'a str,
    tokens: Vec<TargetToken>,
    votes: Vec<Vote>,
    /// For each token how many words stand before it.
    numbers: Vec<usize>,
    /// For each slot that has votes, what they say.
    said: Vec<Option<SlotVotes>>,
}

/// What is known of a slot by its votes.
#[derive(Debug, Clone)]
struct SlotVotes {
    /// From the first to behind the last word that is voted into it.
    words: Range<usize>,
    /// How many words it has in the source beyond those.
    spare: usize,
}

impl<'a> Ballot<'a> {
    fn new(source: &'a str, tree: &'a Tree, target: &'a str, known: &SurePlaces) -> Self {
        let tokens = tokens_cut(target, &known.cuts);
        Self {
            source,
            tree,
            target,
            votes: vec![Vote::None; tokens.len()],
            numbers: numbers(&tokens),
            tokens,
            said: vec![None; tree.slots.len()],
        }
    }

    fn vote(&mut self, known: &SurePlaces, words: &Pairs) {
        for (element, place) in known.exact.iter().enumerate() {
            let slot = self.tree.slots.iter().position(|slot| slot.element == Some(element));
            if let (Some(place), Some(slot)) = (place, slot.filter(|&slot| self.tree.is_atom(slot))) {
                self.fill(place, Vote::Slot(slot, self.tree.slots[slot].source.start), false);
            }
        }
        for (slot, place) in &known.pieces {
            self.fill(place, Vote::Slot(*slot, self.tree.slots[*slot].source.start), false);
        }
        for (from, to) in words.iter().filter(|(from, _)| !from.is_empty()) {
            let middle = from.start.midpoint(from.end);
            if let Some(slot) = self.slot_at(middle) {
                self.fill(to, Vote::Slot(slot, middle), true);
            }
        }
        self.same_words();
    }

    /// Votes for the tokens in a stretch of the target that have no vote yet.
    fn fill(&mut self, place: &Range<usize>, vote: Vote, only_words: bool) {
        let first = self.tokens.partition_point(|token| token.span.end <= place.start);
        for (token, known) in self.tokens[first..].iter().zip(&mut self.votes[first..]) {
            if token.span.start >= place.end {
                break;
            }
            if *known == Vote::None && (!only_words || token.kind == TokenKind::Word) {
                *known = vote;
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
            if let Some(slot) = self.slot_at(place) {
                self.votes[index] = Vote::Slot(slot, place);
            }
        }
    }

    /// The slot that a byte of the source lies in; none in an atom, whose text is found to the letter or not at all.
    fn slot_at(&self, byte: usize) -> Option<usize> {
        let slots = &self.tree.slots;
        let first = slots.partition_point(|slot| slot.source.end <= byte);
        let found = (first..slots.len()).find(|&slot| !slots[slot].source.is_empty())?;
        (slots[found].source.contains(&byte) && !self.tree.is_atom(found)).then_some(found)
    }

    /// What reads as nothing and follows a word, such as the mark of a footnote, follows that word in the target, and the
    /// marks behind it.
    fn marks_behind_words(&self, known: &mut SurePlaces) -> bool {
        let words = tokens(self.source);
        let before = known.cuts.len();
        let mut found = Vec::new();
        for (index, element) in self.tree.elements.iter().enumerate() {
            let at = element.source.start;
            if !element.source.is_empty() || element.kind != InlineKind::Atom || known.exact[index].is_some()
            {
                continue;
            }
            let last = words.partition_point(|token| token.span.end <= at);
            let mut before = words[..last].iter().rev();
            let word = before.find(|token| token.kind != TokenKind::Mark);
            let Some(word) = word.filter(|token| token.kind == TokenKind::Word) else { continue };
            let marks = self.source[word.span.end..at].chars().count();
            let of_word = |vote: &Vote| matches!(vote, Vote::Slot(_, byte) if word.span.contains(byte));
            let Some(token) = self.votes.iter().rposition(of_word) else { continue };
            let next = self.tokens[token + 1..].iter().take(marks);
            let next = next.take_while(|next| next.kind == TokenKind::Mark).last();
            let end = next.unwrap_or(&self.tokens[token]).span.end;
            found.push((index, end));
        }
        for (index, end) in found {
            let around: Vec<usize> = self.tree.around(self.tree.elements[index].parent).collect();
            let fits = |(other, place): (usize, &Option<Range<usize>>)| match place {
                Some(place) if around.contains(&other) => place.start <= end && end <= place.end,
                Some(place) => end <= place.start || place.end <= end,
                None => true,
            };
            if known.exact.iter().enumerate().all(fits) {
                known.exact[index] = Some(end..end);
            }
        }
        known.cut();
        known.cuts.len() > before
    }

    /// From the first to behind the last byte of the target that is known to be an element's.
    fn places(&self, exact: &[Option<Range<usize>>]) -> Vec<Option<Range<usize>>> {
        let mut places: Vec<Option<Range<usize>>> = vec![None; exact.len()];
        let mut add = |element: Option<usize>, place: &Range<usize>| {
            for element in self.tree.around(element) {
                let known = places[element].get_or_insert_with(|| place.clone());
                *known = known.start.min(place.start)..known.end.max(place.end);
            }
        };
        for (element, place) in exact.iter().enumerate() {
            if let Some(place) = place {
                add(Some(element), place);
            }
        }
        for (token, vote) in self.tokens.iter().zip(&self.votes) {
            if let Vote::Slot(slot, _) = *vote
                && !self.tree.is_atom(slot)
            {
                add(self.tree.slots[slot].element, &token.span);
            }
        }
        for (place, exact) in places.iter_mut().zip(exact) {
            if exact.is_some() {
                place.clone_from(exact);
            }
        }
        places
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

    /// What it costs to put a word into a range whose place is known by other words.
    fn growth(&self, token: usize, slot: usize) -> f32 {
        let Some(SlotVotes { words, spare }) = &self.said[slot] else { return 0.0 };
        let word = self.numbers[token];
        let off = words.start.saturating_sub(word).max((word + 1).saturating_sub(words.end));
        (float(off.saturating_sub(*spare)) * LONGER).min(LONGEST)
    }

    /// Finds out which slots have votes, and how many words more they had in the source.
    fn know(&mut self) {
        let mut votes = vec![0; self.tree.slots.len()];
        for (token, vote) in self.votes.iter().enumerate() {
            let Vote::Slot(slot, _) = *vote else { continue };
            let word = self.numbers[token];
            votes[slot] += usize::from(self.tokens[token].kind == TokenKind::Word);
            let known = self.said[slot].get_or_insert(SlotVotes { words: word..word + 1, spare: 0 });
            known.words.end = word + 1;
        }
        for ((slot, known), votes) in self.tree.slots.iter().zip(&mut self.said).zip(votes) {
            if let Some(known) = known {
                let source = self.source.get(slot.source.clone()).unwrap_or_default();
                known.spare = source.split_whitespace().count().saturating_sub(votes);
            }
        }
    }

    /// What it costs to leave a slot without words.
    fn weight(&self, slot: usize) -> f32 {
        let source = &self.tree.slots[slot].source;
        let words = self.source.get(source.clone()).is_some_and(|text| text.contains(char::is_alphanumeric));
        if words && !self.tree.is_atom(slot) { LEFT_EMPTY } else { 0.0 }
    }
}

/// What it costs to put a token of the target into a slot.
struct Costs<'a> {
    ballot: &'a Ballot<'a>,
    order: &'a Order,
    expected: Vec<f32>,
    /// The innermost element that each token is sure to be in.
    within: Vec<Option<usize>>,
    /// The innermost element around each slot, or of it, whose place is sure.
    sure: Vec<Option<usize>>,
    /// The slots between which each token must be, for places that are sure, by their places in the order.
    between: Vec<Range<usize>>,
    /// Whether white space may stand in a slot that is an atom's.
    is_white: Vec<bool>,
}

impl<'a> Costs<'a> {
    fn new(ballot: &'a Ballot<'a>, known: &SurePlaces, order: &'a Order) -> Self {
        let Ballot { source, tree, tokens, .. } = ballot;
        let mut within = vec![None; tokens.len()];
        let mut points: Vec<(usize, usize)> = Vec::new();
        for (element, place) in known.exact.iter().enumerate() {
            let Some(place) = place else { continue };
            if place.is_empty() {
                let at = order.slots.iter().position(|&slot| tree.slots[slot].element == Some(element));
                points.extend(at.map(|at| (place.start, at)));
                continue;
            }
            let first = tokens.partition_point(|token| token.span.end <= place.start);
            let behind = tokens.partition_point(|token| token.span.start < place.end);
            within[first..behind.max(first)].fill(Some(element));
        }
        points.sort_unstable();
        let between = |token: &TargetToken| {
            let next = points.partition_point(|(at, _)| *at <= token.span.start);
            let after = points[..next].last().map_or(0, |(_, slot)| slot + 1);
            after..points.get(next).map_or(order.slots.len(), |(_, slot)| *slot)
        };
        let is_sure = |element: &usize| known.exact[*element].as_ref().is_some_and(|place| !place.is_empty());
        let is_white = |slot: &TextSlot| {
            source.get(slot.source.clone()).is_some_and(|text| !text.is_empty() && text.trim().is_empty())
        };
        Self {
            ballot,
            order,
            expected: ballot.expected(),
            within,
            sure: tree.slots.iter().map(|slot| tree.around(slot.element).find(is_sure)).collect(),
            between: tokens.iter().map(between).collect(),
            is_white: tree.slots.iter().map(is_white).collect(),
        }
    }

    /// What it costs to put a token into the slot at a place in the order.
    fn of(&self, token: usize, at: usize) -> f32 {
        let slot = self.order.slots[at];
        let Ballot { tree, source, target, tokens, votes, said, .. } = self.ballot;
        let kind = tokens[token].kind;
        if self.within[token] != self.sure[slot]
            || !self.between[token].contains(&at)
            || self.order.closed.contains(&slot)
        {
            return NEVER;
        }
        let own = &tree.slots[slot];
        if tree.is_atom(slot) {
            let is_own = own.element.is_some() && self.within[token] == own.element;
            return if is_own || self.is_white[slot] && kind == TokenKind::Space { 0.0 } else { NEVER };
        }
        match votes[token] {
            Vote::Slot(voted, _) if voted == slot => return 0.0,
            Vote::Slot(..) => return OVERRULED,
            Vote::None => {}
        }
        let inside = f32::from(u8::from(own.element.is_some()));
        let text = &target[tokens[token].span.clone()];
        match kind {
            TokenKind::Space => 0.02 * inside,
            TokenKind::Mark => {
                let of_slot = source.get(own.source.clone()).map_or("", str::trim);
                let ends = [of_slot.chars().next(), of_slot.chars().next_back()];
                let is_own = text.chars().next().is_some_and(|mark| ends.contains(&Some(mark)))
                    || text.contains(is_quote) && ends.iter().flatten().any(|&end| is_quote(end));
                let off = 0.1 * self.off(token, own);
                // What opens a sentence that begins with a range opens the range: `“` in `**“Title:** …`.
                let new = if own.source == (0..0) { NEW_TEXT } else { 0.0 };
                if is_own { off } else { 0.2 + 0.2 * inside + off + new }
            }
            TokenKind::Word if own.element.is_some() && said[slot].is_some() => {
                self.ballot.growth(token, slot)
            }
            TokenKind::Word => {
                let new = if own.source.is_empty() { NEW_TEXT } else { 0.0 };
                self.off(token, own) + new
            }
        }
    }

    /// How far a slot is from where a token is expected to come from.
    fn off(&self, token: usize, slot: &TextSlot) -> f32 {
        let (start, end) = (float(slot.source.start), float(slot.source.end));
        let off = (start - self.expected[token]).max(self.expected[token] - end).max(0.0);
        (off / DISTANCE).min(FARTHEST)
    }
}

/// Where the stretches of the slots begin and end: the slot at a place in the order has what is between two borders.
struct Shares<'a> {
    tree: &'a Tree,
    target: &'a str,
    slots: Vec<usize>,
    /// The first is the beginning of the target, the last is its end.
    borders: Vec<usize>,
}

impl<'a> Shares<'a> {
    fn new(tree: &'a Tree, order: &Order, tokens: &[TargetToken], chosen: &[usize], target: &'a str) -> Self {
        let border = |place: usize| {
            let behind = chosen.partition_point(|&chosen| chosen < place);
            tokens.get(behind).map_or(target.len(), |token| token.span.start)
        };
        let mut borders: Vec<usize> = (0..order.slots.len()).map(border).collect();
        borders.push(target.len());
        borders[0] = 0;
        Self { tree, target, slots: order.slots.clone(), borders }
    }

    /// What the slot at a place in the order has.
    fn span(&self, place: usize) -> Range<usize> {
        self.borders[place]..self.borders[place + 1]
    }

    /// Whether each atom has its own text and nothing else.
    fn fit(&self, known: &SurePlaces) -> bool {
        let mut slots = self.slots.iter().enumerate().filter(|(_, slot)| self.tree.is_atom(**slot));
        slots.all(|(place, &slot)| {
            let span = self.span(place);
            let own = self.tree.slots[slot].element.and_then(|atom| known.exact[atom].as_ref());
            match own.filter(|own| !own.is_empty()) {
                Some(own) => *own == span,
                None => self.target[span].trim().is_empty(),
            }
        })
    }

    /// Puts words together whose parts came into slots that are not the ones in which the German has its parts: a line
    /// may end between them. Where the engine has set a tag into a word, it stays.
    fn whole_words(&mut self, source: &str, known: &SurePlaces) {
        for place in 1..self.slots.len() {
            let at = self.borders[place];
            let exact = || known.exact.iter().flatten().any(|own| own.start == at || own.end == at);
            if !is_in_word(self.target, at) || exact() {
                continue;
            }
            let has_text = |place: &usize| !self.span(*place).is_empty();
            let slot = |place: usize| &self.tree.slots[self.slots[place]].source;
            let before = (0..place).rev().find(has_text).map(slot);
            let behind = (place..self.slots.len()).find(has_text).map(slot);
            let is_torn_in_german = before.is_some_and(|own| is_in_word(source, own.end))
                && behind.is_some_and(|own| is_in_word(source, own.start));
            if !is_torn_in_german {
                let rest = &self.target[at..];
                let end = at + rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                self.borders[place..].iter_mut().for_each(|border| *border = end.max(*border));
            }
        }
    }

    /// Moves the border before a place in the order, and those that would be on the wrong side of it.
    fn cut(&mut self, place: usize, at: usize) {
        for border in &mut self.borders[..place] {
            *border = at.min(*border);
        }
        for border in &mut self.borders[place..] {
            *border = at.max(*border);
        }
        self.borders[place] = at;
    }

    /// White space around a byte of the target.
    fn white(&self, at: usize) -> Range<usize> {
        self.target[..at].trim_end().len()..self.target.len() - self.target[at..].trim_start().len()
    }

    /// Puts white space where it belongs: outside of ranges; beside an atom where the source has it; where a line break
    /// stands for it, nowhere.
    fn white_space(&mut self, source: &str) {
        for place in 0..self.slots.len() {
            let slot = self.slots[place];
            let Some(atom) = self.tree.slots[slot].element.filter(|_| self.tree.is_atom(slot)) else {
                continue;
            };
            let own = &self.tree.elements[atom].source;
            let text = &source[own.clone()];
            let span = self.span(place);
            if text.is_empty() {
                let white = self.white(span.start);
                let before = source[..own.start].ends_with(char::is_whitespace);
                let behind = source[own.end..].starts_with(char::is_whitespace);
                let is_between = white.start < span.start || span.start < white.end;
                if is_between && !before {
                    self.cut(place, white.start);
                    self.cut(place + 1, white.start);
                } else if is_between && !behind {
                    self.cut(place, white.end);
                    self.cut(place + 1, white.end);
                }
            } else if text.trim().is_empty() {
                if span.is_empty() {
                    self.move_to_white_space(place);
                }
                self.take_white_space(place);
            }
        }
        for element in (0..self.tree.elements.len()).rev() {
            if self.tree.elements[element].kind == InlineKind::Range {
                self.trim(element);
            }
        }
        // What was put beside an atom may be what a line break stands for.
        for place in 0..self.slots.len() {
            if self.is_white(self.slots[place], source) {
                self.take_white_space(place);
            }
        }
    }

    /// Whether a slot is of an atom that reads as white space.
    fn is_white(&self, slot: usize, source: &str) -> bool {
        let own = &self.tree.slots[slot].source;
        self.tree.is_atom(slot) && !own.is_empty() && source[own.clone()].trim().is_empty()
    }

    /// Gives the slot at a place in the order the white space on both sides.
    fn take_white_space(&mut self, place: usize) {
        let span = self.span(place);
        let white = self.white(span.start).start..self.white(span.end).end;
        self.cut(place, white.start);
        self.cut(place + 1, white.end);
    }

    /// Moves a line break that stands between a word and its marks to the nearest white space, unless an atom is in the
    /// way.
    fn move_to_white_space(&mut self, place: usize) {
        let at = self.borders[place];
        let (before, behind) = self.target.split_at(at);
        let left =
            before.char_indices().rfind(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        let right = at + behind.find(char::is_whitespace).unwrap_or(behind.len());
        if left == at || right == at {
            return;
        }
        let is_free = |to: &usize| {
            let between = at.min(*to)..at.max(*to);
            let mut atoms = (0..self.slots.len()).filter(|&other| self.tree.is_atom(self.slots[other]));
            atoms.all(|atom| self.span(atom).end <= between.start || between.end <= self.span(atom).start)
        };
        // The text that it leaves behind goes to its neighbour, and an atom takes none.
        let takes_text = |to: &usize| {
            let neighbour = if *to > at { place.checked_sub(1) } else { Some(place + 1) };
            neighbour.and_then(|other| self.slots.get(other)).is_some_and(|&slot| !self.tree.is_atom(slot))
        };
        let can_move = |to: &usize| is_free(to) && takes_text(to);
        let nearest = [left, right].into_iter().filter(can_move).min_by_key(|to| to.abs_diff(at));
        if let Some(to) = nearest {
            self.cut(place, to);
            self.cut(place + 1, to);
        }
    }

    /// The places of a range in the order, which lie side by side.
    fn of(&self, element: usize) -> Range<usize> {
        let inside =
            |&slot: &usize| self.tree.around(self.tree.slots[slot].element).any(|outer| outer == element);
        let first = self.slots.iter().position(inside).unwrap_or_default();
        first..self.slots.iter().rposition(inside).map_or(first, |last| last + 1)
    }

    /// Moves the white space at the ends of a range out of it, if text may stand there.
    fn trim(&mut self, element: usize) {
        let places = self.of(element);
        if places.is_empty() {
            return;
        }
        let parent = self.tree.elements[element].parent;
        let is_outside =
            |slot: Option<&usize>| slot.is_some_and(|&slot| self.tree.slots[slot].element == parent);
        let (opens, closes) = (
            is_outside(places.start.checked_sub(1).and_then(|p| self.slots.get(p))),
            is_outside(self.slots.get(places.end)),
        );
        let (start, end) = (self.borders[places.start], self.borders[places.end]);
        let text = &self.target[start..end];
        let (lead, tail) = (end - text.trim_start().len(), start + text.trim_end().len());
        // White space that a line break stands for is that of the line break.
        let is_break = |place: &usize| self.tree.is_atom(self.slots[*place]) && !self.span(*place).is_empty();
        let first = places.clone().find(is_break).map_or(end, |place| self.borders[place]);
        let last = places.clone().rfind(is_break).map_or(start, |place| self.borders[place + 1]);
        let (lead, tail) = (lead.min(first), tail.max(last));
        if opens && lead > start {
            self.cut(places.start, lead);
        }
        if closes && start < tail && tail < end {
            self.cut(places.end, tail);
        }
    }

    fn projection(self, source: &str, known: &SurePlaces, moves: Vec<(usize, usize)>) -> TargetShares {
        let is_word = |text: &str| !text.trim().is_empty();
        let mut lost: Vec<usize> = known.lost.iter().copied().collect();
        for (element, range) in self.tree.elements.iter().enumerate() {
            let places = self.of(element);
            let has_atoms = self.slots[places.clone()].iter().any(|&slot| self.tree.is_atom(slot));
            if range.kind == InlineKind::Range
                && !has_atoms
                && is_word(&source[range.source.clone()])
                && !is_word(&self.target[self.borders[places.start]..self.borders[places.end]])
            {
                lost.push(element);
            }
        }
        lost.sort_unstable();
        let is_lost = |slot: &usize| {
            let atom = self.tree.slots[*slot].element.filter(|_| self.tree.is_atom(*slot));
            atom.is_some_and(|atom| known.lost.contains(&atom))
        };
        let is_break = |slot: usize| {
            self.tree.is_atom(slot)
                && source[self.tree.slots[slot].source.clone()].ends_with(char::is_whitespace)
        };
        let stretch = |(place, &slot): (usize, &usize)| {
            let span = self.span(place);
            let before = &self.target[..span.end];
            // Two atoms that are lost have nothing but a blank between them; behind a line break there is none.
            let is_open = match place.checked_sub(1).map(|before| self.slots[before]) {
                Some(before) if span.is_empty() => !is_break(before),
                _ => !before.is_empty() && !before.ends_with(char::is_whitespace),
            };
            let is_spaced =
                is_open && !self.tree.is_atom(slot) && self.slots.get(place + 1).is_some_and(is_lost);
            Stretch { slot, span, is_spaced }
        };
        let stretches = self.slots.iter().enumerate().map(stretch).collect();
        TargetShares { stretches, moves, lost }
    }
}

/// Quotation marks, which differ between the languages.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '„' | '“' | '”' | '‚' | '‘' | '’' | '«' | '»' | '‹' | '›')
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
