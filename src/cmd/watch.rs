//! `wortlaut watch`: what changes is translated, for as long as it runs.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::report::{clean, counted};

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::inputs::FieldArgs;
use super::project::{LenientArgs, Project};
use super::runtime::runtime;
use super::scope::ScopeArgs;
use super::translate::{self, TranslateArgs};
use super::watched::{WatchedPlaces, Watching};
use super::{choices, signals};

/// How long nothing may happen before a change is taken to be over: programs write a file in several steps, and whoever
/// copies a folder wants one run, not a hundred.
const QUIET: Duration = Duration::from_millis(400);

/// How long a change may go on before it is translated all the same.
const LONGEST: Duration = Duration::from_secs(10);

/// How often changes are looked for where the system does not tell them: soon enough for somebody who waits, and little work.
const FALLBACK: Duration = Duration::from_secs(2);

/// Changed files that are named one by one.
const NAMED: usize = 3;

/// Translate what there is, then wait, and translate again whatever changes.
///
/// The articles, the glossary and the settings are watched. After each change only what is new is sent, as in
/// `wortlaut translate`; what failed is tried again with the next change. A page that `wortlaut review` has open follows.
/// It ends with Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut watch                        the articles of the project
  wortlaut watch inbox --output out     a folder that articles arrive in
  wortlaut watch --poll 30              a folder on a network drive, which tells no changes: look every 30 seconds
  wortlaut watch --json                 the summary of each run as a JSON object a line")]
pub(super) struct WatchArgs {
    /// Articles, corpus files, folders or quoted patterns [default: articles]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Engine profile or kind of engine, as `wortlaut engines` lists them [default: auto]
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,
    /// Output folder [default: output]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Output formats, separated by commas [default: lines,document,jsonl]
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', value_parser = choices::formats())]
    format: Vec<String>,
    #[command(flatten)]
    lenient: LenientArgs,
    /// Look for changes every so many seconds, instead of being told by the system
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    poll: Option<u64>,
    /// Print the summary of each run as a JSON object on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    fields: FieldArgs,
}

impl WatchArgs {
    /// The run after a change, or the first one.
    fn translation(&self, is_repeated: bool) -> TranslateArgs {
        TranslateArgs {
            paths: self.paths.clone(),
            engine: self.engine.clone(),
            output: self.output.clone(),
            format: self.format.clone(),
            lenient: self.lenient,
            scope: self.scope.clone(),
            json: self.json,
            fields: self.fields.clone(),
            is_repeated,
            ..TranslateArgs::default()
        }
    }

    /// What is watched, by the settings as they are now.
    fn places(&self, global: &GlobalArgs) -> Result<WatchedPlaces, Failure> {
        let project = Project::open(global, self.translation(false).flags())?;
        Ok(WatchedPlaces::of(&project, &self.paths))
    }
}

pub(super) fn run(args: &WatchArgs, global: &GlobalArgs, is_logged: bool) -> Result<Exit, Failure> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::new(Exit::Usage, "standard input ends, and cannot be watched")
            .hint("name a folder or files, or use `wortlaut translate -`"));
    }
    let runtime = runtime()?;
    let stopped = CancellationToken::new();
    runtime.spawn(signals::first(stopped.clone()));
    let mut places = args.places(global)?;
    let (events, mut happened) = unbounded_channel();
    let mut poll = args.poll.map(Duration::from_secs);
    // Watched from before the run on: what changes meanwhile is seen afterwards.
    let mut watching = begin(&places, &mut poll, &events)?;
    let mut is_repeated = false;
    loop {
        let outcome = translate::run(&args.translation(is_repeated), global, is_logged);
        if stopped.is_cancelled() {
            return outcome;
        }
        match outcome {
            // Nothing has worked yet, so a mistake in the command ends it, as it ends any other command.
            Err(failure) if !is_repeated && (failure.exit == Exit::Config || !places.have_input) => {
                return Err(failure);
            }
            Err(failure) => {
                failure.tell();
            }
            Ok(_) => {}
        }
        if !(is_repeated || global.quiet) {
            say(&format!("watching {}; Ctrl-C ends", places.describe()));
        }
        is_repeated = true;
        let next = next_change(&mut happened, &watching);
        let changed = runtime.block_on(stopped.run_until_cancelled(next));
        let Some(changed) = changed.transpose()? else { return Ok(Exit::Ok) };
        if !global.quiet {
            say(&describe(&changed));
        }
        // With settings that cannot be read the run says so, and what was watched before still is.
        if let Ok(found) = args.places(global) {
            places = found;
        }
        // Folders that have come are watched from now on, and the earlier watch ends only then.
        watching = begin(&places, &mut poll, &events)?;
    }
}

/// Begins to watch. If the system has no more room for watches, because other programs use it up, changes are polled for
/// from now on.
fn begin(
    places: &WatchedPlaces,
    poll: &mut Option<Duration>,
    events: &UnboundedSender<notify::Result<notify::Event>>,
) -> Result<Watching, Failure> {
    match Watching::begin(places, *poll, events.clone()) {
        Err(failure) if poll.is_none() => {
            say(&format!("{failure}; looking for changes every {} seconds instead", FALLBACK.as_secs()));
            *poll = Some(FALLBACK);
            Watching::begin(places, *poll, events.clone())
        }
        begun => begun,
    }
}

/// The files of the next change, once it is over.
async fn next_change(
    happened: &mut UnboundedReceiver<notify::Result<notify::Event>>,
    watching: &Watching,
) -> Result<Vec<PathBuf>, Failure> {
    let mut changed = BTreeSet::new();
    let mut latest = None;
    // When it is over if nothing more happens that matters; much may happen beside it.
    let mut over = None;
    loop {
        let event = match over {
            None => happened.recv().await,
            Some(over) => match timeout_at(over, happened.recv()).await {
                Ok(event) => event,
                Err(_) => return Ok(changed.into_iter().collect()),
            },
        };
        // The channel is not closed while this end of it is held beside the sender.
        let Some(event) = event else { return Ok(changed.into_iter().collect()) };
        let paths = watching.relevant(event)?;
        if !paths.is_empty() {
            let now = Instant::now();
            over = Some((now + QUIET).min(*latest.get_or_insert(now + LONGEST)));
        }
        changed.extend(paths);
    }
}

/// What is said of a change.
fn describe(changed: &[PathBuf]) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    let name = |path: &PathBuf| path.strip_prefix(&here).unwrap_or(path).display().to_string();
    let named: Vec<String> = changed.iter().take(NAMED).map(name).collect();
    match changed.len().checked_sub(NAMED) {
        Some(more) if more > 0 => {
            format!("changed: {} and {} more", named.join(", "), counted(more as u64, "file"))
        }
        _ => format!("changed: {}", named.join(", ")),
    }
}

fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{}", clean(text));
}
