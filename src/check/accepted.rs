//! Which of the accepted renderings of an entry stands somewhere.

use crate::english::{Rendering, Sentence};
use crate::text::characters::is_hyphen;

/// Whether a surface is a rendering in the plural; `None` if it is another one.
pub(crate) fn whole(target: &str, surface: &str) -> Option<bool> {
    let places = Rendering::new(target).find(&Sentence::new(surface));
    places.into_iter().find(|place| place.span == (0..surface.len())).map(|place| place.plural)
}

/// Which of the accepted renderings other than the first a surface is, and whether in the plural.
pub(crate) fn standing<'a>(targets: &'a [String], surface: &str) -> Option<(&'a str, bool)> {
    let (house, others) = targets.split_first()?;
    let found = |target: &'a String| Some((target.as_str(), whole(target, surface)?));
    // A hyphen stands for a space, unless the entry lists both.
    let exact = others
        .iter()
        .find(|t| spelling(t) == spelling(surface))
        .filter(|_| spelling(house) != spelling(surface));
    match whole(house, surface) {
        Some(_) => exact.filter(|t| t.contains(is_hyphen) != house.contains(is_hyphen)).and_then(found),
        None => exact.and_then(found).or_else(|| others.iter().find_map(found)),
    }
}

/// Which of several accepted renderings a surface is; `None` if there is only one.
pub(super) fn accepted<'a>(targets: &'a [String], surface: &str) -> Option<&'a str> {
    let house = targets.first().filter(|_| targets.len() > 1)?;
    Some(standing(targets, surface).map_or(house, |(accepted, _)| accepted))
}

/// Lower case, hyphens of one kind.
fn spelling(text: &str) -> String {
    text.chars().map(|c| if is_hyphen(c) { '-' } else { c }).flat_map(char::to_lowercase).collect()
}
