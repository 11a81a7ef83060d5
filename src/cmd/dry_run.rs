//! `wortlaut translate --dry-run`: what would be sent, and what would change without being sent.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use super::project_memory::memory_or_empty;
use crate::config::Settings;
use crate::engine::{EngineInfo, Money, NightLane};
use crate::memory::Memory;
use crate::pipeline::{Estimate, Event, Events, Inputs, MostSent, Options, Run, Tools};
use crate::report::{
    CostLine, DryRunSummary, EngineLine, EstimateLine, InputOrder, NightLine, Progress, article_table, clean,
    clean_lines, counted, output_columns, upgrade_note,
};

use super::batch::NightPlan;
use super::changes::{ChangeLog, untold};
use super::failure::{Exit, Failure};
use super::memory::Earlier;
use super::output::print;
use super::peers::peers;
use super::sink::{self, Sink};

/// Articles that each get a row: as many as a screen has room for.
const ROWS: usize = 30;

/// A run that says what it would do.
pub(super) struct DryRun<'a> {
    /// Whether it prints objects.
    pub(super) json: bool,
    /// Whether what a weaker engine made is sent again.
    pub(super) upgrade: bool,
    /// Whether sentences that change are written to a file, and how to see them otherwise.
    pub(super) lists_changes: bool,
    pub(super) more_changes: &'static str,
    pub(super) settings: &'a Settings,
    pub(super) inputs: Inputs,
    pub(super) tools: Tools,
    pub(super) options: Options,
    /// Where its engines are.
    pub(super) hosts: Vec<Option<String>>,
    pub(super) sink: &'a Sink,
    pub(super) changes: &'a Arc<ChangeLog>,
    pub(super) night: Option<NightPlan>,
}

/// Takes what would be sent for each article, on a thread of its own: objects are printed at once.
pub(super) struct EstimateListing(JoinHandle<Result<ArticleRows, Failure>>);

/// The articles of a dry run that get a row.
#[derive(Default)]
struct ArticleRows {
    /// The first of them, one more than are shown.
    rows: Vec<EstimateLine>,
}

impl EstimateListing {
    pub(super) fn start(
        engine: EngineInfo,
        json: bool,
        progress: &Arc<Progress>,
        mut happened: UnboundedReceiver<Event>,
    ) -> Self {
        let progress = Arc::clone(progress);
        Self(thread::spawn(move || {
            let (mut order, mut listed) = (InputOrder::default(), ArticleRows::default());
            while let Some(event) = happened.blocking_recv() {
                progress.event(&event);
                match event {
                    Event::Finished => break,
                    Event::Estimated { number, article, estimate } => order.add(number, (article, estimate)),
                    _ => {}
                }
                while let Some((article, estimate)) = order.take() {
                    if json {
                        let line = EstimateLine::new(Some(&article), *estimate, &engine);
                        print(&serde_json::to_string(&line).map_err(io::Error::other)?)?;
                    } else if listed.rows.len() <= ROWS {
                        listed.rows.push(EstimateLine::new(Some(&article), *estimate, &engine));
                    }
                }
            }
            Ok(listed)
        }))
    }

    /// What it has listed, when all articles are through.
    fn end(self) -> Result<ArticleRows, Failure> {
        self.0.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl ArticleRows {
    /// A table before that of all, if there are several articles and not too many.
    fn print(&self) -> Result<(), Failure> {
        if (2..=ROWS).contains(&self.rows.len()) {
            print(&format!("{}\n", clean_lines(&article_table(&self.rows, output_columns()))))?;
        }
        Ok(())
    }

    /// How to see them all, if they are too many.
    fn hint(&self) -> Option<&'static str> {
        (self.rows.len() > ROWS).then_some("note: --json has the figures of each article")
    }
}

impl DryRun<'_> {
    /// Says what would be sent, and what would change without being sent.
    pub(super) fn run(
        mut self,
        listing: EstimateListing,
        events: &Events,
        runtime: &Runtime,
    ) -> Result<Exit, Failure> {
        let engine = self.tools.engine.info().clone();
        let memory = memory_or_empty(self.settings)?;
        let makers = runtime.block_on(memory.makers())?;
        self.options.peers = peers(self.settings, &self.tools, &self.options, &makers, self.upgrade)?;
        let earlier = Earlier::of(&engine, &makers, memory.as_ref())?;
        let offer = earlier.offer(&engine.profile);
        self.options.peers.adopted = earlier.taken;
        let run = Run::new(self.inputs.clone(), self.tools.clone(), Arc::clone(&memory));
        let run = Run { options: self.options.clone(), events: events.clone(), ..run };
        let estimate = runtime.block_on(run.estimate());
        events.send(Event::Finished);
        let listed = listing.end();
        let (estimate, listed) = (estimate?, listed?);
        let night = self.by_night(&memory, runtime)?;
        let changed = self.changed(memory, runtime)?;
        let engines = self.may_go(&estimate);
        let is_partial = estimate.skipped + estimate.failed > 0;
        let upgrade = upgrade_note(&estimate.upgradable, &engine.profile);
        let line = EstimateLine::new(None, estimate, &engine);
        if self.json {
            let mut summary = DryRunSummary::new(engine.profile, engines, line, changed);
            summary.batch = night;
            print(&serde_json::to_string(&summary).map_err(io::Error::other)?)?;
        } else {
            listed.print()?;
            print(&clean_lines(&line.table(&engine.profile)))?;
            if let Some(night) = &night {
                print(&clean(&night.to_string()))?;
            }
            if engines.len() > 1 {
                for line in &engines {
                    print(&clean(&line.to_string()))?;
                }
            }
            if changed > 0 {
                let sentences = counted(changed, "sentence");
                print(&format!("note: {sentences} would change without being sent{}", self.more_changes))?;
            }
            for note in untold(self.lists_changes, self.changes).chain(listed.hint().map(str::to_owned)) {
                print(&clean(&note))?;
            }
            if let Some(note) = upgrade {
                print(&clean(&format!("note: {note}")))?;
            }
        }
        if let Some(offer) = offer {
            let _ = writeln!(io::stderr(), "note: {}", clean(&offer));
        }
        Ok(if is_partial { Exit::Partial } else { Exit::Ok })
    }

    /// What would go by batch jobs, if that is asked for.
    fn by_night(&self, memory: &Arc<dyn Memory>, runtime: &Runtime) -> Result<Option<NightLine>, Failure> {
        let Some(plan) = self.night else { return Ok(None) };
        let night = plan.night(self.inputs.clone(), self.tools.clone(), self.options.clone(), memory);
        let estimate = runtime.block_on(night.estimate())?;
        let prices = self.tools.engine.night_lane().and_then(NightLane::night_prices);
        let cost = prices.map(|prices| CostLine::new(prices.cost(&estimate.most), Money::ZERO, prices));
        Ok(Some(NightLine { requests: estimate.requests, cost }))
    }

    /// What may go to each engine, and what that costs by the prices of its own.
    fn may_go(&self, estimate: &Estimate) -> Vec<EngineLine> {
        let engines = std::iter::once(&self.tools.engine).chain(&self.options.next);
        let most = estimate.most.iter().copied().chain(std::iter::repeat(MostSent::default()));
        let lines = engines.zip(&self.hosts).zip(most);
        let lines =
            lines.map(|((engine, host), most)| EngineLine::at_most(engine.info(), host.clone(), &most));
        lines.collect()
    }

    /// How many sentences would change without being sent: the articles go through a run that sends and writes nothing.
    fn changed(&self, memory: Arc<dyn Memory>, runtime: &Runtime) -> Result<u64, Failure> {
        let known = self.sink.outputs().filter(|outputs| outputs.has_earlier());
        if let Some(outputs) = known {
            let options = Options { offline: true, ..self.options.clone() };
            let deliver = self.changes.instead(outputs, sink::nowhere());
            let run = Run::new(self.inputs.clone(), self.tools.clone(), memory);
            let outcome = runtime.block_on(Run { options, deliver, ..run }.start());
            if let Some(error) = outcome.failure {
                return Err(error.into());
            }
        }
        self.changes.finish()
    }
}
