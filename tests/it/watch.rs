//! `wortlaut watch`: what changes is translated, and nothing else is done.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command};

use crate::support::{Project, Service};

/// A watch that is under way.
struct Watch {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Watch {
    /// Starts it and waits until it watches.
    fn start(project: &Project, more: &[&str]) -> Self {
        let mut child = project.start(&[&["watch"], more].concat());
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut watch = Self { child, lines };
        watch.until("watching ");
        watch
    }

    /// The lines up to the first one that begins so.
    fn until(&mut self, begin: &str) -> Vec<String> {
        let mut seen = Vec::new();
        while seen.last().is_none_or(|line: &String| !line.starts_with(begin)) {
            match self.lines.next() {
                Some(line) => seen.push(line.expect("text")),
                None => panic!("it ended before {begin:?}: {seen:#?}"),
            }
        }
        seen
    }

    /// Interrupts it; it ends well.
    fn end(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("sent").success());
        assert_eq!(self.child.wait().expect("ended").code(), Some(0));
    }
}

#[test]
fn what_changes_is_translated_and_the_rest_is_not_sent_again() {
    let service = Service::start();
    let project = Project::new()
        .file("seeds/a.txt", "Der Hafen ist leer.\n")
        .glossary(&[["Hafen", "harbour", ""]])
        .engine(&service.address(), "");
    let mut watch = Watch::start(&project, &[]);
    assert_eq!(service.counts().texts.values().sum::<usize>(), 1);
    let project = project.file("seeds/new/b.txt", "Die Fähre kommt.\n");
    watch.until("changed: seeds/new");
    watch.until("2 segments: 1 translated, 1 reused");
    assert!(project.read("output/new/b.en.txt").contains("EN Die Fähre"));
    // A term that is not as it should be is mended in the answer that is there.
    let project = project.glossary(&[["Hafen", "port", ""]]);
    watch.until("changed: glossary");
    watch.until("2 segments: 2 reused");
    assert!(project.read("output/a.en.txt").contains("port"));
    assert_eq!(service.counts().texts.values().sum::<usize>(), 2);
    watch.end();
}

#[test]
fn a_mistake_is_told_and_mended_while_it_watches() {
    let service = Service::start();
    let project = Project::new().file("seeds/a.txt", "Der Hafen ist leer.\n").engine(&service.address(), "");
    let settings = project.read("wortlaut.toml");
    let mut watch = Watch::start(&project, &[]);
    let project = project.file("wortlaut.toml", "[translate\n");
    watch.until("changed: wortlaut.toml");
    watch.until("   ╰────");
    let project = project.file("wortlaut.toml", settings);
    watch.until("1 segment: 1 reused");
    drop(project);
    watch.end();
}

#[test]
fn what_it_writes_itself_is_no_change() {
    let service = Service::start();
    let project = Project::new().file("a.txt", "Der Hafen ist leer.\n").engine(&service.address(), "");
    let settings = project.read("wortlaut.toml").replace("'seeds'", "'.'");
    let project = project.file("wortlaut.toml", settings);
    let mut watch = Watch::start(&project, &["--format", "all"]);
    for name in ["b", "c", "d"] {
        project.put(&format!("{name}.log"), "This is no article.");
        project.put(&format!(".{name}/x.txt"), "This is hidden.");
        project.put(&format!("{name}.txt"), format!("Text {name} ist neu.\n"));
        // The run before has written its files and its account by now; only the article is new.
        let seen = watch.until("changed: ");
        assert_eq!(seen.last(), Some(&format!("changed: {name}.txt")));
        watch.until(&format!("{} segments: 1 translated", name.as_bytes()[0] - b'a' + 1));
    }
    watch.end();
}

#[test]
fn a_folder_that_tells_nothing_is_looked_at() {
    let service = Service::start();
    let project = Project::new().file("seeds/a.txt", "Der Hafen ist leer.\n").engine(&service.address(), "");
    let mut watch = Watch::start(&project, &["--poll", "1"]);
    let _project = project.file("seeds/b.txt", "Die Fähre kommt.\n");
    watch.until("changed: seeds/b.txt");
    watch.until("2 segments: 1 translated, 1 reused");
    watch.end();
}

#[test]
fn an_inbox_may_be_empty_at_first_but_must_be_there() {
    let service = Service::start();
    let project = Project::new().engine(&service.address(), "");
    let failed = project.run(&["watch", "inbox"]).exits(2);
    assert!(failed.stderr.contains("inbox"), "{}", failed.stderr);
    std::fs::create_dir(project.path().join("inbox")).expect("made");
    let mut watch = Watch::start(&project, &["inbox"]);
    let project = project.file("inbox/a.txt", "Der Hafen ist leer.\n");
    watch.until("1 segment: 1 translated");
    assert!(project.path().join("output/a.en.txt").exists());
    watch.end();
    project.run(&["watch", "-"]).exits(2);
}
