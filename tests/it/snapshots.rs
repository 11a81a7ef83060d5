//! What people read, as they read it: help, tables, reports of errors, and the files of a small article. After a change
//! that is meant, `INSTA_UPDATE=always cargo test --test it snapshots` writes the new text.

use insta::assert_snapshot;

use crate::support::{Project, Ran, finished};

/// An article with a term, a name, a number and a quotation.
const ARTICLE: &str = "Der Hafen ist leer\n\nKiel, 3. Mai (dpa) – Im Hafen von Kiel liegen 12 Schiffe. „Wir warten“, \
                       sagte Dr. Lang.\n";

const GLOSSARY: &str = "source\ttarget\tkind\tnote\nHafen\tharbour|port\tterm\t\nKiel\tKiel\tkeep\t\n\
                        Nordflotte\tNorthern Fleet\tname\tof Russia\n";

/// A project with one article, a glossary of three entries and the engine that needs nothing.
fn project() -> Project {
    Project::new()
        .file("articles/hafen.txt", ARTICLE)
        .file("glossary/terms.tsv", GLOSSARY)
        .file("wortlaut.toml", "[translate]\nengine = 'pseudo'\nformats = ['jsonl', 'tsv']\n")
}

/// Runs a command as on a terminal of a width.
fn run(project: &Project, width: &str, arguments: &[&str]) -> Ran {
    finished(&project.command(arguments).env("COLUMNS", width).output().expect("started"))
}

/// The exit code and both streams, without what differs from run to run and from machine to machine.
fn shown(project: &Project, arguments: &[&str]) -> String {
    let ran = run(project, "100", arguments);
    let code = ran.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let mut text = format!("$ wortlaut {}\nexit code {code}\n", arguments.join(" "));
    for (name, stream) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if !stream.is_empty() {
            text = text + "--- " + name + "\n" + stream;
        }
    }
    redacted(project, &text)
}

/// Trailing white space of tables goes too: editors take it out of snapshots.
fn redacted(project: &Project, text: &str) -> String {
    let folder = project.path().to_string_lossy();
    let real = project.path().canonicalize().expect("there");
    let text = text.replace(&*real.to_string_lossy(), "[PROJECT]").replace(&*folder, "[PROJECT]");
    let text = text.replace(concat!("wortlaut-", env!("CARGO_PKG_VERSION")), "wortlaut-[VERSION]");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Compares under a name; a time is `[TIME]`.
macro_rules! compare {
    ($name:expr, $text:expr) => {
        insta::with_settings!({
            filters => vec![(r"\d+(\.\d+)? (ms|s)\b", "[TIME]"), (r" +\[TIME\]", " [TIME]")],
            omit_expression => true,
            prepend_module_to_snapshot => false,
        }, { assert_snapshot!($name, $text) });
    };
}

#[test]
fn help() {
    let project = Project::new();
    let hidden = vec!["man".to_owned()];
    for command in project.commands().into_iter().chain([hidden]) {
        let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let name = [vec!["help".to_owned()], command.clone()].concat().join("-");
        for (width, name) in [("100", name.clone()), ("60", format!("{name}-narrow"))] {
            // At 60 columns, one command with many options and one with subcommands show what wrapping does.
            if width == "100" || ["translate", "glossary"].contains(&command.join(" ").as_str()) {
                compare!(name, redacted(&project, &run(&project, width, &arguments).exits(0).stdout));
            }
        }
    }
}

#[test]
fn tables() {
    let project = project();
    compare!("table-dry-run", shown(&project, &["translate", "--dry-run"]));
    compare!("table-summary", shown(&project, &["translate"]));
    compare!("table-summary-again", shown(&project, &["translate"]));
    compare!("table-article", shown(&project, &["translate", "articles/hafen.txt"]));
    compare!("table-engines", shown(&project, &["engines"]));
    compare!("table-models", shown(&project, &["model", "list"]));
    compare!("table-glossary-list", shown(&project, &["glossary", "list"]));
    compare!("table-glossary-show", shown(&project, &["glossary", "show", "Hafen"]));
    compare!("table-glossary-find", shown(&project, &["glossary", "find", "Im Hafen von Kiel"]));
    compare!("table-glossary-usage", shown(&project, &["glossary", "usage"]));
    compare!("table-glossary-usage-unused", shown(&project, &["glossary", "usage", "--unused"]));
    compare!("table-glossary-check", shown(&project, &["glossary", "check", "articles"]));
    compare!("table-config", shown(&project, &["config", "show"]));
    compare!("table-segment", shown(&project, &["segment", "articles/hafen.txt"]));
    compare!("table-segment-explain", shown(&project, &["segment", "articles/hafen.txt", "--explain"]));
    let english = "output/hafen.jsonl";
    compare!("table-evaluate", shown(&project, &["evaluate", english, "--ref", english, "--by", "kind"]));
    compare!(
        "table-evaluate-paired",
        shown(&project, &["evaluate", english, english, "--ref", english, "--paired", "--metrics", "chrf"])
    );
    compare!(
        "table-memory-forget",
        shown(&project, &["memory", "forget", "--engine", "pseudo", "--dry-run"])
    );
}

/// A name, the files that are different, and the command.
type ErrorCase<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[test]
fn error_reports() {
    let broken = "source\ttarget\nHafen\tharbour\nSchiff\n";
    let misspelt = "[translate]\nfromats = ['text']\nwrap = 'perhaps'\n\n[glosary]\npath = 'terms.tsv'\n\n\
                    [engines.deepl]\nkind = 'deepl'\ntimeuot = 5\n";
    let twice = "source\ttarget\nHafen\tharbour\nHafen\tport\n";
    let cases: &[ErrorCase<'_>] = &[
        ("unknown-command", &[], &["translte"]),
        ("unknown-option", &[], &["translate", "--fromat", "text"]),
        ("unknown-format", &[], &["translate", "--format", "pdf"]),
        ("unknown-engine", &[], &["translate", "--engine", "depl"]),
        ("missing-article", &[], &["translate", "articles/haven.txt"]),
        ("missing-key", &[], &["translate", "--engine", "deepl"]),
        ("missing-model", &[], &["translate", "--engine", "firefox"]),
        ("unknown-model", &[], &["model", "pull", "fierfox"]),
        ("model-not-brought", &[], &["model", "pull", "firefox", "--from", "articles"]),
        ("setting-misspelt", &[("wortlaut.toml", "[translate]\nfromats = ['text']\n")], &["translate"]),
        ("settings-misspelt", &[("wortlaut.toml", misspelt)], &["config", "show"]),
        ("setting-wrong-type", &[("wortlaut.toml", "[translate]\nforce = 'perhaps'\n")], &["translate"]),
        ("setting-out-of-bounds", &[("wortlaut.toml", "[engines.deepl]\ntimeout = 0\n")], &["translate"]),
        ("broken-toml", &[("wortlaut.toml", "[translate\n")], &["translate"]),
        (
            "untrusted-server",
            &[(
                "wortlaut.toml",
                "[translate]\nengine = 'deepl'\n[engines.deepl]\nbase_url = 'https://example.org'\n",
            )],
            &["translate"],
        ),
        ("broken-glossary", &[("glossary/terms.tsv", broken)], &["translate"]),
        ("glossary-conflict", &[("glossary/terms.tsv", twice)], &["translate"]),
        ("entry-not-found", &[], &["glossary", "show", "Werft"]),
        ("entry-there-already", &[], &["glossary", "add", "Hafen", "dock"]),
        ("output-of-a-person", &[("output/hafen.jsonl", "my own work\n")], &["translate"]),
        ("not-german", &[("articles/hafen.txt", ENGLISH)], &["translate"]),
        (
            "other-number-of-lines",
            &[("ref.txt", "One.\nTwo.\n"), ("a.txt", "One.\n")],
            &["evaluate", "a.txt", "--ref", "ref.txt"],
        ),
        ("nothing-to-score", &[("a.txt", "")], &["evaluate", "a.txt", "--ref", "a.txt"]),
        (
            "no-german",
            &[("a.txt", "One.\n")],
            &["evaluate", "a.txt", "--ref", "a.txt", "--glossary", "glossary"],
        ),
        ("no-article", &[("a.txt", "One.\n")], &["evaluate", "a.txt", "--ref", "a.txt", "--by", "article"]),
        ("only-one-to-compare", &[("a.txt", "One.\n")], &["evaluate", "a.txt", "--ref", "a.txt", "--paired"]),
        ("nothing-to-forget", &[], &["memory", "forget", "Kein Satz."]),
    ];
    for (name, files, arguments) in cases {
        let project = project();
        for (file, contents) in *files {
            project.put(file, contents);
        }
        compare!(format!("error-{name}"), shown(&project, arguments));
    }
    let empty = Project::new();
    compare!("error-no-project", shown(&empty, &["translate"]));
}

const ENGLISH: &str = "The harbour is empty, and nobody knows when the ships will come back. The harbour master says \
                       that he has waited for three weeks, and that he will go on waiting for as long as it takes. In \
                       the town, shops have closed, and the people who used to work at the quays look for other work.\n";

#[test]
fn files_of_a_small_article() {
    let project = project();
    project.run(&["translate", "--format", "jsonl,tsv,lines,text"]).exits(0);
    for (name, file) in [
        ("file-jsonl", "output/hafen.jsonl"),
        ("file-tsv", "output/hafen.tsv"),
        ("file-lines-de", "output/hafen.de.txt"),
        ("file-lines-en", "output/hafen.en.txt"),
        ("file-text", "output/hafen.english.txt"),
        ("file-manifest", "output/.wortlaut-manifest.jsonl"),
    ] {
        compare!(name, project.read(file));
    }
}
