//! What a run would cost, from the same plan as the run.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use crate::engine::Billing;
use crate::memory::{Key, Memory, MemoryError};
use crate::model::{ArticleId, Encoding};
use crate::read::{Corpus, ReadError};

use super::enforce::is_required;
use super::event::{Event, OnEvent};
use super::known::{Known, known};
use super::parts::Part;
use super::peers::{Makers, Query};
use super::plan::{Need, Plan};
use super::prepare::{Inputs, Skip, plan, planned};
use super::{Options, Tools};

/// What a run would send.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Articles that can be read.
    pub articles: u64,
    /// Articles that cannot, or are not German.
    pub skipped: u64,
    /// Of those, articles that are not German.
    pub not_german: u64,
    /// Segments of all articles.
    pub segments: u64,
    /// Segments to be sent.
    pub to_send: u64,
    /// Segments whose answer is in the memory or shared with an equal segment.
    pub reused: u64,
    /// Of those, segments that were made by a weaker engine than that of the run, by the profile of the weaker one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub upgradable: BTreeMap<String, u64>,
    /// Segments that need no translation.
    pub kept: u64,
    /// Segments that fail without being sent: what came back for them was no translation in whatever form.
    pub failed: u64,
    /// Characters of the segments to be sent.
    pub characters: u64,
    /// Of those, characters that the service charges. Enforcement by the rungs inline and placeholder, where
    /// it is needed, comes on top.
    pub billed_characters: u64,
    /// Glossary terms found that must hold, as a run counts them.
    pub terms: u64,
}

/// What becomes of the texts of a run, by the keys of their answers.
type Fates = HashMap<Key, Fate>;

/// What becomes of a text in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The memory has an answer of the maker at this place.
    Reused(usize),
    /// It is sent.
    Sent,
    /// What came back for it was no translation in any form: it is not sent any more.
    Failed,
}

/// Plans all inputs without sending anything. Holds 48 bytes for each different segment.
///
/// # Errors
/// If the memory cannot be read.
pub async fn estimate(
    inputs: &Inputs,
    tools: &Tools,
    options: &Options,
    memory: Option<&Memory>,
    on_event: &OnEvent,
) -> Result<Estimate, MemoryError> {
    let mut estimate = Estimate::default();
    let mut fates = Fates::new();
    let makers = Makers::new(tools.engine.info(), &options.peers);
    let articles = inputs.articles.iter().map(|input| {
        let planned = planned(input, tools, options, &makers);
        let planned = planned.map(|(article, plan)| {
            note(input.id(), &article.article().encoding, on_event);
            plan
        });
        planned.map_err(|skip| (input.id().clone(), skip))
    });
    let records =
        inputs.corpora.iter().flat_map(|corpus| records(corpus, (tools, options, &makers), on_event));
    for planned in articles.chain(records) {
        match planned {
            Ok(plan) => {
                let fresh = look_up(&plan, memory, &makers, &mut fates).await?;
                add(&mut estimate, &plan, (&fates, fresh), &makers);
            }
            Err((article, skip)) => {
                estimate.skipped += 1;
                estimate.not_german += u64::from(matches!(skip, Skip::Foreign(_)));
                on_event(Event::Skipped { article, reason: skip.to_string() });
            }
        }
    }
    if tools.engine.info().billing == Billing::Characters {
        estimate.billed_characters = estimate.characters;
    }
    Ok(estimate)
}

/// Tells of a doubtful encoding.
fn note(article: &ArticleId, encoding: &Encoding, on_event: &OnEvent) {
    if let Some(note) = encoding.doubt() {
        on_event(Event::Noted { article: article.clone(), note });
    }
}

/// The plans of the records of a corpus.
fn records<'a>(
    corpus: &'a Corpus,
    (tools, options, makers): (&'a Tools, &'a Options, &'a Makers),
    on_event: &OnEvent,
) -> Box<dyn Iterator<Item = Result<Plan, (ArticleId, Skip)>> + 'a> {
    let broken = |error: ReadError| (corpus.id.clone(), Skip::Unreadable(error.to_string()));
    let records = match corpus.open(&options.read) {
        Ok(records) => records,
        Err(error) => return Box::new(std::iter::once(Err(broken(error)))),
    };
    note(&corpus.id, records.encoding(), on_event);
    Box::new(records.map(move |record| {
        let record = record.map_err(broken)?;
        let article = record.article.map_err(|problem| Skip::Unreadable(problem.to_string()));
        let planned = article.and_then(|article| plan(article, tools, options, makers));
        planned.map(|(_, plan)| plan).map_err(|skip| (corpus.record_id(record.line), skip))
    }))
}

/// Looks up the requests of an article that no article before had, and gives back their keys.
async fn look_up(
    plan: &Plan,
    memory: Option<&Memory>,
    makers: &Makers,
    fates: &mut Fates,
) -> Result<HashSet<Key>, MemoryError> {
    let mut fresh = HashSet::new();
    let parts = plan.segments.iter().flat_map(|segment| match &segment.need {
        Need::Ask(parts) => parts.iter().map(|part| (&part.query, segment.afresh)).collect(),
        Need::Keep(_) => Vec::new(),
    });
    let (afresh, queries): (Vec<_>, Vec<_>) = parts
        .filter(|(query, _)| !fates.contains_key(&query.key) && fresh.insert(query.key))
        .partition(|(_, afresh)| *afresh);
    fates.extend(afresh.into_iter().map(|(query, _)| (query.key, Fate::Sent)));
    let queries: Vec<&Query> = queries.into_iter().map(|(query, _)| query).collect();
    let found = match memory {
        Some(memory) => known(memory, makers, &queries).await?,
        None => vec![Known::Nothing; queries.len()],
    };
    let fate = |known: &Known| match known {
        Known::Answer { maker, .. } => Fate::Reused(*maker),
        known if known.may_be_asked() => Fate::Sent,
        _ => Fate::Failed,
    };
    fates.extend(queries.iter().zip(&found).map(|(query, known)| (query.key, fate(known))));
    Ok(fresh)
}

/// Adds an article up. What is not in the memory is sent where it comes first, and reused everywhere else; a
/// segment is reused if all its parts are, and fails if one of them does.
fn add(estimate: &mut Estimate, plan: &Plan, (fates, mut fresh): (&Fates, HashSet<Key>), makers: &Makers) {
    estimate.articles += 1;
    estimate.segments += plan.segments.len() as u64;
    for segment in &plan.segments {
        estimate.terms += segment.terms.iter().filter(|term| is_required(term)).count() as u64;
        let Need::Ask(parts) = &segment.need else {
            estimate.kept += 1;
            continue;
        };
        let fate = |part: &Part| fates.get(&part.query.key).copied().unwrap_or(Fate::Sent);
        let unknown = parts.iter().filter(|part| fate(part) == Fate::Sent && fresh.remove(&part.query.key));
        let lengths: Vec<u64> = unknown.map(|part| part.query.request.text.chars().count() as u64).collect();
        estimate.characters += lengths.iter().sum::<u64>();
        if parts.iter().any(|part| fate(part) == Fate::Failed) {
            estimate.failed += 1;
            continue;
        }
        if !lengths.is_empty() {
            estimate.to_send += 1;
            continue;
        }
        estimate.reused += 1;
        let maker = |part: &Part| match fate(part) {
            Fate::Reused(maker) => Some(maker),
            _ => None,
        };
        let weaker = parts.iter().filter_map(maker).max().filter(|maker| makers.is_weaker(*maker));
        if let Some(weaker) = weaker {
            *estimate.upgradable.entry(makers.profile(weaker).to_owned()).or_default() += 1;
        }
    }
}
