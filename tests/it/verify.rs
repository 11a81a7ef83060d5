//! `wortlaut verify`: an output folder proves itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use tempfile::TempDir;
use wortlaut::model::Severity;

use crate::support::Project;

const MANIFEST: &str = "output/.wortlaut-manifest.jsonl";

const TEXT: &str =
    "Der Hafen\n\nAm Hafen liegt ein Schiff. Übermorgen fährt das Schiff,\nund der Hafen ist leer.\n\n42\n";

fn project() -> Project {
    let project = Project::new()
        .file(
            "wortlaut.toml",
            "[translate]\ninput = 'seeds'\nengine = 'pseudo'\nformats = ['all']\nforce = true\ntext_field = 'text'\n",
        )
        .file("seeds/a.txt", TEXT)
        .file("seeds/news/b.html", "<h1>Das Schiff</h1><p>Es <b>kam</b> in den Hafen. Dort blieb es.</p>")
        .file("seeds/c.csv", "id,text\n1,Das Schiff kam.\n2,\"Der Hafen, der alte.\nEr ist leer.\"\n3,\n")
        .glossary(&[["Hafen", "harbour|port", ""], ["Schiff", "ship", ""]]);
    project.run(&["translate"]).exits(0);
    project
}

/// The objects that are printed, the last of which has the sum.
fn objects(project: &Project, code: i32, more: &[&str]) -> (Vec<Value>, Value) {
    let ran = project.run(&[&["verify", "output", "--json"], more].concat()).exits(code);
    let mut all: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let sum = all.pop().expect("the sum");
    (all, sum)
}

/// What is found wrong: paths, checks and messages of the errors.
fn errors(project: &Project) -> Vec<[String; 3]> {
    let (found, sum) = objects(project, 1, &[]);
    assert_eq!(sum["proved"], false);
    let errors = found.into_iter().filter(|flaw| flaw["severity"] == "error");
    let text = |flaw: &Value, key: &str| flaw[key].as_str().expect("a text").to_owned();
    errors.map(|flaw| ["path", "check", "message"].map(|key| text(&flaw, key))).collect()
}

/// Puts a text in the place of another one in a file.
fn replace(project: &Project, file: &str, old: &str, new: &str) {
    let text = project.read(file);
    assert!(text.contains(old), "{text}");
    project.put(file, text.replacen(old, new, 1));
}

/// The lines of the manifest without its seal, and a new seal behind them.
fn reseal(project: &Project, change: impl Fn(&mut Value)) {
    let text = project.read(MANIFEST);
    let mut lines = String::new();
    for line in text.lines().filter(|line| !line.contains("\"seal\"")) {
        let mut entry: Value = serde_json::from_str(line).expect("an entry");
        change(&mut entry);
        lines.push_str(&entry.to_string());
        lines.push('\n');
    }
    let seal = blake3::hash(lines.as_bytes()).to_hex();
    project.put(MANIFEST, format!("{lines}{{\"seal\":\"{seal}\"}}\n"));
}

/// Has the manifest say what stands in a file.
fn take_over(project: &Project, file: &str) {
    let hash = blake3::hash(project.read(&format!("output/{file}")).as_bytes()).to_hex().to_string();
    reseal(project, |entry| {
        if entry["path"] == file {
            entry["hash"] = hash.clone().into();
        }
    });
}

#[test]
fn what_was_written_is_proved() {
    let project = project();
    let before = project.files("output");
    let ran = project.run(&["verify", "output"]).exits(0);
    assert_eq!(ran.stdout, "35 files, 10 segments, 9 terms proved\n", "{}", ran.stderr);
    let (found, sum) = objects(&project, 0, &["--strict"]);
    assert_eq!((found.len(), &sum["files"], &sum["proved"]), (0, &Value::from(35), &Value::from(true)));
    assert_eq!(project.run(&["verify"]).exits(0).stdout, ran.stdout, "the folder of the project");
    assert_eq!(project.run(&["verify", "output", "--quiet"]).exits(0).stdout, "");
    assert_eq!(project.files("output"), before);
    // Elsewhere it proves the same; where its articles are is then not known.
    fs::rename(project.path().join("output"), project.path().join("elsewhere")).expect("renamed");
    fs::remove_dir_all(project.path().join(".wortlaut")).expect("removed");
    assert!(project.run(&["verify", "elsewhere"]).exits(0).stdout.starts_with("35 files, 10 segments"));
}

#[test]
fn every_kind_of_run_is_proved() {
    let project = project();
    for arguments in [
        &["translate", "--merge"][..],
        &["translate", "--format", "lines,jsonl", "--furniture", "translate"],
        &["translate", "seeds/a.txt", "-o", "output/"],
        &["translate", "--format", "tsv-bom,jsonl", "--id-field", "id", "--overwrite"],
        &["translate", "--format", "html", "--engine", "pseudo"],
        &["translate", "--prune", "--yes"],
    ] {
        project.run(arguments).exits(0);
        let ran = project.run(&["verify", "output"]).exits(0);
        assert!(!ran.stdout.contains("error"), "{arguments:?}: {}", ran.stdout);
    }
}

#[test]
fn what_was_changed_is_named_with_its_place() {
    let whole = project();
    let line = |stdout: &str| stdout.lines().find(|line| line.starts_with("error")).map(str::to_owned);
    for (file, old, new, place, says) in [
        (
            "output/a.en.txt",
            "harbour is",
            "port is",
            "output/a.en.txt, line 4 (segment 3)",
            "“…s ship, und der port ist leer.”",
        ),
        ("output/a.de.txt", "Am", "Im", "output/a.de.txt, line 3 (segment 2)", "“Im Hafen liegt"),
        ("output/a.tsv", "Am", "Im", "output/a.tsv, line 3 (segment 2)", "“Im Hafen liegt"),
        ("output/a.jsonl", "[de] Am", "[de] Im", "output/a.jsonl", "segment 2 reads otherwise"),
        ("output/a.tmx", "Am", "Im", "output/a.tmx", "it was changed since"),
        ("output/news/b.english.html", "<b>", "<i>", "output/news/b.english.html", "it was changed since"),
        ("output/c.en.txt", "[de]", "[DE]", "output/c.en.txt, line 1 (segment 1)", "“[DE] Das ship kam.”"),
        (MANIFEST, "\"lines\"", "\"text\"", MANIFEST, "it was changed since wortlaut wrote it"),
    ] {
        let kept = whole.read(file);
        replace(&whole, file, old, new);
        let ran = whole.run(&["verify", "output"]).exits(1);
        let line = line(&ran.stdout).expect("an error");
        assert!(line.starts_with(&format!("error: {place}: ")) && line.contains(says), "{line}");
        let sum = ran.stdout.lines().last().expect("a sum");
        assert!(sum.ends_with("; 1 error"), "{sum}");
        whole.put(file, kept);
    }
    whole.run(&["verify", "output", "--strict"]).exits(0);
}

#[test]
fn what_is_gone_or_was_added_is_named() {
    let project = project();
    project.put("output/notes.md", "mine\n");
    fs::rename(project.path().join("output/a.tmx"), project.path().join("output/news/a.tmx"))
        .expect("renamed");
    let (found, _) = objects(&project, 1, &[]);
    let brief: Vec<_> = found
        .iter()
        .map(|f| [&f["path"], &f["check"], &f["severity"]].map(|v| v.as_str().expect("text")))
        .collect();
    assert_eq!(
        brief,
        [["a.tmx", "missing", "error"], ["news/a.tmx", "foreign", "info"], ["notes.md", "foreign", "info"]]
    );
    project.run(&["translate"]).exits(0);
    project.run(&["verify", "output", "--strict"]).exits(0);
    fs::remove_file(project.path().join(MANIFEST)).expect("removed");
    assert_eq!(errors(&project)[0][1], "manifest");
    let ran = project.run(&["verify", "nowhere"]).exits(2);
    assert!(ran.stderr.contains("nowhere is no folder"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_link_is_no_output() {
    let project = project();
    let file = project.path().join("output/a.en.txt");
    fs::rename(&file, project.path().join("elsewhere.txt")).expect("renamed");
    std::os::unix::fs::symlink(project.path().join("elsewhere.txt"), &file).expect("linked");
    let [path, check, _] = &errors(&project)[0];
    assert_eq!([path.as_str(), check], ["a.en.txt", "missing"]);
}

#[test]
fn a_manifest_that_is_at_work_or_was_cut_off_proves_nothing() {
    let project = project();
    let whole = project.read(MANIFEST);
    let seal = whole.trim_end().rfind('\n').expect("lines") + 1;
    for cut in [0, seal, whole.len() - 1, whole.len() - 70] {
        project.put(MANIFEST, &whole[..cut]);
        let found = errors(&project);
        assert_eq!((found.len(), found[0][1].as_str()), (1, "manifest"), "{cut}: {found:?}");
    }
    for more in ["\n", whole.lines().next().expect("a line"), "{\"seal\":\"0\"}\n"] {
        project.put(MANIFEST, format!("{whole}{more}"));
        assert_eq!(errors(&project)[0][1], "manifest");
    }
    // The next run seals it again.
    project.put(MANIFEST, &whole[..seal]);
    project.run(&["translate"]).exits(0);
    assert_eq!(project.read(MANIFEST), whole);
}

#[test]
fn a_manifest_that_was_changed_too_does_not_help() {
    for (old, new, check) in [
        // A term stands elsewhere, or something else stands there.
        ("\"en_start\":8", "\"en_start\":7", "term"),
        ("\"en\":\"[de] Am harbour", "\"en\":\"[de] Am haven", "term"),
        ("\"surface\":\"Hafen\"", "\"surface\":\"Haven\"", "term"),
        // The glossary had another entry.
        ("\"accepted\":[\"harbour\",\"port\"]", "\"accepted\":[\"harbour\",\"haven\"]", "entries"),
        // Text is lost, or another one.
        ("\"before\":\" \"", "\"before\":\"\"", "text"),
        ("\"de\":\"Am Hafen liegt", "\"de\":\"Am Hafen lag", "text"),
        ("\"segment\":3", "\"segment\":4", "row"),
        ("\"after\":", "\"behind\":", "row"),
        ("\"status\":\"translated\"", "\"status\":\"failed\"", "row"),
        // Other formats say something else.
        ("[de] Übermorgen", "[de] Morgen", "disagrees"),
        (
            "\"status\":\"kept\",\"de\":\"42\",\"en\":\"42\"",
            "\"status\":\"kept\",\"de\":\"42\",\"en\":\"43\"",
            "disagrees",
        ),
    ] {
        let project = project();
        replace(&project, "output/a.jsonl", old, new);
        take_over(&project, "a.jsonl");
        let found = errors(&project);
        assert!(found.iter().any(|flaw| flaw[1] == check), "{new}: {found:?}");
        assert!(found.iter().all(|flaw| flaw[1] != "manifest" && flaw[1] != "changed"), "{found:?}");
    }
    // A format that nobody wrote from these segments.
    for (file, old, new) in [
        ("a.en.txt", "Am", "Im"),
        ("a.de.txt", "Am", "Im"),
        ("a.de.txt", "42\n", ""),
        ("a.en.txt", "42\n", "42\n\n43\n"),
        ("a.tsv", "[de] Am", "[de] Im"),
        ("a.tsv", "\tde\ten\t", "\ten\tde\t"),
        ("c.tsv", "[de] Das", "[de] Dies"),
        ("c.en.txt", "[de] Das", "[de] Dies"),
    ] {
        let project = project();
        replace(&project, &format!("output/{file}"), old, new);
        take_over(&project, file);
        let found = errors(&project);
        assert_eq!(
            (found.len(), found[0][0].as_str(), found[0][1].as_str()),
            (1, file, "disagrees"),
            "{found:?}"
        );
    }
}

#[test]
fn a_correction_is_a_change_until_it_is_learned() {
    let project = project();
    replace(&project, "output/a.en.txt", "[de] Am harbour liegt ein ship.", "A ship lies in the port.");
    let [path, check, message] = &errors(&project)[0];
    assert_eq!([path.as_str(), check], ["a.en.txt", "changed"]);
    assert!(message.contains("A ship lies"), "{message}");
    project.run(&["learn"]).exits(0);
    let ran = project.run(&["verify", "output", "--strict"]).exits(0);
    assert!(ran.stdout.starts_with("35 files, 10 segments, 9 terms"), "{}", ran.stdout);
    assert!(project.read("output/a.tmx").contains("A ship lies in the port."));
    project.run(&["learn", "--undo"]).exits(0);
    project.run(&["verify", "output", "--strict"]).exits(0);
}

#[test]
fn an_article_that_changed_since_is_told_and_no_fault() {
    let project = project();
    project.put("seeds/a.txt", "Ein anderer Text steht hier.\n");
    fs::remove_file(project.path().join("seeds/c.csv")).expect("removed");
    let (found, sum) = objects(&project, 0, &[]);
    let messages: Vec<_> = found.iter().map(|flaw| flaw["message"].as_str().expect("a text")).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("seeds/a.txt has changed"), "{messages:?}");
    assert!(messages[1].contains("seeds/c.csv") && messages[1].contains("is gone"), "{messages:?}");
    assert_eq!((&sum["warnings"], &sum["proved"]), (&Value::from(2), &Value::from(true)));
    objects(&project, 1, &["--strict"]);
}

#[test]
fn files_of_different_runs_are_told_apart() {
    let project = project();
    project.put("glossary/terms.tsv", "source\ttarget\nHafen\tdock\nSchiff\tship\n");
    project.run(&["translate", "--format", "jsonl"]).exits(0);
    let (found, _) = objects(&project, 0, &[]);
    let stale: BTreeSet<_> = found.iter().map(|flaw| flaw["check"].as_str().expect("a text")).collect();
    assert_eq!(stale, BTreeSet::from(["stale"]));
    project.run(&["translate"]).exits(0);
    project.run(&["verify", "output", "--strict"]).exits(0);
}

#[test]
fn what_does_not_hold_is_told_as_what_it_is() {
    let project = Project::new()
        .file(
            "wortlaut.toml",
            "[translate]\ninput = 'seeds'\nengine = 'pseudo'\nformats = ['jsonl', 'lines']\n",
        )
        .file("seeds/a.txt", "Der Hafen ist leer.\n")
        .glossary(&[["Hafen", "harbour", ""]]);
    project.run(&["translate"]).exits(0);
    // As if nothing had made the term hold.
    let row = project.read("output/a.jsonl").replace("harbour ist", "Hafen ist");
    let mut row: Value = serde_json::from_str(&row).expect("a row");
    row["terms"][0]["held"] = false.into();
    row["terms"][0].as_object_mut().expect("a term").retain(|key, _| !key.starts_with("en_"));
    project.put("output/a.jsonl", format!("{row}\n"));
    let (found, _) = objects(&project, 1, &[]);
    let not_held: Vec<_> = found.iter().filter(|flaw| flaw["check"] == "not_held").collect();
    assert_eq!(not_held.len(), 1);
    assert_eq!((&not_held[0]["severity"], &not_held[0]["segment"]), (&Value::from("info"), &Value::from(1)));
    assert_eq!(not_held[0]["message"], "“Hafen” does not stand as “harbour”");
}

#[test]
fn outputs_of_an_earlier_version_say_what_cannot_be_proved() {
    let project = project();
    let now = project.files("output");
    let files = ["a.jsonl", "c.jsonl", "news/b.jsonl"];
    for file in files {
        let path = format!("output/{file}");
        let mut rows = project.rows(&path);
        for term in rows.iter_mut().flat_map(|row| row["terms"].as_array_mut().into_iter().flatten()) {
            let new = ["en_start", "en_end", "accepted", "entry"];
            term.as_object_mut().expect("a term").retain(|key, _| !new.contains(&key.as_str()));
        }
        project.put(&path, rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n") + "\n");
        take_over(&project, file);
    }
    reseal(&project, |entry| drop(entry.as_object_mut().expect("an entry").remove("proof")));
    let text = project.read(MANIFEST);
    project.put(
        MANIFEST,
        text.split_inclusive('\n').filter(|line| !line.contains("\"seal\"")).collect::<String>(),
    );
    let (found, sum) = objects(&project, 0, &[]);
    assert!(found.iter().all(|flaw| flaw["check"] == "unproved"), "{found:?}");
    assert_eq!((found.len(), &sum["terms"], &sum["segments"]), (2, &Value::from(0), &Value::from(10)));
    objects(&project, 1, &["--strict"]);
    // A change is found all the same.
    replace(&project, "output/a.en.txt", "Am", "Im");
    assert_eq!(errors(&project)[0][..2], ["a.en.txt", "changed"]);
    replace(&project, "output/a.en.txt", "Im", "Am");
    // The next run renews them.
    project.run(&["translate"]).exits(0);
    project.run(&["verify", "output", "--strict"]).exits(0);
    assert_eq!(project.files("output"), now);
}

/// One edit of the files of a folder.
#[derive(Debug, Clone)]
enum Edit {
    Flip(u8),
    Insert(char),
    Delete,
    SwapLines,
    DoubleLine,
    DropLine,
    Cut,
    Remove,
    Rename,
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (1..=255_u8).prop_map(Edit::Flip),
        2 => prop_oneof!["[a-zA-Z0-9 \n\t\"<>{},.ä]", any::<char>().prop_map(String::from)]
            .prop_map(|text| Edit::Insert(text.chars().next().unwrap_or(' '))),
        2 => Just(Edit::Delete),
        2 => Just(Edit::SwapLines),
        2 => Just(Edit::DoubleLine),
        2 => Just(Edit::DropLine),
        1 => Just(Edit::Cut),
        1 => Just(Edit::Remove),
        1 => Just(Edit::Rename),
    ]
}

impl Edit {
    /// What the bytes are afterwards; `None` if the file is gone.
    fn apply(&self, bytes: &[u8], at: Index) -> Option<Vec<u8>> {
        let place = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
        let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let line = at.index(lines.len().max(1));
        let mut edited = bytes.to_vec();
        match self {
            Self::Remove | Self::Rename => return None,
            Self::Insert(c) => drop(edited.splice(place..place, c.to_string().into_bytes())),
            _ if bytes.is_empty() => {}
            Self::Flip(mask) => edited[place] ^= mask,
            Self::Delete => drop(edited.remove(place)),
            Self::Cut => edited.truncate(place),
            Self::SwapLines => {
                let next = (line + 1) % lines.len();
                lines.swap(line, next);
                edited = lines.concat();
            }
            Self::DoubleLine => {
                lines.insert(line, lines[line]);
                edited = lines.concat();
            }
            Self::DropLine => {
                lines.remove(line);
                edited = lines.concat();
            }
        }
        Some(edited)
    }
}

/// A folder of outputs in all formats, with the names of its files.
fn outputs() -> &'static (TempDir, Vec<PathBuf>) {
    static OUTPUTS: OnceLock<(TempDir, Vec<PathBuf>)> = OnceLock::new();
    OUTPUTS.get_or_init(|| {
        let (project, folder) = (project(), TempDir::new().expect("a folder"));
        let root = project.path().join("output");
        let mut names = Vec::new();
        for (path, bytes) in project.files("output") {
            let name = path.strip_prefix(&root).expect("inside").to_owned();
            let to = folder.path().join(&name);
            fs::create_dir_all(to.parent().expect("a folder")).expect("made");
            fs::write(to, bytes).expect("written");
            names.push(name);
        }
        (folder, names)
    })
}

fn has_errors(folder: &Path) -> bool {
    wortlaut::verify::verify(folder).expect("looked through").count(Severity::Error) > 0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_edit_of_any_output_is_found(edit in edits(), file in any::<Index>(), at in any::<Index>()) {
        let (folder, names) = outputs();
        let path = folder.path().join(file.get(names));
        let bytes = fs::read(&path).expect("read");
        let edited = edit.apply(&bytes, at);
        let other = path.with_extension("other");
        match &edited {
            Some(edited) => fs::write(&path, edited).expect("written"),
            None => fs::rename(&path, &other).expect("renamed"),
        }
        if matches!(edit, Edit::Remove) {
            fs::remove_file(&other).expect("removed");
        }
        let found = has_errors(folder.path());
        let _ = fs::remove_file(&other);
        fs::write(&path, &bytes).expect("written");
        prop_assert_eq!(found, edited.as_ref() != Some(&bytes), "{:?} in {:?}", edit, path);
        prop_assert!(!has_errors(folder.path()));
    }
}
