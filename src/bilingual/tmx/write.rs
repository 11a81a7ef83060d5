//! Writing TMX.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::names::{CONTEXT, PREFIX};
use super::segment::{self, numbers};
use crate::bilingual::text::BilingualText;
use crate::bilingual::unit::{BilingualUnit, FindingMark, UnitNote};
use crate::bilingual::writer::UnitWriter;
use crate::bilingual::xml::{attribute, escaped};

/// Writes a unit a `<tu>`.
pub(in crate::bilingual) struct TmxWriter<W> {
    out: W,
}

/// What stands behind the last unit.
pub(in crate::bilingual) const TAIL: &str = "</body>\n</tmx>\n";

/// What stands before the first unit.
pub(in crate::bilingual) fn head() -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\n<tmx version=\"1.4\">\n\
         <header creationtool=\"wortlaut\" creationtoolversion=\"{}\" segtype=\"sentence\" o-tmf=\"wortlaut\" \
         adminlang=\"en\" srclang=\"de\" datatype=\"plaintext\"/>\n<body>\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// What stands for some units.
pub(in crate::bilingual) fn body(units: &[BilingualUnit]) -> String {
    units.iter().map(translation_unit).collect()
}

impl<W: Write> TmxWriter<W> {
    pub(in crate::bilingual) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(head().as_bytes())?;
        Ok(Self { out })
    }
}

impl<W: Write> UnitWriter for TmxWriter<W> {
    fn write(&mut self, unit: &BilingualUnit) -> io::Result<()> {
        self.out.write_all(translation_unit(unit).as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.write_all(TAIL.as_bytes())?;
        self.out.flush()
    }
}

fn translation_unit(unit: &BilingualUnit) -> String {
    let mut out = String::from("<tu");
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(out, " {name}=\"{}\"", attribute(value));
        }
    };
    // Writing into a string cannot fail.
    put("tuid", &unit.id);
    let at = unit.at.map(|at| at.to_string().replace(['-', ':'], ""));
    put("changedate", at.as_deref().unwrap_or_default());
    put("changeid", unit.by.as_deref().unwrap_or_default());
    out.push_str(">\n");
    for note in &unit.notes {
        let _ = writeln!(out, "<note>{}</note>", escaped(&remark(note)));
    }
    for (name, value) in properties(unit) {
        let _ = writeln!(out, "<prop type=\"{}\">{}</prop>", attribute(&name), escaped(&value));
    }
    let target = unit.target.as_ref();
    let sides: Vec<&BilingualText> = std::iter::once(&unit.source).chain(target).collect();
    let numbers = numbers(&sides);
    for (language, text) in ["de", "en"].into_iter().zip(sides) {
        let segment = segment::write(text, &numbers);
        let _ = writeln!(out, "<tuv xml:lang=\"{language}\"><seg>{segment}</seg></tuv>");
    }
    out.push_str("</tu>\n");
    out
}

/// A note as a text: `numbers (warning): 13 is missing`.
fn remark(UnitNote { text, finding }: &UnitNote) -> String {
    match finding {
        Some(FindingMark { kind, severity }) => format!("{} ({}): {text}", kind.as_str(), severity.as_str()),
        None => text.clone(),
    }
}

/// What stands in properties.
fn properties(unit: &BilingualUnit) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut own = |name: &str, value: &str| {
        if !value.is_empty() {
            out.push((format!("{PREFIX}{name}"), value.to_owned()));
        }
    };
    own("article", unit.article.as_ref().map_or("", |article| article.as_str()));
    own("segment", &unit.segment.map(|segment| segment.to_string()).unwrap_or_default());
    if let Some(block) = &unit.block {
        own("block", &block.number.to_string());
        own("kind", block.kind.as_str());
    }
    own("state", unit.state.as_str());
    own("before", &unit.before);
    own("after", &unit.after);
    for term in &unit.terms {
        let name = if term.is_held { "term" } else { "term-not-held" };
        own(name, &term.phrase());
    }
    let context = CONTEXT.into_iter().zip([&unit.context.before, &unit.context.after]);
    out.extend(context.filter_map(|(name, text)| Some((name.to_owned(), text.clone()?))));
    let is_free = |name: &str| !name.starts_with(PREFIX) && !CONTEXT.contains(&name);
    out.extend(unit.fields.iter().filter(|(name, _)| is_free(name)).cloned());
    out
}
