//! Files brought to the disk completely or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::{OutputFile, WriteError, output_path};
use crate::model::ArticleId;

/// How often a temporary file that a killed process left is cleared away before giving up.
const TRIES: usize = 3;

/// Writes the files of an article below `dir` and returns their paths in the same order.
///
/// A file is written beside its place, brought to the disk and renamed, with the permissions that the
/// umask gives. No file is renamed before all are written, so a full disk changes nothing. A file that has
/// the wanted contents already is left alone. The folder is not brought to the disk: after a power failure
/// the old file may be there again, whole, and the next run writes the new one from the memory.
///
/// # Errors
/// A [`WriteError`] names the file or folder that cannot be written.
pub fn save(dir: &Path, article: &ArticleId, files: Vec<OutputFile>) -> Result<Vec<PathBuf>, WriteError> {
    let mut paths = Vec::with_capacity(files.len());
    let mut parts = Vec::new();
    for file in files {
        let path = output_path(dir, article, &file.ending)?;
        // Of plain text, two formats make the same file.
        if paths.contains(&path) {
            continue;
        }
        if !is_there(&path, &file.contents)? {
            parts.push(Part::write(&path, &file.contents)?);
        }
        paths.push(path);
    }
    for part in parts {
        part.rename()?;
    }
    Ok(paths)
}

/// Puts one file in the place of what is at `path`, completely or not at all.
///
/// # Errors
/// A [`WriteError`] names the file or folder that cannot be written.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), WriteError> {
    if is_there(path, contents)? {
        return Ok(());
    }
    Part::write(path, contents)?.rename()
}

/// Whether the file has these contents.
fn is_there(path: &Path, contents: &[u8]) -> Result<bool, WriteError> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(WriteError::FolderInTheWay { path: path.to_owned() }),
        Ok(found) if found.len() == contents.len() as u64 => {
            same(path, contents).map_err(|source| WriteError::File { path: path.to_owned(), source })
        }
        // Whatever else is the matter is told when the file is written.
        _ => Ok(false),
    }
}

fn same(path: &Path, contents: &[u8]) -> io::Result<bool> {
    let mut found = Vec::with_capacity(contents.len());
    File::open(path)?.read_to_end(&mut found)?;
    Ok(found == contents)
}

/// A file that is written but not in its place yet; removed if it never gets there.
pub(super) struct Part {
    path: PathBuf,
    target: PathBuf,
    renamed: bool,
    // Locked, so that another process does not take it for one that was left behind.
    file: File,
}

impl Part {
    fn write(target: &Path, contents: &[u8]) -> Result<Self, WriteError> {
        let mut part = Self::create(target)?;
        let written = part.file.write_all(contents).and_then(|()| part.file.sync_all());
        written.map_err(|source| WriteError::File { path: target.to_owned(), source })?;
        Ok(part)
    }

    /// Begins a file that is written piece by piece.
    pub(super) fn create(target: &Path) -> Result<Self, WriteError> {
        let folder = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .map_err(|source| WriteError::Folder { path: folder.to_owned(), source })?;
        let path = folder.join(part_name(target));
        let file = create(&path, target)?;
        Ok(Self { path, target: target.to_owned(), renamed: false, file })
    }

    /// Brings what was written piece by piece to the disk. Gives back `None` where the target has the same
    /// contents already and is to be left alone.
    pub(super) fn complete(self) -> Result<Option<Self>, WriteError> {
        let failed = |source| WriteError::File { path: self.target.clone(), source };
        // Whatever is the matter with a target that cannot be looked at is told when the file is renamed.
        if let Ok(found) = fs::metadata(&self.target) {
            if found.is_dir() {
                return Err(WriteError::FolderInTheWay { path: self.target.clone() });
            }
            let is_as_long = found.len() == self.file.metadata().map_err(failed)?.len();
            if is_as_long && same_files(&self.target, &self.path).map_err(failed)? {
                return Ok(None);
            }
        }
        self.file.sync_all().map_err(failed)?;
        Ok(Some(self))
    }

    /// Where the file is to stand.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    pub(super) fn rename(mut self) -> Result<(), WriteError> {
        fs::rename(&self.path, &self.target)
            .map_err(|source| WriteError::File { path: self.target.clone(), source })?;
        self.renamed = true;
        Ok(())
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Whether two files have the same contents, read side by side.
fn same_files(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (BufReader::new(File::open(one)?), BufReader::new(File::open(other)?));
    loop {
        let (left, right) = (one.fill_buf()?, other.fill_buf()?);
        let count = left.len().min(right.len());
        if count == 0 || left[..count] != right[..count] {
            return Ok(left.is_empty() && right.is_empty());
        }
        one.consume(count);
        other.consume(count);
    }
}

impl Drop for Part {
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
        let left = match File::open(path) {
            Ok(left) => left,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
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

    fn file(contents: &str) -> OutputFile {
        OutputFile::new(".en.txt", contents)
    }

    fn id() -> ArticleId {
        ArticleId::new("news/today/a.txt")
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
    }

    #[test]
    fn folders_are_made_and_nothing_is_left_beside_the_file() {
        let dir = tempfile::tempdir().expect("a folder");
        for contents in ["first", "second, longer", ""] {
            let paths = save(dir.path(), &id(), vec![file(contents)]).expect("saved");
            assert_eq!(paths, [dir.path().join("news/today/a.en.txt")]);
            assert_eq!(fs::read_to_string(&paths[0]).expect("read"), contents);
            assert_eq!(names(&dir.path().join("news/today")), ["a.en.txt"]);
        }
    }

    #[test]
    fn an_unchanged_file_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let paths = save(dir.path(), &id(), vec![file("same")]).expect("saved");
        let long_ago = std::time::UNIX_EPOCH;
        File::options().write(true).open(&paths[0]).expect("opened").set_modified(long_ago).expect("set");
        save(dir.path(), &id(), vec![file("same")]).expect("saved");
        assert_eq!(fs::metadata(&paths[0]).expect("there").modified().expect("known"), long_ago);
        save(dir.path(), &id(), vec![file("news")]).expect("saved");
        assert_ne!(fs::metadata(&paths[0]).expect("there").modified().expect("known"), long_ago);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_has_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let paths = save(dir.path(), &id(), vec![file("text")]).expect("saved");
        let plain = dir.path().join("plain");
        fs::write(&plain, "").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&paths[0]), mode(&plain));
    }

    #[test]
    fn what_a_killed_run_left_is_cleared_away() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("a.en.txt");
        fs::write(dir.path().join(part_name(&target)), "half a fi").expect("written");
        save(dir.path(), &ArticleId::new("a.txt"), vec![file("whole")]).expect("saved");
        assert_eq!(names(dir.path()), ["a.en.txt"]);
    }

    #[test]
    fn a_file_that_another_process_writes_is_not_touched() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("a.en.txt");
        let _other = create(&dir.path().join(part_name(&target)), &target).expect("made");
        let error = save(dir.path(), &ArticleId::new("a.txt"), vec![file("x")]).expect_err("busy");
        assert!(matches!(error, WriteError::Busy { .. }), "{error}");
        assert_eq!(names(dir.path()), [part_name(&target)]);
    }

    #[test]
    fn one_file_that_cannot_be_written_leaves_all_as_they_were() {
        let dir = tempfile::tempdir().expect("a folder");
        let article = ArticleId::new("a.txt");
        save(dir.path(), &article, vec![file("old")]).expect("saved");
        fs::create_dir(dir.path().join("a.tsv")).expect("made");
        let error =
            save(dir.path(), &article, vec![file("new"), OutputFile::new(".tsv", "x")]).expect_err("no");
        assert!(matches!(&error, WriteError::FolderInTheWay { path } if path.ends_with("a.tsv")), "{error}");
        assert_eq!(fs::read_to_string(dir.path().join("a.en.txt")).expect("read"), "old");
        let mut left = names(dir.path());
        left.sort();
        assert_eq!(left, ["a.en.txt", "a.tsv"]);
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("news"), "").expect("written");
        let error = save(dir.path(), &id(), vec![file("text")]).expect_err("in the way").to_string();
        assert!(error.contains("cannot make the folder") && error.contains("today"), "{error}");
    }
}
