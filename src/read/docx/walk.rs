//! The walk through one part of a document.

use std::collections::HashMap;
use std::ops::Range;

use super::styles::Styles;
use crate::model::BlockKind;
use crate::read::draft::{ArticleDraft, InlineStart};
use crate::read::tag::is_script;
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

/// An element that is open, and where it began in the markup and in the text.
#[derive(Clone)]
struct OpenTag {
    name: String,
    at: usize,
    start: InlineStart,
}

/// Runs side by side that look the same.
struct RunLook {
    /// What they lie in: a link, an insertion; 0 is the paragraph.
    container: u32,
    properties: String,
    text: Range<usize>,
    place: Range<usize>,
}

/// What a run has beside text.
#[derive(Default)]
struct RunContent {
    /// Part of the code of a field.
    is_field_code: bool,
    /// The end of a field.
    ends_field: bool,
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
    /// The run that is open.
    run: Option<OpenTag>,
    content: RunContent,
    /// Elements with runs in them that are open, with their numbers.
    containers: Vec<(OpenTag, u32)>,
    next_container: u32,
    /// Elements without text that are open: pictures, formulas, deleted text.
    objects: Vec<OpenTag>,
    /// The fields that are open.
    fields: Vec<OpenTag>,
    /// The looks of the block that is being read.
    looks: Vec<RunLook>,
    open: Option<OpenText>,
    /// How many elements with moved or deleted text are open.
    hidden: usize,
    /// How many elements with properties of earlier versions are open.
    old: usize,
}

/// Elements of a paragraph that have runs in them.
const CONTAINERS: [&str; 9] =
    ["hyperlink", "ins", "moveTo", "smartTag", "sdt", "fldSimple", "customXml", "dir", "bdo"];

/// Elements among the words that are no words, with content.
const OBJECTS: [&str; 5] = ["drawing", "pict", "object", "del", "moveFrom"];

/// Elements among the words that are no words, without content.
const POINTS: [&str; 11] = [
    "footnoteReference",
    "endnoteReference",
    "footnoteRef",
    "endnoteRef",
    "sym",
    "commentReference",
    "commentRangeStart",
    "commentRangeEnd",
    "bookmarkStart",
    "bookmarkEnd",
    "annotationRef",
];

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
            run: None,
            content: RunContent::default(),
            containers: Vec::new(),
            next_container: 1,
            objects: Vec::new(),
            fields: Vec::new(),
            looks: Vec::new(),
            open: None,
            hidden: 0,
            old: 0,
        }
    }

    fn node(&mut self, node: &XmlNode<'_>, span: Range<usize>) {
        match node {
            XmlNode::Start(tag) if local(tag.name()) == "oMath" => {
                self.objects.push(self.element("oMath", span.start));
            }
            XmlNode::End(name) if local(name) == "oMath" => self.object("oMath", span.end),
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
                    self.end(name, span);
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

    fn element(&self, name: &str, at: usize) -> OpenTag {
        OpenTag { name: name.to_owned(), at, start: self.draft.here() }
    }

    /// What opens an element.
    fn start(&mut self, name: &str, tag: &Tag<'_>, span: Range<usize>) {
        match name {
            "p" => {
                self.paragraphs.push(OpenParagraph { kind: BlockKind::Paragraph, in_work: false });
                self.looks_done();
            }
            "pPr" => self.in_paragraph_properties = true,
            "r" => {
                self.properties.clear();
                self.content = RunContent::default();
                self.run = Some(self.element(name, span.start));
            }
            "rPr" if !self.in_paragraph_properties => self.in_run_properties = true,
            _ if OBJECTS.contains(&name) && !self.in_paragraph_properties && !self.in_run_properties => {
                self.objects.push(self.element(name, span.start));
                self.hidden += usize::from(is_hidden(name));
            }
            _ if CONTAINERS.contains(&name) && !self.in_paragraph_properties && !self.in_run_properties => {
                self.containers.push((self.element(name, span.start), self.next_container));
                self.next_container += 1;
            }
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
            "tab" | "ptab" => self.atom("\t", span),
            "br" | "cr" => self.atom("\n", span),
            "noBreakHyphen" => self.atom("\u{2011}", span),
            "instrText" => self.content.is_field_code = true,
            "fldChar" => {
                self.content.is_field_code = true;
                match tag.attribute("fldCharType").as_deref() {
                    Some("begin") => self.fields.extend(self.run.clone()),
                    Some("end") => self.content.ends_field = true,
                    _ => {}
                }
            }
            _ if POINTS.contains(&name) => self.atom("", span),
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

    fn end(&mut self, name: &str, span: Range<usize>) {
        match name {
            "p" => {
                self.looks_done();
                self.draft.close();
                self.paragraphs.pop();
                if let Some(outer) = self.paragraphs.last_mut() {
                    outer.in_work = false;
                }
            }
            "pPr" => self.in_paragraph_properties = false,
            "rPr" => self.in_run_properties = false,
            "r" => self.run_done(span.end),
            _ if is_change(name) => self.old = self.old.saturating_sub(1),
            "t" => self.text(span.start),
            _ if OBJECTS.contains(&name) => self.object(name, span.end),
            _ if CONTAINERS.contains(&name) => {
                if let Some((container, _)) = self.containers.pop_if(|(open, _)| open.name == name) {
                    self.draft.range(container.start, container.at..span.end);
                }
            }
            _ => {}
        }
    }

    /// Something among the words that stays as it is and where it is in its run.
    fn atom(&mut self, text: &str, place: Range<usize>) {
        if self.hidden == 0 && self.objects.is_empty() && self.in_work() {
            self.draft.fixed_atom(text, place);
        }
    }

    /// Whether words of the innermost paragraph were read into the block that is open.
    fn in_work(&self) -> bool {
        self.paragraphs.last().is_some_and(|paragraph| paragraph.in_work)
    }

    /// The end of an element without text.
    fn object(&mut self, name: &str, end: usize) {
        let Some(object) = self.objects.pop_if(|open| open.name == name) else { return };
        if is_hidden(name) {
            self.hidden = self.hidden.saturating_sub(1);
        }
        // One with paragraphs in it began in another block.
        if self.hidden == 0 && self.in_work() && self.draft.is_open(object.start) {
            if self.run.is_some() {
                self.draft.fixed_atom("", object.at..end);
            } else {
                self.draft.atom("", object.at..end);
            }
        }
    }

    /// The end of a run.
    fn run_done(&mut self, end: usize) {
        let Some(run) = self.run.take() else { return };
        let content = std::mem::take(&mut self.content);
        if content.ends_field
            && let Some(field) = self.fields.pop()
        {
            let place = field.at..end;
            if self.draft.since(field.start).contains(char::is_alphabetic) {
                self.draft.range(field.start, place);
            } else if self.in_work() {
                self.draft.atom_since(field.start, place);
            }
        }
        if self.hidden > 0 || content.is_field_code || !self.in_work() || !self.draft.is_open(run.start) {
            return;
        }
        let is_raised = self.properties.contains("vertAlign") && !self.properties.contains("\"baseline\"");
        if !self.draft.has_words(run.start)
            || is_raised && is_script(self.draft.before(run.start), self.draft.since(run.start))
        {
            return self.draft.atom_since(run.start, run.at..end);
        }
        let container = self.containers.last().map_or(0, |(_, number)| *number);
        let text = self.draft.len() - self.draft.since(run.start).len()..self.draft.len();
        let properties = std::mem::take(&mut self.properties);
        match self.looks.last_mut() {
            Some(last)
                if last.container == container
                    && last.text.end == text.start
                    && last.properties == properties =>
            {
                last.text.end = text.end;
                last.place.end = end;
            }
            _ => self.looks.push(RunLook { container, properties, text, place: run.at..end }),
        }
    }

    /// The end of a block: what looks different from most of what it stands in is a range.
    fn looks_done(&mut self) {
        let looks = std::mem::take(&mut self.looks);
        if !self.in_work() {
            return;
        }
        let mut sums: HashMap<(u32, &str), usize> = HashMap::new();
        for look in &looks {
            *sums.entry((look.container, &look.properties)).or_default() += look.text.len();
        }
        let mut main: HashMap<u32, (usize, &str)> = HashMap::new();
        for ((container, properties), sum) in sums {
            let known = main.entry(container).or_insert((sum, properties));
            // Of two that are equally common, the plainer one.
            if (sum, known.1.len(), known.1) > (known.0, properties.len(), properties) {
                *known = (sum, properties);
            }
        }
        for look in &looks {
            if main.get(&look.container).is_some_and(|(_, main)| *main != look.properties) {
                self.draft.range_over(look.text.clone(), look.place.clone());
            }
        }
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
        self.draft.node(&open.text, open.start..end);
    }
}

/// Whether what stands in an element is no longer text of the document.
fn is_hidden(name: &str) -> bool {
    matches!(name, "del" | "moveFrom")
}
