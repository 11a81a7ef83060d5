//! Words that follow one another over and over.

use crate::english::Word;

/// How often `length` words stand in a row at most, and where they first do.
pub(super) fn most_repeats(words: &[Word], length: usize) -> (usize, usize) {
    let (mut best, mut run) = ((1, 0), 0);
    for at in length..words.len() {
        run = if words[at].folded == words[at - length].folded { run + 1 } else { 0 };
        if run / length + 1 > best.0 {
            best = (run / length + 1, at + 1 - length);
        }
    }
    best
}
