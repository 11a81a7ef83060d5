//! Articles of which nothing changed are not made again, and whatever may change them is noticed.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Fault, Project, Ran, Service};

const MOON: &str = "Der Mond ist voll.\n\nAm 3. Mai flog Meyer los. Er war nicht da.\n";
const SEA: &str = "Der See ist leer. Meyer kam am Montag.\n";

fn project(service: &Service) -> Project {
    Project::new()
        .file("seeds/mond.txt", MOON)
        .file("seeds/tief/see.txt", SEA)
        .glossary(&[["See", "lake", ""], ["Mond", "moon", ""]])
        .engine(&service.address(), "")
}

/// What is remembered of the articles.
fn remembered(project: &Project) -> PathBuf {
    let files = project.files(".wortlaut").into_keys();
    let mut files = files.filter(|path| path.to_string_lossy().contains("memory.db.articles-"));
    let file = files.next().expect("a file");
    assert_eq!(files.next(), None);
    file
}

/// What a run says without what it took.
fn said(ran: &Ran) -> (Option<i32>, Value, String) {
    let mut summary = ran.json();
    summary["seconds"].take();
    // Progress lines come in the order in which articles are finished, which differs from run to run.
    let lines = ran.stderr.lines().filter(|line| !line.starts_with('['));
    (ran.code, summary, lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_run_of_which_nothing_changed_says_what_a_run_says_that_makes_all_again() {
    let service = Service::start();
    let project = project(&service);
    let first = project.run(&["translate", "--json"]).exits(0).json();
    assert!(first["translated"].as_u64() > Some(0) && first["terms"]["found"].as_u64() > Some(0), "{first}");
    let outputs = project.files("output");
    let unchanged = project.run(&["translate", "--json"]);
    let known_by_looking = project.run(&["translate", "--json"]);
    fs::remove_file(remembered(&project)).expect("removed");
    let made_again = project.run(&["translate", "--json"]);
    assert_eq!(said(&unchanged), said(&made_again));
    assert_eq!(said(&known_by_looking), said(&made_again));
    assert_eq!(project.files("output"), outputs);
}

#[test]
fn what_did_not_change_is_taken_from_what_was_remembered() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    let path = remembered(&project);
    let forged = fs::read_to_string(&path).expect("read").replace("\"errors\":0", "\"errors\":1");
    fs::write(&path, forged).expect("written");
    // Both articles are taken as they are remembered; with one changed, only the other is.
    assert_eq!(project.run(&["translate", "--json"]).exits(1).json()["errors"], 2);
    project.put("seeds/tief/see.txt", SEA.replace("leer", "voll"));
    assert_eq!(project.run(&["translate", "--json"]).exits(1).json()["errors"], 1);
}

#[test]
fn whatever_changes_what_articles_become_is_noticed() {
    type Change = fn(&Project);
    let changes: [(&str, Change); 13] = [
        ("an article of the same length, with the time that it had", |project| {
            let path = project.path().join("seeds/mond.txt");
            let time = fs::metadata(&path).and_then(|found| found.modified()).expect("a time");
            fs::write(&path, MOON.replace("voll", "hell")).expect("written");
            fs::File::options()
                .write(true)
                .open(&path)
                .and_then(|file| file.set_modified(time))
                .expect("set back");
        }),
        ("another file in the place of an article", |project| {
            project.put("seeds/new.tmp", MOON.replace("voll", "hell"));
            fs::rename(project.path().join("seeds/new.tmp"), project.path().join("seeds/mond.txt"))
                .expect("renamed");
        }),
        ("an output that is gone", |project| {
            fs::remove_file(project.path().join("output/mond.tsv")).expect("removed");
        }),
        ("an output that a person changed", |project| {
            let text = project.read("output/mond.en.txt").replace("moon", "Moon");
            project.put("output/mond.en.txt", text);
        }),
        ("the manifest that is gone", |project| {
            fs::remove_file(project.path().join("output/.wortlaut-manifest.jsonl")).expect("removed");
        }),
        ("an entry of the glossary", |project| {
            project.put("glossary/terms.tsv", "source\ttarget\nSee\tlake\nMond\tMoon\n");
        }),
        ("an entry that is gone", |project| project.put("glossary/terms.tsv", "source\ttarget\nSee\tlake\n")),
        ("a setting of the checks", |project| {
            let settings =
                project.read("wortlaut.toml") + "[check]\nerrors = ['names', 'numbers', 'negation']\n";
            project.put("wortlaut.toml", settings);
        }),
        ("another format", |project| {
            let settings = project.read("wortlaut.toml").replace("'tsv'", "'tsv', 'xliff'");
            project.put("wortlaut.toml", settings);
        }),
        ("a correction", |project| {
            project.put("pairs.tsv", "source\ttarget\nDer Mond ist voll.\tThe moon is full tonight.\n");
            project.run(&["memory", "import", "pairs.tsv", "--as", "correction", "--by", "Ada"]).exits(0);
        }),
        ("an answer that was forgotten", |project| {
            project.run(&["memory", "forget", "Der Mond ist voll.", "--yes"]).exits(0);
        }),
        ("another memory", |project| {
            fs::remove_file(project.path().join(".wortlaut/memory.db")).expect("removed");
        }),
        ("an answer that was asked for again", |project| {
            project.run(&["translate", "--again-text", "Mond"]).exits(0);
        }),
    ];
    for (what, change) in changes {
        let service = Service::start();
        let project = project(&service);
        project.run(&["translate"]).exits(0);
        project.run(&["translate"]).exits(0);
        change(&project);
        let ran = project.run(&["translate", "--json"]);
        let outputs = project.files("output");
        let again = project.run(&["translate", "--json"]);
        fs::remove_file(remembered(&project)).expect("removed");
        let made_again = project.run(&["translate", "--json"]);
        assert_eq!(said(&again), said(&made_again), "{what}");
        assert_eq!(project.files("output"), outputs, "{what}");
        assert_eq!(ran.code, made_again.code, "{what}");
    }
}

#[test]
fn what_failed_is_tried_again() {
    let service = Service::start().fault(Fault::Always(400));
    let project = project(&service);
    project.run(&["translate"]).exits(3);
    project.run(&["translate"]).exits(3);
    service.mend();
    assert_eq!(project.run(&["translate", "--json"]).exits(0).json()["failed"], 0);
}

#[test]
fn what_was_asked_for_a_term_and_not_answered_is_asked_again() {
    let service = Service::start().renders("Mond", "satellite").fault(Fault::After(1, 400));
    let project = Project::new()
        .file("seeds/mond.txt", "Der Mond ist voll.\n")
        .glossary(&[["Mond", "moon", ""]])
        .engine(&service.address(), "");
    project.run(&["translate"]).exits(1);
    service.mend();
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!((&summary["failed"], &summary["terms"]["held"]), (&0.into(), &1.into()), "{summary}");
}
