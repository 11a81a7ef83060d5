//! What stands where a file is to go. Nothing is looked at through a link.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use same_file::Handle;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    Nothing,
    /// A regular file, and its length in bytes.
    File {
        length: u64,
    },
    /// A symbolic link, wherever it leads.
    Link,
    Folder,
    /// A device, a pipe or a socket.
    Special,
}

impl PathKind {
    /// Looks at a path without following a link at its end.
    ///
    /// # Errors
    /// The path cannot be looked at.
    pub fn at(path: &Path) -> io::Result<Self> {
        match fs::symlink_metadata(path) {
            Ok(found) => Ok(Self::of(&found)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(Self::Nothing)
            }
            Err(error) => Err(error),
        }
    }

    fn of(found: &Metadata) -> Self {
        let kind = found.file_type();
        match () {
            () if kind.is_symlink() => Self::Link,
            () if kind.is_dir() => Self::Folder,
            () if kind.is_file() => Self::File { length: found.len() },
            () => Self::Special,
        }
    }
}

/// Opens a regular file to read it; `None` if nothing stands there. A link is not followed, and a pipe not waited for.
///
/// # Errors
/// It cannot be opened, or is a link, a folder, a device or a pipe.
pub fn open_plain(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    without_following(options.read(true));
    match PathKind::at(path)? {
        PathKind::Nothing => return Ok(None),
        PathKind::File { .. } => {}
        _ => return Err(not_plain()),
    }
    // The file may have been taken away or exchanged between the look and the opening.
    let file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    if file.metadata()?.is_file() { Ok(Some(file)) } else { Err(not_plain()) }
}

/// Has a link at the end of a path refused instead of followed, and a pipe not waited for.
pub fn without_following(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    options
}

/// Whether an open file is what stands at a path: another process may have removed or replaced it.
///
/// # Errors
/// The path cannot be looked at.
pub fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    match Handle::from_path(path) {
        Ok(there) => Ok(there == Handle::from_file(file.try_clone()?)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The hash of a regular file; `None` if nothing stands there.
///
/// # Errors
/// It cannot be read, or is a link, a folder, a device or a pipe.
pub fn hash_of(path: &Path) -> io::Result<Option<blake3::Hash>> {
    let Some(file) = open_plain(path)? else { return Ok(None) };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file)?;
    Ok(Some(hasher.finalize()))
}

fn not_plain() -> io::Error {
    io::Error::other("it is a link, a folder, a device or a pipe, not a regular file")
}
