//! Where the files of a run go, and what may be replaced there.

use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::error::WriteError;
use super::format::OutputFormat;
use super::ledger::{Ledger, WrittenFile, segment_hashes};
use super::manifest::{Manifest, key_of};
use super::path::{output_path, real_path};
use crate::disk::{PartFile, PathKind, hash_of};
use crate::model::{ArticleId, ParallelDocument};

/// An output folder, or one file on its own.
///
/// A file that is there already is replaced only if it is wortlaut's and has the bytes that wortlaut gave it; what a
/// person made or changed is left alone, unless everything may be overwritten. This is decided at the moment of
/// writing, whatever [`Outputs::look`] found before: a run takes hours, and people work meanwhile.
pub struct Outputs {
    pub(super) root: OutputRoot,
    pub(super) ledger: Arc<dyn Ledger>,
    overwrite: bool,
    left: Mutex<Vec<PathBuf>>,
}

/// What the outputs are.
pub(super) enum OutputRoot {
    /// Files in a folder, named for their articles.
    Folder(PathBuf),
    /// One file in one format; of a format with two files, the second.
    File(Target),
}

/// Where a file goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) path: PathBuf,
    /// Its name in the ledger.
    pub(super) key: String,
}

/// A file that is ready but not in its place.
pub(super) struct Draft {
    pub(super) target: Target,
    pub(super) entry: WrittenFile,
    pub(super) contents: Contents,
}

/// What a file is to have in it.
pub(super) enum Contents {
    Bytes(Vec<u8>),
    /// Written already, beside its place.
    Part(PartFile),
}

/// What happens to a draft.
enum Disposition {
    Replace,
    /// The file is there already as it should be.
    Keep,
    /// A person's file is in the way.
    Leave,
}

impl Outputs {
    /// An output folder, which need not be there yet.
    ///
    /// # Errors
    /// The manifest of the folder cannot be read.
    pub fn folder(folder: &Path, overwrite: bool) -> Result<Self, WriteError> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Ok(Self::new(OutputRoot::Folder(folder.to_owned()), Arc::new(Manifest::load(folder)?), overwrite))
    }

    /// One file. If a manifest of a folder above lists it, that is its ledger, and otherwise the one that is given.
    ///
    /// # Errors
    /// The manifest of a folder above cannot be read.
    pub fn file(path: &Path, ledger: Arc<dyn Ledger>, overwrite: bool) -> Result<Self, WriteError> {
        let whole = real_path(path);
        for folder in whole.ancestors().skip(1) {
            let manifest = Manifest::load(folder)?;
            if manifest.lists(&whole) {
                let key = manifest.key(&whole).unwrap_or_default();
                let target = Target { path: path.to_owned(), key };
                return Ok(Self::new(OutputRoot::File(target), Arc::new(manifest), overwrite));
            }
        }
        let target = Target { path: path.to_owned(), key: whole.to_string_lossy().into_owned() };
        Ok(Self::new(OutputRoot::File(target), ledger, overwrite))
    }

    fn new(root: OutputRoot, ledger: Arc<dyn Ledger>, overwrite: bool) -> Self {
        Self { root, ledger, overwrite, left: Mutex::default() }
    }

    /// The folder or file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.root {
            OutputRoot::Folder(path) | OutputRoot::File(Target { path, .. }) => path,
        }
    }

    /// Whether files of others are replaced.
    #[must_use]
    pub fn overwrites(&self) -> bool {
        self.overwrite
    }

    /// Writes the files of a document and returns their paths.
    ///
    /// A file is written beside its place, brought to the disk and renamed, with the permissions that the
    /// umask gives. No file is renamed before all are written, so a full disk changes nothing. A file that has
    /// the wanted contents already is left alone. The folder is not brought to the disk: after a power failure
    /// the old file may be there again, whole, and the next run writes the new one from the memory.
    ///
    /// # Errors
    /// A [`WriteError`] names the file or folder that cannot be written.
    pub fn write(
        &self,
        document: &ParallelDocument,
        formats: &[OutputFormat],
    ) -> Result<Vec<PathBuf>, WriteError> {
        let article = &document.source().article().id;
        let segments = segment_hashes(document);
        let mut drafts: Vec<Draft> = Vec::new();
        for format in formats {
            let files = format.writer().files(document)?;
            let wanted = self.wanted_of(files.len());
            for file in files.into_iter().skip(wanted.start) {
                let target = self.target(article, &file.ending)?;
                // Of plain text, two formats make the same file.
                if drafts.iter().all(|draft| draft.target != target) {
                    let entry = WrittenFile {
                        path: target.key.clone(),
                        hash: blake3::hash(&file.contents),
                        article: article.clone(),
                        format: *format,
                        segments: Some(Arc::clone(&segments)),
                    };
                    drafts.push(Draft { target, entry, contents: Contents::Bytes(file.contents) });
                }
            }
        }
        self.place(drafts)
    }

    /// Keeps other runs out of the folder.
    ///
    /// # Errors
    /// Another run writes there.
    pub fn lock(&self) -> Result<(), WriteError> {
        self.ledger.lock().map_err(|source| WriteError::Ledger { path: self.path().to_owned(), source })
    }

    /// Brings the account of what was written into its final form, and returns the files that were left alone
    /// because a person made or changed them.
    ///
    /// # Errors
    /// The manifest cannot be written.
    pub fn finish(&self) -> Result<Vec<PathBuf>, WriteError> {
        self.ledger.close().map_err(|source| WriteError::Ledger { path: self.path().to_owned(), source })?;
        let mut left = std::mem::take(&mut *self.left.lock());
        left.sort();
        Ok(left)
    }

    /// Which of the files of a format are written.
    pub(super) fn wanted_of(&self, files: usize) -> Range<usize> {
        match self.root {
            OutputRoot::Folder(_) => 0..files,
            OutputRoot::File(_) => files.saturating_sub(1)..files,
        }
    }

    /// Where the file of an article goes.
    pub(super) fn target(&self, article: &ArticleId, ending: &str) -> Result<Target, WriteError> {
        match &self.root {
            OutputRoot::File(target) => Ok(target.clone()),
            OutputRoot::Folder(folder) => {
                let path = output_path(folder, article, ending)?;
                let key = path.strip_prefix(folder).ok().and_then(key_of);
                let key = key.ok_or_else(|| WriteError::Outside { article: article.clone() })?;
                Ok(Target { path, key })
            }
        }
    }

    /// Begins a file that is written piece by piece.
    pub(super) fn begin(&self, target: &Target) -> Result<PartFile, WriteError> {
        self.refuse_linked_folders(target)?;
        Ok(PartFile::create(&target.path)?)
    }

    /// Brings files to their places, or none of them.
    pub(super) fn place(&self, drafts: Vec<Draft>) -> Result<Vec<PathBuf>, WriteError> {
        let mut paths = Vec::new();
        let mut parts = Vec::new();
        let (mut new, mut all) = (Vec::new(), Vec::new());
        for Draft { target, entry, contents } in drafts {
            match self.verdict(&target, &entry)? {
                Disposition::Leave => {
                    self.left.lock().push(target.path);
                    continue;
                }
                Disposition::Keep => {}
                Disposition::Replace => {
                    parts.push(match contents {
                        Contents::Bytes(bytes) => PartFile::write(&target.path, &bytes)?,
                        Contents::Part(part) => part.complete()?,
                    });
                    new.push(entry.clone());
                }
            }
            all.push(entry);
            paths.push(target.path);
        }
        let failed = |source| WriteError::Ledger { path: self.path().to_owned(), source };
        self.ledger.announce(&new).map_err(failed)?;
        for part in parts {
            part.rename()?;
        }
        self.ledger.settle(&all).map_err(failed)?;
        Ok(paths)
    }

    /// Whether what stands in the place of a file is replaced.
    fn verdict(&self, target: &Target, entry: &WrittenFile) -> Result<Disposition, WriteError> {
        let failed = |source| WriteError::File { path: target.path.clone(), source };
        self.refuse_linked_folders(target)?;
        let found = match PathKind::at(&target.path).map_err(failed)? {
            PathKind::Nothing => return Ok(Disposition::Replace),
            PathKind::Folder => return Err(WriteError::FolderInTheWay { path: target.path.clone() }),
            PathKind::Special => return Err(WriteError::SpecialInTheWay { path: target.path.clone() }),
            PathKind::Link => None,
            PathKind::File { .. } => hash_of(&target.path).map_err(failed)?,
        };
        if found == Some(entry.hash) {
            return Ok(Disposition::Keep);
        }
        let is_ours = || self.is_ours(target, found);
        Ok(if self.overwrite || is_ours()? { Disposition::Replace } else { Disposition::Leave })
    }

    /// Whether a file has bytes that wortlaut gave it, or none: nobody's work is in an empty file.
    pub(super) fn is_ours(&self, target: &Target, found: Option<blake3::Hash>) -> Result<bool, WriteError> {
        if found == Some(blake3::hash(b"")) {
            return Ok(true);
        }
        let known = self.ledger.hashes(&target.key);
        let known = known.map_err(|source| WriteError::Ledger { path: target.path.clone(), source })?;
        Ok(found.is_some_and(|found| known.contains(&found)))
    }

    /// Refuses a file below a folder that is a link: it would stand somewhere else than it seems.
    fn refuse_linked_folders(&self, target: &Target) -> Result<(), WriteError> {
        let OutputRoot::Folder(folder) = &self.root else { return Ok(()) };
        match linked_folder(folder, &target.path) {
            Some(path) => Err(WriteError::LinkedFolder { path }),
            None => Ok(()),
        }
    }
}

/// The first folder between an output folder and a file in it that is a link.
pub(super) fn linked_folder(folder: &Path, path: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(folder).ok()?.parent()?;
    let mut known = folder.to_owned();
    for part in below.components().filter(|part| matches!(part, Component::Normal(_))) {
        known.push(part);
        if matches!(PathKind::at(&known), Ok(PathKind::Link)) {
            return Some(known);
        }
    }
    None
}
