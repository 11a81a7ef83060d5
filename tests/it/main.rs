//! The command as its users run it, against doubles of the services.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod corpora;
mod documents;
mod layouts;
mod resilience;
mod terms;
mod translate;
