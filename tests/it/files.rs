//! People's files: what may be read, what may be written to, and what is never overwritten.

use std::fs;
use std::path::Path;

use crate::support::{Project, Service};

const TEXT: &str = "Das Schiff kam nach Mitternacht an.\n";
const PSEUDO: &str =
    "[translate]\ninput = 'seeds'\nengine = 'pseudo'\nformats = ['lines', 'text', 'jsonl']\n";

/// A project whose engine is inside the process.
fn project() -> Project {
    Project::new().file("wortlaut.toml", PSEUDO).file("a.txt", TEXT)
}

/// Refused before anything was sent or changed.
#[track_caller]
fn refused(project: &Project, arguments: &[&str], reason: &str) {
    // The memory may be tidied up whenever it is looked into.
    let state = || {
        let files = project.files(".").into_iter();
        files.filter(|(path, _)| !path.to_string_lossy().contains("/.wortlaut/")).collect::<Vec<_>>()
    };
    let before = state();
    let ran = project.run(arguments).exits(2);
    let told = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(reason), "{arguments:?}: {}", ran.stderr);
    assert!(state() == before, "{arguments:?} changed something");
}

#[test]
fn an_input_is_never_an_output() {
    let project = project().file("b.txt", TEXT).file("c.csv", "text\nEin Satz.\n").file("d/a.txt", TEXT);
    for more in [&[][..], &["--overwrite"]] {
        let refused = |arguments: &[&str], reason| refused(&project, &[arguments, more].concat(), reason);
        refused(&["translate", "a.txt", "-o", "a.txt"], "would overwrite the input a.txt");
        refused(&["translate", "d/a.txt", "-o", "d/../d/a.txt"], "would overwrite the input d/a.txt");
        refused(&["translate", "c.csv", "-o", "c.csv"], "would overwrite the input c.csv");
        refused(&["translate", "b.txt", "a.txt", "-o", "a.txt"], "cannot write several articles to a.txt");
    }
    let project = project.file("d/a.de.txt", TEXT);
    refused(
        &project,
        &["translate", "d", "-o", "d", "--format", "lines"],
        "would overwrite the input d/a.de.txt",
    );
}

#[test]
fn foreign_files_are_named_and_replaced_only_if_the_user_says_so() {
    let project = project().file("a.tsv", "theirs\n").file("c.csv", "text\nEin Satz.\n");
    let project = project.file("d/c.english.csv", "another\n").file("en.txt", "mine\n");
    let cases: [(&[&str], &str, &str); 3] = [
        (&["translate", "a.txt", "-o", "./", "--format", "lines,tsv"], "a.tsv", "theirs\n"),
        (&["translate", "c.csv", "-o", "d", "--format", "document"], "d/c.english.csv", "another\n"),
        (&["translate", "a.txt", "-o", "en.txt"], "en.txt", "mine\n"),
    ];
    for (arguments, file, contents) in cases {
        refused(&project, arguments, &format!("{file} exists, and wortlaut has no record of writing it"));
        refused(&project, &[arguments, &["--dry-run"]].concat(), "no record of writing it");
        project.run(&[arguments, &["--overwrite"]].concat()).exits(0);
        assert_ne!(project.read(file), contents);
        project.run(arguments).exits(0);
    }
}

#[test]
fn nothing_is_sent_when_something_is_in_the_way() {
    let service = Service::start();
    let project =
        Project::new().engine(&service.address(), "").file("seeds/a.txt", TEXT).file("seeds/b.txt", TEXT);
    project.put("output/b.tsv", "theirs");
    let ran = project.run(&["translate"]).exits(2);
    assert!(ran.stderr.contains("nothing was sent"), "{}", ran.stderr);
    assert_eq!(service.counts().requests, 0);
    // A file in the place of the folder, and a name that no file can have.
    fs::remove_dir_all(project.path().join("output")).expect("removed");
    project.put("output", "a file");
    let ran = project.run(&["translate"]).exits(2);
    assert!(ran.stderr.contains("output is not a folder"), "{}", ran.stderr);
    let long = "n".repeat(300);
    project.run(&["translate", "seeds/a.txt", "-o", &format!("{long}.txt")]).exits(2);
    project.run(&["translate", "seeds", "-o", &format!("{long}/{long}")]).exits(2);
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn files_of_others_in_a_folder_of_ours_are_left_and_all_else_is_written() {
    let project = project().file("seeds/a.txt", TEXT).file("seeds/b.txt", TEXT);
    project.run(&["translate"]).exits(0);
    project.put("output/a.tsv", "theirs\n");
    project.put("output/c.en.txt", "theirs, too\n");
    project.put("seeds/c.txt", TEXT);
    let run = ["translate", "--format", "lines,tsv"];
    let before = project.files("output");
    let ran = project.run(&[&run[..], &["--dry-run"]].concat()).exits(3);
    for name in ["a.tsv", "c.en.txt"] {
        let told = format!("would leave output/{name} as it is: wortlaut did not write it");
        assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    }
    assert_eq!(project.files("output"), before);
    let ran = project.run(&run).exits(3);
    assert!(ran.stderr.contains("left output/a.tsv as it is: wortlaut did not write it"), "{}", ran.stderr);
    let json = project.run(&[&run[..], &["--json"]].concat()).exits(3).json();
    assert_eq!(json["left"], serde_json::json!(["output/a.tsv", "output/c.en.txt"]));
    assert_eq!(
        (project.read("output/a.tsv"), project.read("output/c.en.txt")),
        ("theirs\n".into(), "theirs, too\n".into())
    );
    assert!(
        project.read("output/b.tsv").contains("Schiff") && project.read("output/c.de.txt").contains("Schiff")
    );
    project.run(&[&run[..], &["--overwrite"]].concat()).exits(0);
    project.run(&run).exits(0);
}

#[test]
fn what_a_person_corrected_stays_and_all_else_is_written() {
    let project = project().file("seeds/a.txt", TEXT).file("seeds/b.txt", TEXT);
    project.run(&["translate"]).exits(0);
    project.put("output/a.en.txt", "The ship arrived after midnight.\n");
    project.put("seeds/a.txt", TEXT.replace("Schiff", "Boot"));
    let ran = project.run(&["translate"]).exits(3);
    assert!(ran.stderr.contains("left output/a.en.txt as it is: it was changed by hand"), "{}", ran.stderr);
    let ran = project.run(&["translate", "--dry-run"]).exits(3);
    assert!(ran.stderr.contains("would leave output/a.en.txt as it is"), "{}", ran.stderr);
    assert_eq!(project.read("output/a.en.txt"), "The ship arrived after midnight.\n");
    assert!(project.read("output/a.de.txt").contains("Boot"));
    project.run(&["translate", "--overwrite"]).exits(0);
    assert!(project.read("output/a.en.txt").contains("Boot"));
    // A file by itself: there is nothing else to write.
    project.run(&["translate", "a.txt", "-o", "en.txt"]).exits(0);
    project.run(&["translate", "a.txt", "-o", "en.txt"]).exits(0);
    project.put("en.txt", "corrected");
    let ran = project.run(&["translate", "a.txt", "-o", "en.txt"]).exits(3);
    assert!(ran.stderr.contains("en.txt was changed after wortlaut wrote it"), "{}", ran.stderr);
    assert_eq!(project.read("en.txt"), "corrected");
}

#[test]
fn files_without_a_manifest_are_ours_if_they_have_the_bytes_that_would_be_written() {
    let service = Service::start();
    let corpus = "{\"text\":\"Ein Satz.\"}\n";
    let project =
        Project::new().engine(&service.address(), "").file("seeds/a.md", "# Das Meer\n\nEin Satz.\n");
    project.put("seeds/c.jsonl", corpus);
    let run = ["translate", "--text-field", "text", "--format", "document,tsv"];
    project.run(&run).exits(0);
    let before = project.files("output");
    fs::remove_file(project.path().join("output/.wortlaut-manifest.jsonl")).expect("removed");
    service.reset();
    project.run(&run).exits(0);
    assert_eq!((service.counts().requests, project.files("output")), (0, before));
    // One that differs is not.
    fs::remove_file(project.path().join("output/.wortlaut-manifest.jsonl")).expect("removed");
    project.put("output/c.tsv", "theirs");
    let ran = project.run(&run).exits(2);
    assert!(ran.stderr.contains("c.tsv") && !ran.stderr.contains("c.english.jsonl"), "{}", ran.stderr);
}

#[test]
fn outputs_of_an_earlier_version_are_taken_over() {
    let project = project().file("seeds/a.txt", TEXT);
    project.run(&["translate"]).exits(0);
    fs::remove_file(project.path().join("output/.wortlaut-manifest.jsonl")).expect("removed");
    project.put("seeds/a.txt", TEXT.replace("Schiff", "Boot"));
    project.run(&["translate"]).exits(0);
    assert!(project.read("output/a.en.txt").contains("Boot"));
}

#[test]
fn a_second_run_into_the_folder_of_the_articles_does_the_same() {
    let project = project().file("d/a.txt", TEXT).file("d/sub/b.txt", TEXT);
    let run = ["translate", "d", "-o", "d", "--format", "lines", "--json"];
    let articles = |arguments: &[&str]| project.run(arguments).exits(0).json()["articles"].clone();
    assert_eq!(articles(&run), 2);
    let before = project.files("d");
    assert_eq!(articles(&run), 2);
    assert_eq!(project.files("d"), before);
    // Nor from elsewhere, nor from below, nor where a person changed them.
    project.put("d/a.de.txt", "Korrigiert.\n");
    assert_eq!(articles(&["translate", "d", "-o", "out", "--json"]), 2);
    assert_eq!(articles(&["translate", "d/sub", "-o", "out2", "--json"]), 1);
    let ran = project.run(&["translate", "d/sub/b.de.txt"]).exits(2);
    assert!(ran.stderr.contains("is an output of wortlaut"), "{}", ran.stderr);
}

#[test]
fn a_file_by_itself_is_no_article_of_the_next_run() {
    let project = project();
    project.run(&["translate", "a.txt", "-o", "a.en.txt"]).exits(0);
    let ran = project.run(&["translate", "a.txt", "a.en.txt", "-o", "out", "--json"]).exits(0);
    assert_eq!(ran.json()["articles"], 1);
    assert_eq!(project.run(&["translate", ".", "-o", "out", "--json"]).exits(0).json()["articles"], 1);
}

#[test]
fn several_paths_and_patterns_are_translated_in_one_run() {
    let project = project().file("b.md", TEXT).file("news/1/c.txt", TEXT).file("news/2/d.txt", TEXT);
    project.run(&["translate", "a.txt", "b.md", "news/", "-o", "out/"]).exits(0);
    let names = ["a.english.txt", "b.english.txt", "1/c.english.txt", "2/d.english.txt"];
    assert!(
        names.iter().all(|name| project.path().join("out").join(name).is_file()),
        "{:?}",
        project.files("out")
    );
    project.run(&["translate", "news/*/*.txt", "[ab].*", "-o", "pattern/"]).exits(0);
    assert!(names.iter().all(|name| project.path().join("pattern").join(name).is_file()));
    let ran = project.run(&["translate", "x/*.txt"]).exits(2);
    assert!(ran.stderr.contains("no file matches x/*.txt"), "{}", ran.stderr);
    // The same file twice is one article; two files of one name are none.
    let ran = project.run(&["translate", "a.txt", "./a.txt", "-o", "twice/", "--json"]).exits(0);
    assert_eq!(ran.json()["articles"], 1);
    project.put("other/a.txt", TEXT);
    refused(&project, &["translate", "a.txt", "other/a.txt", "-o", "out"], "would both be the article a.txt");
    // A file whose name looks like a pattern is that file.
    project.put("[x].txt", TEXT);
    project.run(&["translate", "[x].txt"]).exits(0);
}

#[test]
fn other_files_are_counted_and_lock_files_are_not() {
    let project = project();
    for name in ["d/a.txt", "d/x.pdf", "d/y.PDF", "d/z.zip", "d/~$brief.docx"] {
        project.put(name, TEXT);
    }
    let ran = project.run(&["translate", "d", "-o", "out"]).exits(0);
    assert!(ran.stderr.contains("3 files of other types left out: .pdf 2, .zip 1"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("brief"), "{}", ran.stderr);
    let ran = project.run(&["translate", "d", "-o", "out", "-q"]).exits(0);
    assert_eq!(ran.stderr, "");
    project.put("in.jsonl.gz", "x");
    let ran = project.run(&["translate", "in.jsonl.gz"]).exits(2);
    assert!(ran.stderr.contains(".jsonl") && ran.stderr.contains(".csv"), "{}", ran.stderr);
}

#[test]
fn the_extension_says_what_a_file_holds() {
    let project = project().file("c.csv", "text\nEin Satz.\n").file("b.md", "# Titel\n\n**Ein** Satz.\n");
    for (file, arguments) in [
        ("out.csv", &["translate", "a.txt"][..]),
        ("out.csv", &["translate", "a.txt", "b.md"]),
        ("out.txt", &["translate", "."]),
        ("out.html", &["translate", "a.txt"]),
        ("out.txt", &["translate", "a.txt", "--format", "tsv"]),
        ("out.csv", &["translate", "c.csv", "--format", "jsonl"]),
    ] {
        project.run(&[arguments, &["-o", file]].concat()).exits(2);
        assert!(!project.path().join(file).exists(), "{arguments:?}");
    }
    let ran = project.run(&["translate", "a.txt", "-o", "a.tsv"]).exits(0);
    assert_eq!((project.read("a.tsv").lines().count(), ran.stdout.as_str()), (2, ""));
    project.run(&["translate", "b.md", "-o", "b.jsonl"]).exits(0);
    assert_eq!(project.rows("b.jsonl").len(), 2);
    project.run(&["translate", "b.md", "-o", "b.txt"]).exits(0);
    assert!(!project.read("b.txt").contains('*'));
    project.run(&["translate", "b.md", "-o", "b.en.md"]).exits(0);
    assert!(project.read("b.en.md").contains("**"));
    project.run(&["translate", "c.csv", "-o", "d.csv"]).exits(0);
    assert!(project.read("d.csv").starts_with("text,text_en"));
    project.run(&["translate", "c.csv", "-o", "segments.tsv"]).exits(0);
    assert!(project.read("segments.tsv").starts_with("article\t"));
}

#[test]
fn an_empty_file_is_nobodys_work() {
    let project =
        Project::new().file("a.txt", "Der Hafen war leer.\n").file("en.txt", "").file("out/a.en.txt", "");
    project.run(&["translate", "a.txt", "--engine", "pseudo", "-o", "en.txt"]).exits(0);
    assert!(project.read("en.txt").contains("Hafen"));
    project.run(&["translate", "a.txt", "--engine", "pseudo", "-o", "out/", "--format", "lines"]).exits(0);
    assert!(project.read("out/a.en.txt").contains("Hafen"));
}

#[test]
fn a_dash_is_standard_output() {
    let project = project().file("c.csv", "text\nEin Satz.\n");
    let expected = project.run(&["translate", "a.txt"]).exits(0).stdout;
    assert!(expected.contains("Schiff"));
    assert_eq!(project.run(&["translate", "a.txt", "-o", "-"]).exits(0).stdout, expected);
    assert!(!project.path().join("-").exists());
    let corpus = project.run(&["translate", "c.csv", "-o", "-"]).exits(0).stdout;
    assert!(corpus.starts_with("text,text_en\nEin Satz.,"), "{corpus}");
    refused(&project, &["translate", "a.txt", "a.txt", "-o", "-"], "several articles");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::process::{Command, Stdio};

    use super::*;
    use crate::support::finished;

    fn pipe(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().expect("run").success());
    }

    #[test]
    fn devices_and_pipes_are_written_through() {
        let project = project();
        let expected = project.run(&["translate", "a.txt"]).exits(0).stdout;
        let hole = project.path().join("hole");
        symlink("/dev/null", &hole).expect("linked");
        project.run(&["translate", "a.txt", "-o", "hole"]).exits(0);
        project.run(&["translate", "a.txt", "-o", "/dev/null"]).exits(0);
        assert!(fs::metadata(&hole).expect("there").file_type().is_char_device());
        let fifo = project.path().join("fifo");
        pipe(&fifo);
        let reader = Command::new("cat").arg(&fifo).stdout(Stdio::piped()).spawn().expect("started");
        project.run(&["translate", "a.txt", "-o", "fifo"]).exits(0);
        assert_eq!(finished(&reader.wait_with_output().expect("ended")).stdout, expected);
        assert!(fs::metadata(&fifo).expect("there").file_type().is_fifo());
        // What standard output was sent to is not begun anew.
        project.put("log", "before\n");
        let log = fs::File::options().append(true).open(project.path().join("log")).expect("opened");
        let status = project.command(&["translate", "a.txt", "-q", "-o", "/dev/stdout"]).stdout(log).status();
        assert!(status.expect("run").success());
        assert_eq!(project.read("log"), format!("before\n{expected}"));
    }

    #[test]
    fn a_link_that_is_named_leads_to_the_file_and_one_in_the_folder_nowhere() {
        let project = project().file("real.txt", "theirs\n").file("seeds/a.txt", TEXT);
        symlink("real.txt", project.path().join("link.txt")).expect("linked");
        symlink("later.txt", project.path().join("dangling.txt")).expect("linked");
        symlink("a.txt", project.path().join("input.txt")).expect("linked");
        refused(&project, &["translate", "a.txt", "-o", "link.txt"], "real.txt exists");
        refused(
            &project,
            &["translate", "a.txt", "-o", "input.txt", "--overwrite"],
            "would overwrite the input",
        );
        refused(
            &project,
            &["translate", "input.txt", "-o", "a.txt", "--overwrite"],
            "would overwrite the input",
        );
        project.run(&["translate", "a.txt", "-o", "link.txt", "--overwrite"]).exits(0);
        project.run(&["translate", "a.txt", "-o", "dangling.txt"]).exits(0);
        for name in ["link.txt", "dangling.txt"] {
            assert!(
                project.path().join(name).is_symlink() && project.read(name).contains("Schiff"),
                "{name}"
            );
        }
        fs::create_dir(project.path().join("output")).expect("made");
        symlink("../real.txt", project.path().join("output/a.en.txt")).expect("linked");
        let before = project.read("real.txt");
        refused(&project, &["translate"], "output/a.en.txt is a symbolic link");
        project.run(&["translate", "--overwrite"]).exits(0);
        assert!(!project.path().join("output/a.en.txt").is_symlink());
        assert_eq!(project.read("real.txt"), before);
    }

    #[test]
    fn what_comes_through_a_named_pipe_reads_like_standard_input() {
        let project = project();
        let fifo = project.path().join("fifo");
        pipe(&fifo);
        let start = || project.start(&["translate", "fifo"]);
        let child = start();
        fs::write(&fifo, TEXT).expect("written");
        let ran = finished(&child.wait_with_output().expect("ended")).exits(0);
        assert!(ran.stdout.contains("Schiff"), "{}", ran.stdout);
        assert!(project.files("output").is_empty());
        // Below a folder nobody waits for one.
        project.put("d/a.txt", TEXT);
        pipe(&project.path().join("d/b.txt"));
        let ran = project.run(&["translate", "d", "-o", "out"]).exits(0);
        assert!(ran.stderr.contains("left out d/b.txt"), "{}", ran.stderr);
    }
}

#[test]
fn an_index_lists_all_pages_whichever_run_wrote_them() {
    let project = Project::new().file("articles/news/b & c.txt", "Der Hafen war leer. Kein Wind.\n");
    let project = project.file("articles/a.md", "# Hafen & Meer\n\nKein Wind.\n");
    let translate = ["translate", "--engine", "pseudo", "--format", "html", "-o", "output/"];
    project.run(&[&translate[..], &["articles"]].concat()).exits(0);
    let index = project.read("output/bilingual-index.html");
    for part in [
        "<a href=\"a.bilingual.html\">a.md</a>",
        "<a href=\"news/b%20%26%20c.bilingual.html\">news/b &#38; c.txt</a>",
        "[de] Hafen &#38; Meer<",
        "2 pages, 4 segments",
    ] {
        assert!(index.contains(part), "{part} is not in {index}");
    }
    // A run over one article leaves the rows of the others, and a run that changes nothing leaves the index.
    let project = project.file("articles/a.md", "Kein Wind. Kein Wind. Kein Wind.\n");
    project.run(&[&translate[..], &["articles/a.md"]].concat()).exits(0);
    let index = project.read("output/bilingual-index.html");
    assert!(index.contains("2 pages, 5 segments"), "{index}");
    project.run(&[&translate[..], &["articles"]].concat()).exits(0);
    assert_eq!(project.read("output/bilingual-index.html"), index);
    // It is wortlaut's own, and never an article.
    let own =
        project.run(&["translate", "output/bilingual-index.html", "--engine", "pseudo"]).exits(2).stderr;
    assert!(own.contains("is an output of wortlaut"), "{own}");
    // One that a person changed is left and named.
    let project = project.file("output/bilingual-index.html", "mine").file("articles/a.md", "Kein Wind.\n");
    let told = project.run(&[&translate[..], &["articles"]].concat()).exits(3).stderr;
    assert!(told.contains("bilingual-index.html"), "{told}");
    assert_eq!(project.read("output/bilingual-index.html"), "mine");
}
