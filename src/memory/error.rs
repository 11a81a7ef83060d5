//! What can go wrong with the memory.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// Why the memory cannot be used.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// A file or folder cannot be made, opened or written.
    #[error("cannot open the translation memory {path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The file is something else.
    #[error(
        "{path} is not a translation memory, or its beginning is damaged; move it away, or name another file \
         for the translation memory"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A symbolic link stands where a file of the memory belongs.
    #[error(
        "{path} is a symbolic link, and the translation memory is not opened through one; remove the link, or set \
         memory.path to where it leads"
    )]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// The file was made by a newer version of the program.
    #[error(
        "the translation memory {path} has format {found}, this version knows formats up to {known}; \
         use a newer version of wortlaut, or name another file for the translation memory"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i32,
        /// The newest format this version knows.
        known: i32,
    },
    /// Another process is at work with this memory.
    #[error(
        "another run{} is using the translation memory {path}; wait until it has ended, so that nothing is paid twice",
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The memory.
        path: PathBuf,
        /// The process that holds the lock, where it is known.
        pid: Option<u32>,
    },
    /// The file is a memory, but it no longer holds what was written into it.
    #[error("the translation memory {path} is damaged: {reason}")]
    Damaged {
        /// The memory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// SQLite cannot do what it was asked to.
    #[error("translation memory {path}: {source}")]
    Database {
        /// The memory.
        path: PathBuf,
        /// What SQLite says.
        source: Arc<rusqlite::Error>,
    },
    /// The system cannot start a thread.
    #[error("cannot start the thread of the translation memory: {}", .0.kind())]
    Thread(#[source] Arc<io::Error>),
    /// The thread of the memory has ended.
    #[error("the translation memory is closed")]
    Gone,
}

impl MemoryError {
    /// An error of the file system at `path`.
    pub(super) fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File { path: path.into(), source: Arc::new(source) }
    }
}
