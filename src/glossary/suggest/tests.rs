//! What is suggested for small corpora, and what for hostile ones.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::glossary::{Glossary, Matcher};
use crate::model::{Entry, EntryKind, Origin};

fn suggested(known: &[&str], sentences: &[&str]) -> Vec<Suggestion> {
    let entry = |source: &&str| Entry::new(source, source, Origin { path: "g".into(), line: 2 });
    let glossary = Glossary::of(known.iter().map(entry).collect());
    let mut candidates = Candidates::new(Arc::new(Matcher::new(&glossary)));
    for (at, sentence) in sentences.iter().enumerate() {
        candidates.sentence(&format!("s{at}"), sentence);
    }
    candidates.ranked(100, 1)
}

fn sources(suggestions: &[Suggestion]) -> Vec<&str> {
    suggestions.iter().map(|suggestion| suggestion.source.as_str()).collect()
}

const RIVER: [&str; 4] = [
    "Die Brücke bei Grimma stürzte im Sommer ein.",
    "In Grimma wird die Pöppelmannbrücke neu gebaut.",
    "Oberbürgermeister Berger lobte Grimmas Bürger.",
    "Man sah den Sommer über Kräne in Grimma.",
];

#[test]
fn names_come_before_nouns_of_any_text() {
    let found = suggested(&[], &RIVER);
    assert_eq!((found[0].source.as_str(), found[0].count, found[0].kind), ("Grimma", 4, EntryKind::Name));
    assert_eq!(found[0].place, "s0");
    let place = |source: &str| found.iter().position(|s| s.source == source);
    assert!(place("Pöppelmannbrücke") < place("Sommer") && place("Pöppelmannbrücke").is_some(), "{found:?}");
    assert!(place("Man").is_none() && place("Die").is_none() && place("In").is_none(), "{found:?}");
}

#[test]
fn quantities_and_abbreviations_are_no_terms() {
    let found = suggested(
        &[],
        &["Der Kran hob im Hafen 12 000 Fässer.", "Er kostete 3 Mrd. Kronen, sagt Dr. Quandt."],
    );
    let all = sources(&found);
    assert!(!all.iter().any(|source| source.contains("000")), "{all:?}");
    let place = |source: &str| all.iter().position(|s| *s == source).unwrap_or(usize::MAX);
    assert!(place("Kran") < place("Mrd") && place("Quandt") < place("Dr"), "{all:?}");
}

#[test]
fn what_the_glossary_finds_is_not_suggested() {
    let found = suggested(&["Grimma"], &RIVER);
    assert!(!sources(&found).iter().any(|source| source.contains("Grimma")), "{found:?}");
}

#[test]
fn pieces_of_a_longer_name_are_not_suggested_beside_it() {
    let sentence = "Wir fuhren am Großen Arber vorbei.";
    let found = suggested(&[], &[sentence, sentence]);
    assert_eq!(sources(&found), ["Großen Arber"]);
}

#[test]
fn forms_and_spellings_of_a_name_are_one_suggestion() {
    let found = suggested(
        &[],
        &[
            "Wir fuhren an den Mittleren Tauern entlang.",
            "Man sieht Mittlere Tauern und Wolken.",
            "Sie wohnt im Kloster-Stetten.",
            "Sie wohnt in Kloster Stetten.",
            "Nahe der Großstraße und Grossstrasse liegt es.",
        ],
    );
    let all = sources(&found);
    assert!(all.contains(&"Mittlere Tauern") && !all.contains(&"Mittleren Tauern"), "{all:?}");
    assert_eq!(all.iter().filter(|source| source.contains("Stetten")).count(), 1, "{all:?}");
    assert_eq!(all.iter().filter(|source| source.starts_with("Gro")).count(), 1, "{all:?}");
}

#[test]
fn names_that_met_once_are_not_glued() {
    let found = suggested(&[], &["Nun reden Eger Pilsen.", "Er kam nach Eger.", "Sie wohnt in Pilsen."]);
    assert!(!sources(&found).contains(&"Eger Pilsen"), "{found:?}");
    assert!(sources(&found).contains(&"Eger") && sources(&found).contains(&"Pilsen"), "{found:?}");
}

#[test]
fn renderings_are_what_goes_along() {
    let german = ["Er kam nach Eger.", "Eger liegt schön.", "Sie wohnt in Pilsen.", "In Pilsen wohnt er."];
    let english = ["He came to Cheb.", "Cheb lies well.", "She lives in Plzen.", "He lives in Plzen."];
    let found = suggested(&[], &german);
    let mut renderings = RenderingFinder::new(&found);
    for (german, english) in german.iter().zip(english) {
        renderings.pair(german, english);
    }
    let proposal = |source: &str| {
        found.iter().find(|s| s.source == source).and_then(|suggestion| renderings.proposal(suggestion))
    };
    assert_eq!(proposal("Eger"), Some("Cheb"));
    assert_eq!(proposal("Pilsen"), Some("Plzen"));
}

proptest! {
    #[test]
    fn no_text_makes_the_search_panic(texts in prop::collection::vec("\\PC{0,60}", 0..4)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = suggested(&["Elbe"], &texts);
        let mut renderings = RenderingFinder::new(&found);
        for text in texts {
            renderings.pair(text, text);
        }
        for suggestion in &found {
            let _ = renderings.proposal(suggestion);
        }
    }
}
