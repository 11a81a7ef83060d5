//! What can go wrong when bilingual files are read.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}

/// Why a bilingual file cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BilingualError {
    #[error("cannot read {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// Neither its name nor its beginning says what it is.
    #[error("cannot read {path}: it is no bilingual file; those are {known}")]
    UnknownFormat { path: PathBuf, known: String },
    /// Something in it is not what its format allows, or more than that.
    #[error("cannot read {path}, line {line}: {source}")]
    Damaged { path: PathBuf, line: usize, source: Box<dyn StdError + Send + Sync> },
    /// Of two files side by side one has more lines.
    #[error("{german} has {} and {english} has {}: line n of one must be line n of the other", lines(*sent), lines(*came))]
    Lines { german: PathBuf, english: PathBuf, sent: usize, came: usize },
    #[error(
        "{path}, line {line}: it translates {source_language} to {target_language}, not German to English"
    )]
    Languages { path: PathBuf, line: usize, source_language: String, target_language: String },
}
