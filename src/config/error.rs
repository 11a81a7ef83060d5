//! What can be wrong with the configuration.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

/// Why there are no settings.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A place in a file is wrong.
    #[error("{}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Its text, to show the place in, without what might be a key.
        text: String,
        /// The place, in bytes.
        span: Range<usize>,
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A value outside a file is wrong.
    #[error("{origin}: {message}")]
    Value {
        /// The variable or flag.
        origin: String,
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Someone else may have written a file.
    #[error("{} is not read: {fault}", path.display())]
    Stranger {
        /// The file.
        path: PathBuf,
        /// What is wrong about it, as a sentence fragment.
        fault: String,
    },
    /// The list of trusted files cannot be read or written.
    #[error("cannot use the list of trusted files, {}: {source}", path.display())]
    TrustStore {
        /// The list.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The key of an engine cannot be had.
    #[error("engine {profile}: {message}")]
    Key {
        /// The engine profile.
        profile: String,
        /// What is wrong; never holds the key.
        message: String,
    },
}
