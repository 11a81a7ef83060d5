//! Units of XLIFF 2.1, as they are written.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::codes::name;
use super::names::{OWN, READS_AS};
use crate::bilingual::text::{BilingualPiece, BilingualText};
use crate::bilingual::unit::{BilingualUnit, FindingMark, UnitState};
use crate::bilingual::xml::{attribute, escaped, is_allowed};
use crate::model::Severity;

/// The tag around all files.
pub(super) const ROOT: &str = "<xliff xmlns=\"urn:oasis:names:tc:xliff:document:2.0\" \
    xmlns:gls=\"urn:oasis:names:tc:xliff:glossary:2.0\" xmlns:mda=\"urn:oasis:names:tc:xliff:metadata:2.0\" \
    xmlns:w=\"urn:wortlaut:xliff\" version=\"2.1\" srcLang=\"de\" trgLang=\"en\">";

/// A `<unit>`.
pub(super) fn unit(unit: &BilingualUnit, id: &str) -> String {
    let mut out = format!("<unit id=\"{id}\" type=\"{OWN}:segment\" xml:space=\"preserve\"");
    // Writing into a string cannot fail.
    if unit.id != id {
        let _ = write!(out, " name=\"{}\"", attribute(&unit.id));
    }
    if unit.state == UnitState::Kept {
        out.push_str(" translate=\"no\"");
    }
    out.push_str(">\n");
    glossary(unit, &mut out);
    metadata(unit, &mut out);
    notes(unit, &mut out);
    let mut data = NativeData::default();
    let source = text(&unit.source, &mut data);
    let target = unit.target.as_ref().map(|target| text(target, &mut data));
    data.write(&mut out);
    ignorable(&unit.before, &mut out);
    let state = match unit.state {
        UnitState::Initial => "initial",
        UnitState::Kept if unit.target.is_none() => "initial",
        UnitState::Kept | UnitState::Translated => "translated",
        UnitState::Approved => "final",
    };
    let _ = writeln!(out, "<segment state=\"{state}\">\n<source>{source}</source>");
    if let Some(target) = target {
        let _ = writeln!(out, "<target>{target}</target>");
    }
    out.push_str("</segment>\n");
    ignorable(&unit.after, &mut out);
    out.push_str("</unit>\n");
    out
}

fn ignorable(between: &str, out: &mut String) {
    if !between.is_empty() {
        let _ = writeln!(out, "<ignorable><source>{}</source></ignorable>", words(between));
    }
}

fn glossary(unit: &BilingualUnit, out: &mut String) {
    if unit.terms.is_empty() {
        return;
    }
    out.push_str("<gls:glossary>\n");
    for term in &unit.terms {
        let held = if term.is_held { "" } else { " w:held=\"no\"" };
        let (source, target) = (escaped(&term.source), escaped(&term.target));
        let _ = writeln!(
            out,
            "<gls:glossEntry{held}><gls:term>{source}</gls:term><gls:translation>{target}</gls:translation></gls:glossEntry>"
        );
    }
    out.push_str("</gls:glossary>\n");
}

fn metadata(unit: &BilingualUnit, out: &mut String) {
    let own: [(&str, Option<String>); 5] = [
        ("segment", unit.segment.map(|segment| segment.to_string())),
        ("by", unit.by.clone()),
        ("at", unit.at.map(|at| at.to_string())),
        ("context-before", unit.context.before.clone()),
        ("context-after", unit.context.after.clone()),
    ];
    let own: Vec<_> = own.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
    let fields: Vec<_> = unit.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let groups = [(OWN, own), ("fields", fields)];
    if groups.iter().all(|(_, values)| values.is_empty()) {
        return;
    }
    out.push_str("<mda:metadata>\n");
    for (category, values) in groups.into_iter().filter(|(_, values)| !values.is_empty()) {
        let _ = writeln!(out, "<mda:metaGroup category=\"{category}\">");
        for (name, value) in values {
            let _ = writeln!(out, "<mda:meta type=\"{}\">{}</mda:meta>", attribute(name), escaped(value));
        }
        out.push_str("</mda:metaGroup>\n");
    }
    out.push_str("</mda:metadata>\n");
}

fn notes(unit: &BilingualUnit, out: &mut String) {
    if unit.notes.is_empty() {
        return;
    }
    out.push_str("<notes>\n");
    for note in &unit.notes {
        let about = note.finding.map(|FindingMark { kind, severity }| {
            format!(" category=\"{OWN}:{}\" priority=\"{}\"", kind.as_str(), priority(severity))
        });
        let _ = writeln!(out, "<note{}>{}</note>", about.unwrap_or_default(), escaped(&note.text));
    }
    out.push_str("</notes>\n");
}

/// A severity as the priority of a note.
pub(super) fn priority(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Info => 3,
    }
}

/// What stands for the codes of a unit in the file that it was taken from, each once.
#[derive(Default)]
struct NativeData<'a> {
    ids: HashMap<&'a str, usize>,
    all: Vec<&'a str>,
}

impl<'a> NativeData<'a> {
    /// The attribute that refers to a native code; none for an empty one.
    fn reference(&mut self, name: &str, native: &'a str) -> String {
        if native.is_empty() {
            return String::new();
        }
        let id = *self.ids.entry(native).or_insert_with(|| {
            self.all.push(native);
            self.all.len()
        });
        format!(" {name}=\"d{id}\"")
    }

    fn write(&self, out: &mut String) {
        if self.all.is_empty() {
            return;
        }
        out.push_str("<originalData>\n");
        for (id, native) in (1..).zip(&self.all) {
            let _ = writeln!(out, "<data id=\"d{id}\">{}</data>", words(native));
        }
        out.push_str("</originalData>\n");
    }
}

/// Text in which each character that XML cannot hold has an element of its own.
fn words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c| !is_allowed(c)) {
        let bad = rest[at..].chars().next().unwrap_or_default();
        let _ = write!(out, "{}<cp hex=\"{:04X}\"/>", escaped(&rest[..at]), u32::from(bad));
        rest = &rest[at + bad.len_utf8()..];
    }
    out + &escaped(rest)
}

fn text<'a>(text: &'a BilingualText, data: &mut NativeData<'a>) -> String {
    let crossing = crossing(text);
    let mut out = String::new();
    let ends: HashMap<&str, &'a str> = text
        .pieces()
        .iter()
        .filter_map(|piece| match piece {
            BilingualPiece::Close { id, native } => Some((id.as_str(), native.as_str())),
            _ => None,
        })
        .collect();
    for piece in text.pieces() {
        match piece {
            BilingualPiece::Text(text) => out.push_str(&words(text)),
            BilingualPiece::Open { id, native } if crossing.contains(id.as_str()) => {
                let _ = write!(out, "<sc id=\"{}\"{}/>", name(id), data.reference("dataRef", native));
            }
            BilingualPiece::Close { id, native } if crossing.contains(id.as_str()) => {
                let _ = write!(out, "<ec startRef=\"{}\"{}/>", name(id), data.reference("dataRef", native));
            }
            BilingualPiece::Open { id, native } => {
                let start = data.reference("dataRefStart", native);
                let end = data.reference("dataRefEnd", ends.get(id.as_str()).copied().unwrap_or_default());
                let _ = write!(out, "<pc id=\"{}\"{start}{end}>", name(id));
            }
            BilingualPiece::Close { .. } => out.push_str("</pc>"),
            BilingualPiece::Atom { id, native, reads_as } => {
                let _ = write!(out, "<ph id=\"{}\"{}", name(id), data.reference("dataRef", native));
                if !reads_as.is_empty() {
                    let equivalent = attribute(reads_as);
                    let _ = write!(
                        out,
                        " type=\"other\" subType=\"{READS_AS}\" equiv=\"{equivalent}\" disp=\"{equivalent}\""
                    );
                }
                out.push_str("/>");
            }
        }
    }
    out
}

/// The ids of what ends while something that began in it is open: it cannot be an element around its words.
fn crossing(text: &BilingualText) -> HashSet<&str> {
    let mut open: Vec<&str> = Vec::new();
    let mut crossing = HashSet::new();
    for piece in text.pieces() {
        match piece {
            BilingualPiece::Open { id, .. } => open.push(id),
            BilingualPiece::Close { id, .. } => {
                // What crosses others stays in the list until it comes to its end.
                while open.pop_if(|last| crossing.contains(*last)).is_some() {}
                if open.pop_if(|last| last == id).is_none() {
                    crossing.insert(id.as_str());
                }
            }
            BilingualPiece::Text(_) | BilingualPiece::Atom { .. } => {}
        }
    }
    crossing
}
