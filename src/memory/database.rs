//! The SQLite file: how it is opened, what stands in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};

use super::{Key, Maker, MemoryError, Record, Stats, outputs};
use crate::model::{Alignment, Translation};

/// `wort` in ASCII: tells a memory from any other SQLite file.
const APPLICATION_ID: i32 = 0x776f_7274;
/// The format of the tables below, kept in `user_version`.
const FORMAT: i32 = 2;
/// How long another process that writes is waited for.
const BUSY: Duration = Duration::from_secs(30);

const SCHEMA: &str = "
CREATE TABLE engine (
    id INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    UNIQUE (profile, fingerprint)
) STRICT;
CREATE TABLE translation (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    terms TEXT NOT NULL,     -- JSON: [{source, target}]
    alignment TEXT,          -- JSON: [[source start, source end, target start, target end]] in bytes
    cuts TEXT,               -- JSON: what the engine cut off the answer; null if nothing
    billed INTEGER,          -- what the service says, in its unit
    engine INTEGER NOT NULL REFERENCES engine (id),
    created_at INTEGER NOT NULL -- seconds since 1970
) STRICT, WITHOUT ROWID;
";

const LOOKUP: &str = "SELECT target, alignment, billed, cuts FROM translation WHERE key = ?1";
const ADD_ENGINE: &str = "INSERT INTO engine (profile, fingerprint) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
const ADD: &str = "
INSERT INTO translation (key, source, target, terms, alignment, cuts, billed, engine, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT id FROM engine WHERE profile = ?8 AND fingerprint = ?9), ?10)
ON CONFLICT DO NOTHING";

/// An open memory. Belongs to one thread.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    path: PathBuf,
}

impl Database {
    /// Opens the file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, MemoryError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| MemoryError::file(folder, source))?;
        }
        let database = Self::with(path, Connection::open(path))?;
        // Asked before anything is written: a file that is something else stays as it is.
        let fresh = database.is_fresh()?;
        database.run(|connection| {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")
        })?;
        if fresh {
            database.create()?;
        }
        database.migrate()?;
        Ok(database)
    }

    /// Opens the file for reading, if it is there and was not left empty.
    pub(super) fn open_existing(path: &Path) -> Result<Option<Self>, MemoryError> {
        let there = path.try_exists().map_err(|source| MemoryError::file(path, source))?;
        if !there {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let uri = read_only_uri(path).map_err(|source| MemoryError::file(path, source))?;
        let database = Self::with(path, Connection::open_with_flags(uri, flags))?;
        Ok(if database.is_fresh()? { None } else { Some(database) })
    }

    /// A database without a file.
    pub(super) fn open_in_memory() -> Result<Self, MemoryError> {
        let database = Self::with(Path::new(":memory:"), Connection::open_in_memory())?;
        database.create()?;
        Ok(database)
    }

    fn with(path: &Path, connection: rusqlite::Result<Connection>) -> Result<Self, MemoryError> {
        let path = path.to_owned();
        let connection = connection.map_err(|error| database_error(&path, error))?;
        let database = Self { connection, path };
        database.run(|connection| connection.busy_timeout(BUSY))?;
        Ok(database)
    }

    /// Whether nothing stands in the file yet.
    fn is_fresh(&self) -> Result<bool, MemoryError> {
        let (id, format, tables) = self.run(|connection| {
            let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i32>(0));
            Ok((
                number("PRAGMA application_id")?,
                number("PRAGMA user_version")?,
                number("SELECT count(*) FROM sqlite_schema")?,
            ))
        })?;
        match (id, format) {
            (APPLICATION_ID, 1..=FORMAT) => Ok(false),
            (APPLICATION_ID, found) => {
                Err(MemoryError::Newer { path: self.path.clone(), found, known: FORMAT })
            }
            (0, 0) if tables == 0 => Ok(true),
            _ => Err(MemoryError::Foreign { path: self.path.clone() }),
        }
    }

    /// Makes the tables, all or nothing. Another process may have been faster; then nothing is done.
    fn create(&self) -> Result<(), MemoryError> {
        self.run(|connection| connection.execute_batch("BEGIN IMMEDIATE"))?;
        if self.is_fresh()? {
            self.run(|connection| {
                connection.execute_batch(SCHEMA)?;
                connection.execute_batch(outputs::SCHEMA)?;
                connection.pragma_update(None, "application_id", APPLICATION_ID)?;
                connection.pragma_update(None, "user_version", FORMAT)
            })?;
        }
        self.run(|connection| connection.execute_batch("COMMIT"))
    }

    /// Brings a memory of an earlier version to the format of this one, all or nothing.
    fn migrate(&self) -> Result<(), MemoryError> {
        let format = |connection: &Connection| {
            connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i32>(0))
        };
        if self.run(format)? == FORMAT {
            return Ok(());
        }
        self.run(|connection| {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            // Another process may have been faster.
            if format(connection)? == 1 {
                connection.execute_batch(outputs::SCHEMA)?;
                connection.pragma_update(None, "user_version", FORMAT)?;
            }
            connection.execute_batch("COMMIT")
        })
    }

    /// The translations of the keys, in their order.
    pub(super) fn lookup(&self, keys: &[Key]) -> Result<Vec<Option<Translation>>, MemoryError> {
        let lists: Vec<&[Key]> = keys.chunks(1).collect();
        let found = self.lookup_first(&lists)?;
        Ok(found.into_iter().map(|found| found.map(|(_, translation)| translation)).collect())
    }

    /// For each list of keys the first one that is there.
    pub(super) fn lookup_first<K: AsRef<[Key]>>(
        &self,
        lists: &[K],
    ) -> Result<Vec<Option<(usize, Translation)>>, MemoryError> {
        let rows = self.run(|connection| {
            // One read transaction for all keys: one view of the file, and one lock instead of thousands.
            let transaction = connection.unchecked_transaction()?;
            let mut statement = transaction.prepare_cached(LOOKUP)?;
            let mut first = |keys: &[Key]| {
                for (place, key) in keys.iter().enumerate() {
                    if let Some(row) = statement.query_row([key.as_bytes()], stored).optional()? {
                        return Ok(Some((place, *key, row)));
                    }
                }
                Ok(None)
            };
            lists.iter().map(|keys| first(keys.as_ref())).collect::<rusqlite::Result<Vec<_>>>()
        });
        let translation = |(place, key, row): (usize, Key, Stored)| {
            row.translation().map(|translation| (place, translation)).map_err(|error| MemoryError::Row {
                path: self.path.clone(),
                key: key.to_string(),
                reason: error.to_string(),
            })
        };
        rows?.into_iter().map(|row| row.map(translation).transpose()).collect()
    }

    /// The engines there are answers of, in the order in which they came.
    pub(super) fn makers(&self) -> Result<Vec<Maker>, MemoryError> {
        self.run(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT profile, fingerprint FROM engine ORDER BY id")?;
            let maker = |row: &Row<'_>| Ok(Maker { profile: row.get(0)?, fingerprint: row.get(1)? });
            statement.query_map([], maker)?.collect()
        })
    }

    /// Keeps all records in one commit, or none of them.
    pub(super) fn store<'a>(&self, records: impl Iterator<Item = &'a Record>) -> Result<(), MemoryError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.run(|connection| {
            // Dropped without a commit, a transaction is rolled back.
            let transaction = connection.unchecked_transaction()?;
            for record in records {
                add(&transaction, record, now)?;
            }
            transaction.commit()
        })
    }

    /// How large it is.
    pub(super) fn stats(&self) -> Result<Stats, MemoryError> {
        self.run(|connection| {
            let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            let rows = number("SELECT count(*) FROM translation")?.unsigned_abs();
            let bytes =
                number("PRAGMA page_count")?.unsigned_abs() * number("PRAGMA page_size")?.unsigned_abs();
            Ok(Stats { rows, bytes })
        })
    }

    /// Runs SQL; errors are given the name of the file.
    pub(super) fn run<T>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, MemoryError> {
        act(&self.connection).map_err(|error| database_error(&self.path, error))
    }
}

/// A row as it stands in the file.
struct Stored {
    target: String,
    alignment: Option<String>,
    billed: Option<i64>,
    cuts: Option<String>,
}

impl Stored {
    fn translation(self) -> serde_json::Result<Translation> {
        let alignment = self.alignment.as_deref().map(read_alignment).transpose()?;
        let cuts = self.cuts.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        Ok(Translation { text: self.target, alignment, billed: self.billed.map(i64::unsigned_abs), cuts })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored { target: row.get(0)?, alignment: row.get(1)?, billed: row.get(2)?, cuts: row.get(3)? })
}

fn add(connection: &Connection, record: &Record, now: u64) -> rusqlite::Result<()> {
    let Record { key, engine, fingerprint, request, translation } = record;
    let json = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
    let terms = serde_json::to_string(&request.terms).map_err(json)?;
    let alignment = translation.alignment.as_ref().map(write_alignment).transpose().map_err(json)?;
    let cuts = match translation.cuts.as_slice() {
        [] => None,
        cuts => Some(serde_json::to_string(cuts).map_err(json)?),
    };
    let billed = translation.billed.map(|units| i64::try_from(units).unwrap_or(i64::MAX));
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    connection.prepare_cached(ADD_ENGINE)?.execute([engine, fingerprint])?;
    connection.prepare_cached(ADD)?.execute(params![
        key.as_bytes(),
        request.text,
        translation.text,
        terms,
        alignment,
        cuts,
        billed,
        engine,
        fingerprint,
        now
    ])?;
    Ok(())
}

fn write_alignment(alignment: &Alignment) -> serde_json::Result<String> {
    let pairs: Vec<[usize; 4]> =
        alignment.0.iter().map(|(from, to)| [from.start, from.end, to.start, to.end]).collect();
    serde_json::to_string(&pairs)
}

fn read_alignment(json: &str) -> serde_json::Result<Alignment> {
    let pairs: Vec<[usize; 4]> = serde_json::from_str(json)?;
    Ok(Alignment(pairs.into_iter().map(|[a, b, c, d]| (a..b, c..d)).collect()))
}

fn database_error(path: &Path, error: rusqlite::Error) -> MemoryError {
    let path = path.to_owned();
    if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        MemoryError::Foreign { path }
    } else {
        MemoryError::Database { path, source: Arc::new(error) }
    }
}

/// Names a database so that SQLite makes no file beside it when it is read.
///
/// A memory that was closed properly has no write-ahead log; said to be immutable, it is read without
/// one. Where there is a log, a run is at work or was killed, and what stands in the log counts.
fn read_only_uri(path: &Path) -> std::io::Result<String> {
    use std::fmt::Write as _;

    let path = std::path::absolute(path)?;
    let mut uri = String::from("file:");
    if !path.as_os_str().as_encoded_bytes().starts_with(b"/") {
        uri.push('/');
    }
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'/' | b':' | b'.' | b'-' | b'_' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            // Writing into a string does not fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    let mut log = path.into_os_string();
    log.push("-wal");
    if !Path::new(&log).try_exists()? {
        uri.push_str("?immutable=1");
    }
    Ok(uri)
}
