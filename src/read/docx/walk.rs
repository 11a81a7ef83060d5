//! The walk through one part of a document.

use std::collections::HashMap;
use std::ops::Range;

use super::styles::Styles;
use crate::model::BlockKind;
use crate::read::draft::{ArticleDraft, MarkupText};
use crate::read::xml::{MarkupError, Tag, XmlNode, local, walk};

/// The language of the English document: Word has no English without a country, and proofs in that of most of its users.
const ENGLISH: &str = "en-US";

/// Properties of a run that do not show.
const INVISIBLE: [&str; 4] = ["lang", "noProof", "rPr", "webHidden"];

/// Reads the text of a part.
pub(super) fn text(markup: &str, styles: &Styles, draft: &mut ArticleDraft) -> Result<(), MarkupError> {
    let mut part = PartWalk::new(markup, styles, draft);
    walk(markup, |node, span| part.node(&node, span))
}

/// Where a part names its language, and what is to stand there.
pub(super) fn languages(markup: &str) -> Result<Vec<(Range<usize>, String)>, MarkupError> {
    let mut edits = Vec::new();
    let mut in_language = false;
    walk(markup, |node, span| match node {
        XmlNode::Start(tag) | XmlNode::Empty(tag) if is_language(&tag) => {
            in_language = tag.name() == "dc:language";
            edits.extend(language(markup, &tag, &span));
        }
        XmlNode::Text(text) if in_language && is_german(&text) => edits.push((span, ENGLISH.to_owned())),
        XmlNode::End(_) => in_language = false,
        _ => {}
    })?;
    Ok(edits)
}

/// Whether an element holds what properties were before a change that is tracked.
fn is_change(name: &str) -> bool {
    name.ends_with("PrChange")
}

fn is_language(tag: &Tag<'_>) -> bool {
    matches!(local(tag.name()), "lang" | "themeFontLang" | "language")
}

/// Whether a tag of a language is that of German.
fn is_german(language: &str) -> bool {
    language.trim().get(..2).is_some_and(|start| start.eq_ignore_ascii_case("de"))
}

/// The edit that makes a tag name English, if it names German.
fn language(markup: &str, tag: &Tag<'_>, span: &Range<usize>) -> Option<(Range<usize>, String)> {
    let value = tag.attribute("val").filter(|value| is_german(value))?;
    let markup = &markup[span.clone()];
    let at = markup.find(":val=").or_else(|| markup.find(" val="))? + ":val=".len() + 1;
    let end = at + value.len();
    (markup.get(at..end) == Some(value.as_str()))
        .then(|| (span.start + at..span.start + end, ENGLISH.to_owned()))
}

/// A paragraph that is open.
struct OpenParagraph {
    kind: BlockKind,
    /// Whether its block is the one that is open in the draft.
    in_work: bool,
}

/// The text of an element that is being read.
struct OpenText {
    text: String,
    /// Where the content begins.
    start: usize,
    /// Whether white space at its ends counts already.
    preserved: bool,
}

struct PartWalk<'a> {
    markup: &'a str,
    styles: &'a Styles,
    draft: &'a mut ArticleDraft,
    /// The prefix of the names, which that of the first element is.
    prefix: Option<String>,
    paragraphs: Vec<OpenParagraph>,
    in_paragraph_properties: bool,
    in_run_properties: bool,
    properties: String,
    /// Counts what words do not move across: links, line breaks, notes, pictures.
    barriers: u32,
    looks: HashMap<(String, u32), u32>,
    open: Option<OpenText>,
    /// How many elements with moved or deleted text are open.
    hidden: usize,
    /// How many elements with properties of earlier versions are open.
    old: usize,
}

impl<'a> PartWalk<'a> {
    fn new(markup: &'a str, styles: &'a Styles, draft: &'a mut ArticleDraft) -> Self {
        Self {
            markup,
            styles,
            draft,
            prefix: None,
            paragraphs: Vec::new(),
            in_paragraph_properties: false,
            in_run_properties: false,
            properties: String::new(),
            barriers: 0,
            looks: HashMap::new(),
            open: None,
            hidden: 0,
            old: 0,
        }
    }

    fn node(&mut self, node: &XmlNode<'_>, span: Range<usize>) {
        match node {
            XmlNode::Start(tag) => {
                if let Some(name) = self.own(tag.name()) {
                    self.start(name, tag, span.clone());
                    self.tag(name, tag, span);
                }
            }
            XmlNode::Empty(tag) => {
                if let Some(name) = self.own(tag.name()) {
                    self.tag(name, tag, span);
                }
            }
            XmlNode::End(name) => {
                if let Some(name) = self.own(name) {
                    self.end(name, span.start);
                }
            }
            XmlNode::Text(text) => {
                if let Some(open) = &mut self.open {
                    open.text.push_str(text);
                }
            }
        }
    }

    /// The name without its prefix, if it is one of the document's own.
    fn own<'n>(&mut self, name: &'n str) -> Option<&'n str> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let own = self.prefix.get_or_insert_with(|| prefix.to_owned());
        (own == prefix && (self.old == 0 || is_change(local))).then_some(local)
    }

    /// What opens an element.
    fn start(&mut self, name: &str, tag: &Tag<'_>, span: Range<usize>) {
        match name {
            "p" => {
                self.paragraphs.push(OpenParagraph { kind: BlockKind::Paragraph, in_work: false });
                self.barriers = 0;
                self.looks.clear();
            }
            "pPr" => self.in_paragraph_properties = true,
            "r" => self.properties.clear(),
            "rPr" if !self.in_paragraph_properties => self.in_run_properties = true,
            "del" | "moveFrom" => self.hidden += 1,
            "hyperlink" => self.barriers += 1,
            _ if is_change(name) => self.old += 1,
            "t" => {
                let preserved = tag.attribute("space").is_some_and(|value| value == "preserve");
                self.open = Some(OpenText { text: String::new(), start: span.end, preserved });
            }
            _ => {}
        }
    }

    /// What any tag means, with content or without.
    fn tag(&mut self, name: &str, tag: &Tag<'_>, span: Range<usize>) {
        if name == "lang" {
            let edit = language(self.markup, tag, &span);
            self.draft.part_in_work().edits.extend(edit);
        }
        if self.in_paragraph_properties {
            return self.paragraph_property(name, tag);
        }
        if self.in_run_properties {
            if !INVISIBLE.contains(&name) {
                self.properties.push_str(&self.markup[span]);
            }
            return;
        }
        match name {
            "tab" | "ptab" => self.barrier("\t"),
            "br" | "cr" => self.barrier("\n"),
            "noBreakHyphen" => self.barrier("\u{2011}"),
            "footnoteReference" | "endnoteReference" | "drawing" | "pict" | "object" | "sym" | "fldChar" => {
                self.barrier("");
            }
            _ => {}
        }
    }

    fn paragraph_property(&mut self, name: &str, tag: &Tag<'_>) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        let value = tag.attribute("val");
        let is_plain = paragraph.kind == BlockKind::Paragraph;
        match name {
            "pStyle" => paragraph.kind = self.styles.kind(&value.unwrap_or_default()),
            "numPr" if is_plain => paragraph.kind = BlockKind::ListItem,
            // The tenth level is that of running text.
            "outlineLvl" if is_plain && value.is_some_and(|level| level != "9") => {
                paragraph.kind = BlockKind::Heading;
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str, start: usize) {
        match name {
            "p" => {
                self.draft.close();
                self.paragraphs.pop();
                if let Some(outer) = self.paragraphs.last_mut() {
                    outer.in_work = false;
                }
            }
            "pPr" => self.in_paragraph_properties = false,
            "rPr" => self.in_run_properties = false,
            "del" | "moveFrom" => self.hidden = self.hidden.saturating_sub(1),
            "hyperlink" => self.barriers += 1,
            _ if is_change(name) => self.old = self.old.saturating_sub(1),
            "t" => self.text(start),
            _ => {}
        }
    }

    /// White space that is an element, or something else that words do not move across.
    fn barrier(&mut self, space: &str) {
        if self.hidden == 0 && self.paragraphs.last().is_some_and(|paragraph| paragraph.in_work) {
            self.draft.space(space);
        }
        self.barriers += 1;
    }

    /// The text of a run.
    fn text(&mut self, end: usize) {
        let Some(open) = self.open.take() else { return };
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        if self.hidden > 0 || open.text.is_empty() {
            return;
        }
        if !paragraph.in_work {
            self.draft.block(paragraph.kind);
            paragraph.in_work = true;
        }
        if !open.preserved {
            let edit = (open.start - 1..open.start - 1, " xml:space=\"preserve\"".to_owned());
            self.draft.part_in_work().edits.push(edit);
        }
        let next = u32::try_from(self.looks.len()).unwrap_or(u32::MAX);
        let style = *self.looks.entry((self.properties.clone(), self.barriers)).or_insert(next);
        self.draft.node(&open.text, MarkupText { place: open.start..end, style, is_fixed: false });
    }
}
