use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::model::{
    Alignment, Block, BlockKind, Encoding, MarkupPart, Rendition, Segment, SegmentedArticle, SpanPairs,
    TextNode, Unit,
};

/// An article out of a template: text in `⟨⟩` is a node, in `⟪⟫` a fixed one, `«»` stands around an inline
/// element. Each line is a block; styles are told apart by what stands between nodes.
fn article(markup: Markup, template: &str) -> Article {
    let mut part = MarkupPart::default();
    let (mut text, mut blocks, mut style) = (String::new(), Vec::new(), 0);
    let (mut element, mut node, mut block) = (0, 0, 0);
    for c in template.chars() {
        let at = part.markup.len();
        match c {
            '«' => {
                element = at;
                style += 1;
            }
            '»' => {
                part.elements.push(element..at);
                style = 0;
            }
            '⟨' | '⟪' => node = at,
            '⟩' | '⟫' => {
                let start = text.len();
                text.push_str(&part.markup[node..]);
                let is_fixed = c == '⟫';
                part.nodes.push(TextNode { text: start..text.len(), place: node..at, style, is_fixed });
            }
            '\n' => {
                blocks.push(Block { kind: BlockKind::Paragraph, span: block..text.len() });
                text.push_str("\n\n");
                block = text.len();
                part.markup.push('\n');
            }
            c => part.markup.push(c),
        }
    }
    let layout = Layout { markup, archive: None, parts: vec![part] };
    let name = format!("a.{}", markup.extensions()[0]);
    Article {
        id: ArticleId::new(&name),
        encoding: Encoding::utf8(),
        text,
        blocks,
        layout: Some(std::sync::Arc::new(layout)),
    }
}

fn unit(target: &str, alignment: Option<Alignment>) -> Unit {
    let target = target.to_owned();
    Unit::Translated(Rendition { alignment, ..super::super::testing::rendition(target) })
}

/// The document with one segment a block; a target `=` keeps the German.
fn document(article: Article, targets: &[&str]) -> ParallelDocument {
    let blocks = article.blocks.iter().enumerate();
    let segments = blocks.map(|(block, place)| Segment { block, span: place.span.clone() }).collect();
    let units = targets.iter().map(|target| match *target {
        "=" => Unit::Kept { target: String::new() },
        target => unit(target, None),
    });
    let units = units.collect();
    let source = SegmentedArticle::new(article, segments).expect("valid spans");
    ParallelDocument::new(source, units).expect("a unit for each segment")
}

fn written(markup: Markup, template: &str, targets: &[&str]) -> String {
    let files = Document.files(&document(article(markup, template), targets)).expect("files");
    String::from_utf8(files[0].contents.clone()).expect("UTF-8")
}

#[test]
fn text_goes_into_its_place_and_is_escaped() {
    let page = "<p id=x>⟨Müller & Söhne⟩</p>\n<p>⟨Bleibt⟩</p>\n";
    assert_eq!(
        written(Markup::Html, page, &["Smith & Sons <Ltd>", "="]),
        "<p id=x>Smith &amp; Sons &lt;Ltd&gt;</p>\n<p>Bleibt</p>\n"
    );
    let page = "# ⟨Der Start⟩\n- ⟨Eins⟩\n";
    assert_eq!(
        written(Markup::Markdown, page, &["The *start*", "1. one"]),
        "# The \\*start\\*\n- 1\\. one\n"
    );
}

#[test]
fn inline_elements_keep_their_words() {
    let page = "<p>⟨Am Montag flog ⟩«<a href=x>⟨Sojus MS-24⟩</a>»⟨ ins All.⟩</p>\n";
    assert_eq!(
        written(Markup::Html, page, &["On Monday Sojus MS-24 flew to space."]),
        "<p>On Monday <a href=x>Sojus MS-24</a> flew to space.</p>\n"
    );
}

#[test]
fn elements_at_the_ends_let_text_in_beside_them() {
    let page = "<p>«<b>⟨Sojus MS-24⟩</b>»⟨ startet ⟩«<i>⟨Montag⟩</i>»</p>\n";
    assert_eq!(
        written(Markup::Html, page, &["Today Sojus MS-24 launches on Montag again"]),
        "<p>Today <b>Sojus MS-24</b> launches on <i>Montag</i> again</p>\n"
    );
}

#[test]
fn an_element_around_a_segment_is_around_its_translation() {
    let page = "<p>«<b>⟨Alles ⟩<i>⟨fett⟩</i></b>»</p>\n";
    let written = written(Markup::Html, page, &["“All” is [new] fett again!"]);
    assert!(written.starts_with("<p><b>“All”") && written.ends_with("</b></p>\n"), "{written}");
}

#[test]
fn elements_change_places_with_their_markup() {
    let template = "<p>⟨Den ⟩«<a href=m>⟨Minister⟩</a>»⟨ lobt der ⟩«<a href=k>⟨Kanzler⟩</a>»⟨.⟩</p>\n";
    let page = article(Markup::Html, template);
    let target = "The chancellor praises the minister.";
    let segment = Segment { block: 0, span: page.blocks[0].span.clone() };
    let source = SegmentedArticle::new(page, vec![segment]).expect("valid spans");
    let alignment = Alignment::Words(SpanPairs(vec![(4..12, 27..35), (22..29, 4..14)]));
    let document = ParallelDocument::new(source, vec![unit(target, Some(alignment))]).expect("a unit");
    assert_eq!(
        String::from_utf8(Document.files(&document).expect("files")[0].contents.clone()).expect("UTF-8"),
        "<p>The <a href=k>chancellor</a> praises the <a href=m>minister</a>.</p>\n"
    );
}

#[test]
fn code_stays_and_emphasis_without_words_goes() {
    let page = "⟨Mit ⟩«`⟪cargo run⟫`»⟨ startet «**⟨es⟩**»⟨.⟩\n";
    let page = page.replace("startet «", "startet ⟩«");
    let short = written(Markup::Markdown, &page, &["Cargo"]);
    assert_eq!(short.replace("`cargo run`", ""), "Cargo\n");
    assert!(written(Markup::Markdown, &page, &["Use cargo run to start it."]).contains("`cargo run`"));
}

#[test]
fn a_failed_segment_says_so_in_the_page() {
    let page = article(Markup::Html, "<p>⟨Ein ⟩«<b>⟨Satz⟩</b>»</p>\n");
    let segment = Segment { block: 0, span: page.blocks[0].span.clone() };
    let source = SegmentedArticle::new(page, vec![segment]).expect("valid spans");
    let failed = Unit::Failed { reason: "no translation came back".to_owned(), terms: Vec::new() };
    let document = ParallelDocument::new(source, vec![failed]).expect("a unit");
    let text =
        String::from_utf8(Document.files(&document).expect("files")[0].contents.clone()).expect("UTF-8");
    assert!(text.contains("⟦not translated") && !text.contains("Satz"), "{text}");
}

#[test]
fn the_ending_is_that_of_the_article() {
    for (id, ending) in [
        ("a/b.HTML", ".english.html"),
        ("b.md", ".english.md"),
        ("b.text", ".english.txt"),
        ("b", ".english.txt"),
    ] {
        assert_eq!(Document.endings(&ArticleId::new(id)), [ending]);
    }
    assert!(Path::new("x.english.html").extension().is_some());
}

/// Templates of pages with inline elements.
fn templates() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "⟨[a-cß&< ]{1,9}⟩",
        "«<b>⟨[a-c ]{1,9}⟩</b>»",
        "«<a>⟨[a-c]{1,4}⟩<i>⟨[a-c ]{0,4}⟩</i></a>»",
        "«<code>⟪[a-c]{1,3}⟫</code>»",
        "<img>",
    ];
    let line = prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat());
    prop::collection::vec(line, 1..4).prop_map(|lines| {
        let lines = lines.into_iter().filter(|line| line.contains('⟨') || line.contains('⟪'));
        lines.map(|line| line + "\n").collect()
    })
}

/// A page without its tags.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    let mut rest = page.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // Before another one it opens nothing: a node that did not change keeps its bare `<`.
            '<' if rest.peek() == Some(&'<') => text.push(c),
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

proptest! {
    #[test]
    fn the_german_put_back_is_the_file(template in templates()) {
        let page = article(Markup::Html, &template);
        let original = page.layout.as_ref().expect("a layout").parts[0].markup.clone();
        let kept = vec!["="; page.blocks.len()];
        let files = Document.files(&document(page, &kept)).expect("files");
        prop_assert_eq!(String::from_utf8(files[0].contents.clone()).expect("UTF-8"), original);
    }

    #[test]
    fn all_of_the_english_stands_in_balanced_markup(template in templates(), target in "[a-e]{1,3}( [a-e<&]{1,4}){0,6}") {
        let page = article(Markup::Html, &template);
        let has_code = template.contains("code");
        let targets = vec![target.as_str(); page.blocks.len()];
        let out = written(Markup::Html, &template, &targets);
        for tag in ["b", "a", "i", "code"] {
            let count = |text: &str, tag: &str| text.matches(tag).count();
            prop_assert_eq!(count(&out, &format!("<{tag}>")), count(&template, &format!("<{tag}>")));
            prop_assert_eq!(count(&out, &format!("</{tag}>")), count(&template, &format!("</{tag}>")));
        }
        if !has_code {
            let expected: String = targets.iter().flat_map(|target| [*target, "\n"]).collect();
            let only_text = !template.lines().any(|line| !line.contains('⟨'));
            prop_assume!(only_text);
            prop_assert_eq!(text_of(&out), expected);
        }
    }
}

#[test]
fn an_archive_that_cannot_be_packed_is_an_error_and_no_empty_file() {
    let mut broken = article(Markup::Html, "⟨Ja.⟩\n");
    broken.layout = broken.layout.map(|layout| {
        std::sync::Arc::new(Layout { archive: Some(b"no archive".to_vec()), ..Layout::clone(&layout) })
    });
    let found = Document.files(&document(broken, &["Yes."]));
    assert!(matches!(found, Err(WriteError::Archive { ref article, .. }) if article.as_str() == "a.html"));
}
