//! Flags that decide which parts of an article are translated and which rungs may be used. `check` shares them with
//! `translate`, so that it can look at a run with the options the run had.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::config::{SettingFlag, Treatment};
use crate::model::Rung;

use super::choices::any_of;

/// Flags of a run on which the findings in its translations depend.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ScopeArgs {
    /// What may be done to make a term hold, separated by commas
    /// [default: alternative,repair,inline,placeholder]
    #[arg(long, value_name = "RUNG", value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Rung::LADDER.map(Rung::as_str)))]
    rungs: Vec<String>,
    /// Whether web leftovers such as share lines are left untranslated or translated [default: keep]
    #[arg(long, value_name = "WHAT", value_parser = any_of::<Treatment>())]
    furniture: Option<String>,
    /// Whether attributes of HTML such as `alt`, `title` and `aria-label`, the window title and the description of the page
    /// are left untranslated or translated [default: translate]
    #[arg(long, value_name = "WHAT", value_parser = any_of::<Treatment>())]
    attributes: Option<String>,
    /// Translate articles that are not in German, too
    #[arg(long)]
    force: bool,
}

impl ScopeArgs {
    /// The flags that are settings.
    pub(super) fn flags(&self) -> [SettingFlag; 4] {
        let rungs = (!self.rungs.is_empty()).then(|| self.rungs.clone());
        [
            SettingFlag::new("rungs", "glossary.rungs", rungs),
            SettingFlag::new("furniture", "translate.furniture", self.furniture.clone()),
            SettingFlag::new("attributes", "translate.attributes", self.attributes.clone()),
            SettingFlag::switch("force", "translate.force", self.force),
        ]
    }
}
