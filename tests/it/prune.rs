//! `translate --prune`: outputs of articles that are gone.

use std::fs;

use crate::support::Project;

const TEXT: &str = "Das Schiff kam nach Mitternacht an.\n";

/// A project with three articles that were translated, two of which are gone by now.
fn project() -> Project {
    let project = Project::new()
        .file(
            "wortlaut.toml",
            "[translate]\ninput = 'seeds'\nengine = 'pseudo'\nformats = ['lines', 'jsonl']\n",
        )
        .file("seeds/a.txt", TEXT)
        .file("seeds/news/b.txt", TEXT)
        .file("seeds/c.txt", TEXT);
    project.run(&["translate"]).exits(0);
    fs::remove_dir_all(project.path().join("seeds/news")).expect("removed");
    fs::remove_file(project.path().join("seeds/c.txt")).expect("removed");
    project
}

/// The names of the outputs.
fn outputs(project: &Project) -> Vec<String> {
    let root = project.path().join("output");
    let name = |path: std::path::PathBuf| path.strip_prefix(&root).expect("inside").display().to_string();
    project.outputs("output").into_keys().map(name).collect()
}

#[test]
fn outputs_of_articles_that_are_gone_are_removed_and_nothing_else() {
    let project = project();
    project.put("output/c.en.txt", "Corrected.\n");
    project.put("output/news/notes.md", "mine\n");
    let before = project.files("output");
    let ran = project.run(&["translate", "--prune", "--dry-run"]).exits(0);
    assert!(ran.stderr.contains("would remove output/news/b.en.txt"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("keep output/c.en.txt: its article is gone, but it was changed by hand"),
        "{}",
        ran.stderr
    );
    let ran = project.run(&["translate", "--prune"]).exits(2);
    assert!(
        ran.stderr.contains("5 outputs of articles that are gone") && ran.stderr.contains("--yes"),
        "{}",
        ran.stderr
    );
    assert_eq!(project.files("output"), before);
    let ran = project.run(&["translate", "--prune", "--yes"]).exits(0);
    assert!(ran.stderr.contains("removed output/c.jsonl"), "{}", ran.stderr);
    assert_eq!(outputs(&project), ["a.de.txt", "a.en.txt", "a.jsonl", "c.en.txt", "news/notes.md"]);
    let manifest = project.read("output/.wortlaut-manifest.jsonl");
    assert!(!manifest.contains("news/b") && manifest.contains("c.en.txt"), "{manifest}");
    fs::remove_file(project.path().join("output/news/notes.md")).expect("removed");
    project.run(&["translate", "--prune", "--yes"]).exits(0);
}

#[test]
fn folders_that_are_empty_then_are_removed() {
    let project = project();
    project.run(&["translate", "--prune", "--yes"]).exits(0);
    assert_eq!(outputs(&project), ["a.de.txt", "a.en.txt", "a.jsonl"]);
    assert!(!project.path().join("output/news").exists());
    // As if the others had never been there.
    let other = Project::new().file("wortlaut.toml", project.read("wortlaut.toml")).file("seeds/a.txt", TEXT);
    other.run(&["translate"]).exits(0);
    assert_eq!(
        project.read("output/.wortlaut-manifest.jsonl"),
        other.read("output/.wortlaut-manifest.jsonl")
    );
}

#[test]
fn only_the_whole_input_says_what_is_gone() {
    let project = project();
    project.run(&["translate", "seeds", "--prune", "--yes"]).exits(2);
    fs::remove_file(project.path().join("seeds/a.txt")).expect("removed");
    let ran = project.run(&["translate", "--prune", "--yes"]).exits(2);
    assert!(ran.stderr.contains("there are no articles"), "{}", ran.stderr);
    assert_eq!(outputs(&project).len(), 9);
}

#[test]
fn an_article_that_was_read_from_elsewhere_is_not_gone() {
    let project = project().file("desk/d.txt", TEXT);
    project.run(&["translate", "desk", "-o", "output"]).exits(0);
    project.run(&["translate", "--prune", "--yes"]).exits(0);
    assert!(outputs(&project).contains(&"d.en.txt".to_owned()));
    fs::remove_file(project.path().join("desk/d.txt")).expect("removed");
    project.run(&["translate", "--prune", "--yes"]).exits(0);
    assert_eq!(outputs(&project), ["a.de.txt", "a.en.txt", "a.jsonl"]);
}

#[test]
fn the_index_names_no_page_that_was_removed() {
    let project = project();
    project.put("seeds/c.txt", TEXT);
    project.run(&["translate", "--format", "html"]).exits(0);
    assert!(project.read("output/bilingual-index.html").contains("c.bilingual.html"));
    fs::remove_file(project.path().join("seeds/c.txt")).expect("removed");
    // The run itself writes no pages.
    project.run(&["translate", "--prune", "--yes"]).exits(0);
    let index = project.read("output/bilingual-index.html");
    assert!(index.contains("a.bilingual.html") && !index.contains("c.bilingual.html"), "{index}");
}
