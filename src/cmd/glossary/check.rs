//! `glossary check`.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::{LenientArgs, Project};
use super::articles;
use super::entries::entry_count;
use crate::config::Settings;
use crate::glossary::{self, Glossary, GlossaryError, Matcher, Problem};
use crate::model::Severity;
use crate::read;
use crate::report::clean;

/// Check the glossary for duplicates, conflicts, chains, overlapping entries and other likely mistakes.
///
/// Each problem is reported with its file and line. Given articles, entries that occur in none of them are reported, too.
/// The exit code is 1 if there is any problem.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary check
  wortlaut glossary check --glossary glossary/names.tsv
  wortlaut glossary check articles                      also entries that occur in no article")]
pub(in crate::cmd) struct CheckArgs {
    /// Articles or folders of articles
    #[arg(value_name = "ARTICLES")]
    pub(super) articles: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) lenient: LenientArgs,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(args: &CheckArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let settings = Project::open(global, [args.lenient.flag()])?.settings;
    let (glossary, faults) = Glossary::load_all(&settings.glossary.path)?;
    let mut problems: Vec<Problem> = faults.into_iter().filter_map(broken).collect();
    problems.extend(glossary::problems(&glossary));
    if !args.articles.is_empty() {
        problems.extend(unused(&glossary, &settings, &args.articles)?);
    }
    for problem in &problems {
        let (file, line) = (&problem.origin.path, problem.origin.line);
        if args.json {
            let row = json!({ "file": file, "line": line, "severity": problem.severity, "message": problem.message });
            print(&row.to_string())?;
        } else {
            print(&clean(&format!("{}: {}", problem.origin, problem.message)))?;
        }
    }
    if problems.is_empty() {
        if !args.json {
            print(&format!("{}, no problems", entry_count(glossary.entries().len())))?;
        }
        return Ok(Exit::Ok);
    }
    Ok(Exit::Findings)
}

/// A line that cannot be read as an entry, as a problem.
fn broken(error: GlossaryError) -> Option<Problem> {
    let GlossaryError::Line(line) = error else { return None };
    Some(Problem { severity: Severity::Error, origin: line.origin, message: line.fault.to_string() })
}

/// Entries that occur in none of the articles.
fn unused(glossary: &Glossary, settings: &Settings, paths: &[PathBuf]) -> Result<Vec<Problem>, Failure> {
    let matcher = Matcher::new(glossary);
    let mut used = HashSet::new();
    for source in articles::sources(settings, paths)? {
        let article = read::open(&source, &read::ReadOptions::default())
            .map_err(|error| Failure::new(Exit::Usage, error))?;
        used.extend(matcher.find(&article.text).into_iter().map(|term| term.entry.source.clone()));
    }
    let rest = glossary.entries().iter().filter(|entry| !used.contains(&entry.source));
    let problem = |entry: &std::sync::Arc<crate::model::Entry>| Problem {
        severity: Severity::Info,
        origin: entry.origin.clone(),
        message: format!("“{}” occurs in none of the articles", entry.source),
    };
    Ok(rest.map(problem).collect())
}
