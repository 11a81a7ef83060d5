//! The corpus with what the memory has of its translation; nothing is sent.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::super::failure::{Exit, Failure};
use super::super::memory::Earlier;
use super::super::{models, setup, survey, translate};
use super::args::CorpusArgs;
use super::articles;
use crate::engine::{Kind, Profile};
use crate::memory::Memory;
use crate::model::ParallelDocument;
use crate::pipeline::{Deliver, Event, Events, Input, Inputs, Options, Run, Tools};
use crate::report::clean;

/// Called with each article and what became of it, from any thread, in any order.
pub(super) type Visit = Arc<dyn Fn(&ParallelDocument) + Send + Sync>;

/// Articles, and the answers that the memory has for them.
pub(super) struct Corpus {
    inputs: Vec<Input>,
    tools: Tools,
    options: Options,
    memory: Arc<Memory>,
    /// Whether there are answers of an engine that translates.
    pub(super) is_translated: bool,
}

impl Corpus {
    /// Opens the articles at `paths`, or else those of the settings; `command` is the one that is run.
    pub(super) fn open(args: &CorpusArgs, paths: &[PathBuf], command: &str) -> Result<Self, Failure> {
        let mut settings = args.path.settings()?;
        if let Some(engine) = &args.engine {
            settings.engine.clone_from(engine);
        }
        if paths.is_empty() {
            survey::require_input(&settings, command)?;
        }
        let input = [settings.input.clone()];
        let sources = articles::sources(&settings, if paths.is_empty() { &input } else { paths })?;
        // Without a memory no engine is asked after, so that none need be set up.
        let (memory, profile) = match Memory::open_existing(&settings.memory)? {
            Some(memory) => (memory, setup::run_profile(&settings, None)?),
            None => (Memory::open_in_memory()?, Profile::new("none", Kind::Pseudo)),
        };
        let tools = setup::tools(&settings, &profile, Arc::new(|_| {}))?;
        let mut options = Options { offline: true, ..setup::options(&settings, false)? };
        let makers = translate::runtime()?.block_on(memory.makers())?;
        if settings.engine == models::AUTO {
            options.peers = models::peers(tools.engine.info(), &makers, false)?;
        }
        options.peers.adopted = Earlier::of(tools.engine.info(), &makers, &memory)?.taken;
        Ok(Self {
            inputs: sources.into_iter().map(Input::File).collect(),
            tools,
            options,
            memory: Arc::new(memory),
            is_translated: profile.kind != Kind::Pseudo,
        })
    }

    /// What finds the entries of the glossary.
    pub(super) fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Works all articles through.
    pub(super) fn each(&self, visit: Visit) -> Result<(), Failure> {
        let deliver = Deliver::articles(Arc::new(move |document| {
            visit(&document);
            Ok(Vec::new())
        }));
        let (events, mut happened) = Events::channel();
        let inputs = Inputs { articles: self.inputs.clone(), ..Inputs::default() };
        let run = Run::new(inputs, self.tools.clone(), Arc::clone(&self.memory));
        let run = Run { options: self.options.clone(), deliver, events, ..run };
        let outcome = translate::runtime()?.block_on(run.start());
        while let Ok(event) = happened.try_recv() {
            if let Event::Skipped { article, reason } = event {
                let _ = writeln!(io::stderr(), "{}", clean(&format!("{article}: {reason}")));
            }
        }
        match outcome.failure {
            Some(failure) => Err(Failure::new(Exit::Engine, failure)),
            None => Ok(()),
        }
    }
}
