//! Failures of the service, of the network and of the process: nothing is lost, faked or paid twice.

use std::process::Child;

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
    service.mend();
    service.reset();
    project.run(&["translate"]).exits(0);
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
    let ran = project.run(&["translate"]).exits(4);
    assert!(ran.stderr.contains("quota"), "{}", ran.stderr);
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

#[cfg(unix)]
#[test]
fn an_interrupted_run_saves_what_is_on_its_way() {
    let service = Service::start().slow(std::time::Duration::from_millis(40));
    let project = project(&service, "concurrency = 1");
    let child = project.start(&["translate"]);
    service.wait_for(2);
    interrupt(&child);
    let ran = finished(&child.wait_with_output().expect("ended")).exits(3);
    assert!(ran.stderr.contains("run the same command again"), "{}", ran.stderr);
    project.run(&["translate"]).exits(0);
    assert!(service.counts().texts.values().all(|count| *count == 1));
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("run").success());
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
    let project =
        Project::new().file("seeds/a.txt", "Ein Satz.").engine("http://127.0.0.1:1", "attempts = 1");
    let ran = project.run(&["translate"]).exits(4);
    assert!(ran.stderr.contains("127.0.0.1:1"), "{}", ran.stderr);
}
