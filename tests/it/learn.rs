//! Corrections in files: what is read back, what is not, and what becomes of the files.

use serde_json::Value;

use crate::support::{Project, Ran};

const TEXT: &str = "Der Hafen von Rostock\n\nDas Schiff kam nach Mitternacht an. Niemand wartete am Kai.\n\nDer Kapitän schwieg. Am Morgen lief es wieder aus.\n";
const PSEUDO: &str = "[translate]\ninput = 'seeds'\nengine = 'pseudo'\nformats = ['lines', 'text', 'document', 'tsv', 'jsonl', 'xliff', 'tmx']\n";

/// A project that was translated.
fn translated() -> Project {
    let project = Project::new()
        .file("wortlaut.toml", PSEUDO)
        .file("seeds/a.txt", TEXT)
        .file("seeds/b.txt", "Ein Satz.\n");
    project.run(&["translate"]).exits(0);
    project
}

/// Exchanges words in a file.
#[track_caller]
fn edit(project: &Project, file: &str, old: &str, new: &str) {
    let text = project.read(file);
    assert!(text.contains(old), "{file}: {text}");
    project.put(file, text.replacen(old, new, 1));
}

/// The pairs that were learned: segment and English.
fn pairs(ran: &Ran) -> Vec<(u64, String)> {
    let objects = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("an object"));
    objects
        .filter_map(|object| Some((object["segment"].as_u64()?, object["new"].as_str()?.to_owned())))
        .collect()
}

const OLD: &str = "[de] Niemand wartete am Kai.";
const NEW: &str = "Nobody was waiting on the quay.";

#[test]
fn each_format_is_read_back_by_its_segments() {
    for file in ["a.en.txt", "a.english.txt", "a.tsv", "a.jsonl", "a.xlf", "a.tmx"] {
        let project = translated();
        edit(&project, &format!("output/{file}"), OLD, NEW);
        let ran = project.run(&["learn", "--dry-run", "--json", "--by", "Maria"]).exits(0);
        assert_eq!(pairs(&ran), [(3, NEW.to_owned())], "{file}");
        let first: Value =
            serde_json::from_str(ran.stdout.lines().next().expect("a line")).expect("an object");
        assert_eq!((&first["de"], &first["by"]), (&"Niemand wartete am Kai.".into(), &"Maria".into()));
        // Nothing was learned yet, and the file is still theirs.
        let ran = project.run(&["translate"]).exits(3);
        assert!(ran.stderr.contains("`wortlaut learn` takes the corrections over"), "{}", ran.stderr);
        assert!(project.read(&format!("output/{file}")).contains(NEW));
    }
}

#[test]
fn a_file_that_was_only_saved_by_another_program_teaches_nothing() {
    for file in ["a.en.txt", "a.english.txt", "a.tsv"] {
        let project = translated();
        let path = format!("output/{file}");
        let own = project.read(&path);
        project.put(&path, format!("\u{feff}{}", own.replace('\n', "\r\n")));
        let ran = project.run(&["learn", "--json"]).exits(0);
        assert!(pairs(&ran).is_empty(), "{file}: {}", ran.stdout);
        assert_eq!(project.read(&path), own, "{file} is written as wortlaut writes it");
        project.run(&["translate"]).exits(0);
    }
}

#[test]
fn lines_that_were_moved_split_or_merged_are_aligned_by_what_they_say() {
    let project = translated();
    let file = "output/a.en.txt";
    edit(&project, file, "an.\n[de] Niemand wartete am Kai.", "an. Nobody\nwaited there.");
    let ran = project.run(&["learn", "--dry-run", "--json"]).exits(0);
    assert_eq!(pairs(&ran), [(3, "Nobody waited there.".to_owned())]);
    edit(&project, file, "[de] Der Kapitän schwieg.\n", "");
    let ran = project.run(&["learn", "--dry-run", "--json"]).exits(3);
    assert_eq!(pairs(&ran), [(3, "Nobody waited there.".to_owned())]);
    assert!(ran.stdout.contains("nothing is left of segment 4"), "{}", ran.stdout);
}

#[test]
fn a_file_that_became_another_text_is_learned_only_if_the_user_says_so() {
    let project = translated();
    project.put("output/a.en.txt", "One\n\ntwo\nthree\n\nfour\nfive\n");
    let ran = project.run(&["learn"]).exits(3);
    assert!(ran.stderr.contains("--yes learns them all the same"), "{}", ran.stderr);
    let told = project.run(&["learn", "--dry-run", "--yes", "--json"]).exits(0);
    assert_eq!(pairs(&told).len(), 5, "{}", told.stdout);
    // The German side is not the translator's.
    let project = translated();
    edit(&project, "output/a.de.txt", "Niemand", "Keiner");
    let ran = project.run(&["learn"]).exits(3);
    assert!(ran.stderr.contains("change the article a.txt instead"), "{}", ran.stderr);
}

#[test]
fn two_files_that_say_different_things_of_one_segment_teach_neither() {
    let project = translated();
    edit(&project, "output/a.en.txt", OLD, NEW);
    edit(&project, "output/a.tsv", OLD, "No one waited.");
    let ran = project.run(&["learn", "--json"]).exits(3);
    assert!(pairs(&ran).is_empty() && ran.stdout.contains("says otherwise of segment 3"), "{}", ran.stdout);
    let ran = project.run(&["learn", "output/a.en.txt", "--dry-run", "--json"]).exits(0);
    assert_eq!(pairs(&ran), [(3, NEW.to_owned())]);
}

#[test]
fn what_cannot_be_learned_from_is_said_so() {
    let project = translated();
    let ran = project.run(&["learn"]).exits(0);
    assert_eq!(ran.stdout, "nothing to learn: all files are as wortlaut wrote them\n");
    let ran = project.run(&["learn", "seeds/a.txt"]).exits(2);
    assert!(ran.stderr.contains("is not an output of wortlaut"), "{}", ran.stderr);
    let ran = project.run(&["learn", "nowhere"]).exits(2);
    assert!(ran.stderr.contains("nowhere"), "{}", ran.stderr);
    edit(&project, "output/a.en.txt", OLD, NEW);
    std::fs::remove_file(project.path().join("seeds/a.txt")).expect("removed");
    let ran = project.run(&["learn"]).exits(3);
    assert!(ran.stderr.contains("the article a.txt cannot be read"), "{}", ran.stderr);
}

#[test]
fn what_another_engine_or_glossary_would_write_now_is_not_taken_for_a_correction() {
    let project = translated();
    edit(&project, "output/a.english.txt", OLD, NEW);
    project.put("glossary/terms.tsv", "source\ttarget\nKapitän\tskipper\n");
    let ran = project.run(&["learn", "--dry-run", "--json"]).exits(0);
    assert_eq!(pairs(&ran), [(3, NEW.to_owned())], "with what the jsonl beside it has");
    std::fs::remove_file(project.path().join("output/a.jsonl")).expect("removed");
    let ran = project.run(&["learn", "--dry-run", "--json"]).exits(0);
    assert_eq!(pairs(&ran), [(3, NEW.to_owned())]);
}
