//! The German sentence with English terms in it.

use super::orders::other_orders;
use super::rewritten::Rewritten;
use crate::english::plural;
use crate::model::{Entry, TermMatch};

/// The German text with the house form in the place of each term; the caller passes those that do not hold.
///
/// Of a hyphen compound only the member that is the term is replaced (`Hwasong-18-Rakete` keeps `-Rakete`).
/// Matches inside closed compounds are left as they are. A surface in the plural becomes an English plural.
pub(super) fn inline(source: &str, terms: &[TermMatch]) -> Rewritten {
    Rewritten::new(source, terms, |term| rendering(term, source))
}

/// What [`inline`] makes of the text with accepted targets in other orders.
pub(super) fn inline_in_other_orders(source: &str, terms: &[TermMatch]) -> Vec<String> {
    // An entry has one order, wherever it occurs.
    let mut entries: Vec<&Entry> = Vec::new();
    for term in terms {
        if !entries.contains(&&*term.entry) {
            entries.push(&term.entry);
        }
    }
    let targets: Vec<&[String]> = entries.iter().map(|entry| entry.targets.as_slice()).collect();
    let chosen = other_orders(&targets);
    let rewritten = chosen.iter().map(|chosen| {
        let target = |term: &TermMatch| {
            let entry = entries.iter().position(|entry| **entry == *term.entry);
            in_number(term, source, entry.map_or("", |at| chosen[at]))
        };
        Rewritten::new(source, terms, target).text
    });
    rewritten.collect()
}

/// The house form in the number of the surface.
pub(super) fn rendering(term: &TermMatch, source: &str) -> String {
    in_number(term, source, term.entry.target())
}

/// A target in the number of the surface.
fn in_number(term: &TermMatch, source: &str, target: &str) -> String {
    if is_plural(&term.entry.source, term.surface(source), target) {
        plural(target)
    } else {
        target.to_owned()
    }
}

/// Whether the surface of a common noun has an ending that tells of the plural rather than of a case.
fn is_plural(dictionary: &str, surface: &str, house: &str) -> bool {
    let common = house.chars().next().is_some_and(char::is_lowercase);
    let ending = surface.strip_prefix(dictionary);
    // An umlaut and the endings below make the plural; -s, -es and nothing make the genitive and singular.
    // -en after a consonant may be a weak masculine noun (dem Präsidenten), where the English decides.
    common
        && !surface.is_empty()
        && match ending {
            None => surface.chars().count() >= dictionary.chars().count() && !dictionary.contains(' '),
            Some(ending) => matches!(ending, "e" | "n" | "er" | "ern" | "nen"),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::surface;

    #[test]
    fn surfaces_become_house_forms() {
        let terms = [surface("Eisbrecher", "ice breaker", 0..10), surface("Wachhund", "guard dog", 22..31)];
        let source = "Eisbrecher-Besatzung, Wachhunde";
        assert_eq!(inline(source, &terms).text, "ice breaker-Besatzung, guard dogs");
        let terms = [surface("Wachhund", "guard dog|watchdog", 22..31)];
        assert_eq!(inline_in_other_orders(source, &terms), ["Eisbrecher-Besatzung, watchdogs"]);
    }
}
