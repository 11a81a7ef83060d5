//! `wortlaut translate`: a corpus, one article, or a pipe.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::engine::OnWait;
use crate::memory::{Maker, Memory, RunLock};
use crate::model::{ArticleId, Severity};
use crate::pipeline::{self, Event, Failure as RunFailure, Found, Inputs, OnEvent, Peers, Run, Tools};
use crate::report::{Mode, Progress, Summary, estimate_table, finding_lines, upgrade_note};

use super::cli::{Furniture, TranslateArgs};
use super::doubt::Doubt;
use super::failure::{Exit, Failure};
use super::inputs::{FoundInputs, Look};
use super::models::Pulling;
use super::own::Own;
use super::sink::{Destination, refusal};
use super::{models, print, setup, survey};

/// So many findings are told one by one; the rest is in the files.
const SHOWN: usize = 20;

/// Findings are kept to be told in order, but no more than this.
const COLLECTED: usize = 2000;

/// What a run without a glossary does not do.
const NO_GLOSSARY: &str =
    "no glossary: names and terms are not checked (`wortlaut glossary add SOURCE TARGET` starts one)";

/// Findings that are told when the run is over.
type Told = Arc<Mutex<Vec<(ArticleId, Found)>>>;

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
    let mode = match (args.quiet, io::stderr().is_terminal()) {
        (true, _) => Mode::Quiet,
        (false, true) => Mode::Bar,
        (false, false) => Mode::Lines,
    };
    let progress = Arc::new(Progress::new(mode));
    let told = Told::default();
    let on_event = on_event(Arc::clone(&progress), Arc::clone(&told));
    let tools = setup::tools(&settings, &profile, on_wait(&on_event))?;
    if tools.matcher.is_empty() && !args.quiet {
        progress.line(NO_GLOSSARY);
    }
    let mut options = setup::options(&settings, mode == Mode::Bar)?;
    let runtime = runtime()?;
    if let Some(memory) = known {
        let mut options = options.clone();
        options.peers = peers(args, &settings, &tools, &runtime.block_on(memory.makers())?)?;
        let doubt =
            Doubt { inputs: &inputs, sink: &sink, tools: &tools, options: &options, runtime: &runtime };
        doubt.settle(&in_the_way.foreign, memory)?;
    }
    if args.dry_run {
        let exit = dry_run(args, &settings, &inputs, (&tools, options), (&runtime, &on_event));
        progress.finish();
        return exit;
    }
    let _lock = RunLock::acquire(&settings.memory)?;
    let memory = Arc::new(Memory::open(&settings.memory)?);
    options.peers = peers(args, &settings, &tools, &runtime.block_on(memory.makers())?)?;
    sink.begin(&memory, &in_the_way)?;
    let started = Instant::now();
    let deliver = sink.deliver()?;
    let engine = tools.engine.info().clone();
    let mut run = runtime.block_on(interruptible(inputs, tools, memory, options, (deliver, on_event)));
    run.stats.skipped += lost;
    runtime.shutdown_background();
    progress.finish();
    let summary = Summary {
        stats: run.stats.clone(),
        seconds: started.elapsed().as_secs_f64(),
        engine: engine.profile,
        caveat: engine.caveat,
        output: sink.path().map(Path::to_owned),
        inconsistencies: std::mem::take(&mut run.inconsistencies),
        stopped: run.failure.as_ref().map(ToString::to_string),
    };
    let left = sink.finish()?;
    tell(args, &summary, &progress, &told)?;
    tell_left(&left, &progress);
    let exit = conclude(run)?;
    Ok(if left.is_empty() { exit } else { Exit::Partial })
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
        let key = format!("engines.{}.concurrency", Settings::new(&layers).engine);
        setup::with_flags(&mut layers, &[("concurrency", &key, Some(concurrency.to_string()))])?;
    }
    Ok(Settings::new(&layers))
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

/// Shows events and collects findings.
fn on_event(progress: Arc<Progress>, told: Told) -> OnEvent {
    Arc::new(move |event| {
        progress.event(&event);
        if let Event::Written { article, outcome, .. } = &event {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            let errors = outcome.findings.iter().filter(|found| found.finding.severity == Severity::Error);
            for found in errors.take(COLLECTED.saturating_sub(told.len())) {
                told.push((article.clone(), found.clone()));
            }
        }
    })
}

/// Tells of the engine's pauses as events.
fn on_wait(on_event: &OnEvent) -> OnWait {
    let on_event = Arc::clone(on_event);
    Arc::new(move |wait| on_event(Event::Waiting { reason: wait.error.to_string(), pause: wait.duration }))
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
    inputs: &Inputs,
    (tools, mut options): (&Tools, pipeline::Options),
    (runtime, on_event): (&Runtime, &OnEvent),
) -> Result<Exit, Failure> {
    let memory = Memory::open_existing(&settings.memory)?;
    if let Some(memory) = &memory {
        options.peers = peers(args, settings, tools, &runtime.block_on(memory.makers())?)?;
    }
    let estimate = pipeline::estimate(inputs, tools, &options, memory.as_ref(), on_event);
    let estimate = runtime.block_on(estimate)?;
    let engine = &tools.engine.info().profile;
    if args.json {
        print(&serde_json::json!({ "dry_run": true, "engine": engine, "estimate": estimate }).to_string())?;
    } else {
        print(&estimate_table(&estimate, engine))?;
        if let Some(note) = upgrade_note(&estimate.upgradable, engine) {
            print(&format!("note: {note}"))?;
        }
    }
    Ok(if estimate.skipped > 0 { Exit::Partial } else { Exit::Ok })
}

/// The run, which the first Ctrl-C ends in good order and the second at once.
async fn interruptible(
    inputs: Inputs,
    tools: Tools,
    memory: Arc<Memory>,
    options: pipeline::Options,
    (deliver, on_event): (pipeline::Deliver, OnEvent),
) -> Run {
    let cancel = CancellationToken::new();
    let run = pipeline::run(inputs, tools, memory, options, (deliver, on_event, cancel.clone()));
    tokio::pin!(run);
    tokio::select! {
        run = &mut run => return run,
        () = interrupted() => cancel.cancel(),
    }
    tokio::select! {
        run = &mut run => run,
        () = interrupted() => Run { failure: Some(RunFailure::Interrupted), ..Run::default() },
    }
}

/// Resolves at Ctrl-C or a request to terminate.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals there is nothing to wait for.
        std::future::pending::<()>().await;
    }
}

/// Tells what a run came to.
fn tell(args: &TranslateArgs, summary: &Summary, progress: &Progress, told: &Told) -> Result<(), Failure> {
    if args.json {
        let object = serde_json::to_string(summary).map_err(io::Error::other)?;
        print(&object)?;
    }
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    told.sort_by(|(a, first), (b, second)| (a, first.segment).cmp(&(b, second.segment)));
    for (article, found) in told.iter().take(SHOWN) {
        for line in finding_lines(article, found) {
            progress.line(&line);
        }
    }
    if told.len() > SHOWN {
        progress.line(&format!("… and {} more; the jsonl and tsv files have them all", told.len() - SHOWN));
    }
    if args.quiet {
        return Ok(());
    }
    tell_inconsistencies(summary, progress);
    if !args.json {
        let _ = writeln!(io::stderr(), "{}", summary.table());
    }
    if let Some(caveat) = &summary.caveat {
        progress.line(&format!("note: {}: {caveat}", summary.engine));
    }
    if let Some(note) = upgrade_note(&summary.stats.upgradable, &summary.engine) {
        progress.line(&format!("note: {note}"));
    }
    Ok(())
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
fn conclude(run: Run) -> Result<Exit, Failure> {
    match run.failure {
        Some(RunFailure::Engine(error)) => Err(error.into()),
        Some(RunFailure::Memory(error)) => Err(error.into()),
        Some(RunFailure::Interrupted) => Err(Failure::new(Exit::Partial, "interrupted")
            .hint("what was translated is kept; run the same command again to go on")),
        None if run.stats.failed + run.stats.skipped + run.stats.unfinished > 0 => Ok(Exit::Partial),
        None if run.stats.errors > 0 => Ok(Exit::Findings),
        None => Ok(Exit::Ok),
    }
}
