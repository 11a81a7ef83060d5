//! Files brought to the disk completely or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempPath;
use thiserror::Error;

use super::path_kind::{is_at, open_plain};

/// How often a temporary file that a killed process left is cleared away before giving up: another process may make it
/// anew each time.
const TRIES: usize = 3;

/// How long a whole file waits for another process that writes the same one: a correction may come while a run writes its
/// article, and both are done in moments. Only what is written piece by piece takes longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits between two attempts: short beside [`PATIENCE`].
const POLL: Duration = Duration::from_millis(10);

/// Why a file cannot be brought to its place.
#[derive(Debug, Error)]
pub enum SaveError {
    #[error("cannot write {path}: another process is writing it")]
    Busy { path: PathBuf },
    /// No permission, read-only, a file in the way.
    #[error("cannot make the folder {path}: {source}")]
    Folder { path: PathBuf, source: io::Error },
    /// Disk full, no permission, read-only.
    #[error("cannot write {path}: {source}")]
    File { path: PathBuf, source: io::Error },
}

impl SaveError {
    /// What the system says, for an error that names the file itself.
    #[must_use]
    pub fn into_cause(self) -> io::Error {
        match self {
            Self::Busy { .. } => io::Error::new(ErrorKind::ResourceBusy, "another process is writing it"),
            Self::Folder { source, .. } | Self::File { source, .. } => source,
        }
    }
}

/// A file that is written but not in its place yet; removed if it never gets there.
///
/// It has the permissions that the umask gives any new file.
#[derive(Debug)]
pub struct PartFile {
    path: PathBuf,
    target: PathBuf,
    renamed: bool,
    /// Of what was written piece by piece.
    hasher: Box<blake3::Hasher>,
    // Locked, so that another process does not take it for one that was left behind.
    file: File,
}

impl PartFile {
    /// Writes a whole file beside its place.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn write(target: &Path, contents: &[u8]) -> Result<Self, SaveError> {
        let patience = Instant::now() + PATIENCE;
        let mut part = loop {
            match Self::create(target) {
                Err(SaveError::Busy { .. }) if Instant::now() < patience => thread::sleep(POLL),
                created => break created?,
            }
        };
        let written = part.file.write_all(contents);
        written.map_err(|source| SaveError::File { path: target.to_owned(), source })?;
        part.complete()
    }

    /// Begins a file that is written piece by piece.
    ///
    /// # Errors
    /// Its folder or it cannot be made, or another process is writing it.
    pub fn create(target: &Path) -> Result<Self, SaveError> {
        let folder = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|source| SaveError::Folder { path: folder.to_owned(), source })?;
        let path = folder.join(part_name(target));
        let file = create(&path, target)?;
        Ok(Self { path, target: target.to_owned(), renamed: false, hasher: Box::default(), file })
    }

    /// Brings what was written to the disk.
    ///
    /// # Errors
    /// It does not reach the disk.
    pub fn complete(self) -> Result<Self, SaveError> {
        let synced = self.file.sync_all();
        synced.map_err(|source| SaveError::File { path: self.target.clone(), source })?;
        Ok(self)
    }

    /// The hash of what was written piece by piece.
    #[must_use]
    pub fn hash(&self) -> blake3::Hash {
        self.hasher.finalize()
    }

    /// Gives the file the permissions of another one.
    ///
    /// # Errors
    /// The system does not allow it.
    pub fn set_permissions(&self, permissions: fs::Permissions) -> Result<(), SaveError> {
        let set = self.file.set_permissions(permissions);
        set.map_err(|source| SaveError::File { path: self.target.clone(), source })
    }

    /// Brings the file to its place.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn rename(mut self) -> Result<(), SaveError> {
        fs::rename(&self.path, &self.target)
            .map_err(|source| SaveError::File { path: self.target.clone(), source })?;
        self.renamed = true;
        Ok(())
    }
}

impl PartFile {
    /// Brings the file to its place unless something stands there by now. Returns whether it did.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn rename_new(mut self) -> Result<bool, SaveError> {
        let failed = |source| SaveError::File { path: self.target.clone(), source };
        match TempPath::try_from_path(&self.path).map_err(failed)?.persist_noclobber(&self.target) {
            Ok(()) => {
                self.renamed = true;
                Ok(true)
            }
            Err(there) if there.error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(refused) => Err(failed(refused.error)),
        }
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.renamed {
            // The error that stopped the writing is the one to report.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The name of the temporary file. It is the same each time, so that a run after a kill finds and removes
/// what was left; it is hidden, so that nobody reads it as an article; it is short, so that it fits where
/// the name of the output fits.
fn part_name(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().as_encoded_bytes();
    format!(".wortlaut-{}.part", &blake3::hash(name).to_hex()[..16])
}

/// Makes the temporary file anew and locks it.
fn create(path: &Path, target: &Path) -> Result<File, SaveError> {
    let failed = |source| SaveError::File { path: target.to_owned(), source };
    for _ in 0..TRIES {
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(file) => {
                lock(&file, target)?;
                // Before it was locked, another writer may have taken it for one that was left behind.
                if is_at(&file, path).map_err(failed)? {
                    return Ok(file);
                }
                continue;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        let Some(left) = open_plain(path).map_err(failed)? else { continue };
        lock(&left, target)?;
        // It may have come to its place before the lock was there to be had, and another writer may have begun the next.
        if !is_at(&left, path).map_err(failed)? {
            continue;
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Err(SaveError::Busy { path: target.to_owned() })
}

fn lock(file: &File, target: &Path) -> Result<(), SaveError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(SaveError::Busy { path: target.to_owned() }),
        // Some network file systems know no locks; then two writers are on their own.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Brings the names in a folder to the disk: a renamed file is safe only with its folder. File systems that cannot do that
/// need it not.
pub fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
    }

    fn save(target: &Path, contents: &[u8]) -> Result<(), SaveError> {
        PartFile::write(target, contents)?.rename()
    }

    #[cfg(unix)]
    #[test]
    fn a_file_has_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let (written, plain) = (dir.path().join("written"), dir.path().join("plain"));
        save(&written, b"text").expect("saved");
        fs::write(&plain, "").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&written), mode(&plain));
    }

    #[test]
    fn what_a_killed_run_left_is_cleared_away() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("a.en.txt");
        fs::write(dir.path().join(part_name(&target)), "half a fi").expect("written");
        save(&target, b"whole").expect("saved");
        assert_eq!(names(dir.path()), ["a.en.txt"]);
    }

    #[test]
    fn a_file_that_another_process_writes_is_not_touched() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("a.en.txt");
        let _other = create(&dir.path().join(part_name(&target)), &target).expect("made");
        let error = save(&target, b"x").expect_err("busy");
        assert!(matches!(error, SaveError::Busy { .. }), "{error}");
        assert_eq!(names(dir.path()), [part_name(&target)]);
    }

    #[test]
    fn a_new_file_takes_the_place_of_no_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("memory.db");
        let new = |contents: &[u8]| PartFile::write(&target, contents).expect("written").rename_new();
        assert!(new(b"first").expect("renamed"));
        assert!(!new(b"second").expect("there is one"));
        assert_eq!(
            (names(dir.path()), fs::read(&target).expect("read")),
            (vec!["memory.db".to_owned()], b"first".into())
        );
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("news"), "").expect("written");
        let error = save(&dir.path().join("news/today/a.txt"), b"text").expect_err("in the way").to_string();
        assert!(error.contains("today"), "{error}");
    }
}
