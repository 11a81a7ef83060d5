//! What follows from a change: every article with the same sentence shows it, and its files have it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::card::{ArticleCard, ArticlePlace};
use super::gather::Gathered;
use super::news::News;
use super::reviewed::Reviewed;
use super::state::GermanState;
use crate::model::{ArticleId, ParallelDocument, Status};
use crate::pipeline::{Deliver, DeliverCorpus, Inputs, Options, Run};
use crate::read::Corpus;
use crate::write::{CorpusWriter, Outputs, WriteError};

/// What became of the files of articles that changed.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// How many segments read otherwise now, in how many articles.
    pub(super) segments: usize,
    pub(super) articles: usize,
    /// What is to be said of files that could not be written, or were left as a person made them.
    pub(super) remarks: Vec<String>,
}

/// Articles by what they are read from.
#[derive(Default)]
struct Touched {
    files: Vec<(ArticleId, ArticlePlace)>,
    /// The records of each corpus.
    corpora: BTreeMap<ArticleId, TouchedCorpus>,
}

struct TouchedCorpus {
    corpus: Arc<Corpus>,
    records: Vec<(ArticleId, ArticlePlace)>,
}

impl Reviewed {
    /// The articles that have one of some sentences.
    pub(super) fn articles_with(&self, sources: &BTreeSet<String>) -> Vec<ArticleId> {
        let has = |card: &ArticleCard| card.segments.iter().any(|segment| sources.contains(&*segment.source));
        self.shelf(|shelf| shelf.cards.iter().filter(|card| has(card)).map(|card| card.id.clone()).collect())
    }

    /// Gathers articles anew, tells what of them changed, and writes their files. One after the other: what is gathered last
    /// is written last.
    pub(super) async fn follow(&self, articles: Vec<ArticleId>, page: Option<&str>) -> Followed {
        let _turn = self.following.lock().await;
        let mut followed = Followed::default();
        let mut touched = Touched::default();
        for id in articles {
            let Some(card) = self.card(&id) else { continue };
            let place = card.place.clone();
            match &card.place {
                ArticlePlace::File(_) => touched.files.push((id, place)),
                ArticlePlace::Record { corpus, .. } => {
                    let corpus = Arc::clone(corpus);
                    let of_corpus = touched.corpora.entry(corpus.id.clone());
                    let of_corpus = of_corpus.or_insert(TouchedCorpus { corpus, records: Vec::new() });
                    of_corpus.records.push((id, place));
                }
            }
        }
        let documents = self.renewed(touched.files, page, &mut followed).await;
        self.write_articles(documents, &mut followed).await;
        for TouchedCorpus { corpus, records } in touched.corpora.into_values() {
            self.renewed(records, page, &mut followed).await;
            match self.rewritten(&corpus).await {
                Ok(remarks) => followed.remarks.extend(remarks),
                Err(error) => followed.remarks.push(error),
            }
        }
        for remark in &followed.remarks {
            self.tell(News::Remark { text: remark.clone() });
        }
        followed
    }

    /// Gathers articles anew and tells what of them changed. Returns the documents whose files may be written: what was
    /// translated once is not written as a failure because an answer is missing now.
    pub(super) async fn renewed(
        &self,
        articles: Vec<(ArticleId, ArticlePlace)>,
        page: Option<&str>,
        followed: &mut Followed,
    ) -> Vec<ParallelDocument> {
        if articles.is_empty() {
            return Vec::new();
        }
        let source = self.source();
        let mut inputs = Vec::new();
        for (id, place) in &articles {
            match source.input_at(place).await {
                Ok(input) => inputs.push(input),
                Err(reason) => followed.remarks.push(format!("{id}: {reason}")),
            }
        }
        let gathered = source.gather(inputs, &self.material.memory).await;
        let Gathered { documents, left_out } = match gathered {
            Ok(gathered) => gathered,
            Err(failure) => {
                followed.remarks.push(failure.to_string());
                return Vec::new();
            }
        };
        let places: HashMap<ArticleId, ArticlePlace> = articles.into_iter().collect();
        let marks = self.read_marks(places.keys().cloned().collect()).await;
        for (id, reason) in left_out {
            if let Some(place) = places.get(&id) {
                self.put(ArticleCard::left_out(id, place.clone(), reason));
            }
        }
        let mut to_write = Vec::new();
        for document in documents {
            let id = &document.source().article().id;
            let (Some(place), Some(before)) = (places.get(id), self.card(id)) else { continue };
            let card = ArticleCard::new(&document, place.clone(), marks.get(id));
            let numbers = card.changes_since(&before);
            let was_lost = card.count(Status::Failed) > before.count(Status::Failed);
            if was_lost {
                followed.remarks.push(format!(
                    "{id}: its files stay as they are until `wortlaut translate` has sent what is missing now"
                ));
            }
            let has_other_german = GermanState::of(&card) != GermanState::of(&before);
            self.put(card);
            if has_other_german {
                self.tell(News::Rewritten { article: id.clone() });
            }
            if !numbers.is_empty() {
                followed.segments += numbers.len();
                followed.articles += 1;
                let page = page.map(str::to_owned);
                self.tell(News::Changed { article: id.clone(), numbers, page });
            }
            if !was_lost {
                to_write.push(document);
            }
        }
        to_write
    }

    /// Writes the files that articles have in the output folder.
    async fn write_articles(&self, documents: Vec<ParallelDocument>, followed: &mut Followed) {
        let folder = self.material.output.clone();
        let written = spawn_blocking(move || {
            let mut remarks = Vec::new();
            if let Err(error) = write_articles(&folder, &documents, &mut remarks) {
                remarks.push(error.to_string());
            }
            remarks
        });
        followed.remarks.extend(written.await.unwrap_or_else(|error| vec![error.to_string()]));
    }

    /// Runs through a corpus without sending anything, and writes the files that it has already.
    async fn rewritten(&self, corpus: &Corpus) -> Result<Vec<String>, String> {
        let source = self.source();
        let outputs = Outputs::folder(&self.material.output, false).map_err(|error| error.to_string())?;
        let formats = outputs.written_formats(&corpus.id).map_err(|error| error.to_string())?;
        if formats.is_empty() {
            return Ok(Vec::new());
        }
        let outputs = Arc::new(outputs);
        let writing = Arc::clone(&outputs);
        let begin: DeliverCorpus = Arc::new(move |corpus, shape| {
            let target = &corpus.fields.target;
            let writer =
                CorpusWriter::begin(Arc::clone(&writing), &corpus.id, &formats, shape.clone(), target)?;
            Ok(Box::new(writer))
        });
        let deliver = Deliver { corpus: begin, ..Deliver::articles(Arc::new(|_| Ok(Vec::new()))) };
        let options = Options { offline: true, forecast: false, ..source.options.clone() };
        let inputs = Inputs { articles: Vec::new(), corpora: vec![corpus.clone()] };
        let run = Run::new(inputs, source.tools.clone(), Arc::clone(&self.material.memory));
        let outcome = Run { options, deliver, ..run }.start().await;
        if let Some(failure) = outcome.failure {
            return Err(failure.to_string());
        }
        left(&outputs).map_err(|error| error.to_string())
    }
}

fn write_articles(
    folder: &Path,
    documents: &[ParallelDocument],
    remarks: &mut Vec<String>,
) -> Result<(), WriteError> {
    if documents.is_empty() {
        return Ok(());
    }
    // Read anew each time: a run may have written files meanwhile.
    let outputs = Outputs::folder(folder, false)?;
    for document in documents {
        let formats = outputs.written_formats(&document.source().article().id)?;
        if !formats.is_empty()
            && let Err(error) = outputs.write(document, &formats)
        {
            remarks.push(error.to_string());
        }
    }
    remarks.extend(left(&outputs)?);
    Ok(())
}

/// Brings the account of the files into its final form; what was left as a person made it is said.
fn left(outputs: &Outputs) -> Result<Vec<String>, WriteError> {
    let left = outputs.finish()?.into_iter();
    Ok(left
        .map(|left| format!("left {} as it is: {}", left.path.display(), left.ownership.describe()))
        .collect())
}
