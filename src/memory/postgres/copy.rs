//! Copying a memory from a file into a database, and back: row by row, as two files are merged.

use std::path::Path;

use futures::executor::block_on;
use rusqlite::types::Value;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::memory::PostgresMemory;
use super::session::{QueryResult, Session, SqlValue, text_or_null};
use crate::memory::database::Database;
use crate::memory::error::MemoryError;
use crate::memory::interface::Memory as _;
use crate::memory::merge::{MergedRow, MergedTable, TABLES};
use crate::memory::records::{Maker, MemoryStats};

/// Rows that are in memory at once.
const CHUNK: usize = 2_000;

/// A memory that is copied, or copied into.
#[derive(Debug)]
pub struct CopiedMemory(CopyEnd);

#[derive(Debug)]
enum CopyEnd {
    File(Box<Database>),
    Server(PostgresMemory),
}

/// A table as a database has it, with the columns of [`MergedTable`].
struct ServerTable {
    name: &'static str,
    columns: &'static [Column],
    /// What gives the first rows by their keys, and those after a key.
    first: &'static str,
    next: &'static str,
    /// What adds rows, but for what becomes of those that are there.
    add: &'static str,
}

/// What a column holds there, and what it is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Bytes,
    /// Bytes there, text in a file.
    Text,
    /// Text on both sides.
    Word,
    Number,
    /// Nought or one in a file.
    Switch,
    /// The profile and the fingerprint of an engine, which has a number there.
    Profile,
    Fingerprint,
}

use Column::{Bytes, Fingerprint, Number, Profile, Switch, Text, Word};

macro_rules! pages {
    ($read:literal, $keys:literal, $after:literal) => {
        concat!("SELECT ", $read, " ORDER BY ", $keys, " LIMIT 2000")
    };
    (next $read:literal, $keys:literal, $after:literal) => {
        concat!("SELECT ", $read, " WHERE (", $keys, ") > (", $after, ") ORDER BY ", $keys, " LIMIT 2000")
    };
}

macro_rules! server_table {
    ($name:literal, $columns:expr, $read:literal, $keys:literal, $after:literal, $add:literal) => {
        ServerTable {
            name: $name,
            columns: &$columns,
            first: pages!($read, $keys, $after),
            next: pages!(next $read, $keys, $after),
            add: $add,
        }
    };
}

/// In the order of [`TABLES`]. That a text has no terms is `[]` in a file, and null there.
const SERVER_TABLES: [ServerTable; TABLES.len()] = [
    server_table!(
        "translation",
        [Bytes, Number, Text, Text, Text, Text, Text, Number, Text, Profile, Fingerprint],
        "key, created_at, target, source, coalesce(terms, '\\x5b5d'), alignment, cuts, billed, alternatives,
         profile, fingerprint FROM wortlaut.translation JOIN wortlaut.engine ON engine.id = translation.engine",
        "key",
        "$1",
        "INSERT INTO wortlaut.translation
            (key, created_at, target, source, terms, alignment, cuts, billed, alternatives, engine)
         SELECT key, created_at, target, source, nullif(terms, '\\x5b5d'), alignment, cuts, billed, alternatives, engine
         FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[],
                     $8::bigint[], $9::bytea[], $10::integer[])
         AS given(key, created_at, target, source, terms, alignment, cuts, billed, alternatives, engine)"
    ),
    server_table!(
        "unusable",
        [Bytes, Number, Number, Text, Text, Word, Word, Profile, Fingerprint],
        "key, created_at, count, source, answer, class, form, profile, fingerprint
         FROM wortlaut.unusable JOIN wortlaut.engine ON engine.id = unusable.engine",
        "key",
        "$1",
        "INSERT INTO wortlaut.unusable (key, created_at, count, source, answer, class, form, engine)
         SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::text[], $7::text[],
                              $8::integer[])"
    ),
    server_table!(
        "pair",
        [Bytes, Number, Number, Word, Text, Text, Text, Text, Number, Text, Number, Text, Text, Text],
        "id, withdrawn, source_hash, kind, source, target, inlines, by, at, article, segment, before, after, origin
         FROM wortlaut.pair",
        "id",
        "$1",
        "INSERT INTO wortlaut.pair (id, withdrawn, source_hash, kind, source, target, inlines, by, at, article, segment,
                                    before, after, origin)
         SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[],
                              $8::bytea[], $9::bigint[], $10::bytea[], $11::bigint[], $12::bytea[], $13::bytea[],
                              $14::bytea[])"
    ),
    server_table!(
        "read_mark",
        [Text, Bytes],
        "article, text FROM wortlaut.read_mark",
        "article, text",
        "$1, $2",
        "INSERT INTO wortlaut.read_mark (article, text) SELECT * FROM unnest($1::bytea[], $2::bytea[])"
    ),
    server_table!(
        "output",
        [Text, Word, Text, Word, Word],
        "path, hash, article, format, segments FROM wortlaut.output",
        "path, hash",
        "$1, $2",
        "INSERT INTO wortlaut.output (path, hash, article, format, segments)
         SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[], $5::text[])"
    ),
    server_table!(
        "adoption",
        [Text, Text, Switch],
        "fingerprint, earlier, NOT taken FROM wortlaut.adoption",
        "fingerprint, earlier",
        "$1, $2",
        "INSERT INTO wortlaut.adoption (fingerprint, earlier, taken)
         SELECT fingerprint, earlier, NOT declined FROM unnest($1::bytea[], $2::bytea[], $3::boolean[])
         AS given(fingerprint, earlier, declined)"
    ),
    server_table!(
        "batch_job",
        [Word, Text, Switch, Text, Text, Text, Number, Number],
        "nonce, service_id, cancelled, profile, fingerprint, host, created_at, requests FROM wortlaut.batch_job",
        "nonce",
        "$1",
        "INSERT INTO wortlaut.batch_job (nonce, service_id, cancelled, profile, fingerprint, host, created_at, requests)
         SELECT * FROM unnest($1::text[], $2::bytea[], $3::boolean[], $4::bytea[], $5::bytea[], $6::bytea[],
                              $7::bigint[], $8::bigint[])"
    ),
    server_table!(
        "batch_request",
        [Word, Number, Word, Number],
        "nonce, number, form, companions FROM wortlaut.batch_request",
        "nonce, number",
        "$1, $2",
        "INSERT INTO wortlaut.batch_request (nonce, number, form, companions)
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[])"
    ),
    server_table!(
        "batch_text",
        [Bytes, Word, Number, Number, Text, Switch],
        "key, nonce, number, place, request, replaces FROM wortlaut.batch_text",
        "key",
        "$1",
        "INSERT INTO wortlaut.batch_text (key, nonce, number, place, request, replaces)
         SELECT * FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::bigint[], $5::bytea[], $6::boolean[])"
    ),
];

impl CopiedMemory {
    /// The memory in a file, to be copied.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn of_file(path: &Path) -> Result<Self, MemoryError> {
        let missing = || MemoryError::file(path, std::io::ErrorKind::NotFound.into());
        Database::open_existing(path)?
            .map(|database| Self(CopyEnd::File(Box::new(database))))
            .ok_or_else(missing)
    }

    /// The memory in a file, to be copied into; it is made if there is none.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn into_file(path: &Path) -> Result<Self, MemoryError> {
        Database::open(path).map(|database| Self(CopyEnd::File(Box::new(database))))
    }

    /// The memory in a database.
    #[must_use]
    pub fn server(memory: PostgresMemory) -> Self {
        Self(CopyEnd::Server(memory))
    }

    /// Adds all that it holds to another one: of two answers to the same question the newer one stays, and a pair that was
    /// taken back in one of them is taken back. Doing it again changes nothing. Returns what the other one holds then.
    ///
    /// # Errors
    /// One of them cannot be read or written; what was copied so far stays.
    pub fn copy_into(&self, other: &Self) -> Result<MemoryStats, MemoryError> {
        other.put_makers(self.makers()?)?;
        for (number, table) in TABLES.iter().enumerate() {
            let mut last: Option<MergedRow> = None;
            loop {
                let rows = self.rows_after(number, table, last.as_ref())?;
                let Some(end) = rows.last().cloned() else { break };
                other.put(number, table, rows)?;
                last = Some(end);
            }
        }
        match &other.0 {
            CopyEnd::File(database) => database.stats(),
            CopyEnd::Server(memory) => block_on(memory.stats()),
        }
    }

    fn makers(&self) -> Result<Vec<Maker>, MemoryError> {
        match &self.0 {
            CopyEnd::File(database) => database.makers(),
            CopyEnd::Server(memory) => block_on(memory.makers()),
        }
    }

    fn put_makers(&self, makers: Vec<Maker>) -> Result<(), MemoryError> {
        match &self.0 {
            CopyEnd::File(database) => database.put_makers(&makers),
            CopyEnd::Server(memory) => {
                block_on(memory.ask(makers, async |session, makers| session.engines(makers).await.map(drop)))
            }
        }
    }

    fn rows_after(
        &self,
        number: usize,
        table: &MergedTable,
        last: Option<&MergedRow>,
    ) -> Result<Vec<MergedRow>, MemoryError> {
        match &self.0 {
            CopyEnd::File(database) => database.rows_after(table, last, CHUNK),
            CopyEnd::Server(memory) => {
                let key = last.map(|last| last[..table.key].to_vec());
                let rows = memory.ask((number, key), async |session, (number, key)| {
                    session.rows_after(&SERVER_TABLES[*number], key.as_deref()).await
                });
                block_on(rows)
            }
        }
    }

    fn put(&self, number: usize, table: &MergedTable, rows: Vec<MergedRow>) -> Result<(), MemoryError> {
        match &self.0 {
            CopyEnd::File(database) => database.put_rows(table, &rows),
            CopyEnd::Server(memory) => {
                let put = memory.ask((number, rows), async |session, (number, rows)| {
                    session.put_rows(&SERVER_TABLES[*number], &TABLES[*number], rows).await
                });
                block_on(put)
            }
        }
    }
}

impl Session {
    /// The rows of a table after a key, or the first ones.
    async fn rows_after(
        &mut self,
        table: &'static ServerTable,
        key: Option<&[Value]>,
    ) -> QueryResult<Vec<MergedRow>> {
        let key: Vec<Box<dyn ToSql + Sync>> =
            key.unwrap_or_default().iter().zip(table.columns).map(|(value, of)| of.value(value)).collect();
        let values: Vec<SqlValue<'_>> = key.iter().map(AsRef::as_ref).collect();
        let sql = if values.is_empty() { table.first } else { table.next };
        let rows = self.query(sql, &values).await?;
        let cells = |row: &Row| {
            let cell = |(at, of): (usize, &Column)| of.read(row, at);
            table.columns.iter().enumerate().map(cell).collect()
        };
        rows.iter().map(cells).collect()
    }

    /// Puts rows beside those that are there; of two under a key, the greater one stays.
    async fn put_rows(
        &mut self,
        table: &ServerTable,
        merged: &MergedTable,
        rows: &[MergedRow],
    ) -> QueryResult<()> {
        let mut columns: Vec<Box<dyn ToSql + Sync>> = Vec::new();
        for (at, of) in table.columns.iter().enumerate() {
            let cells = || rows.iter().map(move |row| &row[at]);
            match of {
                Profile => {
                    let maker = |row: &MergedRow| Maker {
                        profile: text_of(&row[at]).unwrap_or_default(),
                        fingerprint: text_of(&row[at + 1]).unwrap_or_default(),
                    };
                    let makers: Vec<Maker> = rows.iter().map(maker).collect();
                    columns.push(Box::new(self.engines(&makers).await?));
                }
                Fingerprint => {}
                Bytes | Text => columns.push(Box::new(cells().map(bytes_of).collect::<Vec<_>>())),
                Word => columns.push(Box::new(cells().map(text_of).collect::<Vec<_>>())),
                Number => columns.push(Box::new(cells().map(number_of).collect::<Vec<_>>())),
                Switch => {
                    let switches = cells().map(|cell| number_of(cell).map(|number| number != 0));
                    columns.push(Box::new(switches.collect::<Vec<_>>()));
                }
            }
        }
        let values: Vec<SqlValue<'_>> = columns.iter().map(AsRef::as_ref).collect();
        let sql = format!("{} ON CONFLICT ({}) {}", table.add, merged.keys, merged.conflict);
        self.transaction(async |session| {
            let changed = session.execute_once(&sql, &values).await?;
            if table.name == "pair" && changed > 0 {
                session.execute("UPDATE wortlaut.revision SET number = number + 1", &[]).await?;
            }
            Ok(())
        })
        .await
    }
}

impl Column {
    /// What stands in a row there, as it stands in a file.
    fn read(self, row: &Row, at: usize) -> QueryResult<Value> {
        let value = match self {
            Bytes => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Blob),
            Text | Profile | Fingerprint => text_or_null(row, at)?.map(Value::Text),
            Word => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
            Number => row.try_get::<_, Option<i64>>(at)?.map(Value::Integer),
            Switch => row.try_get::<_, Option<bool>>(at)?.map(|is| Value::Integer(is.into())),
        };
        Ok(value.unwrap_or(Value::Null))
    }

    /// What stands in a file, as it is looked for there.
    fn value(self, value: &Value) -> Box<dyn ToSql + Sync> {
        match self {
            Bytes | Text | Profile | Fingerprint => Box::new(bytes_of(value)),
            Word => Box::new(text_of(value)),
            Number | Switch => Box::new(number_of(value)),
        }
    }
}

fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Blob(bytes) => Some(bytes.clone()),
        Value::Text(text) => Some(text.clone().into_bytes()),
        _ => None,
    }
}

fn text_of(value: &Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text.clone()) } else { None }
}

fn number_of(value: &Value) -> Option<i64> {
    if let Value::Integer(number) = value { Some(*number) } else { None }
}
