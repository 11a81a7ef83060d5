//! `wortlaut glossary`: list, add, remove, find, check.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde_json::json;

use crate::glossary::edit::{self, NewEntry};
use crate::glossary::{self, Glossary, Matcher};
use crate::model::{ArticleId, Entry, TermMatch};
use crate::read::{self, Source};
use crate::report::clean;

use super::cli::{
    GlossaryAddArgs, GlossaryArgs, GlossaryCommand, GlossaryFindArgs, GlossaryListArgs, GlossaryRemoveArgs,
};
use super::failure::{Exit, Failure};
use super::{print, setup};

pub(super) fn run(command: GlossaryCommand) -> Result<Exit, Failure> {
    match command {
        GlossaryCommand::List(args) => list(&args),
        GlossaryCommand::Add(args) => add(&args),
        GlossaryCommand::Remove(args) => remove(&args),
        GlossaryCommand::Find(args) => find(&args),
        GlossaryCommand::Check(args) => check(&args),
    }
}

/// Loads a glossary that must be there.
fn load(path: &Path) -> Result<Glossary, Failure> {
    Glossary::load(path).map_err(setup::glossary_failure)
}

fn list(args: &GlossaryListArgs) -> Result<Exit, Failure> {
    let glossary = load(&setup::glossary_path(&args.path)?)?;
    let wanted = args.filter.as_deref().unwrap_or_default().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    let entries: Vec<&Entry> = glossary
        .entries()
        .iter()
        .map(AsRef::as_ref)
        .filter(|entry| has(&entry.source) || entry.targets.iter().any(|target| has(target)))
        .collect();
    let width = entries.iter().map(|entry| entry.source.chars().count()).max().unwrap_or(0).min(40);
    for entry in &entries {
        if args.json {
            print(&serde_json::to_string(entry).map_err(io::Error::from)?)?;
        } else {
            let line = format!("{:width$}  {}", entry.source, entry.targets.join(" | "));
            print(&clean(&line))?;
        }
    }
    Ok(Exit::Ok)
}

fn add(args: &GlossaryAddArgs) -> Result<Exit, Failure> {
    let cells = [
        ("case", &args.case),
        ("forms", &args.forms),
        ("avoid", &args.avoid),
        ("kind", &args.kind),
        ("note", &args.note),
    ];
    let entry = NewEntry {
        source: args.source.clone(),
        target: args.target.clone(),
        cells: cells
            .into_iter()
            .filter_map(|(column, value)| value.clone().map(|value| (column.to_owned(), value)))
            .collect(),
    };
    let path = setup::glossary_path(&args.path)?;
    let file = edit::add(&path, &entry).map_err(setup::glossary_failure)?;
    print(&clean(&format!("added to {}: {} → {}", file.display(), args.source, args.target)))?;
    Ok(Exit::Ok)
}

fn remove(args: &GlossaryRemoveArgs) -> Result<Exit, Failure> {
    let path = setup::glossary_path(&args.path)?;
    if edit::remove(&path, &args.source).map_err(setup::glossary_failure)? {
        print(&clean(&format!("removed: {}", args.source)))?;
        return Ok(Exit::Ok);
    }
    Err(Failure::new(Exit::Usage, format!("there is no entry {:?} in {}", args.source, path.display()))
        .hint("`wortlaut glossary list TEXT` shows the entries with a text"))
}

fn find(args: &GlossaryFindArgs) -> Result<Exit, Failure> {
    let matcher = Matcher::new(&load(&setup::glossary_path(&args.path)?)?);
    let colour = io::stdout().is_terminal();
    for input in &args.inputs {
        let path = Path::new(input);
        let text = if path.is_file() {
            let source = Source { id: ArticleId::new(input), path: path.to_owned() };
            read::open(&source, &read::Options::default())
                .map_err(|error| Failure::new(Exit::Usage, error))?
                .text
        } else {
            input.clone()
        };
        let found = matcher.find(&text);
        if args.json {
            found_json(if path.is_file() { Some(input) } else { None }, &text, &found)?;
        } else {
            found_marked(&text, &found, colour)?;
        }
    }
    Ok(Exit::Ok)
}

/// One object for each occurrence; offsets in Unicode characters.
fn found_json(file: Option<&str>, text: &str, found: &[TermMatch]) -> Result<(), Failure> {
    let (mut bytes, mut characters) = (0, 0);
    for term in found {
        characters += text[bytes..term.span.start].chars().count();
        bytes = term.span.start;
        let surface = term.surface(text);
        let row = json!({
            "file": file,
            "start": characters,
            "end": characters + surface.chars().count(),
            "surface": surface,
            "source": term.entry.source,
            "target": term.entry.target(),
            "kind": term.kind,
        });
        print(&row.to_string())?;
    }
    Ok(())
}

/// The text with every occurrence marked, and what it stands for.
fn found_marked(text: &str, found: &[TermMatch], colour: bool) -> Result<(), Failure> {
    let (open, close) = if colour { ("\u{1b}[1;32m", "\u{1b}[0m") } else { ("[", "]") };
    let mut out = io::stdout().lock();
    let mut end = 0;
    let safe =
        |text: &str| text.split('\n').map(|line| clean(line).into_owned()).collect::<Vec<_>>().join("\n");
    for term in found {
        write!(out, "{}{open}{}{close}", safe(&text[end..term.span.start]), safe(term.surface(text)))?;
        write!(out, "{{{}}}", clean(term.entry.target()))?;
        end = term.span.end;
    }
    writeln!(out, "{}", safe(text[end..].trim_end_matches('\n')))?;
    Ok(())
}

fn check(args: &GlossaryArgs) -> Result<Exit, Failure> {
    let glossary = load(&setup::glossary_path(&args.path)?)?;
    let problems = glossary::problems(&glossary);
    for problem in &problems {
        print(&clean(&format!("{}: {}", problem.origin, problem.message)))?;
    }
    if problems.is_empty() {
        print(&format!("{} entries, nothing wrong", glossary.entries().len()))?;
        return Ok(Exit::Ok);
    }
    Ok(Exit::Findings)
}
