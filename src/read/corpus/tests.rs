//! Corpora of both kinds, whole and broken.

use std::fs;

use encoding_rs::WINDOWS_1252;
use proptest::prelude::*;

use super::*;
use crate::model::TableLayout;

/// What was read of a record: line, id and text, or what is wrong.
type ReadRecord = (u64, Result<(String, String), String>);

fn fields() -> Fields {
    Fields {
        text: "text".into(),
        id: None,
        target: "text_en".into(),
        text_type: TextType::Auto,
        kept: Vec::new(),
        added: &[],
    }
}

fn corpus(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> Corpus {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("written");
    Corpus { id: ArticleId::new(name), path, fields: fields() }
}

fn read(name: &str, bytes: &[u8], fields: Fields) -> Result<(CorpusShape, Vec<CorpusRecord>), ReadError> {
    let folder = tempfile::tempdir().expect("a folder");
    let corpus = Corpus { fields, ..corpus(&folder, name, bytes) };
    let records = corpus.open(&ReadOptions { max_bytes: 2000, ..ReadOptions::default() })?;
    let shape = records.shape().clone();
    Ok((shape, records.collect::<Result<_, _>>()?))
}

fn outcomes(records: &[CorpusRecord]) -> Vec<ReadRecord> {
    let article = |article: &Article| (article.id.to_string(), article.text.clone());
    let one = |record: &CorpusRecord| match &record.article {
        Ok(found) => (record.line, Ok(article(found))),
        Err(problem) => (record.line, Err(problem.to_string())),
    };
    records.iter().map(one).collect()
}

fn good(line: u64, id: &str, text: &str) -> ReadRecord {
    (line, Ok((id.to_owned(), text.to_owned())))
}

fn table(shape: CorpusShape) -> TableLayout {
    match shape {
        CorpusShape::Table(table) => table,
        CorpusShape::JsonLines => panic!("no table"),
    }
}

fn rows(records: &[CorpusRecord]) -> Vec<Vec<u8>> {
    records.iter().filter_map(|record| record.row.as_ref()).map(|row| row.bytes.clone()).collect()
}

#[test]
fn every_line_is_an_article_or_says_what_is_wrong() {
    let lines = "{\"text\": \"Erster.\\nZeile\", \"x\": [1, {}]}\n\n  \n{\"text\": null}\r\n{\"other\": 1}\n[1]\n\
                 {\"text\": 5}\n{kaputt\n{\"text\": \"a\", \"text_en\": \"b\"}\n{}\n{\"text\": \"Letzter.\"}";
    let (shape, records) = read("a.jsonl", lines.as_bytes(), fields()).expect("read");
    assert_eq!(shape, CorpusShape::JsonLines);
    let found = outcomes(&records);
    assert_eq!(found[0], good(1, "a.jsonl#1", "Erster.\nZeile"));
    let wrong = |at: usize, line: u64, what: &str| {
        let (number, text) = &found[at];
        assert!(*number == line && text.as_ref().is_err_and(|text| text.contains(what)), "{:?}", found[at]);
    };
    wrong(1, 4, "is null");
    wrong(2, 5, "no field \"text\"");
    wrong(3, 6, "not a JSON object");
    wrong(4, 7, "not text");
    wrong(5, 8, "not JSON");
    wrong(6, 9, "\"text_en\" already");
    wrong(7, 10, "no field");
    assert_eq!(found[8], good(11, "a.jsonl#11", "Letzter."));
    // A field can go into objects that have one; the others stay as they are.
    let takes: Vec<bool> =
        records.iter().map(|r| r.row.as_ref().is_some_and(|r| r.insert.is_some())).collect();
    assert_eq!(takes, [true, true, true, false, true, false, false, false, true]);
}

#[test]
fn ids_of_records_are_taken_as_they_are() {
    let lines = "{\"id\": 7, \"text\": \"a\"}\n{\"id\": \"x\\\\y\", \"text\": \"b\"}\n{\"text\": \"c\"}\n";
    let with_id = Fields { id: Some("id".into()), ..fields() };
    let (_, records) = read("a.jsonl", lines.as_bytes(), with_id.clone()).expect("read");
    let expected = [good(1, "7", "a"), good(2, "x\\y", "b"), good(3, "a.jsonl#3", "c")];
    assert_eq!(outcomes(&records), expected);
    let (_, records) = read("a.csv", b"id,text\nq,a\n,b\n", with_id).expect("read");
    assert_eq!(outcomes(&records), [good(2, "q", "a"), good(3, "a.csv#3", "b")]);
}

#[test]
fn cells_may_hold_line_breaks_and_rows_keep_their_bytes() {
    let text = "id;text;\"x\"\r\n1;\"Zwei\r\nZeilen; \"\"so\"\"\";'a'\r\n\r\n2;Kurz;\"b\"\r\n3;zu;viele;Zellen\r\n4;Ende;c";
    let (shape, records) = read("a.csv", text.as_bytes(), fields()).expect("read");
    let table = table(shape);
    assert_eq!((table.delimiter, table.crlf, table.bom), (b';', true, false));
    assert_eq!(table.header, b"id;text;\"x\"");
    let found = outcomes(&records);
    assert_eq!(found[0], good(2, "a.csv#2", "Zwei\r\nZeilen; \"so\""));
    assert_eq!(found[1], good(5, "a.csv#5", "Kurz"));
    assert!(found[2].1.as_ref().is_err_and(|text| text.contains("4 cells, the header has 3")), "{found:?}");
    assert_eq!((found[2].0, &found[3]), (6, &good(7, "a.csv#7", "Ende")));
    let expected: [&[u8]; 4] =
        [b"1;\"Zwei\r\nZeilen; \"\"so\"\"\";'a'", b"2;Kurz;\"b\"", b"3;zu;viele;Zellen", b"4;Ende;c"];
    assert_eq!(rows(&records), expected);
}

#[test]
fn the_delimiter_is_the_one_that_makes_the_text_a_column() {
    for (header, delimiter) in
        [("a,b;c,text", b','), ("a;b,c;text", b';'), ("a\ttext", b'\t'), ("text", b',')]
    {
        let (shape, _) = read("a.csv", header.as_bytes(), fields()).expect("read");
        assert_eq!(table(shape).delimiter, delimiter, "{header}");
    }
}

#[test]
fn a_quotation_mark_that_the_next_row_closes_is_a_problem_of_its_record() {
    let text = "id,text\n1,Gut.\n2,\"Ein Satz.\n3,\"Noch einer.\"\n4,\"Zwei\nZeilen.\"\n5,\"Ja\" sagte er\n";
    let (_, records) = read("a.csv", text.as_bytes(), fields()).expect("read");
    let found = outcomes(&records);
    assert_eq!(found[0], good(2, "a.csv#2", "Gut."));
    assert!(found[1].1.as_ref().is_err_and(|text| text.contains("on line 3 is not closed")), "{found:?}");
    // It stays as it is, and nothing is put behind it.
    let row = records[1].row.as_ref().expect("kept");
    assert_eq!((row.bytes.as_slice(), row.insert), (&b"2,\"Ein Satz.\n3,\"Noch einer.\""[..], None));
    assert_eq!(found[2], good(5, "a.csv#5", "Zwei\nZeilen."));
    assert_eq!(found.len(), 4);
    assert_eq!(found[3].0, 7);
    assert!(found[3].1.is_ok(), "{found:?}");
}

proptest! {
    #[test]
    fn rows_as_spreadsheets_write_them_have_no_runaway_quotes(
        cells in prop::collection::vec("[a-zäß ,;\"\n\r]{1,12}", 1..8),
        open in 0_usize..8,
    ) {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let row = |(n, cell): (usize, &String)| format!("{n},{}\n", quoted(cell));
        let rows: Vec<String> = cells.iter().enumerate().map(row).collect();
        let table = |rows: &[String]| format!("id,text\n{}", rows.concat());
        let (_, records) = read("a.csv", table(&rows).as_bytes(), fields()).expect("read");
        prop_assert_eq!(records.len(), rows.len());
        let is_runaway = |record: &CorpusRecord| matches!(record.article, Err(RecordProblem::Quote { .. }));
        prop_assert!(!records.iter().any(is_runaway));
        // One more row, whose text is never closed, before one of them.
        let open = open.min(rows.len() - 1);
        let mut broken = rows.clone();
        broken.insert(open, "x,\"Offen\n".to_owned());
        let before = format!("id,text\n{}", rows[..open].concat());
        let line = before.matches('\n').count() as u64 + 1;
        if cells[open].starts_with(char::is_alphabetic) && !cells[open].contains([',', '"', '\n', '\r']) {
            let (_, records) = read("a.csv", table(&broken).as_bytes(), fields()).expect("read");
            let found = records.iter().find_map(|record| match record.article {
                Err(RecordProblem::Quote { line }) => Some(line),
                _ => None,
            });
            prop_assert_eq!(found, Some(line));
        }
    }
}

#[test]
fn a_table_with_tabs_may_begin_a_cell_with_a_quoted_word() {
    let (shape, records) =
        read("a.tsv", b"n\ttext\n1\t\"Ja\", sagte sie.\n2\t\"Nein\"\n", fields()).expect("read");
    assert!(!table(shape).quoting);
    assert_eq!(
        outcomes(&records),
        [good(2, "a.tsv#2", "\"Ja\", sagte sie."), good(3, "a.tsv#3", "\"Nein\"")]
    );
    let (shape, records) = read("a.tsv", b"n\ttext\n1\t\"Zwei\nZeilen\"\n", fields()).expect("read");
    assert!(table(shape).quoting);
    assert_eq!(outcomes(&records), [good(2, "a.tsv#2", "Zwei\nZeilen")]);
}

#[test]
fn a_header_without_the_field_or_with_the_target_is_refused() {
    let error = read("a.csv", b"id,body\n1,x\n", fields()).expect_err("no column").to_string();
    assert!(error.contains("no column \"text\"") && error.contains("id, body"), "{error}");
    let error = read("a.csv", b"text,text_en\nx,y\n", fields()).expect_err("target").to_string();
    assert!(error.contains("\"text_en\" already"), "{error}");
    assert!(read("a.csv", b"", fields()).expect("empty").1.is_empty());
    assert!(read("a.jsonl", b"", fields()).expect("empty").1.is_empty());
}

#[test]
fn every_encoding_is_read() {
    let text = "id,text\n1,Grüße aus Köln – „ja“\n";
    let (latin, _, _) = WINDOWS_1252.encode(text);
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    // The first letter that shows the encoding may stand far behind.
    let late = format!("id,text\n{}1,Grüße aus Köln – „ja“\n", "0,ascii\n".repeat(50_000));
    let cases = [(text.into(), false), (latin.into_owned(), false), (utf16, true), (marked, true)];
    for (bytes, bom) in cases {
        let (shape, records) = read("a.csv", &bytes, fields()).expect("read");
        assert_eq!(outcomes(&records), [good(2, "a.csv#2", "Grüße aus Köln – „ja“")]);
        assert_eq!(table(shape).bom, bom);
    }
    let (late, _, _) = WINDOWS_1252.encode(&late);
    let (_, records) = read("a.csv", &late, fields()).expect("read");
    assert_eq!(outcomes(&records).last(), Some(&good(50_002, "a.csv#50002", "Grüße aus Köln – „ja“")));
}

#[test]
fn broken_utf8_and_nul_are_told_with_their_line() {
    let lines = b"{\"text\": \"Gr\xc3\xbc\xc3\x9fe\"}\n{\"text\": \"K\xf6ln\"}\n{\"text\": \"a\\u0000b\"}\n{\"text\": \"\xc3\xa4\"}";
    let (_, records) = read("a.jsonl", lines, fields()).expect("read");
    let found = outcomes(&records);
    assert!(found[1].1.as_ref().is_err_and(|text| text.contains("offset 11")), "{found:?}");
    assert!(found[2].1.as_ref().is_err_and(|text| text.contains("NUL")), "{found:?}");
    assert_eq!(found[3], good(4, "a.jsonl#4", "ä"));
    let error = read("a.csv", b"PK\x03\x04....", fields()).expect_err("an archive").to_string();
    assert!(error.contains("ZIP"), "{error}");
}

#[test]
fn a_huge_line_is_left_out_and_the_next_one_is_read() {
    let lines = format!("{{\"text\": \"{}\"}}\n{{\"text\": \"Klein.\"}}\n", "x".repeat(5000));
    let (_, records) = read("a.jsonl", lines.as_bytes(), fields()).expect("read");
    assert!(matches!(records[0].article, Err(RecordProblem::TooLarge { limit: 2000 })));
    assert!(records[0].row.is_none());
    assert_eq!(outcomes(&records)[1], good(2, "a.jsonl#2", "Klein."));
}

#[test]
fn a_quotation_mark_that_is_never_closed_ends_the_reading() {
    let text = format!("text\nKlein.\n\"Offen\n{}", "Zeile\n".repeat(20_000));
    let error = read("a.csv", text.as_bytes(), fields()).expect_err("endless").to_string();
    assert!(error.contains("limit of 2000 bytes") && error.contains("quotation mark"), "{error}");
}

#[test]
fn the_line_that_names_the_delimiter_is_understood_and_kept() {
    for (hint, delimiter, end) in
        [("sep=;", b';', "\r\n"), ("SEP=|", b'|', "\n"), ("\"sep=,\"", b',', "\n"), ("sep=\t", b'\t', "\r\n")]
    {
        let cell = char::from(delimiter);
        let header = format!("{hint}{end}id{cell}text");
        let text = format!("{header}{end}1{cell}Ein Satz.{end}");
        let (shape, records) = read("a.csv", text.as_bytes(), fields()).expect("read");
        assert_eq!(outcomes(&records), [good(3, "a.csv#3", "Ein Satz.")], "{hint}");
        let table = table(shape);
        assert_eq!((table.delimiter, table.header.as_slice()), (delimiter, header.as_bytes()), "{hint}");
    }
    // What merely begins like it is a header.
    let (_, records) = read("a.csv", b"sep=1;text\nx;Ein Satz.\n", fields()).expect("read");
    assert_eq!(outcomes(&records), [good(2, "a.csv#2", "Ein Satz.")]);
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_named_with_its_line() {
    for (text, line) in [
        ("text,id\nEins.,1\n\"Zwei.,2\nDrei.,3\n", 3),
        ("text,id\n\"Eins\"\".\n\n\",\"2\nDrei.,3\n", 4),
        ("text,\"id\nEins.,1\n", 1),
        ("sep=,\ntext,id\n\"Eins.,1\n", 3),
        ("text,id\nEins.,\"", 2),
    ] {
        let error = read("a.csv", text.as_bytes(), fields()).expect_err(text).to_string();
        assert!(error.contains(&format!("in line {line} of")) && error.contains("never closed"), "{error}");
    }
    // A mark inside a cell is no opening one.
    let (_, records) = read("a.csv", b"text,id\nEin 5\" Rohr.,1\n\"a\"b,2\n", fields()).expect("read");
    assert_eq!(records.len(), 2);
}

#[test]
fn html_in_a_record_is_read_as_html_unless_it_is_to_be_plain() {
    let line = br#"{"text": "<p>F&uuml;nf <b>Boote</b> kamen.</p><p>Dann war Ruhe.</p>"}"#;
    let blocks = |text_type: TextType| {
        let (_, records) = read("a.jsonl", line, Fields { text_type, ..fields() }).expect("read");
        let article = records[0].article.as_ref().expect("an article");
        article.blocks.iter().map(|block| article.text[block.span.clone()].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(blocks(TextType::Auto), ["Fünf Boote kamen.", "Dann war Ruhe."]);
    assert_eq!(blocks(TextType::Html), blocks(TextType::Auto));
    assert_eq!(blocks(TextType::Plain).len(), 1);
}

#[test]
fn a_file_that_was_read_is_known_by_the_hash_of_all_its_bytes() {
    let wide = "text\r\nDer Hafen ist leer.\r\n".encode_utf16().flat_map(u16::to_le_bytes);
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(wide).collect();
    let long = "{\"text\":\"Der Hafen ist leer.\"}\n".repeat(9_000);
    for (name, bytes) in [
        ("a.jsonl", long.as_bytes()),
        ("a.jsonl", b"{\"text\":\"Eins.\"}\n\n\n"),
        ("a.csv", "\u{feff}text,n\nEins.,1\n\"Zwei.\nDrei.\",2\n\n".as_bytes()),
        ("a.tsv", b"text\tn\nEins.\t1"),
        ("a.csv", &wide),
        ("a.jsonl", b""),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut records = corpus(&folder, name, bytes).open(&ReadOptions::default()).expect("opened");
        records.by_ref().for_each(|record| drop(record.expect("read")));
        assert_eq!(records.file_hash(), *blake3::hash(bytes).as_bytes(), "{name}");
    }
}
