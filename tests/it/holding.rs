//! Terms in the house form, names rendered in two ways, and terms of single segments.

use serde_json::Value;

use crate::support::{Project, Service};

const LAKE: [&str; 3] = ["Binnensee", "inland sea|lake", ""];

#[test]
fn the_house_form_is_written_where_that_is_asked_for() {
    let service = Service::start().renders("ein Binnensee", "a lake");
    let project = Project::new()
        .file("seeds/a.txt", "Das ist ein Binnensee in Norwegen.\n")
        .glossary(&[LAKE])
        .engine(&service.address(), "[glossary]\nhouse_form = true");
    project.run(&["translate"]).exits(0);
    let row = &project.rows("output/a.jsonl")[0];
    assert_eq!(row["en"], "EN The the an inland sea in Norwegen.");
    assert_eq!((&row["rung"], &row["terms"][0]["held"]), (&"repair".into(), &true.into()));
}

#[test]
fn the_rule_that_made_a_term_hold_stands_in_jsonl_in_the_summary_and_in_what_explain_reports() {
    let service = Service::start().renders("ein Binnensee", "a lake");
    let project = Project::new()
        .file("seeds/a.txt", "Das ist ein Binnensee in Norwegen.\n")
        .glossary(&[LAKE, ["Norwegen", "Norway", ""]])
        .engine(&service.address(), "[glossary]\nhouse_form = true");
    let ran = project.run(&["translate", "--json", "--explain"]).exits(0);
    let terms = &project.rows("output/a.jsonl")[0]["terms"];
    assert_eq!((&terms[0]["rule"], &terms[1]["rule"]), (&"house_form".into(), &"left_german".into()));
    assert_eq!(ran.json()["terms"]["rules"], serde_json::json!({ "house_form": 1, "left_german": 1 }));
    for line in [
        "a.txt, segment 1: Binnensee → inland sea (native, house_form: in the place of another accepted rendering",
        "a.txt, segment 1: Norwegen → Norway (repair, left_german: in the place of the German words",
    ] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
}

#[test]
fn an_accepted_target_that_the_service_chose_stays() {
    let service = Service::start().renders("ein Binnensee", "a lake");
    let project = Project::new()
        .file("seeds/a.txt", "Das ist ein Binnensee in Norwegen.\n")
        .glossary(&[LAKE])
        .engine(&service.address(), "");
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

#[test]
fn what_is_not_english_in_an_answer_is_taken_out_and_told() {
    let service = Service::start()
        .renders(
            "Der Pegel steigt.",
            "\u{1b}[2JThe level\u{202e}\u{0}\r\nis &quot;rising&quot;. (Note: level, not gauge.)",
        )
        .renders("Der Mond", "The\u{9b}31m moon");
    let project = Project::new()
        .file("seeds/a.txt", "Der Pegel steigt. Der Mond scheint.\n")
        .engine(&service.address(), "");
    let english = "EN The level is \"rising\".";
    for _ in ["from the service", "from the memory"] {
        project.run(&["translate"]).exits(0);
        let rows = project.rows("output/a.jsonl");
        assert_eq!((&rows[0]["en"], &rows[1]["en"]), (&english.into(), &"EN The moon scheint.".into()));
        let told = |row: usize| {
            rows[row]["findings"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|f| f["kind"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(told(0), ["tidied", "tidied", "tidied", "cut"]);
        assert_eq!(told(1), ["tidied"]);
        std::fs::remove_dir_all(project.path().join("output")).expect("removed");
    }
    let out = project.run(&["translate", "seeds/a.txt"]).exits(0).stdout;
    assert_eq!(out, format!("{english} EN The moon scheint.\n"));
    assert_eq!(service.counts().requests, 1);
}
