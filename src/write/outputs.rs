//! Where the files of a run go, and what may be replaced there.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::error::WriteError;
use super::format::OutputFormat;
use super::ledger::{Ledger, WrittenFile, segment_hashes};
use super::manifest::{Manifest, key_of};
use super::output_mark::OutputMark;
use super::path::{output_path, path_from, real_path, resolve};
use super::proof::{Proof, ProofHasher};
use crate::disk::{PartFile, PathKind, hash_of};
use crate::model::{ArticleId, ParallelDocument};

/// An output folder, or one file on its own.
///
/// A file that is there already is replaced only if it is wortlaut's and has the bytes that wortlaut gave it; what a
/// person made or changed is left alone, unless everything may be overwritten. This is decided at the moment of
/// writing, whatever [`Outputs::look`] found before: a run takes hours, and people work meanwhile.
///
/// Several processes may write into a folder: a run, and beside it whoever writes corrections to single articles.
pub struct Outputs {
    pub(super) root: OutputRoot,
    pub(super) ledger: Arc<dyn Ledger>,
    overwrite: bool,
    /// Whether the ledger keeps what files were made of.
    keeps_proof: bool,
    /// The files of the articles, as the ledger names them.
    inputs: HashMap<ArticleId, Arc<str>>,
    left: Mutex<Vec<LeftFile>>,
    /// The files of articles that are in their places, until somebody asks for them; `None` if nobody will.
    pub(super) marks: Mutex<Option<HashMap<ArticleId, Vec<OutputMark>>>>,
    /// Whether pages were written or removed, so that their index is to be made anew.
    pub(super) has_pages: AtomicBool,
}

/// An article or corpus whose files a run will write.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    pub article: &'a ArticleId,
    /// Its file; `None` if it came out of a pipe.
    pub input: Option<&'a Path>,
}

/// A file that was left as a person made it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftFile {
    pub path: PathBuf,
    pub ownership: Ownership,
}

/// Why a file is not wortlaut's to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ownership {
    /// A person changed it after wortlaut had written it.
    Changed,
    /// Wortlaut did not write it.
    Foreign,
}

impl Ownership {
    /// Why, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Changed => "it was changed by hand",
            Self::Foreign => "wortlaut did not write it",
        }
    }
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

impl Draft {
    /// Writes the file beside its place.
    fn write(&mut self) -> Result<(), WriteError> {
        let contents = std::mem::replace(&mut self.contents, Contents::Bytes(Vec::new()));
        self.contents = Contents::Part(match contents {
            Contents::Bytes(bytes) => PartFile::write(&self.target.path, &bytes)?,
            Contents::Part(part) => part.complete()?,
        });
        Ok(())
    }
}

/// What happens to a draft.
enum Disposition {
    /// This is to be remembered of it.
    Replace(WrittenFile),
    /// The file is there already as it should be; what is to be remembered of it, if something else is.
    Keep(Option<WrittenFile>),
    /// A person's file is in the way.
    Leave(Ownership),
}

impl Outputs {
    /// An output folder, which need not be there yet.
    ///
    /// # Errors
    /// The manifest of the folder cannot be read.
    pub fn folder(folder: &Path, overwrite: bool) -> Result<Self, WriteError> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let manifest = Arc::new(Manifest::load(folder)?);
        Ok(Self::new(OutputRoot::Folder(folder.to_owned()), manifest, overwrite, true))
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
                return Ok(Self::new(OutputRoot::File(target), Arc::new(manifest), overwrite, true));
            }
        }
        let target = Target { path: path.to_owned(), key: whole.to_string_lossy().into_owned() };
        Ok(Self::new(OutputRoot::File(target), ledger, overwrite, false))
    }

    fn new(root: OutputRoot, ledger: Arc<dyn Ledger>, overwrite: bool, keeps_proof: bool) -> Self {
        let (inputs, left, has_pages) = (HashMap::new(), Mutex::default(), AtomicBool::new(false));
        Self { root, ledger, overwrite, keeps_proof, inputs, left, marks: Mutex::default(), has_pages }
    }

    /// Has the ledger remember the files of articles. Who does not know them leaves in it what is remembered.
    #[must_use]
    pub fn with_inputs(mut self, planned: &[Planned<'_>]) -> Self {
        if let OutputRoot::Folder(folder) = &self.root {
            let folder = resolve(folder);
            let named = |planned: &Planned<'_>| {
                let seen = path_from(&folder, &real_path(planned.input?))?;
                Some((planned.article.clone(), Arc::from(seen)))
            };
            self.inputs = planned.iter().filter_map(named).collect();
        }
        self
    }

    /// Takes files for wortlaut's that a person changed: what the person wrote is in the memory.
    ///
    /// # Errors
    /// It cannot be taken down.
    pub fn take_over(&self, entries: &[WrittenFile]) -> Result<(), WriteError> {
        if entries.is_empty() {
            return Ok(());
        }
        let taken_down = self.ledger.turn().and_then(|mut turn| turn.announce(entries));
        taken_down.map_err(|source| self.untracked(source))
    }

    /// The folder or file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.root {
            OutputRoot::Folder(path) | OutputRoot::File(Target { path, .. }) => path,
        }
    }

    /// Whether this is a folder that wortlaut has written to before.
    #[must_use]
    pub fn has_manifest(&self) -> bool {
        matches!(self.root, OutputRoot::Folder(_)) && self.ledger.is_there()
    }

    /// Whether wortlaut has written here before.
    #[must_use]
    pub fn has_earlier(&self) -> bool {
        match &self.root {
            OutputRoot::Folder(_) => self.ledger.is_there(),
            OutputRoot::File(target) => self.ledger.known(&target.key).is_ok_and(|known| !known.is_empty()),
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
        Ok(self.write_current(document, formats, &|| true)?.unwrap_or_default())
    }

    /// The same, unless the document is out of date: `None` says that nothing was changed, and that a newer one is
    /// to be made. `is_current` is asked when all is ready and no other process can write in between. Who makes
    /// corrections brings them into the memory first and writes then, and who writes for hours asks here whether the
    /// memory has others by now: so the newest ones stand in the files in the end, whoever comes first.
    ///
    /// # Errors
    /// As [`Outputs::write`].
    pub fn write_current(
        &self,
        document: &ParallelDocument,
        formats: &[OutputFormat],
        is_current: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<PathBuf>>, WriteError> {
        let article = &document.source().article().id;
        let segments = segment_hashes(document);
        let mut hasher = ProofHasher::default();
        hasher.add(document);
        let proof = self.proof(&hasher, document.source().article().file_hash);
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
                        input: self.input(article),
                        segments: Some(Arc::clone(&segments)),
                        proof: proof.clone(),
                    };
                    drafts.push(Draft { target, entry, contents: Contents::Bytes(file.contents) });
                }
            }
        }
        let marks =
            drafts.iter().map(|draft| (draft.target.path.clone(), OutputMark::of(&draft.entry))).collect();
        let placed = self.place(drafts, is_current)?;
        if let Some(placed) = &placed {
            self.mark(article, marks, placed);
        }
        Ok(placed)
    }

    /// Keeps other runs out of the folder.
    ///
    /// # Errors
    /// Another run writes there.
    pub fn lock(&self) -> Result<(), WriteError> {
        self.ledger.lock().map_err(|source| self.untracked(source))
    }

    /// Brings the account of what was written, and the index of the pages, into their final form, and returns the files that were left alone
    /// because a person made or changed them.
    ///
    /// # Errors
    /// The manifest cannot be written.
    pub fn finish(&self) -> Result<Vec<LeftFile>, WriteError> {
        if self.has_pages.load(Ordering::Relaxed) {
            self.write_index()?;
        }
        self.ledger.close().map_err(|source| self.untracked(source))?;
        let mut left = std::mem::take(&mut *self.left.lock());
        left.sort();
        Ok(left)
    }

    /// The file of an article, as the ledger names it.
    pub(super) fn input(&self, article: &ArticleId) -> Option<Arc<str>> {
        self.inputs.get(article).cloned()
    }

    /// What files were made of, if the ledger keeps that and it is known where they come from.
    pub(super) fn proof(&self, hasher: &ProofHasher, file_hash: Option<[u8; 32]>) -> Option<Arc<Proof>> {
        let file_hash = file_hash.filter(|_| self.keeps_proof)?;
        Some(Arc::new(hasher.finish(file_hash)))
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

    /// Brings files to their places, or none of them; see [`Outputs::write_current`].
    pub(super) fn place(
        &self,
        mut drafts: Vec<Draft>,
        is_current: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<PathBuf>>, WriteError> {
        if drafts.iter().any(|draft| draft.entry.format == OutputFormat::Html) {
            self.has_pages.store(true, Ordering::Relaxed);
        }
        // Two processes that write the same files wait for each other and not in a circle.
        drafts.sort_by(|a, b| a.target.path.cmp(&b.target.path));
        let (mut ready, mut is_new) = (Vec::new(), false);
        for mut draft in drafts {
            match self.verdict(&draft, || self.ledger.known(&draft.target.key))? {
                Disposition::Leave(ownership) => {
                    self.left.lock().push(LeftFile { path: draft.target.path, ownership });
                    continue;
                }
                Disposition::Keep(entry) => is_new |= entry.is_some(),
                Disposition::Replace(_) => {
                    // What takes long is done before the turn.
                    draft.write()?;
                    is_new = true;
                }
            }
            ready.push(draft);
        }
        // An unchanged run leaves no trace.
        if !is_new {
            return Ok(Some(ready.into_iter().map(|draft| draft.target.path).collect()));
        }
        let mut turn = self.ledger.turn().map_err(|source| self.untracked(source))?;
        if !is_current() {
            return Ok(None);
        }
        let verdicts: Result<Vec<_>, WriteError> =
            ready.iter().map(|draft| self.verdict(draft, || turn.known(&draft.target.key))).collect();
        let verdicts = verdicts?;
        let is_unready = |(draft, verdict): (&Draft, &Disposition)| {
            matches!((&draft.contents, verdict), (Contents::Bytes(_), Disposition::Replace(_)))
        };
        if ready.iter().zip(&verdicts).any(is_unready) {
            // Another process has replaced a file that was as it should be.
            drop(turn);
            return self.place(ready, is_current);
        }
        let (mut paths, mut parts, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for (Draft { target, contents, .. }, verdict) in ready.into_iter().zip(verdicts) {
            match (verdict, contents) {
                (Disposition::Leave(ownership), _) => {
                    self.left.lock().push(LeftFile { path: target.path, ownership });
                    continue;
                }
                // What is known of it already says more than the draft: where the article came from.
                (Disposition::Keep(new), _) => entries.extend(new),
                (Disposition::Replace(new), contents) => {
                    entries.push(new);
                    if let Contents::Part(part) = contents {
                        parts.push(part);
                    }
                }
            }
            paths.push(target.path);
        }
        turn.announce(&entries).map_err(|source| self.untracked(source))?;
        for part in parts {
            part.rename()?;
        }
        turn.settle(&entries).map_err(|source| self.untracked(source))?;
        Ok(Some(paths))
    }

    /// What happens to what stands in the place of a file.
    fn verdict(
        &self,
        draft: &Draft,
        known: impl FnOnce() -> io::Result<Vec<WrittenFile>>,
    ) -> Result<Disposition, WriteError> {
        let Draft { target, entry, .. } = draft;
        let failed = |source| WriteError::File { path: target.path.clone(), source };
        self.refuse_linked_folders(target)?;
        let kind = PathKind::at(&target.path).map_err(failed)?;
        let found = match kind {
            PathKind::Folder => return Err(WriteError::FolderInTheWay { path: target.path.clone() }),
            PathKind::Special => return Err(WriteError::SpecialInTheWay { path: target.path.clone() }),
            PathKind::Nothing | PathKind::Link => None,
            PathKind::File { .. } => hash_of(&target.path).map_err(failed)?,
        };
        // Asked for last: what another process has put there in the meantime, it has taken down before.
        let known = known().map_err(|source| self.untracked(source))?;
        let mut entry = entry.clone();
        if let (None, Some(known)) = (&entry.input, known.last()) {
            entry.input.clone_from(&known.input);
        }
        Ok(match ownership(&known, found) {
            _ if found == Some(entry.hash) => Disposition::Keep((known != [entry.clone()]).then_some(entry)),
            _ if kind == PathKind::Nothing => Disposition::Replace(entry),
            Some(ownership) if !self.overwrite => Disposition::Leave(ownership),
            _ => Disposition::Replace(entry),
        })
    }

    /// An error of the ledger.
    pub(super) fn untracked(&self, source: io::Error) -> WriteError {
        WriteError::Ledger { path: self.path().to_owned(), source }
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

/// Whose a file is that has these bytes, if this is what wortlaut may have put there; `None` if it is wortlaut's. Nobody's
/// work is in an empty file.
pub(super) fn ownership(known: &[WrittenFile], found: Option<blake3::Hash>) -> Option<Ownership> {
    let is_ours = |found| found == blake3::hash(b"") || known.iter().any(|entry| entry.hash == found);
    match found {
        Some(found) if is_ours(found) => None,
        _ if known.is_empty() => Some(Ownership::Foreign),
        _ => Some(Ownership::Changed),
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
