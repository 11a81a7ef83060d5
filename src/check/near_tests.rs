//! Which renderings are taken for near ones, and which are left alone.

use super::repair::repair;
use super::tests_support::{surface, term};
use crate::model::TermMatch;

/// The repaired English of a sentence with one term: dictionary form, house form, surface.
fn repaired((german, house, form): (&str, &str, &str), source: &str, target: &str) -> Option<String> {
    let start = source.find(form).expect("the surface stands in the source");
    let terms: [TermMatch; 1] = [surface(german, house, start..start + form.len())];
    repair(source, target, &terms, None)
}

/// A term, a German and an English sentence, and the English as it is to become.
type Case<'a> = ((&'a str, &'a str, &'a str), &'a str, &'a str, &'a str);

fn become_the_house_form(cases: &[Case<'_>]) {
    for (term, source, target, expected) in cases {
        assert_eq!(repaired(*term, source, target).as_deref(), Some(*expected), "{target}");
    }
}

#[test]
fn renderings_near_the_house_form_become_it() {
    let storm = ("Sturmschaden", "storm loss", "Sturmschaden");
    let state = ("Bundesland", "federal state", "Bundesland");
    let arrest = ("Arrest", "detention", "Arrest");
    become_the_house_form(&[
        (storm, "Der Sturmschaden ist da.", "The tempest loss is here.", "The storm loss is here."),
        (storm, "Der Sturmschaden ist da.", "A stormy loss is here.", "A storm loss is here."),
        (
            ("Sturmschaden", "storm loss", "Sturmschäden"),
            "Die Sturmschäden sind da.",
            "Storm damages are here.",
            "Storm losses are here.",
        ),
        (
            ("US-Reeder", "US shipowner", "US-Reeder"),
            "Der US-Reeder",
            "the U.S. shipowner",
            "the US shipowner",
        ),
        (state, "Im Bundesland regnet es.", "It rains in the state.", "It rains in the federal state."),
        (state, "Der Staat, jetzt Bundesland", "Free State now state", "Free State now federal state"),
        (
            ("Obstpflücker", "gatherers", "Obstpflücker"),
            "200 Obstpflücker kamen.",
            "With 200 gather helpers.",
            "With 200 gatherers.",
        ),
        (
            ("Leukozytose", "leukocytosis", "Leukozytose"),
            "Eine Leukozytose trat auf.",
            "A Leukozytosis came.",
            "A leukocytosis came.",
        ),
        (arrest, "Er steht unter Arrest.", "He is detentioned.", "He is under detention."),
    ]);
}

#[test]
fn spelling_number_and_single_words_may_differ() {
    let colour = ("Farbstoffe", "colour pigments", "Farbstoffe");
    let noise = ("Nachtlärm", "outdoor night noise", "Nachtlärm");
    become_the_house_form(&[
        (colour, "Farbstoffe sind teuer.", "Dear color pigments here.", "Dear colour pigments here."),
        (colour, "Farbstoffe sind teuer.", "A lack of colour pigment.", "A lack of colour pigments."),
        (
            ("Obst", "apples, pears and plums", "Obst"),
            "Obst hilft.",
            "Apples, pears, and plums help.",
            "Apples, pears and plums help.",
        ),
        (
            ("Anästhesie", "anaesthesia", "Anästhesie"),
            "Eine Anästhesie half.",
            "The anesthesia helped.",
            "The anaesthesia helped.",
        ),
        (noise, "Der Nachtlärm ist da.", "The night noise is here.", "The outdoor night noise is here."),
        (noise, "Der Nachtlärm ist da.", "The outdoor night sound.", "The outdoor night noise."),
        (
            ("äußere Einflüsse", "external stimuli", "äußere Einflüsse"),
            "Die äußere Einflüsse",
            "These external influences",
            "These external stimuli",
        ),
    ]);
    for target in ["A colour pigment is here.", "The colour pigment market", "One colour pigment"] {
        assert_eq!(repaired(colour, "Farbstoffe", target), None, "{target}");
    }
    assert_eq!(repaired(noise, "der starke Nachtlärm", "the strong night noise"), None);
}

#[test]
fn names_near_the_house_form_become_it() {
    let island = ("Island", "Iceland", "Islands");
    become_the_house_form(&[
        (island, "Islands Küste", "along the Icelandic coast", "along Iceland’s coast"),
        (island, "Islands Küste", "and Icelandic shores", "and Iceland’s shores"),
        (
            ("Hafen Nordsund", "Nordsund Harbour", "Hafen Nordsund"),
            "Der Hafen Nordsund ist tief.",
            "The harbour of Nordsund is deep.",
            "The Nordsund Harbour is deep.",
        ),
        (
            ("Bernsteinturm", "Amber Tower", "Bernsteinturm"),
            "Am Bernsteinturm",
            "At the Amber Towar today",
            "At the Amber Tower today",
        ),
    ]);
}

#[test]
fn what_may_be_something_else_stays() {
    let storm = ("Sturmschaden", "storm loss", "Sturmschaden");
    let state = ("Bundesland", "federal state", "Bundesland");
    let island = ("Island", "Iceland", "Islands");
    for (term, source, target) in [
        // The adjective and the genitive have words of their own in English.
        (storm, "Der schwere Sturmschaden ist da.", "The heavy loss is here."),
        (storm, "Der Sturmschaden der Stadt ist da.", "The city loss is here."),
        (
            ("Tiefwasserfisch", "deep-water fish", "Tiefwasserfische"),
            "Flachwasserfische und Tiefwasserfische",
            "many shallow-water fish",
        ),
        (state, "Ein Land ist Bundesland.", "It is a state."),
        (storm, "Der Sturmschaden kam mit der Sturmfront.", "The loss came with the storm front."),
        (
            ("Regierungschef", "prime minister", "Regierungschef"),
            "Der Regierungschef",
            "a prime ministerial visit",
        ),
        (state, "Im Bundesland regnet es.", "It rains in the State Department."),
        (state, "Im Bundesland regnet es.", "It rains in the state capital."),
        (state, "Im Bundesland regnet es.", "states and state alike"),
        (island, "Islands Küste", "along an Icelandic coast"),
        (island, "Islands Parlament", "in the Icelandic Parliament"),
        (("Süd-Sund", "South Sound", "Süd-Sund"), "Am Süd-Sund", "At North Sound"),
    ] {
        assert_eq!(repaired(term, source, target), None, "{target}");
    }
    let terms = [term("Bundesland", "federal state", 0), term("Staat", "state", 15)];
    assert_eq!(repair("Bundesland und Staat", "the state", &terms, None), None);
}

#[test]
fn a_rendering_without_words_has_no_place() {
    assert_eq!(repaired(("Strich", "—", "Strich"), "Ein Strich.", "A dash."), None);
}
