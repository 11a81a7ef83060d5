//! What is remembered of an output, to know later whether it still stands as it was written.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::format::OutputFormat;
use super::ledger::WrittenFile;
use crate::disk::FileMark;

/// A file of an article, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputMark {
    /// Its name in the ledger.
    pub(super) path: String,
    pub(super) format: OutputFormat,
    pub(super) file: FileMark,
}

impl OutputMark {
    pub(super) fn of(entry: &WrittenFile) -> Self {
        Self { path: entry.path.clone(), format: entry.format, file: FileMark::of_hash(entry.hash) }
    }
}

/// What is remembered of the files of a folder, as far as that is settled.
#[derive(Debug, Default)]
pub struct SettledFiles(pub(super) HashMap<String, WrittenFile>);
