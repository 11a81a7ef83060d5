//! Markdown: its blocks are those of its structure, its text is what is left without the markup.
//!
//! A first pass hides what tools add to `CommonMark` (`mask.rs`), so that one parser reads all dialects.

mod ahead;
mod constructs;
mod front_matter;
mod html_block;
mod mask;

use std::ops::Range;
use std::path::Path;

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::decode::decode;
use super::draft::{ArticleDraft, InlineStart};
use super::error::ReadError;
use super::reader::Reader;
use super::tag::{InlineTag, is_script};
use crate::model::{Article, ArticleId, BlockKind, Markup, Notation};
use html_block::HtmlPiece;
use mask::{Construct, ConstructKind, Masked, mask};

/// Markdown. Code, images among words, link targets and commands of site generators are not text.
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
            | Options::ENABLE_DEFINITION_LIST
            | Options::ENABLE_GFM;
        let masked = mask(&markup, body);
        let mut walk = Walk::new(&markup, &masked);
        walk.front_matter(body);
        for (event, span) in Parser::new_ext(&masked.text[body..], options).into_offset_iter() {
            walk.event(&event, body + span.start..body + span.end);
        }
        let Walk { mut draft, mut notations, .. } = walk;
        draft.close();
        notations.extend(masked.quoted.iter().map(|place| (place.clone(), Notation::Quoted)));
        notations.sort_by_key(|(place, _)| place.start);
        draft.part_in_work().notations = notations;
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

/// A range that is open.
struct OpenRange {
    start: InlineStart,
    place: Range<usize>,
    /// Its name, if it is an element of HTML.
    element: Option<String>,
}

/// The walk through the events of the parser.
#[expect(clippy::struct_excessive_bools, reason = "each is independent of the others")]
struct Walk<'a> {
    markup: &'a str,
    /// What the parser reads.
    masked: &'a Masked,
    draft: ArticleDraft,
    notations: Vec<(Range<usize>, Notation)>,
    /// The heading, list items and quotations that are open, the innermost last.
    open: Vec<BlockKind>,
    has_title: bool,
    /// Whether a block is being read.
    in_block: bool,
    /// The ranges that are open, the innermost last.
    ranges: Vec<OpenRange>,
    /// Images and addresses that are open: what stands in them is left alone.
    atoms: usize,
    /// Whether a line ended at [`end`](Self::end) within the block.
    soft_break: bool,
    /// Where the last inline thing ended.
    end: usize,
    /// Whether what comes now may be added to the last node.
    glue: bool,
    /// Whether a code or HTML block is open.
    verbatim: bool,
    /// Where the paragraph lies that was begun last.
    paragraph: Range<usize>,
}

impl<'a> Walk<'a> {
    fn new(markup: &'a str, masked: &'a Masked) -> Self {
        let mut draft = ArticleDraft::default();
        draft.part("");
        Self {
            markup,
            masked,
            draft,
            notations: Vec::new(),
            open: Vec::new(),
            has_title: false,
            in_block: false,
            ranges: Vec::new(),
            atoms: 0,
            soft_break: false,
            end: 0,
            glue: false,
            verbatim: false,
            paragraph: 0..0,
        }
    }

    /// The fields of the front matter that a reader sees.
    fn front_matter(&mut self, end: usize) {
        for field in front_matter::fields(&self.markup[..end]) {
            self.draft.block(if field.name == "title" { BlockKind::Title } else { BlockKind::Paragraph });
            self.draft.node(&field.text, field.place.clone());
            self.draft.close();
            self.notations.push((field.place, Notation::Value));
        }
    }

    fn event(&mut self, event: &Event<'_>, span: Range<usize>) {
        match event {
            Event::End(tag) => self.end_of(*tag, &span),
            _ if self.verbatim => {}
            Event::Start(tag) => self.start(tag, span),
            Event::Text(text) if self.atoms == 0 => self.text(text, span),
            Event::Code(code) if self.atoms == 0 => self.code(code, span),
            Event::SoftBreak if self.atoms == 0 => self.soft_break = true,
            Event::HardBreak if self.atoms == 0 => self.atom("\n", &span),
            Event::InlineHtml(html) if self.atoms == 0 => self.html(html, &span),
            Event::FootnoteReference(_) if self.atoms == 0 => self.atom("", &span),
            Event::Rule => self.boundary(),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, span: Range<usize>) {
        match tag {
            _ if self.atoms > 0 => self.atoms += 1,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.range(span, None),
            Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. } => {
                let address = self.markup[span.clone()].trim_matches(['<', '>']);
                self.atom(address, &span);
                self.atoms += 1;
            }
            Tag::Link { link_type, id, .. } => {
                self.reference(*link_type, id, span.end);
                self.range(span, None);
            }
            // The description of a picture that stands alone is read with the others; among words it would be none of
            // the sentence.
            Tag::Image { .. } if self.is_paragraph(&span) => self.boundary(),
            Tag::Image { .. } => {
                let end = self.attributes_behind(span.end);
                self.atom("", &(span.start..end));
                self.atoms += 1;
            }
            Tag::CodeBlock(_) => {
                self.boundary();
                self.verbatim = true;
            }
            Tag::HtmlBlock => {
                self.boundary();
                self.html_block(span);
                self.boundary();
                self.verbatim = true;
            }
            Tag::Paragraph => {
                self.boundary();
                self.paragraph = span;
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
            _ if self.atoms > 0 => self.atoms -= 1,
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => {
                self.settle();
                let open = self.ranges.iter().rposition(|range| range.element.is_none());
                let end = self.attributes_behind(span.end);
                if let Some(range) = open.map(|open| self.cut(open)) {
                    let place = range.place.start..end;
                    let is_lowered = self.markup[place.clone()].starts_with('~')
                        && !self.markup[place.clone()].starts_with("~~")
                        && is_script(self.draft.before(range.start), self.draft.since(range.start));
                    if is_lowered {
                        self.draft.atom_since(range.start, place);
                    } else {
                        self.draft.range(range.start, place);
                    }
                }
                self.pass(end);
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
        if !self.ranges.is_empty() {
            let outer = self.cut(0);
            self.draft.tag(outer.start, outer.place);
        }
        self.draft.close();
        self.in_block = false;
        self.soft_break = false;
        self.glue = false;
        self.atoms = 0;
    }

    /// Begins a range.
    fn range(&mut self, place: Range<usize>, element: Option<String>) {
        self.begin(place.start);
        // A line may end right behind the tag or the bracket.
        self.pass(if element.is_some() { place.end } else { place.start + 1 });
        self.ranges.push(OpenRange { start: self.draft.here(), place, element });
    }

    /// Takes a range and what is open in it off; elements that have no end in it are tags alone.
    fn cut(&mut self, at: usize) -> OpenRange {
        for inner in self.ranges.drain(at + 1..) {
            self.draft.tag(inner.start, inner.place);
        }
        self.ranges.remove(at)
    }

    /// A tag of HTML among the words.
    fn html(&mut self, html: &str, span: &Range<usize>) {
        match InlineTag::of(html) {
            InlineTag::Break => self.atom("\n", span),
            InlineTag::Open(name) => self.range(span.clone(), Some(name)),
            InlineTag::Close(name) => {
                self.settle();
                // An element ends inside the emphasis that it began in.
                let inner = self.ranges.iter().rev().take_while(|range| range.element.is_some()).count();
                let first = self.ranges.len() - inner;
                let open =
                    self.ranges[first..].iter().rposition(|range| range.element.as_deref() == Some(&name));
                if let Some(open) = open.map(|open| self.cut(first + open)) {
                    let place = open.place.start..span.end;
                    let (before, text) = (self.draft.before(open.start), self.draft.since(open.start));
                    if InlineTag::reads_as_atom(&name, before, text) {
                        self.draft.atom_since(open.start, place);
                    } else {
                        self.draft.range(open.start, place);
                    }
                } else {
                    self.draft.fixed_atom("", span.clone());
                }
                self.pass(span.end);
            }
            InlineTag::Alone => self.atom("", span),
        }
    }

    /// A reference whose label is its own text gets the label in brackets of its own, since the text will change.
    fn reference(&mut self, kind: LinkType, label: &str, end: usize) {
        let edit = match kind {
            LinkType::Collapsed => (end.saturating_sub(2)..end, format!("[{label}]")),
            LinkType::Shortcut => (end.saturating_sub(1)..end, format!("][{label}]")),
            _ => return,
        };
        self.draft.part_in_work().edits.push(edit);
    }

    /// Something among the words that stays as it is.
    fn atom(&mut self, text: &str, span: &Range<usize>) {
        let mut place = span.clone();
        if text.is_empty() && self.in_block && self.ends_word(span.end) {
            // What reads as nothing takes the white space before it along: two blanks in succession would come back as one.
            if std::mem::take(&mut self.soft_break) {
                place.start = self.end;
            } else if self.markup[..span.start].ends_with(' ') {
                place.start = self.draft.take_blank(span.start).unwrap_or(span.start);
            }
        }
        self.begin(place.start);
        self.draft.atom(text, place);
        self.pass(span.end);
    }

    /// Whether no word begins here.
    fn ends_word(&self, at: usize) -> bool {
        let next = self.markup[at..].chars().next();
        next.is_none_or(|c| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | '|'))
    }

    /// Code, as it stands in the markup.
    fn code(&mut self, code: &str, span: Range<usize>) {
        let own = &self.markup[span.clone()];
        let end = self.attributes_behind(span.end);
        if self.masked.text[span.clone()] == *own {
            self.atom(code, &(span.start..end));
        } else {
            self.atom(own.trim_matches('`'), &(span.start..end));
        }
    }

    /// The constructs that were hidden in some bytes.
    fn constructs(&self, span: &Range<usize>) -> &'a [Construct] {
        let all = &self.masked.constructs;
        let first = all.partition_point(|construct| construct.place.start < span.start);
        let behind = all.partition_point(|construct| construct.place.end <= span.end);
        all.get(first..behind).unwrap_or_default()
    }

    /// Where the attributes end that stand right behind something, or where that does.
    fn attributes_behind(&self, end: usize) -> usize {
        let all = &self.masked.constructs;
        let first = all.partition_point(|construct| construct.place.start < end);
        let own = |construct: &&Construct| {
            construct.place.start == end && construct.kind == ConstructKind::Attributes
        };
        all.get(first).filter(own).map_or(end, |construct| construct.place.end)
    }

    /// Whether something is all that stands in the paragraph, but for its attributes.
    fn is_paragraph(&self, span: &Range<usize>) -> bool {
        let end = self.attributes_behind(span.end);
        let rest = self.markup.get(end..self.paragraph.end);
        self.paragraph.start == span.start && rest.is_some_and(|rest| rest.trim().is_empty())
    }

    /// Text as the parser has it, with what was hidden in it.
    fn text(&mut self, text: &str, span: Range<usize>) {
        if self.masked.text[span.clone()] != *text {
            return self.plain(text, span);
        }
        let mut at = span.start.max(self.end.min(span.end));
        for construct in self.constructs(&span) {
            if construct.place.start < at {
                continue;
            }
            if at < construct.place.start {
                self.plain(&self.markup[at..construct.place.start], at..construct.place.start);
            }
            at = construct.place.end;
            match construct.kind {
                ConstructKind::Atom | ConstructKind::Attributes => {
                    self.atom(&self.markup[construct.reads.clone()], &construct.place);
                }
                ConstructKind::Border => self.boundary(),
            }
        }
        if at < span.end {
            self.plain(&self.markup[at..span.end], at..span.end);
        }
    }

    /// The words in a block of HTML.
    fn html_block(&mut self, block: Range<usize>) {
        let html = &self.markup[block.clone()];
        self.notations.push((block.clone(), Notation::Html));
        for piece in html_block::pieces(&self.masked.text[block.clone()]) {
            match piece {
                HtmlPiece::Border => self.boundary(),
                HtmlPiece::Tag(tag) => {
                    let place = block.start + tag.start..block.start + tag.end;
                    self.html(&html[tag], &place);
                }
                HtmlPiece::Text(piece) => {
                    let raw = &html[piece.clone()];
                    let words = raw.trim();
                    let start = block.start + piece.start + raw.len() - raw.trim_start().len();
                    self.soft_break |= self.in_block && raw.starts_with(char::is_whitespace);
                    if !words.is_empty() {
                        let place = start..start + words.len();
                        self.begin(start);
                        self.html_words(place.clone());
                        self.pass(place.end);
                        self.soft_break = raw.ends_with(char::is_whitespace);
                    }
                }
            }
        }
    }

    /// Words of HTML with what was hidden in them.
    fn html_words(&mut self, place: Range<usize>) {
        let mut at = place.start;
        let read = |text: &str| {
            let text = quick_xml::escape::unescape_with(text, quick_xml::escape::resolve_html5_entity);
            text.map_or_else(|_| None, |text| Some(text.into_owned()))
        };
        let constructs =
            self.constructs(&place).iter().map(|construct| (construct.place.clone(), Some(construct)));
        for (hidden, construct) in constructs.chain([(place.end..place.end, None)]) {
            if hidden.start < at {
                continue;
            }
            let raw = &self.markup[at..hidden.start];
            if !raw.is_empty() {
                let text = read(raw).unwrap_or_else(|| raw.to_owned());
                self.draft.node(&text.replace(['\n', '\r', '\t'], " "), at..hidden.start);
            }
            at = hidden.end;
            if let Some(construct) = construct {
                self.draft.atom(&self.markup[construct.reads.clone()], hidden);
            }
        }
    }

    /// Text without anything hidden: an escaped character comes without its backslash.
    fn plain(&mut self, text: &str, span: Range<usize>) {
        let before = &self.markup[..span.start];
        let escaped = before.ends_with('\\') && span.start > self.end;
        let start = span.start - usize::from(escaped && text.starts_with(|c: char| c.is_ascii_punctuation()));
        self.begin(start);
        if self.glue && self.end == start {
            self.draft.extend(text, span.end);
        } else {
            self.draft.node(text, start..span.end);
        }
        self.end = span.end;
        self.glue = true;
    }

    /// Something inline begins at `start`: the block, if none is open, and what a line break left to do.
    fn begin(&mut self, start: usize) {
        if !self.in_block {
            self.in_block = true;
            self.draft.block(self.open.last().copied().unwrap_or(BlockKind::Paragraph));
        }
        if std::mem::take(&mut self.soft_break) {
            // The line break and what opens the next line, such as the mark of a quotation.
            if self.end < start {
                self.draft.node("\n", self.end..start);
            }
            self.glue = false;
        }
    }

    /// A line break that ends a range is a blank in it.
    fn settle(&mut self) {
        if std::mem::take(&mut self.soft_break) {
            let rest = &self.markup[self.end..];
            let blank = rest.len() - rest.trim_start().len();
            self.draft.node("\n", self.end..self.end + blank);
            self.pass(self.end + blank);
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
