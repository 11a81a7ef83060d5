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
    /// A place in a file is wrong.
    #[error("{}: {message}", path.display())]
    File {
        path: PathBuf,
        /// Its text, to show the place in, without what might be a key.
        text: String,
        span: Range<usize>,
        message: String,
        hint: Option<String>,
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
