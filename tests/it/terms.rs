//! The glossary holds: which rung made it, and what is said where none did.

use crate::support::{Fault, Project, Service};

const TEXT: &str = "Kim besuchte das Kosmodrom Wostotschny. Der Regen fiel auf die Stadt.\n";

fn project(service: &Service, entries: &[[&str; 3]], more: &str) -> Project {
    Project::new().file("seeds/kim.txt", TEXT).glossary(entries).engine(&service.address(), more)
}

const COSMODROME: [&str; 3] = ["Kosmodrom Wostotschny", "Vostochny Cosmodrome", "Eastern Cosmodrome"];

#[test]
fn a_rendering_that_is_not_wanted_is_replaced_without_asking_again() {
    let service = Service::start().renders("das Kosmodrom Wostotschny", "the Eastern Cosmodrome");
    let project = project(&service, &[COSMODROME], "");
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!(service.counts().texts.len(), 2);
    assert_eq!(summary["terms"]["repair"], 1);
    let rows = project.rows("output/kim.jsonl");
    assert_eq!(rows[0]["en"], "EN Kim the the Vostochny Cosmodrome.");
    assert_eq!(rows[0]["rung"], "repair");
    let term = &rows[0]["terms"][0];
    assert_eq!((&term["surface"], &term["held"]), (&"Kosmodrom Wostotschny".into(), &true.into()));
    assert_eq!((&term["start"], &term["end"]), (&17.into(), &38.into()));
}

#[test]
fn a_term_that_cannot_be_repaired_is_sent_in_the_sentence() {
    let service = Service::start().renders("das Kosmodrom Wostotschny", "the launch site");
    let project = project(&service, &[COSMODROME], "");
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!(summary["terms"]["inline"], 1);
    assert_eq!(project.rows("output/kim.jsonl")[0]["en"], "EN Kim the the Vostochny Cosmodrome.");
    assert_eq!(service.counts().texts.len(), 3);
    service.reset();
    project.run(&["translate"]).exits(0);
    assert_eq!(service.counts().requests, 0, "answers of every rung are remembered");
}

#[test]
fn a_term_that_does_not_hold_is_told_with_its_place() {
    let service = Service::start().renders("Kosmodrom Wostotschny", "launch site");
    let project = project(&service, &[COSMODROME], "[glossary]\nrungs = ['repair']");
    let ran = project.run(&["translate", "--json"]).exits(1);
    assert_eq!((&ran.json()["terms"]["found"], &ran.json()["terms"]["held"]), (&1.into(), &0.into()));
    let shown = "kim.txt, segment 1\n    “Kosmodrom Wostotschny” should read “Vostochny\n    Cosmodrome”\n";
    assert!(ran.stderr.contains(shown), "{}", ran.stderr);
    let finding = &project.rows("output/kim.jsonl")[0]["findings"][0];
    assert_eq!((&finding["kind"], &finding["severity"]), (&"term_not_held".into(), &"error".into()));
}

#[test]
fn what_stands_in_the_place_of_a_term_is_told_with_the_sentence() {
    let service = Service::start().renders("das Kosmodrom Wostotschny", "the Eastern Cosmodrome");
    let project = project(&service, &[COSMODROME], "[glossary]\nrungs = []");
    let ran = project.run(&["translate"]).exits(1);
    let message = "“Kosmodrom Wostotschny” should read “Vostochny Cosmodrome” but reads “Eastern Cosmodrome”";
    let shown = "kim.txt, segment 1\n    “Kosmodrom Wostotschny” should read “Vostochny\n    Cosmodrome” but reads \
                 “Eastern Cosmodrome”\n    de: Kim besuchte das [Kosmodrom Wostotschny].\n    \
                 en: EN Kim the the [Eastern Cosmodrome].\n";
    assert!(ran.stderr.contains(shown), "{}", ran.stderr);
    assert_eq!(project.rows("output/kim.jsonl")[0]["findings"][0]["message"], message);
    assert!(project.read("output/kim.tsv").contains(message));
}

#[test]
fn a_changed_entry_touches_only_its_segments() {
    let service = Service::start().renders("das Kosmodrom Wostotschny", "the launch site");
    let project = project(&service, &[COSMODROME], "");
    project.run(&["translate"]).exits(0);
    let before = project.rows("output/kim.jsonl");
    service.reset();
    project.put("glossary/terms.tsv", "source\ttarget\nKosmodrom Wostotschny\tVostochny Spaceport\n");
    project.run(&["translate"]).exits(0);
    let after = project.rows("output/kim.jsonl");
    assert_eq!(after[0]["en"], "EN Kim the the Vostochny Spaceport.");
    assert_eq!(after[1], before[1]);
    let sent: Vec<String> = service.counts().texts.into_keys().collect();
    assert_eq!(sent, ["Kim besuchte das Vostochny Spaceport."]);
}

#[test]
fn german_that_comes_back_is_no_translation() {
    let service = Service::start().fault(Fault::Echo("Regen")).renders("besuchte das", "visited the");
    let project = project(&service, &[], "");
    project.run(&["translate"]).exits(3);
    let rows = project.rows("output/kim.jsonl");
    assert_eq!((&rows[1]["status"], &rows[1]["findings"][0]["kind"]), (&"failed".into(), &"failed".into()));
    assert_eq!(rows[0]["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_broken_glossary_is_shown_with_its_line() {
    let service = Service::start();
    let project = project(&service, &[], "");
    project.put("glossary/terms.tsv", "source\ttarget\nMond\tMoon\nSonne\n");
    let ran = project.run(&["translate"]).exits(5);
    assert!(
        ran.stderr.contains("terms.tsv") && ran.stderr.contains('3') && ran.stderr.contains("Sonne"),
        "{}",
        ran.stderr
    );
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn the_mark_under_a_broken_line_is_not_moved_by_a_mark_or_line_ends_of_any_kind() {
    let service = Service::start();
    let project = project(&service, &[], "");
    let mut shown = std::collections::BTreeSet::new();
    for mark in ["", "\u{feff}"] {
        for end in ["\n", "\r\n", "\r"] {
            let lines = ["# Flüsse", "source\ttarget\tkind", "Elbe\tElbe\tnmae", ""];
            project.put("glossary/terms.tsv", format!("{mark}{}", lines.join(end)));
            shown.insert(project.run(&["translate"]).exits(5).stderr);
        }
    }
    let shown: Vec<_> = shown.into_iter().collect();
    let [one] = &shown[..] else { panic!("{shown:?}") };
    assert!(one.contains(":3:") && one.contains("3 │ Elbe"), "{one}");
}
