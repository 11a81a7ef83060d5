//! What can go wrong when files are written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::disk::SaveError;
use crate::model::ArticleId;

/// Why an output cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file that may be somebody's work is there already.
    #[error("{} exists; --overwrite replaces it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The article's name would lead out of the output folder.
    #[error("the article name {article:?} does not stay inside the output folder", article = article.as_str())]
    Outside {
        /// The article.
        article: ArticleId,
    },
    /// The archive of the article cannot be packed again with the English in it.
    #[error("cannot make the English of {article}: {source}", article = article.as_str())]
    Archive {
        /// The article.
        article: ArticleId,
        /// What the packer says.
        source: zip::result::ZipError,
    },
    /// A folder has the name of an output file.
    #[error("cannot write {path}: a folder of that name is in the way")]
    FolderInTheWay {
        /// The output file.
        path: PathBuf,
    },
    /// A device, a pipe or a socket has the name of an output file.
    #[error("cannot write {path}: a device, a pipe or a socket of that name is in the way")]
    SpecialInTheWay {
        /// The output file.
        path: PathBuf,
    },
    /// A folder inside the output folder is a symbolic link.
    #[error("cannot write in {path}: it is a symbolic link")]
    LinkedFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest of an output folder is not one.
    #[error(
        "cannot read the list of written files {path}: {source}; move it away, and use --overwrite if files are then refused"
    )]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// It cannot be remembered that a file is wortlaut's.
    #[error("cannot keep track of the files written to {path}: {source}")]
    Ledger {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be brought to its place.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// A file cannot be looked at or written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The output file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
