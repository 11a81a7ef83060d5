//! A project in a folder of its own, and a double of a translation service.

mod project;
mod service;

pub(crate) use project::{Project, Ran, finished};
pub(crate) use service::{Fault, Service, english};
