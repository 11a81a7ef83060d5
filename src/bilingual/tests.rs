use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;
use strum::VariantArray as _;

use super::error::BilingualError;
use super::format::BilingualFormat;
use super::testing::units;
use super::text::BilingualText;
use super::unit::{BilingualUnit, UnitState};
use crate::text::characters::visible;
use crate::text::one_line;

fn written(format: BilingualFormat, units: &[BilingualUnit]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = format.writer(&mut bytes).expect("a head");
    for unit in units {
        writer.write(unit).expect("written");
    }
    writer.finish().expect("finished");
    bytes
}

fn read(format: BilingualFormat, bytes: Vec<u8>) -> Vec<BilingualUnit> {
    let units = format.read(Path::new("units"), Cursor::new(bytes)).expect("read");
    let unplaced = |unit| BilingualUnit { line: 0, ..unit };
    units.map(|unit| unplaced(unit.expect("a unit"))).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(units in units()) {
        for format in BilingualFormat::VARIANTS.iter().filter(|format| format.keeps_markup()) {
            prop_assert_eq!(&read(*format, written(*format, &units)), &units, "{}", format.as_str());
        }
    }

    #[test]
    fn tables_keep_texts_states_and_who_made_them(units in units()) {
        for format in BilingualFormat::VARIANTS.iter().filter(|format| !format.keeps_markup()) {
            let in_table = |unit: &BilingualUnit| in_table(*format, unit);
            let found: Vec<_> = read(*format, written(*format, &units)).iter().map(in_table).collect();
            let units: Vec<_> = units.iter().map(in_table).filter(|unit| !unit.source.is_empty()).collect();
            prop_assert_eq!(found, units, "{}", format.as_str());
        }
    }
}

/// What a table has of a unit; a sheet shows its texts in one line.
fn in_table(format: BilingualFormat, unit: &BilingualUnit) -> BilingualUnit {
    let cell = |text: &BilingualText| match format {
        BilingualFormat::Xlsx => BilingualText::plain(&one_line(&visible(&text.text()))),
        _ => BilingualText::plain(&text.text()),
    };
    BilingualUnit {
        article: unit.article.clone(),
        segment: unit.segment,
        block: unit.block.clone(),
        source: cell(&unit.source),
        target: unit.target.as_ref().map(cell).filter(|target| !target.is_empty()),
        state: unit.state,
        by: unit.by.clone(),
        at: unit.at,
        ..BilingualUnit::default()
    }
}

/// The texts of a file's units, source and target.
fn pairs(format: BilingualFormat, file: &[u8]) -> Vec<(String, Option<String>)> {
    let units = read(format, file.to_vec()).into_iter();
    units.map(|unit| (unit.source.text(), unit.target.map(|target| target.text()))).collect()
}

#[test]
fn tables_are_read_as_people_and_programs_make_them() {
    let elbe = vec![("Elbe; Saale".to_owned(), Some("River Elbe".to_owned()))];
    for file in [
        "Englisch\tDeutsch\nRiver Elbe\tElbe; Saale\n",
        "Nr;Deutsch;Englisch\r\n1;\"Elbe; Saale\";River Elbe\r\n",
        "sep=,\nsource,target\nElbe; Saale,River Elbe\n",
        "Elbe; Saale\tRiver Elbe\n",
        "\u{feff}de\ten\nElbe; Saale\tRiver Elbe",
    ] {
        assert_eq!(pairs(BilingualFormat::Tsv, file.as_bytes()), elbe, "{file:?}");
    }
    let utf16: Vec<u8> =
        "\u{feff}de\ten\r\nElbe; Saale\tRiver Elbe\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(pairs(BilingualFormat::Tsv, &utf16), elbe);
}

#[test]
fn what_a_spreadsheet_did_to_a_table_of_ours_is_read_over() {
    let header = "segment\tblock\tkind\tstatus\tde\ten\tengine\tterms\tfindings";
    let row = "1\t1\tparagraph\ttranslated\t'=Elbe\t\"a \"\"big\"\" C:\\dir\"\tpseudo\t\t";
    let file = format!("{header}\r\n{row}\r\n");
    let expected = ("=Elbe".to_owned(), Some("a \"big\" C:\\dir".to_owned()));
    assert_eq!(pairs(BilingualFormat::Tsv, file.as_bytes()), [expected]);
}

#[test]
fn a_quotation_mark_that_nobody_closes_is_told() {
    let file = format!("de\ten\nElbe\t\"River\n{}", "Saale\tSaale\n".repeat(2_000_000));
    let units = BilingualFormat::Tsv.read(Path::new("t.tsv"), Cursor::new(file)).expect("a header");
    let error = units.last().expect("an error").expect_err("no end");
    assert!(format!("{error}: {error:?}").contains("is a quotation mark missing?"), "{error:?}");
}

#[test]
fn a_unit_of_other_languages_is_counted_and_has_no_german() {
    let unit = |german: &str, english: &str| {
        let side = |language: &str| format!("<tuv xml:lang=\"{language}\"><seg>Elbe</seg></tuv>");
        format!("<tu>{}{}</tu>", side(german), side(english))
    };
    let units = [unit("de-AT", "EN-US"), unit("fr", "es"), unit("cs", "en"), "<tu/>".to_owned()];
    let file = format!("<tmx version=\"1.4\"><body>{}</body></tmx>", units.concat());
    let elbe = || Some("Elbe".to_owned());
    let expected =
        [("Elbe".to_owned(), elbe()), (String::new(), None), (String::new(), elbe()), (String::new(), None)];
    assert_eq!(pairs(BilingualFormat::Tmx, file.as_bytes()), expected);
}

#[test]
fn what_is_no_workbook_is_told() {
    for bytes in [&b"\xd0\xcf\x11\xe0"[..], b"", b"PK\x03\x04"] {
        let result = BilingualFormat::Xlsx.read(Path::new("t.xlsx"), Cursor::new(bytes.to_vec()));
        assert!(matches!(result.map(drop), Err(BilingualError::Damaged { .. })));
    }
}

/// A workbook of one sheet, of which nothing but its shared texts is there.
fn workbook_with_shared_texts(shared: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let relation = |id: &str, kind: &str, target: &str| {
        let kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        format!(r#"<Relationship Id="{id}" Type="{kinds}/{kind}" Target="{target}"/>"#)
    };
    let relations = |all: String| {
        let kind = "http://schemas.openxmlformats.org/package/2006/relationships";
        format!(r#"<Relationships xmlns="{kind}">{all}</Relationships>"#)
    };
    for (name, part) in [
        ("_rels/.rels", relations(relation("r1", "officeDocument", "xl/workbook.xml"))),
        ("xl/_rels/workbook.xml.rels", relations(relation("r1", "worksheet", "worksheets/sheet1.xml"))),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#.to_owned(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row></sheetData></worksheet>"#.to_owned(),
        ),
        ("xl/sharedStrings.xml", shared.to_owned()),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        std::io::Write::write_all(&mut archive, part.as_bytes()).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

#[test]
fn a_workbook_is_not_believed_how_many_texts_it_has() {
    let texts = "<si><t>Elbe</t></si><si><t>River Elbe</t></si>";
    let elbe = [("Elbe".to_owned(), Some("River Elbe".to_owned()))];
    for count in ["", "uniqueCount=\"2\"", "uniqueCount='1000'", "uniqueCount=\"-1\""] {
        let file = workbook_with_shared_texts(&format!("<sst {count}>{texts}</sst>"));
        assert_eq!(pairs(BilingualFormat::Xlsx, &file), elbe, "{count}");
    }
    for count in ["uniqueCount=\"4000000000000\"", "a=\"b\" uniqueCount = '99999999999999999999999'"] {
        let file = workbook_with_shared_texts(&format!("<sst {count}>{texts}</sst>"));
        let error = BilingualFormat::Xlsx.read(Path::new("t.xlsx"), Cursor::new(file)).map(drop);
        assert!(format!("{error:?}").contains("does not have them"), "{error:?}");
    }
}

#[test]
fn a_workbook_has_the_same_bytes_each_time_and_says_what_does_not_fit() {
    let mut unit = BilingualUnit::new(
        BilingualText::plain("Kurz."),
        Some(BilingualText::plain(&"🚀".repeat(20_000))),
        UnitState::Translated,
    );
    let long = written(BilingualFormat::Xlsx, &[unit.clone()]);
    assert_eq!(long, written(BilingualFormat::Xlsx, &[unit.clone()]));
    // It must not be taken for a correction.
    assert!(pairs(BilingualFormat::Xlsx, &long).is_empty());
    unit.target = Some(BilingualText::plain("=HYPERLINK(\"x\")"));
    let formula = written(BilingualFormat::Xlsx, &[unit]);
    assert_eq!(pairs(BilingualFormat::Xlsx, &formula)[0].1.as_deref(), Some("=HYPERLINK(\"x\")"));
}

/// What a file says of its units: id, German, English, state.
fn said(format: BilingualFormat, file: &str) -> Vec<(String, String, Option<String>, UnitState)> {
    let units = read(format, file.as_bytes().to_vec()).into_iter();
    units
        .map(|unit| (unit.id, unit.source.text(), unit.target.map(|target| target.text()), unit.state))
        .collect()
}

fn expected(
    units: &[(&str, &str, Option<&str>, UnitState)],
) -> Vec<(String, String, Option<String>, UnitState)> {
    let owned = |text: &str| text.to_owned();
    units
        .iter()
        .map(|(id, source, target, state)| (owned(id), owned(source), target.map(owned), *state))
        .collect()
}

#[test]
fn memories_of_other_tools_are_read() {
    let file = r#"<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4">
<header srclang="*all*" segtype="sentence"><prop type="x-Note">kein Satz</prop></header><body>
<tu creationid="Anna" creationdate="20240503T101500Z"><prop type="prev">Davor.</prop><prop type="file">a.odt</prop><prop type="x-project">Hafen</prop>
 <note>Bitte prüfen</note>
 <tuv xml:lang="DE-DE"><seg>Der <bpt i="1" type="b">{\b </bpt>rote<ept i="1">}</ept> Hafen<ph>{x}</ph> <hi type="x-term">heute</hi>.</seg></tuv>
 <tuv xml:lang="fr"><seg>Le port.</seg></tuv>
 <tuv xml:lang="en-GB" changeid="Ben" changedate="20250101T000000Z"><seg>The <bpt i="1">{\b </bpt>red<ept i="1">}</ept> port<ut>{x}</ut> today.</seg></tuv>
 <tuv xml:lang="en-US"><seg>Another.</seg></tuv></tu>
<tu><tuv lang="en"><seg>English first.</seg></tuv><tuv lang="de"><seg>Deutsch danach.</seg></tuv></tu>
<tu><tuv xml:lang="de"><seg>Nur deutsch.</seg></tuv><tuv xml:lang="en"><seg/></tuv></tu>
<tu><tuv xml:lang="en"><seg>Only English.</seg></tuv></tu>
</body></tmx>"#;
    assert_eq!(
        said(BilingualFormat::Tmx, file),
        expected(&[
            ("", "Der rote Hafen heute.", Some("The red port today."), UnitState::Translated),
            ("", "Deutsch danach.", Some("English first."), UnitState::Translated),
            ("", "Nur deutsch.", None, UnitState::Initial),
            ("", "", Some("Only English."), UnitState::Translated),
        ])
    );
    let unit = read(BilingualFormat::Tmx, file.as_bytes().to_vec()).remove(0);
    assert_eq!(
        (unit.by.as_deref(), unit.at.map(|at| at.to_string())),
        (Some("Ben"), Some("2025-01-01T00:00:00Z".into()))
    );
    assert_eq!(unit.context.before.as_deref(), Some("Davor."));
    assert_eq!(unit.article.as_ref().map(ToString::to_string), Some("a.odt".to_owned()));
    assert_eq!(unit.field("x-project"), Some("Hafen"));
    assert_eq!(unit.notes[0].text, "Bitte prüfen");
    let target = unit.target.expect("a target");
    assert_eq!(unit.source.pairs_with(&target).0.first(), Some(&(4..8, 4..7)));
}

#[test]
fn documents_of_other_tools_are_read() {
    let first = r#"<xliff version="1.2" xmlns:sdl="sdl" xmlns:mq="mq" xmlns:m="m"><file original="a.docx" source-language="de-DE" target-language="en-US">
<header><file-info/><skl><internal-file form="base64">AAAA</internal-file></skl></header><body><group id="g"><context-group><context context-type="paragraph">1</context></context-group>
<trans-unit id="sdl"><source>Eins. Zwei.</source><seg-source><g id="5"><mrk mtype="seg" mid="1">Eins.</mrk> <mrk mtype="seg" mid="2">Zwei.</mrk></g></seg-source>
 <target><g id="5"><mrk mtype="seg" mid="1">One.</mrk> <mrk mtype="seg" mid="2"/></g></target>
 <sdl:seg-defs><sdl:seg id="1" conf="ApprovedTranslation"/><sdl:seg id="2" conf="Draft"/></sdl:seg-defs></trans-unit>
<trans-unit id="mq" mq:status="ManuallyConfirmed"><source>Drei.</source><target>Three.</target></trans-unit>
<trans-unit id="m" m:confirmed="1"><source>Vier.</source><target>Four.</target></trans-unit>
<trans-unit id="alt"><source>Fünf.</source><alt-trans match-quality="80"><source>Fünf!</source><target>Five!</target></alt-trans></trans-unit>
<trans-unit id="new"><source>Sechs <x id="1" equiv-text="{n}"/>.</source><target state="needs-translation">Sechs <x id="1" equiv-text="{n}"/>.</target></trans-unit>
<trans-unit id="no" translate="no"><source>Sieben.</source></trans-unit>
</group></body></file></xliff>"#;
    assert_eq!(
        said(BilingualFormat::Xliff, first),
        expected(&[
            ("sdl#1", "Eins.", Some("One."), UnitState::Approved),
            ("sdl#2", "Zwei.", None, UnitState::Initial),
            ("mq", "Drei.", Some("Three."), UnitState::Approved),
            ("m", "Vier.", Some("Four."), UnitState::Approved),
            ("alt", "Fünf.", None, UnitState::Initial),
            ("new", "Sechs {n}.", Some("Sechs {n}."), UnitState::Initial),
            ("no", "Sieben.", None, UnitState::Kept),
        ])
    );
    let second = r#"<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="de" trgLang="en"><file id="f" original="b.html"><group id="g" translate="no">
<unit id="0"><segment><source>Nicht.</source></segment></unit><unit id="1" translate="yes"><segment><source>Doch.</source></segment></unit></group>
<unit id="2"><segment id="a" state="final"><source>Ein <mrk id="m" type="term">Wort<cp hex="0007"/></mrk>.</source><target>A word.</target></segment>
<ignorable><source> </source></ignorable><segment><source>Noch <sc id="1"/>eins<ec startRef="1"/>.</source><target>Another.</target></segment></unit></file></xliff>"#;
    assert_eq!(
        said(BilingualFormat::Xliff, second),
        expected(&[
            ("0", "Nicht.", None, UnitState::Kept),
            ("1", "Doch.", None, UnitState::Initial),
            ("2#a", "Ein Wort\u{7}.", Some("A word."), UnitState::Approved),
            ("2#2", "Noch eins.", Some("Another."), UnitState::Translated),
        ])
    );
}

#[test]
fn what_is_no_bilingual_file_is_told() {
    for (format, file, told) in [
        (BilingualFormat::Tmx, "<html/>", "begins with <html>"),
        (BilingualFormat::Tmx, "", "no <tmx>"),
        (
            BilingualFormat::Xliff,
            "<xliff version='1.2'><file source-language='fr'><body>\n<trans-unit id='1'><source>x</source></trans-unit></body></file></xliff>",
            "line 2: it translates fr",
        ),
        (BilingualFormat::Xliff, "<xliff><file>", "ends in the middle"),
        (
            BilingualFormat::Tmx,
            "<tmx><body><tu><tuv xml:lang='de'><seg>&b;</seg></tuv></tu></body></tmx>",
            "&b;",
        ),
    ] {
        let units = format.read(Path::new("u.xml"), Cursor::new(file.to_owned())).expect("opened");
        let error = units.into_iter().find_map(Result::err).expect("an error").to_string();
        assert!(error.contains(told), "{error}");
    }
}
