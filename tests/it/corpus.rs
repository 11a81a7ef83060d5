//! What the corpus says about the glossary: usage and suggestions.

use crate::support::{Project, Service};

const TEXT: &str = "Der Regen fiel auf die Elbe. An der Elbe stand Ilse Brandauer.\n\n\
                    Gestern sah Ilse Brandauer den Damm von Krummhübel.\n";

fn project(service: &Service) -> Project {
    Project::new()
        .file("seeds/a.txt", TEXT)
        .file("seeds/b.txt", "Auch in Krummhübel kennt man Ilse Brandauer.\n")
        .glossary(&[["Elbe", "River Elbe", "Elbe"], ["Rhein", "Rhine", ""]])
        .engine(&service.address(), "")
}

#[test]
fn usage_tells_how_terms_were_rendered_and_sends_nothing() {
    let service = Service::start();
    let project = project(&service);
    let before = project.run(&["glossary", "usage", "Elbe", "--json"]).exits(0).stdout;
    assert!(before.contains("not translated") && !before.contains("River"), "{before}");
    project.run(&["translate"]).exits(0);
    service.reset();
    let all = project.run(&["glossary", "usage", "--json"]).exits(0).stdout;
    let row: serde_json::Value = serde_json::from_str(all.lines().next().expect("a row")).expect("JSON");
    assert_eq!((&row["source"], &row["occurrences"]), (&"Elbe".into(), &2.into()));
    assert_eq!(row["how"]["repair"], 2, "{row}");
    assert_eq!(row["renderings"]["River Elbe"], 2, "{row}");
    let places = project.run(&["glossary", "usage", "Elbe", "seeds/a.txt"]).exits(0).stdout;
    assert!(places.contains("segment 2: Elbe → River Elbe (repair)"), "{places}");
    let other = project.run(&["glossary", "usage", "Elbe", "seeds/b.txt"]).exits(0).stdout;
    assert_eq!(other, "");
    let unused = project.run(&["glossary", "usage", "--unused"]).exits(0).stdout;
    assert_eq!(unused, "glossary/terms.tsv:3: Rhein\n");
    project.run(&["glossary", "usage", "Oder"]).exits(2);
    assert_eq!(service.counts().requests, 0);
}

#[test]
fn suggestions_are_what_the_glossary_lacks_and_can_be_imported() {
    let service = Service::start().renders("Krummhübel", "Karpacz");
    let project = project(&service);
    project.run(&["translate"]).exits(0);
    service.reset();
    let out = project.run(&["glossary", "suggest"]).exits(0).stdout;
    assert_eq!(service.counts().requests, 0);
    let rows: Vec<Vec<&str>> =
        out.lines().filter(|l| !l.starts_with('#')).map(|l| l.split('\t').collect()).collect();
    let row = |source: &str| rows.iter().find(|row| row[0] == source);
    let name = row("Ilse Brandauer").unwrap_or_else(|| panic!("{out}"));
    assert_eq!(name[1..4], ["Ilse Brandauer", "name", "3"], "{out}");
    assert!(row("Krummhübel").is_some() && row("Elbe").is_none() && row("Gestern").is_none(), "{out}");
    assert!(row("Regen").is_none_or(|row| rows[1][0] != row[0]), "{out}");
    project.put("candidates.tsv", &out);
    project.run(&["glossary", "import", "candidates.tsv", "--lenient"]).exits(0);
    let again = project.run(&["glossary", "suggest", "--json"]).exits(0).stdout;
    assert!(!again.contains("\"source\":\"Ilse Brandauer\""), "{again}");
}
