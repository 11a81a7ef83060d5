//! `wortlaut man`: the man pages, for those who package wortlaut.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::failure::{Exit, Failure};

/// Write a man page for each command: wortlaut.1, wortlaut-translate.1 and so on.
#[derive(Debug, Args)]
#[command(
    hide = true,
    after_help = "Example:\n  wortlaut man target/man && man target/man/wortlaut-translate.1"
)]
pub(super) struct ManArgs {
    /// The folder to write them to; it is made if it does not exist
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes the pages of the whole command line.
pub(super) fn run(args: &ManArgs, command: Command) -> Result<Exit, Failure> {
    // `help` says nothing that the pages do not.
    let mut command = command.disable_help_subcommand(true);
    // Only a built command knows the full names of its subcommands and the global options of each.
    command.build();
    fs::create_dir_all(&args.folder)?;
    write_pages(&command, &args.folder)?;
    Ok(Exit::Ok)
}

fn write_pages(command: &Command, folder: &Path) -> io::Result<()> {
    let man = Man::new(command.clone()).manual("wortlaut manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if visible(command).next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    man.render_options_section(&mut page)?;
    for (title, text) in after_help_sections(command) {
        let mut section = Roff::new();
        section.control("SH", [title.as_str()]);
        // Examples and codes are tables: their lines and spaces stay as they are.
        section.control("nf", []);
        section.text([roman(text)]);
        section.control("fi", []);
        section.to_writer(&mut page)?;
    }
    fs::write(folder.join(man.get_filename()), page)?;
    visible(command).try_for_each(|subcommand| write_pages(subcommand, folder))
}

/// The subcommands that have pages.
fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set())
}

/// The parts of the text after the options, each with its title in the capitals of man pages.
fn after_help_sections(command: &Command) -> Vec<(String, String)> {
    let Some(text) = command.get_after_help() else { return Vec::new() };
    let text = text.to_string();
    let parts = text.split("\n\n").filter_map(|part| part.split_once(":\n"));
    let sections = parts.map(|(title, text)| {
        let title = match title {
            "Example" | "Examples" => "EXAMPLES".to_owned(),
            "Exit codes" => "EXIT STATUS".to_owned(),
            other => other.to_uppercase(),
        };
        (title, text.trim_end().to_owned())
    });
    sections.collect()
}
