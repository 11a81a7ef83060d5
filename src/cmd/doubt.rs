//! Files that are in the way, but may have the very bytes that a run will write.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::failure::{Exit, Failure};
use super::sink::{Sink, deliver, refusal};
use crate::memory::Memory;
use crate::pipeline::{Input, Inputs, Options, Run, Tools};
use crate::write::{Obstacle, Outputs};

/// What a run would work with.
pub(super) struct Doubt<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) sink: &'a Sink,
    pub(super) tools: &'a Tools,
    pub(super) options: &'a Options,
    pub(super) runtime: &'a Runtime,
}

impl Doubt<'_> {
    /// Refuses files that differ from what the memory has for their articles. The articles go through a run that sends
    /// nothing and writes to a folder of its own, and its files are compared.
    pub(super) fn settle(&self, foreign: &[Obstacle], memory: Arc<dyn Memory>) -> Result<(), Failure> {
        let scratch = tempfile::tempdir().map_err(|error| {
            let place = std::env::temp_dir();
            Failure::new(
                Exit::Partial,
                format!("cannot make a temporary folder in {}: {error}", place.display()),
            )
        })?;
        let outputs = Arc::new(Outputs::folder(scratch.path(), false)?);
        let options = Options { offline: true, forecast: false, ..self.options.clone() };
        let deliver = deliver(&outputs, self.sink.formats());
        let run = Run::new(self.of(foreign), self.tools.clone(), memory);
        self.runtime.block_on(Run { options, deliver, ..run }.start());
        let different: Vec<_> = foreign.iter().filter(|file| !outputs.has_the_same(file)).collect();
        if different.is_empty() { Ok(()) } else { Err(refusal(different)) }
    }

    /// The inputs of the articles whose files are in the way.
    fn of(&self, foreign: &[Obstacle]) -> Inputs {
        let names: HashSet<_> = foreign.iter().flat_map(|file| &file.articles).collect();
        let is_in_doubt = |id| names.contains(id);
        Inputs {
            articles: self
                .inputs
                .articles
                .iter()
                .filter(|input: &&Input| is_in_doubt(input.id()))
                .cloned()
                .collect(),
            corpora: self.inputs.corpora.iter().filter(|corpus| is_in_doubt(&corpus.id)).cloned().collect(),
        }
    }
}
