//! Words as numbers.

use std::collections::HashMap;

use super::ngrams::count;

/// Gives the words of a segment's texts numbers: the same word has the same one in all of them.
#[derive(Debug, Default)]
pub(super) struct WordIds<'a>(HashMap<&'a str, u32>);

impl<'a> WordIds<'a> {
    pub(super) fn id(&mut self, word: &'a str) -> u32 {
        let next = count(self.0.len());
        *self.0.entry(word).or_insert(next)
    }
}
