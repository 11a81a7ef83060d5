//! Gemini's batch jobs: the requests stand in what hands them in, and the answers in what is said of the job.

use serde_json::{Value, json};

use super::jobs::{AnswersOfJob, JobProtocol, ListedJob, OrderedRequests, last_step, mark, time};
use crate::engine::llm::protocol::{count, has_error, word};
use crate::engine::night::{JobAnswer, JobLimits, JobOutcome, JobState, request_name};

/// Bytes of a job: its answers, which are shorter, come in one piece.
const BYTES: usize = 8 << 20;
/// Its own word for what is said of a job, before the states of which there are two spellings.
const PREFIXES: [&str; 2] = ["BATCH_STATE_", "JOB_STATE_"];
/// Where the answers stand in what is said of a job.
const ANSWERS: [&str; 2] = ["/response/inlinedResponses", "/metadata/output/inlinedResponses"];

/// The jobs of a model.
pub(crate) struct GeminiJobs {
    pub(crate) model: String,
}

impl JobProtocol for GeminiJobs {
    fn limits(&self) -> JobLimits {
        JobLimits { requests: 10_000, bytes: BYTES }
    }

    fn order_path(&self) -> Vec<String> {
        let model = format!("{}:batchGenerateContent", self.model);
        ["v1beta", "models", &model].map(str::to_owned).to_vec()
    }

    fn jobs_path(&self) -> &'static [&'static str] {
        &["v1beta", "batches"]
    }

    fn cancel_path(&self, id: &str) -> Vec<String> {
        vec![format!("{id}:cancel")]
    }

    fn entry(&self, name: &str, body: &[u8]) -> Vec<u8> {
        [br#"{"request":"#.as_slice(), body, format!(r#","metadata":{{"key":"{name}"}}}}"#).as_bytes()]
            .concat()
    }

    fn order(&self, nonce: &str, requests: OrderedRequests<'_>) -> Vec<u8> {
        let requests = match requests {
            OrderedRequests::Here(requests) => requests,
            OrderedRequests::InFile(_) => b"[]",
        };
        let name = json!(mark(nonce)).to_string();
        let head = format!(r#"{{"batch":{{"displayName":{name},"inputConfig":{{"requests":{{"requests":"#);
        [head.as_bytes(), requests, b"}}}}"].concat()
    }

    fn page(&self, _: usize, before: Option<&Value>) -> Option<Vec<(&'static str, String)>> {
        let mut query = vec![("pageSize", "100".to_owned())];
        if let Some(page) = before {
            let next = word(page, "/nextPageToken");
            if next.is_empty() {
                return None;
            }
            query.push(("pageToken", next.to_owned()));
        }
        Some(query)
    }

    fn jobs<'a>(&self, page: &'a Value) -> &'a [Value] {
        page.get("operations").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn job(&self, said: &Value) -> Option<ListedJob> {
        let state = word(said, "/metadata/state");
        let state = PREFIXES.iter().find_map(|prefix| state.strip_prefix(prefix)).unwrap_or(state);
        let has_answers = ANSWERS.iter().any(|place| said.pointer(place).is_some());
        let state = match state {
            "SUCCEEDED" | "PARTIALLY_SUCCEEDED" if has_answers => JobState::Ended { cancelled: false },
            "EXPIRED" => JobState::Ended { cancelled: false },
            "CANCELLED" => JobState::Ended { cancelled: true },
            "FAILED" => JobState::Failed(word(said, "/error/message").to_owned()),
            // One that succeeded has answers, and they are paid for: they are waited for.
            _ => {
                let all = count(said, "/metadata/batchStats/requestCount");
                let open = count(said, "/metadata/batchStats/pendingRequestCount");
                JobState::Running { done: all.checked_sub(open) }
            }
        };
        Some(ListedJob {
            id: last_step(said.get("name")?.as_str()?),
            mark: Some(word(said, "/metadata/displayName").to_owned()),
            created_at: time(said.pointer("/metadata/createTime")),
            requests: None,
            state,
        })
    }

    /// They come in the order of the requests, and not always with the names that those had.
    fn answers(&self, mut job: Value) -> AnswersOfJob {
        let mark = word(&job, "/metadata/displayName").to_owned();
        let nonce = mark.rsplit('-').next().unwrap_or_default();
        let found = ANSWERS.iter().find(|place| job.pointer(place).is_some());
        let mut found = found.and_then(|place| job.pointer_mut(place)).map(Value::take).unwrap_or_default();
        if let Some(inner) = found.get_mut("inlinedResponses") {
            found = inner.take();
        }
        let Value::Array(mut answers) = found else { return AnswersOfJob::Here(Vec::new()) };
        for (number, answer) in answers.iter_mut().enumerate() {
            if word(answer, "/metadata/key").is_empty()
                && let Some(fields) = answer.as_object_mut()
            {
                fields.insert("metadata".to_owned(), json!({ "key": request_name(nonce, number) }));
            }
        }
        AnswersOfJob::Here(answers)
    }

    fn answer(&self, mut line: Value) -> Option<JobAnswer> {
        let name = word(&line, "/metadata/key").to_owned();
        let outcome = match line.get_mut("response").map(Value::take) {
            Some(response) if !has_error(&line) => JobOutcome::Answered(response),
            // google.rpc.Code: 1 is cancelled, 4 is too late.
            _ => match count(&line, "/error/code") {
                1 => JobOutcome::Cancelled,
                4 => JobOutcome::Expired,
                _ => JobOutcome::Errored(word(&line, "/error/message").to_owned()),
            },
        };
        Some(JobAnswer { name, outcome })
    }
}
