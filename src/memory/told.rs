//! The terms that went with a text: answers that were given under an earlier glossary.

use rusqlite::params;

use super::database::Database;
use super::error::MemoryError;
use super::records::TextOfEngine;
use crate::model::TermHint;

/// The most lists of terms that are found for a text: a glossary goes through few states, and each is a look at an answer.
const TOLD: i64 = 8;

const FIND: &str = "
SELECT terms FROM translation JOIN engine ON engine.id = translation.engine
WHERE substr(source, 1, 24) = substr(?1, 1, 24) AND substr(source, -24) = substr(?1, -24)
    AND length(source) = length(?1) AND terms IS NOT NULL AND source = ?1 AND fingerprint = ?2
ORDER BY translation.created_at DESC, key LIMIT ?3";

impl Database {
    /// The terms that went with texts, for each the last ones first.
    pub(super) fn terms_told(&self, texts: &[TextOfEngine]) -> Result<Vec<Vec<Vec<TermHint>>>, MemoryError> {
        let rows = self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut statement = transaction.prepare_cached(FIND)?;
            let of_text = |TextOfEngine { fingerprint, text }: &TextOfEngine| {
                statement.query_map(params![text, fingerprint, TOLD], |row| row.get(0))?.collect()
            };
            texts.iter().map(of_text).collect::<rusqlite::Result<Vec<Vec<String>>>>()
        })?;
        // What is none is no reason to send nothing: `memory check` finds it.
        let read =
            |rows: Vec<String>| rows.iter().filter_map(|json| serde_json::from_str(json).ok()).collect();
        Ok(rows.into_iter().map(read).collect())
    }
}
