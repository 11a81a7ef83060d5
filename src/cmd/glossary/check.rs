//! `glossary check`.

use std::collections::HashSet;
use std::path::PathBuf;

use serde_json::json;

use super::super::failure::{Exit, Failure};
use super::super::{print, setup};
use super::args::CheckArgs;
use super::articles;
use crate::config::Settings;
use crate::glossary::{self, Glossary, GlossaryError, Matcher, Problem};
use crate::model::Severity;
use crate::read;
use crate::report::clean;

pub(super) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let settings = args.path.settings()?;
    let (glossary, faults) = Glossary::load_lenient(&settings.glossary).map_err(setup::glossary_failure)?;
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
            print(&format!("{} entries, nothing wrong", glossary.entries().len()))?;
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
