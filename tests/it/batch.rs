//! Batch jobs, from the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Course, NightServer, Project, Vendor};

/// The outputs by their paths in the project.
fn outputs(project: &Project) -> BTreeMap<PathBuf, Vec<u8>> {
    let name = |path: PathBuf| path.strip_prefix(project.path()).expect("below it").to_owned();
    project.outputs("output").into_iter().map(|(path, bytes)| (name(path), bytes)).collect()
}

#[test]
fn a_corpus_goes_by_night_and_nothing_is_bought_twice() {
    let live = NightServer::start(Vendor::OpenAi);
    let expected = live.project();
    expected.run(&["translate"]).exits(0);

    let night = NightServer::start(Vendor::OpenAi);
    let project = night.project();
    project.run(&["batch", "status"]).exits(0);
    night.books().course = Course::Underway;
    let handed_in = project.run(&["translate", "--batch", "--no-wait"]).exits(3);
    assert!(handed_in.stderr.contains("handed in"), "{}", handed_in.stderr);
    let listed = project.run(&["batch", "status", "--json"]).exits(0);
    let job: Value = serde_json::from_str(listed.stdout.lines().next().expect("a job")).expect("JSON");
    assert_eq!((&job["job"], &job["engine"]), (&json!("batch_0"), &json!("night")));
    // What is in a job is not sent in the open either.
    let open = project.run(&["translate"]).exits(3);
    assert!(open.stderr.contains("batch wait"), "{}", open.stderr);
    assert_eq!(night.books().live, 0);
    night.books().course = Course::Ended;
    // What the earlier run handed in is paid in this one: 12 requests that read 100 tokens and write 50.
    let taken = project.run(&["translate", "--batch", "--json"]).exits(0);
    assert_eq!(taken.json()["cost"], json!({ "cost": "0.0240", "currency": "EUR" }));
    let books = night.books();
    assert_eq!((books.bought.len(), books.live), (23, 0));
    assert!(books.bought.values().all(|times| *times == 1), "{:?}", books.bought);
    drop(books);
    assert_eq!(outputs(&project), outputs(&expected));
    project.run(&["batch", "wait"]).exits(0);
}

#[test]
fn a_job_that_is_called_off_keeps_what_was_done_and_the_rest_is_handed_in_again() {
    let night = NightServer::start(Vendor::OpenAi);
    let project = night.project();
    let planned = project.run(&["translate", "--batch", "--dry-run", "--json"]).exits(0);
    let planned: Value = serde_json::from_str(planned.stdout.lines().last().expect("a line")).expect("JSON");
    assert_eq!(planned["batch"]["requests"], 12, "{planned}");
    assert!(night.books().jobs() == 0);
    night.books().course = Course::Underway;
    project.run(&["translate", "--batch", "--no-wait"]).exits(3);
    let called_off = project.run(&["batch", "cancel"]).exits(0);
    assert!(called_off.stdout.contains("batch_0: called off"), "{}", called_off.stdout);
    project.run(&["batch", "wait"]).exits(0);
    assert_eq!(project.run(&["batch", "status"]).exits(0).stdout, "no batch jobs\n");
    assert_eq!(night.books().bought.len(), 6, "three requests of two texts");
    night.books().course = Course::Ended;
    project.run(&["translate", "--batch", "--batch-rungs", "next"]).exits(0);
    let books = night.books();
    assert_eq!((books.bought.len(), books.live, books.jobs()), (23, 0, 2));
    assert!(books.bought.values().all(|times| *times == 1), "{:?}", books.bought);
}

#[test]
fn a_job_that_the_service_does_not_know_any_more_is_let_go_when_somebody_says_so() {
    let night = NightServer::start(Vendor::Mistral);
    let project = night.project();
    night.books().course = Course::Underway;
    project.run(&["translate", "--batch", "--no-wait"]).exits(3);
    night.books().course = Course::Gone;
    project.run(&["batch", "wait"]).exits(4);
    let unknown = project.run(&["batch", "forget", "batch_0", "batch_1"]).exits(2);
    assert!(unknown.stderr.contains("no batch job batch_1"), "{}", unknown.stderr);
    assert!(project.run(&["batch", "status"]).exits(0).stdout.contains("batch_0"), "all of them, or nothing");
    let forgotten = project.run(&["batch", "forget", "batch_0"]).exits(0);
    assert_eq!(forgotten.stdout, "batch_0: let go; its segments are sent again\n");
    assert_eq!(project.run(&["batch", "status"]).exits(0).stdout, "no batch jobs\n");
    night.books().course = Course::Ended;
    project.run(&["translate", "--batch"]).exits(0);
    assert_eq!(night.books().jobs(), 2);
}

/// Kills a process at each request from the order of the first job on, when the vendor has done what it was asked and has not
/// answered.
fn killed_by_night(vendor: Vendor) {
    let live = NightServer::start(vendor);
    let expected = live.project();
    expected.run(&["translate"]).exits(0);
    for request in 0..4 {
        let about = format!("{vendor:?}, request {request}");
        let night = NightServer::start(vendor);
        night.books().lets_expire = true;
        night.hold(request);
        let project = night.project();
        let mut child = project.start(&["translate", "--batch"]);
        night.wait();
        child.kill().expect("killed");
        child.wait().expect("ended");
        night.let_go();
        let resumed = project.run(&["translate", "--batch"]).exits(0);
        assert_eq!(outputs(&project), outputs(&expected), "{about}");
        let books = night.closed_books();
        // Nobody else knows what the vendor calls a job whose order it did not answer.
        let is_found = resumed.stderr.contains("found at the service");
        assert_eq!(is_found, books.is_order_held, "{about}: {}", resumed.stderr);
        assert!(request > 0 || is_found, "{about}");
        assert_eq!((books.bought.len(), books.live, books.jobs()), (23, 0, 2), "{about}");
        assert!(books.bought.values().all(|times| *times == 1), "{about}: {:?}", books.bought);
    }
}

#[test]
fn a_process_that_is_killed_at_anthropic_s_batches_buys_nothing_twice() {
    killed_by_night(Vendor::Anthropic);
}

#[test]
fn a_process_that_is_killed_at_gemini_s_batches_buys_nothing_twice() {
    killed_by_night(Vendor::Gemini);
}

#[test]
fn a_process_that_is_killed_at_mistral_s_batches_buys_nothing_twice() {
    killed_by_night(Vendor::Mistral);
}

#[test]
fn a_process_that_is_killed_at_openai_s_batches_buys_nothing_twice() {
    killed_by_night(Vendor::OpenAi);
}

#[test]
fn an_engine_without_batch_jobs_says_so() {
    let project = Project::new().file("seeds/a.txt", "Der Mond scheint.\n");
    let refused = project.run(&["translate", "seeds", "--engine", "pseudo", "--batch"]).exits(5);
    assert!(refused.stderr.contains("anthropic") && refused.stderr.contains("pseudo"), "{}", refused.stderr);
}
