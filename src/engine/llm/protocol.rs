//! What the API of a vendor is to a language model: one way to ask, one way to answer.

use std::fmt;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::dialect::{Spoken, Wish};
use super::prompt::Prompt;
use crate::engine::lenient;
use crate::model::Usage;

/// How one vendor is asked, and answers.
pub(super) trait Protocol: Send + Sync {
    /// The body of a request.
    fn body(&self, ask: &ModelAsk<'_>) -> Value;

    /// What an answer of 2xx says; `None` if it holds no answer of a model.
    fn read(&self, reply: &Value) -> Option<ModelAnswer>;

    /// What the request used, as the service counts it; `None` if it says nothing.
    fn usage(&self, reply: &Value) -> Option<Usage>;

    /// What of a request not every server or model takes, in the order in which it is given up; a body puts each as
    /// [`ModelAsk::spoken`] says.
    fn wishes(&self) -> Vec<Wish>;

    /// Headers beside those that authorise.
    fn headers(&self) -> HeaderMap {
        HeaderMap::new()
    }
}

/// What a model is asked.
pub(super) struct ModelAsk<'a> {
    pub(super) prompt: &'a Prompt,
    /// What its answer must look like.
    pub(super) schema: &'a Value,
    /// Tokens of its answer; `None` leaves them to the server.
    pub(super) ceiling: Option<u64>,
    pub(super) spoken: Spoken,
}

/// What a model said.
#[derive(Debug, PartialEq)]
pub(super) struct ModelAnswer {
    pub(super) text: String,
    pub(super) end: AnswerEnd,
}

/// Why a model stopped.
#[derive(Debug, PartialEq)]
pub(super) enum AnswerEnd {
    /// It had no more to say.
    Whole,
    /// There was no more room.
    CutOff,
    /// It will not.
    Declined(String),
    /// It was not let.
    Withheld(String),
    /// The server behind it failed, with an object `error` that says how.
    Failed(Value),
    /// The prompt did not reach it whole.
    CutPrompt(String),
}

impl ModelAnswer {
    pub(super) fn new(text: impl Into<String>, end: AnswerEnd) -> Self {
        Self { text: text.into(), end }
    }
}

/// A figure in an answer; nothing if it is not there.
pub(super) fn count(reply: &Value, path: &str) -> u64 {
    reply.pointer(path).and_then(lenient::figure).unwrap_or(0)
}

/// Whether a part of an answer holds an error.
pub(super) fn has_error(part: &Value) -> bool {
    part.get("error").is_some_and(|error| !error.is_null())
}

/// The text of a content: a string, or a list of parts of which some are text. Parts of another type are thoughts.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(|part| lenient::text(part, "text")).collect(),
        _ => String::new(),
    }
}

/// A field of an answer as text.
pub(super) fn word<'a>(reply: &'a Value, path: &str) -> &'a str {
    reply.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// A reason that a service gives by a word of its own, with what it says to that.
pub(super) fn reason(word: impl fmt::Display, said: &str) -> String {
    if said.is_empty() { word.to_string() } else { format!("{said} ({word})") }
}
