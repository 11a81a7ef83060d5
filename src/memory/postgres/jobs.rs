//! Batch jobs at a service.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::answers::bytes;
use super::session::{QueryError, QueryResult, Session, SqlValue, count, json, text, text_or_null};
use crate::memory::jobs::{BatchJob, BatchRequest, BatchText};
use crate::memory::key::Key;
use crate::model::Timestamp;

const JOBS: &str = "
SELECT nonce, profile, fingerprint, host, service_id, created_at, cancelled, requests,
       (SELECT count(*) FROM wortlaut.batch_request WHERE batch_request.nonce = batch_job.nonce)
FROM wortlaut.batch_job ORDER BY created_at, nonce";
/// A job is handed over twice where nobody knows whether it was kept the first time.
const ADD_JOB: &str = "
INSERT INTO wortlaut.batch_job
    (nonce, profile, fingerprint, host, service_id, created_at, cancelled, requests)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
const ADD_REQUESTS: &str = "
INSERT INTO wortlaut.batch_request (nonce, number, form, companions)
SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[])";
const ADD_TEXTS: &str = "
INSERT INTO wortlaut.batch_text (nonce, key, number, place, request, replaces)
SELECT $1, * FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bytea[], $6::boolean[])";
const UNDERWAY: &str = "SELECT key FROM wortlaut.batch_text WHERE key = ANY($1)";
const REQUESTS: &str = "
SELECT number, form, companions FROM wortlaut.batch_request WHERE nonce = $1 AND number = ANY($2)";
const TEXTS: &str = "
SELECT number, place, request, replaces FROM wortlaut.batch_text
WHERE nonce = $1 AND number = ANY($2) ORDER BY number, place";

impl Session {
    /// The jobs that are not settled, in the order in which they were made.
    pub(super) async fn batch_jobs(&mut self) -> QueryResult<Vec<BatchJob>> {
        let job = |row: &Row| {
            Ok(BatchJob {
                nonce: row.try_get(0)?,
                profile: text(row, 1)?,
                fingerprint: text(row, 2)?,
                host: text(row, 3)?,
                service_id: text_or_null(row, 4)?,
                created_at: Timestamp::from_seconds(row.try_get(5)?),
                cancelled: row.try_get(6)?,
                requests: count(row, 7)?,
                open: count(row, 8)?,
            })
        };
        self.query(JOBS, &[]).await?.iter().map(job).collect()
    }

    /// Remembers a job that is about to be handed in; all of it, or nothing if a text of it is in another one.
    pub(super) async fn add_job(&mut self, job: &BatchJob, requests: &[BatchRequest]) -> QueryResult<()> {
        let numbers: Vec<i64> = requests.iter().map(|request| request.number.into()).collect();
        let forms: Vec<&str> = requests.iter().map(|request| request.form.as_str()).collect();
        let companions: Vec<i64> = requests.iter().map(|request| request.companions.into()).collect();
        let (mut keys, mut of, mut places, mut texts, mut replaces) =
            <(Vec<Key>, Vec<i64>, Vec<i64>, Vec<Vec<u8>>, Vec<bool>)>::default();
        for request in requests {
            for text in &request.texts {
                keys.push(Key::new(&job.fingerprint, &text.request));
                of.push(request.number.into());
                places.push(text.place.into());
                texts.push(json(&text.request)?);
                replaces.push(text.replaces);
            }
        }
        let count = i64::try_from(requests.len()).unwrap_or(i64::MAX);
        self.transaction(async |session| {
            let columns: [SqlValue<'_>; 8] = [
                &job.nonce,
                &job.profile.as_bytes(),
                &job.fingerprint.as_bytes(),
                &job.host.as_bytes(),
                &job.service_id.as_deref().map(str::as_bytes),
                &job.created_at.seconds(),
                &job.cancelled,
                &count,
            ];
            if session.execute(ADD_JOB, &columns).await? == 0 {
                return Ok(());
            }
            session.execute(ADD_REQUESTS, &[&job.nonce, &numbers, &forms, &companions]).await?;
            let columns: [SqlValue<'_>; 6] = [&job.nonce, &bytes(&keys), &of, &places, &texts, &replaces];
            session.execute(ADD_TEXTS, &columns).await.map(drop)
        })
        .await
    }

    /// Which of the keys are those of texts in a job.
    pub(super) async fn underway(&mut self, keys: &[Key]) -> QueryResult<Vec<bool>> {
        let rows = self.query(UNDERWAY, &[&bytes(keys)]).await?;
        let found = rows.iter().map(|row| row.try_get::<_, Vec<u8>>(0)).collect::<Result<Vec<_>, _>>()?;
        Ok(keys.iter().map(|key| found.iter().any(|found| found == key.as_bytes())).collect())
    }

    /// Remembers what the service calls a job.
    pub(super) async fn name_job(&mut self, nonce: &str, service_id: &str) -> QueryResult<()> {
        let sql = "UPDATE wortlaut.batch_job SET service_id = $2 WHERE nonce = $1";
        self.execute(sql, &[&nonce, &service_id.as_bytes()]).await.map(drop)
    }

    /// Remembers that a person called a job off.
    pub(super) async fn cancel_job(&mut self, nonce: &str) -> QueryResult<()> {
        let sql = "UPDATE wortlaut.batch_job SET cancelled = true WHERE nonce = $1";
        self.execute(sql, &[&nonce]).await.map(drop)
    }

    /// Requests of a job that are not settled; a number that is none of theirs is left out.
    pub(super) async fn job_requests(
        &mut self,
        nonce: &str,
        numbers: &[u32],
    ) -> QueryResult<Vec<BatchRequest>> {
        let wanted: Vec<i64> = numbers.iter().copied().map(i64::from).collect();
        let number =
            |row: &Row| Ok::<_, QueryError>(u32::try_from(row.try_get::<_, i64>(0)?).unwrap_or(u32::MAX));
        let mut found = HashMap::new();
        for row in self.query(REQUESTS, &[&nonce, &wanted]).await? {
            let form = row.try_get::<_, &str>(1)?.parse();
            let form = form.map_err(|_| QueryError::Damaged("unknown form of a request".to_owned()))?;
            let companions = u32::try_from(row.try_get::<_, i64>(2)?).unwrap_or(u32::MAX);
            let number = number(&row)?;
            found.insert(number, BatchRequest { number, form, companions, texts: Vec::new() });
        }
        for row in self.query(TEXTS, &[&nonce, &wanted]).await? {
            let request = serde_json::from_slice(row.try_get(2)?);
            let request = request.map_err(|error| QueryError::Damaged(error.to_string()))?;
            let place = u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or(u32::MAX);
            if let Some(of) = found.get_mut(&number(&row)?) {
                of.texts.push(BatchText { place, request, replaces: row.try_get(3)? });
            }
        }
        Ok(numbers.iter().filter_map(|number| found.get(number).cloned()).collect())
    }

    /// Lets requests of a job go: their answers are stored, or none will come.
    pub(super) async fn settle_requests(&mut self, nonce: &str, numbers: &[u32]) -> QueryResult<()> {
        let numbers: Vec<i64> = numbers.iter().copied().map(i64::from).collect();
        self.transaction(async |session| {
            for sql in [
                "DELETE FROM wortlaut.batch_text WHERE nonce = $1 AND number = ANY($2)",
                "DELETE FROM wortlaut.batch_request WHERE nonce = $1 AND number = ANY($2)",
            ] {
                session.execute(sql, &[&nonce, &numbers]).await?;
            }
            Ok(())
        })
        .await
    }

    /// Lets a job go, with those of its requests for which no answer came.
    pub(super) async fn settle_job(&mut self, nonce: &str) -> QueryResult<()> {
        self.transaction(async |session| {
            for sql in [
                "DELETE FROM wortlaut.batch_text WHERE nonce = $1",
                "DELETE FROM wortlaut.batch_request WHERE nonce = $1",
                "DELETE FROM wortlaut.batch_job WHERE nonce = $1",
            ] {
                session.execute(sql, &[&nonce]).await?;
            }
            Ok(())
        })
        .await
    }
}
