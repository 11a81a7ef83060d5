//! Finds the terms of a glossary in a German text: `cargo run --example find_terms -- glossary/sample.tsv "Der Bauleiter kam."`
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::path::Path;

use wortlaut::glossary::{Glossary, Matcher};
use wortlaut::model::{Entry, Origin};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let glossary = if let Some(path) = arguments.next() {
        Glossary::load(Path::new(&path))?
    } else {
        let origin = Origin { path: "example".into(), line: 1 };
        Glossary::of(vec![Entry::new("Bauleiter", "site manager|construction manager", origin)])
    };
    let text =
        arguments.next().unwrap_or_else(|| "Die Bauleiter sprachen mit dem Bauleiter-Team.".to_owned());
    for term in Matcher::new(&glossary).find(&text) {
        let span = &term.span;
        println!("{:>8?}  {} → {} ({:?})", span, term.surface(&text), term.entry.target(), term.kind);
    }
    Ok(())
}
