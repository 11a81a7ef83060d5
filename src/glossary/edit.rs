//! Changing glossary files: what is not changed stays byte for byte.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::cells;
use super::edit_lock::EditLock;
use super::error::GlossaryError;
use super::exchange::ExchangeFormat;
use super::replace::{Replaced, change};
use super::table::{GlossaryLine, GlossaryTable, files};
use super::undo::{EditedFile, UndoRecord};
use crate::model::Entry;

/// The file that is made in a folder without glossary files.
const FIRST_FILE: &str = "glossary.tsv";

/// Columns that are added to a file that lacks them.
const OPTIONAL: [&str; 5] = ["case", "forms", "avoid", "kind", "note"];

/// An entry to be added: the cells of its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewEntry {
    pub source: String,
    /// The English; several renderings separated by `|`, the house form first.
    pub target: String,
    /// Further cells, column by column; empty ones are not written.
    pub cells: Vec<(String, String)>,
}

/// A glossary that is being edited: a file, or the files of a folder. Other processes wait for their turn until it is
/// dropped; what is read and written in between is not changed by them.
#[derive(Debug)]
pub struct Editor {
    path: PathBuf,
    /// The files that were changed, as they were before.
    changed: RefCell<Vec<EditedFile>>,
    _turns: Vec<EditLock>,
}

/// A cell that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedCell {
    pub column: String,
    pub before: String,
    pub after: String,
}

impl Editor {
    /// Waits for the turn at the glossary at `path`, which need not be there yet.
    ///
    /// # Errors
    ///
    /// If its folder cannot be read, made or written.
    pub fn open(path: &Path) -> Result<Self, GlossaryError> {
        let mut folders = BTreeSet::from([folder(path)]);
        if path.exists() {
            // Where files of a folder are links, the turn is at what they lead to as well.
            let real = files(path)?.into_iter().filter_map(|file| fs::canonicalize(file).ok());
            folders.extend(real.filter_map(|file| Some(file.parent()?.to_owned())));
        }
        let turn = |folder: PathBuf| {
            let failed = |source| GlossaryError::Write { path: folder.clone(), source };
            fs::create_dir_all(&folder).map_err(failed)?;
            EditLock::wait(&folder).map_err(failed)
        };
        // In one order for all, so that no two processes wait for each other.
        let turns = folders.into_iter().map(turn).collect::<Result<_, _>>()?;
        Ok(Self { path: path.to_owned(), changed: RefCell::default(), _turns: turns })
    }

    /// Adds an entry at the end of a file; of a folder, the file `glossary.tsv` or else the last one.
    ///
    /// A missing file is made. A column that the file lacks is added to all its rows. Returns the file.
    ///
    /// # Errors
    ///
    /// If the entry is there already, a value cannot stand in a cell, the file is broken, cannot be read or written,
    /// or was changed in the meantime by another program.
    pub fn add(&self, entry: &NewEntry) -> Result<PathBuf, GlossaryError> {
        self.refuse_existing(&entry.source)?;
        self.add_all(std::slice::from_ref(entry))
    }

    fn refuse_existing(&self, source: &str) -> Result<(), GlossaryError> {
        for file in &self.files()? {
            let table = GlossaryTable::read(file)?;
            if let Some(row) = table.rows().find(|r| table.cell(*r, "source") == source.trim()) {
                return Err(GlossaryError::Exists {
                    source_term: source.to_owned(),
                    origin: table.origin(row),
                });
            }
        }
        Ok(())
    }

    /// Adds entries that are not there yet as [`Self::add`] does, in one step.
    ///
    /// # Errors
    ///
    /// As for [`Self::add`]; whether an entry is there already is not looked at.
    pub fn add_all(&self, entries: &[NewEntry]) -> Result<PathBuf, GlossaryError> {
        for entry in entries {
            entry.check()?;
        }
        let file = target_file(&self.path, &self.files()?);
        self.change(&file, |table| {
            for entry in entries {
                table.append(&entry.all_cells());
            }
            Ok(!entries.is_empty())
        })?;
        Ok(file)
    }

    /// Gives an entry another German term; returns whether there was one.
    ///
    /// # Errors
    ///
    /// If there is an entry of the new term already, or as for [`Self::set`].
    pub fn rename(&self, source: &str, new: &str) -> Result<bool, GlossaryError> {
        self.refuse_existing(new)?;
        Ok(self.set(source, &[("source".to_owned(), new.to_owned())])?.is_some())
    }

    /// Adds an accepted rendering to an entry, behind the others or before them; `None` if there is no such entry. Where it
    /// stands already, it moves to the front or stays.
    ///
    /// # Errors
    ///
    /// As for [`Self::set`].
    pub fn add_target(
        &self,
        source: &str,
        target: &str,
        first: bool,
    ) -> Result<Option<ChangedCell>, GlossaryError> {
        check_value("target", target)?;
        let mut changed = None;
        self.each_file(|table| {
            let rows: Vec<_> = table.rows().filter(|r| table.cell(*r, "source") == source.trim()).collect();
            for row in &rows {
                let before = table.cell(*row, "target").to_owned();
                let mut all = cells::values(&before);
                let new = cells::values(target);
                all.retain(|old| !(first && new.contains(old)));
                let place = if first { 0 } else { all.len() };
                let added: Vec<String> = new.into_iter().filter(|one| !all.contains(one)).collect();
                all.splice(place..place, added);
                let after = all.join("|");
                table.set_cells(*row, &[("target".to_owned(), after.clone())])?;
                changed.get_or_insert(ChangedCell { column: "target".to_owned(), before, after });
            }
            Ok(!rows.is_empty())
        })?;
        Ok(changed)
    }

    /// Removes the rows of a German term; returns whether there were any.
    ///
    /// # Errors
    ///
    /// If a file is broken, cannot be read or written, or was changed in the meantime by another program.
    pub fn remove(&self, source: &str) -> Result<bool, GlossaryError> {
        self.each_file(|table| {
            let rows: Vec<_> = table.rows().filter(|r| table.cell(*r, "source") == source.trim()).collect();
            for row in rows.iter().rev() {
                table.lines.remove(*row);
            }
            Ok(!rows.is_empty())
        })
    }

    /// Sets cells of the rows of a German term, column by column; returns what was changed in the first of them, or `None`
    /// if there is none.
    ///
    /// An empty value empties its cell. A known column that a file lacks is added to all its rows.
    ///
    /// # Errors
    ///
    /// If a file with the term has no such column, the value cannot stand in a cell, or as for [`Self::remove`].
    pub fn set(
        &self,
        source: &str,
        cells: &[(String, String)],
    ) -> Result<Option<Vec<ChangedCell>>, GlossaryError> {
        for (column, value) in cells {
            check_value(column, value)?;
        }
        let mut changed = None;
        self.each_file(|table| {
            let rows: Vec<_> = table.rows().filter(|r| table.cell(*r, "source") == source.trim()).collect();
            for row in &rows {
                let change = |(column, after): &(String, String)| ChangedCell {
                    column: column.clone(),
                    before: table.cell(*row, column).to_owned(),
                    after: after.trim().to_owned(),
                };
                changed.get_or_insert(cells.iter().map(change).collect());
                table.set_cells(*row, cells)?;
            }
            Ok(!rows.is_empty())
        })?;
        Ok(changed)
    }

    /// Sets the cells that entries have in the rows of the same German terms, in one step a file; their other
    /// cells stay.
    ///
    /// # Errors
    ///
    /// As for [`Self::set`].
    pub fn replace_all(&self, entries: &[NewEntry]) -> Result<(), GlossaryError> {
        let mut wanted = HashMap::with_capacity(entries.len());
        for entry in entries {
            entry.check()?;
            let cells = entry.all_cells().into_iter().map(|(c, v)| (c.to_owned(), v.to_owned()));
            wanted.insert(entry.source.trim(), cells.collect::<Vec<_>>());
        }
        self.each_file(|table| {
            let rows: Vec<_> = table.rows().collect();
            let mut any = false;
            for row in rows {
                if let Some(cells) = wanted.get(table.cell(row, "source")) {
                    table.set_cells(row, cells)?;
                    any = true;
                }
            }
            Ok(any)
        })?;
        Ok(())
    }

    fn files(&self) -> Result<Vec<PathBuf>, GlossaryError> {
        self.refuse_foreign()?;
        if self.path.exists() { files(&self.path) } else { Ok(Vec::new()) }
    }

    /// Refuses to change a file that another program keeps.
    fn refuse_foreign(&self) -> Result<(), GlossaryError> {
        if ExchangeFormat::guess(&self.path).is_some_and(ExchangeFormat::is_foreign) && !self.path.is_dir() {
            return Err(GlossaryError::Foreigner { path: self.path.clone() });
        }
        Ok(())
    }

    fn each_file(
        &self,
        mut edit: impl FnMut(&mut GlossaryTable) -> Result<bool, GlossaryError>,
    ) -> Result<bool, GlossaryError> {
        let mut any = false;
        self.refuse_foreign()?;
        for file in files(&self.path)? {
            any |= self.change(&file, &mut edit)?;
        }
        Ok(any)
    }

    /// Changes a file and keeps what it was.
    fn change(
        &self,
        file: &Path,
        edit: impl FnOnce(&mut GlossaryTable) -> Result<bool, GlossaryError>,
    ) -> Result<bool, GlossaryError> {
        let Some(Replaced { before, after }) = change(file, edit)? else { return Ok(false) };
        let mut changed = self.changed.borrow_mut();
        match changed.iter_mut().find(|edited| edited.path == file) {
            // Of several changes in a row the file before the first one comes back.
            Some(edited) => edited.after = UndoRecord::hash(Some(&after)),
            None => changed.push(EditedFile::new(file, before.as_deref(), Some(&after))),
        }
        Ok(true)
    }

    /// Writes down in a file what undoes everything that was changed so far.
    ///
    /// # Errors
    ///
    /// If that file or its folder cannot be written.
    pub fn keep_undo(&self, record: &Path, command: &str) -> Result<(), GlossaryError> {
        let files = self.changed.borrow().clone();
        if files.is_empty() { Ok(()) } else { UndoRecord { command: command.to_owned(), files }.save(record) }
    }

    /// Takes back the last change that was written down, and writes down how to make it again; returns what it was.
    ///
    /// # Errors
    ///
    /// If none is written down, one of the files is not of this glossary or was changed since, or cannot be read or written.
    pub fn undo(&self, record: &Path) -> Result<UndoRecord, GlossaryError> {
        let mut last = UndoRecord::load(record)?;
        let is_ours = |file: &Path| {
            let is_table = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
            file == self.path || (is_table && file.parent() == Some(&self.path))
        };
        if last.files.iter().any(|edited| !is_ours(&edited.path)) {
            return Err(GlossaryError::NothingToUndo);
        }
        for edited in &mut last.files {
            edited.restore()?;
        }
        last.save(record)?;
        Ok(last)
    }
}

/// The content of a file with cells of some German terms set and entries added, everything else as it is. The file
/// itself stays untouched.
///
/// # Errors
///
/// As for [`Editor::set`] and [`Editor::add_all`].
pub fn merged(
    file: &Path,
    changed: &[(String, Vec<(String, String)>)],
    added: &[NewEntry],
) -> Result<String, GlossaryError> {
    let mut table = GlossaryTable::read(file)?;
    let wanted: HashMap<&str, _> = changed.iter().map(|(source, cells)| (source.as_str(), cells)).collect();
    for row in table.rows().collect::<Vec<_>>() {
        if let Some(cells) = wanted.get(table.cell(row, "source")) {
            table.set_cells(row, cells)?;
        }
    }
    for entry in added {
        entry.check()?;
        table.append(&entry.all_cells());
    }
    Ok(table.render())
}

impl NewEntry {
    /// The cells of an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let (source, target) = (entry.source.clone(), entry.targets.join("|"));
        let cells = cells::cells(entry).map(|(column, value)| (column.to_owned(), value)).into();
        Self { source, target, cells }
    }

    /// The cells to be written, source and target first.
    fn all_cells(&self) -> Vec<(&str, &str)> {
        let further = self.cells.iter().filter(|(_, v)| !v.is_empty()).map(|(c, v)| (c.as_str(), v.trim()));
        [("source", self.source.trim()), ("target", self.target.trim())].into_iter().chain(further).collect()
    }

    fn check(&self) -> Result<(), GlossaryError> {
        check_value("source", &self.source)?;
        check_value("target", &self.target)?;
        for (column, value) in &self.cells {
            check_cell(column)?;
            check_value(column, value)?;
        }
        Ok(())
    }
}

impl GlossaryTable {
    /// Adds a row; makes the header and the columns it needs.
    fn append(&mut self, cells: &[(&str, &str)]) {
        let end = self.lines.iter().map(|l| l.end).find(|e| !e.is_empty()).unwrap_or("\n");
        for (column, _) in cells {
            if self.column(column).is_none() {
                self.add_column(column);
            }
        }
        if self.header.is_none() {
            self.header = Some(self.lines.len());
            self.push_line(self.columns.join("\t"), end);
        }
        let value = |c: &String| cells.iter().find(|(n, _)| n == c).map_or("", |(_, v)| *v);
        let row = self.columns.iter().map(value).collect::<Vec<_>>().join("\t");
        self.push_line(row, end);
    }

    /// Sets cells of a row.
    fn set_cells(&mut self, row: usize, values: &[(String, String)]) -> Result<(), GlossaryError> {
        for (column, value) in values {
            let place = match self.column(column) {
                Some(place) => place,
                None if value.trim().is_empty() => continue,
                None if OPTIONAL.contains(&column.as_str()) => {
                    self.add_column(column);
                    self.columns.len() - 1
                }
                None => {
                    return Err(GlossaryError::NoColumn { path: self.path.clone(), column: column.clone() });
                }
            };
            let line = &mut self.lines[row].text;
            let mut cells: Vec<&str> = line.split('\t').collect();
            cells.resize(cells.len().max(place + 1), "");
            cells[place] = value.trim();
            *line = cells.join("\t");
        }
        Ok(())
    }

    fn add_column(&mut self, name: &str) {
        if let Some(header) = self.header {
            let rows: Vec<_> = self.rows().collect();
            self.lines[header].text.extend(["\t", name]);
            for row in rows {
                self.lines[row].text.push('\t');
            }
        }
        self.columns.push(name.to_owned());
    }

    /// Puts a line at the end; a last line without an end keeps the file without one.
    fn push_line(&mut self, text: String, end: &'static str) {
        let open = self.lines.last_mut().filter(|l| l.end.is_empty());
        let open = open.map(|last| last.end = end).is_some();
        self.lines.push(GlossaryLine { text, end: if open { "" } else { end } });
    }
}

/// Refuses a value that its column cannot hold.
fn check_value(column: &str, value: &str) -> Result<(), GlossaryError> {
    check_cell(value)?;
    let refused = |why: &str| Err(GlossaryError::Value { value: value.to_owned(), why: why.to_owned() });
    match column {
        "source" if value.trim().is_empty() => refused("the source is empty"),
        "source" if value.trim_start().starts_with('#') => refused("# begins a comment"),
        "target" if cells::values(value).is_empty() => refused("the target is empty"),
        "case" => cells::case(value.trim()).map(drop).or_else(|fault| refused(&fault.to_string())),
        "kind" => cells::kind(value.trim()).map(drop).or_else(|fault| refused(&fault.to_string())),
        _ => Ok(()),
    }
}

/// Refuses what would make another cell or line.
fn check_cell(value: &str) -> Result<(), GlossaryError> {
    if value.contains(['\t', '\n', '\r']) {
        let why = "tabs and line breaks end a cell".to_owned();
        return Err(GlossaryError::Value { value: value.to_owned(), why });
    }
    Ok(())
}

/// The folder of the files of a glossary, whether they exist yet or not.
fn folder(path: &Path) -> PathBuf {
    let folder = if is_folder(path) {
        path
    } else {
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    };
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

fn is_folder(path: &Path) -> bool {
    path.is_dir() || (!path.exists() && path.extension().is_none())
}

fn target_file(path: &Path, all: &[PathBuf]) -> PathBuf {
    if !is_folder(path) {
        return path.to_owned();
    }
    let first = path.join(FIRST_FILE);
    if all.contains(&first) { first } else { all.last().cloned().unwrap_or(first) }
}
