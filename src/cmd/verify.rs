//! `wortlaut verify`: an output folder proves itself.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::model::Severity;
use crate::report::{clean, counted};
use crate::verify::{Flaw, FlawKind, Proven, verify};

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::project::Project;

/// At most so many warnings or remarks of a kind are listed; errors always are.
const SHOWN: usize = 20;

/// Prove that outputs are whole: nothing was lost, each term is in its place, nothing was changed since.
///
/// It needs neither the memory nor the glossary nor the network. The manifest of the folder says which bytes each file had, and
/// which text, English and glossary entries it was made of. The `jsonl` files are joined and hashed again, and each term is looked
/// for on both sides. `lines` and `tsv` are compared with them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut verify output
  wortlaut verify output --strict    articles that changed, and what cannot be proved, count too
  wortlaut verify output --json | jq -r 'select(.severity == \"error\") | .path'

Exit code 1 if something is not proved.")]
pub(super) struct VerifyArgs {
    /// Output folder [default: the one of wortlaut.toml]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Let warnings count as errors
    #[arg(long)]
    strict: bool,
    /// Print a JSON object for each problem, and one with the sum
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &VerifyArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => Project::open(global, [])?.settings.translate.output,
    };
    if !folder.is_dir() {
        let message = format!("{} is no folder", folder.display());
        return Err(
            Failure::new(Exit::Usage, message).hint("name the folder that `wortlaut translate` wrote to")
        );
    }
    let proven = verify(&folder).map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot look through {}: {error}", folder.display()))
    })?;
    let least = if global.quiet { Severity::Error } else { Severity::Info };
    let is_proved =
        proven.count(Severity::Error) == 0 && !(args.strict && proven.count(Severity::Warning) > 0);
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        print_objects(&mut out, &proven, is_proved)?;
    } else {
        print_lines(&mut out, &proven, &folder, least)?;
    }
    out.flush()?;
    Ok(if is_proved { Exit::Ok } else { Exit::Findings })
}

fn print_lines(out: &mut impl Write, proven: &Proven, folder: &Path, least: Severity) -> io::Result<()> {
    let mut listed: BTreeMap<FlawKind, usize> = BTreeMap::new();
    for flaw in proven.flaws.iter().filter(|flaw| flaw.severity() >= least) {
        let listed = listed.entry(flaw.kind).or_default();
        *listed += 1;
        if flaw.severity() == Severity::Error || *listed <= SHOWN {
            writeln!(out, "{}", clean(&line(flaw, folder)))?;
        }
    }
    for (kind, count) in listed {
        if kind.severity() < Severity::Error && count > SHOWN {
            let name = name(kind.severity());
            writeln!(
                out,
                "{name}: … and {} more of this kind ({}); --json has them all",
                count - SHOWN,
                kind.as_str()
            )?;
        }
    }
    if least < Severity::Error {
        writeln!(out, "{}", sum(proven))?;
    }
    Ok(())
}

/// A flaw for people: its place, what it is, and what to do.
fn line(flaw: &Flaw, folder: &Path) -> String {
    let path = folder.join(&flaw.path);
    let line = flaw.line.map(|line| format!(", line {line}")).unwrap_or_default();
    let segment = match (&flaw.article, flaw.segment) {
        (Some(article), Some(segment)) => format!(" ({article}, segment {segment})"),
        (None, Some(segment)) => format!(" (segment {segment})"),
        (_, None) => String::new(),
    };
    let (severity, path) = (name(flaw.severity()), path.display());
    format!("{severity}: {path}{line}{segment}: {}; {}", flaw.message, flaw.advice)
}

fn name(severity: Severity) -> &'static str {
    if severity == Severity::Info { "note" } else { severity.as_str() }
}

/// `3 files, 251 segments, 153 terms proved`
fn sum(proven: &Proven) -> String {
    let Proven { files, of_files, segments, terms, .. } = proven;
    let number = |count: u64, thing: &str| counted(count, thing);
    let files = match of_files - files {
        0 => number(*files, "file"),
        _ => format!("{files} of {}", number(*of_files, "file")),
    };
    let (segments, terms) = (number(*segments, "segment"), number(*terms, "term"));
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning")];
    let found = counts.into_iter().filter_map(|(severity, thing)| match proven.count(severity) {
        0 => None,
        count => Some(number(count, thing)),
    });
    let found: Vec<String> = found.collect();
    let rest = if found.is_empty() { String::new() } else { format!("; {}", found.join(", ")) };
    format!("{files}, {segments}, {terms} proved{rest}")
}

/// A flaw for programs. The order of the fields is the order in the object.
#[derive(Serialize)]
struct FlawObject<'a> {
    path: &'a str,
    line: Option<u64>,
    article: Option<&'a str>,
    segment: Option<usize>,
    check: &'static str,
    severity: Severity,
    message: &'a str,
    advice: &'static str,
}

/// What all comes to.
#[derive(Serialize)]
struct SumObject {
    proved: bool,
    files: u64,
    segments: u64,
    terms: u64,
    errors: u64,
    warnings: u64,
}

fn print_objects(out: &mut impl Write, proven: &Proven, is_proved: bool) -> io::Result<()> {
    for flaw in &proven.flaws {
        let object = FlawObject {
            path: &flaw.path,
            line: flaw.line,
            article: flaw.article.as_deref(),
            segment: flaw.segment,
            check: flaw.kind.as_str(),
            severity: flaw.severity(),
            message: &flaw.message,
            advice: flaw.advice,
        };
        writeln!(out, "{}", serde_json::to_string(&object)?)?;
    }
    let (errors, warnings) = (proven.count(Severity::Error), proven.count(Severity::Warning));
    let Proven { files, segments, terms, .. } = *proven;
    let sum = SumObject { proved: is_proved, files, segments, terms, errors, warnings };
    writeln!(out, "{}", serde_json::to_string(&sum)?)
}
