//! Terms are found in every form that German gives them, and in no word that only looks like one.
//!
//! The lists under `tests/fixtures/declension` were written from the grammar, not from the tables of endings.

use wortlaut::glossary::{Glossary, Matcher};
use wortlaut::model::{Entry, EntryKind, MatchKind, Origin, TermMatch};

const NOUNS: &str = include_str!("../fixtures/declension/nouns.tsv");
const GROUPS: &str = include_str!("../fixtures/declension/groups.tsv");
const LOOK_ALIKES: &str = include_str!("../fixtures/declension/look-alikes.tsv");

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn matcher(term: &str, target: &str, kind: EntryKind) -> Matcher {
    let entry = Entry { kind, ..Entry::new(term, target, Origin { path: "g.tsv".into(), line: 2 }) };
    Matcher::new(&Glossary::of(vec![entry]))
}

/// The places at which a term is enforced.
fn found(matcher: &Matcher, text: &str) -> Vec<TermMatch> {
    matcher.find(text).into_iter().filter(|found| found.kind != MatchKind::Part).collect()
}

/// The forms that a term is not found in, as `term: form`, and how many there are.
fn missed(target: impl Fn(&str) -> String) -> (Vec<String>, usize) {
    let nouns = rows(NOUNS).map(|row| (row[0], row[3].split(' ').collect::<Vec<_>>()));
    let groups = rows(GROUPS).map(|row| (row[0], row[3].split('|').collect()));
    let (mut missed, mut count) = (Vec::new(), 0);
    for (term, forms) in nouns.chain(groups) {
        let matcher = matcher(term, &target(term), EntryKind::Term);
        for form in forms {
            count += 1;
            let whole = found(&matcher, form).first().is_some_and(|found| found.span == (0..form.len()));
            if !whole {
                missed.push(format!("{term}: {form}"));
            }
        }
    }
    (missed, count)
}

#[test]
fn nouns_of_every_class_are_found_in_every_case() {
    let (missed, count) = missed(|_| "thing".to_owned());
    assert!(count > 2000 && missed.len() * 100 <= count, "{} of {count}: {missed:?}", missed.len());
}

#[test]
fn the_genitive_is_found_of_what_is_called_a_name() {
    for (term, text) in [
        ("Weißes Haus", "des Weißen Hauses"),
        ("Großer Preis", "des Großen Preises"),
        ("Schwarzes Meer", "des Schwarzen Meeres"),
        ("Potsdamer Platz", "des Potsdamer Platzes"),
        ("Rotes Kreuz", "des Roten Kreuzes"),
        ("Bauhaus", "des Bauhauses"),
    ] {
        let found = found(&matcher(term, term, EntryKind::Name), text);
        assert_eq!(found.len(), 1, "{term}");
        assert!(found[0].span.end == text.len(), "{term}");
    }
}

#[test]
fn a_noun_that_english_has_too_is_no_name() {
    for (term, target, form) in [
        ("Kongress", "Congress", "Kongressen"),
        ("Präsident", "President", "Präsidenten"),
        ("Republik", "Republic", "Republiken"),
        ("Europäisches Parlament", "European Parliament", "Europäischen Parlamente"),
        ("Repräsentantenhaus", "House of Representatives", "Repräsentantenhäuser"),
    ] {
        assert_eq!(found(&matcher(term, target, EntryKind::Term), form).len(), 1, "{term}");
    }
    assert_eq!(found(&matcher("Hess", "Hess", EntryKind::Term), "Hessen und Hesse").len(), 0);
}

#[test]
fn look_alikes_are_not_found() {
    let mut count = 0;
    for row in rows(LOOK_ALIKES) {
        let target = if row[1] == "name" { row[0] } else { "thing" };
        let matcher = matcher(row[0], target, EntryKind::Term);
        for word in row[2].split(' ') {
            count += 1;
            assert!(found(&matcher, word).is_empty(), "{} in {word}", row[0]);
        }
    }
    assert!(count >= 300, "{count}");
}

#[test]
fn verbs_are_no_compounds() {
    for (term, text) in [
        ("Land", "Die Maschine landete. Landeten sie? Das landende Flugzeug landet."),
        ("Stand", "Er verstand es und widerstand."),
        ("Preis", "Sie preisten Preiselbeeren."),
        ("Strand", "Sie strandeten am strandenden Wal."),
    ] {
        assert_eq!(matcher(term, "thing", EntryKind::Term).find(text).len(), 0, "{term}");
    }
    let parts = |term, text| matcher(term, "thing", EntryKind::Term).find(text).len();
    assert_eq!(parts("Virus", "ein Virustest"), 1);
    assert_eq!(parts("Krieg", "bei Kriegsende"), 1);
    assert_eq!(parts("Stand", "ein Messestand"), 1);
}

#[test]
fn gendered_forms_are_all_alike() {
    for (term, stem) in
        [("Mitarbeiter", "Mitarbeiter"), ("Kollege", "Kolleg"), ("Arzt", "Ärzt"), ("Beamter", "Beamt")]
    {
        let matcher = matcher(term, "thing", EntryKind::Term);
        for ending in [
            ":innen", "*innen", "_innen", "/innen", "/-innen", "(innen)", "(-innen)", "·innen", "Innen",
            ":in", "In",
        ] {
            let text = format!("Alle {stem}{ending} kamen.");
            let found = found(&matcher, &text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].surface(&text), format!("{stem}{ending}"));
        }
    }
    let all = "Leser:innen, Leser*innen, Leser_innen, Leser/-innen, Leser(innen), LeserInnen";
    for term in all.split(", ") {
        assert_eq!(found(&matcher(term, "readers", EntryKind::Term), all).len(), 6, "{term}");
    }
    let official = matcher("Abgeordneter", "deputy", EntryKind::Term);
    assert_eq!(found(&official, "Abgeordnete:r, Abgeordnete*r, Abgeordnete/r, Abgeordnete(r)").len(), 4);
    assert_eq!(found(&matcher("Kollege", "thing", EntryKind::Term), "die Kollegin, ein Kolleg").len(), 0);
}

#[test]
fn marks_around_a_term_belong_to_it_and_to_no_longer_word() {
    for (term, text, expected) in [
        (".NET", "ASP.NET und .NET", vec![".NET"]),
        (
            "% Anteil",
            "der % Anteil, ein 5% Anteil, ein %\u{a0}Anteil",
            vec!["% Anteil", "% Anteil", "%\u{a0}Anteil"],
        ),
        ("§ 5", "§ 5, §5, §\u{a0}5, § 55, § 5a, § 5.1", vec!["§ 5", "§5", "§\u{a0}5"]),
        ("5 %", "5 %, 5%, 1,5 %, 15 %", vec!["5 %", "5%"]),
        ("C+", "C++, C+, C+x", vec!["C+"]),
        ("C++", "C++ und C++11", vec!["C++", "C++"]),
        ("Merkel", "_Merkel_, *Merkel*, @Merkel, foto_Merkel", vec!["Merkel", "Merkel"]),
    ] {
        let found = found(&matcher(term, "thing", EntryKind::Term), text);
        assert_eq!(found.iter().map(|found| found.surface(text)).collect::<Vec<_>>(), expected, "{term}");
    }
}

#[test]
fn acronyms_that_are_spoken_are_found_as_the_press_writes_them() {
    for (term, text, count) in [
        ("NATO", "Nato, Natos, NATO, nato", 3),
        ("UNO", "Uno, UNO", 2),
        ("MAD", "Mad, MAD", 1),
        ("CDU", "Cdu, CDU", 1),
    ] {
        assert_eq!(found(&matcher(term, term, EntryKind::Name), text).len(), count, "{term}");
    }
}
