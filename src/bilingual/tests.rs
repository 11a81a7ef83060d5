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
fn what_is_no_workbook_is_told() {
    for bytes in [&b"\xd0\xcf\x11\xe0"[..], b"", b"PK\x03\x04"] {
        let result = BilingualFormat::Xlsx.read(Path::new("t.xlsx"), Cursor::new(bytes.to_vec()));
        assert!(matches!(result.map(drop), Err(BilingualError::Damaged { .. })));
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
