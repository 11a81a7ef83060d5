//! Settings on the command line: flags as a layer, global options, completions, the log.

use std::fs;

use crate::support::{Project, finished};

const ARTICLE: &str = "Der Hafen ist leer.\n";

/// A project with one article and the engine that needs nothing.
fn project() -> Project {
    Project::new()
        .file("articles/a.txt", ARTICLE)
        .file("wortlaut.toml", "[translate]\nengine = 'pseudo'\nformats = ['text']\n")
}

#[cfg(unix)]
#[test]
fn a_folder_whose_name_is_not_unicode_is_read_and_written_under_that_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let project = project();
    let (input, output) = (OsStr::from_bytes(b"texte-\xff"), OsStr::from_bytes(b"aus-\xfe"));
    fs::create_dir(project.path().join(input)).expect("made");
    fs::write(project.path().join(input).join("b.txt"), ARTICLE).expect("written");
    let mut command = project.command(&["translate", "--output"]);
    finished(&command.arg(output).arg(input).output().expect("started")).exits(0);
    let written = project.path().join(output).join("b.english.txt");
    assert!(fs::read_to_string(written).expect("written under its name").contains("Hafen"));

    let mut command = project.command(&["translate", "--overwrite"]);
    command.env("WORTLAUT_TRANSLATE_INPUT", input).env("WORTLAUT_TRANSLATE_OUTPUT", "from-variable");
    finished(&command.output().expect("started")).exits(0);
    assert!(project.read("from-variable/b.english.txt").contains("Hafen"));

    let names: Vec<_> =
        fs::read_dir(project.path()).expect("read").map(|entry| entry.expect("there").file_name()).collect();
    assert!(
        !names.iter().any(|name| name.to_string_lossy().contains('\u{fffd}') && name.to_str().is_some()),
        "{names:?}"
    );
}

#[test]
fn global_options_stand_before_and_after_the_subcommand() {
    let project = project()
        .file("other.toml", "[translate]\nengine = 'deepl'\n")
        .file("terms.tsv", "source\ttarget\nHafen\tharbour\n");
    for arguments in [
        &["--config", "other.toml", "--glossary", "terms.tsv", "config", "show"][..],
        &["config", "show", "--config", "other.toml", "--glossary", "terms.tsv"],
        &["config", "--glossary", "terms.tsv", "show", "--config", "other.toml"],
    ] {
        let shown = project.run(arguments).exits(0).stdout;
        let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).expect("shown").to_owned();
        assert!(line("translate.engine").ends_with("# other.toml"), "{shown}");
        let glossary = line("glossary.path");
        assert!(glossary.contains("\"terms.tsv\"") && glossary.ends_with("# --glossary"), "{shown}");
    }
    for arguments in
        [&["-q", "translate"][..], &["translate", "-q"], &["translate", "--quiet", "articles/a.txt"]]
    {
        let ran = project.run(arguments).exits(0);
        assert_eq!(ran.stderr, "", "{arguments:?}");
    }
    for arguments in [
        &["--glossary", "terms.tsv", "glossary", "list"][..],
        &["glossary", "list", "--glossary", "terms.tsv"],
    ] {
        assert!(project.run(arguments).exits(0).stdout.contains("harbour"), "{arguments:?}");
    }
    project.run(&["glossary", "export", "out.csv", "--glossary", "terms.tsv"]).exits(0);
    assert!(project.read("out.csv").contains("Hafen,harbour"));
}

#[test]
fn color_is_chosen_before_the_environment_is_asked() {
    let project = project().file("terms.tsv", "source\ttarget\nHafen\tharbour\n");
    let find = |arguments: &[&str], no_color: bool| {
        let mut command = project.command(arguments);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        finished(&command.output().expect("started")).exits(0).stdout
    };
    let base = ["glossary", "find", "Der Hafen", "--glossary", "terms.tsv", "--color"];
    let with = |when: &'static str| base.iter().copied().chain([when]).collect::<Vec<_>>();
    assert!(!find(&with("auto"), false).contains('\u{1b}'), "not a terminal");
    assert!(find(&with("always"), true).contains('\u{1b}'));
    assert!(!find(&with("never"), false).contains('\u{1b}'));
    let broken = project.file("wortlaut.toml", "[translate]\nengin = 'pseudo'\n");
    assert!(broken.run(&["--color", "always", "translate"]).exits(5).stderr.contains('\u{1b}'));
    assert!(!broken.run(&["translate"]).exits(5).stderr.contains('\u{1b}'));
}

#[test]
fn the_log_tells_what_is_done_and_neither_keys_nor_texts() {
    let project = project();
    let run = |arguments: &[&str], filter: Option<&str>| {
        let mut command = project.command(arguments);
        command.env("DEEPL_API_KEY", "geheim").envs(filter.map(|filter| ("WORTLAUT_LOG", filter)));
        finished(&command.output().expect("started"))
    };
    let silent = run(&["translate"], None).exits(0).stderr;
    assert!(!silent.contains("INFO"), "{silent}");
    let logged = run(&["translate", "-v"], None).exits(0).stderr;
    for expected in ["INFO", "wortlaut.toml", "memory.db", "pseudo"] {
        assert!(logged.contains(expected), "{expected}: {logged}");
    }
    assert!(!logged.contains("Hafen") && !logged.contains("geheim"), "{logged}");
    assert!(!run(&["-v", "translate"], Some("error")).exits(0).stderr.contains("INFO"), "the variable wins");
    assert!(run(&["translate"], Some("wortlaut::config=info")).exits(0).stderr.contains("wortlaut.toml"));
    assert!(!run(&["translate", "-vv"], None).exits(0).stderr.contains("geheim"));
    let wrong = run(&["translate"], Some("wortlaut=loud")).exits(2).stderr;
    assert!(wrong.contains("WORTLAUT_LOG"), "{wrong}");
}

#[test]
fn values_of_flags_are_completed_and_lists_take_commas() {
    let project = project();
    let script = project.run(&["completions", "bash"]).exits(0).stdout;
    for values in [
        "lines text document tsv jsonl",
        "native repair inline placeholder",
        "keep translate",
        "auto exact ignore",
        "name term keep",
        "auto always never",
    ] {
        assert!(script.contains(values), "{values}");
    }
    project.run(&["translate", "--format", "lines,tsv", "--rungs", "repair"]).exits(0);
    assert!(
        project.path().join("output/a.tsv").is_file() && project.path().join("output/a.de.txt").is_file()
    );
    let refused = project.run(&["translate", "--format", "lines,tvs"]).exits(2).stderr;
    assert!(refused.contains("tvs") && refused.contains("tsv"), "{refused}");
    project.run(&["translate", "--rungs", "inlne"]).exits(2);
}

#[test]
fn a_name_that_a_setting_lacks_is_marked_in_its_line() {
    for (line, near) in [
        ("formats = ['lines', 'tvs']", "did you mean `tsv`?"),
        ("formats = []", "lines, text, document, tsv, jsonl"),
        ("furniture = 'kepe'", "did you mean `keep`?"),
    ] {
        let project =
            Project::new().file("a.txt", ARTICLE).file("wortlaut.toml", format!("[translate]\n{line}\n"));
        let told = project.run(&["segment", "a.txt"]).exits(5).stderr;
        assert!(told.contains(line) && told.contains(near) && told.contains("here"), "{told}");
    }
    for (line, near) in [
        ("kind = 'deepel'", "did you mean `deepl`?"),
        ("target = 'en-AU'", "did you mean `en-US`?"),
        ("requests_per_second = 'many'", "a number from 0.001 to 1000"),
    ] {
        let project =
            Project::new().file("a.txt", ARTICLE).file("wortlaut.toml", format!("[engines.x]\n{line}\n"));
        let told = project.run(&["segment", "a.txt"]).exits(5).stderr;
        assert!(told.contains(line) && told.contains(near) && told.contains("here"), "{told}");
    }
}

/// `[default: …]` in a help text is what the embedded file of defaults says.
#[test]
fn help_tells_the_real_defaults() {
    let project = Project::new();
    let defaults = project.run(&["config", "show"]).exits(0).stdout;
    let help = project.run(&["translate", "--help"]).exits(0).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for (key, flag) in [
        ("translate.input", "[PATH]... Articles"),
        ("translate.engine", "--engine <NAME>"),
        ("translate.output", "--output <DIR>"),
        ("translate.formats", "--format <FORMAT>"),
        ("translate.furniture", "--furniture <WHAT>"),
        ("translate.attributes", "--attributes <WHAT>"),
        ("glossary.rungs", "--rungs <RUNG>"),
        ("glossary.path", "--glossary <PATH>"),
    ] {
        let line = defaults.lines().find(|line| line.starts_with(&format!("{key} = "))).expect("shown");
        let (value, origin) = line.split_once(" = ").expect("a value").1.split_once("# ").expect("an origin");
        assert_eq!(origin, "default");
        let value = value.trim().trim_matches(['[', ']']).replace('"', "").replace(", ", ",");
        let of_flag = help.split_once(flag).expect("in the help").1;
        let told = of_flag.split_once("[default: ").expect("a default").1.split_once(']').expect("its end").0;
        assert_eq!(told, value, "{flag}");
    }
}

#[test]
fn a_file_with_lines_of_windows_is_marked_like_any_other() {
    let text = "[translate]\nengine = \"pseudo\"\nfromats = [\"lines\"]\n";
    let marked = |text: &str| {
        let project = Project::new().file("wortlaut.toml", text).file("articles/a.txt", "Ein Satz.\n");
        project.run(&["translate"]).exits(5).stderr
    };
    let report = marked(text);
    assert!(report.contains("wortlaut.toml:3:1"), "{report}");
    assert_eq!(marked(&text.replace('\n', "\r\n")), report);
    assert_eq!(marked(&format!("\u{feff}{}", text.replace('\n', "\r\n"))), report);
}
