//! The translation memory: every answer that was paid for, so that it is never paid for again.
//!
//! One SQLite file, written by one thread of its own. [`Memory::store`] resolves when its records are
//! on the disk and not before; whatever stores wait at that moment share one commit. A [`RunLock`]
//! keeps two processes from paying for the same text at the same time.

mod database;
mod error;
mod key;
mod lock;
#[cfg(test)]
mod tests;
mod worker;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use futures::channel::oneshot;

use crate::model::{Request, Translation};
use database::Database;
use worker::Command;

pub use error::MemoryError;
pub use key::Key;
pub use lock::RunLock;

/// An answer of an engine, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What the answer is found by.
    pub key: Key,
    /// The name of the engine's profile.
    pub engine: String,
    /// All that changes the engine's output; part of the key.
    pub fingerprint: String,
    /// What was asked.
    pub request: Request,
    /// What came back.
    pub translation: Translation,
}

/// How large a memory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Translations in it.
    pub rows: u64,
    /// Bytes of the database.
    pub bytes: u64,
}

/// The translation memory. Dropping it waits until what was handed over is stored and the file is closed.
#[derive(Debug)]
pub struct Memory {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Memory {
    /// Opens the memory at `path`; file and folders are made if they are not there.
    ///
    /// # Errors
    /// The file cannot be opened or made, is no translation memory, or was made by a newer version.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        Self::start(Database::open(path)?)
    }

    /// Opens the memory at `path` for reading only, and makes no file. `None` if there is no memory yet.
    ///
    /// # Errors
    /// The file cannot be opened, is no translation memory, or was made by a newer version.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, MemoryError> {
        Database::open_existing(path)?.map(Self::start).transpose()
    }

    /// A memory that is forgotten when it is dropped.
    ///
    /// # Errors
    /// No room for it.
    pub fn open_in_memory() -> Result<Self, MemoryError> {
        Self::start(Database::open_in_memory()?)
    }

    fn start(database: Database) -> Result<Self, MemoryError> {
        let (commands, queue) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("memory".to_owned())
            .spawn(move || worker::run(database, &queue))
            .map_err(|error| MemoryError::Thread(Arc::new(error)))?;
        Ok(Self { commands: Some(commands), thread: Some(thread) })
    }

    /// The translations of the keys, in their order; `None` where there is none.
    ///
    /// # Errors
    /// The database cannot be read, or holds something that this version did not write.
    pub fn lookup(
        &self,
        keys: Vec<Key>,
    ) -> impl Future<Output = Result<Vec<Option<Translation>>, MemoryError>> + Send + 'static {
        self.ask(|answer| Command::Lookup(keys, answer))
    }

    /// Keeps records; resolves when they are on the disk. A key that is there already keeps its translation.
    ///
    /// The records are handed over at once: dropping the future does not stop them from being stored.
    ///
    /// # Errors
    /// The database cannot be written: disk full, opened for reading only. Then none of the records is kept.
    pub fn store(
        &self,
        records: Vec<Record>,
    ) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(|answer| Command::Store(records, answer))
    }

    /// How large the memory is.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn stats(&self) -> impl Future<Output = Result<Stats, MemoryError>> + Send + 'static {
        self.ask(Command::Stats)
    }

    /// Hands a command to the thread; the future resolves to its answer.
    fn ask<T: Send + 'static>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, MemoryError>>) -> Command,
    ) -> impl Future<Output = Result<T, MemoryError>> + Send + 'static {
        let (sender, receiver) = oneshot::channel();
        if let Some(commands) = &self.commands {
            // A thread that is gone drops the command and with it the sender; the receiver tells.
            let _ = commands.send(command(sender));
        }
        async move { receiver.await.unwrap_or(Err(MemoryError::Gone)) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told by `MemoryError::Gone`.
            let _ = thread.join();
        }
    }
}
