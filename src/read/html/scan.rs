//! The text of a page and where it stands.

use std::ops::Range;

use html5gum::emitters::default::{DefaultEmitter, EndTag, StartTag};
use html5gum::{Token, Tokenizer};

use super::names::{Role, is_void, role};
use crate::model::BlockKind;
use crate::read::draft::{ArticleDraft, MarkupText};

/// Elements deeper than this say nothing about the kind of a block, or how its text looks.
const DEEPEST: usize = 256;

/// How large and deep a page is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PageSize {
    pub(super) tags: usize,
    /// Elements in each other, at most; elements without an end tag never stop counting.
    pub(super) depth: usize,
    /// Attributes of a tag, at most.
    pub(super) attributes: usize,
    /// The length of a text in bytes times the characters in it that are written as entities, at most.
    pub(super) escapes: usize,
}

/// An inline element that is open.
struct OpenInline {
    name: Vec<u8>,
    style: u32,
    is_code: bool,
}

/// The walk through a page.
#[expect(clippy::struct_excessive_bools, reason = "each is independent of the others")]
pub(super) struct PageScan<'a> {
    markup: &'a str,
    /// Whether the name of the encoding becomes UTF-8.
    recode: bool,
    draft: ArticleDraft,
    shape: PageSize,
    depth: usize,
    /// Bytes of the text since the last tag, and the characters in it that are written as entities.
    run: (usize, usize),
    /// The blocks that are open and give the kind of a block, the innermost last.
    kinds: Vec<(Vec<u8>, BlockKind)>,
    has_title: bool,
    in_block: bool,
    /// The element whose content is skipped, and how many of its name are open.
    skipped: Option<(Vec<u8>, usize)>,
    inline: Vec<OpenInline>,
    /// Where the outermost inline element began, if it may be moved, and the nodes there were then.
    outermost: Option<(usize, usize)>,
    style: u32,
    next_style: u32,
    /// Nodes of the block so far.
    nodes: usize,
    /// Where the last node ended, if text right there belongs to it.
    glue: Option<usize>,
    /// Whether the last thing was a line break.
    broke: bool,
}

impl<'a> PageScan<'a> {
    pub(super) fn new(markup: &'a str, recode: bool) -> Self {
        let mut draft = ArticleDraft::default();
        draft.part("");
        Self {
            markup,
            recode,
            draft,
            shape: PageSize::default(),
            depth: 0,
            run: (0, 0),
            kinds: Vec::new(),
            has_title: false,
            in_block: false,
            skipped: None,
            inline: Vec::new(),
            outermost: None,
            style: 0,
            next_style: 1,
            nodes: 0,
            glue: None,
            broke: false,
        }
    }

    /// Walks through the page.
    pub(super) fn run(&mut self) {
        let mut emitter = DefaultEmitter::<usize>::new_with_span();
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(self.markup, emitter).flatten() {
            if matches!(token, Token::StartTag(_) | Token::EndTag(_)) {
                self.run = (0, 0);
            }
            match token {
                Token::StartTag(tag) => self.start(&tag),
                Token::EndTag(tag) => self.end(&tag),
                Token::String(text) => self.string(&text.value.0, text.span.start..text.span.end),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        self.boundary();
    }

    pub(super) fn shape(&self) -> PageSize {
        self.shape
    }

    pub(super) fn into_draft(self) -> ArticleDraft {
        self.draft
    }

    fn start(&mut self, tag: &StartTag<usize>) {
        let name: &[u8] = &tag.name.0;
        self.shape.tags += 1;
        self.shape.attributes = self.shape.attributes.max(tag.attributes.len());
        if !is_void(name) && !tag.self_closing {
            self.depth += 1;
            self.shape.depth = self.shape.depth.max(self.depth);
        }
        self.edit(tag);
        if let Some((skipped, open)) = &mut self.skipped {
            if skipped == name && !tag.self_closing {
                *open += 1;
            }
            return;
        }
        match role(name) {
            Role::Skipped => {
                if matches!(name, b"pre" | b"textarea" | b"xmp" | b"listing" | b"plaintext") {
                    self.boundary();
                } else {
                    self.atom();
                }
                self.skipped = (!tag.self_closing).then(|| (name.to_vec(), 1));
            }
            Role::Block(kind) => self.open_block(name, kind),
            Role::Break => self.line_break(),
            Role::Void => self.atom(),
            Role::Inline | Role::Code if tag.self_closing => self.atom(),
            role @ (Role::Inline | Role::Code) => self.open_inline(name, role == Role::Code, tag.span.start),
        }
    }

    fn end(&mut self, tag: &EndTag<usize>) {
        let name: &[u8] = &tag.name.0;
        self.shape.tags += 1;
        self.depth = self.depth.saturating_sub(1);
        if let Some((skipped, open)) = &mut self.skipped {
            if skipped == name {
                *open -= 1;
                if *open == 0 {
                    self.skipped = None;
                }
            }
            return;
        }
        match role(name) {
            Role::Block(kind) => {
                self.boundary();
                if kind.is_some()
                    && let Some(at) = self.kinds.iter().rposition(|(open, _)| open == name)
                {
                    self.kinds.truncate(at);
                }
            }
            Role::Inline | Role::Code => self.close_inline(name, tag.span.end),
            Role::Break => self.line_break(),
            Role::Skipped | Role::Void => {}
        }
    }

    fn open_block(&mut self, name: &[u8], kind: Option<BlockKind>) {
        self.boundary();
        let Some(kind) = kind else { return };
        let kind = match kind {
            BlockKind::Title if self.has_title => BlockKind::Heading,
            kind => kind,
        };
        self.has_title |= kind == BlockKind::Title;
        if self.kinds.len() < DEEPEST {
            self.kinds.push((name.to_vec(), kind));
        }
    }

    /// Ends the block. Inline elements that are open go on, but can no longer be moved.
    fn boundary(&mut self) {
        self.draft.close();
        self.in_block = false;
        self.outermost = None;
        self.nodes = 0;
        self.glue = None;
        self.broke = false;
    }

    /// One line break is a line break; two are the end of a paragraph.
    fn line_break(&mut self) {
        if self.broke {
            return self.boundary();
        }
        if self.in_block {
            self.draft.space("\n");
            self.atom();
            self.broke = true;
        }
    }

    /// Something that is not text: words do not move across it.
    fn atom(&mut self) {
        let style = self.fresh_style();
        match self.inline.last_mut() {
            Some(open) => open.style = style,
            None => self.style = style,
        }
        self.glue = None;
    }

    fn fresh_style(&mut self) -> u32 {
        self.next_style = self.next_style.wrapping_add(1);
        self.next_style
    }

    fn open_inline(&mut self, name: &[u8], is_code: bool, start: usize) {
        if self.inline.len() >= DEEPEST {
            return self.atom();
        }
        if self.inline.is_empty() {
            self.outermost = Some((start, self.nodes));
        }
        let style = self.fresh_style();
        let is_code = is_code || self.inline.last().is_some_and(|open| open.is_code);
        self.inline.push(OpenInline { name: name.to_vec(), style, is_code });
        self.glue = None;
    }

    fn close_inline(&mut self, name: &[u8], end: usize) {
        self.glue = None;
        let Some(at) = self.inline.iter().rposition(|open| open.name == name) else { return };
        if at + 1 < self.inline.len() {
            // Ends that cross each other: what is moved must be whole.
            self.outermost = None;
        }
        self.inline.truncate(at);
        if self.inline.is_empty()
            && let Some((start, nodes)) = self.outermost.take()
        {
            if nodes < self.nodes {
                self.draft.part_in_work().elements.push(start..end);
            } else {
                self.atom();
            }
        }
    }

    /// Text as the tokenizer has it, entities decoded, and where it stands.
    fn string(&mut self, value: &[u8], place: Range<usize>) {
        if self.skipped.is_some() {
            return;
        }
        self.run.0 += value.len();
        self.run.1 += value.iter().filter(|byte| matches!(byte, b'<' | b'>' | b'&' | 0xc2)).count();
        self.shape.escapes = self.shape.escapes.max(self.run.0.saturating_mul(self.run.1));
        let (Ok(text), Some(raw)) = (std::str::from_utf8(value), self.markup.get(place.clone())) else {
            return;
        };
        // Without entities and carriage returns, what was read is what stands there.
        if !raw.contains(['&', '\r']) && raw != text {
            return;
        }
        let blank = |c: char| c.is_ascii_whitespace();
        let lead = raw.len() - raw.trim_start_matches(blank).len();
        let tail = raw.trim_end_matches(blank).len().max(lead);
        self.white(place.start..place.start + lead);
        if lead < tail {
            self.words(text.trim_matches(blank), place.start + lead..place.start + tail);
            self.white(place.start + tail..place.end);
        }
    }

    /// White space between words. What stands at the beginning of a block or behind other white space
    /// shows nowhere.
    fn white(&mut self, place: Range<usize>) {
        if !place.is_empty() && self.in_block && !self.draft.ends_in_space() {
            self.node(" ", place);
            self.glue = None;
        }
    }

    fn words(&mut self, text: &str, place: Range<usize>) {
        if text.is_empty() {
            return;
        }
        if !self.in_block {
            self.in_block = true;
            let kind = self.kinds.last().map_or(BlockKind::Paragraph, |(_, kind)| *kind);
            let around = self.kinds.iter().any(|(_, kind)| *kind == BlockKind::Furniture);
            self.draft.block(if around { BlockKind::Furniture } else { kind });
        }
        self.broke = false;
        let text = collapsed(text);
        if self.glue == Some(place.start) {
            self.draft.extend(&text, place.end);
        } else {
            self.node(&text, place.clone());
        }
        self.glue = (!self.inline.last().is_some_and(|open| open.is_code)).then_some(place.end);
    }

    fn node(&mut self, text: &str, place: Range<usize>) {
        let (style, is_fixed) = self.inline.last().map_or((self.style, false), |o| (o.style, o.is_code));
        self.draft.node(text, MarkupText { place, style, is_fixed });
        self.nodes += 1;
    }

    /// The name of the language, and that of the encoding, change with the text.
    fn edit(&mut self, tag: &StartTag<usize>) {
        let name: &[u8] = &tag.name.0;
        let span = tag.span.start..tag.span.end;
        let (attributes, by): (&[&str], _) = match name {
            b"html" => (&["lang", "xml:lang"], "en"),
            b"meta" if self.recode => (&["charset", "content"], "utf-8"),
            _ => return,
        };
        for attribute in attributes {
            let Some(value) = tag.attributes.get(attribute.as_bytes()) else { continue };
            let Ok(value) = std::str::from_utf8(&value.value.0) else { continue };
            let Some(raw) = self.markup.get(span.clone()) else { continue };
            let lower = value.to_ascii_lowercase();
            let old = match *attribute {
                "content" => lower.find("charset=").map(|at| &value[at + "charset=".len()..]),
                "charset" => Some(value),
                _ => lower.starts_with("de").then_some(value),
            };
            // Values with entities in them are not found, and stay.
            let at = raw.to_ascii_lowercase().find(&format!("{attribute}=")).unwrap_or_default();
            if let Some(old) = old.filter(|old| !old.is_empty())
                && let Some(found) = raw[at..].find(old)
            {
                let start = span.start + at + found;
                self.draft.part_in_work().edits.push((start..start + old.len(), by.to_owned()));
            }
        }
    }
}

/// Each run of white space as one blank.
fn collapsed(text: &str) -> std::borrow::Cow<'_, str> {
    let odd = |c: char| c.is_ascii_whitespace() && c != ' ';
    if !text.contains(odd) && !text.contains("  ") {
        return text.into();
    }
    let words: Vec<_> = text.split_ascii_whitespace().collect();
    words.join(" ").into()
}
