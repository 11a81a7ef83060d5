//! `wortlaut model`: the models of local engines.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::report::{bytes, clean};

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::models::{self, Pulling};
use super::output::print;
use super::project::Project;

#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// List the models: what is installed, its size, licence and quality.
    #[command(after_help = "Example:\n  wortlaut model list")]
    List,
    /// Pull a model: from its publisher, from others that carry it, or from files that you bring along.
    #[command(
        after_help = "Examples:\n  wortlaut model pull firefox\n  wortlaut model pull qwen3-4b --yes\n  \
                      wortlaut model pull firefox --from /media/usb\n  \
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
    /// Take its files from this folder or file and load nothing; may be given several times. They are known by their
    /// SHA-256, whatever they are called, packed with gzip or zstd or not
    #[arg(long, value_name = "FOLDER|FILE")]
    pub(super) from: Vec<PathBuf>,
}

/// Which model, if one.
#[derive(Debug, Args)]
pub(super) struct ModelPathArgs {
    /// Its name in `wortlaut model list`
    pub(super) name: Option<String>,
}

pub(super) fn run(command: &ModelCommand, global: &GlobalArgs) -> Result<Exit, Failure> {
    match command {
        ModelCommand::List => list(),
        ModelCommand::Pull(args) => pull(args, global),
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
        print(&clean(&format!("{}  ({state}; {})", model.name, model.licence)))?;
        print(&clean(&format!("    {}", model.quality)))?;
    }
    Ok(Exit::Ok)
}

fn pull(args: &ModelPullArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let store = models::open()?;
    let installed = if args.from.is_empty() {
        let settings = &Project::open(global, [])?.settings.models;
        Pulling { settings, yes: args.yes, quiet: global.quiet }.pull(&store, &args.name, false)?
    } else {
        models::take(&store, &args.name, &args.from, global.quiet)?
    };
    print(&clean(&format!("{} is in {}", args.name, installed.folder.display())))?;
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
