//! Taking turns at the files of a glossary.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use same_file::Handle;

/// The file that is locked. It is there for as long as someone edits.
const NAME: &str = ".glossary.lock";

/// The right to edit the glossary files of a folder; others wait until it is dropped.
///
/// A glossary file is replaced when it changes, and a lock on it would stay with the file that is gone. So a file beside
/// it is locked.
#[derive(Debug)]
pub(super) struct EditLock {
    path: PathBuf,
    // Closing it lifts the lock, as the end of the process does.
    _file: File,
}

impl EditLock {
    /// Waits for the turn at a folder.
    pub(super) fn wait(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        loop {
            let file = open(&path)?;
            file.lock()?;
            // The one before removed the file before it lifted the lock: this one may be a lock that nobody else sees.
            if is_at(&file, &path)? {
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for EditLock {
    fn drop(&mut self) {
        // If it cannot be removed, the next one takes it as it is.
        let _ = fs::remove_file(&self.path);
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // NetworkOptions file systems lock only what is open for writing.
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NOFOLLOW.bits().cast_signed(),
    );
    options.open(path)
}

/// Whether a name still is that of an open file.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let own = Handle::from_file(file.try_clone()?)?;
    match Handle::from_path(path) {
        Ok(found) => Ok(found == own),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
