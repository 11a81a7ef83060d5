//! XML in, element by element, and the escaping of XML out.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::super::error::{BoxedError, FaultAt, GlossaryError};
use crate::text::one_line;

/// Elements nested deeper than this are refused; glossaries have some ten levels.
const DEPTH: usize = 64;

/// An element with more elements in it is refused: an entry, or a row of a table, has some dozens.
const INSIDE: usize = 1 << 16;

/// A tag with more attributes is refused. That each is there once is found out by looking at all before it.
const ATTRIBUTES: usize = 64;

/// An element with all that is in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Without its prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Self>,
    /// Its own text and that of the elements in it.
    text: String,
}

impl Element {
    /// The text, white space made single.
    pub(super) fn text(&self) -> String {
        one_line(&self.text)
    }

    /// An attribute by its local name (`lang` for `xml:lang`).
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The children of a name.
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn of(start: &BytesStart<'_>) -> Result<Self, BoxedError> {
        let mut element = Self { name: start.local_name().as_ref().to_owned(), ..Self::default() };
        for (place, attribute) in start.attributes().enumerate() {
            if place >= ATTRIBUTES {
                return Err(format!("a tag has more than {ATTRIBUTES} attributes").into());
            }
            let attribute = attribute?;
            let value = unescape(&attribute.value)?.into_owned();
            element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
        }
        Ok(element)
    }
}

/// Gives `found` every element of one of the names, with the line it begins on, one at a time.
///
/// Nothing outside the file is read. A document type with declarations of its own is refused, since entities can
/// be made to grow without end; one that only names its DTD, as TMX files have it, is passed over.
///
/// # Errors
///
/// If the text is not well-formed XML, declares or uses entities, has elements beyond all measure, or `found` says
/// what is wrong with one.
pub(super) fn elements(
    path: &Path,
    text: &str,
    names: &[&str],
    mut found: impl FnMut(usize, Element) -> Result<(), BoxedError>,
) -> Result<(), GlossaryError> {
    let mut reader = Reader::from_str(text);
    let mut lines = LineCounter { text, at: 0, line: 1 };
    // The elements that are open, from the one that was asked for inwards.
    let mut open: Vec<(usize, Element)> = Vec::new();
    let (mut depth, mut inside) = (0_usize, 0);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let event = reader.read_event();
        let step = match event {
            Ok(Event::Eof) if depth == 0 => return Ok(()),
            Ok(Event::Eof) => Err("the file ends in the middle of an element".into()),
            Ok(Event::Start(start)) => {
                depth += 1;
                inside = if open.is_empty() { 0 } else { inside + 1 };
                begun(&start, depth, inside, names, &mut open, lines.of(at))
            }
            Ok(Event::Empty(start)) => {
                inside = if open.is_empty() { 0 } else { inside + 1 };
                begun(&start, depth + 1, inside, names, &mut open, lines.of(at))
                    .and_then(|()| ended(&mut open, start.local_name().as_ref(), &mut found))
            }
            Ok(Event::End(end)) => {
                depth = depth.saturating_sub(1);
                ended(&mut open, end.local_name().as_ref(), &mut found)
            }
            Ok(Event::Text(piece)) => added(&mut open, &piece),
            Ok(Event::CData(piece)) => added(&mut open, &piece),
            Ok(Event::GeneralRef(reference)) => resolved(&reference).and_then(|text| added(&mut open, &text)),
            Ok(Event::DocType(doctype)) if doctype.contains('[') => {
                Err("the document type declares something of its own, which is not read".into())
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        };
        step.map_err(|source| {
            let source = FaultAt { place: format!("line {}", lines.of(at)), source }.into();
            GlossaryError::Foreign { path: path.to_owned(), source }
        })?;
    }
}

/// An element begins: `depth` levels deep, and the `inside`-th within the one that was asked for.
fn begun(
    start: &BytesStart<'_>,
    depth: usize,
    inside: usize,
    names: &[&str],
    open: &mut Vec<(usize, Element)>,
    line: usize,
) -> Result<(), BoxedError> {
    if depth > DEPTH {
        return Err("elements are nested too deep".into());
    }
    if inside > INSIDE {
        return Err(format!("more than {INSIDE} elements stand in one").into());
    }
    if !open.is_empty() || names.contains(&start.local_name().as_ref()) {
        open.push((line, Element::of(start)?));
    }
    Ok(())
}

/// An element ends: it goes to the one around it, or is handed out.
fn ended(
    open: &mut Vec<(usize, Element)>,
    name: &str,
    found: &mut impl FnMut(usize, Element) -> Result<(), BoxedError>,
) -> Result<(), BoxedError> {
    // The reader has seen to it that the names match.
    let Some((line, element)) = open.pop_if(|(_, element)| element.name == name) else { return Ok(()) };
    match open.last_mut() {
        Some((_, around)) => {
            // The codes of a tool inside a sentence are not part of it, and neither is how a cell is read aloud.
            if !matches!(name, "bpt" | "ept" | "it" | "ph" | "ut" | "rPh") {
                around.text.push_str(&element.text);
            }
            around.children.push(element);
            Ok(())
        }
        None => found(line, element),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of several steps that can fail")]
fn added(open: &mut [(usize, Element)], piece: &str) -> Result<(), BoxedError> {
    if let Some((_, element)) = open.last_mut() {
        element.text.push_str(piece);
    }
    Ok(())
}

/// The character that a reference stands for; only those that every XML file has are known.
fn resolved(reference: &BytesRef<'_>) -> Result<String, BoxedError> {
    Ok(unescape(&format!("&{};", &**reference))?.into_owned())
}

/// Counts lines as places are asked for in order.
struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl LineCounter<'_> {
    fn of(&mut self, at: usize) -> usize {
        if let Some(passed) = self.text.as_bytes().get(self.at..at) {
            self.line += memchr::memchr_iter(b'\n', passed).count();
            self.at = at;
        }
        self.line
    }
}

/// Whether XML 1.0 allows a character.
pub(super) fn is_allowed(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Text as it may stand in an element or an attribute.
pub(super) fn escaped(text: &str) -> String {
    let allowed: String = text.chars().filter(|c| is_allowed(*c)).collect();
    quick_xml::escape::escape(allowed).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(usize, String)>, GlossaryError> {
        let mut out = Vec::new();
        elements(Path::new("g.xml"), text, &["a"], |line, element| {
            out.push((line, element.text()));
            Ok(())
        })?;
        Ok(out)
    }

    #[test]
    fn elements_come_with_their_line_and_their_text() {
        let text = "<?xml version='1.0'?>\n<!DOCTYPE x SYSTEM \"x.dtd\">\n<r>\n<a>1 &lt; <b>2</b>&#33;<ph>{x}</ph></a>\n\n<a/></r>";
        assert_eq!(read(text).unwrap(), [(4, "1 < 2!".to_owned()), (6, String::new())]);
    }

    #[test]
    fn entities_are_refused() {
        for text in [
            "<!DOCTYPE r [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;\">]><r><a>&b;</a></r>",
            "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><r><a>&a;</a></r>",
            "<r><a>&unknown;</a></r>",
        ] {
            assert!(matches!(read(text), Err(GlossaryError::Foreign { .. })), "{text}");
        }
    }

    #[test]
    fn broken_and_bottomless_files_are_refused() {
        let deep = "<a>".repeat(100);
        let wide = format!("<a>{}</a>", "<b/>".repeat(70_000));
        let many = (0..70).map(|at| format!(" a{at}=''")).collect::<Vec<_>>().concat();
        for text in ["<r><a>", "<r><a></r>", &deep, &wide, &format!("<a{many}/>")] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
