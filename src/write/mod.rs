//! Files and formats out: from a [`ParallelDocument`] to files.

use crate::model::ParallelDocument;

/// Makes the files of one output format.
pub trait Writer: Send + Sync {
    /// The files of a document: what is put behind the article's name (`.en.txt`), and the bytes.
    fn files(&self, document: &ParallelDocument) -> Vec<OutputFile>;

    /// The endings of the files this format makes, such as `.de.txt`; known without a document, so that
    /// outputs which would overwrite each other are refused before anything is sent.
    fn endings(&self) -> &'static [&'static str];
}

/// One file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// What is put behind the article's name.
    pub ending: &'static str,
    /// The bytes of the file.
    pub contents: Vec<u8>,
}
