//! The cells of a workbook that are to be filled: of a row with German, the one in the English column.

use std::collections::HashMap;
use std::path::Path;

use super::fill::{Fill, FillSource, fill};
use super::tree::{SpannedElement, tree};
use crate::glossary::exchange::german_and_english;
use crate::model::{Article, ArticleId, Encoding, Markup};
use crate::read::archive::Archive;
use crate::read::draft::ArticleDraft;
use crate::read::error::ReadError;
use crate::read::reader::Reader;

/// Workbooks. The other cells, and how all of them look, stay as they are.
#[derive(Debug)]
pub(in crate::read) struct Workbook {
    /// The most bytes that are unpacked, and the most bytes of text in cells: one text may stand in many.
    pub(in crate::read) max_bytes: u64,
}

const BOOK: &str = "xl/workbook.xml";
const RELATIONS: &str = "xl/_rels/workbook.xml.rels";
const STRINGS: &str = "xl/sharedStrings.xml";

/// Columns with names; a workbook has no more than 16,384.
const COLUMNS: usize = 1 << 14;

/// The columns of a table, counted from 0, and the row that names them.
#[derive(Clone, Copy)]
struct FilledColumns {
    german: usize,
    english: usize,
    header: Option<usize>,
}

/// A sheet with its cells: row, column, what stands there, and the element.
struct SheetCells<'a> {
    rows: Vec<(&'a SpannedElement, Vec<SheetCell<'a>>)>,
}

struct SheetCell<'a> {
    column: usize,
    text: String,
    element: &'a SpannedElement,
}

impl Reader for Workbook {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let mut archive = Archive::open(path, bytes, self.max_bytes)?;
        let strings = match archive.text(STRINGS)? {
            Some(markup) => {
                let file = tree(&markup).map_err(|error| archive.broken(Some(STRINGS), error))?;
                let table = file.child("sst").into_iter().flat_map(SpannedElement::children);
                table.map(SpannedElement::words).collect()
            }
            None => Vec::new(),
        };
        let mut parts = Vec::new();
        for name in sheets(&mut archive)? {
            if let Some(markup) = archive.text(&name)? {
                parts.push((name, markup));
            }
        }
        let mut files = Vec::new();
        for (name, markup) in &parts {
            files.push(tree(markup).map_err(|error| archive.broken(Some(name), error))?);
        }
        let sheets: Vec<SheetCells<'_>> = files.iter().map(|file| SheetCells::of(file, &strings)).collect();
        let text: usize = sheets
            .iter()
            .flat_map(|sheet| &sheet.rows)
            .flat_map(|(_, cells)| cells)
            .map(|cell| cell.text.len())
            .sum();
        if text as u64 > self.max_bytes {
            return Err(ReadError::TooLarge { path: path.to_owned(), limit: self.max_bytes });
        }
        let is_headed = sheets.iter().any(|sheet| sheet.headed().is_some());
        let mut draft = ArticleDraft::default();
        for (number, (sheet, (name, markup))) in sheets.iter().zip(&parts).enumerate() {
            let columns = sheet.headed();
            // Where no column has a name, the first two of the first sheet are meant.
            let first =
                (number == 0 && !is_headed).then_some(FilledColumns { german: 0, english: 1, header: None });
            let Some(columns) = columns.or(first) else { continue };
            draft.part(name);
            fill(markup, &sheet.fills(columns), &[], &mut draft);
        }
        Ok(draft.finish(id, Encoding::utf8(), Markup::Xlsx, Some(bytes.to_vec())))
    }
}

/// The sheets of a workbook, in its order.
fn sheets(archive: &mut Archive<'_>) -> Result<Vec<String>, ReadError> {
    let (Some(book), Some(relations)) = (archive.text(BOOK)?, archive.text(RELATIONS)?) else {
        return Err(archive.broken(None, "it is not a workbook"));
    };
    let book = tree(&book).map_err(|error| archive.broken(Some(BOOK), error))?;
    let relations = tree(&relations).map_err(|error| archive.broken(Some(RELATIONS), error))?;
    let targets: HashMap<&str, &str> = relations
        .children()
        .flat_map(SpannedElement::children)
        .filter_map(|relation| Some((relation.attribute("Id")?, relation.attribute("Target")?)))
        .collect();
    let listed = book.child("workbook").and_then(|book| book.child("sheets"));
    let names = listed.into_iter().flat_map(SpannedElement::children).filter_map(|sheet| {
        let target = targets.get(sheet.attribute("id")?)?;
        Some(target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned))
    });
    Ok(names.collect())
}

impl<'a> SheetCells<'a> {
    fn of(file: &'a SpannedElement, strings: &[String]) -> Self {
        let rows = file.child("worksheet").and_then(|sheet| sheet.child("sheetData"));
        let rows = rows.into_iter().flat_map(SpannedElement::children).map(|row| {
            let mut next = 0;
            let cells = row.children().filter(|cell| cell.local() == "c").map(|element| {
                let column = element.attribute("r").and_then(column).unwrap_or(next);
                next = column + 1;
                let value = || element.child("v").map(SpannedElement::words).unwrap_or_default();
                let text = match element.attribute("t") {
                    Some("s") => value().trim().parse().ok().and_then(|at: usize| strings.get(at).cloned()),
                    Some("inlineStr") => element.child("is").map(SpannedElement::words),
                    _ => Some(value()),
                };
                SheetCell { column, text: text.unwrap_or_default(), element }
            });
            (row, cells.collect())
        });
        Self { rows: rows.collect() }
    }

    /// The columns by their heads, which stand in the first row with anything in it.
    fn headed(&self) -> Option<FilledColumns> {
        let is_said = |cell: &SheetCell<'_>| !cell.text.trim().is_empty();
        let (header, (_, cells)) =
            self.rows.iter().enumerate().find(|(_, (_, cells))| cells.iter().any(is_said))?;
        let last = cells.iter().map(|cell| cell.column).max()?;
        let mut names = vec![String::new(); last.min(COLUMNS) + 1];
        for cell in cells {
            if let Some(name) = names.get_mut(cell.column) {
                name.clone_from(&cell.text);
            }
        }
        let (german, english) = german_and_english(&names)?;
        Some(FilledColumns { german, english, header: Some(header) })
    }

    fn fills(&self, columns: FilledColumns) -> Vec<Fill<'_>> {
        let mut fills = Vec::new();
        let first = columns.header.map_or(0, |header| header + 1);
        for (row, cells) in self.rows.iter().skip(first) {
            let at = |column: usize| cells.iter().find(|cell| cell.column == column);
            let Some(german) = at(columns.german).filter(|cell| cell.text.contains(char::is_alphabetic))
            else {
                continue;
            };
            let english = at(columns.english);
            if english.is_some_and(|cell| !cell.text.trim().is_empty() || cell.element.child("f").is_some()) {
                continue;
            }
            let behind = || {
                let before = cells.iter().rev().find(|cell| cell.column < columns.english);
                let at = before.map_or(row.tag.end, |cell| cell.element.whole.end);
                at..at
            };
            let place = english.map_or_else(behind, |cell| cell.element.whole.clone());
            let number = row.attribute("r").map_or_else(String::new, str::to_owned);
            let name = format!("{}{number}", letters(columns.english));
            let name = english.and_then(|cell| cell.element.attribute("r")).unwrap_or(&name);
            // It looks as it did, or as its neighbour.
            let style = english.unwrap_or(german).element.attribute("s");
            let style = style.map(|style| format!(" s=\"{style}\"")).unwrap_or_default();
            fills.push(Fill {
                place,
                before: format!("<c r=\"{name}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">"),
                behind: "</t></is></c>".to_owned(),
                source: FillSource::Words(&german.text),
                edits: Vec::new(),
            });
        }
        fills
    }
}

/// The column of a cell by its name, counted from 0: 1 of `B7`.
fn column(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).take(3);
    let number =
        letters.fold(0, |number, letter| number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1)
}

/// The letters of a column.
fn letters(column: usize) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (number, name) in [(0, "A"), (1, "B"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!((letters(number).as_str(), column(&format!("{name}12"))), (name, Some(number)));
        }
        assert_eq!(column("7"), None);
    }
}
