//! The text of a page and where it stands.

use std::ops::Range;

use html5gum::emitters::default::{DefaultEmitter, EndTag, StartTag};
use html5gum::{Token, Tokenizer};

use super::names::{Role, is_void, role};
use crate::model::BlockKind;
use crate::read::draft::{ArticleDraft, InlineStart};
use crate::read::tag::is_script;

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
    start: InlineStart,
    /// Its first tag.
    tag: Range<usize>,
    /// Whether what stands in it is no language.
    is_atom: bool,
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
    /// The element whose content is skipped, how many of its name are open, and where it began if it stands among words.
    skipped: Option<(Vec<u8>, usize, Option<usize>)>,
    inline: Vec<OpenInline>,
    /// Where the last token ended.
    at: usize,
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
            at: 0,
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
                Token::StartTag(tag) => {
                    self.start(&tag);
                    self.at = tag.span.end;
                }
                Token::EndTag(tag) => {
                    self.end(&tag);
                    self.at = tag.span.end;
                }
                Token::String(text) => {
                    self.string(&text.value.0, text.span.start..text.span.end);
                    self.at = text.span.end;
                }
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
        if let Some((skipped, open, _)) = &mut self.skipped {
            if skipped == name && !tag.self_closing {
                *open += 1;
            }
            return;
        }
        let span = tag.span.start..tag.span.end;
        match role(name) {
            Role::Skipped => {
                let is_block = matches!(name, b"pre" | b"textarea" | b"xmp" | b"listing" | b"plaintext");
                if is_block {
                    self.boundary();
                } else if tag.self_closing {
                    self.atom("", span.clone());
                }
                let start = (!is_block).then_some(span.start);
                self.skipped = (!tag.self_closing).then(|| (name.to_vec(), 1, start));
            }
            Role::Block(_) if stays(tag) && !matches!(name, b"html" | b"body") => {
                self.open_block(name, Some(BlockKind::Verbatim));
            }
            Role::Block(kind) => self.open_block(name, kind),
            Role::Break => self.line_break(span),
            Role::Void => self.atom("", span),
            Role::Inline | Role::Code if tag.self_closing => self.atom("", span),
            role @ (Role::Inline | Role::Code) => {
                self.open_inline(name, role == Role::Code || stays(tag), span);
            }
        }
    }

    fn end(&mut self, tag: &EndTag<usize>) {
        let name: &[u8] = &tag.name.0;
        self.shape.tags += 1;
        self.depth = self.depth.saturating_sub(1);
        if let Some((skipped, open, start)) = &mut self.skipped {
            if skipped == name {
                *open -= 1;
                if *open == 0 {
                    let start = *start;
                    self.skipped = None;
                    if let Some(start) = start {
                        self.atom("", start..tag.span.end);
                    }
                }
            }
            return;
        }
        match role(name) {
            Role::Block(kind) => {
                self.boundary();
                if self.kinds.last().is_some_and(|(open, kind)| open == name && *kind == BlockKind::Verbatim)
                {
                    self.kinds.pop();
                } else if kind.is_some()
                    && let Some(at) = self.kinds.iter().rposition(|(open, _)| open == name)
                {
                    self.kinds.truncate(at);
                }
            }
            Role::Inline | Role::Code => self.close_inline(name, tag.span.start..tag.span.end),
            Role::Break => self.line_break(tag.span.start..tag.span.end),
            Role::Skipped | Role::Void => {}
        }
    }

    fn open_block(&mut self, name: &[u8], kind: Option<BlockKind>) {
        self.boundary();
        // Their end tags may be left out.
        let is_over = |(open, kind): &mut (Vec<u8>, BlockKind)| {
            *kind == BlockKind::Verbatim
                && (open == b"p" || open == name && matches!(name, b"li" | b"dt" | b"dd"))
        };
        self.kinds.pop_if(is_over);
        // In what stays as it is, all stays, and every end tag must find its own element.
        let stays = self.kinds.last().is_some_and(|(_, kind)| *kind == BlockKind::Verbatim);
        let Some(kind) = kind.filter(|_| !stays).or(stays.then_some(BlockKind::Verbatim)) else { return };
        let kind = match kind {
            BlockKind::Title if self.has_title => BlockKind::Heading,
            kind => kind,
        };
        self.has_title |= kind == BlockKind::Title;
        if self.kinds.len() < DEEPEST {
            self.kinds.push((name.to_vec(), kind));
        }
    }

    /// Ends the block. Inline elements that are open go on in the next one, but are whole in neither.
    fn boundary(&mut self) {
        let at = self.at;
        for open in &self.inline {
            if open.is_atom {
                self.draft.atom_since(open.start, open.tag.start..at);
            } else {
                self.draft.tag(open.start, open.tag.clone());
            }
        }
        self.draft.close();
        for open in self.inline.iter_mut().filter(|open| open.is_atom) {
            open.start = self.draft.here();
            open.tag = at..at;
        }
        self.in_block = false;
        self.glue = None;
        self.broke = false;
    }

    /// One line break is a line break; two are the end of a paragraph.
    fn line_break(&mut self, tag: Range<usize>) {
        if self.broke {
            return self.boundary();
        }
        if self.in_block {
            self.atom("\n", tag);
            self.broke = true;
        }
    }

    /// Something among the words that stays as it is.
    fn atom(&mut self, text: &str, place: Range<usize>) {
        self.draft.atom(text, place);
        self.glue = None;
    }

    fn open_inline(&mut self, name: &[u8], is_atom: bool, tag: Range<usize>) {
        if self.inline.len() >= DEEPEST {
            return self.draft.fixed_atom("", tag);
        }
        self.inline.push(OpenInline { name: name.to_vec(), start: self.draft.here(), tag, is_atom });
        self.glue = None;
    }

    fn close_inline(&mut self, name: &[u8], tag: Range<usize>) {
        self.glue = None;
        let Some(at) = self.inline.iter().rposition(|open| open.name == name) else {
            return self.draft.fixed_atom("", tag);
        };
        // Ends that cross each other: the inner ones are no elements but tags.
        for inner in self.inline.drain(at + 1..) {
            self.draft.tag(inner.start, inner.tag);
        }
        let Some(open) = self.inline.pop() else { return };
        let place = open.tag.start..tag.end;
        let is_script = matches!(name, b"sub" | b"sup")
            && is_script(self.draft.before(open.start), self.draft.since(open.start));
        if !self.draft.is_open(open.start) {
            self.draft.fixed_atom("", tag);
        } else if open.is_atom || is_script {
            self.draft.atom_since(open.start, place);
        } else {
            self.draft.range(open.start, place);
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
            self.draft.node(" ", place);
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
            self.draft.node(&text, place.clone());
        }
        self.glue = Some(place.end);
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

/// Whether an element says that it is not to be translated.
fn stays(tag: &StartTag<usize>) -> bool {
    let value =
        |name: &[u8]| tag.attributes.get(name).and_then(|value| std::str::from_utf8(&value.value.0).ok());
    value(b"translate").is_some_and(|value| value.trim().eq_ignore_ascii_case("no"))
        || value(b"class")
            .is_some_and(|classes| classes.split_ascii_whitespace().any(|class| class == "notranslate"))
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
