//! What goes out comes in again, as far as the format holds it.

use proptest::prelude::*;

use strum::VariantArray as _;

use super::*;
use crate::model::{CaseRule, EntryKind, Origin};

/// Text with all that formats stumble over.
fn text() -> impl Strategy<Value = String> {
    "[A-Za-zÄÖÜäöüß=+@'\"-][A-Za-zÄÖÜäöüß<>&'\";,=+@#.() -]{0,12}[A-Za-zÄÖÜäöüß'\"&]"
        .prop_map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn texts(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(text(), 0..=most)
}

fn entry() -> impl Strategy<Value = Entry> {
    let case = prop_oneof![Just(CaseRule::Auto), Just(CaseRule::Exact), Just(CaseRule::Ignore)];
    let kind = prop_oneof![Just(EntryKind::Term), Just(EntryKind::Name), Just(EntryKind::Keep)];
    (
        text(),
        prop::collection::vec(text(), 1..4),
        case,
        texts(3),
        texts(3),
        (kind, "|[a-z<&] [a-z,;]{0,5}[a-z]"),
    )
        .prop_map(|(source, targets, case, forms, avoid, (kind, note))| Entry {
            targets: distinct(targets),
            case,
            forms: distinct(forms).into_iter().filter(|form| *form != source).collect(),
            avoid: distinct(avoid),
            kind,
            note,
            origin: Origin { path: "out".into(), line: 0 },
            source,
        })
}

fn distinct(mut texts: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    texts
}

fn entries() -> impl Strategy<Value = Vec<Arc<Entry>>> {
    prop::collection::vec(entry(), 0..6).prop_map(|entries| {
        let mut seen = std::collections::HashSet::new();
        entries.into_iter().filter(|entry| seen.insert(entry.source.clone())).map(Arc::new).collect()
    })
}

/// What a format can hold of an entry.
fn held(entry: &Entry, format: ExchangeFormat) -> Entry {
    let mut entry = entry.clone();
    let lost = |field| !format.holds(field);
    if lost(Field::FurtherTargets) {
        entry.targets.truncate(1);
    }
    if lost(Field::Case) {
        entry.case = CaseRule::default();
    }
    if lost(Field::Forms) {
        entry.forms.clear();
    }
    if lost(Field::Avoid) {
        entry.avoid.clear();
    }
    if lost(if entry.kind == EntryKind::Name { Field::Name } else { Field::Keep }) {
        entry.kind = EntryKind::default();
    }
    if lost(Field::Note) {
        entry.note.clear();
    }
    entry
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn round_trips_lose_only_what_is_said(entries in entries()) {
        for format in ExchangeFormat::VARIANTS.iter().copied() {
            let exported = write(&entries, format).unwrap();
            let imported = read(Path::new("in"), &exported.bytes, format).unwrap();
            prop_assert!(imported.faults.is_empty() && imported.conflicts.is_empty(), "{format}: {imported:?}");
            let mut back = imported.entries;
            for entry in &mut back {
                entry.origin = Origin { path: "out".into(), line: 0 };
            }
            let wanted: Vec<Entry> = entries.iter().map(|entry| held(entry, format)).collect();
            prop_assert_eq!(&back, &wanted, "{}: {}", format, String::from_utf8_lossy(&exported.bytes));
            let whole = wanted.iter().zip(&entries).all(|(held, entry)| held == &**entry);
            prop_assert_eq!(exported.lost.is_empty(), whole, "{}", format);
        }
    }

    #[test]
    fn no_file_makes_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in ExchangeFormat::VARIANTS.iter().copied() {
            let _ = read(Path::new("in"), &bytes, format);
        }
    }
}

fn imported(text: &str, format: ExchangeFormat) -> Imported {
    read(Path::new("in"), text.as_bytes(), format).unwrap()
}

fn pairs(imported: &Imported) -> Vec<(&str, &str)> {
    imported.entries.iter().map(|entry| (entry.source.as_str(), entry.target())).collect()
}

#[test]
fn losses_are_counted() {
    let mut entry = Entry::new("Elbe", "Elbe|River Elbe", Origin { path: "g".into(), line: 2 });
    entry.forms.push("Elbestrom".to_owned());
    let exported = write(&[Arc::new(entry.clone()), Arc::new(entry)], ExchangeFormat::DeeplTsv).unwrap();
    assert_eq!(String::from_utf8(exported.bytes).unwrap(), "Elbe\tElbe\n");
    let lost: Vec<String> = exported.lost.iter().map(ToString::to_string).collect();
    assert_eq!(
        lost,
        [
            "further targets not kept by deepl-tsv: 2 entries",
            "forms not kept by deepl-tsv: 2 entries",
            "duplicates not kept by deepl-tsv: 1 entry",
        ]
    );
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_guarded_and_come_back() {
    let entry = Entry::new("=HYPERLINK(1)", "'@x", Origin { path: "g".into(), line: 2 });
    let bytes = write(&[Arc::new(entry)], ExchangeFormat::Csv).unwrap().bytes;
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("\n'=HYPERLINK(1),''@x,"), "{text}");
    assert_eq!(pairs(&imported(&text, ExchangeFormat::Csv)), [("=HYPERLINK(1)", "'@x")]);
}

#[test]
fn tables_without_a_header_are_source_and_target() {
    let german = imported("Elbe;River Elbe\nOder;Oder;DE;en-GB\nRhein;Rhin;DE;FR\n;x\n", ExchangeFormat::Csv);
    assert_eq!(pairs(&german), [("Elbe", "River Elbe"), ("Oder", "Oder")]);
    let faults: Vec<String> = german.faults.iter().map(ToString::to_string).collect();
    assert!(
        faults[0].starts_with("in:3: ") && faults[0].contains("\"FR\"") && faults.len() == 1,
        "{faults:?}"
    );
    assert_eq!(german.left().as_deref(), Some("in: 1 line left, source or target is empty: 4"));
    let excel = "\u{feff}Elbe\tRiver Elbe\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    assert_eq!(pairs(&read(Path::new("in"), &excel, ExchangeFormat::Tsv).unwrap()), [("Elbe", "River Elbe")]);
}

#[test]
fn the_rows_of_omegat_are_joined_by_their_source() {
    let joined =
        imported("# remark\nElbe\tElbe\triver\nOder\tOder\nElbe\tRiver Elbe\n", ExchangeFormat::Omegat);
    assert_eq!(pairs(&joined), [("Elbe", "Elbe"), ("Oder", "Oder")]);
    assert_eq!(joined.entries[0].targets, ["Elbe", "River Elbe"]);
    assert_eq!(joined.entries[0].note, "river");
}

#[test]
fn the_terms_of_other_programs_are_understood() {
    let old = "<!DOCTYPE martif SYSTEM \"TBXcoreStructV02.dtd\"><martif><text><body><termEntry id='1'>\
        <langSet xml:lang='de-DE'><tig><term>Wehr</term></tig>\
        <tig><term>Stauwehr</term></tig></langSet><langSet xml:lang='en-US'>\
        <ntig><termGrp><term>dam</term><termNote type='administrativeStatus'>deprecatedTerm-admn-sts</termNote></termGrp></ntig>\
        <tig><term>weir</term></tig></langSet></termEntry>\
        <termEntry><langSet xml:lang='fr'><tig><term>barrage</term></tig></langSet></termEntry></body></text></martif>";
    let read = imported(old, ExchangeFormat::TbxDct);
    assert_eq!(pairs(&read), [("Wehr", "weir"), ("Stauwehr", "weir")]);
    assert_eq!(read.entries[0].avoid, ["dam"]);
    assert_eq!(read.remarks, ["1 concept without a German or an English term"]);
    let memory = "<!DOCTYPE tmx SYSTEM \"tmx14.dtd\"><tmx version='1.4'><header/><body><tu>\n<tuv lang='EN-US'>\
        <seg>weir <ph x='1'>&lt;b&gt;</ph>gate</seg></tuv><tuv xml:lang='de_AT'><seg>Wehrtor</seg></tuv></tu></body></tmx>";
    assert_eq!(pairs(&imported(memory, ExchangeFormat::Tmx)), [("Wehrtor", "weir gate")]);
}

/// A workbook with one sheet of texts.
fn workbook(rows: &[[&str; 3]]) -> Vec<u8> {
    let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |(at, cells): (usize, &[&str; 3])| {
        format!("<row r=\"{}\">{}</row>", at + 2, cells.iter().map(cell).collect::<String>())
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    packed(&rows, "")
}

/// A workbook with these rows and these shared strings.
pub(super) fn packed(rows: &str, strings: &str) -> Vec<u8> {
    use std::io::Write as _;
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let files = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{office}/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{main}\"><dimension ref=\"A1:XFD1048576\"/><sheetData>{rows}</sheetData></worksheet>"
            ),
        ),
        (
            "xl/sharedStrings.xml",
            format!("<sst xmlns=\"{main}\" count=\"4000000000\" uniqueCount=\"4000000000\">{strings}</sst>"),
        ),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_sheet_is_read_by_its_header() {
    let book = workbook(&[["Target", "Source", "Note"], ["River\nElbe", "Elbe", "long"], ["", "Oder", ""]]);
    let sheet = read(Path::new("in"), &book, ExchangeFormat::Xlsx).unwrap();
    assert_eq!(pairs(&sheet), [("Elbe", "River Elbe")]);
    assert_eq!((sheet.entries[0].note.as_str(), sheet.entries[0].origin.line), ("long", 3));
    assert_eq!(sheet.unfilled[0].line, 4);
    assert!(read(Path::new("in"), b"no workbook", ExchangeFormat::Xlsx).is_err());
}

#[test]
fn tables_are_read_as_people_write_them() {
    for (text, wanted) in [
        ("Deutsch;Englisch\nTurm;tower\n", "Turm=tower"),
        ("English,German\ntower,Turm\n", "Turm=tower"),
        ("Begriff;Wortart;Übersetzung\nTurm;Nomen;tower\n", "Turm=tower"),
        ("Lfd. Nr.;DE;EN;Bemerkung\n1;Turm;tower;tall\n", "Turm=tower (tall)"),
        ("1;Turm;tower\n2;Tor;gate\n", "Turm=tower, Tor=gate"),
        ("Glossar 2026;;\n\nDeutsch;Englisch 1;Englisch 2\nTurm;tower;spire\n", "Turm=tower|spire"),
        ("sep=;\r\nDeutsch;Englisch\r\n=\"Turm\";\"tower\"\r\n", "Turm=tower"),
        ("Turm;tower, spire\nTor;gate\n", "Turm=tower, spire, Tor=gate"),
        ("Turm|tower\rTor|gate\r", "Turm=tower, Tor=gate"),
        ("# kept by the desk\nTurm,tower\n", "Turm=tower"),
        ("Source Language,Target Language,Source,Target\nDE,EN,Turm,tower\n", "Turm=tower"),
    ] {
        let found = imported(text, ExchangeFormat::Csv);
        assert!(found.faults.is_empty() && found.unfilled.is_empty(), "{text}: {found:?}");
        let shown = |entry: &Entry| {
            let note = if entry.note.is_empty() { String::new() } else { format!(" ({})", entry.note) };
            format!("{}={}{note}", entry.source, entry.targets.join("|"))
        };
        assert_eq!(found.entries.iter().map(shown).collect::<Vec<_>>().join(", "), wanted, "{text}");
    }
}

#[test]
fn whatever_is_not_taken_over_is_told() {
    let told = |text: &str| {
        let found = imported(text, ExchangeFormat::Csv);
        let faults = found.faults.iter().map(ToString::to_string);
        let conflicts = found.conflicts.iter().map(ToString::to_string);
        let all = found.remarks.iter().cloned().chain(found.left()).chain(faults).chain(conflicts);
        all.collect::<Vec<_>>().join("\n")
    };
    for (text, piece) in [
        (
            "Deutsch;Englisch\nTurm;tower\n",
            "in:1: first line taken as a header: German “Deutsch”, English “Englisch”",
        ),
        ("Turm;tower\n", "in:1: first line taken as an entry: Turm → tower"),
        ("Deutsch;Wortart;Englisch\nTurm;Nomen;tower\n", "the column “Wortart”, 1 cell"),
        ("Turm;tower\nTor;\n;gate\n", "2 lines left, source or target is empty: 2, 3"),
        ("Deutsch;Englisch\nTurm;tower;tall\n", "in:2: 3 cells where the header has 2"),
        ("Turm;tower\nTurm;spire\n", "target: tower at in:1\n  target: spire at in:2"),
        ("Turm;tower\nTurm;tower\n", "1 line left out, the same as one before"),
        ("Turm;tower, spire\n", "is one rendering, several are separated by |: line 1"),
        ("Turm;tower\n\"Tor;gate\n", "in:2: a quotation mark is not closed"),
        ("Stand Mai\nDeutsch;Englisch\nTurm;tower\n", "in:1: a title, not read: Stand Mai"),
    ] {
        assert!(told(text).contains(piece), "{text}: {}", told(text));
    }
    let half = read(Path::new("in"), b"Deutsch;Dansk;Bemerkung\nTurm;tower;tall\n", ExchangeFormat::Csv);
    assert!(half.unwrap_err().to_string().contains("not both"));
    let latin = read(Path::new("in"), b"K\xfcste;coast\n", ExchangeFormat::Csv).unwrap();
    assert_eq!(
        (pairs(&latin), latin.remarks[0].as_str()),
        (vec![("Küste", "coast")], "in: read as windows-1252")
    );
}

#[test]
fn a_second_line_of_a_term_fills_what_the_first_leaves_open() {
    let found = imported("source,target,note\nTurm,tower,\nTurm,tower,tall\n", ExchangeFormat::Csv);
    assert!(found.conflicts.is_empty());
    assert_eq!((found.entries.len(), found.entries[0].note.as_str()), (1, "tall"));
}

#[test]
fn a_quotation_mark_in_a_line_of_omegat_is_a_part_of_its_cell() {
    let text = "Zoll\"\t\"inch; see\tlength; old\nFuß\"\tfoot\"\tlength; old\nElle\tell\t\n";
    let imported = imported(text, ExchangeFormat::Omegat);
    assert_eq!(pairs(&imported), [("Zoll\"", "\"inch; see"), ("Fuß\"", "foot\""), ("Elle", "ell")]);
}
