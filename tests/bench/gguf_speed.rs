//! How many tokens a second a GGUF model reads, and says in eight texts side by side:
//! `cargo run --release --example gguf_speed -- MODEL.gguf`
//!
//! Prints one object of JSON. `tests/bench/gguf_peer.py` holds it against llama.cpp in the same run.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::path::Path;
use std::time::Instant;

use serde_json::json;
use wortlaut::engine::gguf::Probe;

/// Tokens of the prompt that is read, and tokens that each of the eight texts gets.
const READ: usize = 512;
const SAID: usize = 48;
const SIDE_BY_SIDE: u32 = 8;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = std::env::args().nth(1).ok_or("usage: gguf_speed MODEL.gguf")?;
    let start = Instant::now();
    let probe = Probe::load(Path::new(&model))?;
    let loaded = start.elapsed().as_secs_f64();
    let count =
        |from: u32| (from..from + 300).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    let long = probe.tokens(&count(1))?;
    let long = long.get(..READ).ok_or("the model has longer tokens than expected")?;
    probe.greedy(&[&long[..64]], 0, 1)?;
    let start = Instant::now();
    probe.greedy(&[long], 0, 1)?;
    let read = start.elapsed().as_secs_f64();
    let prompts: Vec<Vec<u32>> =
        (0..SIDE_BY_SIDE).map(|number| probe.tokens(&count(1 + number))).collect::<Result<_, _>>()?;
    let prompts: Vec<&[u32]> = prompts.iter().map(|prompt| &prompt[..64]).collect();
    let mut seconds = Vec::new();
    let mut said = Vec::new();
    for count in [1, 1 + SAID] {
        let start = Instant::now();
        said.push(probe.greedy(&prompts, 0, count)?.iter().map(Vec::len).sum::<usize>());
        seconds.push(start.elapsed().as_secs_f64());
    }
    let said = u32::try_from(said[1] - said[0])?;
    println!(
        "{}",
        json!({
            "loaded": loaded,
            "read": f64::from(u32::try_from(READ)?) / read,
            "said": f64::from(said) / (seconds[1] - seconds[0]),
        })
    );
    Ok(())
}
