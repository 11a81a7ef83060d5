//! The files of one article or corpus.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use super::beside::{Beside, BesideFound, Disagreement};
use super::flaw::{Flaw, FlawKind};
use super::jsonl::{self, JsonlFound, JsonlLook};
use crate::disk::{hash_of, open_plain};
use crate::write::{Ledger as _, Manifest, OutputFormat, WrittenFile, segment_hash};

/// At most so many segments are named that read otherwise.
const NAMED: usize = 10;

/// What is proved of the files of an article, and what is not.
#[derive(Debug, Default)]
pub(super) struct ArticleFound {
    pub(super) flaws: Vec<Flaw>,
    /// Files that are as they were written.
    pub(super) files: u64,
    /// Segments of which a file is as it was written.
    pub(super) segments: u64,
    /// Terms that stand where they are said to.
    pub(super) terms: u64,
    /// Whether an earlier version wrote it.
    pub(super) is_old: bool,
    /// Whether it has no `jsonl`, and so nothing that says where terms stand.
    pub(super) is_bare: bool,
}

/// A file and what became of it.
struct FoundFile<'a> {
    entry: &'a WrittenFile,
    state: FileState,
}

#[derive(Debug)]
enum FileState {
    Whole,
    Missing,
    Changed,
    /// It has the bytes that an earlier run gave it, and the one that was to replace them was killed.
    Earlier,
    /// Something else stands there, or it cannot be read.
    Unreadable(io::Error),
}

/// Looks at the files of an article.
pub(super) fn look(folder: &Path, manifest: &Manifest, files: &[&WrittenFile]) -> ArticleFound {
    let of_article = files.iter().any(|entry| entry.proof.is_some() || entry.segments.is_some());
    let rows = files.iter().copied().find(|entry| entry.format == OutputFormat::Jsonl);
    let mut found = ArticleFound {
        is_old: files.iter().any(|entry| of_article && entry.proof.is_none() || is_adopted(entry)),
        is_bare: of_article && rows.is_none(),
        ..ArticleFound::default()
    };
    let read = rows.map(|entry| (entry, read(folder, files, entry)));
    let mut hashes = HashMap::new();
    let mut places = Vec::new();
    let mut known = None;
    match read {
        Some((entry, Ok(Some((read, beside))))) => {
            hashes.extend(beside.hashes);
            hashes.insert(entry.path.clone(), Ok(read.hash));
            places = beside.disagreements;
            known = Some((entry, read));
        }
        Some((entry, Err(error))) => drop(hashes.insert(entry.path.clone(), Err(error))),
        Some((_, Ok(None))) | None => {}
    }
    let states: Vec<FoundFile<'_>> = files
        .iter()
        .map(|entry| {
            let hash = hashes.remove(&entry.path).map(|hash| hash.map(Some));
            let hash = hash.unwrap_or_else(|| hash_of(&folder.join(&entry.path)));
            FoundFile { entry, state: state(manifest, entry, hash) }
        })
        .collect();
    let whole = || states.iter().filter(|file| matches!(file.state, FileState::Whole));
    found.files = whole().count() as u64;
    if let Some((entry, read)) = known {
        if whole().any(|file| file.entry.path == entry.path) {
            (found.segments, found.terms) = (read.rows, read.terms);
            found.is_old |= read.without_place > 0;
            found.flaws.extend(against(entry, &read));
            found.flaws.extend(stale(&states, entry));
        } else {
            // Where other files differ from what was changed says nothing of them.
            places = differing(entry, &read.segments).into_iter().collect();
        }
        found.flaws.extend(read.flaws);
    } else {
        let counts = whole().map(|file| file.entry.segment_hashes().count() as u64);
        found.segments = counts.max().unwrap_or_default();
    }
    for FoundFile { entry, state } in &states {
        let place = places.iter().find(|place| place.path == entry.path);
        found.flaws.extend(flaw(entry, state, place));
    }
    found
}

/// Reads the `jsonl` of an article, and beside it what says the same line by line; `None` if it is gone.
fn read(
    folder: &Path,
    files: &[&WrittenFile],
    rows: &WrittenFile,
) -> io::Result<Option<(JsonlFound, BesideFound)>> {
    let Some(file) = open_plain(&folder.join(&rows.path))? else { return Ok(None) };
    let same: Vec<&WrittenFile> = files.iter().copied().filter(|other| says_the_same(other, rows)).collect();
    let mut beside = beside(folder, &same);
    let found = jsonl::look(file, of(rows), &mut beside)?;
    Ok(Some((found, beside.finish())))
}

/// Whether a file was taken for wortlaut's by its bytes alone.
fn is_adopted(entry: &WrittenFile) -> bool {
    entry.input.is_some() && entry.proof.is_none()
}

fn of(entry: &WrittenFile) -> JsonlLook<'_> {
    JsonlLook { path: &entry.path, is_new: entry.proof.is_some(), is_single: entry.segments.is_some() }
}

fn state(manifest: &Manifest, entry: &WrittenFile, found: io::Result<Option<blake3::Hash>>) -> FileState {
    match found {
        Err(error) => FileState::Unreadable(error),
        Ok(None) => FileState::Missing,
        Ok(Some(hash)) if hash == entry.hash => FileState::Whole,
        Ok(Some(hash)) => {
            let known = manifest.known(&entry.path).unwrap_or_default();
            if known.iter().any(|known| known.hash == hash) { FileState::Earlier } else { FileState::Changed }
        }
    }
}

/// What to say of a file; where it says something else than the `jsonl`, that is its place.
fn flaw(entry: &WrittenFile, state: &FileState, place: Option<&Disagreement>) -> Option<Flaw> {
    let (kind, message) = match state {
        FileState::Whole => (FlawKind::Disagrees, None),
        FileState::Missing => (FlawKind::Missing, Some("it is gone".to_owned())),
        FileState::Unreadable(error) => (FlawKind::Missing, Some(error.to_string())),
        FileState::Changed => (FlawKind::Changed, Some("it was changed since wortlaut wrote it".to_owned())),
        FileState::Earlier => (FlawKind::Missing, Some("a run was stopped before it replaced it".to_owned())),
    };
    let message = match (message, place) {
        (None, None) => return None,
        (Some(message), None) => return Some(Flaw::new(kind, &entry.path, message)),
        (None, Some(place)) => place.message.clone(),
        (Some(message), Some(place)) => format!("{message}: {}", place.message),
    };
    let flaw = Flaw::new(kind, &entry.path, message).in_segment(place.and_then(|place| place.segment));
    Some(Flaw { line: place.map(|place| place.line).filter(|line| *line > 0), ..flaw })
}

/// The files that are compared with the `jsonl` line by line, as far as they are there.
fn beside(folder: &Path, files: &[&WrittenFile]) -> Beside {
    let open = |is_it: &dyn Fn(&WrittenFile) -> bool| -> Option<(String, File)> {
        let entry = files.iter().find(|entry| is_it(entry))?;
        Some((entry.path.clone(), open_plain(&folder.join(&entry.path)).ok()??))
    };
    let side = |ending| open(&|entry| entry.format == OutputFormat::Lines && entry.path.ends_with(ending));
    let lines = side(".de.txt").zip(side(".en.txt")).map(|(german, english)| [german, english]);
    let table = open(&|entry| matches!(entry.format, OutputFormat::Tsv | OutputFormat::TsvBom));
    Beside::new(lines, table)
}

/// Holds what a whole `jsonl` says against what the article was made of.
fn against(entry: &WrittenFile, read: &JsonlFound) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut add = |kind, message: &str| flaws.push(Flaw::new(kind, &entry.path, message));
    let found = entry.proof.as_ref().map(|proof| read.proof.finish(*proof.source.as_bytes()));
    if let (Some(proof), Some(found)) = (entry.proof.as_deref(), &found) {
        if proof.text != found.text {
            let message = "the segments and what stands between them are not the text that was translated";
            add(FlawKind::Text, message);
        }
        if proof.entries != found.entries {
            add(FlawKind::Entries, "its terms are not those of the glossary that was used");
        }
    }
    if let Some(Disagreement { message, .. }) = differing(entry, &read.segments) {
        add(FlawKind::Disagrees, &message);
    } else if entry.proof.as_ref().zip(found).is_some_and(|(proof, found)| proof.english != found.english) {
        add(FlawKind::Disagrees, "its English is not that which was written");
    }
    flaws
}

/// Whether two files were made of the same text and with the same English, as far as that is known.
fn says_the_same(one: &WrittenFile, other: &WrittenFile) -> bool {
    match (&one.proof, &other.proof) {
        (Some(one), Some(other)) => one.says_the_same(other),
        _ => one.segments.is_some() && one.segments == other.segments,
    }
}

/// The files that another run wrote than the `jsonl`, which has another text or another English.
fn stale(states: &[FoundFile<'_>], rows: &WrittenFile) -> Vec<Flaw> {
    let is_known = |entry: &WrittenFile| entry.proof.is_some() || entry.segments.is_some();
    let stale = states.iter().filter(|file| {
        matches!(file.state, FileState::Whole) && is_known(file.entry) && !says_the_same(file.entry, rows)
    });
    let message = "an earlier run wrote it, and the jsonl beside it says something else by now";
    stale.map(|file| Flaw::new(FlawKind::Stale, &file.entry.path, message)).collect()
}

/// Which segments read otherwise than they did when a file was written.
fn differing(entry: &WrittenFile, segments: &str) -> Option<Disagreement> {
    let written = entry.segments.as_deref().filter(|written| *written != segments)?;
    let digits = segment_hash("").len();
    let count = |hashes: &str| hashes.len() / digits;
    let message = if count(written) == count(segments) {
        let pairs = (0..count(segments)).map(|at| at * digits..(at + 1) * digits);
        let other: Vec<String> = (1..)
            .zip(pairs)
            .filter(|(_, place)| written.get(place.clone()) != segments.get(place.clone()))
            .map(|(number, _): (usize, _)| number.to_string())
            .collect();
        let more = if other.len() > NAMED { " and others" } else { "" };
        let named = other.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        format!("segment {named}{more} reads otherwise")
    } else {
        format!("it has {} segments, and {} were written", count(segments), count(written))
    };
    Some(Disagreement { path: entry.path.clone(), line: 0, segment: None, message })
}
