//! Where documents go: a folder, a file, or a stream such as standard output.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tempfile::TempDir;

use crate::config::TranslateSettings;
use crate::memory::Memory;
use crate::model::{ArticleId, CORPUS_EXTENSIONS, CorpusRow, Markup, ParallelDocument};
use crate::pipeline::{Deliver, DeliverArticle, DeliverCorpus, Input, Inputs};
use crate::read;
use crate::report::clean;
use crate::write::{
    CorpusSink, CorpusWriter, LeftFile, MergedFiles, NamedPath, Obstacle, ObstacleKind, OutputFormat,
    Outputs, Planned, WriteError, open_stream,
};

use super::failure::{Exit, Failure};
use super::inputs::FoundInputs;
use super::own::{MemoryLedger, Own};

/// Other names of standard output. What they lead to may be a file, which must not be opened anew: others write to it.
const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// At most this many files in the way are named: more would scroll the hint away.
const SHOWN: usize = 20;

/// What files with all articles of a run are called.
const MERGED: &str = "corpus";

/// Where the documents of a run go.
pub(super) enum Sink {
    /// Files in a folder, in these formats.
    Folder(Arc<Outputs>, Vec<OutputFormat>),
    /// One file in one format.
    File { outputs: Arc<Outputs>, format: OutputFormat, ledger: Arc<MemoryLedger> },
    /// Standard output, a device or a pipe, in one format.
    Stream(StreamSink),
}

/// What goes to a stream when the run is over.
pub(super) struct StreamSink {
    format: OutputFormat,
    /// Where it goes, if not to standard output.
    target: Option<(PathBuf, File)>,
    articles: Arc<Mutex<Vec<u8>>>,
    /// A corpus may be larger than the memory.
    corpora: TempDir,
}

/// The files of a run, before anything is sent.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Destination<'a> {
    /// The place that was named.
    pub(super) output: Option<&'a Path>,
    /// Whether the formats were named on the command line: only then a single article need not go to its own format.
    pub(super) is_format_named: bool,
    pub(super) overwrite: bool,
    pub(super) summary_on_stdout: bool,
    pub(super) dry_run: bool,
    /// Whether formats that can have all articles in one file have them there and nowhere else.
    pub(super) merge: bool,
    pub(super) settings: &'a TranslateSettings,
    pub(super) found: &'a FoundInputs,
    pub(super) own: &'a Own,
}

impl Destination<'_> {
    /// Where the documents go. A single article that was named goes to standard output, or to a file; a corpus
    /// goes to the output folder, or to a file.
    pub(super) fn sink(&self) -> Result<Sink, Failure> {
        let formats = self.settings.formats.clone();
        let output = self.output;
        if self.merge && !formats.iter().any(|format| format.is_merged()) {
            let message = "none of the formats can be merged";
            return Err(Failure::new(Exit::Usage, message).hint("add --format tmx, xliff or xliff-1.2"));
        }
        let is_stdout = output.is_some_and(|path| STDOUT.iter().any(|name| path == Path::new(name)));
        let is_corpus = !self.found.inputs.corpora.is_empty();
        let into_folder = match output {
            Some(path) => !is_stdout && (path.is_dir() || path.to_string_lossy().ends_with(['/', '\\'])),
            None => is_corpus || !self.found.is_single,
        };
        if into_folder {
            return self.folder(output.unwrap_or(&self.settings.output), formats);
        }
        let Some(id) = self.single() else {
            let path = output.unwrap_or(&self.settings.output);
            if is_stdout || extension(path).is_some_and(|extension| is_known(&extension)) {
                let message = format!("cannot write several articles to {}", path.display());
                return Err(Failure::new(Exit::Usage, message).hint("name a folder: --output DIR/"));
            }
            return self.folder(path, formats);
        };
        let path = output.filter(|_| !is_stdout);
        let place = path.map(|path| NamedPath::at(path).map(|place| (path, place))).transpose();
        let place = place.map_err(|error| {
            let path = path.unwrap_or(Path::new("-")).display();
            Failure::new(Exit::Usage, format!("cannot write {path}: {error}"))
        })?;
        let asked = match (self.is_format_named, formats.as_slice()) {
            (false, _) => None,
            (true, [format]) => Some(*format),
            (true, _) => {
                return Err(Failure::new(Exit::Usage, "cannot write several formats to one file")
                    .hint("name one format, or a folder: --output DIR/"));
            }
        };
        match place {
            Some((named, NamedPath::File(path))) => {
                let ledger = Arc::new(self.own.ledger());
                let format = format_of(named, asked, id)?;
                let outputs = Outputs::file(&path, Arc::clone(&ledger) as _, self.overwrite)?;
                Ok(Sink::File { outputs: Arc::new(outputs), format, ledger })
            }
            Some((_, NamedPath::Stream(path))) => self.stream(asked, id, Some(path)),
            Some((path, NamedPath::Folder)) => self.folder(path, formats),
            None => self.stream(asked, id, None),
        }
    }

    fn folder(&self, path: &Path, formats: Vec<OutputFormat>) -> Result<Sink, Failure> {
        let planned = planned(&self.found.inputs);
        let outputs = Outputs::folder(path, self.overwrite)?.with_inputs(&planned);
        let alone = |format: &OutputFormat| !(self.merge && format.is_merged());
        let formats = without_inputs(&outputs, &planned, formats)?.into_iter().filter(alone).collect();
        Ok(Sink::Folder(Arc::new(outputs), formats))
    }

    fn stream(
        &self,
        asked: Option<OutputFormat>,
        id: &ArticleId,
        path: Option<PathBuf>,
    ) -> Result<Sink, Failure> {
        let format = asked.unwrap_or(OutputFormat::Document);
        if path.is_none() && self.summary_on_stdout && !self.dry_run {
            let message = "cannot write both the article and the summary to standard output";
            return Err(Failure::new(Exit::Usage, message).hint("add -o FILE for the article"));
        }
        // Opened now, because a pipe waits for its reader, and nothing is to be paid for what cannot be written.
        let open = |path: PathBuf| match open_stream(&path) {
            Ok(file) => Ok((path, file)),
            Err(error) => Err(Failure::new(Exit::Usage, format!("cannot write {}: {error}", path.display()))),
        };
        let target = path.filter(|_| !self.dry_run).map(open).transpose()?;
        let is_terminal = match &target {
            None => io::stdout().is_terminal() && !self.dry_run,
            Some((_, file)) => file.is_terminal(),
        };
        if is_terminal && format == OutputFormat::Xlsx {
            return Err(
                Failure::new(Exit::Usage, "cannot write a workbook to a terminal").hint("add -o FILE.xlsx")
            );
        }
        if is_terminal && format == OutputFormat::Document && is_binary(id) {
            return Err(Failure::new(Exit::Usage, "cannot write an office document to a terminal")
                .hint("add -o FILE for the document, or --format text for its text"));
        }
        let corpora = tempfile::tempdir().map_err(|error| {
            let place = std::env::temp_dir();
            Failure::new(
                Exit::Partial,
                format!("cannot make a temporary folder in {}: {error}", place.display()),
            )
        })?;
        Ok(Sink::Stream(StreamSink { format, target, articles: Arc::default(), corpora }))
    }

    /// The only article or corpus.
    fn single(&self) -> Option<&ArticleId> {
        let Inputs { articles, corpora } = &self.found.inputs;
        match (self.found.is_single, articles.as_slice(), corpora.as_slice()) {
            (true, [article], []) => Some(article.id()),
            (true, [], [corpus]) => Some(&corpus.id),
            _ => None,
        }
    }
}

/// Leaves out, for `--format all`, the formats whose files would overwrite an input or be shared by two articles, and names
/// them. Formats that were asked for by name stay, and the run is refused instead.
fn without_inputs(
    outputs: &Outputs,
    planned: &[Planned<'_>],
    mut formats: Vec<OutputFormat>,
) -> Result<Vec<OutputFormat>, Failure> {
    if OutputFormat::EVERY.iter().all(|format| formats.contains(format)) {
        let is_lost =
            |obstacle: &Obstacle| matches!(obstacle.kind, ObstacleKind::Input(_) | ObstacleKind::Shared);
        let found = outputs.look(planned, &formats)?;
        formats.retain(|format| {
            let reason = found.iter().find(|obstacle| obstacle.format == *format && is_lost(obstacle));
            if let Some(reason) = reason {
                let line = format!("format {format} is left out: {reason}");
                let _ = writeln!(io::stderr(), "{}", clean(&line));
            }
            reason.is_none()
        });
    }
    Ok(formats)
}

/// The format of a file that was named, which its extension must not contradict.
fn format_of(path: &Path, asked: Option<OutputFormat>, id: &ArticleId) -> Result<OutputFormat, Failure> {
    let all = [
        OutputFormat::Document,
        OutputFormat::Text,
        OutputFormat::Tsv,
        OutputFormat::Jsonl,
        OutputFormat::Tmx,
        OutputFormat::Xliff,
        OutputFormat::Xlsx,
    ];
    let Some(extension) = extension(path) else { return Ok(asked.unwrap_or(OutputFormat::Document)) };
    let has = |format: &OutputFormat| format.extensions(id).contains(&extension.as_str());
    let is_free =
        |format: OutputFormat| !(is_known(&extension) || format == OutputFormat::Document && is_binary(id));
    let found = match asked {
        Some(format) => Some(format).filter(|format| has(format) || is_free(*format)),
        None => all.into_iter().find(has).or(Some(OutputFormat::Document).filter(|format| is_free(*format))),
    };
    found.ok_or_else(|| {
        let message = match asked {
            Some(format) => format!("a .{extension} file does not hold the format {format}"),
            None => format!("the English of {id} is not written as .{extension}"),
        };
        let wanted: Vec<_> = asked.map_or(all.to_vec(), |format| vec![format]);
        let mut names: Vec<String> = Vec::new();
        for name in wanted.iter().flat_map(|format| format.extensions(id)).map(|name| format!(".{name}")) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Failure::new(Exit::Usage, message).hint(format!("name a file with one of {}", names.join(", ")))
    })
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// Whether an extension says what a file holds: that of an article, an output or a corpus.
fn is_known(extension: &str) -> bool {
    read::ArticleFormat::of(Path::new(&format!("a.{extension}"))).is_some()
        || CORPUS_EXTENSIONS.contains(&extension)
}

/// Whether the article's own format is not text.
fn is_binary(id: &ArticleId) -> bool {
    let extension = extension(Path::new(id.as_str()));
    extension.and_then(|extension| Markup::of_extension(&extension)).is_some_and(Markup::is_archive)
}

/// Files that stand where outputs are to go.
#[derive(Default)]
pub(super) struct InTheWay {
    /// Wortlaut's, although the folder's manifest does not know them.
    ours: Vec<Obstacle>,
    /// Foreign, unless they have the very bytes that will be written.
    pub(super) foreign: Vec<Obstacle>,
}

impl Sink {
    /// What takes the documents.
    pub(super) fn deliver(&self) -> Result<Deliver, Failure> {
        Ok(match self {
            Self::Folder(outputs, formats) => deliver(outputs, formats),
            Self::File { outputs, format, .. } => deliver(outputs, &[*format]),
            Self::Stream(stream) => {
                let outputs = Arc::new(Outputs::folder(stream.corpora.path(), false)?);
                let corpus = deliver(&outputs, &[stream.format]).corpus;
                let (articles, format) = (Arc::clone(&stream.articles), stream.format);
                let article: DeliverArticle = Arc::new(move |document, is_current| {
                    let english = english(document, format)?;
                    if !is_current() {
                        return Ok(None);
                    }
                    articles.lock().extend(english);
                    Ok(Some(Vec::new()))
                });
                Deliver { article, corpus }
            }
        })
    }

    /// What takes all documents for the files that have them all.
    pub(super) fn merging(&self, formats: &[OutputFormat]) -> Result<Arc<MergedFiles>, Failure> {
        let Self::Folder(outputs, _) = self else {
            let message = "merged files go to a folder";
            return Err(Failure::new(Exit::Usage, message).hint("name one: --output DIR/"));
        };
        let name = ArticleId::new(MERGED);
        Ok(Arc::new(MergedFiles::begin(Arc::clone(outputs), &name, formats)?))
    }

    /// The files, if there are any.
    pub(super) fn outputs(&self) -> Option<&Arc<Outputs>> {
        match self {
            Self::Folder(outputs, _) | Self::File { outputs, .. } => Some(outputs),
            Self::Stream(_) => None,
        }
    }

    /// The place, for the summary.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Folder(outputs, _) | Self::File { outputs, .. } => Some(outputs.path()),
            Self::Stream(StreamSink { target, .. }) => target.as_ref().map(|(path, _)| path.as_path()),
        }
    }

    /// Looks at what is in the way of the outputs, and refuses what must not be lost.
    pub(super) fn look(&self, inputs: &Inputs, own: &Own) -> Result<InTheWay, Failure> {
        let (outputs, formats) = match self {
            Self::Folder(outputs, formats) => (outputs, formats.clone()),
            Self::File { outputs, format, .. } => (outputs, vec![*format]),
            Self::Stream(_) => return Ok(InTheWay::default()),
        };
        let found = outputs.look(&planned(inputs), &formats)?;
        let (soft, hard): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|obstacle| obstacle.kind.can_be_overwritten());
        if !hard.is_empty() {
            return Err(refusal(&hard));
        }
        if outputs.overwrites() {
            return Ok(InTheWay::default());
        }
        let is_foreign = |obstacle: &Obstacle| matches!(obstacle.kind, ObstacleKind::Foreign);
        let (foreign, changed): (Vec<_>, Vec<_>) = soft.into_iter().partition(is_foreign);
        // Files of others in a folder that has ours are left when their turn comes, and all else is written. In one that
        // has none they are a sign that another folder was meant, or they are ours and the manifest is lost.
        let is_left_later = outputs.has_manifest();
        if !(changed.is_empty() || is_left_later) {
            return Err(refusal(changed.iter().chain(&foreign)));
        }
        let earlier = outputs.fit_earlier(&foreign);
        let is_ours =
            |obstacle: &Obstacle| own.wrote_alone(&obstacle.path) || earlier.contains(&obstacle.path);
        let (ours, foreign): (Vec<_>, Vec<_>) = foreign.into_iter().partition(is_ours);
        Ok(InTheWay { ours, foreign: if is_left_later { Vec::new() } else { foreign } })
    }

    /// The files that a run would leave as a person made them.
    pub(super) fn left_by_a_run(&self, inputs: &Inputs) -> Result<Vec<LeftFile>, Failure> {
        match self {
            Self::Folder(outputs, formats) => Ok(outputs.not_ours(&planned(inputs), formats)?),
            // What is in the way of a file by itself is refused.
            Self::File { .. } | Self::Stream(_) => Ok(Vec::new()),
        }
    }

    /// Keeps other runs out, and records which files are ours.
    pub(super) fn begin(&self, memory: &Arc<dyn Memory>, in_the_way: &InTheWay) -> Result<(), Failure> {
        match self {
            Self::Folder(outputs, _) => {
                outputs.lock()?;
                outputs.adopt(&in_the_way.ours)?;
            }
            Self::File { outputs, ledger, .. } => {
                ledger.keep_in(memory);
                outputs.lock()?;
                outputs.adopt(&in_the_way.ours)?;
            }
            Self::Stream(_) => {}
        }
        Ok(())
    }

    /// Ends the run: what waits for a stream is written. Returns the files that were left as a person made them.
    pub(super) fn finish(&self) -> Result<Vec<LeftFile>, Failure> {
        match self {
            Self::Folder(outputs, _) | Self::File { outputs, .. } => {
                outputs.finish().map_err(|error| {
                    Failure::new(Exit::Partial, error).hint(
                        "what was translated is kept; the same command writes what is missing and sends nothing again",
                    )
                })
            }
            Self::Stream(stream) => stream.write().map(|()| Vec::new()),
        }
    }

    /// The format or formats.
    pub(super) fn formats(&self) -> &[OutputFormat] {
        match self {
            Self::Folder(_, formats) => formats,
            Self::File { format, .. } | Self::Stream(StreamSink { format, .. }) => {
                std::slice::from_ref(format)
            }
        }
    }
}

/// What a run will write.
fn planned(inputs: &Inputs) -> Vec<Planned<'_>> {
    let articles = inputs.articles.iter().map(|input| match input {
        Input::File(source) => Planned { article: &source.id, input: Some(&source.path) },
        Input::Bytes(..) | Input::Read(_) => Planned { article: input.id(), input: None },
    });
    let corpora = inputs.corpora.iter();
    articles.chain(corpora.map(|corpus| Planned { article: &corpus.id, input: Some(&corpus.path) })).collect()
}

impl StreamSink {
    fn write(&self) -> Result<(), Failure> {
        match &self.target {
            None => Ok(self.write_to(&mut io::stdout().lock())?),
            Some((path, file)) => self.write_to(&mut &*file).map_err(|error| {
                Failure::new(Exit::Partial, format!("cannot write {}: {error}", path.display())).hint(
                    "what was translated is kept; the same command with another --output sends nothing again",
                )
            }),
        }
    }

    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.articles.lock())?;
        // Of a format with two files, the English comes second; a corpus that was not finished has none.
        let files = fs::read_dir(self.corpora.path())?.filter_map(|file| file.ok().map(|file| file.path()));
        let visible =
            |path: &PathBuf| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if let Some(file) = files.filter(visible).max() {
            io::copy(&mut File::open(file)?, out)?;
        }
        out.flush()
    }
}

/// Lets documents go.
pub(super) fn nowhere() -> Deliver {
    let corpus: DeliverCorpus = Arc::new(|_, _| Ok(Box::new(Nowhere)));
    Deliver { corpus, ..Deliver::articles(Arc::new(|_| Ok(Vec::new()))) }
}

/// Takes records and makes nothing of them.
struct Nowhere;

impl CorpusSink for Nowhere {
    fn write(&mut self, _: Option<&CorpusRow>, _: Result<&ParallelDocument, &str>) -> Result<(), WriteError> {
        Ok(())
    }

    fn finish(self: Box<Self>, _: [u8; 32]) -> Result<Vec<PathBuf>, WriteError> {
        Ok(Vec::new())
    }
}

/// Writes documents to files.
pub(super) fn deliver(outputs: &Arc<Outputs>, formats: &[OutputFormat]) -> Deliver {
    let (corpora, corpus_formats) = (Arc::clone(outputs), formats.to_vec());
    let corpus: DeliverCorpus = Arc::new(move |corpus, shape| {
        let target = &corpus.fields.target;
        let writer =
            CorpusWriter::begin(Arc::clone(&corpora), &corpus.id, &corpus_formats, shape.clone(), target)?;
        Ok(Box::new(writer))
    });
    let (outputs, formats) = (Arc::clone(outputs), formats.to_vec());
    let article: DeliverArticle =
        Arc::new(move |document, is_current| outputs.write_current(document, &formats, is_current));
    Deliver { article, corpus }
}

/// The English of a document in one format; of a format with two files, the second.
fn english(document: &ParallelDocument, format: OutputFormat) -> Result<Vec<u8>, WriteError> {
    Ok(format.writer().files(document)?.pop().map(|file| file.contents).unwrap_or_default())
}

/// Refuses to begin, naming all that is in the way.
pub(super) fn refusal<'a>(obstacles: impl IntoIterator<Item = &'a Obstacle>) -> Failure {
    let obstacles: Vec<_> = obstacles.into_iter().collect();
    let can_be_overwritten = obstacles.iter().all(|obstacle| obstacle.kind.can_be_overwritten());
    // To leave a correction as it is, is no mistake in the command.
    let is_corrected = obstacles.iter().all(|obstacle| matches!(obstacle.kind, ObstacleKind::Changed));
    let shown = obstacles.iter().take(SHOWN);
    let mut lines: Vec<_> = shown.map(|obstacle| clean(&obstacle.to_string()).into_owned()).collect();
    if obstacles.len() > SHOWN {
        lines.push(format!("… and {} more", obstacles.len() - SHOWN));
    }
    let hint = if is_corrected {
        "nothing was sent; pass --overwrite to replace these files"
    } else if can_be_overwritten {
        "nothing was sent; move these files away, choose another folder, or pass --overwrite to replace them, \
         which also takes over outputs of version 0.1"
    } else if obstacles.iter().all(|obstacle| matches!(obstacle.kind, ObstacleKind::Unwritable(_))) {
        "nothing was sent; let the folder be written to, or choose another one with --output"
    } else {
        "nothing was sent; rename one of the inputs, or take other formats or another folder"
    };
    let exit = if is_corrected { Exit::Partial } else { Exit::Usage };
    Failure::new(exit, lines.join("\n")).hint(hint)
}
