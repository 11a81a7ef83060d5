//! Answers that are not translations: what was asked is not asked the same way again.

use rusqlite::{OptionalExtension, Row, params};

use super::database::{Database, add_engine, now};
use super::error::MemoryError;
use super::key::Key;
use super::records::StoredAnswer;
use crate::check::Class;
use crate::model::Form;

const LOOKUP: &str = "SELECT answer, class, form, count FROM unusable WHERE key = ?1";
const ADD: &str = "
INSERT INTO unusable (key, source, answer, class, form, count, engine, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, 1, (SELECT id FROM engine WHERE profile = ?6 AND fingerprint = ?7), ?8)
ON CONFLICT DO UPDATE SET answer = excluded.answer, class = excluded.class, form = excluded.form,
    count = count + 1, created_at = excluded.created_at";

/// An answer that is not a translation, to be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was asked, and what came back.
    pub record: StoredAnswer,
    /// Why it is not a translation.
    pub class: Class,
    /// In which form it was asked for.
    pub form: Form,
}

/// The answers to a text that has no translation yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The last form in which it was asked for.
    pub form: Form,
    /// What the last answer is.
    pub class: Class,
    pub answer: String,
    pub count: u64,
}

impl Database {
    /// What was answered under the keys, in their order.
    pub(super) fn attempts(&self, keys: &[Key]) -> Result<Vec<Option<Attempt>>, MemoryError> {
        let rows = self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut statement = transaction.prepare_cached(LOOKUP)?;
            let mut row = |key: &Key| statement.query_row([key.as_bytes()], stored).optional();
            keys.iter().map(&mut row).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let attempt = |(key, row): (&Key, Option<AttemptRow>)| {
            row.map(|row| row.attempt().ok_or_else(|| self.broken(key, "unknown class or form"))).transpose()
        };
        keys.iter().zip(rows).map(attempt).collect()
    }

    /// Remembers all of them in one commit, or none.
    pub(super) fn refuse(&self, refused: &[Refused]) -> Result<(), MemoryError> {
        let now = now();
        self.change(|connection| {
            for Refused { record, class, form } in refused {
                add_engine(connection, record)?;
                connection.prepare_cached(ADD)?.execute(params![
                    record.key.as_bytes(),
                    record.request.text,
                    record.translation.text,
                    class.as_str(),
                    form.as_str(),
                    record.engine,
                    record.fingerprint,
                    now
                ])?;
            }
            Ok(((), !refused.is_empty()))
        })
    }
}

/// A row as it stands in the file.
struct AttemptRow {
    answer: String,
    class: String,
    form: String,
    count: i64,
}

impl AttemptRow {
    fn attempt(self) -> Option<Attempt> {
        Some(Attempt {
            form: self.form.parse::<Form>().ok()?,
            class: Class::ALL.into_iter().find(|class| class.as_str() == self.class)?,
            answer: self.answer,
            count: self.count.unsigned_abs(),
        })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    Ok(AttemptRow { answer: row.get(0)?, class: row.get(1)?, form: row.get(2)?, count: row.get(3)? })
}
