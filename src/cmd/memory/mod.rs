//! `wortlaut memory`: looking after the translation memory.

mod adopt;
mod forget;

pub(super) use adopt::Earlier;

use super::cli::MemoryCommand;
use super::failure::{Exit, Failure};

pub(super) fn run(command: MemoryCommand) -> Result<Exit, Failure> {
    match command {
        MemoryCommand::Adopt(args) => adopt::adopt(&args),
        MemoryCommand::Forget(args) => forget::forget(&args),
    }
}
