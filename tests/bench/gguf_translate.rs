//! Translates German lines from the standard input with a GGUF model and tells how fast:
//! `cargo run --release --example gguf_translate -- MODEL.gguf [--rerank] < GERMAN > ENGLISH`
//!
//! A line may carry glossary terms after a tab: `Satz<TAB>German = English; German = English`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints its result")]

use std::io::{BufRead as _, stdin};
use std::time::Instant;

use futures::StreamExt as _;
use futures::stream;
use wortlaut::engine::gguf::{Gguf, GgufOptions};
use wortlaut::engine::{Engine as _, Tuning};
use wortlaut::model::{Batch, Request, TermHint};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = std::env::args().nth(1).ok_or("usage: gguf_translate MODEL.gguf [--rerank] < GERMAN")?;
    let start = Instant::now();
    let engine = Gguf::load(GgufOptions {
        profile: "bench".into(),
        model: model.into(),
        context: 2048,
        neighbours: true,
        rerank: std::env::args().nth(2).is_some_and(|argument| argument == "--rerank"),
        caveat: None,
        tuning: Tuning::default(),
    })?;
    eprintln!("loaded in {:.2} s", start.elapsed().as_secs_f32());
    let batches: Vec<Batch> =
        stdin().lock().lines().map(|line| Ok(batch(&line?))).collect::<std::io::Result<_>>()?;
    let start = Instant::now();
    let mut answers = stream::iter(&batches).map(|batch| engine.translate(batch)).buffered(16);
    while let Some(answer) = answers.next().await {
        match answer.as_deref() {
            Ok([translation]) => {
                println!("{}", translation.text);
                if !translation.cuts.is_empty() {
                    eprintln!("{:?}: {}", translation.cuts, translation.text);
                }
            }
            other => {
                println!();
                eprintln!("{other:?}");
            }
        }
    }
    let seconds = start.elapsed().as_secs_f32();
    eprintln!("{} lines in {seconds:.1} s", batches.len());
    Ok(())
}

fn batch(line: &str) -> Batch {
    let (text, terms) = line.split_once('\t').unwrap_or((line, ""));
    let terms = terms.split(';').filter_map(|term| term.split_once('='));
    let terms =
        terms.map(|(source, target)| TermHint { source: source.trim().into(), target: target.trim().into() });
    Batch {
        requests: vec![Request { text: text.to_owned(), terms: terms.collect(), inlines: Vec::new() }],
        ..Batch::default()
    }
}
