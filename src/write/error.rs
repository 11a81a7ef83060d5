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
    Exists { path: PathBuf },
    /// The article's name would lead out of the output folder.
    #[error("the article name {article:?} does not stay inside the output folder", article = article.as_str())]
    Outside { article: ArticleId },
    /// The archive of the article cannot be packed again with the English in it.
    #[error("cannot make the English of {article}: {source}", article = article.as_str())]
    Archive { article: ArticleId, source: zip::result::ZipError },
    #[error("cannot make the page of {article}: {source}", article = article.as_str())]
    Page { article: ArticleId, source: askama::Error },
    #[error("cannot make the workbook of {article}: {source}", article = article.as_str())]
    Workbook { article: ArticleId, source: io::Error },
    #[error("cannot write {path}: a folder of that name is in the way")]
    FolderInTheWay { path: PathBuf },
    /// A device, a pipe or a socket has the name of an output file.
    #[error("cannot write {path}: a device, a pipe or a socket of that name is in the way")]
    SpecialInTheWay { path: PathBuf },
    /// A folder inside the output folder is a symbolic link.
    #[error("cannot write in {path}: it is a symbolic link")]
    LinkedFolder { path: PathBuf },
    #[error(
        "cannot read the list of written files {path}: {source}; move it away, and use --overwrite if files are then refused"
    )]
    Manifest { path: PathBuf, source: io::Error },
    #[error("cannot keep track of the files written to {path}: {source}")]
    Ledger { path: PathBuf, source: io::Error },
    /// A file cannot be brought to its place.
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error("cannot write {path}: {source}")]
    File { path: PathBuf, source: io::Error },
}
