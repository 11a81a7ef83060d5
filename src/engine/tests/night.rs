//! Batch jobs of the four services that have them, against doubles written from the vendors' documents: they shuffle, make
//! wait, fail and expire.

use std::collections::HashMap;
use std::sync::Arc;

use futures::StreamExt;
use parking_lot::Mutex;
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Request as Received, Respond};

use super::conformance::DOUBLES;
use super::doubles::ServiceDouble;
use super::*;
use crate::engine::build::bare;
use crate::engine::night::{
    FoundJob, JobOutcome, JobSearch, JobState, NightLane, NightRequest, request_name, request_number,
};
use crate::model::{Timestamp, Usage};

const NONCE: &str = "0123456789abcdef0123456789abcdef";
/// Where an uploaded file and the answers of a job are.
const FILE: &str = "file-1";
const OUTPUT: &str = "file-2";

/// What a service knows of a job.
#[derive(Default)]
struct JobAtService {
    /// Each request: its name, and its body as in the open.
    requests: Vec<(String, Value)>,
    mark: String,
    looks: usize,
    is_cancelled: bool,
    is_there: bool,
}

struct JobDouble {
    double: &'static dyn ServiceDouble,
    kind: EngineKind,
    upload: Mutex<Vec<(String, Value)>>,
    job: Mutex<JobAtService>,
}

/// What is done with a request: most are answered, the second fails, the third expires.
fn fate(number: usize) -> &'static str {
    ["answered", "errored", "expired"].get(number).copied().unwrap_or("answered")
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn named(list: &[Value], name: &str, body: &str) -> Vec<(String, Value)> {
    let one = |entry: &Value| {
        (entry.pointer(name).unwrap().as_str().unwrap().to_owned(), entry.pointer(body).unwrap().clone())
    };
    list.iter().map(one).collect()
}

impl JobDouble {
    fn answer(&self, request: &Value) -> Value {
        let texts = self.double.texts(request);
        let english: Vec<String> = texts.iter().map(|text| format!("EN {text}")).collect();
        self.double.answer(
            request,
            &english,
            Usage { input_tokens: 300, output_tokens: 70, ..Usage::default() },
        )
    }

    /// What is said of the job.
    fn said(&self, job: &JobAtService) -> Value {
        let is_over = job.looks > 1;
        let metadata = json!({ "wortlaut": job.mark });
        match self.kind {
            EngineKind::Anthropic => json!({
                "id": "job_1", "type": "message_batch", "created_at": "2026-11-26T22:00:00.123456Z",
                "processing_status": if is_over { "ended" } else { "in_progress" },
                "cancel_initiated_at": job.is_cancelled.then_some("2026-11-26T22:01:00Z"),
                "request_counts": {
                    "processing": if is_over { 0 } else { job.requests.len() }, "errored": 0, "expired": 0,
                    "canceled": 0, "succeeded": if is_over { job.requests.len() } else { 0 },
                },
                "results_url": "https://elsewhere.example/results",
            }),
            EngineKind::Gemini => {
                let state = match (is_over, job.is_cancelled) {
                    (false, _) => "BATCH_STATE_RUNNING",
                    (true, true) => "BATCH_STATE_CANCELLED",
                    (true, false) => "BATCH_STATE_SUCCEEDED",
                };
                let mut said = json!({
                    "name": "batches/job_1",
                    "metadata": { "state": state, "displayName": job.mark, "createTime": "2026-11-26T22:00:00Z" },
                    "done": is_over,
                });
                if is_over {
                    let inlined = json!({ "inlinedResponses": self.results(job) });
                    said["response"] = json!({ "inlinedResponses": inlined });
                }
                said
            }
            EngineKind::Mistral => json!({
                "id": "job_1", "object": "batch", "created_at": 1_795_730_400, "metadata": metadata,
                "status": match (is_over, job.is_cancelled) {
                    (false, _) => "RUNNING", (true, true) => "CANCELLED", (true, false) => "SUCCESS",
                },
                "completed_requests": 0, "output_file": is_over.then_some(OUTPUT),
            }),
            _ => json!({
                "id": "job_1", "object": "batch", "created_at": 1_795_730_400, "metadata": metadata,
                "status": match (is_over, job.is_cancelled) {
                    (false, _) => "in_progress", (true, true) => "cancelled", (true, false) => "expired",
                },
                "request_counts": { "total": job.requests.len(), "completed": 0, "failed": 0 },
                "output_file_id": is_over.then_some(OUTPUT),
            }),
        }
    }

    /// What came of the requests; in their order only where the vendor says so.
    fn results(&self, job: &JobAtService) -> Vec<Value> {
        let mut results: Vec<Value> = Vec::new();
        for (number, (name, body)) in job.requests.iter().enumerate() {
            let answer = self.answer(body);
            results.push(match (self.kind, fate(number)) {
                (EngineKind::Anthropic, "answered") => {
                    json!({ "custom_id": name, "result": { "type": "succeeded", "message": answer } })
                }
                (EngineKind::Anthropic, "errored") => json!({ "custom_id": name, "result": {
                    "type": "errored",
                    "error": { "type": "error", "error": { "type": "invalid_request_error", "message": "no" } },
                } }),
                (EngineKind::Anthropic, _) => json!({ "custom_id": name, "result": { "type": "expired" } }),
                // Some answers lack the names of their requests.
                (EngineKind::Gemini, "answered") => json!({ "response": answer }),
                (EngineKind::Gemini, "errored") => {
                    json!({ "error": { "code": 3, "message": "no" }, "metadata": { "key": name } })
                }
                (EngineKind::Gemini, _) => {
                    json!({ "error": { "code": 4, "message": "late" }, "metadata": { "key": name } })
                }
                (_, "answered") => json!({ "custom_id": name, "response": { "status_code": 200, "body": answer } }),
                (_, "errored") => json!({ "custom_id": name, "response": {
                    "status_code": 400, "body": { "error": { "message": "no" } },
                } }),
                (_, _) => json!({
                    "custom_id": name, "response": null, "error": { "code": "batch_expired", "message": "late" },
                }),
            });
        }
        if self.kind != EngineKind::Gemini {
            results.reverse();
        }
        results
    }

    /// Takes a job in, and says what it is called.
    fn take(&self, path: &str, body: &Value) -> Option<Value> {
        let list = |at: &str| body.pointer(at).unwrap().as_array().unwrap().clone();
        let (requests, mark) = match self.kind {
            EngineKind::Anthropic if path == "/v1/messages/batches" => {
                (named(&list("/requests"), "/custom_id", "/params"), String::new())
            }
            EngineKind::Gemini if path == "/v1beta/models/modell:batchGenerateContent" => (
                named(&list("/batch/inputConfig/requests/requests"), "/metadata/key", "/request"),
                body["batch"]["displayName"].as_str().unwrap().to_owned(),
            ),
            EngineKind::Mistral if path == "/v1/batch/jobs" => (
                named(&list("/requests"), "/custom_id", "/body"),
                body["metadata"]["wortlaut"].as_str().unwrap().to_owned(),
            ),
            EngineKind::OpenAi if path == "/v1/batches" => {
                assert_eq!(
                    (&body["input_file_id"], &body["completion_window"]),
                    (&json!(FILE), &json!("24h"))
                );
                (self.upload.lock().clone(), body["metadata"]["wortlaut"].as_str().unwrap().to_owned())
            }
            _ => return None,
        };
        let job = JobAtService { requests, mark, is_there: true, ..JobAtService::default() };
        let said = self.said(&job);
        *self.job.lock() = job;
        Some(said)
    }
}

impl Respond for JobDouble {
    fn respond(&self, request: &Received) -> ResponseTemplate {
        assert!(!request.url.as_str().contains("schluessel"), "a key stands in {}", request.url);
        assert!(self.double.has_key(request));
        let path = request.url.path();
        let body = String::from_utf8_lossy(&request.body);
        let json = |value: Value| ResponseTemplate::new(200).set_body_json(value);
        if request.method.as_str() == "POST" {
            if path == "/v1/files" {
                assert!(body.contains("name=\"purpose\"\r\n\r\nbatch\r\n") && body.contains(NONCE), "{body}");
                *self.upload.lock() = named(&lines(&body), "/custom_id", "/body");
                return json(serde_json::json!({ "id": FILE, "purpose": "batch" }));
            }
            if path.ends_with("cancel") {
                let mut job = self.job.lock();
                job.is_cancelled = true;
                return json(self.said(&job));
            }
            let value: Value = serde_json::from_str(&body).unwrap();
            return self.take(path, &value).map_or_else(|| ResponseTemplate::new(404), json);
        }
        let mut job = self.job.lock();
        if path.ends_with("/job_1") {
            job.looks += 1;
            return json(self.said(&job));
        }
        if path.ends_with("/results") || path.ends_with(&format!("/{OUTPUT}/content")) {
            let results: Vec<String> = self.results(&job).iter().map(Value::to_string).collect();
            return ResponseTemplate::new(200).set_body_string(results.join("\n") + "\n");
        }
        let jobs: Vec<Value> = job.is_there.then(|| self.said(&job)).into_iter().collect();
        let list = if self.kind == EngineKind::Gemini { "operations" } else { "data" };
        json(serde_json::json!({ list: jobs, "has_more": false }))
    }
}

/// The doubles of services with batch jobs.
fn with_jobs() -> impl Iterator<Item = (EngineKind, &'static dyn ServiceDouble)> {
    let has_jobs = |kind| {
        matches!(kind, EngineKind::Anthropic | EngineKind::Gemini | EngineKind::Mistral | EngineKind::OpenAi)
    };
    DOUBLES.iter().map(|double| (double.profile().kind(), *double)).filter(move |(kind, _)| has_jobs(*kind))
}

async fn service(
    kind: EngineKind,
    double: &'static dyn ServiceDouble,
) -> (MockServer, Arc<dyn crate::engine::Engine>) {
    at_service(double, JobDouble { double, kind, upload: Mutex::default(), job: Mutex::default() }).await
}

async fn at_service(
    double: &'static dyn ServiceDouble,
    responder: impl Respond + 'static,
) -> (MockServer, Arc<dyn crate::engine::Engine>) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(responder).mount(&server).await;
    let engine = engine_at(double, &server);
    (server, engine)
}

fn engine_at(double: &'static dyn ServiceDouble, server: &MockServer) -> Arc<dyn crate::engine::Engine> {
    let profile = with(double.profile(), |service| {
        service.base_url = Some(server.uri());
        service.key = Some(SecretString::from(KEY));
        service.model = Some("modell".to_owned());
    });
    bare(&profile, &Arc::default()).unwrap()
}

fn requests(lane: &dyn NightLane, count: usize) -> Vec<NightRequest> {
    let text = |number| format!("Satz {number}.");
    (0..count).map(|number| lane.encode(&batch(&[&text(number)])).unwrap()).collect()
}

#[tokio::test]
async fn a_job_goes_its_way_at_every_service() {
    assert_eq!(with_jobs().count(), 5, "openai has two APIs");
    for (kind, double) in with_jobs() {
        let (_server, engine) = service(kind, double).await;
        let lane = engine.night_lane().expect("a night lane");
        let search = |nonce: &str| JobSearch {
            nonce: nonce.to_owned(),
            since: "2026-11-26T21:59:00Z".parse::<Timestamp>().unwrap(),
            requests: 5,
            others: Vec::new(),
        };
        assert_eq!(lane.find(&search(NONCE)).await.unwrap(), FoundJob::Nowhere, "{kind}");
        let requests = requests(lane, 5);
        assert_eq!(lane.submit(NONCE, &requests).await.unwrap(), "job_1", "{kind}");
        // Where a job has no name, only its answers tell whose it is.
        let is_nameless = kind == EngineKind::Anthropic;
        let early = if is_nameless { FoundJob::Undecided } else { FoundJob::Job("job_1".to_owned()) };
        assert_eq!(lane.find(&search(NONCE)).await.unwrap(), early, "{kind}");
        let is_running = matches!(lane.state("job_1").await.unwrap(), JobState::Running { .. });
        assert!(is_running, "{kind}");
        assert_eq!(lane.state("job_1").await.unwrap(), JobState::Ended { cancelled: false }, "{kind}");
        assert_eq!(lane.find(&search(NONCE)).await.unwrap(), FoundJob::Job("job_1".to_owned()), "{kind}");
        let other = search(&NONCE.replace('0', "f"));
        assert_eq!(lane.find(&other).await.unwrap(), FoundJob::Nowhere, "{kind}");
        let known = JobSearch { others: vec!["job_1".to_owned()], ..search(NONCE) };
        assert_eq!(lane.find(&known).await.unwrap(), FoundJob::Nowhere, "{kind}");
        let mut answers: Vec<_> = lane.answers("job_1").await.unwrap().map(Result::unwrap).collect().await;
        answers.sort_by_key(|answer| request_number(NONCE, &answer.name));
        assert_eq!(answers.len(), 5, "{kind}");
        for (number, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.name, request_name(NONCE, number), "{kind}");
            match (fate(number), answer.outcome) {
                ("answered", JobOutcome::Answered(reply)) => {
                    let reading = lane.read(&reply, 1);
                    let english: Vec<String> =
                        reading.translations.unwrap().into_iter().map(|read| read.text).collect();
                    assert_eq!(english, [format!("EN Satz {number}.")], "{kind}");
                    assert_eq!(reading.usage.unwrap().input_tokens, 300, "{kind}");
                }
                ("errored", JobOutcome::Errored(said)) => assert_eq!(said, "no", "{kind}"),
                ("expired", JobOutcome::Expired) => {}
                (fate, other) => panic!("{kind}: {fate} became {other:?}"),
            }
        }
        lane.cancel("job_1").await.unwrap();
        assert_eq!(lane.state("job_1").await.unwrap(), JobState::Ended { cancelled: true }, "{kind}");
    }
}

/// A list of jobs that a service has, in pages as it is asked for them.
struct ListDouble {
    kind: EngineKind,
    /// Names and times of jobs.
    jobs: Arc<Mutex<Vec<(String, i64)>>>,
}

impl ListDouble {
    fn said(&self, (id, at): &(String, i64)) -> Value {
        let is_ours = id == "ours";
        let mark = if is_ours { format!("wortlaut-{NONCE}") } else { format!("wortlaut-{id}") };
        let date = Timestamp::from_seconds(*at).to_string();
        match self.kind {
            EngineKind::Anthropic => json!({
                "id": id, "created_at": date, "processing_status": "ended",
                "request_counts": { "succeeded": if is_ours { 5 } else { 6 }, "processing": 0 },
            }),
            EngineKind::Gemini => {
                json!({ "name": format!("batches/{id}"), "metadata": { "displayName": mark, "createTime": date } })
            }
            _ => json!({ "id": id, "created_at": at, "status": "x", "metadata": { "wortlaut": mark } }),
        }
    }
}

impl Respond for ListDouble {
    fn respond(&self, request: &Received) -> ResponseTemplate {
        let json = |value: Value| ResponseTemplate::new(200).set_body_json(value);
        if request.url.path().ends_with("/results") {
            let line = json!({ "custom_id": request_name(NONCE, 3), "result": { "type": "expired" } });
            return ResponseTemplate::new(200).set_body_string(line.to_string());
        }
        if request.url.path().ends_with("/ours") {
            return json(json!({ "id": "ours" }));
        }
        let asked: HashMap<String, String> = request.url.query_pairs().into_owned().collect();
        let number = |name: &str| asked.get(name).and_then(|value| value.parse::<usize>().ok());
        let jobs = self.jobs.lock();
        let behind = |name: &str| {
            let id = asked.get(name)?;
            Some(1 + jobs.iter().position(|job| job.0 == *id).expect("a job"))
        };
        let (from, most) = match self.kind {
            EngineKind::Anthropic => (behind("after_id"), number("limit")),
            EngineKind::Gemini => (number("pageToken"), number("pageSize")),
            EngineKind::Mistral => {
                (number("page").zip(number("page_size")).map(|(n, m)| n * m), number("page_size"))
            }
            _ => (behind("after"), number("limit")),
        };
        let from = from.unwrap_or(0);
        let to = (from + most.expect("how many")).min(jobs.len());
        let page: Vec<Value> = jobs[from.min(to)..to].iter().map(|job| self.said(job)).collect();
        let has_more = to < jobs.len();
        match self.kind {
            EngineKind::Gemini if has_more => {
                json(json!({ "operations": page, "nextPageToken": to.to_string() }))
            }
            EngineKind::Gemini => json(json!({ "operations": page })),
            EngineKind::Mistral => json(json!({ "data": page, "total": jobs.len() })),
            _ => json(json!({ "data": page, "has_more": has_more })),
        }
    }
}

#[tokio::test]
async fn a_job_is_found_wherever_it_stands_in_a_list_of_any_length_and_order() {
    const HOUR: i64 = 3_600;
    let since: Timestamp = "2026-11-26T21:59:00Z".parse().unwrap();
    let search = JobSearch { nonce: NONCE.to_owned(), since, requests: 5, others: Vec::new() };
    for (kind, double) in with_jobs() {
        let jobs = Arc::new(Mutex::new(Vec::new()));
        let (_server, engine) = at_service(double, ListDouble { kind, jobs: Arc::clone(&jobs) }).await;
        let lane = engine.night_lane().expect("a night lane");
        for count in [0, 1, 99, 100, 101, 250] {
            // Those of others are from the ten days before and from the time since.
            let hour = |number: i64| since.seconds() + HOUR * (number - 240);
            let mut all: Vec<(String, i64)> = (0..count).map(|n| (format!("job-{n}"), hour(n))).collect();
            for is_there in [false, true] {
                if is_there {
                    all.push(("ours".to_owned(), since.seconds() + 1));
                }
                all.sort_by_key(|job| job.1);
                let mut orders = vec![all.clone(), all.iter().rev().cloned().collect()];
                for seed in 0..4 {
                    let mut shuffled = all.clone();
                    fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
                    orders.push(shuffled);
                }
                for (order, listed) in orders.into_iter().enumerate() {
                    *jobs.lock() = listed;
                    let expected =
                        if is_there { FoundJob::Job("ours".to_owned()) } else { FoundJob::Nowhere };
                    let about = format!("{kind}: {count} jobs in order {order}");
                    assert_eq!(lane.find(&search).await.unwrap(), expected, "{about}");
                }
            }
        }
    }
}

#[tokio::test]
async fn of_a_list_from_new_to_old_only_the_new_is_read() {
    for (kind, double) in with_jobs() {
        let since: Timestamp = "2026-11-26T21:59:00Z".parse().unwrap();
        let times = (0..1_000).map(|n| (format!("job-{n}"), since.seconds() - 3_600 * n));
        let jobs = Arc::new(Mutex::new(times.collect()));
        let (server, engine) = at_service(double, ListDouble { kind, jobs }).await;
        let search = JobSearch { nonce: NONCE.to_owned(), since, requests: 5, others: Vec::new() };
        assert_eq!(engine.night_lane().unwrap().find(&search).await.unwrap(), FoundJob::Nowhere, "{kind}");
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "{kind}");
    }
}

/// An answer that is cut off for want of tokens.
fn cut_off(kind: EngineKind, mut answer: Value) -> Value {
    let set = |value: &mut Value, place: &str, to: &str| {
        *value.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = json!(to);
    };
    match kind {
        EngineKind::Anthropic => {
            set(&mut answer, "/stop_reason", "max_tokens");
            set(&mut answer, "/content/1/text", "{");
        }
        EngineKind::Gemini => {
            set(&mut answer, "/candidates/0/finishReason", "MAX_TOKENS");
            set(&mut answer, "/candidates/0/content/parts/1/text", "{");
        }
        _ if answer.get("choices").is_some() => {
            set(&mut answer, "/choices/0/finish_reason", "length");
            set(&mut answer, "/choices/0/message/content", "{");
        }
        _ => {
            set(&mut answer, "/status", "incomplete");
            answer["incomplete_details"] = json!({ "reason": "max_output_tokens" });
            set(&mut answer, "/output/1/content/0/text", "{");
        }
    }
    answer
}

#[tokio::test]
async fn answers_in_a_job_that_were_cut_off_leave_more_room_for_the_next_job() {
    for (kind, double) in with_jobs() {
        let (_server, engine) = service(kind, double).await;
        let lane = engine.night_lane().expect("a night lane");
        let written = || {
            let request = lane.encode(&batch(&["Ja."])).unwrap();
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            (body.clone(), double.ceiling(&body), request.most.output_tokens)
        };
        let mut rooms = vec![written()];
        for _ in 0..4 {
            let (request, ..) = rooms.last().unwrap();
            // However many answers of one job were cut off, the next gets one step more.
            for _ in 0..3 {
                let cut = cut_off(kind, double.answer(request, &["Yes.".to_owned()], Usage::default()));
                let fault = lane.read(&cut, 1).translations;
                let is_cut = matches!(fault, Err(EngineError::NoAnswer { fault: AnswerFault::CutOff }));
                assert!(is_cut, "{kind}: {fault:?}");
            }
            rooms.push(written());
        }
        let ceilings: Option<Vec<u64>> = rooms.iter().map(|(_, ceiling, _)| *ceiling).collect();
        let Some(ceilings) = ceilings else {
            assert_eq!(double.path(), "/v1/chat/completions", "only a profile without prices has none");
            continue;
        };
        let steps: Vec<u64> = ceilings.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps[0] > 0 && steps[1] == 4 * steps[0], "{kind}: {ceilings:?}");
        assert_eq!(steps[2..], [0, 0], "{kind}: {ceilings:?}");
        let most: Vec<u64> = rooms.iter().map(|(.., most)| *most).collect();
        assert_eq!(most, ceilings, "{kind}: what is set aside follows");
    }
}

#[tokio::test]
async fn a_job_whose_answers_are_not_there_yet_has_not_ended() {
    let counts = json!({ "total": 5, "completed": 5, "failed": 0 });
    for (kind, double) in with_jobs() {
        let (without, with) = match kind {
            EngineKind::OpenAi => {
                let job = |file: Value| json!({ "id": "job_1", "status": "completed", "request_counts": counts, "output_file_id": file });
                (job(Value::Null), job(json!(OUTPUT)))
            }
            EngineKind::Gemini => {
                let job = |response: Value| json!({ "name": "batches/job_1", "metadata": { "state": "JOB_STATE_SUCCEEDED" }, "response": response });
                (job(json!({})), job(json!({ "inlinedResponses": { "inlinedResponses": [] } })))
            }
            _ => continue,
        };
        for (said, has_ended) in [(without, false), (with, true)] {
            let server = MockServer::start().await;
            Mock::given(any())
                .respond_with(ResponseTemplate::new(200).set_body_json(said))
                .mount(&server)
                .await;
            let engine = engine_at(double, &server);
            let state = engine.night_lane().unwrap().state("job_1").await.unwrap();
            assert_eq!(matches!(state, JobState::Ended { .. }), has_ended, "{kind}: {state:?}");
        }
    }
}

#[tokio::test]
async fn a_request_in_a_job_is_the_one_in_the_open() {
    for (kind, double) in with_jobs() {
        let (server, engine) = service(kind, double).await;
        let lane = engine.night_lane().expect("a night lane");
        let in_job: Value =
            serde_json::from_slice(&lane.encode(&batch(&["Ja.", "Nein."])).unwrap().body).unwrap();
        // The double has no such path; what was sent there is what is looked at.
        let _ = engine.translate(&batch(&["Ja.", "Nein."])).await;
        let sent = server.received_requests().await.unwrap();
        let in_the_open: Value = sent.last().unwrap().body_json().unwrap();
        assert_eq!(in_job, in_the_open, "{kind}");
    }
}

#[tokio::test]
async fn engines_without_batch_jobs_have_no_night_lane() {
    for double in DOUBLES {
        let kind = double.profile().kind();
        if with_jobs().any(|(with, _)| with == kind) {
            continue;
        }
        let profile = with(double.profile(), |service| {
            service.base_url = Some("http://127.0.0.1:9".to_owned());
            service.key = Some(key(kind));
        });
        assert!(bare(&profile, &Arc::default()).unwrap().night_lane().is_none(), "{kind}");
    }
}
