//! Looking after a memory: how large it is, whether it is sound, and what becomes of one that is not.

use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use rusqlite::{ErrorCode, params};
use serde::Serialize;

use super::database::Database;
use super::entry::AnswerEntry;
use super::error::MemoryError;
use super::files::MemoryFiles;
use super::find::answer;
use super::key::KEY_BYTES;
use super::records::{EngineStats, MemoryStats};
use crate::disk::sync_folder;
use crate::model::{PairId, Timestamp};

/// Problems of a kind that are listed: more say no more.
const LISTED: u32 = 20;
/// Pairs that are in memory at once.
const CHUNK: usize = 1_000;

const ENGINES: &str = "
SELECT profile, fingerprint, count(number), min(created_at), max(created_at)
FROM engine LEFT JOIN translation ON engine.id = translation.engine GROUP BY engine.id ORDER BY engine.id";
const ANSWERS: &str = "
SELECT lower(hex(key)), source, target, profile, created_at
FROM translation JOIN engine ON engine.id = translation.engine";
/// The order of keys, as the index of them has it.
const BY_KEY: &str = "substr(key, 1, 4), key";
const UNREADABLE: &str = "
SELECT lower(hex(key)) FROM translation
WHERE NOT coalesce(json_valid(terms), true) OR NOT coalesce(json_valid(alignment), true)
    OR NOT coalesce(json_valid(cuts), true)
LIMIT ?1";

/// What is wrong with a memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MemoryProblem {
    /// SQLite found that the file does not hold what was written into it.
    Damage { message: String },
    /// The engine of an answer is not known, so that it is never found.
    NoEngine { answers: u64 },
    /// What belongs to an answer cannot be read.
    Unreadable { id: String },
    /// A pair is not what its id says: somebody changed the file.
    WrongId { id: PairId },
}

impl fmt::Display for MemoryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damage { message } => write!(f, "damaged: {message}"),
            Self::NoEngine { answers } => {
                write!(f, "answers of engines that are not in the memory: {answers}")
            }
            Self::Unreadable { id } => write!(f, "answer {id}: what belongs to it cannot be read"),
            Self::WrongId { id } => write!(f, "pair {id}: it is not what its id says"),
        }
    }
}

/// A memory that was made of a damaged one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairedMemory {
    /// Where the damaged file is now.
    pub set_aside: PathBuf,
    /// What could be read.
    pub stats: MemoryStats,
}

/// Puts two memories together in a new file.
pub(super) fn merge(left: &Path, right: &Path, out: &Path) -> Result<MemoryStats, MemoryError> {
    let there = |path: &Path| {
        Database::open_existing(path)?.ok_or_else(|| MemoryError::file(path, io::ErrorKind::NotFound.into()))
    };
    let (left, right) = (there(left)?, there(right)?);
    let place = MemoryFiles::made(out)?;
    if place.look()?.is_some() || !Database::make(out, &place, |new| new.fill_with_both(&left, &right))? {
        return Err(MemoryError::Exists { path: out.to_owned() });
    }
    there(out)?.stats()
}

/// Makes a new memory of what can be read of a damaged one, which is set aside.
pub(super) fn repair(path: &Path) -> Result<RepairedMemory, MemoryError> {
    let failed = |source| MemoryError::file(path, source);
    let place = MemoryFiles::found(path)?.filter(|place| matches!(place.look(), Ok(Some(_))));
    let place = place.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    // Only a file that says of itself that it is a memory: another one was named by mistake and stays where it is.
    let damaged = Database::open_damaged(path, &place)?;
    let new = place.beside(".repaired");
    let new_place = MemoryFiles::made(&new)?;
    if new_place.look()?.is_some()
        || !Database::make(&new, &new_place, |new| new.fill_with_readable(&damaged))?
    {
        return Err(MemoryError::Exists { path: new });
    }
    drop(damaged);
    let set_aside = place.set_aside(&Timestamp::now().to_string().replace(['-', ':'], "")).map_err(failed)?;
    fs::rename(&new, place.database()).map_err(failed)?;
    sync_folder(place.folder());
    place.remove_index()?;
    let repaired = Database::open_existing(path)?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    Ok(RepairedMemory { set_aside, stats: repaired.stats()? })
}

impl Database {
    /// How large it is.
    pub(super) fn stats(&self) -> Result<MemoryStats, MemoryError> {
        let index_bytes = self.index_bytes()?;
        self.run(|connection| {
            let number =
                |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
            let pairs = |condition: &str| number(&format!("SELECT count(*) FROM pair WHERE {condition}"));
            let mut engines = connection.prepare(ENGINES)?;
            let engines = engines.query_map([], |row| {
                Ok(EngineStats {
                    profile: row.get(0)?,
                    fingerprint: row.get(1)?,
                    answers: row.get::<_, i64>(2)?.unsigned_abs(),
                    first: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_seconds),
                    last: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_seconds),
                })
            })?;
            let engines: Vec<EngineStats> = engines.collect::<rusqlite::Result<_>>()?;
            Ok(MemoryStats {
                rows: engines.iter().map(|engine| engine.answers).sum(),
                unusable: number("SELECT count(*) FROM unusable")?,
                corrections: pairs("kind = 'correction' AND withdrawn IS NULL")?,
                suggestions: pairs("kind = 'suggestion' AND withdrawn IS NULL")?,
                withdrawn: pairs("withdrawn IS NOT NULL")?,
                engines,
                bytes: number("PRAGMA page_count")? * number("PRAGMA page_size")?,
                index_bytes,
            })
        })
    }

    /// What is wrong with it; the first problems of each kind.
    pub(super) fn problems(&self) -> Result<Vec<MemoryProblem>, MemoryError> {
        match self.look_for_problems() {
            // So damaged that SQLite cannot even look.
            Err(MemoryError::Damaged { reason, .. }) => Ok(vec![MemoryProblem::Damage { message: reason }]),
            found => found,
        }
    }

    fn look_for_problems(&self) -> Result<Vec<MemoryProblem>, MemoryError> {
        let mut problems = self.run(|connection| {
            let mut check = connection.prepare(&format!("PRAGMA integrity_check({LISTED})"))?;
            let messages = check.query_map([], |row| row.get::<_, String>(0))?;
            let damage = messages.filter(|message| message.as_deref() != Ok("ok"));
            damage
                .map(|message| Ok(MemoryProblem::Damage { message: message? }))
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        if !problems.is_empty() {
            // Of a damaged file the rest says nothing that can be relied on.
            return Ok(problems);
        }
        self.run(|connection| {
            let sql = "SELECT count(*) FROM translation WHERE engine NOT IN (SELECT id FROM engine)";
            let answers = connection.query_row(sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs();
            if answers > 0 {
                problems.push(MemoryProblem::NoEngine { answers });
            }
            let mut unreadable = connection.prepare(UNREADABLE)?;
            for id in unreadable.query_map(params![LISTED], |row| row.get(0))? {
                problems.push(MemoryProblem::Unreadable { id: id? });
            }
            Ok(())
        })?;
        let (mut last, mut wrong) = (None, 0);
        loop {
            let pairs = self.pairs_after(last, CHUNK)?;
            let Some(end) = pairs.last() else { return Ok(problems) };
            last = Some(end.id);
            for pair in pairs.iter().filter(|stored| stored.pair.id() != stored.id) {
                wrong += 1;
                if wrong <= LISTED {
                    problems.push(MemoryProblem::WrongId { id: pair.id });
                }
            }
        }
    }

    /// The answers whose keys begin with these hexadecimal digits, by key, at most so many.
    pub(super) fn answers_named(&self, digits: &str, limit: usize) -> Result<Vec<AnswerEntry>, MemoryError> {
        let Some((first, last)) = super::pairs::edges(digits) else { return Ok(Vec::new()) };
        let sql = format!(
            "{ANSWERS} WHERE substr(key, 1, 4) BETWEEN substr(?1, 1, 4) AND substr(?2, 1, 4) AND key BETWEEN ?1 AND ?2
             ORDER BY {BY_KEY} LIMIT {limit}"
        );
        self.answers(&sql, &[&first.as_bytes()[..KEY_BYTES], &last.as_bytes()[..KEY_BYTES]])
    }

    /// The answers behind this one, by key, at most so many.
    pub(super) fn answers_after(
        &self,
        id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<AnswerEntry>, MemoryError> {
        let Some((key, _)) = id.and_then(super::pairs::edges) else {
            return self.answers(&format!("{ANSWERS} ORDER BY {BY_KEY} LIMIT {limit}"), &[]);
        };
        let sql = format!(
            "{ANSWERS} WHERE substr(key, 1, 4) >= substr(?1, 1, 4) AND key > ?1 ORDER BY {BY_KEY} LIMIT {limit}"
        );
        self.answers(&sql, &[&key.as_bytes()[..KEY_BYTES]])
    }

    fn answers(&self, sql: &str, values: &[&[u8]]) -> Result<Vec<AnswerEntry>, MemoryError> {
        self.run(|connection| {
            let mut answers = connection.prepare_cached(sql)?;
            let rows = answers.query_map(rusqlite::params_from_iter(values), answer)?;
            rows.collect()
        })
    }

    /// Gives the disk back what is no longer used. Others that read meanwhile may prevent it; then it stays for later.
    pub(super) fn shrink(&self) -> Result<(), MemoryError> {
        self.run(|connection| {
            connection.execute(
                "DELETE FROM engine WHERE id NOT IN (SELECT engine FROM translation)
                 AND id NOT IN (SELECT engine FROM unusable)",
                [],
            )?;
            match connection.execute_batch("VACUUM") {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
                result => result,
            }
        })
    }
}
