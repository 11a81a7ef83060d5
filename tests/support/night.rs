//! Doubles of the batch jobs of four vendors, written from their documents. They count what they sell.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};
use wortlaut::model::Timestamp;

use super::Project;

/// Whose jobs they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    Anthropic,
    Gemini,
    Mistral,
    OpenAi,
}

/// What became of a request of a job.
#[derive(Clone)]
enum Sold {
    Answered(Value),
    Expired,
    Cancelled,
}

struct JobOnOrder {
    mark: String,
    /// When it was ordered: whoever looks for it passes over those that are much older.
    at: Timestamp,
    /// The names and bodies of its requests.
    requests: Vec<(String, Value)>,
    /// What became of them, when it has ended.
    sold: Option<Vec<(String, Sold)>>,
    is_cancelled: bool,
}

/// How it is with jobs for the time being.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Course {
    /// They have ended at the first look.
    #[default]
    Ended,
    Underway,
    /// They are not known any more.
    Gone,
}

/// What a vendor knows.
#[derive(Default)]
pub(crate) struct Books {
    files: Vec<Vec<Value>>,
    jobs: Vec<JobOnOrder>,
    /// How often each text was asked for in jobs.
    asked: HashMap<String, usize>,
    /// How often each text was answered for money.
    pub(crate) bought: HashMap<String, usize>,
    /// Requests in the open.
    pub(crate) live: usize,
    pub(crate) course: Course,
    /// Whether every third request of a job expires when it comes for the first time.
    pub(crate) lets_expire: bool,
    /// Requests since the first job was ordered, the order included.
    requests: usize,
    /// Which of these is done and not answered before it is let go.
    held: Option<usize>,
    is_held: bool,
    /// Whether it is an order.
    pub(crate) is_order_held: bool,
}

impl Books {
    /// How many jobs were ordered.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs.len()
    }

    fn sell(&mut self, vendor: Vendor, body: &Value) -> Value {
        let texts = vendor.texts(body);
        for (_, text) in &texts {
            *self.bought.entry(text.clone()).or_default() += 1;
        }
        vendor.answer(&texts)
    }

    fn work_off(&mut self, number: usize, vendor: Vendor) {
        let JobOnOrder { requests, sold, is_cancelled, .. } = &self.jobs[number];
        if sold.is_some() || self.course == Course::Underway && !is_cancelled {
            return;
        }
        // A job that is called off has done three requests by then.
        let most = if *is_cancelled { 3 } else { requests.len() };
        let mut sold = Vec::new();
        for (at, (name, body)) in requests.clone().into_iter().enumerate() {
            let times = self.asked.entry(vendor.texts(&body)[0].1.clone()).or_default();
            *times += 1;
            let outcome = match at {
                at if at >= most => Sold::Cancelled,
                at if self.lets_expire && *times == 1 && at % 3 == 1 => Sold::Expired,
                _ => Sold::Answered(self.sell(vendor, &body)),
            };
            sold.push((name, outcome));
        }
        self.jobs[number].sold = Some(sold);
    }
}

/// The number of a file or a job.
fn number(id: &str) -> usize {
    id.rsplit(['-', '_']).next().and_then(|end| end.parse().ok()).expect("a number")
}

fn named(list: &[Value], name: &str, body: &str) -> Vec<(String, Value)> {
    let one = |entry: &Value| {
        let name = entry.pointer(name).and_then(Value::as_str).expect("a name").to_owned();
        (name, entry.pointer(body).expect("a body").clone())
    };
    list.iter().map(one).collect()
}

impl Vendor {
    fn kind(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Mistral => "mistral",
            Self::OpenAi => "openai",
        }
    }

    fn jobs_path(self) -> &'static str {
        match self {
            Self::Anthropic => "/v1/messages/batches",
            Self::Gemini => "/v1beta/batches",
            Self::Mistral => "/v1/batch/jobs",
            Self::OpenAi => "/v1/batches",
        }
    }

    fn order_path(self) -> &'static str {
        match self {
            Self::Gemini => "/v1beta/models/m:batchGenerateContent",
            other => other.jobs_path(),
        }
    }

    fn live_path(self) -> &'static str {
        match self {
            Self::Anthropic => "/v1/messages",
            Self::Gemini => "/v1beta/models/m:generateContent",
            Self::Mistral | Self::OpenAi => "/v1/chat/completions",
        }
    }

    /// The texts of a request with their ids.
    fn texts(self, body: &Value) -> Vec<(String, String)> {
        let prompt = match self {
            Self::Gemini => &body["contents"][0]["parts"][0]["text"],
            _ => &body["messages"].as_array().and_then(|all| all.last()).expect("a message")["content"],
        };
        let prompt = prompt.as_str().expect("a prompt");
        if let Ok(task) = serde_json::from_str::<Value>(prompt) {
            let segments = task["segments"].as_array().expect("segments").clone();
            let text = |segment: &Value| segment["de"].as_str().expect("German").to_owned();
            return segments.iter().map(|segment| (segment["id"].to_string(), text(segment))).collect();
        }
        let (_, segments) = prompt.split_once("Segments:\n").expect("segments");
        let pairs = segments.lines().filter_map(|line| line.split_once(": "));
        pairs.map(|(id, text)| (id.to_owned(), serde_json::from_str(text).expect("a text"))).collect()
    }

    fn answer(self, texts: &[(String, String)]) -> Value {
        let english = |german: &str| {
            let number: String = german.chars().filter(char::is_ascii_digit).collect();
            format!("In the harbour of the town lies the ship with number {number}.")
        };
        let by_id: Map<String, Value> =
            texts.iter().map(|(id, text)| (id.clone(), english(text).into())).collect();
        let text = match self {
            Self::OpenAi => {
                let id = |id: &str| id.parse::<u64>().expect("a number");
                let listed = texts.iter().map(|(key, text)| json!({ "id": id(key), "en": english(text) }));
                json!({ "translations": listed.collect::<Vec<_>>() }).to_string()
            }
            _ => Value::from(by_id).to_string(),
        };
        match self {
            Self::Anthropic => json!({
                "type": "message", "role": "assistant", "stop_reason": "end_turn",
                "content": [{ "type": "text", "text": text }],
                "usage": { "input_tokens": 100, "output_tokens": 50 },
            }),
            Self::Gemini => json!({
                "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": "STOP" }],
                "usageMetadata": { "promptTokenCount": 100, "candidatesTokenCount": 50 },
            }),
            Self::Mistral | Self::OpenAi => json!({
                "choices": [{ "finish_reason": "stop", "message": { "content": text } }],
                "usage": { "prompt_tokens": 100, "completion_tokens": 50 },
            }),
        }
    }

    /// The mark and the requests of an order.
    fn ordered(self, order: &Value, files: &[Vec<Value>]) -> (String, Vec<(String, Value)>) {
        let list = |place: &str| order.pointer(place).and_then(Value::as_array).expect("requests").clone();
        let requests = match self {
            Self::Anthropic => named(&list("/requests"), "/custom_id", "/params"),
            Self::Gemini => named(&list("/batch/inputConfig/requests/requests"), "/metadata/key", "/request"),
            Self::Mistral => named(&list("/requests"), "/custom_id", "/body"),
            Self::OpenAi => {
                let file = number(order["input_file_id"].as_str().expect("a file"));
                named(&files[file], "/custom_id", "/body")
            }
        };
        let mark = order.pointer("/batch/displayName").unwrap_or(&order["metadata"]["wortlaut"]);
        (mark.as_str().unwrap_or_default().to_owned(), requests)
    }

    /// What is said of a job.
    fn said(self, number: usize, job: &JobOnOrder) -> Value {
        let (id, has_ended) = (format!("batch_{number}"), job.sold.is_some());
        let (at, seconds) = (job.at.to_string(), job.at.seconds());
        let state = |running: &'static str, cancelled: &'static str, ended: &'static str| match has_ended {
            false => running,
            true if job.is_cancelled => cancelled,
            true => ended,
        };
        match self {
            Self::Anthropic => json!({
                "id": id, "created_at": at,
                "processing_status": state("in_progress", "ended", "ended"),
                "cancel_initiated_at": job.is_cancelled.then_some(&at),
                "request_counts": { "processing": job.requests.len() },
            }),
            Self::Gemini => {
                let state = state("BATCH_STATE_RUNNING", "BATCH_STATE_CANCELLED", "BATCH_STATE_SUCCEEDED");
                let answers = has_ended.then(|| json!({ "inlinedResponses": self.lines(job) }));
                json!({
                    "name": format!("batches/{id}"),
                    "metadata": { "state": state, "displayName": job.mark, "createTime": at },
                    "response": answers.map(|inner| json!({ "inlinedResponses": inner })),
                })
            }
            Self::Mistral => json!({
                "id": id, "created_at": seconds, "metadata": { "wortlaut": job.mark },
                "status": state("RUNNING", "CANCELLED", "SUCCESS"),
                "outputs": has_ended.then(|| self.lines(job)),
            }),
            Self::OpenAi => json!({
                "id": id, "created_at": seconds, "metadata": { "wortlaut": job.mark },
                "status": state("in_progress", "cancelled", "completed"),
                "output_file_id": has_ended.then(|| format!("out-{number}")),
            }),
        }
    }

    /// What came of the requests of a job; in another order than they were asked in, where the vendor promises none.
    fn lines(self, job: &JobOnOrder) -> Vec<Value> {
        let line = |(name, sold): &(String, Sold)| match (self, sold) {
            (Self::Anthropic, Sold::Answered(answer)) => {
                json!({ "custom_id": name, "result": { "type": "succeeded", "message": answer } })
            }
            (Self::Anthropic, Sold::Expired) => json!({ "custom_id": name, "result": { "type": "expired" } }),
            (Self::Anthropic, Sold::Cancelled) => {
                json!({ "custom_id": name, "result": { "type": "canceled" } })
            }
            (Self::Gemini, Sold::Answered(answer)) => json!({ "response": answer }),
            (Self::Gemini, Sold::Expired) => json!({ "error": { "code": 4 }, "metadata": { "key": name } }),
            (Self::Gemini, Sold::Cancelled) => json!({ "error": { "code": 1 }, "metadata": { "key": name } }),
            (_, Sold::Answered(answer)) => {
                json!({ "custom_id": name, "response": { "status_code": 200, "body": answer } })
            }
            (_, Sold::Expired) => json!({ "custom_id": name, "error": { "code": "batch_expired" } }),
            (_, Sold::Cancelled) => json!({ "custom_id": name, "error": { "code": "batch_cancelled" } }),
        };
        let mut lines: Vec<Value> = job.sold.iter().flatten().map(line).collect();
        if self != Self::Gemini {
            lines.reverse();
        }
        lines
    }
}

/// A vendor, as requests find it.
#[derive(Clone)]
struct NightDouble {
    vendor: Vendor,
    books: Arc<Mutex<Books>>,
    /// Told when a request is held, and when it is let go.
    changed: Arc<Condvar>,
}

impl NightDouble {
    fn answer(&self, request: &Request, books: &mut Books) -> ResponseTemplate {
        let vendor = self.vendor;
        let json = |value: Value| ResponseTemplate::new(200).set_body_json(value);
        let lines = |lines: Vec<Value>| {
            let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
            ResponseTemplate::new(200).set_body_string(lines.join("\n"))
        };
        let path = request.url.path();
        let behind = path.strip_prefix(vendor.jobs_path()).and_then(|rest| rest.strip_prefix('/'));
        if request.method.as_str() == "POST" {
            if path == "/v1/files" {
                let text = String::from_utf8_lossy(&request.body);
                books.files.push(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect());
                return json(json!({ "id": format!("file-{}", books.files.len() - 1) }));
            }
            let body: Value = request.body_json().expect("JSON");
            if path == vendor.live_path() {
                books.live += 1;
                return json(books.sell(vendor, &body));
            }
            if path == vendor.order_path() {
                let (mark, requests) = vendor.ordered(&body, &books.files);
                let at = Timestamp::now();
                books.jobs.push(JobOnOrder { mark, at, requests, sold: None, is_cancelled: false });
                let last = books.jobs.len() - 1;
                return json(vendor.said(last, &books.jobs[last]));
            }
            let cancelled =
                behind.map(|rest| number(rest.trim_end_matches("/cancel").trim_end_matches(":cancel")));
            let cancelled = cancelled.expect("a job is called off");
            books.jobs[cancelled].is_cancelled = true;
            return json(vendor.said(cancelled, &books.jobs[cancelled]));
        }
        if path == vendor.jobs_path() {
            (0..books.jobs()).for_each(|number| books.work_off(number, vendor));
            let all = books.jobs.iter().enumerate().rev();
            let all: Vec<Value> = all.map(|(number, job)| vendor.said(number, job)).collect();
            let name = if vendor == Vendor::Gemini { "operations" } else { "data" };
            return json(json!({ name: all, "has_more": false }));
        }
        if let Some(file) = path.strip_prefix("/v1/files/") {
            return lines(vendor.lines(&books.jobs[number(file.trim_end_matches("/content"))]));
        }
        match behind {
            Some(rest) if rest.ends_with("/results") => {
                lines(vendor.lines(&books.jobs[number(rest.trim_end_matches("/results"))]))
            }
            Some(id) if books.course != Course::Gone => {
                let number = number(id);
                books.work_off(number, vendor);
                json(vendor.said(number, &books.jobs[number]))
            }
            _ => ResponseTemplate::new(404),
        }
    }
}

impl Respond for NightDouble {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut books = self.books.lock().expect("whole");
        let answer = self.answer(request, &mut books);
        if books.jobs.is_empty() {
            return answer;
        }
        books.requests += 1;
        if books.held == Some(books.requests - 1) {
            books.is_held = true;
            books.is_order_held = request.url.path() == self.vendor.order_path() && !request.body.is_empty();
            self.changed.notify_all();
            drop(self.changed.wait_while(books, |books| books.is_held).expect("whole"));
        }
        answer
    }
}

/// A running double.
pub(crate) struct NightServer {
    server: MockServer,
    double: NightDouble,
    // Serves until the double is dropped.
    _runtime: Runtime,
}

impl NightServer {
    pub(crate) fn start(vendor: Vendor) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let double = NightDouble { vendor, books: Arc::default(), changed: Arc::default() };
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(double.clone()).mount(&server).await;
            server
        });
        Self { server, double, _runtime: runtime }
    }

    /// What the vendor knows.
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.double.books.lock().expect("whole")
    }

    /// The same at the end: jobs are worked off whether anybody asks for them or not.
    pub(crate) fn closed_books(&self) -> MutexGuard<'_, Books> {
        let mut books = self.books();
        (0..books.jobs()).for_each(|number| books.work_off(number, self.double.vendor));
        books
    }

    /// Does the n-th request since a job is ordered, counted from nought, and holds its answer back.
    pub(crate) fn hold(&self, request: usize) {
        self.books().held = Some(request);
    }

    /// Waits until a request is held.
    pub(crate) fn wait(&self) {
        drop(self.double.changed.wait_while(self.books(), |books| !books.is_held).expect("whole"));
    }

    /// Lets the request go that is held.
    pub(crate) fn let_go(&self) {
        let mut books = self.books();
        (books.is_held, books.held) = (false, None);
        self.double.changed.notify_all();
    }

    /// A project with two articles, of which the second has sentences of the first.
    pub(crate) fn project(&self) -> Project {
        let sentence = |n| format!("Im Hafen der Stadt liegt das Schiff mit Nummer {n}. ");
        let article = |from: usize| (from..from + 15).map(sentence).collect::<String>();
        Project::new().file("seeds/a.txt", article(1)).file("seeds/b.txt", article(9)).file(
            "wortlaut.toml",
            format!(
                "[translate]\nengine = 'night'\ninput = 'seeds'\nformats = ['lines', 'text']\n[engines.night]\nkind = '{}'\nmodel = 'm'\n\
                 base_url = '{}'\nmax_segments = 2\ncurrency = 'EUR'\nprice_input = 10\nprice_output = 20\n",
                self.double.vendor.kind(),
                self.server.uri()
            ),
        )
    }
}
