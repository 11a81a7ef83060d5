//! Entries out of files.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bounds;
use super::cells::{case, kind, values};
use super::entry_pair::pair;
#[cfg(feature = "documents")]
use super::error::LineError;
use super::error::{GlossaryError, LineFault};
#[cfg(feature = "documents")]
use super::exchange::{self, ExchangeFormat};
use super::scope::{ArticlePattern, GlossaryScope};
use super::segment_terms::SegmentTerms;
use super::table::{GlossaryTable, cell_span, files};
use crate::model::{Entry, EntryKind};
use crate::text::counted;

/// Entries that yield to a later glossary and are each reported: a house glossary may have thousands of them.
const REPORTED: usize = 5;

/// The entries of a glossary in the order of its files and lines.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    entries: Vec<Arc<Entry>>,
    /// Those that apply to single segments or articles only.
    pub(super) segment_terms: SegmentTerms,
    /// Those that count for some articles only.
    pub(super) scopes: Vec<GlossaryScope>,
    remarks: Vec<String>,
}

impl Glossary {
    /// Reads a file, or the `*.tsv` files of a folder. A `.jsonl` file holds terms of single segments and articles. With the
    /// feature `documents`, a file may be a table or a termbase of another program.
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
            return Ok((Self { segment_terms, ..Self::default() }, faults));
        }
        #[cfg(feature = "documents")]
        if let Some(read) = foreign(path)? {
            return Ok(read);
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
        Ok((Self { entries: reading.entries, ..Self::default() }, reading.faults))
    }

    /// Reads several glossaries as [`Glossary::load_lenient`] does. Of entries with the same source, that of a later glossary
    /// counts; a remark says which one yields.
    ///
    /// # Errors
    ///
    /// If a file or folder cannot be read.
    pub fn load_all(paths: &[PathBuf]) -> Result<(Self, Vec<GlossaryError>), GlossaryError> {
        let (mut all, mut faults) = (Self::default(), Vec::new());
        for path in paths {
            let (glossary, own) = Self::load_lenient(path)?;
            all.put_on_top(glossary);
            faults.extend(own);
        }
        Ok((all, faults))
    }

    /// Adds a glossary on top of the others for the articles of some patterns.
    pub fn add_for(&mut self, articles: Vec<ArticlePattern>, glossary: Self) {
        self.remarks.extend(glossary.remarks);
        self.remark(&EntriesUnder::new(&self.entries, &glossary.entries).yielding);
        self.segment_terms.extend(glossary.segment_terms);
        self.scopes.push(GlossaryScope { articles, entries: glossary.entries });
    }

    fn put_on_top(&mut self, later: Self) {
        let under = EntriesUnder::new(&self.entries, &later.entries);
        self.entries = under.stay;
        self.remark(&under.yielding);
        self.remarks.extend(later.remarks);
        self.segment_terms.extend(later.segment_terms);
        self.entries.extend(later.entries);
    }

    /// Says which entries yield to others.
    fn remark(&mut self, yielding: &[[Arc<Entry>; 2]]) {
        let remark = |[entry, winner]: &[Arc<Entry>; 2]| {
            format!("{}: “{}” yields to {}", entry.origin, entry.source, winner.origin)
        };
        self.remarks.extend(yielding.iter().take(REPORTED).map(remark));
        if let Some(more) = yielding.len().checked_sub(REPORTED + 1) {
            self.remarks.push(format!("{} more yield to a later glossary", counted(more + 1, "entry")));
        }
    }

    /// A glossary of given entries.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self { entries: entries.into_iter().map(Arc::new).collect(), ..Self::default() }
    }

    /// Writes all of it down for a comparison: the same whenever it says the same.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_all(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let Self { entries, segment_terms, scopes, remarks: _ } = self;
        write!(out, "{entries:?}{scopes:?}")?;
        segment_terms.write_all(out)
    }

    /// The entries in order, without those that apply to single segments or articles.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// What there is to say about how its files were understood.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }
}

/// Entries under those of a later glossary.
pub(super) struct EntriesUnder {
    pub(super) stay: Vec<Arc<Entry>>,
    /// Those that yield, each with the other one.
    yielding: Vec<[Arc<Entry>; 2]>,
}

impl EntriesUnder {
    pub(super) fn new(entries: &[Arc<Entry>], later: &[Arc<Entry>]) -> Self {
        let mut winners: HashMap<&str, &Arc<Entry>> = HashMap::with_capacity(later.len());
        for entry in later {
            winners.entry(&entry.source).or_insert(entry);
        }
        let mut under = Self { stay: Vec::with_capacity(entries.len()), yielding: Vec::new() };
        for entry in entries {
            match winners.get(entry.source.as_str()) {
                None => under.stay.push(Arc::clone(entry)),
                Some(winner) if pair(entry, winner).is_some() => {
                    under.yielding.push([Arc::clone(entry), Arc::clone(winner)]);
                }
                Some(_) => {}
            }
        }
        under
    }
}

/// A glossary in a file of another program; `None` if the file is one of ours.
#[cfg(feature = "documents")]
fn foreign(path: &Path) -> Result<Option<(Glossary, Vec<GlossaryError>)>, GlossaryError> {
    let Some(format) = ExchangeFormat::guess(path).filter(|_| !path.is_dir()) else { return Ok(None) };
    let failed = |source| GlossaryError::Read { path: path.to_owned(), source };
    // Of what a table of ours can lack, its header may be in other words and its text in another encoding.
    let is_ours = |bytes: &[u8]| match GlossaryTable::parse(path, bytes) {
        Err(GlossaryError::Line(line)) => {
            !matches!(line.fault, LineFault::MissingColumn(_) | LineFault::NotUtf8)
        }
        _ => true,
    };
    let most = if format.is_foreign() { exchange::MAX_BYTES } else { bounds::BYTES };
    let bytes = bounds::read(path, most).map_err(failed)?;
    if !format.is_foreign() && is_ours(&bytes) {
        return Ok(None);
    }
    let imported = match exchange::read(path, &bytes, format) {
        // Without a header that is understood, a table of ours has one that is misspelt.
        Ok(imported) if format == ExchangeFormat::Tsv && !imported.has_header => return Ok(None),
        Err(_) if !format.is_foreign() => return Ok(None),
        read => read?,
    };
    bounds::check(path, &imported.entries)?;
    let remarks = imported.remarks.iter().cloned().chain(imported.left()).collect();
    let mut faults = imported.faults;
    faults.extend(imported.conflicts.iter().map(|pair| {
        let target = pair.left.targets.join("|");
        let fault = LineFault::Conflict {
            source_term: pair.left.source.clone(),
            first: pair.left.origin.clone(),
            target,
        };
        let line = format!("{}\t{}", pair.right.source, pair.right.targets.join("|"));
        LineError::of_line(pair.right.origin.clone(), line.as_bytes(), fault).into()
    }));
    let entries = imported.entries.into_iter().map(Arc::new).collect();
    Ok(Some((Glossary { entries, remarks, ..Glossary::default() }, faults)))
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
        let unknown = |column, fault| table.fault(row, span(column), fault);
        let kind = kind(table.cell(row, "kind")).map_err(|fault| unknown("kind", fault))?;
        let source = table.cell(row, "source").to_owned();
        let mut targets = values(table.cell(row, "target"));
        if kind == EntryKind::Keep && targets.is_empty() {
            targets.extend(Some(source.clone()).filter(|source| !source.is_empty()));
        }
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
        Ok(Entry {
            source,
            targets,
            case: case(table.cell(row, "case")).map_err(|f| unknown("case", f))?,
            forms: values(table.cell(row, "forms")),
            avoid: values(table.cell(row, "avoid")),
            kind,
            note: table.cell(row, "note").to_owned(),
            origin: table.origin(row),
        })
    }
}
