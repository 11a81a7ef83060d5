//! Word documents, whole and hostile; the files are built here.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::model::BlockKind::{self, Heading, ListItem, Paragraph, Title};

const MAIN: &str = "word/document.xml";

const CONTENT_TYPES: &str = "<?xml version=\"1.0\"?><Types xmlns=\"t\">\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
    <Override PartName=\"/word/document.xml\" ContentType=\"x.document.main+xml\"/>\
    <Override PartName=\"/word/styles.xml\" ContentType=\"x.styles+xml\"/>\
    <Override PartName=\"/word/header1.xml\" ContentType=\"x.header+xml\"/>\
    <Override PartName=\"/word/footnotes.xml\" ContentType=\"x.footnotes+xml\"/></Types>";

const STYLES: &str = "<w:styles xmlns:w=\"w\"><w:docDefaults><w:lang w:val=\"de-DE\" w:bidi=\"ar-SA\"/></w:docDefaults>\
    <w:style w:styleId=\"Titel\"><w:name w:val=\"Title\"/></w:style>\
    <w:style w:styleId=\"berschrift2\"><w:name w:val=\"heading 2\"/></w:style>\
    <w:style w:styleId=\"Haus\"><w:name w:val=\"Hausstil\"/><w:basedOn w:val=\"berschrift2\"/></w:style></w:styles>";

fn packed(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(*name, SimpleFileOptions::default()).expect("begun");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("packed").into_inner()
}

/// A document with this body.
fn document(body: &str) -> Vec<u8> {
    let main = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    packed(&[(TYPES, CONTENT_TYPES), (MAIN, &main), ("word/styles.xml", STYLES)])
}

fn read(bytes: &[u8]) -> Result<Article, String> {
    let docx = Docx { max_bytes: 4 << 20 };
    docx.article(ArticleId::new("a.docx"), Path::new("a.docx"), bytes).map_err(|error| error.to_string())
}

fn blocks(bytes: &[u8]) -> Vec<(BlockKind, String)> {
    let article = read(bytes).expect("read");
    article.blocks.iter().map(|block| (block.kind, article.text[block.span.clone()].to_owned())).collect()
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes).expect_err("refused")
}

#[test]
fn paragraphs_are_blocks_and_styles_say_of_which_kind() {
    let body = "<w:p><w:pPr><w:pStyle w:val=\"Titel\"/></w:pPr><w:r><w:t>Der Hafen</w:t></w:r></w:p>\
        <w:p><w:pPr><w:pStyle w:val=\"Haus\"/></w:pPr><w:r><w:t>Morgens</w:t></w:r></w:p>\
        <w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>Erstens</w:t></w:r></w:p>\
        <w:p><w:r><w:t xml:space=\"preserve\">Er &amp; </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>sie</w:t></w:r>\
        <w:r><w:t>.</w:t><w:tab/><w:t>Dann</w:t></w:r></w:p>\
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Zelle</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
        <w:p><w:r><w:t/></w:r></w:p>";
    let expected = [
        (Title, "Der Hafen"),
        (Heading, "Morgens"),
        (ListItem, "Erstens"),
        (Paragraph, "Er & sie.\tDann"),
        (Paragraph, "Zelle"),
    ];
    assert_eq!(blocks(&document(body)), expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn deleted_and_moved_text_and_field_codes_are_no_text() {
    let body = "<w:p><w:pPr><w:pPrChange><w:pPr><w:pStyle w:val=\"Titel\"/></w:pPr></w:pPrChange></w:pPr>\
        <w:del><w:r><w:delText>Weg.</w:delText></w:r></w:del>\
        <w:moveFrom><w:r><w:t>Fort.</w:t></w:r></w:moveFrom>\
        <w:ins><w:r><w:t>Neu.</w:t></w:r></w:ins>\
        <w:r><w:fldChar/><w:instrText>PAGE</w:instrText><w:fldChar/><w:t> Seite</w:t></w:r></w:p>";
    assert_eq!(blocks(&document(body)), [(Paragraph, "Neu. Seite".to_owned())]);
}

#[test]
fn runs_that_look_the_same_have_one_style() {
    let body = "<w:p><w:r><w:rPr><w:lang w:val=\"de-DE\"/></w:rPr><w:t>Ha</w:t></w:r><w:proofErr/>\
        <w:r><w:t>fen</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t> am</w:t></w:r>\
        <w:hyperlink><w:r><w:t>Abend</w:t></w:r></w:hyperlink></w:p>";
    let article = read(&document(body)).expect("read");
    let part = &article.layout.as_ref().expect("a layout").parts[0];
    let inlines: Vec<_> = part.inlines().iter().map(|inline| &article.text[inline.text.clone()]).collect();
    assert_eq!(inlines, [" am", "Abend"], "what looks like most of the paragraph is no range");
    let edited: Vec<_> =
        part.edits.iter().map(|(place, text)| (&part.markup[place.clone()], text.as_str())).collect();
    assert_eq!(edited[0], ("de-DE", "en-US"));
    // All white space at the ends of runs counts in the English.
    assert_eq!(edited[1..].iter().filter(|edit| **edit == ("", " xml:space=\"preserve\"")).count(), 4);
}

#[test]
fn footnotes_headers_and_text_boxes_are_read_and_the_language_is_found() {
    let main = "<w:document xmlns:w=\"w\"><w:p><w:r><w:t>Vorn </w:t><w:pict><w:txbxContent><w:p><w:r><w:t>Kasten\
        </w:t></w:r></w:p></w:txbxContent></w:pict><w:t>hinten</w:t></w:r></w:p></w:document>";
    let header = "<w:hdr xmlns:w=\"w\"><w:p><w:r><w:t>Kopf</w:t></w:r></w:p></w:hdr>";
    let notes = "<w:footnotes xmlns:w=\"w\"><w:footnote><w:p><w:r><w:t>Note</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let members = [
        (TYPES, CONTENT_TYPES),
        ("word/header1.xml", header),
        (MAIN, main),
        ("word/footnotes.xml", notes),
        ("word/styles.xml", STYLES),
    ];
    let article = read(&packed(&members)).expect("read");
    let texts: Vec<_> = article.blocks.iter().map(|block| &article.text[block.span.clone()]).collect();
    assert_eq!(texts, ["Vorn", "Kasten", "hinten", "Note", "Kopf"]);
    let layout = article.layout.expect("a layout");
    let styles = layout.parts.iter().find(|part| part.name == "word/styles.xml").expect("the styles");
    assert_eq!(styles.edits.len(), 1);
}

#[test]
fn what_is_no_document_is_refused() {
    assert!(refusal(b"").contains("cannot read a.docx"));
    assert!(refusal(b"PK\x03\x04 and no more").contains("cannot read"));
    assert!(refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....").contains("old office document"));
    assert!(refusal(&packed(&[("a.txt", "x")])).contains("not an office document"));
    assert!(refusal(&packed(&[(TYPES, "<Types/>")])).contains("not a Word document"));
    let cut = document("<w:p/>");
    assert!(refusal(&cut[..cut.len() / 2]).contains("cannot read"));
}

#[test]
fn a_bomb_of_declared_size_and_one_of_undeclared_size_are_refused() {
    // A thousand times as large as it is packed.
    let bomb = document(&" ".repeat(8 << 20));
    assert!(bomb.len() < 100_000);
    assert!(refusal(&bomb).contains("larger than the limit"), "{}", refusal(&bomb));
    // The same, but small by its own account: the four bytes of the size in the list of members.
    let mut lying = bomb;
    let list = lying.windows(4).position(|window| window == b"PK\x01\x02").expect("a list");
    let name = MAIN.as_bytes();
    let at = list + lying[list..].windows(name.len()).position(|window| window == name).expect("listed");
    lying[at - 46 + 24..at - 46 + 28].copy_from_slice(&100_u32.to_le_bytes());
    assert!(read(&lying).is_err());
    // Within the limit but packed too tightly.
    let tight = document(&" ".repeat(3 << 20));
    assert!(read(&tight).is_err());
}

#[test]
fn xml_bombs_and_deep_trees_are_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"xxxx\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
    assert!(refusal(&packed(&[(TYPES, CONTENT_TYPES), (MAIN, bomb)])).contains("document type"));
    assert!(refusal(&packed(&[(TYPES, bomb)])).contains("document type"));
    assert!(refusal(&document(&"<w:p>".repeat(10_000))).contains("inside each other"));
    assert!(refusal(&document("<w:p>\0</w:p>")).contains("NUL"));
    let broken = [b"<w:document xmlns:w='w'>Gr\xc3\xbc\xc3\x9fe \xc3</w:document>".as_slice()].concat();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [(TYPES, CONTENT_TYPES.as_bytes()), (MAIN, &broken)] {
        zip.start_file(name, SimpleFileOptions::default()).expect("begun");
        zip.write_all(bytes).expect("written");
    }
    assert!(refusal(&zip.finish().expect("packed").into_inner()).contains("UTF-8"));
}

#[test]
fn a_damaged_or_encrypted_member_is_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in [(TYPES, CONTENT_TYPES), (MAIN, "<w:document xmlns:w='w'></w:document>")] {
        zip.start_file(name, stored).expect("begun");
        zip.write_all(text.as_bytes()).expect("written");
    }
    let whole = zip.finish().expect("packed").into_inner();
    assert!(read(&whole).is_ok());
    let mut damaged = whole.clone();
    let at = damaged.windows(11).position(|window| window == b"<w:document").expect("stored");
    damaged[at + 3] = b'x';
    assert!(refusal(&damaged).contains(MAIN), "{}", refusal(&damaged));
    let mut encrypted = whole;
    let list = encrypted.windows(4).position(|window| window == b"PK\x01\x02").expect("a list");
    encrypted[list + 8] |= 1;
    assert!(refusal(&encrypted).contains("encrypted"), "{}", refusal(&encrypted));
}

#[test]
fn two_members_of_one_name_are_refused() {
    let one = packed(&[(TYPES, CONTENT_TYPES), (MAIN, "<a/>"), ("word/documenu.xml", "<b/>")]);
    let other = b"word/documenu.xml";
    let mut two = one;
    while let Some(at) = two.windows(other.len()).position(|window| window == other) {
        two[at..at + other.len()].copy_from_slice(MAIN.as_bytes());
    }
    assert!(refusal(&two).contains("two have one name"), "{}", refusal(&two));
}

#[test]
fn names_that_lead_elsewhere_are_only_names() {
    let main = "<w:document xmlns:w=\"w\"><w:p><w:r><w:t>Text</w:t></w:r></w:p></w:document>";
    let members = [(TYPES, CONTENT_TYPES), (MAIN, main), ("../../evil.txt", "x"), ("/etc/evil", "x")];
    assert_eq!(blocks(&packed(&members)), [(Paragraph, "Text".to_owned())]);
}
