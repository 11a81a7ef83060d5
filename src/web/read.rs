//! What was read, and what is asked for anew.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::answer::PageError;
use super::news::News;
use super::reviewed::Reviewed;
use super::rows::RenewedRows;
use crate::model::ArticleId;

/// Which segments of an article are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct RowsQuery {
    id: String,
    /// Their numbers, separated by commas; all of them if there are none.
    numbers: Option<String>,
}

/// Segments that were read, or are to be read again.
#[derive(Debug, Deserialize)]
pub(super) struct ReadChange {
    id: String,
    page: String,
    numbers: HashSet<usize>,
    is_read: bool,
}

/// The rows of some segments as they are now.
pub(super) async fn rows(
    State(reviewed): State<Arc<Reviewed>>,
    Query(query): Query<RowsQuery>,
) -> Result<Json<RenewedRows>, PageError> {
    let opened = reviewed.open(&ArticleId::of_record(&query.id)).await?;
    let numbers = match &query.numbers {
        Some(numbers) => numbers.split(',').filter_map(|number| number.parse().ok()).collect(),
        None => (1..=opened.document.units().len()).collect(),
    };
    RenewedRows::new(&opened, &numbers).map(Json)
}

/// Remembers that segments were read, or that they were not.
pub(super) async fn read(
    State(reviewed): State<Arc<Reviewed>>,
    Json(change): Json<ReadChange>,
) -> Result<Json<RenewedRows>, PageError> {
    let ReadChange { id, page, numbers, is_read } = change;
    let id = ArticleId::of_record(&id);
    let opened = reviewed.open(&id).await?;
    let texts = (1..).zip(&opened.card.segments).filter(|(number, _)| numbers.contains(number));
    let texts = texts.map(|(_, segment)| segment.text).collect();
    reviewed.material.memory.mark_read(id.clone(), texts, is_read).await?;
    // A sentence that stands in the article twice was read twice.
    let opened = reviewed.open(&id).await?;
    reviewed.put(opened.card.clone());
    let mut listed: Vec<_> = numbers.iter().copied().collect();
    listed.sort_unstable();
    reviewed.tell(News::Changed { article: id, numbers: listed, page: Some(page) });
    RenewedRows::new(&opened, &numbers).map(Json)
}
