//! `wortlaut init`: the start of a project.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::config::FILE_NAME;
use crate::report::clean;

use super::cli::InitArgs;
use super::failure::{Exit, Failure};
use super::print;

/// The project file: what most people set, with the rest as comments.
const PROJECT: &str = include_str!("data/wortlaut.toml");

/// The glossary to start from.
const GLOSSARY: &str = include_str!("data/glossary.tsv");

/// What git should not keep: the memory, and what a run writes.
const IGNORE: &str = "/.wortlaut\n/output\n";

pub(super) fn run(args: &InitArgs) -> Result<Exit, Failure> {
    let folder = &args.folder;
    for inner in ["articles", "glossary"] {
        let path = folder.join(inner);
        fs::create_dir_all(&path).map_err(|error| cannot(&path, &error))?;
    }
    create(&folder.join(FILE_NAME), PROJECT)?;
    create(&folder.join("glossary").join("glossary.tsv"), GLOSSARY)?;
    create(&folder.join(".gitignore"), IGNORE)?;
    print(
        "\nNext: put German articles into articles/, names and terms into glossary/glossary.tsv, then\n  wortlaut translate --dry-run\n  wortlaut translate",
    )?;
    Ok(Exit::Ok)
}

/// Makes a file, and leaves alone one that is there.
fn create(path: &Path, text: &str) -> Result<(), Failure> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| cannot(path, &error))?;
            print(&clean(&format!("made {}", path.display())))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            print(&clean(&format!("kept {}", path.display())))
        }
        Err(error) => Err(cannot(path, &error)),
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Usage, format!("cannot make {}: {error}", path.display()))
}
