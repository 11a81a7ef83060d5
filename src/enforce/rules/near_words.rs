//! As many words, each the same or near: `corona crisis` for `coronavirus crisis`, `Lazio Roma` for `Lazio Rome`,
//! `local anesthetics` for `local anaesthetics`. Of three or more one may be any other.

use super::nearness::{is_half_german, is_longer, is_near_name, is_telling};
use super::search::{Replacement, Search};
use crate::english::{Word, is_plural, neutral, words};

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    let house = search.house.text();
    let capital = |text: &str, w: &Word| text[w.span.clone()].starts_with(char::is_uppercase);
    let german = words(search.term().surface(search.source.text()));
    let near = |own: &Word, found: &Word| {
        if capital(house, own) && capital(search.target.text(), found) {
            return is_near_name(&own.folded, &found.folded);
        }
        // The last word made longer is another kind of word: `prime ministerial`.
        let longer = is_longer(&own.folded, &found.folded) || is_longer(&found.folded, &own.folded);
        longer && words(house).last() != Some(own)
            || german.iter().any(|g| is_half_german(&found.folded, &g.folded, &own.folded))
    };
    search.windows(own.len(), |window| {
        let (last, other) = (own.last()?, window.last()?);
        let many = is_plural(&neutral(&last.folded), &neutral(&other.folded));
        let same = |(a, b): &(&Word, &Word)| {
            neutral(&a.folded) == neutral(&b.folded) || (many && a.span == last.span)
        };
        let pairs = || own.iter().zip(window);
        let content = pairs().filter(same).filter(|(a, _)| is_telling(a)).count();
        let mut others = pairs().filter(|pair| !same(pair) && !near(pair.0, pair.1));
        let fits = match (others.next(), others.next()) {
            (None, _) => content > 0,
            (Some((a, b)), None) => content > 1 && may_replace(search, own, a, b, window),
            _ => false,
        };
        fits.then(|| search.house_in(many))
    })
}

/// Whether a word of a window may be what stands for another one of the house form: no name, and all there is.
fn may_replace(search: &Search<'_>, own: &[Word], wanted: &Word, found: &Word, window: &[Word]) -> bool {
    let common = search.house.text()[wanted.span.clone()].starts_with(char::is_lowercase);
    let (start, end) = (window[0].span.start, window[window.len() - 1].span.end);
    let first =
        own.first() == Some(wanted) && (search.has_adjective() || !search.is_bounded(&(start..start)));
    let last = own.last() == Some(wanted) && !search.is_bounded(&(end..end));
    common && search.is_common_word(found) && !first && !last && !search.has_relative()
}
