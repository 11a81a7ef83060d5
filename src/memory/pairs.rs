//! What people said of the English of a text.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::database::{Database, read_pairs, write_pairs};
use super::error::MemoryError;
use super::nearness::meant;
use super::records::MemoryRevision;
use super::words::source_hash;
use crate::model::{
    ArticleId, HumanPair, Neighbours, PairId, PairKind, PairOrigin, PairPlace, SegmentInContext, StoredPair,
    Timestamp,
};

const ADD: &str = "
INSERT INTO pair (id, source_hash, kind, source, target, inlines, by, at, article, segment, before, after, origin)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT DO NOTHING";
const IN_USE: &str = "SELECT count(*) FROM pair WHERE id = ?1 AND withdrawn IS NULL";
const WITHDRAW: &str = "UPDATE pair SET withdrawn = ?2 WHERE id = ?1 AND coalesce(withdrawn < ?2, true)";
const CHANGED: &str = "UPDATE revision SET number = number + 1";
const LAST_OF_SOURCE: &str = "SELECT max(at) FROM pair WHERE source_hash = ?1 AND source = ?2 AND kind = ?3";
/// As the index `pair_learned` has it.
const LEARNED: &str = "article IS NOT NULL AND origin IS NOT NULL AND withdrawn IS NULL";
const COLUMNS: &str =
    "id, kind, source, target, inlines, by, at, article, segment, before, after, origin, withdrawn";

impl Database {
    /// The correction of each segment, in their order.
    pub(super) fn corrections(
        &self,
        segments: &[SegmentInContext],
    ) -> Result<Vec<Option<StoredPair>>, MemoryError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM pair
             WHERE source_hash = ?1 AND source = ?2 AND kind = 'correction' AND withdrawn IS NULL"
        );
        self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut with_source = transaction.prepare_cached(&sql)?;
            let mut correction = |segment: &SegmentInContext| {
                let source = &segment.source;
                let rows = with_source.query_map(params![source_hash(source), source], stored)?;
                let pairs: Vec<StoredPair> = rows.collect::<rusqlite::Result<_>>()?;
                Ok(meant(pairs.into_iter(), segment))
            };
            segments.iter().map(&mut correction).collect()
        })
    }

    /// Keeps what people say now, all or none, with a time that is later than that of all that it outranks.
    pub(super) fn correct(&self, pairs: &[HumanPair]) -> Result<Vec<PairId>, MemoryError> {
        self.change_pairs(|connection| {
            // Asked in the transaction that writes: what another process says meanwhile is before or after it.
            let at = later_than_outranked(connection, pairs)?;
            let mut ids = Vec::with_capacity(pairs.len());
            for pair in pairs {
                let pair = HumanPair { at, ..pair.clone() };
                let id = pair.id();
                add(connection, id, &pair)?;
                ids.push(id);
            }
            Ok((ids, !pairs.is_empty()))
        })
    }

    /// Keeps pairs as they are, all or none.
    pub(super) fn add_pairs(&self, pairs: &[HumanPair]) -> Result<Vec<PairId>, MemoryError> {
        self.change_pairs(|connection| {
            let mut ids = Vec::with_capacity(pairs.len());
            let mut added = 0;
            for pair in pairs {
                let id = pair.id();
                added += add(connection, id, pair)?;
                ids.push(id);
            }
            Ok((ids, added > 0))
        })
    }

    /// Takes pairs back, all or none; returns how many were in use.
    pub(super) fn withdraw(&self, pairs: &[PairId], at: Timestamp) -> Result<u64, MemoryError> {
        self.change_pairs(|connection| {
            let (mut in_use, mut changed) = (0, 0);
            for id in pairs {
                let count = connection.prepare_cached(IN_USE)?.query_row([id.as_bytes()], |row| row.get(0));
                in_use += count.map(i64::unsigned_abs)?;
                let mut withdraw = connection.prepare_cached(WITHDRAW)?;
                changed += withdraw.execute(params![id.as_bytes(), at.seconds()])?;
            }
            Ok((in_use, changed > 0))
        })
    }

    /// The corrections in use that were learned from these files at once last.
    pub(super) fn last_learned(&self, files: &[PairOrigin]) -> Result<Vec<StoredPair>, MemoryError> {
        let learned = format!(
            "{LEARNED} AND kind = 'correction'
             AND (origin, article) IN (SELECT value ->> 'origin', value ->> 'article' FROM json_each(?1))"
        );
        let files = serde_json::json!(files).to_string();
        self.run(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let sql = format!("SELECT at, by FROM pair WHERE {learned} ORDER BY at DESC, by DESC LIMIT 1");
            let last =
                transaction.query_row(&sql, [&files], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((at, by)): Option<(i64, String)> = last else { return Ok(Vec::new()) };
            let sql = format!("SELECT {COLUMNS} FROM pair WHERE {learned} AND at = ?2 AND by = ?3");
            transaction.prepare(&sql)?.query_map(params![files, at, by], stored)?.collect()
        })
    }

    /// The pairs whose ids begin with hexadecimal digits, by id.
    pub(super) fn pairs_named(&self, digits: &str, limit: usize) -> Result<Vec<StoredPair>, MemoryError> {
        let Some((first, last)) = edges(digits) else { return Ok(Vec::new()) };
        self.pairs("id BETWEEN ?1 AND ?2", &[first.as_bytes(), last.as_bytes()], limit)
    }

    /// The pairs with an id above this one, by id.
    pub(super) fn pairs_after(
        &self,
        id: Option<PairId>,
        limit: usize,
    ) -> Result<Vec<StoredPair>, MemoryError> {
        match id {
            Some(id) => self.pairs("id > ?1", &[id.as_bytes()], limit),
            None => self.pairs("true", &[], limit),
        }
    }

    /// The pair with an id.
    pub(super) fn pair(&self, id: &[u8]) -> Result<Option<StoredPair>, MemoryError> {
        Ok(self.pairs("id = ?1", &[id], 1)?.pop())
    }

    fn pairs(&self, condition: &str, values: &[&[u8]], limit: usize) -> Result<Vec<StoredPair>, MemoryError> {
        let sql = format!("SELECT {COLUMNS} FROM pair WHERE {condition} ORDER BY id LIMIT {limit}");
        self.run(|connection| {
            let mut matching = connection.prepare_cached(&sql)?;
            matching.query_map(params_from_iter(values), stored)?.collect()
        })
    }

    /// How often the pairs were changed.
    pub(super) fn revision(&self) -> Result<MemoryRevision, MemoryError> {
        self.run(|connection| {
            let mut number = connection.prepare_cached("SELECT number FROM revision")?;
            number.query_row([], |row| row.get(0)).map(|number: i64| MemoryRevision(number.unsigned_abs()))
        })
    }

    /// Changes pairs in one commit. The change says whether there was any.
    fn change_pairs<T>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<(T, bool)>,
    ) -> Result<T, MemoryError> {
        self.change(|connection| {
            let (result, is_changed) = change(connection)?;
            if is_changed {
                connection.execute(CHANGED, [])?;
            }
            Ok((result, is_changed))
        })
    }
}

/// The first and the last hash that begin with these hexadecimal digits; `None` if they are none.
pub(super) fn edges(digits: &str) -> Option<(PairId, PairId)> {
    let missing = 64_usize.checked_sub(digits.len())?;
    let edge = |fill: &str| format!("{digits}{}", fill.repeat(missing)).parse::<PairId>().ok();
    Some((edge("0")?, edge("f")?))
}

/// A time for pairs that are later than what they say and than all that they have to outrank.
fn later_than_outranked(connection: &Connection, pairs: &[HumanPair]) -> rusqlite::Result<Timestamp> {
    let mut at = pairs.iter().map(|pair| pair.at.seconds()).max().unwrap_or_default();
    let mut after = |last: Option<i64>| at = at.max(last.map_or(0, |last| last.saturating_add(1)));
    for HumanPair { source, kind, .. } in pairs {
        let mut last = connection.prepare_cached(LAST_OF_SOURCE)?;
        after(last.query_row(params![source_hash(source), source, kind.as_str()], |row| row.get(0))?);
    }
    // Of two lessons in a second one could not be taken back without the other.
    if pairs.iter().any(|pair| pair.origin.is_some() && pair.place.is_some()) {
        let last = format!("SELECT max(at) FROM pair WHERE {LEARNED}");
        after(connection.prepare_cached(&last)?.query_row([], |row| row.get(0))?);
    }
    Ok(Timestamp::from_seconds(at))
}

/// Adds a pair; returns how many there are more.
fn add(connection: &Connection, id: PairId, pair: &HumanPair) -> rusqlite::Result<usize> {
    let HumanPair { kind, source, target, inlines, by, at, place, context, origin } = pair;
    let inlines = inlines.as_ref().map(write_pairs).transpose();
    let inlines = inlines.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let segment = place.as_ref().map(|place| i64::try_from(place.segment).unwrap_or(i64::MAX));
    connection.prepare_cached(ADD)?.execute(params![
        id.as_bytes(),
        source_hash(source),
        kind.as_str(),
        source,
        target,
        inlines,
        by,
        at.seconds(),
        place.as_ref().map(|place| place.article.as_str()),
        segment,
        context.before,
        context.after,
        origin,
    ])
}

/// A row as it stands in the file.
fn stored(row: &Row<'_>) -> rusqlite::Result<StoredPair> {
    let wrong = |column: usize, error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error)
    };
    let kind = row.get_ref(1)?.as_str()?.parse::<PairKind>().map_err(|error| wrong(1, error.into()))?;
    let inlines = row
        .get_ref(4)?
        .as_str_or_null()?
        .map(read_pairs)
        .transpose()
        .map_err(|error| wrong(4, error.into()))?;
    let segment: Option<i64> = row.get(8)?;
    let segment = segment.and_then(|segment| usize::try_from(segment).ok());
    let article: Option<String> = row.get(7)?;
    let place = article.zip(segment);
    Ok(StoredPair {
        id: PairId::from_bytes(row.get(0)?),
        pair: HumanPair {
            kind,
            source: row.get(2)?,
            target: row.get(3)?,
            inlines,
            by: row.get(5)?,
            at: Timestamp::from_seconds(row.get(6)?),
            place: place
                .map(|(article, segment)| PairPlace { article: ArticleId::of_record(&article), segment }),
            context: Neighbours { before: row.get(9)?, after: row.get(10)? },
            origin: row.get(11)?,
        },
        withdrawn: row.get::<_, Option<i64>>(12)?.map(Timestamp::from_seconds),
    })
}
