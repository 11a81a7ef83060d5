//! Failures of the service, of the network and of the process: nothing is lost, faked or paid twice.

use crate::support::{Fault, Project, Service, finished};

/// Forty sentences in ten articles.
fn project(service: &Service, more: &str) -> Project {
    let project = Project::new().engine(&service.address(), &format!("max_segments = 4\n{more}"));
    for article in 0..10 {
        let sentences: Vec<String> =
            (0..4).map(|n| format!("Im Artikel {article} steht der Satz {n}.")).collect();
        project.put(&format!("seeds/{article}.txt"), sentences.join(" "));
    }
    project
}

#[test]
fn a_service_that_asks_to_slow_down_gets_its_way() {
    let service = Service::start().fault(Fault::FirstTry(429));
    let project = project(&service, "");
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!(summary["translated"], 40);
    assert!(service.counts().texts.values().all(|count| *count == 1));
}

#[test]
fn what_failed_for_a_moment_gets_a_second_chance_at_the_end() {
    let service = Service::start().fault(Fault::FirstTry(503));
    let project = project(&service, "attempts = 1");
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!((&summary["translated"], &summary["failed"]), (&40.into(), &0.into()));
    assert_eq!(service.counts().requests, 20, "ten batches, each sent twice and none halved");
}

#[test]
fn a_missing_translation_is_traced_to_its_text() {
    let service = Service::start().fault(Fault::Short("Artikel 3 steht der Satz 2"));
    let project = project(&service, "");
    let ran = project.run(&["translate", "--json"]).exits(3);
    let summary = ran.json();
    assert_eq!((&summary["failed"], &summary["translated"]), (&1.into(), &39.into()));
    let rows = project.rows("output/3.jsonl");
    assert_eq!(rows[2]["status"], "failed");
    assert!(rows[2]["en"].is_null());
    let english = project.read("output/3.en.txt");
    let line = english.lines().nth(2).expect("a line");
    assert!(line.contains("not translated") && !line.contains("Artikel"), "{line}");
    assert!(project.read("output/3.english.txt").contains("not translated"));
    assert!(
        rows[2]["findings"][0]["message"].as_str().expect("text").contains("--again '3.txt#3'"),
        "{}",
        rows[2]
    );
    service.mend();
    service.reset();
    project.run(&["translate"]).exits(3);
    assert_eq!(service.counts().requests, 0, "what was paid in vain is not paid for again unasked");
    project.run(&["translate", "--again", "3.txt#3"]).exits(0);
    assert_eq!(service.counts().texts.len(), 1);
    assert_eq!(project.run(&["translate"]).exits(0).stdout, "");
    assert_eq!(service.counts().texts.len(), 1);
}

#[test]
fn a_wrong_key_stops_at_once_and_is_never_shown() {
    let service = Service::start().fault(Fault::Always(403));
    let project = project(&service, "key_env = 'SOME_KEY'\nconcurrency = 1");
    let output = project.command(&["translate"]).env("SOME_KEY", "geheim-123").output().expect("started");
    let ran = finished(&output).exits(4);
    assert_eq!(service.counts().requests, 1);
    assert!(!ran.stderr.contains("geheim") && !ran.stdout.contains("geheim"));
    assert!(project.files("output").is_empty());
    for (path, bytes) in project.files(".wortlaut") {
        assert!(!bytes.windows(6).any(|window| window == b"geheim"), "{}", path.display());
    }
}

#[test]
fn what_was_paid_before_the_quota_ended_is_kept() {
    let service = Service::start().fault(Fault::After(4, 456));
    let project = project(&service, "concurrency = 1");
    let ran = project.run(&["translate", "--json"]).exits(4);
    assert!(ran.stderr.contains("quota") && ran.stderr.contains("16 of "), "{}", ran.stderr);
    assert_eq!((&ran.json()["translated"], &ran.json()["requests"]), (&16.into(), &5.into()));
    service.mend();
    let summary = project.run(&["translate", "--json"]).exits(0).json();
    assert_eq!((&summary["translated"], &summary["reused"]), (&24.into(), &16.into()));
    assert!(service.counts().texts.values().all(|count| *count == 1));
}

#[test]
fn a_service_that_refuses_everything_is_given_up() {
    let service = Service::start().fault(Fault::Always(400));
    let ran = project(&service, "concurrency = 1").run(&["translate"]).exits(4);
    assert!(ran.stderr.contains("one after another"), "{}", ran.stderr);
    assert!(service.counts().requests < 60, "{}", service.counts().requests);
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let whole = Service::start();
    let expected = project(&whole, "");
    expected.run(&["translate"]).exits(0);
    for good in [1, 3, 6] {
        let service = Service::start();
        let project = project(&service, "concurrency = 2");
        let mut child = project.start(&["translate"]);
        service.wait_for(good);
        child.kill().expect("killed");
        child.wait().expect("ended");
        project.run(&["translate"]).exits(0);
        assert_eq!(contents(&project), contents(&expected));
        let twice = service.counts().texts.values().filter(|count| **count > 1).count();
        assert!(twice <= 2 * 4, "{twice} texts were paid twice, more than two requests hold");
    }
}

/// Names and bytes of the outputs.
fn contents(project: &Project) -> Vec<(String, Vec<u8>)> {
    let name = |path: &std::path::Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    project.files("output").into_iter().filter_map(|(path, bytes)| Some((name(&path)?, bytes))).collect()
}

/// Runs that a signal ends.
#[cfg(unix)]
mod signals {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Child, ChildStderr};

    use super::*;

    const WAITING: &str =
        "stopping: waiting up to 30 s for 1 request in flight; press Ctrl-C again to stop at once";

    /// One request at a time, at a thousandth a character.
    const PRICED: &str = "concurrency = 1\ncurrency = 'EUR'\nprice_characters = 1000";

    /// The thousandths that a run says it has cost, those for requests without an answer included.
    fn cost(told: &str) -> usize {
        let line = told.lines().find(|line| line.trim_start().starts_with("cost")).expect("a cost");
        let amounts = line.split_whitespace().filter_map(|word| word.split_once('.'));
        let thousandths =
            |(whole, part): (&str, &str)| format!("{whole}{part:0<3}")[..whole.len() + 3].parse::<usize>();
        amounts.filter_map(|amount| thousandths(amount).ok()).sum()
    }

    /// Characters that a service was sent, by its own count.
    fn charged(service: &Service) -> usize {
        service.counts().texts.iter().map(|(text, times)| text.chars().count() * times).sum()
    }

    fn send(child: &Child, signal: &str) {
        let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(killed.expect("run").success());
    }

    /// Whether hang-ups are ignored here, as under `nohup`: a run that is started here ignores them, too.
    fn are_hang_ups_ignored() -> bool {
        let asked = std::process::Command::new("sh").args(["-c", "kill -HUP $$ && echo ignored"]).output();
        asked.expect("run").stdout == b"ignored\n"
    }

    /// Starts a run, and gives back its standard error to be read from.
    fn start(project: &Project) -> (Child, BufReader<ChildStderr>) {
        let mut child = project.start(&["translate"]);
        let errors = BufReader::new(child.stderr.take().expect("a pipe"));
        (child, errors)
    }

    /// Reads lines up to one that begins so.
    #[track_caller]
    fn read_to(errors: &mut BufReader<ChildStderr>, beginning: &str) {
        let line = errors.lines().map_while(Result::ok).find(|line| line.starts_with(beginning));
        assert!(line.is_some(), "{beginning}");
    }

    /// The exit code, and what else was told.
    fn end(mut child: Child, mut errors: BufReader<ChildStderr>) -> (Option<i32>, String) {
        let mut told = String::new();
        errors.read_to_string(&mut told).expect("text");
        (child.wait().expect("ended").code(), told)
    }

    #[test]
    fn the_first_signal_waits_for_what_is_in_flight_and_sends_nothing_more() {
        let signals = ["-INT", "-TERM", "-HUP"];
        for signal in &signals[..if are_hang_ups_ignored() { 2 } else { 3 }] {
            let service = Service::start().hold_after(2);
            let project = project(&service, PRICED);
            let (child, mut errors) = start(&project);
            service.wait_for_requests(3);
            send(&child, signal);
            read_to(&mut errors, WAITING);
            service.let_go();
            let (code, told) = end(child, errors);
            assert_eq!((code, service.counts().requests), (Some(3), 3), "{signal}: {told}");
            assert_eq!(cost(&told), charged(&service), "{signal}: {told}");
            assert!(told.contains("12 of ") && told.contains("the same command goes on"), "{signal}: {told}");
            let summary = project.run(&["translate", "--json"]).exits(0).json();
            assert_eq!((&summary["translated"], &summary["reused"]), (&28.into(), &12.into()));
            assert!(service.counts().texts.values().all(|count| *count == 1));
        }
    }

    #[test]
    fn the_second_signal_waits_for_nothing() {
        let service = Service::start().hold_after(2);
        let project = project(&service, PRICED);
        let (child, mut errors) = start(&project);
        service.wait_for_requests(3);
        send(&child, "-INT");
        read_to(&mut errors, WAITING);
        send(&child, "-INT");
        let (code, told) = end(child, errors);
        assert_eq!((code, service.counts().requests), (Some(3), 3));
        assert!(told.contains("8 of "), "{told}");
        assert_eq!(cost(&told), charged(&service), "with what nobody answered: {told}");
        service.let_go();
    }

    #[test]
    fn a_pause_that_the_service_asks_for_is_given_up() {
        let service = Service::start().fault(Fault::SlowDown(2, 300));
        let project = project(&service, "concurrency = 1");
        let (child, mut errors) = start(&project);
        read_to(&mut errors, "waiting 5 min: the service asks to slow down");
        send(&child, "-TERM");
        let (code, told) = end(child, errors);
        assert_eq!((code, service.counts().requests), (Some(3), 3), "{told}");
        assert!(told.contains("stopping: no request is in flight"), "{told}");
    }

    #[test]
    fn a_run_that_was_started_with_nohup_outlives_its_terminal() {
        let service = Service::start().hold_after(2);
        let project = project(&service, "concurrency = 1");
        let run = project.command(&["translate"]);
        let mut ignoring = std::process::Command::new("sh");
        ignoring.args(["-c", "trap '' HUP; exec \"$0\" translate"]).arg(run.get_program());
        ignoring.current_dir(project.path()).env_clear().env("HOME", project.path());
        let ignoring = ignoring.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        let child = ignoring.spawn().expect("started");
        service.wait_for_requests(3);
        send(&child, "-HUP");
        service.let_go();
        let ran = finished(&child.wait_with_output().expect("ended")).exits(0);
        assert!(!ran.stderr.contains("stopping"), "{}", ran.stderr);
    }

    #[test]
    fn a_workbook_that_finds_no_room_is_an_error_like_others() {
        let sentences: Vec<String> = (0..600).map(|n| format!("Am Tag {n} kam das Schiff zurück.")).collect();
        let project = Project::new().file("seeds/a.txt", sentences.join(" ")).file("seeds/b.txt", "Kurz.\n");
        project.run(&["translate", "seeds", "--engine", "pseudo", "--format", "lines"]).exits(0);
        let run = project.command(&["translate"]);
        let mut limited = std::process::Command::new("sh");
        // No file may be longer than a hundred blocks: as if the disk were full.
        limited.args([
            "-c",
            "ulimit -f 100; trap '' XFSZ; exec \"$0\" translate seeds --engine pseudo --format lines,xlsx",
        ]);
        limited.arg(run.get_program()).current_dir(project.path()).env_clear().env("HOME", project.path());
        let ran = finished(&limited.output().expect("ended")).exits(3);
        assert!(ran.stderr.contains("cannot make the workbook of a.txt"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        let is_there = |name: &str| project.path().join("output").join(name).exists();
        assert!(is_there("b.bilingual.xlsx") && !is_there("a.bilingual.xlsx"));
        project.run(&["translate", "seeds", "--engine", "pseudo", "--format", "xlsx"]).exits(0);
        assert!(is_there("a.bilingual.xlsx"));
    }
}

#[test]
fn a_second_run_at_the_same_time_is_refused() {
    let service = Service::start().slow(std::time::Duration::from_millis(200));
    let project = project(&service, "concurrency = 1");
    let mut child = project.start(&["translate"]);
    service.wait_for(1);
    let ran = project.run(&["translate"]).exits(4);
    assert!(ran.stderr.contains(&child.id().to_string()), "{}", ran.stderr);
    child.kill().expect("killed");
    child.wait().expect("ended");
}

#[test]
fn a_server_that_is_not_there_is_said_so() {
    let project = Project::new()
        .file("seeds/a.txt", "Ein Satz.")
        .file("glossary/terms.tsv", "source\ttarget\nSatz\tsentence\n")
        .engine("http://127.0.0.1:1", "attempts = 2");
    for arguments in [&["translate"][..], &["translate", "seeds/a.txt"]] {
        let ran = project.run(arguments).exits(4);
        assert_eq!(ran.stderr.matches("127.0.0.1:1").count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.contains("check the address"), "{}", ran.stderr);
        assert!(ran.stderr.lines().count() <= 3, "{}", ran.stderr);
    }
}
