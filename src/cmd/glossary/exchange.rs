//! `glossary import` and `export`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::cli::ConfigArgs;
use super::super::failure::{Exit, Failure};
use super::super::{print, setup};
use super::args::{ExportArgs, GlossaryPath, ImportArgs};
use super::edit::editor;
use crate::glossary::edit::NewEntry;
use crate::glossary::exchange::{self, ExchangeFormat, Imported};
use crate::glossary::{Difference, EntryPair, Glossary, bounds, compare};
use crate::report::clean;
use crate::write;

/// Larger files are refused. Other programs need more room for an entry: TBX and TMX some five times as much.
const MAX_BYTES: u64 = 256 << 20;

pub(super) fn import(args: &ImportArgs) -> Result<Exit, Failure> {
    let format = format(args.format.as_deref(), &args.file)?;
    let path = which(&args.config, args.into.as_ref(), args.lenient).path()?;
    let imported =
        exchange::read(&args.file, &content(&args.file)?, format).map_err(setup::glossary_failure)?;
    let entries = accepted(imported, args.lenient)?;
    bounds::check(&args.file, &entries).map_err(setup::glossary_failure)?;
    let theirs = Glossary::of(entries);
    // What is compared is what is then changed.
    let editor = editor(&path)?;
    let ours = if path.exists() {
        Glossary::load_lenient(&path).map_err(setup::glossary_failure)?.0
    } else {
        Glossary::default()
    };
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
        editor.replace_all(&replaced).map_err(setup::glossary_failure)?;
    }
    if !new.is_empty() {
        editor.add_all(&new).map_err(setup::glossary_failure)?;
    }
    told(args, &path, new.len(), (&conflicts, &fuller))
}

/// Says what an import came to.
fn told(
    args: &ImportArgs,
    path: &Path,
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
    print(&clean(&format!("{}: {new} added, {changed} replaced, {kept} left as they were", path.display())))?;
    if kept > 0 {
        print("--replace takes the file's side")?;
    }
    Ok(if kept > 0 && !conflicts.is_empty() { Exit::Findings } else { Exit::Ok })
}

/// The entries of a file that is whole, or of a broken one if that is allowed. Of entries that stand there twice
/// the first is taken.
fn accepted(imported: Imported, lenient: bool) -> Result<Vec<crate::model::Entry>, Failure> {
    for remark in &imported.remarks {
        let _ = writeln!(io::stderr(), "{}", clean(remark));
    }
    let mut faults = imported.faults;
    if lenient {
        for fault in &faults {
            let _ = writeln!(io::stderr(), "left out: {}", clean(&fault.to_string()));
        }
    } else if !faults.is_empty() {
        let more = faults.len() - 1;
        let first = setup::glossary_failure(faults.swap_remove(0));
        return Err(
            first.hint(format!("{more} more lines are broken; --lenient leaves them out and goes on"))
        );
    }
    Ok(imported.entries)
}

pub(super) fn export(args: &ExportArgs) -> Result<Exit, Failure> {
    let format = format(args.format.as_deref(), &args.file)?;
    let from = which(&args.config, args.from.as_ref(), args.lenient);
    let glossary = from.load()?;
    if is_inside(&args.file, &from.path()?) {
        return Err(Failure::new(Exit::Usage, "the file is one of the glossary's own"));
    }
    let exported =
        exchange::write(glossary.entries(), format).map_err(|error| Failure::new(Exit::Usage, error))?;
    write::replace(&args.file, &exported.bytes, args.overwrite)?;
    let count = glossary.entries().len();
    print(&clean(&format!("{}: {count} entries as {format}", args.file.display())))?;
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

/// The glossary that the flags of these two commands mean.
fn which(config: &ConfigArgs, path: Option<&PathBuf>, lenient: bool) -> GlossaryPath {
    GlossaryPath { config: config.clone(), glossary: path.cloned(), lenient }
}

/// The format that is named, or that the extension stands for.
fn format(name: Option<&str>, file: &Path) -> Result<ExchangeFormat, Failure> {
    match name {
        Some(name) => name.parse().map_err(|known: String| {
            Failure::new(Exit::Usage, format!("there is no format {name:?}")).hint(known)
        }),
        None => ExchangeFormat::guess(file).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("the extension of {} tells no format", file.display()))
                .hint("name it with --format")
        }),
    }
}

fn content(file: &Path) -> Result<Vec<u8>, Failure> {
    bounds::read(file, MAX_BYTES)
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {}: {error}", file.display())))
}
