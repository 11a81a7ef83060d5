//! `wortlaut memory prune`: answers that are not needed any more.

use clap::{ArgGroup, Args};
use futures::executor::block_on;
use serde_json::json;

use crate::memory::Selection;
use crate::model::Timestamp;
use crate::report::{clean, counted};

use super::super::ask::confirm;
use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::tell;
use super::super::project::Project;
use super::super::project_memory::{lock_memory, open_memory};
use super::ask::existing;

/// Remove answers that are not needed any more, and give their space back to the disk.
///
/// What people corrected or suggested is never removed. A removed answer that is needed after all has to be paid for again.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("which").required(true).multiple(true).args(["gone", "before"])),
    after_help = "\
Examples:
  wortlaut memory prune --gone --dry-run           answers of engines that no profile names any more
  wortlaut memory prune --gone --before 2026-01-01
  wortlaut memory prune --before 2025-01-01 --yes  old answers of all engines"
)]
pub(in crate::cmd) struct MemoryPruneArgs {
    /// Answers of engines that no profile of the configuration names any more
    #[arg(long)]
    gone: bool,
    /// Answers from before this day
    #[arg(long, value_name = "DATE", value_parser = day)]
    before: Option<Timestamp>,
    /// Show how many answers would be removed, and remove none
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Reads a day such as `2026-11-26`.
fn day(text: &str) -> Result<Timestamp, String> {
    format!("{text}T00:00:00Z").parse().map_err(|_| "a day is written as 2026-11-26".to_owned())
}

pub(super) fn prune(args: &MemoryPruneArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let memory = existing(&project.settings)?;
    let of = |engine: Option<String>| Selection { engine, before: args.before, ..Selection::default() };
    let selections: Vec<Selection> = if args.gone {
        let mut profiles: Vec<String> =
            block_on(memory.makers())?.into_iter().map(|maker| maker.profile).collect();
        profiles.retain(|profile| !project.settings.engines.contains_key(profile));
        profiles.sort();
        profiles.dedup();
        profiles.into_iter().map(|profile| of(Some(profile))).collect()
    } else {
        vec![of(None)]
    };
    let mut count = 0;
    for selection in &selections {
        let chosen = block_on(memory.chosen(selection.clone()))?;
        count += chosen.translations + chosen.unusable;
        if let (Some(profile), false, true) = (&selection.engine, args.json, chosen.translations > 0) {
            tell(&clean(&format!("{profile}: {}", counted(chosen.translations, "answer"))))?;
        }
    }
    drop(memory);
    let answers = counted(count, "answer");
    let is_wanted = || -> Result<bool, Failure> {
        let question = format!("Remove {answers}? Needing them again costs again.");
        Ok(args.yes || confirm(&question, &format!("{answers} would be removed"))?)
    };
    let is_removed = !args.dry_run && count > 0 && is_wanted()?;
    if is_removed {
        let _lock = lock_memory(&project.settings)?;
        let memory = open_memory(&project.settings)?;
        for selection in selections {
            block_on(memory.forget(selection))?;
        }
        block_on(memory.shrink())?;
        block_on(memory.close())?;
    }
    if args.json {
        tell(&json!({ "answers": count, "removed": is_removed }).to_string())?;
    } else if is_removed {
        tell(&format!("{answers} removed"))?;
    } else if args.dry_run || count == 0 {
        tell(&format!("{answers} would be removed"))?;
    } else {
        tell("nothing was removed")?;
    }
    Ok(Exit::Ok)
}
