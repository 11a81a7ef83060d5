//! How articles are cut: the user's own rules and abbreviations, over-long segments, hostile input.

use std::io::Write;

use serde_json::Value;

use crate::support::{Project, Service};

const RULES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<srx xmlns="http://www.lisa.org/srx20" version="2.0">
<header segmentsubflows="yes" cascade="no"></header>
<body>
<languagerules><languagerule languagerulename="Deutsch">
<rule break="no"><beforebreak>\bAbk\.\s</beforebreak><afterbreak></afterbreak></rule>
<rule break="yes"><beforebreak>[.;]\s+</beforebreak><afterbreak></afterbreak></rule>
</languagerule></languagerules>
<maprules><languagemap languagepattern="(DE|de).*" languagerulename="Deutsch"></languagemap></maprules>
</body>
</srx>
"#;

const TEXT: &str = "Die Abk. Sie steht hier; dort nicht. Ende der Liste.\n";

/// The texts of the segments that `segment` prints.
fn texts(rows: &str) -> Vec<&str> {
    rows.lines().filter_map(|row| row.rsplit('\t').next()).collect()
}

#[test]
fn rules_in_srx_replace_our_own() {
    let project = Project::new().file("a.txt", TEXT).file("rules/de.srx", RULES);
    let flagged = project.run(&["segment", "a.txt", "--srx", "rules/de.srx"]).exits(0).stdout;
    assert_eq!(texts(&flagged), ["Die Abk. Sie steht hier;", "dort nicht.", "Ende der Liste."]);
    let why = project.run(&["segment", "a.txt", "--srx", "rules/de.srx", "--explain"]).exits(0).stdout;
    assert!(why.contains("Deutsch rule 1, line 6: no break") && why.contains("Deutsch rule 2"), "{why}");
    project.put("wortlaut.toml", "[segment]\nrules = 'rules/de.srx'\n");
    assert_eq!(project.run(&["segment", "a.txt"]).exits(0).stdout, flagged);
    project.put("rules/de.srx", RULES.replace("[.;]", "[.;"));
    let failed = project.run(&["segment", "a.txt"]).exits(5).stderr;
    assert!(failed.contains("de.srx") && failed.contains("line 7"), "{failed}");
}

#[test]
fn abbreviations_of_the_project_end_no_sentence() {
    let project = Project::new().file("a.txt", TEXT);
    assert_eq!(texts(&project.run(&["segment", "a.txt"]).exits(0).stdout).len(), 3);
    project.put("wortlaut.toml", "[segment]\nabbreviations = ['Abk.']\n");
    let rows = project.run(&["segment", "a.txt"]).exits(0).stdout;
    assert_eq!(texts(&rows), ["Die Abk. Sie steht hier; dort nicht.", "Ende der Liste."]);
}

#[test]
fn the_run_cuts_as_segment_does() {
    let service = Service::start();
    let project = Project::new()
        .file("seeds/a.txt", TEXT)
        .file("de.srx", RULES)
        .engine(&service.address(), "[segment]\nrules = 'de.srx'");
    project.run(&["translate"]).exits(0);
    let sent = service.counts().texts;
    assert!(sent.contains_key("Die Abk. Sie steht hier;") && sent.len() == 3, "{sent:?}");
}

#[test]
fn an_over_long_segment_is_sent_in_parts_and_joined() {
    let clause = "der Rat tagte lange und die Mitglieder berieten über das Kosmodrom Wostotschny";
    let long = format!("Erst {}.", [clause; 8].join("; dann "));
    let service = Service::start().renders("Kosmodrom Wostotschny", "Vostochny Cosmodrome");
    let project = Project::new()
        .file("seeds/a.txt", format!("{long} Kurz."))
        .glossary(&[["Kosmodrom Wostotschny", "Vostochny Cosmodrome", ""]])
        .engine(&service.address(), "max_bytes = 400");
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!((&summary["segments"], &summary["translated"]), (&2.into(), &2.into()));
    let row = &project.rows("output/a.jsonl")[0];
    assert_eq!(row["de"], long.as_str());
    let english = row["en"].as_str().expect("a text");
    assert_eq!(english.matches("Vostochny Cosmodrome").count(), 8, "{english}");
    let parts = service.counts().texts;
    assert!(parts.keys().all(|text| text.len() < 400), "{parts:?}");
    assert!(parts.keys().filter(|text| text.ends_with(';')).count() > 0, "{parts:?}");
    assert!(row["terms"].as_array().expect("terms").iter().all(|term| term["held"] == true));
    service.reset();
    project.run(&["translate"]).exits(0);
    assert_eq!(service.counts().requests, 0, "each part is remembered");
}

#[test]
fn furniture_is_explained() {
    let project = Project::new()
        .file("a.txt", "Der Rat tagt\n\nEr tagte lange.\n\nLesen Sie auch: Warum der Rat so lange tagte\n");
    let why = project.run(&["segment", "a.txt", "--explain"]).exits(0).stdout;
    assert!(
        why.contains("block 3 furniture\tread-more link: Lesen Sie auch: Warum der Rat so lange tagte"),
        "{why}"
    );
    project.run(&["translate", "a.txt", "--engine", "pseudo", "--format", "jsonl", "-o", "out/"]).exits(0);
    let lines = project.read("out/a.jsonl");
    let reasons: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["reason"].clone())
        .collect();
    assert_eq!(reasons, [Value::Null, Value::Null, Value::from("read-more link")]);
}

#[test]
fn a_line_that_is_too_long_is_refused() {
    let project = Project::new();
    let mut file = std::fs::File::create(project.path().join("a.jsonl")).expect("created");
    for _ in 0..65 {
        file.write_all(&vec![b'a'; 1 << 20]).expect("written");
    }
    for arguments in [&["segment", "a.jsonl", "--jsonl"][..], &["segment", "a.jsonl"]] {
        let told = project.run(arguments).exits(2).stderr;
        assert!(told.contains("67108864"), "{told}");
    }
}

#[test]
fn a_folder_is_called_a_folder() {
    let project = Project::new().file("texts/a.txt", TEXT);
    let failed = project.run(&["segment", "texts"]).exits(2).stderr;
    assert!(failed.contains("it is a folder, not a file"), "{failed}");
}
