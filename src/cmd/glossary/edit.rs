//! `glossary add`, `set`, `remove`.

use std::path::Path;

use super::super::failure::{Exit, Failure};
use super::super::{print, setup};
use super::args::{AddArgs, RemoveArgs, SetArgs};
use super::no_entry;
use crate::glossary::edit::{Editor, NewEntry};
use crate::report::clean;

/// Waits until no other process edits the glossary.
pub(super) fn editor(path: &Path) -> Result<Editor, Failure> {
    Editor::open(path).map_err(setup::glossary_failure)
}

pub(super) fn add(args: &AddArgs) -> Result<Exit, Failure> {
    let entry = NewEntry {
        source: args.source.clone(),
        target: args.target.clone(),
        cells: args.cells.given().collect(),
    };
    let file = editor(&args.path.path()?)?.add(&entry).map_err(setup::glossary_failure)?;
    print(&clean(&format!("added to {}: {} → {}", file.display(), args.source, args.target)))?;
    Ok(Exit::Ok)
}

pub(super) fn set(args: &SetArgs) -> Result<Exit, Failure> {
    let target = args.target.clone().map(|target| ("target".to_owned(), target));
    let cells: Vec<_> = target.into_iter().chain(args.cells.given()).collect();
    if cells.is_empty() {
        return Err(Failure::new(Exit::Usage, "nothing is to be set")
            .hint("--target, --forms, --avoid, --kind, --case, --note"));
    }
    let path = args.path.path()?;
    if !editor(&path)?.set(&args.source, &cells).map_err(setup::glossary_failure)? {
        return Err(no_entry(&args.source, &path));
    }
    let told: Vec<String> = cells.iter().map(|(column, value)| format!("{column} = {value:?}")).collect();
    print(&clean(&format!("set: {}: {}", args.source, told.join(", "))))?;
    Ok(Exit::Ok)
}

pub(super) fn remove(args: &RemoveArgs) -> Result<Exit, Failure> {
    let path = args.path.path()?;
    if !editor(&path)?.remove(&args.source).map_err(setup::glossary_failure)? {
        return Err(no_entry(&args.source, &path));
    }
    print(&clean(&format!("removed: {}", args.source)))?;
    Ok(Exit::Ok)
}
