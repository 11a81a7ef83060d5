//! What the checks find, told at the end of a run and by `wortlaut check`.

use serde_json::Value;

use crate::support::{Project, Ran, Service};

/// The first lines of the findings that were told.
fn heads(told: &str) -> Vec<&str> {
    told.lines().filter(|line| line.starts_with("error: ") || line.starts_with("warning: ")).collect()
}

/// A corpus of two articles in which a term does not hold once and numbers get lost.
fn project(service: &Service, numbers: usize) -> Project {
    let lost: Vec<String> = (0..numbers).map(|n| format!("Am Kai {} liegt ein Boot.", 100 + n)).collect();
    Project::new()
        .file("seeds/a.txt", lost.join(" "))
        .file(
            "seeds/b.txt",
            "Es regnet. Am Montag fuhr um 7 Uhr die alte Fähre mit vielen Leuten an Bord aus dem Hafen.",
        )
        .glossary(&[["Fähre", "ferry|ferryboat", "steamer"]])
        .engine(&service.address(), "[glossary]\nrungs = []")
}

fn service() -> Service {
    let service = Service::start()
        .renders("Fähre", "steamer")
        .renders("liegt ein", "lies a")
        .renders("mit vielen", "with many")
        .renders("aus dem", "from the");
    (100..120).fold(service, |service, n| service.renders(&format!("Kai {n}"), "quay"))
}

fn rows(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
}

#[test]
fn a_run_ends_with_the_worst_ten_and_check_has_them_all_without_sending() {
    let service = service();
    let project = project(&service, 15);
    let ran = project.run(&["translate"]).exits(1);
    let told = heads(&ran.stderr);
    assert_eq!(told.len(), 10, "{}", ran.stderr);
    assert_eq!(
        told[..3],
        ["error: b.txt, segment 2", "warning: a.txt, segment 1", "warning: a.txt, segment 2"]
    );
    for line in [
        "    “Fähre” should read “ferry” or “ferryboat” but reads",
        "    “steamer”",
        "    de: …um 7 Uhr die alte [Fähre] mit vielen Leuten an…",
        "    en: …um 7 The die the [steamer] with many Leuten an…",
        "… and 6 more; all of them: wortlaut check",
    ] {
        assert!(ran.stderr.lines().any(|told| told.starts_with(line)), "{line} in {}", ran.stderr);
    }
    let said = ran.stderr.lines().skip_while(|line| *line != told[0]);
    let said: Vec<_> = said.take_while(|line| !line.starts_with('…')).collect();
    assert!(said.iter().all(|line| line.chars().count() < 60), "{said:?}");

    let requests = service.counts().requests;
    let ran = project.run(&["check"]).exits(1);
    assert_eq!(heads(&ran.stdout).len(), 16, "{}", ran.stdout);
    assert_eq!(heads(&ran.stdout)[15], "error: b.txt, segment 2", "by article and segment");
    assert_eq!(ran.stderr, "1 error, 15 warnings in 17 segments of 2 articles\n");
    assert_eq!(service.counts().requests, requests);
}

#[test]
fn check_filters_by_kind_severity_and_article_and_exits_by_what_is_listed() {
    let service = service();
    let project = project(&service, 2);
    project.run(&["translate"]).exits(1);
    let errors = rows(&project.run(&["check", "--json", "--severity", "error"]).exits(1));
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert_eq!((&error["article"], &error["segment"]), (&"b.txt".into(), &2.into()));
    assert_eq!((&error["check"], &error["severity"]), (&"term_not_held".into(), &"error".into()));
    assert_eq!((&error["is"], &error["should"]), (&"steamer".into(), &"ferry".into()));
    let numbers = rows(&project.run(&["check", "--json", "--kind", "numbers"]).exits(0));
    assert_eq!(numbers.len(), 2);
    assert_eq!((&numbers[1]["is"], &numbers[1]["should"]), (&Value::Null, &"101".into()));
    assert!(
        numbers.iter().all(|row| row["article"] == "a.txt" && row["de"].is_string() && row["en"].is_string())
    );
    assert_eq!(rows(&project.run(&["check", "--json", "--article", "a*"]).exits(0)), numbers);
    assert_eq!(rows(&project.run(&["check", "--json", "seeds/a.txt"]).exits(0)), numbers);
    let ran = project.run(&["check", "--article", "[", "--json"]).exits(2);
    assert!(ran.stderr.contains("is not a pattern"), "{}", ran.stderr);

    project.put("glossary/terms.tsv", "source\ttarget\nFähre\tsteamer\n");
    let ran = project.run(&["check", "--article", "b*"]).exits(0);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("", "nothing found in 2 segments of 1 article\n")
    );
}

#[test]
fn a_check_takes_the_flags_of_the_run_it_looks_at() {
    let service = service();
    let project = project(&service, 0);
    let findings = |flags: &[&str]| {
        let ran = project.run(&[&["check", "--json", "--kind", "term_not_held"], flags].concat());
        rows(&ran).len()
    };
    project.run(&["translate", "--rungs", "repair"]).exits(0);
    assert_eq!((findings(&[]), findings(&["--rungs", "repair"])), (1, 0));
    for flags in [["--furniture", "translate"], ["--attributes", "keep"]] {
        assert_eq!(findings(&flags), 1);
    }
    assert_eq!(findings(&["--force"]), 1);
}

#[test]
fn what_was_never_translated_is_counted_and_no_error() {
    let service = service();
    let project = project(&service, 3);
    let ran = project.run(&["check"]).exits(0);
    assert_eq!(ran.stderr, "nothing found in 0 segments of 2 articles; 5 segments are not translated yet\n");
    assert_eq!(service.counts().requests, 0);
    assert!(!project.path().join(".wortlaut/memory.db").exists());
}

#[test]
fn check_works_beside_a_run_and_on_a_corpus() {
    let service = service();
    let project = project(&service, 2)
        .file("seeds/z.txt", "Es regnet. ".repeat(3))
        .file("c.csv", "text\nAm Kai 100 liegt ein Boot.\nDie Fähre liegt da.\n");
    let arguments = ["translate", "c.csv", "--text-field", "text"];
    project.run(&arguments).exits(1);
    let sent = service.counts().requests;
    let service = service.hold_after(sent);
    let mut run = project.start(&["translate"]);
    service.wait_for_requests(sent + 1);
    let ran = project.run(&["check", "c.csv", "--text-field", "text", "--json"]).exits(1);
    let places: Vec<_> = rows(&ran).iter().map(|row| row["article"].clone()).collect();
    assert_eq!(places, ["c.csv#2", "c.csv#3"]);
    service.let_go();
    run.wait().expect("ended");
}

#[test]
fn no_sentence_drives_a_terminal() {
    let service = Service::start().renders("Boot", "boat");
    let project = Project::new()
        .file(
            "seeds/a\u{1b}[31m.txt",
            format!("Am Kai \u{1b}]0;x\u{7}\u{202e}100 liegen 27 Boote.\n\n{}", "Es regnet. ".repeat(40)),
        )
        .engine(&service.address(), "");
    let service = service.renders("27", "72");
    let ran = project.run(&["translate"]).exits(0);
    assert!(!ran.stderr.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", ran.stderr);
    assert!(ran.stderr.contains("[72]"), "{}", ran.stderr);
    let ran = project.run(&["check"]).exits(0);
    assert!(ran.stdout.contains("[72]"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", ran.stdout);
    drop(service);
}

#[test]
fn quiet_tells_errors_only() {
    let service = service();
    let project = project(&service, 2);
    let ran = project.run(&["translate", "--quiet"]).exits(1);
    assert_eq!(heads(&ran.stderr), ["error: b.txt, segment 2"], "{}", ran.stderr);
}

#[test]
fn two_files_side_by_side_are_checked_line_by_line() {
    let project = Project::new()
        .file("de.txt", "Die Fähre fuhr um 15 Uhr.\nDer Hafen ist nicht voll.\nDie Bucht ist leer.\n")
        .file("en.txt", "The ferry left at 4 p.m.\nThe port is full.\nThe bay is deserted.\n");
    let ran = project.run(&["check", "de.txt", "en.txt", "--json"]).exits(0);
    let told = rows(&ran).iter().map(|row| (row["line"].clone(), row["check"].clone())).collect::<Vec<_>>();
    assert_eq!(told, [(1.into(), "numbers".into()), (2.into(), "negation".into())]);
    let first = &rows(&ran)[0];
    assert_eq!((&first["is"], &first["severity"]), (&"4".into(), &"warning".into()));

    project.put("wortlaut.toml", "[check]\nerrors = [\"negation\"]\noff = [\"numbers\"]\n");
    let ran = project.run(&["check", "de.txt", "en.txt"]).exits(1);
    assert_eq!(heads(&ran.stdout), ["error: line 2"]);
    project.put("wortlaut.toml", "[check]\nfail_on = \"warning\"\n");
    project.run(&["check", "de.txt", "en.txt"]).exits(1);

    project.put("en.txt", "The ferry left at 3 p.m.\n");
    let ran = project.run(&["check", "de.txt", "en.txt"]).exits(2);
    assert!(ran.stderr.contains("de.txt has 3 lines and en.txt has 1 line"), "{}", ran.stderr);
}

#[test]
fn bilingual_files_and_folders_of_outputs_are_checked_as_they_are() {
    let table = "German\tEnglish\nDer Hafen ist nicht voll.\tThe port is full.\n";
    let lines = "{\"de\":\"Der Hafen ist nicht voll.\",\"en\":\"The port is full.\"}\n";
    let project = Project::new().file("pairs.tsv", table).file("pairs.jsonl", lines);
    for file in ["pairs.tsv", "pairs.jsonl"] {
        let ran = project.run(&["check", file, "--json"]).exits(0);
        assert_eq!(rows(&ran)[0]["check"], "negation", "{file}");
    }

    let service = service();
    let project = self::project(&service, 2);
    for format in ["jsonl", "lines", "tsv", "tmx", "xliff", "xlsx"] {
        project.run(&["translate", "--format", format, "--output", format]).exits(1);
        let ran = project.run(&["check", format, "--json"]).exits(1);
        let told =
            rows(&ran).iter().map(|row| (row["article"].clone(), row["check"].clone())).collect::<Vec<_>>();
        // Without their numbers, the two sentences of the first are one.
        let [numbers, one] = ["numbers", "consistency"].map(|check| ("a.txt".into(), check.into()));
        let expected = [numbers.clone(), numbers, one, ("b.txt".into(), "term_not_held".into())];
        assert_eq!(told, expected, "{format}");
    }
}

#[test]
fn what_is_left_out_on_purpose_is_no_segment_without_english() {
    let text =
        "Der Hafen\n\nVon J. R. Weber\n\nLesezeit: 4 Minuten\n\nDer Hafen war leer. Das Schiff kam nicht.\n";
    let project = Project::new().file("seeds/a.txt", text).file("wortlaut.toml", "");
    for format in ["jsonl", "tsv", "tmx", "xliff", "xliff-1.2", "xlsx"] {
        project.run(&["translate", "seeds", "--engine", "pseudo", "--format", format, "--output", format]);
        let ran = project.run(&["check", format, "--json"]);
        let empty = rows(&ran).into_iter().filter(|row| row["check"] == "empty").collect::<Vec<_>>();
        assert_eq!(empty, Vec::<Value>::new(), "{format}");
        assert!(!ran.stderr.contains("without English"), "{format}: {}", ran.stderr);
    }
    assert!(project.read("jsonl/a.jsonl").contains("\"status\":\"kept\""));
}
