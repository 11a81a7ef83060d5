//! The man pages.

use std::collections::BTreeSet;

use crate::support::Project;

/// The commands that a help text lists, each with all words that call it.
fn listed(project: &Project, command: &[&str], all: &mut BTreeSet<String>) {
    all.insert([&["wortlaut"], command].concat().join("-"));
    let arguments: Vec<&str> = command.iter().copied().chain(["-h"]).collect();
    let help = project.run(&arguments).exits(0).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        listed(project, &[command, &[name]].concat(), all);
    }
}

#[test]
fn every_command_has_a_man_page_with_examples() {
    let project = Project::new();
    project.run(&["man", "man/pages"]).exits(0);
    let mut commands = BTreeSet::new();
    listed(&project, &[], &mut commands);
    assert!(commands.contains("wortlaut-glossary-suggest"), "{commands:?}");
    let pages = project.files("man/pages");
    let names: BTreeSet<String> =
        pages.keys().map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    assert_eq!(names, commands);
    for (path, page) in pages {
        let page = String::from_utf8(page).expect("text");
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH EXAMPLES"] {
            assert!(page.contains(section), "{}: {section}\n{page}", path.display());
        }
        assert!(!page.contains("\\-help(1)"), "{}: a page that there is not", path.display());
        let (_, examples) = page.split_once(".SH EXAMPLES").expect("a section");
        assert!(examples.contains("wortlaut"), "{}", path.display());
    }
}
