//! All words but one: `vaginal delivery` for `spontaneous vaginal delivery`.

use super::nearness::{is_outside, is_telling};
use super::search::{Replacement, Search};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let house = search.house.text();
    let length = own.len().saturating_sub(1);
    if length < 2 || search.has_relative() {
        return Vec::new();
    }
    search.windows(length, |window| {
        let missing = own.iter().zip(window).take_while(|(a, b)| a.folded == b.folded).count();
        let rest = own[missing + 1..].iter().zip(&window[missing..]).all(|(a, b)| a.folded == b.folded);
        let span = window[0].span.start..window[length - 1].span.end;
        let ends = 0 < missing && missing < length || search.is_bounded(&span);
        let content = window.iter().filter(|w| is_telling(w)).count();
        let fits = rest && ends && content > 1 && !is_outside(&own[missing]);
        fits.then(|| house.to_owned())
    })
}
