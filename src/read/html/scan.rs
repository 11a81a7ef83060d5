//! The text of a page and where it stands.

use std::ops::Range;

use html5gum::emitters::default::{DefaultEmitter, EndTag, StartTag};
use html5gum::{Token, Tokenizer};

use super::attributes::{Attribute, attributes};
use super::charset::CharsetEdits;
use super::marks::marks;
use super::names::{Role, is_void, role};
use super::translatable::texts;
use super::tree::{ElementTree, PageElement};
use crate::model::{BlockKind, Notation};
use crate::read::draft::{ArticleDraft, InlineStart, TextBeside};
use crate::read::tag::is_script;
use crate::text::one_line;

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

/// A block of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PageBlock {
    /// The element it stands in, by its index in the tree.
    pub(super) element: usize,
    /// Bytes of its text that are in links.
    pub(super) linked: usize,
}

/// An attribute that is text, or the window title.
pub(super) struct PageText {
    pub(super) text: TextBeside,
    /// The element it stands in, by its index in the tree.
    pub(super) element: usize,
    /// The block it stands in, or the next one.
    pub(super) block: usize,
    /// Whether what that block is, is what the text is, too: it stands in it, or in a link.
    pub(super) follows_block: bool,
    /// Whether it is about the page as a whole.
    pub(super) is_of_page: bool,
}

/// What a walk through a page finds.
pub(super) struct ScannedPage {
    pub(super) draft: ArticleDraft,
    pub(super) size: PageSize,
    /// One for each block of the draft.
    pub(super) blocks: Vec<PageBlock>,
    pub(super) elements: Vec<PageElement>,
    /// In the order of the page.
    pub(super) texts: Vec<PageText>,
}

impl ScannedPage {
    /// The draft with all that was found.
    pub(super) fn into_draft(mut self) -> ArticleDraft {
        for text in self.texts {
            self.draft.beside(text.text);
        }
        self.draft
    }
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
pub(super) struct PageScan<'a> {
    markup: &'a str,
    charset: CharsetEdits,
    draft: ArticleDraft,
    shape: PageSize,
    depth: usize,
    /// Bytes of the text since the last tag, and the characters in it that are written as entities.
    run: (usize, usize),
    tree: ElementTree,
    /// One for each block of the draft.
    blocks: Vec<PageBlock>,
    /// What is known of the block that is being read.
    block: PageBlock,
    in_block: bool,
    /// The element whose content is skipped, how many of its name are open, and where it began if it stands among words.
    skipped: Option<(Vec<u8>, usize, Option<usize>)>,
    inline: Vec<OpenInline>,
    texts: Vec<PageText>,
    /// The window title that is open: where its text begins, and what was read of it.
    title: Option<(usize, String)>,
    /// Where the last token ended.
    at: usize,
    /// Where the last node ended, if text right there belongs to it.
    glue: Option<usize>,
    /// Whether the last thing was a line break.
    broke: bool,
}

impl<'a> PageScan<'a> {
    pub(super) fn new(markup: &'a str) -> Self {
        let mut draft = ArticleDraft::default();
        draft.part("");
        Self {
            markup,
            charset: CharsetEdits::default(),
            draft,
            shape: PageSize::default(),
            depth: 0,
            run: (0, 0),
            tree: ElementTree::new(),
            blocks: Vec::new(),
            block: PageBlock::default(),
            in_block: false,
            skipped: None,
            inline: Vec::new(),
            texts: Vec::new(),
            title: None,
            at: 0,
            glue: None,
            broke: false,
        }
    }

    /// Walks through the page.
    pub(super) fn run(mut self) -> ScannedPage {
        let declaration = self.charset.declaration(self.markup);
        self.draft.part_in_work().edits.extend(declaration);
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
        let edits = &mut self.draft.part_in_work().edits;
        edits.extend(self.charset.missing());
        edits.sort_by_key(|(place, _)| place.start);
        ScannedPage {
            draft: self.draft,
            size: self.shape,
            blocks: self.blocks,
            elements: self.tree.into_elements(),
            texts: self.texts,
        }
    }

    fn start(&mut self, tag: &StartTag<usize>) {
        let name: &[u8] = &tag.name.0;
        self.shape.tags += 1;
        self.shape.attributes = self.shape.attributes.max(tag.attributes.len());
        if !is_void(name) && !tag.self_closing {
            self.depth += 1;
            self.shape.depth = self.shape.depth.max(self.depth);
        }
        let attributes = attributes(self.markup, tag.span.start..tag.span.end);
        if let Some((skipped, open, _)) = &mut self.skipped {
            if skipped == name && !tag.self_closing {
                *open += 1;
            }
            // Their parts have labels, though their text is not read.
            if matches!(skipped.as_slice(), b"select" | b"video" | b"audio" | b"object") {
                self.attribute_texts(tag, &attributes);
            }
            return;
        }
        let role = role(name);
        if matches!(role, Role::Block(_)) {
            self.boundary();
        }
        if !is_void(name) && !tag.self_closing && role != Role::Skipped {
            self.tree.open(name, &attributes);
        }
        self.edit(name, tag.span.end, &attributes);
        self.attribute_texts(tag, &attributes);
        let span = tag.span.start..tag.span.end;
        match role {
            Role::Skipped => {
                let is_block = matches!(name, b"pre" | b"textarea" | b"xmp" | b"listing" | b"plaintext");
                if is_block {
                    self.boundary();
                } else if tag.self_closing {
                    self.atom("", span.clone());
                }
                let start = (!is_block).then_some(span.start);
                if name == b"title" && !tag.self_closing && !self.tree.here().is_fixed {
                    self.title = Some((span.end, String::new()));
                }
                self.skipped = (!tag.self_closing).then(|| (name.to_vec(), 1, start));
            }
            Role::Block(_) => {}
            Role::Break => self.line_break(span),
            Role::Void => self.atom("", span),
            Role::Inline | Role::Code if tag.self_closing => self.atom("", span),
            Role::Inline | Role::Code => {
                self.open_inline(name, role == Role::Code || self.tree.here().is_fixed, span);
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
                    if let Some((begin, text)) = self.title.take() {
                        let raw = self.markup.get(begin..tag.span.start).unwrap_or_default();
                        let lead = raw.len() - raw.trim_ascii_start().len();
                        let place = begin + lead..begin + raw.trim_ascii_end().len().max(lead);
                        self.text_beside(&text, place, true, None);
                    }
                    if let Some(start) = start {
                        self.atom("", start..tag.span.end);
                    }
                }
            }
            return;
        }
        self.tree.close(name);
        match role(name) {
            Role::Block(_) => self.boundary(),
            Role::Inline | Role::Code => self.close_inline(name, tag.span.start..tag.span.end),
            Role::Break => self.line_break(tag.span.start..tag.span.end),
            Role::Skipped | Role::Void => {}
        }
    }

    /// Ends the block. Inline elements that are open go on in the next one, but are whole in neither.
    fn boundary(&mut self) {
        let at = self.at;
        // The inner ones first: an outer atom takes them in.
        for open in self.inline.iter().rev() {
            if open.is_atom {
                self.draft.atom_since(open.start, open.tag.start..at);
            } else {
                self.draft.tag(open.start, open.tag.clone());
            }
        }
        if self.draft.close() {
            self.blocks.push(self.block);
        }
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
            if let (Some((_, title)), Ok(text)) = (&mut self.title, std::str::from_utf8(value)) {
                title.push_str(text);
            }
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
        let here = self.tree.here();
        if !self.in_block {
            self.in_block = true;
            self.block = PageBlock { element: here.element, linked: 0 };
            self.draft.block(here.kind.unwrap_or(BlockKind::Paragraph));
        }
        if here.is_link {
            self.block.linked += text.len();
        }
        self.broke = false;
        let text = collapsed(text);
        if here.is_fixed && !self.inline.iter().any(|open| open.is_atom) {
            return self.atom(&text, place);
        }
        if self.glue == Some(place.start) {
            self.draft.extend(&text, place.end);
        } else {
            self.draft.node(&text, place.clone());
        }
        self.glue = Some(place.end);
    }

    /// The attributes of a tag that are text, unless it is to stay as it is or stands in what is no language.
    fn attribute_texts(&mut self, tag: &StartTag<usize>, attributes: &[Attribute<'_>]) {
        let name: &[u8] = &tag.name.0;
        let Ok(element) = std::str::from_utf8(name) else { return };
        let mut texts = texts(element, attributes).peekable();
        let is_fixed = |scan: &Self| {
            let own = marks(name, attributes).1;
            own.unwrap_or(scan.tree.here().is_fixed) || scan.inline.iter().any(|open| open.is_atom)
        };
        if texts.peek().is_none() || is_fixed(self) {
            return;
        }
        let mut seen: Vec<&str> = Vec::new();
        for attribute in texts {
            // Of two with the same name the first one counts.
            if seen.iter().any(|seen| seen.eq_ignore_ascii_case(attribute.name)) {
                continue;
            }
            seen.push(attribute.name);
            let value = tag.attributes.get(attribute.name.to_ascii_lowercase().as_bytes());
            if let Some(Ok(text)) = value.map(|value| std::str::from_utf8(value)) {
                self.text_beside(text, attribute.place.clone(), name == b"meta", Some(Notation::Attribute));
            }
        }
    }

    /// Text that is no part of the running text.
    fn text_beside(&mut self, text: &str, place: Range<usize>, is_of_page: bool, notation: Option<Notation>) {
        let text = one_line(text);
        if !is_language(&text) {
            return;
        }
        let here = self.tree.here();
        self.texts.push(PageText {
            text: TextBeside { kind: BlockKind::Attribute, reason: None, text, place, notation },
            element: here.element,
            block: self.blocks.len(),
            follows_block: self.in_block || here.is_link,
            is_of_page,
        });
    }

    /// The names of the language and of the encoding change with the text.
    fn edit(&mut self, name: &[u8], end: usize, attributes: &[Attribute<'_>]) {
        let charset = self.charset.tag(name, end, attributes);
        let is_fixed = self.tree.here().is_fixed;
        let languages = attributes.iter().filter(|attribute| {
            let is_language = match name {
                b"meta" => attribute.is("content") && names_language(attributes),
                _ => attribute.is("lang") || attribute.is("xml:lang"),
            };
            is_language && is_german(attribute.raw) && !is_fixed
        });
        let languages = languages.map(|attribute| (attribute.place.clone(), "en".to_owned()));
        let edits = &mut self.draft.part_in_work().edits;
        edits.extend(charset.into_iter().chain(languages));
    }
}

/// Whether these are the attributes of a `meta` that says in which language the page is.
fn names_language(attributes: &[Attribute<'_>]) -> bool {
    const NAMES: [&str; 4] = ["content-language", "language", "dc.language", "dcterms.language"];
    let says = |attribute: &Attribute<'_>| NAMES.iter().any(|name| attribute.raw.eq_ignore_ascii_case(name));
    attributes.iter().any(|attribute| (attribute.is("name") || attribute.is("http-equiv")) && says(attribute))
}

/// Whether the tag of a language, such as `de-AT`, is one of German.
fn is_german(tag: &str) -> bool {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    primary.trim().eq_ignore_ascii_case("de")
}

/// Whether an attribute is more than a number, an address, the name of a file or a piece of a program.
fn is_language(text: &str) -> bool {
    let is_name = || {
        let inner = text.trim_end_matches(|c: char| !c.is_alphanumeric());
        inner.contains(['.', '/', '_', '@', '{', '=']) && !text.contains(char::is_whitespace)
    };
    text.contains(char::is_alphabetic) && !is_name()
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
