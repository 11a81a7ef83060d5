//! Outputs on the disk: what is replaced, what is left alone, and what is known of it.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use strum::VariantArray as _;

use super::manifest::MANIFEST;
use super::outputs::{Contents, Draft, Outputs};
use super::testing::{Sample, document};
use super::{
    Ledger, LedgerTurn, LeftFile, Manifest, ObstacleKind, OutputFormat, Ownership, Planned, Seal, WriteError,
    WrittenFile,
};
use crate::model::{ArticleId, ParallelDocument};

const ID: &str = "news/today/a.txt";

/// Files of the article [`ID`], by their endings.
fn drafts(outputs: &Outputs, files: &[(&str, &str)]) -> Vec<Draft> {
    let article = ArticleId::new(ID);
    let draft = |(ending, contents): &(&str, &str)| {
        let target = outputs.target(&article, ending).expect("inside");
        let entry = WrittenFile {
            path: target.key.clone(),
            hash: blake3::hash(contents.as_bytes()),
            article: article.clone(),
            format: OutputFormat::Lines,
            input: None,
            segments: None,
            proof: None,
        };
        Draft { target, entry, contents: Contents::Bytes(contents.as_bytes().to_vec()) }
    };
    files.iter().map(draft).collect()
}

fn outputs(dir: &Path) -> Outputs {
    Outputs::folder(dir, false).expect("a folder")
}

/// One run that writes these files; the names of those that were left alone.
fn run(dir: &Path, overwrite: bool, files: &[(&str, &str)]) -> Vec<String> {
    let outputs = Outputs::folder(dir, overwrite).expect("a folder");
    outputs.lock().expect("free");
    outputs.place(drafts(&outputs, files), &|| true).expect("placed");
    let left = outputs.finish().expect("finished");
    left.iter().map(|left| left.path.file_name().expect("a name").to_string_lossy().into_owned()).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join("news/today").join(name)).expect("read")
}

#[test]
fn folders_are_made_and_nothing_is_left_beside_the_file() {
    let dir = tempfile::tempdir().expect("a folder");
    for contents in ["first", "second, longer", ""] {
        assert!(run(dir.path(), false, &[(".en.txt", contents)]).is_empty());
        assert_eq!(read(dir.path(), "a.en.txt"), contents);
        assert_eq!(names(&dir.path().join("news/today")), ["a.en.txt"]);
        assert_eq!(names(dir.path()), [MANIFEST, "news"]);
    }
}

#[test]
fn an_unchanged_file_and_its_manifest_are_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let long_ago = std::time::UNIX_EPOCH;
    let paths = [dir.path().join("news/today/a.en.txt"), dir.path().join(MANIFEST)];
    run(dir.path(), false, &[(".en.txt", "same")]);
    for path in &paths {
        File::options().write(true).open(path).expect("opened").set_modified(long_ago).expect("set");
    }
    let time = |path: &Path| fs::metadata(path).expect("there").modified().expect("known");
    run(dir.path(), false, &[(".en.txt", "same")]);
    assert!(paths.iter().all(|path| time(path) == long_ago));
    run(dir.path(), false, &[(".en.txt", "news")]);
    assert!(paths.iter().all(|path| time(path) != long_ago));
}

#[test]
fn what_a_person_made_or_changed_is_left_unless_it_may_be_overwritten() {
    let dir = tempfile::tempdir().expect("a folder");
    run(dir.path(), false, &[(".de.txt", "de 1"), (".en.txt", "en 1")]);
    fs::write(dir.path().join("news/today/a.en.txt"), "corrected").expect("written");
    fs::write(dir.path().join("news/today/a.tsv"), "theirs").expect("written");
    let second = [(".de.txt", "de 2"), (".en.txt", "en 2"), (".tsv", "ours")];
    assert_eq!(run(dir.path(), false, &second), ["a.en.txt", "a.tsv"]);
    assert_eq!(read(dir.path(), "a.de.txt"), "de 2");
    assert_eq!(
        (read(dir.path(), "a.en.txt"), read(dir.path(), "a.tsv")),
        ("corrected".into(), "theirs".into())
    );
    // Still theirs in the run after that.
    assert_eq!(run(dir.path(), false, &second), ["a.en.txt", "a.tsv"]);
    assert!(run(dir.path(), true, &second).is_empty());
    assert_eq!((read(dir.path(), "a.en.txt"), read(dir.path(), "a.tsv")), ("en 2".into(), "ours".into()));
    assert!(run(dir.path(), false, &[(".tsv", "ours 2")]).is_empty(), "what was overwritten is ours");
}

#[test]
fn a_file_with_the_bytes_that_are_written_is_ours() {
    let dir = tempfile::tempdir().expect("a folder");
    run(dir.path(), false, &[(".en.txt", "one")]);
    fs::remove_file(dir.path().join(MANIFEST)).expect("removed");
    assert!(run(dir.path(), false, &[(".en.txt", "one")]).is_empty());
    assert!(run(dir.path(), false, &[(".en.txt", "two")]).is_empty());
    assert_eq!(read(dir.path(), "a.en.txt"), "two");
}

/// Wherever a run is killed, what stands there is ours, and what a person makes of it afterwards is not.
#[test]
fn a_kill_at_any_place_makes_no_file_of_ours_foreign() {
    for renamed in 0..=2 {
        let dir = tempfile::tempdir().expect("a folder");
        let first = [(".de.txt", "de 1"), (".en.txt", "en 1")];
        let second = [(".de.txt", "de 2"), (".en.txt", "en 2")];
        run(dir.path(), false, &first);
        // As `place` does it, up to the kill.
        let killed = outputs(dir.path());
        let all = drafts(&killed, &second);
        let entries: Vec<_> = all.iter().map(|draft| draft.entry.clone()).collect();
        killed.ledger.turn().expect("a turn").announce(&entries).expect("announced");
        for (draft, (_, contents)) in all.iter().zip(second).take(renamed) {
            super::replace(&draft.target.path, contents.as_bytes(), true).expect("renamed");
        }
        drop(killed);
        assert!(run(dir.path(), false, &[(".de.txt", "de 3"), (".en.txt", "en 3")]).is_empty(), "{renamed}");
        fs::write(dir.path().join("news/today/a.en.txt"), "corrected").expect("written");
        assert_eq!(run(dir.path(), false, &second), ["a.en.txt"]);
    }
}

#[test]
fn a_manifest_is_the_same_after_a_kill_as_without_one() {
    let (whole, killed) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let files = [(".en.txt", "en"), (".de.txt", "de")];
    run(whole.path(), false, &files);
    let stopped = outputs(killed.path());
    stopped.place(drafts(&stopped, &files[..1]), &|| true).expect("placed");
    drop(stopped);
    let manifest = killed.path().join(MANIFEST);
    let mut torn = fs::read_to_string(&manifest).expect("read");
    torn.push_str("{\"path\":\"news/to");
    fs::write(&manifest, torn).expect("written");
    run(killed.path(), false, &files);
    assert_eq!(fs::read(manifest).expect("read"), fs::read(whole.path().join(MANIFEST)).expect("read"));
}

#[test]
fn a_manifest_says_what_was_written_for_each_segment() {
    let dir = tempfile::tempdir().expect("a folder");
    let document: ParallelDocument = document(&[Sample::paragraph("Eins. ").then("Zwei.")]);
    let outputs = outputs(dir.path());
    outputs.write(&document, &[OutputFormat::Lines, OutputFormat::Jsonl]).expect("written");
    outputs.finish().expect("finished");
    let text = fs::read_to_string(dir.path().join(MANIFEST)).expect("read");
    let mut lines: Vec<&str> = text.lines().collect();
    let seal = lines.pop().expect("a seal");
    let paths: Vec<String> = lines
        .into_iter()
        .map(|line| serde_json::from_str::<WrittenFile>(line).expect("an entry"))
        .map(|entry| {
            let segments = entry.segments.expect("of one article");
            assert_eq!(segments[..8], blake3::hash(b"EN(Eins.)").to_hex()[..8]);
            assert_eq!(segments.len(), 16);
            entry.path
        })
        .collect();
    assert_eq!(paths, ["folder/a.de.txt", "folder/a.en.txt", "folder/a.jsonl"]);
    let sealed = text.strip_suffix(&format!("{seal}\n")).expect("the last line");
    assert_eq!(seal, format!("{{\"seal\":\"{}\"}}", blake3::hash(sealed.as_bytes())));
    assert!(!text.contains("202") || !text.contains("time"), "no times: {text}");
}

#[test]
fn a_manifest_of_an_earlier_version_is_read_and_sealed_by_the_next_run() {
    let (dir, new) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let files = [(".de.txt", "de"), (".en.txt", "en")];
    for dir in [&dir, &new] {
        run(dir.path(), false, &files);
    }
    let manifest = dir.path().join(MANIFEST);
    let whole = fs::read_to_string(&manifest).expect("read");
    let seal = whole.rfind("{\"seal\"").expect("a seal");
    fs::write(&manifest, &whole[..seal]).expect("written");
    assert_eq!(Manifest::load(dir.path()).expect("read").seal(), Some(Seal::Absent));
    assert!(run(dir.path(), false, &files).is_empty());
    assert_eq!(Manifest::load(dir.path()).expect("read").seal(), Some(Seal::Whole));
    assert_eq!(fs::read(&manifest).expect("read"), fs::read(new.path().join(MANIFEST)).expect("read"));
}

#[test]
fn a_seal_is_open_while_a_process_is_at_work() {
    let dir = tempfile::tempdir().expect("a folder");
    assert_eq!(Manifest::load(dir.path()).expect("none").seal(), None);
    let seal = || Manifest::load(dir.path()).expect("read").seal();
    run(dir.path(), false, &[(".de.txt", "de")]);
    assert_eq!(seal(), Some(Seal::Whole));
    let at_work = outputs(dir.path());
    at_work.place(drafts(&at_work, &[(".en.txt", "en")]), &|| true).expect("placed");
    assert_eq!(seal(), Some(Seal::Open));
    at_work.finish().expect("finished");
    assert_eq!(seal(), Some(Seal::Whole));
}

#[test]
fn a_broken_manifest_is_named_with_its_line() {
    let dir = tempfile::tempdir().expect("a folder");
    run(dir.path(), false, &[(".en.txt", "en")]);
    let manifest = dir.path().join(MANIFEST);
    let text = fs::read_to_string(&manifest).expect("read") + "nonsense\n";
    fs::write(&manifest, text).expect("written");
    let error = Manifest::load(dir.path()).expect_err("broken").to_string();
    assert!(error.contains("line 3") && error.contains(MANIFEST), "{error}");
}

#[test]
fn a_manifest_that_names_files_elsewhere_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    run(dir.path(), false, &[(".en.txt", "en")]);
    let manifest = dir.path().join(MANIFEST);
    let whole = fs::read_to_string(&manifest).expect("read");
    let own = whole.split_inclusive('\n').next().expect("a line");
    let entry: WrittenFile = serde_json::from_str(own.trim()).expect("an entry");
    for path in ["../a.txt", "b/../../a.txt", "/etc/a.txt", "", ".", "b//a.txt", "./a.txt"] {
        let line = own.replace(&format!("{:?}", entry.path), &format!("{path:?}"));
        assert_ne!(line, own);
        fs::write(&manifest, format!("{own}{line}")).expect("written");
        let error = Manifest::load(dir.path()).expect_err(path).to_string();
        assert!(error.contains("line 2") && error.contains("is no file of this folder"), "{error}");
    }
}

#[test]
fn two_runs_do_not_write_into_one_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = outputs(dir.path());
    first.lock().expect("free");
    let error = outputs(dir.path()).lock().expect_err("taken").to_string();
    assert!(error.contains("another run"), "{error}");
    drop(first);
    outputs(dir.path()).lock().expect("free again");
}

#[test]
fn one_file_that_cannot_be_written_leaves_all_as_they_were() {
    let dir = tempfile::tempdir().expect("a folder");
    run(dir.path(), false, &[(".en.txt", "old")]);
    fs::create_dir(dir.path().join("news/today/a.tsv")).expect("made");
    let outputs = outputs(dir.path());
    let error =
        outputs.place(drafts(&outputs, &[(".en.txt", "new"), (".tsv", "x")]), &|| true).expect_err("no");
    assert!(matches!(&error, WriteError::FolderInTheWay { path } if path.ends_with("a.tsv")), "{error}");
    assert_eq!(read(dir.path(), "a.en.txt"), "old");
    assert_eq!(names(&dir.path().join("news/today")), ["a.en.txt", "a.tsv"]);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_or_read_through_a_link_in_the_folder() {
    use std::os::unix::fs::symlink;
    let (dir, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let theirs = elsewhere.path().join("theirs.txt");
    fs::write(&theirs, "theirs").expect("written");
    fs::create_dir_all(dir.path().join("news/today")).expect("made");
    symlink(&theirs, dir.path().join("news/today/a.en.txt")).expect("linked");
    assert_eq!(run(dir.path(), false, &[(".en.txt", "ours")]), ["a.en.txt"]);
    assert_eq!(run(dir.path(), false, &[(".en.txt", "theirs")]), ["a.en.txt"], "the link is not read either");
    assert!(run(dir.path(), true, &[(".en.txt", "ours")]).is_empty());
    assert_eq!(
        (read(dir.path(), "a.en.txt"), fs::read_to_string(&theirs).expect("read")),
        ("ours".into(), "theirs".into())
    );

    fs::remove_dir_all(dir.path().join("news")).expect("removed");
    symlink(elsewhere.path(), dir.path().join("news")).expect("linked");
    let outputs = Outputs::folder(dir.path(), true).expect("a folder");
    let error = outputs.place(drafts(&outputs, &[(".en.txt", "ours")]), &|| true).expect_err("a link");
    assert!(matches!(error, WriteError::LinkedFolder { .. }), "{error}");
    assert_eq!(names(elsewhere.path()), ["theirs.txt"]);

    let linked = tempfile::tempdir().expect("a folder");
    symlink(&theirs, linked.path().join(MANIFEST)).expect("linked");
    assert!(matches!(Outputs::folder(linked.path(), false), Err(WriteError::Manifest { .. })));
}

/// What is in the way of the outputs of some articles.
fn looked(
    outputs: &Outputs,
    inputs: &Path,
    ids: &[&str],
    formats: &[OutputFormat],
) -> Vec<(String, ObstacleKind)> {
    let articles: Vec<_> = ids.iter().map(|id| (ArticleId::new(id), inputs.join(id))).collect();
    let planned: Vec<_> =
        articles.iter().map(|(article, input)| Planned { article, input: Some(input) }).collect();
    let found = outputs.look(&planned, formats).expect("inside");
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    found.into_iter().map(|obstacle| (name(&obstacle.path), obstacle.kind)).collect()
}

#[test]
fn names_that_differ_only_in_extension_capitals_or_composition_collide() {
    let dir = tempfile::tempdir().expect("a folder");
    let outputs = outputs(dir.path());
    for ids in [["a.txt", "a.md"], ["a.txt", "A.TXT"], ["ä.txt", "a\u{308}.txt"], ["x/a.txt", "X/a.md"]] {
        let all = looked(&outputs, Path::new("/nowhere/in"), &ids, &[OutputFormat::Tsv, OutputFormat::Tsv]);
        assert!(matches!(all[..], [(_, ObstacleKind::Shared)]), "{ids:?}: {all:?}");
    }
    let ids = ["a.txt", "b.txt", "x/a.txt"];
    assert!(looked(&outputs, Path::new("/nowhere/in"), &ids, OutputFormat::VARIANTS).is_empty());
}

#[test]
fn an_output_that_is_an_input_is_found_however_it_is_spelled() {
    let dir = tempfile::tempdir().expect("a folder");
    let ids = ["a.txt", "a.de.txt", "b.txt"];
    for id in ids {
        fs::write(dir.path().join(id), "").expect("written");
    }
    let all = looked(&outputs(&dir.path().join(".")), dir.path(), &ids, &[OutputFormat::Lines]);
    assert!(matches!(&all[..], [(name, ObstacleKind::Input(_))] if name == "a.de.txt"), "{all:?}");
    assert!(looked(&outputs(&dir.path().join("out")), dir.path(), &ids, &[OutputFormat::Lines]).is_empty());
    assert!(looked(&outputs(dir.path()), dir.path(), &ids, &[OutputFormat::Jsonl]).is_empty());
}

#[test]
fn endings_that_run_into_each_other_are_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let ids = ["a.txt", "a.english.txt", "a.english.english.md"];
    for id in ids {
        fs::write(dir.path().join(id), "").expect("written");
    }
    assert!(looked(&outputs(&dir.path().join("out")), dir.path(), &ids, &[OutputFormat::Text]).is_empty());
    let all = looked(&outputs(dir.path()), dir.path(), &ids, &[OutputFormat::Text]);
    assert!(matches!(&all[..], [(name, ObstacleKind::Input(_))] if name == "a.english.txt"), "{all:?}");
}

/// Every kind of thing that may stand where a file is to go.
#[cfg(unix)]
#[test]
fn all_that_is_in_the_way_is_named_beforehand() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    let long = format!("{}.txt", "n".repeat(260));
    fs::write(at("foreign.tsv"), "mine").expect("written");
    fs::write(at("file"), "mine").expect("written");
    fs::create_dir(at("folder.tsv")).expect("made");
    symlink("/dev/null", at("link.tsv")).expect("linked");
    symlink("/", at("linked")).expect("linked");
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.tsv")).expect("made");
    let look =
        |id: &str| looked(&outputs(dir.path()), Path::new("/nowhere"), &[id], &[OutputFormat::Tsv]).pop();
    assert!(look("free.txt").is_none() && look("new/free.txt").is_none());
    let kind = |id: &str| look(id).unwrap_or_else(|| panic!("{id} is free")).1;
    assert!(matches!(kind("foreign.txt"), ObstacleKind::Foreign));
    assert!(matches!(kind("folder.txt"), ObstacleKind::Folder));
    assert!(matches!(kind("link.txt"), ObstacleKind::Link));
    assert!(matches!(kind("linked/a.txt"), ObstacleKind::LinkedFolder(_)));
    assert!(matches!(kind("socket.txt"), ObstacleKind::Special));
    assert!(matches!(kind("file/a.txt"), ObstacleKind::FileAsFolder(_)));
    assert!(matches!(kind(&long), ObstacleKind::Unwritable(_)));
    assert!(matches!(kind(&format!("new/{long}")), ObstacleKind::Unwritable(_)));
    assert!(matches!(kind(&format!("{long}/a.txt")), ObstacleKind::Unwritable(_)));
    let jsonl = looked(
        &outputs(dir.path()),
        Path::new("/nowhere"),
        &[".wortlaut-manifest.txt"],
        &[OutputFormat::Jsonl],
    );
    assert!(matches!(jsonl[..], [(_, ObstacleKind::Manifest)]), "{jsonl:?}");
}

/// A ledger of files written on their own, as the translation memory keeps it.
#[derive(Default)]
struct LedgerInMemory(parking_lot::Mutex<Vec<WrittenFile>>);

impl Ledger for LedgerInMemory {
    fn known(&self, path: &str) -> std::io::Result<Vec<WrittenFile>> {
        let known = self.0.lock();
        Ok(known.iter().filter(|entry| entry.path == path).cloned().collect())
    }

    fn is_there(&self) -> bool {
        true
    }

    fn turn(&self) -> std::io::Result<Box<dyn LedgerTurn + '_>> {
        Ok(Box::new(self))
    }
}

impl LedgerTurn for &LedgerInMemory {
    fn known(&self, path: &str) -> std::io::Result<Vec<WrittenFile>> {
        Ledger::known(*self, path)
    }

    fn announce(&mut self, entries: &[WrittenFile]) -> std::io::Result<()> {
        self.0.lock().extend_from_slice(entries);
        Ok(())
    }

    fn settle(&mut self, _: &[WrittenFile]) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_on_its_own_is_foreign_ours_or_changed() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("en.txt");
    let ledger = Arc::new(LedgerInMemory::default());
    let outputs = || Outputs::file(&path, Arc::clone(&ledger) as _, false).expect("a file");
    let kind = || {
        looked(&outputs(), Path::new("/nowhere"), &["a.txt"], &[OutputFormat::Lines])
            .pop()
            .map(|found| found.1)
    };
    fs::write(&path, "theirs").expect("written");
    assert!(matches!(kind(), Some(ObstacleKind::Foreign)));
    fs::remove_file(&path).expect("removed");
    let (one, two) = (document(&[Sample::paragraph("Eins.")]), document(&[Sample::paragraph("Zwei.")]));
    outputs().write(&one, &[OutputFormat::Lines]).expect("written");
    assert!(kind().is_none());
    outputs().write(&two, &[OutputFormat::Lines]).expect("written");
    assert_eq!(fs::read_to_string(&path).expect("read"), "EN(Zwei.)\n", "the English, not the German");
    fs::write(&path, "corrected").expect("written");
    assert!(matches!(kind(), Some(ObstacleKind::Changed)));
    let late = outputs();
    late.write(&one, &[OutputFormat::Lines]).expect("nothing to write");
    let left = LeftFile { path: path.clone(), ownership: Ownership::Changed };
    assert_eq!(late.finish().expect("finished"), [left]);
    assert_eq!(fs::read_to_string(&path).expect("read"), "corrected");
}

#[test]
fn a_file_of_an_output_folder_is_known_by_the_manifest_there() {
    let dir = tempfile::tempdir().expect("a folder");
    let (one, two) = (document(&[Sample::paragraph("Eins.")]), document(&[Sample::paragraph("Zwei.")]));
    let folder = outputs(dir.path());
    folder.write(&one, &[OutputFormat::Text]).expect("written");
    folder.finish().expect("finished");
    let path = dir.path().join("folder/a.english.txt");
    let single = Outputs::file(&path, Arc::new(LedgerInMemory::default()), false).expect("a file");
    single.write(&two, &[OutputFormat::Text]).expect("written");
    assert!(single.finish().expect("finished").is_empty());
    let folder = outputs(dir.path());
    folder.write(&one, &[OutputFormat::Text]).expect("written");
    assert!(folder.finish().expect("finished").is_empty());
    assert_eq!(fs::read_to_string(&path).expect("read"), "EN(Eins.)");
}

#[test]
fn outputs_of_an_earlier_version_are_known_by_their_jsonl() {
    let samples = [
        Sample::title("Titel\n\n"),
        Sample::furniture("Teilen\n\n"),
        Sample::paragraph("Eins. ").then("Zwei.\n").failed("quota"),
    ];
    let formats = [OutputFormat::Lines, OutputFormat::Text, OutputFormat::Tsv, OutputFormat::Jsonl];
    let changes: [(&str, &[&str]); 3] = [
        ("", &["a.de.txt", "a.en.txt", "a.english.txt", "a.jsonl", "a.tsv"]),
        ("a.en.txt", &["a.de.txt", "a.english.txt", "a.tsv"]),
        ("a.jsonl", &[]),
    ];
    for (changed, expected) in changes {
        let dir = tempfile::tempdir().expect("a folder");
        let earlier = outputs(dir.path());
        earlier.write(&document(&samples), &formats).expect("written");
        fs::remove_file(dir.path().join(MANIFEST)).expect("removed");
        if !changed.is_empty() {
            fs::write(dir.path().join("folder").join(changed), "{}").expect("written");
        }
        let now = outputs(dir.path());
        let article = ArticleId::new("folder/a.txt");
        let foreign = now.look(&[Planned { article: &article, input: None }], &formats).expect("inside");
        assert_eq!(foreign.len(), 5);
        let mut fitting: Vec<_> = now
            .fit_earlier(&foreign)
            .iter()
            .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
            .collect();
        fitting.sort();
        assert_eq!(fitting, expected, "{changed} was changed");
    }
}
