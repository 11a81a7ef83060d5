//! Glossary entries from the page: what a change would touch, and the change.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::answer::PageError;
use super::card::{ArticleCard, SegmentCard};
use super::link::to_article;
use super::material::{GlossaryPlace, ReviewSource};
use super::reviewed::Reviewed;
use crate::glossary::edit::{Editor, NewEntry};
use crate::glossary::{Glossary, Matcher};
use crate::model::{ArticleId, FindingKind, Severity, Status};
use crate::pipeline::Tools;
use crate::text::characters::{is_control, one_line};
use crate::text::counted;

/// Places that are shown one by one; all are counted.
const SHOWN: usize = 100;

/// How a term is to read, or not to read.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TermChange {
    page: String,
    source: String,
    target: String,
    wish: TermWish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TermWish {
    /// The English is the house form.
    Accept,
    /// The English is unwanted.
    Avoid,
}

/// What a change of the glossary would touch, or has touched.
#[derive(Debug, Default, Serialize)]
pub(super) struct TouchedPlaces {
    message: String,
    /// How many segments would read otherwise.
    changed: usize,
    /// How many would have to be sent.
    to_send: usize,
    /// How many would go against the entry.
    not_held: usize,
    places: Vec<TouchedPlace>,
}

/// A segment that a change of the glossary touches, as it reads before and after.
#[derive(Debug, Serialize)]
struct TouchedPlace {
    article: String,
    link: String,
    number: usize,
    source: String,
    before: String,
    /// `None` if it would have to be sent.
    after: Option<String>,
    /// What there would be to say of the term.
    is_held: bool,
}

/// Shows what a change would touch. It is made in a copy of the glossary, so it is the change itself that is shown.
pub(super) async fn preview(
    State(reviewed): State<Arc<Reviewed>>,
    Json(change): Json<TermChange>,
) -> Result<Json<TouchedPlaces>, PageError> {
    let change = change.checked()?;
    let place = reviewed.material.glossary.clone();
    let source = change.source.clone();
    let tried = spawn_blocking(move || tried(&place, &change));
    let (glossary, done) = tried.await.map_err(|error| PageError::Refused(error.to_string()))??;
    let tools = Tools { matcher: Arc::new(Matcher::new(&glossary)), ..reviewed.source().tools.clone() };
    let mut touched = reviewed.touched(&source, tools).await?;
    touched.message = format!("{done}: {}", touched.summary("would read"));
    Ok(Json(touched))
}

/// Makes a change, and brings everything up to date that needs no request.
pub(super) async fn apply(
    State(reviewed): State<Arc<Reviewed>>,
    Json(change): Json<TermChange>,
) -> Result<Json<TouchedPlaces>, PageError> {
    let change = change.checked()?;
    let place = reviewed.material.glossary.clone();
    let (source, page) = (change.source.clone(), change.page.clone());
    let turn = reviewed.changing.lock().await;
    let made = spawn_blocking(move || made(&place, &change));
    let (glossary, done) = made.await.map_err(|error| PageError::Refused(error.to_string()))??;
    let before = reviewed.source().tools.clone();
    let tools = Tools { matcher: Arc::new(Matcher::new(&glossary)), ..before.clone() };
    let articles = reviewed.articles_of_term(&source, &before.matcher, &tools.matcher);
    let mut touched = reviewed.touched(&source, tools.clone()).await?;
    reviewed.set_source(ReviewSource { tools, ..ReviewSource::clone(&reviewed.source()) });
    drop(turn);
    reviewed.follow(articles, Some(&page)).await;
    touched.message = format!("{done}: {}; `wortlaut glossary undo` takes it back", touched.summary("read"));
    Ok(Json(touched))
}

impl TermChange {
    /// The words as they stand in a glossary.
    fn checked(self) -> Result<Self, PageError> {
        let clean = |text: &str| one_line(&text.replace(|c: char| is_control(c), " "));
        let checked = Self { source: clean(&self.source), target: clean(&self.target), ..self };
        if checked.source.is_empty() || checked.target.is_empty() {
            return Err(PageError::Refused("an entry has German and English".to_owned()));
        }
        // Cells separate several of them.
        if checked.source.contains(['|', '\t']) || checked.target.contains(['|', '\t']) {
            return Err(PageError::Refused("one word or phrase at a time, without |".to_owned()));
        }
        Ok(checked)
    }

    /// Makes the change in a glossary, and says what it is.
    fn make(&self, editor: &Editor, glossary: &Glossary) -> Result<String, PageError> {
        let refused = |error: crate::glossary::GlossaryError| PageError::Refused(error.to_string());
        let Self { source, target, wish, .. } = self;
        let known = glossary.entries().iter().find(|entry| entry.source == *source);
        match (wish, known) {
            (TermWish::Accept, Some(_)) => {
                let changed = editor.add_target(source, target, true).map_err(refused)?;
                changed.ok_or_else(|| elsewhere(source))?;
                Ok(format!("“{source}” is “{target}” first"))
            }
            (TermWish::Accept, None) => {
                let entry = NewEntry { source: source.clone(), target: target.clone(), cells: Vec::new() };
                editor.add(&entry).map_err(refused)?;
                Ok(format!("“{source}” is “{target}”"))
            }
            (TermWish::Avoid, Some(entry)) => {
                let mut all = entry.avoid.clone();
                if !all.contains(target) {
                    all.push(target.clone());
                }
                let cells = [("avoid".to_owned(), all.join("|"))];
                editor.set(source, &cells).map_err(refused)?.ok_or_else(|| elsewhere(source))?;
                Ok(format!("“{source}” is not “{target}”"))
            }
            (TermWish::Avoid, None) => Err(PageError::Refused(format!(
                "the glossary has no entry “{source}” yet; say first what it is to read"
            ))),
        }
    }
}

/// Entries of the other glossaries are not changed here.
fn elsewhere(source: &str) -> PageError {
    PageError::Refused(format!("the entry “{source}” stands in another glossary than the one that is edited"))
}

/// Makes a change in a copy, which is gone then.
fn tried(place: &GlossaryPlace, change: &TermChange) -> Result<(Glossary, String), PageError> {
    let failed = |error: std::io::Error| PageError::Refused(format!("cannot copy the glossary: {error}"));
    let folder = tempfile::tempdir().map_err(failed)?;
    let name = place.path.file_name().unwrap_or("glossary".as_ref());
    let copy = folder.path().join(name);
    copied(&place.path, &copy).map_err(failed)?;
    let before = (place.load)(None).map_err(PageError::Refused)?;
    let editor = Editor::open(&copy).map_err(|error| PageError::Refused(error.to_string()))?;
    let done = change.make(&editor, &before)?;
    Ok(((place.load)(Some(&copy)).map_err(PageError::Refused)?, done))
}

/// Makes a change, and notes how it is taken back.
fn made(place: &GlossaryPlace, change: &TermChange) -> Result<(Glossary, String), PageError> {
    let refused = |error: crate::glossary::GlossaryError| PageError::Refused(error.to_string());
    let editor = Editor::open(&place.path).map_err(refused)?;
    let before = (place.load)(None).map_err(PageError::Refused)?;
    let done = change.make(&editor, &before)?;
    editor.keep_undo(&place.undo, &format!("in the review page: {done}")).map_err(refused)?;
    Ok(((place.load)(None).map_err(PageError::Refused)?, done))
}

/// Copies a file, or a folder with its files; what is not there need not be copied.
fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        let files = fs::read_dir(from)?.collect::<Result<Vec<_>, _>>()?;
        let files: Vec<PathBuf> =
            files.iter().map(fs::DirEntry::path).filter(|path| path.is_file()).collect();
        for file in files {
            if let Some(name) = file.file_name() {
                fs::copy(&file, to.join(name))?;
            }
        }
    } else if from.exists() {
        fs::copy(from, to)?;
    }
    Ok(())
}

impl Reviewed {
    /// The articles in which an entry is found before or after a change.
    fn articles_of_term(&self, source: &str, before: &Matcher, after: &Matcher) -> Vec<ArticleId> {
        let is_found = |card: &ArticleCard, segment: &SegmentCard| {
            let mut found =
                [before, after].into_iter().flat_map(|m| m.find_in(card.id.as_str(), &segment.source));
            found.any(|term| term.entry.source == source)
        };
        let cards = self.shelf(|shelf| shelf.cards.clone());
        let touched = cards.iter().filter(|card| card.segments.iter().any(|segment| is_found(card, segment)));
        touched.map(|card| card.id.clone()).collect()
    }

    /// What of the articles would be otherwise with another glossary.
    async fn touched(&self, source: &str, tools: Tools) -> Result<TouchedPlaces, PageError> {
        let from = self.source();
        let ids = self.articles_of_term(source, &from.tools.matcher, &tools.matcher);
        let mut touched = TouchedPlaces::default();
        let mut inputs = Vec::new();
        for id in &ids {
            let Some(card) = self.card(id) else { continue };
            inputs.push(from.input_at(&card.place).await.map_err(PageError::Refused)?);
        }
        let from = ReviewSource { tools, ..ReviewSource::clone(&from) };
        let gathered = from.gather(inputs, &self.material.memory).await;
        let gathered = gathered.map_err(|failure| PageError::Refused(failure.to_string()))?;
        let mut cards = gathered.documents.iter().filter_map(|document| {
            let before = self.card(&document.source().article().id)?;
            Some((ArticleCard::new(document, before.place.clone(), None), before))
        });
        let mut all: Vec<_> = cards.by_ref().collect();
        all.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        for (after, before) in &all {
            touched.add(before, after);
        }
        Ok(touched)
    }
}

impl TouchedPlaces {
    /// Adds the segments of an article that are otherwise after a change.
    fn add(&mut self, before: &ArticleCard, after: &ArticleCard) {
        for ((number, old), new) in (1..).zip(&before.segments).zip(&after.segments) {
            let is_lost = |segment: &SegmentCard| {
                let lost = |(kind, severity): &(FindingKind, Severity)| {
                    *kind == FindingKind::TermNotHeld && *severity == Severity::Error
                };
                segment.findings.iter().filter(|finding| lost(finding)).count()
            };
            let is_sent = new.status == Status::Failed && old.status != Status::Failed;
            let is_held = is_lost(new) <= is_lost(old);
            if old.target == new.target && is_held && !is_sent {
                continue;
            }
            self.changed += usize::from(!is_sent && old.target != new.target);
            self.to_send += usize::from(is_sent);
            self.not_held += usize::from(!is_held);
            if self.places.len() < SHOWN {
                self.places.push(TouchedPlace {
                    article: after.id.to_string(),
                    link: format!("{}#s{number}", to_article(&after.id)),
                    number,
                    source: old.source.to_string(),
                    before: old.target.to_string(),
                    after: (!is_sent).then(|| new.target.to_string()),
                    is_held,
                });
            }
        }
    }

    /// What it comes to, in words.
    fn summary(&self, verb: &str) -> String {
        let articles: BTreeSet<&str> = self.places.iter().map(|place| place.article.as_str()).collect();
        let mut parts = vec![match self.changed {
            0 => "no sentence that is translated changes".to_owned(),
            changed => format!("{} {verb} otherwise", counted(changed, "segment")),
        }];
        if self.places.len() < SHOWN && articles.len() > 1 {
            parts.push(format!("in {}", counted(articles.len(), "article")));
        }
        if self.to_send > 0 {
            parts.push(format!("{} to be sent by `wortlaut translate`", counted(self.to_send, "segment")));
        }
        if self.not_held > 0 {
            parts.push(format!("{} without it, which become findings", counted(self.not_held, "segment")));
        }
        parts.join(", ")
    }
}
