//! `glossary import` and `export`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::choices::any_of;
use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::{LENIENT, LenientArgs, Project};
use super::edit::GlossaryEdit;
use super::entries::entry_count;
use crate::config::SettingFlag;
use crate::glossary::edit::NewEntry;
use crate::glossary::exchange::{self, ExchangeFormat, Imported};
use crate::glossary::{self, Difference, EntryPair, Glossary, bounds, compare};
use crate::report::clean;
use crate::write;

/// Import entries from a file of another program.
///
/// New entries are appended to the glossary. An entry that has another target in the glossary is a conflict: both sides
/// are shown, and the glossary keeps its own unless --replace is given. The exit code is 1 if conflicts are left. In an
/// entry that is replaced, cells that the file has no value for stay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary import terms.xlsx
  wortlaut glossary import deepl.csv --into glossary/deepl.tsv
  wortlaut glossary import termbase.tbx --replace
  wortlaut glossary import entries.dat --format deepl-tsv")]
pub(in crate::cmd) struct ImportArgs {
    /// The file; its extension gives the format
    pub(super) file: PathBuf,
    /// Glossary file or folder [default: that of --glossary]
    #[arg(long, value_name = "PATH")]
    pub(super) into: Option<PathBuf>,
    /// The format, if the extension does not give it
    #[arg(long, value_name = "NAME", value_parser = any_of::<ExchangeFormat>())]
    pub(super) format: Option<String>,
    /// Take the file's side in conflicts
    #[arg(long)]
    pub(super) replace: bool,
    #[command(flatten)]
    pub(super) lenient: LenientArgs,
}

/// Export the glossary to a file for another program, and report what that cannot hold.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary export terms.csv                       for a spreadsheet
  wortlaut glossary export terms.xlsx                      for Excel
  wortlaut glossary export terms.csv --format excel-csv    for a German Excel, with semicolons
  wortlaut glossary export deepl.tsv --format deepl-tsv    for DeepL
  wortlaut glossary export termbase.tbx --format tbx-2008  for most CAT tools; tbx-dct and tbx-dca are newer
  wortlaut glossary export terms.tmx --from glossary/names.tsv")]
pub(in crate::cmd) struct ExportArgs {
    /// The file; its extension gives the format
    pub(super) file: PathBuf,
    /// Glossary file or folder [default: that of --glossary]
    #[arg(long, value_name = "PATH")]
    pub(super) from: Option<PathBuf>,
    /// The format, if the extension does not give it
    #[arg(long, value_name = "NAME", value_parser = any_of::<ExchangeFormat>())]
    pub(super) format: Option<String>,
    /// Replace the file if it exists
    #[arg(long)]
    pub(super) overwrite: bool,
    #[command(flatten)]
    pub(super) lenient: LenientArgs,
}

pub(super) fn import(args: &ImportArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let format = format(args.format.as_deref(), &args.file)?;
    let into = SettingFlag::new("into", "glossary.path", args.into.clone());
    let settings = Project::open(global, [into])?.settings;
    let imported = exchange::read(&args.file, &content(&args.file)?, format)?;
    let inner = inner_conflicts(&imported)?;
    let entries = accepted(imported, args.lenient.lenient)?;
    bounds::check(&args.file, &entries)?;
    let theirs = Glossary::of(entries);
    // What is compared is what is then changed.
    let edit = GlossaryEdit::open(&settings)?;
    let (path, editor) = (&edit.path, &edit.editor);
    let ours = if path.exists() { Glossary::load_lenient(path)?.0 } else { Glossary::default() };
    let (mut new, mut conflicts, mut fuller) = (Vec::new(), Vec::new(), Vec::new());
    for difference in compare(&ours, &theirs) {
        match difference {
            Difference::Right(entry) => new.push(NewEntry::of(&entry)),
            Difference::Both(pair) if pair.is_conflict() => conflicts.push(pair),
            Difference::Both(pair) => fuller.push(pair),
            Difference::Left(_) => {}
        }
    }
    fuller.retain(|pair| pair.cells.iter().any(|cell| !cell.right.is_empty()));
    if args.replace {
        let replaced: Vec<NewEntry> =
            conflicts.iter().chain(&fuller).map(|pair| NewEntry::of(&pair.right)).collect();
        editor.replace_all(&replaced)?;
    }
    if !new.is_empty() {
        editor.add_all(&new)?;
    }
    unfindable(&theirs);
    let reported = report(args, &edit, new.len(), (&conflicts, &fuller))?;
    Ok(if inner { Exit::Findings } else { reported })
}

/// Reports lines of a file that exclude each other; returns whether there are any.
fn inner_conflicts(imported: &Imported) -> Result<bool, Failure> {
    for pair in &imported.conflicts {
        let text = format!("conflict inside the file, the first line is taken: {pair}");
        print(&text.lines().map(clean).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(!imported.conflicts.is_empty())
}

/// Says which entries no text can have.
fn unfindable(entries: &Glossary) {
    for problem in glossary::unfindable(entries) {
        let _ = writeln!(io::stderr(), "{}", clean(&format!("{}: {}", problem.origin, problem.message)));
    }
}

/// Reports the result of an import.
fn report(
    args: &ImportArgs,
    edit: &GlossaryEdit,
    new: usize,
    (conflicts, fuller): (&[EntryPair], &[EntryPair]),
) -> Result<Exit, Failure> {
    for pair in conflicts {
        let what = if args.replace { "replaced" } else { "conflict" };
        let text = format!("{what}: {pair}");
        let lines: Vec<_> = text.lines().map(clean).collect();
        print(&lines.join("\n"))?;
    }
    let changed = if args.replace { conflicts.len() + fuller.len() } else { 0 };
    let kept = conflicts.len() + fuller.len() - changed;
    edit.done(&format!(
        "{}: {new} added, {changed} replaced, {kept} left as they were",
        edit.path.display()
    ))?;
    if kept > 0 {
        print("--replace takes the file's side instead")?;
    }
    Ok(if kept > 0 && !conflicts.is_empty() { Exit::Findings } else { Exit::Ok })
}

/// The entries of a file that is whole, or of a broken one if that is allowed.
fn accepted(imported: Imported, lenient: bool) -> Result<Vec<crate::model::Entry>, Failure> {
    for remark in imported.remarks.iter().chain(&imported.left()) {
        let _ = writeln!(io::stderr(), "{}", clean(remark));
    }
    let mut faults = imported.faults;
    if lenient {
        for fault in &faults {
            let _ = writeln!(io::stderr(), "left out: {}", clean(&fault.to_string()));
        }
    } else if !faults.is_empty() {
        let more = faults.len() - 1;
        let first = Failure::from(faults.swap_remove(0));
        return Err(first.hint(match more {
            0 => LENIENT.to_owned(),
            1 => format!("1 more line is broken; {LENIENT}"),
            more => format!("{more} more lines are broken; {LENIENT}"),
        }));
    }
    Ok(imported.entries)
}

pub(super) fn export(args: &ExportArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let format = format(args.format.as_deref(), &args.file)?;
    let from = SettingFlag::new("from", "glossary.path", args.from.clone());
    let project = Project::open(global, [from, args.lenient.flag()])?;
    let glossary = project.required_glossary()?;
    if project.settings.glossary.path.iter().any(|path| is_inside(&args.file, path)) {
        return Err(Failure::new(Exit::Usage, "the file belongs to the glossary itself"));
    }
    let exported =
        exchange::write(glossary.entries(), format).map_err(|error| Failure::new(Exit::Usage, error))?;
    write::replace(&args.file, &exported.bytes, args.overwrite)?;
    let count = entry_count(glossary.entries().len());
    print(&clean(&format!("{}: {count} as {format}", args.file.display())))?;
    for loss in &exported.lost {
        print(&loss.to_string())?;
    }
    Ok(Exit::Ok)
}

/// Whether a file is the glossary or a file of its folder.
fn is_inside(file: &Path, glossary: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let glossary = real(glossary);
    let is_table = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
    glossary.is_some() && (real(file) == glossary || (is_table && real(folder) == glossary))
}

/// The format that is named, or that the extension stands for.
fn format(name: Option<&str>, file: &Path) -> Result<ExchangeFormat, Failure> {
    match name {
        Some(name) => name.parse().map_err(|known: String| Failure::new(Exit::Usage, known)),
        None => ExchangeFormat::guess(file).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("the extension of {} gives no format", file.display()))
                .hint("name it with --format")
        }),
    }
}

fn content(file: &Path) -> Result<Vec<u8>, Failure> {
    bounds::read(file, exchange::MAX_BYTES)
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {}: {error}", file.display())))
}
