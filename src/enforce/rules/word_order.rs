//! The words of an accepted rendering in another order: `Cosmodrome Vostochny` for `Vostochny Cosmodrome`.

use super::search::{Replacement, Search};
use crate::english::{Word, is_function_word, words};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let content = |words: &[Word]| {
        let mut kept: Vec<_> =
            words.iter().map(|w| w.folded.clone()).filter(|w| !is_function_word(w)).collect();
        kept.sort();
        kept
    };
    for accepted in &search.term().entry.targets {
        let wanted = content(&words(accepted));
        if wanted.len() < 2 {
            continue;
        }
        for length in wanted.len()..=wanted.len() + 2 {
            let found = search.windows(length, |window| {
                let ends = [window.first()?, window.last()?];
                let fits = content(window) == wanted && ends.iter().all(|w| !is_function_word(&w.folded));
                fits.then(|| accepted.clone())
            });
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}
