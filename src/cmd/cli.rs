//! The command line.

use clap::{Parser, Subcommand};

use super::batch::BatchCommand;
use super::check::FindingsArgs;
use super::completions::CompletionsArgs;
use super::config::ConfigCommand;
use super::engines::EnginesArgs;
use super::evaluate::EvaluateArgs;
use super::global::GlobalArgs;
use super::glossary::GlossaryCommand;
use super::init::InitArgs;
use super::learn::LearnArgs;
use super::man::ManArgs;
use super::memory::MemoryCommand;
use super::model::ModelCommand;
use super::review::ReviewArgs;
use super::segment::SegmentArgs;
use super::translate::TranslateArgs;
use super::trust::TrustArgs;
use super::verify::VerifyArgs;
use super::watch::WatchArgs;
use super::worker::WorkerArgs;

const AFTER: &str = "\
Examples:
  wortlaut translate                     the whole corpus, as wortlaut.toml says
  wortlaut translate article.txt         one article, the English on standard output
  wortlaut translate texts --dry-run     what that would send and cost
  wortlaut review                        read and correct in a browser
  wortlaut watch                         translate whatever changes from now on
  wortlaut glossary add 'Kosmodrom Wostotschny' 'Vostochny Cosmodrome' --kind name

Exit codes:
  0  success
  1  a finding of severity error: a term does not hold, say; everything is written
  2  wrong usage
  3  partial success: some segments failed, or the run was interrupted
  4  the engine or the network failed
  5  the configuration or the glossary is wrong";

/// Translate a corpus of German articles into parallel German/English files that hold the glossary.
#[derive(Debug, Parser)]
#[command(name = "wortlaut", version, after_help = AFTER, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: GlobalArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Translate(TranslateArgs),
    Review(ReviewArgs),
    Watch(WatchArgs),
    Worker(WorkerArgs),
    Learn(LearnArgs),
    Check(FindingsArgs),
    Verify(VerifyArgs),
    Evaluate(EvaluateArgs),
    Segment(SegmentArgs),
    /// Manage the glossary of names and terms.
    #[command(
        subcommand,
        after_help = "Examples:\n  wortlaut glossary add Bauleiter 'site manager'\n  wortlaut glossary usage Bauleiter   \
        where it occurs, and how it was made to hold\n  wortlaut glossary suggest           names and terms that the \
        glossary lacks"
    )]
    Glossary(GlossaryCommand),
    Engines(EnginesArgs),
    /// Look after batch jobs that `translate --batch` handed in.
    #[command(
        subcommand,
        after_help = "Examples:\n  wortlaut batch status\n  wortlaut batch wait && wortlaut translate"
    )]
    Batch(BatchCommand),
    /// Manage the models of local engines.
    #[command(subcommand, after_help = "Examples:\n  wortlaut model list\n  wortlaut model pull firefox")]
    Model(ModelCommand),
    /// Manage the translation memory.
    #[command(
        subcommand,
        after_help = "Example:\n  wortlaut memory forget --unusable   ask again where no usable answer came"
    )]
    Memory(MemoryCommand),
    /// Show the settings.
    #[command(
        subcommand,
        after_help = "Example:\n  wortlaut config show   every setting with its value and origin"
    )]
    Config(ConfigCommand),
    Trust(TrustArgs),
    Init(InitArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}
