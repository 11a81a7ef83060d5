//! `wortlaut translate`: a corpus, one article, or a pipe.

use std::io::{self, IsTerminal, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::config::Settings;
use crate::engine::OnWait;
use crate::memory::{Log, Maker, Memory, MemoryError, RunLock};
use crate::model::{ArticleId, SegmentFinding, Severity};
use crate::pipeline::{self, Again, Event, Events, Inputs, Peers, Run, RunError, RunOutcome, Stop, Tools};
use crate::report::{
    Mode, Progress, Summary, clean, clean_lines, estimate_table, finding_lines, upgrade_note,
};

use super::cli::{Furniture, TranslateArgs};
use super::doubt::Doubt;
use super::failure::{Exit, Failure};
use super::inputs::{FoundInputs, Look};
use super::memory::Earlier;
use super::models::Pulling;
use super::own::Own;
use super::sink::{Destination, Sink, refusal};
use super::{models, print, setup, signals, survey};

/// So many findings are told one by one; the rest is in the files.
const SHOWN: usize = 20;

/// Findings listed for a single article: its English is what the user reads, and more would push it off the screen.
const SHOWN_OF_ONE: usize = 3;

/// Findings are kept to be told in order, but no more than this.
const COLLECTED: usize = 2000;

/// What a run without a glossary does not do.
const NO_GLOSSARY: &str =
    "no glossary: names and terms are not checked (`wortlaut glossary add SOURCE TARGET` starts one)";

/// Findings to list when the run is over.
type Findings = Vec<(ArticleId, SegmentFinding)>;

pub(super) fn run(args: &TranslateArgs) -> Result<Exit, Failure> {
    let settings = settings(args)?;
    if args.paths.is_empty() {
        survey::require_input(&settings, "wortlaut translate")?;
    }
    let own = Own::open(&settings.memory)?;
    let output = args.output.as_deref().unwrap_or(&settings.output);
    let look = Look { settings: &settings, read: &args.read, output, own: &own, quiet: args.quiet };
    let found = look.find(&args.paths)?;
    let sink = Destination { args, settings: &settings, found: &found, own: &own }.sink()?;
    let in_the_way = sink.look(&found.inputs, &own)?;
    let FoundInputs { inputs, lost, .. } = found;
    let known = if in_the_way.foreign.is_empty() {
        None
    } else {
        // Without a memory nothing tells what would be written, so no engine is asked for.
        Some(Memory::open_existing(&settings.memory)?.ok_or_else(|| refusal(&in_the_way.foreign))?)
    };
    // May pull a model: only once there is something to translate.
    let pulling = (!args.dry_run).then_some(Pulling { yes: args.yes, quiet: args.quiet });
    let profile = setup::run_profile(&settings, pulling)?;
    let is_brief = is_brief(&inputs, &sink);
    let mode = match (args.quiet, io::stderr().is_terminal()) {
        (true, _) => Mode::Quiet,
        // A dry run is over before a bar would tell anything.
        (false, _) if args.dry_run => Mode::Lines,
        (false, true) => Mode::Bar,
        (false, false) if is_brief => Mode::Brief,
        (false, false) => Mode::Lines,
    };
    let progress = Arc::new(Progress::new(mode));
    let (events, happened) = Events::channel();
    let tools = setup::tools(&settings, &profile, on_wait(&events))?;
    if tools.matcher.is_empty() && !args.quiet {
        progress.line(NO_GLOSSARY);
    }
    let mut options = setup::options(&settings, mode == Mode::Bar)?;
    options.again = Again::new(&args.again, args.again_text.as_deref())
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let runtime = runtime()?;
    if let Some(memory) = known {
        let mut options = options.clone();
        let makers = runtime.block_on(memory.makers())?;
        options.peers = peers(args, &settings, &tools, &makers)?;
        options.peers.adopted =
            Earlier::of(tools.engine.info(), &makers, &memory)?.settled(&tools.engine.info().profile)?;
        let doubt =
            Doubt { inputs: &inputs, sink: &sink, tools: &tools, options: &options, runtime: &runtime };
        doubt.settle(&in_the_way.foreign, memory)?;
    }
    if args.dry_run {
        let reporter = report(Arc::clone(&progress), happened);
        let exit = dry_run(args, &settings, inputs, tools, options, events.clone(), &runtime);
        events.send(Event::Finished);
        findings_of(reporter);
        progress.finish();
        return exit;
    }
    let _lock = RunLock::acquire(&settings.memory)?;
    let memory = Arc::new(Memory::open(&settings.memory)?);
    let makers = runtime.block_on(memory.makers())?;
    options.peers = peers(args, &settings, &tools, &makers)?;
    options.peers.adopted =
        Earlier::of(tools.engine.info(), &makers, &memory)?.settled(&tools.engine.info().profile)?;
    sink.begin(&memory, &in_the_way)?;
    let started = Instant::now();
    let deliver = sink.deliver()?;
    let engine = tools.engine.info().clone();
    let stop = Stop::default();
    let run = Run::new(inputs, tools, Arc::clone(&memory));
    let run = Run { options, deliver, events, stop: stop.clone(), ..run };
    let reporter = report(Arc::clone(&progress), happened);
    let mut run = runtime.block_on(signals::heeded(run.start(), &stop));
    let findings = findings_of(reporter);
    run.stats.skipped += lost;
    progress.finish();
    let left = sink.finish();
    let closed = runtime.block_on(memory.close());
    runtime.shutdown_background();
    close(closed, &mut run, &settings.memory, &progress);
    let summary = Summary {
        stats: run.stats.clone(),
        seconds: started.elapsed().as_secs_f64(),
        engine: engine.profile,
        caveat: engine.caveat,
        output: sink.path().map(Path::to_owned),
        inconsistencies: std::mem::take(&mut run.inconsistencies),
        stopped: run.failure.as_ref().map(ToString::to_string),
        is_complete: run.is_complete,
    };
    let left = left?;
    tell_findings(findings, is_brief, &progress);
    if args.json {
        print(&serde_json::to_string(&summary).map_err(io::Error::other)?)?;
    }
    if summary.stats.again == 0 && !(args.again.is_empty() && args.again_text.is_none()) {
        progress.line("note: no segment of these articles was chosen by --again or --again-text");
    }
    match (args.quiet || summary.is_empty(), is_brief) {
        (true, _) => {}
        (false, true) if args.json => {}
        (false, true) => summary.lines().iter().for_each(|line| progress.line(line)),
        (false, false) => tell(args, &summary, &progress),
    }
    tell_left(&left, &progress);
    let exit = conclude(run, &summary)?;
    Ok(if left.is_empty() { exit } else { Exit::Partial })
}

/// Whether the run is that of a single article whose English goes to standard output or a file: its figures are told
/// in a few lines.
fn is_brief(inputs: &Inputs, sink: &Sink) -> bool {
    inputs.articles.len() == 1 && inputs.corpora.is_empty() && !matches!(sink, Sink::Folder(..))
}

/// The settings with the flags on top.
fn settings(args: &TranslateArgs) -> Result<Settings, Failure> {
    let mut layers = setup::layers(&args.config)?;
    let furniture = args.furniture.map(|what| match what {
        Furniture::Keep => "keep".to_owned(),
        Furniture::Translate => "translate".to_owned(),
    });
    let flags = [
        ("engine", "translate.engine", args.engine.clone()),
        ("output", "translate.output", setup::text_of(args.output.as_deref())),
        ("format", "translate.formats", args.format.clone()),
        ("glossary", "glossary.path", setup::text_of(args.glossary.as_deref())),
        ("lenient", "glossary.lenient", setup::text_of_switch(args.lenient)),
        ("furniture", "translate.furniture", furniture),
        ("text-field", "translate.text_field", args.read.text_field.clone()),
        ("id-field", "translate.id_field", args.read.id_field.clone()),
        ("target-field", "translate.target_field", args.read.target_field.clone()),
        ("force", "translate.force", args.read.force.then(|| "true".to_owned())),
    ];
    setup::with_flags(&mut layers, &flags)?;
    if let Some(concurrency) = args.concurrency {
        let key = format!("engines.{}.concurrency", Settings::new(&layers)?.engine);
        setup::with_flags(&mut layers, &[("concurrency", &key, Some(concurrency.to_string()))])?;
    }
    Ok(Settings::new(&layers)?)
}

/// The engines beside that of the run whose answers count: only the models of `auto` are ranked.
fn peers(
    args: &TranslateArgs,
    settings: &Settings,
    tools: &Tools,
    makers: &[Maker],
) -> Result<Peers, Failure> {
    if settings.engine != models::AUTO || makers.is_empty() {
        return Ok(Peers::default());
    }
    models::peers(tools.engine.info(), makers, args.upgrade)
}

/// Shows events as they come, on a thread of its own, until the run is over; gives back the errors that were found.
fn report(progress: Arc<Progress>, mut happened: UnboundedReceiver<Event>) -> JoinHandle<Findings> {
    thread::spawn(move || {
        let mut findings = Findings::new();
        while let Some(event) = happened.blocking_recv() {
            progress.event(&event);
            match event {
                Event::Finished => break,
                Event::Written { article, findings: found, .. } => {
                    let errors = found.into_iter().filter(|found| found.finding.severity == Severity::Error);
                    let room = COLLECTED.saturating_sub(findings.len());
                    findings.extend(errors.take(room).map(|found| (article.clone(), found)));
                }
                _ => {}
            }
        }
        findings
    })
}

/// What the reporter collected, when it is done.
fn findings_of(reporter: JoinHandle<Findings>) -> Findings {
    reporter.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Reports the engine's pauses as events.
fn on_wait(events: &Events) -> OnWait {
    let events = events.clone();
    Arc::new(move |wait| events.send(Event::Waiting { reason: wait.error.to_string(), pause: wait.duration }))
}

/// What drives a run.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let built = Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Failure::new(Exit::Engine, format!("cannot start: {error}")))
}

/// Says what would be sent.
fn dry_run(
    args: &TranslateArgs,
    settings: &Settings,
    inputs: Inputs,
    tools: Tools,
    mut options: pipeline::Options,
    events: Events,
    runtime: &Runtime,
) -> Result<Exit, Failure> {
    let engine = tools.engine.info().clone();
    let memory = match Memory::open_existing(&settings.memory)? {
        Some(memory) => memory,
        None => Memory::open_in_memory()?,
    };
    let makers = runtime.block_on(memory.makers())?;
    options.peers = peers(args, settings, &tools, &makers)?;
    let earlier = Earlier::of(&engine, &makers, &memory)?;
    let offer = earlier.offer(&engine.profile);
    options.peers.adopted = earlier.taken;
    let run = Run { options, events, ..Run::new(inputs, tools, Arc::new(memory)) };
    let estimate = runtime.block_on(run.estimate())?;
    let engine = &engine.profile;
    if args.json {
        print(&serde_json::json!({ "dry_run": true, "engine": engine, "estimate": estimate }).to_string())?;
    } else {
        print(&clean_lines(&estimate_table(&estimate, engine)))?;
        if let Some(note) = upgrade_note(&estimate.upgradable, engine) {
            print(&clean(&format!("note: {note}")))?;
        }
    }
    if let Some(offer) = offer {
        let _ = writeln!(io::stderr(), "note: {}", clean(&offer));
    }
    Ok(if estimate.skipped + estimate.failed > 0 { Exit::Partial } else { Exit::Ok })
}

/// What closing the memory adds to what a run came to.
fn close(closed: Result<Log, MemoryError>, run: &mut RunOutcome, memory: &Path, progress: &Progress) {
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

/// Tells findings one by one, up to a number.
fn tell_findings(mut told: Findings, is_brief: bool, progress: &Progress) {
    let shown = if is_brief { SHOWN_OF_ONE } else { SHOWN };
    told.sort_by(|(a, first), (b, second)| (a, first.segment).cmp(&(b, second.segment)));
    for (article, found) in told.iter().take(shown) {
        // The sentence of a single article stands in what the user is reading.
        for line in finding_lines(article, found).iter().take(if is_brief { 1 } else { usize::MAX }) {
            progress.line(line);
        }
    }
    if told.len() > shown {
        progress.line(&format!("… and {} more; the formats jsonl and tsv have them all", told.len() - shown));
    }
}

/// Tells what a run of many articles came to.
fn tell(args: &TranslateArgs, summary: &Summary, progress: &Progress) {
    // What a run says of the whole corpus is not told of a part.
    if summary.stopped.is_none() {
        tell_inconsistencies(summary, progress);
    }
    if !args.json {
        let _ = writeln!(io::stderr(), "{}", clean_lines(&summary.table()));
    }
    if let Some(caveat) = &summary.caveat {
        progress.line(&format!("note: {}: {caveat}", summary.engine));
    }
    if let Some(note) = upgrade_note(&summary.stats.upgradable, &summary.engine) {
        progress.line(&format!("note: {note}"));
    }
}

/// Tells which files were not written.
fn tell_left(left: &[PathBuf], progress: &Progress) {
    for path in left.iter().take(SHOWN) {
        let path = path.display();
        progress.line(&format!("left {path} as it is: a person made or changed it; --overwrite replaces it"));
    }
    if left.len() > SHOWN {
        progress.line(&format!("… and {} more files that were left as they are", left.len() - SHOWN));
    }
}

/// Tells what is rendered in more than one way.
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

/// The exit code of a run.
fn conclude(run: RunOutcome, summary: &Summary) -> Result<Exit, Failure> {
    let failure = match run.failure {
        Some(error) => Failure::from(error),
        None if run.stats.failed + run.stats.skipped + run.stats.unfinished > 0 => return Ok(Exit::Partial),
        None if run.stats.errors > 0 => return Ok(Exit::Findings),
        None => return Ok(Exit::Ok),
    };
    Err(failure.with_state(&summary.state()))
}
