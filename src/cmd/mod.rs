//! The command line: a module for each subcommand.

mod ask;
mod batch;
mod budget;
mod changes;
mod check;
mod choices;
mod cli;
mod completions;
mod config;
mod doubt;
mod dry_run;
mod engines;
mod evaluate;
mod failure;
mod global;
mod glossary;
mod init;
mod inputs;
mod keep_terms;
mod learn;
mod log;
mod man;
mod memory;
mod model;
mod models;
mod offline;
mod output;
mod own;
mod peers;
mod profile;
mod project;
mod project_memory;
mod prune;
mod remembered;
mod review;
mod runtime;
mod scope;
mod segment;
mod shared;
mod signals;
mod sink;
mod spool;
mod survey;
mod threads;
mod translate;
mod trust;
mod verify;
mod watch;
mod watched;
mod worker;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{Cli, Command};
use failure::{Exit, Failure};

/// Runs a command line and gives back the exit code of the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are not errors; if printing fails, nobody is left to hear of it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage as u8 } else { Exit::Ok as u8 });
        }
    };
    cli.global.color.apply();
    let exit = dispatch(&cli).unwrap_or_else(|failure| failure.tell());
    ExitCode::from(exit as u8)
}

/// Hands over to the module of a subcommand.
fn dispatch(cli: &Cli) -> Result<Exit, Failure> {
    let global = &cli.global;
    let is_logged = log::start(global.verbose)?;
    match &cli.command {
        Command::Translate(args) => translate::run(args, global, is_logged),
        Command::Review(args) => review::run(args, global),
        Command::Watch(args) => watch::run(args, global, is_logged),
        Command::Worker(args) => worker::run(args, global),
        Command::Check(args) => check::run(args, global),
        Command::Evaluate(args) => evaluate::run(args, global),
        Command::Learn(args) => learn::run(args, global),
        Command::Verify(args) => verify::run(args, global),
        Command::Segment(args) => segment::run(args, global),
        Command::Glossary(command) => glossary::run(command, global),
        Command::Engines(args) => engines::run(args, global),
        Command::Config(command) => config::run(command, global),
        Command::Batch(command) => batch::run(command, global),
        Command::Model(command) => model::run(command, global),
        Command::Trust(args) => trust::run(args),
        Command::Memory(command) => memory::run(command, global),
        Command::Init(args) => init::run(args),
        Command::Completions(args) => completions::run(args, Cli::command()),
        Command::Man(args) => man::run(args, Cli::command()),
    }
}
