//! The server: where it listens, what it answers, how it ends.

use std::future::Future;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;

use super::error::ReviewError;
use super::guard::{PageGuard, guarded};
use super::listening::{NewsDesk, news};
use super::material::ReviewMaterial;
use super::reviewed::Reviewed;
use super::token::PageToken;
use super::written::SeenOutputs;
use super::{again, article, assets, change, near, overview, read, term};

/// Bytes that a request may bring along: a segment is never longer than a few kilobytes.
const BODY: usize = 64 << 10;

/// How long answers under way may take once the server is to end.
const GRACE: Duration = Duration::from_secs(2);

/// A server of the review page that listens, but does not answer yet.
#[derive(Debug)]
pub struct ReviewServer {
    listener: TcpListener,
    port: u16,
    token: PageToken,
}

impl ReviewServer {
    /// Listens on the loopback address, at a port or, for 0, at a free one.
    ///
    /// # Errors
    /// The port is taken, or needs more rights.
    pub fn bind(port: u16, token: Option<PageToken>) -> Result<Self, ReviewError> {
        let token = token.map_or_else(PageToken::random, Ok)?;
        let failed = |source| ReviewError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, port, token })
    }

    /// The address of the page, with its token.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/?token={}", self.port, self.token.as_str())
    }

    /// Answers until `end` resolves, and then for as long as answers under way take, but not for long.
    ///
    /// # Errors
    /// The socket fails.
    pub async fn serve(
        self,
        material: ReviewMaterial,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ReviewError> {
        let guard = Arc::new(PageGuard::new(self.token, self.port, material.is_read_only));
        let reviewed = Arc::new(Reviewed::new(material));
        let closing = CancellationToken::new();
        let routes = routes(Arc::clone(&reviewed), closing.clone())
            .layer(DefaultBodyLimit::max(BODY))
            .layer(from_fn_with_state(guard, guarded));
        let listener = tokio::net::TcpListener::from_std(self.listener).map_err(ReviewError::Server)?;
        let loading = tokio::spawn(async move {
            // Known before anything is read: what changes while the list is being made is seen afterwards.
            reviewed.note_own_change().await;
            let outputs = SeenOutputs::of(reviewed.material.output.clone());
            reviewed.load().await;
            reviewed.watch(outputs).await;
        });
        let ended = closing.clone();
        let serving = axum::serve(listener, routes).with_graceful_shutdown(async move {
            end.await;
            ended.cancel();
        });
        let served = tokio::select! {
            served = serving.into_future() => served,
            // A connection that nobody closes must not keep the program alive.
            () = async { closing.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
        };
        loading.abort();
        served.map_err(ReviewError::Server)
    }
}

fn routes(reviewed: Arc<Reviewed>, closing: CancellationToken) -> Router {
    let desk = NewsDesk { reviewed: Arc::clone(&reviewed), closing };
    let listening = Router::new().route("/news", get(news)).with_state(desk);
    Router::new()
        .route("/", get(overview::overview))
        .route("/article", get(article::article))
        .route("/segment", get(article::panel))
        .route("/near", get(near::near))
        .route("/rows", get(read::rows))
        .route("/read", post(read::read))
        .route("/correct", post(change::correct))
        .route("/undo", post(change::undo))
        .route("/again", post(again::again))
        .route("/term/preview", post(term::preview))
        .route("/term", post(term::apply))
        .merge(assets::routes())
        .with_state(reviewed)
        .merge(listening)
}
