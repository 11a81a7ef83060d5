//! `tsv`: one segment a line, for spreadsheets and people.
//!
//! Tab, line feed, carriage return and backslash stand as `\t`, `\n`, `\r` and `\\`, so every line is a
//! segment and every tab a border. A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a
//! formula and one that begins with a quotation mark for a quoted cell that may swallow the lines after
//! it; texts come from elsewhere, so such a cell is given an apostrophe at its start. One that begins with
//! an apostrophe is given another: to read the text back, take away one apostrophe at the start, then
//! resolve the backslashes. The file for exact work is `jsonl`.

use super::error::WriteError;
use super::view::{View, views};
use super::writer::{OutputFile, Writer};
use crate::bilingual::table_cell as cell;
use crate::model::{ArticleId, ParallelDocument};

const HEADER: &str = "segment\tblock\tkind\tstatus\tde\ten\tengine\tterms\tfindings\tcaveat\n";

/// One segment a line, with a header.
#[derive(Debug)]
pub(super) struct Tsv;

impl Writer for Tsv {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let mut out = HEADER.to_owned();
        for (number, view) in (1..).zip(views(document)) {
            out.push_str(&row(number, view).join("\t"));
            out.push('\n');
        }
        Ok(vec![OutputFile::new(".tsv", out)])
    }

    fn endings(&self, _: &ArticleId) -> Vec<String> {
        vec![".tsv".to_owned()]
    }

    /// The rows of a corpus begin with their article.
    fn record(&self, document: &ParallelDocument, first: bool) -> Result<Vec<Vec<u8>>, WriteError> {
        let mut out = if first { format!("article\t{HEADER}") } else { String::new() };
        let article = cell(document.source().article().id.as_str());
        for (number, view) in (1..).zip(views(document)) {
            out.extend([&article, "\t", &row(number, view).join("\t"), "\n"]);
        }
        Ok(vec![out.into_bytes()])
    }
}

/// The cells of a segment; block and segment are counted from 1.
fn row(number: usize, view: View<'_>) -> [String; 10] {
    let View { unit, .. } = view;
    [
        number.to_string(),
        (view.segment.block + 1).to_string(),
        view.kind.as_str().to_owned(),
        unit.status().as_str().to_owned(),
        cell(view.source),
        cell(unit.target().unwrap_or_default()),
        cell(unit.rendition().and_then(|rendition| rendition.translator.engine()).unwrap_or_default()),
        cell(&terms(view)),
        cell(&findings(view)),
        cell(unit.rendition().and_then(|rendition| rendition.caveat.as_deref()).unwrap_or_default()),
    ]
}

/// `Rakete → rocket; Mond → moon (not held)`
fn terms(view: View<'_>) -> String {
    let terms = view.unit.terms().map(|(term, hold)| {
        let remark = if hold.is_some() { "" } else { " (not held)" };
        format!("{} → {}{remark}", term.entry.source, term.entry.target())
    });
    terms.collect::<Vec<_>>().join("; ")
}

/// `numbers: 13 is missing; length: …`
fn findings(view: View<'_>) -> String {
    let finding = |finding: &crate::model::Finding| format!("{}: {}", finding.kind.as_str(), finding.message);
    view.unit.findings().iter().map(finding).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::write::testing::{Sample, document, documents, term, text_of, translated};

    fn uncell(cell: &str) -> String {
        let mut text = String::new();
        let mut characters = cell.strip_prefix('\'').unwrap_or(cell).chars();
        while let Some(c) = characters.next() {
            text.push(match c {
                '\\' => match characters.next() {
                    Some('t') => '\t',
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some(c) => c,
                    None => unreachable!("a lone backslash"),
                },
                c => c,
            });
        }
        text
    }

    #[test]
    fn a_row_says_what_became_of_a_segment() {
        let mut sample = Sample::paragraph("\"Die\tRakete \\ fliegt.\"");
        let rendition = translated(&mut sample.segments[0]);
        rendition.terms = vec![term("Rakete", "rocket", 5..11, Some(0..1)), term("Mond", "moon", 0..1, None)];
        let files =
            Tsv.files(&document(&[sample, Sample::paragraph("\n=1+1").failed("quota")])).expect("files");
        let text = text_of(&files, ".tsv");
        let mut rows = text.lines();
        assert_eq!(rows.next(), Some(HEADER.trim_end()));
        let first = "1\t1\tparagraph\ttranslated\t'\"Die\\tRakete \\\\ fliegt.\"\tEN(\"Die Rakete \\\\ fliegt.\")\
                     \tpseudo\tRakete → rocket; Mond → moon (not held)\t\t";
        assert_eq!(rows.next(), Some(first));
        assert_eq!(rows.next(), Some("2\t2\tparagraph\tfailed\t'=1+1\t\t\t\tfailed: quota\t"));
        assert_eq!(rows.next(), None);
    }

    proptest! {
        #[test]
        fn every_line_is_a_segment_and_every_text_can_be_read_back(document in documents()) {
            let text = text_of(&Tsv.files(&document).expect("files"), ".tsv");
            let rows: Vec<_> = text.split_terminator('\n').skip(1).collect();
            prop_assert_eq!(rows.len(), document.units().len());
            for (row, view) in rows.iter().zip(views(&document)) {
                let cells: Vec<_> = row.split('\t').collect();
                prop_assert_eq!(cells.len(), 10);
                prop_assert!(!cells[4].starts_with(['=', '+', '-', '@', '"']));
                prop_assert_eq!(uncell(cells[4]), view.source);
            }
        }
    }
}
