//! The subcommands beside `translate`.

use crate::support::Project;

#[test]
fn every_help_has_examples() {
    let project = Project::new();
    for command in project.commands() {
        let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = project.run(&arguments).exits(0).stdout;
        assert!(help.contains("Example") && help.contains("wortlaut"), "{command:?}:\n{help}");
    }
}

#[test]
fn a_wrong_command_line_exits_2() {
    let project = Project::new();
    project.run(&["translte"]).exits(2);
    project.run(&["translate", "--fromat", "text"]).exits(2);
    project.run(&[]).exits(2);
}

#[test]
fn segment_shows_how_an_article_is_cut() {
    let project = Project::new().file("a.txt", "Am 3. Mai kam er an. Dr. Lang wartete.\n\n- Ein Punkt\n");
    let rows = project.run(&["segment", "a.txt"]).exits(0).stdout;
    let texts: Vec<&str> = rows.lines().filter_map(|row| row.split('\t').nth(3)).collect();
    assert_eq!(texts, ["Am 3. Mai kam er an.", "Dr. Lang wartete.", "Ein Punkt"]);
    let why = project.run(&["segment", "a.txt", "--explain"]).exits(0).stdout;
    assert!(why.lines().any(|line| line.trim_start().starts_with('-') && line.contains("Am 3")), "{why}");
    assert!(
        why.lines().any(|line| line.trim_start().starts_with('|') && line.contains("kam er an")),
        "{why}"
    );
}

#[test]
fn segment_reads_and_writes_json_lines() {
    let project = Project::new().file("a.jsonl", "{\"id\": 7, \"text\": \"Er kam. Sie ging.\"}\n");
    let out = project.run(&["segment", "a.jsonl", "--jsonl"]).exits(0).json();
    assert_eq!(out["id"], 7);
    assert_eq!(out["sentences"], serde_json::json!(["Er kam.", "Sie ging."]));
    project.put("a.jsonl", "{\"text\": 3}\n");
    assert!(project.run(&["segment", "a.jsonl", "--jsonl"]).exits(2).stderr.contains("line 1"));
}

#[test]
fn glossary_entries_come_and_go_and_comments_stay() {
    let text = "source\ttarget\tnote\n# Orte\nMoskau\tMoscow\tCapital\n";
    let project = Project::new().file("glossary/orte.tsv", text);
    project.run(&["glossary", "add", "Pjöngjang", "Pyongyang", "--note", "hier"]).exits(0);
    assert_eq!(project.read("glossary/orte.tsv"), format!("{text}Pjöngjang\tPyongyang\thier\n"));
    assert!(project.run(&["glossary", "list", "pyong"]).exits(0).stdout.contains("Pjöngjang"));
    let found = project.run(&["glossary", "find", "--json", "Heute in Pjöngjangs Straßen"]).exits(0).json();
    assert_eq!((&found["start"], &found["end"]), (&9.into(), &19.into()));
    let marked = project.run(&["glossary", "find", "Heute in Moskau"]).exits(0).stdout;
    assert_eq!(marked, "Heute in [Moskau]{Moscow}\n");
    project.run(&["glossary", "remove", "Pjöngjang"]).exits(0);
    assert_eq!(project.read("glossary/orte.tsv"), text);
    project.run(&["glossary", "remove", "Pjöngjang"]).exits(2);
}

#[test]
fn glossary_check_names_what_is_wrong() {
    let project = Project::new().file("glossary/a.tsv", "source\ttarget\nMoskau\tMoscow\n");
    project.run(&["glossary", "check"]).exits(0);
    project.put("glossary/a.tsv", "source\ttarget\nMoskau\tMoscow\nMoskau\tMoscow\n");
    let ran = project.run(&["glossary", "check"]).exits(1);
    assert!(ran.stdout.contains("a.tsv:3"), "{}", ran.stdout);
}

#[test]
fn settings_are_shown_with_their_origin() {
    let project = Project::new().file("wortlaut.toml", "[translate]\nengine = 'deepl'\n");
    let shown = project.run(&["config", "show"]).exits(0).stdout;
    let line =
        |key: &str| shown.lines().find(|line| line.starts_with(key)).map(str::to_owned).unwrap_or_default();
    assert!(
        line("translate.engine").contains("\"deepl\"") && line("translate.engine").contains("wortlaut.toml")
    );
    assert!(line("memory.path").ends_with("# default"), "{shown}");
}

#[test]
fn a_typo_in_the_configuration_names_the_key_that_was_meant() {
    let project = Project::new().file("wortlaut.toml", "[translate]\nfromats = ['text']\n");
    let ran = project.run(&["translate"]).exits(5);
    assert!(ran.stderr.contains("fromats") && ran.stderr.contains("`formats`"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn the_number_of_an_error_of_the_system_is_left_to_the_log() {
    let project = Project::new();
    let shown = |arguments: &[&str]| project.run(arguments).exits(2).stderr;
    let plain = shown(&["translate", "gone.txt"]);
    assert!(plain.contains("cannot read gone.txt: no such file or directory\n"), "{plain}");
    assert!(shown(&["-v", "translate", "gone.txt"]).contains("(os error 2)"));
}

#[test]
fn a_broken_line_of_json_has_one_number() {
    let project = Project::new().file("cases.jsonl", "{\"id\": \"a\", \"text\": \"Ein Satz.\"}\n{\"id\"\n");
    let ran = project.run(&["segment", "--jsonl", "cases.jsonl"]).exits(2);
    assert!(ran.stderr.contains("line 2: EOF while parsing an object at column 5\n"), "{}", ran.stderr);
}

#[test]
fn engines_say_what_they_need() {
    let project = Project::new().file("articles/a.txt", "Ein Satz.");
    let rows = project.run(&["engines", "--json"]).exits(0).stdout;
    let rows: Vec<serde_json::Value> =
        rows.lines().map(|row| serde_json::from_str(row).expect("JSON")).collect();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).expect("listed").clone();
    assert_eq!(row("pseudo")["ready"], true);
    assert_eq!((&row("auto")["in_use"], &row("auto")["ready"]), (&true.into(), &false.into()));
    assert_eq!(row("deepl")["ready"], false);
    assert!(row("deepl")["why_not"].as_str().is_some_and(|why| why.contains("DEEPL_API_KEY")));
    assert!(project.run(&["translate", "--engine", "depl"]).exits(5).stderr.contains("deepl"));
}

#[test]
fn models_are_listed_and_a_missing_one_says_what_to_do() {
    let project = Project::new().file("a.txt", "Ein Satz.");
    let listed = project.run(&["model", "list"]).exits(0).stdout;
    assert!(listed.contains("firefox") && listed.contains("not installed"), "{listed}");
    assert!(project.run(&["model", "path"]).exits(0).stdout.trim().ends_with("models"));
    project.run(&["model", "path", "firefox"]).exits(4);
    assert!(project.run(&["model", "pull", "fierfox"]).exits(2).stderr.contains("firefox"));
    let ran = project.run(&["translate", "a.txt", "--engine", "firefox"]).exits(4);
    assert!(ran.stderr.contains("wortlaut model pull"), "{}", ran.stderr);
}

#[test]
fn files_that_are_no_model_are_not_taken_and_nothing_is_made() {
    let project = Project::new().file("stick/notes.txt", "nothing");
    let pull = |from: &str| project.run(&["model", "pull", "firefox", "--from", from]);
    let stderr = pull("stick").exits(2).stderr;
    for expected in
        ["model.deen.intgemm.alphas.bin, vocab.deen.spm, lex.50.50.deen.s2t.bin of firefox", "SHA-256"]
    {
        assert!(stderr.split_whitespace().collect::<Vec<_>>().join(" ").contains(expected), "{stderr}");
    }
    // The tiny model of the tests is called as Mozilla's is.
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tiny-model");
    let stderr = pull(tiny).exits(4).stderr;
    assert!(
        stderr.contains("215040 bytes instead of 31561787") && stderr.contains("another copy"),
        "{stderr}"
    );
    assert!(pull("nowhere").exits(4).stderr.contains("cannot read nowhere"));
    assert!(!project.path().join(".local").exists(), "nothing is made");
}

#[test]
fn a_dry_run_needs_no_model() {
    let project = Project::new().file("a.txt", "Ein Satz.");
    let planned = project.run(&["translate", "a.txt", "--dry-run", "--json"]).exits(0).last_json();
    assert_eq!(planned["engine"], "auto");
    assert_eq!(planned["estimate"]["to_send"], 1);
    assert!(project.files(".local").is_empty(), "nothing is pulled");
}

#[test]
fn completions_know_the_subcommands() {
    let script = Project::new().run(&["completions", "bash"]).exits(0).stdout;
    assert!(script.contains("translate") && script.contains("glossary"));
}

#[test]
fn the_samples_of_the_project_are_translated_whole_and_their_glossary_is_sound() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::new();
    let input = root.join("seeds").to_string_lossy().into_owned();
    let glossary = root.join("glossary").to_string_lossy().into_owned();
    let arguments = ["translate", &input, "--glossary", &glossary, "--engine", "pseudo", "--json"];
    let planned = project.run(&[&arguments[..], &["--dry-run"]].concat()).exits(0).last_json();
    let summary = project.run(&arguments).exits(0).json();
    assert_eq!(planned["estimate"]["terms"], summary["terms"]["found"]);
    assert_eq!((&summary["articles"], &summary["failed"]), (&6.into(), &0.into()));
    let (found, held) = (&summary["terms"]["found"], &summary["terms"]["held"]);
    assert!(found == held && found.as_u64() > Some(100), "{held} of {found}");
    project.run(&["glossary", "check", "--glossary", &glossary]).exits(0);
}
