//! What all formats say about a segment in the same way.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::{BlockKind, ParallelDocument, Segment, Status, Unit};
use crate::text::characters::visible;
use crate::text::{one_line, unwrapped};

/// Kept, but nothing a reader of the English wants to see.
const EMPTY_IN_ENGLISH: [BlockKind; 3] = [BlockKind::Furniture, BlockKind::Metadata, BlockKind::Attribute];

/// A segment with its unit, as a format sees it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The segment.
    pub(super) segment: &'a Segment,
    /// What became of it.
    pub(super) unit: &'a Unit,
    /// The kind of its block.
    pub(super) kind: BlockKind,
    /// Why its block is no text of the article's own.
    pub(super) reason: Option<&'static str>,
    /// The German, exactly as it stands in the article.
    pub(super) source: &'a str,
    /// What stands between the segment before it and this one.
    pub(super) before: &'a str,
}

impl View<'_> {
    /// What its texts are.
    pub(super) fn texts(&self) -> SegmentTexts<'_> {
        let reason = match self.unit {
            Unit::Failed { reason, .. } => Some(reason.as_str()),
            Unit::Translated(_) | Unit::Kept { .. } => None,
        };
        SegmentTexts {
            kind: self.kind,
            status: self.unit.status(),
            german: self.source,
            english: self.unit.target(),
            reason,
        }
    }

    /// What is shown for the segment in a text for people: a failed one says so.
    pub(super) fn english(&self) -> String {
        self.texts().shown().into_owned()
    }

    /// Whether the segment is kept and of one of these kinds.
    pub(super) fn is_kept(&self, kinds: &[BlockKind]) -> bool {
        matches!(self.unit, Unit::Kept { .. }) && kinds.contains(&self.kind)
    }
}

/// The texts of a segment, by which files of any format are known to be of the same one.
#[derive(Debug, Clone, Copy)]
pub struct SegmentTexts<'a> {
    /// The kind of its block.
    pub kind: BlockKind,
    pub status: Status,
    /// The German, exactly as it stands in the article.
    pub german: &'a str,
    pub english: Option<&'a str>,
    /// Why it failed, if it did.
    pub reason: Option<&'a str>,
}

impl<'a> SegmentTexts<'a> {
    /// What is shown for the segment in a text for people: a failed one says so.
    #[must_use]
    pub fn shown(&self) -> Cow<'a, str> {
        match self.status {
            Status::Kept => Cow::Borrowed(self.german),
            Status::Translated => Cow::Borrowed(self.english.unwrap_or_default()),
            Status::Failed => {
                Cow::Owned(format!("⟦not translated: {}⟧", one_line(self.reason.unwrap_or_default())))
            }
        }
    }

    /// The German in a line of the format `lines`.
    #[must_use]
    pub fn german_line(&self) -> String {
        one_line(&visible(&unwrapped(self.german)))
    }

    /// The English in the line beside it.
    #[must_use]
    pub fn english_line(&self) -> String {
        one_line(&self.shown_in_lines())
    }

    /// What is shown in the format `lines`.
    pub(super) fn shown_in_lines(&self) -> Cow<'a, str> {
        let is_empty = self.status == Status::Kept && EMPTY_IN_ENGLISH.contains(&self.kind);
        if is_empty { Cow::Borrowed("") } else { self.shown() }
    }
}

/// All segments of a document in order.
pub(super) fn views(document: &ParallelDocument) -> impl Iterator<Item = View<'_>> {
    let source = document.source();
    let text = source.article().text.as_str();
    let mut end = 0;
    source.segments().iter().zip(document.units()).map(move |(segment, unit)| {
        let before = &text[end..segment.span.start];
        end = segment.span.end;
        let block = &source.article().blocks[segment.block];
        View { segment, unit, kind: block.kind, reason: block.reason, source: source.source(segment), before }
    })
}

/// What stands behind the last segment.
pub(super) fn after(document: &ParallelDocument) -> &str {
    let source = document.source();
    let end = source.segments().last().map_or(0, |segment| segment.span.end);
    &source.article().text[end..]
}

/// Turns byte offsets into Unicode characters by walking from one offset to the next.
pub(super) struct Characters<'a> {
    text: &'a str,
    byte: usize,
    character: usize,
}

impl<'a> Characters<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, byte: 0, character: 0 }
    }

    /// The characters of a byte range; an offset inside a character or behind the text is moved back.
    pub(super) fn range(&mut self, bytes: &Range<usize>) -> Range<usize> {
        let start = self.at(bytes.start);
        start..self.at(bytes.end)
    }

    fn at(&mut self, byte: usize) -> usize {
        let byte = self.text.floor_char_boundary(byte);
        if byte >= self.byte {
            self.character += self.text[self.byte..byte].chars().count();
        } else {
            self.character -= self.text[byte..self.byte].chars().count();
        }
        self.byte = byte;
        self.character
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_counted_in_characters_in_any_order() {
        let mut characters = Characters::new("äöü Ω 🚀!");
        assert_eq!(characters.range(&(7..9)), 4..5);
        assert_eq!(characters.range(&(0..2)), 0..1);
        assert_eq!(characters.range(&(10..14)), 6..7);
        assert_eq!(characters.range(&(3..99)), 1..8);
    }
}
