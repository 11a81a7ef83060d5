//! The glossaries that services keep.

use std::sync::Arc;

use tokio::runtime::Runtime;

use super::failure::Failure;
use super::project::Project;
use crate::engine::{Engine, TermSets, Upkeep};
use crate::pipeline::{CorpusSurvey, Options, Peers, Run, Tools};
use crate::report::Progress;

/// Keeps the glossaries of services in step with that of the project: of each engine that keeps any and may be sent something.
/// Where there are several engines, one whose service cannot be reached does not end the run: it may not be asked at all.
pub(super) fn keep_terms(
    project: &Project,
    run: &Run,
    progress: &Progress,
    runtime: &Runtime,
) -> Result<(), Failure> {
    let engines: Vec<_> = std::iter::once(&run.tools.engine).chain(&run.options.next).collect();
    let wants = |engine: &Arc<dyn Engine>| engine.upkeep().is_some_and(Upkeep::wants_terms);
    if !engines.iter().any(|engine| wants(engine)) {
        return Ok(());
    }
    let survey = |tools: Tools, options: Options| {
        let run = Run::new(run.inputs.clone(), tools, Arc::clone(&run.memory));
        runtime.block_on(Run { options, ..run }.survey())
    };
    let CorpusSurvey { estimate, terms } = survey(run.tools.clone(), run.options.clone())?;
    let mut terms = Some(terms);
    for (&engine, most) in engines.iter().zip(&estimate.most) {
        let first = terms.take();
        let Some(upkeep) = engine.upkeep().filter(|upkeep| upkeep.wants_terms() && most.segments > 0) else {
            continue;
        };
        // What goes along with a text depends on the engine.
        let sets = if let Some(terms) = first {
            terms
        } else {
            let options = Options { next: Vec::new(), peers: Peers::default(), ..run.options.clone() };
            survey(Tools { engine: Arc::clone(engine), ..run.tools.clone() }, options)?.terms
        };
        let kept = runtime.block_on(upkeep.keep_terms(&TermSets { owner: project.owner(), sets }));
        match kept {
            Err(error) if engines.len() > 1 => progress.line(&format!(
                "warning: the glossary at {} could not be kept in step: {error}",
                engine.info().profile
            )),
            kept => kept?,
        }
    }
    Ok(())
}
