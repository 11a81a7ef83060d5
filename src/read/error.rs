//! What can go wrong when articles are read.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::bilingual::BilingualError;

/// Why an article cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A file or folder is missing or cannot be read.
    #[error("cannot read {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// A symbolic link leads to a folder that it stands in. All that stands there is read without it.
    #[error("skipped the link {path}: it leads back to {ancestor}")]
    Loop {
        path: PathBuf,
        /// The folder that it leads back to.
        ancestor: PathBuf,
    },
    /// A name that is not Unicode cannot name an article.
    #[error("cannot read {path:?}: the name is not valid Unicode; rename it")]
    Name { path: PathBuf },
    #[error("cannot read {path}: it is {found}, not a file")]
    NoFile { path: PathBuf, found: &'static str },
    #[error("cannot read {path}: unknown file type; articles are {articles}, corpora {corpora}")]
    UnknownFormat { path: PathBuf, articles: String, corpora: String },
    #[error("{path} is larger than the limit of {limit} bytes")]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("{path} is not a text file: {found}")]
    Binary { path: PathBuf, found: &'static str },
    /// An archive or a part of it is not what its format allows, or more than that.
    #[error("cannot read {path}: {}{source}", part.as_ref().map(|part| format!("{part}: ")).unwrap_or_default())]
    Damaged {
        path: PathBuf,
        /// The member of the archive, where it is not the archive as a whole.
        part: Option<String>,
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A cell of a table that takes in all the rest of its file.
    #[error(
        "the quotation mark in line {line} of {path} is never closed; close it, or double it if it is part of the text"
    )]
    OpenQuote { path: PathBuf, line: u64 },
    #[error("{path} has no column {field:?}; it has {known}")]
    NoColumn { path: PathBuf, field: String, known: String },
    /// A line of JSON is not what it must be.
    #[error("{path}, line {line}: {fault}")]
    Row { path: PathBuf, line: usize, fault: String },
    #[error("there is no .jsonl file in {path}")]
    NoOutputs { path: PathBuf },
    #[error(transparent)]
    Bilingual(#[from] BilingualError),
    /// A table has the column that the English would go to.
    #[error("{path} has a column {field:?} already; name another one for the English")]
    TargetThere { path: PathBuf, field: String },
    #[error("{path} is not valid {encoding}: wrong byte at offset {offset}")]
    Encoding {
        path: PathBuf,
        /// The encoding that the rest of the file is in.
        encoding: &'static str,
        /// Where the first wrong byte stands, counted from 0.
        offset: usize,
    },
}
