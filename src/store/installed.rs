//! Models that are on this machine.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A file of an installed model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledFile {
    /// Its name in the model's folder.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal, as it was checked when the file came.
    pub sha256: String,
}

/// A model that is whole and in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its folder.
    pub folder: PathBuf,
    /// The source it came from.
    pub source: String,
    /// Its files.
    pub files: Vec<InstalledFile>,
}

impl Installed {
    /// The path of a file, if the model has it.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        self.files.iter().any(|file| file.name == name).then(|| self.folder.join(name))
    }

    /// Bytes of all files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}
