//! Where a memory stands, and that no link leads away from there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::OpenFlags;

use super::error::MemoryError;

/// The folder in a project that holds what wortlaut keeps for itself.
const FOLDER: &str = ".wortlaut";

/// What SQLite puts behind the name of a database for the files beside it.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// How long another process that writes is waited for: much longer than any commit takes.
pub(super) const BUSY: Duration = Duration::from_secs(30);

/// How databases are opened: a link in the place of one is an error to SQLite, too.
pub(super) const WRITING: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE
    .union(OpenFlags::SQLITE_OPEN_NO_MUTEX)
    .union(OpenFlags::SQLITE_OPEN_NOFOLLOW);

/// What stands behind the name of a memory for its search index.
const INDEX: &str = ".search";

/// What stands behind the name of a memory for its lock.
const LOCK: &str = ".lock";

/// The files of a memory.
///
/// None of them is opened through a symbolic link, whoever named the memory: a link in their place would have
/// another file read, written or emptied under the memory's name, and SQLite finds its log by the name of the
/// database, so that a database under two names has two logs. The folders on the way there may be links, as a home or
/// `/tmp` is on some systems, but not `.wortlaut`, which comes with a project that anyone may have packed.
#[derive(Debug)]
pub(super) struct MemoryFiles {
    folder: PathBuf,
    name: OsString,
}

impl MemoryFiles {
    /// The place of the memory at `path`; its folders are made.
    pub(super) fn made(path: &Path) -> Result<Self, MemoryError> {
        let folder = folder_of(path);
        refuse_linked_folder(folder)?;
        fs::create_dir_all(folder).map_err(|source| MemoryError::file(folder, source))?;
        Self::found(path)?.ok_or_else(|| MemoryError::file(folder, io::ErrorKind::NotFound.into()))
    }

    /// The place of the memory at `path`; `None` if its folder is not there.
    pub(super) fn found(path: &Path) -> Result<Option<Self>, MemoryError> {
        let failed = |source| MemoryError::file(path, source);
        let folder = folder_of(path);
        refuse_linked_folder(folder)?;
        let name = path.file_name().ok_or_else(|| failed(io::ErrorKind::IsADirectory.into()))?.to_owned();
        match folder.canonicalize() {
            Ok(folder) => Ok(Some(Self { folder, name })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// The folder, free of links.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn database(&self) -> PathBuf {
        self.file("")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.file(BESIDE[0])
    }

    /// The bytes of the database; `None` if there is none. The database and the files that SQLite keeps beside it are
    /// files or are not there.
    pub(super) fn look(&self) -> Result<Option<u64>, MemoryError> {
        for beside in BESIDE {
            regular(&self.file(beside))?;
        }
        regular(&self.database())
    }

    /// Opens the file of the lock, and makes it if it is not there.
    pub(super) fn open_lock(&self) -> Result<File, MemoryError> {
        let path = self.file(LOCK);
        // For an error that says what is wrong; what comes between is kept out by the flag.
        regular(&path)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed()).mode(0o600);
        }
        options.open(&path).map_err(|source| MemoryError::file(path, source))
    }

    /// The search index, and makes an empty file for it if there is none; `None` where nothing can be made.
    pub(super) fn make_index(&self) -> Result<Option<PathBuf>, MemoryError> {
        for beside in BESIDE {
            regular(&self.file(&format!("{INDEX}{beside}")))?;
        }
        let path = self.index();
        if regular(&path)?.is_some() {
            return Ok(Some(path));
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(_) => Ok(Some(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Some(path)),
            Err(error) if is_forbidden(&error) => Ok(None),
            Err(error) => Err(MemoryError::file(path, error)),
        }
    }

    /// Gives the database, and what SQLite keeps beside it, a name that says that it is damaged. Returns the new one of the
    /// database.
    pub(super) fn set_aside(&self, mark: &str) -> io::Result<PathBuf> {
        let aside = format!(".damaged-{mark}");
        let path = self.file(&aside);
        if path.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // The log first: a new database must never meet the log of the old one.
        for beside in BESIDE {
            match fs::rename(self.file(beside), self.file(&format!("{aside}{beside}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(self.database(), &path)?;
        Ok(path)
    }

    /// A file beside the database, with its name and more behind it.
    pub(super) fn beside(&self, behind: &str) -> PathBuf {
        self.file(behind)
    }

    /// Removes the search index.
    pub(super) fn remove_index(&self) -> Result<(), MemoryError> {
        for beside in ["", BESIDE[0], BESIDE[1], BESIDE[2]] {
            let path = self.file(&format!("{INDEX}{beside}"));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(MemoryError::file(path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The bytes of the search index; 0 if there is none.
    pub(super) fn index_bytes(&self) -> Result<u64, MemoryError> {
        let sizes = [INDEX.to_owned(), format!("{INDEX}{}", BESIDE[0])];
        sizes.iter().map(|behind| Ok(regular(&self.file(behind))?.unwrap_or(0))).sum()
    }

    pub(super) fn index(&self) -> PathBuf {
        self.file(INDEX)
    }

    fn file(&self, behind: &str) -> PathBuf {
        let mut name = self.name.clone();
        name.push(behind);
        self.folder.join(name)
    }
}

/// Whether nobody may write there.
fn is_forbidden(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// The folder that a file stands in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refuse_linked_folder(folder: &Path) -> Result<(), MemoryError> {
    let is_ours = folder.file_name().is_some_and(|name| name == FOLDER);
    if is_ours && folder.is_symlink() { Err(MemoryError::Link { path: folder.to_owned() }) } else { Ok(()) }
}

/// The bytes of a regular file, or `None` if nothing has that name; anything else is an error.
fn regular(path: &Path) -> Result<Option<u64>, MemoryError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(MemoryError::Link { path: path.to_owned() }),
        Ok(found) if found.is_file() => Ok(Some(found.len())),
        Ok(_) => Err(MemoryError::Foreign { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(MemoryError::file(path, error)),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::memory::{RunLock, SqliteMemory};

    const VICTIM: &str = "A file of somebody else's.\n";

    fn refused(error: Option<MemoryError>, path: &Path) {
        let error = error.expect("refused");
        assert!(matches!(&error, MemoryError::Link { .. }), "{}: {error}", path.display());
        assert!(error.to_string().contains("symbolic link"), "{error}");
    }

    #[test]
    fn no_file_of_a_memory_is_opened_through_a_link() {
        for name in ["memory.db", "memory.db-wal", "memory.db-shm", "memory.db-journal"] {
            for dangling in [false, true] {
                let folder = tempfile::tempdir().expect("a folder");
                let victim = folder.path().join("victim");
                if !dangling {
                    fs::write(&victim, VICTIM).expect("written");
                }
                let project = folder.path().join("project");
                fs::create_dir(&project).expect("made");
                let memory = project.join("memory.db");
                symlink(&victim, project.join(name)).expect("linked");
                refused(SqliteMemory::open(&memory).err(), &project.join(name));
                refused(SqliteMemory::open_existing(&memory).err(), &project.join(name));
                assert_eq!(fs::read_to_string(&victim).ok(), (!dangling).then(|| VICTIM.to_owned()));
            }
        }
    }

    #[test]
    fn a_lock_is_not_opened_through_a_link_and_empties_nothing_it_did_not_write() {
        let folder = tempfile::tempdir().expect("a folder");
        let victim = folder.path().join("victim");
        fs::write(&victim, VICTIM).expect("written");
        let memory = folder.path().join("memory.db");
        let lock = folder.path().join("memory.db.lock");
        symlink(&victim, &lock).expect("linked");
        refused(RunLock::acquire(&memory).err(), &lock);
        fs::remove_file(&lock).expect("removed");
        fs::hard_link(&victim, &lock).expect("linked");
        drop(RunLock::acquire(&memory).expect("free"));
        assert_eq!(fs::read_to_string(&victim).expect("read"), VICTIM);
    }

    #[test]
    fn the_folder_of_a_project_is_no_link_but_those_above_it_may_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).expect("made");
        for target in [&elsewhere, &folder.path().join("nowhere")] {
            let project = tempfile::tempdir().expect("a folder");
            symlink(target, project.path().join(FOLDER)).expect("linked");
            let memory = project.path().join(FOLDER).join("memory.db");
            refused(SqliteMemory::open(&memory).err(), &memory);
            refused(SqliteMemory::open_existing(&memory).err(), &memory);
            refused(RunLock::acquire(&memory).err(), &memory);
        }
        assert_eq!(fs::read_dir(&elsewhere).expect("read").count(), 0);
        assert!(!folder.path().join("nowhere").exists());
        let home = folder.path().join("home");
        symlink(&elsewhere, &home).expect("linked");
        let memory = home.join(FOLDER).join("memory.db");
        drop(RunLock::acquire(&memory).expect("free"));
        drop(SqliteMemory::open(&memory).expect("made"));
        assert!(elsewhere.join(FOLDER).join("memory.db").is_file());
    }

    #[test]
    fn what_is_made_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("memory.db");
        let _lock = RunLock::acquire(&path).expect("free");
        let _memory = SqliteMemory::open(&path).expect("made");
        for entry in fs::read_dir(folder.path()).expect("a folder").flatten() {
            let mode = entry.metadata().expect("read").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", entry.path().display());
        }
    }
}
