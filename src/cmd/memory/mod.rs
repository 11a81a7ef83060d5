//! `wortlaut memory`: managing the translation memory.

mod adopt;
mod forget;

use clap::Subcommand;

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;

pub(super) use adopt::Earlier;

#[derive(Debug, Subcommand)]
pub(super) enum MemoryCommand {
    Adopt(adopt::AdoptArgs),
    Forget(forget::ForgetArgs),
}

pub(super) fn run(command: &MemoryCommand, global: &GlobalArgs) -> Result<Exit, Failure> {
    match command {
        MemoryCommand::Adopt(args) => adopt::adopt(args, global),
        MemoryCommand::Forget(args) => forget::forget(args, global),
    }
}
