//! Batch jobs at a service: texts that are on their way, and for which nobody knows an answer yet.
//!
//! A job stands here before the service hears of it, and leaves when its last answer is stored. Between the two, whatever
//! happens to the process, its texts count as sent. No text is in two jobs: its key is the key of the table.

use rusqlite::{OptionalExtension, Row, params};

use super::database::Database;
use super::error::MemoryError;
use super::key::Key;
use crate::model::{Form, Request, Timestamp};

const JOBS: &str = "SELECT nonce, profile, fingerprint, host, service_id, created_at, cancelled, requests,
        (SELECT count(*) FROM batch_request WHERE batch_request.nonce = batch_job.nonce)
    FROM batch_job ORDER BY created_at, nonce";
const ADD_JOB: &str =
    "INSERT INTO batch_job (nonce, profile, fingerprint, host, service_id, created_at, cancelled, requests)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const ADD_REQUEST: &str =
    "INSERT INTO batch_request (nonce, number, form, companions) VALUES (?1, ?2, ?3, ?4)";
const ADD_TEXT: &str = "INSERT INTO batch_text (key, nonce, number, place, request, replaces)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const REQUEST: &str = "SELECT form, companions FROM batch_request WHERE nonce = ?1 AND number = ?2";
const TEXTS: &str =
    "SELECT place, request, replaces FROM batch_text WHERE nonce = ?1 AND number = ?2 ORDER BY place";
const UNDERWAY: &str = "SELECT EXISTS (SELECT 1 FROM batch_text WHERE key = ?1)";

/// A batch job that is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchJob {
    /// A word of ours that stands in the name of each of its requests, so that the service's list of jobs tells whether it
    /// has this one.
    pub nonce: String,
    /// The profile of the engine, and its fingerprint.
    pub profile: String,
    pub fingerprint: String,
    /// Where the service is.
    pub host: String,
    /// What the service calls it; `None` until its answer is known, if it ever got the job.
    pub service_id: Option<String>,
    pub created_at: Timestamp,
    /// Whether a person called it off.
    pub cancelled: bool,
    /// How many requests it was made of.
    pub requests: u64,
    /// How many of them are not settled.
    pub open: u64,
}

/// A request of a batch job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRequest {
    /// Counted from nought within its job.
    pub number: u32,
    /// The form in which its texts are sent.
    pub form: Form,
    /// Texts before them that are sent for company, and whose answers are not wanted.
    pub companions: u32,
    pub texts: Vec<BatchText>,
}

/// A text in a request of a batch job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchText {
    /// Its place among the texts of the request; where two memories were put together, there may be gaps.
    pub place: u32,
    pub request: Request,
    /// Whether its answer takes the place of one that the memory has.
    pub replaces: bool,
}

impl Database {
    /// The jobs that are not settled, in the order in which they were made.
    pub(super) fn batch_jobs(&self) -> Result<Vec<BatchJob>, MemoryError> {
        self.run(|connection| connection.prepare_cached(JOBS)?.query_map([], job)?.collect())
    }

    /// Which of the keys are those of texts in a job.
    pub(super) fn underway(&self, keys: &[Key]) -> Result<Vec<bool>, MemoryError> {
        self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut statement = transaction.prepare_cached(UNDERWAY)?;
            keys.iter().map(|key| statement.query_row([key.as_bytes()], |row| row.get(0))).collect()
        })
    }

    /// Remembers a job that is about to be handed in; all of it, or nothing if a text of it is in another one.
    pub(super) fn add_job(&self, job: &BatchJob, requests: &[BatchRequest]) -> Result<(), MemoryError> {
        let json = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        self.write(|connection| {
            connection.prepare_cached(ADD_JOB)?.execute(params![
                job.nonce,
                job.profile,
                job.fingerprint,
                job.host,
                job.service_id,
                job.created_at.seconds(),
                job.cancelled,
                i64::try_from(requests.len()).unwrap_or(i64::MAX),
            ])?;
            for BatchRequest { number, form, companions, texts } in requests {
                let request = params![job.nonce, number, form.as_str(), companions];
                connection.prepare_cached(ADD_REQUEST)?.execute(request)?;
                for BatchText { place, request, replaces } in texts {
                    let key = Key::new(&job.fingerprint, request);
                    let text = serde_json::to_string(request).map_err(json)?;
                    let row = params![key.as_bytes(), job.nonce, number, place, text, replaces];
                    connection.prepare_cached(ADD_TEXT)?.execute(row)?;
                }
            }
            Ok(())
        })
    }

    /// Remembers what the service calls a job.
    pub(super) fn name_job(&self, nonce: &str, service_id: &str) -> Result<(), MemoryError> {
        self.write(|connection| {
            let sql = "UPDATE batch_job SET service_id = ?2 WHERE nonce = ?1";
            connection.prepare_cached(sql)?.execute([nonce, service_id]).map(drop)
        })
    }

    /// Remembers that a person called a job off.
    pub(super) fn cancel_job(&self, nonce: &str) -> Result<(), MemoryError> {
        self.write(|connection| {
            let sql = "UPDATE batch_job SET cancelled = 1 WHERE nonce = ?1";
            connection.prepare_cached(sql)?.execute([nonce]).map(drop)
        })
    }

    /// Requests of a job that are not settled; a number that is none of theirs is left out.
    pub(super) fn job_requests(
        &self,
        nonce: &str,
        numbers: &[u32],
    ) -> Result<Vec<BatchRequest>, MemoryError> {
        let rows = self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut request = transaction.prepare_cached(REQUEST)?;
            let mut texts = transaction.prepare_cached(TEXTS)?;
            let mut found = Vec::new();
            for &number in numbers {
                let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?));
                let Some((form, companions)) = request.query_row(params![nonce, number], row).optional()?
                else {
                    continue;
                };
                let row = |row: &Row<'_>| {
                    Ok(BatchText {
                        place: row.get(0)?,
                        request: serde_json::from_str(&row.get::<_, String>(1)?).map_err(|error| {
                            let kind = rusqlite::types::Type::Text;
                            rusqlite::Error::FromSqlConversionFailure(1, kind, Box::new(error))
                        })?,
                        replaces: row.get(2)?,
                    })
                };
                let texts = texts.query_map(params![nonce, number], row)?.collect::<rusqlite::Result<_>>()?;
                let form = form.parse().map_err(|error: strum::ParseError| {
                    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
                })?;
                found.push(BatchRequest { number, form, companions, texts });
            }
            Ok(found)
        })?;
        Ok(rows)
    }

    /// Lets requests of a job go: their answers are stored, or none will come.
    pub(super) fn settle_requests(&self, nonce: &str, numbers: &[u32]) -> Result<(), MemoryError> {
        self.write(|connection| {
            for number in numbers {
                for table in ["batch_text", "batch_request"] {
                    let sql = format!("DELETE FROM {table} WHERE nonce = ?1 AND number = ?2");
                    connection.prepare_cached(&sql)?.execute(params![nonce, number])?;
                }
            }
            Ok(())
        })
    }

    /// Lets a job go, with those of its requests for which no answer came.
    pub(super) fn settle_job(&self, nonce: &str) -> Result<(), MemoryError> {
        self.write(|connection| {
            for table in ["batch_text", "batch_request", "batch_job"] {
                connection.execute(&format!("DELETE FROM {table} WHERE nonce = ?1"), [nonce])?;
            }
            Ok(())
        })
    }
}

fn job(row: &Row<'_>) -> rusqlite::Result<BatchJob> {
    let count = |index| row.get::<_, i64>(index).map(i64::unsigned_abs);
    Ok(BatchJob {
        nonce: row.get(0)?,
        profile: row.get(1)?,
        fingerprint: row.get(2)?,
        host: row.get(3)?,
        service_id: row.get(4)?,
        created_at: Timestamp::from_seconds(row.get(5)?),
        cancelled: row.get(6)?,
        requests: count(7)?,
        open: count(8)?,
    })
}
