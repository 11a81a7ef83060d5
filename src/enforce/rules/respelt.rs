//! An accepted rendering in another spelling than the entry has: `black sea`, `Ito Ren-jun`, `Orlows plans`.

use super::nearness::is_blank;
use super::search::{Replacement, Search};
use crate::check::{has_bare_s, is_genitive, overlap, strictness};
use crate::english::{Occurrence, Rendering, first_word, plural, possessive};

/// What is not as the entry has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Capitals,
    Hyphens,
    /// The s of the German genitive without an apostrophe.
    BareS,
}

pub(super) fn capitals(search: &Search<'_>) -> Vec<Replacement> {
    find(search, Fault::Capitals)
}

pub(super) fn hyphens(search: &Search<'_>) -> Vec<Replacement> {
    find(search, Fault::Hyphens)
}

pub(super) fn bare_s(search: &Search<'_>) -> Vec<Replacement> {
    find(search, Fault::BareS)
}

/// The renderings with a fault, which is the first of those they have.
fn find(search: &Search<'_>, fault: Fault) -> Vec<Replacement> {
    let entry = &search.term().entry;
    let genitive = is_genitive(search.source, search.term());
    let mut out: Vec<Replacement> = Vec::new();
    for accepted in &entry.targets {
        let is_possessive = |place: &Occurrence| genitive && place.plural && has_bare_s(accepted);
        for place in Rendering::spelt(accepted, strictness(entry)).find(search.target) {
            let found = match place.deviation {
                deviation if deviation.capitals => Fault::Capitals,
                deviation if deviation.hyphens => Fault::Hyphens,
                _ if is_possessive(&place) => Fault::BareS,
                _ => continue,
            };
            let known = search.taken.iter().chain(out.iter().map(|r| &r.span));
            if found != fault || known.into_iter().any(|t| overlap(t, &place.span)) {
                continue;
            }
            let by = match place.plural {
                true if is_possessive(&place) => in_genitive(search, accepted, &place),
                true => plural(accepted),
                false => accepted.clone(),
            };
            // The capitals of the old words say nothing: they may be what is wrong.
            out.push(Replacement { span: place.span, by, german: true });
        }
    }
    out
}

/// A name as a possessive if what it has follows.
fn in_genitive(search: &Search<'_>, accepted: &str, place: &Occurrence) -> String {
    let behind = &search.target.text()[place.span.end..];
    let next = first_word(behind).filter(|word| is_blank(&behind[..word.span.start]));
    if next.is_some() { possessive(accepted, '’') } else { accepted.to_owned() }
}
