//! Units of XLIFF 1.x, with what Trados, memoQ and Phrase add.

use std::collections::HashMap;

use super::codes::reads_as;
use super::names::{OWN, READS_AS};
use super::version2::set;
use crate::bilingual::text::{BilingualPiece, BilingualText};
use crate::bilingual::unit::{BilingualUnit, FindingMark, UnitNote, UnitState};
use crate::bilingual::xml::{MixedElement, MixedNode, XmlFault};
use crate::model::Severity;

/// The units of a `<trans-unit>`: one, or one for each segment that a tool has cut it into. What is said of it as a whole
/// goes with the first.
pub(super) fn units(element: &MixedElement) -> Result<Vec<BilingualUnit>, XmlFault> {
    let id = element.attribute("id").unwrap_or_default();
    let whole_target = element.child("target");
    let state = state_of(element, whole_target);
    let mut segments = HashMap::new();
    if let Some(target) = whole_target {
        for (mid, segment) in marked(target) {
            segments.entry(mid).or_insert(segment);
        }
    }
    let sources = element.child("seg-source").map(marked).unwrap_or_default();
    let single = || vec![(None, element.child("source"), whole_target)];
    let sides = match sources.as_slice() {
        [] => single(),
        sources => sources
            .iter()
            .map(|(mid, source)| (Some(*mid), Some(*source), segments.get(mid).copied()))
            .collect(),
    };
    let mut units: Vec<BilingualUnit> = Vec::new();
    for (mid, source, target) in sides {
        let target = target.map(text).filter(|target| !target.is_empty());
        let own = mid.and_then(|mid| confirmation(element, mid));
        let state = match own.unwrap_or(state) {
            UnitState::Translated if target.is_none() => UnitState::Initial,
            state => state,
        };
        let mut unit = BilingualUnit::new(source.map(text).unwrap_or_default(), target, state);
        unit.id = match mid {
            Some(mid) if sources.len() > 1 => format!("{id}#{mid}"),
            _ => id.to_owned(),
        };
        units.push(unit);
    }
    if let Some(first) = units.first_mut() {
        first.notes = element.named("note").map(note).collect();
        for group in element.named("context-group") {
            let purpose = group.attribute("purpose").and_then(|purpose| purpose.strip_prefix("x-"));
            let is_own = purpose == Some(OWN);
            for context in group.named("context") {
                let name = context.attribute("context-type").unwrap_or_default();
                let name = name.strip_prefix("x-").unwrap_or(name);
                let name = if is_own { name.to_owned() } else { format!("field:{name}") };
                set(first, &name, context.text())?;
            }
        }
    }
    Ok(units)
}

/// How far a unit has come, by what the standard and the tools have for it.
fn state_of(element: &MixedElement, target: Option<&MixedElement>) -> UnitState {
    let attribute = |name: &str| element.attribute(name).unwrap_or_default();
    let is_approved = attribute("approved") == "yes"
        // Phrase, and memoQ.
        || attribute("confirmed") == "1"
        || matches!(attribute("status"), "ManuallyConfirmed" | "Proofread" | "Reviewer1Confirmed" | "Reviewer2Confirmed");
    match target.and_then(|target| target.attribute("state")) {
        _ if is_approved => UnitState::Approved,
        Some("final" | "signed-off") => UnitState::Approved,
        Some("new" | "needs-translation") => UnitState::Initial,
        _ if target.is_some_and(|target| !target.content.is_empty()) => UnitState::Translated,
        _ => UnitState::Initial,
    }
}

/// What Trados says of a segment.
fn confirmation(element: &MixedElement, mid: &str) -> Option<UnitState> {
    let segments = element.child("seg-defs")?;
    let segment = segments.named("seg").find(|segment| segment.attribute("id") == Some(mid))?;
    match segment.attribute("conf").unwrap_or_default() {
        "ApprovedTranslation" | "ApprovedSignOff" => Some(UnitState::Approved),
        "Translated" | "Draft" | "RejectedTranslation" | "RejectedSignOff" => Some(UnitState::Translated),
        _ => None,
    }
}

/// The segments that a tool has marked in an element, at whatever depth.
fn marked(element: &MixedElement) -> Vec<(&str, &MixedElement)> {
    let mut found = Vec::new();
    for inner in element.children() {
        let is_segment = inner.local() == "mrk" && inner.attribute("mtype") == Some("seg");
        match inner.attribute("mid").filter(|_| is_segment) {
            Some(mid) => found.push((mid, inner)),
            None => found.extend(marked(inner)),
        }
    }
    found
}

fn text(element: &MixedElement) -> BilingualText {
    let mut pieces = Vec::new();
    content(element, &mut pieces);
    BilingualText::new(pieces)
}

fn content(element: &MixedElement, pieces: &mut Vec<BilingualPiece>) {
    for node in &element.content {
        match node {
            MixedNode::Text(text) => pieces.push(BilingualPiece::Text(text.clone())),
            MixedNode::Element(inner) => code(inner, pieces),
        }
    }
}

fn code(code: &MixedElement, pieces: &mut Vec<BilingualPiece>) {
    let id = code.attribute("id").unwrap_or_default().to_owned();
    // The halves of a pair have a number in common, or their id.
    let pair = || code.attribute("rid").map_or(id.clone(), str::to_owned);
    let native = || code.text();
    match code.local() {
        "g" => {
            pieces.push(BilingualPiece::Open { id: id.clone(), native: String::new() });
            content(code, pieces);
            pieces.push(BilingualPiece::Close { id, native: String::new() });
        }
        "bpt" | "bx" => pieces.push(BilingualPiece::Open { id: pair(), native: native() }),
        "ept" | "ex" => pieces.push(BilingualPiece::Close { id: pair(), native: native() }),
        "ph" | "it" | "x" => {
            let is_own = code.attribute("ctype").and_then(|kind| kind.strip_prefix("x-")) == Some(READS_AS);
            let reads_as = reads_as(code.attribute("equiv-text"), is_own);
            pieces.push(BilingualPiece::Atom { id, native: native(), reads_as });
        }
        // Marks of terms, comments and protected words.
        _ => content(code, pieces),
    }
}

fn note(note: &MixedElement) -> UnitNote {
    let finding = || {
        let severity = match note.attribute("priority")? {
            "1" => Severity::Error,
            "2" => Severity::Warning,
            _ => Severity::Info,
        };
        let kind = note.attribute("from")?.strip_prefix(OWN)?.strip_prefix(':')?;
        Some(FindingMark { kind: kind.parse().ok()?, severity })
    };
    UnitNote { text: note.text(), finding: finding() }
}
