//! `wortlaut memory`: managing the translation memory.

mod adopt;
mod ask;
mod copy;
mod exchange;
mod forget;
mod look;
mod merge;
mod prune;
mod sound;
mod units;

use clap::Subcommand;

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;

pub(super) use adopt::Earlier;

#[derive(Debug, Subcommand)]
pub(super) enum MemoryCommand {
    Stats(look::MemoryStatsArgs),
    Search(look::MemorySearchArgs),
    Show(look::MemoryShowArgs),
    Import(exchange::MemoryImportArgs),
    Export(exchange::MemoryExportArgs),
    Merge(merge::MemoryMergeArgs),
    Copy(copy::MemoryCopyArgs),
    Prune(prune::MemoryPruneArgs),
    Check(sound::MemoryCheckArgs),
    Adopt(adopt::AdoptArgs),
    Forget(forget::ForgetArgs),
}

pub(super) fn run(command: &MemoryCommand, global: &GlobalArgs) -> Result<Exit, Failure> {
    match command {
        MemoryCommand::Stats(args) => look::stats(args, global),
        MemoryCommand::Search(args) => look::search(args, global),
        MemoryCommand::Show(args) => look::show(args, global),
        MemoryCommand::Import(args) => exchange::import(args, global),
        MemoryCommand::Export(args) => exchange::export(args, global),
        MemoryCommand::Merge(args) => merge::merge(args),
        MemoryCommand::Copy(args) => copy::copy(args, global),
        MemoryCommand::Prune(args) => prune::prune(args, global),
        MemoryCommand::Check(args) => sound::check(args, global),
        MemoryCommand::Adopt(args) => adopt::adopt(args, global),
        MemoryCommand::Forget(args) => forget::forget(args, global),
    }
}
