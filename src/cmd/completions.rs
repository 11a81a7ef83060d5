//! `wortlaut completions`: a completion script for a shell.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use super::failure::{Exit, Failure};

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  wortlaut completions bash > ~/.local/share/bash-completion/completions/wortlaut"
)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: Shell,
}

/// Writes the script for the whole command line.
pub(super) fn run(args: &CompletionsArgs, mut command: Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "wortlaut", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Ok)
}
