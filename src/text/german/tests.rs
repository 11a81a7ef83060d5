//! Sentences that show each rule at work.

use super::*;

fn sentences(text: &str) -> Vec<&str> {
    German::default().segment(text).into_iter().map(|span| &text[span]).collect()
}

#[test]
fn plain() {
    assert_eq!(sentences(" Eins kam.  Zwei ging. "), ["Eins kam.", "Zwei ging."]);
}
