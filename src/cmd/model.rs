//! `wortlaut model`: the models of the engines inside the process.

use crate::report::{bytes, clean};
use crate::store::Model;

use super::cli::{ModelCommand, ModelName, ModelPathArgs, ModelPullArgs};
use super::failure::{Exit, Failure};
use super::models::Pulling;
use super::{models, print};

pub(super) fn run(command: ModelCommand) -> Result<Exit, Failure> {
    match command {
        ModelCommand::List => list(),
        ModelCommand::Pull(args) => pull(&args),
        ModelCommand::Verify(args) => verify(&args),
        ModelCommand::Remove(args) => remove(&args),
        ModelCommand::Path(args) => path(&args),
    }
}

fn list() -> Result<Exit, Failure> {
    for listed in models::open()?.list() {
        let model = listed.model;
        let state = match &listed.installed {
            Ok(Some(installed)) => format!("installed, {}", bytes(installed.size())),
            Ok(None) => format!("to be pulled, {}", bytes(model.size)),
            Err(error) => error.to_string(),
        };
        let unverified = unverified(model);
        print(&clean(&format!("{}  ({state}; {}{unverified})", model.name, model.licence)))?;
        print(&clean(&format!("    {}", model.quality)))?;
    }
    Ok(Exit::Ok)
}

/// What is said of a model whose files cannot be compared with a published hash.
fn unverified(model: &Model) -> &'static str {
    if model.is_verified() { "" } else { ", unverified: its publisher's hash is not known here" }
}

fn pull(args: &ModelPullArgs) -> Result<Exit, Failure> {
    let store = models::open()?;
    let installed = Pulling { yes: args.yes, quiet: false }.pull(&store, &args.name, false)?;
    print(&format!(
        "{} is in {}{}",
        args.name,
        installed.folder.display(),
        unverified(store.model(&args.name)?)
    ))?;
    Ok(Exit::Ok)
}

fn verify(args: &ModelName) -> Result<Exit, Failure> {
    let installed = models::open()?.verify(&args.name)?;
    for file in &installed.files {
        print(&format!("{}  {}", file.sha256, file.name))?;
    }
    Ok(Exit::Ok)
}

fn remove(args: &ModelName) -> Result<Exit, Failure> {
    let removed = models::open()?.remove(&args.name)?;
    print(&if removed {
        format!("removed {}", args.name)
    } else {
        format!("{} is not installed", args.name)
    })?;
    Ok(Exit::Ok)
}

fn path(args: &ModelPathArgs) -> Result<Exit, Failure> {
    let store = models::open()?;
    let folder = match &args.name {
        Some(name) => store.path(name)?.folder,
        None => store.root().to_owned(),
    };
    print(&clean(&folder.display().to_string()))?;
    Ok(Exit::Ok)
}
