//! `wortlaut evaluate`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::Project;

const METRICS: [&str; 4] = ["chrf", "chrf++", "bleu", "ter"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/evaluation").join(name)
}

/// The object that an evaluation prints.
fn evaluated(project: &Project, arguments: &[&str]) -> Value {
    project.run(&[&["evaluate", "--json"], arguments].concat()).exits(0).json()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The figures that sacreBLEU has of 1000 lines, as `tests/bench/against_sacrebleu.py` recorded them.
#[test]
fn scores_are_those_of_sacrebleu() {
    let recorded = std::fs::read_to_string(fixture("figures.json")).expect("figures");
    let recorded: Value = serde_json::from_str(&recorded).expect("JSON");
    let file = |name: &str| fixture(name).to_string_lossy().into_owned();
    let (one, two) = (file("reference.txt"), file("reference-2.txt"));
    let project = Project::new();
    for (count, references) in [("1", vec!["--ref", &one]), ("2", vec!["--ref", &one, "--ref", &two])] {
        let english = ["english.txt", "english-2.txt"];
        let files = english.map(file);
        let systems: Vec<&str> = files.iter().map(String::as_str).collect();
        let found = evaluated(&project, &[&systems[..], &references].concat());
        for (place, name) in english.iter().enumerate() {
            for metric in METRICS {
                let own = number(&found["systems"][place][metric]);
                let theirs = number(&recorded[*name][count][metric]);
                assert!((own - theirs).abs() < 1e-9, "{name}, {count}: {metric} is {own}, not {theirs}");
            }
        }
        for metric in METRICS {
            let comparable = |signature: &Value| {
                let signature = signature.as_str().expect("a signature");
                signature.rsplit_once("|version:").expect("a version").0.to_owned()
            };
            let theirs = comparable(&recorded["signature"][metric]);
            assert_eq!(
                comparable(&found["signature"][metric]),
                theirs.replace("nrefs:1", &format!("nrefs:{count}"))
            );
        }
    }
}

/// Three sentences with terms, their references and two translations.
fn project() -> Project {
    Project::new()
        .file("de.txt", "Der Bauleiter kam.\nDie Bauleiter warten am Hafen.\nNiemand sah ihn.\n")
        .file(
            "ref.txt",
            "The site manager came.\nThe site managers are waiting at the port.\nNobody saw him.\n",
        )
        .file("a.txt", "The site manager came.\nThe foremen wait at the port.\nNobody saw him.\n")
        .file("b.txt", "The builder has come.\nBuilders are waiting at a harbour.\nNo one has seen him.\n")
        .file("terms.tsv", "source\ttarget\tavoid\nBauleiter\tsite manager\tbuilder\nHafen\tport|harbour\t\n")
}

#[test]
fn one_system_is_one_object() {
    let found = evaluated(
        &project(),
        &["a.txt", "--ref", "ref.txt", "--source", "de.txt", "--glossary", "terms.tsv"],
    );
    let object = found.as_object().expect("an object");
    let keys: Vec<&str> = object.keys().map(String::as_str).collect();
    let mut expected = [&METRICS[..], &["terms", "signature"]].concat();
    expected.sort_unstable();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    let terms = json!({
        "rows": 3, "rows_with_terms": 2, "occurrences": 3, "distinct_source_terms": 2, "present": 2,
        "success": 0.6667, "exclusive": 0.6667, "case_exact": 0.6667, "rows_all_terms": 0.5,
        "recurring_occurrences": 2, "consistency": 0.5, "predefined": 0.5,
    });
    assert_eq!(found["terms"], terms);
    let plain = evaluated(&project(), &["a.txt", "--ref", "ref.txt", "--metrics", "bleu,chrf"]);
    assert_eq!(
        (&plain["ter"], &plain["chrf++"], &plain["terms"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!((&plain["bleu"], &plain["chrf"]), (&found["bleu"], &found["chrf"]));
    assert_eq!(plain["signature"].as_object().expect("an object").len(), 2);
}

#[test]
fn an_unwanted_rendering_is_a_rendering() {
    let arguments = ["a.txt", "b.txt", "--ref", "ref.txt", "--source", "de.txt", "--glossary", "terms.tsv"];
    let found = evaluated(&project(), &arguments);
    let terms = |system: usize, figure: &str| number(&found["systems"][system]["terms"][figure]);
    assert_eq!((terms(1, "success"), terms(1, "consistency"), terms(1, "predefined")), (0.3333, 1.0, 0.0));
    assert_eq!((terms(0, "success"), terms(0, "consistency")), (0.6667, 0.5));
    assert_eq!(found["systems"][1]["system"], "b.txt");
}

#[test]
fn rows_say_their_terms_themselves_unless_a_glossary_is_named() {
    let rows = "{\"de\": \"Der Bauleiter kam.\", \"en\": \"x\", \"terms\": [{\"de\": \"kam\", \"en\": [\"arrived\", \"came\"]}]}\n\
                {\"de\": \"Die Bauleiter warten am Hafen.\", \"en\": \"x\", \"terms\": []}\n\n\
                {\"de\": \"Niemand sah ihn.\", \"en\": \"x\", \"terms\": [{\"de\": \"sah\", \"en\": \"spotted\"}]}\n";
    let project = project().file("rows.jsonl", rows);
    let arguments = ["a.txt", "--ref", "ref.txt", "--source", "rows.jsonl", "--metrics", "chrf"];
    let own = &evaluated(&project, &arguments)["terms"];
    assert_eq!((number(&own["success"]), &own["occurrences"]), (0.5, &json!(2)));
    let glossary = &evaluated(&project, &[&arguments[..], &["--glossary", "terms.tsv"]].concat())["terms"];
    assert_eq!((number(&glossary["success"]), &glossary["occurrences"]), (0.6667, &json!(3)));
}

#[test]
fn every_format_is_scored_alike() {
    let project = Project::new()
        .file("articles/a.txt", "Der Hafen ist leer\n\nKiel, 3. Mai (dpa) – Im Hafen von Kiel liegen 12 Schiffe. „Wir warten“, sagte Dr. Lang.\n")
        .file("articles/news/b.txt", "Die Schiffe kommen\n\nMorgen kommen sie. Dann wird der Hafen voll.\n")
        .file("glossary/terms.tsv", "source\ttarget\nHafen\tharbour\n");
    let formats = "jsonl,tmx,xliff,tsv,xlsx,lines";
    project.run(&["translate", "articles", "--engine", "pseudo", "--format", formats]).exits(0);
    let whole = evaluated(&project, &["output", "--ref", "output", "--by", "article"]);
    assert!((number(&whole["chrf"]) - 100.0).abs() < 1e-9);
    let names: Vec<&Value> =
        whole["groups"].as_array().expect("parts").iter().map(|part| &part["group"]).collect();
    assert_eq!(names, ["a.txt", "news/b.txt"]);
    assert_eq!(whole["terms"]["success"], 1.0, "the glossary of the project is used");
    let segments: u64 =
        whole["groups"].as_array().expect("parts").iter().filter_map(|part| part["segments"].as_u64()).sum();
    assert_eq!(whole["terms"]["rows"], segments);

    // Something to find in each: the references say a little more.
    let lines = project.read("output/a.en.txt");
    let reference: Vec<&str> = lines.lines().filter(|line| !line.is_empty()).collect();
    project.put("ref.txt", reference.join(" !\n"));
    let expected = evaluated(&project, &["output/a.jsonl", "--ref", "ref.txt"]);
    assert!(number(&expected["bleu"]) < 100.0);
    let turned = evaluated(&project, &["ref.txt", "--ref", "output/a.tmx"]);
    assert_eq!(turned["terms"]["occurrences"], expected["terms"]["occurrences"], "its German is German, too");
    for name in ["a.tmx", "a.xlf", "a.tsv", "a.bilingual.xlsx"] {
        let found = evaluated(&project, &[&format!("output/{name}"), "--ref", "ref.txt"]);
        assert_eq!(found, expected, "{name}");
        let kinds = evaluated(
            &project,
            &[&format!("output/{name}"), "--ref", "ref.txt", "--by", "kind", "--metrics", "chrf"],
        );
        let kinds: Vec<&Value> =
            kinds["groups"].as_array().expect("parts").iter().map(|part| &part["group"]).collect();
        assert_eq!(kinds, ["dateline", "paragraph", "title"], "{name}");
    }
}

#[test]
fn files_are_decoded_as_articles_are() {
    let text = "The café is über-full.\nNaïve.\n";
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect();
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let marked = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let project = Project::new()
        .file("ref.txt", text)
        .file("latin.txt", latin)
        .file("wide.txt", wide)
        .file("marked.txt", marked);
    let found = evaluated(
        &project,
        &["latin.txt", "wide.txt", "marked.txt", "--ref", "ref.txt", "--metrics", "chrf,ter"],
    );
    for system in found["systems"].as_array().expect("systems") {
        assert!((number(&system["chrf"]) - 100.0).abs() < 1e-9 && number(&system["ter"]) == 0.0, "{system}");
    }
    project.put("broken.txt", b"The caf\xc3\xa9 is fine.\nCaf\xff\n");
    let error = project.run(&["evaluate", "broken.txt", "--ref", "ref.txt"]).exits(2).stderr;
    assert!(error.contains("broken.txt is not valid UTF-8: wrong byte at offset 22"), "{error}");
}

#[test]
fn a_failed_segment_counts_as_nothing_and_a_reference_must_be_whole() {
    let row = |segment: usize, english: &str| {
        format!(
            "{{\"article\": \"a\", \"segment\": {segment}, \"kind\": \"paragraph\", \"de\": \"Ja.\", \"en\": {english}, \"terms\": []}}\n"
        )
    };
    let project = Project::new()
        .file("failed.jsonl", row(1, "null") + &row(2, "\"Yes, of course.\""))
        .file("gap.txt", "\nYes, of course.\n")
        .file("ref.txt", "No, never at all.\nYes, of course.\n");
    let failed = evaluated(&project, &["failed.jsonl", "gap.txt", "--ref", "ref.txt"]);
    for metric in METRICS {
        assert_eq!(failed["systems"][0][metric], failed["systems"][1][metric], "{metric}");
    }
    let error = project.run(&["evaluate", "ref.txt", "--ref", "failed.jsonl"]).exits(2).stderr;
    assert!(error.contains("failed.jsonl has no English for segment 1"), "{error}");
}

#[test]
fn chance_is_told_the_same_way_each_time() {
    let line = |n: usize| {
        format!("The {} ship of line {n} sailed.", if n.is_multiple_of(3) { "grey" } else { "old" })
    };
    let english = (0..200).map(line).collect::<Vec<_>>().join("\n");
    let project = Project::new()
        .file("a.txt", &english)
        .file("b.txt", english.replace("sailed", "has left"))
        .file("same.txt", &english)
        .file("ref.txt", english.replace("grey", "old"));
    let arguments = ["a.txt", "b.txt", "same.txt", "--ref", "ref.txt", "--paired", "--metrics", "chrf,bleu"];
    let found = evaluated(&project, &arguments);
    assert_eq!(found, evaluated(&project, &arguments));
    let [first, second, third] = [0, 1, 2].map(|place| &found["systems"][place]);
    assert_eq!(first["p"], Value::Null, "nothing to compare the first one with");
    assert!(
        (number(&second["p"]["bleu"]) - 1.0 / 1001.0).abs() < 1e-9,
        "no sample reaches so large a difference"
    );
    assert_eq!(third["p"]["bleu"], 1.0, "the same is the same");
    let interval = &first["confidence"]["chrf"];
    assert!((number(&interval["mean"]) - number(&first["chrf"])).abs() < number(&interval["interval"]));
    assert!(number(&interval["interval"]) > 0.0);
    let signature = found["signature"]["bleu"].as_str().expect("a signature");
    assert!(signature.starts_with("nrefs:1|bs:1000|seed:12345|case:mixed|"), "{signature}");
    let alone = evaluated(&project, &["a.txt", "--ref", "ref.txt", "--confidence", "--metrics", "chrf,bleu"]);
    assert_eq!(alone["confidence"], first["confidence"]);
}

#[test]
fn tables_fit_sixty_columns() {
    let project = project().file("a-rather-long-name-of-a-system/translation.txt", "A\nB\nC\n");
    let long = "a-rather-long-name-of-a-system/translation.txt";
    let terms = ["--source", "de.txt", "--glossary", "terms.tsv"];
    for more in [&[][..], &["--by", "length"], &["--paired"], &["--confidence", "--by", "length"], &terms] {
        let arguments = [&["evaluate", "a.txt", long, "--ref", "ref.txt"], more].concat();
        let shown = project.run(&arguments).exits(0).stdout;
        for line in shown.lines() {
            assert!(line.chars().count() <= 60, "{more:?}: {line}");
        }
        assert!(shown.contains("nrefs:1|") && shown.contains("chrF ↑") && shown.contains("TER ↓"), "{shown}");
    }
}
