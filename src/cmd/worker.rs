//! `wortlaut worker`: records in, records out, for whatever hands them out.

use std::io::{self, ErrorKind, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use crate::config::SettingFlag;
use crate::engine::{Billing, EngineSupplies, Profile, SharedPace};
use crate::memory::{MemoryError, RunLock};
use crate::model::ArticleId;
use crate::pipeline::{Deliver, DeliverCorpus, Event, Events, Inputs, Run, Stop};
use crate::read::{Corpus, Fields, TextType};
use crate::report::{CostLine, Mode, Progress, Summary};
use crate::write::{RECORD_FIELDS, RecordWriter};

use super::budget::{BudgetArgs, one_currency};
use super::choices::any_of;
use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::memory::Earlier;
use super::models::Pulling;
use super::peers::peers;
use super::profile;
use super::project::{LenientArgs, Project, engine_flag};
use super::project_memory::{open_memory, open_shared};
use super::runtime::runtime;
use super::scope::ScopeArgs;
use super::shared::{MemoryPace, purse};
use super::signals;
use super::threads::limit_threads;
use super::translate::{close, conclude, hosts, sent_to};

/// Translate records from standard input to standard output, one for one and in order.
///
/// A record is a JSON object on a line: {"id": …, "text": …, …}. It comes back with all its fields, and behind them `en`,
/// `status`, `segments`, `terms` and `findings`. One that cannot be translated has the status failed and says why in
/// `error`. A record is written as soon as those before it are, so that a program may send one, wait for it, and send the
/// next; standard input may stay open for as long as there is work.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut worker < corpus.jsonl > english.jsonl
  wortlaut worker --text-field body --engine deepl --max-cost 20 < corpus.jsonl > english.jsonl
  wortlaut worker --quiet --json < part.jsonl > part.en.jsonl   the figures end standard error")]
pub(super) struct WorkerArgs {
    /// Engine profile or kind of engine, as `wortlaut engines` lists them; several, separated by commas, are asked in order
    /// for what those before them do not translate [default: auto]
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,
    /// Field with the German text [default: text]
    #[arg(long, visible_alias = "text", value_name = "FIELD")]
    text_field: Option<String>,
    /// What that text is written in: HTML where it looks like it (auto), plain or html [default: auto]
    #[arg(long, value_name = "TYPE", value_parser = any_of::<TextType>())]
    text_type: Option<String>,
    /// Field that names the article, in messages and for glossaries of some articles [default: id]
    #[arg(long, value_name = "FIELD")]
    id_field: Option<String>,
    #[command(flatten)]
    lenient: LenientArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Send nothing beyond this machine and pull no model: only local engines and servers on this machine work
    #[arg(long)]
    offline: bool,
    /// Requests in flight at once [default: depends on the engine]
    #[arg(long, value_name = "N")]
    concurrency: Option<NonZeroUsize>,
    #[command(flatten)]
    budget: BudgetArgs,
    /// Count what is spent together with all runs that name the same budget and share a memory (memory.url)
    #[arg(long = "budget", value_name = "NAME")]
    budget_name: Option<String>,
    /// End standard error with the summary as a JSON object on a line
    #[arg(long)]
    json: bool,
}

impl WorkerArgs {
    /// The flags that are settings.
    fn flags(&self) -> Vec<SettingFlag> {
        let flags = [
            engine_flag(self.engine.as_deref()),
            SettingFlag::switch("offline", "translate.offline", self.offline),
            SettingFlag::new("budget", "translate.budget", self.budget_name.clone()),
            SettingFlag::new("text-field", "translate.text_field", self.text_field.clone()),
            SettingFlag::new("text-type", "translate.text_type", self.text_type.clone()),
            SettingFlag::new("id-field", "translate.id_field", self.id_field.clone()),
            self.lenient.flag(),
        ];
        flags.into_iter().chain(self.scope.flags()).collect()
    }
}

/// What messages call the records; one without a field that names it is `records#LINE`.
const RECORDS: &str = "records";

/// The summary as a program reads it.
#[derive(Serialize)]
struct WorkerCounts<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    /// Characters of German that were sent, those that were sent several times included.
    characters: u64,
}

/// Standard output for records. When its reader has gone, nothing more is sent: nobody takes what would be paid for.
struct RecordOutput {
    stop: Stop,
    reader_has_gone: Arc<AtomicBool>,
}

impl RecordOutput {
    fn unless_gone<T>(&self, done: io::Result<T>, gone: T) -> io::Result<T> {
        match done {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.reader_has_gone.store(true, Ordering::Relaxed);
                self.stop.soon.cancel();
                Ok(gone)
            }
            done => done,
        }
    }
}

impl Write for RecordOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_gone(io::stdout().lock().write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_gone(io::stdout().lock().flush(), ())
    }
}

pub(super) fn run(args: &WorkerArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut project = Project::open(global, args.flags())?;
    if let Some(concurrency) = args.concurrency {
        project = project.with_engine_flag("concurrency", concurrency.into())?;
    }
    let settings = &project.settings;
    profile::require_offline(&project)?;
    limit_threads(&project, &settings.translate.engine)?;
    let pulling = Pulling { settings: &settings.models, yes: false, quiet: global.quiet };
    let profile = profile::run_profile(&project, Some(pulling))?;
    let next = profile::next_profiles(&project, Some(pulling), false)?;
    let all: Vec<&Profile> = std::iter::once(&profile).chain(&next).collect();
    one_currency(&all)?;
    let (hosts, prices) = (hosts(&all), all.iter().find_map(|profile| profile.prices.clone()));
    let allowance = args.budget.allowance(&profile)?;
    for next in &next {
        args.budget.allowance(next)?;
    }
    let (events, happened) = Events::channel();
    // Opened before the engines are built, which ask it for their turns.
    let shared = open_shared(settings)?;
    let supplies = EngineSupplies {
        on_wait: events.on_wait(),
        purse: purse(settings, allowance, shared.as_ref())?,
        pace: shared.clone().map(|memory| Arc::new(MemoryPace(memory)) as Arc<dyn SharedPace>),
        ..EngineSupplies::default()
    };
    let next = Project::engines(&next, &supplies)?;
    let tools = project.tools(&profile, supplies)?;
    let by_tokens = next.iter().chain([&tools.engine]).any(|engine| engine.info().billing == Billing::Tokens);
    let mut options = project.options(false);
    options.next = next;
    let runtime = runtime()?;
    let memory_path = settings.memory.path.as_path();
    let lock = if shared.is_some() { None } else { Some(RunLock::acquire(memory_path)) };
    let _lock = lock.transpose().map_err(with_other_memories)?;
    let memory = match shared {
        Some(memory) => memory,
        None => open_memory(settings)?,
    };
    let makers = runtime.block_on(memory.makers())?;
    options.peers = peers(settings, &tools, &options, &makers, false)?;
    options.peers.adopted =
        Earlier::of(tools.engine.info(), &makers, memory.as_ref())?.settled(&tools.engine.info().profile)?;
    let engine = tools.engine.info().clone();
    let stop = Stop::default();
    let reader_has_gone: Arc<AtomicBool> = Arc::default();
    let deliver = {
        let (stop, reader_has_gone) = (stop.clone(), Arc::clone(&reader_has_gone));
        let corpus: DeliverCorpus = Arc::new(move |_, _| {
            let output = RecordOutput { stop: stop.clone(), reader_has_gone: Arc::clone(&reader_has_gone) };
            Ok(Box::new(RecordWriter::new(output, "standard output")))
        });
        Deliver { corpus, ..Deliver::articles(Arc::new(|_| Ok(Vec::new()))) }
    };
    let run = Run::new(records(&project), tools, Arc::clone(&memory));
    let run = Run { options, deliver, events, stop: stop.clone(), ..run };
    let progress = Arc::new(Progress::new(if global.quiet { Mode::Quiet } else { Mode::Brief }));
    let reporter = {
        let (progress, reader_has_gone) = (Arc::clone(&progress), Arc::clone(&reader_has_gone));
        let mut happened = happened;
        thread::spawn(move || {
            while let Some(event) = happened.blocking_recv() {
                // Nobody is told how a run ends that nobody waits for.
                if !reader_has_gone.load(Ordering::Relaxed) {
                    progress.event(&event);
                }
                if matches!(event, Event::Finished) {
                    break;
                }
            }
        })
    };
    let started = Instant::now();
    let mut run = runtime.block_on(signals::heeded(run.start(), &stop));
    // It only draws.
    let _ = reporter.join();
    progress.finish();
    let closed = runtime.block_on(memory.close());
    // A thread may still wait for standard input.
    runtime.shutdown_background();
    close(closed, &mut run, memory_path, &progress);
    if reader_has_gone.load(Ordering::Relaxed) {
        return Err(io::Error::from(ErrorKind::BrokenPipe).into());
    }
    let summary = Summary {
        stats: run.stats.clone(),
        seconds: started.elapsed().as_secs_f64(),
        engine: engine.profile,
        engines: sent_to(&run, &hosts),
        usage: by_tokens.then_some(run.spent.usage),
        cost: prices.as_ref().map(|prices| CostLine::new(run.spent.cost, run.spent.unsure_cost, prices)),
        account: None,
        caveat: engine.caveat,
        output: None,
        left: Vec::new(),
        inconsistencies: std::mem::take(&mut run.inconsistencies),
        stopped: run.failure.as_ref().map(ToString::to_string),
        changed: 0,
        is_complete: run.is_complete,
    };
    if !(global.quiet || args.json || summary.is_empty()) {
        summary.lines().iter().for_each(|line| progress.line(line));
    }
    let characters = run.shares.iter().map(|share| share.characters).sum();
    let counts = serde_json::to_string(&WorkerCounts { summary: &summary, characters });
    let ended = conclude(run, &summary, settings.check.fail_on);
    if !args.json {
        return ended;
    }
    // Behind all else on standard error, so that a program finds it.
    let exit = ended.unwrap_or_else(|failure| failure.tell());
    let _ = writeln!(io::stderr(), "{}", counts.map_err(io::Error::other)?);
    Ok(exit)
}

/// The records on standard input.
fn records(project: &Project) -> Inputs {
    let fields = project.fields();
    let fields = Fields {
        id: fields.id.or_else(|| Some("id".to_owned())),
        target: RECORD_FIELDS[0].to_owned(),
        kept: Vec::new(),
        added: RECORD_FIELDS,
        ..fields
    };
    let corpus = Corpus { id: ArticleId::new(RECORDS), path: PathBuf::from("-"), fields };
    Inputs { corpora: vec![corpus], ..Inputs::default() }
}

/// What several workers on one machine need.
fn with_other_memories(error: MemoryError) -> Failure {
    let is_locked = matches!(error, MemoryError::Locked { .. });
    let failure = Failure::from(error);
    if !is_locked {
        return failure;
    }
    failure.hint(
        "workers side by side need a memory that they can share (memory.url), or one each: set WORTLAUT_MEMORY_PATH \
         to another file for each of them",
    )
}
