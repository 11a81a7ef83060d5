//! Markdown: its blocks are those of its structure, its text is what is left without the markup.

use std::ops::Range;
use std::path::Path;

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::decode::decode;
use super::draft::{ArticleDraft, MarkupText};
use super::error::ReadError;
use super::reader::Reader;
use crate::model::{Article, ArticleId, BlockKind, Markup};

/// Markdown. Code blocks, HTML blocks, images, front matter and link targets are not text.
#[derive(Debug)]
pub(super) struct Markdown;

impl Reader for Markdown {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let (markup, encoding) = decode(path, bytes)?;
        let body = front_matter(&markup);
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_GFM;
        let mut walk = Walk::new(&markup);
        for (event, span) in Parser::new_ext(&markup[body..], options).into_offset_iter() {
            walk.event(&event, body + span.start..body + span.end);
        }
        let mut draft = walk.draft;
        draft.close();
        draft.part_in_work().markup = markup;
        Ok(draft.finish(id, encoding, Markup::Markdown, None))
    }
}

/// Where the front matter ends, 0 if there is none. Only what opens the file is front matter: further
/// down, lines between two rules are text.
fn front_matter(text: &str) -> usize {
    if !text.starts_with("---") && !text.starts_with("+++") {
        return 0;
    }
    let options =
        Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    match Parser::new_ext(text, options).into_offset_iter().next() {
        Some((Event::Start(Tag::MetadataBlock(_)), span)) if span.start == 0 => span.end,
        _ => 0,
    }
}

/// The walk through the events of the parser.
#[expect(clippy::struct_excessive_bools, reason = "each is independent of the others")]
struct Walk<'a> {
    markup: &'a str,
    draft: ArticleDraft,
    /// The heading, list items and quotations that are open, the innermost last.
    open: Vec<BlockKind>,
    has_title: bool,
    /// Whether a block is being read.
    in_block: bool,
    /// The styles of the inline elements that are open, the outermost of all being plain text.
    styles: Vec<u32>,
    next_style: u32,
    /// The elements that are open: whether what stands in each is an address.
    addresses: Vec<bool>,
    /// Images that are open: their descriptions are left alone.
    images: usize,
    /// Whether a line ended at [`end`](Self::end) within the block.
    soft_break: bool,
    /// Where the last inline thing ended.
    end: usize,
    /// Whether what comes now may be added to the last node.
    glue: bool,
    /// Whether a code or HTML block is open.
    verbatim: bool,
}

impl<'a> Walk<'a> {
    fn new(markup: &'a str) -> Self {
        let mut draft = ArticleDraft::default();
        draft.part("");
        Self {
            markup,
            draft,
            open: Vec::new(),
            has_title: false,
            in_block: false,
            styles: vec![0],
            next_style: 1,
            addresses: Vec::new(),
            images: 0,
            soft_break: false,
            end: 0,
            glue: false,
            verbatim: false,
        }
    }

    fn event(&mut self, event: &Event<'_>, span: Range<usize>) {
        match event {
            Event::End(tag) => self.end_of(*tag, &span),
            _ if self.verbatim => {}
            Event::Start(tag) => self.start(tag, span),
            Event::Text(text) if self.images == 0 => {
                let is_fixed = self.addresses.last().is_some_and(|&address| address);
                self.text(text, span, is_fixed);
            }
            Event::Code(code) if self.images == 0 => self.code(code, &span),
            Event::SoftBreak if self.images == 0 => self.soft_break = true,
            Event::HardBreak if self.images == 0 => {
                self.draft.space("\n");
                self.atom(&span);
            }
            Event::InlineHtml(html) if html.starts_with("<br") => {
                self.draft.space("\n");
                self.atom(&span);
            }
            Event::InlineHtml(_) | Event::FootnoteReference(_) => self.atom(&span),
            Event::Rule => self.boundary(),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, span: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.element(span, false),
            Tag::Link { link_type, id, .. } => {
                self.reference(*link_type, id, span.end);
                self.element(span, matches!(link_type, LinkType::Autolink | LinkType::Email));
            }
            Tag::Image { .. } => {
                self.atom(&span);
                self.images += 1;
            }
            Tag::CodeBlock(_) | Tag::HtmlBlock => {
                self.boundary();
                self.verbatim = true;
            }
            Tag::Heading { level: HeadingLevel::H1, .. } if !self.has_title => {
                self.has_title = true;
                self.open(BlockKind::Title);
            }
            Tag::Heading { .. } => self.open(BlockKind::Heading),
            Tag::Item => self.open(BlockKind::ListItem),
            Tag::BlockQuote(_) => self.open(BlockKind::Quotation),
            _ => self.boundary(),
        }
    }

    fn end_of(&mut self, tag: TagEnd, span: &Range<usize>) {
        match tag {
            TagEnd::CodeBlock | TagEnd::HtmlBlock => self.verbatim = false,
            _ if self.verbatim => {}
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => {
                self.addresses.pop();
                if self.styles.len() > 1 {
                    self.styles.pop();
                }
                self.pass(span.end);
            }
            TagEnd::Heading(_) | TagEnd::Item | TagEnd::BlockQuote(_) => {
                self.boundary();
                self.open.pop();
            }
            _ => self.boundary(),
        }
    }

    /// Opens a heading, list item or quotation.
    fn open(&mut self, kind: BlockKind) {
        self.boundary();
        self.open.push(kind);
    }

    fn boundary(&mut self) {
        self.draft.close();
        self.in_block = false;
        self.soft_break = false;
        self.glue = false;
        self.styles.truncate(1);
        self.addresses.clear();
    }

    /// Begins an inline element.
    fn element(&mut self, span: Range<usize>, is_address: bool) {
        self.begin(span.start);
        if self.addresses.is_empty() {
            self.draft.part_in_work().elements.push(span.clone());
        }
        self.addresses.push(is_address);
        self.styles.push(self.next_style);
        self.next_style += 1;
        self.pass(span.start);
    }

    /// A reference whose label is its own text gets the label in brackets of its own, since the text will change.
    fn reference(&mut self, kind: LinkType, label: &str, end: usize) {
        let edit = match kind {
            LinkType::Collapsed => (end.saturating_sub(2)..end, format!("[{label}]")),
            LinkType::Shortcut => (end..end, format!("[{label}]")),
            _ => return,
        };
        self.draft.part_in_work().edits.push(edit);
    }

    /// Something between the words that is not text: words do not move across it.
    fn atom(&mut self, span: &Range<usize>) {
        self.begin(span.start);
        if let Some(style) = self.styles.last_mut() {
            *style = self.next_style;
            self.next_style += 1;
        }
        self.pass(span.end);
    }

    fn code(&mut self, code: &str, span: &Range<usize>) {
        self.begin(span.start);
        let markup = &self.markup[span.clone()];
        let ticks = markup.len() - markup.trim_start_matches('`').len();
        let place = span.start + ticks..span.end - ticks.min(markup.len() / 2);
        if self.addresses.is_empty() {
            self.draft.part_in_work().elements.push(span.clone());
        }
        self.draft.node(code, MarkupText { place, style: self.next_style, is_fixed: true });
        self.next_style += 1;
        self.pass(span.end);
    }

    /// Text as the parser has it: an escaped character comes without its backslash.
    fn text(&mut self, text: &str, span: Range<usize>, is_fixed: bool) {
        let before = &self.markup[..span.start];
        let escaped = before.ends_with('\\') && span.start > self.end;
        let start = span.start - usize::from(escaped && text.starts_with(|c: char| c.is_ascii_punctuation()));
        self.begin(start);
        if self.glue && self.end == start && !is_fixed {
            self.draft.extend(text, span.end);
        } else {
            let style = self.styles.last().copied().unwrap_or_default();
            self.draft.node(text, MarkupText { place: start..span.end, style, is_fixed });
        }
        self.end = span.end;
        self.glue = !is_fixed;
    }

    /// Something inline begins at `start`: the block, if none is open, and what a line break left to do.
    fn begin(&mut self, start: usize) {
        if !self.in_block {
            self.in_block = true;
            self.draft.block(self.open.last().copied().unwrap_or(BlockKind::Paragraph));
        }
        if std::mem::take(&mut self.soft_break) {
            let style = self.styles.last().copied().unwrap_or_default();
            // The line break and what opens the next line, such as the mark of a quotation.
            if self.end < start {
                self.draft.node("\n", MarkupText { place: self.end..start, style, is_fixed: false });
            }
            self.glue = false;
        }
    }

    /// Goes behind something that is not text.
    fn pass(&mut self, end: usize) {
        self.end = end;
        self.glue = false;
    }
}

#[cfg(test)]
mod tests;
