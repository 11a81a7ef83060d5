//! Translates a folder with an engine of one's own: `cargo run --example own_engine -- seeds output-shouted`
//!
//! An engine says what it is and what one request may hold, and answers batches. Everything else is the run's: sentences,
//! terms, the memory, retries of answers that are none, files.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt as _;
use futures::future::ready;
use wortlaut::engine::{Abilities, Billing, Engine, EngineInfo, Limits, TranslateFuture};
use wortlaut::glossary::Glossary;
use wortlaut::memory::SqliteMemory;
use wortlaut::model::{Batch, Request, Translation};
use wortlaut::pipeline::{Deliver, Input, Inputs, Options, Run, Tools};
use wortlaut::read::{SourceSearch, sources};
use wortlaut::write::{OutputFormat, Outputs};

/// Gives every text back in capitals.
struct Shouter {
    info: EngineInfo,
    requests: AtomicU64,
}

impl Shouter {
    fn new() -> Self {
        let info = EngineInfo {
            profile: "shouter".to_owned(),
            kind: "example",
            // Everything that changes its output; answers are found in the memory by it.
            fingerprint: "shouter 1".to_owned(),
            limits: Limits { segments: 50, characters: 10_000, bytes: 100_000 },
            concurrency: 4,
            billing: Billing::None,
            prices: None,
            // It marks what it is sent and translates nothing, so its answers are not judged as English.
            abilities: Abilities { marks: true, ..Abilities::default() },
            caveat: None,
        };
        Self { info, requests: AtomicU64::new(0) }
    }
}

impl Engine for Shouter {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = |request: &Request| Translation::plain(request.text.to_uppercase());
        ready(Ok(batch.requests.iter().map(answer).collect())).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("usage: own_engine FOLDER OUTPUT".into());
    };
    let search = SourceSearch { excluded: &[], corpora: false, is_output: &|_: &Path| false };
    let articles = sources(&input, search)?.articles.into_iter().map(Input::File).collect();
    let outputs = Arc::new(Outputs::folder(&output, false)?);
    let writing = Arc::clone(&outputs);
    let formats = [OutputFormat::Lines, OutputFormat::Jsonl];
    let deliver = Deliver::articles(Arc::new(move |document| writing.write(&document, &formats)));
    let tools = Tools::new(Arc::new(Shouter::new()), &Glossary::default());
    let inputs = Inputs { articles, ..Inputs::default() };
    let options = Options { any_language: true, ..Options::default() };
    let run = Run::new(inputs, tools, Arc::new(SqliteMemory::open_in_memory()?));
    let outcome = Run { options, deliver, ..run }.start().await;
    outputs.finish()?;
    println!("{} segments, {} requests", outcome.stats.segments, outcome.stats.requests);
    outcome.failure.map_or(Ok(()), |failure| Err(failure.into()))
}
