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

/// A set of hashes that may take a few for members that are none.
#[derive(Debug, Default)]
struct Sieve {
    bits: Vec<u64>,
    shift: u32,
}

impl Sieve {
    /// An empty set for so many hashes.
    fn new(count: usize) -> Self {
        /// Bits a hash: with 16, one foreign hash in 16 passes.
        const BITS: usize = 16;
        let size = (count * BITS).next_power_of_two().max(64);
        Self { bits: vec![0; size / 64], shift: 64 - size.trailing_zeros() }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the shift leaves fewer bits than usize has")]
    fn bit(&self, hash: u64) -> usize {
        (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    fn insert(&mut self, hash: u64) {
        let bit = self.bit(hash);
        self.bits[bit / 64] |= 1 << (bit % 64);
    }

    fn may_have(&self, hash: u64) -> bool {
        let bit = self.bit(hash);
        self.bits.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }
}

/// Lengths in bytes of the beginnings of stems that are kept: where no stem begins as a text does, none is looked for.
const HEADS: [usize; 3] = [4, 6, 9];

/// Stems by their hash, behind sieves that turn most prefixes away at the cost of one look.
#[derive(Debug, Default)]
pub(super) struct Index {
    stems: Sieve,
    /// The beginnings of the stems, one sieve for each of [`HEADS`].
    heads: [Sieve; HEADS.len()],
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
        let mut heads = vec![Vec::new(); HEADS.len()];
        let mut longest = 0;
        for (id, pattern) in (0_u32..).zip(patterns).filter(|(_, p)| wanted(p)) {
            let rarity = |w: &str| (uses.get(w).copied().unwrap_or(0), std::cmp::Reverse(w.len()));
            let Some((at, word)) = (0_u16..).zip(&pattern.words).min_by_key(|(_, w)| rarity(&w.word)) else {
                continue;
            };
            let beside = [usize::from(at).checked_sub(1), Some(usize::from(at) + 1)]
                .map(|i| pattern.words.get(i?).and_then(first_letter));
            for (stem, s) in (0_u16..).zip(&word.stems) {
                let letters = s.letters.as_bytes();
                longest = longest.max(letters.len());
                keyed.push((Prefix::of(letters).0, Posting { pattern: id, word: at, stem, beside }));
                for (head, length) in heads.iter_mut().zip(HEADS) {
                    head.extend(letters.get(..length).map(|head| Prefix::of(head).0));
                }
            }
        }
        keyed.sort_unstable();
        // Stems of one word with the same letters differ in their endings only, which are all tried from any of them.
        keyed.dedup_by_key(|(hash, posting)| (*hash, posting.pattern, posting.word));
        Self::of_sorted(&keyed, &mut heads, longest)
    }

    fn of_sorted(keyed: &[(u64, Posting)], heads: &mut [Vec<u64>], longest: usize) -> Self {
        let mut this = Self { stems: Sieve::new(keyed.len()), longest, ..Self::default() };
        for (sieve, hashes) in this.heads.iter_mut().zip(heads) {
            hashes.sort_unstable();
            hashes.dedup();
            *sieve = Sieve::new(hashes.len());
            for hash in hashes.iter() {
                sieve.insert(*hash);
            }
        }
        this.postings = keyed.iter().map(|(_, posting)| *posting).collect();
        this.places.reserve(keyed.len());
        let mut start = 0_u32;
        for run in keyed.chunk_by(|a, b| a.0 == b.0) {
            let hash = run[0].0;
            let end = start + u32::try_from(run.len()).unwrap_or(u32::MAX);
            this.places.insert(hash, (start, end));
            this.stems.insert(hash);
            start = end;
        }
        this
    }

    /// Whether a stem may begin with this prefix of `length` bytes and be longer.
    pub(super) fn goes_on(&self, prefix: Prefix, length: usize) -> bool {
        HEADS.iter().position(|head| *head == length).is_none_or(|at| self.heads[at].may_have(prefix.0))
    }

    /// The stems with this hash; a caller compares the letters.
    pub(super) fn get(&self, prefix: Prefix) -> &[Posting] {
        if !self.stems.may_have(prefix.0) {
            return &[];
        }
        self.places.get(&prefix.0).map_or(&[], |(from, to)| &self.postings[*from as usize..*to as usize])
    }

    /// The length of the longest stem in bytes.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }
}
