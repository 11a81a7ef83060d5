//! `wortlaut translate`: a corpus, one article, or a pipe.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use clap::Args;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::config::{FailOn, SettingFlag};
use crate::engine::{Billing, Engine, EngineSupplies, Profile, SharedPace, server_of};
use crate::memory::{Log, MemoryError};
use crate::model::Severity;
use crate::pipeline::{
    Again, BatchRungs, Deliver, DeliverArticle, EngineShare, Event, Events, Inputs, Run, RunError,
    RunOutcome, Stop,
};
use crate::report::{
    AccountLine, CostLine, EngineLine, Mode, Progress, Summary, WorstFindings, clean_lines, counted,
    explanation_lines, upgrade_note,
};
use crate::write::{LeftFile, MergedFiles, Ownership};

use super::batch::{self, NightPlan};
use super::budget::{BudgetArgs, one_currency};
use super::changes::{ChangeLog, untold};
use super::choices::{any_of, formats};
use super::doubt::Doubt;
use super::dry_run::{DryRun, EstimateListing};
use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::inputs::{FieldArgs, FoundInputs, Look};
use super::keep_terms::keep_terms;
use super::memory::Earlier;
use super::models::Pulling;
use super::output::print;
use super::own::Own;
use super::peers::peers;
use super::project::{LenientArgs, Project, engine_flag};
use super::project_memory::{existing_memory, lock_memory, open_memory, open_shared};
use super::prune::Prune;
use super::remembered::RememberedArticles;
use super::runtime::runtime;
use super::scope::ScopeArgs;
use super::shared::{MemoryPace, purse};
use super::sink::{Destination, Sink, refusal};
use super::threads::limit_threads;
use super::{profile, signals, survey};

/// Translate a folder of articles, one article, a corpus file, or standard input.
///
/// A folder becomes parallel files in the output folder. A single article is printed in English, or written to --output
/// in the formats of --format. A corpus file (.jsonl, .ndjson, .csv, .tsv) has one article in each record and is written
/// back with the English in an additional field. What has been translated once is never sent again.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags are what they are")]
#[command(after_help = "\
Examples:
  wortlaut translate                                the corpus that wortlaut.toml names
  wortlaut translate articles --output parallel     a folder
  wortlaut translate article.txt -o article.en.txt  one article into a file
  wortlaut translate a.txt b.md 'news/*.html'       several articles
  cat article.txt | wortlaut translate -            standard input
  wortlaut translate corpus.csv --text-field body   a corpus with an article in each row
  wortlaut translate articles --dry-run             what would be sent and billed
  wortlaut translate --prune                        remove outputs of articles that are gone
  wortlaut translate --upgrade                      replace what a weaker model made
  wortlaut translate --again 'news/a.txt#12'        segment 12 of news/a.txt again
  wortlaut translate article.txt --explain          how each term was made to hold
  wortlaut translate --engine anthropic --batch     by night, at a lower price
  wortlaut translate --engine deepl --format lines,tsv --json")]
pub(super) struct TranslateArgs {
    /// Articles, corpus files, folders or quoted patterns, or - for standard input [default: articles]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Engine profile or kind of engine, as `wortlaut engines` lists them; several, separated by commas, are asked in order
    /// for what those before them do not translate [default: auto]
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Option<String>,
    /// Output folder; for a single article or corpus also a file, a device, or - for standard output [default: output]
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Overwrite files that wortlaut did not write or that were changed since, but never an input
    #[arg(long)]
    pub(super) overwrite: bool,
    /// Remove outputs of articles that are gone from the project's input, and ask before; never what was changed by hand
    #[arg(long, conflicts_with = "paths")]
    pub(super) prune: bool,
    /// Output formats, separated by commas [default: lines,document,jsonl]
    #[arg(long, value_name = "FORMAT", value_delimiter = ',',
        value_parser = formats())]
    pub(super) format: Vec<String>,
    /// Write all articles of the run into one file a format, for tmx, xliff and xliff-1.2: corpus.tmx, corpus.xlf
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) merge: bool,
    #[command(flatten)]
    pub(super) lenient: LenientArgs,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    /// Send nothing beyond this machine and pull no model: only local engines and servers on this machine work
    #[arg(long)]
    pub(super) offline: bool,
    /// Requests in flight at once [default: depends on the engine]
    #[arg(long, value_name = "N")]
    pub(super) concurrency: Option<NonZeroUsize>,
    /// Translate again what a weaker model translated, if the engine is auto
    #[arg(long)]
    pub(super) upgrade: bool,
    /// Answer yes to every question, such as whether to pull a large model
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Translate one segment again, or all segments of the articles whose names match; the old answer stays if no
    /// usable one comes back
    #[arg(long, value_name = "ARTICLE#SEGMENT|GLOB")]
    pub(super) again: Vec<String>,
    /// Translate the segments whose German matches a regular expression again
    #[arg(long, value_name = "REGEX")]
    pub(super) again_text: Option<String>,
    /// Show what would be sent and billed, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Send nothing, and exit with 1 if anything would be sent
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) frozen: bool,
    #[command(flatten)]
    pub(super) budget: BudgetArgs,
    /// Count what is spent together with all runs that name the same budget and share a memory (memory.url);
    /// --max-characters and --max-cost then bound what they spend together
    #[arg(long = "budget", value_name = "NAME")]
    pub(super) budget_name: Option<String>,
    /// Hand the requests in as batch jobs, which a service works off within a day at a lower price, and wait for them; the
    /// same command goes on after a break
    #[arg(long, conflicts_with_all = ["again", "again_text", "frozen"])]
    pub(super) batch: bool,
    /// Hand batch jobs in, and do not wait; nothing is written before all have ended
    #[arg(long, requires = "batch")]
    pub(super) no_wait: bool,
    /// How what is asked again is asked, so that terms hold or after an unusable answer: live, or in the next batch job
    /// [default: live]
    #[arg(long, value_name = "HOW", requires = "batch", value_parser = any_of::<BatchRungs>())]
    pub(super) batch_rungs: Option<String>,
    /// Write the sentences whose English changes to a file, old beside new and why: an object a line, or a table if it is
    /// named .tsv
    #[arg(long, value_name = "FILE")]
    pub(super) changes: Option<PathBuf>,
    /// Report on standard error how each term of an article was made to hold: the rung, and the rule of repair
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) explain: bool,
    /// Print the summary as a JSON object on standard output
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) fields: FieldArgs,
    /// Whether `watch` runs it again after a change: notes about the whole corpus were printed the first time.
    #[arg(skip)]
    pub(super) is_repeated: bool,
}

impl TranslateArgs {
    /// How the run goes by night, if that is asked for.
    fn night(&self) -> Option<NightPlan> {
        let rungs = || self.batch_rungs.as_deref().and_then(|how| how.parse().ok()).unwrap_or_default();
        self.batch.then(|| NightPlan { rungs: rungs(), waits: !self.no_wait })
    }

    /// How to see the sentences that change.
    fn more_changes(&self) -> &'static str {
        if self.changes.is_some() || self.is_repeated { "" } else { "; --changes FILE lists them" }
    }

    /// The flags that are settings.
    pub(super) fn flags(&self) -> Vec<SettingFlag> {
        let list = |items: &[String]| (!items.is_empty()).then(|| items.to_vec());
        let flags = [
            engine_flag(self.engine.as_deref()),
            SettingFlag::switch("offline", "translate.offline", self.offline),
            SettingFlag::new("budget", "translate.budget", self.budget_name.clone()),
            SettingFlag::new("output", "translate.output", self.output.clone()),
            SettingFlag::new("format", "translate.formats", list(&self.format)),
            self.lenient.flag(),
        ];
        flags.into_iter().chain(self.scope.flags()).chain(self.fields.flags()).collect()
    }
}

/// Files and names listed one by one.
const SHOWN: usize = 20;

/// Findings shown at the end of a run: as many as a screen has room for. `wortlaut check` has them all.
const SHOWN_FINDINGS: usize = 10;

/// How long a run that is over waits for what the service says of the account.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// What a run without a glossary does not do.
const NO_GLOSSARY: &str =
    "no glossary: names and terms are not checked (`wortlaut glossary add SOURCE TARGET` starts one)";

pub(super) fn run(args: &TranslateArgs, global: &GlobalArgs, is_logged: bool) -> Result<Exit, Failure> {
    let mut project = Project::open(global, args.flags())?;
    if let Some(concurrency) = args.concurrency {
        project = project.with_engine_flag("concurrency", concurrency.into())?;
    }
    let settings = &project.settings;
    profile::require_offline(&project)?;
    limit_threads(&project, &settings.translate.engine)?;
    let memory_path = settings.memory.path.as_path();
    if args.paths.is_empty() {
        survey::require_input(&project, "wortlaut translate")?;
    }
    let own = Own::open(settings)?;
    let look =
        Look { project: &project, fields: &args.fields, own: &own, quiet: global.quiet || args.is_repeated };
    let found = look.find(&args.paths)?;
    let destination = Destination {
        output: args.output.as_deref(),
        is_format_named: !args.format.is_empty(),
        overwrite: args.overwrite,
        summary_on_stdout: args.json,
        dry_run: args.dry_run,
        merge: args.merge,
        settings: &settings.translate,
        found: &found,
        own: &own,
    };
    let sink = destination.sink()?;
    let in_the_way = sink.look(&found.inputs, &own)?;
    let left_by_a_run =
        if args.dry_run && !args.overwrite { sink.left_by_a_run(&found.inputs)? } else { Vec::new() };
    let prune = args.prune.then(|| Prune::look(&sink, &found)).transpose()?;
    match &prune {
        Some(prune) if args.dry_run => prune.tell("would remove"),
        Some(prune) if !prune.confirm(args.yes)? => {
            let _ = writeln!(io::stderr(), "nothing was removed or translated");
            return Ok(Exit::Ok);
        }
        _ => {}
    }
    let FoundInputs { inputs, lost, .. } = found;
    let known = if in_the_way.foreign.is_empty() {
        None
    } else {
        // Without a memory nobody knows what would be written, so no engine is needed.
        Some(existing_memory(settings)?.ok_or_else(|| refusal(&in_the_way.foreign))?)
    };
    // May pull a model: only once there is something to translate.
    let pulling = (!(args.dry_run || args.frozen)).then_some(Pulling {
        settings: &settings.models,
        yes: args.yes,
        quiet: global.quiet,
    });
    // What is only looked at needs no key.
    let profile = if args.dry_run || args.frozen {
        profile::looking_profile(&project)?.0
    } else {
        profile::run_profile(&project, pulling)?
    };
    let next = profile::next_profiles(&project, pulling, args.dry_run || args.frozen)?;
    let all: Vec<&Profile> = std::iter::once(&profile).chain(&next).collect();
    one_currency(&all)?;
    let hosts = hosts(&all);
    let is_brief = args.is_repeated || is_brief(&inputs, &sink);
    let mode = match (global.quiet, io::stderr().is_terminal() && !is_logged) {
        (true, _) => Mode::Quiet,
        // A dry run is over before a bar would show anything.
        (false, _) if args.dry_run => Mode::Lines,
        (false, true) => Mode::Bar,
        (false, false) if is_brief => Mode::Brief,
        (false, false) => Mode::Lines,
    };
    let progress = Arc::new(Progress::new(mode));
    // One purse pays for all, in one currency.
    let prices = all.iter().find_map(|profile| profile.prices.clone());
    let (events, happened) = Events::channel();
    let allowance = args.budget.allowance(&profile)?;
    for next in &next {
        args.budget.allowance(next)?;
    }
    // Opened before the engines are built, which ask it for their turns.
    let shared = if args.dry_run || args.frozen { None } else { open_shared(settings)? };
    let supplies = EngineSupplies {
        on_wait: events.on_wait(),
        purse: purse(settings, allowance, shared.as_ref())?,
        pace: shared.clone().map(|memory| Arc::new(MemoryPace(memory)) as Arc<dyn SharedPace>),
        ..EngineSupplies::default()
    };
    let next = Project::engines(&next, &supplies)?;
    let (tools, glossary) = project.tools_and_glossary(&profile, supplies)?;
    if args.batch {
        batch::require_lane(tools.engine.as_ref())?;
    }
    if tools.matcher.is_empty() && !(global.quiet || args.is_repeated) {
        progress.line(NO_GLOSSARY);
    }
    let by_tokens = next.iter().chain([&tools.engine]).any(|engine| engine.info().billing == Billing::Tokens);
    let mut options = project.options(mode == Mode::Bar);
    options.next = next;
    options.again = Again::new(&args.again, args.again_text.as_deref())
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let runtime = runtime()?;
    if let Some(memory) = known {
        let mut options = options.clone();
        let makers = runtime.block_on(memory.makers())?;
        options.peers = peers(settings, &tools, &options, &makers, args.upgrade)?;
        options.peers.adopted = Earlier::of(tools.engine.info(), &makers, memory.as_ref())?
            .settled(&tools.engine.info().profile)?;
        let doubt =
            Doubt { inputs: &inputs, sink: &sink, tools: &tools, options: &options, runtime: &runtime };
        doubt.settle(&in_the_way.foreign, memory)?;
    }
    let changes = ChangeLog::new(args.changes.as_deref(), args.overwrite)?;
    if args.dry_run {
        let listing = EstimateListing::start(tools.engine.info().clone(), args.json, &progress, happened);
        let dry = DryRun {
            night: args.night(),
            json: args.json,
            upgrade: args.upgrade,
            lists_changes: args.changes.is_some(),
            more_changes: args.more_changes(),
            settings,
            inputs,
            tools,
            options,
            hosts,
            sink: &sink,
            changes: &changes,
        };
        let exit = dry.run(listing, &events, &runtime);
        progress.finish();
        tell_left("would leave", &left_by_a_run, &progress);
        return exit.map(|exit| if left_by_a_run.is_empty() { exit } else { Exit::Partial });
    }
    let _lock = lock_memory(settings)?;
    let memory = match shared {
        Some(memory) => memory,
        None => open_memory(settings)?,
    };
    let makers = runtime.block_on(memory.makers())?;
    options.peers = peers(settings, &tools, &options, &makers, args.upgrade)?;
    options.peers.adopted =
        Earlier::of(tools.engine.info(), &makers, memory.as_ref())?.settled(&tools.engine.info().profile)?;
    if args.frozen {
        let run =
            Run { options: options.clone(), ..Run::new(inputs.clone(), tools.clone(), Arc::clone(&memory)) };
        let estimate = runtime.block_on(run.estimate())?;
        if estimate.to_send > 0 {
            let segments = counted(estimate.to_send, "segment");
            progress.line(&format!("{segments} would be sent; nothing was written"));
            return Ok(Exit::Findings);
        }
        options.offline = true;
    }
    if !options.offline {
        let run =
            Run { options: options.clone(), ..Run::new(inputs.clone(), tools.clone(), Arc::clone(&memory)) };
        keep_terms(&project, &run, &progress, &runtime)?;
    }
    if let Some(plan) = args.night() {
        let mut night = plan.night(inputs.clone(), tools.clone(), options.clone(), &memory);
        if let Some(exit) = batch::work(&mut night, &progress, &runtime)? {
            return Ok(exit);
        }
    } else {
        batch::note_underway(memory.as_ref(), &progress, &runtime)?;
    }
    sink.begin(&memory, &in_the_way)?;
    let state = runtime.block_on(memory.state())?;
    let remembered = match &sink {
        // Where articles are asked for again, explained or put together, each is made.
        Sink::Folder(outputs, _) if options.again.is_empty() && !(args.merge || args.explain) => {
            let remembered = RememberedArticles::of(&project, &tools, &options, &glossary, outputs);
            state.map(|state| (remembered.load(&state), remembered, state))
        }
        _ => None,
    };
    prune.iter().try_for_each(Prune::prune)?;
    let started = Instant::now();
    let merging = if args.merge { Some(sink.merging(&settings.translate.formats)?) } else { None };
    let deliver = if args.explain { explaining(sink.deliver()?, &progress) } else { sink.deliver()? };
    let deliver = match &merging {
        Some(merged) => merging_too(deliver, merged),
        None => deliver,
    };
    let deliver = match sink.outputs() {
        Some(outputs) => changes.around(deliver, outputs),
        None => deliver,
    };
    let (engine, translator) = (tools.engine.info().clone(), Arc::clone(&tools.engine));
    let stop = Stop::default();
    let run = Run::new(inputs, tools, Arc::clone(&memory));
    let memos = remembered.as_ref().map(|(memos, ..)| Arc::clone(memos));
    let run = Run { options, deliver, events, stop: stop.clone(), memos, ..run };
    let reporter = report(Arc::clone(&progress), happened, shown(args, global));
    let mut run = runtime.block_on(signals::heeded(run.start(), &stop));
    let findings = findings_of(reporter);
    run.stats.skipped += lost;
    if args.batch {
        // What was spent by night counts, too.
        run.spent = translator.spent();
    }
    progress.finish();
    let merged = finish_merging(merging, &run);
    let left = sink.finish();
    if let (Some((memos, remembered, before)), Ok(_)) = (remembered, &left)
        && let Ok(Some(now)) = runtime.block_on(memory.state())
    {
        remembered.save(&memos, &before, &now);
    }
    let closed = runtime.block_on(memory.close());
    let account = runtime.block_on(account(translator.as_ref()));
    runtime.shutdown_background();
    close(closed, &mut run, memory_path, &progress);
    let left = left?;
    let sentences = changes.finish()?;
    let summary = Summary {
        stats: run.stats.clone(),
        seconds: started.elapsed().as_secs_f64(),
        engine: engine.profile,
        engines: sent_to(&run, &hosts),
        usage: by_tokens.then_some(run.spent.usage),
        cost: prices.as_ref().map(|prices| CostLine::new(run.spent.cost, run.spent.unsure_cost, prices)),
        account,
        caveat: engine.caveat.filter(|_| !args.is_repeated),
        output: sink.path().map(Path::to_owned),
        left: left.iter().map(|left| left.path.clone()).collect(),
        inconsistencies: std::mem::take(&mut run.inconsistencies),
        stopped: run.failure.as_ref().map(ToString::to_string),
        changed: sentences,
        is_complete: run.is_complete,
    };
    list_findings(&findings, args, global, &progress);
    if args.json {
        print(&serde_json::to_string(&summary).map_err(io::Error::other)?)?;
    }
    if summary.stats.again == 0 && !(args.again.is_empty() && args.again_text.is_none()) {
        progress.line("note: no segment of these articles was chosen by --again or --again-text");
    }
    match (global.quiet || summary.is_empty(), is_brief) {
        (true, _) => {}
        (false, true) if args.json => {}
        (false, true) => summary.lines().iter().for_each(|line| progress.line(line)),
        (false, false) => summarize(args, &summary, &progress),
    }
    if !(global.quiet || args.json) {
        summary.engines.iter().for_each(|line| progress.line(&line.to_string()));
    }
    if sentences > 0 && !global.quiet {
        let (number, hint) = (counted(sentences, "sentence"), args.more_changes());
        progress.line(&format!("note: {number} changed in files that were there before{hint}"));
    }
    if !global.quiet {
        untold(args.changes.is_some(), &changes).for_each(|note| progress.line(&note));
    }
    tell_left("left", &left, &progress);
    merged?;
    let exit = conclude(run, &summary, settings.check.fail_on)?;
    Ok(if left.is_empty() { exit } else { Exit::Partial })
}

/// What the service of a run says is used of the account; nothing if nothing was sent, and if it does not answer, since the
/// run is over.
async fn account(engine: &dyn Engine) -> Option<AccountLine> {
    let upkeep = engine.upkeep()?;
    let before = upkeep.account_before()?;
    let now = tokio::time::timeout(LAST_LOOK, upkeep.account()).await.ok()?.ok()??;
    Some(AccountLine { before: Some(before.used), ..AccountLine::new(now, engine.info().billing) })
}

/// Delivers articles, and collects them for the files that have them all.
fn merging_too(deliver: Deliver, merged: &Arc<MergedFiles>) -> Deliver {
    let Deliver { article, corpus } = deliver;
    let merged = Arc::clone(merged);
    let article: DeliverArticle = Arc::new(move |document, is_current| {
        let files = article(document, is_current)?;
        // One that is out of date comes again.
        if files.is_some() {
            merged.add(document)?;
        }
        Ok(files)
    });
    Deliver { article, corpus }
}

/// Writes the files that have all articles. A run that ended early leaves those of an earlier one, which have more.
fn finish_merging(merging: Option<Arc<MergedFiles>>, run: &RunOutcome) -> Result<(), Failure> {
    // Whoever delivered articles is done.
    let Some(merged) = merging.and_then(Arc::into_inner).filter(|_| run.failure.is_none()) else {
        return Ok(());
    };
    merged.finish().map(drop).map_err(|error| Failure::new(Exit::Partial, error))
}

/// Whether the run is that of a single article whose English goes to standard output or a file: its figures take
/// a few lines.
fn is_brief(inputs: &Inputs, sink: &Sink) -> bool {
    inputs.articles.len() == 1 && inputs.corpora.is_empty() && !matches!(sink, Sink::Folder(..))
}

/// What went to each of several engines.
pub(super) fn sent_to(run: &RunOutcome, hosts: &[Option<String>]) -> Vec<EngineLine> {
    if hosts.len() < 2 {
        return Vec::new();
    }
    let line = |(share, host): (&EngineShare, &Option<String>)| EngineLine {
        engine: share.engine.clone(),
        host: host.clone(),
        requests: Some(share.requests),
        segments: share.segments,
        characters: share.characters,
        cost: None,
        retired: share.retired.clone(),
    };
    run.shares.iter().zip(hosts).map(line).collect()
}

/// Where each engine sends to; `None` stands for this machine.
pub(super) fn hosts(profiles: &[&Profile]) -> Vec<Option<String>> {
    let host = |profile: &&Profile| server_of(profile).ok().flatten().map(|server| server.host());
    profiles.iter().map(host).collect()
}

/// Which findings are shown at the end.
#[derive(Clone, Copy)]
struct ShownFindings {
    least: Severity,
    /// Only those of articles in which something is new: an earlier run told the others.
    only_new: bool,
}

fn shown(args: &TranslateArgs, global: &GlobalArgs) -> ShownFindings {
    let least = if global.quiet { Severity::Error } else { Severity::Warning };
    ShownFindings { least, only_new: args.is_repeated }
}

/// Shows events as they come, on a thread of its own, until the run is over; gives back the worst of what was found.
fn report(
    progress: Arc<Progress>,
    mut happened: UnboundedReceiver<Event>,
    shown: ShownFindings,
) -> JoinHandle<WorstFindings> {
    thread::spawn(move || {
        let mut findings = WorstFindings::new(shown.least, SHOWN_FINDINGS);
        while let Some(event) = happened.blocking_recv() {
            progress.event(&event);
            match event {
                Event::Finished => break,
                Event::Written { article, stats, findings: found, .. }
                    if stats.translated > 0 || !shown.only_new =>
                {
                    findings.add(&article, found);
                }
                _ => {}
            }
        }
        findings
    })
}

/// Delivers as before, and explains each article when it is done: with a large corpus, lines would pile up until the end.
/// Records of a corpus file are not explained.
fn explaining(deliver: Deliver, progress: &Arc<Progress>) -> Deliver {
    let (progress, article) = (Arc::clone(progress), deliver.article);
    let article: DeliverArticle = Arc::new(move |document, is_current| {
        let written = article(document, is_current)?;
        if written.is_some() {
            for line in explanation_lines(document) {
                progress.line(&line);
            }
        }
        Ok(written)
    });
    Deliver { article, ..deliver }
}

/// What the reporter collected, when it is done.
fn findings_of(reporter: JoinHandle<WorstFindings>) -> WorstFindings {
    reporter.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// What closing the memory adds to the result of a run.
pub(super) fn close(
    closed: Result<Log, MemoryError>,
    run: &mut RunOutcome,
    memory: &Path,
    progress: &Progress,
) {
    match closed {
        Ok(Log::Merged) => {}
        Ok(Log::Left) => progress.line(&format!(
            "note: another process is reading the translation memory; until it ends, copy {0} only together with \
             {0}-wal",
            memory.display()
        )),
        // What stopped the run comes first: the memory most likely failed of the same.
        Err(error) => drop(run.failure.get_or_insert(RunError::Memory(error))),
    }
}

/// Lists the worst findings, and says how to see the others.
fn list_findings(findings: &WorstFindings, args: &TranslateArgs, global: &GlobalArgs, progress: &Progress) {
    findings.lines().iter().for_each(|line| progress.line(line));
    if findings.more() > 0 {
        let how = match check_command(args, global) {
            Some(command) => format!("all of them: {command}"),
            // What came through a pipe is gone.
            None => "the format jsonl has them all".to_owned(),
        };
        progress.line(&format!("… and {} more; {how}", findings.more()));
    }
}

/// The command that lists all findings of such a run.
fn check_command(args: &TranslateArgs, global: &GlobalArgs) -> Option<String> {
    let mut words = vec!["wortlaut".to_owned(), "check".to_owned()];
    for path in &args.paths {
        words.push(path.to_str().filter(|path| *path != "-")?.to_owned());
    }
    let engine = args.engine.iter().map(|engine| ("--engine", engine.clone()));
    let glossaries = global.glossary.iter().map(|path| ("--glossary", path.display().to_string()));
    let config = global.config.iter().map(|path| ("--config", path.display().to_string()));
    words.extend(engine.chain(glossaries).chain(config).flat_map(|(flag, value)| [flag.to_owned(), value]));
    Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '+' | ',');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Reports the result of a run of many articles.
fn summarize(args: &TranslateArgs, summary: &Summary, progress: &Progress) {
    // What a run says of the whole corpus does not hold of a part.
    if summary.stopped.is_none() {
        tell_inconsistencies(summary, progress);
    }
    if !args.json {
        let _ = writeln!(io::stderr(), "{}", clean_lines(&summary.table()));
    }
    let is_any = summary.stats.translated + summary.stats.reused > 0;
    if let Some(caveat) = summary.caveat.as_ref().filter(|_| is_any) {
        progress.line(&format!("note: {}: {caveat}", summary.engine));
    }
    if let Some(note) = upgrade_note(&summary.stats.upgradable, &summary.engine) {
        progress.line(&format!("note: {note}"));
    }
}

/// Lists the files that were not written, or would not be.
fn tell_left(verb: &str, left: &[LeftFile], progress: &Progress) {
    for LeftFile { path, ownership } in left.iter().take(SHOWN) {
        let (path, reason) = (path.display(), ownership.describe());
        let learn = match ownership {
            Ownership::Changed => "`wortlaut learn` takes the corrections over, ",
            Ownership::Foreign => "",
        };
        progress.line(&format!("{verb} {path} as it is: {reason}; {learn}--overwrite replaces it"));
    }
    if left.len() > SHOWN {
        progress.line(&format!("… and {} more files that are left as they are", left.len() - SHOWN));
    }
}

/// Lists what is rendered in more than one way.
fn tell_inconsistencies(summary: &Summary, progress: &Progress) {
    for found in summary.inconsistencies.iter().take(SHOWN) {
        let ways: Vec<String> = found
            .renderings
            .iter()
            .map(|r| format!("“{}” ({}×, {} segment {})", r.text, r.count, r.article, r.segment))
            .collect();
        progress.line(&format!("warning: “{}” is rendered as {}", found.name, ways.join(" and ")));
    }
    let more = summary.inconsistencies.len().saturating_sub(SHOWN);
    if more > 0 {
        progress.line(&format!("… and {more} more that are rendered in two ways; --json has them all"));
    }
}

/// Whether a run found what fails it.
fn has_failing(stats: &crate::pipeline::Stats, fail_on: FailOn) -> bool {
    let counts = [
        (Severity::Error, stats.errors),
        (Severity::Warning, stats.warnings),
        (Severity::Info, stats.remarks),
    ];
    counts.into_iter().any(|(severity, count)| count > 0 && fail_on.includes(severity))
}

/// The exit code of a run.
pub(super) fn conclude(run: RunOutcome, summary: &Summary, fail_on: FailOn) -> Result<Exit, Failure> {
    let failure = match run.failure {
        Some(error) => Failure::from(error),
        None if run.stats.failed + run.stats.skipped + run.stats.unfinished > 0 => return Ok(Exit::Partial),
        None if has_failing(&run.stats, fail_on) => return Ok(Exit::Findings),
        None => return Ok(Exit::Ok),
    };
    Err(failure.with_state(&summary.state()))
}
