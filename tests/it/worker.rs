//! `wortlaut worker`: records in, records out, one for one.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};

use crate::support::{Fault, Project, Service, english};

/// What is added to a record.
const ADDED: [&str; 6] = ["en", "status", "segments", "terms", "findings", "error"];

/// A worker whose input stays open.
struct Driven {
    child: Child,
    input: Option<ChildStdin>,
    output: Option<BufReader<ChildStdout>>,
}

impl Driven {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let mut command = project.command(arguments);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("started");
        let (input, output) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        Self { child, input, output }
    }

    fn send(&mut self, line: &str) {
        writeln!(self.input.as_mut().expect("open"), "{line}").expect("sent");
    }

    /// The next record; `Null` at the end.
    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.output.as_mut().expect("open").read_line(&mut line).expect("read");
        if line.is_empty() { Value::Null } else { serde_json::from_str(&line).expect("an object") }
    }

    /// Its exit code and standard error.
    fn end(self) -> (Option<i32>, String) {
        let Self { child, input, output } = self;
        let output = (child.wait_with_output().expect("ended"), input, output).0;
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn records(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
}

#[test]
fn a_record_comes_back_with_its_bytes_and_all_that_is_known() {
    let service = Service::start();
    let project = Project::new().engine(&service.address(), "").glossary(&[["Hafen", "harbour", ""]]);
    let input =
        "{\"id\": \"m1\", \"body\": \"Der Hafen war leer. Es regnet.\", \"n\": 2.50, \"b\": [1e2] }\r\n";
    let ran = project.pipe(&["worker", "--text", "body"], input).exits(0);
    let before = input.trim_end().strip_suffix(" }").expect("an object");
    assert!(
        ran.stdout.starts_with(&format!("{before},\"en\":\"")) && ran.stdout.ends_with("] }\r\n"),
        "{}",
        ran.stdout
    );
    let record = &records(&ran.stdout)[0];
    assert_eq!(record["en"], format!("EN The harbour war leer. {}", english("Es regnet.")));
    assert_eq!(record["status"], "translated");
    let segment = |number: usize| &record["segments"][number - 1];
    assert_eq!((&segment(1)["de"], &segment(2)["de"]), (&json!("Der Hafen war leer."), &json!("Es regnet.")));
    assert_eq!((&segment(2)["segment"], &segment(2)["status"]), (&json!(2), &json!("translated")));
    let terms = record["terms"].as_array().expect("a list");
    assert_eq!(terms.len(), 1);
    assert_eq!(
        (&terms[0]["segment"], &terms[0]["target"], &terms[0]["held"]),
        (&json!(1), &json!("harbour"), &json!(true))
    );
    assert!(ran.stderr.contains("2 segments: 2 translated"), "{}", ran.stderr);
}

#[test]
fn the_english_is_that_of_the_corpus_as_a_file() {
    let service = Service::start();
    let lines = (0..40).map(|n| format!("{{\"id\":{n},\"text\":\"Satz {n}. Der Hafen war leer.\"}}\n"));
    let lines: String = lines.collect();
    let project = Project::new().engine(&service.address(), "").file("a.jsonl", &lines);
    project.run(&["translate", "a.jsonl", "--id-field", "id"]).exits(0);
    service.reset();
    let ran = project.pipe(&["worker", "--quiet"], &lines).exits(0);
    assert_eq!((service.counts().requests, ran.stderr.as_str()), (0, ""));
    let column = |rows: &[Value], field: &str| rows.iter().map(|row| row[field].clone()).collect::<Vec<_>>();
    assert_eq!(
        column(&records(&ran.stdout), "en"),
        column(&project.rows("output/a.english.jsonl"), "text_en")
    );
}

#[test]
fn a_bad_record_comes_back_marked_in_its_place() {
    let project = Project::new();
    let input = "kaputt \u{7f}\n{\"text\": 7}\n{\"text\":\"Ein Satz.\",\"status\":\"neu\"}\n\n[1]\n{}\n{\"text\":\"Ein Satz.\"}\n\
                 {\"text\": null, \"x\": 1}";
    let ran = project.pipe(&["worker", "--engine", "pseudo"], input).exits(3);
    let failed = |more: Value| {
        let mut record = json!({"en": null, "status": "failed", "segments": [], "terms": [], "findings": []});
        record.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        record
    };
    let mut rows = records(&ran.stdout);
    assert_eq!(rows.remove(5)["en"], "[de] Ein Satz.");
    let expected = [
        json!({"input": "kaputt \u{7f}", "error": "the line is not JSON: expected value at column 1"}),
        json!({"text": 7, "error": "the field \"text\" is not text"}),
        json!({"input": "{\"text\":\"Ein Satz.\",\"status\":\"neu\"}",
               "error": "there is a field \"status\" already, which the answer would add; rename it"}),
        json!({"input": "[1]", "error": "the line is not a JSON object"}),
        json!({"input": "{}", "error": "there is no field \"text\""}),
        json!({"text": null, "x": 1, "error": "the field \"text\" is null"}),
    ];
    assert_eq!(rows, expected.map(failed));
    assert!(ran.stderr.contains("records#1: skipped: the line is not JSON"), "{}", ran.stderr);
}

#[test]
fn of_a_line_beyond_the_limit_the_error_stands_in_its_place() {
    let project = Project::new();
    let input = format!("{{\"text\":\"{}\"}}\n{{\"text\":\"Ja.\"}}\n", "x".repeat(64 << 20));
    let rows = records(&project.pipe(&["worker", "--engine", "pseudo"], &input).exits(3).stdout);
    let error = "the record is larger than the limit of 67108864 bytes";
    let expected =
        json!({"en": null, "status": "failed", "segments": [], "terms": [], "findings": [], "error": error});
    assert_eq!((rows.len(), &rows[0], &rows[1]["en"]), (2, &expected, &json!("[de] Ja.")));
}

#[test]
fn what_is_no_utf_8_comes_back_as_far_as_json_can_hold_it() {
    let project = Project::new();
    let mut driven = Driven::start(&project, &["worker", "--engine", "pseudo", "--quiet"]);
    driven
        .input
        .as_mut()
        .expect("open")
        .write_all(b"\xef\xbb\xbf{\"text\":\"Ja.\"}\n{\"text\":\"\xff\"}\n")
        .expect("sent");
    driven.input = None;
    assert_eq!(driven.receive()["en"], "[de] Ja.");
    let record = driven.receive();
    assert_eq!((&record["input"], &record["status"]), (&json!("{\"text\":\"\u{fffd}\"}"), &json!("failed")));
    assert_eq!(driven.end().0, Some(3));
}

#[test]
fn a_segment_that_fails_marks_its_record_and_the_others_go_on() {
    let service = Service::start().fault(Fault::Short("Sturm"));
    let project = Project::new().engine(&service.address(), "");
    let input = "{\"text\":\"Ein Satz. Der Sturm kam.\"}\n{\"text\":\"Es regnet.\"}\n";
    let rows = records(&project.pipe(&["worker"], input).exits(3).stdout);
    assert_eq!(
        (&rows[0]["status"], &rows[0]["error"]),
        (&json!("failed"), &json!("1 of 2 segments has no translation"))
    );
    assert_eq!((&rows[0]["segments"][1]["en"], &rows[1]["status"]), (&Value::Null, &json!("translated")));
}

#[test]
fn a_driver_that_waits_for_each_answer_gets_it() {
    let service = Service::start();
    let project = Project::new().engine(&service.address(), "max_segments = 50\nconcurrency = 4");
    let mut driven = Driven::start(&project, &["worker", "--json"]);
    for number in 0..3 {
        driven.send(&format!("{{\"id\":{number},\"text\":\"Satz {number}.\"}}"));
        let record = driven.receive();
        assert_eq!(
            (&record["id"], &record["en"]),
            (&json!(number), &json!(english(&format!("Satz {number}."))))
        );
    }
    driven.input = None;
    assert_eq!(driven.receive(), Value::Null);
    let (code, report) = driven.end();
    let counts: Value = serde_json::from_str(report.lines().last().expect("a line")).expect("an object");
    assert_eq!(code, Some(0));
    assert_eq!(
        (&counts["segments"], &counts["requests"], &counts["characters"]),
        (&json!(3), &json!(3), &json!(21))
    );
    assert_eq!((&counts["terms"]["held"], &counts["warnings"]), (&json!(0), &json!(0)));
}

#[test]
fn a_reader_that_goes_ends_it_quietly_although_its_input_is_open() {
    let service = Service::start();
    let project = Project::new().engine(&service.address(), "");
    let mut driven = Driven::start(&project, &["worker"]);
    driven.send("{\"text\":\"Eins.\"}");
    assert_eq!(driven.receive()["status"], "translated");
    driven.output = None;
    driven.send("{\"text\":\"Zwei.\"}");
    let input = driven.input.take();
    assert_eq!(driven.end(), (Some(0), String::new()));
    drop(input);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_although_its_input_is_open() {
    for signal in ["-INT", "-TERM"] {
        let service = Service::start();
        let project = Project::new().engine(&service.address(), "");
        let mut driven = Driven::start(&project, &["worker"]);
        driven.send("{\"text\":\"Eins.\"}");
        assert_eq!(driven.receive()["status"], "translated");
        let sent = Command::new("kill").args([signal, &driven.child.id().to_string()]).status();
        assert!(sent.expect("run").success());
        let input = driven.input.take();
        let (code, report) = driven.end();
        assert!(
            code == Some(3) && report.contains("1 of 1 segment read so far is saved"),
            "{signal}: {report}"
        );
        drop(input);
    }
}

#[cfg(unix)]
#[test]
fn what_is_in_flight_at_a_signal_still_comes_back() {
    let service = Service::start().hold_after(0);
    let project = Project::new().engine(&service.address(), "concurrency = 1\nmax_segments = 1");
    let mut driven = Driven::start(&project, &["worker"]);
    // Records that arrive together may be sent in any order.
    driven.send("{\"text\":\"Eins.\"}");
    service.wait_for_requests(1);
    driven.send("{\"text\":\"Zwei.\"}");
    let sent = Command::new("kill").args(["-TERM", &driven.child.id().to_string()]).status();
    assert!(sent.expect("run").success());
    // Only once it has said so it has taken notice.
    let mut report = String::new();
    BufReader::new(driven.child.stderr.take().expect("piped")).read_line(&mut report).expect("read");
    assert!(report.starts_with("stopping: waiting up to 30 s"), "{report}");
    service.let_go();
    assert_eq!(driven.receive()["en"], english("Eins."));
    assert_eq!(driven.receive(), Value::Null);
    let input = driven.input.take();
    assert_eq!((driven.end().0, service.counts().requests), (Some(3), 1));
    drop(input);
}

#[test]
fn an_engine_that_fails_ends_it_with_what_came_before() {
    let service = Service::start().fault(Fault::After(1, 403));
    let project = Project::new().engine(&service.address(), "concurrency = 1\nmax_segments = 1");
    let input = "{\"text\":\"Eins.\"}\n{\"text\":\"Zwei.\"}\n{\"text\":\"Drei.\"}\n";
    let (first, rest) = input.split_once('\n').expect("several lines");
    let mut driven = Driven::start(&project, &["worker", "--json", "--quiet"]);
    driven.send(first);
    assert_eq!(driven.receive()["en"], english("Eins."));
    driven.send(rest);
    assert_eq!(driven.receive(), Value::Null);
    let (code, told) = driven.end();
    let counts: Value = serde_json::from_str(told.lines().last().expect("a line")).expect("an object");
    assert_eq!((code, &counts["articles"], &counts["translated"]), (Some(4), &json!(1), &json!(1)));
    assert!(told.contains("on purpose") && counts["stopped"].is_string(), "{told}");
    service.mend();
    project.pipe(&["worker", "--quiet"], input).exits(0);
    assert!(service.counts().texts.values().all(|count| *count == 1), "{:?}", service.counts().texts);
}

#[test]
fn a_second_worker_on_a_memory_is_told_what_to_do() {
    let service = Service::start();
    let project = Project::new().engine(&service.address(), "");
    let mut driven = Driven::start(&project, &["worker"]);
    driven.send("{\"text\":\"Eins.\"}");
    driven.receive();
    let refused = project.pipe(&["worker"], "{\"text\":\"Zwei.\"}\n").exits(4);
    assert!(
        refused.stderr.contains("memory.url") && refused.stderr.contains("WORTLAUT_MEMORY_PATH"),
        "{}",
        refused.stderr
    );
    assert_eq!(refused.stdout, "");
}

#[test]
fn a_budget_ends_it_and_is_not_exceeded() {
    let service = Service::start();
    let project = Project::new().engine(&service.address(), "concurrency = 1\nmax_segments = 1");
    let mut driven = Driven::start(&project, &["worker", "--max-characters", "7"]);
    driven.send("{\"text\":\"Eins.\"}");
    assert_eq!(driven.receive()["en"], english("Eins."));
    driven.send("{\"text\":\"Zwei.\"}");
    assert_eq!(driven.receive(), Value::Null);
    let (code, told) = driven.end();
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("--max-characters"), "{told}");
}

/// Any value of a field.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Any line: mostly records, and now and then something else.
fn lines() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        8 => "(Der Hafen war leer\\. |Es regnet\\.|[a-zäöüß .<>&\"\\\\]{0,20}|\\PC{0,8}){0,3}".prop_map(Value::from),
        1 => values(),
    ];
    let names = prop_oneof![12 => "[a-z]{1,4}", 1 => Just("status".to_owned()), 1 => any::<String>()];
    let fields = prop::collection::btree_map(names, values(), 0..4);
    let record = (fields, prop::option::weighted(0.9, text)).prop_map(|(fields, text)| {
        let text = text.map(|text| ("text".to_owned(), text));
        let object: serde_json::Map<String, Value> = fields.into_iter().chain(text).collect();
        Value::Object(object).to_string()
    });
    let other = "\\PC{1,20}".prop_filter("blank lines are passed over", |line| !line.trim().is_empty());
    prop_oneof![10 => record, 1 => other, 1 => values().prop_map(|value| value.to_string())]
}

proptest! {
    #![proptest_config(Config { cases: 12, ..Config::default() })]

    #[test]
    fn any_lines_come_back_one_for_one_in_order_with_their_own_fields(
        lines in prop::collection::vec(lines(), 0..40),
    ) {
        let project = Project::new();
        let input = lines.join("\n");
        let ran = project.pipe(&["worker", "--engine", "pseudo", "--force"], &input);
        let rows: Vec<&str> = ran.stdout.lines().collect();
        prop_assert_eq!(rows.len(), lines.len(), "{:?}", &ran);
        let mut has_failed = false;
        for (line, row) in lines.iter().zip(rows) {
            let answer: Value = serde_json::from_str(row).expect("an object");
            has_failed |= answer["status"] == "failed";
            prop_assert_eq!(answer["status"] == "failed", answer.get("error").is_some());
            match serde_json::from_str::<Value>(line) {
                Ok(Value::Object(own)) if !own.is_empty() && ADDED.iter().all(|name| !own.contains_key(*name)) => {
                    let before = line.strip_suffix('}').expect("an object");
                    prop_assert!(row.starts_with(&format!("{before},\"en\":")), "{} became {}", line, row);
                }
                _ => prop_assert_eq!(answer["input"].as_str(), Some(line.as_str())),
            }
        }
        prop_assert_eq!(ran.code, Some(if has_failed { 3 } else { 0 }), "{}", &ran.stderr);
    }
}

/// The commands of a page of the book that drive workers, as they stand there.
#[cfg(unix)]
#[test]
fn the_commands_of_the_book_drive_several_workers() {
    let page = include_str!("../../docs/src/many-machines.md");
    let commands: Vec<&str> =
        page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let commands: Vec<&str> = commands.into_iter().filter(|commands| commands.contains("xargs")).collect();
    assert_eq!(commands.len(), 1);
    let service = Service::start();
    let line = |n: usize| format!("{{\"n\":{n},\"text\":\"Satz {n}.\"}}\n");
    let lines: String = (0..90).map(line).collect();
    let project = Project::new().engine(&service.address(), "").file("corpus.jsonl", &lines);
    let program = assert_cmd::cargo::cargo_bin("wortlaut");
    let path =
        format!("{}:{}", program.parent().expect("a folder").display(), std::env::var("PATH").expect("set"));
    let mut shell = Command::new("sh");
    shell
        .args(["-ec", commands[0]])
        .current_dir(project.path())
        .env("PATH", path)
        .env("HOME", project.path());
    let ended = crate::support::finished(&shell.output().expect("started")).exits(0);
    let rows = project.rows("english.jsonl");
    let numbers: Vec<Value> = rows.iter().map(|row| row["n"].clone()).collect();
    assert_eq!(numbers, (0..90).map(Value::from).collect::<Vec<_>>(), "{ended:?}");
    assert!(rows.iter().all(|row| row["en"].as_str().is_some_and(|english| english.starts_with("EN "))));
}
