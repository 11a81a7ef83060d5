//! `OpenAI`'s batch jobs: a file with a request a line, and a job that names it.

use serde_json::{Value, json};

use super::jobs::{
    AnswersOfJob, JOB_BYTES, JobProtocol, ListedJob, MARK, OrderedRequests, mark, openai_answer, time,
};
use crate::engine::llm::protocol::{count, word};
use crate::engine::night::{JobAnswer, JobLimits, JobState};

/// Where the files with answers are named.
const FILES: [&str; 2] = ["/output_file_id", "/error_file_id"];

/// The jobs of one of its APIs, whose path stands in every request.
pub(crate) struct OpenAiJobs {
    pub(crate) url: &'static str,
}

impl JobProtocol for OpenAiJobs {
    fn limits(&self) -> JobLimits {
        JobLimits { requests: 50_000, bytes: JOB_BYTES }
    }

    fn order_path(&self) -> Vec<String> {
        self.jobs_path().iter().map(|step| (*step).to_owned()).collect()
    }

    fn jobs_path(&self) -> &'static [&'static str] {
        &["v1", "batches"]
    }

    fn entry(&self, name: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(r#"{{"custom_id":"{name}","method":"POST","url":"{}","body":"#, self.url);
        [head.as_bytes(), body, b"}"].concat()
    }

    fn takes_file(&self) -> bool {
        true
    }

    fn order(&self, nonce: &str, requests: OrderedRequests<'_>) -> Vec<u8> {
        let file = match requests {
            OrderedRequests::InFile(file) => file,
            OrderedRequests::Here(_) => "",
        };
        json!({
            "input_file_id": file,
            "endpoint": self.url,
            "completion_window": "24h",
            "metadata": { MARK: mark(nonce) },
        })
        .to_string()
        .into_bytes()
    }

    fn page(&self, _: usize, before: Option<&Value>) -> Option<Vec<(&'static str, String)>> {
        let mut query = vec![("limit", "100".to_owned())];
        if let Some(page) = before {
            if page.get("has_more").and_then(Value::as_bool) != Some(true) {
                return None;
            }
            query.push(("after", word(self.jobs(page).last()?, "/id").to_owned()));
        }
        Some(query)
    }

    fn job(&self, said: &Value) -> Option<ListedJob> {
        let done = count(said, "/request_counts/completed") + count(said, "/request_counts/failed");
        let has_files = FILES.iter().any(|file| !word(said, file).is_empty());
        let state = match word(said, "/status") {
            // Its answers are paid for, so they are waited for.
            "completed" | "expired" if !has_files && count(said, "/request_counts/completed") > 0 => {
                JobState::Running { done: Some(done) }
            }
            "completed" | "expired" => JobState::Ended { cancelled: false },
            "cancelled" => JobState::Ended { cancelled: true },
            "failed" => JobState::Failed(word(said, "/errors/data/0/message").to_owned()),
            _ => JobState::Running { done: Some(done) },
        };
        Some(ListedJob {
            id: said.get("id")?.as_str()?.to_owned(),
            mark: Some(word(said, &format!("/metadata/{MARK}")).to_owned()),
            created_at: time(said.get("created_at")),
            requests: None,
            state,
        })
    }

    fn answers(&self, job: Value) -> AnswersOfJob {
        let files = FILES.map(|path| word(&job, path).to_owned());
        let path = |id: String| vec!["v1".to_owned(), "files".to_owned(), id, "content".to_owned()];
        AnswersOfJob::At(files.into_iter().filter(|id| !id.is_empty()).map(path).collect())
    }

    fn answer(&self, line: Value) -> Option<JobAnswer> {
        openai_answer(&line)
    }
}
