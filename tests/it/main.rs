//! The command as its users run it, against doubles of the services.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod batch;
mod bilingual;
mod changes;
mod checks;
mod commands;
mod corpora;
mod corpus;
mod declension;
mod deepl;
mod documents;
mod evaluate;
mod evaluate_engines;
mod exchange;
// What is preloaded knows the system calls of Linux on 64 bits.
#[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
mod faults;
mod files;
mod glossary;
mod holding;
mod layouts;
mod learn;
mod libretranslate;
mod man;
mod memory;
mod memory_files;
mod models;
mod money;
mod pages;
mod profiles;
mod prune;
mod resilience;
mod review;
#[cfg(unix)]
mod secrets;
mod segments;
mod settings;
mod several_engines;
// On Windows, paths, the name of the program and the errors of the system read otherwise.
#[cfg(unix)]
mod snapshots;
mod start;
mod subtitles;
mod terms;
mod translate;
mod trust;
mod unchanged;
mod verify;
mod watch;
mod worker;
