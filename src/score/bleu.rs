//! BLEU (Papineni et al. 2002), with the tokens of mteval-v13a and exponential smoothing.

use super::ngrams::{Ngrams, count};
use super::word_ids::WordIds;
use crate::text::characters::{chunks, is_space};

/// The longest n-grams.
const LONGEST: usize = 4;

/// The tokens in the translation, and in the reference of the nearest length; then for n-grams of each length how many are right, and how
/// many there are.
pub(super) type BleuCounts = [u32; COUNTS];

pub(super) const COUNTS: usize = 2 + 2 * LONGEST;

/// Counts the translations of a segment, the first texts, against its references.
pub(super) fn counts(texts: [&[String]; 2]) -> Vec<BleuCounts> {
    let [english, references] = texts.map(|texts| texts.iter().map(|text| tokens(text)).collect::<Vec<_>>());
    let mut ids = WordIds::default();
    let mut ngrams = |tokens| Ngrams::new(&chunks(tokens).map(|token| ids.id(token)).collect::<Vec<_>>());
    let references: Vec<_> = references.iter().map(|reference| ngrams(reference)).collect();
    english.iter().map(|english| against(&ngrams(english), &references)).collect()
}

fn against(english: &Ngrams<LONGEST>, references: &[Ngrams<LONGEST>]) -> BleuCounts {
    let own = english.symbols();
    let lengths = references.iter().map(Ngrams::symbols);
    let nearest = lengths.min_by_key(|length| (length.abs_diff(own), *length)).unwrap_or_default();
    let right = english.shared(&references.iter().collect::<Vec<_>>());
    let mut counts = [0; COUNTS];
    counts[..2].copy_from_slice(&[count(own), count(nearest)]);
    counts[2..2 + LONGEST].copy_from_slice(&right);
    counts[2 + LONGEST..].copy_from_slice(&english.counts());
    counts
}

/// The score of counts, from 0 to 100.
#[expect(clippy::cast_precision_loss, reason = "no corpus has 2^53 n-grams")]
pub(super) fn score(counts: &[u64]) -> f64 {
    let (own, reference) = (counts[0] as f64, counts[1] as f64);
    let (right, all) = counts[2..].split_at(LONGEST);
    if right.iter().all(|right| *right == 0) {
        return 0.0;
    }
    let brevity = if own < reference { (1.0 - reference / own).exp() } else { 1.0 };
    let (mut smoothing, mut sum) = (1.0, 0.0);
    for (right, all) in right.iter().zip(all) {
        let all = *all as f64;
        let precision = match right {
            // Too short for n-grams of this length: the logarithm of nothing, which makes the whole score nothing.
            _ if all == 0.0 => return 0.0,
            0 => {
                smoothing *= 2.0;
                100.0 / (smoothing * all)
            }
            right => 100.0 * *right as f64 / all,
        };
        sum += precision.ln();
    }
    brevity * (sum / LONGEST as f64).exp()
}

/// A text with spaces between its tokens.
///
/// These are the rules of mteval-v13a, one after another over what the one before left, and what a rule has taken it does not take again.
/// So `...` comes apart in another way than one would think, and scores depend on it.
fn tokens(text: &str) -> String {
    let mut text =
        text.trim_end_matches(is_space).replace("<skipped>", "").replace("-\n", "").replace('\n', " ");
    if text.contains('&') {
        for (entity, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
            text = text.replace(entity, character);
        }
    }
    let mut apart = String::with_capacity(2 * text.len());
    apart.push(' ');
    for c in text.chars() {
        // The other four depend on what stands beside them.
        if c.is_ascii_punctuation() && !matches!(c, '\'' | ',' | '-' | '.') {
            apart.extend([' ', c, ' ']);
        } else {
            apart.push(c);
        }
    }
    apart.push(' ');
    let is_stop = |c: char| matches!(c, '.' | ',');
    apart = second_apart(&apart, |before, c| !before.is_ascii_digit() && is_stop(c));
    apart = first_apart(&apart, |c, after| is_stop(c) && !after.is_ascii_digit());
    second_apart(&apart, |before, c| before.is_ascii_digit() && c == '-')
}

/// Puts spaces around the first of two characters wherever such two stand together.
fn first_apart(text: &str, is_pair: impl Fn(char, char) -> bool) -> String {
    in_pairs(text, is_pair, |first, second| [' ', first, ' ', second])
}

/// Puts spaces around the second of two characters wherever such two stand together.
fn second_apart(text: &str, is_pair: impl Fn(char, char) -> bool) -> String {
    in_pairs(text, is_pair, |first, second| [first, ' ', second, ' '])
}

fn in_pairs(
    text: &str,
    is_pair: impl Fn(char, char) -> bool,
    instead: impl Fn(char, char) -> [char; 4],
) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars();
    while let Some(first) = rest.next() {
        match rest.clone().next() {
            Some(second) if is_pair(first, second) => {
                rest.next();
                out.extend(instead(first, second));
            }
            _ => out.push(first),
        }
    }
    out
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact, or the same operations")]
mod tests {
    use super::*;

    fn tokens_of(text: &str) -> String {
        chunks(&tokens(text)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tokens_are_those_of_mteval() {
        for (text, expected) in [
            ("Prices rose 3.5%, he said.", "Prices rose 3.5 % , he said ."),
            ("the U.S.-led force of 1,000", "the U . S . -led force of 1,000"),
            ("in 2014-15, p.12 of 20.", "in 2014 - 15 , p . 12 of 20 ."),
            ("Wait... what?!", "Wait . . . what ? !"),
            ("\"It's 5€\"&amp;&lt;b&gt;", "\" It's 5€ \" & < b >"),
            ("well-\nknown <skipped>and\nold", "wellknown and old"),
        ] {
            assert_eq!(tokens_of(text), expected, "{text}");
        }
    }

    fn counts_of(english: &str, references: &[&str]) -> BleuCounts {
        let references: Vec<String> = references.iter().map(|&reference| reference.into()).collect();
        counts([&[english.into()], &references])[0]
    }

    #[test]
    fn the_nearest_reference_is_the_length_and_each_may_be_right() {
        assert_eq!(
            counts_of("the cat sat", &["a cat sat down here", "the dog"]),
            [3, 2, 3, 1, 0, 0, 3, 2, 1, 0]
        );
    }

    #[test]
    fn of_two_references_that_are_as_near_the_shorter_one_is_the_length() {
        assert_eq!(counts_of("the cat sat", &["so many right words", "the dog"])[..2], [3, 2]);
    }

    #[test]
    fn texts_without_longer_ngrams_have_no_score() {
        let score_of = |counts: BleuCounts| score(&counts.map(u64::from));
        assert_eq!(score_of(counts_of("the cat sat", &["the cat sat"])), 0.0);
        assert_eq!(score_of(counts_of("", &["the cat"])), 0.0);
        assert!((score_of(counts_of("so the cat sat", &["so the cat sat"])) - 100.0).abs() < 1e-9);
    }
}
