//! Blocks of plain text: what each line or paragraph of an article is.

mod dateline;
mod furniture;
mod lines;
mod pages;
mod pattern;
#[cfg(test)]
mod tests;
mod wrap;

use std::ops::Range;

use crate::model::{Block, BlockKind};
use furniture::{BlockPosition, Leftover};
use lines::{Marker, TextLine};
use pages::{LineContext, Pages};

/// Headlines are not longer than this, in characters.
const LONGEST_TITLE: usize = 200;
/// Headings inside an article are not longer than this, in characters.
const LONGEST_HEADING: usize = 120;

/// The blocks of a plain-text article, in order and disjoint.
///
/// Each line is a block unless the text is wrapped: then the lines of a paragraph are one. `wrap` says
/// whether it is; without it, wrapped text is recognised by lines of nearly equal width that end in
/// mid-sentence. Every character that is not white space lies in a block, except the markers of list
/// items, headings and quotations. Furniture and metadata have the reason why they are no text of the article's own.
#[must_use]
pub fn blocks(text: &str, wrap: Option<bool>) -> Vec<Block> {
    let lines = lines::lines(text);
    let paragraphs: Vec<LineGroup> = wrap::paragraphs(text, &lines, wrap)
        .into_iter()
        .map(|(first, end)| LineGroup::new(&lines[first..end]))
        .collect();
    let mut blocks = Vec::with_capacity(paragraphs.len());
    let mut titled = false;
    let beside_breaks = (0..paragraphs.len()).filter(|index| is_beside_break(&paragraphs, *index));
    let pages = Pages::of(beside_breaks.map(|index| &text[paragraphs[index].span.clone()]));
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let whole = &text[paragraph.span.clone()];
        let before = blocks.iter().rev().find(|block: &&Block| block.kind != BlockKind::Furniture);
        let around = LineContext {
            beside_break: is_beside_break(&paragraphs, index),
            before: before.map(|block| &text[block.span.clone()]),
            next: paragraphs.get(index + 1).map(|next| &text[next.span.clone()]),
        };
        if let Some(Leftover { kind, reason }) =
            pages.judge(whole, &around).filter(|_| paragraph.marker == Marker::None)
        {
            blocks.push(Block { kind, span: paragraph.span.clone(), reason: Some(reason) });
            continue;
        }
        let place =
            BlockPosition { index, count: paragraphs.len(), after_furniture: is_furniture(blocks.last()) };
        let judged = furniture::judge(whole, place);
        if let Some(Leftover { kind, reason }) = judged.filter(|_| paragraph.marker == Marker::None) {
            blocks.push(Block { kind, span: paragraph.span.clone(), reason: Some(reason) });
            continue;
        }
        let last = index + 1 == paragraphs.len();
        let span = peel(text, paragraph, &mut blocks);
        let peeled = span.start > paragraph.span.start;
        let kind = if peeled { BlockKind::Paragraph } else { paragraph.kind(whole, !titled, last) };
        titled |= !matches!(kind, BlockKind::Verbatim);
        blocks.push(Block::new(kind, span));
    }
    blocks
}

/// Whether a page begins or ends with a paragraph.
fn is_beside_break(paragraphs: &[LineGroup], index: usize) -> bool {
    paragraphs[index].begins_page || paragraphs.get(index + 1).is_some_and(|next| next.begins_page)
}

fn is_furniture(block: Option<&Block>) -> bool {
    block.is_some_and(|block| block.kind == BlockKind::Furniture)
}

/// Lines that belong together.
struct LineGroup {
    span: Range<usize>,
    /// Whether a page break stands before it.
    begins_page: bool,
    marker: Marker,
}

impl LineGroup {
    fn new(lines: &[TextLine]) -> Self {
        let end = lines.last().map_or(0, |line| line.span.end);
        Self { span: lines[0].span.start..end, marker: lines[0].marker, begins_page: lines[0].after_page }
    }

    /// What a paragraph without furniture is; `first` if nothing but furniture stands before it.
    fn kind(&self, text: &str, first: bool, last: bool) -> BlockKind {
        match self.marker {
            _ if !text.contains(char::is_alphanumeric) || is_address(text) => BlockKind::Verbatim,
            Marker::Item => BlockKind::ListItem,
            Marker::Quote => BlockKind::Quotation,
            Marker::Heading if first => BlockKind::Title,
            Marker::Heading => BlockKind::Heading,
            Marker::None if last => BlockKind::Paragraph,
            Marker::None if first && is_heading(text, LONGEST_TITLE) => BlockKind::Title,
            Marker::None if is_heading(text, LONGEST_HEADING) => BlockKind::Heading,
            Marker::None => BlockKind::Paragraph,
        }
    }
}

/// Takes metadata and a dateline off the beginning of a paragraph; returns the span that is left.
fn peel(text: &str, paragraph: &LineGroup, blocks: &mut Vec<Block>) -> Range<usize> {
    let mut span = paragraph.span.clone();
    if paragraph.marker != Marker::None {
        return span;
    }
    if let Some((length, Leftover { kind, reason })) = furniture::lead(&text[span.clone()]) {
        take(text, &mut span, length, kind, Some(reason), blocks);
    }
    if let Some(length) = dateline::dateline(&text[span.clone()]) {
        take(text, &mut span, length, BlockKind::Dateline, None, blocks);
    }
    span
}

/// Makes a block of the first `length` bytes of `span`, unless nothing would be left.
fn take(
    text: &str,
    span: &mut Range<usize>,
    length: usize,
    kind: BlockKind,
    reason: Option<&'static str>,
    blocks: &mut Vec<Block>,
) {
    let rest = &text[span.start + length..span.end];
    let left = rest.trim_start();
    if !left.is_empty() {
        blocks.push(Block { kind, span: span.start..span.start + length, reason });
        span.start = span.end - left.len();
    }
}

/// One token that is an address of the web.
fn is_address(text: &str) -> bool {
    ["http:", "https:", "www."].iter().any(|head| text.starts_with(head))
        && !text.contains(char::is_whitespace)
}

/// A short line that is not a sentence: it ends without a mark, or is one question or exclamation.
fn is_heading(text: &str, longest: usize) -> bool {
    let inner = text.trim_end_matches(['?', '!']);
    let short = text.len() <= longest * 2 && text.chars().count() <= longest;
    let open = inner.ends_with(|c: char| {
        c.is_alphanumeric() || matches!(c, '“' | '”' | '"' | '«' | '»' | '‘' | '’' | ')')
    });
    // A page or a column may end there, no headline does.
    let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    if pages::opens_phrase(last) {
        return false;
    }
    let marks = [". ", "? ", "! ", ".“", "?“", "!“", ".\"", "?\"", "!\""];
    short && open && !text.starts_with(char::is_lowercase) && !marks.iter().any(|mark| inner.contains(mark))
}
