//! `wortlaut memory check`: whether the memory is sound.

use clap::Args;
use futures::executor::block_on;
use serde_json::json;

use crate::memory::{MemoryError, MemoryProblem, RepairedMemory, RunLock, SqliteMemory};
use crate::report::clean;

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::Project;
use super::super::project_memory::memory_file;
use super::ask::none_yet;
use super::look;

/// Check that the memory is sound
///
/// The file must hold what was written into it, every answer must be one that can be found, and pairs must be what their ids
/// say. The exit code is 1 if something is wrong. With --repair, a new memory is built from what can be read; the damaged file is
/// kept under another name, which is printed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wortlaut memory check\n  wortlaut memory check --repair")]
pub(in crate::cmd) struct MemoryCheckArgs {
    /// Make a new memory of what can be read of a damaged one
    #[arg(long)]
    repair: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn check(args: &MemoryCheckArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let path = memory_file(&project.settings, "checking the memory")?;
    let problems = match SqliteMemory::open_existing(path) {
        Ok(Some(memory)) => block_on(memory.problems()),
        Ok(None) => return Err(none_yet(&project.settings)),
        Err(error) => Err(error),
    };
    let problems = match problems {
        Ok(problems) => problems,
        Err(error @ MemoryError::Damaged { .. }) => {
            vec![MemoryProblem::Damage { message: error.to_string() }]
        }
        Err(error) => return Err(error.into()),
    };
    let repaired = if args.repair && !problems.is_empty() {
        let _lock = RunLock::acquire(path)?;
        Some(SqliteMemory::repair(path)?)
    } else {
        None
    };
    if args.json {
        let set_aside = repaired.as_ref().map(|repaired| &repaired.set_aside);
        print(&json!({ "path": path, "problems": problems, "set_aside": set_aside }).to_string())?;
    } else {
        for problem in &problems {
            print(&clean(&problem.to_string()))?;
        }
        match &repaired {
            Some(RepairedMemory { set_aside, stats }) => {
                print(&clean(&format!("the damaged memory is now {}; a new one has", set_aside.display())))?;
                for line in look::lines(stats) {
                    print(&clean(&format!("  {line}")))?;
                }
            }
            None if problems.is_empty() => print(&clean(&format!("{} is sound", path.display())))?,
            None => print("`wortlaut memory check --repair` makes a new memory of what can be read")?,
        }
    }
    Ok(if problems.is_empty() { Exit::Ok } else { Exit::Findings })
}
