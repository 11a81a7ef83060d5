//! Answers: pages, and what went wrong.

use std::fmt::Write as _;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::text::characters::{is_control, is_invisible};

/// What goes wrong with one request.
#[derive(Debug)]
pub(super) enum PageError {
    /// There is no such thing.
    Missing(String),
    /// A template could not be filled in.
    Template(askama::Error),
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Missing(what) => (StatusCode::NOT_FOUND, what),
            Self::Template(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        (status, text + "\n").into_response()
    }
}

/// A page or a part of one.
pub(super) fn page(template: &impl Template) -> Result<Html<String>, PageError> {
    template.render().map(Html).map_err(PageError::Template)
}

/// A text for a list, with the names of characters that turn text around, drive terminals or cannot be seen in their places.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_control(c) || is_invisible(c) {
            // Writing into a string does not fail.
            let _ = write!(out, "[U+{:04X}]", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}
