//! Taking back the last change of a glossary.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::bounds;
use super::error::GlossaryError;
use super::replace::{content, replace};
use crate::disk::PartFile;

/// What a change did to the files of a glossary.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UndoRecord {
    /// The change, as people call it.
    pub command: String,
    pub(super) files: Vec<EditedFile>,
}

/// A file that was changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EditedFile {
    pub(super) path: PathBuf,
    /// The text before; `None` if there was no file.
    before: Option<String>,
    /// The hash of the text behind, so that no later change is lost.
    pub(super) after: Option<String>,
}

impl UndoRecord {
    /// The hash of the content of a file; `None` if there is none.
    pub(super) fn hash(bytes: Option<&[u8]>) -> Option<String> {
        bytes.map(|bytes| blake3::hash(bytes).to_hex().to_string())
    }

    pub(super) fn load(record: &Path) -> Result<Self, GlossaryError> {
        let bytes = match bounds::read(record, bounds::BYTES * 2) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(GlossaryError::NothingToUndo);
            }
            Err(source) => return Err(GlossaryError::Read { path: record.to_owned(), source }),
        };
        serde_json::from_slice(&bytes)
            .map_err(|error| GlossaryError::Read { path: record.to_owned(), source: error.into() })
    }

    pub(super) fn save(&self, record: &Path) -> Result<(), GlossaryError> {
        let failed = |source| GlossaryError::Write { path: record.to_owned(), source };
        if let Some(folder) = record.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = PartFile::create(record).map_err(|error| failed(error.into_cause()))?;
        file.write_all(&serde_json::to_vec(self).map_err(|error| failed(error.into()))?).map_err(failed)?;
        let file = file.complete().map_err(|error| failed(error.into_cause()))?;
        file.rename().map_err(|error| failed(error.into_cause()))
    }
}

impl EditedFile {
    pub(super) fn new(path: &Path, before: Option<&[u8]>, after: Option<&[u8]>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { path: path.to_owned(), before: before.map(text), after: UndoRecord::hash(after) }
    }

    /// Gives the file its content before, and turns around, so that the next time it has that from behind.
    pub(super) fn restore(&mut self) -> Result<(), GlossaryError> {
        let now =
            content(&self.path).map_err(|source| GlossaryError::Read { path: self.path.clone(), source })?;
        if UndoRecord::hash(now.as_deref()) != self.after {
            return Err(GlossaryError::Changed { path: self.path.clone() });
        }
        let before = self.before.take();
        match &before {
            Some(text) => replace(&self.path, text.as_bytes(), now.as_deref())?,
            None => fs::remove_file(&self.path)
                .map_err(|source| GlossaryError::Write { path: self.path.clone(), source })?,
        }
        *self = Self::new(&self.path, now.as_deref(), before.as_deref().map(str::as_bytes));
        Ok(())
    }
}
