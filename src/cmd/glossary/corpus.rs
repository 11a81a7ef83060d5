//! The corpus with what the memory has of its translation; nothing is sent.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::memory::Earlier;
use super::super::peers::peers;
use super::super::project::{LenientArgs, Project, engine_flag};
use super::super::project_memory::{existing_memory, memory_or_empty};
use super::super::runtime::runtime;
use super::super::threads::limit_threads;
use super::super::{profile, survey};
use super::articles;
use crate::engine::{EngineSupplies, Profile};
use crate::memory::Memory;
use crate::model::ParallelDocument;
use crate::pipeline::{Deliver, Event, Events, Input, Inputs, Options, Run, Tools};
use crate::report::clean;

/// The articles and the answers of the memory that a command looks at.
#[derive(Debug, Args)]
pub(in crate::cmd) struct CorpusArgs {
    #[command(flatten)]
    pub(super) lenient: LenientArgs,
    /// Engine whose answers count [default: auto]
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

impl CorpusArgs {
    /// The settings with these flags on top.
    pub(super) fn project(&self, global: &GlobalArgs) -> Result<Project, Failure> {
        let engine = engine_flag(self.engine.as_deref());
        Project::open(global, [engine, self.lenient.flag()])
    }
}

/// Called with each article and what became of it, from any thread, in any order.
pub(super) type Visit = Arc<dyn Fn(&ParallelDocument) + Send + Sync>;

/// Articles, and the answers that the memory has for them.
pub(super) struct TranslatedCorpus {
    inputs: Vec<Input>,
    tools: Tools,
    options: Options,
    memory: Arc<dyn Memory>,
    /// Whether there are answers of an engine that translates.
    pub(super) is_translated: bool,
}

impl TranslatedCorpus {
    /// Opens the articles at `paths`, or else those of the settings; `command` is the one that is run.
    pub(super) fn open(project: &Project, paths: &[PathBuf], command: &str) -> Result<Self, Failure> {
        let settings = &project.settings;
        limit_threads(project, &settings.translate.engine)?;
        if paths.is_empty() {
            survey::require_input(project, command)?;
        }
        let input = [settings.translate.input.clone()];
        let sources = articles::sources(settings, if paths.is_empty() { &input } else { paths })?;
        // Without a memory no engine is needed, so none has to be set up.
        let (memory, profile) = match existing_memory(settings)? {
            Some(memory) => (memory, profile::run_profile(project, None)?),
            None => (memory_or_empty(settings)?, Profile::stand_in("none")),
        };
        let tools = project.tools(&profile, EngineSupplies::default())?;
        let mut options = Options { offline: true, ..project.options(false) };
        let makers = runtime()?.block_on(memory.makers())?;
        if !makers.is_empty() {
            options.next = profile::next_engines(project)?;
        }
        options.peers = peers(settings, &tools, &options, &makers, false)?;
        options.peers.adopted = Earlier::of(tools.engine.info(), &makers, memory.as_ref())?.taken;
        Ok(Self {
            inputs: sources.into_iter().map(Input::File).collect(),
            tools,
            options,
            memory,
            is_translated: profile.translates(),
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
        let outcome = runtime()?.block_on(run.start());
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
