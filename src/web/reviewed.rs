//! The corpus under review, and what everybody who looks at it shares.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::{Mutex, broadcast};

use super::answer::PageError;
use super::card::{ArticleCard, ArticlePlace};
use super::gather::{PlacedInput, next_records};
use super::material::{ReviewMaterial, ReviewSource};
use super::news::News;
use crate::memory::{MemoryRevision, ReadText};
use crate::model::{ArticleId, ParallelDocument};
use crate::pipeline::{Input, Inputs};
use crate::read::Corpus;

/// Articles that are gathered at once: enough to keep all cores busy, few enough that the list begins to fill at once.
const TOGETHER: usize = 64;

/// News that a page may be late with; one that is later reads everything anew.
const BACKLOG: usize = 256;

/// The corpus under review.
pub(super) struct Reviewed {
    pub(super) material: ReviewMaterial,
    shelf: RwLock<CardShelf>,
    news: broadcast::Sender<News>,
    source: RwLock<Arc<ReviewSource>>,
    /// What of the memory this page knows.
    pub(super) revision: parking_lot::Mutex<Option<MemoryRevision>>,
    /// Held by who changes something, from the look at what is there to the change.
    pub(super) changing: Mutex<()>,
    /// Held by who brings articles and files up to date.
    pub(super) following: Mutex<()>,
}

/// The cards of all articles that were gathered so far, in the order of the inputs.
#[derive(Default)]
pub(super) struct CardShelf {
    pub(super) cards: Vec<Arc<ArticleCard>>,
    places: HashMap<ArticleId, usize>,
    /// Whether all articles are here.
    pub(super) is_complete: bool,
    /// What went wrong while they were gathered.
    pub(super) problems: Vec<String>,
}

/// An article that somebody looks at.
pub(super) struct Opened {
    pub(super) document: ParallelDocument,
    /// Its card as it would be now.
    pub(super) card: ArticleCard,
}

impl CardShelf {
    /// Changes which cards there are, or their order.
    fn rearrange(&mut self, change: impl FnOnce(&mut Vec<Arc<ArticleCard>>)) {
        change(&mut self.cards);
        self.places = self.cards.iter().map(|card| card.id.clone()).zip(0..).collect();
    }
}

impl Reviewed {
    pub(super) fn new(material: ReviewMaterial) -> Self {
        let (news, _) = broadcast::channel(BACKLOG);
        let source = RwLock::new(Arc::new(material.source.clone()));
        Self {
            material,
            shelf: RwLock::default(),
            news,
            source,
            revision: parking_lot::Mutex::default(),
            changing: Mutex::default(),
            following: Mutex::default(),
        }
    }

    /// What there is now. The lock is held by nobody who reads it.
    pub(super) fn shelf<T>(&self, look: impl FnOnce(&CardShelf) -> T) -> T {
        look(&self.shelf.read())
    }

    /// What articles are gathered from now.
    pub(super) fn source(&self) -> Arc<ReviewSource> {
        Arc::clone(&self.source.read())
    }

    /// What articles are gathered from later.
    pub(super) fn set_source(&self, source: ReviewSource) {
        *self.source.write() = Arc::new(source);
    }

    /// What will be new from now on.
    pub(super) fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Tells everybody who looks; nobody may.
    pub(super) fn tell(&self, news: News) {
        let _ = self.news.send(news);
    }

    /// Gathers all articles. What cannot be gathered is noted, and the others go on.
    pub(super) async fn load(&self) {
        let source = self.source();
        self.load_articles(source.inputs.articles.clone()).await;
        for corpus in &source.inputs.corpora {
            self.load_corpus(corpus).await;
        }
        self.shelf.write().is_complete = true;
        self.tell(News::Listed);
    }

    /// Gathers articles that are not here yet.
    pub(super) async fn load_articles(&self, articles: Vec<Input>) {
        let mut articles = articles.into_iter().map(|input| {
            let place = ArticlePlace::File(Arc::new(input.clone()));
            PlacedInput { place, input: Ok(input) }
        });
        loop {
            let some: Vec<_> = articles.by_ref().take(TOGETHER).collect();
            if some.is_empty() {
                break;
            }
            self.add(some).await;
        }
    }

    /// Gathers the records of a corpus that is not here yet.
    pub(super) async fn load_corpus(&self, corpus: &Corpus) {
        if let Err(problem) = self.load_records(&Arc::new(corpus.clone())).await {
            self.shelf.write().problems.push(format!("{}: {problem}", corpus.id));
        }
    }

    async fn load_records(&self, corpus: &Arc<Corpus>) -> Result<(), String> {
        let mut records = self.source().records(corpus).await?;
        loop {
            let (rest, some) = next_records(corpus, records, TOGETHER).await?;
            if some.is_empty() {
                return Ok(());
            }
            self.add(some).await;
            records = rest;
        }
    }

    /// Takes articles off the list.
    pub(super) fn take_out(&self, is_gone: impl Fn(&ArticleCard) -> bool) {
        self.shelf.write().rearrange(|cards| cards.retain(|card| !is_gone(card)));
    }

    /// Puts the list into the order of the inputs.
    pub(super) fn sort(&self, inputs: &Inputs) {
        let articles = inputs.articles.iter().map(Input::id);
        let ids = articles.chain(inputs.corpora.iter().map(|corpus| &corpus.id));
        let order: HashMap<&ArticleId, usize> = ids.zip(0..).collect();
        let place = |card: &Arc<ArticleCard>| match &card.place {
            ArticlePlace::File(input) => (order.get(input.id()).copied(), 0),
            ArticlePlace::Record { corpus, line } => (order.get(&corpus.id).copied(), *line),
        };
        self.shelf.write().rearrange(|cards| cards.sort_by_key(place));
    }

    /// Gathers some articles and puts their cards behind those that are here.
    async fn add(&self, some: Vec<PlacedInput>) {
        let mut cards: HashMap<ArticleId, ArticleCard> = HashMap::new();
        let mut order: Vec<(ArticleId, ArticlePlace)> = Vec::new();
        let mut inputs = Vec::new();
        for PlacedInput { place, input } in some {
            match input {
                Ok(input) => {
                    order.push((input.id().clone(), place));
                    inputs.push(input);
                }
                Err((id, reason)) => {
                    order.push((id.clone(), place.clone()));
                    cards.insert(id.clone(), ArticleCard::left_out(id, place, reason));
                }
            }
        }
        let places: HashMap<ArticleId, ArticlePlace> = order.iter().cloned().collect();
        let marks = self.read_marks(order.iter().map(|(id, _)| id.clone()).collect()).await;
        match self.source().gather(inputs, &self.material.memory).await {
            Ok(gathered) => {
                for document in &gathered.documents {
                    let id = &document.source().article().id;
                    if let Some(place) = places.get(id) {
                        cards.insert(id.clone(), ArticleCard::new(document, place.clone(), marks.get(id)));
                    }
                }
                for (id, reason) in gathered.left_out {
                    if let Some(place) = places.get(&id) {
                        cards.insert(id.clone(), ArticleCard::left_out(id, place.clone(), reason));
                    }
                }
            }
            Err(failure) => self.shelf.write().problems.push(failure.to_string()),
        }
        let mut all = self.shelf.write();
        for (id, _) in order {
            if let Some(card) = cards.remove(&id) {
                let index = all.cards.len();
                all.places.insert(id, index);
                all.cards.push(Arc::new(card));
            }
        }
        drop(all);
        self.tell(News::Listed);
    }

    /// The card of an article.
    pub(super) fn card(&self, id: &ArticleId) -> Option<Arc<ArticleCard>> {
        self.shelf(|shelf| shelf.places.get(id).and_then(|index| shelf.cards.get(*index)).cloned())
    }

    /// The article with its translation, as a run would write it now.
    pub(super) async fn open(&self, id: &ArticleId) -> Result<Opened, PageError> {
        let known = self.card(id).ok_or_else(|| PageError::Missing(format!("there is no article {id}")))?;
        let left_out = |reason: String| PageError::Missing(format!("{id}: {reason}"));
        let source = self.source();
        let input = source.input_at(&known.place).await.map_err(left_out)?;
        let gathered = source.gather(vec![input], &self.material.memory).await;
        let mut gathered = gathered.map_err(|failure| left_out(failure.to_string()))?;
        let document = match (gathered.documents.pop(), gathered.left_out.pop()) {
            (Some(document), _) => document,
            (None, Some((_, reason))) => return Err(left_out(reason)),
            (None, None) => return Err(left_out("it could not be read".to_owned())),
        };
        let marks = self.read_marks(vec![id.clone()]).await;
        let card = ArticleCard::new(&document, known.place.clone(), marks.get(id));
        Ok(Opened { document, card })
    }

    /// Puts a card in the place of the one that the article had.
    pub(super) fn put(&self, card: ArticleCard) {
        let mut all = self.shelf.write();
        if let Some(&index) = all.places.get(&card.id)
            && let Some(place) = all.cards.get_mut(index)
        {
            *place = Arc::new(card);
        }
    }

    /// The articles before and behind one in the list.
    pub(super) fn beside(&self, id: &ArticleId) -> (Option<ArticleId>, Option<ArticleId>) {
        self.shelf(|shelf| {
            let Some(&index) = shelf.places.get(id) else { return (None, None) };
            let at = |index: usize| shelf.cards.get(index).map(|card| card.id.clone());
            (index.checked_sub(1).and_then(at), at(index + 1))
        })
    }

    /// What people have read of articles. If the memory cannot say it, all is still to be read.
    pub(super) async fn read_marks(&self, articles: Vec<ArticleId>) -> HashMap<ArticleId, HashSet<ReadText>> {
        let marks = self.material.memory.read_marks(articles.clone()).await.unwrap_or_default();
        articles.into_iter().zip(marks).collect()
    }
}
