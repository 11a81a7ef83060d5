//! What a run would cost, from the same plan as the run.

use std::collections::HashSet;

use serde::Serialize;

use crate::engine::Billing;
use crate::memory::{Key, Memory, MemoryError};
use crate::model::{ArticleId, Request};
use crate::read::{Corpus, ReadError};

use super::event::{Event, OnEvent};
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
    /// Segments that need no translation.
    pub kept: u64,
    /// Characters of the segments to be sent.
    pub characters: u64,
    /// Of those, characters that the service charges. Enforcement by the rungs inline and placeholder, where
    /// it is needed, comes on top.
    pub billed_characters: u64,
    /// Glossary terms found.
    pub terms: u64,
}

/// Plans all inputs without sending anything. Holds 32 bytes for each different segment.
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
    let mut seen = HashSet::new();
    let articles = inputs.articles.iter().map(|input| {
        planned(input, tools, options).map(|(_, plan)| plan).map_err(|skip| (input.id().clone(), skip))
    });
    let records = inputs.corpora.iter().flat_map(|corpus| records(corpus, tools, options));
    for planned in articles.chain(records) {
        match planned {
            Ok(plan) => {
                let fresh = add(&mut estimate, &plan, &mut seen);
                send(&mut estimate, &fresh, memory).await?;
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

/// The plans of the records of a corpus.
fn records<'a>(
    corpus: &'a Corpus,
    tools: &'a Tools,
    options: &'a Options,
) -> Box<dyn Iterator<Item = Result<Plan, (ArticleId, Skip)>> + 'a> {
    let broken = |error: ReadError| (corpus.id.clone(), Skip::Unreadable(error.to_string()));
    let records = match corpus.open(&options.read) {
        Ok(records) => records,
        Err(error) => return Box::new(std::iter::once(Err(broken(error)))),
    };
    Box::new(records.map(move |record| {
        let record = record.map_err(broken)?;
        let article = record.article.map_err(|problem| Skip::Unreadable(problem.to_string()));
        let planned = article.and_then(|article| plan(article, tools, options));
        planned.map(|(_, plan)| plan).map_err(|skip| (corpus.record_id(record.line), skip))
    }))
}

/// Adds an article up and gives back the requests that no article before had.
fn add<'a>(estimate: &mut Estimate, plan: &'a Plan, seen: &mut HashSet<Key>) -> Vec<(&'a Request, Key)> {
    estimate.articles += 1;
    estimate.segments += plan.segments.len() as u64;
    let mut fresh = Vec::new();
    for segment in &plan.segments {
        estimate.terms += segment.terms.len() as u64;
        match &segment.need {
            Need::Keep(_) => estimate.kept += 1,
            Need::Ask(request, key) if seen.insert(*key) => fresh.push((request, *key)),
            Need::Ask(..) => estimate.reused += 1,
        }
    }
    fresh
}

/// Adds up requests: those in the memory are reused, the others sent.
async fn send(
    estimate: &mut Estimate,
    requests: &[(&Request, Key)],
    memory: Option<&Memory>,
) -> Result<(), MemoryError> {
    let known = match memory {
        Some(memory) => memory.lookup(requests.iter().map(|(_, key)| *key).collect()).await?,
        None => vec![None; requests.len()],
    };
    for ((request, _), known) in requests.iter().zip(known) {
        if known.is_some() {
            estimate.reused += 1;
        } else {
            estimate.to_send += 1;
            estimate.characters += request.text.chars().count() as u64;
        }
    }
    Ok(())
}
