//! TMX 1.4: a translation unit an entry.
//!
//! What TMX has no element for stands in properties, which other programs pass over: `x-wortlaut-target` (one for
//! each further rendering), `-case`, `-form`, `-avoid`, `-kind`.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::super::cells;
use super::super::error::{GlossaryError, LineError, LineFault};
use super::imported::{Imported, cell_text, is_language};
use super::xml::{Element, elements, escaped};
use crate::model::{CaseRule, Entry, EntryKind, Origin};
use crate::text::counted;

const PREFIX: &str = "x-wortlaut-";

/// Reads the units that have a German and an English side.
pub(super) fn read(path: &Path, text: &str) -> Result<Imported, GlossaryError> {
    let mut imported = Imported::default();
    let mut one_sided = 0_usize;
    elements(path, text, &["tu"], |line, unit| {
        let origin = Origin { path: path.to_owned(), line };
        match entry(&unit, origin.clone()) {
            Ok(Some(entry)) => imported.entries.push(entry),
            Ok(None) => one_sided += 1,
            Err(fault) => {
                imported.faults.push(LineError::of_line(origin, unit.text().as_bytes(), fault).into());
            }
        }
        Ok(())
    })?;
    if one_sided > 0 {
        imported.remarks.push(format!("{} without a German or an English side", counted(one_sided, "unit")));
    }
    Ok(imported)
}

fn entry(unit: &Element, origin: Origin) -> Result<Option<Entry>, LineFault> {
    let sides = |language: &'static str| {
        unit.named("tuv")
            .filter(move |side| side.attribute("lang").is_some_and(|code| is_language(code, language)))
            .flat_map(|side| side.named("seg"))
            .map(Element::text)
            .filter(|text| !text.is_empty())
    };
    let Some(source) = sides("de").next() else { return Ok(None) };
    let properties = |name: &'static str| {
        let is_meant = move |property: &&Element| {
            property.attribute("type").and_then(|kind| kind.strip_prefix(PREFIX)) == Some(name)
        };
        unit.named("prop").filter(is_meant).map(Element::text).filter(|text| !text.is_empty())
    };
    let mut entry = Entry::new(&source, "", origin);
    entry.targets = sides("en").chain(properties("target")).collect();
    if entry.targets.is_empty() {
        return Ok(None);
    }
    entry.case = cells::case(&properties("case").next().unwrap_or_default())?;
    entry.kind = cells::kind(&properties("kind").next().unwrap_or_default())?;
    entry.forms = properties("form").collect();
    entry.avoid = properties("avoid").collect();
    entry.note = unit.named("note").next().map(|note| cell_text(&note.text())).unwrap_or_default();
    Ok(Some(entry))
}

/// Writes a unit an entry.
pub(super) fn write(entries: &[Arc<Entry>]) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tmx version=\"1.4\">\n  <header creationtool=\"wortlaut\" \
         creationtoolversion=\"{}\" segtype=\"phrase\" o-tmf=\"wortlaut\" adminlang=\"en\" srclang=\"de\" \
         datatype=\"plaintext\"/>\n  <body>\n",
        env!("CARGO_PKG_VERSION")
    );
    for entry in entries {
        out.push_str("    <tu>\n");
        // Writing into a string cannot fail.
        if !entry.note.is_empty() {
            let _ = writeln!(out, "      <note>{}</note>", escaped(&entry.note));
        }
        for (name, value) in properties(entry) {
            let _ = writeln!(out, "      <prop type=\"{PREFIX}{name}\">{}</prop>", escaped(value));
        }
        for (code, text) in [("de", entry.source.as_str()), ("en", entry.target())] {
            let _ = writeln!(out, "      <tuv xml:lang=\"{code}\"><seg>{}</seg></tuv>", escaped(text));
        }
        out.push_str("    </tu>\n");
    }
    out.push_str("  </body>\n</tmx>\n");
    out
}

/// What stands in properties.
fn properties(entry: &Entry) -> Vec<(&'static str, &str)> {
    let mut out: Vec<(&'static str, &str)> = Vec::new();
    out.extend(entry.targets.iter().skip(1).map(|target| ("target", target.as_str())));
    if entry.case != CaseRule::default() {
        out.push(("case", entry.case.as_str()));
    }
    out.extend(entry.forms.iter().map(|form| ("form", form.as_str())));
    out.extend(entry.avoid.iter().map(|avoid| ("avoid", avoid.as_str())));
    if entry.kind != EntryKind::default() {
        out.push(("kind", entry.kind.as_str()));
    }
    out
}
