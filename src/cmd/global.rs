//! Options of all commands, understood before and after the subcommand.

use std::io;
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct GlobalArgs {
    /// Configuration file to use instead of the nearest wortlaut.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Glossary file or folder [default: glossary]
    #[arg(long, global = true, value_name = "PATH")]
    pub(super) glossary: Vec<PathBuf>,
    /// Print no progress and no summary, only what went wrong
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Log to standard error what is done; -vv logs more, and `WORTLAUT_LOG` takes a filter instead
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// When to use colors: auto means on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(super) color: Color,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes it the choice of everything that is printed from now on.
    pub(super) fn apply(self) {
        match self {
            // NO_COLOR, CLICOLOR and CLICOLOR_FORCE decide, then the terminal.
            Self::Auto => {}
            Self::Always => ColorChoice::Always.write_global(),
            Self::Never => ColorChoice::Never.write_global(),
        }
    }
}

/// Whether standard error is shown with colors.
pub(super) fn stderr_has_color() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}
