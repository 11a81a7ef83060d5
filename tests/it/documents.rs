//! Word documents and subtitles: text taken out, English put in its place, all else kept.

use std::fs::File;
use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use wortlaut::model::{ArticleId, BlockKind, ParallelDocument, Rendition, Segment, SegmentedArticle, Unit};
use wortlaut::{read, write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::support::{Project, Service};

const TYPES: &str = "<Types><Override PartName=\"/word/document.xml\" ContentType=\"x.document.main+xml\"/>\
    <Override PartName=\"/word/styles.xml\" ContentType=\"x.styles+xml\"/></Types>";

const STYLES: &str = "<w:styles xmlns:w=\"w\"><w:lang w:val=\"de-DE\"/></w:styles>";

fn main_part(text: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<w:document xmlns:w=\"w\"><w:body><w:p w:id=\"1\"><w:r><w:rPr><w:b/></w:rPr>\
         <w:t>{text}</w:t></w:r></w:p><w:sectPr/></w:body></w:document>"
    )
}

fn docx(text: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let main = main_part(text);
    let members: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("word/media/bild.png", &[7; 3000]),
        ("word/document.xml", main.as_bytes()),
        ("../../boese.txt", b"x"),
        ("word/styles.xml", STYLES.as_bytes()),
    ];
    for (name, bytes) in members {
        zip.start_file(name, SimpleFileOptions::default()).expect("begun");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("packed").into_inner()
}

/// Names and contents of all members, in order; packed as they are, or unpacked.
fn members(bytes: &[u8], raw: bool) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut members = Vec::new();
    for index in 0..zip.len() {
        let mut file = if raw { zip.by_index_raw(index) } else { zip.by_index(index) }.expect("a member");
        let mut contents = Vec::new();
        file.read_to_end(&mut contents).expect("read");
        members.push((file.name().expect("a name").into_owned(), contents));
    }
    members
}

fn output(project: &Project, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    File::open(project.path().join(name)).and_then(|mut file| file.read_to_end(&mut bytes)).expect("read");
    bytes
}

#[test]
fn a_word_document_gets_its_english_in_place() {
    let service = Service::start();
    let source = docx("Der Hafen &amp; das Schiff.");
    let project = Project::new().engine(&service.address(), "").file("seeds/a.docx", &source);
    project.run(&["translate", "--format", "document"]).exits(0);
    let english = output(&project, "output/a.english.docx");
    let (before, after) = (members(&source, false), members(&english, false));
    let main = main_part("EN The Hafen &amp; the Schiff.").replace("<w:t>", "<w:t xml:space=\"preserve\">");
    assert_eq!(String::from_utf8_lossy(&after[2].1), main);
    assert_eq!(String::from_utf8_lossy(&after[4].1), STYLES.replace("de-DE", "en-US"));
    let names =
        |members: &[(String, Vec<u8>)]| members.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    // What does not change is not even packed anew, and a name that leads elsewhere leads nowhere.
    let (before, after) = (members(&source, true), members(&english, true));
    assert_eq!((&before[1], &before[3]), (&after[1], &after[3]));
    assert_eq!(project.outputs("output").len(), 1);
}

#[test]
fn a_word_document_without_words_is_the_same_archive() {
    let service = Service::start();
    let source = docx("* * *");
    let project = Project::new().engine(&service.address(), "").file("seeds/a.docx", &source);
    project.run(&["translate", "--format", "document"]).exits(0);
    assert_eq!(members(&output(&project, "output/a.english.docx"), true), members(&source, true));
}

#[test]
fn subtitles_keep_their_numbers_and_times() {
    let service = Service::start();
    let cues = "1\n00:00:01,000 --> 00:00:02,500\n<i>Der Hafen war</i>\n\n2\n00:00:02,600 --> 00:00:04,000\n\
                am Abend\nganz leer.\n\n3\n00:00:05,000 --> 00:00:06,000\n- Ja.\n- Nein.\n";
    let project = Project::new().engine(&service.address(), "").file("seeds/a.srt", cues);
    project.run(&["translate", "--format", "document"]).exits(0);
    // A service that takes markup is told where one cue ends and the next begins.
    let texts = service.counts().texts;
    assert!(texts.keys().any(|text| text.contains("Der Hafen war") && text.contains("leer.")), "{texts:?}");
    let english = project.read("output/a.english.srt");
    let kept =
        |text: &str| text.lines().filter(|line| line.contains("-->")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(kept(&english), kept(cues));
    let parts: Vec<&str> = english.split("\n\n").collect();
    assert!(
        parts[0].starts_with("1\n") && parts[0].contains("<i>EN The") && parts[0].ends_with("</i>"),
        "{english}"
    );
    assert!(parts[1].starts_with("2\n") && parts[1].ends_with("leer."), "{english}");
    assert!(parts[2].ends_with("- EN The.\n- EN The.\n"), "{english}");
}

/// What may stand among the words of a paragraph; `§` is a word of its own, and what no reader sees says ALT.
const PIECES: [&str; 33] = [
    "<w:r><w:t>§</w:t></w:r>",
    "<w:r><w:t xml:space=\"preserve\">§ </w:t></w:r>",
    "<w:r><w:t xml:space=\"preserve\"> §</w:t></w:r>",
    "<w:r><w:rPr><w:b/></w:rPr><w:t>§</w:t></w:r>",
    "<w:r><w:rPr><w:i/></w:rPr><w:t>§ </w:t></w:r>",
    "<w:r><w:rPr><w:vertAlign w:val=\"subscript\"/></w:rPr><w:t>2</w:t></w:r>",
    "<w:r><w:rPr><w:vanish/></w:rPr><w:t>ALT</w:t></w:r>",
    "<w:hyperlink r:id=\"r1\"><w:r><w:t>§</w:t></w:r></w:hyperlink>",
    "<w:hyperlink r:id=\"r1\"><w:r><w:t>www.§.example</w:t></w:r></w:hyperlink>",
    "<w:ins w:id=\"1\"><w:r><w:t> §</w:t></w:r></w:ins>",
    "<w:del w:id=\"1\"><w:r><w:delText>ALT</w:delText></w:r></w:del>",
    "<w:moveFrom w:id=\"1\"><w:r><w:t>ALT</w:t></w:r></w:moveFrom>",
    "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>§</w:t></w:r></w:sdtContent></w:sdt>",
    "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>☐</w:t></w:r></w:sdtContent></w:sdt>",
    "<w:fldSimple w:instr=\"PAGE\"><w:r><w:t>7</w:t></w:r></w:fldSimple>",
    "<w:r><w:t>§ </w:t><w:fldChar w:fldCharType=\"begin\"/><w:instrText>PAGE</w:instrText><w:fldChar w:fldCharType=\"separate\"/>\
     <w:t>7</w:t><w:fldChar w:fldCharType=\"end\"/><w:t> §</w:t></w:r>",
    "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>REF a</w:instrText></w:r>\
     <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>§</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>",
    "<w:r><w:t>§ </w:t></w:r><w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>MERGEFIELD a</w:instrText><w:fldChar w:fldCharType=\"separate\"/></w:r>\
     <w:r><w:t>«§»</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/><w:t> §</w:t></w:r>",
    "<w:r><w:t>§</w:t><w:noBreakHyphen/><w:t>§</w:t></w:r>",
    "<w:r><w:t>§</w:t><w:softHyphen/><w:t>t</w:t></w:r>",
    "<w:r><w:t>§:</w:t><w:tab/><w:t>§</w:t></w:r>",
    "<w:r><w:br/></w:r>",
    "<w:r><w:lastRenderedPageBreak/><w:t>§</w:t></w:r>",
    "<w:r><w:sym w:char=\"F061\"/></w:r>",
    "<w:r><w:footnoteReference w:id=\"1\"/></w:r>",
    "<w:r><w:footnoteReference w:id=\"1\" w:customMarkFollows=\"1\"/><w:t>*</w:t></w:r>",
    "<w:bookmarkStart w:id=\"1\"/>",
    "<w:proofErr w:type=\"spellStart\"/>",
    "<w:r><w:t>§</w:t><w:drawing><a:t>ALT</a:t></w:drawing></w:r>",
    "<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>§</w:t></w:r></w:p></w:txbxContent></w:drawing>\
     </mc:Choice><mc:Fallback><w:pict/></mc:Fallback></mc:AlternateContent></w:r>",
    "<m:oMath><m:r><m:t>ALT</m:t></m:r></m:oMath>",
    "<w:r><w:ruby><w:rt><w:r><w:t>ALT</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>§</w:t></w:r></w:rubyBase></w:ruby></w:r>",
    "<w:smartTag><w:customXml><w:r><w:t>§</w:t></w:r></w:customXml></w:smartTag>",
];

/// A paragraph of pieces, each with words of its own.
fn paragraph(pieces: &[usize]) -> String {
    let mut number = 0;
    let mut body = String::new();
    for &piece in pieces {
        for c in PIECES[piece].chars() {
            match c {
                '§' => {
                    number += 1;
                    body += "Wort";
                    body += &number.to_string();
                }
                c => body.push(c),
            }
        }
    }
    format!("<w:document><w:body><w:p>{body}</w:p></w:body></w:document>")
}

/// The tags of a document, and the text of each of its paragraphs: an inner one where it ends.
fn taken_apart(markup: &str) -> (Vec<String>, Vec<String>) {
    let (mut tags, mut open, mut done) = (Vec::new(), Vec::new(), Vec::new());
    for piece in markup.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("a tag");
        let tag = tag.replace(" xml:space=\"preserve\"", "");
        match tag.as_str() {
            "w:p" => open.push(String::new()),
            "/w:p" => done.extend(open.pop()),
            _ => {}
        }
        let reads = match tag.as_str() {
            "w:tab/" | "w:br/" => " ",
            "w:noBreakHyphen/" => "\u{2011}",
            "w:t" if text != "ALT" => text,
            _ => "",
        };
        if let Some(paragraph) = open.last_mut() {
            paragraph.push_str(reads);
        }
        tags.push(tag);
    }
    (tags, done)
}

/// The markup without what has this text and a blank alone.
fn without_runs_of(markup: &str, text: &str) -> String {
    let text = format!("<w:t xml:space=\"preserve\">{text} </w:t>");
    let run = |properties: &str| format!("<w:r>{properties}{text}</w:r>");
    let runs = ["", "<w:rPr><w:b/></w:rPr>", "<w:rPr><w:i/></w:rPr>"].map(run);
    runs.iter().fold(markup.to_owned(), |markup, run| markup.replace(run, "")).replace(&text, "")
}

/// Whether every tag is closed by its own.
fn is_well_formed(tags: &[String]) -> bool {
    let mut open = Vec::new();
    for tag in tags.iter().filter(|tag| !tag.ends_with('/')) {
        match tag.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            Some(_) => {}
            None => open.push(tag.split(' ').next().unwrap_or_default()),
        }
    }
    open.is_empty()
}

/// The main part with each block replaced by what `english` makes of its words, and these.
fn put_back(main: &str, english: impl Fn(Vec<&str>) -> String) -> (String, Vec<String>) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("[Content_Types].xml", TYPES), ("word/document.xml", main)] {
        zip.start_file(name, SimpleFileOptions::default()).expect("begun");
        zip.write_all(text.as_bytes()).expect("written");
    }
    let bytes = zip.finish().expect("packed").into_inner();
    let id = ArticleId::new("a.docx");
    let article = read::article(&id, &bytes, &read::ReadOptions::default()).expect("read");
    let blocks = article.blocks.iter().enumerate();
    let segments: Vec<_> = blocks.map(|(block, place)| Segment { block, span: place.span.clone() }).collect();
    let mut targets = Vec::new();
    let mut units = Vec::new();
    for block in &article.blocks {
        let source = article.text[block.span.clone()].split_whitespace().collect::<Vec<_>>();
        // What has atoms only is not sent.
        if block.kind == BlockKind::Verbatim {
            targets.push(source.join(" "));
            units.push(Unit::Kept { target: source.join(" ") });
            continue;
        }
        let target = english(source);
        targets.push(target.clone());
        units.push(Unit::Translated(Rendition::new(target, "pseudo")));
    }
    let source = SegmentedArticle::new(article, segments).expect("valid spans");
    let document = ParallelDocument::new(source, units).expect("a unit for each segment");
    let file = write::OutputFormat::Document.writer().files(&document).expect("files").pop().expect("a file");
    let main = members(&file.contents, false).pop().expect("the main part").1;
    (String::from_utf8(main).expect("UTF-8"), targets)
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn elements_of_a_paragraph_come_back_in_their_order_with_the_words_of_the_engine(
        pieces in prop::collection::vec(0..PIECES.len(), 1..9)
    ) {
        let main = paragraph(&pieces);
        let (english, targets) = put_back(&main, |words| format!("[de] {}", words.join(" ")));
        let ((before, _), (after, paragraphs)) = (taken_apart(&main), taken_apart(&english));
        let without_mark = taken_apart(&without_runs_of(&english, "[de]")).0;
        prop_assert!(before == after || before == without_mark, "{}\n{}", &main, &english);
        let own = paragraphs.iter().map(|text| words(text)).filter(|own| !own.is_empty());
        let told = targets.iter().map(|text| words(text));
        prop_assert_eq!(sorted(own.collect()), sorted(told.collect()), "{}\n{}", &main, &english);
    }

    #[test]
    fn elements_of_a_paragraph_outlive_any_order_of_words(
        pieces in prop::collection::vec(0..PIECES.len(), 1..9)
    ) {
        let main = paragraph(&pieces);
        let turned = |words: Vec<&str>| words.into_iter().rev().collect::<Vec<_>>().join(" ");
        let (english, targets) = put_back(&main, turned);
        let ((before, _), (after, paragraphs)) = (taken_apart(&main), taken_apart(&english));
        prop_assert!(is_well_formed(&after), "{}", &english);
        // Words that come to stand before the first thing of a sentence that is none have a run of their own.
        let own = ["w:r", "w:rPr", "w:b/", "w:i/", "/w:rPr", "w:t", "/w:t", "/w:r"];
        let others = |tags: Vec<String>| sorted(tags.into_iter().filter(|tag| !own.contains(&&**tag)).collect());
        prop_assert_eq!(others(before), others(after), "{}\n{}", &main, &english);
        // What cannot stand where the engine put it stands in its place as well.
        let all = paragraphs.concat();
        let count = |text: &str, letter: char| text.chars().filter(|c| *c == letter).count();
        for letter in targets.concat().chars().filter(|c| !c.is_whitespace()) {
            prop_assert!(count(&all, letter) >= count(&targets.concat(), letter), "{}\n{}", &main, &english);
        }
    }
}
