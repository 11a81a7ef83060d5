//! What makes the files of a format, in memory.

use super::error::WriteError;
use crate::model::{ArticleId, ParallelDocument};

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

    /// What stands around the records of a file with many articles; `None` for formats in which they are all there is.
    fn frame(&self) -> Option<RecordFrame> {
        None
    }
}

/// What stands around the records in the only file of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFrame {
    /// What stands before the first one; [`Writer::record`] puts it there.
    pub head: String,
    /// What stands between head and tail if there is no record.
    pub none: String,
    pub tail: &'static str,
}

/// One file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// What is put behind the article's name.
    pub ending: String,
    pub contents: Vec<u8>,
}

impl OutputFile {
    pub(super) fn new(ending: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        Self { ending: ending.into(), contents: contents.into() }
    }
}
