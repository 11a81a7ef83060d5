//! Two words of which the first is the beginning of the house form: `harvest helpers` for `harvesters`.

use super::nearness::{is_common, is_longer};
use super::search::{Replacement, Search};
use crate::english::is_plural_form;

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let house = search.house.text();
    let [word] = own else { return Vec::new() };
    if !is_common(house) || !search.stands_alone() || search.has_relative() {
        return Vec::new();
    }
    search.windows(2, |window| {
        let many = is_plural_form(&window[1].folded);
        let fits = is_longer(&word.folded, &window[0].folded)
            && search.is_common_word(&window[1])
            && (many || !is_plural_form(house))
            && search.is_bounded(&(window[0].span.start..window[1].span.end));
        fits.then(|| search.house_in(many))
    })
}
