//! Answers of an earlier version that were taken over: found under the fingerprint which that version gave them.
//!
//! A key is a hash of more than a row holds, so it cannot be made anew for another fingerprint. What is kept is that
//! the answers of one fingerprint stand for those of another.

use rusqlite::{Connection, OptionalExtension, params};

use super::database::Database;
use super::error::MemoryError;

/// Made by the first adoption, so that the format of the file stays what it is.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS adoption (
    fingerprint TEXT NOT NULL,   -- of the engine
    earlier TEXT NOT NULL,       -- of the answers that may stand for its own
    taken INTEGER NOT NULL,      -- whether they do
    PRIMARY KEY (fingerprint, earlier)
) STRICT, WITHOUT ROWID;
";
const IS_MADE: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'adoption'";
const DECIDED: &str = "SELECT taken FROM adoption WHERE fingerprint = ?1 AND earlier = ?2";
const COUNT: &str =
    "SELECT count(*) FROM translation WHERE engine IN (SELECT id FROM engine WHERE fingerprint = ?1)";
const DECIDE: &str = "
INSERT INTO adoption (fingerprint, earlier, taken) VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET taken = excluded.taken";

/// A fingerprint that an engine has, and the one that an earlier version gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    pub fingerprint: String,
    /// Of the answers that may stand for its own.
    pub earlier: String,
}

/// What becomes of the answers of an earlier version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    Undecided {
        /// The answers there are.
        answers: u64,
    },
    /// They stand for the engine's own.
    Taken,
    /// They do not count.
    Declined,
}

impl Database {
    /// What was decided about earlier answers.
    pub(super) fn adoption(&self, succession: &Succession) -> Result<Adoption, MemoryError> {
        let Succession { fingerprint, earlier } = succession;
        self.run(|connection| {
            let answers = || connection.query_row(COUNT, [earlier], |row| row.get::<_, i64>(0));
            Ok(match decided(connection, fingerprint, earlier)? {
                Some(true) => Adoption::Taken,
                Some(false) => Adoption::Declined,
                None => Adoption::Undecided { answers: answers()?.unsigned_abs() },
            })
        })
    }

    /// Decides about earlier answers.
    pub(super) fn decide(&self, succession: &Succession, taken: bool) -> Result<(), MemoryError> {
        self.change(|connection| {
            connection.execute_batch(SCHEMA)?;
            connection.execute(DECIDE, params![succession.fingerprint, succession.earlier, taken])?;
            Ok(((), true))
        })
    }
}

fn decided(connection: &Connection, fingerprint: &str, earlier: &str) -> rusqlite::Result<Option<bool>> {
    if connection.query_row(IS_MADE, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(None);
    }
    connection.query_row(DECIDED, [fingerprint, earlier], |row| row.get(0)).optional()
}
