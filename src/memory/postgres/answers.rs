//! The answers of engines, and those that are no translations.

use std::collections::{BTreeMap, HashMap};

use super::session::{QueryError, QueryResult, Session, SqlValue, count, fixed, json, text, text_or_null};
use crate::check::Class;
use crate::memory::adoption::{Adoption, Succession};
use crate::memory::database::{StoreMode, TranslationRow, write_list, write_pairs};
use crate::memory::entry::AnswerEntry;
use crate::memory::forget::{Forgotten, Selection};
use crate::memory::key::{KEY_BYTES, Key, digits};
use crate::memory::records::{EngineStats, Maker, MemoryStats, StoredAnswer, TextOfEngine};
use crate::memory::refused::{Attempt, Refused};
use crate::model::{TermHint, Timestamp, Translation};

const LOOKUP: &str = "
SELECT key, target, alignment, billed, cuts, alternatives FROM wortlaut.translation WHERE key = ANY($1)";
/// As many lists of terms as a memory in a file finds.
const TOLD: &str = "
SELECT asked.number, found.terms
FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS asked(source, fingerprint, number)
CROSS JOIN LATERAL (
    SELECT terms, created_at, key FROM wortlaut.translation
    JOIN wortlaut.engine ON engine.id = translation.engine
    WHERE translation.source = asked.source AND terms IS NOT NULL AND engine.fingerprint = asked.fingerprint
    ORDER BY created_at DESC, key LIMIT 8
) AS found
ORDER BY asked.number, found.created_at DESC, found.key";
const ATTEMPTS: &str = "SELECT key, answer, class, form, count FROM wortlaut.unusable WHERE key = ANY($1)";
const MAKERS: &str = "SELECT profile, fingerprint FROM wortlaut.engine ORDER BY id";

/// Stores a batch and ends the claims of its keys. In the order of the keys, so that two processes that store the same ones
/// wait for each other instead of both.
const KEEP: &str = "
WITH given AS (
    SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[],
                         $7::bytea[], $8::bigint[], $9::integer[])
    AS given(key, source, target, terms, alignment, cuts, alternatives, billed, engine)
), kept AS (
    INSERT INTO wortlaut.translation
        (key, source, target, terms, alignment, cuts, alternatives, billed, engine, created_at)
    SELECT key, source, target, terms, alignment, cuts, alternatives, billed, engine,
           extract(epoch FROM now())::bigint
    FROM given ORDER BY key
    ON CONFLICT (key) DO NOTHING
)
DELETE FROM wortlaut.claim USING given WHERE claim.key = given.key";
/// The same, in the place of what is there.
const REPLACE: &str = "
WITH given AS (
    SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[],
                         $7::bytea[], $8::bigint[], $9::integer[])
    AS given(key, source, target, terms, alignment, cuts, alternatives, billed, engine)
), kept AS (
    INSERT INTO wortlaut.translation
        (key, source, target, terms, alignment, cuts, alternatives, billed, engine, created_at)
    SELECT key, source, target, terms, alignment, cuts, alternatives, billed, engine,
           extract(epoch FROM now())::bigint
    FROM given ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        source = excluded.source, target = excluded.target, terms = excluded.terms,
        alignment = excluded.alignment, cuts = excluded.cuts, alternatives = excluded.alternatives,
        billed = excluded.billed, engine = excluded.engine, created_at = excluded.created_at
)
DELETE FROM wortlaut.claim USING given WHERE claim.key = given.key";
const REFUSE: &str = "
INSERT INTO wortlaut.unusable (key, source, answer, class, form, count, engine, created_at)
SELECT key, source, answer, class, form, count, engine, extract(epoch FROM now())::bigint
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::bigint[], $7::integer[])
AS given(key, source, answer, class, form, count, engine) ORDER BY key
ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, class = excluded.class, form = excluded.form,
    count = unusable.count + excluded.count, created_at = excluded.created_at";

const COUNT_TRANSLATIONS: &str = "
SELECT count(*) FROM wortlaut.translation WHERE ($1::bytea[] IS NULL OR source = ANY($1))
AND ($2::bytea IS NULL OR engine IN (SELECT id FROM wortlaut.engine WHERE profile = $2))
AND ($3::bigint IS NULL OR created_at < $3)";
const COUNT_UNUSABLE: &str = "
SELECT count(*) FROM wortlaut.unusable WHERE ($1::bytea[] IS NULL OR source = ANY($1))
AND ($2::bytea IS NULL OR engine IN (SELECT id FROM wortlaut.engine WHERE profile = $2))
AND ($3::bigint IS NULL OR created_at < $3)";
const FORGET_TRANSLATIONS: &str = "
DELETE FROM wortlaut.translation WHERE ($1::bytea[] IS NULL OR source = ANY($1))
AND ($2::bytea IS NULL OR engine IN (SELECT id FROM wortlaut.engine WHERE profile = $2))
AND ($3::bigint IS NULL OR created_at < $3)";
const FORGET_UNUSABLE: &str = "
DELETE FROM wortlaut.unusable WHERE ($1::bytea[] IS NULL OR source = ANY($1))
AND ($2::bytea IS NULL OR engine IN (SELECT id FROM wortlaut.engine WHERE profile = $2))
AND ($3::bigint IS NULL OR created_at < $3)";

const ANSWERS: &str = "
SELECT key, source, target, profile, created_at
FROM wortlaut.translation JOIN wortlaut.engine ON engine.id = translation.engine
WHERE key >= $1 AND key <= $2 ORDER BY key LIMIT $3";

const DECIDED: &str = "SELECT taken FROM wortlaut.adoption WHERE fingerprint = $1 AND earlier = $2";
const EARLIER: &str = "
SELECT count(*) FROM wortlaut.translation
WHERE engine IN (SELECT id FROM wortlaut.engine WHERE fingerprint = $1)";
const DECIDE: &str = "
INSERT INTO wortlaut.adoption (fingerprint, earlier, taken) VALUES ($1, $2, $3)
ON CONFLICT (fingerprint, earlier) DO UPDATE SET taken = excluded.taken";

const COUNTS: &str = "
SELECT (SELECT count(*) FROM wortlaut.translation), (SELECT count(*) FROM wortlaut.unusable),
       (SELECT count(*) FROM wortlaut.pair WHERE kind = 'correction' AND withdrawn IS NULL),
       (SELECT count(*) FROM wortlaut.pair WHERE kind = 'suggestion' AND withdrawn IS NULL),
       (SELECT count(*) FROM wortlaut.pair WHERE withdrawn IS NOT NULL),
       (SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)::bigint FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = 'wortlaut' AND relkind = 'r')";
const ENGINES: &str = "
SELECT profile, fingerprint, count(key), min(created_at), max(created_at)
FROM wortlaut.engine LEFT JOIN wortlaut.translation ON engine.id = translation.engine
GROUP BY engine.id ORDER BY engine.id";

/// The keys as they stand in rows.
pub(super) fn bytes(keys: &[Key]) -> Vec<&[u8]> {
    keys.iter().map(|key| key.as_bytes().as_slice()).collect()
}

impl Session {
    /// The translations of the keys, in their order.
    pub(super) async fn lookup(&mut self, keys: &[Key]) -> QueryResult<Vec<Option<Translation>>> {
        let rows = self.query(LOOKUP, &[&bytes(keys)]).await?;
        let mut found = HashMap::new();
        for row in rows {
            let translation = TranslationRow {
                target: text(&row, 1)?,
                alignment: text_or_null(&row, 2)?,
                billed: row.try_get(3)?,
                cuts: text_or_null(&row, 4)?,
                alternatives: text_or_null(&row, 5)?,
            };
            found.insert(fixed::<KEY_BYTES>(&row, 0)?, translation);
        }
        // A key may be asked for twice.
        let translation = |key: &Key| {
            let translation = found.get(key.as_bytes()).cloned().map(|row| row.translation(key)).transpose();
            let wrong = |reason| QueryError::Damaged(format!("row {key} cannot be read: {reason}"));
            translation.map_err(wrong)
        };
        keys.iter().map(translation).collect()
    }

    /// The terms that went with texts, for each the last ones first.
    pub(super) async fn terms_told(
        &mut self,
        texts: &[TextOfEngine],
    ) -> QueryResult<Vec<Vec<Vec<TermHint>>>> {
        let sources: Vec<&[u8]> = texts.iter().map(|asked| asked.text.as_bytes()).collect();
        let fingerprints: Vec<&[u8]> = texts.iter().map(|asked| asked.fingerprint.as_bytes()).collect();
        let mut told = vec![Vec::new(); texts.len()];
        for row in self.query(TOLD, &[&sources, &fingerprints]).await? {
            let place = usize::try_from(row.try_get::<_, i64>(0)? - 1).unwrap_or(usize::MAX);
            // What is none is no reason to send nothing.
            let terms = serde_json::from_slice(row.try_get(1)?).ok();
            if let Some(told) = told.get_mut(place) {
                told.extend(terms);
            }
        }
        Ok(told)
    }

    /// What was answered under the keys that was no translation, in their order.
    pub(super) async fn attempts(&mut self, keys: &[Key]) -> QueryResult<Vec<Option<Attempt>>> {
        let mut found = HashMap::new();
        for row in self.query(ATTEMPTS, &[&bytes(keys)]).await? {
            let (class, form): (&str, &str) = (row.try_get(2)?, row.try_get(3)?);
            let class = Class::ALL.into_iter().find(|known| known.as_str() == class);
            let (Some(class), Ok(form)) = (class, form.parse()) else {
                return Err(QueryError::Damaged("unknown class or form of an answer".to_owned()));
            };
            let attempt = Attempt { form, class, answer: text(&row, 1)?, count: count(&row, 4)? };
            found.insert(fixed::<KEY_BYTES>(&row, 0)?, attempt);
        }
        Ok(keys.iter().map(|key| found.get(key.as_bytes()).cloned()).collect())
    }

    /// The engines there are answers of, in the order in which they came.
    pub(super) async fn makers(&mut self) -> QueryResult<Vec<Maker>> {
        let rows = self.query(MAKERS, &[]).await?;
        rows.iter().map(|row| Ok(Maker { profile: text(row, 0)?, fingerprint: text(row, 1)? })).collect()
    }

    /// Keeps all records in one commit, or none of them, and ends the claims of their keys.
    pub(super) async fn store(&mut self, mode: StoreMode, records: &[&StoredAnswer]) -> QueryResult<()> {
        let engines = self.engines(&makers_of(records.iter().copied())).await?;
        // Of several under a key, the first one is kept, and the last one replaces.
        let mut rows = BTreeMap::new();
        for (record, engine) in records.iter().zip(engines) {
            match mode {
                StoreMode::Keep => drop(rows.entry(record.key).or_insert((*record, engine))),
                StoreMode::Replace => drop(rows.insert(record.key, (*record, engine))),
            }
        }
        let mut columns = AnswerColumns::default();
        for (record, engine) in rows.into_values() {
            columns.push(record, engine)?;
        }
        let AnswerColumns { keys, sources, targets, terms, alignments, cuts, alternatives, billed, engines } =
            &columns;
        let sql = match mode {
            StoreMode::Keep => KEEP,
            StoreMode::Replace => REPLACE,
        };
        self.execute(sql, &[keys, sources, targets, terms, alignments, cuts, alternatives, billed, engines])
            .await
            .map(drop)
    }

    /// Remembers all answers that are no translations, or none.
    pub(super) async fn refuse(&mut self, refused: &[Refused]) -> QueryResult<()> {
        let engines = self.engines(&makers_of(refused.iter().map(|refused| &refused.record))).await?;
        let mut rows = BTreeMap::new();
        for (refused, engine) in refused.iter().zip(engines) {
            let count = rows.remove(&refused.record.key).map_or(0, |(_, _, count)| count);
            rows.insert(refused.record.key, (refused, engine, count + 1));
        }
        let (mut keys, mut sources, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut classes, mut forms) = (Vec::new(), Vec::new());
        let (mut counts, mut engines) = (Vec::<i64>::new(), Vec::new());
        for (Refused { record, class, form }, engine, count) in rows.values() {
            keys.push(record.key.as_bytes().as_slice());
            sources.push(record.request.text.as_bytes());
            answers.push(record.translation.text.as_bytes());
            classes.push(class.as_str());
            forms.push(form.as_str());
            counts.push(*count);
            engines.push(*engine);
        }
        let columns: [SqlValue<'_>; 7] = [&keys, &sources, &answers, &classes, &forms, &counts, &engines];
        self.execute(REFUSE, &columns).await.map(drop)
    }

    /// Counts what is chosen.
    pub(super) async fn chosen(&mut self, selection: &Selection) -> QueryResult<Forgotten> {
        let (sources, engine, before) = conditions(selection);
        let values: [SqlValue<'_>; 3] = [&sources, &engine, &before];
        let translations = if selection.unusable_only {
            0
        } else {
            count(&self.query_one(COUNT_TRANSLATIONS, &values).await?, 0)?
        };
        let unusable = count(&self.query_one(COUNT_UNUSABLE, &values).await?, 0)?;
        Ok(Forgotten { translations, unusable })
    }

    /// Deletes what is chosen, all or nothing.
    pub(super) async fn forget(&mut self, selection: &Selection) -> QueryResult<Forgotten> {
        self.transaction(async |session| {
            let (sources, engine, before) = conditions(selection);
            let values: [SqlValue<'_>; 3] = [&sources, &engine, &before];
            let translations = if selection.unusable_only {
                0
            } else {
                session.execute(FORGET_TRANSLATIONS, &values).await?
            };
            let unusable = session.execute(FORGET_UNUSABLE, &values).await?;
            Ok(Forgotten { translations, unusable })
        })
        .await
    }

    /// The answers whose keys begin with these hexadecimal digits, by key, at most so many.
    pub(super) async fn answers_named(
        &mut self,
        digits: &str,
        limit: usize,
    ) -> QueryResult<Vec<AnswerEntry>> {
        let Some((first, last)) = crate::memory::pairs::edges(digits) else { return Ok(Vec::new()) };
        self.answers(&first.as_bytes()[..KEY_BYTES], &last.as_bytes()[..KEY_BYTES], limit).await
    }

    /// The answers behind the one with this id, by id, at most so many.
    pub(super) async fn answers_after(
        &mut self,
        id: Option<&str>,
        limit: usize,
    ) -> QueryResult<Vec<AnswerEntry>> {
        let key = id.and_then(crate::memory::pairs::edges);
        // With one more byte it is the next string there is.
        let next = key.map(|(key, _)| [&key.as_bytes()[..KEY_BYTES], &[0]].concat()).unwrap_or_default();
        self.answers(&next, &[0xff; KEY_BYTES], limit).await
    }

    async fn answers(&mut self, first: &[u8], last: &[u8], limit: usize) -> QueryResult<Vec<AnswerEntry>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.query(ANSWERS, &[&first, &last, &limit]).await?;
        let answer = |row| {
            Ok(AnswerEntry {
                id: digits(&fixed::<KEY_BYTES>(row, 0)?),
                source: text(row, 1)?,
                target: text(row, 2)?,
                engine: text(row, 3)?,
                at: Timestamp::from_seconds(row.try_get(4)?),
            })
        };
        rows.iter().map(answer).collect()
    }

    /// What was decided about earlier answers.
    pub(super) async fn adoption(&mut self, succession: &Succession) -> QueryResult<Adoption> {
        let Succession { fingerprint, earlier } = succession;
        let (fingerprint, earlier) = (fingerprint.as_bytes(), earlier.as_bytes());
        let decided = self.query(DECIDED, &[&fingerprint, &earlier]).await?;
        Ok(match decided.first().map(|row| row.try_get(0)).transpose()? {
            Some(true) => Adoption::Taken,
            Some(false) => Adoption::Declined,
            None => {
                let answers = count(&self.query_one(EARLIER, &[&earlier]).await?, 0)?;
                Adoption::Undecided { answers }
            }
        })
    }

    /// Decides about earlier answers.
    pub(super) async fn decide(&mut self, succession: &Succession, taken: bool) -> QueryResult<()> {
        let Succession { fingerprint, earlier } = succession;
        self.execute(DECIDE, &[&fingerprint.as_bytes(), &earlier.as_bytes(), &taken]).await.map(drop)
    }

    /// How large it is.
    pub(super) async fn stats(&mut self) -> QueryResult<MemoryStats> {
        let counts = self.query_one(COUNTS, &[]).await?;
        let rows = self.query(ENGINES, &[]).await?;
        let engine = |row| {
            let time = |column| {
                let seconds: Option<i64> = tokio_postgres::Row::try_get(row, column)?;
                Ok::<_, QueryError>(seconds.map(Timestamp::from_seconds))
            };
            Ok(EngineStats {
                profile: text(row, 0)?,
                fingerprint: text(row, 1)?,
                answers: count(row, 2)?,
                first: time(3)?,
                last: time(4)?,
            })
        };
        Ok(MemoryStats {
            rows: count(&counts, 0)?,
            unusable: count(&counts, 1)?,
            corrections: count(&counts, 2)?,
            suggestions: count(&counts, 3)?,
            withdrawn: count(&counts, 4)?,
            engines: rows.iter().map(engine).collect::<QueryResult<_>>()?,
            bytes: count(&counts, 5)?,
            index_bytes: 0,
        })
    }
}

/// A batch of answers, a column each.
#[derive(Debug, Default)]
struct AnswerColumns<'a> {
    keys: Vec<&'a [u8]>,
    sources: Vec<&'a [u8]>,
    targets: Vec<&'a [u8]>,
    terms: Vec<Option<Vec<u8>>>,
    alignments: Vec<Option<Vec<u8>>>,
    cuts: Vec<Option<Vec<u8>>>,
    alternatives: Vec<Option<Vec<u8>>>,
    billed: Vec<Option<i64>>,
    engines: Vec<i32>,
}

impl<'a> AnswerColumns<'a> {
    fn push(&mut self, record: &'a StoredAnswer, engine: i32) -> QueryResult<()> {
        let StoredAnswer { key, request, translation, .. } = record;
        let wrong = |error: serde_json::Error| QueryError::Damaged(error.to_string());
        let alignment = translation.alignment.as_ref().map(|known| write_pairs(known.pairs())).transpose();
        self.keys.push(key.as_bytes());
        self.sources.push(request.text.as_bytes());
        self.targets.push(translation.text.as_bytes());
        let terms = (!request.terms.is_empty()).then(|| json(&request.terms)).transpose()?;
        self.terms.push(terms);
        self.alignments.push(alignment.map_err(wrong)?.map(String::into_bytes));
        self.cuts.push(write_list(&translation.cuts).map_err(wrong)?.map(String::into_bytes));
        let alternatives = write_list(&translation.alternatives).map_err(wrong)?;
        self.alternatives.push(alternatives.map(String::into_bytes));
        self.billed.push(translation.billed.map(|units| i64::try_from(units).unwrap_or(i64::MAX)));
        self.engines.push(engine);
        Ok(())
    }
}

fn makers_of<'a>(records: impl Iterator<Item = &'a StoredAnswer>) -> Vec<Maker> {
    let maker = |record: &StoredAnswer| Maker {
        profile: record.engine.clone(),
        fingerprint: record.fingerprint.clone(),
    };
    records.map(maker).collect()
}

/// What a selection asks for, as the statements take it.
type Conditions<'a> = (Option<Vec<&'a [u8]>>, Option<&'a [u8]>, Option<i64>);

fn conditions(selection: &Selection) -> Conditions<'_> {
    let Selection { sources, engine, before, .. } = selection;
    let sources = sources.as_ref().map(|texts| texts.iter().map(String::as_bytes).collect());
    (sources, engine.as_deref().map(str::as_bytes), before.map(Timestamp::seconds))
}
