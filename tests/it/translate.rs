//! `wortlaut translate`: what is written, what is sent, what is left alone.

use std::time::Duration;

use crate::support::{Project, Service, english as translation};

const MOON: &str = "Die Sonde ist gelandet\n\nAm 3. Mai flog sie los. „Wir sind froh. Es war knapp“, sagte Dr. Lang.\n\n* * *\n\nTeilen\n";
const SEA: &str =
    "Das Schiff kam nach Mitternacht an. Der Hafen war leer.\r\n\r\nAm 3. Mai flog sie los.\r\n";

fn project(service: &Service) -> Project {
    Project::new().file("seeds/mond.txt", MOON).file("seeds/tief/see.txt", SEA).engine(&service.address(), "")
}

/// The source as the lines of a jsonl file rebuild it.
fn rebuilt(project: &Project, name: &str) -> String {
    let rows = project.rows(name);
    let text = |row: &serde_json::Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let whole: String = rows.iter().map(|row| text(row, "before") + &text(row, "de")).collect();
    whole + &rows.last().map(|row| text(row, "after")).unwrap_or_default()
}

#[test]
fn a_corpus_becomes_parallel_files_with_equally_many_lines() {
    let service = Service::start();
    let project = project(&service);
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    let german = project.read("output/tief/see.de.txt");
    let english = project.read("output/tief/see.en.txt");
    assert_eq!(german.lines().count(), english.lines().count());
    for (de, en) in german.lines().zip(english.lines()) {
        assert_eq!(en, if de.is_empty() { String::new() } else { translation(de) });
    }
    assert_eq!(project.read("output/tief/see.english.txt").matches("\r\n").count(), 3);
    assert_eq!(rebuilt(&project, "output/mond.jsonl"), MOON);
    assert_eq!(rebuilt(&project, "output/tief/see.jsonl"), SEA);
    assert_eq!(summary["articles"], 2);
    let parts =
        ["translated", "reused", "kept", "failed"].map(|part| summary[part].as_u64().expect("a number"));
    assert_eq!(parts.iter().sum::<u64>(), summary["segments"].as_u64().expect("a number"));
    assert_eq!(parts[3], 0);
}

#[test]
fn an_unchanged_corpus_sends_nothing_and_leaves_the_files_alone() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    let before = project.files("output");
    let times = |project: &Project| {
        let paths = project.files("output").into_keys();
        paths
            .map(|path| path.metadata().and_then(|data| data.modified()).expect("a time"))
            .collect::<Vec<_>>()
    };
    let written = times(&project);
    service.reset();
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!(service.counts().requests, 0);
    assert_eq!(summary["requests"], 0);
    assert_eq!(summary["translated"], 0);
    assert_eq!(project.files("output"), before);
    assert_eq!(times(&project), written);
}

#[test]
fn equal_sentences_are_sent_once() {
    let service = Service::start();
    let project = project(&service);
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    let texts = service.counts().texts;
    assert_eq!(texts.get("Am 3. Mai flog sie los."), Some(&1));
    assert!(texts.values().all(|count| *count == 1), "{texts:?}");
    assert_eq!(summary["reused"], 1);
}

#[test]
fn a_changed_sentence_sends_that_sentence() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    service.reset();
    project.put("seeds/tief/see.txt", SEA.replace("leer", "voll"));
    project.run(&["translate"]).exits(0);
    let texts: Vec<String> = service.counts().texts.into_keys().collect();
    assert_eq!(texts, ["Der Hafen war voll."]);
}

#[test]
fn the_order_of_arrival_does_not_show() {
    let quick = Service::start();
    let slow = Service::start().slow(Duration::from_millis(7));
    let sentence = |s: usize, n: usize| format!("Satz {s} von {n}{}.", "x".repeat(s % 5));
    let article = |n: usize| (0..n + 3).map(|s| sentence(s, n)).collect::<Vec<_>>().join(" ");
    let articles: Vec<(String, String)> = (0..12).map(|n| (format!("seeds/{n}.txt"), article(n))).collect();
    let outputs = [&quick, &slow].map(|service| {
        let project = Project::new().engine(&service.address(), "concurrency = 8\nmax_segments = 2");
        for (name, text) in &articles {
            project.put(name, text);
        }
        project.run(&["translate"]).exits(0);
        let files = project.files("output").into_iter();
        files.map(|(path, bytes)| (path.file_name().map(ToOwned::to_owned), bytes)).collect::<Vec<_>>()
    });
    assert_eq!(outputs[0], outputs[1]);
    // The files of the articles, and the manifest.
    assert_eq!(outputs[0].len(), 12 * 5 + 1);
}

#[test]
fn one_article_goes_to_standard_output_or_a_file() {
    let service = Service::start();
    let project = project(&service);
    let ran = project.run(&["translate", "seeds/tief/see.txt"]).exits(0);
    assert!(
        ran.stdout.starts_with("EN The Schiff the the Mitternacht an. EN The Hafen war leer."),
        "{}",
        ran.stdout
    );
    project.run(&["translate", "seeds/tief/see.txt", "-o", "see.english"]).exits(0);
    assert_eq!(project.read("see.english"), ran.stdout);
    assert!(project.files("output").is_empty());
    let rows = project.run(&["translate", "seeds/tief/see.txt", "--format", "jsonl"]).exits(0).stdout;
    assert_eq!(rows.lines().count(), 3);
    project.run(&["translate", "seeds/tief/see.txt", "--json"]).exits(2);
}

#[test]
fn a_pipe_is_an_article() {
    let service = Service::start();
    let project = project(&service);
    let ran = project.pipe(&["translate", "-"], "Ein Satz. Noch einer.\n").exits(0);
    assert_eq!(ran.stdout, "EN The Satz. EN The the.\n");
}

#[test]
fn a_dry_run_sends_nothing_and_makes_nothing() {
    let service = Service::start();
    let project = project(&service);
    let estimate = project.run(&["translate", "--dry-run", "--json"]).exits(0).last_json();
    assert_eq!(service.counts().requests, 0);
    assert!(project.files("output").is_empty() && project.files(".wortlaut").is_empty());
    let to_send = estimate["estimate"]["to_send"].clone();
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!(to_send, summary["translated"]);
    let again = project.run(&["translate", "--dry-run", "--json"]).exits(0).last_json();
    assert_eq!(again["estimate"]["to_send"], 0);
}

#[test]
fn what_would_be_overwritten_is_refused_before_anything_is_sent() {
    let service = Service::start();
    let project = project(&service).file("seeds/mond.md", "Noch ein Mond.");
    let ran = project.run(&["translate"]).exits(2);
    assert!(ran.stderr.contains("mond.md") && ran.stderr.contains("mond.txt"), "{}", ran.stderr);
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn a_binary_file_is_named_and_the_rest_goes_on() {
    let service = Service::start();
    let project =
        project(&service).file("seeds/bild.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").file("seeds/leer.txt", "");
    let ran = project.run(&["translate"]).exits(3);
    assert!(ran.stderr.contains("bild.txt"), "{}", ran.stderr);
    assert!(project.read("output/mond.en.txt").contains("EN Die Sonde"));
    assert_eq!(project.read("output/leer.de.txt"), "");
}

#[test]
fn furniture_is_kept_unless_it_is_asked_for() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    assert!(!service.counts().texts.contains_key("Teilen"));
    project.run(&["translate", "--furniture", "translate"]).exits(0);
    assert!(service.counts().texts.contains_key("Teilen"));
}

#[test]
fn an_empty_folder_says_what_to_do() {
    let project = Project::new().file("texte/readme.pdf", "x");
    let ran = project.run(&["translate", "texte"]).exits(2);
    assert!(ran.stderr.contains(".txt"), "{}", ran.stderr);
    project.run(&["translate", "nirgends"]).exits(2);
}

#[cfg(unix)]
#[test]
fn a_link_in_a_circle_is_survived_and_a_broken_one_is_named() {
    use std::os::unix::fs::symlink;
    let service = Service::start();
    let project = project(&service);
    symlink("..", project.path().join("seeds/tief/oben")).expect("linked");
    project.run(&["translate"]).exits(0);
    symlink("nirgends.txt", project.path().join("seeds/fort.txt")).expect("linked");
    let ran = project.run(&["translate"]).exits(3);
    assert!(ran.stderr.contains("fort.txt"), "{}", ran.stderr);
}

#[test]
fn the_output_of_a_makeshift_says_so() {
    let project = Project::new().file("articles/a.txt", "Der Regen fiel.\n\n* * *\n");
    let ran = project.run(&["translate", "--engine", "pseudo"]).exits(0);
    assert!(ran.stderr.contains("no translation"), "{}", ran.stderr);
    let rows = project.rows("output/a.jsonl");
    assert_eq!(
        rows[0]["findings"].as_array().map(Vec::len),
        Some(0),
        "that it is German is what the caveat says"
    );
    assert!(rows[0]["caveat"].as_str().is_some_and(|caveat| caveat.starts_with("no translation")));
    let kept = rows.iter().find(|row| row["status"] == "kept").expect("the stars");
    assert_eq!(kept.get("caveat"), None);
    assert_eq!(kept["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_single_article_is_summed_up_in_three_lines() {
    let sentences: Vec<String> = (1..=5).map(|n| format!("Am Kai {n} liegt die Fähre.")).collect();
    let project =
        Project::new().file("a.txt", sentences.join(" ")).file("good.tsv", "source\ttarget\nKai\tquay\n");
    let arguments = ["translate", "a.txt", "--engine", "pseudo", "--glossary", "good.tsv"];
    let ran = project.run(&arguments).exits(0);
    assert_eq!(ran.stdout.matches("quay").count(), 5, "{}", ran.stdout);
    let sum = ran.stderr.lines().skip_while(|line| !line.starts_with("5 segments"));
    let lines: Vec<&str> = sum.collect();
    assert_eq!(lines.len(), 3, "{}", ran.stderr);
    assert!(lines[0].starts_with("5 segments: 5 translated; "), "{}", lines[0]);
    assert!(lines[1].starts_with("terms held: 5 of 5"), "{}", lines[1]);
    assert!(lines[2].starts_with("note: no translation"), "{}", lines[2]);
    let ran = project.pipe(&["translate", "-", "--engine", "pseudo"], "Titanic Museum Belfast");
    assert_eq!(
        ran.exits(0).stderr.lines().count(),
        3,
        "that there is no glossary stands in place of the terms"
    );

    project.put("wortlaut.toml", "[glossary]\nrungs = []\n");
    let ran = project.run(&arguments).exits(1);
    assert_eq!(ran.stderr.matches("error: a.txt, segment").count(), 5, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("    de: Am [Kai] ").count(), 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("terms held: 0 of 5"), "{}", ran.stderr);
}
