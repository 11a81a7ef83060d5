//! What the matcher finds in sentences, and laws that hold for any text.

use std::fmt::Write as _;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::*;
use crate::model::{CaseRule, Entry, MatchKind, Origin};

fn entry(source: &str, target: &str) -> Entry {
    Entry::new(source, target, Origin { path: "glossary.tsv".into(), line: 2 })
}

fn sample() -> Vec<Entry> {
    [
        ("Merkel", "Merkel"),
        ("Angela Merkel", "Angela Merkel"),
        ("Elbe", "Elbe"),
        ("Böhmen", "Bohemia"),
        ("Roter Platz", "Red Square"),
        ("Naher Osten", "Middle East"),
        ("Flugplatz Tempelhof", "Tempelhof Airfield"),
        ("Eisbrecher", "ice breaker"),
        ("Feuerwehr", "fire brigade"),
        ("Bundesrat", "Federal Council"),
        ("Straße", "road"),
        ("Hagelkorn", "hailstone"),
        ("Luftbrücke", "airlift"),
        ("EU-Haushalt", "EU budget"),
        ("EU", "EU"),
        ("Vier-Mächte-Abkommen", "Four Power Agreement"),
        ("Erster Kreuzzug", "First Crusade"),
        ("A-380", "A-380"),
        ("O'Neill", "O'Neill"),
        ("C++", "C++"),
    ]
    .map(|(source, target)| entry(source, target))
    .into()
}

/// The matches as `surface=source`, parts with a `~` before them.
fn find(entries: Vec<Entry>, text: &str) -> String {
    let mut out = String::new();
    for m in Matcher::new(&Glossary::of(entries)).find(text) {
        let part = if m.kind == MatchKind::Part { "~" } else { "" };
        let _ = write!(out, "{part}{}={};", m.surface(text), m.entry.source);
    }
    out
}

#[test]
fn inflected_forms_are_found() {
    for (text, expected) in [
        ("Merkels Rede", "Merkels=Merkel;"),
        ("auf dem Roten Platz", "Roten Platz=Roter Platz;"),
        ("des Nahen Ostens", "Nahen Ostens=Naher Osten;"),
        ("des Flugplatzes Tempelhof", "Flugplatzes Tempelhof=Flugplatz Tempelhof;"),
        ("Beschluss des Bundesrates", "Bundesrates=Bundesrat;"),
        ("zwischen den Bundesräten", "Bundesräten=Bundesrat;"),
        ("Hagelkörner fielen", "Hagelkörner=Hagelkorn;"),
        ("über Luftbrücken", "Luftbrücken=Luftbrücke;"),
        ("Merkel’s Büro", "Merkel’s=Merkel;"),
    ] {
        assert_eq!(find(sample(), text), expected, "{text}");
    }
}

#[test]
fn spelling_variants_are_found() {
    for (text, expected) in [
        ("an der Strasse", "Strasse=Straße;"),
        ("AN DER STRASSE", "STRASSE=Straße;"),
        ("in Bo\u{308}hmen", "Bo\u{308}hmen=Böhmen;"),
        ("in Boehmen", "Boehmen=Böhmen;"),
        ("Angela\u{a0}Merkel", "Angela\u{a0}Merkel=Angela Merkel;"),
        ("Angela\nMerkel", "Angela\nMerkel=Angela Merkel;"),
        ("der Eis\u{ad}brecher", "Eis\u{ad}brecher=Eisbrecher;"),
        ("der Eis-\nbrecher", "Eis-\nbrecher=Eisbrecher;"),
        ("der Eis-Brecher", "Eis-Brecher=Eisbrecher;"),
        ("das Viermächteabkommen", "Viermächteabkommen=Vier-Mächte-Abkommen;"),
        ("der EU\u{2011}Haushalt", "EU\u{2011}Haushalt=EU-Haushalt;"),
        ("der 1. Kreuzzug", "1. Kreuzzug=Erster Kreuzzug;"),
        ("ein A380", "A380=A-380;"),
        ("bei O’Neill", "O’Neill=O'Neill;"),
        ("in C++ geschrieben", "C++=C++;"),
    ] {
        assert_eq!(find(sample(), text), expected, "{text}");
    }
}

#[test]
fn members_of_hyphen_compounds_are_found_and_longer_entries_win() {
    assert_eq!(find(sample(), "das Merkel-Macron-Treffen"), "Merkel=Merkel;");
    assert_eq!(find(sample(), "der Ex-Feuerwehr-Mann"), "Feuerwehr=Feuerwehr;");
    assert_eq!(
        find(sample(), "Angela Merkel und der EU-Haushalt"),
        "Angela Merkel=Angela Merkel;EU-Haushalt=EU-Haushalt;"
    );
    let kind = |text| Matcher::new(&Glossary::of(sample())).find(text)[0].kind;
    assert_eq!(kind("die Merkel-Jahre"), MatchKind::Compound);
    assert_eq!(kind("die Merkel - na ja"), MatchKind::Word);
}

#[test]
fn the_last_word_of_an_entry_may_be_written_with_hyphens_inside() {
    let entries = || vec![entry("UN-Blauhelmtruppe", "UN force"), entry("Kollege", "colleague")];
    assert_eq!(
        find(entries(), "der UN-Blauhelm-Truppe, UN Blau-Helm-Truppen"),
        "UN-Blauhelm-Truppe=UN-Blauhelmtruppe;UN Blau-Helm-Truppen=UN-Blauhelmtruppe;"
    );
    assert_eq!(find(entries(), "die UN-Blauhelm-Affäre, UN-Blauhelm - Truppe"), "");
    assert_eq!(
        find(entries(), "Kolleg*Innen und Kolleg(inn)en"),
        "Kolleg*Innen=Kollege;Kolleg(inn)en=Kollege;"
    );
}

#[test]
fn other_words_are_not_found() {
    for text in [
        "Elbert",
        "Merkelismus",
        "böhmische Dörfer",
        "im Osten",
        "ein Elbes-Roman",
        "info@merkel.de",
        "Neue Eule",
        "C+",
    ] {
        assert_eq!(find(sample(), text), "", "{text}");
    }
    assert_eq!(find(vec![entry("Leipzig", "Leipzig")], "Leipziger"), "");
    assert_eq!(find(vec![entry("EU", "EU")], "eu"), "");
}

#[test]
fn closed_compounds_and_elided_halves_are_parts() {
    assert_eq!(find(sample(), "das Feuerwehrauto"), "~Feuerwehr=Feuerwehr;");
    assert_eq!(find(sample(), "die Dorffeuerwehren"), "~feuerwehren=Feuerwehr;");
    let brokers = || vec![entry("Steinbrecher", "stone crusher"), entry("Eisbrecher", "ice breaker")];
    assert_eq!(find(brokers(), "Stein- und Eisbrecher"), "~Stein-=Steinbrecher;Eisbrecher=Eisbrecher;");
    assert_eq!(
        find(brokers(), "Stein-, Wellen- und\nEisbrecher"),
        "~Stein-=Steinbrecher;Eisbrecher=Eisbrecher;"
    );
    assert_eq!(
        find(brokers(), "Eisbrecher oder -bauer, Steinmauern und -brecher"),
        "Eisbrecher=Eisbrecher;~-brecher=Steinbrecher;"
    );
}

#[test]
fn forms_and_avoid_have_the_last_word() {
    let mut given = entry("Kiosk", "kiosk");
    given.forms = vec!["Büdchen".to_owned()];
    given.avoid = vec!["Kioske".to_owned()];
    assert_eq!(find(vec![given.clone()], "Büdchen, Kioske, Kiosken"), "Büdchen=Kiosk;Kiosken=Kiosk;");
    given.forms = vec!["Büdchen".to_owned()];
    assert_eq!(find(vec![given], "Büdchens"), "");
}

#[test]
fn a_term_that_must_not_stay_as_it_is_is_still_found() {
    let mut name = entry("Schoigu", "Shoigu");
    name.avoid = vec!["Schoigu".to_owned(), "Schojgu".to_owned()];
    assert_eq!(find(vec![name.clone()], "Schoigu, Schoigus, Schojgu"), "Schoigu=Schoigu;Schoigus=Schoigu;");
    name.forms = vec!["Schojgu".to_owned()];
    assert_eq!(find(vec![name], "Schojgu"), "Schojgu=Schoigu;");
}

#[test]
fn the_case_rule_is_kept() {
    let mut verb = entry("teilen", "share");
    assert_eq!(find(vec![verb.clone()], "Teilen"), "Teilen=teilen;");
    verb.case = CaseRule::Exact;
    assert_eq!(find(vec![verb.clone()], "das Teilen. Teilen wir"), "Teilen=teilen;");
    let mut noun = entry("Alm", "alp");
    assert_eq!(find(vec![noun.clone()], "alm"), "");
    noun.case = CaseRule::Ignore;
    assert_eq!(find(vec![noun], "alm"), "alm=Alm;");
}

proptest! {
    #[test]
    fn matches_are_sorted_disjoint_and_on_character_borders(text in "[ -~äöüß\u{308}\u{ad}\u{2011}\n]{0,60}(Merkel|Eis-|EU|Straße)?[ -~äöüß\u{308}\n-]{0,60}") {
        let found = Matcher::new(&Glossary::of(sample())).find(&text);
        let mut end = 0;
        for m in found {
            prop_assert!(m.span.start >= end && !m.span.is_empty());
            prop_assert!(text.get(m.span.clone()).is_some());
            end = m.span.end;
        }
    }

    #[test]
    fn every_normal_form_and_line_end_is_found_alike(filling in "[ a-zäöüßéﬁ]{0,12}", line in prop::sample::select(vec!["\n", "\r\n", " \n", "\u{a0}"])) {
        let text = format!("In Böhmen {filling} auf dem Roten{line}Platz, an den Straßen mit Hagelkörnern {filling}.");
        let sources = |text: &str| -> Vec<String> {
            let found = Matcher::new(&Glossary::of(sample())).find(text);
            found.into_iter().map(|m| m.entry.source.clone()).collect()
        };
        let expected = ["Böhmen", "Roter Platz", "Straße", "Hagelkorn"];
        prop_assert_eq!(sources(&text), expected);
        prop_assert_eq!(sources(&text.nfd().collect::<String>()), expected);
        prop_assert_eq!(sources(&text.nfkd().collect::<String>()), expected);
        prop_assert_eq!(sources(&text.nfkc().collect::<String>()), expected);
    }

    #[test]
    fn every_entry_is_found_in_its_own_form(word in "[A-ZÄÖÜ][a-zäöüß]{2,12}", other in "[A-Z][a-z]{2,8}") {
        for source in [word.clone(), format!("{word} {other}"), format!("{word}-{other}")] {
            let text = format!("„{source}“ ist da.");
            let found = find(vec![entry(&source, "x")], &text);
            prop_assert_eq!(found, format!("{source}={source};"));
        }
    }
}

/// A glossary with a line for a text, one for an article, and one without terms.
fn given_for_segments() -> Matcher {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terms.jsonl");
    let lines = concat!(
        "{\"source\": \"Der Fluss steigt. Die Brücke hält.\", \"terms\": [{\"source\": \"Brücke\", \"target\": \"span\"}]}\n",
        "{\"article\": \"a.txt\", \"terms\": [{\"source\": \"Fluss\", \"target\": \"stream\"}]}\n",
        "{\"article\": \"b.txt\", \"terms\": []}\n",
    );
    std::fs::write(&path, lines).unwrap();
    Matcher::new(&Glossary::load(&path).unwrap())
}

#[test]
fn terms_of_segments_are_made_ready_only_where_they_apply_and_once_for_an_article() {
    let matcher = given_for_segments();
    let found = |article: &str, segment: &str| -> Vec<String> {
        matcher.find_in(article, segment).iter().map(|term| term.entry.target().to_owned()).collect()
    };
    let none = compiled::compilations::of(|| {
        for article in ["b.txt", "c.txt"] {
            assert!(found(article, "Der Fluss fällt.").is_empty());
        }
    });
    assert_eq!(none, 0);
    let one = compiled::compilations::of(|| {
        for _ in 0..3 {
            assert_eq!(found("a.txt", "Der Fluss fällt."), ["stream"]);
        }
    });
    assert_eq!(one, 1);
    assert_eq!(found("c.txt", "Die Brücke hält."), ["span"]);
    assert_eq!(found("a.txt", "Der Fluss steigt."), ["stream"]);
    assert!(found("c.txt", "Der Fluss steigt.").is_empty());
}
