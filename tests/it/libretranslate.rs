//! What a LibreTranslate server gives and takes: alternatives, limits, settings.

use crate::support::{Owner, Project, Service, finished};

const FIRE: &str = "Die Feuerwehr kam am Abend an.";

/// A server that chooses another word for a term, and has further translations.
fn with_choices() -> Service {
    Service::start()
        .answers(FIRE, "The squad arrived in the evening.")
        .alternatives(FIRE, &["The crew arrived in the evening.", "The fire brigade arrived in the evening."])
}

fn project(service: &Service, more: &str) -> Project {
    Project::new().engine(&service.address(), &format!("concurrency = 1\n{more}"))
}

#[test]
fn a_term_holds_in_an_alternative_and_nothing_more_is_sent() {
    let service = with_choices();
    let project = project(&service, "")
        .file("seeds/a.txt", format!("{FIRE}\n\nGestern hat es lange geregnet.\n"))
        .glossary(&[["Feuerwehr", "fire brigade", ""]]);
    let ran = project.run(&["translate", "--json", "--explain"]).exits(0);
    assert_eq!((service.counts().requests, service.counts().alternatives), (1, 1));
    let row = &project.rows("output/a.jsonl")[0];
    assert_eq!(row["en"], "The fire brigade arrived in the evening.");
    assert_eq!((&row["rung"], &row["terms"][0]["held"]), (&"alternative".into(), &true.into()));
    assert_eq!(row["findings"], serde_json::json!([]));
    assert_eq!(ran.json()["terms"]["alternative"], 1);
    assert!(ran.stderr.contains("Feuerwehr → fire brigade (alternative)"), "{}", ran.stderr);
    // What the memory has is all that there was.
    let first = project.outputs("output");
    std::fs::remove_dir_all(project.path().join("output")).expect("removed");
    project.run(&["translate", "--offline"]).exits(0);
    assert_eq!(project.outputs("output"), first);
    project.put("glossary/terms.tsv", "source\ttarget\nFeuerwehr\tcrew\n");
    project.run(&["translate"]).exits(0);
    let row = &project.rows("output/a.jsonl")[0];
    assert_eq!(
        (&row["en"], &row["rung"]),
        (&"The crew arrived in the evening.".into(), &"alternative".into())
    );
    assert_eq!((service.counts().requests, service.counts().settings), (1, 1));
}

#[test]
fn what_is_kept_of_a_sentence_does_not_depend_on_those_that_went_with_it() {
    let rain = "Gestern hat es lange geregnet.";
    let service = with_choices()
        .answers(rain, "Yesterday it rained for a long time.")
        .alternatives(rain, &["Yesterday it poured for a long time."]);
    let project = project(&service, "").file("seeds/a.txt", format!("{FIRE}\n\n{rain}\n")).glossary(&[[
        "Feuerwehr",
        "fire brigade",
        "",
    ]]);
    project.run(&["translate"]).exits(0);
    project.put("glossary/terms.tsv", "source\ttarget\nFeuerwehr\tcrew\ngeregnet\tpoured\n");
    project.run(&["translate", "--rungs", "alternative"]).exits(1);
    let rungs: Vec<_> = project.rows("output/a.jsonl").iter().map(|row| row["rung"].clone()).collect();
    assert_eq!(rungs, ["alternative", "native"], "it went without terms, so nobody knows of choices");
}

#[test]
fn alternatives_are_asked_for_only_where_a_term_is_to_hold_and_where_there_can_be_some() {
    let service = with_choices();
    let project = project(&service, "").file("seeds/a.txt", format!("{FIRE}\n"));
    project.run(&["translate"]).exits(0);
    assert_eq!(service.counts().alternatives, 0, "there is no glossary");
    let project = project.glossary(&[["Feuerwehr", "fire brigade", ""]]);
    project.run(&["translate", "--again", "a.txt", "--rungs", "repair"]).exits(1);
    assert_eq!((service.counts().requests, service.counts().alternatives), (2, 0), "the rung is not wanted");
    project.put("seeds/b.md", "Die *Feuerwehr* ist um acht Uhr angekommen.\n");
    project.run(&["translate", "--rungs", "alternative"]);
    assert_eq!((service.counts().requests, service.counts().alternatives), (3, 0), "a text with markup");
}

#[test]
fn a_server_that_gives_no_alternatives_is_asked_without_them() {
    let owner = Owner { alternatives_limit: Some(0), ..Owner::default() };
    let service = with_choices().owner(owner);
    let project = project(&service, "max_segments = 1")
        .file("seeds/a.txt", format!("{FIRE}\n\nDie Feuerwehr fuhr wieder ab.\n"))
        .glossary(&[["Feuerwehr", "fire brigade", ""]]);
    project.run(&["translate", "--rungs", "alternative"]).exits(1);
    assert_eq!((service.counts().requests, service.counts().alternatives), (3, 1));
}

/// Sentences of an article, each of some thirty characters.
fn sentences(number: usize) -> Vec<String> {
    (0..number).map(|n| format!("Im Hafen liegt heute das Schiff {n}.")).collect()
}

#[test]
fn later_batches_keep_to_the_limit_that_a_server_names() {
    let service = Service::start().owner(Owner { batch_limit: Some(3), ..Owner::default() });
    let project = project(&service, "max_segments = 6");
    project.put("seeds/a.txt", sentences(12).join(" "));
    project.run(&["translate"]).exits(0);
    let counts = service.counts();
    assert_eq!((counts.requests, counts.good), (5, 4), "one is refused, and none is smaller than need be");
    assert!(counts.texts.values().all(|count| *count == 1));
}

#[test]
fn a_text_that_is_too_long_fails_alone() {
    let long = "Der Hafen ist lang, breit, tief, alt, schön und an jedem Abend hell erleuchtet.";
    for (is_discreet, requests) in [(true, 3), (false, 2)] {
        let owner = Owner { char_limit: Some(50), is_discreet, ..Owner::default() };
        let service = Service::start().owner(owner);
        let project = project(&service, "max_segments = 6");
        let mut all = sentences(10);
        all.insert(2, long.to_owned());
        project.put("seeds/a.txt", all.join(" "));
        let summary = project.run(&["translate", "--json"]).exits(3).json();
        assert_eq!((&summary["failed"], &summary["translated"]), (&1.into(), &10.into()));
        // Six texts with the long one in it, which nobody sends where the limit is known; then five, and the other five.
        assert_eq!(service.counts().requests, requests);
        let reason = project.rows("output/a.jsonl")[2]["findings"][0]["message"].to_string();
        assert!(
            reason.contains("a text of 79 characters is too long for the service, which takes 50"),
            "{reason}"
        );
        // Another one of that kind, now that the limit is known from the beginning or is learned again.
        project.put("seeds/b.txt", format!("{long} Ja."));
        project.run(&["translate"]).exits(3);
        assert_eq!(service.counts().texts["Ja."], 1);
        assert!(!service.counts().texts.contains_key(long));
    }
}

#[test]
fn a_limit_for_everyone_is_no_reason_to_give_a_server_up() {
    let service =
        Service::start().owner(Owner { char_limit: Some(20), is_discreet: true, ..Owner::default() });
    let project = project(&service, "max_segments = 1");
    project.put("seeds/a.txt", format!("{} Es regnet.", sentences(30).join(" ")));
    let summary = project.run(&["translate", "--json"]).exits(3).json();
    assert_eq!((&summary["failed"], &summary["translated"]), (&30.into(), &1.into()));
    assert_eq!(service.counts().requests, 2, "the first one tells the limit");
}

#[test]
fn the_settings_of_a_server_are_read_when_something_is_sent() {
    let service = Service::start();
    let project = project(&service, "max_segments = 2");
    project.put("seeds/a.txt", sentences(8).join(" "));
    project.run(&["translate", "--dry-run"]).exits(0);
    assert_eq!(service.counts().settings, 0);
    project.run(&["translate"]).exits(0);
    assert_eq!((service.counts().settings, service.counts().requests), (1, 4));
    std::fs::remove_dir_all(project.path().join("output")).expect("removed");
    project.run(&["translate"]).exits(0);
    assert_eq!((service.counts().settings, service.counts().requests), (1, 4), "all is in the memory");
}

#[test]
fn a_server_that_wants_a_key_is_sent_no_text_without_one() {
    let service = Service::start().owner(Owner { key_required: true, ..Owner::default() });
    let project = project(&service, "key_env = 'HAUS'").file("seeds/a.txt", format!("{FIRE}\n"));
    let ran = project.run(&["translate"]).exits(5);
    assert!(ran.stderr.contains("double has no key, and its server wants one"), "{}", ran.stderr);
    assert_eq!(service.counts().requests, 0);
    finished(&project.command(&["translate"]).env("HAUS", "geheim").output().expect("started")).exits(0);
    assert_eq!(service.counts().requests, 1);
}
