//! Keys that were seen: more than fit into memory, of a corpus of any size.

use std::path::Path;

use rusqlite::Connection;

use super::database::database_error;
use super::error::MemoryError;
use super::key::Key;

/// KiB of it that are kept in memory; the rest stands in a temporary file without a name.
const CACHE: i64 = 2 * 1024;

const MAKE: &str = "
PRAGMA journal_mode = OFF;
CREATE TABLE seen (key BLOB NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
BEGIN;";
const ADD: &str = "INSERT INTO seen VALUES (?1) ON CONFLICT DO NOTHING";
const HAS: &str = "SELECT EXISTS (SELECT * FROM seen WHERE key = ?1)";

/// A set of keys that takes no more memory the more it holds.
#[derive(Debug, Default)]
pub struct SpilledKeys(Option<Connection>);

impl SpilledKeys {
    /// Adds a key. Returns whether it was not in it.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn insert(&mut self, key: Key) -> Result<bool, MemoryError> {
        let add = |connection: &Connection| connection.prepare_cached(ADD)?.execute([key.as_bytes()]);
        let connection = match self.0.take() {
            Some(connection) => Ok(connection),
            None => made(),
        };
        let added = connection.and_then(|connection| {
            let added = add(&connection)?;
            self.0 = Some(connection);
            Ok(added > 0)
        });
        added.map_err(failed)
    }

    /// Whether a key is in it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn contains(&self, key: Key) -> Result<bool, MemoryError> {
        let Some(connection) = &self.0 else { return Ok(false) };
        let has = connection.prepare_cached(HAS);
        has.and_then(|mut has| has.query_row([key.as_bytes()], |row| row.get(0))).map_err(failed)
    }
}

fn made() -> rusqlite::Result<Connection> {
    let connection = Connection::open("")?;
    connection.pragma_update(None, "cache_size", -CACHE)?;
    connection.execute_batch(MAKE)?;
    Ok(connection)
}

fn failed(error: rusqlite::Error) -> MemoryError {
    database_error(Path::new("(temporary)"), error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Request;

    #[test]
    fn a_key_is_new_once() {
        let key = |text: String| Key::new("x", &Request { text, terms: Vec::new(), inlines: Vec::new() });
        let mut set = SpilledKeys::default();
        assert!(!set.contains(key("1".to_owned())).expect("read"));
        for number in 0..200 {
            assert!(set.insert(key(number.to_string())).expect("added"));
        }
        assert!(!set.insert(key("7".to_owned())).expect("known"));
        assert!(set.contains(key("199".to_owned())).expect("read"));
        assert!(!set.contains(key("200".to_owned())).expect("read"));
    }
}
