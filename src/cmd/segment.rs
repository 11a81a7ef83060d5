//! `wortlaut segment`: how an article is cut.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::{Article, ArticleId, SegmentedArticle};
use crate::pipeline::{Input, normalise, segmented};
use crate::read::{self, Source};
use crate::text::{self, Segmenter};

use super::cli::SegmentArgs;
use super::failure::{Exit, Failure};

/// A text to be cut, one line of the input of `--jsonl`.
#[derive(Debug, Deserialize)]
struct Case {
    id: serde_json::Value,
    text: String,
}

/// A text that was cut, one line of the output of `--jsonl`.
#[derive(Debug, Serialize)]
struct Cut<'a> {
    id: &'a serde_json::Value,
    sentences: Vec<&'a str>,
}

pub(super) fn run(args: &SegmentArgs) -> Result<Exit, Failure> {
    let german = text::German::default();
    if args.jsonl {
        return jsonl(&args.file, &german);
    }
    let article = segmented(&input(&args.file)?, &german, &read::Options::default())
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let mut out = io::stdout().lock();
    if args.explain {
        explain(&mut out, article.article(), &german)?;
    } else {
        show(&mut out, &article)?;
    }
    Ok(Exit::Ok)
}

/// The file, or standard input.
fn input(path: &Path) -> Result<Input, Failure> {
    if path != Path::new("-") {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok(Input::File(Source { id: ArticleId::new(&name), path: path.to_owned() }));
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(|error| Failure::new(Exit::Usage, error))?;
    Ok(Input::Bytes(ArticleId::new(read::name_of_pipe(&bytes)), bytes))
}

/// One segment a line: its number, its block, its text.
fn show(out: &mut impl Write, article: &SegmentedArticle) -> Result<(), Failure> {
    for (index, segment) in article.segments().iter().enumerate() {
        let (block, kind) = (segment.block + 1, article.kind(segment).as_str());
        writeln!(out, "{}\t{block}\t{kind}\t{}", index + 1, normalise(article.source(segment)))?;
    }
    Ok(())
}

/// Every place where a sentence might end, and the rule that decided.
fn explain(out: &mut impl Write, article: &Article, german: &text::German) -> Result<(), Failure> {
    for (index, block) in article.blocks.iter().enumerate() {
        let text = &article.text[block.span.clone()];
        writeln!(out, "block {} {}", index + 1, block.kind.as_str())?;
        for decision in german.explain(text) {
            let mark = if decision.boundary { "|" } else { "-" };
            let (before, after) = around(text, decision.at);
            writeln!(out, "  {mark} {before}⎹{after}\t{}", decision.rule.as_str())?;
        }
    }
    Ok(())
}

/// Some characters before and after a place, on one line.
fn around(text: &str, at: usize) -> (String, String) {
    let before: Vec<char> = text[..at].chars().rev().take(24).collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = text[at..].chars().take(16).collect();
    (before.replace(char::is_whitespace, " "), after.replace(char::is_whitespace, " "))
}

/// Cuts each line of each text by itself.
fn jsonl(path: &Path, german: &dyn Segmenter) -> Result<Exit, Failure> {
    let cannot =
        |error: io::Error| Failure::new(Exit::Usage, format!("cannot read {}: {error}", path.display()));
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(cannot)?)
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (number, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.map_err(cannot)?;
        if line.trim().is_empty() {
            continue;
        }
        let case: Case = serde_json::from_str(&line).map_err(|error| {
            Failure::new(Exit::Usage, format!("{}, line {}: {error}", path.display(), number + 1))
                .hint("each line is an object with \"id\" and \"text\"")
        })?;
        let cut = Cut { id: &case.id, sentences: text::sentences(&case.text, None, german) };
        serde_json::to_writer(&mut out, &cut).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}
