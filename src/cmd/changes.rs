//! `--changes`: the sentences whose English a run changes, old beside new.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::bilingual::table_cell;
use crate::disk::PartFile;
use crate::model::{FindingKind, ParallelDocument};
use crate::pipeline::{ABSENT, Deliver, DeliverArticle};
use crate::write::{ChangedSentence, Outputs, WriteError};

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
        let state = ChangeLogState { spool: Spool::new()?, count: 0 };
        Ok(Arc::new(Self { path: path.map(Path::to_owned), state: Mutex::new(state) }))
    }

    /// Delivers as before, and takes down what changes by it.
    pub(super) fn around(self: &Arc<Self>, deliver: Deliver, outputs: &Arc<Outputs>) -> Deliver {
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
        Deliver { article, ..deliver }
    }

    /// Takes down what would change without anything being sent.
    pub(super) fn instead(self: &Arc<Self>, outputs: &Arc<Outputs>, deliver: Deliver) -> Deliver {
        let (log, outputs) = (Arc::clone(self), Arc::clone(outputs));
        let article: DeliverArticle = Arc::new(move |document, _| {
            if let Some(before) = outputs.english_before(document) {
                let mut changes = before.changed(document);
                changes.retain(|change| !is_unsent(document, change.segment));
                log.add(document, &changes)?;
            }
            Ok(Some(Vec::new()))
        });
        Deliver { article, ..deliver }
    }

    fn add(&self, document: &ParallelDocument, changes: &[ChangedSentence]) -> Result<(), WriteError> {
        let article = &document.source().article().id;
        let failed = |source| WriteError::File {
            path: self.path.clone().unwrap_or_else(|| PathBuf::from("--changes")),
            source,
        };
        let is_table = self.is_table();
        let mut lines = String::new();
        for change in changes {
            lines.push_str(&if is_table { row(change) } else { object(change).map_err(failed)? });
        }
        let mut state = self.state.lock();
        state.count += changes.len() as u64;
        if self.path.is_some() {
            state.spool.add(article, &lines).map_err(failed)?;
        }
        Ok(())
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

/// Whether a segment would be sent: what it will read is not known.
fn is_unsent(document: &ParallelDocument, segment: usize) -> bool {
    let unit = segment.checked_sub(1).and_then(|index| document.units().get(index));
    unit.is_some_and(|unit| {
        unit.findings().iter().any(|found| found.kind == FindingKind::Failed && found.message == ABSENT)
    })
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
