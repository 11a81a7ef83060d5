//! Holds a model against what llama.cpp makes of the same prompts, greedily:
//! `cargo run --release --example gguf_parity -- MODEL.gguf tests/fixtures/gguf/qwen2.json`
//!
//! An answer is the line after the prompt, or its first tokens. How often llama.cpp differs from itself, with a
//! cache of other precision, is told as well: that much is rounding. Sharper than whole answers is how many tokens
//! are equal when each is chosen after what llama.cpp has said so far. Exits with 1 if a prompt has other tokens or
//! if the engine differs from llama.cpp in more than two answers of forty beyond what llama.cpp differs from itself.
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
    text: String,
    prompt: Vec<u32>,
    output: Vec<u32>,
    output_f32: Vec<u32>,
}

/// What was counted.
#[derive(Default)]
struct Counts {
    prompts: usize,
    answers: usize,
    answers_f32: usize,
    itself: usize,
    forced: usize,
    tokens: usize,
}

impl Counts {
    fn add(
        &mut self,
        probe: &Probe,
        recording: &Recording,
        case: &Case,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let prompt = probe.tokens(&recording.template.replace("{text}", &case.text))?;
        self.prompts += usize::from(prompt == case.prompt);
        let mut output = probe.greedy(&[&case.prompt], 0, recording.new_tokens)?.remove(0);
        let ends =
            output.iter().position(|token| probe.text(&[*token]).is_ok_and(|text| text.contains('\n')));
        output.truncate(ends.unwrap_or(output.len()));
        if output != case.output {
            println!("{}: {:?}, not {:?}", case.text, probe.text(&output)?, probe.text(&case.output)?);
        }
        self.answers += usize::from(output == case.output);
        self.answers_f32 += usize::from(output == case.output_f32);
        self.itself += usize::from(case.output_f32 == case.output);
        let forced = probe.forced(&case.prompt, &case.output)?;
        self.forced += forced.iter().zip(&case.output).filter(|(ours, theirs)| ours == theirs).count();
        self.tokens += case.output.len();
        Ok(())
    }
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(model), Some(recording)) = (arguments.next(), arguments.next()) else {
        return Err("usage: gguf_parity MODEL.gguf RECORDING.json".into());
    };
    let recording: Recording = serde_json::from_slice(&std::fs::read(recording)?)?;
    let start = Instant::now();
    let probe = Probe::load(Path::new(&model))?;
    println!("{}: loaded in {:.2} s", recording.name, start.elapsed().as_secs_f32());
    let (mut counts, start) = (Counts::default(), Instant::now());
    for case in &recording.cases {
        counts.add(&probe, &recording, case)?;
    }
    let Counts { prompts, answers, answers_f32, itself, forced, tokens } = counts;
    let cases = recording.cases.len();
    println!("{prompts}/{cases} prompts with the same tokens, {answers}/{cases} answers equal,");
    println!("{answers_f32}/{cases} equal to those of llama.cpp's 32-bit cache;");
    println!("llama.cpp agrees with itself in {itself}/{cases}");
    println!(
        "{forced}/{tokens} tokens equal after the same beginning; {:.1} s",
        start.elapsed().as_secs_f32()
    );
    let good = prompts == cases && answers.max(answers_f32) + 2 >= itself;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
