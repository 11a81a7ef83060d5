//! The markup that the text of an article was taken out of.

use std::cmp::Reverse;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// A language of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum Markup {
    /// HTML, as the web has it.
    Html,
    /// Markdown: `CommonMark` with tables, footnotes, task lists and front matter.
    Markdown,
    /// The XML of a Word document, in an archive.
    Docx,
    /// Subtitles (`SubRip`).
    Srt,
    /// Translation Memory eXchange: German and English side by side.
    Tmx,
    /// XLIFF of any version, with those of common tools.
    Xliff,
    /// The XML of a workbook, in an archive: German and English in two columns.
    Xlsx,
}

impl Markup {
    /// The extensions of its files, without the dot and in lower case.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Html => &["html", "htm", "xhtml"],
            Self::Markdown => &["md", "markdown"],
            Self::Docx => &["docx"],
            Self::Srt => &["srt"],
            Self::Tmx => &["tmx"],
            Self::Xliff => &["xlf", "xliff", "sdlxliff", "mqxliff", "mxliff"],
            Self::Xlsx => &["xlsx"],
        }
    }

    /// Whether text may stand anywhere between inline elements; elsewhere only where the file has text already.
    #[must_use]
    pub fn takes_bare_text(self) -> bool {
        matches!(self, Self::Html | Self::Markdown | Self::Tmx | Self::Xliff)
    }

    /// Whether the English stands beside the German, unit by unit: then a block is a unit, which a tool has cut, and the
    /// article is what has no English yet.
    #[must_use]
    pub fn is_bilingual(self) -> bool {
        matches!(self, Self::Tmx | Self::Xliff | Self::Xlsx)
    }

    /// Whether its files are archives, which no terminal shows.
    #[must_use]
    pub fn is_archive(self) -> bool {
        matches!(self, Self::Docx | Self::Xlsx)
    }

    /// Whether share lines, dates and the like may be left over in it from a web page. What stands in a Word document was
    /// written into it: `Seite 3 von 9` is its footer, `Stand: 3. Mai 2024` its date, and both are read by its readers.
    #[must_use]
    pub fn may_have_leftovers(self) -> bool {
        !matches!(self, Self::Docx | Self::Tmx | Self::Xliff | Self::Xlsx)
    }

    /// The markup that an extension stands for, capitals aside.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::VARIANTS
            .iter()
            .copied()
            .find(|markup| markup.extensions().iter().any(|known| known.eq_ignore_ascii_case(extension)))
    }
}

/// Where the text of an article stands in its file, so that a translation can be put in its place.
///
/// The text of such an article is readable on its own: what stands between its blocks is put there by the
/// reader and stands nowhere in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// What the parts are written in.
    pub markup: Markup,
    /// The bytes of the file if it is an archive; `None` if the only part is the file itself.
    pub archive: Option<Vec<u8>>,
    /// The files of markup, in the order of the text.
    pub parts: Vec<MarkupPart>,
}

/// One file of markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkupPart {
    /// Its name in the archive; empty if it is the file itself.
    pub name: String,
    pub markup: String,
    /// The text in it that is language, in its order; neither their texts nor their places overlap. Inside a block the order
    /// is that of their places; of two blocks, one may stand in the middle of the other, as text boxes do.
    pub nodes: Vec<TextNode>,
    /// The markup inside its blocks: in the order of the text, an outer one before those in it.
    inlines: Vec<Inline>,
    /// What changes in the markup itself when the text becomes English, such as the name of the language:
    /// places in order, disjoint from each other and from the nodes, and what is put there.
    pub edits: Vec<(Range<usize>, String)>,
    /// Where text is not written as elsewhere in the part: places in order, disjoint.
    pub notations: Vec<(Range<usize>, Notation)>,
    /// Of a bilingual file: the targets that are to be filled, in order. A copy of its source stands in each.
    pub targets: Vec<TargetPlace>,
}

/// A place of a bilingual file that the English comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPlace {
    /// Bytes of [`Article::text`](super::Article::text): its source.
    pub text: Range<usize>,
    /// Bytes of [`MarkupPart::markup`].
    pub place: Range<usize>,
    /// What stood there in the file, and stands there again if no English comes.
    pub old: String,
    /// What else changes if it does, such as a state: places and what is put there.
    pub edits: Vec<(Range<usize>, String)>,
}

/// How text is written inside markup of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// As text of HTML.
    Html,
    /// As the value of an attribute: all between the quotation marks, if it has any.
    Attribute,
    /// Between double quotation marks, so without any.
    Quoted,
    /// As a value of YAML or TOML, with its quotation marks.
    Value,
}

/// A stretch of text as it stands in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextNode {
    /// Bytes of [`Article::text`](super::Article::text).
    pub text: Range<usize>,
    /// Bytes of [`MarkupPart::markup`] that are replaced when the text is; never cut a character.
    pub place: Range<usize>,
}

/// What a piece of inline markup does to the words around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InlineKind {
    /// It spans language: emphasis, a link. What stands in it is translated with the sentence.
    Range,
    /// It is no language: code, a raised digit, a line break, a footnote mark. It stays as it is, down to the byte.
    Atom,
}

/// A piece of markup inside a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    pub kind: InlineKind,
    /// Bytes of [`MarkupPart::markup`], from its first tag to its last. No text node of its block lies in an atom.
    pub place: Range<usize>,
    /// Bytes of [`Article::text`](super::Article::text): what stands in a range, what an atom reads as. Empty for an
    /// atom that reads as nothing, such as a picture.
    pub text: Range<usize>,
    /// Whether the format lets it change places with its neighbours.
    pub is_movable: bool,
    /// The innermost one that it lies in, by its index.
    parent: Option<usize>,
}

impl Inline {
    /// Markup that may change places with its neighbours.
    #[must_use]
    pub fn new(kind: InlineKind, place: Range<usize>, text: Range<usize>) -> Self {
        Self { kind, place, text, is_movable: true, parent: None }
    }

    /// The same, kept in the order of the file.
    #[must_use]
    pub fn fixed(self) -> Self {
        Self { is_movable: false, ..self }
    }
}

/// Markup within a text of its own, such as a segment: bytes of that text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InlineSpan {
    pub kind: InlineKind,
    pub span: Range<usize>,
}

impl MarkupPart {
    /// The markup inside its blocks.
    #[must_use]
    pub fn inlines(&self) -> &[Inline] {
        &self.inlines
    }

    /// Takes the markup inside its blocks, in any order. What crosses the border of another, or lies in an atom, is left
    /// out: its tags then stay where they are.
    pub fn set_inlines(&mut self, mut inlines: Vec<Inline>) {
        inlines.sort_by_key(|inline| (inline.text.start, inline.place.start, Reverse(inline.place.end)));
        let mut open: Vec<usize> = Vec::new();
        self.inlines = Vec::with_capacity(inlines.len());
        for mut inline in inlines {
            // What stands in it but not in its text is another block, such as a text box.
            let is_behind =
                |outer: &Inline| outer.place.end <= inline.place.start || outer.text.end < inline.text.start;
            while open.pop_if(|&mut outer| is_behind(&self.inlines[outer])).is_some() {}
            let outer = open.last().map(|&outer| &self.inlines[outer]);
            let fits =
                |outer: &Inline| outer.kind == InlineKind::Range && inline.place.end <= outer.place.end;
            if outer.is_none_or(fits) {
                inline.parent = open.last().copied();
                open.push(self.inlines.len());
                self.inlines.push(inline);
            }
        }
    }

    /// How text is written at this byte, if not as elsewhere.
    #[must_use]
    pub fn notation(&self, at: usize) -> Option<Notation> {
        let first = self.notations.partition_point(|(place, _)| place.end <= at);
        self.notations.get(first).filter(|(place, _)| place.start <= at).map(|(_, notation)| *notation)
    }

    /// The nodes that have some of these bytes of the text, by their indices.
    #[must_use]
    pub fn nodes_in(&self, span: &Range<usize>) -> Range<usize> {
        let first = self.nodes.partition_point(|node| node.text.end <= span.start);
        let behind = self.nodes.partition_point(|node| node.text.start < span.end);
        first..behind.max(first)
    }

    /// The inline markup in these bytes of the text, in order: what begins or ends in them. What is around all of
    /// them is not in them, nor is what stands at their borders and reads as nothing.
    pub fn inlines_in<'a>(&'a self, span: &Range<usize>) -> impl Iterator<Item = &'a Inline> {
        let (start, end) = (span.start, span.end);
        let first = self.inlines.partition_point(|inline| inline.text.start < start);
        // What began earlier and reaches in is the last one before, or around that.
        let mut reaching = Vec::new();
        let mut outer = first.checked_sub(1);
        while let Some(index) = outer {
            let inline = &self.inlines[index];
            if inline.text.end > start {
                reaching.push(inline);
            }
            outer = inline.parent;
        }
        let inside = self.inlines[first..].iter().take_while(move |inline| inline.text.start < end);
        reaching.into_iter().rev().chain(inside).filter(move |inline| {
            let text = &inline.text;
            match inline.kind {
                InlineKind::Range => start < text.start || text.end < end,
                InlineKind::Atom if text.is_empty() => start < text.start,
                InlineKind::Atom => start <= text.start && text.end <= end,
            }
        })
    }
}

impl Layout {
    /// The inline markup in these bytes of the text, counted from their beginning; an outer one before those in it.
    #[must_use]
    pub fn inlines(&self, span: &Range<usize>) -> Vec<InlineSpan> {
        let inlines = self.parts.iter().flat_map(|part| part.inlines_in(span));
        let own = |inline: &Inline| InlineSpan {
            kind: inline.kind,
            span: inline.text.start.max(span.start) - span.start..inline.text.end.min(span.end) - span.start,
        };
        inlines.map(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(inlines: &[(InlineKind, Range<usize>, Range<usize>)]) -> MarkupPart {
        let mut part = MarkupPart::default();
        let inlines =
            inlines.iter().map(|(kind, place, text)| Inline::new(*kind, place.clone(), text.clone()));
        part.set_inlines(inlines.collect());
        part
    }

    fn spans(part: &MarkupPart, span: Range<usize>) -> Vec<Range<usize>> {
        let layout = Layout { markup: Markup::Html, archive: None, parts: vec![part.clone()] };
        layout.inlines(&span).into_iter().map(|inline| inline.span).collect()
    }

    #[test]
    fn what_begins_or_ends_in_a_segment_is_in_it_and_what_is_around_it_is_not() {
        use InlineKind::{Atom, Range};
        let part =
            part(&[(Atom, 8..9, 4..4), (Range, 0..30, 0..20), (Range, 4..20, 2..12), (Atom, 22..25, 13..15)]);
        assert_eq!(spans(&part, 0..20), [2..12, 4..4, 13..15]);
        assert_eq!(spans(&part, 3..10).first(), Some(&(1..1)));
        assert_eq!(spans(&part, 4..20), [0..8, 9..11], "a mark at the border belongs to neither");
        assert_eq!(spans(&part, 0..21), [0..20, 2..12, 4..4, 13..15]);
    }

    #[test]
    fn what_crosses_a_border_or_lies_in_an_atom_is_left_out() {
        use InlineKind::{Atom, Range};
        let part = part(&[
            (Range, 0..10, 0..5),
            (Range, 5..15, 2..8),
            (Atom, 20..30, 10..15),
            (Range, 22..25, 11..12),
        ]);
        let places: Vec<_> = part.inlines().iter().map(|inline| inline.place.clone()).collect();
        assert_eq!(places, [0..10, 20..30]);
    }
}
