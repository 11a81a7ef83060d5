//! Tests of the parts that are not ours: what is missing fails. `.ci/run` installs them.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

// Each target of tests uses some of it.
#[expect(dead_code, unused_imports, reason = "the other target uses the rest")]
#[path = "../support/mod.rs"]
mod support;

mod browser;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../support/postgres.rs"]
mod postgres;
mod review;
mod shared;
mod spark;
