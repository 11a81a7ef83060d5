//! Corrections: approving, changing and taking back the English of a segment.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::answer::PageError;
use super::reviewed::{Opened, Reviewed};
use super::rows::RenewedRows;
use super::state::SegmentState;
use crate::model::{Alignment, Approval, ArticleId, HumanPair, PairKind, SpanPairs, Status, Timestamp, Unit};
use crate::pipeline::{in_context, normalise};
use crate::text::characters::{is_control, is_invisible, one_line};
use crate::text::counted;

/// A segment that somebody changes, and what they saw of it.
#[derive(Debug, Deserialize)]
pub(super) struct SegmentChange {
    pub(super) id: String,
    page: String,
    /// Counted from 1.
    pub(super) number: usize,
    state: String,
    /// The new English; of a correction only.
    #[serde(default)]
    target: String,
}

/// What came of a change.
#[derive(Debug, Serialize)]
pub(super) struct ChangeAnswer {
    message: String,
    /// Whether somebody else had changed the segment.
    conflict: bool,
    /// What the segment is now.
    state: String,
    #[serde(flatten)]
    rows: RenewedRows,
}

impl IntoResponse for ChangeAnswer {
    fn into_response(self) -> Response {
        let status = if self.conflict { StatusCode::CONFLICT } else { StatusCode::OK };
        (status, Json(self)).into_response()
    }
}

/// Keeps what somebody wrote for a segment. It is on the disk when the answer is given; files follow.
pub(super) async fn correct(
    State(reviewed): State<Arc<Reviewed>>,
    Json(change): Json<SegmentChange>,
) -> Result<ChangeAnswer, PageError> {
    let target = one_line(&change.target.replace(|c: char| is_control(c), " "));
    if target.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return Err(PageError::Refused(
            "the English is empty; Escape leaves the segment as it was".to_owned(),
        ));
    }
    let id = ArticleId::of_record(&change.id);
    // Between the look at what is there and the change nobody else comes.
    let turn = reviewed.changing.lock().await;
    let opened = reviewed.open(&id).await?;
    let place = ChangedSegment::of(&opened, &change)?;
    if place.is_stale {
        return conflict(&opened, &change);
    }
    if place.unit.status() == Status::Kept {
        let reason = "this segment is not translated, so it has no English to be corrected";
        return Err(PageError::Refused(reason.to_owned()));
    }
    let pair = pair(&opened, &change, target, &reviewed.material.by, place.unit);
    let source = pair.source.clone();
    reviewed.material.memory.correct(vec![pair]).await?;
    reviewed.note_own_change().await;
    drop(turn);
    let opened = reviewed.open(&id).await?;
    if let Some(segment) = opened.card.segments.get(change.number - 1) {
        // Who wrote it has read it.
        reviewed.material.memory.mark_read(id.clone(), vec![segment.text], true).await?;
    }
    answer(reviewed, &id, BTreeSet::from([source]), &change, "saved").await
}

/// Takes back what a person wrote for a segment.
pub(super) async fn undo(
    State(reviewed): State<Arc<Reviewed>>,
    Json(change): Json<SegmentChange>,
) -> Result<ChangeAnswer, PageError> {
    let id = ArticleId::of_record(&change.id);
    let turn = reviewed.changing.lock().await;
    let opened = reviewed.open(&id).await?;
    let place = ChangedSegment::of(&opened, &change)?;
    if place.is_stale {
        return conflict(&opened, &change);
    }
    let Some(approval) = approval(place.unit) else {
        return Err(PageError::Refused("nobody corrected this segment: there is nothing to undo".to_owned()));
    };
    let source = normalise(place.source).into_owned();
    reviewed.material.memory.withdraw(vec![approval.pair], Timestamp::now()).await?;
    reviewed.note_own_change().await;
    drop(turn);
    answer(reviewed, &id, BTreeSet::from([source]), &change, "taken back").await
}

/// A segment as it stands in an article.
pub(super) struct ChangedSegment<'a> {
    pub(super) source: &'a str,
    pub(super) unit: &'a Unit,
    /// Whether it is no longer what the page showed.
    pub(super) is_stale: bool,
}

impl<'a> ChangedSegment<'a> {
    pub(super) fn of(opened: &'a Opened, change: &SegmentChange) -> Result<Self, PageError> {
        let index = change.number.checked_sub(1);
        let source = opened.document.source();
        let found = index
            .and_then(|index| Some((source.segments().get(index)?, opened.document.units().get(index)?)));
        let (segment, unit) = found.ok_or_else(|| {
            PageError::Missing(format!("{} has no segment {}", source.article().id, change.number))
        })?;
        let source = source.source(segment);
        let is_stale = change.state.parse() != Ok(SegmentState::of(source, Some(unit)));
        Ok(Self { source, unit, is_stale })
    }
}

pub(super) fn approval(unit: &Unit) -> Option<&Approval> {
    unit.rendition().and_then(|rendition| rendition.translator.approval())
}

/// What somebody wrote, as the memory keeps it.
fn pair(opened: &Opened, change: &SegmentChange, target: String, by: &str, unit: &Unit) -> HumanPair {
    let article = opened.document.source();
    let index = change.number - 1;
    let segment = in_context(article).swap_remove(index);
    let is_one_line = article.segments().get(index).is_some_and(|own| article.source(own) == segment.source);
    let inlines = unit.rendition().filter(|_| is_one_line).and_then(|rendition| {
        let alignment = rendition.alignment.as_ref()?;
        let carried = alignment.inlines().map(|_| alignment.carried_over(&rendition.target, &target))?;
        match carried {
            Alignment::Inlines(SpanPairs(pairs)) if !pairs.is_empty() => Some(SpanPairs(pairs)),
            _ => None,
        }
    });
    HumanPair {
        kind: PairKind::Correction,
        source: segment.source,
        target,
        inlines,
        by: by.to_owned(),
        at: Timestamp::now(),
        place: segment.place,
        context: segment.context,
        origin: None,
    }
}

/// Says what somebody else did meanwhile.
pub(super) fn conflict(opened: &Opened, change: &SegmentChange) -> Result<ChangeAnswer, PageError> {
    let place = ChangedSegment::of(opened, change)?;
    let theirs = place.unit.target().unwrap_or_default();
    let by = approval(place.unit).map_or("it", |approval| &approval.by);
    let message = match approval(place.unit) {
        Some(_) => format!("not saved: {by} wrote meanwhile “{theirs}”; Enter once more takes yours"),
        None => format!("not saved: it reads “{theirs}” by now; Enter once more takes yours"),
    };
    let state = SegmentState::of(place.source, Some(place.unit)).to_string();
    let rows = RenewedRows::new(opened, &HashSet::from([change.number]))?;
    Ok(ChangeAnswer { message, conflict: true, state, rows })
}

/// The article after a change. The others with the same sentence, and all files, follow on their own.
pub(super) async fn answer(
    reviewed: Arc<Reviewed>,
    id: &ArticleId,
    sources: BTreeSet<String>,
    change: &SegmentChange,
    message: &str,
) -> Result<ChangeAnswer, PageError> {
    let opened = reviewed.open(id).await?;
    let same = (1..).zip(&opened.card.segments).filter(|(_, segment)| sources.contains(&*segment.source));
    let numbers: HashSet<usize> = same.map(|(number, _)| number).chain([change.number]).collect();
    let articles = reviewed.articles_with(&sources);
    let others = articles.iter().filter(|other| *other != id).count();
    let page = change.page.clone();
    let following = Arc::clone(&reviewed);
    tokio::spawn(async move { following.follow(articles, Some(&page)).await });
    let place = ChangedSegment::of(&opened, change)?;
    let state = SegmentState::of(place.source, Some(place.unit)).to_string();
    let message = match others {
        0 => message.to_owned(),
        others => format!("{message}; the same sentence stands in {} more", counted(others, "article")),
    };
    let rows = RenewedRows::new(&opened, &numbers)?;
    Ok(ChangeAnswer { message, conflict: false, state, rows })
}
