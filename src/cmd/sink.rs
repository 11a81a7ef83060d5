//! Where documents go: a folder, a file, or standard output.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::ParallelDocument;
use crate::pipeline::{Deliver, DeliverArticle, DeliverCorpus};
use crate::write::{self, CorpusWriter, Format, WriteError};

/// Where the documents of a run go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sink {
    /// Files in a folder, in these formats.
    Folder(PathBuf, Vec<Format>),
    /// One file in one format.
    File(PathBuf, Format),
    /// Standard output in one format.
    Stdout(Format),
}

/// What goes to standard output when the run is over.
pub(super) type Captured = Arc<Mutex<Vec<u8>>>;

impl Sink {
    /// What takes the documents.
    pub(super) fn deliver(&self) -> (Deliver, Captured) {
        let captured = Captured::default();
        let article: DeliverArticle = match self.clone() {
            Self::Folder(folder, formats) => Arc::new(move |document| {
                let files: Vec<_> = formats
                    .iter()
                    .map(|format| format.writer().files(&document))
                    .collect::<Result<_, _>>()?;
                let files = files.into_iter().flatten().collect();
                write::save(&folder, &document.source().article().id, files)
            }),
            Self::File(path, format) => Arc::new(move |document| {
                write::replace(&path, &single(&document, format)?)?;
                Ok(vec![path.clone()])
            }),
            Self::Stdout(format) => {
                let captured = Arc::clone(&captured);
                Arc::new(move |document| {
                    captured
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(single(&document, format)?);
                    Ok(Vec::new())
                })
            }
        };
        (Deliver { article, corpus: self.deliver_corpus() }, captured)
    }

    /// What takes the records of corpora.
    fn deliver_corpus(&self) -> DeliverCorpus {
        match self.clone() {
            Self::Folder(folder, formats) => Arc::new(move |corpus, shape| {
                let target = &corpus.fields.target;
                CorpusWriter::folder(&folder, &corpus.id, &formats, shape.clone(), target)
            }),
            Self::File(path, format) => Arc::new(move |corpus, shape| {
                CorpusWriter::file(&path, &corpus.id, format, shape.clone(), &corpus.fields.target)
            }),
            // A corpus that is named goes to a folder or a file.
            Self::Stdout(_) => Arc::new(|corpus, _| {
                let source = io::Error::other("a corpus does not go to standard output");
                Err(WriteError::File { path: corpus.path.clone(), source })
            }),
        }
    }

    /// The place, for the summary.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Folder(path, _) | Self::File(path, _) => Some(path),
            Self::Stdout(_) => None,
        }
    }
}

/// The English of a document in one format; of a format with two files, the second.
fn single(document: &ParallelDocument, format: Format) -> Result<Vec<u8>, WriteError> {
    Ok(format.writer().files(document)?.pop().map(|file| file.contents).unwrap_or_default())
}
