//! `glossary suggest`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use parking_lot::Mutex;
use serde_json::json;

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::corpus::{CorpusArgs, TranslatedCorpus};
use crate::glossary::suggest::{Candidates, RenderingFinder, Suggestion};
use crate::model::{ParallelDocument, Unit};
use crate::report::clean;
use crate::text::characters::one_line;

/// Suggest names and terms of the corpus that the glossary does not have.
///
/// Prints ranked lines of a glossary file. The rendering is proposed from the answers in the memory; additional columns
/// say how often the term occurs, and where first. Review the lines, correct the targets, and add them with `glossary
/// import`. Nothing is sent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary suggest > candidates.tsv
  wortlaut glossary suggest articles --limit 50
  wortlaut glossary import candidates.tsv           after you have reviewed them")]
pub(in crate::cmd) struct SuggestArgs {
    /// Articles or folders of articles [default: articles]
    pub(super) paths: Vec<PathBuf>,
    /// Maximum number of suggestions
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) limit: usize,
    /// Minimum number of occurrences of a term
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) min: u32,
    #[command(flatten)]
    pub(super) corpus: CorpusArgs,
}

const HEAD: &str = "\
# Suggested by `wortlaut glossary suggest`: review each line, correct its target, delete what is not a term, and add the
# rest with `wortlaut glossary import FILE`. Lines without a target are not imported. Count, score, place and example
# are for you only.
source\ttarget\tkind\tcount\tscore\tplace\texample";

pub(super) fn run(args: &SuggestArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let corpus =
        TranslatedCorpus::open(&args.corpus.project(global)?, &args.paths, "wortlaut glossary suggest")?;
    let suggestions = suggestions(&corpus, args.limit, args.min)?;
    let renderings = if corpus.is_translated { Some(renderings(&corpus, &suggestions)?) } else { None };
    if !args.corpus.json {
        print(HEAD)?;
    }
    for suggestion in &suggestions {
        let target = renderings.as_ref().and_then(|found| found.proposal(suggestion));
        print(&row(suggestion, target, args.corpus.json))?;
    }
    Ok(Exit::Ok)
}

/// Reads the corpus for candidates.
fn suggestions(corpus: &TranslatedCorpus, limit: usize, min: u32) -> Result<Vec<Suggestion>, Failure> {
    let candidates = Arc::new(Mutex::new(Candidates::new(Arc::clone(&corpus.tools().matcher))));
    let reading = Arc::clone(&candidates);
    corpus.each(Arc::new(move |document| {
        let mut candidates = reading.lock();
        for (number, german, _) in sentences(document) {
            candidates.sentence(&format!("{}, segment {number}", document.source().article().id), german);
        }
    }))?;
    let ranked = candidates.lock().ranked(limit, min);
    Ok(ranked)
}

/// Reads the corpus for what the suggestions are called in English.
fn renderings(corpus: &TranslatedCorpus, suggestions: &[Suggestion]) -> Result<RenderingFinder, Failure> {
    let renderings = Arc::new(Mutex::new(RenderingFinder::new(suggestions)));
    let reading = Arc::clone(&renderings);
    corpus.each(Arc::new(move |document| {
        let mut renderings = reading.lock();
        for (_, german, english) in sentences(document) {
            if let Some(english) = english {
                renderings.pair(german, english);
            }
        }
    }))?;
    let found = std::mem::take(&mut *renderings.lock());
    Ok(found)
}

/// The sentences that are translated or are to be: number, German, English.
fn sentences(document: &ParallelDocument) -> impl Iterator<Item = (usize, &str, Option<&str>)> {
    let source = document.source();
    let all = (1..).zip(source.segments().iter().zip(document.units()));
    all.filter(|(_, (_, unit))| !matches!(unit, Unit::Kept { .. }))
        .map(|(number, (segment, unit))| (number, source.source(segment), unit.target()))
}

fn row(suggestion: &Suggestion, target: Option<&str>, as_json: bool) -> String {
    let Suggestion { source, kind, count, score, place, example } = suggestion;
    if as_json {
        return json!({
            "source": source, "target": target, "kind": kind, "count": count, "score": score, "place": place,
            "example": example,
        })
        .to_string();
    }
    let cell = |text: &str| clean(&one_line(text)).into_owned();
    let (place, example, target) = (cell(place), cell(example), cell(target.unwrap_or_default()));
    format!("{source}\t{target}\t{}\t{count}\t{score:.2}\t{place}\t{example}", kind.as_str())
}
