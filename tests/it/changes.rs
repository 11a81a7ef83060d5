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
        assert_eq!(dry.last_json()["estimate"]["to_send"], 0, "{case}");
        let ran = project.run(&["translate", "--changes", "changes.jsonl", "--json"]).exits(0);
        assert_eq!(service.counts().requests, requests, "{case}");
        let rows = project.rows("changes.jsonl");
        assert_eq!(rows.len(), usize::from(changed), "{case}: {rows:?}");
        assert_eq!(ran.json()["changed"].as_u64(), Some(rows.len() as u64));
        assert_eq!(
            (project.read("dry.jsonl"), dry.last_json()["changed"].as_u64()),
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

const RECORDS: [&str; 3] = [
    "{\"id\":\"m1\",\"text\":\"Ein Boot fuhr am Montag. Das ist ein Binnensee in Norwegen.\"}\n",
    "{\"id\":\"m2\",\"text\":\"Der Regen fiel lange.\"}\n",
    "{\"id\":\"m3\",\"text\":\"Der Binnensee war leer. Es regnet dort.\"}\n",
];

/// The article, the segment, the cause, and both sides.
fn told(rows: &[Value]) -> Vec<(&str, u64, &str, &str, &str)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or("-").to_owned().leak() as &str;
    let row = |row: &Value| {
        let segment = row["segment"].as_u64().expect("a number");
        (text(row, "article"), segment, text(row, "why"), text(row, "old"), text(row, "new"))
    };
    rows.iter().map(row).collect()
}

/// Runs with and without `--dry-run` and gives back what changed, which both have to say alike.
fn changes_of(project: &Project, args: &[&str]) -> Vec<Value> {
    let dry = [args, &["--dry-run", "--changes", "dry.jsonl", "--json"]].concat();
    let dry = project.run(&dry).exits(0).last_json();
    let ran = [args, &["--changes", "changes.jsonl", "--json"]].concat();
    let ran = project.run(&ran).exits(0).json();
    let rows = project.rows("changes.jsonl");
    assert_eq!(project.read("dry.jsonl"), project.read("changes.jsonl"));
    assert_eq!(
        (dry["changed"].as_u64(), ran["changed"].as_u64()),
        (Some(rows.len() as u64), dry["changed"].as_u64())
    );
    rows
}

#[test]
fn the_records_of_a_corpus_tell_what_changes_in_them() {
    for (name, output) in [("folder", "output/"), ("file", "rows.jsonl")] {
        let service = Service::start();
        let project = Project::new()
            .file("mond.jsonl", RECORDS.concat())
            .glossary(&[["Binnensee", "inland sea", ""]])
            .engine(&service.address(), "");
        let mut args = vec!["translate", "mond.jsonl", "--id-field", "id", "-o", output];
        if name == "file" {
            args.extend(["--format", "jsonl"]);
        }
        // The first run has nothing to compare with, and the next one nothing to tell.
        assert!(changes_of(&project, &args).is_empty());
        assert!(changes_of(&project, &args).is_empty());
        let requests = service.counts().requests;
        project.put("glossary/terms.tsv", "source\ttarget\nBinnensee\tlandlocked sea\n");
        let rows = changes_of(&project, &args);
        let brief: Vec<_> =
            told(&rows).into_iter().map(|(id, segment, why, ..)| (id, segment, why)).collect();
        assert_eq!(brief, [("m1", 2, "glossary"), ("m3", 1, "glossary")], "{name}");
        for (_, _, _, old, new) in told(&rows) {
            assert_eq!((old.replace("inland", "landlocked").as_str(), old == new), (new, false));
        }
        project.put("pairs.tsv", "de\ten\nDer Regen fiel lange.\tIt rained for long.\n");
        project.run(&["memory", "import", "pairs.tsv", "--as", "correction"]).exits(0);
        let rows = changes_of(&project, &args);
        assert_eq!(told(&rows)[0].3, "EN The Regen the the.");
        assert_eq!(
            (told(&rows)[0].0, told(&rows)[0].2, told(&rows)[0].4),
            ("m2", "correction", "It rained for long.")
        );
        assert_eq!((rows.len(), service.counts().requests), (1, requests), "{name}");
    }
}

#[test]
fn records_are_known_again_where_others_came_went_and_moved() {
    for is_named in [true, false] {
        let service = Service::start();
        let project = Project::new()
            .file("mond.jsonl", RECORDS.concat())
            .glossary(&[["Binnensee", "inland sea", ""]])
            .engine(&service.address(), "");
        let mut args = vec!["translate", "mond.jsonl"];
        if is_named {
            args.extend(["--id-field", "id"]);
        }
        project.run(&args).exits(0);
        project.put("glossary/terms.tsv", "source\ttarget\nBinnensee\tlandlocked sea\n");
        let new = "{\"id\":\"m0\",\"text\":\"Kein Wind.\"}\n";
        project.put("mond.jsonl", [new, RECORDS[2], RECORDS[0]].concat());
        project.run(&[&args[..], &["--changes", "changes.jsonl"]].concat()).exits(0);
        let rows = project.rows("changes.jsonl");
        let brief: Vec<_> =
            told(&rows).into_iter().map(|(id, segment, why, ..)| (id, segment, why)).collect();
        if is_named {
            assert_eq!(brief, [("m3", 1, "glossary"), ("m1", 2, "glossary")]);
        } else {
            // The new record stands in the line of another one.
            let expected = [
                ("mond.jsonl#1", 1, "source"),
                ("mond.jsonl#2", 1, "glossary"),
                ("mond.jsonl#3", 2, "glossary"),
            ];
            assert_eq!(brief, expected);
        }
    }
}

#[test]
fn where_no_file_says_what_each_sentence_read_that_is_told() {
    let service = Service::start();
    let project = Project::new()
        .file("mond.csv", "id,text\n1,Das ist ein Binnensee in Norwegen.\n")
        .glossary(&[["Binnensee", "inland sea", ""]])
        .engine(&service.address(), "");
    let args = ["translate", "mond.csv", "--format", "document", "--changes", "changes.jsonl"];
    let ran = project.run(&args).exits(0);
    assert!(!ran.stderr.contains("format jsonl"), "{}", ran.stderr);
    project.put("glossary/terms.tsv", "source\ttarget\nBinnensee\tlandlocked sea\n");
    let ran = project.run(&args).exits(0);
    assert!(ran.stderr.contains("note: mond.csv: ") && ran.stderr.contains("format jsonl"), "{}", ran.stderr);
    assert_eq!(project.read("changes.jsonl"), "");
}

#[test]
fn a_file_by_itself_of_another_format_is_not_taken_for_rows() {
    let service = Service::start();
    let project = project(&service, "inland sea", "");
    let args = ["translate", "seeds/a.txt", "-o", "a.en.txt"];
    project.run(&args).exits(0);
    project.put("glossary/terms.tsv", "source\ttarget\nBinnensee\tlandlocked sea\n");
    assert!(changes_of(&project, &args).is_empty());
    assert!(project.read("a.en.txt").contains("landlocked sea"));
}
