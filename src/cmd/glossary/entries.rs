//! `glossary list` and `show`.

use std::io;

use super::super::failure::{Exit, Failure};
use super::super::{print, setup};
use super::args::{ListArgs, ShowArgs};
use super::no_entry;
use crate::glossary;
use crate::model::Entry;
use crate::report::clean;

/// So many forms of an entry are shown.
const FORMS: usize = 200;

pub(super) fn list(args: &ListArgs) -> Result<Exit, Failure> {
    let glossary = args.path.load()?;
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

pub(super) fn show(args: &ShowArgs) -> Result<Exit, Failure> {
    let settings = args.path.settings()?;
    let glossary = setup::load_glossary(&settings.glossary, settings.glossary_lenient)?;
    let found: Vec<_> = glossary.entries().iter().filter(|e| e.source == args.source.trim()).collect();
    if found.is_empty() {
        return Err(no_entry(&args.source, &settings.glossary));
    }
    for entry in found {
        // One more than is shown tells whether there are more.
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
