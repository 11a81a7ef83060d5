//! `wortlaut trust`: which wortlaut.toml may do more than set what is harmless.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::{self, Environment, FILE_NAME, Layers, TrustState, TrustStore};
use crate::report::clean;

use super::failure::{Exit, Failure};
use super::output::print;

/// Trust a wortlaut.toml as it is now, to run the programs, reach the servers and use the folders it names.
///
/// Without trust, a wortlaut.toml that was found in the current folder or above it cannot run programs, use servers other
/// than the vendor's and this machine, or use files and folders outside its own. It needs trust again whenever it changes.
/// --config, variables and flags need no trust.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut trust                      the nearest wortlaut.toml; prints what that allows
  wortlaut trust my-corpus
  wortlaut trust --list
  wortlaut trust my-corpus --remove")]
pub(super) struct TrustArgs {
    /// Folder of the wortlaut.toml [default: this folder or the nearest one above it that has one]
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// List the trusted files, and whether they have changed or gone since
    #[arg(long, conflicts_with_all = ["folder", "remove"])]
    pub(super) list: bool,
    /// Stop trusting the file
    #[arg(long)]
    pub(super) remove: bool,
}

pub(super) fn run(args: &TrustArgs) -> Result<Exit, Failure> {
    let environment = Environment::of_process();
    if args.list {
        return list(&TrustStore::of(&environment)?);
    }
    let folder = folder(args)?;
    if args.remove {
        return remove(&folder, &TrustStore::of(&environment)?);
    }
    trust(&folder, &environment)
}

/// The folder that was named, or the nearest one with a file.
fn folder(args: &TrustArgs) -> Result<PathBuf, Failure> {
    let current = std::env::current_dir()
        .map_err(|error| Failure::new(Exit::Config, format!("cannot find the current folder: {error}")))?;
    match &args.folder {
        Some(file) if file.is_file() && file.ends_with(FILE_NAME) => {
            Ok(current.join(file.parent().unwrap_or(Path::new(""))))
        }
        Some(folder) => Ok(current.join(folder)),
        None => match config::nearest_file(&current) {
            Some(file) => Ok(current.join(file.parent().unwrap_or(Path::new("")))),
            None => Err(no_file(&current)),
        },
    }
}

fn no_file(folder: &Path) -> Failure {
    let message = format!("there is no {FILE_NAME} in {}", folder.display());
    Failure::new(Exit::Usage, clean(&message)).hint("name its folder: wortlaut trust DIR")
}

/// Trusts the file, and says what that lets it do.
fn trust(folder: &Path, environment: &Environment) -> Result<Exit, Failure> {
    if !folder.join(FILE_NAME).is_file() {
        return Err(no_file(folder));
    }
    // The variables of this shell would hide what the file says.
    let layers = Layers::load(None, folder, &environment.clone().without_settings())?;
    let Some(found) = layers.found() else { return Err(no_file(folder)) };
    found.trust(environment)?;
    print(&clean(&format!("trusted {} as it is now", found.file().display())))?;
    let needs = config::needs(&layers);
    for need in &needs {
        print(&clean(&format!("  {} {}", need.key, need.what)))?;
    }
    if needs.is_empty() {
        print("  nothing in it needs trust")?;
    }
    Ok(Exit::Ok)
}

fn remove(folder: &Path, store: &TrustStore) -> Result<Exit, Failure> {
    // A folder that is gone is known by the name it had.
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let file = folder.join(FILE_NAME);
    let shown = file.display();
    let report = if store.remove(&file)? {
        format!("no longer trusted: {shown}")
    } else {
        format!("not trusted: {shown}")
    };
    print(&clean(&report))?;
    Ok(Exit::Ok)
}

fn list(store: &TrustStore) -> Result<Exit, Failure> {
    for trusted in store.all()? {
        let state = match fs::read(&trusted.path) {
            Err(_) => "gone",
            Ok(bytes) => match store.state(&trusted.path, blake3::hash(&bytes))? {
                TrustState::Trusted => "trusted",
                TrustState::Changed | TrustState::Unknown => "changed",
            },
        };
        print(&clean(&format!("{state:<8} {}", trusted.path.display())))?;
    }
    Ok(Exit::Ok)
}
