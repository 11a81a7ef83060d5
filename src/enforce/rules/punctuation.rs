//! The words of the house form with other marks between them: `red, white, and blue` for `red, white and blue`.

use super::search::{Replacement, Search};
use crate::check::overlap;
use crate::text::characters::is_hyphen;

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let own = search.house.words();
    if own.len() < 2 {
        return Vec::new();
    }
    let mark = |c: char| c.is_whitespace() || is_hyphen(c) || ",/()“”\"’'".contains(c);
    let windows = search.target.words().windows(own.len()).filter(|window| {
        let gaps = window.windows(2).map(|w| &search.target.text()[w[0].span.end..w[1].span.start]);
        own.iter().zip(*window).all(|(a, b)| a.folded == b.folded) && gaps.flat_map(str::chars).all(mark)
    });
    let spans = windows.map(|w| w[0].span.start..w[w.len() - 1].span.end);
    let free = spans.filter(|span| !search.taken.iter().any(|t| overlap(t, span)));
    let house = search.house.text();
    free.map(|span| Replacement { span, by: house.to_owned(), german: false }).collect()
}
