//! `text`: the English as flowing text in the layout of the source.

use super::error::WriteError;
use super::view::{after, views};
use super::writer::{OutputFile, Writer};
use crate::model::{ArticleId, BlockKind, ParallelDocument};

/// The gaps of the source with the English between them; kept furniture, and what
/// stands beside the running text of a page, is left out with its lines.
#[derive(Debug)]
pub(super) struct PlainText;

impl Writer for PlainText {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let mut page = FlowingText::default();
        for view in views(document) {
            let drop = view.is_kept(&[BlockKind::Furniture]) || view.kind == BlockKind::Attribute;
            page.gap(view.before, drop);
            if !drop {
                page.text.push_str(&view.english());
            }
            page.dropped = drop;
        }
        page.finish(after(document));
        Ok(vec![OutputFile::new(".english.txt", page.text)])
    }

    fn endings(&self, _: &ArticleId) -> Vec<String> {
        vec![".english.txt".to_owned()]
    }
}

/// The text as far as it is written.
#[derive(Default)]
struct FlowingText {
    text: String,
    /// Whether the segment before was left out.
    dropped: bool,
}

impl FlowingText {
    /// Writes a gap; of the line of a segment that is left out nothing remains.
    fn gap(&mut self, gap: &str, drop_next: bool) {
        let (first, last) = line_breaks(gap);
        let start = if self.dropped { first.unwrap_or(gap.len()) } else { 0 };
        let end = if drop_next { last.unwrap_or(gap.len()).max(start) } else { gap.len() };
        let mut rest = &gap[start..end];
        if self.dropped && self.stands_after_blank_line() {
            rest = without_blank_lines(rest);
        }
        self.text.push_str(rest);
    }

    /// Writes the last gap. What ended with furniture does not end with the blank lines before it.
    fn finish(&mut self, gap: &str) {
        self.gap(gap, false);
        if self.dropped {
            let end = self.text.trim_end().len();
            let keep = if end == 0 { 0 } else { line_breaks(&self.text[end..]).0.unwrap_or(0) };
            self.text.truncate(end + keep);
        }
    }

    fn stands_after_blank_line(&self) -> bool {
        let before = self.text.trim_end_matches([' ', '\t']);
        let line = before.strip_suffix("\r\n").or_else(|| before.strip_suffix(['\n', '\r']));
        line.map_or(before.is_empty(), |line| line.is_empty() || line.ends_with(['\n', '\r']))
    }
}

/// Where the first line break ends and where the last one ends.
fn line_breaks(gap: &str) -> (Option<usize>, Option<usize>) {
    let first = gap.find(['\n', '\r']).map(|at| at + if gap[at..].starts_with("\r\n") { 2 } else { 1 });
    (first, gap.rfind(['\n', '\r']).map(|at| at + 1))
}

/// The text from the first line on that is not blank; the white space before its first word stays.
fn without_blank_lines(text: &str) -> &str {
    let blank = text.len() - text.trim_start().len();
    &text[line_breaks(&text[..blank]).1.unwrap_or(0)..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::write::testing::{Sample, document, documents, text_of};

    fn english(samples: &[Sample]) -> String {
        text_of(&PlainText.files(&document(samples)).expect("files"), ".english.txt")
    }

    #[test]
    fn the_layout_is_kept() {
        let text = english(&[
            Sample::title("\r\n  Titel\r\n\r\n"),
            Sample::gap("- "),
            Sample::paragraph("Eins.  ").then("Zwei.\r\n"),
            Sample::paragraph("Drei.").failed("quota"),
            Sample::verbatim("\n***\n\tx = 1;").kept(),
        ]);
        assert_eq!(
            text,
            "\r\n  EN(Titel)\r\n\r\n- EN(Eins.)  EN(Zwei.)\r\n⟦not translated: quota⟧\n***\n\tx = 1;"
        );
    }

    #[test]
    fn furniture_goes_with_its_line_and_leaves_no_hole() {
        let (one, two) = (Sample::paragraph("Eins."), Sample::paragraph("Zwei.\n"));
        let cases = [
            ("\n\n", "Lesen Sie hier", "\n\n", "EN(Eins.)\n\nEN(Zwei.)\n"),
            ("\r\n\r\n", "Lesen Sie hier", "\r\n\r\n", "EN(Eins.)\r\n\r\nEN(Zwei.)\n"),
            ("\n", "Lesen Sie hier", "\n\n", "EN(Eins.)\n\nEN(Zwei.)\n"),
            ("\n", "Lesen Sie hier", "\n", "EN(Eins.)\nEN(Zwei.)\n"),
            ("\n\n>> ", "Lesen Sie hier", "\n\n- ", "EN(Eins.)\n\n- EN(Zwei.)\n"),
            ("\n\n", "Lesen Sie hier", "\n***\n\n  ", "EN(Eins.)\n\n***\n\n  EN(Zwei.)\n"),
            (" ", "Teilen", " ", "EN(Eins.) EN(Zwei.)\n"),
        ];
        for (before, furniture, after, expected) in cases {
            let furniture = Sample::furniture(furniture);
            let text =
                english(&[one.clone(), Sample::gap(before), furniture, Sample::gap(after), two.clone()]);
            assert_eq!(text, expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn furniture_at_the_ends_and_in_a_row_leaves_nothing() {
        let text = english(&[
            Sample::furniture("Merken\n\n"),
            Sample::paragraph("Eins.\n\n"),
            Sample::furniture("Teilen\n").then("Drucken\n\n").kept(),
            Sample::paragraph("Zwei.\n\n"),
            Sample::furniture("Kommentare\n"),
        ]);
        assert_eq!(text, "EN(Eins.)\n\nEN(Zwei.)\n");
        assert_eq!(english(&[Sample::furniture("\nTeilen\n\n")]), "");
    }

    proptest! {
        #[test]
        fn every_translation_and_every_mark_between_them_is_there(document in documents()) {
            let text = text_of(&PlainText.files(&document).expect("files"), ".english.txt");
            let mut rest = text.as_str();
            for view in views(&document).filter(|view| !view.is_kept(&[BlockKind::Furniture])) {
                let english = view.english();
                let at = rest.find(&english);
                prop_assert!(at.is_some(), "{english:?} is not in {rest:?}");
                rest = &rest[at.unwrap_or_default() + english.len()..];
                prop_assert!(view.unit.target().is_some() || english.starts_with("⟦not translated"));
            }
        }
    }
}
