//! Plain text.

use std::path::Path;

use super::decode::decode;
use super::error::ReadError;
use super::reader::Reader;
use crate::model::{Article, ArticleId};
use crate::text;

/// Plain text, whose blocks are recognised by its layout and its words.
#[derive(Debug)]
pub(super) struct PlainTextReader {
    /// Whether lines are wrapped.
    pub(super) wrap: Option<bool>,
}

impl Reader for PlainTextReader {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let (text, encoding) = decode(path, bytes)?;
        let blocks = text::blocks(&text, self.wrap);
        Ok(Article { id, encoding, text, blocks, layout: None, fields: Vec::new(), file_hash: None })
    }
}
