//! How a page that is open is told what happens.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::reviewed::Reviewed;

/// What a page listens to; it ends with the server, which waits for all its answers.
#[derive(Clone)]
pub(super) struct NewsDesk {
    pub(super) reviewed: Arc<Reviewed>,
    pub(super) closing: CancellationToken,
}

/// All that happens from now on, as events that a browser understands.
pub(super) async fn news(
    State(NewsDesk { reviewed, closing }): State<NewsDesk>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let news = stream::unfold((reviewed.listen(), closing), |(mut listener, closing)| async move {
        let next = tokio::select! {
            next = listener.recv() => next,
            () = closing.cancelled() => return None,
        };
        let text = match next {
            Ok(news) => serde_json::to_string(&news).unwrap_or_default(),
            // A page that missed something reads everything anew.
            Err(RecvError::Lagged(_)) => r#"{"news":"missed"}"#.to_owned(),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(Event::default().data(text)), (listener, closing)))
    });
    Sse::new(news).keep_alive(KeepAlive::default())
}
