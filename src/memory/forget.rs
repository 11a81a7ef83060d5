//! Forgetting: what is forgotten is asked for again.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::database::Database;
use super::error::MemoryError;
use crate::model::Timestamp;

/// Meets the texts as a JSON array, the profile and the time of a [`Selection`]; null is every one.
const CHOSEN: &str = "
(?1 IS NULL OR source IN (SELECT value FROM json_each(?1)))
AND (?2 IS NULL OR engine IN (SELECT id FROM engine WHERE profile = ?2))
AND (?3 IS NULL OR created_at < ?3)";

/// What to forget: everything that meets all the conditions given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Answers to these texts, as they were sent.
    pub sources: Option<Vec<String>>,
    /// Answers of the engine with this profile.
    pub engine: Option<String>,
    /// Only answers that are not translations.
    pub unusable_only: bool,
    /// Only answers from before this moment.
    pub before: Option<Timestamp>,
}

/// How much was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub translations: u64,
    /// Texts whose answers were no translations.
    pub unusable: u64,
}

impl Database {
    /// Counts what is chosen.
    pub(super) fn chosen(&self, selection: &Selection) -> Result<Forgotten, MemoryError> {
        self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            each_table(selection, |table, chosen| {
                let sql = format!("SELECT count(*) FROM {table} WHERE {CHOSEN}");
                let count = transaction.query_row(&sql, params_from_iter(chosen), |row| row.get::<_, i64>(0));
                Ok(count?.unsigned_abs())
            })
        })
    }

    /// Deletes what is chosen, all or nothing.
    pub(super) fn forget(&self, selection: &Selection) -> Result<Forgotten, MemoryError> {
        self.change(|connection| {
            let forgotten = each_table(selection, |table, chosen| {
                let sql = format!("DELETE FROM {table} WHERE {CHOSEN}");
                Ok(connection.execute(&sql, params_from_iter(chosen))? as u64)
            })?;
            Ok((forgotten, forgotten != Forgotten::default()))
        })
    }
}

/// Does something with each table that answers stand in.
fn each_table(
    selection: &Selection,
    act: impl Fn(&str, &[Option<Value>; 3]) -> rusqlite::Result<u64>,
) -> rusqlite::Result<Forgotten> {
    let sources = selection.sources.as_ref().map(|texts| serde_json::json!(texts).to_string());
    let before = selection.before.map(|before| Value::from(before.seconds()));
    let chosen = [sources.map(Value::from), selection.engine.clone().map(Value::from), before];
    let translations = if selection.unusable_only { 0 } else { act("translation", &chosen)? };
    Ok(Forgotten { translations, unusable: act("unusable", &chosen)? })
}
