//! An article: German and English side by side.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::answer::{PageError, page, shown};
use super::reviewed::{NoDocument, Reviewed};
use crate::model::ArticleId;

/// Which article is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct ArticleQuery {
    id: String,
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
<link rel="stylesheet" href="/assets/review.css">
<script src="/assets/review.js" defer></script>
</head>
<body class="article"{% if is_read_only %} data-read-only{% endif %}>
<header><nav><a href="/">All articles</a></nav><h1>{{ title }}</h1></header>
<main>
{% for row in rows %}<div class="pair" id="s{{ row.number }}"><p lang="de">{{ row.german }}</p><p lang="en">{{ row.english }}</p></div>
{% endfor %}</main>
</body>
</html>
"##
)]
struct ArticleTemplate {
    title: String,
    is_read_only: bool,
    rows: Vec<PairRow>,
}

struct PairRow {
    number: usize,
    german: String,
    english: String,
}

/// The page of an article.
pub(super) async fn article(
    State(reviewed): State<Arc<Reviewed>>,
    Query(query): Query<ArticleQuery>,
) -> Result<Html<String>, PageError> {
    let id = ArticleId::of_record(&query.id);
    let document = reviewed.document(&id).await.map_err(|none| match none {
        NoDocument::Unknown => PageError::Missing(format!("there is no article {id}")),
        NoDocument::LeftOut(reason) => PageError::Missing(format!("{id}: {reason}")),
    })?;
    let segments = document.source().segments().iter().zip(document.units()).zip(1..);
    let rows = segments.map(|((segment, unit), number)| PairRow {
        number,
        german: shown(document.source().source(segment)),
        english: shown(unit.target().unwrap_or_default()),
    });
    page(&ArticleTemplate {
        title: shown(id.as_str()),
        is_read_only: reviewed.material.is_read_only,
        rows: rows.collect(),
    })
}
