//! Networks that say the same over and over.

/// The longest run of tokens that is looked for as a loop.
const LONGEST_PERIOD: usize = 24;

/// Tokens that all rounds of a loop must make up together.
const LOOP_TOKENS: usize = 16;

/// Rounds that make a loop.
const LOOP_ROUNDS: usize = 4;

/// Finds out whether the last tokens repeat one another; gives how many tokens stand before the second round.
pub(super) fn before_loop(tokens: &[u32]) -> Option<usize> {
    (1..=LONGEST_PERIOD).find_map(|period| {
        let rounds = LOOP_ROUNDS.max(LOOP_TOKENS.div_ceil(period));
        let tail = tokens.get(tokens.len().checked_sub(period * rounds)?..)?;
        let repeats = tail[period..].iter().zip(tail).all(|(later, earlier)| later == earlier);
        repeats.then_some(tokens.len() - period * (rounds - 1))
    })
}

/// Finds the first place where tokens begin to repeat one another; gives how many stand before the second round.
pub(super) fn first_loop(tokens: &[u32]) -> Option<usize> {
    (1..=tokens.len()).find_map(|end| before_loop(&tokens[..end]))
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

    #[test]
    fn a_text_may_loop_anywhere() {
        let mut tokens = vec![7; 16];
        tokens.extend([1, 2, 3]);
        assert_eq!(first_loop(&tokens), Some(1));
        assert_eq!(first_loop(&tokens[1..]), None);
        assert_eq!(first_loop(&[]), None);
    }
}
