//! The files of the translation memory: none is opened through a link, none is left unmerged.

use crate::support::{Project, Service};

const SENTENCES: &str = "Der Zug hält heute in Celle. Morgen fährt er weiter nach Uelzen.";

fn project(service: &Service) -> Project {
    Project::new().file("seeds/a.txt", SENTENCES).engine(&service.address(), "")
}

#[test]
fn a_run_leaves_its_memory_in_one_file() {
    let service = Service::start().renders("Zug", "train");
    let project = project(&service).glossary(&[["Zug", "train", ""]]);
    for arguments in [&["translate"][..], &["translate", "--dry-run"], &["glossary", "usage"]] {
        project.run(arguments).exits(0);
        let names: Vec<_> = project
            .files(".wortlaut")
            .into_keys()
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            // What a run remembers of its articles is no part of the memory.
            .filter(|name| !name.starts_with("memory.db.articles-"))
            .collect();
        assert_eq!(names, ["memory.db", "memory.db.lock"], "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn links_in_the_place_of_its_files_are_refused_before_anything_is_sent() {
    use std::os::unix::fs::symlink;

    let service = Service::start();
    for name in [".wortlaut", ".wortlaut/memory.db", ".wortlaut/memory.db-wal", ".wortlaut/memory.db.lock"] {
        for target in ["victim", "nowhere"] {
            let project = project(&service).file("victim", "theirs");
            let link = project.path().join(name);
            std::fs::create_dir_all(link.parent().expect("a folder")).expect("made");
            symlink(project.path().join(target), &link).expect("linked");
            let ran = project.run(&["translate"]).exits(4);
            assert!(ran.stderr.contains("symbolic link"), "{name}: {}", ran.stderr);
            assert_eq!(project.read("victim"), "theirs", "{name}");
            assert!(!project.path().join("nowhere").exists(), "{name}");
        }
    }
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn a_damaged_memory_says_what_to_do_and_nothing_is_sent() {
    let service = Service::start();
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    let memory = &project.files(".wortlaut")[&project.path().join(".wortlaut/memory.db")];
    service.reset();
    for length in [0, 5000, memory.len() - 100] {
        project.put(".wortlaut/memory.db", &memory[..length]);
        for arguments in [&["translate"][..], &["translate", "--dry-run"], &["memory", "adopt", "double"]] {
            let ran = project.run(arguments).exits(4);
            assert!(ran.stderr.contains("memory.db is damaged"), "{length}: {}", ran.stderr);
            assert!(ran.stderr.contains("backup"), "{}", ran.stderr);
        }
    }
    assert_eq!(service.counts().requests, 0);
}

#[cfg(unix)]
#[test]
fn a_glossary_without_an_end_is_refused() {
    let service = Service::start();
    let project = project(&service);
    for arguments in
        [&["translate", "--glossary", "/dev/zero"][..], &["glossary", "list", "--glossary", "/dev/zero"]]
    {
        let ran = project.run(arguments).exits(5);
        assert!(ran.stderr.contains("64 MiB"), "{}", ran.stderr);
    }
}
