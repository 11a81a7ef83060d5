//! Which files are wortlaut's own outputs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use blake3::Hash;
use futures::executor::block_on;
use parking_lot::Mutex;

use super::failure::Failure;
use crate::memory::{Memory, OutputRecord, SqliteMemory};
use crate::write::{self, Ledger, Manifest, WrittenFile};

/// The hashes of files that were written outside of an output folder, by their full paths.
type Files = HashMap<String, Vec<Hash>>;

/// Knows the outputs of all folders that files are looked for in, and those that were written outside of one.
pub(super) struct Own {
    files: Files,
    folders: RefCell<HashMap<PathBuf, Rc<Vec<Manifest>>>>,
}

impl Own {
    /// With the files that the memory at a path knows of, if there is a memory.
    pub(super) fn open(memory: &Path) -> Result<Self, Failure> {
        let memory = SqliteMemory::open_existing(memory)?;
        let records = memory.map(|memory| block_on(memory.outputs())).transpose()?.unwrap_or_default();
        let mut files = Files::new();
        for OutputRecord { path, hash, .. } in records {
            files.entry(path).or_default().extend(Hash::from_hex(hash).ok());
        }
        Ok(Self { files, folders: RefCell::default() })
    }

    /// Whether wortlaut wrote a file of this name, whatever a person made of it since.
    pub(super) fn lists(&self, path: &Path) -> bool {
        let path = write::real_path(path);
        self.files.contains_key(path.to_string_lossy().as_ref())
            || self.manifests(&path).iter().any(|manifest| manifest.lists(&path))
    }

    /// Whether a file has the bytes that wortlaut wrote to it.
    pub(super) fn wrote(&self, path: &Path) -> bool {
        self.wrote_alone(path) || {
            let path = write::real_path(path);
            let has = |manifest: &Manifest, hash| {
                manifest
                    .key(&path)
                    .and_then(|key| manifest.hashes(&key).ok())
                    .is_some_and(|all| all.contains(&hash))
            };
            let found = write::hash_of(&path).ok().flatten();
            found.is_some_and(|hash| self.manifests(&path).iter().any(|manifest| has(manifest, hash)))
        }
    }

    /// Whether a file outside of an output folder has the bytes that wortlaut wrote to it.
    pub(super) fn wrote_alone(&self, path: &Path) -> bool {
        let path = write::real_path(path);
        let Some(known) = self.files.get(path.to_string_lossy().as_ref()) else { return false };
        write::hash_of(&path).ok().flatten().is_some_and(|hash| known.contains(&hash))
    }

    /// The ledger of files that are written outside of an output folder.
    pub(super) fn ledger(&self) -> MemoryLedger {
        MemoryLedger { files: Mutex::new(self.files.clone()), memory: Mutex::default() }
    }

    /// The manifests of all folders above a file.
    fn manifests(&self, path: &Path) -> Rc<Vec<Manifest>> {
        let folder = path.parent().unwrap_or(path);
        let mut folders = self.folders.borrow_mut();
        // One that cannot be read is reported when its folder is written to.
        let load = || folder.ancestors().filter_map(|folder| Manifest::load(folder).ok()).collect();
        Rc::clone(folders.entry(folder.to_owned()).or_insert_with(|| Rc::new(load())))
    }
}

/// Keeps account of files outside of output folders in the translation memory.
pub(super) struct MemoryLedger {
    files: Mutex<Files>,
    /// There is none until the run has begun.
    memory: Mutex<Option<Arc<dyn Memory>>>,
}

impl MemoryLedger {
    /// Lets the memory keep account of what is written from now on.
    pub(super) fn keep_in(&self, memory: &Arc<dyn Memory>) {
        *self.memory.lock() = Some(Arc::clone(memory));
    }

    fn memory(&self) -> io::Result<Arc<dyn Memory>> {
        let memory = self.memory.lock().clone();
        memory.ok_or_else(|| io::Error::other("the translation memory is closed"))
    }
}

impl Ledger for MemoryLedger {
    fn hashes(&self, path: &str) -> io::Result<Vec<Hash>> {
        let files = self.files.lock();
        Ok(files.get(path).cloned().unwrap_or_default())
    }

    fn announce(&self, entries: &[WrittenFile]) -> io::Result<()> {
        for entry in entries {
            block_on(self.memory()?.announce_output(record(entry))).map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn settle(&self, entries: &[WrittenFile]) -> io::Result<()> {
        for entry in entries {
            block_on(self.memory()?.settle_output(record(entry))).map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        // Whoever holds the memory keeps its file open.
        *self.memory.lock() = None;
        Ok(())
    }
}

fn record(entry: &WrittenFile) -> OutputRecord {
    OutputRecord {
        path: entry.path.clone(),
        hash: entry.hash.to_hex().to_string(),
        article: entry.article.to_string(),
        format: entry.format.to_string(),
        segments: entry.segments.as_deref().map(str::to_owned),
    }
}
