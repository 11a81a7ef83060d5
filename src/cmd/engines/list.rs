//! `wortlaut engines`: which engines there are and which are ready.

use clap::Args;
use serde_json::json;

use crate::engine::{self, Profile};
use crate::report::clean;

use crate::cmd::failure::{Exit, Failure};
use crate::cmd::global::GlobalArgs;
use crate::cmd::output::print;
use crate::cmd::project::Project;
use crate::cmd::{models, profile};

#[derive(Debug, Args)]
pub(super) struct EngineListArgs {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Lists the engine profiles: which are ready, and what the others need.
pub(super) fn run(args: &EngineListArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let settings = &project.settings;
    // What is used unless somebody says otherwise comes first, whether it has options or not.
    let profiles = settings.engines.keys().map(String::as_str).filter(|name| *name != models::AUTO);
    let names: Vec<&str> = std::iter::once(models::AUTO).chain(profiles).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for name in names {
        let (kind, state) = match name {
            models::AUTO => auto()?,
            name => state(profile::profile(&project, name)),
        };
        let ready = state.is_ok();
        if args.json {
            let row = json!({
                "name": name,
                "kind": kind,
                "ready": ready,
                "why_not": state.err(),
                "in_use": name == settings.translate.engine,
            });
            print(&row.to_string())?;
        } else {
            let mark = if name == settings.translate.engine { "*" } else { " " };
            let state = state.map_or_else(|why| format!("not ready: {why}"), |what| format!("ready: {what}"));
            print(&clean(&format!("{mark} {name:width$}  {state}")))?;
        }
    }
    if !args.json {
        print("\n* is used by `wortlaut translate`; --engine NAME takes another. auto is the default.")?;
    }
    Ok(Exit::Ok)
}

/// What stands for the best model of a local engine, and whether there is one.
fn auto() -> Result<(Option<&'static str>, Result<String, String>), Failure> {
    let profile = models::auto(None)?;
    if !profile.translates() {
        return Ok((None, Err("no model is installed; the first run pulls one".to_owned())));
    }
    let kind = profile.kind();
    Ok((Some(kind.name()), Ok(format!("the best model that is installed: {}", profile.name))))
}

/// The kind of a profile, and what it is or why it is not ready.
fn state(profile: Result<Profile, Failure>) -> (Option<&'static str>, Result<String, String>) {
    match profile {
        Ok(profile) => {
            let kind = profile.kind();
            let ready = engine::readiness(&profile).map_err(|error| error.to_string());
            (Some(kind.name()), ready.map(|()| kind.description().to_owned()))
        }
        Err(failure) => (None, Err(failure.to_string())),
    }
}
