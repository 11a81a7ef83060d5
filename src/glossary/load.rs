//! Entries out of files.

use std::collections::HashMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use super::bounds;
use super::error::{GlossaryError, LineFault};
use super::segment_terms::SegmentTerms;
use super::table::{GlossaryTable, cell_span, files};
use crate::model::{CaseRule, Entry, EntryKind};

/// The entries of a glossary in the order of its files and lines.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    entries: Vec<Arc<Entry>>,
    /// Those that apply to single segments or articles only.
    pub(super) segment_terms: SegmentTerms,
}

impl Glossary {
    /// Reads a file, or the `*.tsv` files of a folder. A `.jsonl` file holds terms of single segments and articles.
    ///
    /// # Errors
    ///
    /// If a file or the folder cannot be read, and for the first broken line: not UTF-8, a missing column, a
    /// wrong number of cells, an empty source or target, an unknown value, or a source that has another target
    /// already.
    pub fn load(path: &Path) -> Result<Self, GlossaryError> {
        let (glossary, faults) = Self::load_lenient(path)?;
        faults.into_iter().next().map_or(Ok(glossary), Err)
    }

    /// Reads as [`Glossary::load`] does, but leaves broken lines and files out and returns what was wrong.
    ///
    /// # Errors
    ///
    /// If the file or the folder cannot be read.
    pub fn load_lenient(path: &Path) -> Result<(Self, Vec<GlossaryError>), GlossaryError> {
        if SegmentTerms::is_file(path) {
            let (segment_terms, faults) = SegmentTerms::read(path)?;
            return Ok((Self { entries: Vec::new(), segment_terms }, faults));
        }
        let mut reading = Reading::default();
        let mut left = bounds::BYTES;
        for file in files(path)? {
            match GlossaryTable::read_within(&file, &mut left) {
                Ok(table) => reading.table(&table),
                Err(error @ GlossaryError::Line(_)) => reading.faults.push(error),
                Err(error) => return Err(error),
            }
        }
        bounds::check(path, reading.entries.iter().map(AsRef::as_ref))?;
        Ok((Self { entries: reading.entries, segment_terms: SegmentTerms::default() }, reading.faults))
    }

    /// A glossary of given entries.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self { entries: entries.into_iter().map(Arc::new).collect(), segment_terms: SegmentTerms::default() }
    }

    /// The entries in order, without those that apply to single segments or articles.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }
}

/// The entries of one file and its broken lines.
#[cfg(feature = "documents")]
pub(super) fn read_table(table: &GlossaryTable) -> (Vec<Arc<Entry>>, Vec<GlossaryError>) {
    let mut reading = Reading::default();
    reading.table(table);
    (reading.entries, reading.faults)
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    entries: Vec<Arc<Entry>>,
    by_source: HashMap<String, usize>,
    faults: Vec<GlossaryError>,
}

impl Reading {
    fn table(&mut self, table: &GlossaryTable) {
        for row in table.rows() {
            match self.entry(table, row) {
                Ok(entry) => {
                    self.by_source.entry(entry.source.clone()).or_insert(self.entries.len());
                    self.entries.push(Arc::new(entry));
                }
                Err(fault) => self.faults.push(fault),
            }
        }
    }

    fn entry(&self, table: &GlossaryTable, row: usize) -> Result<Entry, GlossaryError> {
        let line = &table.lines[row].text;
        let found = line.split('\t').count();
        let expected = table.columns.len();
        if found != expected {
            let span = if found > expected { cell_span(line, expected).start } else { 0 }..line.len();
            return Err(table.fault(row, span, LineFault::FieldCount { expected, found }));
        }
        let span = |column| table.column(column).map_or(0..0, |c| cell_span(line, c));
        let targets = values(table.cell(row, "target"));
        let source = table.cell(row, "source").to_owned();
        for (column, empty) in [("source", source.is_empty()), ("target", targets.is_empty())] {
            if empty {
                return Err(table.fault(row, span(column), LineFault::Empty(column)));
            }
        }
        if let Some(first) = self.by_source.get(&source).and_then(|i| self.entries.get(*i))
            && first.targets != targets
        {
            let target = first.targets.join("|");
            let fault = LineFault::Conflict { source_term: source, first: first.origin.clone(), target };
            return Err(table.fault(row, span("target"), fault));
        }
        let unknown = |column, fault| table.fault(row, span(column), fault);
        Ok(Entry {
            source,
            targets,
            case: case(table.cell(row, "case")).map_err(|f| unknown("case", f))?,
            forms: values(table.cell(row, "forms")),
            avoid: values(table.cell(row, "avoid")),
            kind: kind(table.cell(row, "kind")).map_err(|f| unknown("kind", f))?,
            note: table.cell(row, "note").to_owned(),
            origin: table.origin(row),
        })
    }
}

/// The values of a cell.
pub(super) fn values(cell: &str) -> Vec<String> {
    cell.split('|').map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect()
}

/// The case rule that a cell names; the default if it is empty.
pub(super) fn case(cell: &str) -> Result<CaseRule, LineFault> {
    named(cell, "auto, exact, ignore")
}

/// The kind that a cell names; the default if it is empty.
pub(super) fn kind(cell: &str) -> Result<EntryKind, LineFault> {
    named(cell, "name, term, keep")
}

fn named<T: Default + FromStr>(cell: &str, known: &'static str) -> Result<T, LineFault> {
    if cell.is_empty() {
        return Ok(T::default());
    }
    cell.parse().map_err(|_| LineFault::UnknownValue { value: cell.to_owned(), known })
}
