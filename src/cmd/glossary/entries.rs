//! `glossary list` and `show`.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::{LenientArgs, Project};
use crate::glossary::{self, Matcher};
use crate::model::{Entry, MatchKind};
use crate::report::clean;

/// List the entries, or those that contain a text.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wortlaut glossary list\n  wortlaut glossary list Kosmodrom\n  wortlaut glossary list --json"
)]
pub(in crate::cmd) struct ListArgs {
    /// Only entries with this text in one of their cells
    pub(super) filter: Option<String>,
    #[command(flatten)]
    pub(super) lenient: LenientArgs,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Show an entry and all forms it is found in.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wortlaut glossary show 'Kosmodrom Wostotschny'\n  wortlaut glossary show Rakete --json"
)]
pub(in crate::cmd) struct ShowArgs {
    /// The German term as in the glossary, or one of its forms
    pub(super) source: String,
    #[command(flatten)]
    pub(super) lenient: LenientArgs,
    /// Print a JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Forms of an entry that are shown: more would scroll the entry away.
const FORMS: usize = 200;

pub(super) fn list(args: &ListArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let glossary = Project::open(global, [args.lenient.flag()])?.required_glossary()?;
    let wanted = args.filter.as_deref().unwrap_or_default().to_lowercase();
    let has = |text: &String| text.to_lowercase().contains(&wanted);
    let any = |entry: &&Entry| {
        let single = [&entry.source, &entry.note];
        single.into_iter().chain(&entry.targets).chain(&entry.forms).chain(&entry.avoid).any(has)
    };
    let entries: Vec<&Entry> = glossary.entries().iter().map(AsRef::as_ref).filter(any).collect();
    let width = entries.iter().map(|entry| entry.source.chars().count()).max().unwrap_or(0).min(40);
    for entry in &entries {
        if args.json {
            print(&serde_json::to_string(entry).map_err(io::Error::from)?)?;
        } else {
            print(&clean(&format!("{:width$}  {}", entry.source, entry.targets.join(" | "))))?;
        }
    }
    Ok(Exit::Ok)
}

pub(super) fn show(args: &ShowArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [args.lenient.flag()])?;
    let glossary = project.required_glossary()?;
    let wanted = args.source.trim();
    let mut found: Vec<_> = glossary.entries().iter().filter(|e| e.source == wanted).cloned().collect();
    if found.is_empty() {
        let terms = Matcher::new(&glossary).find(wanted);
        found.extend(terms.into_iter().filter(|term| term.kind != MatchKind::Part).map(|term| term.entry));
        if !args.json && !found.is_empty() {
            let sources: Vec<&str> = found.iter().map(|entry| entry.source.as_str()).collect();
            print(&clean(&format!("“{wanted}” is found as {}", sources.join(", "))))?;
        }
    }
    if found.is_empty() {
        return Err(no_entry(&args.source, &project.settings.glossary.path));
    }
    for entry in &found {
        // One more than is shown reveals whether there are more.
        let mut forms = glossary::forms(entry, FORMS + 1);
        let more = forms.len() > FORMS;
        forms.truncate(FORMS);
        if args.json {
            let row = serde_json::json!({ "entry": entry.as_ref(), "found_as": forms, "more_forms": more });
            print(&row.to_string())?;
        } else {
            shown(entry, &forms, more)?;
        }
    }
    Ok(Exit::Ok)
}

/// An entry as a short table.
fn shown(entry: &Entry, forms: &[String], more: bool) -> Result<(), Failure> {
    let rows = [
        ("source", entry.source.clone()),
        ("target", entry.targets.join(" | ")),
        ("kind", entry.kind.as_str().to_owned()),
        ("case", entry.case.as_str().to_owned()),
        ("forms", entry.forms.join(" | ")),
        ("avoid", entry.avoid.join(" | ")),
        ("note", entry.note.clone()),
        ("stands at", entry.origin.to_string()),
        ("found as", format!("{}{}", forms.join(", "), if more { ", …" } else { "" })),
    ];
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        print(&clean(&format!("{name:<9}  {value}")))?;
    }
    Ok(())
}

/// There is no entry of a source.
pub(super) fn no_entry(source: &str, glossary: &[PathBuf]) -> Failure {
    let shown: Vec<String> = glossary.iter().map(|path| path.display().to_string()).collect();
    Failure::new(Exit::Usage, format!("there is no entry {source:?} in {}", shown.join(" or ")))
        .hint("`wortlaut glossary list TEXT` shows the entries that contain a text")
}

/// `1 entry`, `2 entries`.
pub(super) fn entry_count(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}
