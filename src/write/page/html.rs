//! The parts of a page as HTML, each with its template. A part escapes what it is given, and names what cannot be shown.

use askama::Template;
use askama::filters::HtmlSafe;

use super::article::{ArticlePage, FindingCounts, ShownBlock, ShownSegment};
use super::figures::PageFigures;
use super::pieces::{ShownPiece, shown};
use crate::model::{BlockKind, Finding, HeldTerm, Status, Translator};
use crate::text::counted;

/// How pages look. It stands in each of them, so that a page needs no other file.
pub const STYLE: &str = include_str!("style.css");

/// What the pages may do: look as [`STYLE`] says, and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"
{%- for piece in pieces -%}
    {%- if let Some(term) = self.term(piece) -%}
        <mark class="{{ Self::class(term) }}" title="{{ self::title(term) }}">
    {%- endif -%}
    {%- if let Some(finding) = self.finding(piece) -%}
        <span class="finding {{ finding.severity.as_str() }}" title="{{ self::shown(finding.message) }}">
    {%- endif -%}
    {%- if piece.is_hidden -%}
        <span class="hidden" title="a character that cannot be shown">{{ piece.code_point() }}</span>
    {%- else -%}
        {{ piece.text }}
    {%- endif -%}
    {%- if piece.finding.is_some() -%}</span>{%- endif -%}
    {%- if piece.term.is_some() -%}</mark>{%- endif -%}
{%- endfor -%}"#
)]
/// A text of a segment with its marks, as phrasing content.
pub struct MarkedText<'a> {
    pub pieces: &'a [ShownPiece],
    /// Whose text it is.
    pub segment: &'a ShownSegment,
}

impl HtmlSafe for MarkedText<'_> {}

impl MarkedText<'_> {
    fn term(&self, piece: &ShownPiece) -> Option<&HeldTerm> {
        self.segment.terms.get(piece.term?)
    }

    fn finding(&self, piece: &ShownPiece) -> Option<&Finding> {
        self.segment.findings.get(piece.finding?)
    }

    fn class(term: &HeldTerm) -> &'static str {
        if term.is_lost() { "term lost" } else { "term" }
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"
{%- match kind -%}
    {%- when BlockKind::Title -%}<h2>{{ text }}</h2>
    {%- when BlockKind::Heading -%}<h3>{{ text }}</h3>
    {%- when BlockKind::Quotation -%}<blockquote>{{ text }}</blockquote>
    {%- when BlockKind::Verbatim -%}<pre>{{ text }}</pre>
    {%- when _ -%}<p>{% if !marker.is_empty() %}<span class="marker">{{ marker }}</span> {% endif %}{{ text }}</p>
{%- endmatch -%}"#
)]
/// A text of a segment in the element of its block: a heading, an item of a list, a paragraph.
pub struct BlockText<'a> {
    pub kind: BlockKind,
    /// What stands before it, such as the number of an item.
    pub marker: String,
    pub text: MarkedText<'a>,
}

impl HtmlSafe for BlockText<'_> {}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"
{%- if !segment.findings.is_empty() %}
<ul class="findings" aria-label="Findings in segment {{ segment.number }}">
{%- for finding in segment.findings %}
<li class="{{ finding.severity.as_str() }}"><strong>{{ finding.severity.as_str() }}</strong> {{ finding.kind.as_str() }}: {{ self::shown(finding.message) }}</li>
{%- endfor %}
</ul>
{%- endif %}
{%- if !segment.terms.is_empty() %}
<details><summary>{{ self::counted(segment.terms.len(), "term") }}</summary>
<ul class="terms" aria-label="Terms in segment {{ segment.number }}">
{%- for term in segment.terms %}
<li>{{ self::title(term) }}</li>
{%- endfor %}
</ul>
</details>
{%- endif %}"#
)]
/// What is known about a segment beside its texts: its findings, and its terms with what it took to hold them.
pub struct SegmentNotes<'a> {
    pub segment: &'a ShownSegment,
}

impl HtmlSafe for SegmentNotes<'_> {}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"
{%- for block in page.blocks %}
<section class="block {{ block.kind.as_str() }}" aria-label="Block {{ block.number }}, {{ self::name(block) }}">
{%- if let Some(reason) = block.reason %}
<p class="reason">{{ self::name(block) }}: {{ reason }}</p>
{%- endif %}
{%- for segment in block.segments %}
<div class="segment {{ segment.status.as_str() }}" id="{{ prefix }}{{ segment.number }}" role="group" aria-label="Segment {{ segment.number }}, {{ self::made(segment) }}">
<a class="number" href="#{{ prefix }}{{ segment.number }}" aria-label="Link to segment {{ segment.number }}" title="{{ self::made(segment) }}">{{ segment.number }}</a>
<div class="german" lang="de" dir="ltr">{{ BlockText::german(block, segment) }}</div>
<div class="english" lang="en" dir="ltr">
{%- if segment.status == Status::Failed %}<p class="missing">not translated</p>{% else if segment.english.is_empty() %}<p class="left-out">left out</p>{% else %}{{ BlockText::english(block, segment) }}{% endif -%}
</div>
<div class="notes">{{ SegmentNotes { segment } }}</div>
</div>
{%- endfor %}
</section>
{%- endfor %}"##
)]
/// The blocks of an article, segment by segment, German and English side by side.
pub struct ArticleBody<'a> {
    pub page: &'a ArticlePage,
    /// What the anchors of its segments begin with: a page with several articles tells them apart.
    pub prefix: String,
}

impl HtmlSafe for ArticleBody<'_> {}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ POLICY|safe }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title }}</title>
<style>
{{ STYLE|safe -}}
{{ own_style|safe -}}
</style>
</head>
<body>
"#
)]
/// The beginning of a page, up to its body.
pub struct PageHead {
    title: String,
    own_style: &'static str,
}

impl PageHead {
    /// Of a page that looks as all do.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), own_style: "" }
    }

    /// With rules of its own beside those that every page has.
    #[must_use]
    pub fn with_style(self, own_style: &'static str) -> Self {
        Self { own_style, ..self }
    }
}

impl HtmlSafe for PageHead {}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<header data-figures="{{ figures.numbers() }}" data-title="{{ figures.title }}" data-whole="yes">
<h1>{{ self::shown(body.page.article.as_str()) }}</h1>
<p>{{ self::summary(body.page) }}</p>
</header>
<main>
<div class="languages" aria-hidden="true"><span></span><span>German</span><span>English</span></div>
{{- body }}
</main>
"#
)]
/// An article with its name and what there is to say of all of it.
struct WholeArticle<'a> {
    figures: PageFigures,
    body: ArticleBody<'a>,
}

impl HtmlSafe for WholeArticle<'_> {}

#[derive(Template)]
#[template(ext = "html", source = "{{ head }}{{ article }}</body>\n</html>\n")]
/// An article as a page of its own.
pub(super) struct StandalonePage<'a> {
    head: PageHead,
    article: WholeArticle<'a>,
}

impl<'a> StandalonePage<'a> {
    pub(super) fn new(page: &'a ArticlePage) -> Self {
        let article = shown(page.article.as_str());
        let title = page.title().map_or(article.clone(), |title| format!("{} – {article}", shown(&title)));
        let body = ArticleBody { page, prefix: "s".to_owned() };
        Self { head: PageHead::new(title), article: WholeArticle { figures: PageFigures::of(page), body } }
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"
{%- if let Some(head) = head %}{{ head }}{% endif -%}
<article aria-label="{{ self::shown(body.page.article.as_str()) }}">
<header data-figures="{{ figures.numbers() }}" data-title="{{ figures.title }}">
<h1>{{ self::shown(body.page.article.as_str()) }}</h1>
<p>{{ self::summary(body.page) }}</p>
</header>
{{- body }}
</article>
"#
)]
/// One of the articles of a corpus, which follow each other on one page. What HTML lets a page leave out at its end is left
/// out: nobody knows which record is the last one.
pub(super) struct RecordPart<'a> {
    head: Option<PageHead>,
    figures: PageFigures,
    body: ArticleBody<'a>,
}

impl<'a> RecordPart<'a> {
    pub(super) fn new(page: &'a ArticlePage, is_first: bool) -> Self {
        // The anchors of an article are the same wherever it stands among the others.
        let name = blake3::hash(page.article.as_str().as_bytes()).to_hex();
        let prefix = format!("a{}-", &name[..8]);
        let head = is_first.then(|| PageHead::new("German and English"));
        Self { head, figures: PageFigures::of(page), body: ArticleBody { page, prefix } }
    }
}

impl<'a> BlockText<'a> {
    /// The German of a segment.
    #[must_use]
    pub fn german(block: &ShownBlock, segment: &'a ShownSegment) -> Self {
        let text = MarkedText { pieces: &segment.german, segment };
        Self { kind: block.kind, marker: marker(block, segment), text }
    }

    /// Its English.
    #[must_use]
    pub fn english(block: &ShownBlock, segment: &'a ShownSegment) -> Self {
        let text = MarkedText { pieces: &segment.english, segment };
        Self { kind: block.kind, marker: marker(block, segment), text }
    }
}

/// What stands before a segment: only that of a list item is part of how the article looks.
fn marker(block: &ShownBlock, segment: &ShownSegment) -> String {
    let is_first = block.segments.first().is_some_and(|first| first.number == segment.number);
    match segment.before.split(' ').next_back() {
        Some(marker) if is_first && block.kind == BlockKind::ListItem => match marker {
            "" | "-" | "*" | "+" => "•".to_owned(),
            marker => shown(marker),
        },
        _ => String::new(),
    }
}

/// What became of a segment, and what made it: `translated by firefox, rung repair`.
#[must_use]
pub fn made(segment: &ShownSegment) -> String {
    let by = match &segment.translator {
        Some(Translator::Engine(profile)) => format!(" by {}", shown(profile)),
        Some(Translator::Person(approval)) => format!(" by {}", shown(&approval.by)),
        None => String::new(),
    };
    let rung = segment.rung.map(|rung| format!(", rung {}", rung.as_str())).unwrap_or_default();
    format!("{}{by}{rung}", segment.status.as_str())
}

/// The kind of a block in words.
#[must_use]
pub fn name(block: &ShownBlock) -> String {
    block.kind.as_str().replace('_', " ")
}

/// A term, its house form, what is said of it in the glossary, and how it holds here.
fn title(term: &HeldTerm) -> String {
    let entry = &term.term.entry;
    let held = match &term.hold {
        Some(hold) => {
            let rule = hold.rule.map(|rule| format!(" ({})", rule.describe())).unwrap_or_default();
            format!("held, rung {}{rule}", hold.rung.as_str())
        }
        None if term.term.is_required() => "not held".to_owned(),
        None => "inside a compound, not enforced".to_owned(),
    };
    let note = if entry.note.is_empty() { String::new() } else { format!("; {}", entry.note) };
    shown(&format!("{} → {}: {held}{note}", entry.source, entry.targets.join(" | ")))
}

/// `12 segments: 10 translated, 1 kept, 1 failed; 1 error, 2 warnings`
fn summary(page: &ArticlePage) -> String {
    let of = |status: Status| match page.count(status) {
        0 => None,
        count => Some(format!("{count} {}", status.as_str())),
    };
    let statuses: Vec<_> =
        [Status::Translated, Status::Kept, Status::Failed].into_iter().filter_map(of).collect();
    let FindingCounts { errors, warnings, infos } = page.finding_counts();
    let found = [(errors, "error"), (warnings, "warning"), (infos, "remark")];
    let found: Vec<_> =
        found.iter().filter(|(count, _)| *count > 0).map(|(count, name)| counted(*count, name)).collect();
    let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
    let segments = counted(page.segments().count(), "segment");
    if statuses.is_empty() { segments } else { format!("{segments}: {}; {found}", statuses.join(", ")) }
}
