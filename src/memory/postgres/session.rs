//! A connection to the database of a memory, and what every question to it needs.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::MemoryAddress;
use super::schema::{ALONE, FORMAT, FORMATS, FOUND, IS_THERE};
use super::tls;
use crate::memory::error::MemoryError;
use crate::memory::records::Maker;

/// Why a question was not answered.
#[derive(Debug)]
pub(super) enum QueryError {
    Server(tokio_postgres::Error),
    /// What stands there cannot be read.
    Damaged(String),
    /// It needs more than a connection.
    Memory(MemoryError),
}

impl From<tokio_postgres::Error> for QueryError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

pub(super) type QueryResult<T> = Result<T, QueryError>;

/// A value of a statement.
pub(super) type SqlValue<'a> = &'a (dyn ToSql + Sync);

/// What a memory is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// For reading; nothing is made or changed.
    Read,
    /// For writing; what is not there is made.
    Write,
}

/// A connection. Questions are asked one after another.
#[derive(Debug)]
pub(super) struct Session {
    client: Client,
    /// Prepared once a connection, by their text.
    statements: HashMap<&'static str, Statement>,
    /// The numbers of engines that are known to have a row; such a row is never removed.
    engines: HashMap<(String, String), i32>,
}

impl Session {
    /// Connects, within the runtime that drives the connection from now on.
    pub(super) async fn connect(address: &MemoryAddress) -> Result<Self, MemoryError> {
        let failed = |error| MemoryError::connection(address, error);
        let client = match tls::client_config(address)? {
            None => {
                let (client, connection) = address.config.connect(NoTls).await.map_err(failed)?;
                tokio::spawn(connection);
                client
            }
            Some(config) => {
                let tls = MakeRustlsConnect::new(config);
                let (client, connection) = address.config.connect(tls).await.map_err(failed)?;
                tokio::spawn(connection);
                client
            }
        };
        Ok(Self { client, statements: HashMap::new(), engines: HashMap::new() })
    }

    /// Makes sure that there is a memory of a format that this version knows; whether there is one.
    pub(super) async fn prepare(&mut self, address: &MemoryAddress, access: Access) -> QueryResult<bool> {
        let mut found = self.format().await?;
        if access == Access::Write && found.is_none_or(|found| found < FORMAT) {
            self.transaction(async |session| session.upgrade().await).await?;
            found = self.format().await?;
        }
        match found {
            None => Ok(false),
            Some(1..=FORMAT) => {
                if access == Access::Read {
                    self.client.batch_execute("SET default_transaction_read_only = on").await?;
                }
                Ok(true)
            }
            Some(found) => Err(QueryError::Memory(MemoryError::Newer {
                path: address.to_string().into(),
                found,
                known: FORMAT,
            })),
        }
    }

    /// The format of the tables; `None` if there are none.
    async fn format(&mut self) -> QueryResult<Option<i32>> {
        let is_there: bool = self.client.query_one(IS_THERE, &[]).await?.try_get(0)?;
        if !is_there {
            return Ok(None);
        }
        Ok(Some(self.client.query_one(FOUND, &[]).await?.try_get(0)?))
    }

    /// Brings the tables to the newest format. Another process may be doing it; then nothing is left to do.
    async fn upgrade(&mut self) -> QueryResult<()> {
        self.client.batch_execute(ALONE).await?;
        let found = self.format().await?.unwrap_or(0);
        let Some(missing) = usize::try_from(found).ok().and_then(|found| FORMATS.get(found..)) else {
            return Ok(());
        };
        for added in missing {
            self.client.batch_execute(added).await?;
        }
        let newest: SqlValue<'_> = &FORMAT;
        self.client.execute("UPDATE wortlaut.format SET number = greatest(number, $1)", &[newest]).await?;
        Ok(())
    }

    /// The rows that a statement gives.
    pub(super) async fn query(
        &mut self,
        sql: &'static str,
        values: &[SqlValue<'_>],
    ) -> QueryResult<Vec<Row>> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.query(&statement, values).await?)
    }

    /// The one row that a statement gives.
    pub(super) async fn query_one(&mut self, sql: &'static str, values: &[SqlValue<'_>]) -> QueryResult<Row> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.query_one(&statement, values).await?)
    }

    /// How many rows a statement changes.
    pub(super) async fn execute(&mut self, sql: &'static str, values: &[SqlValue<'_>]) -> QueryResult<u64> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.execute(&statement, values).await?)
    }

    /// The same for a statement that is run too rarely to be kept.
    pub(super) async fn execute_once(&mut self, sql: &str, values: &[SqlValue<'_>]) -> QueryResult<u64> {
        Ok(self.client.execute(sql, values).await?)
    }

    /// Does all of it, or nothing.
    pub(super) async fn transaction<T>(
        &mut self,
        act: impl AsyncFnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T> {
        self.client.batch_execute("BEGIN").await?;
        match act(self).await {
            Ok(done) => {
                self.client.batch_execute("COMMIT").await?;
                Ok(done)
            }
            Err(error) => {
                // Where that fails, the connection is gone, and the transaction with it.
                let _ = self.client.batch_execute("ROLLBACK").await;
                self.engines.clear();
                Err(error)
            }
        }
    }

    /// The numbers of engines, in their order; those that have none get one.
    pub(super) async fn engines(&mut self, makers: &[Maker]) -> QueryResult<Vec<i32>> {
        let pair = |maker: &Maker| (maker.profile.clone(), maker.fingerprint.clone());
        let missing: Vec<&Maker> =
            makers.iter().filter(|maker| !self.engines.contains_key(&pair(maker))).collect();
        for maker in missing {
            let (profile, fingerprint) = (maker.profile.as_bytes(), maker.fingerprint.as_bytes());
            let add =
                "INSERT INTO wortlaut.engine (profile, fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            self.execute(add, &[&profile, &fingerprint]).await?;
            let find = "SELECT id FROM wortlaut.engine WHERE profile = $1 AND fingerprint = $2";
            let id = self.query_one(find, &[&profile, &fingerprint]).await?.try_get(0)?;
            self.engines.insert(pair(maker), id);
        }
        Ok(makers.iter().filter_map(|maker| self.engines.get(&pair(maker)).copied()).collect())
    }

    async fn prepared(&mut self, sql: &'static str) -> QueryResult<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// Whether the connection is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }
}

impl QueryError {
    /// Whether the same question may be answered by another connection: this one broke, or the server was stopped.
    pub(super) fn is_of_connection(&self) -> bool {
        let Self::Server(error) = self else { return false };
        error.is_closed()
            || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
            || error.code().is_some_and(is_passing)
    }

    /// Whether two processes were in each other's way, so that the same question may be answered now.
    pub(super) fn is_of_others(&self) -> bool {
        let Self::Server(error) = self else { return false };
        matches!(error.code(), Some(code) if [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ].contains(code))
    }

    pub(super) fn memory_error(self, address: &MemoryAddress) -> MemoryError {
        match self {
            Self::Server(error) => MemoryError::Server {
                server: address.to_string(),
                reason: reason(&error),
                source: Arc::new(error),
            },
            Self::Damaged(reason) => {
                MemoryError::Damaged { path: address.to_string().into(), reason, source: None }
            }
            Self::Memory(error) => error,
        }
    }
}

/// Whether a server says that it will take connections again.
fn is_passing(code: &SqlState) -> bool {
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::IDLE_SESSION_TIMEOUT,
    ]
    .contains(code)
}

/// What an error says, with what the server says of it.
fn reason(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(said), _) => said.message().to_owned(),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

impl MemoryError {
    /// There is no connection.
    pub(super) fn connection(address: &MemoryAddress, error: tokio_postgres::Error) -> Self {
        let is_passing = error.code().is_none_or(is_passing);
        let (server, reason, source) = (address.to_string(), reason(&error), Arc::new(error));
        Self::Connection { server, reason, is_passing, source }
    }
}

/// A text of a row; `None` if it is null.
pub(super) fn text_or_null(row: &Row, column: usize) -> QueryResult<Option<String>> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    let text = bytes.map(|bytes| String::from_utf8(bytes.to_vec())).transpose();
    text.map_err(|_| QueryError::Damaged(format!("{} is not text", row.columns()[column].name())))
}

/// A text of a row.
pub(super) fn text(row: &Row, column: usize) -> QueryResult<String> {
    text_or_null(row, column)?
        .ok_or_else(|| QueryError::Damaged(format!("{} is missing", row.columns()[column].name())))
}

/// A number of a row that is not negative.
pub(super) fn count(row: &Row, column: usize) -> QueryResult<u64> {
    Ok(row.try_get::<_, i64>(column)?.unsigned_abs())
}

/// Bytes of a row with a fixed length.
pub(super) fn fixed<const N: usize>(row: &Row, column: usize) -> QueryResult<[u8; N]> {
    let bytes: &[u8] = row.try_get(column)?;
    let name = row.columns()[column].name();
    bytes.try_into().map_err(|_| QueryError::Damaged(format!("{name} has {} bytes", bytes.len())))
}

/// A JSON value that goes into a column.
pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> QueryResult<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| QueryError::Damaged(error.to_string()))
}
