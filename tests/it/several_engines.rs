//! Several engines in order, and runs that stay on this machine.

use serde_json::Value;

use crate::support::{Project, Service};

/// A project with an engine that nobody answers for, a real one, and what `[translate]` says.
fn project(service: &Service, translate: &str) -> Project {
    let config = format!(
        "[translate]\ninput = 'seeds'\nformats = ['jsonl']\n{translate}\n\n[engines.down]\nkind = 'libretranslate'\n\
         base_url = 'http://127.0.0.1:9'\nattempts = 1\n\n[engines.up]\nkind = 'libretranslate'\nbase_url = '{}'\n",
        service.address()
    );
    Project::new()
        .file("seeds/a.txt", "Die Fähre 1 legt am Kai 1 an. Die Fähre 2 legt am Kai 2 an.\n")
        .file("wortlaut.toml", config)
}

#[test]
fn the_next_engine_goes_on_where_the_first_cannot() {
    let service = Service::start();
    for (translate, flags) in [("engines = ['down', 'up']", &[][..]), ("", &["--engine", "down,up"])] {
        service.reset();
        let project = project(&service, translate);
        let ran = project.run(&[&["translate"], flags].concat()).exits(0);
        assert!(ran.stderr.contains("down is not asked any more, up goes on"), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("up at {}", service.address().trim_start_matches("http://"))));
        let rows = std::fs::read_to_string(project.path().join("output/a.jsonl")).expect("written");
        let engine = |row: &str| serde_json::from_str::<Value>(row).expect("an object")["engine"].clone();
        assert!(rows.lines().all(|row| engine(row) == "up"), "{rows}");
        let requests = service.counts().requests;
        project.run(&[&["translate", "--overwrite"], flags].concat()).exits(0);
        assert_eq!(service.counts().requests, requests, "nothing is sent again");
        project.run(&[&["check"], flags].concat()).exits(0);
    }
}

#[test]
fn a_dry_run_names_the_hosts_that_text_may_go_to() {
    let service = Service::start();
    let project = project(&service, "engines = ['deepl', 'up']");
    let ran = project.run(&["translate", "--dry-run"]).exits(0);
    assert!(
        ran.stdout.contains("deepl at api.deepl.com: at most 2 segments, 58 characters"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("up at 127.0.0.1"), "{}", ran.stdout);
    let ran = project.run(&["translate", "--dry-run", "--json"]).exits(0);
    let object: Value = serde_json::from_str(&ran.stdout).expect("an object");
    assert_eq!(object["engines"][0]["host"], "api.deepl.com");
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn an_engine_and_a_list_of_engines_in_one_file_are_refused() {
    let service = Service::start();
    let both = project(&service, "engine = 'up'\nengines = ['down', 'up']");
    let ran = both.run(&["translate"]).exits(5);
    assert!(ran.stderr.contains("are both set") && ran.stderr.contains("keep engines"), "{}", ran.stderr);
    let twice = project(&service, "engines = ['up', 'up']").run(&["translate"]).exits(5);
    assert!(twice.stderr.contains("names an engine twice"), "{}", twice.stderr);
    let unknown = project(&service, "engines = ['up', 'dwon']").run(&["translate"]).exits(5);
    assert!(unknown.stderr.contains("did you mean down?"), "{}", unknown.stderr);
    // A flag is of another layer.
    project(&service, "engines = ['down', 'up']").run(&["translate", "--engine", "up"]).exits(0);
}

#[test]
fn an_offline_run_sends_to_no_other_machine() {
    let service = Service::start();
    for (translate, flags) in [
        ("engine = 'deepl'\noffline = true", &[][..]),
        ("engines = ['up', 'deepl']", &["--offline"]),
        ("engines = ['up', 'deepl']", &["--offline", "--dry-run"]),
    ] {
        let project = project(&service, translate);
        let ran = project.run(&[&["translate"], flags].concat()).exits(5);
        assert!(ran.stderr.contains("the engine deepl sends to api.deepl.com"), "{}", ran.stderr);
        assert!(!project.path().join(".wortlaut").exists());
    }
    assert_eq!(service.counts().requests, 0);
    project(&service, "engine = 'up'").run(&["translate", "--offline"]).exits(0);
    let none = project(&service, "").run(&["translate", "--offline"]).exits(5);
    assert!(none.stderr.contains("pulls none"), "{}", none.stderr);
}

#[test]
fn the_prices_of_a_run_are_in_one_currency() {
    let service = Service::start();
    let project = project(&service, "engines = ['first', 'second']").file(
        "wortlaut.toml",
        format!(
            "[translate]\ninput = 'seeds'\nengines = ['first', 'second']\n\n[engines.first]\nkind = 'libretranslate'\n\
             base_url = '{0}'\ncurrency = 'EUR'\nprice_characters = 20\n\n[engines.second]\nkind = 'libretranslate'\n\
             base_url = '{0}'\ncurrency = 'USD'\nprice_characters = 20\n",
            service.address()
        ),
    );
    let ran = project.run(&["translate"]).exits(5);
    assert!(ran.stderr.contains("in EUR and those of second in USD"), "{}", ran.stderr);
    assert_eq!(service.counts().requests, 0);
}
