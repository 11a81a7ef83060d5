//! One segment translated again, on request.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use parking_lot::Mutex as DocumentLock;
use tokio::task::spawn_blocking;

use super::answer::PageError;
use super::change::{ChangeAnswer, ChangedSegment, SegmentChange, answer, approval, conflict};
use super::reviewed::Reviewed;
use crate::memory::RunLock;
use crate::model::{ArticleId, ParallelDocument, Unit};
use crate::pipeline::{Again, Deliver, Inputs, Options, Run, normalise};
use crate::write::WriteError;

/// Sends one segment, and nothing else, although the memory has an answer. The old answer stays if no usable one comes back.
pub(super) async fn again(
    State(reviewed): State<Arc<Reviewed>>,
    Json(change): Json<SegmentChange>,
) -> Result<ChangeAnswer, PageError> {
    let material = &reviewed.material;
    let from = reviewed.source();
    if let Some(reason) = &from.cannot_send {
        return Err(PageError::Refused(format!("nothing can be sent: {reason}")));
    }
    let id = ArticleId::of_record(&change.id);
    let card = reviewed.card(&id).ok_or_else(|| PageError::Missing(format!("there is no article {id}")))?;
    let opened = reviewed.open(&id).await?;
    let segment = ChangedSegment::of(&opened, &change)?;
    if segment.is_stale {
        return conflict(&opened, &change);
    }
    if approval(segment.unit).is_some() {
        return Err(PageError::Refused(
            "a person wrote this, which outranks every engine; undo it first".to_owned(),
        ));
    }
    if matches!(segment.unit, Unit::Kept { .. }) {
        return Err(PageError::Refused("this segment needs no translation".to_owned()));
    }
    let before = segment.unit.target().map(str::to_owned);
    let source = normalise(segment.source).into_owned();
    let memory_path = material.memory_path.clone();
    // Only who pays holds the lock, and only for as long.
    let lock = spawn_blocking(move || RunLock::acquire(&memory_path)).await;
    let lock = lock.map_err(|error| PageError::Refused(error.to_string()))??;
    let input = from.input_at(&card.place).await.map_err(PageError::Refused)?;
    let translated = Arc::new(DocumentLock::new(None::<ParallelDocument>));
    let taken = Arc::clone(&translated);
    let deliver = Deliver::articles(Arc::new(move |document| -> Result<Vec<PathBuf>, WriteError> {
        *taken.lock() = Some(document);
        Ok(Vec::new())
    }));
    let options = Options {
        forecast: false,
        again: Again::segment(&id, change.number),
        only_again: true,
        ..from.options.clone()
    };
    let inputs = Inputs { articles: vec![input], corpora: Vec::new() };
    let run = Run::new(inputs, from.tools.clone(), Arc::clone(&material.memory));
    let outcome = Run { options, deliver, ..run }.start().await;
    drop(lock);
    if let Some(failure) = outcome.failure {
        return Err(PageError::Refused(failure.to_string()));
    }
    let document = translated.lock().take();
    let unit = document.as_ref().and_then(|document| document.units().get(change.number - 1));
    let message = match unit {
        Some(Unit::Failed { reason, .. }) => reason.clone(),
        Some(unit) if unit.target().map(str::to_owned) == before => {
            "the engine says the same again".to_owned()
        }
        _ => "translated again".to_owned(),
    };
    answer(Arc::clone(&reviewed), &id, BTreeSet::from([source]), &change, &message).await
}
