//! `wortlaut config`: the settings and where they came from.

use crate::config::{self, Found, Standing};
use crate::report::clean;

use super::cli::ConfigShowArgs;
use super::failure::{Exit, Failure};
use super::{print, setup};

pub(super) fn show(args: &ConfigShowArgs) -> Result<Exit, Failure> {
    let layers = setup::layers(&args.config)?;
    let is_trusted = layers.found().map_or(Ok(Standing::Trusted), Found::standing)? == Standing::Trusted;
    let needs = if is_trusted { Vec::new() } else { config::needs(&layers) };
    let row = |(key, value, origin): (&str, String, &config::Origin)| {
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
