//! chrF and chrF++ (Popović 2015, 2017): n-grams of characters, and for the second one of words, too.

use super::ngrams::Ngrams;
use super::word_ids::WordIds;
use crate::text::characters::chunks;

/// The longest n-grams of characters and of words.
const CHARACTERS: usize = 6;
const WORDS: usize = 2;

/// How much more recall counts than precision.
const BETA: f64 = 2.0;

/// For n-grams of each length, those of characters first: how many the translation has, how many the reference has, how many both have.
pub(super) type ChrfCounts = [u32; OF_CHARACTERS_AND_WORDS];

/// As many of the counts as chrF looks at, and as chrF++ does.
pub(super) const OF_CHARACTERS: usize = 3 * CHARACTERS;
pub(super) const OF_CHARACTERS_AND_WORDS: usize = 3 * (CHARACTERS + WORDS);

/// Counts the translations of a segment, each against each of its references.
pub(super) fn counts([english, references]: [&[String]; 2]) -> Vec<Vec<ChrfCounts>> {
    let mut ids = WordIds::default();
    let mut text = |text| ChrfText::new(text, &mut ids);
    let references: Vec<ChrfText> = references.iter().map(|reference| text(reference)).collect();
    let english = english.iter().map(|english| text(english));
    english.map(|own| references.iter().map(|reference| own.against(reference)).collect()).collect()
}

/// Of the counts against each reference those with the best score, as far as a metric looks at them.
pub(super) fn nearest(counts: &[ChrfCounts], looked_at: usize) -> &[u32] {
    let score_of = |counts: &ChrfCounts| score(&counts.map(u64::from)[..looked_at]);
    // Of several that are as good the first.
    let nearest =
        counts.iter().reduce(|best, next| if score_of(next) > score_of(best) { next } else { best });
    nearest.map_or(&[0; OF_CHARACTERS_AND_WORDS][..looked_at], |counts| &counts[..looked_at])
}

/// What counts of a text.
#[derive(Debug)]
struct ChrfText {
    characters: Ngrams<CHARACTERS>,
    words: Ngrams<WORDS>,
}

impl ChrfText {
    fn new<'a>(text: &'a str, ids: &mut WordIds<'a>) -> Self {
        let characters: Vec<u32> = chunks(text).flat_map(str::chars).map(u32::from).collect();
        let words: Vec<u32> = words(text).map(|word| ids.id(word)).collect();
        Self { characters: Ngrams::new(&characters), words: Ngrams::new(&words) }
    }

    /// Counts the n-grams of a translation against those of a reference.
    fn against(&self, reference: &Self) -> ChrfCounts {
        let mut counts = [0; OF_CHARACTERS_AND_WORDS];
        let (of_characters, of_words) = counts.split_at_mut(OF_CHARACTERS);
        triples(of_characters, &self.characters, &reference.characters);
        triples(of_words, &self.words, &reference.words);
        counts
    }
}

fn triples<const N: usize>(out: &mut [u32], own: &Ngrams<N>, reference: &Ngrams<N>) {
    let (has, wanted, shared) = (own.counts(), reference.counts(), own.shared(&[reference]));
    for (length, out) in out.chunks_exact_mut(3).enumerate() {
        // Where a reference is too short for n-grams of a length, a translation is not punished for having them.
        let has = if wanted[length] > 0 { has[length] } else { 0 };
        out.copy_from_slice(&[has, wanted[length], shared[length]]);
    }
}

/// The words of a text, with the punctuation mark at the end of each, or else at its beginning, as a word of its own: `(yes)` is `(yes` and `)`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    chunks(text).flat_map(|chunk| {
        let mut inner = chunk.char_indices();
        let (first, last) = (inner.next(), inner.next_back());
        let cut = match (first, last) {
            (Some(_), Some((at, last))) if last.is_ascii_punctuation() => Some(at),
            (Some((_, first)), Some(_)) if first.is_ascii_punctuation() => Some(first.len_utf8()),
            _ => None,
        };
        let (start, end) = chunk.split_at(cut.unwrap_or(chunk.len()));
        [start, end].into_iter().filter(|word| !word.is_empty())
    })
}

/// The score of counts, from 0 to 100: precision and recall, each averaged over the lengths that both sides have n-grams of.
#[expect(clippy::cast_precision_loss, reason = "no corpus has 2^53 n-grams")]
pub(super) fn score(counts: &[u64]) -> f64 {
    let (mut precision, mut recall, mut lengths) = (0.0, 0.0, 0.0);
    for triple in counts.chunks_exact(3) {
        let [has, wanted, shared] = [triple[0] as f64, triple[1] as f64, triple[2] as f64];
        if has > 0.0 && wanted > 0.0 {
            precision += shared / has;
            recall += shared / wanted;
            lengths += 1.0;
        }
    }
    if precision + recall == 0.0 {
        return 0.0;
    }
    (precision, recall) = (precision / lengths, recall / lengths);
    let factor = BETA * BETA;
    100.0 * ((1.0 + factor) * precision * recall / (factor * precision + recall))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_stands_apart_at_one_end_of_a_word() {
        let all = |text| words(text).collect::<Vec<_>>();
        assert_eq!(
            all("(yes) “no” 'tis — 3.5%, - ?! é"),
            ["(yes", ")", "“no”", "'", "tis", "—", "3.5%", ",", "-", "?", "!", "é"]
        );
        assert!(all(" \u{1f}\n").is_empty());
    }

    #[test]
    fn white_space_is_no_character() {
        let score_of = |english: &str, reference: &str| {
            let counts = counts([&[english.into()], &[reference.into()]]);
            score(&counts[0][0].map(u64::from)[..OF_CHARACTERS])
        };
        assert!((score_of("a rm chair", "arm\u{a0}chair") - 100.0).abs() < 1e-9);
        assert!(score_of("", "") == 0.0 && score_of("abc", "") == 0.0);
    }

    #[test]
    fn the_nearest_reference_counts() {
        let counts = counts([&["the cat".into()], &["a dog".into(), "the cat".into(), "thecat".into()]]);
        assert_eq!(nearest(&counts[0], OF_CHARACTERS), &counts[0][1][..OF_CHARACTERS]);
        assert_eq!(nearest(&counts[0], OF_CHARACTERS_AND_WORDS), counts[0][1]);
        assert_eq!(nearest(&counts[0][2..], OF_CHARACTERS)[..3], [6, 6, 6]);
    }
}
