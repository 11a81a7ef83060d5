//! `wortlaut memory copy`: from a file into a database that several machines share, and back.

use std::path::Path;

use clap::Args;
use serde_json::json;

use crate::memory::{CopiedMemory, MemoryAddress, PostgresMemory, RunLock};
use crate::report::clean;

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::Project;
use super::super::project_memory::usable;
use super::look;

/// Copy a memory from a file into a PostgreSQL database, or back: answers, corrections, what was read, batch jobs.
///
/// What the other memory holds stays. Of two answers of the same engine to the same question the newer one is taken, and a
/// pair that was taken back in one of the memories is taken back. Copying again changes nothing. The password of a database
/// comes from where the settings of `[memory]` say.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut memory copy .wortlaut/memory.db postgres://wortlaut@db.example/wortlaut
  wortlaut memory copy postgres://wortlaut@db.example/wortlaut backup.db")]
pub(in crate::cmd) struct MemoryCopyArgs {
    /// The memory to copy: a file, or the address of a database
    #[arg(value_name = "FROM")]
    from: String,
    /// The memory to copy it into, which is made if there is none
    #[arg(value_name = "TO")]
    to: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn copy(args: &MemoryCopyArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let server = |place: &str| -> Result<Option<MemoryAddress>, Failure> {
        if !place.contains("://") {
            return Ok(None);
        }
        let address = MemoryAddress::parse(place).map_err(|error| {
            Failure::new(Exit::Usage, format!("the address of a memory {error}"))
                .hint("name its password in memory.key_env or memory.key_file")
        })?;
        usable(&project.settings, address).map(Some)
    };
    let from = match server(&args.from)? {
        Some(address) => {
            let shown = address.to_string();
            let memory = PostgresMemory::open_existing(address)?;
            CopiedMemory::server(memory.ok_or_else(|| none_at(&shown))?)
        }
        None if !Path::new(&args.from).exists() => return Err(none_at(&args.from)),
        None => CopiedMemory::of_file(Path::new(&args.from))?,
    };
    let (to, shown, _lock) = if let Some(address) = server(&args.to)? {
        let shown = address.to_string();
        (CopiedMemory::server(PostgresMemory::open(address)?), shown, None)
    } else {
        let path = Path::new(&args.to);
        // Nobody pays meanwhile for what is about to come.
        let lock = RunLock::acquire(path)?;
        (CopiedMemory::into_file(path)?, args.to.clone(), Some(lock))
    };
    let stats = from.copy_into(&to)?;
    if args.json {
        let mut object = json!(stats);
        object["path"] = json!(shown);
        print(&object.to_string())?;
    } else {
        print(&clean(&format!("{shown}:")))?;
        for line in look::lines(&stats) {
            print(&clean(&format!("  {line}")))?;
        }
    }
    Ok(Exit::Ok)
}

fn none_at(place: &str) -> Failure {
    Failure::new(Exit::Usage, format!("there is no translation memory {place}"))
}
