//! Files and formats out: from a [`ParallelDocument`] to files.
//!
//! A [`OutputFormat`] makes the bytes of its files in memory ([`Writer::files`]); [`Outputs`] brings them to the
//! disk so that a file is there completely or not at all, and nothing that a person made is overwritten: a
//! [`Ledger`], in a folder its [`Manifest`], knows which files are wortlaut's. [`Outputs::look`] says before
//! anything is sent what stands in the way. A [`CorpusWriter`] brings the articles of a corpus into one file
//! a format, record by record.

mod before_manifests;
mod corpus;
mod document;
mod error;
mod format;
mod jsonl;
mod ledger;
mod lines;
mod manifest;
mod named_path;
mod obstacles;
mod outputs;
mod path;
mod plain;
mod save;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tsv;
mod view;

use crate::model::{ArticleId, ParallelDocument};

pub use corpus::CorpusWriter;
pub use error::WriteError;
pub use format::{OutputFormat, UnknownFormat};
pub use ledger::{Ledger, WrittenFile};
pub use manifest::{MANIFEST, Manifest};
pub use named_path::{NamedPath, open_stream};
pub use obstacles::{Obstacle, ObstacleKind, Planned};
pub use outputs::Outputs;
pub use path::{output_path, real_path};
pub use save::replace;

pub use crate::disk::hash_of;

/// Makes the files of one output format.
pub trait Writer: Send + Sync {
    /// The files of a document: what is put behind the article's name (`.en.txt`), and the bytes.
    ///
    /// # Errors
    /// A [`WriteError`] if the article's own file cannot be made anew.
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError>;

    /// The endings of the files this format makes of an article, such as `.de.txt`, in lower case; known
    /// without a document, so that outputs which would overwrite each other are refused before anything is
    /// sent.
    fn endings(&self, article: &ArticleId) -> Vec<String>;

    /// What the record of a corpus adds to the files of its corpus, in the order of the endings; `first` says
    /// whether they are empty so far.
    ///
    /// # Errors
    /// As [`Writer::files`].
    fn record(&self, document: &ParallelDocument, first: bool) -> Result<Vec<Vec<u8>>, WriteError> {
        // Most formats are lines that can follow each other.
        let _ = first;
        Ok(self.files(document)?.into_iter().map(|file| file.contents).collect())
    }
}

/// One file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// What is put behind the article's name.
    pub ending: String,
    pub contents: Vec<u8>,
}

impl OutputFile {
    fn new(ending: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        Self { ending: ending.into(), contents: contents.into() }
    }
}
