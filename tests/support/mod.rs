//! A project in a folder of its own, and a double of a translation service.

mod project;
mod service;

pub use project::{Project, finished};
pub use service::{Fault, Service};
