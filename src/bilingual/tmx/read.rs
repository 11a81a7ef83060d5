//! Reading TMX, whichever tool wrote it.

use std::io::Read;
use std::path::Path;

use super::names::{CONTEXT, PREFIX};
use super::segment;
use crate::bilingual::error::BilingualError;
use crate::bilingual::language::{is_english, is_german};
use crate::bilingual::text::BilingualText;
use crate::bilingual::unit::{BilingualUnit, FindingMark, UnitBlock, UnitNote, UnitState, UnitTerm};
use crate::bilingual::xml::{MixedElement, XmlFault, XmlStep, XmlStream};
use crate::model::{ArticleId, BlockKind, Timestamp};

/// The units of a file that have a German side.
pub(in crate::bilingual) struct TmxUnits<R: Read> {
    stream: XmlStream<R>,
    is_tmx: bool,
    failed: bool,
}

impl<R: Read> TmxUnits<R> {
    pub(in crate::bilingual) fn new(path: &Path, input: R) -> Result<Self, BilingualError> {
        Ok(Self { stream: XmlStream::new(path, input)?, is_tmx: false, failed: false })
    }

    fn next_unit(&mut self) -> Result<Option<BilingualUnit>, BilingualError> {
        while let Some(step) = self.stream.step(&["tu"])? {
            match step {
                XmlStep::Open(element) if !self.is_tmx => {
                    if element.local() != "tmx" {
                        let message = format!("it begins with <{}>, not with <tmx>", element.name);
                        return Err(self.stream.damaged(message));
                    }
                    self.is_tmx = true;
                }
                XmlStep::Whole(element, line) => {
                    return unit(&element, line).map(Some).map_err(|fault| self.stream.damaged(fault));
                }
                XmlStep::Open(_) | XmlStep::Close => {}
            }
        }
        if self.is_tmx { Ok(None) } else { Err(self.stream.damaged("there is no <tmx> in it")) }
    }
}

impl<R: Read> Iterator for TmxUnits<R> {
    type Item = Result<BilingualUnit, BilingualError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_unit();
        self.failed = next.is_err();
        next.transpose()
    }
}

/// A unit. One without a German side is one with an empty source, so that it is counted.
fn unit(element: &MixedElement, line: usize) -> Result<BilingualUnit, XmlFault> {
    let sides = |is_wanted: fn(&str) -> bool| {
        element.named("tuv").filter(move |side| side.attribute("lang").is_some_and(is_wanted))
    };
    let text = |side: &MixedElement| side.child("seg").map(segment::read).unwrap_or_default();
    // Of several, such as those of two regions, the first that says something.
    let said = |side: &MixedElement| Some(text(side)).filter(|text| !text.is_empty());
    let source = sides(is_german).find_map(said).unwrap_or_default();
    let english = sides(is_english).find(|side| said(side).is_some());
    let target: Option<BilingualText> = english.map(text);
    let state = if target.is_some() { UnitState::Translated } else { UnitState::Initial };
    let mut unit = BilingualUnit::new(source, target, state);
    unit.line = line;
    element.attribute("tuid").unwrap_or_default().clone_into(&mut unit.id);
    let attribute = |names: [&str; 2]| {
        let of =
            |element: &MixedElement| names.iter().find_map(|name| element.attribute(name).map(str::to_owned));
        english.and_then(of).or_else(|| of(element)).filter(|value| !value.is_empty())
    };
    unit.by = attribute(["changeid", "creationid"]);
    unit.at = attribute(["changedate", "creationdate"]).and_then(|at| at.parse::<Timestamp>().ok());
    let of_sides = [sides(is_german).next(), english].into_iter().flatten();
    for around in std::iter::once(element).chain(of_sides) {
        unit.notes.extend(around.named("note").map(|note| remark(&note.text())));
        for property in around.named("prop") {
            set(&mut unit, property.attribute("type").unwrap_or_default(), property.text())?;
        }
    }
    Ok(unit)
}

/// A note, and of a finding its kind and how bad it is: `numbers (warning): 13 is missing`.
fn remark(text: &str) -> UnitNote {
    let finding = || {
        let (head, text) = text.split_once("): ")?;
        let (kind, severity) = head.split_once(" (")?;
        Some((FindingMark { kind: kind.parse().ok()?, severity: severity.parse().ok()? }, text))
    };
    match finding() {
        Some((finding, text)) => UnitNote { text: text.to_owned(), finding: Some(finding) },
        None => UnitNote { text: text.to_owned(), finding: None },
    }
}

/// Takes in a property.
fn set(unit: &mut BilingualUnit, name: &str, value: String) -> Result<(), XmlFault> {
    let own = name.strip_prefix(PREFIX).unwrap_or_default();
    let wrong = || format!("the property {name} is {value:?}");
    match (own, name) {
        ("article", _) => unit.article = Some(ArticleId::of_record(&value)),
        ("segment", _) => unit.segment = Some(value.parse().map_err(|_| wrong())?),
        ("block", _) => {
            let number = value.parse().map_err(|_| wrong())?;
            unit.block = Some(UnitBlock { number, kind: BlockKind::Paragraph });
        }
        ("kind", _) => {
            let kind = value.parse().map_err(|_| wrong())?;
            if let Some(block) = &mut unit.block {
                block.kind = kind;
            }
        }
        ("state", _) => unit.state = value.parse().map_err(|_| wrong())?,
        ("before", _) => unit.before = value,
        ("after", _) => unit.after = value,
        ("term" | "term-not-held", _) => {
            unit.terms.push(UnitTerm::of_phrase(&value, own == "term").ok_or_else(wrong)?);
        }
        // OmegaT has them without prefix.
        (_, name) if name == CONTEXT[0] || name == "prev" => unit.context.before = Some(sentence(value)),
        (_, name) if name == CONTEXT[1] || name == "next" => unit.context.after = Some(sentence(value)),
        (_, "file") if unit.article.is_none() => unit.article = Some(ArticleId::of_record(&value)),
        // Of a later version.
        (own, _) if !own.is_empty() => {}
        _ => unit.fields.push((name.to_owned(), value)),
    }
    Ok(())
}

/// A neighbouring sentence; memoQ writes it with its tag.
fn sentence(value: String) -> String {
    let inner = value.strip_prefix("<seg>").and_then(|rest| rest.strip_suffix("</seg>"));
    let plain = inner.and_then(|inner| quick_xml::escape::unescape(inner).ok());
    plain.map(std::borrow::Cow::into_owned).unwrap_or(value)
}
