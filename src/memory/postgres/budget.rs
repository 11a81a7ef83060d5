//! What several processes spend together, and when they may ask a service next.

use super::claims::HeldClaims;
use super::session::{QueryError, QueryResult, Session, SqlValue, count};

/// Sets aside all that a request can cost, if it is not more than there is; what is spent already and what others have set
/// aside stand in one row, which is changed by one process after another.
const SET_ASIDE: &str = "
WITH taken AS (
    INSERT INTO wortlaut.budget (name, characters, cost) SELECT $1::bytea, $2::bigint, $3::text::numeric
    WHERE $2::bigint <= $4::bigint AND $3::text::numeric <= $5::text::numeric
    ON CONFLICT (name) DO UPDATE
    SET characters = budget.characters + excluded.characters, cost = budget.cost + excluded.cost
    WHERE budget.characters + excluded.characters <= $4::bigint AND budget.cost + excluded.cost <= $5::text::numeric
    RETURNING name
)
INSERT INTO wortlaut.budget_share (name, worker, characters, cost) SELECT name, $6::bigint, $2::bigint, $3::text::numeric FROM taken
ON CONFLICT (name, worker) DO UPDATE
SET characters = budget_share.characters + excluded.characters, cost = budget_share.cost + excluded.cost";
/// What is spent, and what of it may come back: what processes have set aside that are alive.
const LEFT: &str = "
SELECT budget.characters, budget.cost::text,
       budget.characters - coalesce(sum(share.characters), 0)::bigint + $2::bigint <= $4::bigint
       AND budget.cost - coalesce(sum(share.cost), 0) + $3::text::numeric <= $5::text::numeric
FROM wortlaut.budget LEFT JOIN (
    SELECT budget_share.* FROM wortlaut.budget_share JOIN wortlaut.worker ON worker.id = budget_share.worker
    WHERE worker.expires_at > clock_timestamp()
) AS share USING (name)
WHERE budget.name = $1::bytea GROUP BY budget.name";
/// Gives back what a request did not cost of what was set aside for it.
const SETTLE: &str = "
WITH given_back AS (
    UPDATE wortlaut.budget_share SET characters = greatest(characters - $2::bigint, 0),
        cost = greatest(cost - $3::text::numeric, 0)
    WHERE name = $1::bytea AND worker = $6::bigint
)
INSERT INTO wortlaut.budget (name, characters, cost) VALUES ($1::bytea, $4::bigint, $5::text::numeric)
ON CONFLICT (name) DO UPDATE SET characters = greatest(budget.characters - $2::bigint + excluded.characters, 0),
    cost = greatest(budget.cost - $3::text::numeric + excluded.cost, 0)";

/// Gives the turns of requests to one process after another; how long it is until the first of them.
pub(super) const RESERVE: &str = "
INSERT INTO wortlaut.pace (name, next_at) VALUES ($1, clock_timestamp() + $2::float8 * interval '1 second')
ON CONFLICT (name) DO UPDATE
SET next_at = greatest(pace.next_at, clock_timestamp()) + $2::float8 * interval '1 second'
RETURNING greatest(extract(epoch FROM next_at - $2::float8 * interval '1 second' - clock_timestamp()), 0)::float8";
pub(super) const PAUSE: &str = "
INSERT INTO wortlaut.pace (name, next_at) VALUES ($1, clock_timestamp() + $2::float8 * interval '1 second')
ON CONFLICT (name) DO UPDATE SET next_at = greatest(pace.next_at, excluded.next_at)";

/// Characters, and money in millionths of a millionth of its currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpentAmount {
    pub characters: u64,
    pub cost: u128,
}

/// What came of setting something aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetAsideAnswer {
    Granted,
    /// It may be granted when others have settled what they have set aside.
    Later,
    /// There is not enough, whatever others leave.
    Exhausted {
        /// What is spent or set aside.
        spent: SpentAmount,
    },
}

impl HeldClaims {
    /// Sets something aside, if it is not more than there is.
    pub(super) async fn set_aside(
        &mut self,
        session: &mut Session,
        budget: &str,
        most: SpentAmount,
        limit: SpentAmount,
    ) -> QueryResult<SetAsideAnswer> {
        let worker = self.worker(session).await?;
        let (name, cost, most_cost) = (budget.as_bytes(), most.cost.to_string(), limit.cost.to_string());
        let (characters, most_characters) = (whole(most.characters), whole(limit.characters));
        let values: [SqlValue<'_>; 6] = [&name, &characters, &cost, &most_characters, &most_cost, &worker];
        if session.execute(SET_ASIDE, &values).await? > 0 {
            self.set_aside += usize::from(most != SpentAmount::default());
            return Ok(SetAsideAnswer::Granted);
        }
        let rows = session.query(LEFT, &values[..5]).await?;
        let Some(row) = rows.first() else {
            // Nothing was ever spent of it.
            return Ok(SetAsideAnswer::Exhausted { spent: SpentAmount::default() });
        };
        if row.try_get(2)? {
            return Ok(SetAsideAnswer::Later);
        }
        let cost = row.try_get::<_, &str>(1)?.parse();
        let cost = cost.map_err(|_| QueryError::Damaged("what a budget has cost is no amount".to_owned()))?;
        Ok(SetAsideAnswer::Exhausted { spent: SpentAmount { characters: count(row, 0)?, cost } })
    }

    /// Settles what was set aside.
    pub(super) async fn settle(
        &mut self,
        session: &mut Session,
        budget: &str,
        set_aside: SpentAmount,
        spent: SpentAmount,
    ) -> QueryResult<()> {
        let worker = self.worker(session).await?;
        let (aside_cost, spent_cost) = (set_aside.cost.to_string(), spent.cost.to_string());
        let values: [SqlValue<'_>; 6] = [
            &budget.as_bytes(),
            &whole(set_aside.characters),
            &aside_cost,
            &whole(spent.characters),
            &spent_cost,
            &worker,
        ];
        session.execute(SETTLE, &values).await?;
        self.set_aside = self.set_aside.saturating_sub(usize::from(set_aside != SpentAmount::default()));
        Ok(())
    }
}

/// A number as the database counts.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
