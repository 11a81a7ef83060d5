//! Counts the recorded translations that the judge turns down: `cargo run --example judged -- ROWS.jsonl…`
//!
//! A row is `{"de": …, "sys": {SYSTEM: …}}`. Each one that is printed is a false alarm, or no whole translation.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::collections::BTreeMap;

use serde_json::Value;
use wortlaut::check::{Verdict, judge};
use wortlaut::model::Request;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for path in std::env::args().skip(1) {
        for line in std::fs::read_to_string(path)?.lines() {
            let row: Value = serde_json::from_str(line)?;
            let german = row["de"].as_str().unwrap_or_default();
            for (system, english) in row["sys"].as_object().into_iter().flatten() {
                let english = english.as_str().unwrap_or_default();
                let question = Request { text: german.to_owned(), terms: Vec::new(), inlines: Vec::new() };
                let [all, turned_down] = counts.entry(system.clone()).or_default();
                *all += 1;
                if let Verdict::Unusable(class) = judge(&question, english) {
                    *turned_down += 1;
                    println!("{system}\t{}\t{german}\t{english}", class.as_str());
                }
            }
        }
    }
    for (system, [all, turned_down]) in counts {
        println!("{system}: {turned_down} of {all}");
    }
    Ok(())
}
