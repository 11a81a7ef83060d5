//! `wortlaut evaluate --engines`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Project, Service};

/// A project with two servers, one nobody answers for, and fifty pairs of sentences.
fn project(first: &Service, second: &Service) -> Project {
    let server = |name: &str, address: &str| {
        format!("[engines.{name}]\nkind = 'libretranslate'\nbase_url = '{address}'\nattempts = 1\n")
    };
    let servers = [
        server("first", &first.address()),
        server("second", &second.address()),
        server("down", "http://127.0.0.1:9"),
    ];
    let pair = |n: usize| {
        let ship = if n.is_multiple_of(3) { "boat" } else { "Schiff" };
        let (german, english) =
            (format!("Schiff {n} verließ Hafen {n}."), format!("EN {ship} {n} left harbour {n}."));
        json!({ "de": german, "en": english })
    };
    let pairs: Vec<String> = (1..=50).map(|n| pair(n).to_string()).collect();
    Project::new()
        .file("wortlaut.toml", servers.concat())
        .file("glossary/terms.tsv", "source\ttarget\nHafen\tharbour\n")
        .file("pairs.jsonl", pairs.join("\n"))
}

fn texts(service: &Service) -> BTreeSet<String> {
    service.counts().texts.into_keys().collect()
}

/// The engines in the object that an evaluation prints.
fn engines(found: &Value) -> &Vec<Value> {
    found["engines"].as_array().expect("engines")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn engines_translate_the_same_sample_once() {
    let (first, second) = (Service::start(), Service::start().renders("verließ", "left"));
    let project = project(&first, &second);
    let arguments = ["evaluate", "--engines", "first,second", "--sample", "10", "pairs.jsonl", "--json"];
    let found = project.run(&arguments).exits(0).json();
    assert_eq!((&found["segments"], &found["of"], &found["references"]), (&json!(10), &json!(50), &json!(1)));
    let names: Vec<&Value> = engines(&found).iter().map(|engine| &engine["engine"]).collect();
    assert_eq!(names, ["second", "first"], "the best comes first");
    for engine in engines(&found) {
        assert_eq!(engine["error"], Value::Null);
        assert!(number(&engine["chrf"]) > 0.0 && number(&engine["confidence"]["chrf"]["interval"]) > 0.0);
        assert_eq!((&engine["terms"]["occurrences"], &engine["terms"]["success"]), (&json!(10), &json!(1.0)));
        assert_eq!((&engine["findings"]["failed"], &engine["effort"]["sent"]), (&json!(0), &json!(10)));
        assert_eq!(engine["effort"]["usage"], Value::Null, "nobody charges for it");
    }
    assert!(number(&engines(&found)[1]["p"]["chrf"]) < 0.05 && engines(&found)[0]["p"].is_null());
    let sent = texts(&first);
    assert!(sent.len() >= 10 && sent.is_subset(&texts(&second)) || texts(&second).is_subset(&sent));
    let signature = found["signature"]["chrf"].as_str().expect("a signature");
    assert!(signature.starts_with("nrefs:1|bs:1000|"), "{signature}");

    // The next time everything is in the memory, also for a run.
    let requests = [&first, &second].map(|service| service.counts().requests);
    let again = project.run(&arguments).exits(0).json();
    for (engine, before) in engines(&again).iter().zip(engines(&found)) {
        assert_eq!((&engine["effort"]["reused"], &engine["chrf"]), (&json!(10), &before["chrf"]));
    }
    let german: Vec<String> = sent.iter().filter(|text| text.contains("Hafen")).cloned().collect();
    project.put("articles/a.txt", german.join("\n\n"));
    project.run(&["translate", "--engine", "first", "--force", "--quiet"]);
    assert_eq!([&first, &second].map(|service| service.counts().requests), requests);
}

#[test]
fn an_engine_that_fails_is_a_row_that_says_why() {
    let (first, second) = (Service::start(), Service::start());
    let project = project(&first, &second);
    let run = |engines: &str, code: i32| {
        let arguments = ["evaluate", "--engines", engines, "--sample", "5", "pairs.jsonl", "--yes"];
        project.run(&[&arguments[..], &["--json"]].concat()).exits(code).json()
    };
    let found = run("down,first,deepl", 3);
    let row = |name: &str| {
        let mut engines = engines(&found).iter();
        engines.find(|engine| engine["engine"] == name).expect("a row").clone()
    };
    assert!(row("down")["error"].as_str().expect("a reason").contains("cannot reach 127.0.0.1:9"));
    assert!(row("deepl")["error"].as_str().expect("a reason").contains("deepl has no key"));
    assert!(row("first")["error"].is_null() && number(&row("first")["chrf"]) > 0.0);
    assert_eq!(row("down")["chrf"], Value::Null);
    let none = run("down,deepl", 4);
    assert!(engines(&none).iter().all(|engine| engine["error"].is_string()));
    let shown = project.run(&["evaluate", "--engines", "down,first", "pairs.jsonl"]).exits(3).stdout;
    assert!(shown.contains("down was not evaluated: given up after 1 attempt"), "{shown}");
    let unknown = project.run(&["evaluate", "--engines", "first,frist", "pairs.jsonl"]).exits(5).stderr;
    assert!(unknown.contains("there is no engine \"frist\"") && unknown.contains("did you mean first?"));
}

#[test]
fn without_references_engines_are_compared_with_each_other() {
    let (first, second) = (Service::start(), Service::start().renders("Schiff", "boat number"));
    let project = project(&first, &second);
    let german: Vec<String> = (1..=30).map(|n| format!("Schiff {n} verließ Hafen {n}.")).collect();
    project.put("german.txt", german.join("\n"));
    let more = ["--sample", "20", "--json"];
    let run = |engines: &str, input: &[&str]| {
        project.run(&[&["evaluate", "--engines", engines], input, &more[..]].concat()).exits(0).json()
    };
    let lines = run("first,second", &["--source", "german.txt"]);
    assert_eq!((&lines["references"], &lines["signature"]), (&json!(0), &json!({})));
    let [one, two] = &engines(&lines)[..] else { panic!("{lines}") };
    assert_eq!((&one["engine"], &one["chrf"]), (&json!("first"), &Value::Null), "in the order of the flag");
    assert!((20.0..100.0).contains(&number(&one["agreement"])) && number(&two["agreement"]) < 100.0);
    assert_eq!(one["findings"]["segments_with_numbers"], 0);
    // The same sentences as articles of the project, where they are cut.
    project.put("articles/a.txt", german.join(" "));
    let english = "The harbour is empty, and nobody knows when the ships will come back. The harbour master says that \
                   he has waited for three weeks, and that he will go on waiting for as long as it takes. In the town, \
                   shops have closed, and the people who used to work at the quays look for other work.\n";
    project.put("articles/b.txt", english);
    let articles = run("first,second", &["articles"]);
    assert_eq!(articles["of"], 30);
    assert_eq!(engines(&articles)[0]["agreement"], one["agreement"]);
    assert_eq!(run("first,second", &[])["engines"][0]["agreement"], one["agreement"]);
    assert_eq!(engines(&run("first", &["articles"]))[0]["agreement"], Value::Null, "with whom?");
    let shown = project.run(&["evaluate", "--engines", "first,second", "articles"]).exits(0).stdout;
    assert!(shown.contains("agreement ↑") && shown.contains("no reference"), "{shown}");
}

#[test]
fn references_stand_beside_the_german_or_in_files_of_their_own() {
    let (first, second) = (Service::start(), Service::start());
    let project = project(&first, &second);
    let lines = |field: &str| -> String {
        let rows = project.rows("pairs.jsonl");
        rows.iter().map(|row| row[field].as_str().expect("a text").to_owned() + "\n").collect()
    };
    project.put("de.txt", lines("de"));
    project.put("en.txt", lines("en"));
    let run = |more: &[&str]| {
        let arguments =
            [&["evaluate", "--engines", "first", "--json", "--metrics", "chrf,ter"], more].concat();
        let mut found = project.run(&arguments).exits(0).json();
        found["engines"][0]["effort"].take();
        found
    };
    let both = run(&["pairs.jsonl"]);
    assert!(both["engines"][0]["bleu"].is_null() && both["engines"][0]["ter"].is_number());
    assert_eq!(both, run(&["--source", "de.txt", "--ref", "en.txt"]));
    assert_eq!(both, run(&["de.txt", "--ref", "en.txt"]));
    assert_eq!(both, run(&["--ref", "pairs.jsonl"]));
    assert_eq!(run(&["--source", "de.txt", "--ref", "en.txt", "--ref", "en.txt"])["references"], 2);
}

#[test]
fn a_page_needs_nothing_else_and_escapes_what_it_shows() {
    let (first, second) = (Service::start(), Service::start().renders("fährt", "<b>sails</b>"));
    let project = project(&first, &second);
    let hostile =
        "Schiff <script>alert(1)</script> & \"Hafen\" \u{202e}7 <img src=x onerror=alert(2)> fährt.";
    project.put("pairs.jsonl", json!({ "de": hostile, "en": hostile }).to_string());
    let arguments =
        ["evaluate", "--engines", "first,second,down", "pairs.jsonl", "--html", "page.html", "--quiet"];
    project.run(&arguments).exits(3);
    let page = project.read("page.html");
    for bad in ["<script", "<img", "<b>", "\u{202e}", "http://", "https://", "<link", "url("] {
        assert!(!page.contains(bad), "{bad}: {page}");
    }
    assert!(page.contains("&#60;script&#62;alert(1)") && page.contains("U+202E"), "{page}");
    assert!(page.contains("default-src 'none'") && page.contains("<svg viewBox") && page.contains("<desc>"));
    assert!(page.contains("down") && page.contains("was not evaluated"), "{page}");
    for figure in ["chrF ↑", "terms ↑", "errors ↓", "seconds", "Where engines differ most"] {
        assert!(page.contains(figure), "{figure}: {page}");
    }
    // It may be somebody's, and nothing is sent for a page that cannot be written.
    let requests = first.counts().requests;
    let refused = project.run(&[&arguments[..], &["--sample", "7"]].concat()).exits(2).stderr;
    assert!(refused.contains("page.html exists; --overwrite replaces it"), "{refused}");
    assert_eq!(first.counts().requests, requests);
    project.run(&[&arguments[..], &["--overwrite"]].concat()).exits(3);
}

#[test]
fn tables_of_engines_fit_sixty_columns() {
    let (first, second) = (Service::start(), Service::start());
    let project = project(&first, &second);
    for input in
        [&["pairs.jsonl"][..], &["--source", "pairs.jsonl", "--ref", "pairs.jsonl", "--metrics", "ter"]]
    {
        let arguments = [&["evaluate", "--engines", "first,second,pseudo,down"], input].concat();
        let shown = project.run(&arguments).exits(3).stdout;
        for line in shown.lines() {
            assert!(line.chars().count() <= 60, "{line}");
        }
        assert!(shown.contains("50 of 50 segments") && shown.contains("TER ↓"), "{shown}");
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let (first, second) = (Service::start(), Service::start());
    let project =
        project(&first, &second).file("a.txt", "One.\n").file("numbers.jsonl", "{\"de\": \"12\"}\n");
    for (arguments, expected) in [
        (&["a.txt", "--ref", "a.txt", "--html", "x.html"][..], "--engines <NAMES>"),
        (&["a.txt", "--ref", "a.txt", "--sample", "5"], "--engines <NAMES>"),
        (&["a.txt", "--ref", "a.txt", "--max-cost", "5"], "without --engines nothing is sent"),
        (&["--engines", "first", "pairs.jsonl", "--paired"], "cannot be used with"),
        (&["--engines", "first", "pairs.jsonl", "--sample", "0"], "0 is not in 1.."),
        (&["--engines", "first", "a.txt", "pairs.jsonl", "--ref", "a.txt"], "the German is in --source"),
        (&["--engines", "first", "--ref", "a.txt"], "no file has the German of segment 1"),
        (&["--engines", "first", "numbers.jsonl"], "there is no German to be translated"),
        (&["--engines", "first", "a.txt", "pairs.jsonl"], "evaluate one after the other"),
        (&["a.txt"], "--ref <FILE>"),
    ] {
        let error = project.run(&[&["evaluate"], arguments].concat()).exits(2).stderr;
        let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
    assert_eq!(first.counts().requests, 0);
}
