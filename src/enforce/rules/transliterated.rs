//! A name in another transliteration: capitals, as many words, nearly the same letters.

use super::search::{Replacement, Search};
use crate::check::overlap;
use crate::english::{Word, is_alike, words};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let name = search.house.words();
    let capital = |w: &Word| search.house.surface(w).starts_with(char::is_uppercase);
    if name.is_empty() || !name.iter().all(capital) {
        return Vec::new();
    }
    let wanted = joined(name);
    let german = joined(&words(&search.term().entry.source));
    let window = search.target.words().windows(name.len()).find(|window| {
        let span = window[0].span.start..window[window.len() - 1].span.end;
        let found = joined(window);
        let upper = window.iter().all(|w| search.target.surface(w).starts_with(char::is_uppercase));
        // In this order: few words are alike, and comparing with all other terms takes long.
        (is_alike(&found, &wanted, upper) || is_alike(&found, &german, upper))
            && !search.taken.iter().any(|t| overlap(t, &span))
            && !search.is_another_term(&found)
    });
    let replacement = window.map(|window| Replacement {
        span: window[0].span.start..window[name.len() - 1].span.end,
        by: search.house.text().to_owned(),
        german: false,
    });
    replacement.into_iter().collect()
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|w| w.folded.as_str()).collect::<Vec<_>>().join(" ")
}
