//! Articles, their blocks and their segments.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use thiserror::Error;

use super::{InlineSpan, Layout, RecordField};

/// Names an article within a run: its path below the input folder, with forward slashes.
///
/// A pipe has the id `stdin.txt`. A record of a corpus file has the id `FILE#LINE`, or one of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArticleId(String);

impl ArticleId {
    /// Makes an id of a relative path; backslashes become forward slashes.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self(path.replace('\\', "/"))
    }

    /// Makes the id of a record that has one of its own, which is taken as it is.
    #[must_use]
    pub fn of_record(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the bytes of an article were decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encoding {
    /// The WHATWG name, such as `UTF-8` or `windows-1252`.
    pub name: String,
    /// Whether the file began with a byte order mark (which is not part of the text).
    pub bom: bool,
    /// Whether it was guessed from the bytes, and the text that it gives is odd.
    #[serde(default)]
    pub is_doubtful: bool,
}

impl Encoding {
    /// UTF-8 without a byte order mark.
    #[must_use]
    pub fn utf8() -> Self {
        Self::known("UTF-8", false)
    }

    /// An encoding about which there is no doubt.
    #[must_use]
    pub fn known(name: &str, bom: bool) -> Self {
        Self { name: name.to_owned(), bom, is_doubtful: false }
    }

    /// What to say about a doubtful guess.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let name = &self.name;
        self.is_doubtful.then(|| {
            format!(
                "the encoding was guessed to be {name}, and some letters look wrong; if they are, save the file as UTF-8"
            )
        })
    }
}

/// What a block is in the layout of its article.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BlockKind {
    /// The headline of the whole article.
    Title,
    /// A heading inside the article.
    Heading,
    /// The place (and agency or date) that opens a report: `Tokio`, `BERLIN, 3. Mai (dpa) –`.
    Dateline,
    Paragraph,
    /// One item of a list; its marker stays in the gap before it.
    ListItem,
    /// A quoted block (Markdown `>`).
    Quotation,
    /// Web leftovers around an article: share lines, read-more links, comment boxes.
    Furniture,
    /// Facts about the article: `date 2023-09`, reading time, authors.
    Metadata,
    /// Text that is not language: a code block, a rule, a table delimiter.
    Verbatim,
    /// Text of a page that stands beside its running text: its window title and description, what stands for a picture,
    /// what is shown over a link.
    Attribute,
}

impl BlockKind {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A stretch of the article that no segment crosses the border of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub kind: BlockKind,
    /// Where it stands in [`Article::text`], without the white space around it.
    pub span: Range<usize>,
    /// Why it is no text of the article's own, if it is furniture or metadata and that is known.
    pub reason: Option<&'static str>,
}

impl Block {
    /// A block that is text of the article's own, or of which nothing more is known.
    #[must_use]
    pub fn new(kind: BlockKind, span: Range<usize>) -> Self {
        Self { kind, span, reason: None }
    }
}

/// One decoded input file with its blocks in source order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub id: ArticleId,
    pub encoding: Encoding,
    /// The decoded text, complete: line ends are kept as they were. Of a file of markup, the text in it.
    pub text: String,
    /// Its blocks, in source order and disjoint.
    pub blocks: Vec<Block>,
    /// Where the text stands in its file; `None` if the text is the file.
    pub layout: Option<Arc<Layout>>,
    /// The fields of its record that are kept, in the order in which they were asked for.
    pub fields: Vec<RecordField>,
    /// The BLAKE3 hash of the bytes of its file, as they were read; `None` for a record, and where it is not known.
    pub file_hash: Option<[u8; 32]>,
}

/// One sentence or heading: the unit of translation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Index of its block in [`Article::blocks`].
    pub block: usize,
    /// Where it stands in [`Article::text`].
    pub span: Range<usize>,
}

/// An article cut into segments. Its constructor holds what the rest of the program relies on:
/// segments are in order, disjoint, not empty, on character borders and inside their blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentedArticle {
    article: Article,
    segments: Vec<Segment>,
}

/// A segment or what stands between two segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextPiece<'a> {
    /// Text that no segment covers; never empty.
    Gap(&'a str),
    /// The segment with this index.
    Segment(usize, &'a str),
}

/// A span that cannot belong to a segment of the article.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("segment {index} of {article} has the span {span:?}, which overlaps, is empty or cuts a character")]
pub struct SpanError {
    pub article: ArticleId,
    pub index: usize,
    pub span: Range<usize>,
}

impl SegmentedArticle {
    /// Cuts an article into segments.
    ///
    /// # Errors
    /// A [`SpanError`] names the first segment that is out of order, empty, outside its block or not on
    /// character borders.
    pub fn new(article: Article, segments: Vec<Segment>) -> Result<Self, SpanError> {
        let mut end = 0;
        for (index, segment) in segments.iter().enumerate() {
            let span = &segment.span;
            let inside = article
                .blocks
                .get(segment.block)
                .is_some_and(|block| block.span.start <= span.start && span.end <= block.span.end);
            if !inside || span.start < end || span.is_empty() || article.text.get(span.clone()).is_none() {
                return Err(SpanError { article: article.id, index, span: span.clone() });
            }
            end = span.end;
        }
        Ok(Self { article, segments })
    }

    /// The article.
    #[must_use]
    pub fn article(&self) -> &Article {
        &self.article
    }

    /// The segments in source order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The source text of a segment, exactly as it stands in the article.
    #[must_use]
    pub fn source(&self, segment: &Segment) -> &str {
        &self.article.text[segment.span.clone()]
    }

    /// The markup in a segment's source; see [`Layout::inlines`].
    #[must_use]
    pub fn inlines(&self, segment: &Segment) -> Vec<InlineSpan> {
        self.article.layout.as_ref().map(|layout| layout.inlines(&segment.span)).unwrap_or_default()
    }

    /// The kind of the block that a segment belongs to.
    #[must_use]
    pub fn kind(&self, segment: &Segment) -> BlockKind {
        self.article.blocks[segment.block].kind
    }

    /// Segments and gaps in order; joined they are [`Article::text`].
    pub fn pieces(&self) -> impl Iterator<Item = TextPiece<'_>> {
        let text = self.article.text.as_str();
        let ends = std::iter::once(0).chain(self.segments.iter().map(|s| s.span.end));
        let last = self.segments.last().map_or(0, |s| s.span.end);
        self.segments
            .iter()
            .zip(ends)
            .enumerate()
            .flat_map(move |(index, (segment, gap_start))| {
                [
                    TextPiece::Gap(&text[gap_start..segment.span.start]),
                    TextPiece::Segment(index, &text[segment.span.clone()]),
                ]
            })
            .chain(std::iter::once(TextPiece::Gap(&text[last..])))
            .filter(|piece| !matches!(piece, TextPiece::Gap("")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(text: &str) -> Article {
        Article {
            id: ArticleId::new("a.txt"),
            encoding: Encoding::utf8(),
            text: text.to_owned(),
            blocks: vec![Block::new(BlockKind::Paragraph, 0..text.len())],
            layout: None,
            fields: Vec::new(),
            file_hash: None,
        }
    }

    fn segment(span: Range<usize>) -> Segment {
        Segment { block: 0, span }
    }

    #[test]
    fn pieces_joined_are_the_text() {
        let text = "\n Eins.  Zwei.\r\n";
        let cut =
            SegmentedArticle::new(article(text), vec![segment(2..7), segment(9..14)]).expect("valid spans");
        let joined: String = cut
            .pieces()
            .map(|piece| match piece {
                TextPiece::Gap(text) | TextPiece::Segment(_, text) => text,
            })
            .collect();
        assert_eq!(joined, text);
        assert_eq!(cut.pieces().count(), 5);
    }

    #[test]
    fn spans_that_overlap_or_cut_a_character_are_refused() {
        for spans in [&[(0, 3), (2, 4)][..], &[(0, 2)], &[(1, 1)], &[(0, 9)]] {
            let segments = spans.iter().map(|&(start, end)| segment(start..end)).collect();
            assert!(SegmentedArticle::new(article("aäbc"), segments).is_err());
        }
    }
}
