//! `wortlaut config`: the settings and where they came from.

use super::cli::ConfigShowArgs;
use super::failure::{Exit, Failure};
use super::{print, setup};
use crate::report::clean;

pub(super) fn show(args: &ConfigShowArgs) -> Result<Exit, Failure> {
    let layers = setup::layers(&args.config)?;
    let rows: Vec<(String, String)> =
        layers.iter().map(|(key, value, origin)| (format!("{key} = {value}"), origin.to_string())).collect();
    let width = rows.iter().map(|(setting, _)| setting.chars().count()).max().unwrap_or(0).min(60);
    for (setting, origin) in rows {
        print(&clean(&format!("{setting:width$}  # {origin}")))?;
    }
    Ok(Exit::Ok)
}
