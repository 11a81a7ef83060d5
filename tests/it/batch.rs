//! Batch jobs, from the command line: a double of `OpenAI`'s files and batches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::support::Project;

#[derive(Default)]
struct Books {
    files: Vec<Vec<Value>>,
    /// The input of each job, and its metadata.
    jobs: Vec<(usize, Value)>,
    bought: HashMap<String, usize>,
    /// Requests in the open.
    live: usize,
    is_slow: bool,
    /// Jobs that were called off after a part of their requests.
    cancelled: Vec<usize>,
}

#[derive(Clone, Default)]
struct NightDouble(Arc<Mutex<Books>>);

impl Books {
    fn answer(&mut self, body: &Value) -> Value {
        let task: Value =
            serde_json::from_str(body["messages"][1]["content"].as_str().expect("a task")).expect("JSON");
        let mut translations = Vec::new();
        for segment in task["segments"].as_array().expect("segments") {
            let german = segment["de"].as_str().expect("German");
            *self.bought.entry(german.to_owned()).or_default() += 1;
            let number: String = german.chars().filter(char::is_ascii_digit).collect();
            let english = format!("In the harbour of the town lies the ship with number {number}.");
            translations.push(json!({ "id": segment["id"], "en": english }));
        }
        let content = json!({ "translations": translations }).to_string();
        json!({
            "choices": [{ "finish_reason": "stop", "message": { "content": content } }],
            "usage": { "prompt_tokens": 100, "completion_tokens": 50 },
        })
    }

    fn job(&self, number: usize) -> Value {
        let is_cancelled = self.cancelled.contains(&number);
        let state = match (is_cancelled, self.is_slow) {
            (true, _) => "cancelled",
            (false, true) => "in_progress",
            (false, false) => "completed",
        };
        json!({
            "id": format!("batch_{number}"), "status": state, "metadata": self.jobs[number].1,
            "created_at": 1_795_730_400, "output_file_id": (is_cancelled || !self.is_slow).then(|| format!("out-{number}")),
        })
    }
}

impl Respond for NightDouble {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut books = self.0.lock().expect("whole");
        let path = request.url.path().to_owned();
        let number = |text: &str| text.rsplit(['-', '_']).next().and_then(|end| end.parse::<usize>().ok());
        let json = |value: Value| ResponseTemplate::new(200).set_body_json(value);
        let text = String::from_utf8_lossy(&request.body);
        match (request.method.as_str(), path.as_str()) {
            ("POST", "/v1/files") => {
                books.files.push(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect());
                json(json!({ "id": format!("file-{}", books.files.len() - 1) }))
            }
            ("POST", "/v1/batches") => {
                let order: Value = request.body_json().expect("JSON");
                let file = number(order["input_file_id"].as_str().expect("a file")).expect("a number");
                books.jobs.push((file, order["metadata"].clone()));
                json(books.job(books.jobs.len() - 1))
            }
            ("POST", path) if path.ends_with("/cancel") => {
                let job = number(path.trim_end_matches("/cancel")).expect("a number");
                books.cancelled.push(job);
                json(books.job(job))
            }
            ("POST", "/v1/chat/completions") => {
                books.live += 1;
                let body = request.body_json().expect("JSON");
                json(books.answer(&body))
            }
            ("GET", path) if path.ends_with("/content") => {
                let of = number(path.trim_end_matches("/content")).expect("a number");
                let mut requests = books.files[books.jobs[of].0].clone();
                if books.cancelled.contains(&of) {
                    requests.truncate(3);
                }
                let mut lines = Vec::new();
                for request in requests.iter().rev() {
                    let answer = json!({ "status_code": 200, "body": books.answer(&request["body"]) });
                    lines.push(json!({ "custom_id": request["custom_id"], "response": answer }).to_string());
                }
                ResponseTemplate::new(200).set_body_string(lines.join("\n"))
            }
            ("GET", path) => match number(path).filter(|number| *number < books.jobs.len()) {
                Some(number) => json(books.job(number)),
                None => json(json!({ "data": [], "has_more": false })),
            },
            _ => ResponseTemplate::new(404),
        }
    }
}

struct NightServer {
    server: MockServer,
    double: NightDouble,
    _runtime: Runtime,
}

impl NightServer {
    fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let double = NightDouble::default();
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(double.clone()).mount(&server).await;
            server
        });
        Self { server, double, _runtime: runtime }
    }

    fn project(&self) -> Project {
        let sentence = |n| format!("Im Hafen der Stadt liegt das Schiff mit Nummer {n}. ");
        let article = |from: usize| (from..from + 15).map(sentence).collect::<String>();
        Project::new().file("seeds/a.txt", article(1)).file("seeds/b.txt", article(9)).file(
            "wortlaut.toml",
            format!(
                "[translate]\nengine = 'night'\ninput = 'seeds'\nformats = ['lines', 'text']\n[engines.night]\nkind = 'openai'\nmodel = 'm'\n\
                 base_url = '{}'\nmax_segments = 2\ncurrency = 'EUR'\nprice_input = 10\nprice_output = 20\n",
                self.server.uri()
            ),
        )
    }
}

#[test]
fn a_corpus_goes_by_night_and_nothing_is_bought_twice() {
    let live = NightServer::start();
    let expected = live.project();
    expected.run(&["translate"]).exits(0);

    let night = NightServer::start();
    let project = night.project();
    project.run(&["batch", "status"]).exits(0);
    night.double.0.lock().expect("whole").is_slow = true;
    let handed_in = project.run(&["translate", "--batch", "--no-wait"]).exits(3);
    assert!(handed_in.stderr.contains("handed in"), "{}", handed_in.stderr);
    let listed = project.run(&["batch", "status", "--json"]).exits(0);
    let job: Value = serde_json::from_str(listed.stdout.lines().next().expect("a job")).expect("JSON");
    assert_eq!((&job["job"], &job["engine"]), (&json!("batch_0"), &json!("night")));
    // What is in a job is not sent in the open either.
    let open = project.run(&["translate"]).exits(3);
    assert!(open.stderr.contains("batch wait"), "{}", open.stderr);
    assert_eq!(night.double.0.lock().expect("whole").live, 0);
    night.double.0.lock().expect("whole").is_slow = false;
    // What the earlier run handed in is paid in this one: 12 requests that read 100 tokens and write 50.
    let taken = project.run(&["translate", "--batch", "--json"]).exits(0);
    assert_eq!(taken.json()["cost"], json!({ "cost": "0.0240", "currency": "EUR" }));
    let books = night.double.0.lock().expect("whole");
    assert_eq!((books.bought.len(), books.live), (23, 0));
    assert!(books.bought.values().all(|times| *times == 1), "{:?}", books.bought);
    drop(books);
    let english = |project: &Project| ["a", "b"].map(|name| project.read(&format!("output/{name}.en.txt")));
    assert_eq!(english(&project), english(&expected));
    project.run(&["batch", "wait"]).exits(0);
}

#[test]
fn a_job_that_is_called_off_keeps_what_was_done_and_the_rest_is_handed_in_again() {
    let night = NightServer::start();
    let project = night.project();
    let planned = project.run(&["translate", "--batch", "--dry-run", "--json"]).exits(0);
    let planned: Value = serde_json::from_str(planned.stdout.lines().last().expect("a line")).expect("JSON");
    assert_eq!(planned["batch"]["requests"], 12, "{planned}");
    assert!(night.double.0.lock().expect("whole").jobs.is_empty());
    night.double.0.lock().expect("whole").is_slow = true;
    project.run(&["translate", "--batch", "--no-wait"]).exits(3);
    let called_off = project.run(&["batch", "cancel"]).exits(0);
    assert!(called_off.stdout.contains("batch_0: called off"), "{}", called_off.stdout);
    project.run(&["batch", "wait"]).exits(0);
    assert_eq!(project.run(&["batch", "status"]).exits(0).stdout, "no batch jobs\n");
    assert_eq!(night.double.0.lock().expect("whole").bought.len(), 6, "three requests of two texts");
    night.double.0.lock().expect("whole").is_slow = false;
    project.run(&["translate", "--batch", "--batch-rungs", "next"]).exits(0);
    let books = night.double.0.lock().expect("whole");
    assert_eq!((books.bought.len(), books.live, books.jobs.len()), (23, 0, 2));
    assert!(books.bought.values().all(|times| *times == 1), "{:?}", books.bought);
}

#[test]
fn an_engine_without_batch_jobs_says_so() {
    let project = Project::new().file("seeds/a.txt", "Der Mond scheint.\n");
    let refused = project.run(&["translate", "seeds", "--engine", "pseudo", "--batch"]).exits(5);
    assert!(refused.stderr.contains("anthropic") && refused.stderr.contains("pseudo"), "{}", refused.stderr);
}
