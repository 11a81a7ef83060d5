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
    use BlockKind::{Furniture, ListItem, Paragraph, Quotation, Title};
    let article = article(PAGE);
    let found = blocks(&article);
    let kinds: Vec<_> = found.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(
        kinds,
        [Furniture, Furniture, Title, Paragraph, Paragraph, Quotation, ListItem, Paragraph, Furniture],
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
    ] {
        assert_eq!(marked(markup), expected);
    }
}

#[test]
fn the_page_says_its_encoding_and_will_say_another() {
    let page = |label: &str| format!("<html lang='de'><meta charset=\"{label}\"><p>Müller aß Brötchen.</p>");
    let bytes = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let found = read(&bytes(&page("ISO-8859-1"))).expect("read");
    assert_eq!(found.text, "Müller aß Brötchen.\n");
    assert_eq!(found.encoding.name, "windows-1252");
    let part = &found.layout.as_ref().expect("a layout").parts[0];
    let edits: Vec<_> =
        part.edits.iter().map(|(place, by)| (&part.markup[place.clone()], by.as_str())).collect();
    assert_eq!(edits, [("de", "en"), ("ISO-8859-1", "utf-8")]);
    // What is UTF-8 is read as such, whatever it says.
    assert_eq!(article(&page("ISO-8859-1")).text, "Müller aß Brötchen.\n");
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
fn what_says_that_it_stays_is_not_sent() {
    let page = "<p translate=no>Bleibt <b>so</b>.<p>Der <span class='x notranslate'>Stern <i>an</i></span> sinkt.</p>\
        <div class=notranslate><p>Nein.</p><div>Nein.</div></div><p>Doch.</p>";
    assert_eq!(
        marked(page),
        "<p translate=no>⟨Bleibt⟩⟨ ⟩<b>⟨so⟩</b>⟨.⟩<p>⟨Der⟩⟨ ⟩⟪<span class='x notranslate'>Stern <i>an</i></span>⟫⟨ ⟩⟨sinkt.⟩</p>\
        <div class=notranslate><p>⟨Nein.⟩</p><div>⟨Nein.⟩</div></div><p>⟨Doch.⟩</p>"
    );
    let article = article(page);
    let kinds: Vec<_> = article.blocks.iter().map(|block| block.kind == BlockKind::Verbatim).collect();
    assert_eq!(kinds, [true, false, true, true, false]);
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
fn what_is_no_text_is_refused() {
    assert!(matches!(read(b"<p>Ein\0Wort</p>"), Err(ReadError::Binary { .. })));
    assert!(matches!(read(b"<p>K\xc3\xb6ln K\xf6ln</p>"), Err(ReadError::Encoding { offset: 10, .. })));
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
        let (mut text_end, mut place_end) = (0, 0);
        for node in &part.nodes {
            prop_assert!(text_end <= node.text.start && place_end <= node.place.start);
            prop_assert!(article.text.get(node.text.clone()).is_some());
            prop_assert!(part.markup.get(node.place.clone()).is_some_and(|raw| !raw.is_empty()));
            (text_end, place_end) = (node.text.end, node.place.end);
        }
        let mut end = 0;
        for block in &article.blocks {
            prop_assert!(end <= block.span.start && !block.span.is_empty());
            prop_assert!(article.text.get(block.span.clone()).is_some());
            end = block.span.end;
        }
    }
}
