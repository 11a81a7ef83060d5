//! `wortlaut glossary`: keeping the glossary.

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

use clap::Subcommand;

pub(super) use edit::UNDO;

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;

#[derive(Debug, Subcommand)]
pub(super) enum GlossaryCommand {
    List(entries::ListArgs),
    Show(entries::ShowArgs),
    Add(edit::AddArgs),
    Set(edit::SetArgs),
    Rename(edit::RenameArgs),
    AddTarget(edit::AddTargetArgs),
    Remove(edit::RemoveArgs),
    Undo(edit::UndoArgs),
    Find(find::FindArgs),
    Check(check::CheckArgs),
    Import(exchange::ImportArgs),
    Export(exchange::ExportArgs),
    Diff(compare::DiffArgs),
    Merge(compare::MergeArgs),
    Usage(usage::UsageArgs),
    Suggest(suggest::SuggestArgs),
}

pub(super) fn run(command: &GlossaryCommand, global: &GlobalArgs) -> Result<Exit, Failure> {
    match command {
        GlossaryCommand::List(args) => entries::list(args, global),
        GlossaryCommand::Show(args) => entries::show(args, global),
        GlossaryCommand::Add(args) => edit::add(args, global),
        GlossaryCommand::Set(args) => edit::set(args, global),
        GlossaryCommand::Rename(args) => edit::rename(args, global),
        GlossaryCommand::AddTarget(args) => edit::add_target(args, global),
        GlossaryCommand::Remove(args) => edit::remove(args, global),
        GlossaryCommand::Undo(args) => edit::undo(args, global),
        GlossaryCommand::Find(args) => find::run(args, global),
        GlossaryCommand::Check(args) => check::run(args, global),
        GlossaryCommand::Import(args) => exchange::import(args, global),
        GlossaryCommand::Export(args) => exchange::export(args, global),
        GlossaryCommand::Diff(args) => compare::diff(args),
        GlossaryCommand::Merge(args) => compare::merge(args),
        GlossaryCommand::Usage(args) => usage::run(args, global),
        GlossaryCommand::Suggest(args) => suggest::run(args, global),
    }
}
