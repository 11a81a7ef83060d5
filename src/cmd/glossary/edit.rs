//! `glossary add`, `set`, `remove`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::Project;
use super::entries::no_entry;
use crate::config::Settings;
use crate::glossary::edit::{ChangedCell, Editor, NewEntry};
use crate::glossary::{Glossary, GlossaryError};
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
  wortlaut glossary add Hwasong-18 --kind keep
  wortlaut glossary add Schoigu Shoigu --avoid 'Shoygu|Schoigu' --note 'house style'")]
pub(in crate::cmd) struct AddArgs {
    /// The German term in its dictionary form
    pub(super) source: String,
    /// The English; several accepted renderings are separated by |, the preferred one first. With --kind keep it is the
    /// German term
    pub(super) target: Option<String>,
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

/// Give an entry another German term.
///
/// All its other cells stay.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  wortlaut glossary rename 'Kosmodrom Wostotschny' 'Weltraumbahnhof Wostotschny'"
)]
pub(in crate::cmd) struct RenameArgs {
    /// The German term exactly as in the glossary
    pub(super) source: String,
    /// The new German term
    pub(super) new: String,
}

/// Accept another rendering of an entry.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary add-target Damm levee
  wortlaut glossary add-target Damm embankment --first    prefer it to the others")]
pub(in crate::cmd) struct AddTargetArgs {
    /// The German term exactly as in the glossary
    pub(super) source: String,
    /// The English; several renderings are separated by |
    pub(super) target: String,
    /// Put it before the others, as the preferred one
    #[arg(long)]
    pub(super) first: bool,
}

/// Take back the last change of the glossary.
///
/// That is the last add, set, rename, add-target, remove or import. A second undo makes the change again. If a file was changed
/// in another way since, it stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  wortlaut glossary undo")]
pub(in crate::cmd) struct UndoArgs {}

/// Remove an entry.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  wortlaut glossary remove 'Kosmodrom Wostotschny'")]
pub(in crate::cmd) struct RemoveArgs {
    /// The German term exactly as in the glossary
    pub(super) source: String,
}

/// The file in which a change of the glossary is written down, beside the memory.
pub(in crate::cmd) const UNDO: &str = "glossary-undo.json";

/// A glossary that a command changes.
pub(super) struct GlossaryEdit {
    pub(super) editor: Editor,
    pub(super) path: PathBuf,
    undo: PathBuf,
}

impl GlossaryEdit {
    /// Waits for the turn at the glossary in force; of several, at the last one, which wins.
    pub(super) fn open(settings: &Settings) -> Result<Self, Failure> {
        let path = settings.glossary.path.last().cloned().unwrap_or_default();
        Self::at(path, settings)
    }

    fn at(path: PathBuf, settings: &Settings) -> Result<Self, Failure> {
        let editor = Editor::open(&path)?;
        Ok(Self { editor, path, undo: settings.memory.path.with_file_name(UNDO) })
    }

    /// Waits for the turn at the glossary that has an entry; of several, at the last one.
    fn of(source: &str, global: &GlobalArgs) -> Result<Self, Failure> {
        let settings = Project::open(global, [])?.settings;
        let paths = &settings.glossary.path;
        if let [only] = &paths[..] {
            return Self::at(only.clone(), &settings);
        }
        for path in paths.iter().rev() {
            let (glossary, _) = Glossary::load_lenient(path)?;
            if glossary.entries().iter().any(|entry| entry.source == source.trim()) {
                return Self::at(path.clone(), &settings);
            }
        }
        Err(no_entry(source, paths))
    }

    /// Writes down how the change is taken back, and says what was done.
    pub(super) fn done(&self, report: &str) -> Result<Exit, Failure> {
        self.editor.keep_undo(&self.undo, report)?;
        print(&clean(report))?;
        Ok(Exit::Ok)
    }

    fn no_entry(&self, source: &str) -> Failure {
        no_entry(source, std::slice::from_ref(&self.path))
    }
}

/// What became of cells.
fn changes(cells: &[ChangedCell]) -> String {
    let change = |cell: &ChangedCell| format!("{} = {:?} (was {:?})", cell.column, cell.after, cell.before);
    cells.iter().map(change).collect::<Vec<_>>().join(", ")
}

pub(super) fn add(args: &AddArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let keeps = args.cells.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("keep"));
    let Some(target) = args.target.clone().or_else(|| keeps.then(|| args.source.clone())) else {
        return Err(Failure::new(Exit::Usage, format!("{:?} has no English", args.source))
            .hint("only an entry of --kind keep needs none"));
    };
    let entry =
        NewEntry { source: args.source.clone(), target: target.clone(), cells: args.cells.given().collect() };
    let edit = GlossaryEdit::open(&Project::open(global, [])?.settings)?;
    let file = edit.editor.add(&entry)?;
    edit.done(&format!("added to {}: {} → {target}", file.display(), args.source))
}

pub(super) fn set(args: &SetArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let target = args.target.clone().map(|target| ("target".to_owned(), target));
    let cells: Vec<_> = target.into_iter().chain(args.cells.given()).collect();
    if cells.is_empty() {
        return Err(Failure::new(Exit::Usage, "nothing to change")
            .hint("give one or more of --target, --forms, --avoid, --kind, --case and --note"));
    }
    let edit = GlossaryEdit::of(&args.source, global)?;
    let changed = edit.editor.set(&args.source, &cells)?.ok_or_else(|| edit.no_entry(&args.source))?;
    edit.done(&format!("set: {}: {}", args.source, changes(&changed)))
}

pub(super) fn rename(args: &RenameArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let edit = GlossaryEdit::of(&args.source, global)?;
    if !edit.editor.rename(&args.source, &args.new)? {
        return Err(edit.no_entry(&args.source));
    }
    edit.done(&format!("renamed: {} → {}", args.source, args.new))
}

pub(super) fn add_target(args: &AddTargetArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let edit = GlossaryEdit::of(&args.source, global)?;
    let changed = edit.editor.add_target(&args.source, &args.target, args.first)?;
    let changed = changed.ok_or_else(|| edit.no_entry(&args.source))?;
    edit.done(&format!("set: {}: {}", args.source, changes(&[changed])))
}

pub(super) fn remove(args: &RemoveArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let edit = GlossaryEdit::of(&args.source, global)?;
    if !edit.editor.remove(&args.source)? {
        return Err(edit.no_entry(&args.source));
    }
    edit.done(&format!("removed: {}", args.source))
}

pub(super) fn undo(_: &UndoArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let settings = Project::open(global, [])?.settings;
    for path in settings.glossary.path.iter().rev() {
        let edit = GlossaryEdit::at(path.clone(), &settings)?;
        match edit.editor.undo(&edit.undo) {
            Ok(undone) => {
                print(&clean(&format!("undone: {}", undone.command)))?;
                return Ok(Exit::Ok);
            }
            // It may be the change of another one of them.
            Err(GlossaryError::NothingToUndo) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::new(Exit::Usage, GlossaryError::NothingToUndo))
}
