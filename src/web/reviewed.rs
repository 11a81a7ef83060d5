//! The corpus under review, and what everybody who looks at it shares.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::{Mutex, broadcast};

use super::answer::PageError;
use super::card::{ArticleCard, ArticlePlace};
use super::gather::PlacedInput;
use super::material::ReviewMaterial;
use super::news::News;
use crate::memory::{MemoryRevision, ReadText};
use crate::model::{ArticleId, ParallelDocument};
use crate::pipeline::Tools;

/// Articles that are gathered at once: enough to keep all cores busy, few enough that the list begins to fill at once.
const TOGETHER: usize = 64;

/// News that a page may be late with; one that is later reads everything anew.
const BACKLOG: usize = 256;

/// The corpus under review.
pub(super) struct Reviewed {
    pub(super) material: ReviewMaterial,
    shelf: RwLock<CardShelf>,
    news: broadcast::Sender<News>,
    tools: RwLock<Tools>,
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

impl Reviewed {
    pub(super) fn new(material: ReviewMaterial) -> Self {
        let (news, _) = broadcast::channel(BACKLOG);
        let tools = RwLock::new(material.tools.clone());
        Self {
            material,
            shelf: RwLock::default(),
            news,
            tools,
            revision: parking_lot::Mutex::default(),
            changing: Mutex::default(),
            following: Mutex::default(),
        }
    }

    /// What there is now. The lock is held by nobody who reads it.
    pub(super) fn shelf<T>(&self, look: impl FnOnce(&CardShelf) -> T) -> T {
        look(&self.shelf.read())
    }

    /// The glossary and the engine as they are now.
    pub(super) fn tools(&self) -> Tools {
        self.tools.read().clone()
    }

    /// From now on another glossary is in force.
    pub(super) fn set_tools(&self, tools: Tools) {
        *self.tools.write() = tools;
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
        let inputs = &self.material.inputs;
        let articles = inputs
            .articles
            .iter()
            .enumerate()
            .map(|(index, input)| PlacedInput { place: ArticlePlace::File(index), input: Ok(input.clone()) });
        let articles: Vec<_> = articles.collect();
        let mut articles = articles.into_iter();
        loop {
            let some: Vec<_> = articles.by_ref().take(TOGETHER).collect();
            if some.is_empty() {
                break;
            }
            self.add(some).await;
        }
        for corpus in 0..inputs.corpora.len() {
            if let Err(problem) = self.load_corpus(corpus).await {
                self.shelf.write().problems.push(format!("{}: {problem}", inputs.corpora[corpus].id));
            }
        }
        self.shelf.write().is_complete = true;
        self.tell(News::Listed);
    }

    async fn load_corpus(&self, corpus: usize) -> Result<(), String> {
        let mut records = self.material.records(corpus).await?;
        loop {
            let (rest, some) = self.material.next_records(corpus, records, TOGETHER).await?;
            if some.is_empty() {
                return Ok(());
            }
            self.add(some).await;
            records = rest;
        }
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
                    order.push((id.clone(), place));
                    cards.insert(id.clone(), ArticleCard::left_out(id, place, reason));
                }
            }
        }
        let places: HashMap<ArticleId, ArticlePlace> = order.iter().cloned().collect();
        let marks = self.read_marks(order.iter().map(|(id, _)| id.clone()).collect()).await;
        match self.material.gather(inputs, self.tools()).await {
            Ok(gathered) => {
                for document in &gathered.documents {
                    let id = &document.source().article().id;
                    if let Some(place) = places.get(id) {
                        cards.insert(id.clone(), ArticleCard::new(document, *place, marks.get(id)));
                    }
                }
                for (id, reason) in gathered.left_out {
                    if let Some(place) = places.get(&id) {
                        cards.insert(id.clone(), ArticleCard::left_out(id, *place, reason));
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
        let input = self.material.input_at(known.place).await.map_err(left_out)?;
        let gathered = self.material.gather(vec![input], self.tools()).await;
        let mut gathered = gathered.map_err(|failure| left_out(failure.to_string()))?;
        let document = match (gathered.documents.pop(), gathered.left_out.pop()) {
            (Some(document), _) => document,
            (None, Some((_, reason))) => return Err(left_out(reason)),
            (None, None) => return Err(left_out("it could not be read".to_owned())),
        };
        let marks = self.read_marks(vec![id.clone()]).await;
        let card = ArticleCard::new(&document, known.place, marks.get(id));
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
