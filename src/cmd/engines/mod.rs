//! `wortlaut engines`: which engines there are, and whether they work.

mod account;
mod list;
mod test;

use clap::{Args, Subcommand};

use account::{AccountArgs, CleanArgs};
use list::EngineListArgs;
use test::TestArgs;

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;

/// List the engine profiles, try one out, or see what is used of an account.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  wortlaut engines              which are ready, and what the others need
  wortlaut engines test deepl   send one sentence
  wortlaut engines usage        how much of the quota is used
  wortlaut engines clean deepl  delete the glossaries that wortlaut made there"
)]
pub(super) struct EnginesArgs {
    #[command(subcommand)]
    command: Option<EnginesCommand>,
    #[command(flatten)]
    list: EngineListArgs,
}

#[derive(Debug, Subcommand)]
enum EnginesCommand {
    Test(TestArgs),
    Usage(AccountArgs),
    Clean(CleanArgs),
}

pub(super) fn run(args: &EnginesArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => list::run(&args.list, global),
        Some(EnginesCommand::Test(args)) => test::run(args, global),
        Some(EnginesCommand::Usage(args)) => account::usage(args, global),
        Some(EnginesCommand::Clean(args)) => account::clean(args, global),
    }
}
