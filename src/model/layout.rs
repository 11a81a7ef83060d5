//! The markup that the text of an article was taken out of.

use std::ops::Range;

/// A language of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Markup {
    /// HTML, as the web has it.
    Html,
    /// Markdown: `CommonMark` with tables, footnotes, task lists and front matter.
    Markdown,
    /// The XML of a Word document, in an archive.
    Docx,
    /// Subtitles (`SubRip`).
    Srt,
}

/// Where the text of an article stands in its file, so that a translation can be put in its place.
///
/// The text of such an article is readable by itself: what stands between its blocks is put there by the
/// reader and stands nowhere in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// What the parts are written in.
    pub markup: Markup,
    /// The bytes of the file if it is an archive; empty if the only part is the file itself.
    pub archive: Vec<u8>,
    /// The files of markup, in the order of the text.
    pub parts: Vec<Part>,
}

/// One file of markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Its name in the archive; empty if it is the file itself.
    pub name: String,
    /// Its decoded text.
    pub markup: String,
    /// The text in it, in order; neither their texts nor their places overlap.
    pub nodes: Vec<TextNode>,
    /// The outermost inline elements with their tags, such as links, in order and disjoint: text may be put
    /// right before and right behind one, and they may change places. Empty where neither is allowed.
    pub elements: Vec<Range<usize>>,
    /// What changes in the markup itself when the text becomes English, such as the name of the language:
    /// places in order, disjoint from each other and from the nodes, and what is put there.
    pub edits: Vec<(Range<usize>, String)>,
}

/// A stretch of text as it stands in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextNode {
    /// Bytes of [`Article::text`](super::Article::text).
    pub text: Range<usize>,
    /// Bytes of [`Part::markup`] that are replaced when the text is; never cut a character.
    pub place: Range<usize>,
    /// What the text looks like: between neighbours of one style, words may move. Numbers mean nothing by
    /// themselves and are used again in other blocks.
    pub style: u32,
    /// Whether it stands in the English as it is: code, addresses.
    pub is_fixed: bool,
}
