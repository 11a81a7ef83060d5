//! What a run may spend, and what it says it has spent.

use serde_json::Value;

use crate::support::{Project, Service};

/// German of which no two sentences are equal.
fn article(sentences: usize) -> String {
    let sentences: Vec<String> =
        (0..sentences).map(|n| format!("Die Fähre {n} legt am Kai {n} an.")).collect();
    sentences.join(" ") + "\n"
}

/// A project whose engine takes one text a request and has a price.
fn project(service: &Service, prices: &str) -> Project {
    Project::new()
        .file("seeds/a.txt", article(12))
        .file("seeds/b.txt", article(20))
        .engine(&service.address(), &format!("max_segments = 1\n{prices}"))
}

/// The characters that a service saw, by its own count.
fn seen(service: &Service) -> u64 {
    let texts = service.counts().texts;
    texts.iter().map(|(text, times)| (text.chars().count() * times) as u64).sum()
}

fn summary(stdout: &str) -> Value {
    serde_json::from_str(stdout.lines().last().expect("a line")).expect("an object")
}

#[test]
fn a_run_stops_before_it_sends_more_than_it_may() {
    let service = Service::start();
    for most in [0, 10, 250, 251, 400] {
        service.reset();
        let project = project(&service, "");
        let most_text = most.to_string();
        let ran = project.run(&["translate", "--json", "--max-characters", &most_text]).exits(3);
        let spent = seen(&service);
        assert!(spent <= most && most - spent < 40, "as much as it may: {spent} of {most}");
        assert!(ran.stderr.contains("--max-characters"), "{}", ran.stderr);
        // It goes on from there, and pays for nothing again.
        project.run(&["translate", "--max-characters", "100000"]).exits(0);
        assert!(service.counts().texts.values().all(|times| *times == 1));
    }
}

#[test]
fn a_cost_is_counted_by_the_prices_of_the_profile() {
    let service = Service::start();
    let refused = project(&service, "").run(&["translate", "--max-cost", "5"]).exits(5);
    assert!(refused.stderr.contains("price_characters"), "{}", refused.stderr);
    let no_currency = project(&service, "price_characters = 20").run(&["translate"]).exits(5);
    assert!(no_currency.stderr.contains("currency"), "{}", no_currency.stderr);
    assert_eq!(service.counts().requests, 0);
    // A thousandth a character.
    let project = project(&service, "currency = 'eur'\nprice_characters = 1000");
    let ran = project.run(&["translate", "--json", "--max-cost", "0.300"]).exits(3);
    let spent = seen(&service);
    assert!(spent <= 300 && spent > 260, "{spent}");
    let cost = &summary(&ran.stdout)["cost"];
    assert_eq!(cost["currency"], "EUR");
    let amount = cost["cost"].as_str().expect("an amount");
    assert_eq!(amount.trim_end_matches('0'), format!("0.{spent:03}").trim_end_matches('0'), "{cost}");
    assert!(ran.stderr.contains("of 0.30"), "{}", ran.stderr);
    project.run(&["translate", "--max-cost", "0,5"]).exits(2);
}

#[test]
fn a_frozen_run_sends_nothing() {
    let service = Service::start();
    let project = project(&service, "");
    let frozen = project.run(&["translate", "--frozen"]).exits(1);
    assert!(frozen.stderr.contains("would be sent"), "{}", frozen.stderr);
    assert!(!project.path().join("output/a.jsonl").exists());
    project.run(&["translate"]).exits(0);
    service.reset();
    std::fs::remove_dir_all(project.path().join("output")).expect("removed");
    project.run(&["translate", "--frozen"]).exits(0);
    assert!(project.path().join("output/a.jsonl").exists());
    let project = project.file("seeds/c.txt", "Es regnet.\n");
    project.run(&["translate", "--frozen"]).exits(1);
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn what_a_run_would_cost_is_known_without_a_key() {
    let project = Project::new().file("seeds/a.txt", "Der Hafen ist leer.\n").file(
        "wortlaut.toml",
        "[translate]\ninput = 'seeds'\nengine = 'deepl'\n[engines.deepl]\ncurrency = 'EUR'\nprice_characters = 20.5\n",
    );
    let dry = project.run(&["translate", "--dry-run", "--json"]).exits(0);
    let dry = summary(&dry.stdout);
    assert_eq!(dry["estimate"]["billed_characters"], 19);
    // 19 × 20.5 / 1,000,000, rounded up to what can be shown.
    assert_eq!(dry["cost"]["cost"], "0.0004");
    let shown = project.run(&["translate", "--dry-run"]).exits(0);
    assert!(shown.stdout.contains("cost") && shown.stdout.contains("EUR"), "{}", shown.stdout);
}

#[test]
fn a_run_with_a_language_model_has_a_budget_of_money() {
    let project = |prices: &str| {
        let profile =
            format!("base_url = 'http://127.0.0.1:9'\nmodel = 'modell'\ncurrency = 'USD'\n{prices}");
        let settings =
            format!("[translate]\ninput = 'seeds'\nengine = 'openai'\n[engines.openai]\n{profile}\n");
        Project::new().file("seeds/a.txt", "Der Hafen ist leer.\n").file("wortlaut.toml", settings)
    };
    let half = project("price_input = 2").run(&["translate", "--max-cost", "5"]).exits(5);
    assert!(half.stderr.contains("price_output"), "{}", half.stderr);
    // The prompt alone could cost more; nothing listens at the address, so exit code 4 would mean that it was sent.
    let priced = project("price_input = 2\nprice_output = 8");
    let ran = priced.run(&["translate", "--max-cost", "0.001"]).exits(3);
    assert!(ran.stderr.contains("of 0.001"), "{}", ran.stderr);
    priced.run(&["translate", "--max-cost", "5"]).exits(4);
}
