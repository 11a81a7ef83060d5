//! What a review works with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::memory::Memory;
use crate::pipeline::{Inputs, Options, Tools};

/// What a review works with.
pub struct ReviewMaterial {
    /// The articles.
    pub inputs: Inputs,
    /// The glossary, and the engine whose answers the memory is asked for.
    pub tools: Tools,
    /// How articles are read, and how terms are made to hold.
    pub options: Options,
    pub memory: Arc<dyn Memory>,
    /// The folder whose files follow what is changed.
    pub output: PathBuf,
    /// Who makes the corrections.
    pub by: String,
    /// What the page is called: the name of the project's folder.
    pub name: String,
    /// Whether the page only shows.
    pub is_read_only: bool,
}
