//! The list of articles.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;
use strum::VariantArray as _;

use super::answer::{PageError, page};
use super::card::{ArticleCard, SegmentCard};
use super::filter::{CardFilter, SearchedWords};
use super::link::to_article;
use super::reviewed::Reviewed;
use crate::model::{FindingKind, Rung, Severity, Status};
use crate::text::counted;
use crate::write::page::shown;

/// Articles on one page: a list of some hundred is still found through by eye.
const PAGE: usize = 500;

/// Segments of an article that are shown for what was searched.
const SNIPPETS: usize = 3;

/// Characters of a segment that are shown before and behind what was searched.
const BESIDE: usize = 60;

/// Which part of the list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OverviewQuery {
    /// Counted from 1.
    page: usize,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ name }} · wortlaut review</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/review.css">
<script src="/assets/review.js" defer></script>
</head>
<body class="overview"{% if is_read_only %} data-read-only{% endif %}>
<a class="skip" href="#articles">Skip to the articles</a>
<header>
<h1>{{ name }}</h1>
<p id="totals" role="status">{{ totals }}{% if !is_complete %} <span class="busy">reading…</span>{% endif %}</p>
</header>
{% for problem in problems %}<p class="problem" role="alert">{{ problem }}</p>
{% endfor -%}
<form id="filter" role="search" action="/" method="get">
<label class="wide">Search in both languages
<input type="search" name="q" value="{{ filter.q }}" autocomplete="off" spellcheck="false"></label>
{% for choice in choices %}<label>{{ choice.label }}
<select name="{{ choice.name }}">
<option value="">all</option>
{% for option in choice.options %}<option{% if *option == choice.chosen %} selected{% endif %}>{{ option }}</option>
{% endfor %}</select></label>
{% endfor %}<label class="tick"><input type="checkbox" name="read" value="unread"{% if !filter.read.is_empty() %} checked{% endif %}> not yet read</label>
<button>Show</button>
{% if is_filtered %}<a href="/">show everything</a>{% endif %}
</form>
<main id="articles" tabindex="-1">
{% if rows.is_empty() %}<p class="empty">{% if !is_complete %}The articles are being read.{% else if is_filtered %}Nothing is like that. <a href="/">Show everything.</a>{% else %}There are no articles.{% endif %}</p>
{% else %}<table>
<caption class="hidden">Articles</caption>
<thead><tr><th scope="col">Article</th><th scope="col" class="number">{% if is_filtered %}Shown{% else %}Segments{% endif %}</th><th scope="col">Read</th><th scope="col">Findings</th><th scope="col">State</th></tr></thead>
<tbody>
{% for row in rows %}<tr>
<th scope="row"><a href="{{ row.link }}">{{ row.title }}</a>{% if row.has_own_title %} <span class="id">{{ row.id }}</span>{% endif %}
{% for snippet in row.snippets %}<a class="snippet" href="{{ row.link }}#s{{ snippet.number }}"><span lang="de">{{ snippet.source.before }}<mark>{{ snippet.source.hit }}</mark>{{ snippet.source.after }}</span> <span lang="en">{{ snippet.target.before }}<mark>{{ snippet.target.hit }}</mark>{{ snippet.target.after }}</span></a>
{% endfor %}</th>
<td class="number">{% if is_filtered %}{{ row.hits }} of {% endif %}{{ row.segments }}</td>
<td>{% if row.segments > 0 %}<progress max="{{ row.segments }}" value="{{ row.read }}" aria-label="read">{{ row.read }}</progress> {{ row.read }}{% endif %}</td>
<td>{% if row.errors > 0 %}<span class="error">{{ row.errors }} error{% if row.errors > 1 %}s{% endif %}</span> {% endif %}{% if row.warnings > 0 %}<span class="warning">{{ row.warnings }} warning{% if row.warnings > 1 %}s{% endif %}</span>{% endif %}</td>
<td>{{ row.state }}</td>
</tr>
{% endfor %}</tbody>
</table>
{% if pages > 1 %}<nav aria-label="Pages">{% for number in 1..=pages %}{% if number == page %}<strong aria-current="page">{{ number }}</strong>{% else %}<a href="/?{{ query }}&amp;page={{ number }}">{{ number }}</a>{% endif %} {% endfor %}</nav>{% endif %}
{% endif %}</main>
</body>
</html>
"##
)]
struct OverviewTemplate {
    name: String,
    is_read_only: bool,
    totals: String,
    is_complete: bool,
    problems: Vec<String>,
    filter: CardFilter,
    is_filtered: bool,
    query: String,
    choices: Vec<FilterChoice>,
    rows: Vec<OverviewRow>,
    page: usize,
    pages: usize,
}

/// A list to choose from.
struct FilterChoice {
    label: &'static str,
    name: &'static str,
    options: Vec<String>,
    chosen: String,
}

/// An article in the list.
struct OverviewRow {
    id: String,
    link: String,
    title: String,
    has_own_title: bool,
    segments: usize,
    hits: usize,
    read: usize,
    errors: usize,
    warnings: usize,
    state: String,
    snippets: Vec<OverviewSnippet>,
}

/// A segment that has what was searched.
struct OverviewSnippet {
    number: usize,
    source: SnippetText,
    target: SnippetText,
}

/// A text around what was searched in it.
struct SnippetText {
    before: String,
    hit: String,
    after: String,
}

/// The list, or what of it is asked for.
pub(super) async fn overview(
    State(reviewed): State<Arc<Reviewed>>,
    Query(filter): Query<CardFilter>,
    Query(query): Query<OverviewQuery>,
) -> Result<Html<String>, PageError> {
    let is_filtered = !filter.is_empty();
    let (cards, is_complete, problems) =
        reviewed.shelf(|shelf| (shelf.cards.clone(), shelf.is_complete, shelf.problems.clone()));
    let found: Vec<(&ArticleCard, Vec<usize>)> = cards
        .iter()
        .map(|card| (&**card, if is_filtered { filter.hits(card).collect() } else { Vec::new() }))
        .filter(|(_, hits)| !is_filtered || !hits.is_empty())
        .collect();
    let pages = found.len().div_ceil(PAGE).max(1);
    let number = query.page.clamp(1, pages);
    let words = SearchedWords::new(&filter.q);
    let rows = found.iter().skip((number - 1) * PAGE).take(PAGE);
    let rows = rows.map(|(card, hits)| OverviewRow::new(card, hits, &filter, &words)).collect();
    page(&OverviewTemplate {
        name: shown(&reviewed.material.name),
        is_read_only: reviewed.material.is_read_only,
        totals: totals(&cards),
        is_complete,
        problems: problems.iter().map(|problem| shown(problem)).collect(),
        is_filtered,
        query: filter.query(),
        choices: choices(&filter, &cards),
        filter,
        rows,
        page: number,
        pages,
    })
}

/// What all articles come to.
fn totals(cards: &[Arc<ArticleCard>]) -> String {
    let sum = |count: &dyn Fn(&ArticleCard) -> usize| cards.iter().map(|card| count(card)).sum::<usize>();
    let mut parts =
        vec![counted(cards.len(), "article"), counted(sum(&|card| card.segments.len()), "segment")];
    match sum(&ArticleCard::read) {
        0 => {}
        read => parts.push(format!("{read} read")),
    }
    for (count, noun) in [
        (sum(&|card| card.findings(Severity::Error)), "error"),
        (sum(&|card| card.findings(Severity::Warning)), "warning"),
    ] {
        if count > 0 {
            parts.push(counted(count, noun));
        }
    }
    parts.join(" · ")
}

/// What the list can be narrowed down to.
fn choices(filter: &CardFilter, cards: &[Arc<ArticleCard>]) -> Vec<FilterChoice> {
    let makers = cards.iter().flat_map(|card| &card.segments).filter_map(|segment| segment.maker.as_ref());
    let engines: BTreeSet<&str> = makers.filter_map(|maker| maker.engine.as_deref()).collect();
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let kinds = FindingKind::VARIANTS.iter().map(|kind| kind.as_str());
    let findings: Vec<&str> = ["any", "error", "warning"].into_iter().chain(kinds).collect();
    let rungs = [&[Rung::Correction], &Rung::LADDER[..]].concat();
    let rungs: Vec<&str> = rungs.iter().map(|rung| rung.as_str()).collect();
    let statuses = [Status::Translated, Status::Kept, Status::Failed].map(Status::as_str);
    let choice =
        |label, name, options, chosen: &str| FilterChoice { label, name, options, chosen: chosen.to_owned() };
    vec![
        choice("Finding", "finding", owned(&findings), &filter.finding),
        choice("Rung", "rung", owned(&rungs), &filter.rung),
        choice("Engine", "engine", owned(&engines.into_iter().collect::<Vec<_>>()), &filter.engine),
        choice("Status", "status", owned(&statuses), &filter.status),
    ]
}

impl OverviewRow {
    fn new(card: &ArticleCard, hits: &[usize], filter: &CardFilter, words: &SearchedWords) -> Self {
        let id = shown(card.id.as_str());
        let title = shown(&card.title);
        let failed = card.count(Status::Failed);
        let state = match (&card.left_out, failed) {
            (Some(reason), _) => format!("left out: {}", shown(reason)),
            (None, 0) => "translated".to_owned(),
            (None, failed) if failed == card.segments.len() => "not translated".to_owned(),
            (None, failed) => format!("{failed} not translated"),
        };
        let link = match filter.query() {
            query if query.is_empty() => to_article(&card.id),
            query => format!("{}&{query}", to_article(&card.id)),
        };
        let searched = hits.iter().filter(|_| !filter.q.trim().is_empty()).take(SNIPPETS);
        let snippets = searched.filter_map(|number| {
            let segment = card.segments.get(number - 1)?;
            Some(OverviewSnippet::new(*number, segment, words))
        });
        Self {
            has_own_title: !title.is_empty(),
            title: if title.is_empty() { id.clone() } else { title },
            id,
            link,
            segments: card.segments.len(),
            hits: hits.len(),
            read: card.read(),
            errors: card.findings(Severity::Error),
            warnings: card.findings(Severity::Warning),
            state,
            snippets: snippets.collect(),
        }
    }
}

impl OverviewSnippet {
    fn new(number: usize, segment: &SegmentCard, words: &SearchedWords) -> Self {
        Self {
            number,
            source: SnippetText::new(&segment.source, words),
            target: SnippetText::new(&segment.target, words),
        }
    }
}

impl SnippetText {
    fn new(text: &str, words: &SearchedWords) -> Self {
        let at = words.find(text).unwrap_or(0..0);
        let start = text[..at.start].char_indices().rev().nth(BESIDE - 1).map_or(0, |(start, _)| start);
        let end = text[at.end..].char_indices().nth(BESIDE).map_or(text.len(), |(end, _)| at.end + end);
        let before = if start > 0 { "…" } else { "" };
        let after = if end < text.len() { "…" } else { "" };
        Self {
            before: format!("{before}{}", shown(&text[start..at.start])),
            hit: shown(&text[at.clone()]),
            after: format!("{}{after}", shown(&text[at.end..end])),
        }
    }
}
