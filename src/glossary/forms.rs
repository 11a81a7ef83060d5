//! The forms that an entry is found in, spelled out for people.

use std::collections::HashSet;

use super::folding::{Folded, fold, unfold};
use super::inflection::{self, Stem};
use super::load::Glossary;
use super::matcher::Matcher;
use super::pattern::{Capitals, Pattern, patterns};
use crate::model::Entry;
use crate::text::characters::is_hyphen;

/// Spells out the forms that an entry is found in: its source and `forms` first, then what their words inflect to.
///
/// Spelling variants (`ß` and `ss`, hyphen and space), capitals and compounds are found too but not listed. An
/// entry of many words has more forms than anyone reads; `limit` is how many are spelled out.
#[must_use]
pub fn forms(entry: &Entry, limit: usize) -> Vec<String> {
    let given = || std::iter::once(&entry.source).chain(&entry.forms);
    let mut out: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    let matcher = Matcher::new(&Glossary::of(vec![entry.clone()]));
    // The matcher has the last word: some forms are another word's.
    let is_found =
        |form: &String| matcher.find(form).first().is_some_and(|found| found.span == (0..form.len()));
    let spelled = patterns(entry).into_iter().flat_map(|pattern| spelled(&pattern, given(), limit));
    for form in given().cloned().chain(spelled.filter(is_found)) {
        if out.len() < limit && seen.insert(form.clone()) {
            out.push(form);
        }
    }
    out
}

/// The forms of a pattern in the letters of the spelling it comes from.
fn spelled<'a>(pattern: &Pattern, given: impl Iterator<Item = &'a String>, limit: usize) -> Vec<String> {
    let letters =
        |text: &str| -> Vec<u8> { fold(text).into_iter().filter(u8::is_ascii_alphanumeric).collect() };
    let own: Vec<u8> = pattern.words.iter().flat_map(|word| word.word.bytes()).collect();
    let spelling = given.into_iter().find(|spelling| letters(spelling) == own);
    let spelling = match spelling {
        Some(spelling) if pattern.words.len() == 1 => one_word(spelling, pattern),
        Some(spelling) => spelling.clone(),
        // A spelling of the tables: digits or a numeral and the rest of the source.
        None => return Vec::new(),
    };
    let folded = Folded::new(&spelling, inflection::is_conjunction);
    let mut out = vec![String::new()];
    let mut end = 0;
    for (token, word) in folded.tokens.iter().zip(&pattern.words) {
        let before = &spelling[end..token.span.start];
        let surface = &spelling[token.span.clone()];
        let stems = inflection::stems(&word.word, word.class);
        let words: Vec<String> = stems.iter().flat_map(|stem| inflected(surface, stem)).collect();
        out = out
            .iter()
            .flat_map(|start| words.iter().map(move |word| format!("{start}{before}{word}")))
            .take(limit)
            .collect();
        end = token.span.end;
    }
    out.iter().map(|start| format!("{start}{}", &spelling[end..])).collect()
}

/// A spelling without the hyphens that a pattern of one word does not have.
fn one_word(spelling: &str, pattern: &Pattern) -> String {
    let hyphens = spelling.chars().filter(|c| is_hyphen(*c)).count();
    if hyphens == 0 {
        return spelling.to_owned();
    }
    let lower = pattern.words.iter().all(|word| word.capitals == Capitals::Initial);
    let letters = spelling.chars().filter(|c| !is_hyphen(*c)).enumerate();
    letters.map(|(at, c)| if lower && at > 0 { c.to_lowercase().next().unwrap_or(c) } else { c }).collect()
}

/// A stem with each of its endings, in the letters of the word it comes from.
fn inflected(surface: &str, stem: &Stem) -> Vec<String> {
    let base = spell(surface, &stem.letters);
    stem.endings.iter().map(|ending| format!("{base}{ending}")).collect()
}

/// The letters of a folded stem as the word has them.
fn spell(surface: &str, stem: &str) -> String {
    let folded = fold(surface);
    if folded.starts_with(stem.as_bytes()) {
        return surface[..unfold(surface, stem.len())].to_owned();
    }
    let umlauts = ["ae", "oe", "ue"].into_iter().zip(['ä', 'ö', 'ü']);
    for (pair, umlaut) in umlauts {
        for (at, _) in stem.match_indices(pair) {
            let plain = format!("{}{}", &stem[..=at], &stem[at + 2..]);
            if folded.starts_with(plain.as_bytes()) {
                let (from, to) = (unfold(surface, at), unfold(surface, at + 1));
                let capital = surface[from..to].chars().next().is_some_and(char::is_uppercase);
                let umlaut = if capital { umlaut.to_uppercase().next().unwrap_or(umlaut) } else { umlaut };
                return format!("{}{umlaut}{}", &surface[..from], &surface[to..unfold(surface, plain.len())]);
            }
        }
    }
    stem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    fn entry(source: &str, target: &str) -> Entry {
        Entry::new(source, target, Origin { path: "g.tsv".into(), line: 2 })
    }

    #[test]
    fn forms_are_spelled_as_in_german() {
        for (source, target, form) in [
            ("Rat", "council", "Räte"),
            ("Straße", "road", "Straßen"),
            ("Roter Platz", "Red Square", "Roten Platzes"),
            ("Merkel", "Merkel", "Merkels"),
            ("Vier-Mächte-Abkommen", "Four Power Agreement", "Viermächteabkommens"),
        ] {
            let found = forms(&entry(source, target), 500);
            assert_eq!(found[0], source);
            assert!(found.iter().any(|f| f == form), "{form}: {found:?}");
        }
    }

    #[test]
    fn every_form_is_found_by_the_matcher() {
        for (source, target) in
            [("Rat", "council"), ("Naher Osten", "Middle East"), ("EU-Haushalt", "EU budget")]
        {
            let matcher = Matcher::new(&Glossary::of(vec![entry(source, target)]));
            for form in forms(&entry(source, target), 500) {
                assert_eq!(matcher.find(&form).len(), 1, "{form}");
            }
        }
    }

    #[test]
    fn the_list_has_an_end() {
        let long = entry("Großer Grauer Alter Breiter Flacher Hoher Berg", "mountain");
        assert!((50..=100).contains(&forms(&long, 100).len()));
    }
}
