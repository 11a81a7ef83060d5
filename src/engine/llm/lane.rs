//! The night lane of a language model: the same for all vendors.

use std::sync::Arc;

use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::ceiling::Ceiling;
use super::model::{JobLane, LanguageModel, WrittenAsk};
use super::night::jobs::{AnswersOfJob, ListedJob, OrderedRequests, mark};
use super::protocol::word;

use crate::engine::error::EngineError;
use crate::engine::http::json_headers;
use crate::engine::lenient;
use crate::engine::money::Prices;
use crate::engine::night::{
    FoundJob, JobAnswers, JobLimits, JobSearch, JobState, NightFuture, NightLane, NightReading, NightRequest,
    request_name,
};
use crate::engine::purse::SetAside;
use crate::engine::server::Server;
use crate::engine::status::HttpAnswer;
use crate::model::{Batch, Timestamp, Usage};

/// By how much the clock of whoever handed a job in may differ from the service's, in seconds.
const CLOCKS: i64 = 24 * 60 * 60;

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
        let mut order = ListOrder::default();
        for number in 0.. {
            let Some(query) = lane.protocol.page(number, page.as_ref()) else { break };
            let query: Vec<(&str, &str)> =
                query.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let said = self.ask(&lane.job_path(&[]).with_query(&query)).await?;
            if page.as_ref() == Some(&said) {
                break;
            }
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
            for job in &jobs {
                order.add(job);
            }
            if order.has_only_older_behind(since) {
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

/// The order of a list of jobs, as far as it was read. Not every vendor states one, and an end that is thought to be reached too
/// early is a job that is handed in twice.
#[derive(Default)]
struct ListOrder {
    last: Option<Timestamp>,
    has_fallen: bool,
    has_risen: bool,
}

impl ListOrder {
    fn add(&mut self, job: &ListedJob) {
        let Some(at) = job.created_at else { return };
        if let Some(last) = self.last.replace(at) {
            self.has_fallen |= at < last;
            self.has_risen |= at > last;
        }
    }

    /// Whether what was not read yet is older than a moment.
    fn has_only_older_behind(&self, since: i64) -> bool {
        self.has_fallen && !self.has_risen && self.last.is_some_and(|last| last.seconds() < since)
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
        let WrittenAsk { body, most, room, .. } = self.write(batch)?;
        if let (Some(ceiling), Some(room)) = (&self.ceiling, room) {
            ceiling.note_by_night(room);
        }
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

    fn charge(&self, usage: Usage) {
        self.endpoint.account().purse.charge(self.night_prices(), usage);
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
        let raised = self.ceiling.as_ref().map(Ceiling::raised_by_night);
        NightReading {
            usage: self.protocol.usage(reply),
            translations: self.understood(&answer, reply, texts, raised),
        }
    }
}
