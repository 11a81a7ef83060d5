//! One file at a path that a person named.

use std::io::Write as _;
use std::path::Path;

use super::error::WriteError;
use super::named_path::{NamedPath, open_stream};
use crate::disk::{PartFile, hash_of};

/// Puts one file at a path that a person named: in the place of what is there, completely or not at all, or through
/// what is not a file, such as a device. A link is followed. A file that has the wanted contents already is left alone, and
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
            _ => Ok(PartFile::write(&end, contents)?.rename()?),
        },
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

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
}
