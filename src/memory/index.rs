//! The search index: which entries of a memory have which words.
//!
//! It stands in a file of its own beside the memory, which is made when somebody searches for the first time and brought up
//! to date whenever somebody searches again. So a run that never searches pays nothing for it, and the memory is not locked
//! while it is filled. It holds nothing that the memory does not: where it is lost or damaged it is made anew.

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::files::{BUSY, WRITING};
use super::words::{source_hash, words};

/// `wsrc` in ASCII: marks an index among all SQLite files.
const INDEX_ID: i32 = 0x7773_7263;
/// Another one is made anew.
const INDEX_FORMAT: i32 = 2;

const SCHEMA: &str = "
CREATE TABLE entry (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,   -- the id of a pair, the key of an answer
    is_answer INTEGER NOT NULL,
    source_hash INTEGER NOT NULL,
    at_number INTEGER NOT NULL   -- in the memory; of an answer that is replaced, another one
) STRICT;
CREATE INDEX entry_source ON entry (source_hash);
CREATE INDEX entry_answer ON entry (is_answer);
CREATE VIRTUAL TABLE entry_words
    USING fts5(source, target, content = '', contentless_delete = 1, detail = column, tokenize = 'ascii');
CREATE TABLE reached (
    pair INTEGER NOT NULL,       -- the number of the last pair that is in it
    answer INTEGER NOT NULL      -- the number of the last answer that is in it
) STRICT;
INSERT INTO reached VALUES (0, 0);
";
const ADD: &str = "
INSERT INTO entry (hash, is_answer, source_hash, at_number) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO UPDATE SET at_number = excluded.at_number WHERE at_number <> excluded.at_number
RETURNING number";
const ADD_WORDS: &str = "INSERT OR REPLACE INTO entry_words (rowid, source, target) VALUES (?1, ?2, ?3)";
/// Entries that are added in one commit. Their hashes fall all over the index of hashes, so a commit writes most pages of it,
/// however few entries it has: with a tenth of them a million entries write ten times as much. Others that search
/// meanwhile, and whoever breaks it off, wait for one commit: a second or two.
const CHUNK: u32 = 50_000;
/// KiB of the index that are kept in memory while it is filled: the index of hashes is written to all over all the time.
const CACHE: i64 = 64 * 1024;

const PAIRS: &str = "SELECT number, id, source, target FROM pair WHERE number > ?1 ORDER BY number LIMIT ?2";
const ANSWERS: &str =
    "SELECT number, key, source, target FROM translation WHERE number > ?1 ORDER BY number LIMIT ?2";
const KNOWN: &str = "SELECT 1 FROM translation WHERE substr(key, 1, 4) = substr(?1, 1, 4) AND key = ?1";

/// An open index.
#[derive(Debug)]
pub(super) struct SearchIndex {
    connection: Connection,
    /// The state of the memory that it was brought up to.
    state: Cell<Option<(i64, i64)>>,
}

/// Whose index a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IndexVersion {
    Current,
    /// Another version made it.
    Other,
    /// It is none.
    Foreign,
}

/// What is found of an entry before the memory is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexedEntry {
    /// The id of a pair, the key of an answer.
    pub(super) hash: Vec<u8>,
    pub(super) is_answer: bool,
}

impl SearchIndex {
    /// Opens the index in a file, and makes it if the file is empty. Without a file it is a temporary one.
    pub(super) fn open(path: Option<&Path>) -> rusqlite::Result<Self> {
        let connection = match path {
            Some(path) => Connection::open_with_flags(path, WRITING)?,
            None => Connection::open("")?,
        };
        connection.busy_timeout(BUSY)?;
        let index = Self { connection, state: Cell::default() };
        if index.number("SELECT count(*) FROM sqlite_schema")? == 0 {
            index.connection.pragma_update(None, "journal_mode", "WAL")?;
            index.write(|connection| {
                // Another process may have been faster.
                if connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i32>(0))? == 0 {
                    connection.execute_batch(SCHEMA)?;
                    connection.pragma_update(None, "application_id", INDEX_ID)?;
                    connection.pragma_update(None, "user_version", INDEX_FORMAT)?;
                }
                Ok(())
            })?;
        }
        index.connection.pragma_update(None, "synchronous", "NORMAL")?;
        index.connection.pragma_update(None, "cache_size", -CACHE)?;
        Ok(index)
    }

    /// Which index it is.
    pub(super) fn version(&self) -> rusqlite::Result<IndexVersion> {
        let (id, format) = (self.number("PRAGMA application_id")?, self.number("PRAGMA user_version")?);
        Ok(match (id == i64::from(INDEX_ID), format == i64::from(INDEX_FORMAT)) {
            (true, true) => IndexVersion::Current,
            (true, false) => IndexVersion::Other,
            (false, _) => IndexVersion::Foreign,
        })
    }

    fn number(&self, sql: &str) -> rusqlite::Result<i64> {
        self.connection.query_row(sql, [], |row| row.get(0))
    }

    /// Takes in what came into a memory since the last time. Returns whether it did so; it stops when it is told to.
    pub(super) fn catch_up(&self, memory: &Connection, stop: &AtomicBool) -> rusqlite::Result<bool> {
        // The first changes with the commits of others, the second with those of this connection.
        let number = |sql: &str| memory.query_row(sql, [], |row| row.get::<_, i64>(0));
        let state = (number("PRAGMA data_version")?, number("SELECT total_changes()")?);
        if self.state.get() == Some(state) {
            return Ok(true);
        }
        let is_stopped = || stop.load(Ordering::Relaxed);
        while self.add_entries(memory, (PAIRS, "pair"), false)? == CHUNK && !is_stopped() {}
        while !is_stopped() && self.add_entries(memory, (ANSWERS, "answer"), true)? == CHUNK {}
        if is_stopped() {
            return Ok(false);
        }
        let answers = number("SELECT count(*) FROM translation")?;
        if self.number("SELECT count(*) FROM entry WHERE is_answer")? != answers {
            self.compare(memory)?;
        }
        self.state.set(Some(state));
        Ok(true)
    }

    /// Adds some entries of a kind behind those that were added before; `last` is where the index keeps which that was.
    fn add_entries(
        &self,
        memory: &Connection,
        (entries, last): (&str, &str),
        is_answer: bool,
    ) -> rusqlite::Result<u32> {
        self.write(|index| {
            let last_added = format!("SELECT {last} FROM reached");
            let mut reached: i64 = index.query_row(&last_added, [], |row| row.get(0))?;
            let mut entries = memory.prepare_cached(entries)?;
            let mut rows = entries.query(params![reached, CHUNK])?;
            let mut count = 0;
            while let Some(row) = rows.next()? {
                reached = row.get(0)?;
                let (hash, source, target) =
                    (row.get(1)?, row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str()?);
                add(index, &IndexedEntry { hash, is_answer }, reached, source, target)?;
                count += 1;
            }
            index.execute(&format!("UPDATE reached SET {last} = ?1"), [reached])?;
            Ok(count)
        })
    }

    /// Compares all there is with the memory: answers were forgotten, or the memory is another one.
    fn compare(&self, memory: &Connection) -> rusqlite::Result<()> {
        self.write(|index| {
            let mut entries = index.prepare("SELECT number, hash FROM entry WHERE is_answer")?;
            let mut known = memory.prepare_cached(KNOWN)?;
            let mut rows = entries.query([])?;
            let mut gone = Vec::new();
            while let Some(row) = rows.next()? {
                if known.query_row([row.get_ref(1)?.as_blob()?], |_| Ok(())).optional()?.is_none() {
                    gone.push(row.get::<_, i64>(0)?);
                }
            }
            for number in gone {
                index.prepare_cached("DELETE FROM entry_words WHERE rowid = ?1")?.execute([number])?;
                index.prepare_cached("DELETE FROM entry WHERE number = ?1")?.execute([number])?;
            }
            let mut answers = memory.prepare("SELECT number, key, source, target FROM translation")?;
            let mut rows = answers.query([])?;
            while let Some(row) = rows.next()? {
                let (number, hash) = (row.get(0)?, row.get(1)?);
                let (source, target) = (row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str()?);
                add(index, &IndexedEntry { hash, is_answer: true }, number, source, target)?;
            }
            Ok(())
        })
    }

    fn write<T>(&self, act: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let result = act(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    /// The numbers of the entries that match an expression, the newest first, at most so many.
    pub(super) fn matching(&self, expression: &str, limit: usize) -> rusqlite::Result<Vec<i64>> {
        let sql = "SELECT rowid FROM entry_words WHERE entry_words MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
        let mut matching = self.connection.prepare_cached(sql)?;
        matching
            .query_map(params![expression, i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?
            .collect()
    }

    /// The numbers of the entries with this source, the newest first, at most so many.
    pub(super) fn with_source(&self, source: &str, limit: usize) -> rusqlite::Result<Vec<i64>> {
        let sql = "SELECT number FROM entry WHERE source_hash = ?1 ORDER BY number DESC LIMIT ?2";
        let mut same = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        same.query_map(params![source_hash(source), limit], |row| row.get(0))?.collect()
    }

    /// What stands under a number.
    pub(super) fn posting(&self, number: i64) -> rusqlite::Result<IndexedEntry> {
        let mut entry =
            self.connection.prepare_cached("SELECT hash, is_answer FROM entry WHERE number = ?1")?;
        entry.query_row([number], |row| Ok(IndexedEntry { hash: row.get(0)?, is_answer: row.get(1)? }))
    }
}

/// Adds an entry, or the words of another answer in its place.
fn add(
    index: &Connection,
    posting: &IndexedEntry,
    at_number: i64,
    source: &str,
    target: &str,
) -> rusqlite::Result<()> {
    let IndexedEntry { hash, is_answer } = posting;
    let mut entry = index.prepare_cached(ADD)?;
    let number =
        entry.query_row(params![hash, is_answer, source_hash(source), at_number], |row| row.get::<_, i64>(0));
    if let Some(number) = number.optional()? {
        let texts = [source, target].map(|text| words(text).join(" "));
        index.prepare_cached(ADD_WORDS)?.execute(params![number, texts[0], texts[1]])?;
    }
    Ok(())
}
