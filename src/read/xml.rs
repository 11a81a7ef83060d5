//! XML, event by event, with the place of each event.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use thiserror::Error;

/// Elements inside each other; real documents have a few dozen.
const MAX_DEPTH: usize = 256;

/// What a walk through XML finds.
#[derive(Debug)]
pub(super) enum XmlNode<'a> {
    Start(Tag<'a>),
    /// A tag without content.
    Empty(Tag<'a>),
    End(Cow<'a, str>),
    /// Text, with references resolved; neighbours belong together.
    Text(Cow<'a, str>),
}

/// A tag with its attributes.
#[derive(Debug)]
pub(super) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// The name with its prefix.
    pub(super) fn name(&self) -> &str {
        self.0.name().into_inner()
    }

    /// The value of an attribute by its name without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.0.attributes().flatten().find(|attribute| local(attribute.key.into_inner()) == name).map(
            |attribute| match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => value.into_owned(),
                Err(_) => attribute.value.to_string(),
            },
        )
    }
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Why the XML of a document is not read.
#[derive(Debug, Error)]
pub(super) enum MarkupError {
    #[error(transparent)]
    Syntax(#[from] quick_xml::Error),
    #[error("more than {MAX_DEPTH} elements stand inside each other")]
    TooDeep,
    #[error("its document type declares something of its own, which is not read")]
    DocumentType,
    #[error("it uses an entity &{0};")]
    Entity(String),
    #[error("it ends inside an element")]
    Unclosed,
}

/// Walks through a document and passes on each node with its place. Document types that declare something are refused, and
/// entities with them: they can grow without bound. One that only names its DTD, as TMX files have it, is passed over.
pub(super) fn walk<'a>(
    markup: &'a str,
    mut pass_on: impl FnMut(XmlNode<'a>, Range<usize>),
) -> Result<(), MarkupError> {
    let mut reader = Reader::from_str(markup);
    let mut depth = 0_usize;
    loop {
        let start = place(&reader);
        let event = reader.read_event()?;
        let span = start..place(&reader);
        match event {
            Event::Start(tag) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(MarkupError::TooDeep);
                }
                pass_on(XmlNode::Start(Tag(tag)), span);
            }
            Event::Empty(tag) => pass_on(XmlNode::Empty(Tag(tag)), span),
            Event::End(tag) => {
                depth -= 1;
                pass_on(XmlNode::End(tag.name().into_inner().to_owned().into()), span);
            }
            Event::Text(text) => pass_on(XmlNode::Text(text.into_inner()), span),
            Event::CData(text) => pass_on(XmlNode::Text(text.into_inner()), span),
            Event::GeneralRef(reference) => pass_on(XmlNode::Text(resolve(&reference)?.into()), span),
            Event::DocType(doctype) if doctype.contains('[') => return Err(MarkupError::DocumentType),
            Event::Eof if depth > 0 => return Err(MarkupError::Unclosed),
            Event::Eof => return Ok(()),
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn place(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// The character of a reference such as `&amp;` or `&#228;`.
fn resolve(reference: &BytesRef<'_>) -> Result<String, MarkupError> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    let known = quick_xml::escape::resolve_predefined_entity(name);
    known.map(str::to_owned).ok_or_else(|| MarkupError::Entity(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(markup: &str) -> Result<String, MarkupError> {
        let mut out = String::new();
        walk(markup, |node, span| match node {
            XmlNode::Text(text) => out.push_str(&text),
            XmlNode::Start(tag) | XmlNode::Empty(tag) => assert!(markup[span].contains(tag.name())),
            XmlNode::End(_) => {}
        })?;
        Ok(out)
    }

    #[test]
    fn references_are_resolved() {
        assert_eq!(text("<a>1 &lt; 2 &amp;&#x20;&#228;<![CDATA[<b>]]></a>").unwrap(), "1 < 2 & ä<b>");
    }

    #[test]
    fn document_types_entities_and_damage_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"xxxxxxxxxx\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>";
        assert!(matches!(text(bomb), Err(MarkupError::DocumentType)));
        assert!(text("<a>&c;</a>").is_err_and(|error| error.to_string().contains("&c;")));
        for damaged in ["<a><b></a>", "<a", "<a>", "<a></b>", "<a x='1></a>"] {
            assert!(text(damaged).is_err(), "{damaged}");
        }
        assert!(matches!(text(&"<a>".repeat(100_000)), Err(MarkupError::TooDeep)));
    }
}
