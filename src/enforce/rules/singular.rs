//! The singular of a house form that is a plural: `calibration` for `calibrations`.

use super::nearness::{is_blank, is_outside};
use super::search::{Replacement, Search};
use crate::english::{first_word, has_postmodifier, is_plural, is_plural_form, is_singular_verb};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let house = search.house.text();
    if !is_plural_form(house) || has_postmodifier(house) {
        return Vec::new();
    }
    search.windows(own.len(), |window| {
        let (last, one) = (own.last()?, window.last()?);
        let same = own.iter().zip(window).all(|(a, b)| a.folded == b.folded || a.span == last.span);
        let rest = &search.target.text()[one.span.end..];
        let next = first_word(rest);
        let alone = next.is_none_or(|w| {
            !is_blank(&rest[..w.span.start]) || is_outside(&w) && !is_singular_verb(&w.folded)
        });
        (same && is_plural(&one.folded, &last.folded) && alone).then(|| house.to_owned())
    })
}
