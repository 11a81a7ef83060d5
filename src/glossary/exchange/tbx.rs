//! TBX-Basic (ISO 30042:2019), as tags (DCT) and as attributes (DCA), and TBX of 2008 (`martif`).
//!
//! An entry is a concept. The source is the preferred German term, `forms` are variants of it; the first target is
//! preferred, further ones are admitted, and those to be avoided deprecated. A name is a proper noun.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::super::error::GlossaryError;
use super::imported::{Imported, cell_text, is_language};
use super::xml::{Element, elements, escaped};
use crate::model::{Entry, EntryKind, Origin};
use crate::text::counted;

/// The standing of a term, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum TermStatus {
    Preferred,
    Unsaid,
    Admitted,
    Deprecated,
}

/// A term of one language of a concept.
struct TbxTerm {
    text: String,
    standing: TermStatus,
    is_variant: bool,
    is_name: bool,
}

/// Reads concepts.
pub(super) fn read(path: &Path, text: &str) -> Result<Imported, GlossaryError> {
    let mut imported = Imported::default();
    let mut one_sided = 0_usize;
    elements(path, text, &["conceptEntry", "termEntry"], |line, concept| {
        let entries = entries_of(&concept, &Origin { path: path.to_owned(), line });
        one_sided += usize::from(entries.is_empty());
        imported.entries.extend(entries);
        Ok(())
    })?;
    if one_sided > 0 {
        imported
            .remarks
            .push(format!("{} without a German or an English term", counted(one_sided, "concept")));
    }
    Ok(imported)
}

/// An entry for each German synonym of a concept.
fn entries_of(concept: &Element, origin: &Origin) -> Vec<Entry> {
    let (german, english) = (terms(concept, "de"), terms(concept, "en"));
    let texts = |terms: &[TbxTerm], wanted: fn(&TbxTerm) -> bool| -> Vec<String> {
        terms.iter().filter(|term| wanted(term)).map(|term| term.text.clone()).collect()
    };
    let targets = texts(&english, |term| term.standing != TermStatus::Deprecated);
    let note = concept.named("note").map(Element::text).next().unwrap_or_default();
    let good = |term: &&TbxTerm| term.standing != TermStatus::Deprecated;
    let mut sources: Vec<&TbxTerm> = german.iter().filter(good).filter(|term| !term.is_variant).collect();
    if sources.is_empty() {
        sources.extend(german.iter().find(good));
    }
    if targets.is_empty() {
        return Vec::new();
    }
    let mut forms = texts(&german, |term| term.is_variant && term.standing != TermStatus::Deprecated);
    let mut avoid = texts(&english, |term| term.standing == TermStatus::Deprecated);
    avoid.extend(texts(&german, |term| term.standing == TermStatus::Deprecated));
    let mut out = Vec::new();
    for term in sources {
        // The variants are of the first synonym; to say of which, TBX has no way.
        let mut entry = Entry::new(&term.text, "", origin.clone());
        entry.targets.clone_from(&targets);
        entry.forms = std::mem::take(&mut forms);
        entry.forms.retain(|form| *form != term.text);
        entry.avoid.clone_from(&avoid);
        entry.note = cell_text(&note);
        if german.iter().chain(&english).any(|term| term.is_name) {
            entry.kind = EntryKind::Name;
        }
        out.push(entry);
    }
    out
}

/// The terms of a language, the best standing first.
fn terms(concept: &Element, language: &str) -> Vec<TbxTerm> {
    let is_section = |child: &&Element| {
        matches!(child.name.as_str(), "langSec" | "langSet")
            && child.attribute("lang").is_some_and(|code| is_language(code, language))
    };
    let sections = concept.children.iter().filter(is_section).flat_map(|section| &section.children);
    let mut out: Vec<TbxTerm> = sections.filter_map(term).collect();
    out.sort_by_key(|term| term.standing);
    out
}

/// A term with what is said about it: in elements of their own (DCT) or of a `type` (DCA, 2008).
fn term(section: &Element) -> Option<TbxTerm> {
    if section.name == "ntig" {
        return section.named("termGrp").next().and_then(facts);
    }
    matches!(section.name.as_str(), "termSec" | "tig").then(|| facts(section)).flatten()
}

fn facts(section: &Element) -> Option<TbxTerm> {
    let text = section.named("term").map(Element::text).find(|text| !text.is_empty())?;
    let said = |category: &str| {
        let by_type = |child: &&Element| child.name == category || child.attribute("type") == Some(category);
        section.children.iter().find(by_type).map(Element::text).unwrap_or_default()
    };
    let standing = match said("administrativeStatus").trim_end_matches("-admn-sts") {
        "preferredTerm" => TermStatus::Preferred,
        "admittedTerm" => TermStatus::Admitted,
        "deprecatedTerm" | "supersededTerm" => TermStatus::Deprecated,
        _ => TermStatus::Unsaid,
    };
    let (is_variant, is_name) = (said("termType") == "variant", said("partOfSpeech") == "properNoun");
    Some(TbxTerm { text, standing, is_variant, is_name })
}

/// Writes a concept an entry.
pub(super) fn write(entries: &[Arc<Entry>], dialect: TbxDialect) -> String {
    let concept = if dialect == TbxDialect::Martif { "termEntry" } else { "conceptEntry" };
    let mut out = dialect.head();
    for (number, entry) in (1..).zip(entries) {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "      <{concept} id=\"c{number}\">");
        if !entry.note.is_empty() {
            let _ = writeln!(out, "        <note>{}</note>", escaped(&entry.note));
        }
        dialect.language(&mut out, "de", &german(entry));
        dialect.language(&mut out, "en", &english(entry));
        let _ = writeln!(out, "      </{concept}>");
    }
    let root = if dialect == TbxDialect::Martif { "martif" } else { "tbx" };
    let _ = writeln!(out, "    </body>\n  </text>\n</{root}>");
    out
}

/// What is written about a term: categories and values.
type Facts<'a> = (&'a str, Vec<(&'static str, &'static str)>);

const STATUS: &str = "administrativeStatus";

fn german(entry: &Entry) -> Vec<Facts<'_>> {
    let mut source = vec![(STATUS, "preferredTerm-admn-sts")];
    if entry.kind == EntryKind::Name {
        source.push(("partOfSpeech", "properNoun"));
    }
    let form = |form| (form, vec![("termType", "variant"), (STATUS, "admittedTerm-admn-sts")]);
    std::iter::once((entry.source.as_str(), source))
        .chain(entry.forms.iter().map(String::as_str).map(form))
        .collect()
}

fn english(entry: &Entry) -> Vec<Facts<'_>> {
    let targets = entry.targets.iter().enumerate().map(|(at, target)| {
        let status = if at == 0 { "preferredTerm-admn-sts" } else { "admittedTerm-admn-sts" };
        (target.as_str(), vec![(STATUS, status)])
    });
    let avoid = entry.avoid.iter().map(|term| (term.as_str(), vec![(STATUS, "deprecatedTerm-admn-sts")]));
    targets.chain(avoid).collect()
}

/// The head of a file of 2008, up to what [`HEADER`] says.
const MARTIF: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE martif SYSTEM \"TBXcoreStructV02.dtd\">\n\
    <martif type=\"TBX\" xml:lang=\"en\">\n  <martifHeader>\n";

/// What a file says of itself.
const HEADER: &str = "    <fileDesc>\n      <sourceDesc>\n        <p>A glossary kept with wortlaut</p>\n      \
    </sourceDesc>\n    </fileDesc>\n";

/// How data categories are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TbxDialect {
    /// `<min:partOfSpeech>`
    Tags,
    /// `<termNote type="partOfSpeech">`
    Attributes,
    /// The same in the elements of 2008.
    Martif,
}

impl TbxDialect {
    fn head(self) -> String {
        let (style, spaces) = match self {
            Self::Tags => (
                "dct",
                " xmlns:min=\"http://www.tbxinfo.net/ns/min\" xmlns:basic=\"http://www.tbxinfo.net/ns/basic\"",
            ),
            Self::Attributes => ("dca", ""),
            Self::Martif => return format!("{MARTIF}{HEADER}  </martifHeader>\n  <text>\n    <body>\n"),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <tbx type=\"TBX-Basic\" style=\"{style}\" xml:lang=\"en\" xmlns=\"urn:iso:std:iso:30042:ed-2\"{spaces}>\n  \
             <tbxHeader>\n{HEADER}  </tbxHeader>\n  <text>\n    <body>\n"
        )
    }

    fn language(self, out: &mut String, code: &str, terms: &[Facts<'_>]) {
        let (section, group) = if self == Self::Martif { ("langSet", "tig") } else { ("langSec", "termSec") };
        let _ = writeln!(out, "        <{section} xml:lang=\"{code}\">");
        for (term, facts) in terms {
            let _ = writeln!(out, "          <{group}>\n            <term>{}</term>", escaped(term));
            for (category, value) in facts {
                let _ = match self {
                    Self::Tags => {
                        // The module of TBX that defines the category.
                        let module = if *category == "termType" { "basic" } else { "min" };
                        writeln!(out, "            <{module}:{category}>{value}</{module}:{category}>")
                    }
                    Self::Attributes | Self::Martif => {
                        writeln!(out, "            <termNote type=\"{category}\">{value}</termNote>")
                    }
                };
            }
            let _ = writeln!(out, "          </{group}>");
        }
        let _ = writeln!(out, "        </{section}>");
    }
}
