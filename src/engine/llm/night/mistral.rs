//! Mistral's batch jobs: the requests stand in what hands them in.

use serde_json::{Value, json};

use super::jobs::{
    AnswersOfJob, JOB_BYTES, JobProtocol, ListedJob, MARK, OrderedRequests, mark, openai_answer, time,
};
use crate::engine::llm::protocol::{count, word};
use crate::engine::night::{JobAnswer, JobLimits, JobState};

const URL: &str = "/v1/chat/completions";
/// Requests in a job that stand in its order.
const REQUESTS: usize = 10_000;
const PAGE: usize = 100;

/// The jobs of a model.
pub(crate) struct MistralJobs {
    pub(crate) model: String,
}

impl JobProtocol for MistralJobs {
    fn limits(&self) -> JobLimits {
        JobLimits { requests: REQUESTS, bytes: JOB_BYTES }
    }

    fn order_path(&self) -> Vec<String> {
        self.jobs_path().iter().map(|step| (*step).to_owned()).collect()
    }

    fn jobs_path(&self) -> &'static [&'static str] {
        &["v1", "batch", "jobs"]
    }

    fn entry(&self, name: &str, body: &[u8]) -> Vec<u8> {
        [format!(r#"{{"custom_id":"{name}","body":"#).as_bytes(), body, b"}"].concat()
    }

    fn order(&self, nonce: &str, requests: OrderedRequests<'_>) -> Vec<u8> {
        let requests = match requests {
            OrderedRequests::Here(requests) => requests,
            OrderedRequests::InFile(_) => b"[]",
        };
        let rest =
            json!({ "endpoint": URL, "model": self.model, "metadata": { MARK: mark(nonce) } }).to_string();
        [br#"{"requests":"#.as_slice(), requests, b",", &rest.as_bytes()[1..]].concat()
    }

    fn page(&self, number: usize, before: Option<&Value>) -> Option<Vec<(&'static str, String)>> {
        if before.is_some_and(|page| self.jobs(page).len() < PAGE) {
            return None;
        }
        let order = ("order_by", "-created".to_owned());
        Some(vec![("page", number.to_string()), ("page_size", PAGE.to_string()), order])
    }

    fn job(&self, said: &Value) -> Option<ListedJob> {
        let has_answers = !word(said, "/output_file").is_empty();
        let state = match word(said, "/status") {
            "SUCCESS" | "TIMEOUT_EXCEEDED" => JobState::Ended { cancelled: false },
            "CANCELLED" => JobState::Ended { cancelled: true },
            "FAILED" if has_answers => JobState::Ended { cancelled: false },
            "FAILED" => JobState::Failed(word(said, "/errors/0/message").to_owned()),
            _ => JobState::Running { done: Some(count(said, "/completed_requests")) },
        };
        Some(ListedJob {
            id: said.get("id")?.as_str()?.to_owned(),
            mark: Some(word(said, &format!("/metadata/{MARK}")).to_owned()),
            created_at: time(said.get("created_at")),
            requests: None,
            state,
        })
    }

    fn answers_query(&self) -> &'static [(&'static str, &'static str)] {
        &[("inline", "true")]
    }

    fn answers(&self, mut job: Value) -> AnswersOfJob {
        if let Some(Value::Array(outputs)) = job.get_mut("outputs").map(Value::take) {
            return AnswersOfJob::Here(outputs);
        }
        let files = ["/output_file", "/error_file"].map(|path| word(&job, path).to_owned());
        let path = |id: String| vec!["v1".to_owned(), "files".to_owned(), id, "content".to_owned()];
        AnswersOfJob::At(files.into_iter().filter(|id| !id.is_empty()).map(path).collect())
    }

    fn answer(&self, line: Value) -> Option<JobAnswer> {
        openai_answer(&line)
    }
}
