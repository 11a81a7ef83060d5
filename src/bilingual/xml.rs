//! XML in, one unit at a time, and the escaping of XML out.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::decode::DecodedStream;
use super::error::BilingualError;

/// Elements inside each other; real files have some twenty.
const DEPTH: usize = 128;

/// Elements inside a unit; markup-laden ones have some hundreds.
const INSIDE: usize = 1 << 16;

/// A tag with more attributes is refused. That each is there once is found out by looking at all before it.
const ATTRIBUTES: usize = 128;

/// A tag, or a text without a tag in it, with more bytes is refused: it has to be held in memory. Whole documents are packed
/// into some files, in one text.
const LONGEST: u64 = 256 << 20;

/// A unit with more bytes is refused.
const UNIT: usize = 16 << 20;

/// What is wrong with a file.
pub(super) type XmlFault = Box<dyn std::error::Error + Send + Sync>;

/// An element with all that is in it, in order.
#[derive(Debug, Default)]
pub(super) struct MixedElement {
    /// With its prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) content: Vec<MixedNode>,
}

/// What an element can have in it.
#[derive(Debug)]
pub(super) enum MixedNode {
    Text(String),
    Element(MixedElement),
}

impl MixedElement {
    /// The name without its prefix.
    pub(super) fn local(&self) -> &str {
        local(&self.name)
    }

    /// An attribute by its name without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| local(key) == name).map(|(_, value)| value.as_str())
    }

    /// The elements right in it.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.content.iter().filter_map(|node| match node {
            MixedNode::Element(element) => Some(element),
            MixedNode::Text(_) => None,
        })
    }

    /// The elements of a name right in it.
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children().filter(move |child| child.local() == name)
    }

    /// The first element of a name right in it.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children().find(|child| child.local() == name)
    }

    /// All text in it, that of the elements in it included.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.collect(&mut text);
        text
    }

    fn collect(&self, text: &mut String) {
        for node in &self.content {
            match node {
                MixedNode::Text(own) => text.push_str(own),
                MixedNode::Element(element) => element.collect(text),
            }
        }
    }

    fn of(start: &BytesStart<'_>) -> Result<Self, XmlFault> {
        let mut element = Self { name: start.name().into_inner().to_owned(), ..Self::default() };
        for (place, attribute) in start.attributes().enumerate() {
            if place >= ATTRIBUTES {
                return Err(format!("a tag has more than {ATTRIBUTES} attributes").into());
            }
            let attribute = attribute?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned();
            element.attributes.push((attribute.key.into_inner().to_owned(), value));
        }
        Ok(element)
    }
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// What comes next in a file.
#[derive(Debug)]
pub(super) enum XmlStep {
    /// An element begins that is not asked for as a whole.
    Open(MixedElement),
    /// The end of one.
    Close,
    /// An element that is asked for, with the line that it begins on.
    Whole(MixedElement, usize),
}

/// An XML file that is read from its beginning to its end, of which only one unit is in memory.
///
/// Nothing outside the file is read. A document type that only names its DTD is passed over; one with declarations of its
/// own is refused, since entities can be made to grow without end.
pub(super) struct XmlStream<R: Read> {
    path: PathBuf,
    reader: Reader<BoundedInput<BufReader<DecodedStream<R>>>>,
    buffer: Vec<u8>,
    depth: usize,
    /// Whether an empty element was begun and is to be ended.
    closes: bool,
}

impl<R: Read> XmlStream<R> {
    pub(super) fn new(path: &Path, input: R) -> Result<Self, BilingualError> {
        let failed = |source| BilingualError::File { path: path.to_owned(), source };
        let input = BoundedInput {
            input: BufReader::new(DecodedStream::new(input).map_err(failed)?),
            left: LONGEST,
            line: 1,
        };
        let reader = Reader::from_reader(input);
        Ok(Self { path: path.to_owned(), reader, buffer: Vec::new(), depth: 0, closes: false })
    }

    /// The path, for errors.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The line that was read last.
    pub(super) fn line(&self) -> usize {
        self.reader.get_ref().line
    }

    /// What comes next; `None` at the end of the file. Elements of these names come as a whole, and text outside of them not
    /// at all.
    pub(super) fn step(&mut self, whole: &[&str]) -> Result<Option<XmlStep>, BilingualError> {
        self.try_step(whole).map_err(|source| self.damaged(source))
    }

    /// An error at the line that was read last.
    pub(super) fn damaged(&self, source: impl Into<XmlFault>) -> BilingualError {
        BilingualError::Damaged { path: self.path.clone(), line: self.line(), source: source.into() }
    }

    fn try_step(&mut self, whole: &[&str]) -> Result<Option<XmlStep>, XmlFault> {
        if std::mem::take(&mut self.closes) {
            return Ok(Some(XmlStep::Close));
        }
        loop {
            // A tag is on the line on which it ends for an editor; what comes before it ended on the one it begins on.
            let line = self.line();
            match self.event()? {
                Event::Start(start) => {
                    let element = MixedElement::of(&start)?;
                    self.deeper()?;
                    if whole.contains(&element.local()) {
                        return Ok(Some(XmlStep::Whole(self.whole(element)?, line)));
                    }
                    return Ok(Some(XmlStep::Open(element)));
                }
                Event::Empty(start) => {
                    let element = MixedElement::of(&start)?;
                    if whole.contains(&element.local()) {
                        return Ok(Some(XmlStep::Whole(element, line)));
                    }
                    self.closes = true;
                    return Ok(Some(XmlStep::Open(element)));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(XmlStep::Close));
                }
                Event::Eof if self.depth > 0 => {
                    return Err("the file ends in the middle of an element".into());
                }
                Event::Eof => return Ok(None),
                Event::DocType(doctype) if doctype.contains('[') => {
                    return Err("the document type declares something of its own, which is not read".into());
                }
                Event::GeneralRef(reference) => {
                    resolved(&reference)?;
                }
                _ => {}
            }
        }
    }

    /// Reads to the end of an element that has begun.
    fn whole(&mut self, element: MixedElement) -> Result<MixedElement, XmlFault> {
        let mut open = vec![element];
        let (mut inside, mut bytes) = (0, 0);
        loop {
            let node = match self.event()? {
                Event::Start(start) => {
                    let element = MixedElement::of(&start)?;
                    bytes += start.len();
                    self.deeper()?;
                    open.push(element);
                    None
                }
                Event::Empty(start) => {
                    bytes += start.len();
                    Some(MixedNode::Element(MixedElement::of(&start)?))
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    let Some(ended) = open.pop() else { break };
                    if open.is_empty() {
                        return Ok(ended);
                    }
                    Some(MixedNode::Element(ended))
                }
                Event::Text(text) => Some(MixedNode::Text(text.replace("\r\n", "\n").replace('\r', "\n"))),
                Event::CData(text) => Some(MixedNode::Text(text.replace("\r\n", "\n").replace('\r', "\n"))),
                Event::GeneralRef(reference) => Some(MixedNode::Text(resolved(&reference)?)),
                Event::Eof => break,
                Event::DocType(_) => return Err("a document type stands inside an element".into()),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => None,
            };
            inside += 1;
            let Some(around) = open.last_mut() else { break };
            match (node, around.content.last_mut()) {
                (Some(MixedNode::Text(text)), Some(MixedNode::Text(before))) => {
                    bytes += text.len();
                    before.push_str(&text);
                }
                (Some(node), _) => {
                    if let MixedNode::Text(text) = &node {
                        bytes += text.len();
                    }
                    around.content.push(node);
                }
                (None, _) => {}
            }
            if inside > INSIDE {
                return Err(format!("more than {INSIDE} elements stand in one").into());
            }
            if bytes > UNIT {
                return Err(format!("more than {UNIT} bytes stand in one unit").into());
            }
        }
        Err("the file ends in the middle of an element".into())
    }

    fn event(&mut self) -> Result<Event<'static>, XmlFault> {
        self.buffer.clear();
        if self.buffer.capacity() > UNIT {
            self.buffer = Vec::new();
        }
        self.reader.get_mut().left = LONGEST;
        Ok(self.reader.read_event_into(&mut self.buffer)?.into_owned())
    }

    fn deeper(&mut self) -> Result<(), XmlFault> {
        self.depth += 1;
        if self.depth > DEPTH { Err("elements are nested too deep".into()) } else { Ok(()) }
    }
}

/// The character that a reference stands for; only those that every XML file has are known.
fn resolved(reference: &BytesRef<'_>) -> Result<String, XmlFault> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    let known = quick_xml::escape::resolve_predefined_entity(name);
    known.map(str::to_owned).ok_or_else(|| format!("it uses an entity &{name};").into())
}

/// Input of which only so many bytes are given at a time, with its lines counted.
struct BoundedInput<R> {
    input: R,
    left: u64,
    line: usize,
}

impl<R: BufRead> Read for BoundedInput<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for BoundedInput<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(format!("a tag or a text is longer than {LONGEST} bytes")));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed was given by `fill_buf`, which then gives the same bytes without reading.
        if let Ok(available) = self.input.fill_buf() {
            self.line += memchr::memchr_iter(b'\n', available.get(..amount).unwrap_or_default()).count();
        }
        self.left = self.left.saturating_sub(amount as u64);
        self.input.consume(amount);
    }
}

/// Whether XML 1.0 allows a character.
pub(super) fn is_allowed(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Text as it may stand in an element or in an attribute. What XML cannot hold is left out; a line end other than `\n` is
/// written as a reference, or every reader would make it one.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            c if is_allowed(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// The value of an attribute between double quotation marks. White space other than blanks is written as references, or
/// every reader would make blanks of it.
pub(super) fn attribute(text: &str) -> String {
    escaped(text).replace('"', "&quot;").replace('\t', "&#9;").replace('\n', "&#10;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of each `a`, with its line.
    fn read(text: &str) -> Result<Vec<(usize, String)>, BilingualError> {
        let mut stream = XmlStream::new(Path::new("u.xml"), text.as_bytes())?;
        let mut found = Vec::new();
        while let Some(step) = stream.step(&["a"])? {
            if let XmlStep::Whole(element, line) = step {
                found.push((line, element.text()));
            }
        }
        Ok(found)
    }

    #[test]
    fn units_come_with_their_line_and_their_text() {
        let text = "<?xml version='1.0'?>\n<!DOCTYPE x SYSTEM \"x.dtd\">\n<r>\n<a>1 &lt; <b>2</b>&#33;</a>\n\r\n<x/><a/></r>";
        assert_eq!(read(text).expect("read"), [(4, "1 < 2!".to_owned()), (6, String::new())]);
    }

    #[test]
    fn entities_are_refused() {
        for text in [
            "<!DOCTYPE r [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;\">]><r><a>&b;</a></r>",
            "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><r><a>&a;</a></r>",
            "<r><a>&unknown;</a></r>",
            "<r>&unknown;<a/></r>",
        ] {
            assert!(matches!(read(text), Err(BilingualError::Damaged { .. })), "{text}");
        }
    }

    #[test]
    fn broken_and_bottomless_files_are_refused() {
        let deep = "<a>".repeat(200);
        let wide = format!("<a>{}</a>", "<b/>".repeat(70_000));
        let long = format!("<a>{}</a>", "x".repeat(17 << 20));
        let many = (0..200).map(|at| format!(" a{at}=''")).collect::<Vec<_>>().concat();
        for text in ["<r><a>", "<r><a></r>", "<r>", "<a", &deep, &wide, &long, &format!("<a{many}/>")] {
            assert!(read(text).is_err());
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let text = "a < b > & \"c\" 'd'\r\n\te\u{1b}\u{fffe}";
        let (element, value) = (escaped(text), attribute(text));
        let mut stream = XmlStream::new(
            Path::new("u.xml"),
            format!("<a b=\"{value}\">{element}</a>").as_bytes().to_vec().leak() as &[u8],
        )
        .expect("read");
        let Some(XmlStep::Whole(found, _)) = stream.step(&["a"]).expect("read") else { panic!("no element") };
        let expected = "a < b > & \"c\" 'd'\r\n\te";
        assert_eq!((found.text().as_str(), found.attribute("b")), (expected, Some(expected)));
    }
}
