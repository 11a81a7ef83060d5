//! `wortlaut evaluate --engines`: which engine is right for a corpus.

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use clap::Args;
use parking_lot::Mutex;
use serde_json::json;
use tokio::runtime::Runtime;

use super::super::ask::confirm;
use super::super::budget::{BudgetArgs, one_currency};
use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::keep_terms::keep_terms;
use super::super::memory::Earlier;
use super::super::models::Pulling;
use super::super::output::print;
use super::super::profile::{self, looking_profile_of, run_profile_of};
use super::super::project::{Project, engine_flag};
use super::super::project_memory::{lock_memory, memory_or_empty, open_memory};
use super::super::runtime::runtime;
use super::super::signals;
use super::super::threads::limit_threads;
use super::compare::{Comparison, Translations};
use super::files::{GermanSegment, TermPolicy};
use super::sample::{CorpusSample, SampledFiles};
use crate::config::SettingFlag;
use crate::engine::{self, Billing, EngineInfo, EngineSupplies, Foreseen, Money, Profile, Purse, server_of};
use crate::glossary::Matcher;
use crate::memory::{Memory, MemoryError, SqliteMemory};
use crate::model::{Article, Block, Encoding, ParallelDocument};
use crate::pipeline::{Deliver, Event, Events, Input, Inputs, MostSent, Options, Run, RunError, Stop, Tools};
use crate::report::{
    ComparedEngine, CostLine, EngineComparison, EngineEffort, EngineLine, EngineQuality, Mode, Progress,
    clean, clean_lines, comparison_page, counted, output_columns,
};
use crate::score::Metric;
use crate::text::Segmenter;
use crate::write::{self, WriteError};

/// Flags of a comparison of engines.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags are what they are")]
#[command(next_help_heading = "With --engines")]
pub(super) struct ComparisonArgs {
    /// Engine profiles or kinds of engines, separated by commas: each translates a sample of the corpus
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(super) engines: Vec<String>,
    /// Segments of the sample
    #[arg(long, value_name = "N", default_value_t = 200, requires = "engines",
        value_parser = clap::value_parser!(u32).range(1..))]
    sample: u32,
    /// Also write a page with plots and with the segments in which engines differ most
    #[arg(long, value_name = "FILE", requires = "engines")]
    html: Option<PathBuf>,
    /// Replace that file if it exists
    #[arg(long, requires = "html")]
    overwrite: bool,
    /// Show what would be sent and what that costs, and send nothing
    #[arg(long, requires = "engines", conflicts_with = "html")]
    dry_run: bool,
    /// Answer yes to every question, such as whether to send what leaves this machine or costs something
    #[arg(short, long, requires = "engines")]
    yes: bool,
    /// Send nothing beyond this machine and pull no model
    #[arg(long, requires = "engines")]
    offline: bool,
    #[command(flatten)]
    pub(super) budget: BudgetArgs,
}

/// What a comparison is of.
pub(super) struct ComparedFiles<'a> {
    /// What has the German.
    pub(super) paths: &'a [PathBuf],
    pub(super) source: Option<&'a PathBuf>,
    pub(super) references: &'a [PathBuf],
    pub(super) metrics: &'a [Metric],
    pub(super) json: bool,
}

pub(super) fn run(
    args: &ComparisonArgs,
    files: &ComparedFiles<'_>,
    global: &GlobalArgs,
) -> Result<Exit, Failure> {
    let page = args.html.as_deref();
    // Nobody pays for a page that cannot be written.
    if let Some(path) = page.filter(|path| !args.overwrite && is_in_use(path)) {
        return Err(WriteError::Exists { path: path.to_owned() }.into());
    }
    let flags = [
        engine_flag(Some(&args.engines.join(","))),
        SettingFlag::switch("offline", "translate.offline", args.offline),
    ];
    let project = Project::open(global, flags)?;
    profile::require_offline(&project)?;
    limit_threads(&project, &args.engines[0])?;
    let matcher = Matcher::new(&project.glossary()?);
    let terms = TermPolicy { has_matcher: !matcher.is_empty(), is_asked_for: !global.glossary.is_empty() };
    let ComparedFiles { paths, source, references, .. } = *files;
    let files_of = SampledFiles { paths, source, references, terms, quiet: global.quiet };
    let sample = files_of.sample(args.sample as usize, &project)?;
    let segments = sample.segments();
    let trial = Trial {
        args,
        global,
        segmenter: project.segmenter()?,
        matcher: Arc::new(matcher),
        project,
        segments: &segments,
        purse: Purse::new(args.budget.total()),
        runtime: runtime()?,
    };
    let candidates = trial.candidates()?;
    if args.dry_run {
        trial.show(&candidates, &sample, files.json)?;
        return Ok(exit(candidates.iter().map(|candidate| candidate.outlook.is_ok())));
    }
    if !trial.may_send(&candidates)? {
        let _ = writeln!(io::stderr(), "nothing was sent");
        return Ok(Exit::Ok);
    }
    let tried = trial.all(&candidates)?;
    let comparison = compared(&trial, &sample, files.metrics, tried);
    if let Some(path) = page {
        write::replace(
            path,
            comparison_page(&comparison).map_err(io::Error::other)?.as_bytes(),
            args.overwrite,
        )?;
    }
    let shown = if files.json {
        serde_json::to_string(&comparison).map_err(io::Error::from)?
    } else {
        clean_lines(&comparison.tables(output_columns())).into_owned()
    };
    print(&shown)?;
    Ok(exit(comparison.engines.iter().map(|engine| engine.quality.is_ok())))
}

/// Whether a file has anything in it.
fn is_in_use(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.len() > 0)
}

/// The exit code, by which engines worked.
fn exit(worked: impl Iterator<Item = bool>) -> Exit {
    let (worked, failed): (Vec<bool>, Vec<bool>) = worked.partition(|worked| *worked);
    match (worked.is_empty(), failed.is_empty()) {
        (_, true) => Exit::Ok,
        (false, false) => Exit::Partial,
        (true, false) => Exit::Engine,
    }
}

/// An engine before it is asked.
struct TrialEngine {
    name: String,
    /// What may go to it, or why it cannot be asked.
    outlook: Result<EngineLine, String>,
    /// Whether what goes to it leaves this machine or costs something.
    needs_consent: bool,
}

impl TrialEngine {
    /// Whether somebody has to agree before it is asked: there is something to be sent.
    fn is_to_be_agreed(&self) -> bool {
        self.needs_consent && self.outlook.as_ref().is_ok_and(|line| line.segments > 0)
    }
}

/// What became of an engine.
struct Tried {
    name: String,
    host: Option<String>,
    caveat: Option<String>,
    effort: EngineEffort,
    /// Or why there are none.
    translations: Result<Translations, String>,
}

impl Tried {
    fn compared(self, quality: Result<EngineQuality, String>) -> ComparedEngine {
        let Self { name, host, caveat, effort, .. } = self;
        ComparedEngine { name, host, caveat, effort, quality }
    }
}

/// What ends the trial of an engine before its time.
enum TrialError {
    /// The engine: the others are asked all the same.
    Engine(Failure),
    /// What all of them need, or somebody who wants no more.
    All(Failure),
}

impl From<Failure> for TrialError {
    fn from(failure: Failure) -> Self {
        Self::Engine(failure)
    }
}

impl From<MemoryError> for TrialError {
    fn from(error: MemoryError) -> Self {
        Self::All(error.into())
    }
}

/// Engines at work on a sample.
struct Trial<'a> {
    args: &'a ComparisonArgs,
    global: &'a GlobalArgs,
    project: Project,
    segmenter: Arc<dyn Segmenter>,
    matcher: Arc<Matcher>,
    segments: &'a [&'a GermanSegment],
    /// All engines are paid from it.
    purse: Arc<Purse>,
    runtime: Runtime,
}

impl Trial<'_> {
    /// Looks at the engines without asking them for anything. One that cannot be asked keeps none of the others from being
    /// asked; a name that nobody knows does.
    fn candidates(&self) -> Result<Vec<TrialEngine>, Failure> {
        let memory = memory_or_empty(&self.project.settings)?;
        let mut profiles = Vec::new();
        let mut candidates = Vec::new();
        for name in &self.args.engines {
            let is_foreign = profile::foreign_host(&self.project, name)?.is_some();
            let looked = looking_profile_of(&self.project, name).map_err(|failure| failure.in_one_line());
            let looked = looked.and_then(|(profile, why_not)| why_not.map_or(Ok(profile), Err));
            let outlook = match looked {
                Ok(profile) => {
                    self.args.budget.allowance(&profile)?;
                    let (info, most) = self.forecast(&profile, &memory)?;
                    let host = host(&profile);
                    profiles.push(profile);
                    Ok((EngineLine::at_most(&info, host, &most), info.billing != Billing::None))
                }
                Err(why_not) => Err(why_not),
            };
            let is_paid = outlook.as_ref().is_ok_and(|(_, is_paid)| *is_paid);
            candidates.push(TrialEngine {
                name: name.clone(),
                needs_consent: is_foreign || is_paid,
                outlook: outlook.map(|(line, _)| line),
            });
        }
        if self.args.budget.max_cost.is_some() {
            one_currency(&profiles.iter().collect::<Vec<_>>())?;
        }
        Ok(candidates)
    }

    /// What an engine is, and the most that may go to it.
    fn forecast(
        &self,
        profile: &Profile,
        memory: &Arc<dyn Memory>,
    ) -> Result<(EngineInfo, MostSent), Failure> {
        let tools = self.tools(profile, EngineSupplies::default())?;
        let info = tools.engine.info().clone();
        let mut options = self.options(false);
        let makers = self.runtime.block_on(memory.makers())?;
        options.peers.adopted = Earlier::of(&info, &makers, memory.as_ref())?.taken;
        let run = Run { options, ..Run::new(self.inputs(), tools, Arc::clone(memory)) };
        let estimate = self.runtime.block_on(run.estimate())?;
        Ok((info, estimate.most.first().copied().unwrap_or_default()))
    }

    fn tools(&self, profile: &Profile, supplies: EngineSupplies) -> Result<Tools, Failure> {
        let engine = engine::build_with(profile, supplies)?;
        Ok(Tools { segmenter: Arc::clone(&self.segmenter), matcher: Arc::clone(&self.matcher), engine })
    }

    /// Every engine does what it can by itself, with the rungs of the project.
    fn options(&self, forecast: bool) -> Options {
        Options { any_language: true, unaided: true, ..self.project.options(forecast) }
    }

    /// The sample as articles, one a segment: what stands before it in the sample does not stand before it in the corpus.
    fn inputs(&self) -> Inputs {
        let article = |segment: &&GermanSegment| {
            Input::Read(Box::new(Article {
                id: segment.article.clone(),
                encoding: Encoding::utf8(),
                text: segment.german.clone(),
                blocks: vec![Block::new(segment.kind, 0..segment.german.len())],
                layout: None,
                fields: Vec::new(),
                file_hash: None,
            }))
        };
        Inputs { articles: self.segments.iter().map(article).collect(), ..Inputs::default() }
    }

    /// Says what would be sent.
    fn show(&self, candidates: &[TrialEngine], sample: &CorpusSample, json: bool) -> Result<(), Failure> {
        if json {
            let engine = |candidate: &TrialEngine| match &candidate.outlook {
                Ok(line) => json!(line),
                Err(why_not) => json!({ "engine": candidate.name, "error": why_not }),
            };
            let engines: Vec<_> = candidates.iter().map(engine).collect();
            let (segments, of) = (self.segments.len(), sample.of);
            return print(
                &json!({ "dry_run": true, "segments": segments, "of": of, "engines": engines }).to_string(),
            );
        }
        outlook(candidates).try_for_each(|line| print(&clean(&line)))
    }

    /// Asks whether to send what leaves this machine or costs something; without a terminal only `--yes` says so.
    fn may_send(&self, candidates: &[TrialEngine]) -> Result<bool, Failure> {
        let asked = || candidates.iter().filter(|candidate| candidate.is_to_be_agreed());
        if self.args.yes || asked().next().is_none() {
            return Ok(true);
        }
        for line in outlook(candidates) {
            let _ = writeln!(io::stderr(), "{}", clean(&line));
        }
        let names: Vec<&str> = asked().map(|candidate| candidate.name.as_str()).collect();
        let names = names.join(", ");
        let segments = asked().filter_map(|candidate| Some(candidate.outlook.as_ref().ok()?.segments)).sum();
        let would = format!("{} would be sent to {names}", counted(segments, "segment"));
        confirm(&format!("Send this to {names}?"), &would)
    }

    /// Lets all engines translate the sample, one after another: side by side they would slow each other down.
    fn all(&self, candidates: &[TrialEngine]) -> Result<Vec<Tried>, Failure> {
        let _lock = lock_memory(&self.project.settings)?;
        let memory = open_memory(&self.project.settings)?;
        let tried = candidates.iter().map(|candidate| self.one(candidate, &memory)).collect();
        self.runtime.block_on(memory.close())?;
        tried
    }

    fn one(&self, candidate: &TrialEngine, memory: &Arc<dyn Memory>) -> Result<Tried, Failure> {
        let failed = |reason: String| Tried {
            name: candidate.name.clone(),
            host: candidate.outlook.as_ref().ok().and_then(|line| line.host.clone()),
            caveat: None,
            effort: EngineEffort::default(),
            translations: Err(reason),
        };
        if let Err(why_not) = &candidate.outlook {
            return Ok(failed(why_not.clone()));
        }
        match self.translated(candidate, memory) {
            Ok(tried) => Ok(tried),
            Err(TrialError::Engine(failure)) => Ok(failed(failure.in_one_line())),
            Err(TrialError::All(failure)) => Err(failure),
        }
    }

    fn translated(&self, candidate: &TrialEngine, memory: &Arc<dyn Memory>) -> Result<Tried, TrialError> {
        let pulling =
            Pulling { settings: &self.project.settings.models, yes: self.args.yes, quiet: self.global.quiet };
        let profile = run_profile_of(&self.project, &candidate.name, Some(pulling))?;
        let (events, mut happened) = Events::channel();
        let purse = Arc::clone(&self.purse);
        let supplies = EngineSupplies { on_wait: events.on_wait(), purse, ..EngineSupplies::default() };
        let tools = self.tools(&profile, supplies)?;
        let info = tools.engine.info().clone();
        let mode = match (self.global.quiet, io::stderr().is_terminal()) {
            (true, _) => Mode::Quiet,
            (false, true) => Mode::Bar,
            (false, false) => Mode::Brief,
        };
        let progress = Arc::new(Progress::new(mode));
        let mut options = self.options(mode == Mode::Bar);
        // What was not agreed to is not sent either where an answer in the memory does not hold a term by now.
        options.offline = candidate.needs_consent && !(self.args.yes || candidate.is_to_be_agreed());
        let makers = self.runtime.block_on(memory.makers())?;
        options.peers.adopted = Earlier::of(&info, &makers, memory.as_ref())?.settled(&info.profile)?;
        let delivered = Arc::new(Mutex::new(HashMap::new()));
        let taken = Arc::clone(&delivered);
        let deliver = Deliver::articles(Arc::new(move |document: ParallelDocument| {
            taken.lock().insert(document.source().article().text.clone(), document);
            Ok(Vec::new())
        }));
        let stop = Stop::default();
        let run = Run::new(self.inputs(), tools, Arc::clone(memory));
        let run = Run { options, deliver, events, stop: stop.clone(), ..run };
        if !run.options.offline {
            keep_terms(&self.project, &run, &progress, &self.runtime)?;
        }
        let shown = Arc::clone(&progress);
        let reporter = thread::spawn(move || {
            while let Some(event) = happened.blocking_recv() {
                shown.event(&event);
                if matches!(event, Event::Finished) {
                    break;
                }
            }
        });
        let started = Instant::now();
        let outcome = self.runtime.block_on(signals::heeded(run.start(), &stop));
        let seconds = started.elapsed().as_secs_f64();
        // It only draws.
        let _ = reporter.join();
        progress.finish();
        let translations = match outcome.failure {
            None => Ok(self.in_order(&mut delivered.lock())),
            Some(RunError::Engine(error)) => Err(Failure::from(error).in_one_line()),
            Some(RunError::Memory(error)) => return Err(error.into()),
            Some(error @ RunError::Interrupted) => {
                let failure = Failure::from(error);
                return Err(TrialError::All(
                    failure.with_state("what came back is kept; the same command goes on"),
                ));
            }
        };
        let cost = |cost: Money, unsure: Money| {
            info.prices.as_ref().map(|prices| CostLine::new(cost, unsure, prices))
        };
        let per_million = match &translations {
            Ok(translations) => self.per_million(&profile, &info, outcome.spent.cost, translations)?,
            Err(_) => None,
        };
        let effort = EngineEffort {
            sent: outcome.stats.translated,
            reused: outcome.stats.reused,
            requests: outcome.stats.requests,
            seconds,
            usage: (info.billing != Billing::None).then_some(outcome.spent.usage),
            cost: cost(outcome.spent.cost, outcome.spent.unsure_cost),
            cost_per_million: per_million.and_then(|per_million| cost(per_million, Money::ZERO)),
        };
        let (name, host) = (candidate.name.clone(), host(&profile));
        Ok(Tried { name, host, caveat: info.caveat, effort, translations })
    }

    /// The documents of the sample in its order. No two of its segments have the same German.
    fn in_order(&self, delivered: &mut HashMap<String, ParallelDocument>) -> Translations {
        self.segments.iter().map(|segment| delivered.remove(&segment.german)).collect()
    }

    /// What a million characters cost: by what was paid for those that were sent, or by what all would be likely to cost.
    fn per_million(
        &self,
        profile: &Profile,
        info: &EngineInfo,
        spent: Money,
        translations: &Translations,
    ) -> Result<Option<Money>, Failure> {
        let Some(prices) = &info.prices else { return Ok(None) };
        let characters = translations.iter().flatten().flat_map(sent_characters).sum::<u64>();
        if characters > 0 {
            return Ok(spent.per_million(characters));
        }
        let memory: Arc<dyn Memory> = Arc::new(SqliteMemory::open_in_memory()?);
        let (_, MostSent { characters, first: Foreseen { likely, .. }, .. }) =
            self.forecast(profile, &memory)?;
        Ok(prices.cost(&likely).per_million(characters))
    }
}

/// The characters of the sentences that were sent.
fn sent_characters(document: &ParallelDocument) -> impl Iterator<Item = u64> {
    let source = document.source();
    let units = source.segments().iter().zip(document.units());
    units
        .filter(|(_, unit)| unit.rendition().is_some_and(|rendition| rendition.is_sent))
        .map(|(segment, _)| source.source(segment).chars().count() as u64)
}

/// Where an engine sends to; `None` stands for this machine.
fn host(profile: &Profile) -> Option<String> {
    server_of(profile).ok().flatten().map(|server| server.host())
}

/// A line for each engine.
fn outlook(candidates: &[TrialEngine]) -> impl Iterator<Item = String> {
    candidates.iter().map(|candidate| match &candidate.outlook {
        Ok(line) => line.to_string(),
        Err(why_not) => format!("{}: {why_not}", candidate.name),
    })
}

/// What engines that were tried come to.
fn compared(
    trial: &Trial<'_>,
    sample: &CorpusSample,
    metrics: &[Metric],
    tried: Vec<Tried>,
) -> EngineComparison {
    let references = trial.segments.first().map_or(0, |segment| segment.references.len());
    let engines =
        tried.iter().filter_map(|tried| Some((tried.name.clone(), tried.translations.as_ref().ok()?)));
    let engines = engines.collect();
    let comparison = Comparison::new(trial.segments, references, metrics, engines).best_first();
    let (quality, signatures) = comparison.quality(&trial.matcher);
    let differing = comparison.differing();
    let mut tried: Vec<Tried> = tried;
    let mut take = |name: &str| {
        let place = tried.iter().position(|tried| tried.name == name)?;
        Some(tried.remove(place))
    };
    let mut engines: Vec<ComparedEngine> = quality
        .into_iter()
        .filter_map(|quality| Some(take(&quality.system.name)?.compared(Ok(quality))))
        .collect();
    engines.extend(tried.into_iter().map(|mut tried| {
        let reason = std::mem::replace(&mut tried.translations, Ok(Vec::new())).err().unwrap_or_default();
        tried.compared(Err(reason))
    }));
    EngineComparison {
        segments: trial.segments.len() as u64,
        of: sample.of,
        characters: trial.segments.iter().map(|segment| segment.german.chars().count() as u64).sum(),
        references,
        signatures,
        engines,
        differing,
    }
}
