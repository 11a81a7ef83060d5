//! The last word of the house form standing alone: `in the state` for `federal state`.

use super::nearness::is_common;
use super::search::{Replacement, Search};
use crate::english::is_plural;

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let house = search.house.text();
    let Some(head) = own.last().filter(|_| own.len() > 1 && is_common(house) && !search.has_relative())
    else {
        return Vec::new();
    };
    let mut found = search.windows(1, |window| {
        let many = is_plural(&head.folded, &window[0].folded);
        // A capital makes it part of a name: `Free State`.
        let common = search.target.text()[window[0].span.clone()].starts_with(char::is_lowercase);
        let same = common && (many || window[0].folded == head.folded);
        same.then(|| search.house_in(many))
    });
    // A second one, whatever stands beside it, may be the one that is meant.
    if found.len() <= search.open.max(1) {
        found.retain(|place| search.is_bounded(&place.span));
    }
    found
}
