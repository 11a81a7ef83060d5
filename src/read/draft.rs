//! An article that is being read out of markup.

use std::ops::Range;
use std::sync::Arc;

use crate::model::{
    Article, ArticleId, Block, BlockKind, Encoding, Inline, InlineKind, Layout, Markup, MarkupPart, Notation,
    TextNode,
};
use crate::text;
use crate::text::characters::visible;

/// What stands between two blocks in the text of the article.
const SEPARATOR: &str = "\n\n";

/// Collects the text of an article while a reader walks through the markup.
///
/// Call [`part`](Self::part) for each file of markup, [`block`](Self::block) wherever a new block begins,
/// [`node`](Self::node) for each stretch of text that is language, and for all markup between the words of a block
/// [`range`](Self::range) or [`atom`](Self::atom). Blocks without text leave nothing behind.
#[derive(Debug, Default)]
pub(super) struct ArticleDraft {
    text: String,
    blocks: Vec<Block>,
    parts: Vec<MarkupPart>,
    /// The block that is being read: its kind, and where its text begins.
    open: Option<(BlockKind, usize)>,
    /// The nodes of that block.
    nodes: Vec<TextNode>,
    /// The inline markup of that block.
    inlines: Vec<Inline>,
    /// The inline markup of the other blocks of the part.
    of_part: Vec<Inline>,
    /// How many blocks were closed.
    closed: usize,
    /// What comes behind all blocks.
    beside: Vec<TextBeside>,
}

/// Text that stands beside the running text, such as the value of an attribute.
#[derive(Debug, Clone)]
pub(super) struct TextBeside {
    pub(super) kind: BlockKind,
    /// As [`Block::reason`].
    pub(super) reason: Option<&'static str>,
    pub(super) text: String,
    pub(super) place: Range<usize>,
    /// How it is written, if not as elsewhere.
    pub(super) notation: Option<Notation>,
}

/// Where inline markup begins in a draft.
#[derive(Debug, Clone, Copy)]
pub(super) struct InlineStart {
    closed: usize,
    text: usize,
    nodes: usize,
    inlines: usize,
}

impl ArticleDraft {
    pub(super) fn block(&mut self, kind: BlockKind) {
        // What began right before the first word of a block belongs to it.
        if self.open.is_some() {
            self.close();
        }
        self.open = Some((kind, self.text.len()));
    }

    /// Adds text to the block. The white space at both ends of a block is better left out by the reader.
    pub(super) fn node(&mut self, text: &str, place: Range<usize>) {
        let text = visible(text);
        if text.is_empty() {
            return;
        }
        if self.open.is_none() {
            self.block(BlockKind::Paragraph);
        }
        let start = self.text.len();
        self.text.push_str(&text);
        self.nodes.push(TextNode { text: start..self.text.len(), place });
    }

    /// Adds to the last node what follows it without a break in text and markup.
    pub(super) fn extend(&mut self, text: &str, place_end: usize) {
        if let Some(last) = self.nodes.last_mut() {
            self.text.push_str(&visible(text));
            last.text.end = self.text.len();
            last.place.end = place_end;
        }
    }

    /// Takes the blank off the end of the text if that stands right before this place, and says where it stands.
    pub(super) fn take_blank(&mut self, before: usize) -> Option<usize> {
        let last = self.nodes.last_mut()?;
        let is_blank = last.place.end == before
            && last.place.len() > 1
            && last.text.len() > 1
            && last.text.end == self.text.len()
            && self.text.ends_with(' ');
        is_blank.then(|| {
            self.text.pop();
            last.text.end -= 1;
            last.place.end -= 1;
            last.place.end
        })
    }

    /// Where inline markup that opens here begins.
    pub(super) fn here(&self) -> InlineStart {
        InlineStart {
            closed: self.closed,
            text: self.text.len(),
            nodes: self.nodes.len(),
            inlines: self.inlines.len(),
        }
    }

    /// Whether the block in which inline markup began is still being read.
    pub(super) fn is_open(&self, start: InlineStart) -> bool {
        start.closed == self.closed
    }

    /// The text since inline markup began.
    pub(super) fn since(&self, start: InlineStart) -> &str {
        if self.is_open(start) { &self.text[start.text..] } else { "" }
    }

    /// Whether text that is language stands since inline markup began.
    pub(super) fn has_words(&self, start: InlineStart) -> bool {
        self.is_open(start) && self.nodes.len() > start.nodes
    }

    /// The character before inline markup that began, in its block.
    pub(super) fn before(&self, start: InlineStart) -> Option<char> {
        let block = self.open.as_ref().map_or(start.text, |(_, block)| *block);
        self.text.get(block..start.text)?.chars().next_back()
    }

    /// How long the text is so far.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// A range over text that was read already.
    pub(super) fn range_over(&mut self, text: Range<usize>, place: Range<usize>) {
        self.inlines.push(Inline::new(InlineKind::Range, place, text));
    }

    /// A range from where it began to here; one without text that is language is an atom. One that began in another
    /// block is no range in either.
    pub(super) fn range(&mut self, start: InlineStart, place: Range<usize>) {
        if self.nodes.len() == start.nodes {
            self.atom_since(start, place);
        } else if self.is_open(start) {
            self.inlines.push(Inline::new(InlineKind::Range, place, start.text..self.text.len()));
        }
    }

    /// What stands since a beginning becomes an atom with all markup in it.
    pub(super) fn atom_since(&mut self, start: InlineStart, place: Range<usize>) {
        if self.is_open(start) {
            self.nodes.truncate(start.nodes);
            self.inlines.truncate(start.inlines);
            // White space at its ends is no part of what it reads as: sentences begin and end without.
            let text = &self.text[start.text..];
            let words = text.trim();
            let text = if words.is_empty() {
                start.text..self.text.len()
            } else {
                let first = start.text + text.len() - text.trim_start().len();
                first..first + words.len()
            };
            self.inlines.push(Inline::new(InlineKind::Atom, place, text));
        }
    }

    /// An atom that reads as this text, or as nothing.
    pub(super) fn atom(&mut self, text: &str, place: Range<usize>) {
        if self.open.is_none() && !text.trim().is_empty() {
            self.block(BlockKind::Paragraph);
        }
        let start = self.text.len();
        if self.open.is_some() {
            // White space opens no block.
            self.text.push_str(if self.text.len() == self.start() { text.trim_start() } else { text });
            self.inlines.push(Inline::new(InlineKind::Atom, place, start..self.text.len()));
        }
    }

    /// An atom that reads as this text, or as nothing, and keeps its place among the others.
    pub(super) fn fixed_atom(&mut self, text: &str, place: Range<usize>) {
        if self.open.is_some() || !text.trim().is_empty() {
            self.atom(text, place);
            self.fix_last();
        }
    }

    /// Keeps the last inline markup in its place among the others.
    pub(super) fn fix_last(&mut self) {
        if let Some(last) = self.inlines.last_mut() {
            last.is_movable = false;
        }
    }

    /// A tag that has no other half in its block: words do not move across it.
    pub(super) fn tag(&mut self, start: InlineStart, place: Range<usize>) {
        if self.is_open(start) && self.open.is_some() {
            self.inlines.push(Inline::new(InlineKind::Atom, place, start.text..start.text).fixed());
        }
    }

    /// Where the text of the block begins.
    fn start(&self) -> usize {
        self.open.as_ref().map_or(self.text.len(), |(_, start)| *start)
    }

    /// Whether the block has no text yet, or its text ends in white space.
    pub(super) fn ends_in_space(&self) -> bool {
        self.text.len() == self.start() || self.text.ends_with(char::is_whitespace)
    }

    /// Ends the block, if one is open, and says whether there is one more. A block without text is none; white space at its
    /// end is left out.
    pub(super) fn close(&mut self) -> bool {
        self.closed += 1;
        let mut nodes = std::mem::take(&mut self.nodes);
        let mut inlines = std::mem::take(&mut self.inlines);
        let Some((kind, start)) = self.open.take() else { return false };
        let end = start + self.text[start..].trim_end().len();
        if end == start {
            self.text.truncate(start);
            return false;
        }
        // A node keeps the white space at its end: it stands in its place.
        nodes.retain(|node| node.text.start < end);
        inlines.retain(|inline| inline.text.start < end);
        for inline in &mut inlines {
            inline.text.end = inline.text.end.min(end);
        }
        self.text.truncate(nodes.last().map_or(end, |last| last.text.end.max(end)));
        let lead = end - start - self.text[start..end].trim_start().len();
        let says = |node: &TextNode| self.text[node.text.clone()].contains(char::is_alphabetic);
        let is_atom = |inline: &Inline| inline.kind == InlineKind::Atom && !inline.text.is_empty();
        // Code or an address alone is nothing to be translated.
        let is_fixed = inlines.iter().any(is_atom) && !nodes.iter().any(says);
        self.blocks.push(Block::new(if is_fixed { BlockKind::Verbatim } else { kind }, start + lead..end));
        self.part_in_work().nodes.extend(nodes);
        self.of_part.extend(inlines);
        self.text.push_str(SEPARATOR);
        true
    }

    /// Gives the part that was read its inline markup.
    fn close_part(&mut self) {
        self.close();
        let inlines = std::mem::take(&mut self.of_part);
        if let Some(part) = self.parts.last_mut() {
            part.set_inlines(inlines);
        }
    }

    /// Begins a file of markup.
    pub(super) fn part(&mut self, name: &str) {
        self.close_part();
        let mut part = MarkupPart::default();
        name.clone_into(&mut part.name);
        self.parts.push(part);
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

    /// Adds text that stands beside the running text; it is a block of its own behind all others, where it comes between no
    /// two sentences. It is text of the last part.
    pub(super) fn beside(&mut self, text: TextBeside) {
        self.beside.push(text);
    }

    /// Puts what stands beside the text behind it. Every line of the text has its end by now.
    fn append_beside(&mut self) {
        for TextBeside { kind, reason, text, place, notation } in std::mem::take(&mut self.beside) {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            let start = self.text.len();
            self.text.push_str(&visible(&text));
            let span = start..self.text.len();
            self.text.push('\n');
            self.blocks.push(Block { kind, span: span.clone(), reason });
            let part = self.part_in_work();
            part.notations.extend(notation.map(|notation| (place.clone(), notation)));
            part.nodes.push(TextNode { text: span, place });
        }
    }

    /// Finds datelines among the paragraphs, as in plain text; furniture and metadata, too, where leftovers of web pages
    /// may stand.
    fn recognise(&mut self, markup: Markup) {
        let recognised = text::blocks(&self.text, Some(true));
        let recognised = recognised.into_iter().filter(|block| match block.kind {
            BlockKind::Dateline => true,
            BlockKind::Furniture | BlockKind::Metadata => markup.may_have_leftovers(),
            _ => false,
        });
        let mut recognised = recognised.peekable();
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for mut block in std::mem::take(&mut self.blocks) {
            while let Some(found) = recognised.next_if(|found| found.span.start < block.span.end) {
                let rest = self.text[found.span.end..block.span.end.max(found.span.end)].trim_start();
                let is_head = block.kind == BlockKind::Paragraph && found.span.start == block.span.start;
                if found.span == block.span && found.kind == block.kind {
                    // A rule says it better than the place of the block in its page.
                    block.reason = found.reason;
                } else if is_head && rest.is_empty() && found.span.end == block.span.end {
                    (block.kind, block.reason) = (found.kind, found.reason);
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
        self.close_part();
        if let Some(text) = self.text.strip_suffix(SEPARATOR) {
            self.text.truncate(text.len());
            self.text.push('\n');
        }
        // A unit of a bilingual file is one, whatever it begins with.
        if !markup.is_bilingual() {
            self.recognise(markup);
        }
        self.append_beside();
        let layout = Layout { markup, archive, parts: self.parts };
        Article {
            id,
            encoding,
            text: self.text,
            blocks: self.blocks,
            layout: Some(Arc::new(layout)),
            fields: Vec::new(),
            file_hash: None,
        }
    }
}
