//! `wortlaut segment`: how an article is cut.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::config::SettingFlag;
use crate::model::{Article, ArticleId, SegmentedArticle};
use crate::pipeline::{normalise, segment};
use crate::read::{self, ArticleFile};
use crate::report::clean;
use crate::text::json_fault;
use crate::text::{self, SegmentError, Segmenter};

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::project::Project;

/// Show how an article is cut into blocks and segments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut segment article.txt              one segment a line, with its block
  wortlaut segment article.txt --explain    why there is a boundary at a place, or not
  wortlaut segment texts.jsonl --jsonl      {\"id\",\"text\"} lines in, {\"id\",\"sentences\"} lines out
  wortlaut segment article.txt --srx segment.srx --explain
  cat article.txt | wortlaut segment -")]
pub(super) struct SegmentArgs {
    /// Article, or - for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Read {"id","text"} lines and write {"id","sentences"} lines; each line of a text is cut on its own
    #[arg(long)]
    pub(super) jsonl: bool,
    /// Say which rule decided at each possible boundary
    #[arg(long, conflicts_with = "jsonl")]
    pub(super) explain: bool,
    /// SRX 2.0 file with the rules to use instead of wortlaut's own
    #[arg(long, value_name = "FILE")]
    pub(super) srx: Option<PathBuf>,
}

/// Characters shown of a piece of furniture: enough to recognise it on one line.
const SHOWN: usize = 60;

/// The longest line of `--jsonl` that is accepted, in bytes: as long as an article may be.
const LONGEST_LINE: u64 = 64 << 20;

/// A text to be cut, one line of the input of `--jsonl`.
#[derive(Debug, Deserialize)]
struct TextToCut {
    id: serde_json::Value,
    text: String,
}

/// A text that was cut, one line of the output of `--jsonl`.
#[derive(Debug, Serialize)]
struct CutText<'a> {
    id: &'a serde_json::Value,
    sentences: Vec<&'a str>,
}

pub(super) fn run(args: &SegmentArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [SettingFlag::new("srx", "segment.rules", args.srx.clone())])?;
    let segmenter = project.segmenter()?;
    let wrap = project.settings.translate.wrap;
    if args.jsonl {
        return jsonl(&args.file, wrap, segmenter.as_ref());
    }
    let article = article(&args.file, &project.read_options())?;
    if let Some(note) = article.encoding.doubt() {
        let _ = writeln!(io::stderr(), "warning: {}", clean(&format!("{}: {note}", article.id)));
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.explain {
        explain(&mut out, &article, segmenter.as_ref())?;
    } else {
        let cut = segment(article, segmenter.as_ref()).map_err(|error| Failure::new(Exit::Usage, error))?;
        show(&mut out, &cut)?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}

/// The file, or standard input.
fn article(path: &Path, options: &read::ReadOptions) -> Result<Article, Failure> {
    let article = if path == Path::new("-") {
        read::stream(&ArticleId::new("stdin.txt"), io::stdin().lock(), options)
    } else {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        read::open(&ArticleFile { id: ArticleId::new(&name), path: path.to_owned() }, options)
    };
    article.map_err(|error| Failure::new(Exit::Usage, error))
}

/// One segment a line: its number, its block, its text.
fn show(out: &mut impl Write, article: &SegmentedArticle) -> Result<(), Failure> {
    for (index, segment) in article.segments().iter().enumerate() {
        let (block, kind) = (segment.block + 1, article.kind(segment).as_str());
        writeln!(out, "{}\t{block}\t{kind}\t{}", index + 1, clean(&normalise(article.source(segment))))?;
    }
    Ok(())
}

/// Each block, with the reason if it is furniture or metadata, and every place where a sentence might end, with
/// the rule that decided.
fn explain(out: &mut impl Write, article: &Article, segmenter: &dyn Segmenter) -> Result<(), Failure> {
    for (index, block) in article.blocks.iter().enumerate() {
        let text = &article.text[block.span.clone()];
        match block.reason {
            Some(reason) => {
                let head: String = text.chars().take(SHOWN).collect();
                let head = head.replace(char::is_whitespace, " ");
                writeln!(out, "block {} {}\t{reason}: {}", index + 1, block.kind.as_str(), clean(&head))?;
            }
            None => writeln!(out, "block {} {}", index + 1, block.kind.as_str())?,
        }
        for explanation in segmenter.explain(text).map_err(|error| too_long(&error))? {
            let mark = if explanation.boundary { "|" } else { "-" };
            let (before, after) = around(text, explanation.at);
            writeln!(out, "  {mark} {}⎹{}\t{}", clean(&before), clean(&after), clean(&explanation.reason))?;
        }
    }
    Ok(())
}

fn too_long(error: &SegmentError) -> Failure {
    Failure::new(Exit::Config, error)
}

/// Some characters before and after a place, on one line.
fn around(text: &str, at: usize) -> (String, String) {
    let before: Vec<char> = text[..at].chars().rev().take(24).collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = text[at..].chars().take(16).collect();
    (before.replace(char::is_whitespace, " "), after.replace(char::is_whitespace, " "))
}

/// Cuts each line of each text on its own.
fn jsonl(path: &Path, wrap: Option<bool>, segmenter: &dyn Segmenter) -> Result<Exit, Failure> {
    let wrong = |error: io::Error| format!("cannot read {}: {error}", path.display());
    let cannot = |error: io::Error| Failure::new(Exit::Usage, wrong(error));
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(cannot)?)
    };
    let mut reader = BufReader::new(input);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut line).map_err(cannot)?;
        if read == 0 {
            break;
        }
        let place =
            |what: String| Failure::new(Exit::Usage, format!("{}, line {number}: {what}", path.display()));
        if read as u64 > LONGEST_LINE {
            return Err(place(format!("the line is longer than {LONGEST_LINE} bytes")));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let case: TextToCut = serde_json::from_slice(line.trim_ascii_end()).map_err(|error| {
            place(json_fault(&error)).hint("each line is an object with \"id\" and \"text\"")
        })?;
        let sentences =
            text::sentences(&case.text, wrap, segmenter).map_err(|error| place(error.to_string()))?;
        serde_json::to_writer(&mut out, &CutText { id: &case.id, sentences }).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}
