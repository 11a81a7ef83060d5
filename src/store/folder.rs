//! The folders of a model: what is installed, what is still coming, and the lock.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::installed::{Installed, InstalledFile};

/// Where a model is and where it comes together.
///
/// ```text
/// ROOT/NAME/            the installed model; it appears as a whole
/// ROOT/.NAME.part/      files that are coming
/// ROOT/.NAME.lock       held while somebody changes the two
/// ```
pub(super) struct Folder {
    root: PathBuf,
    name: String,
}

/// What stands beside the files of an installed model.
#[derive(Serialize, Deserialize)]
struct InstalledRecord {
    source: String,
    files: Vec<InstalledFile>,
}

const RECORD: &str = "installed.json";

impl Folder {
    pub(super) fn new(root: &Path, name: &str) -> Self {
        Self { root: root.to_owned(), name: name.to_owned() }
    }

    fn whole(&self) -> PathBuf {
        self.root.join(&self.name)
    }

    /// The folder of what is coming.
    pub(super) fn coming(&self) -> PathBuf {
        self.root.join(format!(".{}.part", self.name))
    }

    /// Whether anything of the model is there.
    pub(super) fn exists(&self) -> bool {
        self.whole().exists() || self.coming().exists()
    }

    /// The installed model, if there is one.
    pub(super) fn installed(&self) -> Result<Option<Installed>, StoreError> {
        let folder = self.whole();
        let path = folder.join(RECORD);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(reason) => return Err(StoreError::io("read", &path)(reason)),
        };
        let damaged = |source| StoreError::Damaged { folder: folder.clone(), source };
        let record: InstalledRecord = serde_json::from_str(&text).map_err(|error| damaged(error.into()))?;
        for file in &record.files {
            let size = fs::metadata(folder.join(&file.name)).map(|data| data.len());
            if size.is_err() || size.is_ok_and(|size| size != file.size) {
                return Err(damaged(format!("{} is missing or has another size", file.name).into()));
            }
        }
        let InstalledRecord { source, files } = record;
        Ok(Some(Installed { folder, source, files }))
    }

    /// Keeps other processes from changing the model until the file is dropped; makes the folder of what is coming.
    ///
    /// `wait` is called once if somebody else holds the lock.
    pub(super) fn lock(&self, wait: &mut dyn FnMut()) -> Result<File, StoreError> {
        fs::create_dir_all(&self.root).map_err(StoreError::io("make", &self.root))?;
        let path = self.root.join(format!(".{}.lock", self.name));
        let file = File::create(&path).map_err(StoreError::io("make", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                wait();
                file.lock().map_err(StoreError::io("lock", &path))?;
            }
            Err(TryLockError::Error(reason)) => return Err(StoreError::io("lock", &path)(reason)),
        }
        Ok(file)
    }

    /// The path at which a file is coming, with its folder made.
    pub(super) fn part(&self, name: &str) -> Result<PathBuf, StoreError> {
        let folder = self.coming();
        fs::create_dir_all(&folder).map_err(StoreError::io("make", &folder))?;
        Ok(folder.join(name))
    }

    /// Moves the files that have come into place, all at once, and drops what else is in their folder.
    pub(super) fn install(&self, source: &str, files: Vec<InstalledFile>) -> Result<Installed, StoreError> {
        let (coming, whole) = (self.coming(), self.whole());
        let record = InstalledRecord { source: source.to_owned(), files };
        let path = coming.join(RECORD);
        let text = serde_json::to_string_pretty(&record)
            .map_err(|error| StoreError::Damaged { folder: coming.clone(), source: error.into() })?;
        fs::write(&path, text).map_err(StoreError::io("write", &path))?;
        for entry in fs::read_dir(&coming).map_err(StoreError::io("read", &coming))?.flatten() {
            let known = |file: &InstalledFile| entry.file_name() == file.name.as_str();
            if entry.file_name() != RECORD && !record.files.iter().any(known) {
                discard(&entry.path())?;
            }
        }
        // Only the ruin of a model can be here; a model that is whole is never pulled again.
        discard(&whole)?;
        fs::rename(&coming, &whole).map_err(StoreError::io("move", &coming))?;
        let InstalledRecord { source, files } = record;
        Ok(Installed { folder: whole, source, files })
    }

    /// Removes all there is of the model.
    pub(super) fn remove(&self) -> Result<(), StoreError> {
        // First the record: without it the rest counts as nothing, should the program be stopped here.
        discard(&self.whole().join(RECORD))?;
        discard(&self.whole())?;
        discard(&self.coming())
    }
}

/// Removes a file or folder, if it is there.
pub(super) fn discard(path: &Path) -> Result<(), StoreError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(reason))
        }
        _ => Ok(()),
    }
}
