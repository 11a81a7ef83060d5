//! What people have read.

use std::collections::HashSet;

use rusqlite::params;

use super::database::Database;
use super::error::MemoryError;
use crate::model::ArticleId;

/// A German text with the English that was read beside it: where either changes, it is to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReadText([u8; 16]);

impl ReadText {
    /// The texts as they were shown.
    #[must_use]
    pub fn new(source: &str, target: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        // With the length before it, the end of one text is no beginning of the other.
        hasher.update(&(source.len() as u64).to_le_bytes());
        hasher.update(source.as_bytes());
        hasher.update(target.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(bytes)
    }

    #[cfg(feature = "shared")]
    pub(super) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    #[cfg(feature = "shared")]
    pub(super) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Database {
    /// What people have read of each article, in their order.
    pub(super) fn read_marks(&self, articles: &[ArticleId]) -> Result<Vec<HashSet<ReadText>>, MemoryError> {
        self.run(|connection| {
            let mut of_article =
                connection.prepare_cached("SELECT text FROM read_mark WHERE article = ?1")?;
            let mut marks = |article: &ArticleId| {
                of_article.query_map([article.as_str()], |row| row.get(0).map(ReadText))?.collect()
            };
            articles.iter().map(&mut marks).collect()
        })
    }

    /// Remembers that texts of an article were read, or that they were not.
    pub(super) fn mark_read(
        &self,
        article: &ArticleId,
        texts: &[ReadText],
        is_read: bool,
    ) -> Result<(), MemoryError> {
        let sql = if is_read {
            "INSERT INTO read_mark (article, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM read_mark WHERE article = ?1 AND text = ?2"
        };
        self.write(|connection| {
            let mut change = connection.prepare_cached(sql)?;
            texts.iter().try_for_each(|text| change.execute(params![article.as_str(), text.0]).map(drop))
        })
    }
}
