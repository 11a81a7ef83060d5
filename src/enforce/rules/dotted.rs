//! The house form with dots in its abbreviations: `U.S. president`.

use super::search::{Replacement, Search};
use crate::check::overlap;
use crate::english::{Occurrence, Rendering};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let house = search.house.text();
    let mut dotted = String::new();
    for word in house.split_inclusive(' ') {
        let letters = word.trim_end();
        if matches!(letters.len(), 2..=4) && letters.bytes().all(|b| b.is_ascii_uppercase()) {
            dotted.extend(letters.chars().flat_map(|c| [c, '.']));
            dotted.push_str(&word[letters.len()..]);
        } else {
            dotted.push_str(word);
        }
    }
    if dotted == house || house.len() < 4 {
        return Vec::new();
    }
    let places = Rendering::new(&dotted).find(search.target);
    let put = |p: Occurrence| Replacement { span: p.span, by: search.house_in(p.plural), german: false };
    let found = places.into_iter().map(put);
    found.filter(|place| !search.taken.iter().any(|t| overlap(t, &place.span))).collect()
}
