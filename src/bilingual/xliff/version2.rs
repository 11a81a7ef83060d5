//! Units of XLIFF 2.x.

use std::collections::HashMap;

use super::codes::reads_as;
use super::names::{OWN, READS_AS};
use crate::bilingual::text::{BilingualPiece, BilingualText};
use crate::bilingual::unit::{BilingualUnit, FindingMark, UnitNote, UnitState, UnitTerm};
use crate::bilingual::xml::{MixedElement, MixedNode, XmlFault};
use crate::model::Severity;

/// The segments of a `<unit>`, each a unit. What is said of the unit as a whole goes with its first segment.
pub(super) fn units(element: &MixedElement) -> Result<Vec<BilingualUnit>, XmlFault> {
    let data: HashMap<&str, String> = element
        .child("originalData")
        .into_iter()
        .flat_map(|all| all.named("data"))
        .filter_map(|data| Some((data.attribute("id")?, words(data))))
        .collect();
    let count = element.named("segment").count();
    let id =
        element.attribute("name").filter(|_| is_own(element)).or(element.attribute("id")).unwrap_or_default();
    let mut units: Vec<BilingualUnit> = Vec::new();
    let mut between = String::new();
    for part in element.children() {
        match part.local() {
            "ignorable" => between.push_str(&part.child("source").map(words).unwrap_or_default()),
            "segment" => {
                let mut unit = segment(part, &data);
                unit.before = std::mem::take(&mut between);
                let number = (units.len() + 1).to_string();
                unit.id = match part.attribute("id") {
                    _ if count == 1 => id.to_owned(),
                    Some(own) => format!("{id}#{own}"),
                    None => format!("{id}#{number}"),
                };
                units.push(unit);
            }
            _ => {}
        }
    }
    if let Some(last) = units.last_mut() {
        last.after = between;
    }
    if let Some(first) = units.first_mut() {
        first.notes = notes(element);
        first.terms = terms(element);
        for (name, value) in metadata(element) {
            set(first, &name, value)?;
        }
    }
    Ok(units)
}

/// Whether wortlaut wrote a unit.
fn is_own(element: &MixedElement) -> bool {
    element.attribute("type").is_some_and(|kind| kind.starts_with(OWN))
}

fn segment(element: &MixedElement, data: &HashMap<&str, String>) -> BilingualUnit {
    let side = |name| element.child(name).map(|side| text(side, data)).unwrap_or_default();
    let target = Some(side("target")).filter(|target| !target.is_empty());
    let state = match element.attribute("state") {
        Some("translated") => UnitState::Translated,
        Some("reviewed" | "final") => UnitState::Approved,
        // Many tools write targets without a state.
        None if target.is_some() => UnitState::Translated,
        _ => UnitState::Initial,
    };
    BilingualUnit::new(side("source"), target, state)
}

/// The text of an element that has no markup in it but characters that XML cannot hold.
fn words(element: &MixedElement) -> String {
    let words = element.content.iter().map(|node| match node {
        MixedNode::Text(text) => text.clone(),
        MixedNode::Element(inner) => character(inner).map_or_else(|| words(inner), String::from),
    });
    words.collect()
}

/// The character that a `<cp>` stands for.
fn character(element: &MixedElement) -> Option<char> {
    let code = element.attribute("hex").filter(|_| element.local() == "cp")?;
    char::from_u32(u32::from_str_radix(code, 16).ok()?)
}

fn text(element: &MixedElement, data: &HashMap<&str, String>) -> BilingualText {
    let mut pieces = Vec::new();
    content(element, data, &mut pieces);
    BilingualText::new(pieces)
}

fn content(element: &MixedElement, data: &HashMap<&str, String>, pieces: &mut Vec<BilingualPiece>) {
    for node in &element.content {
        match node {
            MixedNode::Text(text) => pieces.push(BilingualPiece::Text(text.clone())),
            MixedNode::Element(inner) => code(inner, data, pieces),
        }
    }
}

fn code(code: &MixedElement, data: &HashMap<&str, String>, pieces: &mut Vec<BilingualPiece>) {
    let native = |name: &str| code.attribute(name).and_then(|id| data.get(id)).cloned().unwrap_or_default();
    let id = code.attribute("id").unwrap_or_default().to_owned();
    match code.local() {
        "pc" => {
            pieces.push(BilingualPiece::Open { id: id.clone(), native: native("dataRefStart") });
            content(code, data, pieces);
            pieces.push(BilingualPiece::Close { id, native: native("dataRefEnd") });
        }
        "sc" => pieces.push(BilingualPiece::Open { id, native: native("dataRef") }),
        "ec" => {
            let id = code.attribute("startRef").map_or(id, str::to_owned);
            pieces.push(BilingualPiece::Close { id, native: native("dataRef") });
        }
        "ph" => {
            let is_own = code.attribute("subType") == Some(READS_AS);
            let reads_as = reads_as(code.attribute("equiv"), is_own);
            pieces.push(BilingualPiece::Atom { id, native: native("dataRef"), reads_as });
        }
        "cp" => pieces.extend(character(code).map(|character| BilingualPiece::Text(character.into()))),
        // Annotations mark words, and change nothing.
        "sm" | "em" => {}
        _ => content(code, data, pieces),
    }
}

fn notes(element: &MixedElement) -> Vec<UnitNote> {
    let notes = element.child("notes").into_iter().flat_map(|notes| notes.named("note"));
    let finding = |note: &MixedElement| {
        let severity = match note.attribute("priority")? {
            "1" => Severity::Error,
            "2" => Severity::Warning,
            _ => Severity::Info,
        };
        let kind = note.attribute("category")?.strip_prefix(OWN)?.strip_prefix(':')?;
        Some(FindingMark { kind: kind.parse().ok()?, severity })
    };
    notes.map(|note| UnitNote { text: words(note), finding: finding(note) }).collect()
}

fn terms(element: &MixedElement) -> Vec<UnitTerm> {
    let entries = element.child("glossary").into_iter().flat_map(|glossary| glossary.named("glossEntry"));
    let term = |entry: &MixedElement| {
        let target = entry.child("translation").map(words)?;
        let is_held = entry.attribute("held") != Some("no");
        Some(UnitTerm { source: entry.child("term").map(words)?, target, is_held })
    };
    entries.filter_map(term).collect()
}

/// The metadata of a unit, in whatever groups it stands.
fn metadata(element: &MixedElement) -> Vec<(String, String)> {
    fn of(group: &MixedElement, found: &mut Vec<(String, String)>) {
        for inner in group.children() {
            match inner.local() {
                "metaGroup" => of(inner, found),
                "meta" => {
                    let category = group.attribute("category").unwrap_or_default();
                    let name = inner.attribute("type").unwrap_or_default();
                    let prefix = if category == OWN { "" } else { "field:" };
                    found.push((format!("{prefix}{name}"), words(inner)));
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    element.named("metadata").for_each(|metadata| of(metadata, &mut found));
    found
}

/// Takes in what has a name and a value; what is not wortlaut's own has a prefix.
pub(super) fn set(unit: &mut BilingualUnit, name: &str, value: String) -> Result<(), XmlFault> {
    let wrong = || format!("{name} is {value:?}");
    match name {
        "segment" => unit.segment = Some(value.parse().map_err(|_| wrong())?),
        "by" => unit.by = Some(value),
        "at" => unit.at = Some(value.parse().map_err(|_| wrong())?),
        "context-before" => unit.context.before = Some(value),
        "context-after" => unit.context.after = Some(value),
        "before" => unit.before = value,
        "after" => unit.after = value,
        "state" => unit.state = value.parse().map_err(|_| wrong())?,
        "term" | "term-not-held" => {
            unit.terms.push(UnitTerm::of_phrase(&value, name == "term").ok_or_else(wrong)?);
        }
        _ => unit.fields.extend(name.strip_prefix("field:").map(|name| (name.to_owned(), value))),
    }
    Ok(())
}
