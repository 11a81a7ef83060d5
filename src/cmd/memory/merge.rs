//! `wortlaut memory merge`: two memories become one.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::memory::SqliteMemory;
use crate::report::clean;

use super::super::failure::{Exit, Failure};
use super::super::output::print;
use super::look;

/// Put two memories together in a new one: the corrections, suggestions and answers of both.
///
/// Nothing is lost, and which memory is named first does not matter. All corrections are kept, and the newest one of a
/// sentence counts; a pair that was taken back in one of the memories is taken back. Of two answers of the same engine to the
/// same question the newer one is taken.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut memory merge .wortlaut/memory.db colleague.db -o both.db
  wortlaut memory merge a.db b.db -o both.db --json")]
pub(in crate::cmd) struct MemoryMergeArgs {
    /// A memory
    #[arg(value_name = "A")]
    left: PathBuf,
    /// Another one
    #[arg(value_name = "B")]
    right: PathBuf,
    /// The new memory; there must be no file of this name
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn merge(args: &MemoryMergeArgs) -> Result<Exit, Failure> {
    let stats = SqliteMemory::merge(&args.left, &args.right, &args.output)?;
    if args.json {
        let mut object = json!(stats);
        object["path"] = json!(args.output);
        print(&object.to_string())?;
    } else {
        print(&clean(&format!("{}:", args.output.display())))?;
        for line in look::lines(&stats) {
            print(&clean(&format!("  {line}")))?;
        }
    }
    Ok(Exit::Ok)
}
