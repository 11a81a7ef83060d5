//! `wortlaut memory import` and `export`: pairs from other tools, and for them.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use clap::Args;
use futures::executor::block_on;
use serde_json::json;

use crate::bilingual::{self, BilingualFormat, BilingualUnit};
use crate::memory::Memory;
use crate::model::{HumanPair, PairId, PairKind, Timestamp};
use crate::report::{clean, counted};

use super::super::choices::any_of;
use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::Project;
use super::super::project_memory::open_memory;
use super::ask::existing;
use super::units::{ImportDefaults, of_answer, of_pair, to_pair};

/// Entries that are read, and stored in one commit, at once: some megabytes. Their ids are hashes, so that a commit writes
/// most pages of the index of a large memory, however few pairs it has; a run beside it waits for one commit.
const CHUNK: usize = 10_000;

/// Import pairs of German and English from a file of another tool
///
/// Imported pairs are suggestions: they are offered to people, and not used by themselves. With --as correction they outrank
/// every engine. Pairs that were exported by wortlaut come back as what they were, with who made them, when and where; one
/// that is there already stays as it is. Beside a run that is translating, they count for articles that are not written yet.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut memory import agency.tmx                      suggestions from a translation memory
  wortlaut memory import reviewed.xlf --as correction    what was reviewed in another tool
  wortlaut memory import agency.tmx --dry-run            how many pairs there are")]
pub(in crate::cmd) struct MemoryImportArgs {
    /// The file; its extension gives the format
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the pairs become, whatever the file says of them
    #[arg(long = "as", value_name = "KIND", value_parser = any_of::<PairKind>())]
    kind: Option<String>,
    /// Who made the pairs, where the file does not say [default: the user of this computer]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Show how many pairs there are, and import none
    #[arg(long)]
    dry_run: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Export pairs to a file for another tool, or for another memory
///
/// TMX holds all that is known of a pair: importing it into another memory gives the same pairs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut memory export pairs.tmx              corrections and suggestions
  wortlaut memory export corrections.tmx --kind correction
  wortlaut memory export all.tmx --answers      the answers of engines, too")]
pub(in crate::cmd) struct MemoryExportArgs {
    /// The file; its extension gives the format
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only corrections, or only suggestions
    #[arg(long, value_name = "KIND", value_parser = any_of::<PairKind>())]
    kind: Option<String>,
    /// Export the answers of engines, too
    #[arg(long, conflicts_with = "kind")]
    answers: bool,
    /// Replace the file if it exists
    #[arg(long)]
    overwrite: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// How many pairs an import has brought.
#[derive(Debug, Default)]
struct ImportCounts {
    corrections: u64,
    suggestions: u64,
    /// Units without English, or without German.
    empty: u64,
    known: u64,
}

pub(super) fn import(args: &MemoryImportArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let defaults = defaults(args);
    let units = bilingual::units(&args.file).map_err(|error| Failure::new(Exit::Usage, error))?;
    // Every unit is read before any is kept where nothing is to be kept.
    let memory = if args.dry_run { None } else { Some(open_memory(&project.settings)?) };
    let before = memory.as_deref().map(pairs_in).transpose()?;
    let mut counts = ImportCounts::default();
    let mut pairs = Vec::new();
    for unit in units {
        let unit = match unit {
            Ok(unit) => unit,
            Err(error) => {
                keep(memory.as_deref(), &mut pairs, &mut counts)?;
                return Err(partly(Failure::new(Exit::Usage, error), &counts, args.dry_run));
            }
        };
        match to_pair(&unit, &defaults) {
            Some(pair) => pairs.push(pair),
            None => counts.empty += 1,
        }
        if pairs.len() == CHUNK {
            keep(memory.as_deref(), &mut pairs, &mut counts)?;
        }
    }
    keep(memory.as_deref(), &mut pairs, &mut counts)?;
    if let (Some(memory), Some(before)) = (memory, before) {
        let new = pairs_in(memory.as_ref())?.saturating_sub(before);
        counts.known = (counts.corrections + counts.suggestions).saturating_sub(new);
        block_on(memory.close())?;
    }
    report(args, &counts)?;
    Ok(Exit::Ok)
}

/// An error in the middle of a file, with what was imported before it.
fn partly(failure: Failure, counts: &ImportCounts, is_dry_run: bool) -> Failure {
    let count = counts.corrections + counts.suggestions;
    if is_dry_run || count == 0 {
        return failure;
    }
    let were = if count == 1 { "was" } else { "were" };
    failure.hint(format!(
        "{} before that place {were} imported; importing the mended file again adds the rest",
        counted(count, "pair")
    ))
}

/// What is known of the file for all its units.
fn defaults(args: &MemoryImportArgs) -> ImportDefaults {
    let user = ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    // A file that is imported twice gives the same pairs: the time is that of the file, not that of the import.
    let changed = fs::metadata(&args.file).and_then(|metadata| metadata.modified()).ok();
    let seconds =
        changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |time| time.as_secs());
    ImportDefaults {
        kind: args.kind.as_ref().and_then(|kind| kind.parse().ok()),
        by: args.by.clone().or(user).unwrap_or_else(|| "unknown".to_owned()),
        at: Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)),
        origin: args.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// How many pairs there are, those that were taken back among them.
fn pairs_in(memory: &dyn Memory) -> Result<u64, Failure> {
    let stats = block_on(memory.stats())?;
    Ok(stats.corrections + stats.suggestions + stats.withdrawn)
}

/// Keeps pairs and counts them.
fn keep(
    memory: Option<&dyn Memory>,
    pairs: &mut Vec<(HumanPair, Option<Timestamp>)>,
    counts: &mut ImportCounts,
) -> Result<(), Failure> {
    let taken = std::mem::take(pairs);
    for (pair, _) in &taken {
        match pair.kind {
            PairKind::Correction => counts.corrections += 1,
            PairKind::Suggestion => counts.suggestions += 1,
        }
    }
    let Some(memory) = memory else { return Ok(()) };
    let (new, withdrawn): (Vec<HumanPair>, Vec<Option<Timestamp>>) = taken.into_iter().unzip();
    let ids = block_on(memory.add_pairs(new))?;
    for (id, at) in ids.into_iter().zip(withdrawn) {
        if let Some(at) = at {
            block_on(memory.withdraw(vec![id], at))?;
        }
    }
    Ok(())
}

fn report(args: &MemoryImportArgs, counts: &ImportCounts) -> Result<(), Failure> {
    let ImportCounts { corrections, suggestions, empty, known } = *counts;
    if args.json {
        return print(
            &json!({
                "file": args.file, "dry_run": args.dry_run, "corrections": corrections, "suggestions": suggestions,
                "known": known, "without_text": empty,
            })
            .to_string(),
        );
    }
    let verb = if args.dry_run { "would be imported" } else { "imported" };
    let known = if known > 0 { format!(", {known} of them were there already") } else { String::new() };
    let left_out = match empty {
        0 => String::new(),
        empty => format!("; {} without German or English left out", counted(empty, "unit")),
    };
    print(&clean(&format!(
        "{}: {} and {} {verb}{known}{left_out}",
        args.file.display(),
        counted(corrections, "correction"),
        counted(suggestions, "suggestion")
    )))
}

pub(super) fn export(args: &MemoryExportArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let memory = existing(&project.settings)?;
    let format = BilingualFormat::of(&args.file).ok_or_else(|| {
        let known = bilingual_extensions();
        Failure::new(Exit::Usage, format!("the extension of {} gives no format", args.file.display()))
            .hint(format!("those that do: {known}"))
    })?;
    if !args.overwrite && fs::metadata(&args.file).is_ok_and(|found| found.len() > 0) {
        let message = format!("{} exists already", args.file.display());
        return Err(Failure::new(Exit::Usage, message).hint("--overwrite replaces it"));
    }
    let kind = args.kind.as_ref().and_then(|kind| kind.parse::<PairKind>().ok());
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Partial, format!("cannot write {}: {error}", args.file.display()))
    };
    let mut part = crate::disk::PartFile::create(&args.file).map_err(|error| failed(&error))?;
    let count = {
        let mut out = BufWriter::new(&mut part);
        let mut writer = format.writer(&mut out).map_err(|error| failed(&error))?;
        let mut write = |unit| writer.write(&unit).map_err(|error| failed(&error));
        let mut count = each_pair(memory.as_ref(), kind, &mut write)?;
        if args.answers {
            count += each_answer(memory.as_ref(), &mut write)?;
        }
        writer.finish().map_err(|error| failed(&error))?;
        out.flush().map_err(|error| failed(&error))?;
        count
    };
    part.complete().and_then(crate::disk::PartFile::rename).map_err(|error| failed(&error))?;
    if args.json {
        print(&json!({ "file": args.file, "format": format.as_str(), "exported": count }).to_string())?;
    } else {
        print(&clean(&format!("{}: {} exported", args.file.display(), counted(count, "pair"))))?;
    }
    Ok(Exit::Ok)
}

/// Writes all pairs of a kind by their ids; returns how many there are.
fn each_pair(
    memory: &dyn Memory,
    kind: Option<PairKind>,
    write: &mut dyn FnMut(BilingualUnit) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let (mut last, mut count) = (None::<PairId>, 0);
    loop {
        let pairs = block_on(memory.pairs_after(last, CHUNK))?;
        let Some(end) = pairs.last() else { return Ok(count) };
        last = Some(end.id);
        for stored in pairs.iter().filter(|stored| kind.is_none_or(|kind| stored.pair.kind == kind)) {
            write(of_pair(stored))?;
            count += 1;
        }
    }
}

/// Writes all answers by their keys; returns how many there are.
fn each_answer(
    memory: &dyn Memory,
    write: &mut dyn FnMut(BilingualUnit) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let (mut last, mut count) = (None::<String>, 0);
    loop {
        let answers = block_on(memory.answers_after(last, CHUNK))?;
        let Some(end) = answers.last() else { return Ok(count) };
        last = Some(end.id.clone());
        for answer in &answers {
            write(of_answer(answer))?;
            count += 1;
        }
    }
}

fn bilingual_extensions() -> String {
    use strum::VariantArray as _;

    let extensions = BilingualFormat::VARIANTS.iter().filter_map(|format| format.extensions().first());
    let mut names: Vec<String> = extensions.map(|extension| format!(".{extension}")).collect();
    names.dedup();
    names.join(", ")
}
