//! `glossary find`.

use std::io::{self, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use clap::Args;
use serde_json::json;

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::{LenientArgs, Project};
use crate::glossary::Matcher;
use crate::model::{ArticleId, MatchKind, TermMatch};
use crate::read::{self, ArticleFile};
use crate::report::{clean, clean_lines};

/// Find glossary terms in a text or in files.
///
/// On a terminal, terms are highlighted. Terms inside closed compounds, which are not enforced, have a color of their own, or
/// parentheses instead of brackets.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary find 'Der Start der Hwasong-18-Rakete'
  wortlaut glossary find article.txt
  wortlaut glossary find --json article.txt     start and end are offsets in characters")]
pub(in crate::cmd) struct FindArgs {
    /// Texts or files
    #[arg(required = true, value_name = "TEXT|FILE")]
    pub(super) inputs: Vec<String>,
    #[command(flatten)]
    pub(super) lenient: LenientArgs,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

/// What stands before and behind a term, and before and behind one inside a closed compound.
struct Marks([&'static str; 2], [&'static str; 2]);

const BRACKETS: Marks = Marks(["[", "]"], ["(", ")"]);
/// Bold green, and dim yellow for what is not enforced.
const COLOURS: Marks = Marks(["\u{1b}[1;32m", "\u{1b}[0m"], ["\u{1b}[2;33m", "\u{1b}[0m"]);

pub(super) fn run(args: &FindArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [args.lenient.flag()])?;
    let matcher = Matcher::new(&project.with_scopes(project.required_glossary()?)?);
    // --color decides, then NO_COLOR and CLICOLOR_FORCE, then the terminal.
    let plain = AutoStream::choice(&io::stdout()) == ColorChoice::Never;
    for input in &args.inputs {
        let path = Path::new(input);
        let text = if path.is_file() {
            let source = ArticleFile { id: ArticleId::new(input), path: path.to_owned() };
            read::open(&source, &read::ReadOptions::default())
                .map_err(|error| Failure::new(Exit::Usage, error))?
                .text
        } else {
            input.clone()
        };
        let found = matcher.find_in(input, &text);
        if args.json {
            found_json(path.is_file().then_some(input), &text, &found)?;
        } else {
            found_marked(&text, &found, if plain { &BRACKETS } else { &COLOURS })?;
        }
    }
    Ok(Exit::Ok)
}

/// One object for each occurrence; offsets in Unicode characters.
fn found_json(file: Option<&String>, text: &str, found: &[TermMatch]) -> Result<(), Failure> {
    let (mut bytes, mut characters) = (0, 0);
    for term in found {
        characters += text[bytes..term.span.start].chars().count();
        bytes = term.span.start;
        let surface = term.surface(text);
        let row = json!({
            "file": file,
            "start": characters,
            "end": characters + surface.chars().count(),
            "surface": surface,
            "source": term.entry.source,
            "target": term.entry.target(),
            "kind": term.kind,
        });
        print(&row.to_string())?;
    }
    Ok(())
}

/// The text with every occurrence marked, and what it stands for.
fn found_marked(text: &str, found: &[TermMatch], marks: &Marks) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut end = 0;
    for term in found {
        let [open, close] = if term.kind == MatchKind::Part { marks.1 } else { marks.0 };
        write!(
            out,
            "{}{open}{}{close}",
            clean_lines(&text[end..term.span.start]),
            clean_lines(term.surface(text))
        )?;
        write!(out, "{{{}}}", clean(term.entry.target()))?;
        end = term.span.end;
    }
    writeln!(out, "{}", clean_lines(text[end..].trim_end_matches('\n')))?;
    Ok(())
}
