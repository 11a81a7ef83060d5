//! Holds a model against what llama.cpp makes of the same prompts, greedily:
//! `cargo run --release --example gguf_parity -- MODEL.gguf tests/fixtures/gguf/qwen2.json`
//!
//! An answer is the line after the prompt. How often llama.cpp differs from itself, with a cache of other
//! precision, is told as well: that much is rounding. Exits with 1 if a prompt has other tokens or if the engine
//! differs from llama.cpp in more than two answers of forty beyond that.
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
    output_f32: Vec<u32>,
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
    let (mut equal, mut equal_f32, mut itself) = (0, 0, 0);
    let (mut same_tokens, mut agreed, mut total) = (0, 0, 0);
    let start = Instant::now();
    for (case, text) in recording.cases.iter().zip(sentences) {
        let prompt = probe.tokens(&recording.template.replace("{text}", text))?;
        same_tokens += usize::from(prompt == case.prompt);
        let mut output = probe.greedy(&[&case.prompt], 0, recording.new_tokens)?.remove(0);
        let ends =
            output.iter().position(|token| probe.text(&[*token]).is_ok_and(|text| text.contains('\n')));
        output.truncate(ends.unwrap_or(output.len()));
        equal += usize::from(output == case.output);
        equal_f32 += usize::from(output == case.output_f32);
        itself += usize::from(case.output_f32 == case.output);
        agreed += output.iter().zip(&case.output).take_while(|(ours, theirs)| ours == theirs).count();
        total += case.output.len();
    }
    let cases = recording.cases.len();
    println!("{same_tokens}/{cases} prompts with the same tokens, {equal}/{cases} answers equal,");
    println!("{equal_f32}/{cases} equal to those of llama.cpp's 32-bit cache;");
    println!("llama.cpp agrees with itself in {itself}/{cases}");
    println!(
        "{agreed} of {total} tokens before the first difference; {:.1} s",
        start.elapsed().as_secs_f32()
    );
    let good = same_tokens == cases && equal.max(equal_f32) + 2 >= itself;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
