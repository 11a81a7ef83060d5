//! What a vendor's batch jobs are: one way to hand them in, to find and to read them.

use std::sync::Arc;

use serde_json::Value;

use crate::engine::lenient;
use crate::engine::llm::protocol::{has_error, word};
use crate::engine::money::Prices;
use crate::engine::night::{JobAnswer, JobLimits, JobOutcome, JobState};
use crate::engine::profile::Profile;
use crate::model::Timestamp;

/// Stands before the nonce in names that people see at the service.
pub(super) const MARK: &str = "wortlaut";
/// Bytes of a job, well below what any vendor takes: it is held in memory until it is handed in.
pub(super) const JOB_BYTES: usize = 16 << 20;

/// How one vendor takes batch jobs.
pub(crate) trait JobProtocol: Send + Sync {
    /// How many requests a job may have, and their bytes.
    fn limits(&self) -> JobLimits;

    /// The path where a job is handed in.
    fn order_path(&self) -> Vec<String>;

    /// The path of the list of jobs; that of a job has its id behind it.
    fn jobs_path(&self) -> &'static [&'static str];

    /// What calls a job off, at the end of its path.
    fn cancel_path(&self, id: &str) -> Vec<String> {
        vec![id.to_owned(), "cancel".to_owned()]
    }

    /// A request with its name, as it stands in a job; `body` is a JSON object.
    fn entry(&self, name: &str, body: &[u8]) -> Vec<u8>;

    /// Whether the requests are uploaded in a file before.
    fn takes_file(&self) -> bool {
        false
    }

    /// What hands a job in: with its requests as a JSON array, or with the id of the file that holds them.
    fn order(&self, nonce: &str, requests: OrderedRequests<'_>) -> Vec<u8>;

    /// The query of a page of the list of jobs, counted from nought, behind another page, which is `None` for the first; `None`
    /// if that was the last.
    fn page(&self, number: usize, before: Option<&Value>) -> Option<Vec<(&'static str, String)>>;

    /// The jobs of a page.
    fn jobs<'a>(&self, page: &'a Value) -> &'a [Value] {
        page.get("data").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// What is said of a job; `None` if it is none.
    fn job(&self, said: &Value) -> Option<ListedJob>;

    /// The query with which a job is asked for when its answers are wanted.
    fn answers_query(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Where the answers of a job are.
    fn answers(&self, job: Value) -> AnswersOfJob;

    /// What a line says, or what stands for one.
    fn answer(&self, line: Value) -> Option<JobAnswer>;
}

/// The requests of an order.
#[derive(Clone, Copy)]
pub(crate) enum OrderedRequests<'a> {
    Here(&'a [u8]),
    InFile(&'a str),
}

/// A job as a service knows it.
pub(crate) struct ListedJob {
    pub(crate) id: String,
    /// The name or mark that it was given, where the service has one: the nonce is in it.
    pub(crate) mark: Option<String>,
    pub(crate) created_at: Option<Timestamp>,
    /// How many requests it has, where the service says so.
    pub(crate) requests: Option<u64>,
    pub(crate) state: JobState,
}

/// Where the answers of a job are.
pub(crate) enum AnswersOfJob {
    /// In what is said of it.
    Here(Vec<Value>),
    /// In texts with an object a line, by their paths.
    At(Vec<Vec<String>>),
}

/// What a batch job costs by a profile.
pub(crate) fn prices(profile: &Profile) -> Option<Arc<Prices>> {
    let prices = profile.prices.as_ref()?;
    Some(profile.batch_price.map_or_else(|| Arc::clone(prices), |factor| Arc::new(prices.by(factor))))
}

/// The mark of a job.
pub(crate) fn mark(nonce: &str) -> String {
    format!("{MARK}-{nonce}")
}

/// An id that a service gave, without what stands before it in a path.
pub(crate) fn last_step(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_owned()
}

/// A time as services write it: seconds, or a date with or without fractions.
pub(crate) fn time(said: Option<&Value>) -> Option<Timestamp> {
    match said? {
        Value::String(text) => {
            let seconds = text.get(..19).filter(|_| text.len() >= 19)?;
            format!("{seconds}Z").parse().ok()
        }
        number => number.as_i64().map(Timestamp::from_seconds),
    }
}

/// An outcome in the shape that `OpenAI`'s answers have.
pub(crate) fn openai_answer(line: &Value) -> Option<JobAnswer> {
    let name = line.get("custom_id")?.as_str()?.to_owned();
    let body = line.pointer("/response/body");
    let status = line.pointer("/response/status_code").and_then(lenient::figure).unwrap_or(200);
    let code = word(line, "/error/code");
    let outcome = match body {
        _ if code.ends_with("expired") => JobOutcome::Expired,
        _ if code.ends_with("cancelled") => JobOutcome::Cancelled,
        Some(body) if (200..300).contains(&status) && !has_error(body) => JobOutcome::Answered(body.clone()),
        body => {
            let said = body.map(|body| word(body, "/error/message")).filter(|said| !said.is_empty());
            JobOutcome::Errored(said.unwrap_or_else(|| word(line, "/error/message")).to_owned())
        }
    };
    Some(JobAnswer { name, outcome })
}
