//! Sends recorded outputs of a service through the pipeline and prints what enforcement makes of them:
//! `cargo run --example replay_terms -- ROWS.jsonl GLOSSARY SYSTEM > OUT.jsonl`
//!
//! A row is `{"de": …, "sys": {SYSTEM: …}}`. The service knows the recorded sentences only: what the rungs
//! `inline` and `placeholder` send gets an empty answer, so the figures are those of `native` and `repair` alone.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints its result")]

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::FutureExt as _;
use futures::future::ready;
use serde_json::{Value, json};
use wortlaut::engine::{Abilities, Billing, Engine, EngineInfo, Limits, TranslateFuture};
use wortlaut::glossary::{Glossary, Matcher};
use wortlaut::memory::SqliteMemory;
use wortlaut::model::{ArticleId, Batch, ParallelDocument, RepairRule, Request, Rung, Translation, Unit};
use wortlaut::pipeline::{self, Input, Inputs, Run, Tools};
use wortlaut::text::{Explanation, SegmentError, Segmenter};

/// Answers with what was recorded.
struct Recorded {
    info: EngineInfo,
    answers: HashMap<String, String>,
}

impl Recorded {
    /// The answer to a row, or to one whose list marker or dateline the reader has taken off.
    fn answer(&self, text: &str) -> Option<&String> {
        let longer =
            || self.answers.iter().find(|(german, _)| german.ends_with(text)).map(|(_, answer)| answer);
        self.answers.get(text).or_else(longer)
    }
}

impl Engine for Recorded {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        let answer =
            |request: &Request| Translation::plain(self.answer(&request.text).cloned().unwrap_or_default());
        ready(Ok(batch.requests.iter().map(answer).collect())).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        0
    }
}

/// A row is one segment, as it was for the service.
struct Whole;

impl Segmenter for Whole {
    fn segment(&self, text: &str) -> Result<Vec<Range<usize>>, SegmentError> {
        Ok(std::iter::once(0..text.len()).collect())
    }

    fn explain(&self, _text: &str) -> Result<Vec<Explanation>, SegmentError> {
        Ok(Vec::new())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, rows, glossary, system] = &args[..] else {
        return Err("usage: replay_terms ROWS.jsonl GLOSSARY SYSTEM".into());
    };
    let rows: Vec<Value> =
        std::fs::read_to_string(rows)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let answers: HashMap<_, _> = rows
        .iter()
        .map(|row| (pipeline::normalise(&text(row, "de")).into_owned(), text(&row["sys"], system)))
        .collect();
    let inputs = rows
        .iter()
        .enumerate()
        .map(|(at, row)| Input::Bytes(ArticleId::new(&format!("{at}.txt")), text(row, "de").into_bytes()));
    let tools = Tools {
        segmenter: Arc::new(Whole),
        matcher: Arc::new(Matcher::new(&Glossary::load(Path::new(glossary))?)),
        engine: Arc::new(Recorded { info: info(), answers: answers.clone() }),
    };
    let documents: Arc<Mutex<HashMap<String, ParallelDocument>>> = Arc::default();
    let kept = Arc::clone(&documents);
    let deliver = pipeline::Deliver::articles(Arc::new(move |document: ParallelDocument| {
        let id = document.source().article().id.to_string();
        if let Ok(mut all) = kept.lock() {
            all.insert(id, document);
        }
        Ok(Vec::new())
    }));
    let memory = Arc::new(SqliteMemory::open_in_memory()?);
    let run = Run::new(Inputs { articles: inputs.collect(), ..Inputs::default() }, tools, memory);
    let run = Run { options: options(), deliver, ..run }.start().await;
    eprintln!("{system}: {:?}", run.stats.terms);
    let documents = documents.lock().map_err(|_| "a task has failed")?;
    for (at, row) in rows.iter().enumerate() {
        let document = documents.get(&format!("{at}.txt"));
        println!("{}", line(document, &text(&row["sys"], system)));
    }
    Ok(())
}

fn options() -> pipeline::Options {
    pipeline::Options {
        furniture: true,
        any_language: true,
        rungs: Rung::LADDER.to_vec(),
        ..pipeline::Options::default()
    }
}

/// A row of the output: the first answer, the taken one, and the rules that changed it.
fn line(document: Option<&ParallelDocument>, native: &str) -> Value {
    let units = document.map(ParallelDocument::units).unwrap_or_default();
    let target: Vec<&str> = units.iter().filter_map(Unit::target).collect();
    let findings = document.map(ParallelDocument::findings).unwrap_or_default();
    let findings: Vec<&str> = findings.iter().map(|found| found.finding.message.as_str()).collect();
    let holds = units.iter().flat_map(Unit::terms).filter_map(|(_, hold)| hold);
    let rules: Vec<&str> = holds.filter_map(|hold| hold.rule).map(RepairRule::as_str).collect();
    json!({ "native": native, "en": target.concat(), "rules": rules, "findings": findings })
}

fn info() -> EngineInfo {
    EngineInfo {
        profile: "recorded".into(),
        kind: "recorded",
        fingerprint: "recorded".into(),
        limits: Limits { segments: 1, characters: usize::MAX, bytes: usize::MAX },
        concurrency: 4,
        billing: Billing::None,
        prices: None,
        abilities: Abilities::default(),
        caveat: None,
    }
}
