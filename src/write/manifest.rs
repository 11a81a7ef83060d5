//! Which files of an output folder are wortlaut's.
//!
//! The manifest stands in the folder itself, an object a line, sorted by path, without times: the same files give the
//! same manifest. While a run goes on, lines are only added behind the others, and the last one of a path counts; the
//! end of the run puts all of them in order. A run that is killed leaves a manifest that is longer, and as true.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::error::WriteError;
use super::ledger::{Ledger, WrittenFile};
use crate::disk::{PartFile, open_plain, without_following};
use crate::text::json_fault;

/// The name of the manifest in its folder. It begins with a dot so that nobody takes it for an article.
pub const MANIFEST: &str = ".wortlaut-manifest.jsonl";

/// The files of an output folder that wortlaut wrote.
#[derive(Debug)]
pub struct Manifest {
    folder: PathBuf,
    state: Mutex<ManifestState>,
}

#[derive(Debug, Default)]
struct ManifestState {
    files: BTreeMap<String, KnownFile>,
    /// Where lines are added; opened when the first one is.
    journal: Option<File>,
    /// How long the file is without its last line, if that was cut off by a kill.
    torn_at: Option<u64>,
    lock: Option<File>,
}

/// A file and what stood in its place before.
#[derive(Debug)]
struct KnownFile {
    entry: WrittenFile,
    earlier: Vec<blake3::Hash>,
}

impl Manifest {
    /// The manifest of a folder, which need not be there yet.
    ///
    /// # Errors
    /// The manifest cannot be read, is a link, or has a line that is not a manifest's.
    pub fn load(folder: &Path) -> Result<Self, WriteError> {
        let path = folder.join(MANIFEST);
        let failed = |source| WriteError::Manifest { path: path.clone(), source };
        let mut state = ManifestState::default();
        if let Some(file) = open_plain(&path).map_err(failed)? {
            let text = io::read_to_string(file).map_err(failed)?;
            let (whole, torn) = text.split_at(text.rfind('\n').map_or(0, |end| end + 1));
            state.torn_at = (!torn.is_empty()).then_some(whole.len() as u64);
            let mut before: Option<Arc<str>> = None;
            for (number, line) in (1..).zip(whole.lines()).filter(|(_, line)| !line.is_empty()) {
                let mut entry: WrittenFile = serde_json::from_str(line).map_err(|error| {
                    let fault = format!("line {number}: {}", json_fault(&error));
                    failed(io::Error::new(ErrorKind::InvalidData, fault))
                })?;
                // The files of an article stand side by side and have the same segments.
                if before.is_some() && before == entry.segments {
                    entry.segments.clone_from(&before);
                }
                before.clone_from(&entry.segments);
                state.add(entry);
            }
        }
        Ok(Self { folder: folder.to_owned(), state: Mutex::new(state) })
    }

    /// Whether a file below the folder is in the manifest, however often it was changed since.
    #[must_use]
    pub fn lists(&self, path: &Path) -> bool {
        self.key(path).is_some_and(|key| self.state.lock().files.contains_key(&key))
    }

    /// The name that a file below the folder has in the manifest.
    #[must_use]
    pub fn key(&self, path: &Path) -> Option<String> {
        path.strip_prefix(&self.folder).ok().and_then(key_of)
    }
}

/// A path inside a folder with forward slashes; `None` if it is not Unicode or leads elsewhere.
pub(super) fn key_of(relative: &Path) -> Option<String> {
    let part = |part: Component<'_>| match part {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    };
    Some(relative.components().map(part).collect::<Option<Vec<_>>>()?.join("/"))
}

impl ManifestState {
    /// Puts an entry in the place of an earlier one, which is not forgotten. Says whether that changes anything.
    fn add(&mut self, entry: WrittenFile) -> bool {
        match self.files.get_mut(&entry.path) {
            Some(known) if known.entry == entry => false,
            Some(known) => {
                if known.entry.hash != entry.hash {
                    known.earlier.push(known.entry.hash);
                }
                known.entry = entry;
                true
            }
            None => {
                self.files.insert(entry.path.clone(), KnownFile { entry, earlier: Vec::new() });
                true
            }
        }
    }

    /// All lines, in order.
    fn lines(&self) -> io::Result<Vec<u8>> {
        let mut lines = Vec::new();
        for known in self.files.values() {
            let earlier = known.earlier.iter().map(|hash| WrittenFile { hash: *hash, ..known.entry.clone() });
            for entry in earlier.chain([known.entry.clone()]) {
                push_line(&mut lines, &entry)?;
            }
        }
        Ok(lines)
    }
}

fn push_line(lines: &mut Vec<u8>, entry: &WrittenFile) -> io::Result<()> {
    serde_json::to_writer(&mut *lines, entry)?;
    lines.push(b'\n');
    Ok(())
}

impl Ledger for Manifest {
    fn hashes(&self, path: &str) -> io::Result<Vec<blake3::Hash>> {
        let state = self.state.lock();
        let known = state.files.get(path);
        Ok(known
            .into_iter()
            .flat_map(|known| known.earlier.iter().chain([&known.entry.hash]))
            .copied()
            .collect())
    }

    fn announce(&self, entries: &[WrittenFile]) -> io::Result<()> {
        let mut state = self.state.lock();
        let mut lines = Vec::new();
        for entry in entries {
            if state.add(entry.clone()) {
                push_line(&mut lines, entry)?;
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        if state.journal.is_none() {
            fs::create_dir_all(&self.folder)?;
            let journal = append_to(&self.folder.join(MANIFEST))?;
            if let Some(length) = state.torn_at.take() {
                journal.set_len(length)?;
            }
            state.journal = Some(journal);
        }
        if let Some(journal) = &mut state.journal {
            journal.write_all(&lines)?;
            journal.sync_data()?;
        }
        Ok(())
    }

    fn settle(&self, entries: &[WrittenFile]) -> io::Result<()> {
        let mut state = self.state.lock();
        for entry in entries {
            state.add(entry.clone());
            if let Some(known) = state.files.get_mut(&entry.path) {
                known.earlier.clear();
            }
        }
        Ok(())
    }

    fn lock(&self) -> io::Result<()> {
        // Where there is no folder yet, no run is at work in it; where it cannot be opened or locked, as on some
        // network file systems, runs are on their own.
        let Ok(folder) = File::open(&self.folder) else { return Ok(()) };
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => Err(io::Error::other("another run is writing there")),
            Ok(()) | Err(TryLockError::Error(_)) => {
                self.state.lock().lock = Some(folder);
                Ok(())
            }
        }
    }

    fn close(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.files.is_empty() {
            return Ok(());
        }
        let lines = state.lines()?;
        // What is added later goes to the new file, which ends with a whole line.
        state.journal = None;
        state.torn_at = None;
        let path = self.folder.join(MANIFEST);
        if open_plain(&path)?
            .map(io::read_to_string)
            .transpose()?
            .is_some_and(|text| text.as_bytes() == lines)
        {
            return Ok(());
        }
        PartFile::write(&path, &lines).and_then(PartFile::rename).map_err(io::Error::other)
    }
}

/// Opens the manifest to add lines, unless it is a link.
fn append_to(path: &Path) -> io::Result<File> {
    without_following(OpenOptions::new().append(true).create(true)).open(path)
}
