//! A project in a folder of its own, and doubles of services.

pub(crate) mod deepl_requests;
mod night;
mod project;
mod service;

pub(crate) use night::{Course, NightServer, Vendor};
pub(crate) use project::{Project, Ran, finished};
pub(crate) use service::{Fault, Owner, Service, english};
