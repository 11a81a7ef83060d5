//! Where marks stand next, however often it is asked.
//!
//! What may close a construct is looked for from each place where one may begin. Without a memory, a text of nothing but
//! beginnings would be searched once for each of them.

use std::collections::HashMap;
use std::ops::Range;

/// The marks ahead in a markup that is read from its beginning to its end.
#[derive(Debug)]
pub(super) struct Ahead<'a> {
    markup: &'a str,
    marks: HashMap<&'static str, Searched>,
    range_ends: HashMap<&'static str, Searched>,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(markup: &'a str) -> Self {
        Self { markup, marks: HashMap::new(), range_ends: HashMap::new() }
    }

    #[cfg(test)]
    pub(super) fn looked_at(&self) -> usize {
        self.marks.values().chain(self.range_ends.values()).map(|searched| searched.looked_at).sum()
    }

    /// The first place of a mark in a stretch.
    pub(super) fn mark(&mut self, mark: &'static str, stretch: Range<usize>) -> Option<usize> {
        let markup = self.markup;
        let end = stretch.end;
        let search = |from: usize| {
            // It may begin in the stretch and end behind it.
            let last = markup.floor_char_boundary((end + 1).saturating_sub(mark.len()));
            markup[from..end].find(mark).map(|at| from + at).ok_or(last.max(from))
        };
        let place = self.marks.entry(mark).or_default().next(stretch, search);
        place.filter(|place| place + mark.len() <= end)
    }

    /// The first place in a stretch where a mark ends a range: in the same line, behind text, and before no word.
    pub(super) fn range_end(&mut self, mark: &'static str, stretch: Range<usize>) -> Option<usize> {
        let markup = self.markup;
        let end = stretch.end;
        let sign = &mark[..1];
        let search = |from: usize| {
            let mut at = from;
            while let Some(found) = markup[at.min(end)..end].find(|c: char| c == '\n' || sign.starts_with(c))
            {
                let run = at + found;
                if markup[run..].starts_with('\n') {
                    return Err(run);
                }
                let behind = markup[run..].trim_start_matches(sign);
                at = markup.len() - behind.len();
                let place = at.saturating_sub(mark.len());
                let is_end = (at - run).is_multiple_of(mark.len())
                    && !markup[..place].ends_with(char::is_whitespace)
                    && !behind.starts_with(char::is_alphanumeric);
                if is_end {
                    return Ok(place);
                }
            }
            Err(at.max(end))
        };
        let place = self.range_ends.entry(mark).or_default().next(stretch, search);
        place.filter(|place| place + mark.len() <= end)
    }
}

/// A stretch that was searched.
#[derive(Debug, Default)]
struct Searched {
    /// In it, the sought does not begin.
    without: Range<usize>,
    /// Whether it begins right behind.
    is_behind: bool,
    /// How many bytes were looked at in all, so that a test can hold how they grow.
    #[cfg(test)]
    looked_at: usize,
}

impl Searched {
    /// The first place of the sought in a stretch; `search` looks for it from a place on, and says where it is or how far it was
    /// looked for.
    fn next(
        &mut self,
        stretch: Range<usize>,
        search: impl FnOnce(usize) -> Result<usize, usize>,
    ) -> Option<usize> {
        let Range { start, end } = stretch;
        let is_known = self.without.start <= start && start <= self.without.end;
        if !is_known {
            self.without = start..start;
            self.is_behind = false;
        }
        if !self.is_behind && self.without.end < end {
            let found = search(self.without.end);
            self.is_behind = found.is_ok();
            let place = found.unwrap_or_else(|end| end);
            #[cfg(test)]
            {
                self.looked_at += place - self.without.end;
            }
            self.without.end = place;
        }
        self.is_behind.then_some(self.without.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ahead_is_what_a_search_of_each_stretch_finds() {
        let markup = "}} a}b}} }} ß\n==a b== c==d e == f====\n==g}} ==";
        let mut ahead = Ahead::new(markup);
        let places = || (0..=markup.len()).filter(|at| markup.is_char_boundary(*at));
        for start in places() {
            for end in places().filter(|end| *end >= start) {
                let found = markup[start..end].find("}}").map(|at| start + at);
                assert_eq!(ahead.mark("}}", start..end), found, "{start}..{end}");
            }
        }
        let ends: Vec<_> = places().map(|at| ahead.range_end("==", at..markup.len())).collect();
        let found: Vec<_> = ends.iter().flatten().map(|at| &markup[at - 1..*at]).collect();
        assert!(found.iter().all(|before| ["b", "="].contains(before)), "{found:?}");
        assert_eq!((ends[0], ends[markup.find("==a").expect("there")]), (None, markup.find("== c")));
    }
}
