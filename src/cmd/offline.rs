//! Articles as the memory has them: what a run would write, without anything being sent.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::runtime::Runtime;

use super::failure::Failure;
use super::memory::Earlier;
use super::project::Project;
use super::{profile, translate};
use crate::engine::EngineSupplies;
use crate::memory::Memory;
use crate::model::{ArticleId, ParallelDocument};
use crate::pipeline::{Deliver, Event, Events, Input, Inputs, Options, Run, Tools};

/// What articles go through a run with that sends nothing.
pub(super) struct Offline {
    tools: Tools,
    options: Options,
    memory: Arc<dyn Memory>,
}

/// What became of articles in a run that sends nothing.
pub(super) struct OfflineArticles {
    pub(super) documents: HashMap<ArticleId, ParallelDocument>,
    /// Why the others were left out.
    pub(super) skipped: HashMap<ArticleId, String>,
}

impl Offline {
    /// With the engine that the settings name, which is asked for nothing.
    pub(super) fn new(
        project: &Project,
        memory: Arc<dyn Memory>,
        runtime: &Runtime,
    ) -> Result<Self, Failure> {
        let profile = profile::run_profile(project, None)?;
        let tools = project.tools(&profile, EngineSupplies::default())?;
        let makers = runtime.block_on(memory.makers())?;
        let mut options = Options {
            offline: true,
            // An article that was translated with --force is read back, too.
            any_language: true,
            next: profile::next_engines(project)?,
            ..project.options(false)
        };
        options.peers = translate::peers(&project.settings, &tools, &options, &makers, false)?;
        options.peers.adopted = Earlier::of(tools.engine.info(), &makers, memory.as_ref())?.taken;
        Ok(Self { tools, options, memory })
    }

    /// The articles as the memory has them now.
    pub(super) fn articles(&self, inputs: Vec<Input>, runtime: &Runtime) -> Result<OfflineArticles, Failure> {
        let documents = Arc::new(Mutex::new(HashMap::new()));
        let taken = Arc::clone(&documents);
        let deliver = Deliver::articles(Arc::new(move |document: ParallelDocument| {
            taken.lock().insert(document.source().article().id.clone(), document);
            Ok(Vec::new())
        }));
        let (events, mut happened) = Events::channel();
        let inputs = Inputs { articles: inputs, corpora: Vec::new() };
        let run = Run::new(inputs, self.tools.clone(), Arc::clone(&self.memory));
        let run = Run { options: self.options.clone(), deliver, events, ..run };
        let outcome = runtime.block_on(run.start());
        if let Some(error) = outcome.failure {
            return Err(error.into());
        }
        let mut skipped = HashMap::new();
        while let Ok(event) = happened.try_recv() {
            if let Event::Skipped { article, reason } = event {
                skipped.insert(article, reason);
            }
        }
        let documents = std::mem::take(&mut *documents.lock());
        Ok(OfflineArticles { documents, skipped })
    }
}
