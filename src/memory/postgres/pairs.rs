//! What people said of the English of a text, what they have read, and the files that were written on their own.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Row;

use super::session::{QueryError, QueryResult, Session, SqlValue, count, fixed, text, text_or_null};
use crate::memory::database::{read_pairs, write_pairs};
use crate::memory::nearness::meant;
use crate::memory::pairs::edges;
use crate::memory::read_marks::ReadText;
use crate::memory::records::{MemoryRevision, OutputRecord};
use crate::memory::words::source_hash;
use crate::model::{
    ArticleId, HumanPair, Neighbours, PairId, PairKind, PairOrigin, PairPlace, SegmentInContext, StoredPair,
    Timestamp,
};

macro_rules! pairs {
    ($rest:literal) => {
        concat!(
            "SELECT pair.id, pair.kind, pair.source, pair.target, pair.inlines, pair.by, pair.at, pair.article,
                    pair.segment, pair.before, pair.after, pair.origin, pair.withdrawn FROM ",
            $rest
        )
    };
}

const CORRECTIONS: &str = pairs!(
    "wortlaut.pair WHERE source_hash = ANY($1) AND source = ANY($2) AND kind = 'correction' AND withdrawn IS NULL"
);
const AMONG: &str = pairs!("wortlaut.pair WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT $3");
/// As the index `pair_learned` has it.
const LAST_LEARNED: &str = "
SELECT at, by FROM wortlaut.pair
WHERE article IS NOT NULL AND origin IS NOT NULL AND withdrawn IS NULL AND kind = 'correction'
    AND (origin, article) IN (SELECT * FROM unnest($1::bytea[], $2::bytea[]))
ORDER BY at DESC, by DESC LIMIT 1";
const LEARNED: &str = pairs!(
    "wortlaut.pair
     WHERE article IS NOT NULL AND origin IS NOT NULL AND withdrawn IS NULL AND kind = 'correction'
         AND (origin, article) IN (SELECT * FROM unnest($1::bytea[], $2::bytea[])) AND at = $3 AND by = $4"
);
const ADD: &str = "
INSERT INTO wortlaut.pair
    (id, kind, source, target, inlines, by, at, article, segment, before, after, origin, source_hash)
SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bigint[],
                     $8::bytea[], $9::bigint[], $10::bytea[], $11::bytea[], $12::bytea[], $13::bigint[])
ON CONFLICT (id) DO NOTHING";
/// Whoever changes pairs goes through this one row, so that what others say at the same time is before or after it.
const ALONE: &str = "SELECT number FROM wortlaut.revision FOR UPDATE";
const CHANGED: &str = "UPDATE wortlaut.revision SET number = number + 1";
const LAST_OF_SOURCES: &str = "
SELECT max(pair.at) FROM unnest($1::bigint[], $2::bytea[], $3::text[]) AS said(hash, source, kind)
JOIN wortlaut.pair ON pair.source_hash = said.hash AND pair.source = said.source AND pair.kind = said.kind";
const LAST_LESSON: &str = "
SELECT max(at) FROM wortlaut.pair WHERE article IS NOT NULL AND origin IS NOT NULL AND withdrawn IS NULL";
const IN_USE: &str = "SELECT count(*) FROM wortlaut.pair WHERE id = ANY($1) AND withdrawn IS NULL";
const WITHDRAW: &str = "
UPDATE wortlaut.pair SET withdrawn = $2 WHERE id = ANY($1) AND coalesce(withdrawn < $2, true)";

const READ: &str = "SELECT article, text FROM wortlaut.read_mark WHERE article = ANY($1)";
const MARK: &str = "
INSERT INTO wortlaut.read_mark (article, text) SELECT $1, * FROM unnest($2::bytea[]) ON CONFLICT DO NOTHING";
const UNMARK: &str = "DELETE FROM wortlaut.read_mark WHERE article = $1 AND text = ANY($2)";

const OUTPUTS: &str = "SELECT path, hash, article, format, segments FROM wortlaut.output ORDER BY path, hash";
const ANNOUNCE: &str = "
INSERT INTO wortlaut.output (path, hash, article, format, segments) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (path, hash) DO UPDATE
SET article = excluded.article, format = excluded.format, segments = excluded.segments";
const SETTLE: &str = "DELETE FROM wortlaut.output WHERE path = $1 AND hash <> $2";

impl Session {
    /// The correction of each segment, in their order.
    pub(super) async fn corrections(
        &mut self,
        segments: &[SegmentInContext],
    ) -> QueryResult<Vec<Option<StoredPair>>> {
        let sources: HashSet<&[u8]> = segments.iter().map(|segment| segment.source.as_bytes()).collect();
        let sources: Vec<&[u8]> = sources.into_iter().collect();
        let mut of_source = HashMap::<String, Vec<StoredPair>>::new();
        let hashes: Vec<i64> = segments.iter().map(|segment| source_hash(&segment.source)).collect();
        for row in self.query(CORRECTIONS, &[&hashes, &sources]).await? {
            let pair = stored(&row)?;
            of_source.entry(pair.pair.source.clone()).or_default().push(pair);
        }
        let correction = |segment: &SegmentInContext| {
            let pairs = of_source.get(&segment.source)?;
            meant(pairs.iter().cloned(), segment)
        };
        Ok(segments.iter().map(correction).collect())
    }

    /// Keeps what people say now, all or none, with a time that is later than that of all that it outranks.
    pub(super) async fn correct(&mut self, pairs: &[HumanPair]) -> QueryResult<Vec<PairId>> {
        self.change_pairs(async |session| {
            let at = session.later_than_outranked(pairs).await?;
            let pairs: Vec<HumanPair> = pairs.iter().map(|pair| HumanPair { at, ..pair.clone() }).collect();
            session.add(&pairs).await?;
            Ok((pairs.iter().map(HumanPair::id).collect(), !pairs.is_empty()))
        })
        .await
    }

    /// Keeps pairs as they are, all or none.
    pub(super) async fn add_pairs(&mut self, pairs: &[HumanPair]) -> QueryResult<Vec<PairId>> {
        self.change_pairs(async |session| {
            let added = session.add(pairs).await?;
            Ok((pairs.iter().map(HumanPair::id).collect(), added > 0))
        })
        .await
    }

    /// Takes pairs back, all or none; returns how many were in use.
    pub(super) async fn withdraw(&mut self, pairs: &[PairId], at: Timestamp) -> QueryResult<u64> {
        let ids: Vec<&[u8]> = pairs.iter().map(|id| id.as_bytes().as_slice()).collect();
        self.change_pairs(async |session| {
            let in_use = count(&session.query_one(IN_USE, &[&ids]).await?, 0)?;
            let changed = session.execute(WITHDRAW, &[&ids, &at.seconds()]).await?;
            Ok((in_use, changed > 0))
        })
        .await
    }

    /// The corrections in use that were learned from these files at once last.
    pub(super) async fn last_learned(&mut self, files: &[PairOrigin]) -> QueryResult<Vec<StoredPair>> {
        let origins: Vec<&[u8]> = files.iter().map(|file| file.origin.as_bytes()).collect();
        let articles: Vec<&[u8]> = files.iter().map(|file| file.article.as_str().as_bytes()).collect();
        let last = self.query(LAST_LEARNED, &[&origins, &articles]).await?;
        let Some(last) = last.first() else { return Ok(Vec::new()) };
        let (at, by): (i64, &[u8]) = (last.try_get(0)?, last.try_get(1)?);
        self.query(LEARNED, &[&origins, &articles, &at, &by]).await?.iter().map(stored).collect()
    }

    /// The pairs whose ids begin with hexadecimal digits, by id.
    pub(super) async fn pairs_named(&mut self, digits: &str, limit: usize) -> QueryResult<Vec<StoredPair>> {
        let Some((first, last)) = edges(digits) else { return Ok(Vec::new()) };
        self.pairs(first.as_bytes(), last.as_bytes(), limit).await
    }

    /// The pairs with an id above this one, by id.
    pub(super) async fn pairs_after(
        &mut self,
        id: Option<PairId>,
        limit: usize,
    ) -> QueryResult<Vec<StoredPair>> {
        // With one more byte it is the next string there is.
        let next = id.map(|id| [id.as_bytes().as_slice(), &[0]].concat()).unwrap_or_default();
        self.pairs(&next, &[0xff; 32], limit).await
    }

    async fn pairs(&mut self, first: &[u8], last: &[u8], limit: usize) -> QueryResult<Vec<StoredPair>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.query(AMONG, &[&first, &last, &limit]).await?.iter().map(stored).collect()
    }

    /// How often the pairs were changed.
    pub(super) async fn revision(&mut self) -> QueryResult<MemoryRevision> {
        let row = self.query_one("SELECT number FROM wortlaut.revision", &[]).await?;
        Ok(MemoryRevision(count(&row, 0)?))
    }

    /// Changes pairs in one commit. The change says whether there was any.
    async fn change_pairs<T>(
        &mut self,
        change: impl AsyncFnOnce(&mut Self) -> QueryResult<(T, bool)>,
    ) -> QueryResult<T> {
        self.transaction(async |session| {
            session.query_one(ALONE, &[]).await?;
            let (result, is_changed) = change(session).await?;
            if is_changed {
                session.execute(CHANGED, &[]).await?;
            }
            Ok(result)
        })
        .await
    }

    /// A time for pairs that is later than what they say and than all that they have to outrank.
    async fn later_than_outranked(&mut self, pairs: &[HumanPair]) -> QueryResult<Timestamp> {
        let mut at = pairs.iter().map(|pair| pair.at.seconds()).max().unwrap_or_default();
        let sources: Vec<&[u8]> = pairs.iter().map(|pair| pair.source.as_bytes()).collect();
        let kinds: Vec<&str> = pairs.iter().map(|pair| pair.kind.as_str()).collect();
        let hashes: Vec<i64> = pairs.iter().map(|pair| source_hash(&pair.source)).collect();
        let mut last = vec![self.query_one(LAST_OF_SOURCES, &[&hashes, &sources, &kinds]).await?];
        // Of two lessons in a second one could not be taken back without the other.
        if pairs.iter().any(|pair| pair.origin.is_some() && pair.place.is_some()) {
            last.push(self.query_one(LAST_LESSON, &[]).await?);
        }
        for row in last {
            let last: Option<i64> = row.try_get(0)?;
            at = at.max(last.map_or(0, |last| last.saturating_add(1)));
        }
        Ok(Timestamp::from_seconds(at))
    }

    /// Adds pairs; returns how many there are more.
    async fn add(&mut self, pairs: &[HumanPair]) -> QueryResult<u64> {
        let inlines = pairs.iter().map(|pair| {
            let json = pair.inlines.as_ref().map(write_pairs).transpose();
            json.map(|json| json.map(String::into_bytes))
        });
        let inlines: Vec<Option<Vec<u8>>> = inlines
            .collect::<Result<_, _>>()
            .map_err(|error: serde_json::Error| QueryError::Damaged(error.to_string()))?;
        let ids: Vec<PairId> = pairs.iter().map(HumanPair::id).collect();
        let ids: Vec<&[u8]> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
        let kinds: Vec<&str> = pairs.iter().map(|pair| pair.kind.as_str()).collect();
        let at: Vec<i64> = pairs.iter().map(|pair| pair.at.seconds()).collect();
        let segment = |pair: &HumanPair| {
            pair.place.as_ref().map(|place| i64::try_from(place.segment).unwrap_or(i64::MAX))
        };
        let segments: Vec<Option<i64>> = pairs.iter().map(segment).collect();
        let texts = |of: fn(&HumanPair) -> Option<&str>| -> Vec<Option<&[u8]>> {
            pairs.iter().map(|pair| of(pair).map(str::as_bytes)).collect()
        };
        let sources = texts(|pair| Some(&pair.source));
        let targets = texts(|pair| Some(&pair.target));
        let by = texts(|pair| Some(&pair.by));
        let articles = texts(|pair| Some(pair.place.as_ref()?.article.as_str()));
        let before = texts(|pair| pair.context.before.as_deref());
        let after = texts(|pair| pair.context.after.as_deref());
        let origins = texts(|pair| pair.origin.as_deref());
        let hashes: Vec<i64> = pairs.iter().map(|pair| source_hash(&pair.source)).collect();
        let columns: [SqlValue<'_>; 13] = [
            &ids, &kinds, &sources, &targets, &inlines, &by, &at, &articles, &segments, &before, &after,
            &origins, &hashes,
        ];
        self.execute(ADD, &columns).await
    }

    /// What people have read of each article, in their order.
    pub(super) async fn read_marks(&mut self, articles: &[ArticleId]) -> QueryResult<Vec<HashSet<ReadText>>> {
        let names: Vec<&[u8]> = articles.iter().map(|article| article.as_str().as_bytes()).collect();
        let mut marks = HashMap::<String, HashSet<ReadText>>::new();
        for row in self.query(READ, &[&names]).await? {
            marks.entry(text(&row, 0)?).or_default().insert(ReadText::from_bytes(fixed(&row, 1)?));
        }
        Ok(articles.iter().map(|article| marks.get(article.as_str()).cloned().unwrap_or_default()).collect())
    }

    /// Remembers that texts of an article were read, or that they were not.
    pub(super) async fn mark_read(
        &mut self,
        article: &ArticleId,
        texts: &[ReadText],
        is_read: bool,
    ) -> QueryResult<()> {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes().as_slice()).collect();
        let sql = if is_read { MARK } else { UNMARK };
        self.execute(sql, &[&article.as_str().as_bytes(), &texts]).await.map(drop)
    }

    /// The files that were written on their own, by path.
    pub(super) async fn outputs(&mut self) -> QueryResult<Vec<OutputRecord>> {
        let rows = self.query(OUTPUTS, &[]).await?;
        let record = |row: &Row| {
            Ok(OutputRecord {
                path: text(row, 0)?,
                hash: row.try_get(1)?,
                article: text(row, 2)?,
                format: row.try_get(3)?,
                segments: row.try_get(4)?,
            })
        };
        rows.iter().map(record).collect()
    }

    /// Remembers a file, beside what is known of its path already.
    pub(super) async fn announce_output(&mut self, output: &OutputRecord) -> QueryResult<()> {
        let OutputRecord { path, hash, article, format, segments } = output;
        let values: [SqlValue<'_>; 5] = [&path.as_bytes(), hash, &article.as_bytes(), format, segments];
        self.execute(ANNOUNCE, &values).await.map(drop)
    }

    /// Remembers a file, and forgets what else is known of its path.
    pub(super) async fn settle_output(&mut self, output: &OutputRecord) -> QueryResult<()> {
        self.transaction(async |session| {
            session.announce_output(output).await?;
            session.execute(SETTLE, &[&output.path.as_bytes(), &output.hash]).await.map(drop)
        })
        .await
    }
}

/// A row as it stands in the database.
fn stored(row: &Row) -> QueryResult<StoredPair> {
    let wrong = |what: String| QueryError::Damaged(format!("a pair cannot be read: {what}"));
    let kind: PairKind = row.try_get::<_, &str>(1)?.parse().map_err(|_| wrong("its kind".to_owned()))?;
    let inlines = text_or_null(row, 4)?.map(|json| read_pairs(&json)).transpose();
    let segment: Option<i64> = row.try_get(8)?;
    let place = text_or_null(row, 7)?.zip(segment.and_then(|segment| usize::try_from(segment).ok()));
    Ok(StoredPair {
        id: PairId::from_bytes(fixed(row, 0)?),
        pair: HumanPair {
            kind,
            source: text(row, 2)?,
            target: text(row, 3)?,
            inlines: inlines.map_err(|error| wrong(error.to_string()))?,
            by: text(row, 5)?,
            at: Timestamp::from_seconds(row.try_get(6)?),
            place: place
                .map(|(article, segment)| PairPlace { article: ArticleId::of_record(&article), segment }),
            context: Neighbours { before: text_or_null(row, 9)?, after: text_or_null(row, 10)? },
            origin: text_or_null(row, 11)?,
        },
        withdrawn: row.try_get::<_, Option<i64>>(12)?.map(Timestamp::from_seconds),
    })
}
