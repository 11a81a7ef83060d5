//! The command line of `wortlaut glossary`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::cli::ConfigArgs;
use super::super::failure::Failure;
use super::super::setup;
use crate::config::Settings;
use crate::glossary::Glossary;

#[derive(Debug, Subcommand)]
pub(in crate::cmd) enum GlossaryCommand {
    List(ListArgs),
    Show(ShowArgs),
    Add(AddArgs),
    Set(SetArgs),
    Remove(RemoveArgs),
    Find(FindArgs),
    Check(CheckArgs),
    Import(ImportArgs),
    Export(ExportArgs),
    Diff(DiffArgs),
    Merge(MergeArgs),
    Usage(UsageArgs),
    Suggest(SuggestArgs),
}

/// Which glossary.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cmd) struct GlossaryPath {
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Glossary file or folder [default: glossary.path]
    #[arg(long, value_name = "PATH")]
    pub(super) glossary: Option<PathBuf>,
    /// Leave broken lines of the glossary out, saying which, instead of refusing it
    #[arg(long)]
    pub(super) lenient: bool,
}

impl GlossaryPath {
    /// The settings with these flags on top.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        let mut layers = setup::layers(&self.config)?;
        let flags = [
            ("glossary", "glossary.path", setup::text_of(self.glossary.as_deref())),
            ("lenient", "glossary.lenient", setup::text_of_switch(self.lenient)),
        ];
        setup::with_flags(&mut layers, &flags)?;
        Ok(Settings::new(&layers)?)
    }

    /// The file or folder.
    pub(super) fn path(&self) -> Result<PathBuf, Failure> {
        Ok(self.settings()?.glossary)
    }

    /// The entries; the glossary must be there.
    pub(super) fn load(&self) -> Result<Glossary, Failure> {
        let settings = self.settings()?;
        setup::load_glossary(&settings.glossary, settings.glossary_lenient)
    }
}

/// List entries, all or those that contain a text.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wortlaut glossary list\n  wortlaut glossary list Kosmodrom\n  wortlaut glossary list --json"
)]
pub(in crate::cmd) struct ListArgs {
    /// Only entries with this text in one of their cells
    pub(super) filter: Option<String>,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Show an entry with all forms it is found in.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wortlaut glossary show 'Kosmodrom Wostotschny'\n  wortlaut glossary show Rakete --json"
)]
pub(in crate::cmd) struct ShowArgs {
    /// The German term exactly as it stands in the glossary
    pub(super) source: String,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    /// One JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Cells of an entry beside source and target.
#[derive(Debug, Clone, Args)]
pub(in crate::cmd) struct CellArgs {
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

impl CellArgs {
    /// The cells that were given, with their columns.
    pub(super) fn given(&self) -> impl Iterator<Item = (String, String)> {
        let all = [
            ("case", &self.case),
            ("forms", &self.forms),
            ("avoid", &self.avoid),
            ("kind", &self.kind),
            ("note", &self.note),
        ];
        all.into_iter().filter_map(|(column, value)| Some((column.to_owned(), value.clone()?)))
    }
}

/// Add an entry.
///
/// It goes to the end of the glossary file; of a folder, of its file glossary.tsv or else the last one. Comments and
/// order stay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary add 'Kosmodrom Wostotschny' 'Vostochny Cosmodrome|Vostochny' --kind name
  wortlaut glossary add Hwasong-18 Hwasong-18 --kind keep
  wortlaut glossary add Schoigu Shoigu --avoid 'Shoygu|Schoigu' --note 'house style'")]
pub(in crate::cmd) struct AddArgs {
    /// The German term in its dictionary form
    pub(super) source: String,
    /// The English; several accepted renderings separated by |, the one to be written first
    pub(super) target: String,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    #[command(flatten)]
    pub(super) cells: CellArgs,
}

/// Change cells of an entry; an empty value empties its cell.
///
/// Everything else in the file stays as it is, byte for byte.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary set Schoigu --target Shoigu --avoid 'Shoygu|Schoigu'
  wortlaut glossary set Rakete --note ''")]
pub(in crate::cmd) struct SetArgs {
    /// The German term exactly as it stands in the glossary
    pub(super) source: String,
    /// The English; several accepted renderings separated by |, the one to be written first
    #[arg(long)]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    #[command(flatten)]
    pub(super) cells: CellArgs,
}

/// Remove an entry.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  wortlaut glossary remove 'Kosmodrom Wostotschny'")]
pub(in crate::cmd) struct RemoveArgs {
    /// The German term exactly as it stands in the glossary
    pub(super) source: String,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
}

/// Find the terms of a text or of files.
///
/// On a terminal they are marked in colour, those inside closed compounds, which are not enforced, in another one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary find 'Der Start der Hwasong-18-Rakete'
  wortlaut glossary find article.txt
  wortlaut glossary find --json article.txt     {file,start,end,surface,source,target}; offsets in characters")]
pub(in crate::cmd) struct FindArgs {
    /// Texts or files
    #[arg(required = true, value_name = "TEXT|FILE")]
    pub(super) inputs: Vec<String>,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Look for duplicates, conflicts, chains, entries that get in each other's way and other likely mistakes.
///
/// Each problem is named with its file and line. With articles, entries that occur in none of them are named too.
/// Exit code 1 if there is any problem.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary check
  wortlaut glossary check --glossary glossary/names.tsv
  wortlaut glossary check articles                      also: which entries the articles do not have")]
pub(in crate::cmd) struct CheckArgs {
    /// Articles or folders of articles
    #[arg(value_name = "ARTICLES")]
    pub(super) articles: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Take entries over from a file of another program.
///
/// New entries go to the end of the glossary. An entry that is there with another target is a conflict: both sides are
/// shown and the glossary keeps its own, unless --replace is given (exit code 1 if a conflict is left). Of an entry
/// that is replaced, cells that the file has nothing for stay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary import terms.xlsx
  wortlaut glossary import deepl.csv --into glossary/deepl.tsv
  wortlaut glossary import termbase.tbx --replace
  wortlaut glossary import entries.dat --format deepl-tsv

Formats: tsv, csv, deepl-tsv, deepl-csv, omegat, tbx-dct, tbx-dca, tmx, xlsx")]
pub(in crate::cmd) struct ImportArgs {
    /// The file; its extension says the format
    pub(super) file: PathBuf,
    /// Glossary file or folder [default: glossary.path]
    #[arg(long, visible_alias = "glossary", value_name = "PATH")]
    pub(super) into: Option<PathBuf>,
    /// The format, where the extension does not say it
    #[arg(long, value_name = "NAME")]
    pub(super) format: Option<String>,
    /// Let the file win conflicts
    #[arg(long)]
    pub(super) replace: bool,
    /// Leave broken lines of the file out, saying which, instead of refusing it
    #[arg(long)]
    pub(super) lenient: bool,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

/// Write the glossary as a file for another program, and say what that cannot hold.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary export terms.csv                       for a spreadsheet
  wortlaut glossary export deepl.tsv --format deepl-tsv    for DeepL
  wortlaut glossary export termbase.tbx                    TBX-Basic as tags; --format tbx-dca as attributes
  wortlaut glossary export terms.tmx --from glossary/names.tsv

Formats: tsv, csv, deepl-tsv, deepl-csv, omegat, tbx-dct, tbx-dca, tmx")]
pub(in crate::cmd) struct ExportArgs {
    /// The file; its extension says the format
    pub(super) file: PathBuf,
    /// Glossary file or folder [default: glossary.path]
    #[arg(long, visible_alias = "glossary", value_name = "PATH")]
    pub(super) from: Option<PathBuf>,
    /// The format, where the extension does not say it
    #[arg(long, value_name = "NAME")]
    pub(super) format: Option<String>,
    /// Replace the file if it is there already
    #[arg(long)]
    pub(super) overwrite: bool,
    /// Leave broken lines of the glossary out, saying which, instead of refusing it
    #[arg(long)]
    pub(super) lenient: bool,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

/// Show how two glossaries differ, entry by entry.
///
/// `-` is only in the first one, `+` only in the second one, `!` a conflict, `~` something that only one of them has to
/// say. Exit code 1 if there is a conflict.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wortlaut glossary diff glossary theirs.tsv\n  wortlaut glossary diff old.tsv new.tsv --json"
)]
pub(in crate::cmd) struct DiffArgs {
    /// Glossary file or folder
    pub(super) left: PathBuf,
    /// Glossary file or folder
    pub(super) right: PathBuf,
    /// One JSON object a difference
    #[arg(long)]
    pub(super) json: bool,
}

/// Make one glossary of two.
///
/// Entries of the second one that the first one lacks are added, empty cells filled. Conflicts are shown with both
/// sides; without --prefer nothing is written then, and the exit code is 1.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary merge ours.tsv theirs.tsv -o merged.tsv
  wortlaut glossary merge ours.tsv theirs.tsv -o ours.tsv --prefer left")]
pub(in crate::cmd) struct MergeArgs {
    /// Glossary file; its comments and order are kept
    pub(super) left: PathBuf,
    /// Glossary file or folder
    pub(super) right: PathBuf,
    /// The file to be written [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Replace the file if it is there already
    #[arg(long)]
    pub(super) overwrite: bool,
    /// The side that wins conflicts
    #[arg(long, value_enum, value_name = "SIDE")]
    pub(super) prefer: Option<Prefer>,
}

/// The side that wins conflicts.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(in crate::cmd) enum Prefer {
    /// The first glossary
    Left,
    /// The second one
    Right,
}

/// The articles and the answers of the memory that a command looks at.
#[derive(Debug, Args)]
pub(in crate::cmd) struct CorpusArgs {
    #[command(flatten)]
    pub(super) path: GlossaryPath,
    /// The engine whose answers count [default: translate.engine]
    #[arg(long, value_name = "NAME")]
    pub(super) engine: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// Show where terms occur, how they were rendered, and which rung made them hold.
///
/// Nothing is sent: what the memory has of the engine's answers is worked through as in a run. Sentences that it does
/// not have count as not translated yet.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary usage                             all entries, most frequent first
  wortlaut glossary usage 'Ferner Osten'              each place where one occurs
  wortlaut glossary usage 'Ferner Osten' articles/a.txt
  wortlaut glossary usage --unused                    entries that occur nowhere")]
pub(in crate::cmd) struct UsageArgs {
    /// The German term exactly as it stands in the glossary
    pub(super) term: Option<String>,
    /// Articles or folders of articles [default: translate.input]
    pub(super) paths: Vec<PathBuf>,
    /// Only entries that occur nowhere
    #[arg(long, conflicts_with = "term")]
    pub(super) unused: bool,
    #[command(flatten)]
    pub(super) corpus: CorpusArgs,
}

/// Suggest names and terms of the corpus that the glossary does not have.
///
/// They come ranked, as lines of a glossary file: the rendering is proposed from the memory where it has answers, and
/// columns of their own tell how often the term occurs and where it stands first. Look them through, correct the
/// targets, and take them over with `glossary import`. Nothing is sent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary suggest > candidates.tsv
  wortlaut glossary suggest articles --limit 50
  wortlaut glossary import candidates.tsv           after you have looked them through")]
pub(in crate::cmd) struct SuggestArgs {
    /// Articles or folders of articles [default: translate.input]
    pub(super) paths: Vec<PathBuf>,
    /// So many suggestions at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) limit: usize,
    /// Only terms that occur at least so often
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) min: u32,
    #[command(flatten)]
    pub(super) corpus: CorpusArgs,
}
