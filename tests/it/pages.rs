//! Pages as they are in the wild, through reader and writer: every tag, comment and piece of code comes back once.

use std::collections::BTreeMap;

use html5gum::{Token, Tokenizer};
use proptest::prelude::*;
use wortlaut::model::{
    Alignment, Article, ArticleId, BlockKind, FindingKind, InlineKind, ParallelDocument, Rendition, Segment,
    SegmentedArticle, SpanPairs, Unit,
};
use wortlaut::{read, write};

/// A word or two of a page, with what editors and content systems put into them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-cßä]{1,3}",
        2 => "[a-c]{1,2} [a-c]{1,2}",
        2 => Just(" ".to_owned()),
        1 => prop::sample::select(vec![
            "a&amp;b", "x&shy;y", "x&#8203;y", "&nbsp;", "„a“", "(b).", "5 &lt; 6", "\n  ", "&Auml;c", "c, ",
        ])
        .prop_map(str::to_owned),
    ]
}

/// Markup without words of its own.
fn point() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "<img src=a.png>",
        "<img alt='Bild &quot;c&quot;' src=a.png>",
        "<img alt=Deich>",
        "<br>",
        "<wbr>",
        "<!-- ein <b>Wort</b> -->",
        "<script>a < b</script>",
        "<svg><title>z</title></svg>",
        "<math><mi>x</mi></math>",
        "<code>x1</code>",
        "<kbd>y &amp; z</kbd>",
        "<sub>2</sub>",
        "<span translate=no>Kiel</span>",
        "<b class=notranslate>Ulm <i>zu</i></b>",
        "<input value=a>",
    ])
    .prop_map(str::to_owned)
}

/// A line of words and markup, nested at random; all that is opened is closed in order.
fn inline() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![3 => text(), 1 => point()];
    let piece = leaf.prop_recursive(3, 16, 4, |inner| {
        let inside = prop::collection::vec(inner, 0..4).prop_map(|pieces| pieces.concat());
        let open = prop::sample::select(vec!["b", "i", "a href=x", "a title='So \"a\"'", "span lang=de"]);
        (open, inside).prop_map(|(open, inside)| {
            let name = open.split(' ').next().unwrap_or_default();
            format!("<{open}>{inside}</{name}>")
        })
    });
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// The same with tags that cross each other, are never closed or were never opened.
fn torn() -> impl Strategy<Value = String> {
    let tag = prop::sample::select(vec![
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "</u>",
        "<a href=y>",
        "</code>",
        "<code>",
        "</p>",
    ]);
    let piece = prop_oneof![2 => inline(), 1 => tag.prop_map(str::to_owned)];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

fn page(line: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let open = prop::sample::select(vec![
        "p",
        "li",
        "h2",
        "div",
        "td",
        "blockquote",
        "p title=Hinweis",
        "p translate=no",
    ]);
    let block = (open, line).prop_map(|(open, line)| {
        format!("<{open}>{line}</{}>\n", open.split(' ').next().unwrap_or_default())
    });
    prop::collection::vec(block, 1..4).prop_map(|blocks| {
        format!(
            "<html><head><meta charset=utf-8><title>Der A</title></head><body>{}</body></html>",
            blocks.concat()
        )
    })
}

/// A page as a parser sees it.
#[derive(Debug, Default)]
struct Parsed {
    /// Tags with their attributes, comments, and what stands in scripts, in order.
    constructs: Vec<String>,
    /// What stands in attributes that are translated.
    values: Vec<String>,
    text: String,
}

fn parsed(page: &str) -> Parsed {
    const TRANSLATED: [&str; 2] = ["alt", "title"];
    let mut found = Parsed::default();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut raw = false;
    for token in Tokenizer::new(page).flatten() {
        match token {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                raw |= matches!(name.as_str(), "script" | "svg" | "math");
                let mut attributes = BTreeMap::new();
                for (key, value) in &tag.attributes {
                    let (key, mut value) = (text(key), text(value));
                    if TRANSLATED.contains(&key.as_str()) {
                        found.values.push(std::mem::take(&mut value));
                    }
                    if key == "lang" {
                        value.clear();
                    }
                    attributes.insert(key, value);
                }
                found.constructs.push(format!("<{name} {attributes:?}>"));
                if name == "br" {
                    found.text.push(' ');
                }
            }
            Token::EndTag(tag) => {
                raw &= !matches!(text(&tag.name).as_str(), "script" | "svg" | "math");
                found.constructs.push(format!("</{}>", text(&tag.name)));
            }
            Token::String(words) if raw => found.constructs.push(text(&words)),
            Token::String(words) => found.text.push_str(&text(&words)),
            Token::Comment(comment) => found.constructs.push(format!("<!--{}-->", text(&comment))),
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    // What only says where a word may be broken is not read, and stays where nothing else changes.
    found.text.retain(|c| !is_invisible(c));
    found
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}')
}

/// What an engine makes of a text and its markup.
#[derive(Debug, Clone, Copy)]
enum Engine {
    Echo,
    Reverses,
    Doubles,
    Drops,
}

fn article(page: &str) -> Article {
    read::article(&ArticleId::new("a.html"), page.as_bytes(), &read::ReadOptions::default()).expect("read")
}

fn translated(article: Article, engine: Engine, tags: &[usize]) -> (ParallelDocument, String) {
    let blocks = article.blocks.iter().enumerate();
    let segments: Vec<_> = blocks.map(|(block, place)| Segment { block, span: place.span.clone() }).collect();
    let source = SegmentedArticle::new(article, segments).expect("valid spans");
    let unit = |segment: &Segment| {
        let german = source.source(segment);
        if source.kind(segment) == BlockKind::Verbatim {
            return Unit::Kept { target: german.to_owned() };
        }
        let words: Vec<&str> = german.split_whitespace().collect();
        let words: Vec<&str> = match engine {
            Engine::Echo => words,
            Engine::Reverses => words.into_iter().rev().collect(),
            Engine::Doubles => words.iter().chain(&words).copied().collect(),
            Engine::Drops => words.into_iter().step_by(2).collect(),
        };
        let target = words.join(" ");
        let inlines = source.inlines(segment).into_iter().zip(tags.chunks(2));
        let place = |(inline, tags): (wortlaut::model::InlineSpan, &[usize])| {
            let start = target.floor_char_boundary(tags[0] % (target.len() + 1));
            let end = target.floor_char_boundary(
                (start + tags.last().copied().unwrap_or_default() % 5).min(target.len()),
            );
            (inline.span, start..end.max(start))
        };
        let pairs: Vec<_> = inlines.map(place).collect();
        let alignment = (!pairs.is_empty()).then_some(Alignment::Inlines(SpanPairs(pairs)));
        Unit::Translated(Rendition { alignment, ..Rendition::new(target, "double") })
    };
    let units = source.segments().iter().map(unit).collect();
    let document = ParallelDocument::new(source, units).expect("a unit for each segment");
    let files = write::OutputFormat::Document.writer().files(&document).expect("files");
    let out = String::from_utf8(files[0].contents.clone()).expect("UTF-8");
    (document, out)
}

/// What the engine gave, and what it dropped of that which comes back all the same.
fn expected(document: &ParallelDocument) -> (String, bool) {
    let source = document.source();
    let mut text = String::new();
    let mut whole = true;
    for (segment, unit) in source.segments().iter().zip(document.units()) {
        let german = source.source(segment);
        text.push_str(unit.target().unwrap_or_default());
        text.push(' ');
        let Some(rendition) = unit.rendition() else { continue };
        let atoms: Vec<_> =
            source.inlines(segment).into_iter().filter(|inline| inline.kind == InlineKind::Atom).collect();
        for finding in write::markup_findings(source, segment, rendition) {
            assert_eq!(finding.kind, FindingKind::Markup);
            let span = finding.source.expect("a place");
            if atoms.iter().any(|atom| atom.span == span) && finding.message.contains("does not stand") {
                text.push_str(&german[span]);
                whole = false;
            }
        }
    }
    (text, whole)
}

fn letters(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect();
    letters.sort_unstable();
    letters
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all
}

fn check(page: &str, engine: Engine, tags: &[usize]) {
    let before = parsed(page);
    let (document, out) = translated(article(page), engine, tags);
    let after = parsed(&out);
    if matches!(engine, Engine::Echo) && tags.is_empty() {
        assert_eq!(before.constructs, after.constructs, "{page}\n{out}");
    }
    assert_eq!(sorted(before.constructs), sorted(after.constructs), "{page}\n{out}");
    assert_eq!(before.values.len(), after.values.len(), "{page}\n{out}");
    let (expected, whole) = expected(&document);
    // What is kept stands in no block: text that is not to be translated, and values of such elements.
    let blocks = document.source().article();
    let in_blocks: String = blocks.blocks.iter().map(|block| &blocks.text[block.span.clone()]).collect();
    let (mut kept, all) =
        (letters(&format!("{}{}", before.text, before.values.concat())), letters(&in_blocks));
    for c in all {
        if let Some(at) = kept.iter().position(|&other| other == c) {
            kept.remove(at);
        }
    }
    let kept: String = kept.into_iter().collect();
    assert_eq!(
        letters(&format!("{}{}", after.text, after.values.concat())),
        letters(&format!("{expected}{kept}")),
        "{page}\n{out}\n{expected}"
    );
    if whole {
        let words = |text: &str| text.replace(is_invisible, "").split_whitespace().collect::<String>();
        let there = words(&after.text);
        for unit in document.units().iter().filter_map(Unit::rendition) {
            let own = words(&unit.target);
            assert!(
                there.contains(&own) || after.values.iter().any(|value| words(value) == own),
                "{page}\n{out}\n{own}"
            );
        }
    }
}

#[test]
fn white_space_in_front_of_code_is_no_reason_to_write_it_twice() {
    let page = "<p><b>&nbsp;</b><b><br><code>x1</code></b>ä</p>";
    check(&format!("<html><head><meta charset=utf-8></head><body>{page}</body></html>"), Engine::Echo, &[]);
}

proptest! {
    #[test]
    fn an_echo_keeps_every_construct_in_its_order(page in page(inline())) {
        check(&page, Engine::Echo, &[]);
    }

    #[test]
    fn whatever_an_engine_makes_of_a_page_its_constructs_come_back_once(
        page in prop_oneof![page(inline()), page(torn())],
        engine in prop::sample::select(vec![Engine::Echo, Engine::Reverses, Engine::Doubles, Engine::Drops]),
        tags in prop::collection::vec(0..40_usize, 0..12),
    ) {
        check(&page, engine, &tags);
    }
}
