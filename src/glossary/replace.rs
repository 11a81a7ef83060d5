//! Putting a changed glossary file in the place of the old one.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::bounds;
use super::error::GlossaryError;
use super::table::GlossaryTable;
use crate::disk::{PartFile, SaveError, sync_folder};

/// A file that was replaced.
#[derive(Debug)]
pub(super) struct Replaced {
    /// `None` if there was none.
    pub(super) before: Option<Vec<u8>>,
    pub(super) after: Vec<u8>,
}

/// Reads, edits and replaces a file; a change by another program is noticed before the file is replaced. `edit`
/// returns whether there is something to write. `None` if there was nothing.
pub(super) fn change(
    file: &Path,
    edit: impl FnOnce(&mut GlossaryTable) -> Result<bool, GlossaryError>,
) -> Result<Option<Replaced>, GlossaryError> {
    let reading = |source| GlossaryError::Read { path: file.to_owned(), source };
    let before = content(file).map_err(reading)?;
    let mut table = GlossaryTable::parse(file, before.as_deref().unwrap_or_default())?;
    if !edit(&mut table)? {
        return Ok(None);
    }
    let after = table.render().into_bytes();
    replace(file, &after, before.as_deref())?;
    Ok(Some(Replaced { before, after }))
}

/// The content of a file; `None` if there is none.
pub(super) fn content(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match bounds::read(file, bounds::BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts a new file in the place of the old one, if that still is what was read.
pub(super) fn replace(file: &Path, text: &[u8], before: Option<&[u8]>) -> Result<(), GlossaryError> {
    let failed = |source| GlossaryError::Write { path: file.to_owned(), source };
    let unsaved = |error: SaveError| failed(error.into_cause());
    // A link is followed, so that the file it leads to is replaced and not the link.
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let mut new = PartFile::create(&real).map_err(unsaved)?;
    new.write_all(text).map_err(failed)?;
    if let Ok(old) = fs::metadata(&real) {
        new.set_permissions(old.permissions()).map_err(unsaved)?;
    }
    let new = new.complete().map_err(unsaved)?;
    if content(&real).map_err(failed)?.as_deref() != before {
        return Err(GlossaryError::Changed { path: file.to_owned() });
    }
    new.rename().map_err(unsaved)?;
    // Nothing makes an entry again that a person wrote; outputs come back from the memory.
    sync_folder(real.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "source\ttarget\nElbe\tElbe\n";

    #[test]
    fn a_change_by_someone_else_is_noticed_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("g.tsv");
        fs::write(&file, BEFORE).unwrap();
        let theirs = "source\ttarget\nElbe\tRiver Elbe\n";
        let changed = change(&file, |table| {
            fs::write(&file, theirs).unwrap();
            table.lines.pop();
            Ok(true)
        });
        assert!(matches!(changed, Err(GlossaryError::Changed { .. })), "{changed:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), theirs);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn a_file_that_appears_in_the_meantime_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("g.tsv");
        let changed = change(&file, |_| {
            fs::write(&file, BEFORE).unwrap();
            Ok(true)
        });
        assert!(matches!(changed, Err(GlossaryError::Changed { .. })), "{changed:?}");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_a_new_file_has_the_ordinary_ones() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = tempfile::tempdir().unwrap();
        let (file, fresh, plain) =
            (folder.path().join("g.tsv"), folder.path().join("new.tsv"), folder.path().join("plain"));
        fs::write(&file, BEFORE).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        fs::write(&plain, "").unwrap();
        for path in [&file, &fresh] {
            change(path, |table| {
                table.lines.pop();
                Ok(true)
            })
            .unwrap();
        }
        assert_eq!((mode(&file), mode(&fresh)), (0o640, mode(&plain)));
    }
}
