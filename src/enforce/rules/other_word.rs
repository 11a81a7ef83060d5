//! One of the two words beside another one, for a German word that can mean nothing else by it:
//! `guarantee period` for `warranty period`, `storm damage` for `storm loss`.

use super::nearness::is_common;
use super::search::{Replacement, Search};
use crate::english::{is_plural, is_plural_form, words};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let house = search.house.text();
    let [first, head] = own else { return Vec::new() };
    let alone = search.stands_alone();
    // An adjective and its noun: what stands before them in English does not belong to them.
    let pair = words(search.term().surface(search.source.text())).len() == 2;
    if !is_common(house) || !(alone || pair) || search.has_relative() {
        return Vec::new();
    }
    search.windows(2, |window| {
        let [before, last] = window else { return None };
        let plural_head = is_plural(&head.folded, &last.folded);
        let same_head = plural_head || last.folded == head.folded;
        let (other, many) =
            if same_head { (before, plural_head) } else { (last, is_plural_form(&last.folded)) };
        let same_first = before.folded == first.folded;
        let span = if pair { last.span.clone() } else { before.span.start..last.span.end };
        let bounded = if pair { search.is_bounded(&(span.end..span.end)) } else { search.is_bounded(&span) };
        let fits = (same_first || same_head && alone) && search.is_common_word(other) && bounded;
        fits.then(|| search.house_in(many))
    })
}
