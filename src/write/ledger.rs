//! What is remembered of a file that was written.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::format::OutputFormat;
use super::view::{View, views};
use crate::model::{ArticleId, ParallelDocument};

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
    /// Eight hexadecimal digits a segment: the hash of what the file has for it. With these, segments that a person
    /// changed are distinguished from those that a later run would change. A file with many articles has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<Arc<str>>,
}

/// Remembers which files wortlaut wrote, and with which bytes.
///
/// A path may have several hashes while a file is being replaced: the new one is announced before the file takes its
/// place, and the old one is forgotten after that. So whenever a run is killed, what stands there is one of the two,
/// and nothing that a person made is.
pub trait Ledger: Send + Sync {
    /// The hashes of what may stand at a path if nobody else changed it.
    ///
    /// # Errors
    /// What is remembered cannot be read.
    fn hashes(&self, path: &str) -> io::Result<Vec<blake3::Hash>>;

    /// Remembers files that are about to take their places. Returns when that is on the disk.
    ///
    /// # Errors
    /// It cannot be written; then no file may take its place.
    fn announce(&self, entries: &[WrittenFile]) -> io::Result<()>;

    /// Remembers that files are in their places, and forgets what stood there before.
    ///
    /// # Errors
    /// It cannot be written.
    fn settle(&self, entries: &[WrittenFile]) -> io::Result<()>;

    /// Keeps other runs from taking down their files here until this is dropped.
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

/// The hashes of what is written for the segments of a document.
pub(super) fn segment_hashes(document: &ParallelDocument) -> Arc<str> {
    let hash = |view: View<'_>| blake3::hash(view.english().as_bytes()).to_hex()[..8].to_owned();
    views(document).map(hash).collect::<String>().into()
}

/// Hashes as hexadecimal digits.
mod hexadecimal {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(hash: &blake3::Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hash.to_hex())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<blake3::Hash, D::Error> {
        blake3::Hash::from_hex(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
