//! Outputs of articles that are no more.

use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::error::WriteError;
use super::format::OutputFormat;
use super::ledger::WrittenFile;
use super::outputs::{LeftFile, OutputRoot, Outputs, Ownership, linked_folder, ownership};
use super::path::{parent, resolve};
use crate::disk::{PathKind, hash_of};
use crate::model::ArticleId;

/// An output whose article is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneOutput {
    pub path: PathBuf,
    key: String,
    /// Whether it is there as wortlaut wrote it; otherwise it is kept.
    pub ownership: Option<Ownership>,
    /// Whether the file itself is there no more, and only the manifest has it.
    pub is_forgotten: bool,
}

/// What was removed.
#[derive(Debug, Default)]
pub struct Pruned {
    pub removed: Vec<PathBuf>,
    /// What a person changed.
    pub kept: Vec<LeftFile>,
}

impl Outputs {
    /// The outputs of articles that are not among these and whose files are no more, sorted by path.
    ///
    /// # Errors
    /// The manifest or a file cannot be read.
    pub fn gone(&self, articles: &HashSet<&ArticleId>) -> Result<Vec<GoneOutput>, WriteError> {
        let OutputRoot::Folder(folder) = &self.root else { return Ok(Vec::new()) };
        let real = resolve(folder);
        let mut gone = Vec::new();
        for file in self.ledger.files().map_err(|source| self.untracked(source))? {
            // An article that another run read from elsewhere is not gone.
            let is_there = || file.input.as_deref().is_some_and(|input| real.join(input).exists());
            // A file with the articles of a whole run is of none of them.
            let is_of_run = file.input.is_none() && file.segments.is_none();
            if !articles.contains(&file.article) && !is_of_run && !is_there() {
                gone.push(self.gone_output(folder, &file)?);
            }
        }
        gone.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(gone)
    }

    fn gone_output(&self, folder: &Path, file: &WrittenFile) -> Result<GoneOutput, WriteError> {
        let path = folder.join(&file.path);
        let failed = |source| WriteError::File { path: path.clone(), source };
        let found = match PathKind::at(&path).map_err(failed)? {
            PathKind::File { .. } if linked_folder(folder, &path).is_none() => {
                hash_of(&path).map_err(failed)?
            }
            PathKind::Nothing => {
                return Ok(GoneOutput { path, key: file.path.clone(), ownership: None, is_forgotten: true });
            }
            _ => None,
        };
        let known = self.ledger.known(&file.path).map_err(|source| self.untracked(source))?;
        Ok(GoneOutput {
            path,
            key: file.path.clone(),
            ownership: ownership(&known, found),
            is_forgotten: false,
        })
    }

    /// Removes outputs as far as they are still as wortlaut wrote them, and the folders that are empty without them.
    ///
    /// # Errors
    /// A file cannot be removed, or the manifest cannot be written; what was removed by then is forgotten.
    pub fn prune(&self, gone: &[GoneOutput]) -> Result<Pruned, WriteError> {
        let OutputRoot::Folder(folder) = &self.root else { return Ok(Pruned::default()) };
        let mut pruned = Pruned::default();
        let mut forgotten = Vec::new();
        let mut failure = None;
        let mut turn = self.ledger.turn().map_err(|source| self.untracked(source))?;
        for GoneOutput { path, key, .. } in gone {
            let known = turn.known(key).map_err(|source| self.untracked(source))?;
            let removed = removed(folder, path, &known);
            match removed.map_err(|source| WriteError::File { path: path.clone(), source }) {
                Ok(Some(ownership)) => pruned.kept.push(LeftFile { path: path.clone(), ownership }),
                Ok(None) => {
                    if known.iter().any(|file| file.format == OutputFormat::Html) {
                        self.has_pages.store(true, Ordering::Relaxed);
                    }
                    forgotten.push(key.clone());
                    pruned.removed.push(path.clone());
                }
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        turn.forget(&forgotten).map_err(|source| self.untracked(source))?;
        drop(turn);
        for path in &pruned.removed {
            remove_empty(folder, parent(path));
        }
        failure.map_or(Ok(pruned), Err)
    }
}

/// Removes a file if it is wortlaut's; otherwise says whose it is.
fn removed(folder: &Path, path: &Path, known: &[WrittenFile]) -> io::Result<Option<Ownership>> {
    let found = match PathKind::at(path)? {
        PathKind::Nothing => return Ok(None),
        PathKind::File { .. } if linked_folder(folder, path).is_none() => hash_of(path)?,
        _ => None,
    };
    let ownership = ownership(known, found);
    if ownership.is_none() {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(ownership)
}

/// Removes a folder and those above it, up to the output folder, as far as nothing is in them.
fn remove_empty(root: &Path, folder: &Path) {
    let inside = folder.ancestors().take_while(|above| *above != root && above.starts_with(root));
    for folder in inside {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}
