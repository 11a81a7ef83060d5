//! Loading and editing files.

use std::fs;
use std::path::{Path, PathBuf};

use super::edit::{Editor, NewEntry};
use super::*;

fn folder_with(name: &str, content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    (folder, file)
}

fn new(source: &str, target: &str) -> NewEntry {
    NewEntry { source: source.to_owned(), target: target.to_owned(), cells: Vec::new() }
}

fn cells(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect()
}

fn fault(content: &[u8]) -> (usize, String, LineFault) {
    let (_folder, file) = folder_with("g.tsv", content);
    match Glossary::load(&file) {
        Err(GlossaryError::Line(line)) => {
            (line.origin.line, line.text[line.span.clone()].to_owned(), line.fault)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_of_a_folder_are_read_in_order() {
    let (folder, _) = folder_with("b.tsv", "# remark\nsource\ttarget\nElbe\tElbe\n".as_bytes());
    fs::write(
        folder.path().join("a.tsv"),
        "\u{feff}target\tsource\tours\tforms\r\nroad|street\tStraße\tx\tGasse|Weg\r\n",
    )
    .unwrap();
    let glossary = Glossary::load(folder.path()).unwrap();
    let sources: Vec<_> = glossary.entries().iter().map(|e| e.source.as_str()).collect();
    assert_eq!(sources, ["Straße", "Elbe"]);
    assert_eq!(glossary.entries()[0].targets, ["road", "street"]);
    assert_eq!(glossary.entries()[0].forms, ["Gasse", "Weg"]);
    assert_eq!(glossary.entries()[1].origin.line, 3);
}

#[test]
fn an_empty_folder_is_an_empty_glossary_and_a_missing_one_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Glossary::load(folder.path()).unwrap().entries().is_empty());
    assert!(matches!(Glossary::load(&folder.path().join("no")), Err(GlossaryError::Read { .. })));
}

#[test]
fn broken_lines_are_reported_with_their_place() {
    for (bytes, line, marked, message) in [
        (&b"source\tSorte\n"[..], 1, "source\tSorte", "the header has no column \"target\""),
        (b"source\ttarget\na\tb\tc\n", 2, "c", "3 cells where the header has 2"),
        (b"source\ttarget\na\t\n", 2, "", "the target is empty"),
        (b"source\ttarget\nGr\xc3\xbc\xdfe\tx\nK\xc3\xbche\ty\n", 2, "\u{fffd}", "not valid UTF-8"),
    ] {
        let (found, text, fault) = fault(bytes);
        assert_eq!((found, text.as_str(), fault.to_string().as_str()), (line, marked, message));
    }
    let (line, text, fault) = fault(b"source\ttarget\nElbe\tElbe\nElbe\tLabe\n");
    assert_eq!((line, text.as_str()), (3, "Labe"));
    assert!(matches!(fault, LineFault::Conflict { first, .. } if first.line == 2));
}

#[test]
fn a_mark_and_line_ends_of_any_kind_move_no_place() {
    for mark in ["", "\u{feff}"] {
        for end in ["\n", "\r\n", "\r"] {
            for (lines, line, marked) in
                [(["source\tSorte", "a\tb"], 1, "source\tSorte"), (["source\ttarget", "a\tb\tc"], 2, "c")]
            {
                let file = format!("{mark}{}{end}", lines.join(end));
                let (found, text, _) = fault(file.as_bytes());
                assert_eq!((found, text.as_str()), (line, marked), "{file:?}");
            }
            let latin = [
                mark.as_bytes(),
                b"source\ttarget",
                end.as_bytes(),
                b"Gr\xfc\xdfe\t\xc3\xa9\xc3\xa9\xc3\xa9",
                end.as_bytes(),
            ];
            let (line, text, fault) = fault(&latin.concat());
            assert_eq!((line, text.as_str()), (2, "\u{fffd}"), "{end:?}");
            assert!(matches!(fault, LineFault::NotUtf8));
            let (_folder, file) = folder_with("g.jsonl", format!("{mark}{{}}{end}no{end}").as_bytes());
            let (_, faults) = Glossary::load_lenient(&file).unwrap();
            let shown: Vec<_> = faults
                .iter()
                .map(|fault| match fault {
                    GlossaryError::Line(line) => (line.origin.line, line.text.as_str(), line.span.clone()),
                    other => panic!("{other}"),
                })
                .collect();
            assert_eq!(shown, [(1, "{}", 0..2), (2, "no", 0..2)], "{end:?}");
        }
    }
}

#[test]
fn a_file_with_lines_that_end_in_carriage_returns_is_edited_as_it_is() {
    let (_folder, file) = folder_with("g.tsv", b"source\ttarget\rElbe\tElbe\r");
    let editor = Editor::open(&file).unwrap();
    editor.add(&NewEntry { source: "Oder".into(), target: "Oder".into(), cells: Vec::new() }).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"source\ttarget\rElbe\tElbe\rOder\tOder\r");
}

#[test]
fn a_lenient_load_leaves_broken_lines_out() {
    let (_folder, file) = folder_with("g.tsv", b"source\ttarget\nbroken\nElbe\tElbe\n");
    let (glossary, faults) = Glossary::load_lenient(&file).unwrap();
    assert_eq!((glossary.entries().len(), faults.len()), (1, 1));
}

#[test]
fn edits_keep_everything_else() {
    let before = "# head\r\nsource\towner\ttarget\r\n\r\nElbe\tme\tElbe\r\n# tail\r\nOder\t\tOder";
    let (_folder, file) = folder_with("g.tsv", before.as_bytes());
    Editor::open(&file).unwrap().add(&new("Neiße", "Neisse")).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("{before}\r\nNeiße\t\tNeisse"));
    assert!(Editor::open(&file).unwrap().set("Neiße", &cells(&[("owner", "you")])).unwrap().is_some());
    assert!(
        Editor::open(&file).unwrap().remove("Oder").unwrap()
            && !Editor::open(&file).unwrap().remove("Oder").unwrap()
    );
    let after = "# head\r\nsource\towner\ttarget\r\n\r\nElbe\tme\tElbe\r\n# tail\r\nNeiße\tyou\tNeisse";
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
}

#[test]
fn a_new_column_reaches_all_rows_and_a_new_file_gets_a_header() {
    let (folder, file) = folder_with("g.tsv", b"source\ttarget\nElbe\tElbe\n");
    let entry = NewEntry { cells: vec![("note".into(), "river".into())], ..new("Oder", "Oder") };
    Editor::open(&file).unwrap().add(&entry).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "source\ttarget\tnote\nElbe\tElbe\t\nOder\tOder\triver\n");
    let fresh = folder.path().join("new/glossary");
    assert_eq!(Editor::open(&fresh).unwrap().add(&new("Elbe", "Elbe")).unwrap(), fresh.join("glossary.tsv"));
    assert_eq!(Glossary::load(&fresh).unwrap().entries().len(), 1);
}

#[test]
fn entries_that_exist_and_cells_that_break_are_refused() {
    let (_folder, file) = folder_with("g.tsv", b"source\ttarget\nElbe\tElbe\n");
    assert!(
        matches!(Editor::open(&file).unwrap().add(&new("Elbe", "x")), Err(GlossaryError::Exists { origin, .. }) if origin.line == 2)
    );
    for entry in [new("a\tb", "x"), new("a", "x\ny"), new("", "x"), new("#a", "x")] {
        assert!(
            matches!(Editor::open(&file).unwrap().add(&entry), Err(GlossaryError::Value { .. })),
            "{entry:?}"
        );
    }
    assert!(matches!(
        Editor::open(&file).unwrap().set("Elbe", &cells(&[("owner", "x")])),
        Err(GlossaryError::NoColumn { .. })
    ));
    assert!(Editor::open(Path::new("/dev/null/x.tsv")).is_err());
}

#[test]
fn several_cells_are_set_at_once_and_missing_columns_made() {
    let before = "\u{feff}# head\r\nsource\ttarget\towner\r\nElbe\tElbe\tme\r\nbroken\r\nOder\tOder\tyou\r\n";
    let (_folder, file) = folder_with("g.tsv", before.as_bytes());
    let values = cells(&[("target", "Odra|Oder"), ("kind", "name"), ("note", "")]);
    assert!(
        Editor::open(&file).unwrap().set("Oder", &values).unwrap().is_some()
            && Editor::open(&file).unwrap().set("Rhein", &values).unwrap().is_none()
    );
    let after = "\u{feff}# head\r\nsource\ttarget\towner\tkind\r\nElbe\tElbe\tme\t\r\nbroken\t\r\n\
                 Oder\tOdra|Oder\tyou\tname\r\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
}

#[test]
fn values_that_a_load_would_refuse_are_not_written() {
    let before = "source\ttarget\nElbe\tElbe\n";
    let (_folder, file) = folder_with("g.tsv", before.as_bytes());
    for value in [("kind", "river"), ("case", "upper"), ("target", " | "), ("source", ""), ("note", "a\tb")] {
        assert!(
            matches!(
                Editor::open(&file).unwrap().set("Elbe", &cells(&[value])),
                Err(GlossaryError::Value { .. })
            ),
            "{value:?}"
        );
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn many_entries_are_replaced_in_one_step_and_keep_their_other_cells() {
    let (_folder, file) = folder_with("g.tsv", b"source\ttarget\tnote\nElbe\tElbe\triver\nOder\tOder\t\n");
    Editor::open(&file).unwrap().replace_all(&[new("Elbe", "River Elbe"), new("Rhein", "Rhine")]).unwrap();
    let after = "source\ttarget\tnote\nElbe\tRiver Elbe\triver\nOder\tOder\t\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
}
