//! `wortlaut engines usage` and `clean`: what is used of an account, and what wortlaut left there.

use std::sync::Arc;

use clap::Args;
use serde_json::json;

use crate::cmd::failure::{Exit, Failure};
use crate::cmd::global::GlobalArgs;
use crate::cmd::models;
use crate::cmd::output::print;
use crate::cmd::profile::named_profile;
use crate::cmd::project::Project;
use crate::cmd::runtime::runtime;
use crate::engine::{Engine, build};
use crate::report::{AccountLine, clean as shown};

/// Show how much of its account or quota a service says is used.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut engines usage          all that are ready and say it
  wortlaut engines usage deepl")]
pub(super) struct AccountArgs {
    /// Engine profiles or kinds of engine [default: all that are ready and say it]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Delete the glossaries that wortlaut made at a service for this project.
///
/// The next run makes those that it needs again. What somebody made there by hand stays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut engines clean deepl
  wortlaut engines clean deepl --all   those of other projects, too")]
pub(super) struct CleanArgs {
    /// Engine profile or kind of engine
    #[arg(value_name = "NAME")]
    name: String,
    /// Also what was made for other projects
    #[arg(long)]
    all: bool,
}

pub(super) fn usage(args: &AccountArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let runtime = runtime()?;
    let engines = if args.names.is_empty() {
        ready(&project)
    } else {
        args.names.iter().map(|name| engine(&project, name)).collect::<Result<_, _>>()?
    };
    let mut is_any = false;
    for engine in engines {
        let profile = &engine.info().profile;
        let account = match engine.upkeep() {
            Some(upkeep) => runtime.block_on(upkeep.account())?,
            None => None,
        };
        is_any |= account.is_some();
        let account = account.map(|account| AccountLine::new(account, engine.info().billing));
        match account {
            _ if args.json => print(&json!({ "engine": profile, "account": account }).to_string())?,
            Some(account) => print(&shown(&format!("{profile}: {account}")))?,
            None => print(&shown(&format!("{profile} does not say what is used")))?,
        }
    }
    if !is_any && args.names.is_empty() && !args.json {
        print("no engine that is ready says what is used; `wortlaut engines` lists what they need")?;
    }
    Ok(Exit::Ok)
}

pub(super) fn clean(args: &CleanArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let engine = engine(&project, &args.name)?;
    let Some(upkeep) = engine.upkeep() else {
        print(&shown(&format!("{} keeps nothing of ours", args.name)))?;
        return Ok(Exit::Ok);
    };
    let owner = project.owner();
    let gone = runtime()?.block_on(upkeep.clean((!args.all).then_some(&owner)))?;
    for name in &gone {
        print(&shown(&format!("deleted {name}")))?;
    }
    if gone.is_empty() {
        print("nothing to delete")?;
    }
    Ok(Exit::Ok)
}

fn engine(project: &Project, name: &str) -> Result<Arc<dyn Engine>, Failure> {
    Ok(build(&named_profile(project, name)?)?)
}

/// The services that are ready and have an account to look at.
fn ready(project: &Project) -> Vec<Arc<dyn Engine>> {
    let names = project.settings.engines.keys().filter(|name| *name != models::AUTO);
    let profiles = names.filter_map(|name| named_profile(project, name).ok());
    let services = profiles.filter(|profile| profile.options.service().is_some());
    services.filter_map(|profile| build(&profile).ok()).filter(|engine| engine.upkeep().is_some()).collect()
}
