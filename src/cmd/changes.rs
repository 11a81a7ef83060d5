//! `--changes`: the sentences whose English a run changes, old beside new.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::bilingual::table_cell;
use crate::disk::PartFile;
use crate::model::{ArticleId, CorpusRow, FindingKind, ParallelDocument};
use crate::pipeline::{ABSENT, Deliver, DeliverArticle, DeliverCorpus};
use crate::write::{ChangedSentence, CorpusSink, EarlierRecords, Outputs, WriteError};

use super::failure::{Exit, Failure};
use super::spool::Spool;

/// The first line of a table of changes.
const HEADER: &str = "article\tsegment\tde\told\tnew\twhy\n";

/// What the first line of a file of changes has in it, so that it may be replaced by the next one.
const MARKS: [&str; 4] = ["segment", "old", "new", "why"];

/// Takes down what changes.
pub(super) struct ChangeLog {
    path: Option<PathBuf>,
    state: Mutex<ChangeLogState>,
}

struct ChangeLogState {
    spool: Spool,
    count: u64,
    /// Corpora of which it is not known what each sentence read.
    untold: Vec<ArticleId>,
}

impl ChangeLog {
    /// Writes to a file in the end: a table if its name ends in `.tsv`, and otherwise an object a line. Refuses a file that
    /// is none of changes.
    pub(super) fn new(path: Option<&Path>, overwrite: bool) -> Result<Arc<Self>, Failure> {
        if let Some(path) = path
            && !overwrite
            && !may_be_replaced(path)
        {
            let message = format!("{} exists and is no list of changes", path.display());
            return Err(Failure::new(Exit::Usage, message).hint("name another file, or pass --overwrite"));
        }
        let state = ChangeLogState { spool: Spool::new()?, count: 0, untold: Vec::new() };
        Ok(Arc::new(Self { path: path.map(Path::to_owned), state: Mutex::new(state) }))
    }

    /// Delivers as before, and takes down what changes by it.
    pub(super) fn around(self: &Arc<Self>, deliver: Deliver, outputs: &Arc<Outputs>) -> Deliver {
        let corpus = self.corpora(deliver.corpus, outputs, false);
        let (log, outputs, article) = (Arc::clone(self), Arc::clone(outputs), deliver.article);
        let article: DeliverArticle = Arc::new(move |document, is_current| {
            let before = outputs.english_before(document);
            let written = article(document, is_current)?;
            // Where a person's files were left alone, nothing changed.
            if let (Some(before), Some([_, ..])) = (before, written.as_deref()) {
                log.add(document, &before.changed(document))?;
            }
            Ok(written)
        });
        Deliver { article, corpus }
    }

    /// Takes down what would change without anything being sent.
    pub(super) fn instead(self: &Arc<Self>, outputs: &Arc<Outputs>, deliver: Deliver) -> Deliver {
        let corpus = self.corpora(deliver.corpus, outputs, true);
        let (log, outputs) = (Arc::clone(self), Arc::clone(outputs));
        let article: DeliverArticle = Arc::new(move |document, _| {
            if let Some(before) = outputs.english_before(document) {
                log.add(document, &sent_for_none(document, before.changed(document)))?;
            }
            Ok(Some(Vec::new()))
        });
        Deliver { article, corpus }
    }

    /// Takes down what changes in corpora, or what would change.
    fn corpora(
        self: &Arc<Self>,
        deliver: DeliverCorpus,
        outputs: &Arc<Outputs>,
        is_dry: bool,
    ) -> DeliverCorpus {
        let (log, outputs) = (Arc::clone(self), Arc::clone(outputs));
        Arc::new(move |corpus, shape| {
            let sink = deliver(corpus, shape)?;
            let Some(before) = outputs.records_before(&corpus.id) else {
                if !outputs.written_formats(&corpus.id)?.is_empty() {
                    log.state.lock().untold.push(corpus.id.clone());
                }
                return Ok(sink);
            };
            let (log, corpus) = (Arc::clone(&log), corpus.id.clone());
            let lines = tempfile::tempfile().map_err(|source| log.failed(source))?;
            Ok(Box::new(ToldCorpus {
                sink,
                before,
                log,
                corpus,
                lines: BufWriter::new(lines),
                count: 0,
                is_dry,
            }))
        })
    }

    fn add(&self, document: &ParallelDocument, changes: &[ChangedSentence]) -> Result<(), WriteError> {
        let lines = self.lines(changes)?;
        self.take(&document.source().article().id, changes.len() as u64, &mut lines.as_bytes())
    }

    /// Changes as they stand in the file.
    fn lines(&self, changes: &[ChangedSentence]) -> Result<String, WriteError> {
        let is_table = self.is_table();
        let line = |change| if is_table { Ok(row(change)) } else { object(change) };
        changes.iter().map(line).collect::<io::Result<_>>().map_err(|source| self.failed(source))
    }

    fn take(&self, article: &ArticleId, count: u64, lines: &mut dyn Read) -> Result<(), WriteError> {
        let mut state = self.state.lock();
        state.count += count;
        if self.path.is_some() {
            state.spool.add_from(article, lines).map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    fn failed(&self, source: io::Error) -> WriteError {
        WriteError::File { path: self.path.clone().unwrap_or_else(|| PathBuf::from("--changes")), source }
    }

    /// Corpora that have files, of which none says what each sentence read.
    pub(super) fn untold(&self) -> Vec<ArticleId> {
        self.state.lock().untold.clone()
    }

    fn is_table(&self) -> bool {
        let extension = self.path.as_deref().and_then(Path::extension);
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"))
    }

    /// How many sentences changed; the file is written.
    pub(super) fn finish(&self) -> Result<u64, Failure> {
        let mut state = self.state.lock();
        if let Some(path) = &self.path {
            let failed = |error: io::Error| {
                Failure::new(Exit::Partial, format!("cannot write {}: {error}", path.display()))
            };
            let part = PartFile::create(path).map_err(|error| failed(error.into_cause()))?;
            let mut out = BufWriter::new(part);
            if self.is_table() {
                out.write_all(HEADER.as_bytes()).map_err(failed)?;
            }
            state.spool.copy_to(&mut out).map_err(failed)?;
            let part = out.into_inner().map_err(|error| failed(error.into_error()))?;
            let part = part.complete().map_err(|error| failed(error.into_cause()))?;
            part.rename().map_err(|error| failed(error.into_cause()))?;
        }
        Ok(state.count)
    }
}

/// Compares the records of a corpus with the earlier ones on their way to the files. Changes are reported only once the files
/// are in place, because a run that ends before then has changed nothing.
struct ToldCorpus {
    sink: Box<dyn CorpusSink>,
    before: EarlierRecords,
    log: Arc<ChangeLog>,
    corpus: ArticleId,
    /// There may be more than fits into memory.
    lines: BufWriter<File>,
    count: u64,
    /// Whether this is a dry run, which reports what would change.
    is_dry: bool,
}

impl CorpusSink for ToldCorpus {
    fn write(
        &mut self,
        row: Option<&CorpusRow>,
        document: Result<&ParallelDocument, &str>,
    ) -> Result<(), WriteError> {
        if let Ok(document) = document {
            let before = self.before.of(document).map_err(|source| self.log.failed(source))?;
            let mut changes = before.map(|before| before.changed(document)).unwrap_or_default();
            if self.is_dry {
                changes = sent_for_none(document, changes);
            }
            self.count += changes.len() as u64;
            let lines = self.log.lines(&changes)?;
            self.lines.write_all(lines.as_bytes()).map_err(|source| self.log.failed(source))?;
        }
        self.sink.write(row, document)
    }

    fn finish(self: Box<Self>, file_hash: [u8; 32]) -> Result<Vec<PathBuf>, WriteError> {
        let Self { sink, before, log, corpus, lines, count, is_dry } = *self;
        // Not every system replaces a file that is open.
        drop(before);
        let written = sink.finish(file_hash)?;
        if is_dry || !written.is_empty() {
            let rewound = lines.into_inner().map_err(io::IntoInnerError::into_error).and_then(|mut lines| {
                lines.rewind()?;
                Ok(lines)
            });
            let mut lines = rewound.map_err(|source| log.failed(source))?;
            log.take(&corpus, count, &mut lines)?;
        }
        Ok(written)
    }
}

/// The changes for which nothing need be sent: what a sentence will read that would be sent is not known.
fn sent_for_none(document: &ParallelDocument, mut changes: Vec<ChangedSentence>) -> Vec<ChangedSentence> {
    let is_unsent = |change: &ChangedSentence| {
        let unit = change.segment.checked_sub(1).and_then(|index| document.units().get(index));
        unit.is_some_and(|unit| {
            unit.findings().iter().any(|found| found.kind == FindingKind::Failed && found.message == ABSENT)
        })
    };
    changes.retain(|change| !is_unsent(change));
    changes
}

/// Whether nothing stands at a path, or nothing that is not made anew.
fn may_be_replaced(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return !path.exists() };
    let mut first = String::new();
    let read = BufReader::new(file).read_line(&mut first);
    read.is_ok() && (first.is_empty() || MARKS.iter().all(|mark| first.contains(mark)))
}

fn object(change: &ChangedSentence) -> io::Result<String> {
    Ok(serde_json::to_string(change)? + "\n")
}

/// A row of a table, as the format `tsv` has its cells.
fn row(change: &ChangedSentence) -> String {
    let ChangedSentence { article, segment, de, old, new, why } = change;
    let cells = [article.as_str(), &segment.to_string(), de]
        .map(table_cell)
        .into_iter()
        .chain([old, new].map(|text| table_cell(text.as_deref().unwrap_or_default())))
        .chain([<&str>::from(*why).to_owned()]);
    cells.collect::<Vec<_>>().join("\t") + "\n"
}

/// What the list of changes leaves out, if there is one.
pub(super) fn untold(is_listed: bool, changes: &ChangeLog) -> impl Iterator<Item = String> {
    let corpora = if is_listed { changes.untold() } else { Vec::new() };
    let note =
        |corpus| format!("note: {corpus}: what its sentences read before is told by the format jsonl alone");
    corpora.into_iter().map(note)
}
