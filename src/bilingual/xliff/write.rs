//! Writing XLIFF: files and groups, around the units of either version.

use std::collections::HashSet;
use std::io::{self, Write};

use super::names::OWN;
use super::{version1_out, version2_out};
use crate::bilingual::unit::{BilingualUnit, UnitBlock};
use crate::bilingual::writer::UnitWriter;
use crate::bilingual::xml::attribute;
use crate::model::ArticleId;

/// A version of XLIFF that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bilingual) enum XliffVersion {
    First,
    Second,
}

/// Writes an article a `<file>`, a block a `<group>`, a unit a `<unit>`.
pub(in crate::bilingual) struct XliffWriter<W> {
    out: W,
    version: XliffVersion,
    file: Option<OpenFile>,
    /// The ids of the files so far: an article may come back after another one.
    files: HashSet<String>,
}

/// The file that is being written.
struct OpenFile {
    article: Option<ArticleId>,
    block: Option<UnitBlock>,
    /// Of the units and the groups.
    ids: HashSet<String>,
}

impl<W: Write> XliffWriter<W> {
    /// Writes the head.
    pub(in crate::bilingual) fn begin(mut out: W, version: XliffVersion) -> io::Result<Self> {
        let root = match version {
            XliffVersion::First => version1_out::ROOT,
            XliffVersion::Second => version2_out::ROOT,
        };
        write!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{root}\n")?;
        Ok(Self { out, version, file: None, files: HashSet::new() })
    }

    fn open_file(&mut self, article: Option<&ArticleId>) -> io::Result<()> {
        if self.file.as_ref().is_some_and(|file| file.article.as_ref() == article) {
            return Ok(());
        }
        self.close_file()?;
        let name = article.map_or("", ArticleId::as_str);
        // Articles have names of all kinds, ids have not.
        let id = unused(&mut self.files, format!("f{}", &blake3::hash(name.as_bytes()).to_hex()[..16]));
        let name = attribute(name);
        match self.version {
            XliffVersion::First => writeln!(
                self.out,
                "<file original=\"{name}\" source-language=\"de\" target-language=\"en\" datatype=\"plaintext\">\n<body>"
            )?,
            XliffVersion::Second if name.is_empty() => {
                writeln!(self.out, "<file id=\"{id}\" canResegment=\"no\">")?
            }
            XliffVersion::Second => {
                writeln!(self.out, "<file id=\"{id}\" original=\"{name}\" canResegment=\"no\">")?;
            }
        }
        self.file = Some(OpenFile { article: article.cloned(), block: None, ids: HashSet::new() });
        Ok(())
    }

    fn close_file(&mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        if file.block.is_some() {
            self.out.write_all(b"</group>\n")?;
        }
        self.out.write_all(match self.version {
            XliffVersion::First => b"</body>\n</file>\n",
            XliffVersion::Second => b"</file>\n",
        })
    }

    fn open_group(&mut self, block: Option<&UnitBlock>) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        if file.block.as_ref() == block {
            return Ok(());
        }
        if file.block.is_some() {
            self.out.write_all(b"</group>\n")?;
        }
        file.block = block.cloned();
        let Some(block) = block else { return Ok(()) };
        let id = unused(&mut file.ids, format!("b{}", block.number));
        let kind = block.kind.as_str();
        match self.version {
            XliffVersion::First => writeln!(self.out, "<group id=\"{id}\" restype=\"x-{OWN}-{kind}\">"),
            XliffVersion::Second => writeln!(self.out, "<group id=\"{id}\" type=\"{OWN}:{kind}\">"),
        }
    }
}

impl<W: Write> UnitWriter for XliffWriter<W> {
    fn write(&mut self, unit: &BilingualUnit) -> io::Result<()> {
        self.open_file(unit.article.as_ref())?;
        self.open_group(unit.block.as_ref())?;
        let Some(file) = &mut self.file else { return Ok(()) };
        let wanted = if unit.id.is_empty() { "u" } else { unit.id.as_str() };
        let wanted = match self.version {
            // There, an id may be any text.
            XliffVersion::First => attribute(wanted),
            XliffVersion::Second => super::codes::name(wanted).into_owned(),
        };
        let id = unused(&mut file.ids, wanted);
        let unit = match self.version {
            XliffVersion::First => version1_out::unit(unit, &id),
            XliffVersion::Second => version2_out::unit(unit, &id),
        };
        self.out.write_all(unit.as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.close_file()?;
        self.out.write_all(b"</xliff>\n")?;
        self.out.flush()
    }
}

/// An id that is not used yet: `b3`, `b3-2`, `b3-3`.
fn unused(ids: &mut HashSet<String>, wanted: String) -> String {
    let mut id = wanted.clone();
    let mut number = 2_usize;
    while !ids.insert(id.clone()) {
        id = format!("{wanted}-{number}");
        number += 1;
    }
    id
}
