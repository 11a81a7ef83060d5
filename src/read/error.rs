//! What can go wrong when articles are read.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why an article cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A file or folder is missing or cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A symbolic link leads to a folder that it stands in. All that stands there is read without it.
    #[error("skipped the link {path}: it leads back to {ancestor}")]
    Loop {
        /// The link.
        path: PathBuf,
        /// The folder that it leads back to.
        ancestor: PathBuf,
    },
    /// A name that is not Unicode cannot name an article.
    #[error("cannot read {path:?}: the name is not valid Unicode; rename it")]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// A device, a pipe or a socket.
    #[error("cannot read {path}: it is a device, a pipe or a socket, not a file")]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// The extension belongs to no format.
    #[error("cannot read {path}: unknown file type; articles are {articles}, corpora {corpora}")]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// The extensions of articles.
        articles: String,
        /// The extensions of corpora.
        corpora: String,
    },
    /// The file is larger than allowed.
    #[error("{path} is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// The file holds something else than text.
    #[error("{path} is not a text file: {found}")]
    Binary {
        /// The file.
        path: PathBuf,
        /// What was found in it.
        found: &'static str,
    },
    /// An archive or a part of it is not what its format allows, or more than that.
    #[error("cannot read {path}: {problem}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The header of a table lacks a field.
    #[error("{path} has no column {field:?}; it has {known}")]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The field.
        field: String,
        /// The columns there are.
        known: String,
    },
    /// A table has the column that the English would go to.
    #[error("{path} has a column {field:?} already; name another one for the English")]
    TargetThere {
        /// The file.
        path: PathBuf,
        /// The column.
        field: String,
    },
    /// The bytes are not what their encoding allows.
    #[error("{path} is not valid {encoding}: wrong byte at offset {offset}")]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The encoding that the rest of the file is in.
        encoding: &'static str,
        /// Where the first wrong byte stands, counted from 0.
        offset: usize,
    },
}
