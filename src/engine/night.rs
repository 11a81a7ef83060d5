//! The night lane: many requests handed in at once, as a batch job that a service works off within a day, at a lower price.
//!
//! What is asked and how answers are read is the same as in the open; only the way there is another. A service names a job in
//! its answer to the request that hands it in, so a break in between would leave nothing to find it by: whoever hands one
//! in chooses a nonce before, which stands in the name of each request, and in that of the job where it has one.

use std::sync::Arc;

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use serde_json::Value;

use super::error::EngineError;
use super::money::Prices;
use super::purse::SetAside;
use crate::model::{Batch, Timestamp, Translation, Usage};

/// What comes of a [`NightLane`].
pub type NightFuture<'a, T> = BoxFuture<'a, Result<T, EngineError>>;

/// The answers of a job, in any order, as they are read.
pub type JobAnswers<'a> = BoxStream<'a, Result<JobAnswer, EngineError>>;

/// A service's queue for batch jobs.
pub trait NightLane: Send + Sync {
    /// Where the service is.
    fn host(&self) -> String;

    /// How much a job may hold.
    fn limits(&self) -> JobLimits;

    /// A request as it stands in a job: the same as it would be in the open.
    ///
    /// # Errors
    /// If the prompt cannot be written.
    fn encode(&self, batch: &Batch) -> Result<NightRequest, EngineError>;

    /// What the user pays by night; `None` if that is not stated.
    fn night_prices(&self) -> Option<&Arc<Prices>>;

    /// Whether the run may spend so much more, by the prices of the night.
    fn affords(&self, most: &Usage) -> bool;

    /// Sets aside what a job can cost at most, by the prices of the night.
    fn set_aside(&self, most: Usage) -> NightFuture<'_, SetAside>;

    /// Counts what a job used that an earlier run handed in.
    fn charge(&self, usage: Usage);

    /// Hands in a job, once; gives back what the service calls it. The requests are named by [`request_name`].
    fn submit<'a>(&'a self, nonce: &'a str, requests: &'a [NightRequest]) -> NightFuture<'a, String>;

    /// Looks for a job that may have been handed in.
    fn find<'a>(&'a self, search: &'a JobSearch) -> NightFuture<'a, FoundJob>;

    /// How far a job is.
    fn state<'a>(&'a self, id: &'a str) -> NightFuture<'a, JobState>;

    /// The answers of a job that has ended.
    fn answers<'a>(&'a self, id: &'a str) -> NightFuture<'a, JobAnswers<'a>>;

    /// Calls a job off. What is done by then is paid for, and its answers can be had.
    fn cancel<'a>(&'a self, id: &'a str) -> NightFuture<'a, ()>;

    /// Reads an answer to a number of texts.
    fn read(&self, reply: &Value, texts: usize) -> NightReading;
}

/// How much a job may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobLimits {
    pub requests: usize,
    /// Bytes of all of them.
    pub bytes: usize,
}

/// A request of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightRequest {
    /// The body that it would have in the open: a JSON object.
    pub body: Vec<u8>,
    /// The most that it can use.
    pub most: Usage,
}

/// What to look for among the jobs of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSearch {
    pub nonce: String,
    /// When it was handed in, by a clock that may be wrong.
    pub since: Timestamp,
    /// How many requests it has.
    pub requests: u64,
    /// Jobs that are known to be others.
    pub others: Vec<String>,
}

/// What came of a search for a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundJob {
    /// What the service calls it.
    Job(String),
    /// There is none.
    Nowhere,
    /// One that is under way may be it: only its answers will tell.
    Undecided,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// How many of its requests are done, where the service says so.
    Running { done: Option<u64> },
    /// What was done by then can be had; what was not is to be asked for again.
    Ended { cancelled: bool },
    /// Nothing of it was done, and why.
    Failed(String),
}

/// What came of a request of a job.
#[derive(Debug)]
pub struct JobAnswer {
    /// Its name.
    pub name: String,
    pub outcome: JobOutcome,
}

/// What became of a request of a job.
#[derive(Debug)]
pub enum JobOutcome {
    /// The answer, as it would be in the open.
    Answered(Value),
    /// There is none, and nothing is charged: the service refuses it, or something failed.
    Errored(String),
    /// Its time was over before it was done.
    Expired,
    Cancelled,
}

/// What an answer says.
#[derive(Debug)]
pub struct NightReading {
    /// What it used; `None` if the service does not say.
    pub usage: Option<Usage>,
    pub translations: Result<Vec<Translation>, EngineError>,
}

/// The name of a request in its job.
#[must_use]
pub fn request_name(nonce: &str, number: usize) -> String {
    format!("{nonce}-{number}")
}

/// The number of a request of the job with this nonce; `None` if it is another's.
#[must_use]
pub fn request_number(nonce: &str, name: &str) -> Option<u32> {
    name.strip_prefix(nonce)?.strip_prefix('-')?.parse().ok()
}
