//! An article that is being read out of markup.

use std::ops::Range;
use std::sync::Arc;

use crate::model::{Article, ArticleId, Block, BlockKind, Encoding, Layout, Markup, MarkupPart, TextNode};
use crate::text;

/// What stands between two blocks in the text of the article.
const SEPARATOR: &str = "\n\n";

/// Collects the text of an article while a reader walks through the markup.
///
/// Call [`part`](Self::part) for each file of markup, [`block`](Self::block) wherever a new block begins and
/// [`node`](Self::node) for each stretch of text. Blocks without text leave nothing behind.
#[derive(Debug, Default)]
pub(super) struct ArticleDraft {
    text: String,
    blocks: Vec<Block>,
    parts: Vec<MarkupPart>,
    /// The block that is being read: its kind, and where its text begins.
    open: Option<(BlockKind, usize)>,
    /// The nodes of that block.
    nodes: Vec<TextNode>,
}

/// Text as it stands in the markup; see [`TextNode`].
#[derive(Debug, Clone)]
pub(super) struct MarkupText {
    /// Bytes of the markup.
    pub(super) place: Range<usize>,
    /// What it looks like.
    pub(super) style: u32,
    /// Whether it stands in the English as it is.
    pub(super) is_fixed: bool,
}

impl ArticleDraft {
    pub(super) fn block(&mut self, kind: BlockKind) {
        self.close();
        self.open = Some((kind, self.text.len()));
    }

    /// Adds text to the block. The white space at both ends of a block is better left out by the reader.
    pub(super) fn node(&mut self, text: &str, found: MarkupText) {
        if text.is_empty() {
            return;
        }
        if self.open.is_none() {
            self.block(BlockKind::Paragraph);
        }
        let start = self.text.len();
        self.text.push_str(text);
        let MarkupText { place, style, is_fixed } = found;
        self.nodes.push(TextNode { text: start..self.text.len(), place, style, is_fixed });
    }

    /// Adds to the last node what follows it without a break in text and markup.
    pub(super) fn extend(&mut self, text: &str, place_end: usize) {
        if let Some(last) = self.nodes.last_mut() {
            self.text.push_str(text);
            last.text.end = self.text.len();
            last.place.end = place_end;
        }
    }

    /// Adds white space to the block that stands nowhere in the markup, such as a line break for a tag.
    pub(super) fn space(&mut self, space: &str) {
        if self.open.is_some() && !self.nodes.is_empty() {
            self.text.push_str(space);
        }
    }

    /// Whether the block has no text yet, or its text ends in white space.
    pub(super) fn ends_in_space(&self) -> bool {
        self.nodes.is_empty() || self.text.ends_with(char::is_whitespace)
    }

    /// Ends the block, if one is open, and says whether there is one more. A block without text is none; white space at its
    /// end is left out.
    pub(super) fn close(&mut self) -> bool {
        let Some((kind, start)) = self.open.take() else { return false };
        let mut nodes = std::mem::take(&mut self.nodes);
        let is_blank = |text: &str| text.trim().is_empty();
        while let Some(last) = nodes.pop_if(|node| is_blank(&self.text[node.text.clone()])) {
            self.text.truncate(last.text.start);
        }
        let Some(last) = nodes.last() else {
            self.text.truncate(start);
            return false;
        };
        self.text.truncate(last.text.end);
        let text = &self.text[start..];
        let span = start + text.len() - text.trim_start().len()..start + text.trim_end().len();
        let says = |node: &TextNode| self.text[node.text.clone()].contains(char::is_alphabetic);
        // Code or an address alone is nothing to be translated.
        let is_fixed =
            nodes.iter().any(|node| node.is_fixed) && !nodes.iter().any(|n| !n.is_fixed && says(n));
        self.blocks.push(Block { kind: if is_fixed { BlockKind::Verbatim } else { kind }, span });
        self.part_in_work().nodes.extend(nodes);
        self.text.push_str(SEPARATOR);
        true
    }

    /// Begins a file of markup.
    pub(super) fn part(&mut self, name: &str) {
        self.close();
        self.parts.push(MarkupPart { name: name.to_owned(), ..MarkupPart::default() });
    }

    /// The part that is being read.
    pub(super) fn part_in_work(&mut self) -> &mut MarkupPart {
        if self.parts.is_empty() {
            self.parts.push(MarkupPart::default());
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    /// The blocks so far, without the one that is being read, and the text.
    pub(super) fn blocks(&mut self) -> (&mut [Block], &str) {
        (&mut self.blocks, &self.text)
    }

    /// Finds furniture, metadata and datelines among the paragraphs, as in plain text.
    fn recognise(&mut self) {
        let recognised = text::blocks(&self.text, Some(true));
        let recognised = recognised.into_iter().filter(|block| {
            matches!(block.kind, BlockKind::Furniture | BlockKind::Metadata | BlockKind::Dateline)
        });
        let mut recognised = recognised.peekable();
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for mut block in std::mem::take(&mut self.blocks) {
            while let Some(found) = recognised.next_if(|found| found.span.start < block.span.end) {
                let rest = self.text[found.span.end..block.span.end.max(found.span.end)].trim_start();
                let is_head = block.kind == BlockKind::Paragraph && found.span.start == block.span.start;
                if is_head && rest.is_empty() && found.span.end == block.span.end {
                    block.kind = found.kind;
                } else if is_head && !rest.is_empty() {
                    block.span.start = block.span.end - rest.len();
                    blocks.push(found);
                }
            }
            blocks.push(block);
        }
        self.blocks = blocks;
    }

    /// The article. `archive` has the bytes of its file if that is one; `None` if the file is the only part.
    pub(super) fn finish(
        mut self,
        id: ArticleId,
        encoding: Encoding,
        markup: Markup,
        archive: Option<Vec<u8>>,
    ) -> Article {
        self.close();
        if let Some(text) = self.text.strip_suffix(SEPARATOR) {
            self.text.truncate(text.len());
            self.text.push('\n');
        }
        self.recognise();
        let layout = Layout { markup, archive, parts: self.parts };
        Article { id, encoding, text: self.text, blocks: self.blocks, layout: Some(Arc::new(layout)) }
    }
}
