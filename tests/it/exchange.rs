//! Glossaries of other programs in and out, two glossaries side by side.

use crate::support::Project;

const OURS: &str = "# kept\nsource\ttarget\tforms\nElbe\tElbe\tElbestrom\nWehr\tweir|dam\t\n";

fn project() -> Project {
    Project::new().file("glossary/terms.tsv", OURS)
}

#[test]
fn export_says_what_the_format_cannot_hold() {
    let project = project();
    let out = project.run(&["glossary", "export", "deepl.tsv", "--format", "deepl-tsv"]).exits(0).stdout;
    assert!(out.contains("forms not kept by deepl-tsv: 1 entry"), "{out}");
    assert!(out.contains("further targets not kept by deepl-tsv: 1 entry"), "{out}");
    assert_eq!(project.read("deepl.tsv"), "Elbe\tElbe\nWehr\tweir\n");
    project.run(&["glossary", "export", "glossary/terms.tsv"]).exits(2);
    project.run(&["glossary", "export", "terms.dat"]).exits(2);
    assert_eq!(project.read("glossary/terms.tsv"), OURS);
}

#[test]
fn what_was_exported_comes_back_whole() {
    for file in ["terms.csv", "terms.tbx", "terms.tmx", "terms.tsv", "terms.xlsx"] {
        let project = project();
        let out = project.run(&["glossary", "export", file]).exits(0).stdout;
        assert!(!out.contains("not kept"), "{file}: {out}");
        project.run(&["glossary", "import", file, "--into", "new/names.tsv"]).exits(0);
        let same = project.run(&["glossary", "diff", "glossary", "new"]).exits(0).stdout;
        assert_eq!(same, "", "{file}");
        let again = project.run(&["glossary", "import", file]).exits(0).stdout;
        assert!(again.contains("0 added, 0 replaced, 0 left"), "{again}");
    }
}

#[test]
fn import_never_overwrites_unless_told_to() {
    let project = project().file("theirs.csv", "Elbe,River Elbe\nOder,Oder\n");
    let out = project.run(&["glossary", "import", "theirs.csv"]).exits(1).stdout;
    assert!(out.contains("target: Elbe at") && out.contains("terms.tsv:3"), "{out}");
    assert!(out.contains("target: River Elbe at theirs.csv:1"), "{out}");
    assert_eq!(project.read("glossary/terms.tsv"), format!("{OURS}Oder\tOder\t\n"));
    project.run(&["glossary", "import", "theirs.csv", "--replace"]).exits(0);
    let after = OURS.replace("Elbe\tElbe\t", "Elbe\tRiver Elbe\t");
    assert_eq!(project.read("glossary/terms.tsv"), format!("{after}Oder\tOder\t\n"));
}

#[test]
fn broken_lines_and_dangerous_files_are_refused() {
    let bomb = "<!DOCTYPE tmx [<!ENTITY a \"aaaa\">]><tmx version=\"1.4\"><body><tu>&a;</tu></body></tmx>";
    let project = project().file("fr.csv", "Oder,Oder,DE,EN\nRhein,Rhin,DE,FR\n").file("bomb.tmx", bomb);
    let ran = project.run(&["glossary", "import", "fr.csv", "--format", "deepl-csv"]).exits(5);
    assert!(ran.stderr.contains("fr.csv:2") && ran.stderr.contains("FR"), "{}", ran.stderr);
    project.run(&["glossary", "import", "bomb.tmx"]).exits(5);
    assert_eq!(project.read("glossary/terms.tsv"), OURS);
    project.run(&["glossary", "import", "fr.csv", "--lenient"]).exits(0);
    assert_eq!(project.read("glossary/terms.tsv"), format!("{OURS}Oder\tOder\t\n"));
}

#[test]
fn diff_shows_both_sides_of_a_conflict() {
    let project = project().file("theirs.tsv", "source\ttarget\tnote\nElbe\tElbe\triver\nWehr\tbarrage\t\n");
    let out = project.run(&["glossary", "diff", "glossary/terms.tsv", "theirs.tsv"]).exits(1).stdout;
    assert!(out.contains("! Wehr\n  target: weir|dam at glossary/terms.tsv:4\n"), "{out}");
    assert!(out.contains("  target: barrage at theirs.tsv:3\n") && out.contains("~ Elbe"), "{out}");
}

#[test]
fn merge_writes_nothing_while_there_are_conflicts() {
    let theirs = "source\ttarget\tnote\nElbe\tElbe\triver\nWehr\tbarrage\t\nOder\tOder\t\n";
    let project = project().file("theirs.tsv", theirs);
    let merge = ["glossary", "merge", "glossary/terms.tsv", "theirs.tsv", "-o", "out.tsv"];
    let ran = project.run(&merge).exits(1);
    assert!(
        ran.stderr.contains("glossary/terms.tsv:4") && ran.stderr.contains("theirs.tsv:3"),
        "{}",
        ran.stderr
    );
    assert!(!project.path().join("out.tsv").exists());
    project.run(&[&merge[..], &["--prefer", "right"]].concat()).exits(0);
    let merged = "# kept\nsource\ttarget\tforms\tnote\nElbe\tElbe\tElbestrom\triver\nWehr\tbarrage\t\t\nOder\tOder\t\t\n";
    assert_eq!(project.read("out.tsv"), merged);
    assert_eq!(project.read("glossary/terms.tsv"), OURS);
}

#[test]
fn an_export_replaces_no_file_of_somebody_elses() {
    let project =
        Project::new().glossary(&[["Elbe", "Elbe", ""]]).file("mine.csv", "my,work\n").file("empty.csv", "");
    let ran = project.run(&["glossary", "export", "mine.csv"]).exits(2);
    assert!(ran.stderr.contains("mine.csv exists") && ran.stderr.contains("--overwrite"), "{}", ran.stderr);
    project
        .run(&["glossary", "merge", "glossary/terms.tsv", "glossary/terms.tsv", "-o", "mine.csv"])
        .exits(2);
    assert_eq!(project.read("mine.csv"), "my,work\n");
    project.run(&["glossary", "export", "empty.csv"]).exits(0);
    project.run(&["glossary", "export", "empty.csv"]).exits(0);
    project.run(&["glossary", "export", "mine.csv", "--overwrite"]).exits(0);
    assert_eq!(project.read("mine.csv"), project.read("empty.csv"));
}

#[test]
fn import_says_how_the_file_was_understood_and_what_it_left() {
    let suggested = "# Look these through.\nsource\ttarget\tkind\tcount\nTurm\ttower\tterm\t4\nTor\t\tterm\t2\nBucht\t\tterm\t1\n";
    let project = project()
        .file("suggested.tsv", suggested)
        .file("doubled.csv", "Turm;tower\nTurm;spire\n")
        .file("lines.csv", "\"Deich\",\"dyke\",\"DE\",\"EN\"\r\n\"Damm\",\"dam\",\"DE\",\"EN\"\r\n\"pier\",\"Mole\",\"EN\",\"DE\"\r\n");
    let ran = project.run(&["glossary", "import", "suggested.tsv"]).exits(0);
    assert!(ran.stdout.contains("1 added"), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("suggested.tsv: 2 lines left, source or target is empty: 4, 5"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("first line taken as a header"), "{}", ran.stderr);
    let ran = project.run(&["glossary", "import", "doubled.csv", "--into", "new.tsv"]).exits(1);
    assert!(
        ran.stdout.contains("tower at doubled.csv:1") && ran.stdout.contains("spire at doubled.csv:2"),
        "{}",
        ran.stdout
    );
    let ran = project.run(&["glossary", "import", "lines.csv"]).exits(5);
    assert!(ran.stderr.contains("lines.csv:3"), "{}", ran.stderr);
    project.run(&["glossary", "import", "lines.csv", "--lenient"]).exits(0);
    assert!(project.read("glossary/terms.tsv").ends_with("Turm\ttower\t\nDeich\tdyke\t\nDamm\tdam\t\n"));
}
