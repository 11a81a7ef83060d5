//! What is read out of foreign files, and what their readers have in common.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::entry_pair::{EntryPair, GlossarySide, pair};
use super::super::error::GlossaryError;
use crate::model::{Entry, Origin};
use crate::text::counted;

/// Line numbers that a message lists: enough to find the fault, and still one line of a terminal.
const LISTED: usize = 5;

/// The first line numbers of some entries, and a sign that there are more.
pub(super) fn line_numbers<'a>(origins: impl ExactSizeIterator<Item = &'a Origin>) -> String {
    let more = if origins.len() > LISTED { ", …" } else { "" };
    let numbers: Vec<String> = origins.take(LISTED).map(|origin| origin.line.to_string()).collect();
    format!("{}{more}", numbers.join(", "))
}

/// What was read out of a foreign file.
#[derive(Debug, Default)]
pub struct Imported {
    /// The entries in the order of the file, each source once.
    pub entries: Vec<Entry>,
    /// Entries whose source another line has otherwise; the first one is among the entries.
    pub conflicts: Vec<EntryPair>,
    /// Lines that cannot be read as an entry.
    pub faults: Vec<GlossaryError>,
    /// Lines in which the source or the target is still to be filled in.
    pub unfilled: Vec<Origin>,
    /// Whether a first line names the columns.
    pub has_header: bool,
    /// How the file was understood, and what else there is to say, such as concepts without an English term.
    pub remarks: Vec<String>,
}

impl Imported {
    /// Leaves one entry of each source, and in it whatever any of its lines say. Lines that exclude each other are
    /// conflicts.
    pub(super) fn united(mut self) -> Self {
        let mut places: HashMap<String, usize> = HashMap::with_capacity(self.entries.len());
        let mut out: Vec<Arc<Entry>> = Vec::with_capacity(self.entries.len());
        let mut repeated = 0;
        for entry in std::mem::take(&mut self.entries).into_iter().map(Arc::new) {
            let place = *places.entry(entry.source.clone()).or_insert(out.len());
            let Some(first) = out.get_mut(place) else {
                out.push(entry);
                continue;
            };
            match pair(first, &entry) {
                Some(pair) if pair.is_conflict() => self.conflicts.push(pair),
                Some(pair) => fill(first, &pair),
                None => repeated += 1,
            }
        }
        if repeated > 0 {
            self.remarks.push(format!("{} left out, the same as one before", counted(repeated, "line")));
        }
        self.entries = out.into_iter().map(Arc::unwrap_or_clone).collect();
        self
    }

    /// Which lines were left because one side of them is empty.
    #[must_use]
    pub fn left(&self) -> Option<String> {
        let first = self.unfilled.first()?;
        let count = counted(self.unfilled.len(), "line");
        Some(format!(
            "{}: {count} left, source or target is empty: {}",
            first.path.display(),
            line_numbers(self.unfilled.iter())
        ))
    }
}

/// Takes over what only the second of two entries has.
fn fill(entry: &mut Arc<Entry>, pair: &EntryPair) {
    let (second, entry) = (&pair.right, Arc::make_mut(entry));
    for (column, _) in pair.merged(GlossarySide::Left) {
        match column.as_str() {
            "case" => entry.case = second.case,
            "forms" => entry.forms.clone_from(&second.forms),
            "avoid" => entry.avoid.clone_from(&second.avoid),
            "kind" => entry.kind = second.kind,
            "note" => entry.note.clone_from(&second.note),
            _ => {}
        }
    }
}

/// Joins rows of the same source: `OmegaT` has a row a rendering.
pub(super) fn joined(rows: Vec<Entry>) -> Vec<Entry> {
    let mut places = HashMap::new();
    let mut out: Vec<Entry> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = *places.entry(row.source.clone()).or_insert(out.len());
        let Some(entry) = out.get_mut(place) else {
            out.push(row);
            continue;
        };
        for target in row.targets {
            if !entry.targets.contains(&target) {
                entry.targets.push(target);
            }
        }
        if entry.note.is_empty() {
            entry.note = row.note;
        }
    }
    out
}

/// Text as a cell can hold it: in one line, without tabs, the white space around it gone. Unlike
/// [`one_line`](crate::text::one_line) it keeps the white space between words, a no-break space among it: a cell says how
/// a term is written.
pub(super) fn cell_text(text: &str) -> String {
    text.split(['\t', '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a language code (`de`, `DE-AT`, `de_CH`) is of a language.
pub(super) fn is_language(code: &str, language: &str) -> bool {
    code.trim().split(['-', '_']).next().is_some_and(|primary| primary.eq_ignore_ascii_case(language))
}
