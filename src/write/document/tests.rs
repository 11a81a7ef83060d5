use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::bilingual::{BilingualPiece, BilingualText};
use crate::model::{
    Alignment, Block, BlockKind, Encoding, Inline, InlineKind, MarkupPart, Rendition, Segment,
    SegmentedArticle, SpanPairs, TextNode, Unit,
};

/// An article out of a template: text in `⟨⟩` is a node, `«»` stands around a range, `⟪⟫` around an atom, in which what
/// is not a tag is what it reads as. Each line is a block.
fn article(markup: Markup, template: &str) -> Article {
    let mut part = MarkupPart::default();
    let (mut text, mut blocks, mut inlines) = (String::new(), Vec::new(), Vec::new());
    let (mut ranges, mut node, mut atom, mut block) = (Vec::new(), 0, 0, 0);
    for c in template.chars() {
        let at = part.markup.len();
        match c {
            '«' => ranges.push((at, text.len())),
            '»' => {
                let (start, from) = ranges.pop().expect("balanced");
                inlines.push(Inline::new(InlineKind::Range, start..at, from..text.len()));
            }
            '⟨' => node = at,
            '⟪' => atom = at,
            '⟩' => {
                let start = text.len();
                text.push_str(&part.markup[node..]);
                part.nodes.push(TextNode { text: start..text.len(), place: node..at });
            }
            '⟫' => {
                let start = text.len();
                let markup = &part.markup[atom..];
                let reads = text_of(markup);
                text.push_str(if markup == "<br>" { "\n" } else { reads.trim_matches('`') });
                inlines.push(Inline::new(InlineKind::Atom, atom..at, start..text.len()));
            }
            '\n' => {
                blocks.push(Block::new(BlockKind::Paragraph, block..text.len()));
                text.push_str("\n\n");
                block = text.len();
                part.markup.push('\n');
            }
            c => part.markup.push(c),
        }
    }
    part.set_inlines(inlines);
    let layout = Layout { markup, archive: None, parts: vec![part] };
    let name = format!("a.{}", markup.extensions()[0]);
    Article {
        id: ArticleId::new(&name),
        encoding: Encoding::utf8(),
        text,
        blocks,
        layout: Some(std::sync::Arc::new(layout)),
        fields: Vec::new(),
        file_hash: None,
    }
}

fn unit(target: &str, alignment: Option<Alignment>) -> Unit {
    Unit::Translated(Rendition { alignment, ..Rendition::new(target.to_owned(), "pseudo") })
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

/// A page of one segment that an engine translated and aligned.
fn told(template: &str, target: &str, alignment: Alignment) -> String {
    let page = article(Markup::Html, template);
    let segment = Segment { block: 0, span: page.blocks[0].span.clone() };
    let source = SegmentedArticle::new(page, vec![segment]).expect("valid spans");
    let document = ParallelDocument::new(source, vec![unit(target, Some(alignment))]).expect("a unit");
    String::from_utf8(Document.files(&document).expect("files")[0].contents.clone()).expect("UTF-8")
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
fn marks_at_the_ends_of_a_range_stay_in_it_and_those_beside_it_do_not() {
    let page = "<p>⟨Er rief: ⟩«<a>⟨„Das ist gut!“⟩</a>»⟨, und (⟩«<b>⟨kurz⟩</b>»⟨) ⟩«<i>⟨(so)⟩</i>»⟨.⟩</p>\n";
    for (target, expected) in [
        (
            "He cried: “That is good!”, and (briefly) (thus).",
            "<p>He cried: <a>“That is good!”</a>, and (<b>briefly</b>) <i>(thus)</i>.</p>\n",
        ),
        (
            "Er rief: „Das ist gut!“, und (kurz) (so).",
            "<p>Er rief: <a>„Das ist gut!“</a>, und (<b>kurz</b>) <i>(so)</i>.</p>\n",
        ),
    ] {
        assert_eq!(written(Markup::Html, page, &[target]), expected);
    }
}

#[test]
fn a_mark_that_opens_a_sentence_opens_the_range_that_it_begins_with() {
    let page = "«**⟨Titel:⟩**»⟨ Der Rest.⟩\n";
    assert_eq!(written(Markup::Markdown, page, &["“Title: the rest."]), "**“Title:** the rest.\n");
}

#[test]
fn code_is_the_word_that_it_was_and_no_equal_one() {
    let page = "⟨Die Datei git wird mit ⟩⟪`git`⟫⟨ und ⟩⟪`-v`⟫⟨ ⟩⟪`:`⟫⟨ gelesen.⟩\n";
    assert_eq!(
        written(Markup::Markdown, page, &["The file git is read with git and -v :."]),
        "The file git is read with `git` and `-v` `:`.\n"
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
fn a_range_around_a_segment_is_around_its_translation() {
    let page = "<p>«<b>⟨Alles ⟩«<i>⟨fett⟩</i>»</b>»</p>\n";
    assert_eq!(
        written(Markup::Html, page, &["“All” is [new] fett again!"]),
        "<p><b>“All” is [new] <i>fett</i> again!</b></p>\n"
    );
}

#[test]
fn markup_inside_a_word_stays_inside_it() {
    let page = "⟨Der Stoff N⟩⟪<sub>2</sub>⟫⟨O⟩⟪<sub>4</sub>⟫⟨ hat «<b>⟨Fett⟩</b>»⟨druck.⟩\n"
        .replace("hat «", "hat ⟩«");
    assert_eq!(
        written(Markup::Html, &page, &["N2O4 is shown in Fettdruck."]),
        "N<sub>2</sub>O<sub>4</sub> is shown in <b>Fett</b>druck.\n"
    );
    let page = "⟨Alle ⟩«**⟨Deich⟩**»⟨-Häuser mit ⟩⟪`git`⟫⟨-Befehl⟩\n";
    assert_eq!(
        written(Markup::Markdown, page, &["All Deich houses with digital git commands"]),
        "All **Deich** houses with digital `git` commands\n"
    );
    // Neither half stands in the English: the range is around whole words.
    assert_eq!(
        written(Markup::Markdown, page, &["All dyke houses with the git command"]).replace("**", ""),
        "All dyke houses with the `git` command\n"
    );
}

#[test]
fn of_equal_words_the_one_with_markup_in_it_keeps_it() {
    let page = "⟨Ein Fettdruck ist ein ⟩«<b>⟨Fett⟩</b>»⟨druck.⟩\n";
    assert_eq!(
        written(Markup::Html, page, &["Fettdruck means a Fettdruck."]),
        "Fettdruck means a <b>Fett</b>druck.\n"
    );
}

#[test]
fn a_number_is_raised_only_beside_what_it_was_raised_beside() {
    let page = "⟨Im Jahr 2024 sind es 12 m⟩⟪<sup>2</sup>⟫⟨.⟩\n";
    assert_eq!(
        written(Markup::Html, page, &["In 2024 there are 12 m2."]),
        "In 2024 there are 12 m<sup>2</sup>.\n"
    );
}

#[test]
fn white_space_stays_outside_and_line_breaks_have_none() {
    let page = "⟨Mehr ⟩«<a>⟨steht dort⟩</a>»⟨ im Netz.⟩⟪<br>⟫⟨Ort: Kiel⟩⟪<img>⟫⟨ heute⟩\n";
    assert_eq!(
        written(Markup::Html, page, &["More steht dort on the web. Ort: Kiel today"]),
        "More <a>steht dort</a> on the web.<br>Ort: Kiel<img> today\n"
    );
}

#[test]
fn the_tags_of_the_engine_are_the_places() {
    let page = "⟨Den ⟩«<a>⟨neuen ⟩«<i>⟨Plan⟩</i>»</a>»⟨ lobt ⟩«<b>⟨Ulm⟩</b>»⟪<sup>1</sup>⟫⟨.⟩\n";
    let tags = [(4..14, 17..25), (10..14, 21..25), (20..23, 0..3), (23..24, 3..4)];
    assert_eq!(
        told(page, "Ulm1 praises the new plan.", Alignment::Inlines(SpanPairs(tags.to_vec()))),
        "<b>Ulm</b><sup>1</sup> praises the <a>new <i>plan</i></a>.\n"
    );
}

#[test]
fn tags_that_cannot_be_so_are_passed_over() {
    let page = "⟨Der ⟩«<a>⟨alte ⟩«<i>⟨Plan⟩</i>»</a>»⟨ gilt.⟩\n";
    // The inner one is said to stand outside of the outer one.
    let tags = [(4..13, 0..8), (9..13, 9..13)];
    let out = told(page, "Old plan remains.", Alignment::Inlines(SpanPairs(tags.to_vec())));
    assert_eq!(text_of(&out), "Old plan remains.\n");
    assert!(out.starts_with("<a>") && out.contains("</a> remains"), "{out}");
}

#[test]
fn what_the_engine_dropped_stands_at_the_end_and_is_told() {
    let page = article(Markup::Html, "⟨Mit ⟩⟪<code>rsync</code>⟫⟨ und ⟩⟪<code>scp</code>⟫⟨ kopieren.⟩\n");
    let document = document(page, &["Copy with scp."]);
    let Unit::Translated(rendition) = &document.units()[0] else { panic!("translated") };
    let findings = markup_findings(document.source(), &document.source().segments()[0], rendition);
    let found: Vec<_> = findings.iter().map(|finding| (finding.kind, finding.source.clone())).collect();
    assert_eq!(found, [(crate::model::FindingKind::Markup, Some(4..9))]);
    let files = Document.files(&document).expect("files");
    let text = String::from_utf8(files[0].contents.clone()).expect("UTF-8");
    assert_eq!(text, "Copy with <code>scp</code>. <code>rsync</code>\n");
}

#[test]
fn elements_change_places_with_their_markup() {
    let template = "<p>⟨Den ⟩«<a href=m>⟨Minister⟩</a>»⟨ lobt der ⟩«<a href=k>⟨Kanzler⟩</a>»⟨.⟩</p>\n";
    let alignment = Alignment::Words(SpanPairs(vec![(4..12, 27..35), (22..29, 4..14)]));
    assert_eq!(
        told(template, "The chancellor praises the minister.", alignment),
        "<p>The <a href=k>chancellor</a> praises the <a href=m>minister</a>.</p>\n"
    );
}

#[test]
fn code_stays_and_emphasis_without_words_goes() {
    let page = "⟨Mit ⟩⟪`cargo run`⟫⟨ startet ⟩«**⟨es⟩**»⟨.⟩\n";
    let short = written(Markup::Markdown, page, &["Cargo"]);
    assert_eq!(short.replace("**", ""), "Cargo `cargo run`\n");
    assert!(!short.contains("****"), "{short}");
    let long = written(Markup::Markdown, page, &["Use cargo run to start it."]);
    assert_eq!(long.replace("**", ""), "Use `cargo run` to start it.\n");
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

/// A line of a page with markup in and between words, nested at random.
fn line() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => "[a-c]{1,3}".prop_map(|text| format!("⟨{text}⟩")),
        2 => "[a-cß&]{1,3} [a-c.]{1,3}".prop_map(|text| format!("⟨{text}⟩")),
        3 => Just("⟨ ⟩".to_owned()),
        1 => "[x-z1-3]{1,2}".prop_map(|text| format!("⟪<code>{text}</code>⟫")),
        1 => "[1-3]".prop_map(|text| format!("⟪<sub>{text}</sub>⟫")),
        1 => Just("⟪<img>⟫".to_owned()),
        1 => Just("⟪<br>⟫".to_owned()),
    ];
    let piece = leaf.prop_recursive(3, 24, 5, |inner| {
        let inside = prop::collection::vec(inner, 0..5).prop_map(|pieces| pieces.concat());
        ("[biu]", inside).prop_map(|(name, inside)| format!("«<{name}>{inside}⟨d⟩</{name}>»"))
    });
    prop::collection::vec(piece, 1..8).prop_map(|pieces| format!("⟨A⟩{}⟨Z⟩\n", pieces.concat()))
}

/// The tags of a page in order, if they are well-formed.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut open = Vec::new();
    for (at, _) in page.match_indices('<') {
        let Some(end) = page[at..].find('>') else { continue };
        let tag = &page[at..=at + end];
        if tag[1..].contains(['<', ' ']) || tag.len() > 8 {
            continue;
        }
        match tag.strip_prefix("</") {
            Some(name) => assert_eq!(open.pop(), Some(name), "{page}"),
            None if !matches!(tag, "<img>" | "<br>") => open.push(&tag[1..]),
            None => {}
        }
        tags.push(tag);
    }
    assert!(open.is_empty(), "{page}");
    tags
}

/// What a translation of a page must keep, whatever the engine made of the words.
fn check(template: &str, target: &str, alignment: Option<Alignment>) {
    let page = article(Markup::Html, template);
    let original = page.layout.as_ref().expect("a layout").parts[0].markup.clone();
    let segment = Segment { block: 0, span: page.blocks[0].span.clone() };
    let span = segment.span.clone();
    let source = SegmentedArticle::new(page, vec![segment]).expect("valid spans");
    let document = ParallelDocument::new(source, vec![unit(target, alignment)]).expect("a unit");
    let out =
        String::from_utf8(Document.files(&document).expect("files")[0].contents.clone()).expect("UTF-8");
    let (mut before, mut after) = (tags(&original), tags(&out));
    before.sort_unstable();
    after.sort_unstable();
    assert_eq!(before, after, "{original}{out}");
    let article = document.source().article();
    let Unit::Translated(rendition) = &document.units()[0] else { panic!("translated") };
    let layout = article.layout.as_ref().expect("a layout");
    let placed = placed::placed(layout, &span, &article.text[span.clone()], rendition);
    let atoms = placed.projection.lost.iter().map(|&lost| &placed.tree.elements[lost]);
    let atoms = atoms.filter(|atom| atom.kind == InlineKind::Atom);
    let lost: String = atoms.map(|atom| &article.text[span.clone()][atom.source.clone()]).collect();
    let text = text_of(&out.replace("<br>", " "));
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        letters.sort_unstable();
        letters
    };
    assert_eq!(letters(&text), letters(&format!("{target}{lost}")), "{original}{out}{target}");
    if lost.is_empty() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (text, target) = (words(&text), words(target));
        assert_eq!(text.concat(), target.concat(), "{original}{out}");
        // Between atoms of a word that the engine put out of order, a line break may have no other place.
        assert!(text == target || original.contains("<br>"), "{original}{out}{target:?}");
    }
    assert!(!out.contains("<br> "), "a blank behind a line break: {out}");
    check_codes(layout, &span, &article.text[span.clone()], rendition);
}

/// Holds for the codes of both sides: the words are those of the texts, and each code stands on both.
fn check_codes(layout: &Layout, span: &std::ops::Range<usize>, german: &str, rendition: &Rendition) {
    let source = coded_source(layout, span, german);
    let target = coded_target(layout, span, german, rendition);
    assert_eq!((source.text().as_str(), target.text()), (german, rendition.target.clone()));
    let codes = |text: &BilingualText| {
        let mut codes: Vec<_> = text.codes().into_iter().map(|code| (code.id, code.inline.kind)).collect();
        codes.sort_unstable();
        codes
    };
    assert_eq!(codes(&source), codes(&target));
    let inlines: Vec<_> = source.codes().into_iter().map(|code| code.inline).collect();
    assert_eq!(inlines, layout.inlines(span));
    let native = |piece: &BilingualPiece| match piece {
        BilingualPiece::Text(words) => words.clone(),
        BilingualPiece::Open { native, .. }
        | BilingualPiece::Close { native, .. }
        | BilingualPiece::Atom { native, .. } => native.clone(),
    };
    let native: String = source.pieces().iter().map(native).collect();
    assert_eq!(native, layout.parts[0].markup.trim_end(), "the native codes are the markup");
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
    fn the_german_put_back_is_the_file(lines in prop::collection::vec(line(), 1..4)) {
        let template = lines.concat();
        let page = article(Markup::Html, &template);
        let original = page.layout.as_ref().expect("a layout").parts[0].markup.clone();
        let kept = vec!["="; page.blocks.len()];
        let files = Document.files(&document(page, &kept)).expect("files");
        prop_assert_eq!(String::from_utf8(files[0].contents.clone()).expect("UTF-8"), original);
    }

    #[test]
    fn an_echo_keeps_markup_and_words(line in line()) {
        let page = article(Markup::Html, &line);
        let echo = page.text.split_whitespace().collect::<Vec<_>>().join(" ");
        check(&line, &echo, None);
    }

    #[test]
    fn markup_outlives_any_order_of_words_and_any_tags(
        line in line(),
        words in prop::collection::vec("[a-cA-Zx-z1-3<&.]{1,5}", 0..12),
        pairs in prop::collection::vec((0..20_usize, 0..6_usize, 0..20_usize, 0..9_usize), 0..6),
        is_reversed: bool,
        are_tags: bool,
    ) {
        let page = article(Markup::Html, &line);
        let mut words = words;
        if is_reversed {
            words = page.text.split_whitespace().rev().map(str::to_owned).collect();
        }
        let target = words.join(" ");
        prop_assume!(!target.is_empty());
        let span = page.blocks[0].span.clone();
        let place = |(a, n, b, m): (usize, usize, usize, usize)| {
            let end = target.floor_char_boundary(b + m);
            (a..a + n, target.floor_char_boundary(b.min(end))..end)
        };
        let pairs: Vec<_> = if are_tags {
            let inlines = page.layout.as_ref().expect("a layout").inlines(&span);
            let to = pairs.into_iter().map(place).map(|(_, to)| to);
            inlines.into_iter().map(|inline| inline.span).zip(to).collect()
        } else {
            pairs.into_iter().map(place).collect()
        };
        let pairs = SpanPairs(pairs);
        check(&line, &target, Some(if are_tags { Alignment::Inlines(pairs) } else { Alignment::Words(pairs) }));
    }
}

#[test]
fn no_blank_stands_behind_a_line_break_when_a_picture_behind_it_moves() {
    let template =
        "⟨A⟩«<b>⟪<br>⟫«<u>⟨& .⟩⟪<img>⟫⟨d⟩</u>»⟨a a⟩⟨ß a⟩⟨d⟩</b>»«<u>⟪<br>⟫«<b>⟨d⟩</b>»⟨d⟩</u>»⟨Z⟩\n";
    let page = article(Markup::Html, template);
    let words: Vec<&str> = page.text.split_whitespace().rev().collect();
    check(template, &words.join(" "), None);
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
