//! What a run may spend, and what it says it has spent.

use serde_json::Value;

use crate::support::{Fault, Project, Service};

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

#[test]
fn a_dry_run_has_figures_of_each_article_in_the_order_of_the_inputs() {
    let config = "[translate]\ninput = 'seeds'\nengine = 'deepl'\n[engines.deepl]\ncurrency = 'EUR'\nprice_characters = 1000\n";
    // The first one takes longest, and two have nothing new.
    let mut project = Project::new().file("wortlaut.toml", config).file("seeds/00.txt", article(200));
    for number in 1..30 {
        project = project.file(&format!("seeds/{number:02}.txt"), article(1 + number % 3));
    }
    let dry = project.run(&["translate", "--dry-run", "--json"]).exits(0);
    let lines: Vec<Value> =
        dry.stdout.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let (all, each) = lines.split_last().expect("a line");
    assert_eq!((all["dry_run"].as_bool(), each.len()), (Some(true), 30));
    let names: Vec<_> = each.iter().map(|line| line["article"].as_str().expect("a name")).collect();
    assert!(names.is_sorted() && names[0] == "00.txt", "{names:?}");
    for figure in ["segments", "to_send", "reused", "characters", "billed_characters"] {
        let sum: u64 = each.iter().map(|line| line["estimate"][figure].as_u64().expect("a number")).sum();
        assert_eq!(all["estimate"][figure], sum, "{figure}");
    }
    assert_eq!(each[1]["estimate"]["reused"], 2, "its sentences stand in the first");
    // A thousandth each.
    assert_eq!(each[0]["cost"]["cost"], all["cost"]["cost"]);
    let shown = project.run(&["translate", "--dry-run"]).exits(0);
    assert!(shown.stdout.contains("29.txt") && !shown.stdout.contains("--json"), "{}", shown.stdout);
    let project = project.file("seeds/30.txt", article(1));
    let shown = project.run(&["translate", "--dry-run"]).exits(0);
    assert!(!shown.stdout.contains("29.txt") && shown.stdout.contains("--json has"), "{}", shown.stdout);
    let records = project
        .file("mond.jsonl", "{\"text\": \"Der Mond ist hell.\"}\n{\"text\": \"Der Mond ist voll.\"}\n");
    let dry = records.run(&["translate", "mond.jsonl", "--dry-run", "--json"]).exits(0);
    assert_eq!(dry.stdout.lines().count(), 3, "{}", dry.stdout);
}

#[test]
fn a_dry_run_tells_what_a_language_model_is_likely_to_use_and_what_is_set_aside() {
    let config = "[translate]\ninput = 'seeds'\nengines = ['openai', 'deepl']\n[engines.openai]\nbase_url = 'http://127.0.0.1:9'\nmodel = 'modell'\n\
                  currency = 'EUR'\nprice_input = 1\nprice_output = 10\n[engines.deepl]\ncurrency = 'EUR'\n\
                  price_characters = 20\n";
    let project = Project::new().file("wortlaut.toml", config).file("seeds/a.txt", article(12));
    let dry = project.run(&["translate", "--dry-run", "--json"]).exits(0).last_json();
    let tokens = |usage: &Value| (usage["input_tokens"].as_u64(), usage["output_tokens"].as_u64());
    let (likely, most) = (tokens(&dry["usage"]), tokens(&dry["at_most"]["usage"]));
    assert!(Some(100) < likely.0 && likely.0 < most.0 && Some(80) < likely.1 && likely.1 < most.1, "{dry}");
    let cost =
        |line: &Value| line["cost"]["cost"].as_str().expect("an amount").parse::<f64>().expect("a number");
    assert!(cost(&dry) < cost(&dry["at_most"]), "{dry}");
    // The next engine has prices of its own: 20 for a million of 12 times 29 characters.
    assert_eq!(
        (dry["engines"][0]["cost"]["cost"].clone(), dry["engines"][1]["characters"].clone()),
        (dry["at_most"]["cost"]["cost"].clone(), 352.into())
    );
    assert_eq!(dry["engines"][1]["cost"]["cost"], "0.0071");
    // What the run sets aside first is no more than what was told.
    let most = dry["at_most"]["cost"]["cost"].as_str().expect("an amount").to_owned();
    let short = project.run(&["translate", "--engine", "openai", "--max-cost", "0.0001"]).exits(3);
    assert!(short.stderr.contains("of 0.0001"), "{}", short.stderr);
    assert!(most.parse::<f64>().expect("a number") > 0.001, "{most}");
}

#[test]
fn a_dry_run_tells_what_terms_may_cost_at_most() {
    let service = Service::start().renders("Fähre", "vessel");
    let project = project(&service, "currency = 'EUR'\nprice_characters = 1000").glossary(&[[
        "Fähre",
        "packet boat",
        "",
    ]]);
    let dry = project.run(&["translate", "--dry-run", "--json"]).exits(0).last_json();
    let first = dry["estimate"]["billed_characters"].as_u64().expect("a number");
    let again = dry["for_terms"]["usage"]["characters"].as_u64().expect("a number");
    project.run(&["translate"]).exits(0);
    let spent = seen(&service);
    assert!(first < spent && spent <= first + again, "{spent}, {first} + {again}");
}

#[test]
fn with_little_left_a_smaller_request_goes() {
    let service = Service::start();
    let project = Project::new()
        .file("seeds/a.txt", article(20))
        .engine(&service.address(), "currency = 'EUR'\nprice_characters = 1000");
    // All in one request would be 590 characters and more.
    let ran = project.run(&["translate", "--json", "--max-characters", "200"]).exits(3);
    let spent = seen(&service);
    assert!(spent <= 200 && spent > 160, "{spent}");
    assert_eq!(summary(&ran.stdout)["billed_characters"], spent);
    project.run(&["translate", "--max-characters", "1000"]).exits(0);
    assert!(service.counts().texts.values().all(|times| *times == 1));
}

#[test]
fn what_was_spent_is_told_after_a_quota_ends() {
    let service = Service::start().fault(Fault::After(7, 456));
    let project = project(&service, "currency = 'EUR'\nprice_characters = 1000");
    let ran = project.run(&["translate", "--json"]).exits(4);
    let summary = summary(&ran.stdout);
    assert_eq!(summary["billed_characters"], seen(&service));
    assert!(summary["stopped"].is_string() && summary["cost"]["cost"] != "0.00", "{summary}");
}

#[test]
fn a_language_model_of_any_service_has_to_have_prices_for_what_it_reads_and_writes() {
    let settings = "[translate]\ninput = 'seeds'\nengine = 'azure'\n[engines.azure]\nkind = 'microsoft'\n\
                    base_url = 'http://127.0.0.1:9'\napi_version = '2026-06-06'\ndeployment = 'modell'\ncurrency = 'EUR'\n\
                    price_input = 2\n";
    let project = Project::new().file("seeds/a.txt", article(2)).file("wortlaut.toml", settings);
    let ran = project.run(&["translate", "--dry-run", "--max-cost", "5"]).exits(5);
    assert!(ran.stderr.contains("price_output"), "{}", ran.stderr);
}
