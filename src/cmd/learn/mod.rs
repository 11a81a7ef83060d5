//! `wortlaut learn`: corrections in files become corrections in the memory.

mod changed;
mod lesson;
mod report;
mod rewrite;
mod undo;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::config::SettingFlag;
use crate::model::Timestamp;

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::offline::Offline;
use super::project::{Project, engine_flag};
use super::project_memory::{memory_or_empty, open_memory};
use super::runtime::runtime;
use lesson::Lesson;
use report::Reporter;

/// Take over corrections that were made in output files.
///
/// Files that differ from what wortlaut wrote are read back, and the English that was changed in them becomes corrections in
/// the memory: they outrank every engine, in all articles with the same sentence, for ever. Then the article's other files
/// are written again. Nothing is sent, and it works beside a run.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[command(after_help = "\
Examples:
  wortlaut learn                            all files in the output folder
  wortlaut learn output/news/a.en.txt       one file
  wortlaut learn --dry-run                  what would be learned
  wortlaut learn --by 'Maria Lindt'         who made the corrections
  wortlaut learn --undo                     take back what was learned last

A file of which more than a fifth was changed, or cannot be told apart, is learned with --yes only.")]
pub(in crate::cmd) struct LearnArgs {
    /// Output files, or folders with them [default: output]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Show what would be learned, and learn nothing
    #[arg(long)]
    dry_run: bool,
    /// Take back what was learned last, and write the files again
    #[arg(long, conflicts_with = "paths")]
    undo: bool,
    /// Who made the corrections [default: memory.author, or the login name]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Engine profile or kind of engine that the files were translated with [default: auto]
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,
    /// Learn files of which more than a fifth was changed, too
    #[arg(short, long)]
    yes: bool,
    /// Print a JSON object for each pair, and one for each file
    #[arg(long)]
    json: bool,
}

impl LearnArgs {
    fn flags(&self) -> Vec<SettingFlag> {
        vec![engine_flag(self.engine.as_deref()), SettingFlag::new("by", "memory.author", self.by.clone())]
    }
}

pub(in crate::cmd) fn run(args: &LearnArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, args.flags())?;
    let reporter = Reporter { json: args.json, quiet: global.quiet, dry_run: args.dry_run };
    if args.undo {
        return undo::undo(&project, &reporter);
    }
    let changed = changed::changed_outputs(&args.paths, &project.settings.translate.output)?;
    if changed.is_empty() {
        reporter.nothing("nothing to learn: all files are as wortlaut wrote them")?;
        return Ok(Exit::Ok);
    }
    let settings = &project.settings;
    let memory = if args.dry_run { memory_or_empty(settings)? } else { open_memory(settings)? };
    let runtime = runtime()?;
    let offline = Offline::new(&project, Arc::clone(&memory), &runtime)?;
    let teacher = lesson::Teacher { by: project.author(), at: Timestamp::now(), yes: args.yes };
    let lessons = lesson::lessons(&changed, &project, &offline, &runtime, &teacher)?;
    for lesson in &lessons {
        reporter.lesson(lesson)?;
    }
    let mut exit = Exit::Ok;
    if lessons.iter().any(|lesson| !lesson.is_complete()) {
        exit = Exit::Partial;
    }
    if !args.dry_run {
        let pairs: Vec<_> = lessons.iter().flat_map(Lesson::pairs).collect();
        runtime.block_on(memory.correct(pairs))?;
        let workshop = rewrite::Workshop { offline: &offline, memory: &memory, runtime: &runtime };
        let rewritten = rewrite::after_lessons(&lessons, &workshop)?;
        reporter.learned(&lessons, &rewritten)?;
        if !rewritten.left.is_empty() {
            exit = Exit::Partial;
        }
        runtime.block_on(memory.close())?;
    }
    Ok(exit)
}
