//! What every reader of a format has to do, and how.

use std::path::Path;

use super::error::ReadError;
use crate::model::{Article, ArticleId};

/// Reads one input format.
pub trait Reader: Send + Sync {
    /// Makes an article of the bytes of its file; `path` is for the errors.
    ///
    /// # Errors
    /// The bytes are not what the format allows, or cannot be decoded.
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError>;
}

/// How articles are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Larger files are refused, in bytes.
    pub max_bytes: u64,
    /// Whether the lines of plain text are wrapped, so that a line break does not end a sentence; `None`
    /// finds out for each article.
    pub wrap: Option<bool>,
}

impl Default for ReadOptions {
    /// At most 64 MiB, wrapping found out.
    fn default() -> Self {
        Self { max_bytes: 64 << 20, wrap: None }
    }
}
