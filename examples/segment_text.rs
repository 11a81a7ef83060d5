//! Cuts a German text into sentences and says why: `cargo run --example segment_text -- "Am 3. Mai kam Dr. Meyer. Er blieb."`
#![expect(clippy::print_stdout, reason = "prints its result")]

use wortlaut::text::{German, Segmenter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::env::args().nth(1).unwrap_or_else(|| "Am 3. Mai kam Dr. Meyer. Er blieb.".to_owned());
    let german = German::with_abbreviations(["Hptm.".to_owned()]);
    for span in german.segment(&text)? {
        println!("{span:>8?}  {}", &text[span.clone()]);
    }
    for place in german.explain(&text)? {
        let verdict = if place.boundary { "ends" } else { "goes on" };
        println!("{:>8}  {verdict}: {}", place.at, place.reason);
    }
    Ok(())
}
