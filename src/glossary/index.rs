//! From folded stems to the patterns that have them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::pattern::{Pattern, WordPattern};

/// Where a stem belongs: a stem of a word of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Posting {
    pub(super) pattern: u32,
    pub(super) word: u16,
    pub(super) stem: u16,
    /// The first letters of the words before and behind, where all forms agree in them: most places are told from
    /// the pattern by these alone.
    pub(super) beside: [Option<u8>; 2],
}

/// The running hash of a prefix (FNV-1a, 64 bits): a prefix one letter longer costs one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prefix(u64);

impl Prefix {
    pub(super) const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    pub(super) fn then(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        bytes.iter().fold(Self::EMPTY, |hash, b| hash.then(*b))
    }
}

/// The letter that all the stems of a word begin with.
fn first_letter(word: &WordPattern) -> Option<u8> {
    let first = word.word.bytes().next()?;
    word.stems.iter().all(|s| s.letters.as_bytes().first() == Some(&first)).then_some(first)
}

/// A hasher for keys that are hashes already.
#[derive(Debug, Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = Prefix::of(bytes).0;
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Stems by their hash, behind a bit set that turns most prefixes away at the cost of one look.
#[derive(Debug, Default)]
pub(super) struct Index {
    bits: Vec<u64>,
    shift: u32,
    places: HashMap<u64, (u32, u32), BuildHasherDefault<Identity>>,
    postings: Vec<Posting>,
    longest: usize,
}

impl Index {
    /// Indexes each pattern under the stems of its rarest word, so that no lookup meets all the patterns that
    /// begin with `Deutsche`.
    pub(super) fn new(patterns: &[Pattern], wanted: impl Fn(&Pattern) -> bool) -> Self {
        let mut uses: HashMap<&str, u32> = HashMap::new();
        for word in patterns.iter().flat_map(|p| &p.words) {
            *uses.entry(&word.word).or_default() += 1;
        }
        let mut keyed = Vec::with_capacity(patterns.len() * 3);
        let mut longest = 0;
        for (id, pattern) in (0_u32..).zip(patterns).filter(|(_, p)| wanted(p)) {
            let rarity = |w: &str| (uses.get(w).copied().unwrap_or(0), std::cmp::Reverse(w.len()));
            let Some((at, word)) = (0_u16..).zip(&pattern.words).min_by_key(|(_, w)| rarity(&w.word)) else {
                continue;
            };
            let beside = [usize::from(at).checked_sub(1), Some(usize::from(at) + 1)]
                .map(|i| pattern.words.get(i?).and_then(first_letter));
            for (stem, s) in (0_u16..).zip(&word.stems) {
                longest = longest.max(s.letters.len());
                keyed.push((
                    Prefix::of(s.letters.as_bytes()).0,
                    Posting { pattern: id, word: at, stem, beside },
                ));
            }
        }
        keyed.sort_unstable();
        Self::of_sorted(&keyed, longest)
    }

    fn of_sorted(keyed: &[(u64, Posting)], longest: usize) -> Self {
        /// Bits a stem: with 16, one foreign prefix in 16 is looked up in vain.
        const BITS_PER_STEM: usize = 16;
        let size = (keyed.len() * BITS_PER_STEM).next_power_of_two().max(64);
        let mut this =
            Self { bits: vec![0; size / 64], shift: 64 - size.trailing_zeros(), longest, ..Self::default() };
        this.postings = keyed.iter().map(|(_, posting)| *posting).collect();
        this.places.reserve(keyed.len());
        let mut start = 0_u32;
        for run in keyed.chunk_by(|a, b| a.0 == b.0) {
            let hash = run[0].0;
            let end = start + u32::try_from(run.len()).unwrap_or(u32::MAX);
            this.places.insert(hash, (start, end));
            let bit = this.bit(hash);
            this.bits[bit / 64] |= 1 << (bit % 64);
            start = end;
        }
        this
    }

    #[expect(clippy::cast_possible_truncation, reason = "the shift leaves fewer bits than usize has")]
    fn bit(&self, hash: u64) -> usize {
        (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    /// The stems with this hash; a caller compares the letters.
    pub(super) fn get(&self, prefix: Prefix) -> &[Posting] {
        let bit = self.bit(prefix.0);
        if self.bits.get(bit / 64).is_none_or(|word| word >> (bit % 64) & 1 == 0) {
            return &[];
        }
        self.places.get(&prefix.0).map_or(&[], |(from, to)| &self.postings[*from as usize..*to as usize])
    }

    /// The length of the longest stem in bytes.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }
}
