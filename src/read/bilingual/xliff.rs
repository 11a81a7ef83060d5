//! The targets of XLIFF files that are to be filled.

use std::ops::Range;

use super::fill::{Fill, FillSource};
use super::found::{Found, UnitLanguages};
use super::tree::{SpannedElement, SpannedNode};

/// Finds the targets without words, and those that a tool has filled with their source and calls new.
pub(super) fn targets<'a>(markup: &str, root: &'a SpannedElement) -> Found<'a> {
    let mut found = Found::default();
    let languages = UnitLanguages::default().with(root, "srcLang", "trgLang");
    let is_second = root.attribute("srcLang").is_some();
    if is_second && root.attribute("trgLang").is_none() {
        found.edits.push(attribute_edit(root, "trgLang", "en"));
    }
    let mut search = TargetSearch { markup, found, is_second };
    search.all(root, &languages, true);
    search.found
}

/// An edit that gives a tag another attribute.
fn attribute_edit(element: &SpannedElement, name: &str, value: &str) -> (Range<usize>, String) {
    let at = element.tag.start + 1 + element.name.len();
    (at..at, format!(" {name}=\"{value}\""))
}

struct TargetSearch<'a, 'm> {
    markup: &'m str,
    found: Found<'a>,
    is_second: bool,
}

impl<'a> TargetSearch<'a, '_> {
    fn all(&mut self, element: &'a SpannedElement, languages: &UnitLanguages, is_translated: bool) {
        for inner in element.children() {
            let is_translated = match inner.attribute("translate") {
                Some("no") => false,
                Some("yes") => true,
                _ => is_translated,
            };
            match inner.local() {
                "file" => {
                    let languages = languages.clone().with(inner, "source-language", "target-language");
                    if !self.is_second && inner.attribute("target-language").is_none() {
                        self.found.edits.push(attribute_edit(inner, "target-language", "en"));
                    }
                    self.all(inner, &languages, is_translated);
                }
                "unit" | "trans-unit" if is_translated => {
                    if let Some(wrong) = languages.wrong() {
                        self.found.wrong.get_or_insert(wrong);
                    } else if inner.local() == "unit" {
                        inner
                            .children()
                            .filter(|segment| segment.local() == "segment")
                            .for_each(|segment| self.segment(segment));
                    } else {
                        self.unit(inner);
                    }
                }
                // What was translated elsewhere, and what is no unit.
                "unit" | "trans-unit" | "skeleton" | "skl" | "internal-file" => {}
                _ => self.all(inner, languages, is_translated),
            }
        }
    }

    /// A segment of XLIFF 2.
    fn segment(&mut self, segment: &'a SpannedElement) {
        let Some(source) = segment.child("source") else { return };
        let state = segment.attribute("state");
        let target = segment.child("target");
        if matches!(state, Some("translated" | "reviewed" | "final"))
            || !self.is_to_be_filled(source, target, state == Some("initial"))
        {
            return;
        }
        let edit = match state {
            Some(state) => self.value_edit(segment, "state", state, "translated"),
            None => Some(attribute_edit(segment, "state", "translated")),
        };
        self.fill(source, source, target, "", edit.into_iter().collect());
    }

    /// A unit of XLIFF 1, with one segment or several.
    fn unit(&mut self, unit: &'a SpannedElement) {
        let Some(source) = unit.child("source") else { return };
        if unit.attribute("approved") == Some("yes") {
            return;
        }
        let target = unit.child("target");
        let state = target.and_then(|target| target.attribute("state"));
        let is_new = matches!(state, Some("new" | "needs-translation"));
        let segments = unit.child("seg-source");
        let content = segments.unwrap_or(source);
        if let (Some(segments), Some(target)) = (segments, target.filter(|target| !target.is_blank()))
            && !is_new
        {
            self.marked(segments, target);
        } else if self.is_to_be_filled(source, target, is_new) {
            let state = if state.is_some() || target.is_none() { " state=\"translated\"" } else { "" };
            self.fill(content, segments.unwrap_or(source), target, state, Vec::new());
        }
    }

    /// Whether a target has no words that count.
    fn is_to_be_filled(
        &self,
        source: &SpannedElement,
        target: Option<&SpannedElement>,
        is_new: bool,
    ) -> bool {
        let Some(target) = target else { return !source.is_blank() };
        let is_copy = || self.markup[target.inner()] == self.markup[source.inner()];
        !source.is_blank() && (target.is_blank() || is_new && is_copy())
    }

    /// Fills the segments of a target that are empty; the others are somebody's.
    fn marked(&mut self, segments: &'a SpannedElement, target: &'a SpannedElement) {
        let mut all = Vec::new();
        marks(target, &mut all);
        let mut sources = Vec::new();
        marks(segments, &mut sources);
        for empty in all.into_iter().filter(|segment| segment.is_blank()) {
            let mid = empty.attribute("mid");
            let Some(source) = sources.iter().find(|source| source.attribute("mid") == mid) else { continue };
            if !source.is_blank() {
                self.put(source, empty, "", Vec::new());
            }
        }
    }

    /// Fills a target, or makes one behind an element.
    fn fill(
        &mut self,
        content: &'a SpannedElement,
        behind: &SpannedElement,
        target: Option<&SpannedElement>,
        state: &str,
        edits: Vec<(Range<usize>, String)>,
    ) {
        if let Some(target) = target {
            self.put(content, target, state, edits);
            return;
        }
        // It has the prefix of its neighbour, and stands on a line of its own if that does.
        let name = format!("{}target", behind.name.strip_suffix(behind.local()).unwrap_or_default());
        let at = behind.whole.end;
        let start = behind.whole.start;
        let line = &self.markup[self.markup[..start].trim_end().len()..start];
        let before = format!("{line}<{name}{state}>");
        self.found.fills.push(Fill {
            place: at..at,
            before,
            behind: format!("</{name}>"),
            source: FillSource::Content(content),
            edits,
        });
    }

    /// Puts words into an element that is there, whose attributes stay but for its state.
    fn put(
        &mut self,
        content: &'a SpannedElement,
        target: &SpannedElement,
        state: &str,
        edits: Vec<(Range<usize>, String)>,
    ) {
        let tag = &self.markup[target.tag.clone()];
        let tag = tag.strip_suffix('>').unwrap_or(tag);
        let tag = tag.strip_suffix('/').unwrap_or(tag).trim_end();
        let mut before = format!("{tag}>");
        if let (false, Some(old)) = (state.is_empty(), target.attribute("state")) {
            before = before.replacen(&format!("state=\"{old}\""), state.trim(), 1);
            before = before.replacen(&format!("state='{old}'"), state.trim(), 1);
        }
        self.found.fills.push(Fill {
            place: target.whole.clone(),
            before,
            behind: format!("</{}>", target.name),
            source: FillSource::Content(content),
            edits,
        });
    }

    /// An edit that gives an attribute of a tag another value.
    fn value_edit(
        &self,
        element: &SpannedElement,
        name: &str,
        old: &str,
        new: &str,
    ) -> Option<(Range<usize>, String)> {
        let tag = &self.markup[element.tag.clone()];
        let at = ["\"", "'"].into_iter().find_map(|quote| {
            let value = format!(" {name}={quote}{old}{quote}");
            Some(tag.find(&value)? + value.len() - quote.len() - old.len())
        })?;
        let start = element.tag.start + at;
        Some((start..start + old.len(), new.to_owned()))
    }
}

/// The segments that a tool has marked in an element, at whatever depth.
fn marks<'a>(element: &'a SpannedElement, found: &mut Vec<&'a SpannedElement>) {
    for node in &element.content {
        let SpannedNode::Element(inner) = node else { continue };
        if inner.local() == "mrk" && inner.attribute("mtype") == Some("seg") {
            found.push(inner);
        } else {
            marks(inner, found);
        }
    }
}
