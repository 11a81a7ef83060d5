//! The first sheet of an Excel workbook: texts, numbers and truth values, nothing of its looks.
//!
//! What a workbook says of its size is not believed: nothing is allocated for a declared count or dimension, a part is
//! unpacked up to a bound, and cells stand in memory only where there are some.

use std::io::{Cursor, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::super::error::{BoxedError, FaultAt, GlossaryError};
use super::decode::decoded;
use super::xml::{Element, elements};

/// All parts that are read unpack to no more than this. A glossary of a hundred thousand entries has some 20 MiB.
const UNPACKED: u64 = 64 << 20;

/// A shared string stands in the file once and in many cells, so all of these have no more than this.
const TEXT: usize = 64 << 20;

/// A table has no more rows than this, half of what Excel allows; glossaries in use have a tenth of it at most.
const ROWS: usize = 1 << 19;

/// A table has no more columns than this; those of a glossary are eight and some of the user's own.
const COLUMNS: usize = 256;

/// A table has no more cells than this, those before the last one of each row counted too.
const CELLS: usize = 4 << 20;

/// Reads the rows that are not empty, each with its number.
pub(super) fn rows(path: &Path, bytes: &[u8]) -> Result<Vec<(usize, Vec<String>)>, GlossaryError> {
    let mut book = Book::open(path, bytes, UNPACKED)?;
    let main = book.relations("_rels/.rels", "")?;
    let main = main.into_iter().find(|relation| relation.is("officeDocument"));
    let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
    let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
    let relations = book.relations(&format!("{folder}/_rels/{name}.rels"), folder)?;
    let target = |wanted: &dyn Fn(&Relation) -> bool| relations.iter().find(|relation| wanted(relation));
    let Some(sheet) = book.first_sheet(&main)? else { return Ok(Vec::new()) };
    let Some(sheet) = target(&|relation| relation.id == sheet) else {
        return Err(book.broken("its first sheet is missing"));
    };
    let strings = match target(&|relation| relation.is("sharedStrings")) {
        Some(strings) => book.strings(&strings.target)?,
        None => Vec::new(),
    };
    book.table(&sheet.target, &strings)
}

/// A workbook that is being read.
struct Book<'a> {
    path: &'a Path,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// The bytes that may still be unpacked.
    left: u64,
}

/// Where a part of a workbook stands, and what it is.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

impl Relation {
    fn is(&self, kind: &str) -> bool {
        self.kind.rsplit('/').next() == Some(kind)
    }
}

impl<'a> Book<'a> {
    fn open(path: &'a Path, bytes: &'a [u8], limit: u64) -> Result<Self, GlossaryError> {
        if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(broken(
                path,
                "it is an old .xls file or has a password; save it as .xlsx without one",
            ));
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(path, error))?;
        Ok(Self { path, zip, left: limit })
    }

    fn broken(&self, why: impl Into<BoxedError>) -> GlossaryError {
        broken(self.path, why)
    }

    fn part(&mut self, name: &str) -> Result<Option<String>, GlossaryError> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(broken_part(self.path, name, error)),
        };
        let mut bytes = Vec::new();
        let unpacked = file.take(self.left.saturating_add(1)).read_to_end(&mut bytes);
        let size = bytes.len() as u64;
        let Some(left) = self.left.checked_sub(size) else {
            return Err(self.broken("it unpacks to more than a glossary has; save the sheet as .csv"));
        };
        unpacked.map_err(|error| broken_part(self.path, name, error))?;
        self.left = left;
        decoded(self.path, &bytes).map(|decoded| Some(decoded.text))
    }

    /// What a part refers to; targets begin at `folder` unless they begin with a slash.
    fn relations(&mut self, name: &str, folder: &str) -> Result<Vec<Relation>, GlossaryError> {
        let mut found = Vec::new();
        let Some(text) = self.part(name)? else { return Ok(found) };
        elements(self.path, &text, &["Relationship"], |_, relation| {
            let value = |name: &str| relation.attribute(name).unwrap_or_default().to_owned();
            let target = value("Target");
            let target = match target.strip_prefix('/') {
                Some(target) => target.to_owned(),
                None if folder.is_empty() => target,
                None => format!("{folder}/{target}"),
            };
            found.push(Relation { id: value("Id"), kind: value("Type"), target });
            Ok(())
        })?;
        Ok(found)
    }

    /// The relation of the first sheet; `None` if there is none.
    fn first_sheet(&mut self, name: &str) -> Result<Option<String>, GlossaryError> {
        let Some(text) = self.part(name)? else { return Err(self.broken("it has no workbook")) };
        let mut first = None;
        elements(self.path, &text, &["sheet"], |_, sheet| {
            first = first.take().or_else(|| sheet.attribute("id").map(str::to_owned));
            Ok(())
        })?;
        Ok(first)
    }

    /// The strings that cells share.
    fn strings(&mut self, name: &str) -> Result<Vec<String>, GlossaryError> {
        let mut strings = Vec::new();
        let Some(text) = self.part(name)? else { return Ok(strings) };
        elements(self.path, &text, &["si"], |_, string| {
            strings.push(unescaped(&string.text()));
            if strings.len() > CELLS { Err(format!("more than {CELLS} strings").into()) } else { Ok(()) }
        })?;
        Ok(strings)
    }

    fn table(&mut self, name: &str, strings: &[String]) -> Result<Vec<(usize, Vec<String>)>, GlossaryError> {
        let Some(text) = self.part(name)? else { return Err(self.broken("its first sheet is missing")) };
        let mut table = Vec::new();
        let (mut number, mut size, mut cells) = (0, 0, 0);
        elements(self.path, &text, &["row"], |_, row| {
            let own = row.attribute("r").and_then(|number| number.parse().ok());
            number = own.unwrap_or(number + 1_usize);
            let row = row_of(&row, strings)?;
            if row.iter().all(|cell| cell.trim().is_empty()) {
                return Ok(());
            }
            size += row.iter().map(String::len).sum::<usize>();
            cells += row.len();
            table.push((number, row));
            if table.len() > ROWS || size > TEXT || cells > CELLS {
                return Err(
                    format!("row {number}: the sheet has more than a glossary; save it as .csv").into()
                );
            }
            Ok(())
        })?;
        Ok(table)
    }
}

fn broken(path: &Path, why: impl Into<BoxedError>) -> GlossaryError {
    GlossaryError::Foreign { path: path.to_owned(), source: why.into() }
}

fn broken_part(path: &Path, part: &str, why: impl Into<BoxedError>) -> GlossaryError {
    broken(path, FaultAt { place: part.to_owned(), source: why.into() })
}

/// The cells of a row, each in its column.
fn row_of(row: &Element, strings: &[String]) -> Result<Vec<String>, BoxedError> {
    let mut cells: Vec<String> = Vec::new();
    let mut column = 0;
    for cell in row.named("c") {
        let place = cell.attribute("r").unwrap_or_default();
        column = column_of(place).unwrap_or(column);
        let text = text_of(cell, strings);
        if !text.is_empty() {
            if column >= COLUMNS {
                return Err(format!("there is a cell at {place}; only {COLUMNS} columns are read").into());
            }
            cells.resize(cells.len().max(column + 1), String::new());
            cells[column] = text;
        }
        column += 1;
    }
    Ok(cells)
}

/// The column that a reference such as `AB12` names, counted from 0.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.fold(0_usize, |number, letter| {
        let value = usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        number.saturating_mul(26).saturating_add(value)
    });
    number.checked_sub(1)
}

fn text_of(cell: &Element, strings: &[String]) -> String {
    let value = || cell.named("v").next().map(Element::text).unwrap_or_default();
    match cell.attribute("t") {
        Some("s") => value().parse().ok().and_then(|at: usize| strings.get(at)).cloned().unwrap_or_default(),
        Some("inlineStr") => cell.named("is").next().map(|text| unescaped(&text.text())).unwrap_or_default(),
        Some("b") => if value() == "1" { "true" } else { "false" }.to_owned(),
        _ => unescaped(&value()),
    }
}

/// Text with its escapes resolved: `_x000D_` is a carriage return, and `_x005F_` the underline of what only looks so.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let digits = rest.get(at + 2..at + 6).filter(|_| rest[at + 6..].starts_with('_'));
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let c = digits.and_then(|digits| char::from_u32(u32::from_str_radix(digits, 16).ok()?));
        let end = at + if c.is_some() { 7 } else { 2 };
        out.push_str(&rest[..at]);
        match c {
            Some(c) => out.push(c),
            None => out.push_str("_x"),
        }
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::super::tests::packed;
    use super::*;

    /// An error with its cause, as people see it.
    fn shown(error: &GlossaryError) -> String {
        let cause = std::error::Error::source(error).expect("a cause");
        format!("{error}: {cause}")
    }

    fn read(sheet: &str, strings: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
        rows(Path::new("g.xlsx"), &packed(sheet, strings)).map_err(|error| shown(&error))
    }

    #[test]
    fn every_kind_of_cell_is_read_in_its_place() {
        let strings =
            "<si><t>Elbe</t></si><si><r><t>River </t></r><r><rPr/><t>Elbe</t></r><rPh><t>x</t></rPh></si>";
        let sheet = "<row r=\"3\"><c r=\"B3\" t=\"s\"><v>1</v></c><c r=\"A3\" t=\"s\"><v>0</v></c></row><row/>\
            <row><c t=\"inlineStr\"><is><t>a &amp; b</t></is></c><c><f>1+1</f><v>2</v></c><c t=\"b\"><v>1</v></c>\
            <c t=\"str\"><v>s</v></c><c t=\"s\"><v>99</v></c></row>\
            <row><c t=\"str\"><v>a_x000D_b_x005F_x0041__xä_x12</v></c></row>";
        let rows = read(sheet, strings).unwrap();
        assert_eq!(rows[0], (3, vec!["Elbe".to_owned(), "River Elbe".to_owned()]));
        assert_eq!(rows[1], (5, ["a & b", "2", "true", "s"].map(str::to_owned).to_vec()));
        assert_eq!(rows[2], (6, vec!["a\rb_x0041__xä_x12".to_owned()]));
    }

    #[test]
    fn what_a_workbook_says_of_its_size_is_not_believed() {
        let text = "<c r=\"A1\" t=\"inlineStr\"><is><t>Elbe</t></is></c>";
        let far = format!("<row r=\"4000000000\">{text}</row><row r=\"x\">{text}</row>");
        assert_eq!(read(&far, "").unwrap().len(), 2);
        let sparse = format!("<row r=\"1048576\">{}</row>", text.replace("A1", "XFD1048576"));
        assert!(read(&sparse, "").unwrap_err().contains("XFD1048576"));
        let empty = format!("<row>{text}<c r=\"XFD1\" s=\"1\"/></row>");
        assert_eq!(read(&empty, "").unwrap(), [(1, vec!["Elbe".to_owned()])]);
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_before_it_stands_in_memory() {
        let bytes = packed(&"<row></row>".repeat(10_000), "");
        let mut book = Book::open(Path::new("g.xlsx"), &bytes, 10_000).unwrap();
        let error = book.part("xl/worksheets/sheet1.xml").unwrap_err();
        let error = shown(&error);
        assert!(error.contains("save the sheet as .csv"), "{error}");
        let wide = format!("<row>{}</row>", "<c/>".repeat(70_000));
        assert!(read(&wide, "").unwrap_err().contains("line 1"));
        let shared = format!("<si><t>{}</t></si>", "x".repeat(1 << 20));
        let cell = "<row><c t=\"s\"><v>0</v></c></row>";
        let error = read(&cell.repeat(65), &shared).unwrap_err();
        assert!(error.contains("row 65"), "{error}");
        assert!(
            shown(&rows(Path::new("g.xlsx"), b"\xd0\xcf\x11\xe0").unwrap_err()).contains("old .xls file")
        );
    }
}
