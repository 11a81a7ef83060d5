//! `glossary add`, `set`, `remove`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::Project;
use super::entries::no_entry;
use crate::glossary::edit::{Editor, NewEntry};
use crate::report::clean;

/// Cells of an entry beside source and target.
#[derive(Debug, Clone, Args)]
pub(in crate::cmd) struct CellArgs {
    /// Further German forms, separated by |
    #[arg(long)]
    pub(super) forms: Option<String>,
    /// Unwanted English renderings, separated by |
    #[arg(long)]
    pub(super) avoid: Option<String>,
    /// Kind of entry
    #[arg(long, ignore_case = true, value_parser = kinds())]
    pub(super) kind: Option<String>,
    /// How capitals are compared
    #[arg(long, ignore_case = true, value_parser = cases())]
    pub(super) case: Option<String>,
    /// A remark
    #[arg(long)]
    pub(super) note: Option<String>,
}

impl CellArgs {
    /// The cells that were given, with their columns.
    pub(super) fn given(&self) -> impl Iterator<Item = (String, String)> {
        let all = [
            ("case", &self.case),
            ("forms", &self.forms),
            ("avoid", &self.avoid),
            ("kind", &self.kind),
            ("note", &self.note),
        ];
        all.into_iter().filter_map(|(column, value)| Some((column.to_owned(), value.clone()?)))
    }
}

/// The kinds of entries; an empty value empties the cell.
fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new([
        PossibleValue::new("name").help("A name of a person, place or organisation"),
        PossibleValue::new("term").help("A term of the field"),
        PossibleValue::new("keep").help("Stands in English as it does in German"),
        PossibleValue::new("").hide(true),
    ])
}

/// The rules for capitals; an empty value empties the cell.
fn cases() -> PossibleValuesParser {
    PossibleValuesParser::new([
        PossibleValue::new("auto").help("Capitals count if the term has any"),
        PossibleValue::new("exact").help("Capitals count"),
        PossibleValue::new("ignore").help("Capitals do not count"),
        PossibleValue::new("").hide(true),
    ])
}

/// Add an entry.
///
/// It is appended to the glossary file; in a folder, to glossary.tsv or else to the last file. Comments and order stay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary add 'Kosmodrom Wostotschny' 'Vostochny Cosmodrome|Vostochny' --kind name
  wortlaut glossary add Hwasong-18 Hwasong-18 --kind keep
  wortlaut glossary add Schoigu Shoigu --avoid 'Shoygu|Schoigu' --note 'house style'")]
pub(in crate::cmd) struct AddArgs {
    /// The German term in its dictionary form
    pub(super) source: String,
    /// The English; several accepted renderings are separated by |, the preferred one first
    pub(super) target: String,
    #[command(flatten)]
    pub(super) cells: CellArgs,
}

/// Change cells of an entry.
///
/// An empty value empties its cell. Everything else in the file stays as it is, byte for byte.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary set Schoigu --target Shoigu --avoid 'Shoygu|Schoigu'
  wortlaut glossary set Rakete --note ''")]
pub(in crate::cmd) struct SetArgs {
    /// The German term exactly as in the glossary
    pub(super) source: String,
    /// The English; several accepted renderings are separated by |, the preferred one first
    #[arg(long)]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) cells: CellArgs,
}

/// Remove an entry.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  wortlaut glossary remove 'Kosmodrom Wostotschny'")]
pub(in crate::cmd) struct RemoveArgs {
    /// The German term exactly as in the glossary
    pub(super) source: String,
}

/// The glossary file or folder in force.
fn path(global: &GlobalArgs) -> Result<PathBuf, Failure> {
    Ok(Project::open(global, [])?.settings.glossary.path)
}

pub(super) fn add(args: &AddArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let entry = NewEntry {
        source: args.source.clone(),
        target: args.target.clone(),
        cells: args.cells.given().collect(),
    };
    let file = Editor::open(&path(global)?)?.add(&entry)?;
    print(&clean(&format!("added to {}: {} → {}", file.display(), args.source, args.target)))?;
    Ok(Exit::Ok)
}

pub(super) fn set(args: &SetArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let target = args.target.clone().map(|target| ("target".to_owned(), target));
    let cells: Vec<_> = target.into_iter().chain(args.cells.given()).collect();
    if cells.is_empty() {
        return Err(Failure::new(Exit::Usage, "nothing to change")
            .hint("give one or more of --target, --forms, --avoid, --kind, --case and --note"));
    }
    let path = path(global)?;
    if !Editor::open(&path)?.set(&args.source, &cells)? {
        return Err(no_entry(&args.source, &path));
    }
    let changes: Vec<String> = cells.iter().map(|(column, value)| format!("{column} = {value:?}")).collect();
    print(&clean(&format!("set: {}: {}", args.source, changes.join(", "))))?;
    Ok(Exit::Ok)
}

pub(super) fn remove(args: &RemoveArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let path = path(global)?;
    if !Editor::open(&path)?.remove(&args.source)? {
        return Err(no_entry(&args.source, &path));
    }
    print(&clean(&format!("removed: {}", args.source)))?;
    Ok(Exit::Ok)
}
