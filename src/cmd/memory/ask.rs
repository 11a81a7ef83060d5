//! What the commands of the memory have in common.

use std::sync::Arc;

use crate::config::Settings;
use crate::memory::Memory;

use super::super::failure::{Exit, Failure};
use super::super::project_memory::{existing_memory, memory_name};

/// The memory for reading; an error if there is none yet.
pub(super) fn existing(settings: &Settings) -> Result<Arc<dyn Memory>, Failure> {
    existing_memory(settings)?.ok_or_else(|| none_yet(settings))
}

/// That there is no memory yet.
pub(super) fn none_yet(settings: &Settings) -> Failure {
    Failure::new(Exit::Usage, format!("there is no translation memory {} yet", memory_name(settings)))
        .hint("`wortlaut translate` and `wortlaut memory import` make one")
}
