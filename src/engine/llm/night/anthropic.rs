//! Anthropic's Message Batches. They have no name: only their answers tell whose they are.

use serde_json::Value;

use super::jobs::{AnswersOfJob, JOB_BYTES, JobProtocol, ListedJob, OrderedRequests, time};
use crate::engine::llm::protocol::{count, word};
use crate::engine::night::{JobAnswer, JobLimits, JobOutcome, JobState};

/// The jobs.
pub(crate) struct AnthropicJobs;

impl JobProtocol for AnthropicJobs {
    fn limits(&self) -> JobLimits {
        JobLimits { requests: 100_000, bytes: JOB_BYTES }
    }

    fn order_path(&self) -> Vec<String> {
        self.jobs_path().iter().map(|step| (*step).to_owned()).collect()
    }

    fn jobs_path(&self) -> &'static [&'static str] {
        &["v1", "messages", "batches"]
    }

    fn entry(&self, name: &str, body: &[u8]) -> Vec<u8> {
        [format!(r#"{{"custom_id":"{name}","params":"#).as_bytes(), body, b"}"].concat()
    }

    fn order(&self, _: &str, requests: OrderedRequests<'_>) -> Vec<u8> {
        let requests = match requests {
            OrderedRequests::Here(requests) => requests,
            OrderedRequests::InFile(_) => b"[]",
        };
        [br#"{"requests":"#.as_slice(), requests, b"}"].concat()
    }

    fn page(&self, _: usize, before: Option<&Value>) -> Option<Vec<(&'static str, String)>> {
        let mut query = vec![("limit", "100".to_owned())];
        if let Some(page) = before {
            if page.get("has_more").and_then(Value::as_bool) != Some(true) {
                return None;
            }
            query.push(("after_id", word(self.jobs(page).last()?, "/id").to_owned()));
        }
        Some(query)
    }

    fn job(&self, said: &Value) -> Option<ListedJob> {
        let done = ["succeeded", "errored", "canceled", "expired"]
            .map(|state| count(said, &format!("/request_counts/{state}")))
            .iter()
            .sum();
        let state = match word(said, "/processing_status") {
            "ended" => JobState::Ended { cancelled: !word(said, "/cancel_initiated_at").is_empty() },
            _ => JobState::Running { done: Some(done) },
        };
        Some(ListedJob {
            id: said.get("id")?.as_str()?.to_owned(),
            mark: None,
            created_at: time(said.get("created_at")),
            requests: said.get("request_counts").map(|_| done + count(said, "/request_counts/processing")),
            state,
        })
    }

    fn answers(&self, job: Value) -> AnswersOfJob {
        // The address that the service gives is not followed: the key goes with it.
        let id = word(&job, "/id").to_owned();
        let path = self.jobs_path().iter().map(|step| (*step).to_owned());
        AnswersOfJob::At(vec![path.chain([id, "results".to_owned()]).collect()])
    }

    fn answer(&self, mut line: Value) -> Option<JobAnswer> {
        let name = line.get("custom_id")?.as_str()?.to_owned();
        let outcome = match word(&line, "/result/type") {
            "succeeded" => JobOutcome::Answered(line.pointer_mut("/result/message")?.take()),
            "expired" => JobOutcome::Expired,
            "canceled" => JobOutcome::Cancelled,
            _ => {
                let said = ["/result/error/error/message", "/result/error/message"];
                let said = said.map(|path| word(&line, path)).into_iter().find(|said| !said.is_empty());
                JobOutcome::Errored(said.unwrap_or_default().to_owned())
            }
        };
        Some(JobAnswer { name, outcome })
    }
}
