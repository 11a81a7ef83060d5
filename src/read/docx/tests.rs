//! Word documents, whole and hostile; the files are built here.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::model::BlockKind::{self, Heading, ListItem, Paragraph, Title};
use crate::model::InlineKind;

const DOCUMENT: &str = "word/document.xml";

const CONTENT_TYPES: &str = "<?xml version=\"1.0\"?><Types xmlns=\"t\">\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
    <Override PartName=\"/word/document.xml\" ContentType=\"x.document.main+xml\"/>\
    <Override PartName=\"/word/styles.xml\" ContentType=\"x.styles+xml\"/>\
    <Override PartName=\"/word/header1.xml\" ContentType=\"x.header+xml\"/>\
    <Override PartName=\"/word/footnotes.xml\" ContentType=\"x.footnotes+xml\"/></Types>";

const STYLES: &str = "<w:styles xmlns:w=\"w\"><w:docDefaults><w:lang w:val=\"de-DE\" w:bidi=\"ar-SA\"/></w:docDefaults>\
    <w:style w:styleId=\"Titel\"><w:name w:val=\"Title\"/></w:style>\
    <w:style w:styleId=\"berschrift2\"><w:name w:val=\"heading 2\"/></w:style>\
    <w:style w:styleId=\"Haus\"><w:name w:val=\"Hausstil\"/><w:basedOn w:val=\"berschrift2\"/></w:style>\
    <w:style w:styleId=\"Note\"><w:name w:val=\"footnote reference\"/><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr></w:style>\
    <w:style w:styleId=\"Hoch\"><w:name w:val=\"Hochzahl\"/><w:basedOn w:val=\"Note\"/></w:style></w:styles>";

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
    packed(&[(TYPES, CONTENT_TYPES), (DOCUMENT, &main), ("word/styles.xml", STYLES)])
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
        (DOCUMENT, main),
        ("word/footnotes.xml", notes),
        ("word/styles.xml", STYLES),
    ];
    let article = read(&packed(&members)).expect("read");
    let texts: Vec<_> = article.blocks.iter().map(|block| &article.text[block.span.clone()]).collect();
    assert_eq!(texts, ["Vorn hinten", "Kasten", "Note", "Kopf"]);
    let layout = article.layout.expect("a layout");
    let styles = layout.parts.iter().find(|part| part.name == "word/styles.xml").expect("the styles");
    assert_eq!(styles.edits.len(), 1);
}

#[test]
fn leftovers_of_web_pages_are_language_in_word() {
    let body = "<w:p><w:r><w:t>Berlin (dpa) – Der Hafen wird verkauft.</w:t></w:r></w:p>\
        <w:p><w:r><w:t>Quelle: eigene Erhebung</w:t></w:r></w:p><w:p><w:r><w:t>Seite 3 von 9</w:t></w:r></w:p>\
        <w:p><w:r><w:t>Stand: 3. Mai 2024</w:t></w:r></w:p><w:p><w:r><w:t>Kontakt</w:t></w:r></w:p>";
    let kinds: Vec<_> = blocks(&document(body)).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds[1..], [Paragraph; 5]);
    assert_eq!(kinds[0], BlockKind::Dateline);
}

/// Paragraphs with `content`, as text in which ranges stand in `«»` and atoms in `⟪⟫`.
fn marked(content: &str) -> Vec<String> {
    let article = read(&document(&format!("<w:p>{content}</w:p>"))).expect("read");
    let part = &article.layout.as_ref().expect("a layout").parts[0];
    let shown = article.blocks.iter().map(|block| {
        let mut marks: Vec<(usize, char)> = Vec::new();
        for inline in part.inlines().iter().filter(|inline| block.span.contains(&inline.text.start)) {
            let (open, close) = match inline.kind {
                InlineKind::Range => ('«', '»'),
                InlineKind::Atom => ('⟪', '⟫'),
            };
            // A mark that is around others ends behind them.
            let at = marks.partition_point(|(at, _)| *at <= inline.text.start);
            marks.insert(at, (inline.text.start, open));
            let close_at = marks.iter().skip(at + 1).position(|(at, _)| *at >= inline.text.end);
            let close_at = close_at.map_or(marks.len(), |behind| at + 1 + behind);
            marks.insert(close_at, (inline.text.end, close));
        }
        let mut shown = article.text[block.span.clone()].to_owned();
        for (at, mark) in marks.into_iter().rev() {
            shown.insert((at - block.span.start).min(shown.len()), mark);
        }
        shown
    });
    shown.collect()
}

/// A run with text.
fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

/// A field in runs of its own.
fn field(code: &str, result: &str) -> String {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let (head, tail) = code.split_at(code.len() / 2);
    format!(
        "{}<w:r><w:instrText>{head}</w:instrText></w:r><w:r><w:instrText>{tail}</w:instrText></w:r>{}{}{}",
        mark("begin"),
        mark("separate"),
        run(result),
        mark("end")
    )
}

#[test]
fn fields_are_words_or_data() {
    let text = |inner: &str| marked(&format!("{}{inner}{}", run("Vorn "), run(" hinten.")));
    for (inner, expected) in [
        (field(" PAGE ", "7"), "⟪7⟫"),
        (field(" PAGE \\* roman ", "iv"), "⟪iv⟫"),
        (field(" MERGEFIELD Name ", "«Name»"), "⟪«Name»⟫"),
        (field(" REF _Ref1 ", "der Hafen"), "«der Hafen»"),
        (field(" HYPERLINK \"http://a.example\" ", "www.a.example"), "⟪www.a.example⟫"),
        ("<w:fldSimple w:instr=\" NUMPAGES \"><w:r><w:t>9</w:t></w:r></w:fldSimple>".to_owned(), "⟪9⟫"),
        (
            "<w:fldSimple w:instr=\" REF a \"><w:r><w:t>das Tor</w:t></w:r></w:fldSimple>".to_owned(),
            "«das Tor»",
        ),
    ] {
        assert_eq!(text(&inner), [format!("Vorn {expected} hinten.")], "{inner}");
    }
}

#[test]
fn fields_in_the_middle_of_a_run_stay_there() {
    let mark = |kind: &str| format!("<w:fldChar w:fldCharType=\"{kind}\"/>");
    let inner = |code: &str, result: &str| {
        format!(
            "<w:r><w:t>Seite </w:t>{}<w:instrText>{code}</w:instrText>{}<w:t>{result}</w:t>{}<w:t> von neun</w:t></w:r>",
            mark("begin"),
            mark("separate"),
            mark("end")
        )
    };
    assert_eq!(marked(&inner("PAGE", "3")), ["Seite ⟪3⟫ von neun"]);
    assert_eq!(marked(&inner("REF x", "drei")), ["Seite «drei» von neun"]);
    let across = inner("PAGE", "3").replace("<w:t>3</w:t>", "</w:r><w:r><w:t>3</w:t></w:r><w:r>");
    assert_eq!(marked(&across), ["Seite ⟪3⟫ von neun"]);
    // In code nothing is language, fields least of all; it ends with its paragraph, come what may.
    let nested = format!(
        "<w:r>{}</w:r><w:r><w:instrText>IF </w:instrText></w:r>{}<w:r><w:instrText>= 1</w:instrText></w:r><w:r>{}</w:r>{}\
         <w:r>{}</w:r>",
        mark("begin"),
        field("MERGEFIELD a", "geheim"),
        mark("separate"),
        run("offen"),
        mark("end")
    );
    assert_eq!(marked(&format!("{}{nested}", run("Es ist "))), ["Es ist «offen»"]);
    let endless = format!("<w:r>{}</w:r>{}</w:p><w:p>{}", mark("begin"), run("Code"), run("Text"));
    assert_eq!(marked(&endless), ["Text"]);
}

#[test]
fn what_has_words_is_a_range_and_what_has_none_an_atom() {
    for (inner, expected) in [
        ("<w:hyperlink><w:r><w:t>dort</w:t></w:r></w:hyperlink>", "«dort»"),
        ("<w:hyperlink><w:r><w:t>amt@a.example</w:t></w:r></w:hyperlink>", "⟪amt@a.example⟫"),
        (
            "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>das Feld</w:t></w:r></w:sdtContent></w:sdt>",
            "«das Feld»",
        ),
        ("<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>☐</w:t></w:r></w:sdtContent></w:sdt>", "⟪☐⟫"),
        ("<w:ins><w:r><w:t>neu</w:t></w:r></w:ins>", "«neu»"),
        ("<w:dir w:val=\"ltr\"><w:r><w:t>neu</w:t></w:r></w:dir>", "«neu»"),
        ("<w:customXml><w:smartTag><w:r><w:t>neu</w:t></w:r></w:smartTag></w:customXml>", "««neu»»"),
        ("<w:del><w:r><w:delText>alt</w:delText></w:r></w:del>", "⟪⟫"),
        ("<w:moveFrom><w:r><w:t>alt</w:t></w:r></w:moveFrom>", "⟪⟫"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>geheim</w:t></w:r>", "⟪⟫"),
        ("<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>offen</w:t></w:r>", "«offen»"),
        ("<w:r><w:noBreakHyphen/></w:r>", "⟪\u{2011}⟫"),
        ("<w:r><w:tab/></w:r>", "⟪\t⟫"),
        ("<w:r><w:ptab/></w:r>", "⟪\t⟫"),
        ("<w:r><w:cr/></w:r>", "⟪\n⟫"),
        ("<w:r><w:sym w:char=\"F061\"/></w:r>", "⟪⟫"),
        ("<w:r><w:footnoteReference w:id=\"1\"/></w:r>", "⟪⟫"),
        ("<w:r><w:footnoteReference w:customMarkFollows=\"1\"/><w:t>*</w:t></w:r>", "⟪*⟫"),
        ("<w:r><w:rPr><w:rStyle w:val=\"Hoch\"/></w:rPr><w:t>2</w:t></w:r>", "⟪2⟫"),
        ("<w:r><w:rPr><w:position w:val=\"-6\"/></w:rPr><w:t>2</w:t></w:r>", "⟪2⟫"),
        ("<w:r><w:drawing/></w:r>", "⟪⟫"),
        ("<w:r><w:object><o:OLEObject/></w:object></w:r>", "⟪⟫"),
        ("<m:oMathPara><m:oMath><m:r><w:rPr/><m:t>x</m:t></m:r></m:oMath></m:oMathPara>", "⟪⟫"),
        (
            "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>Lies</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>Stamm</w:t></w:r>\
             </w:rubyBase></w:ruby></w:r>",
            "⟪Stamm⟫",
        ),
        (
            "<w:r><mc:AlternateContent><mc:Choice><w16se:symEx/><w:t>neu</w:t></mc:Choice><mc:Fallback><w:t>☺</w:t></mc:Fallback>\
             </mc:AlternateContent></w:r>",
            "⟪☺⟫",
        ),
        ("<w:bookmarkStart w:id=\"1\"/>", "⟪⟫"),
        ("<w:permStart w:id=\"1\"/>", "⟪⟫"),
        ("<w:subDoc r:id=\"1\"/>", "⟪⟫"),
        ("<w:r><w:pgNum/></w:r>", "⟪⟫"),
        ("<w:proofErr w:type=\"spellStart\"/>", ""),
        ("<w:moveFromRangeStart w:id=\"1\"/>", ""),
    ] {
        let shown = marked(&format!("{}{inner}{}", run("Vorn "), run(" und hinten steht mehr.")));
        assert_eq!(shown, [format!("Vorn {expected} und hinten steht mehr.")], "{inner}");
    }
    let torn = "<w:r><w:t>Dampf</w:t><w:softHyphen/><w:t>schiff</w:t><w:lastRenderedPageBreak/><w:t>fahrt</w:t></w:r>";
    assert_eq!(marked(torn), ["Dampfschifffahrt"]);
}

#[test]
fn a_text_box_is_read_behind_the_paragraph_in_whose_middle_it_hangs() {
    let boxed = |text: &str| format!("<w:txbxContent><w:p>{}</w:p></w:txbxContent>", run(text));
    let hanging = format!(
        "<w:r><w:rPr><w:b/></w:rPr><mc:AlternateContent><mc:Choice><w:drawing>{}</w:drawing></mc:Choice><mc:Fallback><w:pict>{}\
         </w:pict></mc:Fallback></mc:AlternateContent></w:r>",
        boxed("Neuer Kasten"),
        boxed("Alter Kasten")
    );
    let shown = marked(&format!("{}{hanging}{}", run("Der Satz "), run("geht weiter.")));
    assert_eq!(shown, ["Der Satz ⟪⟫geht weiter.", "Neuer Kasten", "Alter Kasten"]);
    let inner = format!("<w:r><w:pict>{}</w:pict></w:r>", boxed("Innen"));
    let outer = format!(
        "<w:r><w:pict>{}</w:pict></w:r>",
        boxed("Außen").replace("</w:p>", &format!("{inner}</w:p>"))
    );
    assert_eq!(marked(&format!("{}{outer}", run("Vorn "))), ["Vorn", "Außen", "Innen"]);
}

#[test]
fn titles_are_read_and_parts_may_have_the_type_of_their_extension() {
    let types = "<Types><Default Extension=\"XML\" ContentType=\"x.document.main+xml\"/>\
        <Override PartName=\"/docProps/core.xml\" ContentType=\"x.core-properties+xml\"/></Types>";
    let core = "<cp:coreProperties><dc:title>Der Hafen &amp; die Stadt</dc:title><dc:creator>Eva</dc:creator>\
        <dc:subject>3</dc:subject><dc:language>de-DE</dc:language></cp:coreProperties>";
    let main = format!("<w:document><w:p>{}</w:p></w:document>", run("Text"));
    let members = [(TYPES, types), (DOCUMENT, &*main), ("docProps/core.xml", core)];
    let expected = [(Paragraph, "Text"), (Heading, "Der Hafen & die Stadt")];
    assert_eq!(blocks(&packed(&members)), expected.map(|(kind, text)| (kind, text.to_owned())));
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
    let name = DOCUMENT.as_bytes();
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
    assert!(refusal(&packed(&[(TYPES, CONTENT_TYPES), (DOCUMENT, bomb)])).contains("document type"));
    assert!(refusal(&packed(&[(TYPES, bomb)])).contains("document type"));
    assert!(refusal(&document(&"<w:p>".repeat(10_000))).contains("inside each other"));
    assert!(refusal(&document("<w:p>\0</w:p>")).contains("NUL"));
    let broken = [b"<w:document xmlns:w='w'>Gr\xc3\xbc\xc3\x9fe \xc3</w:document>".as_slice()].concat();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [(TYPES, CONTENT_TYPES.as_bytes()), (DOCUMENT, &broken)] {
        zip.start_file(name, SimpleFileOptions::default()).expect("begun");
        zip.write_all(bytes).expect("written");
    }
    assert!(refusal(&zip.finish().expect("packed").into_inner()).contains("UTF-8"));
}

#[test]
fn a_damaged_or_encrypted_member_is_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in [(TYPES, CONTENT_TYPES), (DOCUMENT, "<w:document xmlns:w='w'></w:document>")] {
        zip.start_file(name, stored).expect("begun");
        zip.write_all(text.as_bytes()).expect("written");
    }
    let whole = zip.finish().expect("packed").into_inner();
    assert!(read(&whole).is_ok());
    let mut damaged = whole.clone();
    let at = damaged.windows(11).position(|window| window == b"<w:document").expect("stored");
    damaged[at + 3] = b'x';
    assert!(refusal(&damaged).contains(DOCUMENT), "{}", refusal(&damaged));
    let mut encrypted = whole;
    let list = encrypted.windows(4).position(|window| window == b"PK\x01\x02").expect("a list");
    encrypted[list + 8] |= 1;
    assert!(refusal(&encrypted).contains("encrypted"), "{}", refusal(&encrypted));
}

#[test]
fn two_members_of_one_name_are_refused() {
    let one = packed(&[(TYPES, CONTENT_TYPES), (DOCUMENT, "<a/>"), ("word/documenu.xml", "<b/>")]);
    let other = b"word/documenu.xml";
    let mut two = one;
    while let Some(at) = two.windows(other.len()).position(|window| window == other) {
        two[at..at + other.len()].copy_from_slice(DOCUMENT.as_bytes());
    }
    assert!(refusal(&two).contains("two have one name"), "{}", refusal(&two));
}

#[test]
fn names_that_lead_elsewhere_are_only_names() {
    let main = "<w:document xmlns:w=\"w\"><w:p><w:r><w:t>Text</w:t></w:r></w:p></w:document>";
    let members = [(TYPES, CONTENT_TYPES), (DOCUMENT, main), ("../../evil.txt", "x"), ("/etc/evil", "x")];
    assert_eq!(blocks(&packed(&members)), [(Paragraph, "Text".to_owned())]);
}
