//! `glossary diff` and `merge`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::super::failure::{Exit, Failure};
use super::super::output::print;
use super::super::project::load_glossary;
use crate::glossary::edit::{self, Editor, NewEntry};
use crate::glossary::{Difference, EntryPair, GlossarySide, compare};
use crate::report::{clean, counted};
use crate::write;

/// Show how two glossaries differ, entry by entry.
///
/// `-` marks entries that only the first one has, `+` those that only the second one has, `!` conflicts, and `~` entries
/// that one of them says more about. The exit code is 1 if there is a conflict.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wortlaut glossary diff glossary theirs.tsv\n  wortlaut glossary diff old.tsv new.tsv --json"
)]
pub(in crate::cmd) struct DiffArgs {
    /// Glossary file or folder
    pub(super) left: PathBuf,
    /// Glossary file or folder
    pub(super) right: PathBuf,
    /// Print one JSON object a difference
    #[arg(long)]
    pub(super) json: bool,
}

/// Merge two glossaries into one.
///
/// Entries that the first one lacks are added from the second one, and empty cells are filled. Conflicts are shown with
/// both sides; without --prefer, nothing is written then and the exit code is 1.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary merge ours.tsv theirs.tsv -o merged.tsv
  wortlaut glossary merge ours.tsv theirs.tsv -o ours.tsv --prefer left")]
pub(in crate::cmd) struct MergeArgs {
    /// Glossary file; its comments and order are kept
    pub(super) left: PathBuf,
    /// Glossary file or folder
    pub(super) right: PathBuf,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub(super) overwrite: bool,
    /// Side to take in conflicts
    #[arg(long, value_enum, value_name = "SIDE")]
    pub(super) prefer: Option<Prefer>,
}

/// The side to take in conflicts.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cmd) enum Prefer {
    /// The first glossary
    Left,
    /// The second one
    Right,
}

pub(super) fn diff(args: &DiffArgs) -> Result<Exit, Failure> {
    let load = |path| load_glossary(std::slice::from_ref(path), false);
    let differences = compare(&load(&args.left)?, &load(&args.right)?);
    let mut conflicts = false;
    for difference in &differences {
        conflicts |= matches!(difference, Difference::Both(pair) if pair.is_conflict());
        if args.json {
            print(&object(difference).to_string())?;
        } else {
            lines(&text(difference))?;
        }
    }
    Ok(if conflicts { Exit::Findings } else { Exit::Ok })
}

/// A difference as people read it.
fn text(difference: &Difference) -> String {
    match difference {
        Difference::Left(entry) => {
            format!("- {}  {}  at {}", entry.source, entry.targets.join("|"), entry.origin)
        }
        Difference::Right(entry) => {
            format!("+ {}  {}  at {}", entry.source, entry.targets.join("|"), entry.origin)
        }
        Difference::Both(pair) => format!("{} {pair}", if pair.is_conflict() { '!' } else { '~' }),
    }
}

fn object(difference: &Difference) -> serde_json::Value {
    match difference {
        Difference::Left(entry) => json!({ "difference": "left", "source": entry.source, "left": **entry }),
        Difference::Right(entry) => {
            json!({ "difference": "right", "source": entry.source, "right": **entry })
        }
        Difference::Both(pair) => json!({
            "difference": if pair.is_conflict() { "conflict" } else { "fuller" },
            "source": pair.left.source,
            "columns": pair.cells.iter().map(|cell| cell.column).collect::<Vec<_>>(),
            "left": *pair.left,
            "right": *pair.right,
        }),
    }
}

pub(super) fn merge(args: &MergeArgs) -> Result<Exit, Failure> {
    if args.left.is_dir() {
        return Err(Failure::new(
            Exit::Usage,
            "the first glossary is a folder, but a merge writes a single file",
        )
        .hint("`wortlaut glossary export FILE --from FOLDER` writes a folder as one file"));
    }
    // A glossary that is replaced by what comes of it must not change in between.
    let _turn = match &args.output {
        Some(file) if file.is_file() => Some(Editor::open(file)?),
        _ => None,
    };
    let load = |path| load_glossary(std::slice::from_ref(path), false);
    let differences = compare(&load(&args.left)?, &load(&args.right)?);
    let pairs: Vec<&EntryPair> = differences
        .iter()
        .filter_map(|difference| if let Difference::Both(pair) = difference { Some(pair) } else { None })
        .collect();
    let conflicts: Vec<&&EntryPair> = pairs.iter().filter(|pair| pair.is_conflict()).collect();
    for pair in &conflicts {
        for line in format!("! {pair}").lines() {
            let _ = writeln!(io::stderr(), "{}", clean(line));
        }
    }
    if !conflicts.is_empty() && args.prefer.is_none() {
        let message = format!("{}; nothing was written", counted(conflicts.len() as u64, "conflict"));
        return Err(
            Failure::new(Exit::Findings, message).hint("--prefer left or --prefer right decides them")
        );
    }
    let side =
        if matches!(args.prefer, Some(Prefer::Right)) { GlossarySide::Right } else { GlossarySide::Left };
    let new: Vec<NewEntry> = differences
        .iter()
        .filter_map(|difference| if let Difference::Right(entry) = difference { Some(entry) } else { None })
        .map(|entry| NewEntry::of(entry))
        .collect();
    let changed: Vec<_> = pairs.iter().map(|pair| (pair.left.source.clone(), pair.merged(side))).collect();
    let merged = edit::merged(&args.left, &changed, &new)?;
    match &args.output {
        Some(file) => {
            write::replace(file, merged.as_bytes(), args.overwrite)?;
            let changed = changed.iter().filter(|(_, cells)| !cells.is_empty()).count();
            let report = format!("{}: {} added, {changed} changed", file.display(), new.len());
            print(&clean(&report))?;
        }
        None => io::stdout().lock().write_all(merged.as_bytes())?,
    }
    Ok(Exit::Ok)
}

fn lines(text: &str) -> Result<(), Failure> {
    text.lines().try_for_each(|line| print(&clean(line)))
}
