//! Local engines, on the tiny trained model: `--engine firefox`, `--engine auto`, `--upgrade`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wortlaut::memory::{Key, Memory, SqliteMemory, StoredAnswer};
use wortlaut::model::{Request, TermHint, Translation};

use crate::support::Project;

const STORE: &str = ".local/share/wortlaut/models";
const MEMORY: &str = ".wortlaut/memory.db";

const PROBE: &str = "Die Raumsonde sendet Bilder vom Asteroiden.";
const COAST_GUARD: &str = "Die Küstenwache ortete ein fremdes U-Boot.";
const COUNCIL: &str = "Der Sicherheitsrat verurteilte den Angriff.";
const TREATY: &str = "Der Botschafter unterzeichnete das Abkommen in Genf.";

/// A project of one article, whose store holds the tiny model under the name `firefox`.
fn project(sentences: &[&str]) -> Project {
    let config = "[translate]\ninput = 'seeds'\nformats = ['text', 'jsonl']\n";
    let project =
        Project::new().file("seeds/a.txt", sentences.join(" ") + "\n").file("wortlaut.toml", config);
    install(&project, &["model.bin", "vocab.spm", "lex.bin"]);
    project
}

/// Puts files of the tiny model into the store, as if they had been pulled.
fn install(project: &Project, names: &[&str]) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-model");
    let files = names.iter().map(|name| {
        let original = match *name {
            "model.bin" => "model.deen.intgemm.alphas.bin",
            "vocab.spm" => "vocab.deen.spm",
            _ => "lex.50.50.deen.s2t.bin",
        };
        let bytes = fs::read(fixture.join(original)).expect("read");
        project.put(&format!("{STORE}/firefox/{name}"), &bytes);
        json!({ "name": name, "size": bytes.len(), "sha256": hex::encode(Sha256::digest(&bytes)) })
    });
    let record = json!({ "source": "a test", "version": "1", "files": files.collect::<Vec<_>>() });
    project.put(&format!("{STORE}/firefox/installed.json"), record.to_string());
}

/// German, its term if there is one, and English.
type Pair<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a str);

/// Puts answers of a weaker model into the memory.
fn remember(project: &Project, answers: &[Pair<'_>]) {
    let (engine, fingerprint) = ("qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b gguf 1117320768 0123 1 2048");
    let records = answers.iter().map(|(german, term, english)| {
        let hint = |(source, target): &(&str, &str)| TermHint {
            source: (*source).to_owned(),
            target: (*target).to_owned(),
        };
        let request = Request {
            text: (*german).to_owned(),
            terms: term.iter().map(hint).collect(),
            inlines: Vec::new(),
        };
        StoredAnswer {
            key: Key::new(fingerprint, &request),
            engine: engine.to_owned(),
            fingerprint: fingerprint.to_owned(),
            request,
            translation: Translation::plain(*english),
        }
    });
    let memory = SqliteMemory::open(&project.path().join(MEMORY)).expect("a memory");
    futures::executor::block_on(memory.store(records.collect())).expect("stored");
}

/// The values of a field of all segments.
fn column(project: &Project, field: &str) -> Vec<Value> {
    project.rows("output/a.jsonl").into_iter().map(|mut row| row[field].take()).collect()
}

#[test]
fn an_article_goes_through_the_tiny_model_and_the_glossary_holds() {
    let project = project(&[COAST_GUARD, COUNCIL, TREATY]).glossary(&[
        ["Küstenwache", "space agency", ""],
        ["Sicherheitsrat", "Security Council", ""],
        ["Genf", "Geneva", ""],
    ]);
    project.run(&["model", "verify", "firefox"]).exits(0);
    let summary = project.run(&["translate", "--engine", "firefox", "--json"]).exits(0).json();
    assert_eq!(
        project.read("output/a.english.txt"),
        "The space agency located a foreign submarine. The Security Council condemned the attack. \
         The ambassador signed the agreement in Geneva.\n"
    );
    assert_eq!((&summary["terms"]["found"], &summary["terms"]["held"]), (&3.into(), &3.into()));
    assert_eq!(column(&project, "rung"), ["native", "native", "native"]);
    assert_eq!(column(&project, "engine"), ["firefox", "firefox", "firefox"]);
    assert_eq!(summary["requests"], 1, "no term is asked for again");
    let again = project.run(&["translate", "--engine", "firefox", "--json"]).exits(0).json();
    assert_eq!(again["requests"], 0);
}

#[test]
fn what_a_weaker_model_made_is_reused_until_an_upgrade_is_asked_for() {
    let project = project(&[PROBE, COUNCIL, TREATY]).glossary(&[["Raumsonde", "space probe", ""]]);
    let weak = "The space probe sends pictures.";
    let term = Some(("Raumsonde", "space probe"));
    remember(&project, &[(PROBE, term, weak), (TREATY, None, "The ambassador signed it in Geneva.")]);
    let auto = |more: &[&str]| {
        let arguments = [&["translate", "--engine", "auto"], more].concat();
        project.run(&arguments).exits(0)
    };
    let planned = auto(&["--dry-run", "--json"]).last_json();
    let ran = auto(&["--json"]);
    let summary = ran.json();
    assert_eq!((&summary["translated"], &summary["reused"]), (&1.into(), &2.into()));
    assert_eq!(planned["estimate"]["to_send"], 1);
    assert_eq!(summary["upgradable"], json!({ "qwen2.5-coder-1.5b": 2 }));
    assert_eq!(planned["estimate"]["upgradable"], summary["upgradable"]);
    assert!(
        ran.stderr.contains("2 segments were made by qwen2.5-coder-1.5b; `wortlaut translate --upgrade`"),
        "{}",
        ran.stderr
    );
    assert_eq!(column(&project, "engine"), ["qwen2.5-coder-1.5b", "firefox", "qwen2.5-coder-1.5b"]);
    assert_eq!(column(&project, "en")[0], weak);

    assert_eq!(auto(&["--upgrade", "--dry-run", "--json"]).last_json()["estimate"]["to_send"], 2);
    let summary = auto(&["--upgrade", "--json"]).json();
    assert_eq!((&summary["translated"], &summary["reused"]), (&2.into(), &1.into()));
    assert_eq!(column(&project, "engine"), ["firefox"; 3]);
    let upgraded = project.files("output");
    for more in [&["--upgrade", "--json"][..], &["--json"]] {
        let ran = auto(more);
        assert_eq!(ran.json()["requests"], 0);
        assert!(ran.json()["upgradable"].is_null() && !ran.stderr.contains("--upgrade"), "{}", ran.stderr);
        assert_eq!(project.files("output"), upgraded);
    }
}

#[test]
fn a_profile_that_was_named_takes_no_answers_of_others() {
    let project = project(&[PROBE]);
    remember(&project, &[(PROBE, None, "The probe sends pictures.")]);
    let summary = project.run(&["translate", "--engine", "firefox", "--json"]).exits(0).json();
    assert_eq!(summary["translated"], 1);
    assert_eq!(column(&project, "engine"), ["firefox"]);
}

#[test]
fn answers_of_an_earlier_version_of_a_model_stay_until_an_upgrade() {
    let project = project(&[PROBE, TREATY]);
    install(&project, &["model.bin", "vocab.spm"]);
    let auto = |more: &[&str]| project.run(&[&["translate", "--engine", "auto"], more].concat()).exits(0);
    auto(&[]);
    install(&project, &["model.bin", "vocab.spm", "lex.bin"]);
    let ran = auto(&["--json"]);
    assert_eq!(ran.json()["requests"], 0);
    assert!(ran.stderr.contains("2 segments were made by an earlier version of firefox"), "{}", ran.stderr);
    assert_eq!(auto(&["--upgrade", "--json"]).json()["translated"], 2);
    assert!(!auto(&[]).stderr.contains("earlier version"));
}
