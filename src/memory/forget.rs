//! Forgetting: what is forgotten is asked for again.

use rusqlite::{Connection, params};

use super::MemoryError;
use super::database::Database;
use super::refused;

const CHOSEN: &str = "
(NOT ?1 OR source IN (SELECT source FROM temp.chosen))
AND (?2 IS NULL OR engine IN (SELECT id FROM engine WHERE profile = ?2))";

/// What is to be forgotten: everything that meets all the conditions given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Answers to these texts, as they were sent.
    pub sources: Option<Vec<String>>,
    /// Answers of the engine with this profile.
    pub engine: Option<String>,
    /// Only answers that are no translations.
    pub unusable_only: bool,
}

/// How much was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Translations.
    pub translations: u64,
    /// Texts whose answers were no translations.
    pub unusable: u64,
}

impl Database {
    /// Counts what is chosen.
    pub(super) fn chosen(&self, selection: &Selection) -> Result<Forgotten, MemoryError> {
        self.each_table(selection, |connection, table, condition| {
            let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
            let count =
                connection.query_row(&sql, params![selection.sources.is_some(), selection.engine], |row| {
                    row.get::<_, i64>(0)
                });
            Ok(count?.unsigned_abs())
        })
    }

    /// Deletes what is chosen, all or nothing.
    pub(super) fn forget(&self, selection: &Selection) -> Result<Forgotten, MemoryError> {
        self.each_table(selection, |connection, table, condition| {
            let sql = format!("DELETE FROM {table} WHERE {condition}");
            Ok(connection.execute(&sql, params![selection.sources.is_some(), selection.engine])? as u64)
        })
    }

    /// Does something with each table that answers stand in, in one transaction.
    fn each_table(
        &self,
        selection: &Selection,
        act: impl Fn(&Connection, &str, &str) -> rusqlite::Result<u64>,
    ) -> Result<Forgotten, MemoryError> {
        let has_unusable = self.format()? >= refused::SINCE;
        self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            transaction.execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS chosen (source TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
                 DELETE FROM temp.chosen;",
            )?;
            for source in selection.sources.iter().flatten() {
                let mut add = transaction.prepare_cached("INSERT OR IGNORE INTO temp.chosen VALUES (?1)")?;
                add.execute([source])?;
            }
            let table = |name: &str, is_there: bool| {
                if is_there { act(&transaction, name, CHOSEN) } else { Ok(0) }
            };
            let forgotten = Forgotten {
                translations: table("translation", !selection.unusable_only)?,
                unusable: table("unusable", has_unusable)?,
            };
            transaction.commit()?;
            Ok(forgotten)
        })
    }
}
