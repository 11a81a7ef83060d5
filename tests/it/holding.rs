//! Terms in the house form, names rendered in two ways, and terms of single segments.

use serde_json::Value;

use crate::support::{Project, Service};

const LAKE: [&str; 3] = ["Binnensee", "inland sea|lake", ""];

#[test]
fn the_house_form_is_written_where_another_accepted_target_stands() {
    let service = Service::start().renders("ein Binnensee", "a lake");
    let project = Project::new()
        .file("seeds/a.txt", "Das ist ein Binnensee in Norwegen.\n")
        .glossary(&[LAKE])
        .engine(&service.address(), "");
    project.run(&["translate"]).exits(0);
    let row = &project.rows("output/a.jsonl")[0];
    assert_eq!(row["en"], "EN The the an inland sea in Norwegen.");
    assert_eq!((&row["rung"], &row["terms"][0]["held"]), (&"repair".into(), &true.into()));
}

#[test]
fn the_house_form_can_be_left_to_the_service() {
    let service = Service::start().renders("ein Binnensee", "a lake");
    let project = Project::new()
        .file("seeds/a.txt", "Das ist ein Binnensee in Norwegen.\n")
        .glossary(&[LAKE])
        .engine(&service.address(), "[glossary]\nhouse_form = false");
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!(project.rows("output/a.jsonl")[0]["en"], "EN The the a lake in Norwegen.");
    assert_eq!(summary["inconsistencies"], Value::Array(Vec::new()));
}

#[test]
fn a_name_in_two_spellings_is_a_warning_whatever_the_order_of_the_articles() {
    let service = Service::start()
        .renders("kam Tschaikowski an", "came Tchaikovsky")
        .renders("ging Tschaikowski fort", "left Chaikovsky");
    let project = Project::new()
        .file("seeds/b.txt", "Gestern kam Tschaikowski an.\n")
        .file("seeds/a.txt", "Heute ging Tschaikowski fort.\n")
        .engine(&service.address(), "");
    let ran = project.run(&["translate", "--json"]).exits(0);
    let found = &ran.json()["inconsistencies"][0];
    assert_eq!(found["name"], "Tschaikowski");
    let places: Vec<_> =
        [0, 1].map(|i| (&found["renderings"][i]["text"], &found["renderings"][i]["article"])).into();
    assert_eq!(places, [(&"Chaikovsky".into(), &"a.txt".into()), (&"Tchaikovsky".into(), &"b.txt".into())]);
    assert!(ran.stderr.contains("“Tschaikowski” is rendered as “Chaikovsky”"), "{}", ran.stderr);
}

#[test]
fn terms_of_single_segments_hold_there_and_nowhere_else() {
    let service = Service::start().renders("Der Pegel", "The gauge");
    let terms = concat!(
        "{\"source\": \"Der Pegel steigt.\", \"terms\": [{\"source\": \"Pegel\", \"target\": \"water level\"}]}\n",
        "{\"article\": \"b.txt\", \"terms\": [{\"source\": \"Pegel\", \"target\": \"sound level\"}]}\n",
    );
    let project = Project::new()
        .file("seeds/a.txt", "Der Pegel steigt. Der Pegel sinkt.\n")
        .file("seeds/b.txt", "Der Pegel stimmt.\n")
        .file("terms.jsonl", terms)
        .engine(&service.address(), "");
    let summary = project.run(&["translate", "--glossary", "terms.jsonl", "--json"]).json();
    assert_eq!(summary["terms"]["found"], 2);
    let surfaces = |name: &str| -> Vec<usize> {
        let rows = project.rows(name);
        rows.iter().map(|row| row["terms"].as_array().map_or(0, Vec::len)).collect()
    };
    assert_eq!((surfaces("output/a.jsonl"), surfaces("output/b.jsonl")), (vec![1, 0], vec![1]));
    project.put("terms.jsonl", "{\"terms\": []}\n");
    assert!(project.run(&["translate", "--glossary", "terms.jsonl"]).exits(5).stderr.contains("terms.jsonl"));
}
