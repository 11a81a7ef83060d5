//! `wortlaut memory stats`, `search` and `show`: what is in the memory.

use std::io::{self, Write as _};

use clap::Args;
use futures::executor::block_on;
use serde_json::json;

use crate::memory::{
    AnswerEntry, EntrySort, Memory, MemoryEntry, MemoryStats, NearEntry, SearchQuery, SqliteMemory,
};
use crate::model::{HumanPair, Neighbours, SegmentInContext, StoredPair};
use crate::pipeline::normalise;
use crate::report::{bytes, clean, counted};

use super::super::choices::any_of;
use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::project::Project;
use super::super::project_memory::{memory_file, memory_name};
use super::ask::{existing, none_yet};

/// Digits of an id that are shown: as many as `show` wants.
const SHOWN: usize = 8;
/// Building the index is announced from this many entries on; a smaller one is done before anyone could read the line.
const ANNOUNCED: u64 = 100_000;

/// Show how much is in the memory: answers by engine, corrections, suggestions, bytes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wortlaut memory stats\n  wortlaut memory stats --json")]
pub(in crate::cmd) struct MemoryStatsArgs {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Find texts by their words, German or English, or the texts that are most like one.
///
/// Without --near, a text is found if it has all the words; a word of three letters or more is also found at the beginning
/// of longer ones. Texts that have the words side by side come first, then corrections before suggestions before answers of
/// engines, then the newest.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut memory search Hafen
  wortlaut memory search 'harbour master' --kind correction
  wortlaut memory search --near 'Der Hafen von Emden ist seit Montag gesperrt.'
  wortlaut memory search Hafen --engine deepl --json")]
pub(in crate::cmd) struct MemorySearchArgs {
    /// Words, or the text with --near
    #[arg(value_name = "TEXT")]
    text: String,
    /// Find the German texts that are most like TEXT, with a score in per cent
    #[arg(long, conflicts_with_all = ["kind", "engine"])]
    near: bool,
    /// Only these
    #[arg(long, value_name = "KIND", value_parser = any_of::<EntrySort>())]
    kind: Vec<String>,
    /// Only answers of an engine profile
    #[arg(long, value_name = "PROFILE")]
    engine: Option<String>,
    /// The most texts to show
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Show all that is known of a pair or an answer.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  wortlaut memory show 5f0c8a1e    as `wortlaut memory search` shows it")]
pub(in crate::cmd) struct MemoryShowArgs {
    /// The id, or at least its first eight digits
    #[arg(value_name = "ID")]
    id: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn stats(args: &MemoryStatsArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let stats = block_on(existing(&project.settings)?.stats())?;
    if args.json {
        let mut object = json!(stats);
        object["path"] = json!(memory_name(&project.settings));
        print(&object.to_string())?;
    } else {
        for line in lines(&stats) {
            print(&clean(&line))?;
        }
    }
    Ok(Exit::Ok)
}

/// The figures of a memory, a line each.
pub(super) fn lines(stats: &MemoryStats) -> Vec<String> {
    let mut lines = vec![
        counted(stats.corrections, "correction"),
        counted(stats.suggestions, "suggestion"),
        counted(stats.rows, "answer"),
    ];
    for engine in stats.engines.iter().filter(|engine| engine.answers > 0) {
        let span = engine.first.zip(engine.last).map(|(first, last)| {
            let day = |time: crate::model::Timestamp| time.to_string()[..10].to_owned();
            format!(" ({} to {})", day(first), day(last))
        });
        let answers = counted(engine.answers, "answer");
        lines.push(format!("  {answers} of {}{}", engine.profile, span.unwrap_or_default()));
    }
    if stats.unusable > 0 {
        lines.push(counted(stats.unusable, "unusable answer"));
    }
    if stats.withdrawn > 0 {
        lines.push(format!("{} taken back", counted(stats.withdrawn, "pair")));
    }
    let index = match stats.index_bytes {
        0 => String::new(),
        size => format!(", and {} of search index", bytes(size)),
    };
    lines.push(format!("{}{index}", bytes(stats.bytes)));
    lines
}

pub(super) fn search(args: &MemorySearchArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let path = memory_file(&project.settings, "searching the memory")?;
    let memory = SqliteMemory::open_existing(path)?.ok_or_else(|| none_yet(&project.settings))?;
    if !global.quiet {
        announce_index(&memory)?;
    }
    if args.near {
        let source = normalise(args.text.trim()).into_owned();
        let segment = SegmentInContext { source, place: None, context: Neighbours::default() };
        let found = block_on(memory.near(segment, args.limit))?;
        for near in &found {
            let NearEntry { score, entry } = near;
            show_found(entry, &format!("{score}% "), args.json.then(|| json!(near)))?;
        }
        return Ok(Exit::Ok);
    }
    let sorts = args.kind.iter().filter_map(|kind| kind.parse().ok()).collect();
    let query =
        SearchQuery { words: args.text.clone(), sorts, engine: args.engine.clone(), limit: args.limit };
    for entry in &block_on(memory.search(query))? {
        show_found(entry, "", args.json.then(|| json!(entry)))?;
    }
    Ok(Exit::Ok)
}

/// Says before the first search of a large memory why it takes so long.
fn announce_index(memory: &SqliteMemory) -> Result<(), Failure> {
    if block_on(memory.index_bytes())? > 0 {
        return Ok(());
    }
    let MemoryStats { rows, corrections, suggestions, .. } = block_on(memory.stats())?;
    let entries = rows + corrections + suggestions;
    if entries >= ANNOUNCED {
        let line = format!(
            "making the search index of {entries} entries, once; it can be broken off, and the next search goes on"
        );
        let _ = writeln!(io::stderr(), "{}", clean(&line));
    }
    Ok(())
}

/// Prints an entry that was found.
fn show_found(entry: &MemoryEntry, score: &str, json: Option<serde_json::Value>) -> Result<(), Failure> {
    if let Some(json) = json {
        return print(&json.to_string());
    }
    let who = match entry {
        MemoryEntry::Pair(stored) => format!("{} by {}", stored.pair.kind.as_str(), stored.pair.by),
        MemoryEntry::Answer(answer) => format!("answer of {}", answer.engine),
    };
    print(&clean(&format!("{}  {score}{who}, {}", &entry.id()[..SHOWN], entry.at())))?;
    print(&clean(&format!("  de  {}", entry.source())))?;
    print(&clean(&format!("  en  {}", entry.target())))
}

pub(super) fn show(args: &MemoryShowArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    if args.id.len() < SHOWN || !args.id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message =
            format!("{:?} is not the beginning of an id: at least {SHOWN} hexadecimal digits", args.id);
        return Err(Failure::new(Exit::Usage, message).hint("`wortlaut memory search` shows ids"));
    }
    let memory = existing(&project.settings)?;
    let pairs = block_on(memory.pairs_named(args.id.clone(), 2))?;
    let answers = block_on(memory.answers_named(args.id.to_lowercase(), 2))?;
    let found: Vec<MemoryEntry> = pairs
        .into_iter()
        .map(MemoryEntry::Pair)
        .chain(answers.into_iter().map(MemoryEntry::Answer))
        .collect();
    match found.as_slice() {
        [] => Err(Failure::new(
            Exit::Usage,
            format!("nothing in the memory has an id that begins with {}", args.id),
        )),
        [entry] if args.json => print(&json!(entry).to_string()).map(|()| Exit::Ok),
        [MemoryEntry::Pair(stored)] => show_lines(&pair_lines(stored)),
        [MemoryEntry::Answer(answer)] => show_lines(&answer_lines(answer)),
        _ => {
            Err(Failure::new(Exit::Usage, format!("several ids begin with {}", args.id))
                .hint("give more digits"))
        }
    }
}

fn show_lines(lines: &[(&str, String)]) -> Result<Exit, Failure> {
    for (name, value) in lines {
        print(&clean(&format!("{name:<9} {value}")))?;
    }
    Ok(Exit::Ok)
}

fn pair_lines(stored: &StoredPair) -> Vec<(&'static str, String)> {
    let StoredPair { id, withdrawn, pair } = stored;
    let HumanPair { kind, source, target, by, at, place, context, origin, .. } = pair;
    let place = place.as_ref().map(|place| format!("{}#{}", place.article, place.segment));
    let optional = [
        ("place", place),
        ("after", context.before.clone()),
        ("before", context.after.clone()),
        ("from", origin.clone()),
        ("withdrawn", withdrawn.map(|at| at.to_string())),
    ];
    let mut lines = vec![
        ("id", id.to_string()),
        ("kind", kind.as_str().to_owned()),
        ("de", source.clone()),
        ("en", target.clone()),
        ("by", by.clone()),
        ("at", at.to_string()),
    ];
    lines.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    lines
}

fn answer_lines(answer: &AnswerEntry) -> Vec<(&'static str, String)> {
    let AnswerEntry { id, source, target, engine, at } = answer;
    vec![
        ("id", id.clone()),
        ("kind", "answer".to_owned()),
        ("de", source.clone()),
        ("en", target.clone()),
        ("engine", engine.clone()),
        ("at", at.to_string()),
    ]
}
