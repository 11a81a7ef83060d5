//! Holds a model against what llama.cpp makes of the same prompts, greedily:
//! `cargo run --release --example gguf_parity -- MODEL.gguf tests/fixtures/gguf/qwen2.json`
//!
//! Exits with 1 if fewer than 95% of the answers are equal or any prompt has other tokens.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use serde::Deserialize;
use wortlaut::engine::gguf::Probe;

#[derive(Deserialize)]
struct Recording {
    name: String,
    template: String,
    new_tokens: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    prompt: Vec<u32>,
    output: Vec<u32>,
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(model), Some(recording)) = (arguments.next(), arguments.next()) else {
        return Err("usage: gguf_parity MODEL.gguf RECORDING.json".into());
    };
    let recording: Recording = serde_json::from_slice(&std::fs::read(recording)?)?;
    let sentences = include_str!("../fixtures/gguf/sentences.txt").lines();
    let start = Instant::now();
    let probe = Probe::load(Path::new(&model))?;
    println!("{}: loaded in {:.2} s", recording.name, start.elapsed().as_secs_f32());
    let (mut equal, mut same_tokens, mut agreed, mut total) = (0, 0, 0, 0);
    let start = Instant::now();
    for (case, text) in recording.cases.iter().zip(sentences) {
        let prompt = probe.tokens(&recording.template.replace("{text}", text))?;
        same_tokens += usize::from(prompt == case.prompt);
        let output = probe.greedy(&[&case.prompt], 0, recording.new_tokens)?.remove(0);
        equal += usize::from(output == case.output);
        agreed += output.iter().zip(&case.output).take_while(|(ours, theirs)| ours == theirs).count();
        total += case.output.len();
    }
    let cases = recording.cases.len();
    println!("{same_tokens}/{cases} prompts with the same tokens, {equal}/{cases} answers equal");
    println!(
        "{agreed} of {total} tokens before the first difference; {:.1} s",
        start.elapsed().as_secs_f32()
    );
    let good = same_tokens == cases && equal * 20 >= cases * 19;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
