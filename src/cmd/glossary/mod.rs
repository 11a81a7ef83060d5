//! `wortlaut glossary`: keeping the glossary.

mod args;
mod articles;
mod check;
mod compare;
mod corpus;
mod edit;
mod entries;
mod exchange;
mod find;
mod suggest;
mod usage;

use super::failure::{Exit, Failure};

pub(super) use args::GlossaryCommand;

pub(super) fn run(command: GlossaryCommand) -> Result<Exit, Failure> {
    match command {
        GlossaryCommand::List(args) => entries::list(&args),
        GlossaryCommand::Show(args) => entries::show(&args),
        GlossaryCommand::Add(args) => edit::add(&args),
        GlossaryCommand::Set(args) => edit::set(&args),
        GlossaryCommand::Remove(args) => edit::remove(&args),
        GlossaryCommand::Find(args) => find::run(&args),
        GlossaryCommand::Check(args) => check::run(&args),
        GlossaryCommand::Import(args) => exchange::import(&args),
        GlossaryCommand::Export(args) => exchange::export(&args),
        GlossaryCommand::Diff(args) => compare::diff(&args),
        GlossaryCommand::Merge(args) => compare::merge(&args),
        GlossaryCommand::Usage(args) => usage::run(&args),
        GlossaryCommand::Suggest(args) => suggest::run(&args),
    }
}

/// There is no entry of a source.
fn no_entry(source: &str, path: &std::path::Path) -> Failure {
    Failure::new(Exit::Usage, format!("there is no entry {source:?} in {}", path.display()))
        .hint("`wortlaut glossary list TEXT` shows the entries with a text")
}
