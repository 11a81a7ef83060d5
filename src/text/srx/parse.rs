//! The file: XML in, rules in order of precedence out.

use std::error::Error as StdError;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::error::SrxError;

/// One rule as it stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RawRule {
    /// Whether it ends a sentence.
    pub(super) breaks: bool,
    /// The expression that must match before the place.
    pub(super) before: String,
    /// The expression that must match after the place.
    pub(super) after: String,
    /// The line of the file that it begins on, counted from 1.
    pub(super) line: usize,
}

/// A named list of rules.
#[derive(Debug, Default)]
pub(super) struct Language {
    pub(super) name: String,
    pub(super) rules: Vec<RawRule>,
}

/// A file of rules.
#[derive(Debug, Default)]
pub(super) struct SrxDocument {
    /// Whether all maps that match a language count, or only the first.
    pub(super) cascade: bool,
    pub(super) languages: Vec<Language>,
    /// Patterns of language codes and the names of the lists for them, with their lines.
    pub(super) maps: Vec<(String, String, usize)>,
}

/// Which text is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Before,
    After,
}

struct Parser<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    document: SrxDocument,
    inside: Inside,
    /// How many elements are open.
    depth: usize,
    seen_root: bool,
    /// The line of the byte `counted`.
    line: usize,
    counted: usize,
}

/// Reads a file. Document type declarations are refused: with them come entities that grow without end.
pub(super) fn parse(text: &str) -> Result<SrxDocument, SrxError> {
    let mut parser = Parser {
        text,
        reader: Reader::from_str(text),
        // OmegaT writes headers without the attribute, and always cascades.
        document: SrxDocument { cascade: true, ..SrxDocument::default() },
        inside: Inside::Nothing,
        depth: 0,
        seen_root: false,
        line: 1,
        counted: 0,
    };
    loop {
        match parser.reader.read_event() {
            Ok(Event::Eof) if parser.depth > 0 => return Err(parser.wrong("an element is not closed")),
            Ok(Event::Eof) if parser.seen_root => return Ok(parser.document),
            Ok(Event::Eof) => return Err(parser.wrong("the root element is not srx")),
            Ok(event) => parser.event(&event)?,
            Err(error) => {
                return Err(SrxError::Xml { line: parser.line(), source: error.into() });
            }
        }
    }
}

impl Parser<'_> {
    fn event(&mut self, event: &Event<'_>) -> Result<(), SrxError> {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                self.open(tag)
            }
            Event::Empty(tag) => {
                self.open(tag)?;
                self.inside = Inside::Nothing;
                Ok(())
            }
            Event::End(_) => {
                // The reader has seen that it closes what is open.
                self.depth = self.depth.saturating_sub(1);
                self.inside = Inside::Nothing;
                Ok(())
            }
            Event::Text(text) => {
                self.add(&text.xml10_content());
                Ok(())
            }
            Event::CData(text) => {
                self.add(&text.xml10_content());
                Ok(())
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| self.no_xml(error))?;
                match (character, resolve_predefined_entity(reference)) {
                    (Some(character), _) => self.add(character.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => self.add(text),
                    (None, None) => return Err(self.wrong("an entity is not defined")),
                }
                Ok(())
            }
            Event::DocType(_) => Err(self.wrong("a document type declaration is not taken")),
            _ => Ok(()),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), SrxError> {
        let name = tag.local_name().into_inner();
        if !self.seen_root && name != "srx" {
            return Err(self.wrong("the root element is not srx"));
        }
        self.seen_root = true;
        match name {
            "header" => {
                let cascade = self.attribute(tag, "cascade")?;
                self.document.cascade = cascade.is_none_or(|value| value.eq_ignore_ascii_case("yes"));
            }
            "languagerule" => {
                let name = self.attribute(tag, "languagerulename")?.unwrap_or_default();
                self.document.languages.push(Language { name, rules: Vec::new() });
            }
            "rule" => {
                let breaks =
                    self.attribute(tag, "break")?.is_none_or(|value| !value.eq_ignore_ascii_case("no"));
                let rule = RawRule { breaks, line: self.line(), ..RawRule::default() };
                match self.document.languages.last_mut() {
                    Some(language) => language.rules.push(rule),
                    None => return Err(self.wrong("a rule stands outside a languagerule")),
                }
            }
            "beforebreak" => self.inside = Inside::Before,
            "afterbreak" => self.inside = Inside::After,
            "languagemap" => {
                let pattern = self.attribute(tag, "languagepattern")?.unwrap_or_default();
                let name = self.attribute(tag, "languagerulename")?.unwrap_or_default();
                let line = self.line();
                self.document.maps.push((pattern, name, line));
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds text to the expression that is being read.
    fn add(&mut self, text: &str) {
        let rule = self.document.languages.last_mut().and_then(|language| language.rules.last_mut());
        match (rule, self.inside) {
            (Some(rule), Inside::Before) => rule.before.push_str(text),
            (Some(rule), Inside::After) => rule.after.push_str(text),
            _ => {}
        }
    }

    fn attribute(&mut self, tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, SrxError> {
        let attribute = tag.try_get_attribute(name).map_err(|error| self.no_xml(error))?;
        let Some(attribute) = attribute else { return Ok(None) };
        let value =
            attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| self.no_xml(error))?;
        Ok(Some(value.into_owned()))
    }

    fn no_xml(&mut self, error: impl Into<Box<dyn StdError + Send + Sync>>) -> SrxError {
        SrxError::Xml { line: self.line(), source: error.into() }
    }

    fn wrong(&mut self, reason: &'static str) -> SrxError {
        SrxError::Format { line: self.line(), reason }
    }

    /// The line that has been read up to.
    fn line(&mut self) -> usize {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.text.len());
        let new = &self.text.as_bytes()[self.counted.min(at)..at];
        self.line += memchr::memchr_iter(b'\n', new).count();
        self.counted = at;
        self.line
    }
}
