//! `wortlaut completions`: a completion script for a shell.

use std::io::Write;

use clap::CommandFactory;

use super::cli::{Cli, CompletionsArgs};
use super::failure::{Exit, Failure};

pub(super) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wortlaut", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Ok)
}
