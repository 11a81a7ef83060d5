//! Which files of an output folder are wortlaut's.
//!
//! The manifest stands in the folder itself, an object a line, sorted by path, without times: the same files give the
//! same manifest. While processes are at work, lines are only added behind the others, and the last one of a path counts;
//! the end of each process puts all of them in order, and a seal behind them. A process that is killed leaves a manifest
//! that is longer, and as true.
//!
//! A run writes for hours, and meanwhile corrections are written to single articles in the same folder. Whoever brings files
//! to their places has a turn: a lock of the folder, for moments. What others added is read at its beginning.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use same_file::Handle;

use super::error::WriteError;
use super::ledger::{Ledger, LedgerTurn, WrittenFile};
use super::proof::Proof;
use super::seal::{Seal, SealReader, is_seal, push_seal};
use crate::disk::{PartFile, PathKind, is_at, open_plain, without_following};
use crate::text::json_fault;

/// The name of the manifest in its folder. It begins with a dot so that nobody takes it for an article.
pub const MANIFEST: &str = ".wortlaut-manifest.jsonl";

/// The file that is locked for a turn. Not the manifest itself: that is replaced at times, and on Windows nobody could
/// read it while it is locked.
pub(super) const TURN: &str = ".wortlaut-manifest.lock";

/// The files of an output folder that wortlaut wrote.
#[derive(Debug)]
pub struct Manifest {
    folder: PathBuf,
    state: Mutex<ManifestState>,
    /// Held as long as a run is at work.
    run: Mutex<Option<File>>,
}

#[derive(Debug, Default)]
struct ManifestState {
    files: BTreeMap<String, KnownFile>,
    /// How far the manifest was read; `None` if there was none.
    read: Option<ReadSoFar>,
    /// The files that this process brought to their places, with their bytes.
    settled: HashMap<String, blake3::Hash>,
    /// Whether this process had a turn.
    had_turn: bool,
}

/// How far a manifest was read.
#[derive(Debug)]
struct ReadSoFar {
    /// Which file that was: another process may have put a new one in its place.
    file: Handle,
    bytes: u64,
    lines: usize,
    seal: SealReader,
    /// Whether the last line was cut off by a kill.
    is_torn: bool,
}

/// A file and what stood in its place before.
#[derive(Debug)]
struct KnownFile {
    entry: WrittenFile,
    earlier: Vec<WrittenFile>,
}

impl KnownFile {
    /// All entries, the latest last.
    fn all(&self) -> impl Iterator<Item = &WrittenFile> {
        self.earlier.iter().chain([&self.entry])
    }
}

impl Manifest {
    /// The manifest of a folder, which need not be there yet.
    ///
    /// # Errors
    /// The manifest cannot be read, is a link, or has a line that is not a manifest's.
    pub fn load(folder: &Path) -> Result<Self, WriteError> {
        let mut state = ManifestState::default();
        let path = folder.join(MANIFEST);
        state.refresh(&path).map_err(|source| WriteError::Manifest { path, source })?;
        Ok(Self { folder: folder.to_owned(), state: Mutex::new(state), run: Mutex::default() })
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

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What its seal says; `None` if there is no manifest.
    #[must_use]
    pub fn seal(&self) -> Option<Seal> {
        self.state.lock().read.as_ref().map(|read| if read.is_torn { Seal::Open } else { read.seal.found() })
    }

    fn path(&self) -> PathBuf {
        self.folder.join(MANIFEST)
    }

    /// Waits for a turn.
    fn begin(&self) -> io::Result<ManifestTurn<'_>> {
        // Before the lock of the folder, so that threads of one process wait for each other without it.
        let mut state = self.state.lock();
        let lock = lock_of_turn(&self.folder)?;
        state.had_turn = true;
        state.refresh(&self.path())?;
        Ok(ManifestTurn { manifest: self, state, lock })
    }
}

/// Whether a path inside an output folder is that of what wortlaut keeps for itself there.
#[must_use]
pub fn is_own_mark(relative: &Path) -> bool {
    [MANIFEST, TURN].iter().any(|name| relative == Path::new(name))
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
    /// Reads what was added to the manifest, or all of it if another one has taken its place.
    fn refresh(&mut self, path: &Path) -> io::Result<()> {
        let Some(mut file) = open_plain(path)? else {
            (self.files, self.read) = (BTreeMap::new(), None);
            return Ok(());
        };
        let length = file.metadata()?.len();
        let handle = Handle::from_file(file.try_clone()?)?;
        let (mut bytes, mut lines, mut seal) = match self.read.take() {
            Some(read) if read.file == handle && read.bytes <= length => (read.bytes, read.lines, read.seal),
            _ => {
                self.files.clear();
                (0, 0, SealReader::default())
            }
        };
        file.seek(SeekFrom::Start(bytes))?;
        let mut added = Vec::new();
        file.read_to_end(&mut added)?;
        let whole = added.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        seal.take(&added[..whole]);
        let (mut segments, mut proof): (Option<Arc<str>>, Option<Arc<Proof>>) = (None, None);
        for line in added[..whole].split_inclusive(|byte| *byte == b'\n') {
            lines += 1;
            if is_seal(line) || line.trim_ascii().is_empty() {
                continue;
            }
            let mut entry: WrittenFile = serde_json::from_slice(line).map_err(|error| {
                let fault = format!("line {lines}: {}", json_fault(&error));
                io::Error::new(ErrorKind::InvalidData, fault)
            })?;
            // Somebody else's project may come with a manifest, and what is in it may be removed.
            if key_of(Path::new(&entry.path)).is_none_or(|key| key.is_empty() || key != entry.path) {
                let fault = format!("line {lines}: {} is no file of this folder", entry.path);
                return Err(io::Error::new(ErrorKind::InvalidData, fault));
            }
            // The files of an article stand side by side, have the same segments and were made of the same.
            share(&mut entry.segments, &mut segments);
            share(&mut entry.proof, &mut proof);
            self.add(entry);
        }
        bytes += whole as u64;
        self.read = Some(ReadSoFar { file: handle, bytes, lines, seal, is_torn: whole < added.len() });
        Ok(())
    }

    /// Puts an entry in the place of an earlier one, which is not forgotten.
    fn add(&mut self, entry: WrittenFile) {
        match self.files.get_mut(&entry.path) {
            Some(known) => {
                let before = std::mem::replace(&mut known.entry, entry);
                known.earlier.push(before);
                let hash = known.entry.hash;
                known.earlier.retain(|earlier| earlier.hash != hash);
            }
            None => {
                self.files.insert(entry.path.clone(), KnownFile { entry, earlier: Vec::new() });
            }
        }
    }

    fn known(&self, path: &str) -> Vec<WrittenFile> {
        self.files.get(path).into_iter().flat_map(KnownFile::all).cloned().collect()
    }

    /// All lines, in order, with their seal. What stood in the place of a file before this process brought it there is forgotten.
    fn lines(&mut self) -> io::Result<Vec<u8>> {
        let mut lines = Vec::new();
        for (path, known) in &mut self.files {
            if self.settled.get(path) == Some(&known.entry.hash) {
                known.earlier.clear();
            }
            for entry in known.all() {
                push_line(&mut lines, entry)?;
            }
        }
        push_seal(&mut lines);
        Ok(lines)
    }
}

/// Has an entry share with the one before it what is the same in both.
fn share<T: PartialEq + ?Sized>(own: &mut Option<Arc<T>>, before: &mut Option<Arc<T>>) {
    if own.is_some() && own == before {
        own.clone_from(before);
    } else {
        before.clone_from(own);
    }
}

fn push_line(lines: &mut Vec<u8>, entry: &WrittenFile) -> io::Result<()> {
    serde_json::to_writer(&mut *lines, entry)?;
    lines.push(b'\n');
    Ok(())
}

/// A turn at the files of a folder.
struct ManifestTurn<'a> {
    manifest: &'a Manifest,
    state: MutexGuard<'a, ManifestState>,
    /// `None` where the file system has no locks.
    lock: Option<File>,
}

impl LedgerTurn for ManifestTurn<'_> {
    fn known(&self, path: &str) -> io::Result<Vec<WrittenFile>> {
        Ok(self.state.known(path))
    }

    fn announce(&mut self, entries: &[WrittenFile]) -> io::Result<()> {
        let is_new = |entry: &&WrittenFile| {
            self.state.files.get(&entry.path).is_none_or(|known| known.entry != **entry)
        };
        let mut lines = Vec::new();
        for entry in entries.iter().filter(is_new) {
            push_line(&mut lines, entry)?;
        }
        if lines.is_empty() {
            return Ok(());
        }
        let path = self.manifest.path();
        let mut journal = append_to(&path)?;
        if let Some(ReadSoFar { bytes, is_torn: true, .. }) = self.state.read {
            journal.set_len(bytes)?;
        }
        journal.write_all(&lines)?;
        journal.sync_data()?;
        drop(journal);
        self.state.refresh(&path)
    }

    fn settle(&mut self, entries: &[WrittenFile]) -> io::Result<()> {
        self.state.settled.extend(entries.iter().map(|entry| (entry.path.clone(), entry.hash)));
        Ok(())
    }

    fn forget(&mut self, paths: &[String]) -> io::Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        for path in paths {
            self.state.files.remove(path);
        }
        // Lines can be added one by one, but taken away only with all of them.
        self.put_in_order()?;
        self.state.refresh(&self.manifest.path())
    }
}

impl ManifestTurn<'_> {
    /// Puts all lines in order.
    fn put_in_order(&mut self) -> io::Result<()> {
        let (path, lines) = (self.manifest.path(), self.state.lines()?);
        if is_text(&path, &lines)? {
            return Ok(());
        }
        if lines.is_empty() {
            return fs::remove_file(path);
        }
        PartFile::write(&path, &lines).and_then(PartFile::rename).map_err(io::Error::other)
    }

    /// Ends the last turn of the process; nothing is left beside the manifest.
    fn end(self) {
        if self.lock.is_some() {
            // Whoever waits for it finds out that it is gone.
            let _ = fs::remove_file(self.manifest.folder.join(TURN));
        }
    }
}

impl Ledger for Manifest {
    fn known(&self, path: &str) -> io::Result<Vec<WrittenFile>> {
        let mut state = self.state.lock();
        state.refresh(&self.path())?;
        Ok(state.known(path))
    }

    fn files(&self) -> io::Result<Vec<WrittenFile>> {
        let mut state = self.state.lock();
        state.refresh(&self.path())?;
        Ok(state.files.values().map(|known| known.entry.clone()).collect())
    }

    fn settled(&self) -> io::Result<HashMap<String, WrittenFile>> {
        let mut state = self.state.lock();
        state.refresh(&self.path())?;
        let settled = state.files.iter().filter(|(_, known)| known.earlier.is_empty());
        Ok(settled.map(|(path, known)| (path.clone(), known.entry.clone())).collect())
    }

    fn is_there(&self) -> bool {
        self.state.lock().read.is_some()
    }

    fn turn(&self) -> io::Result<Box<dyn LedgerTurn + '_>> {
        Ok(Box::new(self.begin()?))
    }

    fn lock(&self) -> io::Result<()> {
        // Where there is no folder yet, no run is at work in it; where it cannot be opened or locked, as on some
        // network file systems, runs are on their own.
        let Ok(folder) = File::open(&self.folder) else { return Ok(()) };
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => Err(io::Error::other("another run is writing there")),
            Ok(()) | Err(TryLockError::Error(_)) => {
                *self.run.lock() = Some(folder);
                Ok(())
            }
        }
    }

    fn close(&self) -> io::Result<()> {
        {
            // A run in which nothing changed leaves no trace, not even of a turn: not of its own, and not of one that a kill
            // ended.
            let mut state = self.state.lock();
            let is_turn_left =
                || PathKind::at(&self.folder.join(TURN)).is_ok_and(|kind| kind != PathKind::Nothing);
            let is_in_order = state.files.is_empty() || is_text(&self.path(), &state.lines()?)?;
            if !state.had_turn && is_in_order && !is_turn_left() {
                return Ok(());
            }
        }
        let mut turn = self.begin()?;
        turn.put_in_order()?;
        turn.end();
        Ok(())
    }
}

/// Whether a file has this text.
fn is_text(path: &Path, text: &[u8]) -> io::Result<bool> {
    let Some(mut file) = open_plain(path)? else { return Ok(text.is_empty()) };
    let mut found = Vec::new();
    file.read_to_end(&mut found)?;
    Ok(found == text)
}

/// Opens the manifest to add lines, unless it is a link.
fn append_to(path: &Path) -> io::Result<File> {
    without_following(OpenOptions::new().append(true).create(true)).open(path)
}

/// Waits for the lock of a turn. Where the file system has no locks, processes are on their own.
fn lock_of_turn(folder: &Path) -> io::Result<Option<File>> {
    fs::create_dir_all(folder)?;
    let path = folder.join(TURN);
    loop {
        let mut options = OpenOptions::new();
        let file = without_following(options.write(true).create(true).truncate(false)).open(&path)?;
        match file.lock() {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Ok(None),
        }
        // Who had the last turn of a process took the file away; a third one may have made it anew.
        if is_at(&file, &path)? {
            return Ok(Some(file));
        }
    }
}
