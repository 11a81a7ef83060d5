//! Several processes that write into one folder: each has a manifest of its own in memory, and they meet on the disk.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use proptest::prelude::*;

use super::ledger::{Ledger, WrittenFile};
use super::manifest::{MANIFEST, Manifest, TURN};
use super::outputs::{Contents, Draft, Ownership, Planned};
use super::{OutputFormat, Outputs};
use crate::disk::hash_of;
use crate::model::ArticleId;

fn process(folder: &Path) -> Outputs {
    Outputs::folder(folder, false).expect("a folder")
}

fn drafts(outputs: &Outputs, article: &str, contents: &str) -> Vec<Draft> {
    let article = ArticleId::new(article);
    let draft = |ending: &&str| {
        let target = outputs.target(&article, ending).expect("inside");
        let entry = WrittenFile {
            path: target.key.clone(),
            hash: blake3::hash(contents.as_bytes()),
            article: article.clone(),
            format: OutputFormat::Lines,
            input: outputs.input(&article),
            segments: None,
            proof: None,
        };
        Draft { target, entry, contents: Contents::Bytes(contents.as_bytes().to_vec()) }
    };
    [".de.txt", ".en.txt"].iter().map(draft).collect()
}

/// Writes both files of an article.
fn write(outputs: &Outputs, article: &str, contents: &str) {
    let written = outputs.place(drafts(outputs, article, contents), &|| true).expect("placed");
    assert!(written.is_some());
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("read")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
}

/// The lines of the manifest, by path.
fn manifest(folder: &Path) -> BTreeMap<String, Vec<WrittenFile>> {
    let mut all: BTreeMap<String, Vec<WrittenFile>> = BTreeMap::new();
    for line in read(folder, MANIFEST).lines().filter(|line| !line.starts_with("{\"seal\"")) {
        let entry: WrittenFile = serde_json::from_str(line).expect("an entry");
        all.entry(entry.path.clone()).or_default().push(entry);
    }
    all
}

#[test]
fn what_another_process_wrote_meanwhile_is_ours_and_stays_in_the_manifest() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path();
    let run = process(folder);
    run.lock().expect("free");
    write(&run, "a.txt", "run 1");
    // Corrections are written beside the run: before its end, and to its end.
    let learn = process(folder);
    write(&learn, "a.txt", "learnt");
    write(&learn, "b.txt", "learnt");
    learn.finish().expect("finished");
    let review = process(folder);
    write(&review, "c.txt", "reviewed");
    write(&run, "b.txt", "run 2");
    assert!(run.finish().expect("finished").is_empty());
    assert_eq!((read(folder, "a.en.txt"), read(folder, "b.en.txt")), ("learnt".into(), "run 2".into()));
    let known = manifest(folder);
    assert_eq!(known.len(), 6);
    for (path, entries) in &known {
        let found = hash_of(&folder.join(path)).expect("read");
        assert_eq!(found, entries.last().map(|entry| entry.hash), "{path}");
    }
    review.finish().expect("finished");
    assert!(manifest(folder).values().all(|entries| entries.len() == 1));
    assert!(!names(folder).contains(TURN), "{:?}", names(folder));
}

#[test]
fn a_person_s_change_is_seen_whoever_wrote_before() {
    let dir = tempfile::tempdir().expect("a folder");
    let (run, learn) = (process(dir.path()), process(dir.path()));
    write(&run, "a.txt", "run");
    write(&learn, "a.txt", "learnt");
    fs::write(dir.path().join("a.en.txt"), "mine").expect("written");
    write(&run, "a.txt", "run again");
    let left = run.finish().expect("finished");
    assert!(matches!(&left[..], [left] if left.ownership == Ownership::Changed), "{left:?}");
    assert_eq!(
        (read(dir.path(), "a.en.txt"), read(dir.path(), "a.de.txt")),
        ("mine".into(), "run again".into())
    );
}

#[test]
fn an_outdated_document_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let outputs = process(dir.path());
    write(&outputs, "a.txt", "old");
    let before = (names(dir.path()), read(dir.path(), MANIFEST));
    let asked = Cell::new(0);
    let written = outputs.place(drafts(&outputs, "a.txt", "new"), &|| {
        asked.set(asked.get() + 1);
        false
    });
    assert_eq!((written.expect("no error"), asked.get()), (None, 1));
    assert_eq!(read(dir.path(), "a.en.txt"), "old");
    assert_eq!((names(dir.path()), read(dir.path(), MANIFEST)), before);
}

#[test]
fn whoever_comes_first_the_newest_text_stands_in_the_end() {
    // A run has made a document before a correction came into the memory, and asks for it when it writes.
    for run_is_first in [true, false] {
        let dir = tempfile::tempdir().expect("a folder");
        let (run, review) = (process(dir.path()), process(dir.path()));
        let revision = Cell::new(0);
        let write_in_run = || {
            let mut made_at = 0;
            loop {
                let text = format!("revision {made_at}");
                let made = drafts(&run, "a.txt", &text);
                if run.place(made, &|| revision.get() == made_at).expect("placed").is_some() {
                    return;
                }
                made_at = revision.get();
            }
        };
        let correct = || {
            revision.set(1);
            write(&review, "a.txt", "revision 1");
        };
        if run_is_first {
            write_in_run();
            correct();
        } else {
            correct();
            write_in_run();
        }
        assert_eq!(read(dir.path(), "a.en.txt"), "revision 1");
        assert!(run.finish().expect("finished").is_empty() && review.finish().expect("finished").is_empty());
    }
}

#[test]
fn many_at_once_lose_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Arc::new(dir.path().to_owned());
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let folder = Arc::clone(&folder);
            thread::spawn(move || {
                for round in 0..6 {
                    let outputs = process(&folder);
                    write(&outputs, &format!("{worker}.txt"), &format!("{worker} {round}"));
                    write(&outputs, "shared.txt", &format!("shared {worker} {round}"));
                    assert!(outputs.finish().expect("finished").is_empty());
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("no panic");
    }
    process(&folder).finish().expect("finished");
    let known = manifest(&folder);
    assert_eq!(known.len(), 10);
    for (path, entries) in known {
        let found = hash_of(&folder.join(&path)).expect("read").expect("there");
        assert!(entries.iter().any(|entry| entry.hash == found), "{path}");
    }
    assert_eq!(names(&folder).len(), 11, "{:?}", names(&folder));
}

#[test]
fn the_manifest_knows_the_file_of_an_article_and_who_does_not_know_it_leaves_it_there() {
    let dir = tempfile::tempdir().expect("a folder");
    let (article, input) = (ArticleId::new("a.txt"), dir.path().join("seeds/a.txt"));
    let folder = dir.path().join("output");
    let planned = [Planned { article: &article, input: Some(&input) }];
    let run = process(&folder).with_inputs(&planned);
    write(&run, "a.txt", "run");
    run.finish().expect("finished");
    let learn = process(&folder);
    write(&learn, "a.txt", "learnt");
    learn.finish().expect("finished");
    let inputs: Vec<_> = manifest(&folder).into_values().flatten().map(|entry| entry.input).collect();
    assert_eq!(inputs, vec![Some(Arc::from("../seeds/a.txt")); 2]);
}

/// What one of several processes does next.
#[derive(Debug, Clone)]
enum Deed {
    Write {
        process: usize,
        article: usize,
    },
    /// It ends in good order, and another one begins.
    End(usize),
    /// It is killed between taking down and renaming so many files, and another one begins.
    Kill {
        process: usize,
        article: usize,
        renamed: usize,
    },
    Person {
        article: usize,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let (process, article) = (0..3usize, 0..3usize);
    prop_oneof![
        4 => (process.clone(), article.clone()).prop_map(|(process, article)| Deed::Write { process, article }),
        2 => process.clone().prop_map(Deed::End),
        1 => (process, article.clone(), 0..=2usize)
            .prop_map(|(process, article, renamed)| Deed::Kill { process, article, renamed }),
        1 => article.prop_map(|article| Deed::Person { article }),
    ]
}

/// Each case waits for the disk many times.
fn fewer() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / 16, ..usual }
}

proptest! {
    #![proptest_config(fewer())]

    /// Whatever several processes and a person do, and wherever one is killed: a file is left if and only if its last
    /// writer was the person.
    #[test]
    fn a_file_is_a_person_s_if_and_only_if_a_person_wrote_it_last(deeds in prop::collection::vec(deed(), 0..24)) {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = dir.path();
        let mut processes: Vec<_> = (0..3).map(|_| process(folder)).collect();
        let mut theirs = BTreeSet::new();
        for (number, deed) in deeds.into_iter().enumerate() {
            let text = format!("text {number}");
            match deed {
                Deed::Write { process, article } => write(&processes[process], &format!("{article}.txt"), &text),
                Deed::End(ended) => {
                    processes[ended].finish().expect("finished");
                    processes[ended] = process(folder);
                }
                Deed::Kill { process: killed, article, renamed } => {
                    let all = drafts(&processes[killed], &format!("{article}.txt"), &text);
                    let entries: Vec<_> = all.iter().map(|draft| draft.entry.clone()).collect();
                    let manifest = Manifest::load(folder).expect("a manifest");
                    manifest.turn().expect("a turn").announce(&entries).expect("announced");
                    for draft in all.iter().take(renamed).filter(|draft| !theirs.contains(&draft.target.key)) {
                        fs::write(&draft.target.path, &text).expect("written");
                    }
                    processes[killed] = process(folder);
                }
                Deed::Person { article } => {
                    let name = format!("{article}.en.txt");
                    fs::write(folder.join(&name), format!("person {number}")).expect("written");
                    theirs.insert(name);
                }
            }
        }
        let last = process(folder);
        for article in 0..3 {
            write(&last, &format!("{article}.txt"), "last");
        }
        let left = last.finish().expect("finished");
        let left: BTreeSet<_> =
            left.iter().map(|left| left.path.file_name().expect("a name").to_string_lossy().into_owned()).collect();
        prop_assert_eq!(left, theirs);
    }
}

#[test]
fn the_lock_that_a_killed_process_left_is_taken_away_by_a_run_that_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path();
    for left in [false, true] {
        let run = process(folder);
        if left {
            fs::write(folder.join(TURN), "").expect("written");
        }
        write(&run, "a.txt", "one");
        run.finish().expect("finished");
        assert_eq!(names(folder), BTreeSet::from([MANIFEST, "a.de.txt", "a.en.txt"].map(str::to_owned)));
    }
}
