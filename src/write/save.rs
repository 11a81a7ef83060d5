//! Files brought to the disk completely or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::WriteError;
use super::named_path::{NamedPath, open_stream};
use super::path_kind::{hash_of, open_plain};

/// How often a temporary file that a killed process left is cleared away before giving up.
const TRIES: usize = 3;

/// Puts one file at a path that a person named: in the place of what is there, completely or not at all, or through
/// what is no file, such as a device. A link is followed. A file that has the wanted contents already is left alone, and
/// one that has others is replaced only with `overwrite`: it may be somebody's work.
///
/// # Errors
/// A [`WriteError`] names the file or folder that cannot be written.
pub fn replace(path: &Path, contents: &[u8], overwrite: bool) -> Result<(), WriteError> {
    let failed = |source| WriteError::File { path: path.to_owned(), source };
    match NamedPath::at(path).map_err(failed)? {
        NamedPath::Folder => Err(WriteError::FolderInTheWay { path: path.to_owned() }),
        NamedPath::Stream(path) => {
            open_stream(&path).and_then(|mut file| file.write_all(contents)).map_err(failed)
        }
        NamedPath::File(end) => match hash_of(&end).map_err(failed)? {
            Some(found) if found == blake3::hash(contents) => Ok(()),
            // Nobody's work is in an empty file.
            Some(found) if !overwrite && found != blake3::hash(b"") => {
                Err(WriteError::Exists { path: path.to_owned() })
            }
            _ => PartFile::write(&end, contents)?.rename(),
        },
    }
}

/// A file that is written but not in its place yet; removed if it never gets there.
pub(super) struct PartFile {
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
    pub(super) fn write(target: &Path, contents: &[u8]) -> Result<Self, WriteError> {
        let mut part = Self::create(target)?;
        let written = part.file.write_all(contents);
        written.map_err(|source| WriteError::File { path: target.to_owned(), source })?;
        part.complete()
    }

    /// Begins a file that is written piece by piece.
    pub(super) fn create(target: &Path) -> Result<Self, WriteError> {
        let folder = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .map_err(|source| WriteError::Folder { path: folder.to_owned(), source })?;
        let path = folder.join(part_name(target));
        let file = create(&path, target)?;
        Ok(Self { path, target: target.to_owned(), renamed: false, hasher: Box::default(), file })
    }

    /// Brings what was written to the disk.
    pub(super) fn complete(self) -> Result<Self, WriteError> {
        let synced = self.file.sync_all();
        synced.map_err(|source| WriteError::File { path: self.target.clone(), source })?;
        Ok(self)
    }

    /// The hash of what was written piece by piece.
    pub(super) fn hash(&self) -> blake3::Hash {
        self.hasher.finalize()
    }

    /// Brings the file to its place.
    pub(super) fn rename(mut self) -> Result<(), WriteError> {
        fs::rename(&self.path, &self.target)
            .map_err(|source| WriteError::File { path: self.target.clone(), source })?;
        self.renamed = true;
        Ok(())
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
            // The error that stopped the writing is the one to be told.
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
fn create(path: &Path, target: &Path) -> Result<File, WriteError> {
    let failed = |source| WriteError::File { path: target.to_owned(), source };
    for _ in 0..TRIES {
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(file) => return lock(&file, target).map(|()| file),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        let Some(left) = open_plain(path).map_err(failed)? else { continue };
        lock(&left, target)?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Err(WriteError::Busy { path: target.to_owned() })
}

fn lock(file: &File, target: &Path) -> Result<(), WriteError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(WriteError::Busy { path: target.to_owned() }),
        // Some network file systems know no locks; then two writers are on their own.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
    }

    #[cfg(unix)]
    #[test]
    fn a_file_has_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let (written, plain) = (dir.path().join("written"), dir.path().join("plain"));
        replace(&written, b"text", true).expect("saved");
        fs::write(&plain, "").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&written), mode(&plain));
    }

    #[cfg(unix)]
    #[test]
    fn a_named_link_is_followed_and_a_device_written_through() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let dir = tempfile::tempdir().expect("a folder");
        let (real, link, hole) = (dir.path().join("real"), dir.path().join("link"), dir.path().join("hole"));
        fs::write(&real, "old").expect("written");
        symlink(&real, &link).expect("linked");
        symlink("/dev/null", &hole).expect("linked");
        replace(&link, b"new", true).expect("saved");
        replace(&hole, b"new", true).expect("saved");
        assert_eq!(fs::read(&real).expect("read"), b"new");
        assert!(link.is_symlink() && hole.is_symlink());
        assert!(fs::metadata(&hole).expect("there").file_type().is_char_device());
    }

    #[test]
    fn what_a_killed_run_left_is_cleared_away() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("a.en.txt");
        fs::write(dir.path().join(part_name(&target)), "half a fi").expect("written");
        replace(&target, b"whole", true).expect("saved");
        assert_eq!(names(dir.path()), ["a.en.txt"]);
    }

    #[test]
    fn a_file_that_another_process_writes_is_not_touched() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("a.en.txt");
        let _other = create(&dir.path().join(part_name(&target)), &target).expect("made");
        let error = replace(&target, b"x", true).expect_err("busy");
        assert!(matches!(error, WriteError::Busy { .. }), "{error}");
        assert_eq!(names(dir.path()), [part_name(&target)]);
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("news"), "").expect("written");
        let error =
            replace(&dir.path().join("news/today/a.txt"), b"text", true).expect_err("in the way").to_string();
        assert!(error.contains("today"), "{error}");
    }
}
