//! What is kept in a memory, and what is known of it.

use serde::Serialize;

use super::key::Key;
use crate::model::{Request, Timestamp, Translation};

/// An answer of an engine, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// What the answer is found by.
    pub key: Key,
    /// The name of the engine's profile.
    pub engine: String,
    /// All that changes the engine's output; part of the key.
    pub fingerprint: String,
    pub request: Request,
    pub translation: Translation,
}

/// A text, and one of the engines that may have translated it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOfEngine {
    /// All that changes the engine's output.
    pub fingerprint: String,
    pub text: String,
}

/// An engine of which there are answers in a memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maker {
    /// The name of its profile.
    pub profile: String,
    /// All that changes its output.
    pub fingerprint: String,
}

/// A file that was written on its own, outside of an output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputRecord {
    pub path: String,
    /// The hash of its bytes, in hexadecimal digits.
    pub hash: String,
    pub article: String,
    /// Its format by name.
    pub format: String,
    /// The hashes of its segments; `None` for a file with many articles.
    pub segments: Option<String>,
}

/// Which pairs a memory has: another number whenever some came or were taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemoryRevision(pub u64);

impl MemoryRevision {
    /// That of a memory in which there never was a pair.
    pub const NO_PAIRS: Self = Self(0);
}

/// All answers and pairs of a memory at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryState {
    /// Another one whenever answers or pairs came, went or were replaced, in whatever process; memories with the same one
    /// hold the same.
    pub token: [u8; 16],
    /// Whether somebody else changed it since it was opened.
    pub is_shared: bool,
}

/// How large a memory is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemoryStats {
    /// Answers of engines.
    #[serde(rename = "answers")]
    pub rows: u64,
    /// Texts whose answers were no translations.
    pub unusable: u64,
    /// Pairs that a person approved; those that were taken back are not counted.
    pub corrections: u64,
    pub suggestions: u64,
    /// Pairs that were taken back.
    pub withdrawn: u64,
    /// In the order in which they came.
    pub engines: Vec<EngineStats>,
    /// Bytes of the database.
    pub bytes: u64,
    /// Bytes of the search index; 0 if there is none.
    pub index_bytes: u64,
}

/// The answers of an engine in a memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineStats {
    pub profile: String,
    pub fingerprint: String,
    pub answers: u64,
    /// When the first of them was made.
    pub first: Option<Timestamp>,
    /// When the last of them was made.
    pub last: Option<Timestamp>,
}

/// What became of SQLite's log when a memory was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// Everything stands in the one file.
    Merged,
    /// Another process was reading: the last commits stand in the log beside the file, which the next one to close the
    /// memory merges.
    Left,
}
