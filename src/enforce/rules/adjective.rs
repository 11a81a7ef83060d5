//! An adjective for the genitive of a name: `the Icelandic coast` for `Islands Küste`.

use super::nearness::{is_common, is_outside};
use super::search::{Replacement, Search};
use crate::english::{first_word, is_derived, is_edge, is_function_word, last_word, possessive};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let (entry, Some(last)) = (&search.term().entry, own.last()) else { return Vec::new() };
    let ending = search.term().surface(search.source.text()).strip_prefix(entry.source.as_str());
    if is_common(entry.target()) || !matches!(ending, Some("s" | "’s" | "'s")) {
        return Vec::new();
    }
    let mut found = search.windows(own.len(), |window| {
        let stems = own.iter().zip(window).all(|(a, b)| a.span == last.span || a.folded == b.folded);
        let word = &window.last()?.folded;
        let adjective = stems && is_derived(word, &last.folded) && !word.ends_with('s');
        adjective.then(|| possessive(entry.target(), '’'))
    });
    found.retain_mut(|place| {
        let rest = &search.target.text()[place.span.end..];
        let noun = first_word(rest).filter(|w| rest[..w.span.start] == *" ");
        let Some(noun) = noun.filter(|w| !is_outside(w)) else { return false };
        let before = last_word(&search.target.text()[..place.span.start]);
        let before = before.filter(|w| search.target.text()[w.span.end..place.span.start] == *" ");
        match before.as_ref().map(|w| w.folded.as_str()) {
            Some("the") => place.span.start = before.map_or(place.span.start, |w| w.span.start),
            Some("a" | "an") => return false,
            Some(other) => return is_edge(other) || is_function_word(other),
            None => return true,
        }
        // With an article and a capital it is a name of its own: `the Icelandic Parliament`.
        rest[noun.span].starts_with(char::is_lowercase)
    });
    found
}
