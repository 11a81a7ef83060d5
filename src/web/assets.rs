//! The files of the page, in the binary.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

const STYLE: &str = include_str!("assets/review.css");
/// The look of an article is that of the format `html`.
const ARTICLE: &str = crate::write::page::STYLE;
const SCRIPT: &str = include_str!("assets/review.js");
const ICON: &str = include_str!("assets/icon.svg");

/// The routes of the files.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/review.css", get(async || file("text/css; charset=utf-8", STYLE)))
        .route("/assets/article.css", get(async || file("text/css; charset=utf-8", ARTICLE)))
        .route("/assets/review.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/assets/icon.svg", get(async || file("image/svg+xml", ICON)))
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}
