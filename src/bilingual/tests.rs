use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;
use strum::VariantArray as _;

use super::format::BilingualFormat;
use super::testing::units;
use super::unit::{BilingualUnit, UnitState};

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
        for format in BilingualFormat::VARIANTS {
            prop_assert_eq!(&read(*format, written(*format, &units)), &units, "{}", format.as_str());
        }
    }
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
        ])
    );
    let unit = read(BilingualFormat::Tmx, file.as_bytes().to_vec()).remove(0);
    assert_eq!(
        (unit.by.as_deref(), unit.at.map(|at| at.to_string())),
        (Some("Ben"), Some("2025-01-01T00:00:00Z".into()))
    );
    assert_eq!(unit.context.before.as_deref(), Some("Davor."));
    assert_eq!(unit.article.map(|article| article.to_string()), Some("a.odt".to_owned()));
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
