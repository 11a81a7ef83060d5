//! What a review works with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::glossary::Glossary;
use crate::memory::Memory;
use crate::pipeline::{Inputs, Options, Tools};

/// What articles and their translations are gathered from: what the files and the settings say at some time.
#[derive(Clone)]
pub struct ReviewSource {
    /// The articles.
    pub inputs: Inputs,
    /// The glossary, and the engine whose answers the memory is asked for.
    pub tools: Tools,
    /// How articles are read, and how terms are made to hold.
    pub options: Options,
    /// Why the engine cannot be asked, if it cannot.
    pub cannot_send: Option<String>,
}

/// Reads what the files and the settings say by now.
pub type LoadSource = Arc<dyn Fn() -> Result<ReviewSource, String> + Send + Sync>;

/// What a review works with.
pub struct ReviewMaterial {
    /// What there is at first.
    pub source: ReviewSource,
    /// What there is later, when another program has written outputs.
    pub reload: LoadSource,
    pub memory: Arc<dyn Memory>,
    /// The folder whose files follow what is changed.
    pub output: PathBuf,
    /// Who makes the corrections.
    pub by: String,
    /// Where the memory is, for the lock of those who pay.
    pub memory_path: PathBuf,
    pub glossary: GlossaryPlace,
    /// What the page is called: the name of the project's folder.
    pub name: String,
    /// Whether the page only shows.
    pub is_read_only: bool,
}

/// Reads the glossary in force; with a path, with what stands there in the place of the one that is edited.
pub type LoadGlossary = Arc<dyn Fn(Option<&Path>) -> Result<Glossary, String> + Send + Sync>;

/// The glossary that the page edits.
#[derive(Clone)]
pub struct GlossaryPlace {
    /// The file or folder; of several, the one that wins.
    pub path: PathBuf,
    /// Where a change is written down to be taken back.
    pub undo: PathBuf,
    pub load: LoadGlossary,
}
