//! Language models behind a service. What all have in common is here: the prompt, the schema, the ceiling, how an answer is
//! read and paid for. Each vendor's API is a [`Protocol`](protocol::Protocol) in a file of its own.

mod answer;
mod anthropic;
mod ceiling;
mod chat;
mod dialect;
mod gemini;
mod lane;
mod mistral;
mod model;
mod night;
mod ollama;
mod prompt;
mod protocol;
mod responses;
mod schema;
mod vendor;

pub(super) use self::model::{LanguageModel, least_overhead};
