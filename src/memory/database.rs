//! The SQLite file: how it is opened, what stands in it.

use std::cell::{Cell, OnceCell};
use std::ffi::c_int;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::backup::Backup;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Statement, Transaction, TransactionBehavior,
    params,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::MemoryError;
use super::files::{BUSY, MemoryFiles, WRITING};
use super::index::{IndexVersion, SearchIndex};
use super::key::Key;
use super::records::{Log, Maker, MemoryState, StoredAnswer};
use super::schema::{APPLICATION_ID, FORMAT, FORMATS};
use crate::disk::{PartFile, SaveError, sync_folder};
use crate::model::{SpanPairs, Translation};

/// KiB of the database that are kept in memory: the upper part of the index of some million answers. Answers themselves are
/// looked up in the order in which they stand; more of a cache would only make a large corpus take more than a small one.
const CACHE: i64 = 4 * 1024;
/// Pages that are copied at once.
const COPIED: c_int = 1_000;
/// How long the end of a run waits for others that read: they hold the log for a lookup at a time.
const READERS: Duration = Duration::from_secs(1);

const LOOKUP: &str = "
SELECT target, alignment, billed, cuts, alternatives FROM translation
WHERE substr(key, 1, 4) = substr(?1, 1, 4) AND key = ?1";
const CHANGED: &str = "UPDATE state SET token = randomblob(16) RETURNING token";
const TOKEN: &str = "SELECT token FROM state";
const ADD_ENGINE: &str = "INSERT INTO engine (profile, fingerprint) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
const ADD: &str = "
INSERT INTO translation (key, source, target, terms, alignment, cuts, alternatives, billed, engine, created_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT id FROM engine WHERE profile = ?9 AND fingerprint = ?10), ?11
WHERE NOT EXISTS (SELECT 1 FROM translation WHERE substr(key, 1, 4) = substr(?1, 1, 4) AND key = ?1)";
const REMOVE: &str = "DELETE FROM translation WHERE substr(key, 1, 4) = substr(?1, 1, 4) AND key = ?1";

/// An open memory. Belongs to one thread.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    path: PathBuf,
    /// Where it stands; `None` for one without a file.
    place: Option<MemoryFiles>,
    is_reader: bool,
    /// What stands for all that was in it at the last look, or after the last change from here.
    token: Cell<Option<StateToken>>,
    /// Whether somebody else changed it since it was opened.
    is_shared: Cell<bool>,
    /// The search index, once somebody has searched.
    index: OnceCell<SearchIndex>,
    /// Whether what takes long is to be broken off.
    pub(super) stop: Arc<AtomicBool>,
}

impl Database {
    /// Opens the file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, MemoryError> {
        let place = MemoryFiles::made(path)?;
        if !is_there(path, &place)? {
            Self::make_empty(path, &place)?;
        }
        let connection = Connection::open_with_flags(place.database(), WRITING);
        let database = Self { place: Some(place), ..Self::with(path, connection)? };
        // Asked before anything is written: a file that is something else stays as it is.
        let format = database.look()?;
        database.run(|connection| {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")
        })?;
        if format < FORMAT {
            database.upgrade()?;
            // What the earlier tables took is given back. Where others read, or the disk has no room for a copy, the file
            // stays as large as it is, and is used up by and by.
            let _ = database.run(|connection| connection.execute_batch("VACUUM"));
        }
        Ok(database)
    }

    /// Makes an empty memory, unless another process is faster. It is written in one go to a file whose name is known, so that
    /// what a killed process left of it is cleared away by the next one.
    fn make_empty(path: &Path, place: &MemoryFiles) -> Result<(), MemoryError> {
        let failed = |error: SaveError| MemoryError::file(path, error.into_cause());
        let mut empty = Self::open_in_memory()?;
        let bytes = empty.connection.serialize("main").map_err(|error| database_error(path, error))?;
        let file = PartFile::write(&place.database(), &bytes).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        }
        if file.rename_new().map_err(failed)? {
            sync_folder(place.folder());
        }
        Ok(())
    }

    /// Makes a memory where there is none, and fills it. Returns whether there was none.
    ///
    /// It gets its name when it is whole, so that a file without tables is never taken for a memory that is still
    /// to be filled, and what is lost is noticed.
    pub(super) fn make(
        path: &Path,
        place: &MemoryFiles,
        fill: impl FnOnce(&Self) -> Result<(), MemoryError>,
    ) -> Result<bool, MemoryError> {
        let failed = |source| MemoryError::file(path, source);
        let new = tempfile::Builder::new().prefix(".memory-").tempfile_in(place.folder()).map_err(failed)?;
        let database = Self::with(path, Connection::open_with_flags(new.path(), WRITING))?;
        database.upgrade()?;
        fill(&database)?;
        database.close()?;
        new.as_file().sync_all().map_err(failed)?;
        match new.persist_noclobber(place.database()) {
            Ok(_) => sync_folder(place.folder()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(failed(error.error)),
        }
        Ok(true)
    }

    /// Opens the file for reading, if it is there.
    pub(super) fn open_existing(path: &Path) -> Result<Option<Self>, MemoryError> {
        let Some(place) = MemoryFiles::found(path)? else { return Ok(None) };
        if !is_there(path, &place)? {
            return Ok(None);
        }
        let connection = match shared(&place) {
            Ok(Some(connection)) => Ok(connection),
            Ok(None) => alone(&place),
            Err(error) => Err(error),
        };
        let database = Self { is_reader: true, place: Some(place), ..Self::with(path, connection)? };
        let database = if database.look()? < FORMAT { database.brought_up()? } else { database };
        Ok(Some(database))
    }

    /// A copy of a memory of an earlier format that is only read, in the newest one; it goes when it is closed.
    fn brought_up(self) -> Result<Self, MemoryError> {
        let path = self.path.clone();
        let copied = Connection::open("").and_then(|mut copy| {
            Backup::new(&self.connection, &mut copy)?.run_to_completion(COPIED, Duration::ZERO, None)?;
            Ok(copy)
        });
        let copy = Self { place: self.place, ..Self::with(&path, copied)? };
        copy.upgrade()?;
        copy.run(|connection| connection.pragma_update(None, "query_only", true))?;
        Ok(Self { is_reader: true, ..copy })
    }

    /// Opens a memory that may be damaged, as far as it is one.
    pub(super) fn open_damaged(path: &Path, place: &MemoryFiles) -> Result<Self, MemoryError> {
        let connection = Connection::open_with_flags(place.database(), WRITING);
        let database = Self { is_reader: true, ..Self::with(path, connection)? };
        let id = database.run(|connection| {
            connection.pragma_update(None, "query_only", true)?;
            connection.query_row("PRAGMA application_id", [], |row| row.get::<_, i32>(0))
        })?;
        if id == APPLICATION_ID { Ok(database) } else { Err(MemoryError::Foreign { path: path.to_owned() }) }
    }

    /// The bytes of its search index; 0 if there is none.
    pub(super) fn index_bytes(&self) -> Result<u64, MemoryError> {
        self.place.as_ref().map_or(Ok(0), MemoryFiles::index_bytes)
    }

    /// A database without a file.
    pub(super) fn open_in_memory() -> Result<Self, MemoryError> {
        let database = Self::with(Path::new(":memory:"), Connection::open_in_memory())?;
        database.upgrade()?;
        Ok(database)
    }

    fn with(path: &Path, connection: rusqlite::Result<Connection>) -> Result<Self, MemoryError> {
        let path = path.to_owned();
        let connection = connection.map_err(|error| database_error(&path, error))?;
        let database = Self {
            connection,
            path,
            place: None,
            is_reader: false,
            token: Cell::default(),
            is_shared: Cell::default(),
            index: OnceCell::new(),
            stop: Arc::default(),
        };
        database.run(|connection| {
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "cache_size", -CACHE)
        })?;
        Ok(database)
    }

    /// Checks that the file is a memory that this version knows, and returns its format.
    fn look(&self) -> Result<i32, MemoryError> {
        let (id, format) = self.run(|connection| {
            let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i32>(0));
            Ok((number("PRAGMA application_id")?, number("PRAGMA user_version")?))
        })?;
        match (id, format) {
            (APPLICATION_ID, 1..=FORMAT) => self.look_at_end().map(|()| format),
            (APPLICATION_ID, found) => {
                Err(MemoryError::Newer { path: self.path.clone(), found, known: FORMAT })
            }
            _ => Err(MemoryError::Foreign { path: self.path.clone() }),
        }
    }

    /// The format of the tables; 0 if there are none yet.
    pub(super) fn format(&self) -> Result<i32, MemoryError> {
        self.run(|connection| connection.query_row("PRAGMA user_version", [], |row| row.get(0)))
    }

    /// Whether something stands in SQLite's log that may not have come into the file yet: where the disk was full meanwhile, half
    /// a page stands at the end of the file, and the whole one in the log.
    fn has_log(&self) -> Result<bool, MemoryError> {
        let Some(place) = &self.place else { return Ok(false) };
        match std::fs::metadata(place.log()) {
            Ok(log) => Ok(log.len() > 0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(MemoryError::file(place.log(), error)),
        }
    }

    /// Checks that the file ends with a whole page; SQLite takes what is missing of the last one for zeros.
    fn look_at_end(&self) -> Result<(), MemoryError> {
        let page =
            self.run(|connection| connection.query_row("PRAGMA page_size", [], |row| row.get::<_, i64>(0)))?;
        let length =
            std::fs::metadata(&self.path).map_err(|source| MemoryError::file(&self.path, source))?.len();
        if length.is_multiple_of(page.unsigned_abs().max(1)) || self.has_log()? {
            return Ok(());
        }
        let reason = format!("its end is cut off, {length} bytes are left");
        Err(MemoryError::Damaged { path: self.path.clone(), reason, source: None })
    }

    /// Brings the tables to the newest format, all or nothing. Another process may have been faster; then nothing is
    /// done.
    fn upgrade(&self) -> Result<(), MemoryError> {
        self.run(|connection| connection.execute_batch("BEGIN IMMEDIATE"))?;
        let found = usize::try_from(self.format()?).unwrap_or_default();
        self.run(|connection| {
            FORMATS[found..].iter().try_for_each(|added| connection.execute_batch(added))?;
            connection.pragma_update(None, "application_id", APPLICATION_ID)?;
            connection.pragma_update(None, "user_version", FORMAT)?;
            connection.execute_batch("COMMIT")
        })
    }

    /// Merges the log into the file and closes it. The log stays where others are still reading it; it is valid, and
    /// the next one to close the file merges it.
    pub(super) fn close(self) -> Result<Log, MemoryError> {
        let busy = if self.is_reader {
            false
        } else {
            self.run(|connection| {
                connection.busy_timeout(READERS)?;
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            })?
        };
        self.connection.close().map_err(|(_, error)| database_error(&self.path, error))?;
        Ok(if busy { Log::Left } else { Log::Merged })
    }

    /// The translations of the keys, in their order.
    pub(super) fn lookup(&self, keys: &[Key]) -> Result<Vec<Option<Translation>>, MemoryError> {
        let rows = self.run(|connection| {
            // One read transaction for all keys: one view of the file, and one lock instead of thousands.
            let transaction = connection.unchecked_transaction()?;
            let mut statement = transaction.prepare_cached(LOOKUP)?;
            let mut row = |key: &Key| statement.query_row([key.as_bytes()], stored).optional();
            keys.iter().map(&mut row).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let translation = |(key, row): (&Key, Option<TranslationRow>)| {
            let read = row.map(|row| row.translation(key)).transpose();
            read.map_err(|error| self.broken(key, &error))
        };
        keys.iter().zip(rows).map(translation).collect()
    }

    /// The error of a row that no version of this program writes.
    pub(super) fn broken(&self, key: &Key, reason: &str) -> MemoryError {
        let reason = format!("row {key} cannot be read: {reason}");
        MemoryError::Damaged { path: self.path.clone(), reason, source: None }
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
    pub(super) fn store<'a>(
        &self,
        mut records: impl Iterator<Item = (StoreMode, &'a StoredAnswer)>,
    ) -> Result<(), MemoryError> {
        let now = now();
        self.change(|connection| {
            records.try_for_each(|(mode, record)| add(connection, mode, record, now)).map(|()| ((), true))
        })
    }

    /// The search index, with all that is in the memory now. The first time, that takes a minute for a million entries.
    pub(super) fn index(&self) -> Result<&SearchIndex, MemoryError> {
        if self.index.get().is_none() {
            // Nobody else sets it: a database belongs to one thread.
            let _ = self.index.set(self.open_index()?);
        }
        let index = self.index.get().ok_or(MemoryError::Gone)?;
        let is_done = self.run_on_index(|| index.catch_up(&self.connection, &self.stop))?;
        if is_done { Ok(index) } else { Err(MemoryError::Gone) }
    }

    fn open_index(&self) -> Result<SearchIndex, MemoryError> {
        let temporary = || self.run_on_index(|| SearchIndex::open(None));
        // Where nothing can be written beside the memory, an index lasts as long as the process.
        let Some(place) = &self.place else { return temporary() };
        let Some(path) = place.make_index()? else { return temporary() };
        let open = || {
            self.run_on_index(|| {
                let index = SearchIndex::open(Some(&path))?;
                let version = index.version()?;
                Ok((index, version))
            })
        };
        match open()? {
            (index, IndexVersion::Current) => Ok(index),
            (index, IndexVersion::Other) => {
                drop(index);
                place.remove_index()?;
                place.make_index()?;
                open().map(|(index, _)| index)
            }
            (_, IndexVersion::Foreign) => Err(MemoryError::NoIndex { path }),
        }
    }

    /// Runs what works on the search index; errors are given its name.
    pub(super) fn run_on_index<T>(
        &self,
        act: impl FnOnce() -> rusqlite::Result<T>,
    ) -> Result<T, MemoryError> {
        act().map_err(|error| {
            let path = self.place.as_ref().map_or_else(|| self.path.clone(), MemoryFiles::index);
            MemoryError::Index { path, source: Arc::new(error) }
        })
    }

    /// Runs SQL in a transaction that takes the right to write first: one that reads before it writes could find that
    /// another process has written meanwhile, and SQLite does not wait for that to pass.
    pub(super) fn write<T>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, MemoryError> {
        self.run(|connection| {
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            let result = act(&transaction)?;
            // Dropped without a commit, a transaction is rolled back.
            transaction.commit()?;
            Ok(result)
        })
    }

    /// Changes answers or pairs in one commit, which says whether there was anything to change: what the memory holds is
    /// another state then.
    pub(super) fn change<T>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<(T, bool)>,
    ) -> Result<T, MemoryError> {
        let (result, tokens) = self.write(|connection| {
            let (result, is_changed) = act(connection)?;
            if !is_changed {
                return Ok((result, None));
            }
            let token =
                |sql| connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, StateToken>(0));
            Ok((result, Some((token(TOKEN)?, token(CHANGED)?))))
        })?;
        if let Some((before, after)) = tokens {
            self.see(before);
            self.token.set(Some(after));
        }
        Ok(result)
    }

    /// Compares what stands for the state of the memory with what was seen last.
    fn see(&self, token: StateToken) {
        if self.token.replace(Some(token)).is_some_and(|last| last != token) {
            self.is_shared.set(true);
        }
    }

    /// What stands for all that is in it now.
    pub(super) fn state(&self) -> Result<MemoryState, MemoryError> {
        let token = self.run(|connection| connection.query_row(TOKEN, [], |row| row.get(0)))?;
        self.see(token);
        Ok(MemoryState { token, is_shared: self.is_shared.get() })
    }

    /// SQL that is run later.
    pub(super) fn statement(&self, sql: &str) -> Result<Statement<'_>, MemoryError> {
        self.connection.prepare(sql).map_err(|error| database_error(&self.path, error))
    }

    /// Runs SQL; errors are given the name of the file.
    pub(super) fn run<T>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, MemoryError> {
        act(&self.connection).map_err(|error| database_error(&self.path, error))
    }
}

/// Stands for all answers and pairs of a memory at some moment.
type StateToken = [u8; 16];

/// What is done where a key has a translation already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreMode {
    Keep,
    /// The new one takes its place.
    Replace,
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}

/// Makes sure that an engine has a row.
pub(super) fn add_engine(connection: &Connection, record: &StoredAnswer) -> rusqlite::Result<()> {
    connection.prepare_cached(ADD_ENGINE)?.execute([&record.engine, &record.fingerprint]).map(drop)
}

/// A row as it stands in the database.
#[derive(Clone)]
pub(super) struct TranslationRow {
    pub(super) target: String,
    pub(super) alignment: Option<String>,
    pub(super) billed: Option<i64>,
    pub(super) cuts: Option<String>,
    pub(super) alternatives: Option<String>,
}

impl TranslationRow {
    /// The error is for people.
    pub(super) fn translation(self, key: &Key) -> Result<Translation, String> {
        let read = self.alignment.as_deref().map(read_pairs).transpose();
        let pairs = read.map_err(|error| error.to_string())?;
        // Pieces are cut out of the text by it.
        let fits = |pairs: &SpanPairs| {
            pairs.0.iter().all(|(from, to)| from.start <= from.end && self.target.get(to.clone()).is_some())
        };
        if !pairs.as_ref().is_none_or(fits) {
            return Err("its alignment does not fit its text".to_owned());
        }
        let cuts = read_list(self.cuts.as_deref())?;
        let alternatives = read_list(self.alternatives.as_deref())?;
        let alignment = pairs.map(|pairs| key.alignment(pairs));
        let billed = self.billed.map(i64::unsigned_abs);
        Ok(Translation { alignment, billed, cuts, alternatives, ..Translation::plain(self.target) })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<TranslationRow> {
    Ok(TranslationRow {
        target: row.get(0)?,
        alignment: row.get(1)?,
        billed: row.get(2)?,
        cuts: row.get(3)?,
        alternatives: row.get(4)?,
    })
}

/// A list as it stands in a column; the error is for people.
fn read_list<T: DeserializeOwned>(json: Option<&str>) -> Result<Vec<T>, String> {
    let read = json.map(serde_json::from_str).transpose();
    read.map(Option::unwrap_or_default).map_err(|error| error.to_string())
}

/// A list as it goes into a column; one of nothing takes no place.
pub(super) fn write_list<T: Serialize>(list: &[T]) -> serde_json::Result<Option<String>> {
    if list.is_empty() { Ok(None) } else { serde_json::to_string(list).map(Some) }
}

fn add(connection: &Connection, mode: StoreMode, record: &StoredAnswer, now: i64) -> rusqlite::Result<()> {
    let StoredAnswer { key, engine, fingerprint, request, translation } = record;
    let json = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
    let terms = write_list(&request.terms).map_err(json)?;
    let alignment =
        translation.alignment.as_ref().map(|known| write_pairs(known.pairs())).transpose().map_err(json)?;
    let cuts = write_list(&translation.cuts).map_err(json)?;
    let alternatives = write_list(&translation.alternatives).map_err(json)?;
    let billed = translation.billed.map(|units| i64::try_from(units).unwrap_or(i64::MAX));
    add_engine(connection, record)?;
    if mode == StoreMode::Replace {
        connection.prepare_cached(REMOVE)?.execute([key.as_bytes()])?;
    }
    connection.prepare_cached(ADD)?.execute(params![
        key.as_bytes(),
        request.text,
        translation.text,
        terms,
        alignment,
        cuts,
        alternatives,
        billed,
        engine,
        fingerprint,
        now
    ])?;
    Ok(())
}

pub(super) fn write_pairs(pairs: &SpanPairs) -> serde_json::Result<String> {
    let pairs: Vec<[usize; 4]> =
        pairs.0.iter().map(|(from, to)| [from.start, from.end, to.start, to.end]).collect();
    serde_json::to_string(&pairs)
}

pub(super) fn read_pairs(json: &str) -> serde_json::Result<SpanPairs> {
    let pairs: Vec<[usize; 4]> = serde_json::from_str(json)?;
    Ok(SpanPairs(pairs.into_iter().map(|[a, b, c, d]| (a..b, c..d)).collect()))
}

pub(super) fn database_error(path: &Path, error: rusqlite::Error) -> MemoryError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => MemoryError::Foreign { path },
        _ if is_damage(&error) => {
            MemoryError::Damaged { path, reason: error.to_string(), source: Some(Arc::new(error)) }
        }
        _ => MemoryError::Database { path, source: Arc::new(error) },
    }
}

/// Whether an error says that the file does not hold what was written into it.
fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            // The statements are fixed: one that does not fit the tables meets tables that are not ours any more.
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
                || failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHORT_READ
        }
        rusqlite::Error::SqlInputError { .. }
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::QueryReturnedNoRows
        | rusqlite::Error::Utf8Error(..) => true,
        _ => false,
    }
}

/// Whether there is a memory; one that lost all it held is damaged.
fn is_there(path: &Path, place: &MemoryFiles) -> Result<bool, MemoryError> {
    match place.look()? {
        // SQLite would take it for a new database and remove the log.
        Some(0) => Err(MemoryError::Damaged {
            path: path.to_owned(),
            reason: "the file is empty".to_owned(),
            source: None,
        }),
        found => Ok(found.is_some()),
    }
}

/// Opens a file for reading beside a run that writes it; `None` where that takes more rights than there are.
///
/// SQLite then puts files beside the database for as long as it is open. Without them a reader would not see what a
/// run at work has stored, and would take for damage what that run writes under its eyes.
fn shared(place: &MemoryFiles) -> rusqlite::Result<Option<Connection>> {
    let connection = Connection::open_with_flags(place.database(), WRITING)?;
    if connection.is_readonly("main")? {
        return Ok(None);
    }
    connection.pragma_update(None, "query_only", true)?;
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => Ok(None),
        Err(error) => Err(error),
        Ok(()) => Ok(Some(connection)),
    }
}

/// Opens a file for reading where nothing can be written beside it.
///
/// A memory that was closed properly has no write-ahead log; opened as immutable, it is read without one.
fn alone(place: &MemoryFiles) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    Connection::open_with_flags(uri(&place.database(), !place.log().exists()), flags)
}

fn uri(path: &Path, immutable: bool) -> String {
    use std::fmt::Write as _;

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
    if immutable {
        uri.push_str("?immutable=1");
    }
    uri
}
