//! Bilingual files as articles: what has no English is filled, and every other byte stays.

use proptest::prelude::*;
use wortlaut::model::{ArticleId, ParallelDocument, Rendition, Unit};
use wortlaut::text::German;
use wortlaut::write::OutputFormat;
use wortlaut::{pipeline, read};

use crate::support::Project;

/// The segments of a file, and the file with what `english` makes of each; `None` fails it.
fn filled(name: &str, file: &str, english: impl Fn(&str) -> Option<String>) -> (Vec<String>, String) {
    let article = read::article(&ArticleId::new(name), file.as_bytes(), &read::ReadOptions::default());
    let article = pipeline::segment(article.expect("read"), &German::default()).expect("cut");
    let sources: Vec<String> =
        article.segments().iter().map(|segment| article.source(segment).to_owned()).collect();
    let units = sources.iter().map(|source| match english(source) {
        Some(english) => Unit::Translated(Rendition::new(english, "double")),
        None => Unit::Failed { reason: "quota".to_owned(), terms: Vec::new() },
    });
    let document = ParallelDocument::new(article.clone(), units.collect()).expect("a unit a segment");
    let files = OutputFormat::Document.writer().files(&document).expect("files");
    (sources, String::from_utf8(files[0].contents.clone()).expect("UTF-8"))
}

#[expect(clippy::unnecessary_wraps, reason = "what gives no English for some texts is taken, too")]
fn upper(text: &str) -> Option<String> {
    Some(text.to_uppercase())
}

const FIRST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
  <file original="a.html" source-language="de-DE" target-language='en-US' datatype="html"><body>
    <trans-unit id="1">
      <source>Der <g id="1">rote</g> Hafen &amp; das Tor<x id="2"/></source>
    </trans-unit>
    <trans-unit id="2"><source>Neu.</source><target state="new"/></trans-unit>
    <trans-unit id="3"><source>Kopie.</source><target state="needs-translation">Kopie.</target></trans-unit>
    <trans-unit id="4" approved="yes"><source>Alt.</source><target>Old.</target></trans-unit>
    <trans-unit id="5"><source>Auch alt.</source><target state="translated">Old, too.</target></trans-unit>
    <trans-unit id="6" translate="no"><source>Bleibt.</source></trans-unit>
    <trans-unit id="7"><source>Eins. Zwei.</source><seg-source><mrk mtype="seg" mid="0">Eins.</mrk> <mrk mtype="seg" mid="1">Zwei.</mrk></seg-source><target><mrk mtype="seg" mid="0">One.</mrk> <mrk mtype="seg" mid="1"/></target></trans-unit>
  </body></file>
</xliff>
"#;

#[test]
fn empty_targets_are_filled_and_every_other_byte_stays() {
    let (sources, file) = filled("a.xlf", FIRST, upper);
    assert_eq!(sources, ["Der rote Hafen & das Tor", "Neu.", "Kopie.", "Zwei."]);
    let expected = FIRST
        .replace(
            "<x id=\"2\"/></source>",
            "<x id=\"2\"/></source>\n      <target state=\"translated\">DER <g id=\"1\">ROTE</g> HAFEN &amp; DAS TOR<x id=\"2\"/></target>",
        )
        .replace("<target state=\"new\"/>", "<target state=\"translated\">NEU.</target>")
        .replace(
            "<target state=\"needs-translation\">Kopie.</target>",
            "<target state=\"translated\">KOPIE.</target>",
        )
        .replace("<mrk mtype=\"seg\" mid=\"1\"/>", "<mrk mtype=\"seg\" mid=\"1\">ZWEI.</mrk>");
    assert_eq!(file, expected);
}

#[test]
fn without_english_a_file_stays_as_it_is() {
    assert_eq!(filled("a.xlf", FIRST, |_| None).1, FIRST);
    let (_, some) = filled("a.xlf", FIRST, |source| upper(source).filter(|_| source == "Neu."));
    assert_eq!(some, FIRST.replace("<target state=\"new\"/>", "<target state=\"translated\">NEU.</target>"));
}

#[test]
fn a_segment_of_version_2_gets_its_state_and_keeps_its_codes() {
    let file = r#"<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="de">
<file id="f"><unit id="1"><originalData><data id="d1">&lt;b></data></originalData>
  <segment id="s1" state="initial">
    <source>Der <pc id="1" dataRefStart="d1">rote</pc> <mrk id="m1" type="term">Hafen</mrk>.</source>
  </segment>
  <ignorable><source> </source></ignorable>
  <segment id="s2"><source>Ein <sc id="2"/>Tor<ec startRef="2"/> <ph id="3" equiv="{0}"/>.</source><target></target></segment>
  <segment id="s3" state="final"><source>Alt.</source><target>Old.</target></segment>
</unit></file></xliff>"#;
    let (sources, filled) = filled("a.xliff", file, upper);
    assert_eq!(sources, ["Der rote Hafen.", "Ein Tor {0}."]);
    for expected in [
        "srcLang=\"de\"",
        " trgLang=\"en\"",
        "<segment id=\"s1\" state=\"translated\">",
        "\n    <target>DER <pc id=\"1\" dataRefStart=\"d1\">ROTE</pc> <mrk id=\"m1\" type=\"term\">HAFEN</mrk>.</target>",
        "<segment state=\"translated\" id=\"s2\">",
        "<target>EIN <sc id=\"2\"/>TOR<ec startRef=\"2\"/> <ph id=\"3\" equiv=\"{0}\"/>.</target>",
        "<target>Old.</target>",
    ] {
        assert!(filled.contains(expected), "{expected} is not in {filled}");
    }
}

#[test]
fn units_of_a_memory_get_their_other_side() {
    let file = "<?xml version=\"1.0\"?>\r\n<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\r\n<tmx version=\"1.4\"><header srclang=\"*all*\"/><body>\r\n\
        <tu><tuv xml:lang=\"DE-DE\"><seg>Der <bpt i=\"1\">&lt;b&gt;</bpt>rote<ept i=\"1\">&lt;/b&gt;</ept> Hafen.</seg></tuv></tu>\r\n\
        <tu><tuv xml:lang=\"en\"><seg></seg></tuv><tuv xml:lang=\"de\"><seg>Leer.</seg></tuv></tu>\r\n\
        <tu><tuv xml:lang=\"de\"><seg>Alt.</seg></tuv><tuv xml:lang=\"en-GB\"><seg>Old.</seg></tuv></tu>\r\n\
        <tu><tuv xml:lang=\"fr\"><seg>Rien.</seg></tuv></tu>\r\n</body></tmx>\r\n";
    let (sources, found) = filled("a.tmx", file, upper);
    assert_eq!(sources, ["Der rote Hafen.", "Leer."]);
    let expected = file
        .replace(
            "Hafen.</seg></tuv>",
            "Hafen.</seg></tuv><tuv xml:lang=\"en\"><seg>DER <bpt i=\"1\">&lt;b&gt;</bpt>ROTE<ept i=\"1\">&lt;/b&gt;</ept> HAFEN.</seg></tuv>",
        )
        .replace("<seg></seg>", "<seg>LEER.</seg>");
    assert_eq!(found, expected);
}

#[test]
fn a_unit_with_several_sentences_is_one_segment() {
    let file = "<xliff version=\"1.2\"><file source-language=\"de\" target-language=\"en\"><body>\
        <trans-unit id=\"1\"><source>Eins. Zwei! Drei?\n- Vier.</source></trans-unit></body></file></xliff>";
    assert_eq!(filled("a.xlf", file, upper).0, ["Eins. Zwei! Drei?\n- Vier."]);
}

#[test]
fn a_file_is_translated_beside_its_original() {
    let project =
        Project::new().file("in/a.xlf", FIRST).file("in/b.sdlxliff", FIRST.replace("Neu.", "Anders."));
    project.run(&["translate", "in", "--engine", "pseudo", "--format", "document", "--quiet"]).exits(0);
    let english = project.read("output/a.english.xlf");
    assert!(english.contains("<target state=\"translated\">[de] Neu.</target>"), "{english}");
    assert!(project.read("output/b.english.sdlxliff").contains("[de] Anders."));
    // What wortlaut wrote has no empty target; nothing is left to be done, nor taken for an article.
    let again =
        project.run(&["translate", "output", "--engine", "pseudo", "--format", "document", "-o", "again/"]);
    assert!(again.stderr.contains("no articles"), "{again:?}");
}

#[test]
fn what_is_no_such_file_is_told() {
    let wrong = FIRST.replace("de-DE", "fr");
    for (name, file, expected) in [
        ("a.xlf", wrong.as_str(), "from fr to en-US"),
        ("a.xlf", "<html/>", "there is no <xliff> in it"),
        ("a.tmx", "<tmx><body><tu>", "ends inside an element"),
        ("a.tmx", "<!DOCTYPE tmx [<!ENTITY a \"b\">]><tmx/>", "declares something of its own"),
        (
            "a.xlf",
            "<xliff><file><body><trans-unit><source>&a;</source></trans-unit></body></file></xliff>",
            "&a;",
        ),
    ] {
        let article = read::article(&ArticleId::new(name), file.as_bytes(), &read::ReadOptions::default());
        let error = article.expect_err("wrong").to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// A workbook with these cells, and one sheet that has nothing to do with it.
fn workbook(rows: &[[&str; 3]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string_with_format(row, column, *text, &bold).expect("written");
        }
    }
    book.add_worksheet().write_string(0, 0, "Nicht gemeint").expect("written");
    book.save_to_buffer().expect("saved")
}

fn cells(file: &[u8]) -> Vec<Vec<String>> {
    use calamine::Reader as _;
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(file)).expect("a workbook");
    let sheets = book.worksheets();
    assert_eq!(sheets[1].1.rows().flatten().map(ToString::to_string).collect::<Vec<_>>(), ["Nicht gemeint"]);
    sheets[0].1.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn the_english_column_of_a_workbook_is_filled() {
    let headed = workbook(&[
        ["Nr.", "English", "Deutsch"],
        ["1", "", "Der Hafen & das <Tor>"],
        ["2", "Old.", "Alt."],
        ["", "", "=Neu"],
        ["3", "", "12,5"],
    ]);
    let bare = workbook(&[["Der Hafen", "", ""], ["Alt.", "Old.", ""]]);
    let project = Project::new().file("in/a.xlsx", &headed).file("in/b.xlsx", &bare).file("in/c.txt", "Ja.");
    for name in ["in/a.xlsx", "in/b.xlsx"] {
        project
            .run(&["translate", name, "--engine", "pseudo", "--format", "document", "-o", "out/", "--quiet"])
            .exits(0);
    }
    let read = |name: &str| cells(&std::fs::read(project.path().join(name)).expect("read"));
    assert_eq!(
        read("out/a.english.xlsx"),
        [
            ["Nr.", "English", "Deutsch"],
            ["1", "[de] Der Hafen & das <Tor>", "Der Hafen & das <Tor>"],
            ["2", "Old.", "Alt."],
            ["", "[de] =Neu", "=Neu"],
            ["3", "", "12,5"],
        ]
    );
    assert_eq!(read("out/b.english.xlsx"), [["Der Hafen", "[de] Der Hafen"], ["Alt.", "Old."]]);
    // In a folder, a workbook may be anything.
    project.run(&["translate", "in", "--engine", "pseudo", "--format", "document", "-o", "all/"]).exits(0);
    assert!(
        !project.path().join("all/a.english.xlsx").exists()
            && project.path().join("all/c.english.txt").exists()
    );
}

#[test]
fn all_articles_of_a_run_go_into_one_file() {
    let project = Project::new().file("in/b.txt", "Zwei.\n").file("in/a.txt", "Eins.\n");
    let run = |more: &[&str]| {
        let arguments = ["translate", "in", "--engine", "pseudo", "--format", "tmx,xliff,lines", "--quiet"];
        project.run(&[&arguments[..], more].concat())
    };
    run(&["--merge"]).exits(0);
    let merged = project.read("output/corpus.xlf");
    let at = |text: &str| merged.find(text).expect("there");
    assert!(at("original=\"a.txt\"") < at("Eins.") && at("Eins.") < at("original=\"b.txt\""), "{merged}");
    assert!(project.read("output/corpus.tmx").contains("[de] Zwei."));
    assert!(project.path().join("output/a.en.txt").exists() && !project.path().join("output/a.tmx").exists());
    // A file that a person changed is theirs.
    project.put("output/corpus.tmx", "corrected");
    run(&["--merge"]).exits(3);
    assert_eq!(project.read("output/corpus.tmx"), "corrected");
    let refused =
        project.run(&["translate", "in", "--engine", "pseudo", "--format", "lines", "--merge"]).exits(2);
    assert!(refused.stderr.contains("--format tmx"), "{}", refused.stderr);
}

/// What can stand in a source.
fn content() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => "[a-cß]{1,3} ?".prop_map(|text| text),
        1 => Just("&amp; &lt;x&gt; ".to_owned()),
        1 => Just("<x id=\"9\"/>".to_owned()),
        1 => Just("<bpt id=\"7\">&lt;b&gt;</bpt>d<ept id=\"7\">&lt;/b&gt;</ept>".to_owned()),
        1 => Just("<ph id=\"8\" equiv-text=\"X1\">{0}</ph>".to_owned()),
        1 => Just("<ept id=\"5\"/>".to_owned()),
        1 => Just("<![CDATA[e]]>".to_owned()),
    ];
    let piece = leaf.prop_recursive(3, 16, 4, |inner| {
        let inside = prop::collection::vec(inner, 1..4).prop_map(|pieces| pieces.concat());
        inside.prop_map(|inside| format!("<g id=\"1\">{inside}</g>"))
    });
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_german_put_in_is_a_copy_of_the_source(sources in prop::collection::vec(content(), 1..4)) {
        let unit = |source: &String| format!("<trans-unit id=\"1\">\n<source>{source}</source>\n</trans-unit>");
        let units: String = sources.iter().map(unit).collect();
        let file = format!("<xliff version=\"1.2\"><file source-language=\"de\" target-language=\"en\"><body>{units}</body></file></xliff>");
        let article = read::article(&ArticleId::new("a.xlf"), file.as_bytes(), &read::ReadOptions::default());
        let article = pipeline::segment(article.expect("read"), &German::default()).expect("cut");
        let kept = article.segments().iter().map(|segment| Unit::Kept { target: article.source(segment).to_owned() });
        let document = ParallelDocument::new(article.clone(), kept.collect()).expect("a unit a segment");
        let files = OutputFormat::Document.writer().files(&document).expect("files");
        let found = String::from_utf8(files[0].contents.clone()).expect("UTF-8");
        let targets = found.matches("<target state=\"translated\">").count();
        prop_assert_eq!(targets, article.article().blocks.len());
        let without: String = found.split("\n<target").map(|part| match part.split_once("</target>") {
            Some((target, rest)) => {
                let target = target.split_once('>').map_or("", |(_, target)| target);
                assert!(sources.iter().any(|source| source == target), "{target} in {found}");
                rest.to_owned()
            }
            None => part.to_owned(),
        }).collect();
        prop_assert_eq!(&without, &file);
        let failed = filled("a.xlf", &file, |_| None).1;
        prop_assert_eq!(failed, file);
    }
}
