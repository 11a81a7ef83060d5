//! The files that were written on their own, outside of an output folder with a manifest of its own.

use rusqlite::{Connection, Row, params};

use super::database::Database;
use super::error::MemoryError;
use super::records::OutputRecord;

const ADD: &str = "
INSERT INTO output (path, hash, article, format, segments) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT DO UPDATE SET article = excluded.article, format = excluded.format, segments = excluded.segments";

impl Database {
    /// All files, by path.
    pub(super) fn outputs(&self) -> Result<Vec<OutputRecord>, MemoryError> {
        self.run(|connection| {
            let all = "SELECT path, hash, article, format, segments FROM output ORDER BY path, hash";
            connection.prepare_cached(all)?.query_map([], record)?.collect()
        })
    }

    /// Remembers a file, beside what is known of its path already.
    pub(super) fn announce_output(&self, output: &OutputRecord) -> Result<(), MemoryError> {
        self.run(|connection| add(connection, output))
    }

    /// Remembers a file, and forgets what else is known of its path.
    pub(super) fn settle_output(&self, output: &OutputRecord) -> Result<(), MemoryError> {
        self.write(|connection| {
            add(connection, output)?;
            let forget = "DELETE FROM output WHERE path = ?1 AND hash <> ?2";
            connection.prepare_cached(forget)?.execute([&output.path, &output.hash]).map(drop)
        })
    }
}

fn add(connection: &Connection, output: &OutputRecord) -> rusqlite::Result<()> {
    let OutputRecord { path, hash, article, format, segments } = output;
    connection.prepare_cached(ADD)?.execute(params![path, hash, article, format, segments]).map(drop)
}

fn record(row: &Row<'_>) -> rusqlite::Result<OutputRecord> {
    Ok(OutputRecord {
        path: row.get(0)?,
        hash: row.get(1)?,
        article: row.get(2)?,
        format: row.get(3)?,
        segments: row.get(4)?,
    })
}
