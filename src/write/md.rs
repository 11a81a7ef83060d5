//! `md`: a table with German and English side by side, for wikis, issue trackers and notes.
//!
//! Each segment is a row and each text a line in its cell; no character of a text is markup there. An empty row stands between
//! two blocks, and what a block is shows in both cells: titles and headings are bold, list items have their marker,
//! quotations a `>`; other kinds are named. The findings follow the table.

use super::error::WriteError;
use super::page::shown;
use super::view::{View, views};
use super::writer::{OutputFile, Writer};
use crate::model::{ArticleId, BlockKind, ParallelDocument, Unit};
use crate::text::characters::visible;
use crate::text::{one_line, unwrapped};

const ENDING: &str = ".bilingual.md";

/// One table an article.
#[derive(Debug)]
pub(super) struct BilingualTable;

impl Writer for BilingualTable {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let article = escaped(document.source().article().id.as_str());
        let mut out = format!("# {article}\n\n| | German | English |\n|--:|---|---|\n");
        let mut block = None;
        for (number, view) in (1..).zip(views(document)) {
            let is_first = block != Some(view.segment.block);
            if is_first && block.is_some() {
                out.push_str("| | | |\n");
            }
            block = Some(view.segment.block);
            let mark = BlockMark::new(view, is_first);
            let (german, english) = (mark.around(&escaped(view.source)), mark.around(&english(view)));
            out.extend(["| ", &number.to_string(), " | ", &german, " | ", &english, " |\n"]);
        }
        out.push_str(&findings(document));
        Ok(vec![OutputFile::new(ENDING, out)])
    }

    fn endings(&self, _: &ArticleId) -> Vec<String> {
        vec![ENDING.to_owned()]
    }

    /// A blank line stands between two articles.
    fn record(&self, document: &ParallelDocument, first: bool) -> Result<Vec<Vec<u8>>, WriteError> {
        let between: &[u8] = if first { b"" } else { b"\n" };
        let files = self.files(document)?.into_iter();
        Ok(files.map(|file| [between, &file.contents].concat()).collect())
    }
}

/// What shows the kind of a block around its texts.
struct BlockMark {
    before: String,
    after: &'static str,
}

impl BlockMark {
    fn new(view: View<'_>, is_first: bool) -> Self {
        let own = |before: &str, after| Self { before: before.to_owned(), after };
        match view.kind {
            BlockKind::Title | BlockKind::Heading => own("**", "**"),
            BlockKind::Quotation => own("&gt; ", ""),
            BlockKind::ListItem if is_first => {
                let marker = one_line(view.before);
                match marker.rsplit(' ').next().unwrap_or_default() {
                    "" | "-" | "*" | "+" => own("• ", ""),
                    marker => own(&format!("{} ", escaped(marker)), ""),
                }
            }
            BlockKind::Paragraph | BlockKind::ListItem => own("", ""),
            kind if is_first => own(&format!("*({})* ", kind.as_str().replace('_', " ")), ""),
            _ => own("", ""),
        }
    }

    fn around(&self, text: &str) -> String {
        if text.is_empty() { String::new() } else { format!("{}{text}{}", self.before, self.after) }
    }
}

fn english(view: View<'_>) -> String {
    match view.unit {
        Unit::Kept { target } => escaped(target),
        Unit::Translated(_) | Unit::Failed { .. } => escaped(&view.english()),
    }
}

/// The findings of an article as a list; nothing if there are none.
fn findings(document: &ParallelDocument) -> String {
    let line = |found: &crate::model::SegmentFinding| {
        let finding = &found.finding;
        let (severity, kind) = (finding.severity.as_str(), escaped(finding.kind.as_str()));
        format!("- segment {}, {severity}, {kind}: {}\n", found.segment, escaped(&finding.message))
    };
    let lines: String = document.findings().iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// A text in one line in which no character is markup. A vertical bar would end the cell in some programs even behind a
/// backslash, so it stands as a character reference.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown(&one_line(&visible(&unwrapped(text)))).chars() {
        match c {
            '|' => out.push_str("&#124;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;
    use crate::model::{Finding, FindingKind, Severity};
    use crate::write::testing::{Sample, document, documents, text_of, translated};

    fn table(document: &ParallelDocument) -> String {
        text_of(&BilingualTable.files(document).expect("a table"), ENDING)
    }

    /// The texts of the cells below the header, row by row, as a reader of Markdown shows them.
    fn cells(markdown: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), None::<String>);
        for event in
            Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_GFM | Options::ENABLE_MATH)
        {
            match event {
                Event::Start(Tag::TableRow) => row = Vec::new(),
                Event::Start(Tag::TableCell) => cell = Some(String::new()),
                Event::End(TagEnd::TableCell) => row.extend(cell.take()),
                Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                Event::Text(text) => cell.iter_mut().for_each(|cell| cell.push_str(&text)),
                Event::Code(_) | Event::Html(_) | Event::InlineHtml(_) | Event::InlineMath(_) => {
                    panic!("markup in {markdown:?}")
                }
                _ => {}
            }
        }
        rows.retain(|row: &Vec<String>| row.iter().any(|cell| !cell.is_empty()));
        rows
    }

    #[test]
    fn a_table_shows_blocks_side_by_side_and_findings_below() {
        let mut sample = Sample::paragraph("Ein | Strich* und\nmehr. ").then("Zwei.\n");
        let finding = Finding::new(FindingKind::TermNotHeld, Severity::Warning, "“a_b” is missing");
        translated(&mut sample.segments[0]).findings = vec![finding];
        let blocks = [
            Sample::title("Der Start\n"),
            sample,
            Sample::furniture("Teilen\n"),
            Sample::paragraph("Nein.").failed("quota"),
        ];
        let expected = "# folder/a.txt\n\n| | German | English |\n|--:|---|---|\n\
            | 1 | **Der Start** | **EN(Der Start)** |\n| | | |\n\
            | 2 | Ein &#124; Strich\\* und mehr. | EN(Ein &#124; Strich\\* und mehr.) |\n\
            | 3 | Zwei. | EN(Zwei.) |\n| | | |\n\
            | 4 | *(furniture)* Teilen | *(furniture)* Teilen |\n| | | |\n\
            | 5 | Nein. | ⟦not translated: quota⟧ |\n\n\
            - segment 2, warning, term\\_not\\_held: “a\\_b” is missing\n\
            - segment 5, error, failed: quota\n";
        assert_eq!(table(&document(&blocks)), expected);
    }

    #[test]
    fn a_marker_of_a_list_is_shown() {
        let item = Sample::item("Warten.\n");
        let markdown = table(&document(&[Sample::gap("1. "), item.clone(), Sample::gap("- "), item]));
        assert!(
            markdown.contains("| 1 | 1. Warten. |") && markdown.contains("| 2 | • Warten. |"),
            "{markdown}"
        );
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_text_its_cell_shows_it(document in documents()) {
            let rows = cells(&table(&document));
            let line = |text: &str| shown(&one_line(&visible(&unwrapped(text))));
            prop_assert_eq!(rows.len(), document.units().len());
            for (row, view) in rows.iter().zip(views(&document)) {
                prop_assert_eq!(row.len(), 3);
                let german = line(view.source);
                prop_assert!(row[1].ends_with(&german), "{:?} is not {german:?}", row[1]);
                let english = line(view.unit.target().unwrap_or_default());
                prop_assert!(view.unit.target().is_none() || row[2].ends_with(&english), "{:?} is not {english:?}", row[2]);
            }
        }
    }
}
