//! The README and the book: their transcripts run, their links lead somewhere, and the configuration page has every setting.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use strum::VariantArray as _;
use wortlaut::model::RepairRule;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README, the guide for contributors and the pages of the book.
fn pages() -> Vec<PathBuf> {
    let book =
        fs::read_dir(root().join("docs/src")).expect("a folder").map(|entry| entry.expect("read").path());
    let mut pages: Vec<PathBuf> = book.filter(|path| path.extension().is_some_and(|it| it == "md")).collect();
    pages.extend(["README.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    pages.sort();
    pages
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands in the parentheses of Markdown links, outside of code.
fn links(page: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Parser, Tag};
    Parser::new(page)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .collect()
}

/// The names that mdBook and GitHub give the headings of a page.
fn anchors(page: &str) -> Vec<String> {
    let headings = page
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| line.trim_start_matches('#').trim());
    headings
        .map(|heading| {
            let letters = heading.to_lowercase().replace(' ', "-");
            letters.chars().filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect()
        })
        .collect()
}

#[test]
fn relative_links_lead_somewhere() {
    for page in pages() {
        let source = text(&page);
        for link in links(&source).iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            assert!(target.exists(), "{} links to {link}", page.display());
            if !anchor.is_empty() {
                let there = anchors(&text(&target));
                assert!(
                    there.iter().any(|it| it == anchor),
                    "{} links to {link}; there are {there:?}",
                    page.display()
                );
            }
        }
    }
}

#[test]
fn the_summary_of_the_book_has_every_page_once() {
    let folder = root().join("docs/src");
    let mut listed: Vec<PathBuf> =
        links(&text(&folder.join("SUMMARY.md"))).iter().map(|link| folder.join(link)).collect();
    listed.push(folder.join("SUMMARY.md"));
    listed.sort();
    let there: Vec<PathBuf> = pages().into_iter().filter(|page| page.starts_with(&folder)).collect();
    assert_eq!(listed, there);
}

/// The settings as `src/config/settings.rs` declares them: the program has no other list.
fn declared_settings() -> Vec<String> {
    let source = text(&root().join("src/config/settings.rs"));
    let mut names = Vec::new();
    let mut table = None;
    for line in source.lines() {
        if let Some(name) = line.trim().strip_suffix("Settings {") {
            table = (!name.contains(' ')).then(|| match name {
                "Engine" => "engines.NAME".to_owned(),
                name => name.to_lowercase(),
            });
        } else if line == "}" {
            table = None;
        } else if let (Some(table), Some((name, _))) = (&table, line.trim().split_once(": "))
            && !name.contains([' ', '/'])
        {
            names.push(format!("{table}.{}", name.trim_start_matches("r#")));
        }
    }
    assert!(names.len() > 30, "{names:?}");
    names
}

#[test]
fn the_configuration_page_has_every_setting_and_no_other() {
    let page = text(&root().join("docs/src/configuration.md"));
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let mut documented: Vec<String> =
        rows.map(|(key, _)| key.to_owned()).filter(|key| key.contains('.') && !key.contains(' ')).collect();
    let mut declared = declared_settings();
    documented.sort();
    declared.sort();
    assert_eq!(documented, declared);
}

#[test]
fn a_block_of_commands_that_is_not_run_says_why() {
    for page in pages() {
        let source = text(&page);
        let mut before = "";
        for line in source.lines() {
            if line.starts_with("```console,ignore") {
                assert!(before.starts_with("<!-- not run: "), "{}: no reason before {line}", page.display());
            }
            if !line.is_empty() {
                before = line;
            }
        }
    }
}

/// Runs the console blocks of each page in a copy of the sample project, with the engine that needs no model. After a
/// change that is meant, `TRYCMD=overwrite cargo test --test docs` writes what the commands print into the pages.
#[cfg(unix)]
#[test]
fn transcripts_are_what_the_commands_print() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let home = folder.path().join("home");
    fs::create_dir(&home).expect("made");
    let names = pages().into_iter().filter(|page| text(page).contains("```console\n"));
    let copies: Vec<(PathBuf, PathBuf)> = names
        .map(|page| {
            let copy = folder.path().join(page.file_name().expect("a name"));
            fs::copy(&page, &copy).expect("copied");
            sample_project(&copy.with_extension("in"));
            (page, copy)
        })
        .collect();
    let cases = trycmd::TestCases::new();
    cases.register_bin("wortlaut", assert_cmd::cargo::cargo_bin!("wortlaut"));
    for program in ["cat", "head"] {
        let found = ["/bin", "/usr/bin"].map(|folder| Path::new(folder).join(program));
        let found = found.into_iter().find(|path| path.exists()).expect("a program of every Unix");
        cases.register_bin(program, trycmd::schema::Bin::Path(found));
    }
    cases.env("HOME", home.to_string_lossy()).env("COLUMNS", "100");
    for (_, copy) in &copies {
        cases.case(copy);
    }
    cases.run();
    drop(cases);
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        for (page, copy) in &copies {
            fs::copy(copy, page).expect("copied back");
        }
    }
}

/// What a fresh clone has: the articles, the glossary and the configuration.
#[cfg(unix)]
fn sample_project(folder: &Path) {
    for name in ["seeds", "glossary"] {
        fs::create_dir_all(folder.join(name)).expect("made");
        for entry in fs::read_dir(root().join(name)).expect("a folder") {
            let entry = entry.expect("read");
            fs::copy(entry.path(), folder.join(name).join(entry.file_name())).expect("copied");
        }
    }
    fs::copy(root().join("wortlaut.toml"), folder.join("wortlaut.toml")).expect("copied");
}

#[test]
fn every_rule_of_repair_is_documented() {
    let text = fs::read_to_string(root().join("docs/src/glossary.md")).expect("the page");
    for rule in RepairRule::VARIANTS {
        let row = format!("| `{}` | {} |", rule.as_str(), rule.describe());
        assert!(text.contains(&row), "{row}");
    }
}
