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
use super::project_memory::existing_memory;
use crate::config::Settings;
use crate::memory::{Memory, MemoryError, OutputRecord};
use crate::model::ArticleId;
use crate::write::{self, Ledger, LedgerTurn, Manifest, WrittenFile};

/// What was written outside of an output folder, by the full paths of the files.
type Files = HashMap<String, Vec<WrittenFile>>;

/// Knows the outputs of all folders that files are looked for in, and those that were written outside of one.
pub(super) struct Own {
    files: Files,
    folders: RefCell<HashMap<PathBuf, Rc<Vec<Manifest>>>>,
}

impl Own {
    /// With the files that the memory knows of, if there is one.
    pub(super) fn open(settings: &Settings) -> Result<Self, Failure> {
        let memory = existing_memory(settings)?;
        let files = memory.map(|memory| files(memory.as_ref())).transpose()?.unwrap_or_default();
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
                let known = manifest.key(&path).and_then(|key| manifest.known(&key).ok());
                known.is_some_and(|known| has_hash(&known, hash))
            };
            let found = write::hash_of(&path).ok().flatten();
            found.is_some_and(|hash| self.manifests(&path).iter().any(|manifest| has(manifest, hash)))
        }
    }

    /// Whether a file outside of an output folder has the bytes that wortlaut wrote to it.
    pub(super) fn wrote_alone(&self, path: &Path) -> bool {
        let path = write::real_path(path);
        let Some(known) = self.files.get(path.to_string_lossy().as_ref()) else { return false };
        write::hash_of(&path).ok().flatten().is_some_and(|hash| has_hash(known, hash))
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
    fn known(&self, path: &str) -> io::Result<Vec<WrittenFile>> {
        // Until the run has begun, what was found when the files were looked for.
        if let Ok(memory) = self.memory() {
            *self.files.lock() = files(&*memory).map_err(io::Error::other)?;
        }
        Ok(self.files.lock().get(path).cloned().unwrap_or_default())
    }

    fn is_there(&self) -> bool {
        !self.files.lock().is_empty()
    }

    fn turn(&self) -> io::Result<Box<dyn LedgerTurn + '_>> {
        let memory = self.memory()?;
        // Another process that writes the file waits for the one beside it.
        Ok(Box::new(MemoryTurn { ledger: self, memory }))
    }

    fn close(&self) -> io::Result<()> {
        // Whoever holds the memory keeps its file open.
        *self.memory.lock() = None;
        Ok(())
    }
}

/// A turn at files outside of output folders.
struct MemoryTurn<'a> {
    ledger: &'a MemoryLedger,
    memory: Arc<dyn Memory>,
}

impl LedgerTurn for MemoryTurn<'_> {
    fn known(&self, path: &str) -> io::Result<Vec<WrittenFile>> {
        self.ledger.known(path)
    }

    fn announce(&mut self, entries: &[WrittenFile]) -> io::Result<()> {
        for entry in entries {
            block_on(self.memory.announce_output(record(entry))).map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn settle(&mut self, entries: &[WrittenFile]) -> io::Result<()> {
        for entry in entries {
            block_on(self.memory.settle_output(record(entry))).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// The files that a memory knows of. A record that this version cannot read is none of ours.
fn files(memory: &dyn Memory) -> Result<Files, MemoryError> {
    let mut files = Files::new();
    for output in block_on(memory.outputs())? {
        let OutputRecord { path, hash, article, format, segments } = output;
        let (Ok(hash), Ok(format)) = (Hash::from_hex(hash), format.parse()) else { continue };
        let (article, segments) = (ArticleId::of_record(&article), segments.map(Arc::from));
        let (input, proof) = (None, None);
        let entry = WrittenFile { path: path.clone(), hash, article, format, input, segments, proof };
        files.entry(path).or_default().push(entry);
    }
    Ok(files)
}

fn has_hash(known: &[WrittenFile], hash: Hash) -> bool {
    known.iter().any(|entry| entry.hash == hash)
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
