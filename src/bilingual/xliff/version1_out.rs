//! Units of XLIFF 1.2, as they are written.

use std::fmt::Write as _;

use super::codes::name;
use super::names::{OWN, READS_AS};
use super::version2_out::priority;
use crate::bilingual::text::{BilingualPiece, BilingualText};
use crate::bilingual::unit::{BilingualUnit, FindingMark, UnitState};
use crate::bilingual::xml::{attribute, escaped};

/// The tag around all files.
pub(super) const ROOT: &str = "<xliff xmlns=\"urn:oasis:names:tc:xliff:document:1.2\" version=\"1.2\">";

/// A `<trans-unit>`.
pub(super) fn unit(unit: &BilingualUnit, id: &str) -> String {
    let mut out = format!("<trans-unit id=\"{id}\" xml:space=\"preserve\"");
    match unit.state {
        UnitState::Kept => out.push_str(" translate=\"no\""),
        UnitState::Approved => out.push_str(" approved=\"yes\""),
        UnitState::Initial | UnitState::Translated => {}
    }
    // Writing into a string cannot fail.
    let _ = writeln!(out, ">\n<source>{}</source>", text(&unit.source));
    if let Some(target) = &unit.target {
        let state = match unit.state {
            UnitState::Initial => "new",
            UnitState::Translated | UnitState::Kept => "translated",
            UnitState::Approved => "final",
        };
        let _ = writeln!(out, "<target state=\"{state}\">{}</target>", text(target));
    }
    contexts(OWN, &own(unit), &mut out);
    let fields: Vec<_> = unit.fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    contexts("fields", &fields, &mut out);
    for note in &unit.notes {
        let about = note.finding.map(|FindingMark { kind, severity }| {
            format!(" from=\"{OWN}:{}\" priority=\"{}\"", kind.as_str(), priority(severity))
        });
        let _ = writeln!(out, "<note{}>{}</note>", about.unwrap_or_default(), escaped(&note.text));
    }
    out.push_str("</trans-unit>\n");
    out
}

/// What the standard has no place for.
fn own(unit: &BilingualUnit) -> Vec<(&'static str, String)> {
    let mut own: Vec<(&str, String)> = Vec::new();
    own.extend(unit.segment.map(|segment| ("segment", segment.to_string())));
    own.extend(unit.by.clone().map(|by| ("by", by)));
    own.extend(unit.at.map(|at| ("at", at.to_string())));
    own.extend(unit.context.before.clone().map(|before| ("context-before", before)));
    own.extend(unit.context.after.clone().map(|after| ("context-after", after)));
    own.extend([("before", &unit.before), ("after", &unit.after)].map(|(name, gap)| (name, gap.clone())));
    own.retain(|(name, value)| !value.is_empty() || name.starts_with("context-"));
    let term = |term: &crate::bilingual::unit::UnitTerm| {
        let name = if term.is_held { "term" } else { "term-not-held" };
        (name, term.phrase())
    };
    own.extend(unit.terms.iter().map(term));
    own
}

fn contexts(group: &str, values: &[(&str, String)], out: &mut String) {
    if values.is_empty() {
        return;
    }
    let _ = writeln!(out, "<context-group purpose=\"x-{group}\">");
    for (name, value) in values {
        // Names of types have no white space.
        let name = name.split_whitespace().collect::<Vec<_>>().join("_");
        let _ =
            writeln!(out, "<context context-type=\"x-{}\">{}</context>", attribute(&name), escaped(value));
    }
    out.push_str("</context-group>\n");
}

fn text(text: &BilingualText) -> String {
    let mut out = String::new();
    for piece in text.pieces() {
        let _ = match piece {
            BilingualPiece::Text(words) => write!(out, "{}", escaped(words)),
            BilingualPiece::Open { id, native } => {
                write!(out, "<bpt id=\"{}\">{}</bpt>", name(id), escaped(native))
            }
            BilingualPiece::Close { id, native } => {
                write!(out, "<ept id=\"{}\">{}</ept>", name(id), escaped(native))
            }
            BilingualPiece::Atom { id, native, reads_as } => {
                let equivalent = Some(reads_as).filter(|text| !text.is_empty());
                let equivalent = equivalent
                    .map(|text| format!(" ctype=\"x-{READS_AS}\" equiv-text=\"{}\"", attribute(text)));
                let (id, native) = (name(id), escaped(native));
                write!(out, "<ph id=\"{id}\"{}>{native}</ph>", equivalent.unwrap_or_default())
            }
        };
    }
    out
}
