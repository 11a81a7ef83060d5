//! An article: German and English side by side.

use std::collections::HashSet;
use std::sync::Arc;

use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::answer::{PageError, page};
use super::filter::CardFilter;
use super::link::to_article;
use super::reviewed::Reviewed;
use super::rows::{SegmentRow, totals};
use super::state::GermanState;
use crate::model::ArticleId;
use crate::write::page::{ArticlePage, SegmentNotes, ShownBlock, ShownSegment, made, name, shown};

/// Which article is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct ArticleQuery {
    id: String,
}

/// Which of its segments is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct SegmentQuery {
    pub(super) id: String,
    /// Counted from 1.
    pub(super) number: usize,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} · wortlaut review</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/article.css">
<link rel="stylesheet" href="/assets/review.css">
<script src="/assets/review.js" defer></script>
</head>
<body class="article" data-article="{{ article }}" data-german="{{ german }}"{% if is_read_only %} data-read-only{% endif %}>
<a class="skip" href="#s1">Skip to the text</a>
<header>
<nav aria-label="Articles"><a href="/" id="up">All articles</a>{% if let Some(link) = before %} <a href="{{ link }}" rel="prev" id="previous-article">Previous</a>{% endif %}{% if let Some(link) = after %} <a href="{{ link }}" rel="next" id="next-article">Next</a>{% endif %}</nav>
<h1>{{ title }}</h1>
<p id="totals"><span class="figures">{{ totals }}</span>{% if is_read_only %} · read-only{% endif %} · <button type="button" id="help-button">Keys <kbd>?</kbd></button></p>
<p id="message" role="status" aria-live="polite"></p>
</header>
<main>
<div class="languages" aria-hidden="true"><span></span><span>German</span><span>English</span></div>
{% for block in blocks %}<section class="block {{ block.block.kind.as_str() }}" aria-label="Block {{ block.block.number }}, {{ self::name(block.block) }}">
{% if let Some(reason) = block.block.reason %}<p class="reason">{{ self::name(block.block) }}: {{ reason }}</p>
{% endif %}{% for row in block.rows %}{{ row }}
{% endfor %}</section>
{% endfor %}</main>
<aside id="panel" aria-label="About this segment"></aside>
{{ SharedParts }}
</body>
</html>
"##
)]
struct ArticleTemplate<'a> {
    article: &'a str,
    german: GermanState,
    title: String,
    totals: String,
    is_read_only: bool,
    before: Option<String>,
    after: Option<String>,
    blocks: Vec<BlockRows<'a>>,
}

/// The dialogs of the page.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<dialog id="help" aria-labelledby="help-title">
<h2 id="help-title">Keys</h2>
<table><tbody>
<tr><th scope="row"><kbd>n</kbd> <kbd>↓</kbd></th><td>next segment</td></tr>
<tr><th scope="row"><kbd>p</kbd> <kbd>↑</kbd></th><td>previous segment</td></tr>
<tr><th scope="row"><kbd>f</kbd></th><td>next segment that is found, or has a finding</td></tr>
<tr><th scope="row"><kbd>e</kbd> <kbd>Enter</kbd></th><td>edit; <kbd>Enter</kbd> saves and goes on, <kbd>Esc</kbd> leaves it as it was</td></tr>
<tr><th scope="row"><kbd>a</kbd></th><td>accept as it is: a person approved it</td></tr>
<tr><th scope="row"><kbd>u</kbd></th><td>undo the last correction of this page, or that of this segment</td></tr>
<tr><th scope="row"><kbd>r</kbd></th><td>translate this segment again; this is the only key that sends something</td></tr>
<tr><th scope="row"><kbd>g</kbd></th><td>put the words that are selected on both sides into the glossary</td></tr>
<tr><th scope="row"><kbd>m</kbd></th><td>mark as read, or as not read; <kbd>M</kbd> the whole article</td></tr>
<tr><th scope="row"><kbd>l</kbd></th><td>the list of articles</td></tr>
<tr><th scope="row"><kbd>[</kbd> <kbd>]</kbd></th><td>previous, next article</td></tr>
<tr><th scope="row"><kbd>?</kbd></th><td>these keys</td></tr>
</tbody></table>
<form method="dialog"><button>Close</button></form>
</dialog>
<dialog id="term" aria-labelledby="term-title">
<h2 id="term-title">Into the glossary</h2>
<form>
<label>German, in its dictionary form <input name="source" lang="de" autocomplete="off" spellcheck="false"></label>
<label>English <input name="target" lang="en" autocomplete="off" spellcheck="false"></label>
<fieldset><legend>The English is</legend>
<label><input type="radio" name="wish" value="accept" checked> what it is to read</label>
<label><input type="radio" name="wish" value="avoid"> unwanted</label>
</fieldset>
<p id="term-summary" role="status" aria-live="polite"></p>
<div id="term-places" tabindex="0" role="region" aria-label="Places that would change"></div>
<button name="apply" disabled>Put it into the glossary</button> <button type="button" name="cancel">Cancel</button>
</form>
</dialog>"#
)]
struct SharedParts;

impl HtmlSafe for SharedParts {}

/// A block with the rows of its segments.
struct BlockRows<'a> {
    block: &'a ShownBlock,
    rows: Vec<SegmentRow<'a>>,
}

/// What there is to say about one segment.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h2>Segment {{ segment.number }}</h2>
<p>{{ self::made(segment) }}{% if let Some(when) = when %}, {{ when }}{% endif %}</p>
{{ notes }}
<div id="near"></div>"#
)]
struct PanelTemplate<'a> {
    segment: &'a ShownSegment,
    when: Option<String>,
    notes: SegmentNotes<'a>,
}

/// The page of an article.
pub(super) async fn article(
    State(reviewed): State<Arc<Reviewed>>,
    Query(query): Query<ArticleQuery>,
    Query(filter): Query<CardFilter>,
) -> Result<Html<String>, PageError> {
    let id = ArticleId::of_record(&query.id);
    let opened = reviewed.open(&id).await?;
    let view = ArticlePage::new(&opened.document);
    let hits: HashSet<usize> =
        if filter.is_empty() { HashSet::new() } else { filter.hits(&opened.card).collect() };
    let blocks = view.blocks.iter().map(|block| BlockRows {
        block,
        rows: block.segments.iter().map(|segment| SegmentRow::new(&opened, block, segment, &hits)).collect(),
    });
    let (before, after) = reviewed.beside(&id);
    let linked = |id: ArticleId| match filter.query() {
        query if query.is_empty() => to_article(&id),
        query => format!("{}&{query}", to_article(&id)),
    };
    page(&ArticleTemplate {
        article: id.as_str(),
        german: GermanState::of(&opened.card),
        title: shown(id.as_str()),
        totals: totals(&view, &opened),
        is_read_only: reviewed.material.is_read_only,
        before: before.map(linked),
        after: after.map(linked),
        blocks: blocks.collect(),
    })
}

/// The part of the page about one segment.
pub(super) async fn panel(
    State(reviewed): State<Arc<Reviewed>>,
    Query(query): Query<SegmentQuery>,
) -> Result<Html<String>, PageError> {
    let id = ArticleId::of_record(&query.id);
    let opened = reviewed.open(&id).await?;
    let view = ArticlePage::new(&opened.document);
    let missing = || PageError::Missing(format!("{id} has no segment {}", query.number));
    let segment = view.segments().find(|segment| segment.number == query.number).ok_or_else(missing)?;
    let approval = segment.translator.as_ref().and_then(|translator| translator.approval());
    page(&PanelTemplate {
        segment,
        when: approval.map(|approval| approval.at.to_string()),
        notes: SegmentNotes { segment },
    })
}
