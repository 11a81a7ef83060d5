//! The translation memory: every answer that was paid for, so that it is never paid for again.
//!
//! One SQLite file, written by one thread of its own. [`Memory::store`] resolves when its records are
//! on the disk and not before; whatever stores wait at that moment share one commit. A [`RunLock`]
//! keeps two processes from paying for the same text at the same time. For engines that take examples it finds
//! the earlier translations that are nearest to a text.

mod adoption;
mod database;
mod error;
mod files;
mod forget;
mod key;
mod lock;
mod nearest;
mod outputs;
mod records;
mod refused;
mod schema;
#[cfg(test)]
mod tests;
mod worker;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use futures::channel::oneshot;

use crate::model::{Example, Request, Translation};
use database::{Database, StoreMode};
use worker::DatabaseCommand;

pub use adoption::{Adoption, Succession};
pub use error::MemoryError;
pub use forget::{Forgotten, Selection};
pub use key::Key;
pub use lock::RunLock;
pub use records::{Log, Maker, MemoryStats, OutputRecord, StoredAnswer};
pub use refused::{Attempt, Refused};

/// The translation memory.
///
/// A command that opened one ends with [`Memory::close`]. Dropping the last handle closes it, too, but tasks of a run may
/// hold handles for longer than the process lives.
#[derive(Debug)]
pub struct Memory {
    commands: Option<Sender<DatabaseCommand>>,
    thread: Option<JoinHandle<()>>,
}

impl Memory {
    /// Opens the memory at `path`; file and folders are made if they are not there.
    ///
    /// # Errors
    /// The file cannot be opened or made, is not a translation memory, or was made by a newer version.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        Self::start(Database::open(path)?)
    }

    /// Opens the memory at `path` for reading only, and makes no file. `None` if there is no memory yet.
    ///
    /// # Errors
    /// The file cannot be opened, is not a translation memory, or was made by a newer version.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, MemoryError> {
        Database::open_existing(path)?.map(Self::start).transpose()
    }

    /// A memory that is forgotten when it is dropped.
    ///
    /// # Errors
    /// There is no memory left for it.
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
        self.ask(|answer| DatabaseCommand::Lookup(keys, answer))
    }

    /// What answers came instead of translations, in the order of the keys; `None` where there was no such
    /// answer.
    ///
    /// # Errors
    /// As [`Self::lookup`].
    pub fn attempts(
        &self,
        keys: Vec<Key>,
    ) -> impl Future<Output = Result<Vec<Option<Attempt>>, MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::Attempts(keys, answer))
    }

    /// The engines whose answers are in the memory, in the order in which they came.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn makers(&self) -> impl Future<Output = Result<Vec<Maker>, MemoryError>> + Send + 'static {
        self.ask(DatabaseCommand::Makers)
    }

    /// Prepares examples for a run; see [`Self::nearest`]. With a million translations that takes a minute
    /// or two for the first time, and half a second later on.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub fn open_pool(&self) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(DatabaseCommand::OpenPool)
    }

    /// For each request the earlier translations of texts that are like it, at most two, the nearest first.
    ///
    /// Earlier is what was in the memory when [`Self::open_pool`] was called or, after a run that did not call
    /// [`Self::close_pool`], what that run began with. Translations that go against the terms of the request are
    /// left out.
    ///
    /// # Errors
    /// The pool was not opened, or the database cannot be read.
    pub fn nearest(
        &self,
        requests: Vec<Request>,
    ) -> impl Future<Output = Result<Vec<Vec<Example>>, MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::Nearest(requests, answer))
    }

    /// Records that a run with examples has ended.
    ///
    /// # Errors
    /// The pool was not opened, or the database cannot be written.
    pub fn close_pool(&self) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(DatabaseCommand::ClosePool)
    }

    /// Keeps records; resolves when they are on the disk. A key that is there already keeps its translation.
    ///
    /// The records are handed over at once: dropping the future does not stop them from being stored.
    ///
    /// # Errors
    /// The database cannot be written: disk full, opened for reading only. Then none of the records is kept.
    pub fn store(
        &self,
        records: Vec<StoredAnswer>,
    ) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::Store(StoreMode::Keep, records, answer))
    }

    /// Keeps records like [`Self::store`], in the place of the translations that their keys have.
    ///
    /// # Errors
    /// As [`Self::store`]; then the old translations stay.
    pub fn replace(
        &self,
        records: Vec<StoredAnswer>,
    ) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::Store(StoreMode::Replace, records, answer))
    }

    /// Remembers answers that are not translations; resolves when they are on the disk. A translation that a key has
    /// stays.
    ///
    /// # Errors
    /// As [`Self::store`].
    pub fn refuse(
        &self,
        refused: Vec<Refused>,
    ) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::Refuse(refused, answer))
    }

    /// How much is chosen to be forgotten.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn chosen(
        &self,
        selection: Selection,
    ) -> impl Future<Output = Result<Forgotten, MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::Chosen(selection, answer))
    }

    /// Forgets what is chosen: all of it, or nothing.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn forget(
        &self,
        selection: Selection,
    ) -> impl Future<Output = Result<Forgotten, MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::Forget(selection, answer))
    }

    /// The files that were written on their own, by path; a path has several while its file is being replaced.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn outputs(&self) -> impl Future<Output = Result<Vec<OutputRecord>, MemoryError>> + Send + 'static {
        self.ask(DatabaseCommand::Outputs)
    }

    /// Remembers a file that is about to take its place, beside what is known of its path already.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn announce_output(
        &self,
        output: OutputRecord,
    ) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::AnnounceOutput(output, answer))
    }

    /// Remembers a file that is in its place, and forgets what else is known of its path.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn settle_output(
        &self,
        output: OutputRecord,
    ) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::SettleOutput(output, answer))
    }

    /// How large the memory is.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn stats(&self) -> impl Future<Output = Result<MemoryStats, MemoryError>> + Send + 'static {
        self.ask(DatabaseCommand::MemoryStats)
    }

    /// What was decided about the answers of an earlier version.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn adoption(
        &self,
        succession: Succession,
    ) -> impl Future<Output = Result<Adoption, MemoryError>> + Send + 'static {
        self.ask(|answer| DatabaseCommand::Adoption(succession, answer))
    }

    /// Decides whether the answers of an earlier version stand for an engine's own.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn decide(
        &self,
        succession: Succession,
        taken: bool,
    ) -> impl Future<Output = Result<(), MemoryError>> + Send + 'static {
        self.ask(move |answer| DatabaseCommand::Decide(succession, taken, answer))
    }

    /// Stores what was handed over, merges SQLite's log into the file and closes it, whoever else holds the memory;
    /// what they ask for afterwards is answered with [`MemoryError::Gone`].
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn close(&self) -> impl Future<Output = Result<Log, MemoryError>> + Send + 'static {
        self.ask(DatabaseCommand::Close)
    }

    /// Hands a command to the thread; the future resolves to its answer.
    fn ask<T: Send + 'static>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, MemoryError>>) -> DatabaseCommand,
    ) -> impl Future<Output = Result<T, MemoryError>> + Send + 'static {
        let (sender, receiver) = oneshot::channel();
        if let Some(commands) = &self.commands {
            // A thread that is gone drops the command and with it the sender; the receiver reports it.
            let _ = commands.send(command(sender));
        }
        async move { receiver.await.unwrap_or(Err(MemoryError::Gone)) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by `MemoryError::Gone`.
            let _ = thread.join();
        }
    }
}
