//! What a run would cost, from the same plan as the run.

use std::collections::HashSet;

use serde::Serialize;

use crate::engine::Billing;
use crate::memory::{Key, Memory, MemoryError};

use super::event::{Event, OnEvent};
use super::plan::{Need, Part, Plan};
use super::prepare::{Input, planned};
use super::{Options, Tools};

/// What a run would send.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Articles that can be read.
    pub articles: u64,
    /// Articles that cannot.
    pub skipped: u64,
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
    inputs: &[Input],
    tools: &Tools,
    options: &Options,
    memory: Option<&Memory>,
    on_event: &OnEvent,
) -> Result<Estimate, MemoryError> {
    let mut estimate = Estimate::default();
    let mut seen = HashSet::new();
    for input in inputs {
        match planned(input, tools, options) {
            Ok((_, plan)) => {
                let fresh = add(&mut estimate, &plan, &mut seen);
                send(&mut estimate, &fresh, memory).await?;
            }
            Err(reason) => {
                estimate.skipped += 1;
                on_event(Event::Skipped { article: input.id().clone(), reason });
            }
        }
    }
    if tools.engine.info().billing == Billing::Characters {
        estimate.billed_characters = estimate.characters;
    }
    Ok(estimate)
}

/// Adds an article up and gives back, by segment, the requests that no segment before had.
fn add<'a>(estimate: &mut Estimate, plan: &'a Plan, seen: &mut HashSet<Key>) -> Vec<Vec<&'a Part>> {
    estimate.articles += 1;
    estimate.segments += plan.segments.len() as u64;
    let mut fresh = Vec::new();
    for segment in &plan.segments {
        estimate.terms += segment.terms.len() as u64;
        match &segment.need {
            Need::Keep(_) => estimate.kept += 1,
            Need::Ask(parts) => {
                let new: Vec<&Part> = parts.iter().filter(|part| seen.insert(part.key)).collect();
                if new.is_empty() {
                    estimate.reused += 1;
                } else {
                    fresh.push(new);
                }
            }
        }
    }
    fresh
}

/// Adds up the requests of segments: a segment is reused if the memory has all of them.
async fn send(
    estimate: &mut Estimate,
    segments: &[Vec<&Part>],
    memory: Option<&Memory>,
) -> Result<(), MemoryError> {
    let keys: Vec<Key> = segments.iter().flatten().map(|part| part.key).collect();
    let known = match memory {
        Some(memory) => memory.lookup(keys).await?,
        None => vec![None; keys.len()],
    };
    let mut known = known.into_iter();
    for parts in segments {
        let unknown = parts.iter().zip(known.by_ref()).filter(|(_, known)| known.is_none());
        let lengths: Vec<u64> = unknown.map(|(part, _)| part.request.text.chars().count() as u64).collect();
        if lengths.is_empty() {
            estimate.reused += 1;
        } else {
            estimate.to_send += 1;
            estimate.characters += lengths.iter().sum::<u64>();
        }
    }
    Ok(())
}
