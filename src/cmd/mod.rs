//! One module a subcommand.

mod cli;
mod completions;
mod config;
mod doubt;
mod engines;
mod failure;
mod glossary;
mod init;
mod inputs;
mod memory;
mod model;
mod models;
mod own;
mod segment;
mod setup;
mod signals;
mod sink;
mod survey;
mod translate;
mod trust;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use failure::{Exit, Failure};

/// Runs a command line and gives back the exit code of the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error; nobody is left to tell if that fails.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage as u8 } else { Exit::Ok as u8 });
        }
    };
    match dispatch(cli.command) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            if !failure.is_silent() {
                let _ = write!(anstream::stderr(), "{}", failure.render(io::stderr().is_terminal()));
            }
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// Hands over to the module of a subcommand.
fn dispatch(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Translate(args) => translate::run(&args),
        Command::Segment(args) => segment::run(&args),
        Command::Glossary(command) => glossary::run(command),
        Command::Engines(args) => engines::run(&args),
        Command::Config(cli::ConfigCommand::Show(args)) => config::show(&args),
        Command::Model(command) => model::run(command),
        Command::Trust(args) => trust::run(&args),
        Command::Memory(command) => memory::run(command),
        Command::Init(args) => init::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}

/// A line on standard output.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}
