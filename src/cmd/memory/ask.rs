//! What the commands of the memory have in common.

use std::path::Path;

use crate::memory::SqliteMemory;

use super::super::failure::{Exit, Failure};

/// The memory at a path, for reading; an error if there is none yet.
pub(super) fn existing(path: &Path) -> Result<SqliteMemory, Failure> {
    SqliteMemory::open_existing(path)?.ok_or_else(|| none_yet(path))
}

/// That there is no memory yet.
pub(super) fn none_yet(path: &Path) -> Failure {
    Failure::new(Exit::Usage, format!("there is no translation memory {} yet", path.display()))
        .hint("`wortlaut translate` and `wortlaut memory import` make one")
}
