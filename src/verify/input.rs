//! The articles that outputs were made of, where they still are.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::flaw::{Flaw, FlawKind};
use crate::write::WrittenFile;

/// Says which article has changed since, or is gone. That is no fault of the outputs.
pub(super) fn look(folder: &Path, files: &[&WrittenFile]) -> Vec<Flaw> {
    let mut inputs: BTreeMap<&str, (&str, blake3::Hash)> = BTreeMap::new();
    for file in files {
        if let (Some(input), Some(source)) = (&file.input, file.proof.as_ref().map(|proof| proof.source)) {
            inputs.entry(input).or_insert((&file.path, source));
        }
    }
    let flaws = inputs.into_iter().filter_map(|(input, (path, source))| {
        let message = match hash(&folder.join(input)) {
            Ok(Some(hash)) if hash == source => return None,
            Ok(Some(_)) => format!("{input} has changed since it was translated"),
            Ok(None) => format!("{input}, which it was translated from, is gone"),
            Err(error) => format!("{input}, which it was translated from, cannot be read: {error}"),
        };
        Some(Flaw::new(FlawKind::Source, path, message))
    });
    flaws.collect()
}

/// The hash of an article, which may be reached through a link; `None` if it is not there.
fn hash(path: &Path) -> io::Result<Option<blake3::Hash>> {
    let found = match path.metadata() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        found => found?,
    };
    // A pipe that took the place of a file would be waited for.
    if !found.is_file() {
        return Ok(None);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(Some(hasher.finalize()))
}
