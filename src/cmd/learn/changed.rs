//! Outputs that are not as wortlaut wrote them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::read::ArticleFile;
use crate::write::{self, Ledger as _, MANIFEST, Manifest, WrittenFile};

use super::super::failure::{Exit, Failure};

/// A file that a person changed.
pub(super) struct ChangedOutput {
    /// As it is shown.
    pub(super) path: PathBuf,
    pub(super) entry: WrittenFile,
    pub(super) bytes: Vec<u8>,
}

/// An output folder, and what was changed in it.
pub(super) struct ChangedFolder {
    pub(super) manifest: Arc<Manifest>,
    /// The folder as it was named.
    pub(super) shown: PathBuf,
    pub(super) files: Vec<ChangedOutput>,
}

impl ChangedFolder {
    /// The file of an article, by what the manifest says.
    pub(super) fn input(&self, entry: &WrittenFile) -> Option<ArticleFile> {
        let path = self.manifest.folder().join(entry.input.as_deref()?);
        Some(ArticleFile { id: entry.article.clone(), path })
    }
}

/// The changed files at some paths, or in the output folder.
pub(super) fn changed_outputs(paths: &[PathBuf], output: &Path) -> Result<Vec<ChangedFolder>, Failure> {
    let default = [output.to_owned()];
    let mut folders: BTreeMap<PathBuf, ChangedFolder> = BTreeMap::new();
    for path in if paths.is_empty() { &default[..] } else { paths } {
        let (real, manifest) = manifest_of(path)?;
        let below = real.strip_prefix(manifest.folder()).unwrap_or(&real).to_owned();
        let shown = path.ancestors().nth(below.components().count()).unwrap_or(Path::new("")).to_owned();
        let folder = folders.entry(manifest.folder().to_owned()).or_insert_with(|| ChangedFolder {
            manifest: Arc::new(manifest),
            shown,
            files: Vec::new(),
        });
        let found = changed_below(folder, &below)?;
        for file in found {
            if folder.files.iter().all(|known| known.entry.path != file.entry.path) {
                folder.files.push(file);
            }
        }
    }
    Ok(folders.into_values().filter(|folder| !folder.files.is_empty()).collect())
}

/// The manifest that a file or folder belongs to.
fn manifest_of(path: &Path) -> Result<(PathBuf, Manifest), Failure> {
    let failed = |error| Failure::new(Exit::Usage, format!("cannot read {}: {error}", path.display()));
    let real = path.canonicalize().map_err(failed)?;
    for folder in real.ancestors().filter(|folder| folder.join(MANIFEST).is_file()) {
        let manifest = Manifest::load(folder)?;
        if real.is_dir() || manifest.lists(&real) {
            return Ok((real, manifest));
        }
    }
    let message = if real.is_dir() {
        format!("wortlaut has written nothing to {}", path.display())
    } else {
        format!("{} is not a file that wortlaut wrote to an output folder", path.display())
    };
    let hint = "name a file in an output folder, or the folder itself; what `translate -o FILE` wrote is not read back: \
                translate the article into a folder, or correct it in `wortlaut review`";
    Err(Failure::new(Exit::Usage, message).hint(hint))
}

/// The files of a manifest below a path that do not have the bytes that wortlaut gave them.
fn changed_below(folder: &ChangedFolder, below: &Path) -> Result<Vec<ChangedOutput>, Failure> {
    let mut changed = Vec::new();
    let unreadable = |error| Failure::new(Exit::Partial, error);
    for entry in folder.manifest.files().map_err(unreadable)? {
        if !Path::new(&entry.path).starts_with(below) {
            continue;
        }
        let path = folder.shown.join(&entry.path);
        let failed = |error| Failure::new(Exit::Partial, format!("cannot read {}: {error}", path.display()));
        let real = folder.manifest.folder().join(&entry.path);
        // What became a link or a folder is not a text that was corrected.
        let Ok(Some(hash)) = write::hash_of(&real) else { continue };
        let known = folder.manifest.known(&entry.path).map_err(failed)?;
        if hash == blake3::hash(b"") || known.iter().any(|known| known.hash == hash) {
            continue;
        }
        let bytes = fs::read(&real).map_err(failed)?;
        changed.push(ChangedOutput { path, entry, bytes });
    }
    Ok(changed)
}
