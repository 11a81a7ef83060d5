//! `wortlaut config`: the settings and where they came from.

use clap::Subcommand;

use crate::config::{self, ProjectFile, TrustState, ValueOrigin};
use crate::report::clean;

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::output::print;
use super::project;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Show each setting, its value and where it came from.
    #[command(
        after_help = "Examples:\n  wortlaut config show\n  WORTLAUT_TRANSLATE_ENGINE=deepl wortlaut config show"
    )]
    Show,
}

pub(super) fn run(command: &ConfigCommand, global: &GlobalArgs) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Show => show(global),
    }
}

fn show(global: &GlobalArgs) -> Result<Exit, Failure> {
    let layers = project::layers(global, [])?;
    let is_trusted =
        layers.found().map_or(Ok(TrustState::Trusted), ProjectFile::state)? == TrustState::Trusted;
    let needs = if is_trusted { Vec::new() } else { config::needs(&layers) };
    let row = |(key, value, origin): (&str, String, &ValueOrigin)| {
        let needs_trust = needs.iter().any(|need| need.key == key);
        let state = if needs_trust { ", which is not trusted" } else { "" };
        (format!("{key} = {value}"), format!("{origin}{state}"))
    };
    let rows: Vec<(String, String)> = layers.shown().map(row).collect();
    let width = rows.iter().map(|(setting, _)| setting.chars().count()).max().unwrap_or(0).min(60);
    for (setting, origin) in rows {
        print(&clean(&format!("{setting:width$}  # {origin}")))?;
    }
    Ok(Exit::Ok)
}
