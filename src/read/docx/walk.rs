//! The walk through one part of a document.

use std::collections::HashMap;
use std::ops::Range;

use super::elements::{ElementRole, is_address, is_change, is_language, is_note, role};
use super::language::language;
use super::run_look::RunLook;
use super::styles::Styles;
use crate::model::BlockKind;
use crate::read::draft::{ArticleDraft, InlineStart};
use crate::read::tag::is_script;
use crate::read::xml::{MarkupError, Tag, XmlNode, local, walk};

/// Properties of a run that do not show.
const INVISIBLE: [&str; 4] = ["lang", "noProof", "rPr", "webHidden"];

/// Reads the text of a part.
pub(super) fn text(markup: &str, styles: &Styles, draft: &mut ArticleDraft) -> Result<(), MarkupError> {
    let mut part = PartWalk::new(markup, styles, draft);
    walk(markup, |node, span| part.node(&node, span))?;
    part.fault.map_or(Ok(()), Err)
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

/// An element with runs in it that is open.
struct OpenContainer {
    tag: OpenTag,
    number: u32,
    /// Of a field, its code.
    code: Option<String>,
}

/// Runs side by side that look the same.
struct SameLook {
    /// What they lie in: a link, an insertion; 0 is the paragraph.
    container: u32,
    properties: String,
    text: Range<usize>,
    place: Range<usize>,
}

/// A run that is open.
struct OpenRun {
    at: usize,
    start: InlineStart,
    look: RunLook,
    /// Whether something stands in it beside its properties.
    is_begun: bool,
    /// Whether it has a part of a field in it: its beginning, its code, its end.
    has_field: bool,
    has_note: bool,
}

/// A field that is open, of three marks in runs.
struct OpenField {
    /// Where its first mark stands.
    at: usize,
    start: InlineStart,
    /// Where the run begins that this mark is in.
    run: usize,
    /// Whether the run begins with it.
    opens_run: bool,
    code: String,
    /// Whether what stands in it is code as yet.
    in_code: bool,
}

/// A text box that is passed over, to be read behind its paragraph.
struct SkippedBox {
    start: usize,
    /// How many elements in it are open.
    depth: usize,
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
    run: Option<OpenRun>,
    /// Elements with runs in them that are open.
    containers: Vec<OpenContainer>,
    next_container: u32,
    /// Elements without text that are open: pictures, formulas, deleted text, alternatives.
    objects: Vec<OpenTag>,
    /// The fields that are open.
    fields: Vec<OpenField>,
    /// The looks of the block that is being read.
    looks: Vec<SameLook>,
    open: Option<OpenText>,
    /// How many elements are open whose text does not count: deleted text, the reading of a ruby.
    hidden: usize,
    /// How many rubies are open: their runs lie in another one.
    rubies: usize,
    /// How many elements with properties of earlier versions are open.
    old: usize,
    skipped: Option<SkippedBox>,
    /// The text boxes of the paragraph that is open.
    boxes: Vec<Range<usize>>,
    in_box: bool,
    fault: Option<MarkupError>,
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
            run: None,
            containers: Vec::new(),
            next_container: 1,
            objects: Vec::new(),
            fields: Vec::new(),
            looks: Vec::new(),
            open: None,
            hidden: 0,
            rubies: 0,
            old: 0,
            skipped: None,
            boxes: Vec::new(),
            in_box: false,
            fault: None,
        }
    }

    fn node(&mut self, node: &XmlNode<'_>, span: Range<usize>) {
        if self.skips(node, &span) {
            return;
        }
        match node {
            XmlNode::Start(tag) => {
                if is_foreign_object(tag.name()) {
                    self.foreign(local(tag.name()), span.start);
                } else if let Some(name) = self.own(tag.name()) {
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
                if is_foreign_object(name) {
                    self.foreign_end(local(name), span.end);
                } else if let Some(name) = self.own(name) {
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

    /// Whether something stands in a text box of the paragraph that is open, so that it is read behind that one: a box
    /// may hang between any two words.
    fn skips(&mut self, node: &XmlNode<'_>, span: &Range<usize>) -> bool {
        match (&mut self.skipped, node) {
            (None, XmlNode::Start(tag))
                if local(tag.name()) == "txbxContent" && !self.paragraphs.is_empty() && !self.in_box =>
            {
                self.skipped = Some(SkippedBox { start: span.start, depth: 1 });
            }
            (None, _) => return false,
            (Some(skipped), XmlNode::Start(_)) => skipped.depth += 1,
            (Some(skipped), XmlNode::End(_)) => {
                skipped.depth -= 1;
                if skipped.depth == 0 {
                    self.boxes.push(skipped.start..span.end);
                    self.skipped = None;
                }
            }
            _ => {}
        }
        true
    }

    /// Reads the text boxes of a paragraph. In them are no others that Word would show; should there be, they are read
    /// where they stand.
    fn read_boxes(&mut self) {
        self.in_box = true;
        let markup = self.markup;
        for place in std::mem::take(&mut self.boxes) {
            let start = place.start;
            let read =
                walk(&markup[place], |node, span| self.node(&node, start + span.start..start + span.end));
            self.fault = self.fault.take().or(read.err());
        }
        self.in_box = false;
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

    /// The beginning of an element of another standard that is no word of the paragraph.
    fn foreign(&mut self, name: &str, at: usize) {
        if self.in_properties() {
            return;
        }
        if name == "Choice" {
            self.hidden += usize::from(self.in_alternatives());
        } else if !self.paragraphs.is_empty() {
            self.begins(name);
            self.objects.push(self.element(name, at));
        }
    }

    fn foreign_end(&mut self, name: &str, end: usize) {
        if self.in_properties() {
            return;
        }
        if name == "Choice" {
            self.hidden -= usize::from(self.in_alternatives() && self.hidden > 0);
        } else {
            self.object(name, end);
        }
    }

    /// Whether the innermost object is a choice between two of the same: what reads the new one shows that, all others the
    /// old one. Its text is that of the old one; neither changes, unless it is a text box.
    fn in_alternatives(&self) -> bool {
        self.objects.last().is_some_and(|object| object.name == "AlternateContent")
    }

    fn in_properties(&self) -> bool {
        self.in_paragraph_properties || self.in_run_properties
    }

    /// What opens an element.
    fn start(&mut self, name: &str, tag: &Tag<'_>, span: Range<usize>) {
        match name {
            "p" => {
                self.paragraphs.push(OpenParagraph { kind: BlockKind::Paragraph, in_work: false });
                self.looks_done();
            }
            "pPr" => self.in_paragraph_properties = true,
            "ruby" => {
                self.rubies += 1;
                self.objects.push(self.element(name, span.start));
            }
            "rt" if self.rubies > 0 => self.hidden += 1,
            "r" | "rPr" if self.rubies > 0 => {}
            "r" => {
                self.properties.clear();
                self.run = Some(OpenRun {
                    at: span.start,
                    start: self.draft.here(),
                    look: RunLook::default(),
                    is_begun: false,
                    has_field: false,
                    has_note: false,
                });
            }
            "rPr" if !self.in_paragraph_properties => self.in_run_properties = true,
            _ if is_change(name) => self.old += 1,
            "t" | "instrText" => {
                let preserved = tag.attribute("space").is_some_and(|value| value == "preserve");
                self.open = Some(OpenText { text: String::new(), start: span.end, preserved });
            }
            _ if self.in_properties() => {}
            _ => match role(name) {
                Some(role @ (ElementRole::Object | ElementRole::Hidden)) => {
                    self.objects.push(self.element(name, span.start));
                    self.hidden += usize::from(role == ElementRole::Hidden);
                }
                Some(ElementRole::Container) => {
                    self.containers.push(OpenContainer {
                        tag: self.element(name, span.start),
                        number: self.next_container,
                        code: (name == "fldSimple").then(|| tag.attribute("instr").unwrap_or_default()),
                    });
                    self.next_container += 1;
                }
                _ => {}
            },
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
            return self.run_property(name, tag, span);
        }
        if name == "fldChar" {
            self.field(tag, span);
        } else if let Some(ElementRole::Reads(text)) = role(name) {
            self.atom(text, span);
        }
        self.begins(name);
    }

    /// Notes that a run has an element.
    fn begins(&mut self, name: &str) {
        if let Some(run) = &mut self.run {
            run.is_begun |= !matches!(name, "r" | "rPr");
            run.has_field |= matches!(name, "fldChar" | "instrText");
            run.has_note |= is_note(name);
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

    fn run_property(&mut self, name: &str, tag: &Tag<'_>, span: Range<usize>) {
        if !INVISIBLE.contains(&name) {
            self.properties.push_str(&self.markup[span]);
        }
        let Some(run) = &mut self.run else { return };
        if name == "rStyle" {
            run.look = run.look.over(self.styles.look(&tag.attribute("val").unwrap_or_default()));
        } else {
            let mut own = RunLook::default();
            own.property(name, tag);
            run.look = own.over(run.look);
        }
    }

    fn end(&mut self, name: &str, span: Range<usize>) {
        match name {
            "p" => self.paragraph_done(),
            "pPr" => self.in_paragraph_properties = false,
            "rt" if self.rubies > 0 => self.hidden = self.hidden.saturating_sub(1),
            "r" | "rPr" if self.rubies > 0 => {}
            "rPr" => self.in_run_properties = false,
            "r" => self.run_done(span.end),
            "ruby" => {
                self.rubies = self.rubies.saturating_sub(1);
                self.object(name, span.end);
            }
            _ if is_change(name) => self.old = self.old.saturating_sub(1),
            "t" => self.text(span.start),
            "instrText" => {
                let code = self.open.take().unwrap_or_else(|| OpenText::empty(span.start));
                if let Some(field) = self.fields.last_mut() {
                    field.code.push_str(&code.text);
                }
            }
            _ => match role(name) {
                Some(ElementRole::Object | ElementRole::Hidden) => self.object(name, span.end),
                Some(ElementRole::Container) => self.container(name, span.end),
                _ => {}
            },
        }
    }

    fn paragraph_done(&mut self) {
        self.looks_done();
        self.draft.close();
        self.paragraphs.pop();
        if let Some(outer) = self.paragraphs.last_mut() {
            outer.in_work = false;
            return;
        }
        // Code of fields ends with its paragraph; were its end lost, all text behind it would be.
        for field in &mut self.fields {
            field.in_code = false;
        }
        if !self.in_box {
            self.read_boxes();
        }
    }

    /// Something among the words that stays as it is and where it is in its run.
    fn atom(&mut self, text: &str, place: Range<usize>) {
        if !self.is_hidden() && self.objects.is_empty() && self.in_work() {
            self.draft.fixed_atom(text, place);
        }
    }

    /// Whether words of the innermost paragraph were read into the block that is open.
    fn in_work(&self) -> bool {
        self.paragraphs.last().is_some_and(|paragraph| paragraph.in_work)
    }

    /// Whether text that stands here does not count.
    fn is_hidden(&self) -> bool {
        self.hidden > 0
            || self.run.as_ref().is_some_and(|run| run.look.is_hidden())
            || self.fields.iter().any(|field| field.in_code)
    }

    /// The end of an element that stays as it is.
    fn object(&mut self, name: &str, end: usize) {
        let Some(object) = self.objects.pop_if(|open| open.name == name) else { return };
        if role(name) == Some(ElementRole::Hidden) {
            self.hidden = self.hidden.saturating_sub(1);
        }
        // One with paragraphs in it began in another block.
        if self.hidden == 0 && self.in_work() && self.draft.is_open(object.start) {
            self.draft.atom_since(object.start, object.at..end);
            if self.run.is_some() {
                self.draft.fix_last();
            }
        }
    }

    /// The end of an element with runs in it.
    fn container(&mut self, name: &str, end: usize) {
        let Some(container) = self.containers.pop_if(|open| open.tag.name == name) else { return };
        let OpenContainer { tag, code, .. } = container;
        let text = self.draft.since(tag.start);
        let is_words = match code {
            Some(code) => is_language(&code, text),
            // A box to be ticked is a content control, too.
            None if name == "sdt" => text.contains(char::is_alphanumeric),
            None => !is_address(text),
        };
        if is_words {
            self.draft.range(tag.start, tag.at..end);
        } else if self.in_work() {
            self.draft.atom_since(tag.start, tag.at..end);
        }
    }

    /// A mark of a field.
    fn field(&mut self, tag: &Tag<'_>, span: Range<usize>) {
        match tag.attribute("fldCharType").as_deref() {
            Some("begin") => {
                let Some(run) = &self.run else { return };
                self.fields.push(OpenField {
                    at: span.start,
                    start: if run.is_begun { self.draft.here() } else { run.start },
                    run: run.at,
                    opens_run: !run.is_begun,
                    code: String::new(),
                    in_code: true,
                });
            }
            Some("separate") => {
                if let Some(field) = self.fields.last_mut() {
                    field.in_code = false;
                }
            }
            Some("end") => self.field_done(span.end),
            _ => {}
        }
    }

    /// The end of a field. One that fills its runs is a piece of markup as they are; another one stands in the middle of one,
    /// and stays there.
    fn field_done(&mut self, end: usize) {
        let (Some(field), Some(run)) = (self.fields.pop(), &self.run) else { return };
        let is_in_run = field.run == run.at;
        if self.is_hidden() || !self.in_work() || !self.draft.is_open(field.start) {
            return;
        }
        let is_language = is_language(&field.code, self.draft.since(field.start));
        let closes_run = end_of_parent(&self.markup[end..]).map(|length| end + length);
        let (place, is_whole) = match closes_run {
            Some(run_end) if field.opens_run => (field.run..run_end, true),
            _ => (field.at..end, false),
        };
        if !is_language {
            self.draft.atom_since(field.start, place);
        } else if is_whole || is_in_run {
            self.draft.range(field.start, place);
        } else {
            return;
        }
        if !is_whole {
            self.draft.fix_last();
        }
    }

    /// The end of a run.
    fn run_done(&mut self, end: usize) {
        let Some(run) = self.run.take() else { return };
        if self.hidden > 0
            || run.has_field
            || self.fields.iter().any(|field| field.in_code)
            || !self.in_work()
            || !self.draft.is_open(run.start)
        {
            return;
        }
        if run.has_note
            || !self.draft.has_words(run.start)
            || run.look.is_raised() && is_script(self.draft.before(run.start), self.draft.since(run.start))
        {
            return self.draft.atom_since(run.start, run.at..end);
        }
        let container = self.containers.last().map_or(0, |open| open.number);
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
            _ => self.looks.push(SameLook { container, properties, text, place: run.at..end }),
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
        if self.is_hidden() || open.text.is_empty() {
            return;
        }
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
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

impl OpenText {
    fn empty(start: usize) -> Self {
        Self { text: String::new(), start, preserved: false }
    }
}

/// Whether an element of another standard stands among the words and is none: a formula, or a choice.
fn is_foreign_object(name: &str) -> bool {
    name.contains(':')
        && matches!(local(name), "oMath" | "oMathPara" | "AlternateContent" | "Choice" | "contentPart")
}

/// How long the end tag is that stands here, if one does.
fn end_of_parent(markup: &str) -> Option<usize> {
    let blank = markup.len() - markup.trim_start().len();
    let end = markup[blank..].strip_prefix("</")?.find('>')?;
    Some(blank + "</".len() + end + 1)
}
