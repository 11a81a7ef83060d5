//! Archives with some members replaced.

use std::io::{Cursor, Write};

use zip::result::ZipResult;
use zip::{ZipArchive, ZipWriter};

/// The archive with new contents for some members, by their names. All other members are copied as they are
/// packed, in their order; so is one whose contents would not change.
pub(super) fn repack(archive: &[u8], members: &[(&str, &str, String)]) -> ZipResult<Vec<u8>> {
    let mut source = ZipArchive::new(Cursor::new(archive))?;
    let mut packed = ZipWriter::new(Cursor::new(Vec::with_capacity(archive.len())));
    packed.set_raw_comment(source.comment().into())?;
    for index in 0..source.len() {
        let file = source.by_index_raw(index)?;
        let own = file.name().unwrap_or_default().into_owned();
        let is_named = |name: &str| name == own;
        let changed = members.iter().find(|(name, old, new)| is_named(name) && old != new);
        match changed {
            None => packed.raw_copy_file(file)?,
            Some((name, _, new)) => {
                packed.start_file(*name, file.options())?;
                packed.write_all(new.as_bytes())?;
            }
        }
    }
    Ok(packed.finish()?.into_inner())
}
