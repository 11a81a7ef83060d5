//! `wortlaut memory forget` and `wortlaut translate --again`.

use crate::support::{Fault, Project, Service, english};

fn project(service: &Service) -> Project {
    Project::new()
        .file("seeds/a.txt", "Der Hafen ist leer. Die Fähre kommt.")
        .file("seeds/b.txt", "Die Fähre kommt. Der Kran steht.")
        .engine(&service.address(), "")
}

/// The texts that were sent since the last call, in alphabetical order.
fn sent(service: &Service) -> Vec<String> {
    let mut texts: Vec<String> = service.counts().texts.into_keys().collect();
    texts.sort();
    service.reset();
    texts
}

#[test]
fn what_is_forgotten_is_sent_again_and_nothing_else() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    let english = project.files("output");
    service.reset();

    let ran = project.run(&["memory", "forget", "Der Hafen ist leer.", "--dry-run"]).exits(0);
    assert_eq!(ran.stdout, "1 translation would be forgotten\n");
    let ran = project.run(&["memory", "forget", "Der Hafen ist leer."]).exits(2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    project.run(&["translate"]).exits(0);
    assert!(sent(&service).is_empty());

    let ran = project.run(&["memory", "forget", "Der  Hafen ist leer.", "--yes"]).exits(0);
    assert_eq!(ran.stdout, "1 translation forgotten\n");
    project.run(&["translate"]).exits(0);
    assert_eq!(sent(&service), ["Der Hafen ist leer."]);

    project.run(&["memory", "forget", "--article", "b.*", "--yes"]).exits(0);
    project.run(&["translate"]).exits(0);
    assert_eq!(sent(&service), ["Der Kran steht.", "Die Fähre kommt."]);

    project.run(&["memory", "forget", "--engine", "other", "--yes"]).exits(0);
    project.run(&["translate"]).exits(0);
    assert!(sent(&service).is_empty());
    let ran = project.run(&["memory", "forget", "--engine", "double", "--yes"]).exits(0);
    assert_eq!(ran.stdout, "3 translations forgotten\n");
    project.run(&["translate"]).exits(0);
    assert_eq!(sent(&service).len(), 3);
    assert_eq!(project.files("output"), english);
}

#[test]
fn what_is_to_be_forgotten_must_be_said() {
    let project = Project::new().engine("http://127.0.0.1:1", "");
    project.run(&["memory", "forget", "--yes"]).exits(2);
    let ran = project.run(&["memory", "forget", "--unusable", "--yes"]).exits(0);
    assert!(ran.stdout.starts_with("there is no translation memory"), "{}", ran.stdout);
    assert!(project.files(".wortlaut").is_empty());
}

#[test]
fn an_article_that_is_not_there_is_named() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    let ran = project.run(&["memory", "forget", "--article", "c*", "--yes"]).exits(2);
    assert!(ran.stderr.contains("c*"), "{}", ran.stderr);
}

#[test]
fn an_echo_fails_and_is_asked_for_again_when_the_user_says_so() {
    let service = Service::start().fault(Fault::Echo("Fähre"));
    let project = project(&service);
    let ran = project.run(&["translate", "--json"]).exits(3);
    assert_eq!(ran.json()["failed"], 2);
    assert!(ran.stderr.contains("--again 'a.txt#2'"), "{}", ran.stderr);
    let english_text = project.read("output/a.english.txt");
    assert!(english_text.contains("not translated") && !english_text.contains("Fähre"), "{english_text}");
    let times = service.counts().texts["Die Fähre kommt."];
    assert_eq!(times, 2, "in its batch and alone; the service takes nothing else along");

    service.mend();
    service.reset();
    project.run(&["translate"]).exits(3);
    assert!(sent(&service).is_empty());
    let dry = project.run(&["translate", "--dry-run", "--json", "--again", "a.txt#2"]).exits(0).json();
    assert_eq!((&dry["estimate"]["to_send"], &dry["estimate"]["failed"]), (&1.into(), &0.into()));
    let ran = project.run(&["translate", "--again", "a.txt#2"]).exits(0);
    assert!(!ran.stderr.contains("no segment"), "{}", ran.stderr);
    assert_eq!(sent(&service), ["Die Fähre kommt."]);
    assert_eq!(project.rows("output/b.jsonl")[0]["en"], english("Die Fähre kommt."));

    let ran = project.run(&["memory", "forget", "--unusable", "--yes"]).exits(0);
    assert_eq!(ran.stdout, "0 translations and 1 unusable answer forgotten\n");
}

#[test]
fn segments_are_chosen_by_article_and_by_german() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    service.reset();
    project.run(&["translate", "--again", "b*"]).exits(0);
    assert_eq!(sent(&service), ["Der Kran steht.", "Die Fähre kommt."]);
    project.run(&["translate", "--again-text", "(?i)hafen|kran"]).exits(0);
    assert_eq!(sent(&service), ["Der Hafen ist leer.", "Der Kran steht."]);
    let ran = project.run(&["translate", "--again", "c.txt#1"]).exits(0);
    assert!(ran.stderr.contains("no segment of these articles was chosen"), "{}", ran.stderr);
    assert!(sent(&service).is_empty());
    let ran = project.run(&["translate", "--again-text", "("]).exits(2);
    assert!(ran.stderr.contains("regular expression"), "{}", ran.stderr);
}
