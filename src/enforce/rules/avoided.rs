//! A rendering that the entry lists under `avoid`.

use super::super::inline::rendering;
use super::search::{Replacement, Search};
use crate::check::{choose, unwanted_places};
use crate::english::plural;

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let places = unwanted_places(search.term(), search.target, &search.taken);
    let (source, target) = (search.source.text(), search.target.text());
    let Some(place) = choose(places, source, target, search.term(), search.open) else { return Vec::new() };
    // An entry may list the plural on its own; then the surface says which number is meant.
    let by = if place.plural { plural(search.house.text()) } else { in_number_of(search, &place.rendering) };
    // Where only the spelling is unwanted its capitals are no reason for those of a title.
    vec![Replacement { span: place.span, by, german: place.is_respelt }]
}

/// The house form, in the plural if the wrong rendering is a plural of nothing else and the German one too.
fn in_number_of(search: &Search<'_>, wrong: &str) -> String {
    if wrong.ends_with('s') && !wrong.ends_with("ss") {
        rendering(search.term(), search.source.text())
    } else {
        search.house.text().to_owned()
    }
}
