//! The first minutes: a folder without a project, and making one of it.

use crate::support::{Project, Ran, finished};

const ARTICLE: &str = "Im Kosmodrom Wostotschny war es still.\n";

const GLOSSARY: &str =
    "source\ttarget\tavoid\nKosmodrom Wostotschny\tVostochny Cosmodrome\tKosmodrom Wostotschny\n";

#[test]
fn without_a_project_nothing_is_sent_and_the_command_is_named() {
    let project = Project::new().file("a.txt", ARTICLE).file("b.md", ARTICLE).file("texte/c.txt", ARTICLE);
    for arguments in
        [&["translate", "--engine", "pseudo"][..], &["translate", "--dry-run"], &["glossary", "suggest"]]
    {
        let before = project.files("");
        let ran = project.run(arguments).exits(2);
        assert!(ran.stderr.contains("2 articles here and 1 in texte/"), "{}", ran.stderr);
        assert!(ran.stderr.contains("wortlaut init") && ran.stdout.is_empty(), "{}", ran.stderr);
        assert_eq!(project.files(""), before, "nothing is made");
    }
    let told = project.run(&["translate"]).exits(2).stderr;
    assert!(told.lines().any(|line| line.trim() == "wortlaut translate ."), "{told}");
    let empty = Project::new().run(&["translate"]).exits(2).stderr;
    assert!(!empty.contains("articles here") && empty.contains("wortlaut translate FOLDER"), "{empty}");
}

#[test]
fn a_project_that_names_no_input_reads_articles_and_says_where_they_are_missing() {
    let project = Project::new().file("wortlaut.toml", "").file("texte/a.txt", ARTICLE);
    let told = project.run(&["translate", "--engine", "pseudo"]).exits(2).stderr;
    assert!(told.lines().any(|line| line.trim() == "wortlaut translate texte"), "{told}");
    project.put("articles/a.txt", ARTICLE);
    project.run(&["translate", "--engine", "pseudo"]).exits(0);
    assert!(project.read("output/a.english.txt").contains("Kosmodrom"));
}

#[test]
fn an_article_or_a_pipe_needs_no_project() {
    let project = Project::new().file("a.txt", ARTICLE);
    project.run(&["translate", "a.txt", "--engine", "pseudo"]).exits(0);
    project.pipe(&["translate", "-", "--engine", "pseudo"], ARTICLE).exits(0);
}

fn in_folder(project: &Project, folder: &str, arguments: &[&str]) -> Ran {
    let mut command = project.command(arguments);
    finished(&command.current_dir(project.path().join(folder)).output().expect("started"))
}

#[test]
fn a_new_project_can_be_used_at_once_and_nothing_is_overwritten() {
    let project = Project::new().file("neu/.gitignore", "mine\n");
    let told = project.run(&["init", "neu"]).exits(0).stdout;
    assert!(told.contains("kept neu/.gitignore") && told.contains("cd neu"), "{told}");
    assert_eq!(project.read("neu/.gitignore"), "mine\n");
    project.put("neu/articles/a.txt", ARTICLE);
    in_folder(&project, "neu", &["glossary", "add", "Kosmodrom Wostotschny", "Vostochny Cosmodrome"])
        .exits(0);
    let summary = in_folder(&project, "neu", &["translate", "--json", "--engine", "pseudo"]).exits(0).json();
    assert_eq!(summary["terms"]["held"], 1);
    assert!(project.read("neu/output/a.english.txt").contains("Vostochny Cosmodrome"));
}

#[test]
fn a_project_takes_the_articles_and_the_glossary_that_are_there() {
    let project = Project::new()
        .file("meine texte/a.txt", ARTICLE)
        .file("namen.tsv", GLOSSARY)
        .file("README.md", "A project.");
    let told = project.run(&["init"]).exits(0).stdout;
    assert!(told.contains("1 article in meine texte/") && told.contains("the glossary namen.tsv"), "{told}");
    assert!(!project.path().join("articles").exists() && !project.path().join("glossary").exists());
    let summary = project.run(&["translate", "--json", "--engine", "pseudo"]).exits(0).json();
    assert_eq!((&summary["articles"], &summary["terms"]["held"]), (&1.into(), &1.into()));

    let changed = "# mine\n[translate]\ninput = 'meine texte'\n";
    project.put("wortlaut.toml", changed);
    let told = project.run(&["init"]).exits(0).stdout;
    assert!(told.contains("kept wortlaut.toml") && !told.contains("made"), "{told}");
    assert_eq!(project.read("wortlaut.toml"), changed);
}

#[test]
fn a_glossary_of_another_program_and_a_corpus_are_named() {
    let project =
        Project::new().file("glossar.csv", "Mond,moon\n").file("meldungen.csv", "id,body\n1,Der Mond.\n");
    let told = project.run(&["init"]).exits(0).stdout;
    assert!(told.contains("wortlaut glossary import glossar.csv"), "{told}");
    assert!(told.contains("wortlaut translate meldungen.csv --text-field NAME"), "{told}");
    project.run(&["glossary", "import", "glossar.csv"]).exits(0);
    assert!(project.read("glossary/glossary.tsv").contains("Mond\tmoon"));
}

#[test]
fn a_run_without_a_glossary_says_so_once() {
    let project = Project::new().file("articles/a.txt", ARTICLE).file("articles/b.txt", ARTICLE);
    let told = |arguments: &[&str]| {
        let ran = project.run(&[&["translate", "--engine", "pseudo"], arguments].concat()).exits(0);
        ran.stderr.matches("no glossary: names and terms are not checked").count()
    };
    assert_eq!((told(&[]), told(&["--json"]), told(&["--quiet"])), (1, 1, 0));
    project.put("glossary/namen.tsv", GLOSSARY);
    assert_eq!(told(&[]), 0);
}

/// Without a way to any server, and with a pip that brings nothing.
#[cfg(unix)]
#[test]
fn a_model_that_cannot_be_pulled_is_told_with_its_size_and_at_the_end_with_all_reasons() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new()
        .file("a.txt", ARTICLE)
        .file("bin/pip", "#!/bin/sh\necho 'no such package' >&2\nexit 1\n");
    fs::set_permissions(project.path().join("bin/pip"), Permissions::from_mode(0o755))
        .expect("made a program");
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        command.env("HTTPS_PROXY", "http://127.0.0.1:1").env("PATH", project.path().join("bin"));
        finished(&command.output().expect("started")).exits(4).stderr
    };
    let told = run(&["translate", "a.txt"]);
    let lines: Vec<&str> = told.lines().take(4).collect();
    assert_eq!(
        lines[..3],
        [
            "pulling firefox (30 MB)",
            "firefox cannot be pulled: its servers cannot be reached",
            "pulling qwen2.5-coder-1.5b (1.1 GB, a stopgap) instead",
        ],
        "{told}"
    );
    let (_, end) = told.split_once("no model can be pulled").expect("the end");
    for reason in ["firefox: cannot load https://", "no such package", "gemma-3-270m", "--engine NAME"] {
        assert!(end.contains(reason), "{reason}: {told}");
    }
    let told = run(&["translate", "a.txt", "--quiet"]);
    assert!(!told.contains("pulling"), "{told}");
    let told = run(&["model", "pull", "firefox"]);
    assert!(told.starts_with("pulling firefox (30 MB)\n"), "{told}");
}

#[test]
fn this_repository_is_the_project_of_its_samples() {
    let project = Project::new();
    let mut command = project.command(&["translate", "--dry-run", "--json", "--engine", "pseudo"]);
    let ran = command.current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let planned = finished(&ran.expect("started")).exits(0).last_json();
    assert_eq!(planned["estimate"]["articles"], 6);
}
