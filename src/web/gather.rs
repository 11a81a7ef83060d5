//! Articles with their translations, as the run that sends nothing gives them.

use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::task::spawn_blocking;

use super::card::ArticlePlace;
use super::material::ReviewSource;
use crate::memory::Memory;
use crate::model::{ArticleId, ParallelDocument};
use crate::pipeline::{Deliver, Event, Events, Input, Inputs, Options, Run, RunError};
use crate::read::{Corpus, CorpusRecords};
use crate::write::WriteError;

/// What a run gave for some articles.
#[derive(Default)]
pub(super) struct Gathered {
    /// In the order in which they were finished.
    pub(super) documents: Vec<ParallelDocument>,
    /// Articles that a run leaves out, and why.
    pub(super) left_out: Vec<(ArticleId, String)>,
}

/// An article that is to be gathered, or why it cannot be.
pub(super) struct PlacedInput {
    pub(super) place: ArticlePlace,
    pub(super) input: Result<Input, (ArticleId, String)>,
}

impl ReviewSource {
    /// The documents of articles. Nothing is sent: what the memory has no answer for fails.
    pub(super) async fn gather(
        &self,
        articles: Vec<Input>,
        memory: &Arc<dyn Memory>,
    ) -> Result<Gathered, RunError> {
        let gathered = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&gathered);
        let deliver = Deliver::articles(Arc::new(move |document| -> Result<Vec<PathBuf>, WriteError> {
            taken.lock().push(document);
            Ok(Vec::new())
        }));
        let (events, mut happened) = Events::channel();
        let options = Options { offline: true, forecast: false, ..self.options.clone() };
        let inputs = Inputs { articles, corpora: Vec::new() };
        let run = Run::new(inputs, self.tools.clone(), Arc::clone(memory));
        let outcome = Run { options, deliver, events, ..run }.start().await;
        if let Some(failure) = outcome.failure {
            return Err(failure);
        }
        let mut left_out = Vec::new();
        while let Ok(event) = happened.try_recv() {
            if let Event::Skipped { article, reason } = event {
                left_out.push((article, reason));
            }
        }
        let documents = std::mem::take(&mut *gathered.lock());
        Ok(Gathered { documents, left_out })
    }

    /// The article at a place, to be gathered.
    pub(super) async fn input_at(&self, place: &ArticlePlace) -> Result<Input, String> {
        let (corpus, line) = match place {
            ArticlePlace::File(input) => return Ok(Input::clone(input)),
            ArticlePlace::Record { corpus, line } => (corpus, *line),
        };
        let mut records = self.records(corpus).await?;
        let found = spawn_blocking(move || {
            while let Some(record) = records.next().transpose().map_err(|error| error.to_string())? {
                if record.line == line {
                    return record.article.map_err(|problem| problem.to_string());
                }
            }
            Err("the corpus was changed: there is no such record any more".to_owned())
        });
        let article = found.await.map_err(|error| error.to_string())??;
        Ok(Input::Read(Box::new(article)))
    }

    /// Opens a corpus.
    pub(super) async fn records(&self, corpus: &Arc<Corpus>) -> Result<CorpusRecords, String> {
        let (corpus, read) = (Arc::clone(corpus), self.options.read.clone());
        let opened = spawn_blocking(move || corpus.open(&read).map_err(|error| error.to_string()));
        opened.await.map_err(|error| error.to_string())?
    }
}

/// The next records of a corpus, at most so many; none at its end.
pub(super) async fn next_records(
    corpus: &Arc<Corpus>,
    mut records: CorpusRecords,
    most: usize,
) -> Result<(CorpusRecords, Vec<PlacedInput>), String> {
    let corpus = Arc::clone(corpus);
    let read = spawn_blocking(move || {
        let mut articles = Vec::new();
        while articles.len() < most
            && let Some(record) = records.next().transpose().map_err(|error| error.to_string())?
        {
            let input = match record.article {
                Ok(article) => Ok(Input::Read(Box::new(article))),
                Err(problem) => Err((corpus.record_id(record.line), problem.to_string())),
            };
            let place = ArticlePlace::Record { corpus: Arc::clone(&corpus), line: record.line };
            articles.push(PlacedInput { place, input });
        }
        Ok((records, articles))
    });
    read.await.map_err(|error| error.to_string())?
}
