//! Changing glossary files: what is not changed stays byte for byte.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::GlossaryError;
use super::table::{Line, Table, files};

/// The file that is made in a folder without any.
const FIRST_FILE: &str = "glossary.tsv";

/// An entry to be added: the cells of its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewEntry {
    /// The German term.
    pub source: String,
    /// The English; several renderings separated by `|`, the house form first.
    pub target: String,
    /// Further cells, column by column; empty ones are not written.
    pub cells: Vec<(String, String)>,
}

/// Adds an entry at the end of a file; of a folder, the file `glossary.tsv` or else the last one.
///
/// A missing file is made. A column that the file lacks is added to all its rows. Returns the file.
///
/// # Errors
///
/// If the entry is there already, a value cannot stand in a cell, the file is broken, cannot be read or written,
/// or was changed in the meantime.
pub fn add(path: &Path, entry: &NewEntry) -> Result<PathBuf, GlossaryError> {
    let cells = entry.cells();
    for (column, value) in &cells {
        check_cell(column)?;
        check_cell(value)?;
    }
    for (name, value) in [("the source is empty", &entry.source), ("the target is empty", &entry.target)] {
        if value.trim().is_empty() {
            return Err(GlossaryError::Value { value: value.clone(), why: name });
        }
    }
    if entry.source.starts_with('#') {
        return Err(GlossaryError::Value { value: entry.source.clone(), why: "# begins a comment" });
    }
    let all = if path.exists() { files(path)? } else { Vec::new() };
    for file in &all {
        let table = Table::read(file)?;
        if let Some(row) = table.rows().find(|r| table.cell(*r, "source") == entry.source.trim()) {
            return Err(GlossaryError::Exists {
                source_term: entry.source.clone(),
                origin: table.origin(row),
            });
        }
    }
    let file = target_file(path, &all);
    change(&file, |table| {
        table.append(&cells);
        Ok(true)
    })?;
    Ok(file)
}

/// Removes the rows of a German term from a file or the files of a folder; tells whether there were any.
///
/// # Errors
///
/// If a file is broken, cannot be read or written, or was changed in the meantime.
pub fn remove(path: &Path, source: &str) -> Result<bool, GlossaryError> {
    each_file(path, |table| {
        let rows: Vec<_> = table.rows().filter(|r| table.cell(*r, "source") == source.trim()).collect();
        for row in rows.iter().rev() {
            table.lines.remove(*row);
        }
        Ok(!rows.is_empty())
    })
}

/// Sets one cell of the rows of a German term; tells whether there were any.
///
/// # Errors
///
/// If a file with the term has no such column, the value cannot stand in a cell, or as for [`remove`].
pub fn set(path: &Path, source: &str, column: &str, value: &str) -> Result<bool, GlossaryError> {
    check_cell(value)?;
    if matches!(column, "source" | "target") && value.trim().is_empty() {
        return Err(GlossaryError::Value {
            value: value.to_owned(),
            why: "source and target must not be empty",
        });
    }
    each_file(path, |table| {
        let rows: Vec<_> = table.rows().filter(|r| table.cell(*r, "source") == source.trim()).collect();
        if rows.is_empty() {
            return Ok(false);
        }
        let Some(place) = table.column(column) else {
            return Err(GlossaryError::NoColumn { path: table.path.clone(), column: column.to_owned() });
        };
        for row in rows {
            let line = &mut table.lines[row].text;
            let mut cells: Vec<&str> = line.split('\t').collect();
            cells.resize(cells.len().max(place + 1), "");
            cells[place] = value;
            *line = cells.join("\t");
        }
        Ok(true)
    })
}

impl NewEntry {
    fn cells(&self) -> Vec<(&str, &str)> {
        let further = self.cells.iter().filter(|(_, v)| !v.is_empty()).map(|(c, v)| (c.as_str(), v.trim()));
        [("source", self.source.trim()), ("target", self.target.trim())].into_iter().chain(further).collect()
    }
}

impl Table {
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
        self.lines.push(Line { text, end: if open { "" } else { end } });
    }
}

/// Refuses what would make another cell or line.
fn check_cell(value: &str) -> Result<(), GlossaryError> {
    if value.contains(['\t', '\n', '\r']) {
        return Err(GlossaryError::Value { value: value.to_owned(), why: "tabs and line breaks end a cell" });
    }
    Ok(())
}

fn target_file(path: &Path, all: &[PathBuf]) -> PathBuf {
    let folder = path.is_dir() || (!path.exists() && path.extension().is_none());
    if !folder {
        return path.to_owned();
    }
    let first = path.join(FIRST_FILE);
    if all.contains(&first) { first } else { all.last().cloned().unwrap_or(first) }
}

fn each_file(
    path: &Path,
    edit: impl Fn(&mut Table) -> Result<bool, GlossaryError>,
) -> Result<bool, GlossaryError> {
    let mut any = false;
    for file in files(path)? {
        any |= change(&file, &edit)?;
    }
    Ok(any)
}

/// Reads, edits and replaces a file, holding a lock on it against other edits by this program; a change by
/// another one is noticed before the file is replaced.
fn change(
    file: &Path,
    edit: impl FnOnce(&mut Table) -> Result<bool, GlossaryError>,
) -> Result<bool, GlossaryError> {
    let reading = |source| GlossaryError::Read { path: file.to_owned(), source };
    let lock = if file.exists() { Some(File::open(file).map_err(reading)?) } else { None };
    if let Some(lock) = &lock {
        lock.lock().map_err(reading)?;
    }
    let before = content(file).map_err(reading)?;
    let mut table = Table::parse(file, before.as_deref().unwrap_or_default())?;
    if !edit(&mut table)? {
        return Ok(false);
    }
    replace(file, &table.render(), before.as_deref())?;
    Ok(true)
}

/// The content of a file; `None` if there is none.
fn content(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a new file beside the old one and puts it in its place, if that still is what was read.
fn replace(file: &Path, text: &str, before: Option<&[u8]>) -> Result<(), GlossaryError> {
    let failed = |source| GlossaryError::Write { path: file.to_owned(), source };
    // A link is followed, so that the file it leads to is replaced and not the link.
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = real.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    new.write_all(text.as_bytes()).map_err(failed)?;
    if let Ok(old) = fs::metadata(&real) {
        new.as_file().set_permissions(old.permissions()).map_err(failed)?;
    }
    new.as_file().sync_all().map_err(failed)?;
    if content(&real).map_err(failed)?.as_deref() != before {
        return Err(GlossaryError::Changed { path: file.to_owned() });
    }
    new.persist(&real).map_err(|e| failed(e.error))?;
    // The name is safe on disk only with its folder; file systems that cannot do that need it not.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
