//! What other programs do while the page is open: `wortlaut learn`, another page, a run or a watch, a colleague's run.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

use super::card::{ArticleCard, ArticlePlace};
use super::follow::Followed;
use super::news::News;
use super::reviewed::Reviewed;
use super::written::SeenOutputs;
use crate::memory::MemoryRevision;
use crate::model::ArticleId;
use crate::pipeline::Input;

/// How often others are looked for; asking the memory costs as much as looking up one key, and the manifest as much as asking
/// for the size of a file.
const INTERVAL: Duration = Duration::from_secs(1);

impl Reviewed {
    /// Notes that this page changed pairs once. If others did so at the same time, that is seen by [`Self::watch`].
    pub(super) async fn note_own_change(&self) {
        if let Ok(now) = self.material.memory.revision().await {
            let mut seen = self.revision.lock();
            if seen.is_none_or(|seen| now.0 == seen.0 + 1) {
                *seen = Some(now);
            }
        }
    }

    /// Brings everything up to date whenever somebody else changed pairs or outputs; never ends.
    pub(super) async fn watch(&self, mut outputs: SeenOutputs) {
        let mut took = Duration::ZERO;
        loop {
            // Half of the time at most is spent on it.
            tokio::time::sleep(INTERVAL.max(took)).await;
            let begun = Instant::now();
            if self.is_changed_by_others().await {
                let articles = self.shelf(|shelf| shelf.cards.iter().map(|card| card.id.clone()).collect());
                self.follow(articles, None).await;
            }
            let looked = spawn_blocking(move || {
                let changed = outputs.changed();
                (outputs, changed)
            });
            let Ok((seen, changed)) = looked.await else { return };
            outputs = seen;
            if !changed.is_empty() {
                self.follow_run(&changed).await;
            }
            took = begun.elapsed();
        }
    }

    async fn is_changed_by_others(&self) -> bool {
        // Between a change of this page and its note.
        let _turn = self.changing.lock().await;
        let Ok(now) = self.material.memory.revision().await else { return false };
        let before: Option<MemoryRevision> = self.revision.lock().replace(now);
        before.is_some_and(|before| before != now)
    }

    /// Shows what a run wrote for articles: those that are new, those that are gone, and what is said otherwise.
    async fn follow_run(&self, written: &HashSet<ArticleId>) {
        let _turn = self.following.lock().await;
        if let Err(reason) = self.reload().await {
            return self.tell(News::Remark { text: reason });
        }
        let source = self.source();
        let inputs = &source.inputs;
        let articles: HashSet<&ArticleId> = inputs.articles.iter().map(Input::id).collect();
        let corpora: HashSet<&ArticleId> = inputs.corpora.iter().map(|corpus| &corpus.id).collect();
        self.take_out(|card: &ArticleCard| match &card.place {
            ArticlePlace::File(_) => !articles.contains(&card.id),
            // The records of a corpus that was written are listed anew.
            ArticlePlace::Record { corpus, .. } => {
                !corpora.contains(&corpus.id) || written.contains(&corpus.id)
            }
        });
        let (known, new): (Vec<_>, Vec<_>) =
            inputs.articles.iter().partition(|input| self.card(input.id()).is_some());
        let known = known.into_iter().filter(|input| written.contains(input.id()));
        let known = known.map(|input| (input.id().clone(), ArticlePlace::File(input.clone().into())));
        let mut followed = Followed::default();
        self.renewed(known.collect(), None, &mut followed).await;
        self.load_articles(new.into_iter().cloned().collect()).await;
        for corpus in inputs.corpora.iter().filter(|corpus| written.contains(&corpus.id)) {
            self.load_corpus(corpus).await;
        }
        self.sort(inputs);
        self.tell(News::Listed);
    }

    /// Reads anew what files and settings say.
    async fn reload(&self) -> Result<(), String> {
        // A glossary that this page changes meanwhile must not be replaced by the one before.
        let _turn = self.changing.lock().await;
        let load = self.material.reload.clone();
        let loaded = spawn_blocking(move || load()).await;
        self.set_source(loaded.map_err(|error| error.to_string())??);
        Ok(())
    }
}
