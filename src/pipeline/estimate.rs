//! What a run would send: the figures of a dry run, which is the run with a desk that sends nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use serde::Serialize;

use crate::model::TermHint;

/// What a run would send, and with which terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorpusSurvey {
    pub estimate: Estimate,
    /// The terms in use, if the engine keeps glossaries; see [`TermSets::sets`](crate::engine::TermSets::sets).
    pub terms: Vec<BTreeSet<TermHint>>,
}

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
    /// Segments whose English a person wrote.
    pub corrected: u64,
    /// Segments that fail without being sent: what came back for them was no translation in whatever form.
    pub failed: u64,
    /// Segments that the first engine failed to translate before, which go to the next one.
    #[serde(skip_serializing_if = "is_none")]
    pub passed_on: u64,
    /// The most that may go to each engine, in order.
    #[serde(skip)]
    pub most: Vec<MostSent>,
    /// Characters of the segments to be sent.
    pub characters: u64,
    /// Of those, characters that the service charges. Enforcement by the rungs inline and placeholder, where
    /// it is needed, comes on top.
    pub billed_characters: u64,
    /// Glossary terms found that must hold, as a run counts them.
    pub terms: u64,
}

/// The most that may go to an engine, without rungs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MostSent {
    pub segments: u64,
    pub characters: u64,
}

impl MostSent {
    /// Adds a text.
    pub(super) fn add(&mut self, characters: u64) {
        self.segments += 1;
        self.characters += characters;
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl AddAssign for Estimate {
    fn add_assign(&mut self, other: Self) {
        self.articles += other.articles;
        self.skipped += other.skipped;
        self.not_german += other.not_german;
        self.segments += other.segments;
        self.to_send += other.to_send;
        self.reused += other.reused;
        for (profile, segments) in other.upgradable {
            *self.upgradable.entry(profile).or_default() += segments;
        }
        self.kept += other.kept;
        self.corrected += other.corrected;
        self.failed += other.failed;
        self.passed_on += other.passed_on;
        self.most.resize(self.most.len().max(other.most.len()), MostSent::default());
        for (most, more) in self.most.iter_mut().zip(other.most) {
            most.segments += more.segments;
            most.characters += more.characters;
        }
        self.characters += other.characters;
        self.billed_characters += other.billed_characters;
        self.terms += other.terms;
    }
}
