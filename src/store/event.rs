//! What a pull reports.

use super::error::StoreError;

/// What a pull tells while it runs.
#[derive(Debug)]
pub enum PullEvent<'a> {
    /// Another process is at work on the same model; the pull goes on when it is done.
    Waiting,
    /// A source is tried.
    Trying(&'a str),
    /// A source failed and the next one is tried.
    Failed(&'a str, &'a StoreError),
    /// So much of a file is there.
    Progress {
        /// The file.
        file: &'a str,
        /// Bytes that are there, those of an earlier pull included.
        bytes: u64,
        /// Bytes in all, where they are known.
        total: Option<u64>,
    },
    /// So much of a file that has come was read to check it.
    Checking {
        /// The file.
        file: &'a str,
        /// Bytes that were read.
        bytes: u64,
        /// Bytes in all.
        total: u64,
    },
}
