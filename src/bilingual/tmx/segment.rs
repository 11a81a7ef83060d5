//! The text of a segment, with its codes.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::names::ATOM;
use crate::bilingual::text::{BilingualPiece, BilingualText};
use crate::bilingual::xml::{MixedElement, MixedNode, attribute, escaped};

/// Reads a `<seg>`.
pub(super) fn read(segment: &MixedElement) -> BilingualText {
    let mut reader = SegmentReader::default();
    reader.content(segment);
    BilingualText::new(reader.pieces)
}

#[derive(Default)]
struct SegmentReader {
    pieces: Vec<BilingualPiece>,
    /// The ids of pairs by the number that their halves share.
    pairs: HashMap<String, String>,
    /// The atom that is open: its `i`, its piece, and how long its native code is so far.
    atom: Option<(String, usize)>,
    /// Codes without a number of their own, which are counted.
    unnumbered: usize,
}

impl SegmentReader {
    fn content(&mut self, element: &MixedElement) {
        for node in &element.content {
            match node {
                MixedNode::Text(text) => self.text(text),
                MixedNode::Element(code) => self.code(code),
            }
        }
    }

    fn text(&mut self, text: &str) {
        match self.atom.as_ref().and_then(|(_, at)| self.pieces.get_mut(*at)) {
            Some(BilingualPiece::Atom { reads_as, .. }) => reads_as.push_str(text),
            _ => self.pieces.push(BilingualPiece::Text(text.to_owned())),
        }
    }

    fn code(&mut self, code: &MixedElement) {
        match code.local() {
            "bpt" => {
                let number = code.attribute("i").unwrap_or_default().to_owned();
                let id = code.attribute("x").unwrap_or(&number).to_owned();
                let native = code.text();
                if code.attribute("type") == Some(ATOM) && self.atom.is_none() {
                    self.atom = Some((number, self.pieces.len()));
                    self.pieces.push(BilingualPiece::Atom { id, native, reads_as: String::new() });
                } else {
                    self.pairs.insert(number, id.clone());
                    self.pieces.push(BilingualPiece::Open { id, native });
                }
            }
            "ept" => {
                let number = code.attribute("i").unwrap_or_default();
                if let Some((_, at)) = self.atom.take_if(|(open, _)| open == number) {
                    self.end_atom(at, &code.text());
                } else {
                    let id = self.pairs.get(number).map_or(number, String::as_str).to_owned();
                    self.pieces.push(BilingualPiece::Close { id, native: code.text() });
                }
            }
            "ph" | "it" | "ut" => {
                let id = self.id(code);
                let atom = BilingualPiece::Atom { id, native: code.text(), reads_as: String::new() };
                self.pieces.push(atom);
            }
            "hi" => {
                let id = self.id(code);
                self.pieces.push(BilingualPiece::Open { id: id.clone(), native: String::new() });
                self.content(code);
                self.pieces.push(BilingualPiece::Close { id, native: String::new() });
            }
            // What a tool puts there beyond the standard; its words are words.
            _ => self.content(code),
        }
    }

    fn id(&mut self, code: &MixedElement) -> String {
        if let Some(number) = code.attribute("x") {
            return number.to_owned();
        }
        // The first in the source is the first in the target.
        self.unnumbered += 1;
        format!("{}{}", code.local(), self.unnumbered)
    }

    /// The native code of an atom stands around what it reads as where that is a part of it.
    fn end_atom(&mut self, at: usize, tail: &str) {
        if let Some(BilingualPiece::Atom { native, reads_as, .. }) = self.pieces.get_mut(at)
            && !tail.is_empty()
        {
            *native = format!("{native}{reads_as}{tail}");
        }
    }
}

/// The numbers of the codes of a unit: their ids, if all are numbers, as TMX wants them.
pub(super) fn numbers(texts: &[&BilingualText]) -> HashMap<String, String> {
    let ids: Vec<String> = texts.iter().flat_map(|text| text.codes()).map(|code| code.id).collect();
    let are_numbers = ids.iter().all(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
    let mut numbers = HashMap::new();
    for id in ids {
        let next = (numbers.len() + 1).to_string();
        let number = if are_numbers { id.clone() } else { next };
        numbers.entry(id).or_insert(number);
    }
    numbers
}

/// Writes what stands in a `<seg>`.
pub(super) fn write(text: &BilingualText, numbers: &HashMap<String, String>) -> String {
    let mut out = String::new();
    // Pairs are counted within their segment.
    let mut pairs: HashMap<&str, usize> = HashMap::new();
    let number = |id: &str| attribute(numbers.get(id).map_or(id, String::as_str));
    // Writing into a string cannot fail.
    for piece in text.pieces() {
        let next = pairs.len() + 1;
        match piece {
            BilingualPiece::Text(words) => out.push_str(&escaped(words)),
            BilingualPiece::Open { id, native } => {
                pairs.insert(id, next);
                let _ = write!(out, "<bpt i=\"{next}\" x=\"{}\">{}</bpt>", number(id), escaped(native));
            }
            BilingualPiece::Close { id, native } => {
                let pair = pairs.get(id.as_str()).copied().unwrap_or_default();
                let _ = write!(out, "<ept i=\"{pair}\">{}</ept>", escaped(native));
            }
            BilingualPiece::Atom { id, native, reads_as } if reads_as.is_empty() => {
                let _ = write!(out, "<ph x=\"{}\">{}</ph>", number(id), escaped(native));
            }
            BilingualPiece::Atom { id, native, reads_as } => {
                pairs.insert(id, next);
                let around = native.split_once(reads_as.as_str()).filter(|(_, tail)| !tail.is_empty());
                let (head, tail) = around.unwrap_or((native, ""));
                let _ = write!(
                    out,
                    "<bpt i=\"{next}\" x=\"{}\" type=\"{ATOM}\">{}</bpt>{}<ept i=\"{next}\">{}</ept>",
                    number(id),
                    escaped(head),
                    escaped(reads_as),
                    escaped(tail)
                );
            }
        }
    }
    out
}
