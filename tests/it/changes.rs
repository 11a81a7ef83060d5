//! What a run changes in files that were there before, and what that costs.

use serde_json::Value;

use crate::support::{Project, Service};

const TEXT: &str = "Ein Boot fuhr am Montag. Das ist ein Binnensee in Norwegen. Es regnet dort.\n";

fn project(service: &Service, targets: &str, more: &str) -> Project {
    Project::new()
        .file("seeds/a.txt", TEXT)
        .file("seeds/b.txt", "Der Regen fiel lange.\n")
        .glossary(&[["Binnensee", targets, ""]])
        .engine(&service.address(), more)
}

/// The objects of a list of changes without the article.
fn brief(rows: &[Value]) -> Vec<(u64, &str, &str, &str)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or("-").to_owned().leak() as &str;
    rows.iter()
        .map(|row| {
            (row["segment"].as_u64().expect("a number"), text(row, "old"), text(row, "new"), text(row, "why"))
        })
        .collect()
}

#[test]
fn a_change_of_the_house_form_is_shown_before_and_repaired_without_a_request() {
    for (house_form, before, after, changed) in [
        (true, "inland sea|lake", "lake|inland sea", true),
        (true, "inland sea|lake", "landlocked sea|lake", true),
        (true, "inland sea", "landlocked sea|inland sea", true),
        (true, "inland sea", "inland sea|lake", false),
        (false, "inland sea", "landlocked sea", true),
        (false, "inland sea", "lake|inland sea", true),
        (false, "inland sea|lake", "lake|inland sea", true),
    ] {
        let case = format!("{before} to {after}, {house_form}");
        let service = Service::start();
        let project = project(&service, before, &format!("[glossary]\nhouse_form = {house_form}"));
        let ran = project.run(&["translate", "--changes", "changes.jsonl", "--json"]).exits(0);
        assert_eq!((ran.json()["changed"].as_u64(), project.read("changes.jsonl").as_str()), (Some(0), ""));
        let requests = service.counts().requests;
        project.put("glossary/terms.tsv", format!("source\ttarget\nBinnensee\t{after}\n"));
        let dry = project.run(&["translate", "--dry-run", "--changes", "dry.jsonl", "--json"]).exits(0);
        assert_eq!(dry.json()["estimate"]["to_send"], 0, "{case}");
        let ran = project.run(&["translate", "--changes", "changes.jsonl", "--json"]).exits(0);
        assert_eq!(service.counts().requests, requests, "{case}");
        let rows = project.rows("changes.jsonl");
        assert_eq!(rows.len(), usize::from(changed), "{case}: {rows:?}");
        assert_eq!(ran.json()["changed"].as_u64(), Some(rows.len() as u64));
        assert_eq!(
            (project.read("dry.jsonl"), dry.json()["changed"].as_u64()),
            (project.read("changes.jsonl"), Some(rows.len() as u64))
        );
        for (segment, old, new, why) in brief(&rows) {
            let house = after.split('|').next().expect("a target");
            assert_eq!(
                (segment, why, old.contains("inland sea"), new.contains(house)),
                (2, "glossary", true, true),
                "{case}"
            );
        }
    }
}

#[test]
fn an_edited_article_and_another_engine_are_told_apart() {
    let service = Service::start();
    let project = project(&service, "inland sea", "[engines.other]\nkind = 'pseudo'");
    project.run(&["translate"]).exits(0);
    project.put("seeds/a.txt", TEXT.replace("Montag", "Dienstag"));
    let ran = project.run(&["translate", "--changes", "changes.tsv"]).exits(0);
    assert!(
        ran.stderr.contains("note: 1 sentence changed in files that were there before\n"),
        "{}",
        ran.stderr
    );
    let table = project.read("changes.tsv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0], ["article", "segment", "de", "old", "new", "why"]);
    assert_eq!((rows[1][0], rows[1][1], rows[1][3], rows[1][5], rows.len()), ("a.txt", "1", "", "source", 2));
    let ran = project.run(&["translate", "--engine", "other", "--changes", "changes.tsv"]).exits(0);
    assert!(ran.stderr.contains("note: 4 sentences changed"), "{}", ran.stderr);
    assert!(project.read("changes.tsv").lines().skip(1).all(|line| line.ends_with("\tengine")));
}

#[test]
fn a_file_that_is_no_list_of_changes_is_not_replaced() {
    let service = Service::start();
    let project = project(&service, "inland sea", "").file("notes.txt", "Meine Notizen\n");
    let ran = project.run(&["translate", "--changes", "notes.txt"]).exits(2);
    assert!(
        ran.stderr.contains("is no list of changes") && ran.stderr.contains("--overwrite"),
        "{}",
        ran.stderr
    );
    assert_eq!((service.counts().requests, project.read("notes.txt").as_str()), (0, "Meine Notizen\n"));
}
