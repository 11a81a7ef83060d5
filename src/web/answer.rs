//! Answers: pages, and what went wrong.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::memory::MemoryError;

/// What goes wrong with one request.
#[derive(Debug)]
pub(super) enum PageError {
    /// There is no such thing.
    Missing(String),
    /// It cannot be done, and why.
    Refused(String),
    /// A template could not be filled in.
    Template(askama::Error),
    /// The memory cannot be read or written.
    Memory(MemoryError),
}

impl From<MemoryError> for PageError {
    fn from(error: MemoryError) -> Self {
        Self::Memory(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Missing(what) => (StatusCode::NOT_FOUND, what),
            Self::Refused(reason) => (StatusCode::UNPROCESSABLE_ENTITY, reason),
            Self::Template(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
            Self::Memory(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        (status, text + "\n").into_response()
    }
}

/// A page or a part of one.
pub(super) fn page(template: &impl Template) -> Result<Html<String>, PageError> {
    template.render().map(Html).map_err(PageError::Template)
}
