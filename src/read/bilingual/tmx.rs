//! The targets of TMX files that are to be filled.

use super::fill::{Fill, FillSource};
use super::found::Found;
use super::tree::SpannedElement;
use crate::bilingual::{is_english, is_german};

/// Finds units with German words and no English ones.
pub(super) fn targets<'a>(markup: &str, root: &'a SpannedElement) -> Found<'a> {
    let mut found = Found::default();
    let body = root.child("body").into_iter().flat_map(SpannedElement::children);
    for unit in body.filter(|unit| unit.local() == "tu") {
        let sides = |is_wanted: fn(&str) -> bool| {
            let sides = unit.children().filter(|side| side.local() == "tuv");
            sides.filter(move |side| side.attribute("lang").is_some_and(is_wanted))
        };
        let Some(german) = sides(is_german).next() else { continue };
        let Some(source) = german.child("seg").filter(|source| !source.is_blank()) else { continue };
        let Some(english) = sides(is_english).next() else {
            let at = german.whole.end;
            let start = german.whole.start;
            let line = &markup[markup[..start].trim_end().len()..start];
            found.fills.push(Fill {
                place: at..at,
                before: format!("{line}<tuv xml:lang=\"en\"><seg>"),
                behind: "</seg></tuv>".to_owned(),
                source: FillSource::Content(source),
                edits: Vec::new(),
            });
            continue;
        };
        let is_filled =
            sides(is_english).any(|side| side.child("seg").is_some_and(|segment| !segment.is_blank()));
        if let Some(segment) = english.child("seg").filter(|_| !is_filled) {
            found.fills.push(Fill {
                place: segment.whole.clone(),
                before: "<seg>".to_owned(),
                behind: "</seg>".to_owned(),
                source: FillSource::Content(source),
                edits: Vec::new(),
            });
        }
    }
    found.fills.sort_by_key(|fill| fill.place.start);
    found
}
