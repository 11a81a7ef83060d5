//! Who sends which text: claims, and the lease of the process that holds them.
//!
//! A process that sends texts has a number and a lease, which it renews while it holds anything. Everything goes by the
//! clock of the server. A lease that ran out is never renewed: others may have taken over what its process held, so that
//! process gets another number and has to claim again. It is taken for dead a moment later than it would notice itself.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use super::answers::bytes;
use super::session::{QueryError, QueryResult, Session, fixed};
use crate::memory::key::{KEY_BYTES, Key};

/// After how long a lease is renewed. It runs a minute, as the statements below say: three renewals may fail.
const RENEWAL: Duration = Duration::from_secs(15);

const REGISTER: &str = "
INSERT INTO wortlaut.worker (expires_at) VALUES (clock_timestamp() + interval '60 seconds') RETURNING id";
const RENEW: &str = "
UPDATE wortlaut.worker SET expires_at = clock_timestamp() + interval '60 seconds'
WHERE id = $1 AND expires_at > clock_timestamp()";
/// Clears away what processes have left that died long ago. First what they held, then their numbers: a claim of a number
/// that nobody knows would never be taken over.
const CLEAR_CLAIMS: &str = "
DELETE FROM wortlaut.claim USING wortlaut.worker
WHERE worker.id = claim.worker AND worker.expires_at < clock_timestamp() - interval '1 hour'";
const CLEAR_SHARES: &str = "
DELETE FROM wortlaut.budget_share USING wortlaut.worker
WHERE worker.id = budget_share.worker AND worker.expires_at < clock_timestamp() - interval '1 hour'";
const CLEAR_WORKERS: &str = "
DELETE FROM wortlaut.worker WHERE expires_at < clock_timestamp() - interval '1 hour'
AND NOT EXISTS (SELECT FROM wortlaut.claim WHERE claim.worker = worker.id)";

/// Claims keys that nobody holds, or that a dead process holds; gives those that are held afterwards. Keys are inserted in
/// their order, so that two processes that claim the same ones wait for each other instead of both; what is locked by one
/// that takes it over is left to that one.
const CLAIM: &str = "
WITH asked AS (
    SELECT DISTINCT key FROM unnest($1::bytea[]) AS asked(key)
), inserted AS (
    INSERT INTO wortlaut.claim (key, worker) SELECT key, $2 FROM asked ORDER BY key
    ON CONFLICT (key) DO NOTHING RETURNING key
), abandoned AS (
    SELECT claim.key FROM wortlaut.claim JOIN asked USING (key)
    JOIN wortlaut.worker ON worker.id = claim.worker
    WHERE worker.expires_at < clock_timestamp() - interval '5 seconds'
    FOR UPDATE OF claim SKIP LOCKED
), taken AS (
    UPDATE wortlaut.claim SET worker = $2 FROM abandoned WHERE claim.key = abandoned.key RETURNING claim.key
)
SELECT key FROM inserted UNION ALL SELECT key FROM taken
UNION ALL SELECT key FROM wortlaut.claim JOIN asked USING (key) WHERE worker = $2";
const RELEASE: &str = "DELETE FROM wortlaut.claim WHERE key = ANY($1) AND worker = $2";
const HELD_BY_OTHERS: &str = "
SELECT claim.key FROM wortlaut.claim JOIN wortlaut.worker ON worker.id = claim.worker
WHERE claim.key = ANY($1) AND claim.worker IS DISTINCT FROM $2
    AND worker.expires_at >= clock_timestamp() - interval '5 seconds'";
const RESIGN: &str = "DELETE FROM wortlaut.worker WHERE id = $1";
const RESIGN_CLAIMS: &str = "DELETE FROM wortlaut.claim WHERE worker = $1";
const RESIGN_SHARES: &str = "DELETE FROM wortlaut.budget_share WHERE worker = $1";

/// What this process holds.
#[derive(Debug, Default)]
pub(super) struct HeldClaims {
    lease: Option<Lease>,
    held: HashSet<Key>,
    /// Requests that something of a budget is set aside for.
    pub(super) set_aside: usize,
}

#[derive(Debug, Clone, Copy)]
struct Lease {
    worker: i64,
    /// A moment before the server was asked to renew it.
    renewed: Instant,
}

impl HeldClaims {
    /// Claims keys; whether each is held now.
    pub(super) async fn claim(&mut self, session: &mut Session, keys: &[Key]) -> QueryResult<Vec<bool>> {
        let worker = self.worker(session).await?;
        let mut granted = HashSet::new();
        for row in session.query(CLAIM, &[&bytes(keys), &worker]).await? {
            granted.insert(fixed::<KEY_BYTES>(&row, 0)?);
        }
        let is_granted: Vec<bool> = keys.iter().map(|key| granted.contains(key.as_bytes())).collect();
        self.held.extend(keys.iter().zip(&is_granted).filter(|(_, is)| **is).map(|(key, _)| *key));
        Ok(is_granted)
    }

    /// Lets keys go.
    pub(super) async fn release(&mut self, session: &mut Session, keys: &[Key]) -> QueryResult<()> {
        let held: Vec<Key> = keys.iter().copied().filter(|key| self.held.contains(key)).collect();
        if let (Some(lease), false) = (self.lease, held.is_empty()) {
            session.execute(RELEASE, &[&bytes(&held), &lease.worker]).await?;
        }
        self.ended(&held);
        Ok(())
    }

    /// Forgets keys whose claims have ended in the database.
    pub(super) fn ended<'a>(&mut self, keys: impl IntoIterator<Item = &'a Key>) {
        for key in keys {
            self.held.remove(key);
        }
    }

    /// Those of the keys that others hold who are alive.
    pub(super) async fn held_by_others(
        &self,
        session: &mut Session,
        keys: &[Key],
    ) -> QueryResult<HashSet<[u8; KEY_BYTES]>> {
        let worker = self.lease.map(|lease| lease.worker);
        let rows = session.query(HELD_BY_OTHERS, &[&bytes(keys), &worker]).await?;
        rows.iter().map(|row| fixed(row, 0)).collect()
    }

    /// The number of this process, with a lease that has just been renewed if it was about to run out.
    pub(super) async fn worker(&mut self, session: &mut Session) -> QueryResult<i64> {
        if let Some(lease) = self.lease.filter(|lease| lease.renewed.elapsed() < RENEWAL) {
            return Ok(lease.worker);
        }
        if let Some(worker) = self.renew(session).await? {
            return Ok(worker);
        }
        let renewed = Instant::now();
        for sql in [CLEAR_CLAIMS, CLEAR_SHARES, CLEAR_WORKERS] {
            session.execute(sql, &[]).await?;
        }
        let worker = session.query_one(REGISTER, &[]).await?.try_get(0).map_err(QueryError::from)?;
        self.lease = Some(Lease { worker, renewed });
        Ok(worker)
    }

    /// Renews the lease; the number of this process, if it still has it.
    pub(super) async fn renew(&mut self, session: &mut Session) -> QueryResult<Option<i64>> {
        let Some(Lease { worker, .. }) = self.lease else { return Ok(None) };
        let renewed = Instant::now();
        if session.execute(RENEW, &[&worker]).await? > 0 {
            self.lease = Some(Lease { worker, renewed });
            return Ok(Some(worker));
        }
        // Others may have what it held.
        self.lease = None;
        self.held.clear();
        Ok(None)
    }

    /// When the lease is to be renewed; `None` if nothing is held.
    pub(super) fn renewal(&self) -> Option<Instant> {
        let is_needed = !self.held.is_empty() || self.set_aside > 0;
        self.lease.filter(|_| is_needed).map(|lease| lease.renewed + RENEWAL)
    }

    /// Lets everything go. What was set aside of a budget and not settled stays spent.
    pub(super) async fn resign(&mut self, session: &mut Session) -> QueryResult<()> {
        let Some(lease) = self.lease.take() else { return Ok(()) };
        self.held.clear();
        session
            .transaction(async |session| {
                for sql in [RESIGN_CLAIMS, RESIGN_SHARES, RESIGN] {
                    session.execute(sql, &[&lease.worker]).await?;
                }
                Ok(())
            })
            .await
    }
}
