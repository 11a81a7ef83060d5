//! The man pages.

use std::collections::BTreeSet;

use crate::support::Project;

#[test]
fn every_command_has_a_man_page_with_examples() {
    let project = Project::new();
    project.run(&["man", "man/pages"]).exits(0);
    let commands = project.commands().into_iter();
    let commands: BTreeSet<String> =
        commands.map(|command| [vec!["wortlaut".to_owned()], command].concat().join("-")).collect();
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
