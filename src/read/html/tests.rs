use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::model::{BlockKind, InlineKind};

fn read(bytes: &[u8]) -> Result<Article, ReadError> {
    Html.article(ArticleId::new("a.html"), Path::new("a.html"), bytes)
}

fn article(markup: &str) -> Article {
    read(markup.as_bytes()).expect("read")
}

fn blocks(article: &Article) -> Vec<(BlockKind, &str)> {
    article.blocks.iter().map(|block| (block.kind, &article.text[block.span.clone()])).collect()
}

/// The markup with a mark around each node, and another one around each atom that reads as something.
fn marked(markup: &str) -> String {
    let article = article(markup);
    let part = &article.layout.as_ref().expect("a layout").parts[0];
    let atoms =
        part.inlines().iter().filter(|inline| inline.kind == InlineKind::Atom && !inline.text.is_empty());
    let nodes = part.nodes.iter().map(|node| (node.place.clone(), ['⟨', '⟩']));
    let mut marks: Vec<_> = nodes.chain(atoms.map(|atom| (atom.place.clone(), ['⟪', '⟫']))).collect();
    marks.sort_by_key(|(place, _)| place.start);
    let mut out = String::new();
    let mut end = 0;
    for (place, [open, close]) in marks {
        out += &part.markup[end..place.start];
        out.push(open);
        out += &part.markup[place.clone()];
        out.push(close);
        end = place.end;
    }
    out + &part.markup[end..]
}

const PAGE: &str = "<!DOCTYPE html>
<html lang=\"de-DE\"><head><meta charset=utf-8><title>Der Start | Zeitung</title>
<style>p { color: red }</style><script>let a = '<p>Nein.</p>';</script></head>
<body><nav><ul><li><a href=/>Startseite</a><li><a href=/p>Politik</a></ul></nav>
<article><h1>Der Start</h1>
<p>Die Rakete <b>flog</b> am Montag um 9&nbsp;Uhr in den Himmel &uuml;ber der Steppe, wie der Sprecher mitteilte,
   und sie kam   nach wenigen Minuten auf ihrer Bahn an.</p>
<p>Der zweite Absatz ist auch lang genug, damit er als Text erkannt wird: Er hat mehrere S&auml;tze, ein Komma,
und noch eines. Danach ist er zu Ende.</p>
<blockquote>Wir sind sehr zufrieden mit dem Flug, sagte die Leiterin des Programms am Abend vor der Presse.</blockquote>
<ul><li>Der erste Punkt der Liste nennt den Ort des Starts und seine genaue Zeit.</li></ul>
<pre>x = 1;</pre><p>Mit <code>cargo run</code> geht es weiter, und zwar f&uuml;r alle, die es wollen, wie es heißt.</p>
</article><footer><p>Impressum und Datenschutz</p></footer></body></html>
";

#[test]
fn the_main_text_is_text_and_the_rest_is_furniture() {
    use BlockKind::{Attribute, Furniture, ListItem, Paragraph, Quotation, Title};
    let article = article(PAGE);
    let found = blocks(&article);
    let kinds: Vec<_> = found.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(
        kinds,
        [
            Furniture, Furniture, Title, Paragraph, Paragraph, Quotation, ListItem, Paragraph, Furniture,
            Attribute
        ],
        "{found:?}"
    );
    assert!(found[3].1.contains("um 9\u{a0}Uhr in den Himmel über der Steppe"), "{}", found[3].1);
    assert!(found[3].1.contains("mitteilte, und sie kam nach wenigen"), "{}", found[3].1);
    assert!(
        !article.text.contains("color") && !article.text.contains("Nein") && !article.text.contains("x = 1")
    );
}

#[test]
fn nodes_hold_text_and_nothing_of_the_markup() {
    for (markup, expected) in [
        ("<p> Ein <b>Wort</b>.\n</p>", "<p> ⟨Ein⟩⟨ ⟩<b>⟨Wort⟩</b>⟨.⟩\n</p>"),
        ("<p>Gr&uuml;n &amp; blau</p>", "<p>⟨Gr&uuml;n &amp; blau⟩</p>"),
        ("<p>A<br>B<br><br>C", "<p>⟨A⟩⟪<br>⟫⟨B⟩<br><br>⟨C⟩"),
        ("<p>Mit <code>x &lt; 1</code></p>", "<p>⟨Mit⟩⟨ ⟩⟪<code>x &lt; 1</code>⟫</p>"),
        ("a<!-- b -->c<script>d</script>", "⟨a⟩<!-- b -->⟨c⟩<script>d</script>"),
        ("Zeile\r\nzwei", "⟨Zeile\r\nzwei⟩"),
        ("<p>Wort <code>eins <code>zwei</p>", "<p>⟨Wort⟩⟨ ⟩⟪<code>eins <code>zwei⟫</p>"),
    ] {
        assert_eq!(marked(markup), expected);
    }
}

/// What stands beside the running text: its kind, its text and what stands in its place.
fn beside(article: &Article) -> Vec<(BlockKind, &str, &str)> {
    let part = &article.layout.as_ref().expect("a layout").parts[0];
    let first = article.text.trim_end().split("\n\n").count() - article.blocks.len();
    assert_eq!(first, 0, "a block each");
    let behind = article.blocks.iter().rev().take_while(|block| {
        let node = part.nodes.iter().find(|node| node.text == block.span);
        node.is_some_and(|node| {
            part.notation(node.place.start).is_some() || part.markup[..node.place.start].ends_with("<title>")
        })
    });
    let mut found: Vec<_> = behind
        .map(|block| {
            let node = part.nodes.iter().find(|node| node.text == block.span).expect("a node");
            (block.kind, &article.text[block.span.clone()], &part.markup[node.place.clone()])
        })
        .collect();
    found.reverse();
    found
}

#[test]
fn what_people_read_of_attributes_stands_behind_the_text() {
    use BlockKind::{Attribute, Furniture};
    let text =
        "Der Damm hielt dem Wasser stand, wie die Leute im Dorf am Abend erzählten, und alle waren froh.";
    let page = format!(
        "<html><head><title>Der Damm</title><meta name=description content='M&uuml;he &amp; Lohn'></head><body>\
         <nav><a href=/ title=Anfang>Start</a></nav><article><h1>Der Damm hielt</h1>\
         <p>{text} <img alt=\"Ein\n  Bild\" src=a.png> {text}</p><img alt=Deich><p title='Was \"er\" sagt'>{text}</p>\
         <p><img alt=Nein translate=no>{text} <code><img alt=Kein></code></p><p>{text}</p></article>\
         <footer><img alt=Siegel></footer></body></html>"
    );
    let found = article(&page);
    assert_eq!(
        beside(&found),
        [
            (Attribute, "Der Damm", "Der Damm"),
            (Attribute, "Mühe & Lohn", "M&uuml;he &amp; Lohn"),
            (Furniture, "Anfang", "Anfang"),
            (Attribute, "Ein Bild", "Ein\n  Bild"),
            (Attribute, "Deich", "Deich"),
            (Attribute, "Was \"er\" sagt", "Was \"er\" sagt"),
            (Furniture, "Siegel", "Siegel"),
        ]
    );
    assert!(found.text.contains("waren froh.  Der Damm") || found.text.contains("waren froh. Der Damm"));
}

#[test]
fn attributes_that_are_no_language_are_left_alone() {
    let page = "<p>Text <img alt=bild_01.jpg><img alt='12'><img alt><img alt=' '><img alt='https://a.example/b'>\
                <img alt={{name}}><script title=Nein></script><svg><title>Nein</title></svg>\
                <pre><i title=Nein></i></pre><i title=Ja title=Nein>x</i> <select title=Ja><option label=Ja></select></p>";
    let found = article(page);
    let texts: Vec<&str> = beside(&found).iter().map(|(_, text, _)| *text).collect();
    assert_eq!(texts, ["Ja", "Ja", "Ja"]);
}

/// What the markup itself comes to say: old and new.
fn edits(article: &Article) -> Vec<(&str, &str)> {
    let part = &article.layout.as_ref().expect("a layout").parts[0];
    part.edits.iter().map(|(place, by)| (&part.markup[place.clone()], by.as_str())).collect()
}

fn encoded(page: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding.encode(page);
    assert!(!unmappable, "{page}");
    bytes.into_owned()
}

#[test]
fn a_page_is_read_in_the_encoding_that_it_names_and_comes_to_name_utf8() {
    use encoding_rs::{ISO_8859_15, WINDOWS_1252};
    let text = "<p>Der Müller aß Brötchen für 5 €.</p>";
    for (head, encoding, expected) in [
        (
            "<html lang='de'><meta charset=\"ISO-8859-15\">",
            ISO_8859_15,
            &[("de", "en"), ("ISO-8859-15", "utf-8")][..],
        ),
        ("<html><meta charset=latin1>", WINDOWS_1252, &[("latin1", "utf-8")]),
        (
            "<META HTTP-EQUIV=Content-Type CONTENT='text/html; Charset=windows-1252'>",
            WINDOWS_1252,
            &[("windows-1252", "utf-8")],
        ),
        (
            "<?xml version='1.0' encoding='iso-8859-15'?>\n<html xml:lang=\"de\" lang=\"de-AT\">",
            ISO_8859_15,
            &[("iso-8859-15", "UTF-8"), ("de", "en"), ("de-AT", "en")],
        ),
        // What is UTF-8 is read as such, whatever it says, and says so afterwards.
        ("<meta charset='iso-8859-1'>", encoding_rs::UTF_8, &[("iso-8859-1", "utf-8")]),
        // A label that would make other letters of it is wrong.
        ("<meta charset=windows-1251>", WINDOWS_1252, &[("windows-1251", "utf-8")]),
        ("<meta charset=utf-8>", WINDOWS_1252, &[]),
        ("<html><head lang=de>", WINDOWS_1252, &[("de", "en"), ("", "<meta charset=\"utf-8\">")]),
        ("<html xmlns='http://www.w3.org/1999/xhtml'>", ISO_8859_15, &[("", "<meta charset=\"utf-8\"/>")]),
        ("<meta name='description' content='charset=x'>", encoding_rs::UTF_8, &[]),
    ] {
        let found = read(&encoded(&format!("{head}{text}"), encoding)).expect(head);
        let expected_text = if expected.iter().any(|(_, by)| by.ends_with("/>")) {
            // Nothing tells a currency sign of one encoding from the euro of another.
            "Der Müller aß Brötchen für 5 ¤.\n"
        } else {
            "Der Müller aß Brötchen für 5 €.\n"
        };
        assert_eq!((found.text.as_str(), edits(&found)), (expected_text, expected.to_vec()), "{head}");
    }
}

#[test]
fn only_german_becomes_english() {
    let article = article(
        "<html lang=de><meta charset=utf-8><meta name=language content='de_CH'><meta http-equiv=content-language content=de>\
         <p lang='en'>A. <i xml:lang=de>B</i> <b lang=deu>C</b><p translate=no lang=de>D <i lang=de>E</i>",
    );
    assert_eq!(edits(&article), [("de", "en"), ("de_CH", "en"), ("de", "en"), ("de", "en")]);
}

#[test]
fn what_is_not_to_be_translated_is_fixed() {
    for (markup, expected) in [
        ("<p translate=no>Nicht <b>dies</b></p>", "<p translate=no>⟪Nicht⟫⟨ ⟩⟪<b>dies</b>⟫</p>"),
        (
            "<p>Das <b class='a notranslate'>Werk</b> da",
            "<p>⟨Das⟩⟨ ⟩⟪<b class='a notranslate'>Werk</b>⟫⟨ ⟩⟨da⟩",
        ),
        (
            "<div translate=no>A<p>B<span translate=yes>C",
            "<div translate=no>⟪A⟫<p>⟪B⟫<span translate=yes>⟨C⟩",
        ),
        ("<p data-no-translation>A<p>B", "<p data-no-translation>⟪A⟫<p>⟨B⟩"),
        ("<p><i translate=no>A<b>B</i>C", "<p>⟪<i translate=no>A<b>B</i>⟫⟨C⟩"),
        (
            "<p class=no-translate>A</p><ul><li translate=no>B<li>C",
            "<p class=no-translate>⟪A⟫</p><ul><li translate=no>⟪B⟫<li>⟨C⟩",
        ),
        (
            "<p>Auf <kbd>Strg</kbd>: <math><mi>x</mi></math><svg><text>y</text></svg>",
            "<p>⟨Auf⟩⟨ ⟩⟪<kbd>Strg</kbd>⟫⟨:⟩ <math><mi>x</mi></math><svg><text>y</text></svg>",
        ),
    ] {
        assert_eq!(marked(markup), expected);
    }
    assert_eq!(blocks(&article("<p translate=no>Ein Zitat.</p><p>Ein Satz."))[0].0, BlockKind::Verbatim);
}

#[test]
fn inline_elements_are_known_where_they_are_whole() {
    let article = article("<p><a href=x>Eins</a> <i></i> <b>zwei <i>drei</i></b><p><b>vier<p>fünf</b>");
    let part = &article.layout.as_ref().expect("a layout").parts[0];
    let inlines: Vec<_> =
        part.inlines().iter().map(|inline| (inline.kind, &part.markup[inline.place.clone()])).collect();
    let expected = [
        (InlineKind::Range, "<a href=x>Eins</a>"),
        (InlineKind::Atom, "<i></i>"),
        (InlineKind::Range, "<b>zwei <i>drei</i></b>"),
        (InlineKind::Range, "<i>drei</i>"),
        // It has no end in its block; where it ends, no word follows.
        (InlineKind::Atom, "<b>"),
    ];
    assert_eq!(inlines, expected);
}

#[test]
fn digits_below_and_above_the_line_are_no_language_and_words_are() {
    assert_eq!(
        marked("<p>H<sub>2</sub>O, f<sub>max</sub><sup><a href=#n>[1]</a></sup> und <sup>neu dazu</sup></p>"),
        "<p>⟨H⟩⟪<sub>2</sub>⟫⟨O, f⟩⟪<sub>max</sub>⟫⟪<sup><a href=#n>[1]</a></sup>⟫⟨ ⟩⟨und⟩⟨ ⟩<sup>⟨neu dazu⟩</sup></p>"
    );
}

#[test]
fn characters_that_cannot_be_seen_stay_in_the_page_and_out_of_the_text() {
    assert_eq!(
        article("<p>Unter&shy;nehmen im Tempe&#8203;ratur\u{ad}fenster</p>").text,
        "Unternehmen im Temperaturfenster\n"
    );
}

#[test]
fn hostile_pages_are_read_in_bounded_time_and_memory() {
    let mut crossing = String::new();
    for number in 0..20_000 {
        let _ = write!(crossing, "<b><i id={number}>a</b>");
    }
    let mut attributes = String::from("<p");
    for number in 0..100_000 {
        let _ = write!(attributes, " a{number}");
    }
    for page in [
        "<div>".repeat(200_000) + "Ende",
        "</p></x>".repeat(100_000) + "Ende",
        "<b>".repeat(100_000) + "Ende",
        "<li>".repeat(100_000) + &"</ul>".repeat(100_000) + "Ende",
        "<".repeat(1_000_000) + " Ende",
        "&amp;".repeat(200_000) + "Ende",
        "& ".repeat(500_000) + "Ende",
        "<p>".to_owned() + &"<a ".repeat(200_000) + ">Ende",
        attributes + ">Ende",
        "<!--".repeat(200_000) + "-->Ende",
        crossing + "Ende",
    ] {
        let article = article(&page);
        assert!(article.text.trim_end().ends_with("Ende"), "{}", &page[..20]);
    }
}

#[test]
fn a_page_that_is_not_the_utf8_it_says_is_read_with_a_warning() {
    let read = |page: &[u8]| read(page).expect("read").encoding;
    let said = read(b"<meta charset=utf-8><p>K\xf6ln ist gro\xdf.</p>");
    assert!(said.doubt().is_some_and(|doubt| doubt.contains("windows-1252")), "{said:?}");
    assert_eq!(read(b"<meta charset=latin1><p>K\xf6ln ist gro\xdf.</p>").doubt(), None);
    assert_eq!(read(b"<p>K\xf6ln ist gro\xdf.</p>").doubt(), None);
    assert_eq!(read("<meta charset=utf-8><p>Köln</p>".as_bytes()).doubt(), None);
}

#[test]
fn what_is_no_text_is_refused() {
    assert!(matches!(read(b"<p>Ein\0Wort</p>"), Err(ReadError::Binary { .. })));
    for (declared, offset) in [("", 10), ("<meta charset=utf-8>", 30), ("<meta charset=windows-1252>", 37)] {
        let page = [declared.as_bytes(), b"<p>K\xc3\xb6ln K\xf6ln</p>"].concat();
        let Err(error @ ReadError::Encoding { offset: found, .. }) = read(&page) else {
            panic!("{declared}")
        };
        assert_eq!(found, offset, "{declared}");
        assert!(error.to_string().contains("is not valid UTF-8: wrong byte at offset"), "{error}");
    }
}

proptest! {
    #[test]
    fn nodes_are_in_order_and_on_character_borders(
        markup in prop_oneof![
            "[^\0-\x08\x0e-\x1f\x7f-\u{9f}\u{feff}]*",
            "(<(/)?(p|b|i|div|li|pre|br|script|head|title|code|a href=ä)>| |\r\n|Wort|ä&ouml;&|<|<!--|-->){0,40}",
        ]
    ) {
        let Ok(article) = read(markup.as_bytes()) else { return Ok(()) };
        let part = &article.layout.as_ref().expect("a layout").parts[0];
        let mut text_end = 0;
        for node in &part.nodes {
            prop_assert!(text_end <= node.text.start);
            prop_assert!(article.text.get(node.text.clone()).is_some());
            prop_assert!(part.markup.get(node.place.clone()).is_some_and(|raw| !raw.is_empty()));
            text_end = node.text.end;
        }
        // What stands beside the text comes behind it, wherever it is in the page.
        let mut places: Vec<_> = part.nodes.iter().map(|node| node.place.clone()).collect();
        places.sort_by_key(|place| place.start);
        prop_assert!(places.windows(2).all(|pair| pair[0].end <= pair[1].start));
        let mut end = 0;
        for block in &article.blocks {
            prop_assert!(end <= block.span.start && !block.span.is_empty());
            prop_assert!(article.text.get(block.span.clone()).is_some());
            end = block.span.end;
        }
    }
}
