//! A participle for a noun with its preposition: `were quarantined` for `unter Quarantäne`.

use super::search::{Replacement, Search};
use crate::english::{is_be, last_word, preposition_of_state};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let [noun] = own else { return Vec::new() };
    let before = last_word(&search.source.text()[..search.term().span.start]);
    let Some(preposition) = before.and_then(|w| preposition_of_state(&w.folded)) else {
        return Vec::new();
    };
    search.windows(2, |window| {
        let participle = window[1].folded.strip_suffix("ed");
        let fits = is_be(&window[0].folded)
            && participle.is_some_and(|stem| stem == noun.folded.strip_suffix('e').unwrap_or(&noun.folded));
        let be = &search.target.text()[window[0].span.clone()];
        fits.then(|| format!("{be} {preposition} {}", search.house.text()))
    })
}
