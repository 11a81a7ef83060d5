//! Verifies a parallel file: `cargo run --example verify_parallel -- glossary/sample.tsv German.txt English.txt`
//!
//! Line by line, what the checks find in the English: terms that do not hold and what stands in their place, numbers, length,
//! loops, German that was left.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::fs;
use std::path::Path;

use wortlaut::check::{self, Pair};
use wortlaut::enforce::not_held_findings;
use wortlaut::english::Sentence;
use wortlaut::glossary::{Glossary, Matcher};
use wortlaut::model::FindingKind;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [glossary, german, english] = arguments.as_slice() else {
        return Err("usage: verify_parallel GLOSSARY GERMAN ENGLISH".into());
    };
    let matcher = Matcher::new(&Glossary::load(Path::new(glossary))?);
    let (german, english) = (fs::read_to_string(german)?, fs::read_to_string(english)?);
    for (number, (german, english)) in (1..).zip(german.lines().zip(english.lines())) {
        let terms = matcher.find(german);
        let (source, target) = (Sentence::new(german), Sentence::new(english));
        let outcomes = check::outcomes(&source, &terms, &target);
        let pair = Pair { source: &source, target: &target, outcomes: &outcomes };
        let others = check::Checks::default()
            .findings(pair)
            .into_iter()
            .filter(|found| found.kind != FindingKind::TermNotHeld);
        for finding in not_held_findings(pair, None).into_iter().chain(others) {
            println!("{number}: {}: {}", finding.kind.as_str(), finding.message);
        }
    }
    Ok(())
}
