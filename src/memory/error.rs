//! What can go wrong with the memory.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the memory cannot be used.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// A file or folder cannot be made, opened or written.
    #[error("cannot open the translation memory {path}: {source}")]
    File { path: PathBuf, source: Arc<io::Error> },
    #[error(
        "{path} is not a translation memory, or its beginning is damaged; move it away, or name another file \
         for the translation memory"
    )]
    Foreign { path: PathBuf },
    /// A symbolic link stands where a file of the memory belongs.
    #[error(
        "{path} is a symbolic link, and the translation memory is not opened through one; remove the link, or set \
         memory.path to where it leads"
    )]
    Link { path: PathBuf },
    /// The file was made by a newer version of the program.
    #[error(
        "the translation memory {path} has format {found}, this version knows formats up to {known}; \
         use a newer version of wortlaut, or name another file for the translation memory"
    )]
    Newer {
        path: PathBuf,
        found: i32,
        /// The newest format this version knows.
        known: i32,
    },
    #[error(
        "another run{} is using the translation memory {path}; wait until it has ended, so that nothing is paid twice",
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Locked {
        path: PathBuf,
        /// The process that holds the lock, where it is known.
        pid: Option<u32>,
    },
    /// The file is a memory, but it no longer holds what was written into it.
    #[error("the translation memory {path} is damaged: {reason}")]
    Damaged {
        path: PathBuf,
        reason: String,
        /// What SQLite says, where it noticed.
        source: Option<Arc<rusqlite::Error>>,
    },
    #[error("translation memory {path}: {source}")]
    Database { path: PathBuf, source: Arc<rusqlite::Error> },
    #[error("{path} exists already; name another file")]
    Exists { path: PathBuf },
    /// The index can be made anew, so nothing is lost with it.
    #[error("the search index {path} cannot be used: {source}; remove it, the next search makes it anew")]
    Index { path: PathBuf, source: Arc<rusqlite::Error> },
    #[error(
        "{path} is not a search index, and stands where that of the translation memory belongs; move it away"
    )]
    NoIndex { path: PathBuf },
    /// The server of a shared memory cannot be reached, or does not let this process in.
    #[error("cannot connect to the translation memory {server}: {reason}")]
    Connection {
        server: String,
        reason: String,
        /// Whether it may be different in a moment.
        is_passing: bool,
        source: Arc<dyn StdError + Send + Sync>,
    },
    /// Nothing is known of whom the server is to be trusted by.
    #[error("cannot connect to the translation memory {server} over TLS: {reason}")]
    Tls { server: String, reason: String },
    /// The server of a shared memory does not do what it is asked for.
    #[error("translation memory {server}: {reason}")]
    Server { server: String, reason: String, source: Arc<dyn StdError + Send + Sync> },
    #[error("{what} needs a translation memory in a file, and this one is in PostgreSQL")]
    NeedsFile { what: &'static str },
    #[error("cannot start the thread of the translation memory: {}", .0.kind())]
    Thread(#[source] Arc<io::Error>),
    #[error("the translation memory is closed")]
    Gone,
}

/// What keeps a memory from being read or written that is not damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskTrouble {
    Full,
    ReadOnly,
    /// The system does not say more than that it failed.
    Failing,
}

impl MemoryError {
    /// Whether it is the disk's, and what is the matter with it.
    #[must_use]
    pub fn disk_trouble(&self) -> Option<DiskTrouble> {
        match self {
            Self::File { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(DiskTrouble::Full),
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Some(DiskTrouble::ReadOnly),
                _ => None,
            },
            Self::Database { source, .. } => match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Some(DiskTrouble::Full),
                Some(ErrorCode::ReadOnly) => Some(DiskTrouble::ReadOnly),
                Some(ErrorCode::SystemIoFailure) => Some(DiskTrouble::Failing),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the same may go well in a moment.
    #[cfg(feature = "shared")]
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Connection { is_passing: true, .. })
    }

    /// An error of the file system at `path`.
    pub(super) fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File { path: path.into(), source: Arc::new(source) }
    }
}
