//! What stands in the way of the outputs, known before anything is sent.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use strum::VariantArray as _;
use unicode_normalization::UnicodeNormalization;

use super::corpus::endings;
use super::error::WriteError;
use super::format::OutputFormat;
use super::ledger::WrittenFile;
use super::manifest::{MANIFEST, TURN};
use super::outputs::{LeftFile, OutputRoot, Outputs, Planned, Target, linked_folder, ownership};
use super::path::{parent, resolve};
use crate::disk::{PathKind, hash_of};
use crate::model::ArticleId;

/// A file that cannot be written without harm.
#[derive(Debug)]
pub struct Obstacle {
    pub path: PathBuf,
    /// The articles that would write it, at least one.
    pub articles: Vec<ArticleId>,
    pub format: OutputFormat,
    pub kind: ObstacleKind,
    pub(super) target: Target,
    pub(super) ending: String,
}

/// What is the matter with an output file.
#[derive(Debug)]
pub enum ObstacleKind {
    Shared,
    Input(PathBuf),
    Manifest,
    /// A file is there that wortlaut did not write.
    Foreign,
    /// A person changed it after wortlaut had written it.
    Changed,
    /// It is a symbolic link inside the output folder.
    Link,
    Folder,
    /// A device, a pipe or a socket inside the output folder.
    Special,
    /// A folder that it would stand in is a symbolic link.
    LinkedFolder(PathBuf),
    /// A file has the name of a folder that it would stand in.
    FileAsFolder(PathBuf),
    /// It or its folder cannot be written: no permission, read-only, a name that is too long.
    Unwritable(io::Error),
}

impl ObstacleKind {
    /// Whether the user may have it overwritten.
    #[must_use]
    pub fn can_be_overwritten(&self) -> bool {
        matches!(self, Self::Foreign | Self::Changed | Self::Link)
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let articles: Vec<_> = self.articles.iter().map(ArticleId::as_str).collect();
        let (articles, path) = (articles.join(", "), self.path.display());
        match &self.kind {
            ObstacleKind::Shared => write!(f, "{articles} would all write {path}"),
            ObstacleKind::Input(input) => {
                write!(f, "the output of {articles} would overwrite the input {}", input.display())
            }
            ObstacleKind::Manifest => write!(f, "{path} is where wortlaut keeps track of its files"),
            ObstacleKind::Foreign => write!(f, "{path} exists, and wortlaut has no record of writing it"),
            ObstacleKind::Changed => write!(f, "{path} was changed after wortlaut wrote it"),
            ObstacleKind::Link => write!(f, "{path} is a symbolic link"),
            ObstacleKind::Folder => write!(f, "{path} is a folder"),
            ObstacleKind::Special => write!(f, "{path} is a device, a pipe or a socket"),
            ObstacleKind::LinkedFolder(folder) => {
                write!(f, "cannot write {path}: {} is a symbolic link", folder.display())
            }
            ObstacleKind::FileAsFolder(file) => {
                write!(f, "cannot write {path}: {} is not a folder", file.display())
            }
            ObstacleKind::Unwritable(error) => write!(f, "cannot write {path}: {error}"),
        }
    }
}

/// A file that a run will write, and from which articles.
struct WantedFile {
    target: Target,
    format: OutputFormat,
    ending: String,
    articles: Vec<ArticleId>,
}

impl Outputs {
    /// The formats in which an article or corpus has files here, as far as wortlaut wrote them.
    ///
    /// # Errors
    /// What is remembered of them cannot be read.
    pub fn written_formats(&self, article: &ArticleId) -> Result<Vec<OutputFormat>, WriteError> {
        let mut written = Vec::new();
        for format in OutputFormat::VARIANTS {
            for ending in endings(*format, article) {
                let target = self.target(article, &ending)?;
                let known = self.ledger.known(&target.key).map_err(|source| self.untracked(source))?;
                if known.iter().any(|file| file.format == *format) && !written.contains(format) {
                    written.push(*format);
                }
            }
        }
        Ok(written)
    }

    /// What stands in the way of the files of some articles, sorted by path.
    ///
    /// Names that differ only in capitals or in the composition of their letters count as equal, because on
    /// many file systems they are. In a folder, files that a person changed are not an obstacle: all others are written,
    /// and these are left alone.
    ///
    /// # Errors
    /// [`WriteError::Outside`] names an article whose outputs would not stay inside the folder; otherwise the
    /// account of what was written cannot be read.
    pub fn look(
        &self,
        planned: &[Planned<'_>],
        formats: &[OutputFormat],
    ) -> Result<Vec<Obstacle>, WriteError> {
        let mut folders = Folders::default();
        let mut inputs: HashMap<String, &Path> = HashMap::new();
        for input in planned.iter().filter_map(|planned| planned.input) {
            inputs.insert(folders.key(input), input);
            // The folder's links are followed by the key; only one at the end leads somewhere else.
            if input.is_symlink()
                && let Ok(real) = input.canonicalize()
            {
                inputs.insert(folders.key(&real), input);
            }
        }
        let mut obstacles = Vec::new();
        for (key, wanted) in self.wanted(planned, formats, &mut folders)? {
            let WantedFile { target, format, ending, articles } = wanted;
            let kind = match articles.len() {
                1 => self.obstacle(&target, inputs.get(&key).copied(), &mut folders)?,
                _ => Some(ObstacleKind::Shared),
            };
            if let Some(kind) = kind {
                let path = target.path.clone();
                obstacles.push(Obstacle { path, articles, format, kind, target, ending });
            }
        }
        obstacles.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(obstacles)
    }

    /// The files of some articles that are there and not wortlaut's, sorted by path. Each is read.
    ///
    /// # Errors
    /// As [`Outputs::look`], or a file cannot be read.
    pub fn not_ours(
        &self,
        planned: &[Planned<'_>],
        formats: &[OutputFormat],
    ) -> Result<Vec<LeftFile>, WriteError> {
        let mut left = Vec::new();
        for WantedFile { target, .. } in self.wanted(planned, formats, &mut Folders::default())?.into_values()
        {
            let path = target.path;
            let failed = |source| WriteError::File { path: path.clone(), source };
            let found = match PathKind::at(&path).map_err(failed)? {
                PathKind::File { .. } => hash_of(&path).map_err(failed)?,
                PathKind::Link => None,
                PathKind::Nothing | PathKind::Folder | PathKind::Special => continue,
            };
            let known = self.ledger.known(&target.key).map_err(|source| self.untracked(source))?;
            left.extend(ownership(&known, found).map(|ownership| LeftFile { path, ownership }));
        }
        left.sort();
        Ok(left)
    }

    /// Takes files that are there for wortlaut's, with the bytes that they have now.
    ///
    /// # Errors
    /// They cannot be read, or it cannot be taken down.
    pub fn adopt(&self, obstacles: &[Obstacle]) -> Result<(), WriteError> {
        let mut entries = Vec::new();
        for Obstacle { target, articles, format, .. } in obstacles {
            let failed = |source| WriteError::File { path: target.path.clone(), source };
            if let (Some(hash), Some(article)) = (hash_of(&target.path).map_err(failed)?, articles.first()) {
                let (path, article, input) = (target.key.clone(), article.clone(), self.input(article));
                let format = *format;
                entries.push(WrittenFile { path, hash, article, format, input, segments: None, proof: None });
            }
        }
        self.take_over(&entries)
    }

    /// Whether the file that is in the way has the same bytes as the one that its article has here.
    #[must_use]
    pub fn has_the_same(&self, obstacle: &Obstacle) -> bool {
        let here = obstacle.articles.first().and_then(|article| self.target(article, &obstacle.ending).ok());
        let here = here.and_then(|here| hash_of(&here.path).ok().flatten());
        here.is_some() && here == hash_of(&obstacle.path).ok().flatten()
    }

    /// The files that articles would write, by what they have in common with others that may be the same.
    fn wanted(
        &self,
        planned: &[Planned<'_>],
        formats: &[OutputFormat],
        folders: &mut Folders,
    ) -> Result<BTreeMap<String, WantedFile>, WriteError> {
        let mut all: BTreeMap<String, WantedFile> = BTreeMap::new();
        for Planned { article, .. } in planned {
            let mut seen = BTreeSet::new();
            for format in formats {
                let endings = endings(*format, article);
                let wanted = self.wanted_of(endings.len());
                for ending in &endings[wanted] {
                    let target = self.target(article, ending)?;
                    let key = folders.key(&target.path);
                    // Of plain text, two formats make the same file.
                    if seen.insert(key.clone()) {
                        let ending = ending.clone();
                        let wanted = || WantedFile { target, format: *format, ending, articles: Vec::new() };
                        all.entry(key).or_insert_with(wanted).articles.push((*article).clone());
                    }
                }
            }
        }
        Ok(all)
    }

    /// What stands in the way of one file.
    fn obstacle(
        &self,
        target: &Target,
        input: Option<&Path>,
        folders: &mut Folders,
    ) -> Result<Option<ObstacleKind>, WriteError> {
        let name = target.path.file_name().unwrap_or_default();
        if name.eq_ignore_ascii_case(MANIFEST) || name.eq_ignore_ascii_case(TURN) {
            return Ok(Some(ObstacleKind::Manifest));
        }
        let folder = parent(&target.path);
        if let OutputRoot::Folder(root) = &self.root
            && let Some(link) = linked_folder(root, &target.path)
        {
            return Ok(Some(ObstacleKind::LinkedFolder(link)));
        }
        let found = match folders.place(folder) {
            FolderState::File(file) => return Ok(Some(ObstacleKind::FileAsFolder(file.clone()))),
            FolderState::Closed(kind, text) => {
                return Ok(Some(ObstacleKind::Unwritable(io::Error::new(*kind, text.clone()))));
            }
            // A name that is too long is found out where there is a folder to look in.
            FolderState::Folder(there) if there != folder => {
                PathKind::at(&there.join(name)).and_then(|_| PathKind::at(&target.path))
            }
            FolderState::Folder(_) => PathKind::at(&target.path),
        };
        Ok(match found {
            Err(error) => Some(ObstacleKind::Unwritable(error)),
            Ok(PathKind::Nothing) => None,
            Ok(PathKind::Folder) => Some(ObstacleKind::Folder),
            Ok(PathKind::Special) => Some(ObstacleKind::Special),
            Ok(_) if input.is_some() => input.map(|input| ObstacleKind::Input(input.to_owned())),
            Ok(PathKind::Link) => Some(ObstacleKind::Link),
            // Nobody's work is in an empty file.
            Ok(PathKind::File { length: 0 }) => None,
            Ok(PathKind::File { .. }) => self.owner(target)?,
        })
    }

    /// Whose a file is that is there already; `None` if it is wortlaut's.
    fn owner(&self, target: &Target) -> Result<Option<ObstacleKind>, WriteError> {
        let known = self.ledger.known(&target.key);
        let known = known.map_err(|source| WriteError::Ledger { path: target.path.clone(), source })?;
        if known.is_empty() {
            return Ok(Some(ObstacleKind::Foreign));
        }
        // Whether a person changed it is found out when it is written: then each file is read once.
        if matches!(self.root, OutputRoot::Folder(_)) {
            return Ok(None);
        }
        let found = hash_of(&target.path);
        let found = found.map_err(|source| WriteError::File { path: target.path.clone(), source })?;
        Ok(ownership(&known, found).map(|_| ObstacleKind::Changed))
    }
}

/// What is known of a folder that files will be written to.
enum FolderState {
    /// It is there, or will be made below this one, which can be written.
    Folder(PathBuf),
    /// This file has the name of the folder or of one above it.
    File(PathBuf),
    /// It cannot be written or made.
    Closed(ErrorKind, String),
}

/// Folders, each one looked at once: a corpus has many files in few folders.
#[derive(Default)]
struct Folders {
    resolved: HashMap<PathBuf, PathBuf>,
    places: HashMap<PathBuf, FolderState>,
}

impl Folders {
    /// What two paths have in common if they may name the same file.
    fn key(&mut self, path: &Path) -> String {
        let folder = parent(path);
        if !self.resolved.contains_key(folder) {
            self.resolved.insert(folder.to_owned(), resolve(folder));
        }
        let folder = self.resolved.get(folder).map_or(folder, PathBuf::as_path);
        folder.join(path.file_name().unwrap_or_default()).to_string_lossy().to_lowercase().nfc().collect()
    }

    fn place(&mut self, folder: &Path) -> &FolderState {
        self.places.entry(folder.to_owned()).or_insert_with(|| place(folder))
    }
}

/// Whether files can be written in a folder, or in the one that it will be made in.
fn place(folder: &Path) -> FolderState {
    let closed = |error: io::Error| FolderState::Closed(error.kind(), error.to_string());
    let mut missing = Vec::new();
    let mut known = folder;
    loop {
        match fs::metadata(known) {
            Ok(found) if found.is_dir() => break,
            Ok(_) => return FolderState::File(known.to_owned()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                missing.extend(known.file_name());
                known = parent(known);
            }
            Err(error) => return closed(error),
        }
    }
    let names = missing.iter().map(|name| PathKind::at(&known.join(name)).map(drop));
    match names.collect::<io::Result<()>>().and_then(|()| can_be_written(known)) {
        Ok(()) => FolderState::Folder(known.to_owned()),
        Err(error) => closed(error),
    }
}

/// Asks the system whether files can be made in a folder, without making one: an unchanged run leaves no trace.
fn can_be_written(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
