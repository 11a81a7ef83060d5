//! From folded words to the patterns that have them.
//!
//! Every form of every word of the patterns is known in advance, so a word of the text costs one look. From its words
//! the patterns are spelled out as a tree, and so one that follows others in a thousand patterns is met once.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::inflection::{self, Stem, WordClass};
use super::pattern::{Demand, Pattern};

/// The running hash of a prefix (FNV-1a, 64 bits): a prefix one letter longer costs one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix(u64);

impl Prefix {
    pub(super) const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    #[inline]
    pub(super) fn then(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    fn with(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |hash, b| hash.then(*b))
    }

    fn of(bytes: &[u8]) -> Self {
        Self::EMPTY.with(bytes)
    }
}

/// Spreads a hash over all bits.
fn spread(hash: u64) -> u64 {
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A hasher for short keys, which no stranger chooses.
#[derive(Debug, Default)]
struct Short(u64);

impl Hasher for Short {
    fn finish(&self) -> u64 {
        spread(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = Prefix(self.0).with(bytes).0;
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

type ShortMap<K> = HashMap<K, u32, BuildHasherDefault<Short>>;

/// A set of hashes that may take a few foreign ones for its own.
#[derive(Debug, Default)]
struct Sieve {
    bits: Vec<u64>,
    shift: u32,
}

#[expect(clippy::cast_possible_truncation, reason = "the shift leaves fewer bits than usize has")]
fn place(hash: u64, shift: u32) -> usize {
    (spread(hash) >> shift) as usize
}

impl Sieve {
    fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        /// Bits a hash: with 16, one foreign hash in 16 passes.
        const BITS: usize = 16;
        let size = (hashes.len() * BITS).next_power_of_two().max(64);
        let mut this = Self { bits: vec![0; size / 64], shift: 64 - size.trailing_zeros() };
        for hash in hashes {
            let bit = place(hash, this.shift);
            this.bits[bit / 64] |= 1 << (bit % 64);
        }
        this
    }

    #[inline]
    fn may_have(&self, hash: u64) -> bool {
        let bit = place(hash, self.shift);
        self.bits.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }
}

/// Things by hash, behind a sieve that turns most foreign hashes away at the cost of one look.
#[derive(Debug, Default)]
struct SpellingMap {
    sieve: Sieve,
    shift: u32,
    /// Where the things of each bucket start, and the end of all.
    starts: Vec<u32>,
    things: Vec<(u64, Spelling)>,
}

impl SpellingMap {
    fn new(all: &[(u64, Spelling)]) -> Self {
        let Some(first) = all.first() else { return Self::default() };
        let buckets = all.len().next_power_of_two().max(2);
        let shift = 64 - buckets.trailing_zeros();
        let mut starts = vec![0_u32; buckets + 1];
        for (hash, _) in all {
            starts[place(*hash, shift) + 1] += 1;
        }
        for at in 0..buckets {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut things = vec![*first; all.len()];
        for thing in all {
            let slot = &mut next[place(thing.0, shift)];
            things[*slot as usize] = *thing;
            *slot += 1;
        }
        Self { sieve: Sieve::of(all.iter().map(|(hash, _)| *hash)), shift, starts, things }
    }

    #[inline]
    fn get(&self, hash: u64) -> impl Iterator<Item = Spelling> {
        let bucket = if self.sieve.may_have(hash) {
            let at = place(hash, self.shift);
            self.starts[at] as usize..self.starts[at + 1] as usize
        } else {
            0..0
        };
        self.things[bucket].iter().filter(move |(own, _)| *own == hash).map(|(_, spelling)| *spelling)
    }
}

/// A distinct word of the patterns.
#[derive(Debug)]
pub(super) struct PatternWord {
    pub(super) letters: Box<str>,
    pub(super) class: WordClass,
    pub(super) stems: Vec<Stem>,
}

impl PatternWord {
    /// The stems with the same letters as one of them: an index has each spelling of a stem once.
    pub(super) fn spelled_as(&self, stem: u16) -> impl Iterator<Item = &Stem> {
        let letters = &self.stems[usize::from(stem)].letters;
        self.stems.iter().filter(move |s| s.letters == *letters)
    }
}

/// What a spelling belongs to: a stem of a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spelling {
    pub(super) word: u32,
    pub(super) stem: u16,
    /// Whether the form, with an `s` behind the stem, only stands before a hyphen.
    pub(super) hyphened: bool,
}

/// A pattern and what it asks of words that are forms of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    pub(super) pattern: u32,
    pub(super) demand: Demand,
}

/// A place in the tree of patterns: words that follow one another from the start of a pattern.
#[derive(Debug, Clone, Copy, Default)]
struct PatternNode {
    /// The postings of the patterns that end here.
    from: u32,
    to: u32,
    /// Whether there are longer patterns.
    goes_on: bool,
}

/// Lengths in bytes of the beginnings of stems that are kept: where no stem begins as a text does, none is looked for.
const HEADS: [usize; 2] = [6, 9];

/// The bits of a letter in a [`Starts`] key: `a` to `z` differ in five.
const LETTER: usize = 5;

/// The first letters that stems inside other words have, as sets of keys made of the letters themselves.
#[derive(Debug, Default)]
struct Starts {
    three: KeySet<{ 1 << (3 * LETTER) }>,
    four: KeySet<{ 1 << (4 * LETTER) }>,
}

/// A set of keys below `KEYS`, a bit a key. Empty it takes no memory: the terms of a single segment have few stems or none.
#[derive(Debug, Default)]
struct KeySet<const KEYS: usize>(Vec<u64>);

impl<const KEYS: usize> KeySet<KEYS> {
    fn insert(&mut self, key: usize) {
        if self.0.is_empty() {
            self.0 = vec![0; KEYS / 64];
        }
        self.0[key / 64] |= 1 << (key % 64);
    }

    #[inline]
    fn contains(&self, key: usize) -> bool {
        self.0.get(key / 64).is_some_and(|word| word >> (key % 64) & 1 == 1)
    }
}

fn key(letters: &[u8]) -> usize {
    letters.iter().fold(0, |key, b| key << LETTER | usize::from(b & 31))
}

/// The words of patterns by their forms, and the patterns by their words.
#[derive(Debug, Default)]
pub(super) struct PatternIndex {
    words: Vec<PatternWord>,
    /// Every form of every word.
    forms: SpellingMap,
    /// The first nodes are those of the words.
    nodes: Vec<PatternNode>,
    children: ShortMap<u64>,
    /// The patterns of the nodes.
    postings: Vec<Posting>,
    /// The stems of words that are a pattern on their own.
    stems: SpellingMap,
    starts: Starts,
    /// The beginnings of these stems, one sieve for each of [`HEADS`].
    heads: [Sieve; HEADS.len()],
    longest: usize,
}

fn child(node: u32, word: u32) -> u64 {
    u64::from(node) << 32 | u64::from(word)
}

impl PatternIndex {
    pub(super) fn new(patterns: &[Pattern]) -> Self {
        let mut this = Self::default();
        let sequences = this.intern(patterns);
        this.plant(patterns, &sequences);
        this.forms = SpellingMap::new(&forms(&this.words));
        this.index_stems();
        this
    }

    /// Numbers the distinct words; returns those of each pattern.
    fn intern(&mut self, patterns: &[Pattern]) -> Vec<Vec<u32>> {
        let mut known: ShortMap<(&str, WordClass)> = HashMap::default();
        known.reserve(patterns.len());
        let mut number = |word: &str, class, id| {
            self.words.push(PatternWord {
                letters: word.into(),
                class,
                stems: inflection::stems(word, class),
            });
            id
        };
        let mut sequences = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let mut sequence = Vec::with_capacity(pattern.words.len());
            for word in &pattern.words {
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                let id = known.entry((&word.word, word.class));
                sequence.push(*id.or_insert_with(|| number(&word.word, word.class, next)));
            }
            sequences.push(sequence);
        }
        sequences
    }

    /// Grows the tree of patterns.
    fn plant(&mut self, patterns: &[Pattern], sequences: &[Vec<u32>]) {
        self.nodes = vec![PatternNode::default(); self.words.len()];
        let mut ends: Vec<(u32, u32)> = Vec::with_capacity(sequences.len());
        for (pattern, sequence) in (0_u32..).zip(sequences) {
            let Some((first, rest)) = sequence.split_first() else { continue };
            let mut node = *first;
            for word in rest {
                self.nodes[node as usize].goes_on = true;
                let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
                node = *self.children.entry(child(node, *word)).or_insert(next);
                if node == next {
                    self.nodes.push(PatternNode::default());
                }
            }
            ends.push((node, pattern));
        }
        ends.sort_unstable();
        let posting = |pattern: u32| Posting { pattern, demand: patterns[pattern as usize].demand() };
        self.postings = ends.iter().map(|(_, pattern)| posting(*pattern)).collect();
        let mut from = 0_u32;
        for run in ends.chunk_by(|a, b| a.0 == b.0) {
            let to = from + u32::try_from(run.len()).unwrap_or(u32::MAX);
            let node = &mut self.nodes[run[0].0 as usize];
            (node.from, node.to) = (from, to);
            from = to;
        }
    }

    /// Indexes the stems of the words that are a pattern on their own.
    fn index_stems(&mut self) {
        let mut all: Vec<(u64, Spelling)> = Vec::with_capacity(self.words.len() * 2);
        let mut heads = vec![Vec::new(); HEADS.len()];
        for (word, own) in (0_u32..).zip(&self.words) {
            let node = self.nodes[word as usize];
            if node.from == node.to || own.class == WordClass::Fixed {
                continue;
            }
            let from = all.len();
            for (stem, s) in (0_u16..).zip(&own.stems) {
                let letters = s.letters.as_bytes();
                self.longest = self.longest.max(letters.len());
                for (head, length) in heads.iter_mut().zip(HEADS) {
                    head.extend(letters.get(..length).map(|head| Prefix::of(head).0));
                }
                if let Some(four) = letters.get(..4) {
                    self.starts.four.insert(key(four));
                } else if letters.len() == 3 {
                    self.starts.three.insert(key(letters));
                }
                // Stems of one word with the same letters differ in their endings, which are all tried from any.
                add(&mut all, from, Prefix::of(letters), Spelling { word, stem, hyphened: false });
            }
        }
        for (sieve, mut hashes) in self.heads.iter_mut().zip(heads) {
            hashes.sort_unstable();
            hashes.dedup();
            *sieve = Sieve::of(hashes.into_iter());
        }
        self.stems = SpellingMap::new(&all);
    }

    /// The words that some folded letters are a form of; those marked as hyphened are so before a hyphen only.
    ///
    /// Letters are recognised by their hash: among a million forms, one foreign word in 10^13 would be taken for one.
    #[inline]
    pub(super) fn words_of(&self, letters: &[u8]) -> impl Iterator<Item = Spelling> + use<'_> {
        self.forms.get(Prefix::of(letters).0)
    }

    #[inline]
    pub(super) fn word(&self, word: u32) -> &PatternWord {
        &self.words[word as usize]
    }

    /// The patterns that consist of the words up to a node; the node of a first word has the word's number.
    #[inline]
    pub(super) fn patterns(&self, node: u32) -> &[Posting] {
        let node = self.nodes[node as usize];
        &self.postings[node.from as usize..node.to as usize]
    }

    /// Whether patterns are longer than the words up to a node.
    #[inline]
    pub(super) fn goes_on(&self, node: u32) -> bool {
        self.nodes[node as usize].goes_on
    }

    /// The node that a word leads to.
    #[inline]
    pub(super) fn next(&self, node: u32, word: u32) -> Option<u32> {
        self.children.get(&child(node, word)).copied()
    }

    /// Whether a stem of three letters or more may stand at the start of some letters.
    #[inline]
    pub(super) fn may_start(&self, letters: &[u8]) -> bool {
        letters.get(..4).is_some_and(|four| self.starts.four.contains(key(four)))
            || letters.get(..3).is_some_and(|three| self.starts.three.contains(key(three)))
    }

    /// Whether a stem may begin with this prefix of `length` bytes.
    #[inline]
    pub(super) fn may_continue(&self, prefix: Prefix, length: usize) -> bool {
        HEADS.iter().position(|head| *head == length).is_none_or(|at| self.heads[at].may_have(prefix.0))
    }

    /// The stems with this hash of words that are a pattern on their own.
    #[inline]
    pub(super) fn stems(&self, prefix: Prefix) -> impl Iterator<Item = Spelling> {
        self.stems.get(prefix.0)
    }

    /// The length of the longest of these stems in bytes.
    #[inline]
    pub(super) fn longest(&self) -> usize {
        self.longest
    }
}

/// Every form of every word.
fn forms(words: &[PatternWord]) -> Vec<(u64, Spelling)> {
    let mut all = Vec::with_capacity(words.len() * 8);
    for (word, own) in (0_u32..).zip(words) {
        let from = all.len();
        let itself = Prefix::of(own.letters.as_bytes());
        let others: Vec<Prefix> =
            inflection::other_words(&own.letters).map(|form| Prefix::of(form.as_bytes())).collect();
        let stems = || (0_u16..).zip(&own.stems).map(|(at, s)| (at, s, Prefix::of(s.letters.as_bytes())));
        let mut put = |form, spelling| {
            if form == itself || !others.contains(&form) {
                add(&mut all, from, form, spelling);
            }
        };
        for (stem, s, start) in stems() {
            for ending in s.endings {
                put(start.with(ending.as_bytes()), Spelling { word, stem, hyphened: false });
            }
        }
        for (stem, _, start) in stems().filter(|_| own.class == WordClass::Noun) {
            put(start.then(b's'), Spelling { word, stem, hyphened: true });
        }
    }
    all
}

/// Adds a spelling unless the word, whose spellings start at `from`, has it already.
fn add(all: &mut Vec<(u64, Spelling)>, from: usize, hash: Prefix, spelling: Spelling) {
    if all[from..].iter().all(|(known, _)| *known != hash.0) {
        all.push((hash.0, spelling));
    }
}
