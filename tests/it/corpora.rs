//! Corpora: a record an article, one file in and one file a format out.

use std::time::Duration;

use crate::support::{Fault, Project, Service};

const ROWS: [&str; 3] = [
    "{\"id\": \"m1\",  \"text\": \"Die Sonde ist gelandet.\\nAm Abend kam ein Bild.\", \"tags\": [1, 2.50]}",
    "{\"text\":\"Der Hafen war leer.\",\"id\":\"m2\"}",
    "{\"id\": \"m3\", \"text\": \"\", \"n\": null }",
];

fn project(service: &Service, name: &str, text: &str) -> Project {
    Project::new().engine(&service.address(), "").file(name, text)
}

fn corpus(service: &Service) -> Project {
    project(service, "mond.jsonl", &(ROWS.join("\n") + "\n"))
}

#[test]
fn a_corpus_is_written_back_with_the_english_in_a_further_field() {
    let service = Service::start();
    let project = corpus(&service);
    let summary = project.run(&["translate", "mond.jsonl", "--id-field", "id", "--json"]).exits(0).json();
    assert_eq!((&summary["articles"], &summary["skipped"]), (&3.into(), &0.into()));
    let english = project.read("output/mond.english.jsonl");
    let lines: Vec<&str> = english.lines().collect();
    let first = ROWS[0].strip_suffix('}').expect("an object");
    let field = "\"text_en\":\"EN Die Sonde the gelandet.\\nEN Am Abend the the Bild.\"}";
    assert_eq!(lines[0], format!("{first},{field}"));
    assert_eq!(
        lines[1],
        "{\"text\":\"Der Hafen war leer.\",\"id\":\"m2\",\"text_en\":\"EN The Hafen war leer.\"}"
    );
    assert_eq!(lines[2], "{\"id\": \"m3\", \"text\": \"\", \"n\": null,\"text_en\":\"\" }");
    // One file a format, whatever the number of articles.
    assert_eq!(project.outputs("output").len(), 5);
    let articles: Vec<_> =
        project.rows("output/mond.jsonl").iter().map(|row| row["article"].clone()).collect();
    assert_eq!(articles, ["m1", "m1", "m2"]);
    assert_eq!(
        project.read("output/mond.de.txt"),
        "Die Sonde ist gelandet.\n\nAm Abend kam ein Bild.\n\nDer Hafen war leer.\n"
    );
    assert_eq!(project.read("output/mond.en.txt").lines().count(), 5);
    let tsv = project.read("output/mond.tsv");
    assert!(tsv.starts_with("article\tsegment\t") && tsv.contains("\nm2\t1\t1\t"), "{tsv}");
}

#[test]
fn fields_of_a_record_go_with_its_segments() {
    let service = Service::start();
    let rows = "{\"text\": \"Der Hafen war leer.\", \"date\": \"2024-05-03\", \"n\": 7}\n{\"text\": \"Kein Wind.\", \"n\": null}\n";
    let project = project(&service, "see.jsonl", rows);
    let args = ["translate", "see.jsonl", "--keep-fields", "date,n", "--format"];
    project.run(&[&args[..], &["jsonl,tsv,xlsx,tmx"]].concat()).exits(0);
    let rows = project.rows("output/see.jsonl");
    assert_eq!(rows[0]["fields"], serde_json::json!({"date": "2024-05-03", "n": "7"}));
    assert_eq!(rows[1]["fields"], serde_json::json!({"date": "", "n": ""}));
    let tsv = project.read("output/see.tsv");
    let ends: Vec<&str> =
        tsv.lines().map(|line| line.rsplit_once("\tcaveat").map_or(line, |(_, end)| end)).collect();
    assert_eq!(ends[0], "\tdate\tn");
    assert!(ends[1].ends_with("\t2024-05-03\t7") && ends[2].ends_with("\t\t"), "{tsv}");
    for file in ["output/see.bilingual.xlsx", "output/see.tsv", "output/see.tmx"] {
        let units = wortlaut::bilingual::units(&project.path().join(file)).expect("a file");
        let dates: Vec<_> = units
            .map(|unit| unit.expect("a unit"))
            .map(|unit| (unit.source.text(), unit.field("date").unwrap_or_default().to_owned()))
            .collect();
        let expected = [("Der Hafen war leer.", "2024-05-03"), ("Kein Wind.", "")];
        assert_eq!(dates, expected.map(|(text, date)| (text.to_owned(), date.to_owned())), "{file}");
    }
    let report = project.run(&["translate", "see.jsonl", "--keep-fields", "Datum"]).exits(3).stderr;
    assert!(report.contains("Datum") && report.contains("date, n, text"), "{report}");
}

#[test]
fn all_formats_leave_the_inputs_alone() {
    let service = Service::start();
    let project = corpus(&service).file("a.txt", "Der Hafen war leer.\n");
    let ran = project.run(&["translate", "mond.jsonl", "a.txt", "-o", "./", "--format", "all"]).exits(0);
    assert!(ran.stderr.contains("format jsonl is left out: the output of mond.jsonl"), "{}", ran.stderr);
    let is_there = |file: &str| project.path().join(file).is_file();
    for file in [
        "a.de.txt",
        "a.english.txt",
        "a.tsv",
        "a.bilingual.html",
        "a.bilingual.md",
        "a.bilingual.xlsx",
        "a.tmx",
        "a.xlf",
    ] {
        assert!(is_there(file), "{file}");
    }
    assert_eq!(project.read("mond.jsonl"), ROWS.join("\n") + "\n");
    assert!(!is_there("a.jsonl"), "the format has the file of an input");
}

#[test]
fn a_table_keeps_its_rows_and_columns() {
    let service = Service::start();
    let text =
        "\u{feff}Nr;Text;\"Q\"\r\n1;\"Der Hafen; er war leer.\r\nAm Abend.\";\"a\"\r\n2;Kein Wind.;b\r\n";
    let project = project(&service, "see.csv", text);
    let args =
        ["translate", "see.csv", "--text-field", "Text", "--target-field", "Englisch", "--format", "text"];
    project.run(&args).exits(0);
    assert_eq!(
        project.read("output/see.english.csv"),
        "\u{feff}Nr;Text;\"Q\";Englisch\r\n\
         1;\"Der Hafen; er war leer.\r\nAm Abend.\";\"a\";\"EN The Hafen; the war leer.\r\nEN Am Abend.\"\r\n\
         2;Kein Wind.;b;EN The Wind.\r\n"
    );
    // The same again, into one file that is named.
    project.run(&[&args[..], &["-o", "neu.csv"]].concat()).exits(0);
    assert_eq!(project.read("neu.csv"), project.read("output/see.english.csv"));
}

#[test]
fn broken_records_are_named_by_their_line_and_stay_where_they_are() {
    let service = Service::start();
    let lines = "{\"text\": \"Ein Satz.\"}\nkaputt\n{\"body\": 1}\n{\"text\": \"Noch einer.\"}\n";
    let project = project(&service, "a.jsonl", lines);
    let ran = project.run(&["translate", "a.jsonl", "--json"]).exits(3);
    assert!(
        ran.stderr.contains("a.jsonl#2: skipped") && ran.stderr.contains("a.jsonl#3: skipped"),
        "{}",
        ran.stderr
    );
    let summary = ran.json();
    assert_eq!((&summary["articles"], &summary["skipped"]), (&2.into(), &2.into()));
    let expected = "{\"text\": \"Ein Satz.\",\"text_en\":\"EN The Satz.\"}\nkaputt\n{\"body\": 1,\"text_en\":null}\n\
                    {\"text\": \"Noch einer.\",\"text_en\":\"EN The the.\"}\n";
    assert_eq!(project.read("output/a.english.jsonl"), expected);
}

#[test]
fn a_segment_that_fails_is_marked_in_its_field() {
    let service = Service::start().fault(Fault::Short("Sturm"));
    let project = project(&service, "a.jsonl", "{\"text\": \"Ein Satz. Der Sturm kam.\"}\n");
    project.run(&["translate", "a.jsonl"]).exits(3);
    let field = project.rows("output/a.english.jsonl")[0]["text_en"].as_str().expect("text").to_owned();
    assert!(field.starts_with("EN The Satz. ⟦not translated:") && !field.contains("Sturm"), "{field}");
}

#[test]
fn many_records_come_out_in_order_whatever_finishes_first() {
    let service = Service::start().slow(Duration::from_millis(3));
    let line = |n: usize| format!("{{\"n\":{n},\"text\":\"Satz {n}{}.\"}}\n", "x".repeat(n % 7));
    let lines: String = (0..700).map(line).collect();
    let project = Project::new()
        .engine(&service.address(), "concurrency = 6\nmax_segments = 3")
        .file("a.jsonl", &lines);
    project.run(&["translate", "a.jsonl"]).exits(0);
    let rows = project.rows("output/a.english.jsonl");
    assert_eq!(rows.len(), 700);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(row["n"], n);
        assert_eq!(row["text_en"], format!("EN {}", row["text"].as_str().expect("text")));
    }
    let english = project.files("output");
    service.reset();
    project.run(&["translate", "a.jsonl"]).exits(0);
    assert_eq!((service.counts().requests, project.files("output")), (0, english));
}

#[test]
fn a_corpus_that_cannot_be_finished_leaves_nothing_and_pays_nothing_twice() {
    let service = Service::start().fault(Fault::After(2, 403));
    let lines = (0..9).map(|n| format!("{{\"text\":\"Satz {n}.\"}}")).collect::<Vec<_>>().join("\n");
    let project = Project::new()
        .engine(&service.address(), "concurrency = 1\nmax_segments = 2")
        .file("a.jsonl", &lines);
    project.run(&["translate", "a.jsonl"]).exits(4);
    assert!(project.files("output").is_empty(), "{:?}", project.files("output").keys());
    service.mend();
    project.run(&["translate", "a.jsonl"]).exits(0);
    assert_eq!(project.rows("output/a.english.jsonl").len(), 9);
    assert!(service.counts().texts.values().all(|count| *count == 1));
}

#[test]
fn own_outputs_below_a_folder_are_no_corpora() {
    let service = Service::start();
    let project =
        project(&service, "seeds/a.txt", "Ein Satz.").file("seeds/a.jsonl", "{\"text\": \"Noch einer.\"}\n");
    project.run(&["translate", "--format", "text"]).exits(0);
    assert_eq!(project.outputs("output").len(), 1);
    project.run(&["translate", "--format", "text", "--text-field", "text"]).exits(0);
    assert_eq!(project.read("output/a.english.jsonl").lines().count(), 1);
    // Both would write a.jsonl.
    project.run(&["translate", "--format", "jsonl", "--text-field", "text"]).exits(2);
}

#[test]
fn a_dry_run_counts_records() {
    let service = Service::start();
    let project = corpus(&service);
    let estimate = project.run(&["translate", "mond.jsonl", "--dry-run", "--json"]).exits(0).last_json();
    assert_eq!((&estimate["estimate"]["articles"], &estimate["estimate"]["to_send"]), (&3.into(), &3.into()));
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn broken_records_without_end_are_counted_and_not_all_told() {
    let service = Service::start();
    let project = project(&service, "a.jsonl", &"kaputt\n".repeat(1000));
    let ran = project.run(&["translate", "a.jsonl", "--json"]).exits(3);
    assert_eq!(ran.json()["skipped"], 1000);
    assert!(ran.stderr.lines().count() < 300 && ran.stderr.contains("800 more skipped"), "{}", ran.stderr);
    assert_eq!(project.read("output/a.english.jsonl").lines().count(), 1000);
    project.run(&["translate", "-", "--text-field", "text"]).exits(2);
}

#[test]
fn a_missing_column_is_named_with_those_there_are() {
    let service = Service::start();
    let project = project(&service, "a.csv", "id,body\n1,Ein Satz.\n");
    let ran = project.run(&["translate", "a.csv"]).exits(3);
    assert!(ran.stderr.contains("no column \"text\"") && ran.stderr.contains("id, body"), "{}", ran.stderr);
}

const ENGLISH: &str = "The ferry left the harbour shortly before seven in the morning, an hour late. According to \
    the operator, a pump had failed during the night and had to be replaced by the crew. Nobody on board was hurt, \
    but many passengers missed their trains to the south of the country.";

#[test]
fn an_article_that_is_not_german_is_skipped_unless_it_is_forced() {
    let service = Service::start();
    let project = project(&service, "seeds/en.txt", ENGLISH)
        .file("seeds/de.txt", "Das Schiff kam nach Mitternacht an.");
    let ran = project.run(&["translate", "--json"]).exits(3);
    assert!(ran.stderr.contains("en.txt: skipped: it is English, not German"), "{}", ran.stderr);
    let summary = ran.json();
    assert_eq!(
        (&summary["articles"], &summary["skipped"], &summary["not_german"]),
        (&1.into(), &1.into(), &1.into())
    );
    let estimate = project.run(&["translate", "--dry-run", "--json"]).exits(3).last_json();
    assert_eq!(estimate["estimate"]["not_german"], 1);
    assert_eq!(project.run(&["translate", "--force", "--json"]).exits(0).json()["articles"], 2);
    let lines = format!("{{\"text\":\"{ENGLISH}\"}}\n{{\"text\":\"Das Schiff kam nach Mitternacht an.\"}}\n");
    project.put("a.jsonl", lines);
    project.run(&["translate", "a.jsonl"]).exits(3);
    assert_eq!(project.rows("output/a.english.jsonl")[0]["text_en"], serde_json::Value::Null);
}

#[test]
fn what_comes_back_never_runs_as_a_formula_and_the_users_own_cells_stay() {
    let project = Project::new().file("a.csv", "id,text\n1,=1+2\n2,Der Hafen war leer.\n");
    project.run(&["translate", "a.csv", "--engine", "pseudo", "--format", "text"]).exits(0);
    let english = project.read("output/a.english.csv");
    assert!(english.contains("\n1,=1+2,'=1+2\n"), "{english}");
    assert!(english.contains("\n2,Der Hafen war leer.,[de] Der Hafen war leer.\n"), "{english}");
}

#[test]
fn html_in_a_table_gets_its_english_in_the_same_tags() {
    let table = "sep=;\r\nid;text\r\n1;\"<p class=\"\"a\"\">Der Hafen war <b>leer</b>.<br>Es war f&uuml;nf.</p>\"\r\n";
    let project = Project::new().file("a.csv", table);
    project.run(&["translate", "a.csv", "--engine", "pseudo", "--format", "document", "--force"]).exits(0);
    let expected = "sep=;\r\nid;text;text_en\r\n1;\"<p class=\"\"a\"\">Der Hafen war <b>leer</b>.<br>Es war f&uuml;nf.</p>\";\
                    \"<p class=\"\"a\"\">[de] Der Hafen war <b>leer</b>.<br>[de] Es war fünf.</p>\"\r\n";
    assert_eq!(project.read("output/a.english.csv"), expected);
}

#[test]
fn nothing_is_written_for_a_table_with_an_open_cell() {
    let project = Project::new().file("a.csv", "id,text\n1,Ein Satz.\n2,\"Offen.\n3,Der letzte Satz.\n");
    let shown = project.run(&["translate", "a.csv", "--engine", "pseudo", "--force"]).exits(3).stderr;
    assert!(shown.contains("in line 3 of a.csv is never closed"), "{shown}");
    assert!(!project.path().join("output/a.english.csv").exists());
}
