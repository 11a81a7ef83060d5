//! What is remembered of a file that was written.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::format::OutputFormat;
use super::proof::Proof;
use super::view::{View, views};
use crate::disk::hexadecimal;
use crate::model::{ArticleId, ParallelDocument};

/// Digits of the hash of a segment: enough to tell whether it was changed.
const SEGMENT_DIGITS: usize = 8;

/// A file that wortlaut wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// Where it stands: below its output folder with forward slashes, or the whole path of a file on its own.
    pub path: String,
    /// The hash of its bytes.
    #[serde(with = "hexadecimal")]
    pub hash: blake3::Hash,
    pub article: ArticleId,
    pub format: OutputFormat,
    /// The file of the article, as seen from the output folder; `None` if it came out of a pipe, or is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Arc<str>>,
    /// Eight hexadecimal digits a segment: the hash of what the file has for it. With these, segments that a person
    /// changed are distinguished from those that a later run would change. A file with many articles has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<Arc<str>>,
    /// What it was made of, where that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Arc<Proof>>,
}

impl WrittenFile {
    /// The hashes of its segments; none of a file with many articles.
    pub fn segment_hashes(&self) -> impl Iterator<Item = &str> {
        let all = self.segments.as_deref().unwrap_or_default();
        (0..all.len() / SEGMENT_DIGITS)
            .filter_map(move |at| all.get(at * SEGMENT_DIGITS..(at + 1) * SEGMENT_DIGITS))
    }
}

/// Remembers which files wortlaut wrote, and with which bytes.
///
/// A path may have several entries while a file is being replaced: the new one is announced before the file takes its
/// place, and the old one is forgotten after that. So whenever a process is killed, what stands there is one of the two,
/// and nothing that a person made is.
pub trait Ledger: Send + Sync {
    /// What may stand at a path now if nobody else changed it, the latest last.
    ///
    /// # Errors
    /// What is remembered cannot be read.
    fn known(&self, path: &str) -> io::Result<Vec<WrittenFile>>;

    /// What was written last to each file, if it can be listed.
    ///
    /// # Errors
    /// What is remembered cannot be read.
    fn files(&self) -> io::Result<Vec<WrittenFile>> {
        Ok(Vec::new())
    }

    /// The files of which nothing but the last entry is remembered, by path, if they can be listed.
    ///
    /// # Errors
    /// What is remembered cannot be read.
    fn settled(&self) -> io::Result<HashMap<String, WrittenFile>> {
        Ok(HashMap::new())
    }

    /// Whether files were taken down in it before.
    fn is_there(&self) -> bool;

    /// Waits until no other process brings files to their places, reads what they took down, and keeps them out until
    /// the turn is dropped. It has to be short: others wait for it.
    ///
    /// # Errors
    /// The ledger cannot be locked or read.
    fn turn(&self) -> io::Result<Box<dyn LedgerTurn + '_>>;

    /// Keeps other runs from taking down their files here until this is dropped. Who writes single articles
    /// beside a run only takes turns.
    ///
    /// # Errors
    /// Another run is at work.
    fn lock(&self) -> io::Result<()> {
        Ok(())
    }

    /// Remembers all of it in its final form.
    ///
    /// # Errors
    /// It cannot be written.
    fn close(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The right to bring files to their places.
pub trait LedgerTurn {
    /// What may stand at a path if nobody else changed it, the latest last.
    ///
    /// # Errors
    /// What is remembered cannot be read.
    fn known(&self, path: &str) -> io::Result<Vec<WrittenFile>>;

    /// Remembers files that are about to take their places. Returns when that is on the disk.
    ///
    /// # Errors
    /// It cannot be written; then no file may take its place.
    fn announce(&mut self, entries: &[WrittenFile]) -> io::Result<()>;

    /// Remembers that files are in their places, and forgets what stood there before.
    ///
    /// # Errors
    /// It cannot be written.
    fn settle(&mut self, entries: &[WrittenFile]) -> io::Result<()>;

    /// Forgets files that are no more, if it lists any.
    ///
    /// # Errors
    /// It cannot be written.
    fn forget(&mut self, paths: &[String]) -> io::Result<()> {
        let _ = paths;
        Ok(())
    }
}

/// The hashes of what is written for the segments of a document.
pub(super) fn segment_hashes(document: &ParallelDocument) -> Arc<str> {
    views(document).map(|view: View<'_>| segment_hash(&view.english())).collect::<String>().into()
}

/// The hash of the English of a segment, as [`WrittenFile::segments`] has it.
#[must_use]
pub fn segment_hash(english: &str) -> String {
    segment_digits(blake3::hash(english.as_bytes()))
}

/// The digits that are kept of the hash of a segment.
#[must_use]
pub fn segment_digits(hash: blake3::Hash) -> String {
    hash.to_hex()[..SEGMENT_DIGITS].to_owned()
}
