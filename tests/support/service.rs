//! A double of a LibreTranslate server that counts, and fails on purpose. What it takes, and how it refuses the rest, is as
//! in `app.py` of LibreTranslate 1.9.6.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Each request is first answered with this status and `Retry-After: 0`.
    FirstTry(u16),
    /// Every request is answered with this status.
    Always(u16),
    /// After so many good answers every request is answered with this status.
    After(usize, u16),
    /// A batch with this word in it lacks a translation.
    Short(&'static str),
    /// A text with this word comes back as it was sent.
    Echo(&'static str),
    /// After so many good answers the service asks to slow down for so many seconds.
    SlowDown(usize, u64),
}

/// What the owner of a server has set; `None` and `false` as in a server of which nothing is set.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Owner {
    /// `--batch-limit`: texts in a request.
    pub(crate) batch_limit: Option<usize>,
    /// `--char-limit`: characters of a text.
    pub(crate) char_limit: Option<usize>,
    /// `--alternatives-limit`.
    pub(crate) alternatives_limit: Option<usize>,
    /// `--api-keys` with `--require-api-key-origin`: who has no key is refused.
    pub(crate) key_required: bool,
    /// Whether `/frontend/settings` is not to be had from outside.
    pub(crate) is_discreet: bool,
}

/// A running double.
pub(crate) struct Service {
    server: MockServer,
    state: Arc<State>,
    // Serves until the double is dropped.
    _runtime: Runtime,
}

#[derive(Default)]
struct State {
    owner: Mutex<Owner>,
    faults: Mutex<Vec<Fault>>,
    alternatives: Mutex<HashMap<String, Vec<String>>>,
    renderings: Mutex<Vec<(String, String)>>,
    answers: Mutex<HashMap<String, String>>,
    delay: Mutex<Duration>,
    counts: Mutex<Counts>,
    tried: Mutex<HashSet<Vec<u8>>>,
    /// How many good answers are given at once; the others are held back until they are let go.
    hold_after: Mutex<Option<usize>>,
    let_go: Condvar,
}

/// An answer that is held back would keep its server, which a test that failed does not let go.
impl Drop for Service {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// What the double saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    /// Requests that were answered well.
    pub(crate) good: usize,
    /// All requests with texts.
    pub(crate) requests: usize,
    /// How often the settings were read.
    pub(crate) settings: usize,
    /// Requests that asked for alternatives.
    pub(crate) alternatives: usize,
    /// How often each text was translated.
    pub(crate) texts: HashMap<String, usize>,
    /// The texts that were translated, request by request.
    pub(crate) sold: Vec<Vec<String>>,
}

impl Service {
    /// Starts a double that translates a text to `EN` and the text.
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let state = Arc::new(State::default());
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            let responder = Responder(Arc::clone(&state));
            Mock::given(any()).respond_with(responder).mount(&server).await;
            server
        });
        Self { server, state, _runtime: runtime }
    }

    /// Sets what the owner of a server can set.
    pub(crate) fn owner(self, owner: Owner) -> Self {
        *self.state.owner.lock().expect("whole") = owner;
        self
    }

    /// Has other translations of a text, the likeliest first.
    pub(crate) fn alternatives(self, german: &str, english: &[&str]) -> Self {
        let english = english.iter().map(|text| (*text).to_owned()).collect();
        self.state.alternatives.lock().expect("whole").insert(german.to_owned(), english);
        self
    }

    /// Adds a fault.
    pub(crate) fn fault(self, fault: Fault) -> Self {
        self.state.faults.lock().expect("whole").push(fault);
        self
    }

    /// Takes all faults away.
    pub(crate) fn mend(&self) {
        self.state.faults.lock().expect("whole").clear();
    }

    /// Renders some German words as some English ones.
    pub(crate) fn renders(self, german: &str, english: &str) -> Self {
        self.state.renderings.lock().expect("whole").push((german.to_owned(), english.to_owned()));
        self
    }

    /// Answers a whole text with another one.
    pub(crate) fn answers(self, german: &str, english: &str) -> Self {
        self.state.answers.lock().expect("whole").insert(german.to_owned(), english.to_owned());
        self
    }

    /// Answers later: the longer the first text, the sooner, so that answers overtake each other.
    pub(crate) fn slow(self, delay: Duration) -> Self {
        *self.state.delay.lock().expect("whole") = delay;
        self
    }

    /// Holds back its answers after so many good ones. One request at a time comes to be held.
    pub(crate) fn hold_after(self, good: usize) -> Self {
        *self.state.hold_after.lock().expect("whole") = Some(good);
        self
    }

    /// Lets go the answers that are held back, and all further ones.
    pub(crate) fn let_go(&self) {
        *self.state.hold_after.lock().expect("whole") = None;
        self.state.let_go.notify_all();
    }

    /// Returns when so many requests have come.
    pub(crate) fn wait_for_requests(&self, requests: usize) {
        while self.counts().requests < requests {
            std::thread::yield_now();
        }
    }

    /// The address.
    pub(crate) fn address(&self) -> String {
        self.server.uri()
    }

    /// What was seen so far.
    pub(crate) fn counts(&self) -> Counts {
        self.state.counts.lock().expect("whole").clone()
    }

    /// Forgets what was seen.
    pub(crate) fn reset(&self) {
        *self.state.counts.lock().expect("whole") = Counts::default();
    }

    /// Returns when so many requests were answered well.
    pub(crate) fn wait_for(&self, good: usize) {
        while self.counts().good < good {
            std::thread::yield_now();
        }
    }
}

struct Responder(Arc<State>);

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let state = &self.0;
        let owner = *state.owner.lock().expect("whole");
        let mut counts = state.counts.lock().expect("whole");
        match (request.method.as_str(), request.url.path()) {
            ("GET", "/frontend/settings") => {
                counts.settings += 1;
                return settings(&owner);
            }
            ("POST", "/translate") => {}
            _ => return ResponseTemplate::new(404),
        }
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        let texts: Vec<String> = match &body["q"] {
            Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            other => vec![other.as_str().expect("a text").to_owned()],
        };
        let alternatives = body.get("alternatives").map_or(0, |wanted| wanted.as_u64().expect("a number"));
        let alternatives = usize::try_from(alternatives).expect("few");
        counts.requests += 1;
        counts.alternatives += usize::from(alternatives > 0);
        if let Some(message) = refused(&owner, &body, &texts, alternatives) {
            return ResponseTemplate::new(400).set_body_json(json!({ "error": message }));
        }
        let faults = state.faults.lock().expect("whole").clone();
        let first = state.tried.lock().expect("whole").insert(request.body.clone());
        for fault in &faults {
            match fault {
                Fault::FirstTry(status) if first => {
                    return refusal(*status).insert_header("Retry-After", "0");
                }
                Fault::Always(status) => return refusal(*status),
                Fault::After(good, status) if counts.good >= *good => return refusal(*status),
                Fault::SlowDown(good, seconds) if counts.good >= *good => {
                    return refusal(429).insert_header("Retry-After", seconds.to_string().as_str());
                }
                _ => {}
            }
        }
        counts.good += 1;
        counts.sold.push(texts.clone());
        for text in &texts {
            *counts.texts.entry(text.clone()).or_default() += 1;
        }
        let renderings = state.renderings.lock().expect("whole");
        let answers = state.answers.lock().expect("whole");
        let answer = |text: &String| {
            answers.get(text).cloned().unwrap_or_else(|| translate(text, &renderings, &faults))
        };
        let mut translations: Vec<String> = texts.iter().map(answer).collect();
        if faults
            .iter()
            .any(|fault| matches!(fault, Fault::Short(word) if texts.iter().any(|t| t.contains(word))))
        {
            translations.pop();
        }
        let good = counts.good;
        drop(counts);
        let held = state.hold_after.lock().expect("whole");
        drop(state.let_go.wait_while(held, |hold_after| hold_after.is_some_and(|after| good > after)));
        let delay = *state.delay.lock().expect("whole");
        let share = u32::try_from(texts[0].len() % 7).unwrap_or_default();
        let mut answer = json!({ "translatedText": translations });
        if alternatives > 0 {
            let known = state.alternatives.lock().expect("whole");
            let of = |text: &String| {
                let others = known.get(text).filter(|_| body["format"] != "html").into_iter().flatten();
                others.take(alternatives).cloned().collect::<Vec<String>>()
            };
            answer["alternatives"] = texts.iter().map(of).collect::<Vec<_>>().into();
        }
        ResponseTemplate::new(200).set_body_json(answer).set_delay(delay * share)
    }
}

fn settings(owner: &Owner) -> ResponseTemplate {
    if owner.is_discreet {
        return ResponseTemplate::new(404).set_body_string("<!doctype html><h1>Not Found</h1>");
    }
    let limit = owner.char_limit.map_or(json!(-1), |limit| json!(limit));
    let language = json!({ "source": { "code": "auto", "name": "Auto Detect" }, "target": { "code": "en", "name": "English" } });
    ResponseTemplate::new(200).set_body_json(json!({
        "charLimit": limit, "frontendTimeout": 500, "apiKeys": owner.key_required, "keyRequired": owner.key_required,
        "suggestions": false, "filesTranslation": true, "supportedFilesFormat": [".txt"], "language": language,
    }))
}

/// Why a server refuses a request, in the order in which it looks.
fn refused(owner: &Owner, body: &Value, texts: &[String], alternatives: usize) -> Option<String> {
    if owner.key_required && body.get("api_key").is_none() {
        return Some("Please contact the server operator to get an API key".to_owned());
    }
    if let Some(limit) = owner.alternatives_limit.filter(|limit| alternatives > *limit) {
        return Some(format!("Invalid request: alternatives parameter must be <= {limit}"));
    }
    // It says the same of both.
    let exceeds = |size, limit| format!("Invalid request: request ({size}) exceeds text limit ({limit})");
    if let Some(limit) = owner.batch_limit.filter(|limit| texts.len() > *limit) {
        return Some(exceeds(texts.len(), limit));
    }
    let limit = owner.char_limit?;
    let size = texts.iter().map(|text| text.chars().count()).find(|size| *size > limit)?;
    Some(exceeds(size, limit))
}

fn translate(text: &str, renderings: &[(String, String)], faults: &[Fault]) -> String {
    if faults.iter().any(|fault| matches!(fault, Fault::Echo(word) if text.contains(word))) {
        return text.to_owned();
    }
    let rendered =
        renderings.iter().fold(text.to_owned(), |text, (german, english)| text.replace(german, english));
    english(&rendered)
}

/// What the double makes of a text: `EN` and the text, in which every word that shows that it is German reads `the`.
/// With these words it would be German and no translation.
pub(crate) fn english(text: &str) -> String {
    let data = include_str!("../../src/check/data/german_words.txt");
    let is_german = |word: &str| {
        let small = word.to_lowercase();
        if word == small && word.contains(['ä', 'ö', 'ü', 'ß']) {
            return true;
        }
        let words = data.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
        words.into_iter().any(|known| known == small)
    };
    let mut out = "EN ".to_owned();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, after) = rest.split_at(end);
        out.push_str(if !is_german(word) {
            word
        } else if first.is_uppercase() {
            "The"
        } else {
            "the"
        });
        rest = after;
    }
    out
}

fn refusal(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error": "on purpose" }))
}
