//! The command as its users run it, against doubles of the services.

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod resilience;
mod terms;
mod translate;
