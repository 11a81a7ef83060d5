//! What can be wrong with the configuration.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// Places in a file are wrong.
    #[error("{}: {}", path.display(), messages(mistakes))]
    File {
        path: PathBuf,
        /// Its text, to show the places in, without what might be a key.
        text: String,
        /// One at least, in the order of the file.
        mistakes: Vec<FileMistake>,
    },
    /// A value outside a file is wrong.
    #[error("{origin}: {message}")]
    Value { origin: String, message: String, hint: Option<String> },
    /// Someone else may have written a file.
    #[error("{} is not read: {fault}", path.display())]
    Stranger {
        path: PathBuf,
        /// As the rest of a sentence.
        fault: String,
    },
    /// The list of trusted files cannot be read or written.
    #[error("cannot use the list of trusted files, {}: {source}", path.display())]
    TrustStore { path: PathBuf, source: io::Error },
}

/// A wrong place in a file.
#[derive(Debug)]
pub struct FileMistake {
    pub span: Range<usize>,
    pub message: String,
    pub hint: Option<String>,
}

fn messages(mistakes: &[FileMistake]) -> String {
    let messages: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
    messages.join("; ")
}
