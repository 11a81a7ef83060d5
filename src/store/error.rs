//! What can go wrong with the store.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the store could not do what it was asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No model has this name.
    #[error("no model is called {name}; there are {}", known.join(", "))]
    Unknown { name: String, known: Vec<String> },
    /// The model is known but not on this machine.
    #[error("the model {name} is not installed")]
    NotInstalled { name: String },
    /// The record of an installed model cannot be read.
    #[error("the model in {} is damaged: {source}", folder.display())]
    Damaged { folder: PathBuf, source: Box<dyn StdError + Send + Sync> },
    /// No source delivered the model.
    #[error("no source delivers the model {name}: {}", list(reasons))]
    Sources {
        name: String,
        /// Why each of them failed, in the order they were tried.
        reasons: Vec<StoreError>,
    },
    /// A server cannot be reached, or it broke off and gave no more on asking again.
    #[error("cannot load {url}: {}", innermost(&**source))]
    Network { url: String, source: Box<dyn StdError + Send + Sync> },
    /// A server answers with an error.
    #[error("cannot load {url}: the server answers {status}")]
    Status { url: String, status: u16 },
    /// A server answers with something else than expected.
    #[error("cannot read what {url} answers: {source}")]
    Malformed { url: String, source: Box<dyn StdError + Send + Sync> },
    /// A source has other versions of the model, or none.
    #[error("{url} does not list {file} with the SHA-256 {sha256}")]
    NotListed { url: String, file: String, sha256: String },
    /// A source of the catalogue lacks a file of its model.
    #[error("the source has no address for {file}")]
    NoAddress { file: String },
    /// A file does not have the size it should have.
    #[error("{file} has {}", if got > expected { format!("more than {expected} bytes") } else { format!("{got} bytes instead of {expected}") })]
    WrongSize {
        file: String,
        expected: u64,
        /// Bytes it has, or had when it exceeded what was expected.
        got: u64,
    },
    /// A file is not what it should be.
    #[error("{file} has the SHA-256 {got} instead of {expected}")]
    WrongHash { file: String, expected: String, got: String },
    /// A compressed file cannot be unpacked.
    #[error("cannot unpack {file}: {source}")]
    Packed { file: String, source: Box<dyn StdError + Send + Sync> },
    /// Files that a user brought along are not all of a model.
    #[error(
        "{} of {model} {} not in {}{}",
        files.join(", "),
        if files.len() == 1 { "is" } else { "are" },
        from.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
        passed_over(*links, *unreadable)
    )]
    Missing {
        model: String,
        /// What is missing, by the names under which it was published.
        files: Vec<String>,
        from: Vec<PathBuf>,
        /// Symbolic links there, which are not followed.
        links: usize,
        /// Files and folders there that cannot be read.
        unreadable: usize,
    },
    /// What was set for pulling cannot be used.
    #[error("{what} is not usable: {}", innermost(&**source))]
    Unusable { what: String, source: Box<dyn StdError + Send + Sync> },
    /// Python's package installer is missing or could not download a package.
    #[error("pip cannot download {requirement}: {source}")]
    Pip {
        requirement: String,
        /// What pip says last, or why it cannot be run.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A file of the store cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// The disk is full.
    #[error("the disk is full: {} cannot be written", path.display())]
    DiskFull { path: PathBuf },
    /// The built-in catalogue is wrong.
    #[error("the catalogue of models cannot be read: {0}")]
    Catalogue(#[source] Box<dyn StdError + Send + Sync>),
}

impl StoreError {
    /// An error of the file system, with what was tried on which file.
    pub(super) fn io<'a>(action: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Self + 'a {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path: path.to_owned() }
            }
            _ => Self::Io { action, path: path.to_owned(), source },
        }
    }

    /// Whether no server was reached at all, so that the details say no more than that.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Network { .. } => true,
            Self::Sources { reasons, .. } => reasons.iter().all(Self::is_unreachable),
            _ => false,
        }
    }

    /// Whether no other source can help.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::DiskFull { .. } | Self::Unusable { .. })
    }
}

/// The innermost cause says what happened; the outer ones repeat the address.
fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause
}

/// What was not looked at, for someone who knows that a file is there.
fn passed_over(links: usize, unreadable: usize) -> String {
    let count = |number: usize, one: &str, several: &str| match number {
        0 => String::new(),
        1 => format!("; {one}"),
        number => format!("; {number} {several}"),
    };
    let links =
        count(links, "a symbolic link there was not followed", "symbolic links there were not followed");
    links + &count(unreadable, "a file there cannot be read", "files there cannot be read")
}

fn list(reasons: &[StoreError]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
