//! Putting two memories together, and saving what can be read of a damaged one.
//!
//! Of each row there is one under its key. Where both memories have one, the greater one is taken, by what stands behind the
//! key from left to right: so merging has no direction, no order, and changes nothing the second time. Of two answers that is
//! the newer one: an answer stays when it is stored once more, so that a newer one came of a run with `--again`, which a
//! person asked for because the older one was not good enough.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

#[cfg(feature = "shared")]
use rusqlite::Row;
use rusqlite::types::Value;
use rusqlite::{Rows, Statement, params_from_iter};

use super::adoption::SCHEMA as ADOPTION;
use super::database::Database;
use super::error::MemoryError;
#[cfg(feature = "shared")]
use super::records::Maker;
use super::schema::FORMAT;

/// A table that is merged.
pub(super) struct MergedTable {
    pub(super) name: &'static str,
    /// The columns, those of the key first, then those that decide which of two rows is taken.
    read: &'static str,
    /// How many columns the key has.
    pub(super) key: usize,
    /// The order in which its rows stand in the file, and that of its keys; `None` for that of the columns of its key.
    stands: Option<&'static str>,
    by_key: Option<&'static str>,
    add: &'static str,
    /// The columns of the key, and what becomes of a row where there is one under its key already; SQLite and PostgreSQL
    /// understand it.
    #[cfg(feature = "shared")]
    pub(super) keys: &'static str,
    #[cfg(feature = "shared")]
    pub(super) conflict: &'static str,
}

pub(super) const TABLES: [MergedTable; 9] = [
    MergedTable {
        name: "translation",
        // As far as it is a whole one: memories of earlier formats have keys of twice the length.
        read: "SELECT substr(key, 1, 16), created_at, target, source, nullif(terms, '[]'), alignment, cuts, billed,
                      alternatives, profile, fingerprint
               FROM translation CROSS JOIN engine ON engine.id = engine",
        key: 1,
        stands: Some("number"),
        by_key: Some("substr(key, 1, 4), key"),
        add: "INSERT OR IGNORE INTO translation
              (key, created_at, target, source, terms, alignment, cuts, billed, alternatives, engine)
              SELECT ?1, ?2, ?3, ?4, nullif(?5, '[]'), ?6, ?7, ?8, ?9,
                     (SELECT id FROM engine WHERE profile = ?10 AND fingerprint = ?11)
              WHERE NOT EXISTS (SELECT 1 FROM translation WHERE substr(key, 1, 4) = substr(?1, 1, 4) AND key = ?1)",
        #[cfg(feature = "shared")]
        keys: "key",
        #[cfg(feature = "shared")]
        conflict: "DO UPDATE SET created_at = excluded.created_at, target = excluded.target, source = excluded.source,
                   terms = excluded.terms, alignment = excluded.alignment, cuts = excluded.cuts,
                   billed = excluded.billed, alternatives = excluded.alternatives, engine = excluded.engine
                   WHERE (excluded.created_at, excluded.target) > (translation.created_at, translation.target)",
    },
    MergedTable {
        name: "unusable",
        read: "SELECT substr(key, 1, 16), created_at, count, source, answer, class, form, profile, fingerprint
               FROM unusable CROSS JOIN engine ON engine.id = engine",
        key: 1,
        stands: None,
        by_key: None,
        add: "INSERT OR IGNORE INTO unusable (key, created_at, count, source, answer, class, form, engine) VALUES
              (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT id FROM engine WHERE profile = ?8 AND fingerprint = ?9))",
        #[cfg(feature = "shared")]
        keys: "key",
        #[cfg(feature = "shared")]
        conflict: "DO UPDATE SET created_at = excluded.created_at, count = excluded.count, source = excluded.source,
                   answer = excluded.answer, class = excluded.class, form = excluded.form, engine = excluded.engine
                   WHERE (excluded.created_at, excluded.count) > (unusable.created_at, unusable.count)",
    },
    MergedTable {
        name: "pair",
        // What is the same in all memories comes last: only `withdrawn` can differ.
        read: "SELECT id, withdrawn, source_hash, kind, source, target, inlines, by, at, article, segment, before,
                      after, origin FROM pair",
        key: 1,
        stands: None,
        by_key: None,
        add: "INSERT OR IGNORE INTO pair (id, withdrawn, source_hash, kind, source, target, inlines, by, at, article,
                                          segment, before, after, origin)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        #[cfg(feature = "shared")]
        keys: "id",
        #[cfg(feature = "shared")]
        conflict: "DO UPDATE SET withdrawn = excluded.withdrawn
                   WHERE coalesce(excluded.withdrawn, -1) > coalesce(pair.withdrawn, -1)",
    },
    MergedTable {
        name: "read_mark",
        read: "SELECT article, text FROM read_mark",
        key: 2,
        stands: None,
        by_key: None,
        add: "INSERT OR IGNORE INTO read_mark (article, text) VALUES (?1, ?2)",
        #[cfg(feature = "shared")]
        keys: "article, text",
        #[cfg(feature = "shared")]
        conflict: "DO NOTHING",
    },
    MergedTable {
        name: "output",
        read: "SELECT path, hash, article, format, segments FROM output",
        key: 2,
        stands: None,
        by_key: None,
        add: "INSERT OR IGNORE INTO output (path, hash, article, format, segments) VALUES (?1, ?2, ?3, ?4, ?5)",
        #[cfg(feature = "shared")]
        keys: "path, hash",
        #[cfg(feature = "shared")]
        conflict: "DO NOTHING",
    },
    MergedTable {
        name: "adoption",
        // Who declined answers does not want them from any side: it is the greater one.
        read: "SELECT fingerprint, earlier, NOT taken FROM adoption",
        key: 2,
        stands: None,
        by_key: None,
        add: "INSERT OR IGNORE INTO adoption (fingerprint, earlier, taken) VALUES (?1, ?2, NOT ?3)",
        #[cfg(feature = "shared")]
        keys: "fingerprint, earlier",
        #[cfg(feature = "shared")]
        conflict: "DO UPDATE SET taken = excluded.taken WHERE NOT excluded.taken",
    },
    MergedTable {
        name: "batch_job",
        // Who knows what the service calls it knows more, and who called it off as well.
        read: "SELECT nonce, service_id, cancelled, profile, fingerprint, host, created_at, requests FROM batch_job",
        key: 1,
        stands: None,
        by_key: None,
        add: "INSERT OR IGNORE INTO batch_job (nonce, service_id, cancelled, profile, fingerprint, host, created_at,
                                               requests) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        #[cfg(feature = "shared")]
        keys: "nonce",
        #[cfg(feature = "shared")]
        conflict: "DO UPDATE SET service_id = coalesce(batch_job.service_id, excluded.service_id),
                   cancelled = batch_job.cancelled OR excluded.cancelled",
    },
    MergedTable {
        name: "batch_request",
        read: "SELECT nonce, number, form, companions FROM batch_request",
        key: 2,
        stands: None,
        by_key: None,
        add: "INSERT OR IGNORE INTO batch_request (nonce, number, form, companions) VALUES (?1, ?2, ?3, ?4)",
        #[cfg(feature = "shared")]
        keys: "nonce, number",
        #[cfg(feature = "shared")]
        conflict: "DO NOTHING",
    },
    MergedTable {
        name: "batch_text",
        read: "SELECT substr(key, 1, 16), nonce, number, place, request, replaces FROM batch_text",
        key: 1,
        stands: None,
        by_key: None,
        add: "INSERT OR IGNORE INTO batch_text (key, nonce, number, place, request, replaces)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        #[cfg(feature = "shared")]
        keys: "key",
        #[cfg(feature = "shared")]
        conflict: "DO NOTHING",
    },
];

/// Filled faster without them, and they are made in one go afterwards.
const WITHOUT_INDEXES: &str = "DROP INDEX pair_source; DROP INDEX translation_told;";
const WITH_INDEXES: &str = "
CREATE INDEX pair_source ON pair (source_hash);
CREATE INDEX translation_told ON translation (substr(source, 1, 24), substr(source, -24), length(source)) WHERE terms IS NOT NULL;
UPDATE revision SET number = 1 WHERE EXISTS (SELECT * FROM pair);";

/// Removes an answer that is less than the one that is to be added: by its key, its time and its English.
#[cfg(feature = "shared")]
const LESSER: &str = "
DELETE FROM translation
WHERE substr(key, 1, 4) = substr(?1, 1, 4) AND key = ?1 AND (?2, ?3) > (created_at, target)";

/// A row, the columns of its key first.
pub(super) type MergedRow = Vec<Value>;

impl MergedTable {
    /// The order of its keys, for SQL.
    fn order(&self) -> String {
        let columns = || (1..=self.key).map(|column| column.to_string()).collect::<Vec<_>>().join(", ");
        self.by_key.map_or_else(columns, str::to_owned)
    }
}

impl Database {
    /// Fills a new memory with all that two others hold.
    pub(super) fn fill_with_both(&self, left: &Self, right: &Self) -> Result<(), MemoryError> {
        self.filled(&[left, right], |table| {
            let (mut first, mut second) = (left.ordered(table)?, right.ordered(table)?);
            let mut first = MergedRows::of(left, first.as_mut())?;
            let mut second = MergedRows::of(right, second.as_mut())?;
            // Streams in the order of their keys: only a row of each is in memory.
            let (mut ours, mut theirs) = (first.next()?, second.next()?);
            loop {
                let order = match (&ours, &theirs) {
                    (None, None) => return Ok(()),
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (Some(ours), Some(theirs)) => compare(&ours[..table.key], &theirs[..table.key]),
                };
                let taken = match (&ours, &theirs) {
                    (Some(ours), Some(theirs)) if order.is_eq() => {
                        if compare(ours, theirs).is_ge() {
                            Some(ours)
                        } else {
                            Some(theirs)
                        }
                    }
                    _ if order.is_lt() => ours.as_ref(),
                    _ => theirs.as_ref(),
                };
                if let Some(row) = taken {
                    self.add_row(table, row)?;
                }
                if order.is_le() {
                    ours = first.next()?;
                }
                if order.is_ge() {
                    theirs = second.next()?;
                }
            }
        })
    }

    /// Fills a new memory with all that can be read of a damaged one: the rows before the first damaged place of each
    /// table, and those behind the last.
    pub(super) fn fill_with_readable(&self, damaged: &Self) -> Result<(), MemoryError> {
        self.filled(&[damaged], |table| {
            for direction in ["ASC", "DESC"] {
                let Ok(mut rows) = damaged.standing(table, direction) else { continue };
                let Ok(mut rows) = MergedRows::of(damaged, rows.as_mut()) else { continue };
                while let Ok(Some(row)) = rows.next() {
                    // A row that does not fit its table is not one that was written.
                    let _ = self.add_row(table, &row);
                }
            }
            Ok(())
        })
    }

    /// Fills a new memory table by table, from others whose engines it takes first.
    fn filled(
        &self,
        sources: &[&Self],
        fill: impl Fn(&MergedTable) -> Result<(), MemoryError>,
    ) -> Result<(), MemoryError> {
        self.run(|connection| {
            // The file has no name yet: what is torn is thrown away.
            connection.pragma_update(None, "journal_mode", "OFF")?;
            connection.pragma_update(None, "synchronous", "OFF")?;
            connection.execute_batch(WITHOUT_INDEXES)?;
            connection.execute_batch("BEGIN")
        })?;
        let mut engines = BTreeSet::new();
        for source in sources {
            engines.extend(source.makers()?.into_iter().map(|maker| (maker.profile, maker.fingerprint)));
            if source.has_table("adoption")? {
                self.run(|connection| connection.execute_batch(ADOPTION))?;
            }
        }
        let add = "INSERT INTO engine (profile, fingerprint) VALUES (?1, ?2)";
        self.run(|connection| {
            engines.iter().try_for_each(|(profile, fingerprint)| {
                connection.execute(add, [profile, fingerprint]).map(drop)
            })
        })?;
        TABLES.iter().try_for_each(fill)?;
        self.run(|connection| {
            connection.execute_batch(WITH_INDEXES)?;
            connection.execute_batch("COMMIT")
        })
    }

    /// The rows of a table in the order of their keys; `None` if an earlier version did not have it.
    fn ordered(&self, table: &MergedTable) -> Result<Option<Statement<'_>>, MemoryError> {
        if !self.has_table(table.name)? {
            return Ok(None);
        }
        self.statement(&format!("{} ORDER BY {}", table.read, table.order())).map(Some)
    }

    /// The rows of a table as they stand in a file that may be damaged, from either end; `None` if an earlier version did not
    /// have it.
    fn standing(&self, table: &MergedTable, direction: &str) -> Result<Option<Statement<'_>>, MemoryError> {
        if !self.has_table(table.name)? {
            return Ok(None);
        }
        let is_current = self.format()? == FORMAT;
        let order = match table.stands {
            Some(column) if is_current => format!("{column} {direction}"),
            Some(_) => format!("key {direction}"),
            None => {
                let columns = (1..=table.key).map(|column| format!("{column} {direction}"));
                columns.collect::<Vec<_>>().join(", ")
            }
        };
        let mut read = Cow::Borrowed(table.read);
        if table.stands.is_some() && !self.has_column(table.name, "alternatives")? {
            read = read.replace("alternatives", "NULL").into();
        }
        self.statement(&format!("{read} ORDER BY {order}")).map(Some)
    }

    fn has_column(&self, table: &str, column: &str) -> Result<bool, MemoryError> {
        let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        self.run(|connection| connection.query_row(sql, [table, column], |row| row.get(0)))
    }

    /// The rows of a table that come after this one by their keys, or the first ones, at most so many.
    #[cfg(feature = "shared")]
    pub(super) fn rows_after(
        &self,
        table: &MergedTable,
        last: Option<&MergedRow>,
        limit: usize,
    ) -> Result<Vec<MergedRow>, MemoryError> {
        if !self.has_table(table.name)? {
            return Ok(Vec::new());
        }
        let key = last.map_or(&[][..], |last| &last[..table.key]);
        let places: Vec<String> = (1..=key.len()).map(|place| format!("?{place}")).collect();
        let order = table.by_key.unwrap_or(table.keys);
        let after = match (places.is_empty(), table.by_key) {
            (true, _) => String::new(),
            (false, None) => format!("WHERE ({}) > ({})", table.keys, places.join(", ")),
            // As its index has them.
            (false, Some(_)) => "WHERE substr(key, 1, 4) >= substr(?1, 1, 4) AND key > ?1".to_owned(),
        };
        let sql = format!("{} {after} ORDER BY {order} LIMIT {limit}", table.read);
        self.run(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let width = statement.column_count();
            let row = |row: &Row<'_>| (0..width).map(|column| row.get(column)).collect();
            statement.query_map(params_from_iter(key), row)?.collect()
        })
    }

    /// Puts rows beside those that are there, in one commit; of two under a key, the greater one stays.
    #[cfg(feature = "shared")]
    pub(super) fn put_rows(&self, table: &MergedTable, rows: &[MergedRow]) -> Result<(), MemoryError> {
        let add = table.add.replace("INSERT OR IGNORE", "INSERT");
        // Nothing keeps two answers from having a key but who adds them: a lesser one goes before.
        let (lesser, sql) = match table.by_key {
            Some(_) => (Some(LESSER), add),
            None => (None, format!("{add} ON CONFLICT ({}) {}", table.keys, table.conflict)),
        };
        self.change(|connection| {
            if table.name == "adoption" {
                connection.execute_batch(ADOPTION)?;
            }
            if let Some(lesser) = lesser {
                let mut remove = connection.prepare_cached(lesser)?;
                for row in rows {
                    remove.execute(params_from_iter(&row[..3]))?;
                }
            }
            let mut put = connection.prepare_cached(&sql)?;
            let changed = rows.iter().map(|row| put.execute(params_from_iter(row)));
            let changed: usize = changed.sum::<rusqlite::Result<usize>>()?;
            if table.name == "pair" && changed > 0 {
                connection.execute("UPDATE revision SET number = number + 1", [])?;
            }
            Ok(((), changed > 0))
        })
    }

    /// Makes sure that engines have rows, in their order.
    #[cfg(feature = "shared")]
    pub(super) fn put_makers(&self, makers: &[Maker]) -> Result<(), MemoryError> {
        let add = "INSERT INTO engine (profile, fingerprint) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.write(|connection| {
            makers.iter().try_for_each(|maker| {
                connection.prepare_cached(add)?.execute([&maker.profile, &maker.fingerprint]).map(drop)
            })
        })
    }

    fn has_table(&self, name: &str) -> Result<bool, MemoryError> {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        self.run(|connection| connection.query_row(sql, [name], |row| row.get(0)))
    }

    fn add_row(&self, table: &MergedTable, row: &[Value]) -> Result<(), MemoryError> {
        self.run(|connection| connection.prepare_cached(table.add)?.execute(params_from_iter(row)).map(drop))
    }
}

/// The rows of a table of a memory.
struct MergedRows<'a> {
    database: &'a Database,
    rows: Option<Rows<'a>>,
}

impl<'a> MergedRows<'a> {
    fn of(database: &'a Database, statement: Option<&'a mut Statement<'_>>) -> Result<Self, MemoryError> {
        let rows = statement.map(|statement| statement.query([])).transpose();
        Ok(Self { database, rows: database.run(|_| rows)? })
    }

    fn next(&mut self) -> Result<Option<MergedRow>, MemoryError> {
        let Some(rows) = &mut self.rows else { return Ok(None) };
        let row = rows.next().and_then(|row| {
            row.map(|row| (0..row.as_ref().column_count()).map(|column| row.get(column)).collect())
                .transpose()
        });
        self.database.run(|_| row)
    }
}

/// Columns from left to right; nothing is less than anything.
fn compare(left: &[Value], right: &[Value]) -> Ordering {
    left.iter()
        .zip(right)
        .map(|(left, right)| value_order(left, right))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn value_order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Blob(left), Value::Blob(right)) => left.cmp(right),
        (Value::Real(left), Value::Real(right)) => left.total_cmp(right),
        _ => kind(left).cmp(&kind(right)),
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Integer(_) => 1,
        Value::Real(_) => 2,
        Value::Text(_) => 3,
        Value::Blob(_) => 4,
    }
}
