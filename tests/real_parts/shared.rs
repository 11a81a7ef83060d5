//! Runs that share a memory on a PostgreSQL server.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::postgres::PostgresServer;
use crate::support::{Project, Service, english, finished};

/// Sentences of which some stand in every article.
fn article(own: usize) -> String {
    let own = (0..15).map(|n| format!("Die Fähre {n} von Kai {own} legt an."));
    let common = (0..15).map(|n| format!("Am Kai {n} liegt ein Kahn."));
    own.zip(common).map(|(own, common)| format!("{own} {common}")).collect::<Vec<_>>().join(" ") + "\n"
}

/// A project with some of the articles, and a memory that it shares.
fn project(service: &Service, server: &PostgresServer, articles: &[usize], more: &str) -> Project {
    let memory = format!("{more}\n[memory]\nurl = '{}'", server.address());
    let mut project = Project::new().glossary(&[["Kahn", "barge", ""]]).engine(&service.address(), &memory);
    for own in articles {
        project = project.file(&format!("seeds/{own}.txt"), article(*own));
    }
    project
}

/// The output files of several projects together, but for what each writes of itself.
fn outputs<'a>(projects: impl IntoIterator<Item = &'a Project>) -> BTreeMap<OsString, Vec<u8>> {
    let files = projects.into_iter().flat_map(|project| project.outputs("output"));
    files.map(|(path, bytes)| (path.file_name().expect("a name").to_owned(), bytes)).collect()
}

#[test]
fn runs_that_share_a_memory_send_no_text_twice_and_write_what_one_would() {
    let (service, server) = (Service::start().renders("Kahn", "boat"), PostgresServer::start(&[]));
    let alone =
        Project::new().glossary(&[["Kahn", "barge", ""]]).engine(&service.address(), "max_segments = 3");
    let alone = (0..6).fold(alone, |alone, own| alone.file(&format!("seeds/{own}.txt"), article(own)));
    alone.run(&["translate", "--json"]).exits(0);
    let expected = service.counts().texts;
    service.reset();
    let workers = [[0, 1], [2, 3], [4, 5]].map(|own| project(&service, &server, &own, "max_segments = 3"));
    let runs: Vec<_> = workers.iter().map(|project| project.start(&["translate", "--json"])).collect();
    for run in runs {
        finished(&run.wait_with_output().expect("ended")).exits(0);
    }
    let sent = service.counts().texts;
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
    assert_eq!(sent.len(), expected.len());
    assert_eq!(outputs(&workers), outputs([&alone]));
    assert_eq!(server.sql("SELECT count(*) FROM wortlaut.claim"), "0");
}

#[test]
fn of_a_run_that_is_killed_only_what_was_on_its_way_is_sent_again() {
    let (service, server) = (Service::start().hold_after(4), PostgresServer::start(&[]));
    let settings = "max_segments = 1\nconcurrency = 1";
    let killed = project(&service, &server, &[0], settings);
    let mut run = killed.start(&["translate"]);
    service.wait_for_requests(5);
    run.kill().expect("killed");
    run.wait().expect("ended");
    let claimed: usize = server.sql("SELECT count(*) FROM wortlaut.claim").parse().expect("a number");
    assert_eq!(claimed, 1, "no more than what it has sent");
    // As if a minute had passed.
    server.sql("UPDATE wortlaut.worker SET expires_at = clock_timestamp() - interval '1 minute'");
    service.let_go();
    let other = project(&service, &server, &[0, 1], settings);
    other.run(&["translate"]).exits(0);
    let twice: Vec<_> = service.counts().texts.into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(twice.len() <= 1, "{twice:?}");
    assert_eq!(server.sql("SELECT count(*) FROM wortlaut.claim"), "0");
}

#[test]
fn runs_spend_a_budget_together() {
    let (service, server) = (Service::start(), PostgresServer::start(&[]));
    let settings = "max_segments = 1";
    let workers = [0, 1, 2].map(|own| project(&service, &server, &[own], settings));
    let arguments = ["translate", "--budget", "autumn", "--max-characters", "700"];
    let runs: Vec<_> = workers.iter().map(|project| project.start(&arguments)).collect();
    let told: Vec<String> = runs
        .into_iter()
        .map(|run| finished(&run.wait_with_output().expect("ended")).exits(3).stderr)
        .collect();
    assert!(told.iter().all(|told| told.contains("of the budget autumn")), "{told:?}");
    let seen: usize = service.counts().texts.iter().map(|(text, times)| text.chars().count() * times).sum();
    assert!(seen <= 700 && seen > 640, "{seen}");
    let spent = server.sql("SELECT characters FROM wortlaut.budget");
    assert_eq!(spent, seen.to_string());
    // A budget needs a bound, and a memory that others have, too.
    let refused = workers[0].run(&["translate", "--budget", "autumn"]).exits(2);
    assert!(refused.stderr.contains("--max-characters"), "{}", refused.stderr);
    let alone = Project::new().file("seeds/a.txt", article(0)).engine(&service.address(), "");
    let refused = alone.run(&["translate", "--budget", "autumn", "--max-characters", "9"]).exits(5);
    assert!(refused.stderr.contains("memory.url"), "{}", refused.stderr);
}

#[test]
fn runs_keep_the_pace_of_a_profile_together() {
    let (service, server) = (Service::start(), PostgresServer::start(&[]));
    let settings = "max_segments = 1\nrequests_per_second = 40";
    let workers = [0, 1].map(|own| project(&service, &server, &[own], settings));
    let runs: Vec<_> = workers.iter().map(|project| project.start(&["translate"])).collect();
    for run in runs {
        finished(&run.wait_with_output().expect("ended")).exits(0);
    }
    // Whatever the runs took, by the clock of the server: its row stands as many turns behind the beginning.
    let requests = service.counts().requests;
    let turns = server.sql(
        "SELECT floor(extract(epoch FROM next_at - (SELECT min(to_timestamp(created_at)) FROM wortlaut.translation)) * 40)
         FROM wortlaut.pace",
    );
    let turns: usize = turns.parse().expect("a number");
    assert!(turns + 40 >= requests, "{turns} turns for {requests} requests");
}

#[test]
fn what_needs_a_file_says_so_and_the_rest_works() {
    let (service, server) = (Service::start(), PostgresServer::start(&[]));
    let project = project(&service, &server, &[0], "");
    project.run(&["memory", "stats"]).exits(2);
    project.run(&["translate"]).exits(0);
    for arguments in [&["review", "--no-open"][..], &["memory", "search", "Kahn"], &["memory", "check"]] {
        let refused = project.run(arguments).exits(5);
        assert!(refused.stderr.contains("needs a translation memory in a file"), "{}", refused.stderr);
        assert!(refused.stderr.contains("memory copy"), "{}", refused.stderr);
    }
    let stats = project.run(&["memory", "stats", "--json"]).exits(0).json();
    assert_eq!(stats["answers"], 30);
    let shown = project.run(&["config", "show"]).exits(0).stdout;
    assert!(shown.contains("memory.url"), "{shown}");
    // The English of a person goes to everybody.
    let path = "output/0.en.txt";
    project
        .put(path, project.read(path).replace(&english("Die Fähre 3 von Kai 0 legt an."), "Ferry 3 lands."));
    project.run(&["learn"]).exits(0);
    project.run(&["check"]);
    let copied = ["memory", "copy", server.address().as_str(), "copy.db"].map(str::to_owned);
    project.run(&copied.each_ref().map(String::as_str)).exits(0);
    project.put("wortlaut.toml", project.read("wortlaut.toml").replace("\nurl = ", "\npath = 'copy.db' # "));
    let found = project.run(&["memory", "search", "Fähre 3", "--kind", "correction"]).exits(0).stdout;
    assert!(found.contains("Ferry 3 lands."), "{found}");
    let sent = service.counts().requests;
    project.run(&["translate", "--frozen"]).exits(0);
    assert_eq!(service.counts().requests, sent);
}

#[test]
fn a_server_that_is_not_there_is_said_at_once() {
    let project = Project::new()
        .file("seeds/a.txt", "Ja.\n")
        .file("wortlaut.toml", "[memory]\nurl = 'postgres://ada@127.0.0.1:1/tm'\n");
    let refused = project.run(&["translate", "seeds", "--engine", "pseudo"]).exits(4);
    assert!(refused.stderr.contains("postgres://127.0.0.1:1/tm"), "{}", refused.stderr);
    assert!(refused.stderr.contains("memory.url"), "{}", refused.stderr);
}
