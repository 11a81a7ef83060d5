//! Files that a user has brought along: a folder of a USB stick, a profile of Firefox, single files.
//!
//! Files are recognised by their contents, since Firefox keeps its own under numbers. A mismatch is only reported for a file
//! whose name says that it is one of the model's.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::catalogue::{Model, ModelFile};
use super::download::{check, complete};
use super::error::StoreError;
use super::event::PullEvent;
use super::file::{self, Content};
use super::folder::Folder;
use super::installed::InstalledFile;

/// A file of the model that is looked for.
struct SoughtFile<'a> {
    file: &'a ModelFile,
    found: Option<PathBuf>,
    /// Why one that is called so was not taken.
    refused: Option<StoreError>,
}

/// All files of a model, each with where it lies.
pub(super) fn find<'a>(
    model: &'a Model,
    from: &[PathBuf],
) -> Result<Vec<(&'a ModelFile, PathBuf)>, StoreError> {
    let sought = |file| SoughtFile { file, found: None, refused: None };
    let mut sought: Vec<SoughtFile<'_>> = model.files.iter().map(sought).collect();
    let (mut links, mut unreadable) = (0, 0);
    for path in from {
        // What the user names may be a link; what lies below it leads nowhere else.
        fs::metadata(path).map_err(StoreError::io("read", path))?;
        for entry in WalkDir::new(path).sort_by_file_name() {
            if sought.iter().all(|one| one.found.is_some()) {
                break;
            }
            let Ok(entry) = entry else {
                unreadable += 1;
                continue;
            };
            if entry.depth() > 0 && entry.path_is_symlink() {
                links += 1;
                continue;
            }
            let Ok(data) = fs::metadata(entry.path()) else {
                unreadable += 1;
                continue;
            };
            // A pipe or a device would be read for ever.
            if data.is_file() && look(entry.path(), data.len(), &mut sought).is_err() {
                unreadable += 1;
            }
        }
    }
    let mut found = Vec::new();
    let mut files = Vec::new();
    for one in sought {
        match (one.found, one.refused) {
            (Some(path), _) => found.push((one.file, path)),
            (None, Some(refused)) => return Err(refused),
            (None, None) => files.push(one.file.to_string()),
        }
    }
    if files.is_empty() {
        return Ok(found);
    }
    Err(StoreError::Missing { model: model.name.clone(), files, from: from.to_vec(), links, unreadable })
}

/// Looks whether a file is one of those that are looked for.
fn look(path: &Path, bytes: u64, sought: &mut [SoughtFile<'_>]) -> Result<(), StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    let named = sought.iter().position(|one| one.file.is_called(name));
    let missing: Vec<&ModelFile> =
        sought.iter().filter(|one| one.found.is_none()).map(|one| one.file).collect();
    let refused = match held(path, bytes, &missing, named.is_some()) {
        Ok(None) => return Ok(()),
        Ok(Some(held)) => {
            let is = |one: &SoughtFile<'_>| file::compare(&held, one.file.size, &one.file.sha256);
            if let Some(at) = sought.iter().position(|one| is(one).is_ok()) {
                sought[at].found.get_or_insert(path.to_owned());
                return Ok(());
            }
            named.and_then(|at| is(&sought[at]).err())
        }
        Err(error @ StoreError::Io { .. }) => return Err(error),
        Err(error) => Some(error),
    };
    if let (Some(at), Some(error)) = (named, refused) {
        sought[at].refused.get_or_insert(error);
    }
    Ok(())
}

/// Size and SHA-256 of what a file holds; `None` if its length alone says that it is none of those that are missing. So
/// most are not read.
fn held(
    path: &Path,
    bytes: u64,
    missing: &[&ModelFile],
    is_named: bool,
) -> Result<Option<InstalledFile>, StoreError> {
    let most = missing.iter().map(|file| file.size).max().unwrap_or_default();
    if bytes > file::most_packed(most) && !is_named {
        return Ok(None);
    }
    let shown = path.display().to_string();
    let content = Content::open(path, &shown)?;
    let is_packed = content.is_packed;
    if !is_packed && !is_named && !missing.iter().any(|file| file.size == bytes) {
        return Ok(None);
    }
    let held = file::digest(&shown, content.reader.take(most + 1), &mut |_| ());
    held.map(Some).map_err(|source| {
        if is_packed {
            StoreError::Packed { file: shown, source: source.into() }
        } else {
            StoreError::io("read", path)(source)
        }
    })
}

/// Copies a file into the folder of what is coming, unpacks it if it is packed, and checks what has arrived.
pub(super) fn copy(
    wanted: &ModelFile,
    path: &Path,
    folder: &Folder,
    events: &mut dyn FnMut(PullEvent<'_>),
) -> Result<InstalledFile, StoreError> {
    if let Some(there) = complete(wanted, folder, events)? {
        return Ok(there);
    }
    events(PullEvent::Progress { file: &wanted.name, bytes: 0, total: Some(wanted.size) });
    Content::open(path, &path.display().to_string())?.save(&folder.part(&wanted.name)?, wanted)?;
    check(wanted, folder, events)
}
