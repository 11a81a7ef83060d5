//! A run with `DeepL` and a glossary that is kept there, against a double with glossaries and an account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::support::{Project, Ran, deepl_requests, english};

/// What the double has and has seen.
#[derive(Default)]
struct DoubleState {
    /// Names and entries by id.
    glossaries: BTreeMap<String, (String, String)>,
    /// How many were made so far.
    made: usize,
    characters: usize,
    /// The glossaries that texts came with.
    used: Vec<Option<String>>,
}

#[derive(Clone, Default)]
struct DeepLDouble(Arc<Mutex<DoubleState>>);

impl Respond for DeepLDouble {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if let Some(refusal) = deepl_requests::refusal(request) {
            return refusal;
        }
        let mut desk = self.0.lock().expect("whole");
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let ok = |body: Value| ResponseTemplate::new(200).set_body_json(body);
        match (request.method.as_str(), request.url.path()) {
            ("GET", "/v2/usage") => {
                ok(json!({ "character_count": desk.characters, "character_limit": 5_000 }))
            }
            ("GET", "/v3/glossaries") => {
                let item = |(id, (name, _)): (&String, &(String, String))| json!({ "glossary_id": id, "name": name });
                ok(json!({ "glossaries": desk.glossaries.iter().map(item).collect::<Vec<_>>() }))
            }
            ("POST", "/v3/glossaries") => {
                desk.made += 1;
                let id = format!("g{}", desk.made);
                let text = |value: &Value| value.as_str().expect("a text").to_owned();
                let glossary = (text(&body["name"]), text(&body["dictionaries"][0]["entries"]));
                desk.glossaries.insert(id.clone(), glossary);
                ok(json!({ "glossary_id": id }))
            }
            ("DELETE", path) => {
                desk.glossaries.remove(path.trim_start_matches("/v3/glossaries/"));
                ResponseTemplate::new(204)
            }
            _ => {
                desk.used.push(body["glossary_id"].as_str().map(str::to_owned));
                let texts = body["text"].as_array().expect("texts").iter().filter_map(Value::as_str);
                let item = |text: &str| {
                    desk.characters += text.chars().count();
                    json!({ "text": english(text), "billed_characters": text.chars().count() })
                };
                ok(json!({ "translations": texts.map(item).collect::<Vec<_>>() }))
            }
        }
    }
}

struct DeepLService {
    double: DeepLDouble,
    server: MockServer,
    // Serves until the double is dropped.
    runtime: Runtime,
}

impl DeepLService {
    fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let double = DeepLDouble::default();
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(double.clone()).mount(&server).await;
            server
        });
        Self { double, server, runtime }
    }

    fn entries(&self) -> Vec<String> {
        let desk = self.double.0.lock().expect("whole");
        desk.glossaries.values().map(|(_, entries)| entries.clone()).collect()
    }

    fn server_requests(&self) -> usize {
        self.runtime.block_on(self.server.received_requests()).expect("recorded").len()
    }

    fn used(&self) -> Vec<Option<String>> {
        std::mem::take(&mut self.double.0.lock().expect("whole").used)
    }

    fn project(&self) -> Project {
        let config = format!(
            "[translate]\ninput = 'seeds'\nengine = 'deepl'\n[engines.deepl]\nbase_url = '{}'\nglossary = 'project'\n\
             [[glossary.for]]\narticles = 'hafen*'\npath = 'hafen.tsv'\n",
            self.server.uri()
        );
        Project::new()
            .file("wortlaut.toml", config)
            .glossary(&[["Kai", "quay", ""], ["Fähre", "ferry", ""]])
            .file("hafen.tsv", "source\ttarget\nKai\twharf\n")
            .file("seeds/a.txt", "Am Rand des Kais liegt die Fähre still.\n")
            .file("seeds/b.txt", "Die Fähre legt am Kai an.\n")
            .file("seeds/hafen.txt", "Der Kai ist neu und lang.\n")
    }
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    super::support::finished(
        &project.command(arguments).env("DEEPL_API_KEY", "schluessel-4711").output().expect("started"),
    )
}

#[test]
fn the_glossary_of_the_project_is_kept_in_step_at_deepl() {
    let service = DeepLService::start();
    let project = service.project();
    run(&project, &["translate", "--dry-run"]).exits(0);
    assert!(service.entries().is_empty(), "a dry run makes nothing");
    run(&project, &["translate"]);
    let general = "Fähre\tferry\nKai\tquay\nKais\tquay\n";
    assert_eq!(service.entries(), [general, "Fähre\tferry\nKai\twharf\n"], "with the form that is used");
    let used = service.used();
    assert!(used.contains(&Some("g1".to_owned())) && used.contains(&Some("g2".to_owned())), "{used:?}");
    // Nothing is sent, so nothing is looked at.
    let before = service.server_requests();
    run(&project, &["translate", "--force"]);
    assert_eq!(service.server_requests(), before);
    // Another entry, and a text that needs it.
    project.put("glossary/terms.tsv", "source\ttarget\nKai\tpier\nFähre\tferry\n");
    project.put("seeds/c.txt", "Der Kai ist heute leer.\n");
    run(&project, &["translate"]);
    assert_eq!(service.entries()[1], "Fähre\tferry\nKai\tpier\nKais\tpier\n", "the old one is gone");
    assert_eq!(service.entries().len(), 2);
    let gone = run(&project, &["engines", "clean", "deepl"]).exits(0);
    assert_eq!(
        gone.stdout.lines().filter(|line| line.starts_with("deleted wortlaut ")).count(),
        2,
        "{gone:?}"
    );
    assert!(service.entries().is_empty());
}

#[test]
fn the_summary_says_what_is_used_of_the_account() {
    let service = DeepLService::start();
    let project = service.project();
    let account = run(&project, &["translate", "--json"]).json()["account"].clone();
    let used = account["used"].as_u64().expect("a figure");
    assert!(used > 80, "{account}");
    assert_eq!(account, json!({ "before": 0, "used": used, "limit": 5_000, "unit": "character" }));
    let usage = run(&project, &["engines", "usage"]).exits(0).stdout;
    assert!(usage.contains("deepl: ") && usage.contains("of 5\u{202f}000 characters used"), "{usage}");
    let test = run(&project, &["engines", "test", "deepl", "Die Fähre legt an."]).exits(0).stdout;
    assert!(
        test.starts_with("EN ") && test.contains("deepl works") && test.contains("18 characters"),
        "{test}"
    );
}

#[test]
fn a_second_engine_that_keeps_glossaries_is_given_its_own_before_it_is_asked() {
    let service = DeepLService::start();
    let config = |translate: &str| {
        format!(
            "[translate]\ninput = 'seeds'\n{translate}\n[engines.down]\nkind = 'libretranslate'\n\
             base_url = 'http://127.0.0.1:9'\nattempts = 1\n[engines.deepl]\nbase_url = '{}'\nglossary = 'project'\n\
             [[glossary.for]]\narticles = 'hafen*'\npath = 'hafen.tsv'\n",
            service.server.uri()
        )
    };
    let project = service.project();
    project.put("wortlaut.toml", config("engines = ['down', 'deepl']"));
    run(&project, &["translate"]);
    let general = "Fähre\tferry\nKai\tquay\nKais\tquay\n";
    assert_eq!(service.entries(), [general, "Fähre\tferry\nKai\twharf\n"]);
    assert!(service.used().contains(&Some("g1".to_owned())));
    // Nothing is left to be passed on, so nothing is looked at.
    let before = service.server_requests();
    run(&project, &["translate", "--overwrite"]);
    assert_eq!(service.server_requests(), before);
}

#[test]
fn glossaries_that_cannot_be_kept_do_not_end_a_run_with_another_engine() {
    let double = super::support::Service::start();
    let project = Project::new()
        .file(
            "wortlaut.toml",
            format!(
                "[translate]\ninput = 'seeds'\nengines = ['deepl', 'up']\n[engines.up]\nkind = 'libretranslate'\n\
                 base_url = '{}'\n[engines.deepl]\nbase_url = 'http://127.0.0.1:9'\nglossary = 'project'\nattempts = 1\n",
                double.address()
            ),
        )
        .glossary(&[["Kai", "quay", ""]])
        .file("seeds/a.txt", "Die Fähre legt am Kai an.\n");
    let ran = run(&project, &["translate"]);
    assert!(ran.stderr.contains("the glossary at deepl could not be kept in step"), "{}", ran.stderr);
    assert!(ran.stderr.contains("deepl is not asked any more, up goes on"), "{}", ran.stderr);
    assert!(double.counts().requests > 0);
}

#[test]
fn an_evaluation_sends_what_is_paid_only_when_it_may() {
    let service = DeepLService::start();
    let project = service.project();
    let priced = |prices: &str| {
        format!(
            "[translate]\ninput = 'seeds'\n[engines.deepl]\nbase_url = '{}'\n{prices}\n",
            service.server.uri()
        )
    };
    project.put("wortlaut.toml", priced("currency = 'EUR'\nprice_characters = 20"));
    let refused = run(&project, &["evaluate", "--engines", "pseudo,deepl"]).exits(2).stderr;
    assert!(refused.contains("3 segments would be sent to deepl, and there is no terminal"), "{refused}");
    assert!(refused.contains("add --yes") && refused.contains("89 characters, 0.0018 EUR"), "{refused}");
    let dry = run(&project, &["evaluate", "--engines", "deepl", "--dry-run", "--json"]).exits(0).json();
    assert_eq!((&dry["dry_run"], &dry["segments"]), (&json!(true), &json!(3)));
    let line = &dry["engines"][0];
    assert_eq!((&line["characters"], &line["cost"]["cost"]), (&json!(89), &json!("0.0018")));
    assert_eq!(service.server_requests(), 0);
    let limit = ["evaluate", "--engines", "deepl", "--yes", "--max-characters", "10", "--json"];
    let stopped = run(&project, &limit).exits(4).json();
    let why = stopped["engines"][0]["error"].as_str().expect("a reason");
    assert!(why.contains("--max-characters"), "{why}");
    assert!(service.used().is_empty(), "no text is sent");
    assert!(!project.path().join("output").exists());

    let json = ["evaluate", "--engines", "deepl", "--yes", "--json"];
    let first = run(&project, &json).exits(0).json()["engines"][0]["effort"].clone();
    assert_eq!((&first["sent"], &first["reused"]), (&json!(3), &json!(0)));
    let characters = first["usage"]["characters"].as_u64().expect("a figure");
    assert!(characters >= 89, "{first}");
    assert_eq!(first["cost"]["currency"], "EUR");
    // With the rungs, which ask again for some of it.
    let million = first["cost_per_million"]["cost"].as_str().and_then(|cost| cost.parse::<f64>().ok());
    let expected = f64::from(u32::try_from(characters).expect("few")) * 20.0 / 89.0;
    assert!((million.expect("an amount") - expected).abs() < 1e-3, "{first}");
    // What is in the memory is sent to nobody, so nobody is asked.
    let requests = service.server_requests();
    let again = run(&project, &["evaluate", "--engines", "deepl", "--json"]).exits(0).json();
    let again = &again["engines"][0]["effort"];
    assert_eq!((&again["reused"], &again["cost"]["cost"]), (&json!(3), &json!("0.00")));
    assert_eq!(again["cost_per_million"]["cost"], "20.00", "what it would be");
    assert_eq!(service.server_requests(), requests);
    // Nor where a new entry makes an answer that is there worth asking again.
    project.put("glossary/terms.tsv", "source\ttarget\nKai\tpier\nFähre\tferry\n");
    run(&project, &["evaluate", "--engines", "deepl", "--json"]).exits(0);
    assert_eq!(service.server_requests(), requests);
    run(&project, &json).exits(0);
    assert!(service.server_requests() > requests);

    project.put("wortlaut.toml", "[translate]\ninput = 'seeds'\n");
    let offline = run(&project, &["evaluate", "--engines", "deepl", "--offline", "--yes"]).exits(5).stderr;
    assert!(
        offline.contains("the engine deepl sends to api.deepl.com, and this run is offline"),
        "{offline}"
    );
}
