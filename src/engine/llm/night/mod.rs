//! Batch jobs of language models: what all vendors have in common. The requests and answers in them are those of the open
//! lane; how a job is handed in, found and read is a [`JobProtocol`] in a file of its own.

mod anthropic;
mod gemini;
mod mistral;
mod openai;

use std::sync::Arc;

use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

pub(super) use self::anthropic::AnthropicJobs;
pub(super) use self::gemini::GeminiJobs;
pub(super) use self::mistral::MistralJobs;
pub(super) use self::openai::OpenAiJobs;
use super::protocol::{has_error, word};
use super::{JobLane, LanguageModel, Written};
use crate::engine::error::EngineError;
use crate::engine::http::json_headers;
use crate::engine::lenient;
use crate::engine::money::Prices;
use crate::engine::night::{
    FoundJob, JobAnswer, JobAnswers, JobLimits, JobOutcome, JobSearch, JobState, NightFuture, NightLane,
    NightReading, NightRequest, request_name,
};
use crate::engine::profile::Profile;
use crate::engine::purse::SetAside;
use crate::engine::server::Server;
use crate::engine::status::HttpAnswer;
use crate::model::{Batch, Timestamp, Usage};

/// Stands before the nonce in names that people see at the service.
const MARK: &str = "wortlaut";
/// Bytes of a job, well below what any vendor takes: it is held in memory until it is handed in.
const JOB_BYTES: usize = 16 << 20;
/// By how much the clock of whoever handed a job in may differ from the service's, in seconds.
const CLOCKS: i64 = 24 * 60 * 60;
/// Pages of a list of jobs that are looked at: far more than a day's jobs fill.
const PAGES: usize = 100;

/// How one vendor takes batch jobs.
pub(super) trait JobProtocol: Send + Sync {
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

    /// The query of a page of the list of jobs behind another page, which is `None` for the first; `None` if that was the
    /// last.
    fn page(&self, before: Option<&Value>) -> Option<Vec<(&'static str, String)>>;

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
pub(super) enum OrderedRequests<'a> {
    Here(&'a [u8]),
    InFile(&'a str),
}

/// A job as a service knows it.
pub(super) struct ListedJob {
    pub(super) id: String,
    /// The name or mark that it was given, where the service has one: the nonce is in it.
    pub(super) mark: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    /// How many requests it has, where the service says so.
    pub(super) requests: Option<u64>,
    pub(super) state: JobState,
}

/// Where the answers of a job are.
pub(super) enum AnswersOfJob {
    /// In what is said of it.
    Here(Vec<Value>),
    /// In texts with an object a line, by their paths.
    At(Vec<Vec<String>>),
}

/// What a batch job costs by a profile.
pub(super) fn prices(profile: &Profile) -> Option<Arc<Prices>> {
    let prices = profile.prices.as_ref()?;
    Some(profile.batch_price.map_or_else(|| Arc::clone(prices), |factor| Arc::new(prices.by(factor))))
}

/// The mark of a job.
fn mark(nonce: &str) -> String {
    format!("{MARK}-{nonce}")
}

/// An id that a service gave, without what stands before it in a path.
fn last_step(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_owned()
}

/// A time as services write it: seconds, or a date with or without fractions.
fn time(said: Option<&Value>) -> Option<Timestamp> {
    match said? {
        Value::String(text) => {
            let seconds = text.get(..19).filter(|_| text.len() >= 19)?;
            format!("{seconds}Z").parse().ok()
        }
        number => number.as_i64().map(Timestamp::from_seconds),
    }
}

/// An outcome in the shape that `OpenAI`'s answers have.
fn openai_answer(line: &Value) -> Option<JobAnswer> {
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

impl JobLane {
    fn at(&self, path: &[&str]) -> Server {
        self.root.endpoint(path)
    }

    fn job_path(&self, behind: &[String]) -> Server {
        let mut path: Vec<&str> = self.protocol.jobs_path().to_vec();
        path.extend(behind.iter().map(String::as_str));
        self.at(&path)
    }
}

impl LanguageModel {
    /// Only asked for where there is one.
    fn lane(&self) -> Result<&JobLane, EngineError> {
        let none = || EngineError::Unusable(format!("{} has no batch jobs", self.info.profile));
        self.jobs.as_ref().ok_or_else(none)
    }

    async fn hand_in(&self, nonce: &str, requests: &[NightRequest]) -> Result<String, EngineError> {
        let lane = self.lane()?;
        let entries = requests.iter().enumerate();
        let entries =
            entries.map(|(number, request)| lane.protocol.entry(&request_name(nonce, number), &request.body));
        let entries: Vec<Vec<u8>> = entries.collect();
        let order = if lane.protocol.takes_file() {
            let file = self.upload(lane, nonce, &entries.join(&b'\n')).await?;
            lane.protocol.order(nonce, OrderedRequests::InFile(&file))
        } else {
            let list = [b"[".as_slice(), &entries.join(&b','), b"]"].concat();
            lane.protocol.order(nonce, OrderedRequests::Here(&list))
        };
        let path = lane.protocol.order_path();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut headers = json_headers();
        headers.extend(self.protocol.headers());
        let said = self.endpoint.order(&lane.at(&path), headers, order).await?;
        let job = lane.protocol.job(&said);
        // It was taken, but what it is called is not known: it is looked for.
        job.map(|job| job.id).ok_or_else(|| EngineError::unreadable("there is no batch job in it"))
    }

    /// Uploads a file, which costs nothing; gives back its id.
    async fn upload(&self, lane: &JobLane, nonce: &str, lines: &[u8]) -> Result<String, EngineError> {
        let part =
            |disposition: &str| format!("--{nonce}\r\nContent-Disposition: form-data; {disposition}\r\n");
        let mut body = part("name=\"purpose\"").into_bytes();
        body.extend_from_slice(b"\r\nbatch\r\n");
        let file = part(&format!("name=\"file\"; filename=\"{}.jsonl\"", mark(nonce)));
        body.extend_from_slice(file.as_bytes());
        body.extend_from_slice(b"Content-Type: application/jsonl\r\n\r\n");
        body.extend_from_slice(lines);
        body.extend_from_slice(format!("\r\n--{nonce}--\r\n").as_bytes());
        let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={nonce}"));
        let kind = kind.map_err(|error| EngineError::broken("cannot upload", error))?;
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
        let said = self.endpoint.order(&lane.at(&["v1", "files"]), headers, body).await;
        // Whatever became of the file, no job was made of it.
        let said = said.map_err(|error| if error.may_be_charged() { not_taken(&error) } else { error })?;
        let id = word(&said, "/id");
        if id.is_empty() {
            return Err(EngineError::Unusable(
                "a file was uploaded, but the service gives it no id".to_owned(),
            ));
        }
        Ok(id.to_owned())
    }

    async fn ask(&self, server: &Server) -> Result<Value, EngineError> {
        self.endpoint.ask_with(self.protocol.headers(), Method::GET, server, None).await
    }

    async fn look_for(&self, search: &JobSearch) -> Result<FoundJob, EngineError> {
        let lane = self.lane()?;
        let since = search.since.seconds() - CLOCKS;
        let (mut page, mut is_undecided) = (None, false);
        for _ in 0..PAGES {
            let Some(query) = lane.protocol.page(page.as_ref()) else { break };
            let query: Vec<(&str, &str)> =
                query.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let said = self.ask(&lane.job_path(&[]).with_query(&query)).await?;
            let jobs: Vec<ListedJob> =
                lane.protocol.jobs(&said).iter().filter_map(|job| lane.protocol.job(job)).collect();
            let is_old = |job: &ListedJob| job.created_at.is_some_and(|at| at.seconds() < since);
            for job in jobs.iter().filter(|job| !search.others.contains(&job.id)) {
                match &job.mark {
                    Some(mark) if mark.contains(&search.nonce) => return Ok(FoundJob::Job(job.id.clone())),
                    Some(_) => continue,
                    None => {}
                }
                if is_old(job) || job.requests.is_some_and(|requests| requests != search.requests) {
                    continue;
                }
                match job.state {
                    JobState::Running { .. } => is_undecided = true,
                    JobState::Ended { .. } if self.is_named(&job.id, &search.nonce).await? => {
                        return Ok(FoundJob::Job(job.id.clone()));
                    }
                    JobState::Ended { .. } | JobState::Failed(_) => {}
                }
            }
            // The newest come first.
            if jobs.is_empty() || jobs.iter().all(is_old) {
                break;
            }
            page = Some(said);
        }
        Ok(if is_undecided { FoundJob::Undecided } else { FoundJob::Nowhere })
    }

    /// Whether the answers of a job have the names of another one's requests; all have the same nonce, so one tells.
    async fn is_named(&self, id: &str, nonce: &str) -> Result<bool, EngineError> {
        let mut answers = self.read_answers(id).await?;
        let first = answers.next().await.transpose()?;
        Ok(first.is_some_and(|answer| answer.name.starts_with(nonce)))
    }

    async fn read_answers(&self, id: &str) -> Result<JobAnswers<'_>, EngineError> {
        let lane = self.lane()?;
        let place = lane.job_path(&[id.to_owned()]).with_query(lane.protocol.answers_query());
        let paths = match lane.protocol.answers(self.ask(&place).await?) {
            AnswersOfJob::Here(answers) => {
                let answers = answers.into_iter().filter_map(|line| lane.protocol.answer(line)).map(Ok);
                return Ok(stream::iter(answers.collect::<Vec<_>>()).boxed());
            }
            AnswersOfJob::At(paths) => paths,
        };
        let mut all: JobAnswers<'_> = stream::empty().boxed();
        for path in paths {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let lines = self.endpoint.lines(&lane.at(&path), self.protocol.headers()).await?;
            all = all.chain(answers_of(lane, lines)).boxed();
        }
        Ok(all)
    }
}

/// What lines say; blank ones, and what is no answer, say nothing.
fn answers_of<'a>(lane: &'a JobLane, lines: BoxStream<'a, Result<Vec<u8>, EngineError>>) -> JobAnswers<'a> {
    let answer = move |line: Result<Vec<u8>, EngineError>| {
        let read = line.map(|line| lenient::value(&lenient::mended(&line)).ok());
        let answer = read.map(|value| value.and_then(|value| lane.protocol.answer(value))).transpose();
        std::future::ready(answer)
    };
    lines.filter_map(answer).boxed()
}

/// An error after which it is known that nothing was ordered.
fn not_taken(error: &EngineError) -> EngineError {
    EngineError::Unusable(format!("the requests of a batch job could not be uploaded: {error}"))
}

impl NightLane for LanguageModel {
    fn host(&self) -> String {
        self.jobs.as_ref().map(|lane| lane.root.host()).unwrap_or_default()
    }

    fn limits(&self) -> JobLimits {
        let none = JobLimits { requests: 1, bytes: 0 };
        self.jobs.as_ref().map_or(none, |lane| lane.protocol.limits())
    }

    fn encode(&self, batch: &Batch) -> Result<NightRequest, EngineError> {
        let Written { body, most, .. } = self.write(batch)?;
        Ok(NightRequest { body, most })
    }

    fn night_prices(&self) -> Option<&Arc<Prices>> {
        self.jobs.as_ref()?.prices.as_ref()
    }

    fn affords(&self, most: &Usage) -> bool {
        self.endpoint.account().purse.affords(self.night_prices(), most)
    }

    fn set_aside(&self, most: Usage) -> NightFuture<'_, SetAside> {
        self.endpoint.account().purse.set_aside(self.night_prices(), most).boxed()
    }

    fn submit<'a>(&'a self, nonce: &'a str, requests: &'a [NightRequest]) -> NightFuture<'a, String> {
        self.hand_in(nonce, requests).boxed()
    }

    fn find<'a>(&'a self, search: &'a JobSearch) -> NightFuture<'a, FoundJob> {
        self.look_for(search).boxed()
    }

    fn state<'a>(&'a self, id: &'a str) -> NightFuture<'a, JobState> {
        async move {
            let lane = self.lane()?;
            let said = self.ask(&lane.job_path(&[id.to_owned()])).await?;
            let job = lane.protocol.job(&said);
            job.map(|job| job.state).ok_or_else(|| EngineError::unreadable("there is no batch job in it"))
        }
        .boxed()
    }

    fn answers<'a>(&'a self, id: &'a str) -> NightFuture<'a, JobAnswers<'a>> {
        self.read_answers(id).boxed()
    }

    fn cancel<'a>(&'a self, id: &'a str) -> NightFuture<'a, ()> {
        async move {
            let lane = self.lane()?;
            let place = lane.job_path(&lane.protocol.cancel_path(id));
            let headers = self.protocol.headers();
            let nothing = Some(json!({}).to_string().into_bytes());
            self.endpoint.ask_with(headers, Method::POST, &place, nothing).await.map(drop)
        }
        .boxed()
    }

    fn read(&self, reply: &Value, texts: usize) -> NightReading {
        let answer = HttpAnswer { status: 200, headers: HeaderMap::new(), body: Vec::new() };
        NightReading {
            usage: self.protocol.usage(reply),
            translations: self.understood(&answer, reply, texts, None),
        }
    }
}
