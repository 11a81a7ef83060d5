//! An English word with the German spelling in it: `Leukozytosis`.

use super::nearness::is_half_german;
use super::search::{Replacement, Search};
use crate::english::{Word, fold};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let [word] = own else { return Vec::new() };
    let german = fold(search.term().surface(search.source.text()));
    let house = search.house.text();
    let fits = |found: &Word| is_half_german(&found.folded, &german, &word.folded);
    let found = search.windows(1, |window| fits(&window[0]).then(|| house.to_owned()));
    found.into_iter().map(|place| Replacement { german: true, ..place }).collect()
}
