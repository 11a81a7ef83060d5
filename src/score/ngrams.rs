//! n-grams of a text, as numbers in order.

/// The n-grams of all lengths up to `N` in a text of symbols.
///
/// Each number holds the `N` symbols from a place on, the first one highest, with zeros behind the end of the text. In order, those
/// that begin alike stand together: so the n-grams of every length do, and one list serves them all.
#[derive(Debug, Clone)]
pub(super) struct Ngrams<const N: usize>(Vec<u128>);

impl<const N: usize> Ngrams<N> {
    /// Room for one symbol: 21 bits for six characters, 32 for four words.
    const BITS: usize = u128::BITS as usize / N;
    /// Highest bits that stay zero, since they are too few for another symbol.
    const SPARE: usize = u128::BITS as usize % N;

    /// Takes the symbols of a text, each less than the largest one that has room.
    pub(super) fn new(symbols: &[u32]) -> Self {
        let mut number = 0;
        let numbers = symbols.iter().rev().map(|symbol| {
            number = number >> Self::BITS | (u128::from(*symbol) + 1) << (Self::BITS * (N - 1));
            number
        });
        let mut numbers: Vec<u128> = numbers.collect();
        numbers.sort_unstable();
        Self(numbers)
    }

    /// How many symbols the text has.
    pub(super) fn symbols(&self) -> usize {
        self.0.len()
    }

    /// How many n-grams of each length there are.
    pub(super) fn counts(&self) -> [u32; N] {
        std::array::from_fn(|shorter| count(self.0.len().saturating_sub(shorter)))
    }

    /// With how many symbols two numbers begin alike.
    fn alike(one: u128, other: u128) -> usize {
        ((one ^ other).leading_zeros() as usize - Self::SPARE) / Self::BITS
    }

    /// The length of the longest n-gram that begins at the place of a number.
    fn longest(number: u128) -> usize {
        N - number.trailing_zeros() as usize / Self::BITS
    }

    /// How many n-grams of each length stand in the text and in one of the others: each as many times as it stands in both, in the
    /// other one with most of them.
    pub(super) fn shared(&self, others: &[&Self]) -> [u32; N] {
        let mut texts: Vec<&[u128]> = vec![&self.0];
        texts.extend(others.iter().map(|other| &other.0[..]));
        let mut shared = [0; N];
        // Of each text, how many there are of the n-gram of each length that the last number begins with.
        let mut counts = vec![[0; N]; texts.len()];
        let mut settle = |counts: &mut [[u32; N]], from: usize| {
            for length in from..N {
                let most = counts[1..].iter().map(|other| other[length]).max().unwrap_or_default();
                shared[length] += counts[0][length].min(most);
                for text in counts.iter_mut() {
                    text[length] = 0;
                }
            }
        };
        let mut last = 0;
        while let Some((text, number)) = least(&texts) {
            texts[text] = &texts[text][1..];
            settle(&mut counts, Self::alike(last, number).min(N));
            counts[text][..Self::longest(number)].iter_mut().for_each(|count| *count += 1);
            last = number;
        }
        settle(&mut counts, 0);
        shared
    }
}

/// The least first number of some lists, and whose it is.
fn least(lists: &[&[u128]]) -> Option<(usize, u128)> {
    let firsts = lists.iter().enumerate().filter_map(|(at, list)| Some((at, *list.first()?)));
    firsts.min_by_key(|(_, number)| *number)
}

/// A number of things in a segment.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// Counted one by one.
    fn counted(text: &[u32], length: usize) -> HashMap<&[u32], u32> {
        let mut counts = HashMap::new();
        for ngram in text.windows(length) {
            *counts.entry(ngram).or_default() += 1;
        }
        counts
    }

    fn shared<const N: usize>(own: &[u32], others: &[Vec<u32>]) -> [u32; N] {
        std::array::from_fn(|shorter| {
            let others: Vec<_> = others.iter().map(|other| counted(other, shorter + 1)).collect();
            let most = |ngram: &[u32]| others.iter().filter_map(|other| other.get(ngram)).max().copied();
            counted(own, shorter + 1).iter().map(|(n, count)| (*count).min(most(n).unwrap_or(0))).sum()
        })
    }

    proptest! {
        #[test]
        fn shared_ngrams_are_those_counted_one_by_one(
            own in prop::collection::vec(0..4_u32, 0..30),
            others in prop::collection::vec(prop::collection::vec(0..4_u32, 0..30), 1..4),
        ) {
            fn held<const N: usize>(own: &[u32], others: &[Vec<u32>]) {
                let all: Vec<_> = others.iter().map(|other| Ngrams::<N>::new(other)).collect();
                let ngrams = Ngrams::<N>::new(own);
                let found = ngrams.shared(&all.iter().collect::<Vec<_>>());
                assert_eq!(found, shared::<N>(own, others));
                let counts: [u32; N] = std::array::from_fn(|shorter| counted(own, shorter + 1).values().sum());
                assert_eq!(ngrams.counts(), counts);
            }
            held::<6>(&own, &others);
            held::<4>(&own, &others);
            held::<2>(&own, &others);
        }

        #[test]
        fn the_largest_character_has_room(text in prop::collection::vec(any::<char>(), 0..20)) {
            let symbols: Vec<u32> = text.iter().map(|c| u32::from(*c)).collect();
            let ngrams = Ngrams::<6>::new(&symbols);
            prop_assert_eq!(ngrams.shared(&[&ngrams]), ngrams.counts());
        }
    }
}
