//! What a caller and an engine know of each other: the trait, and what an engine says of itself.

use std::ops::AddAssign;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::error::EngineError;
use super::money::Prices;
use super::night::NightLane;
use super::purse::Spent;
use super::upkeep::Upkeep;
use crate::model::{Batch, Request, Translation, Usage};

/// What [`Engine::translate`] returns.
pub type TranslateFuture<'a> = BoxFuture<'a, Result<Vec<Translation>, EngineError>>;

/// Something that translates German into English.
pub trait Engine: Send + Sync {
    /// What the engine is and what it can take.
    fn info(&self) -> &EngineInfo;

    /// Translates the texts of a batch, in order.
    ///
    /// The future may be dropped at any moment; nothing may be lost by that but the request.
    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a>;

    /// Bytes that a text adds to the body of a request.
    fn encoded_len(&self, request: &Request) -> usize;

    /// How much one request may hold by now: a service may have said that it takes less than [`EngineInfo::limits`].
    fn limits(&self) -> Limits {
        self.info().limits
    }

    /// Why a text is not sent, in whatever company, as far as the service has said what it takes.
    fn refusal(&self, _: &Request) -> Option<EngineError> {
        None
    }

    /// Begins no further request, for good: what waits to be sent or tried again ends with
    /// [`EngineError::Stopped`]. Gives back how many requests are in flight; they go on.
    ///
    /// An engine that sends at once has nothing that waits.
    fn stop(&self) -> usize {
        0
    }

    /// Requests sent since the engine was made, retries included. For a local engine, the
    /// batches it was given.
    fn requests(&self) -> u64;

    /// What a request with a batch is likely to use, and the most that is set aside for it. What nobody counts is nothing.
    fn foresee(&self, batch: &Batch) -> Foreseen {
        match self.info().billing {
            Billing::Characters => Foreseen::exact(batch.characters()),
            Billing::Tokens | Billing::None => Foreseen::default(),
        }
    }

    /// What these requests used, as far as that is known. What nobody counts, such as the work of a local engine, is
    /// nothing.
    fn spent(&self) -> Spent {
        Spent::default()
    }

    /// What the service offers beside translations, if anything.
    fn upkeep(&self) -> Option<&dyn Upkeep> {
        None
    }

    /// The service's queue for batch jobs, if it has one.
    fn night_lane(&self) -> Option<&dyn NightLane> {
        None
    }
}

/// What an engine is and what it can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// The name of its profile in the configuration.
    pub profile: String,
    /// The kind of engine: such as `deepl` or `firefox`.
    pub kind: &'static str,
    /// All that changes its output: profile name, kind, model, options. Part of every memory key.
    pub fingerprint: String,
    /// How much one request may hold, as far as that is known before anything is sent.
    pub limits: Limits,
    /// How many requests may be in flight at once.
    pub concurrency: usize,
    /// What a translation is charged by.
    pub billing: Billing,
    /// What its user pays for it; `None` if that is not stated.
    pub prices: Option<Arc<Prices>>,
    pub abilities: Abilities,
    /// A warning to be shown with every output, for engines whose output is not fit for use.
    pub caveat: Option<String>,
}

/// The usage of a request, forecast before it is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// An estimate; of characters, exact.
    pub likely: Usage,
    /// A bound.
    pub most: Usage,
}

impl Foreseen {
    /// What is known to the unit.
    #[must_use]
    pub fn exact(usage: Usage) -> Self {
        Self { likely: usage, most: usage }
    }
}

impl AddAssign for Foreseen {
    fn add_assign(&mut self, other: Self) {
        self.likely += other.likely;
        self.most += other.most;
    }
}

/// How much one request may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Texts in a request.
    pub segments: usize,
    /// Unicode characters of all texts in a request.
    pub characters: usize,
    /// Bytes of the encoded texts in a request's body, after the engine's own overhead is taken off.
    pub bytes: usize,
}

/// What a translation is charged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billing {
    /// Unicode characters of the source text.
    Characters,
    /// Tokens that a language model reads and writes.
    Tokens,
    /// Nothing: an own server, or this machine.
    None,
}

/// What an engine can do beyond translating a text.
#[expect(clippy::struct_excessive_bools, reason = "each ability stands for itself")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    /// Takes the terms of a text along ([`Request::terms`]).
    pub terms: bool,
    /// Makes terms hold as it writes ([`Batch::wanted`]), with any of their accepted targets: it is not asked again because of
    /// terms that do not hold in what it gave.
    pub constraints: bool,
    /// Takes the English of nouns along where a text is asked for again because they do not hold ([`Request::terms`] too),
    /// and writes it in the place of the German, which stays in the text.
    pub dictionary: bool,
    /// Takes the text before a batch along ([`Batch::context`]).
    pub context: bool,
    /// Takes the headline of the article along with it ([`Batch::title`]).
    pub title: bool,
    /// Takes earlier translations of like texts along ([`Batch::examples`]).
    pub examples: bool,
    /// Takes inline markup along ([`Request::inlines`]) and tells what became of it; an engine that does not
    /// may tell which words stand for which.
    pub markup: bool,
    /// Gives the German back, marked, and translates nothing: its answers are not judged.
    pub marks: bool,
}
