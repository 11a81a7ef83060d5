//! When an answer has gone on for long enough.

/// Tokens that an answer may always have, however short the source is.
const LEAST: usize = 24;

/// How many tokens an answer may have for each token of the source. English takes fewer tokens than German in
/// all vocabularies at hand, so this is generous.
const PER_SOURCE_TOKEN: usize = 2;

/// The longest run of tokens that is looked for as a loop.
const LONGEST_PERIOD: usize = 24;

/// Tokens that all rounds of a loop must make up together.
const LOOP_TOKENS: usize = 16;

/// Rounds that make a loop.
const LOOP_ROUNDS: usize = 4;

/// The most tokens that an answer to a source of so many tokens may have.
pub(super) fn bound(source_tokens: usize) -> usize {
    LEAST + PER_SOURCE_TOKEN * source_tokens
}

/// Finds out whether the last tokens repeat one another; gives how many tokens stand before the second round.
pub(super) fn before_loop(tokens: &[u32]) -> Option<usize> {
    (1..=LONGEST_PERIOD).find_map(|period| {
        let rounds = LOOP_ROUNDS.max(LOOP_TOKENS.div_ceil(period));
        let tail = tokens.get(tokens.len().checked_sub(period * rounds)?..)?;
        let repeats = tail[period..].iter().zip(tail).all(|(later, earlier)| later == earlier);
        repeats.then_some(tokens.len() - period * (rounds - 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_found_and_its_first_round_kept() {
        let mut tokens: Vec<u32> = vec![1, 2, 3];
        for _ in 0..4 {
            tokens.extend([10, 11, 12, 13, 14]);
        }
        assert_eq!(before_loop(&tokens), Some(8));
        tokens.pop();
        assert_eq!(before_loop(&tokens), None);
    }

    #[test]
    fn a_word_said_three_times_is_no_loop() {
        assert_eq!(before_loop(&[5, 6, 5, 6, 5, 6, 7]), None);
        assert_eq!(before_loop(&[9; 15]), None);
        assert_eq!(before_loop(&[9; 16]), Some(1));
        assert_eq!(before_loop(&[]), None);
    }
}
