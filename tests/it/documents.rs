//! Word documents and subtitles: text taken out, English put in its place, all else kept.

use std::fs::File;
use std::io::{Cursor, Read, Write};

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
