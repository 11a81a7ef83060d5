//! Writing XLIFF: files and groups, around the units of either version.

use std::io::{self, Write};

use super::codes::name;
use super::names::OWN;
use super::{version1_out, version2_out};
use crate::bilingual::ids::UsedIds;
use crate::bilingual::text::BilingualText;
use crate::bilingual::unit::{BilingualUnit, UnitBlock, UnitState};
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
    /// The ids of the files: an article may come back after another one.
    files: UsedIds,
}

/// The file that is being written.
struct OpenFile {
    article: Option<ArticleId>,
    block: Option<UnitBlock>,
    /// Of the units and the groups.
    ids: UsedIds,
}

/// What stands behind the last file.
pub(in crate::bilingual) const TAIL: &str = "</xliff>\n";

/// What stands before the first file.
pub(in crate::bilingual) fn head(version: XliffVersion) -> String {
    let root = match version {
        XliffVersion::First => version1_out::ROOT,
        XliffVersion::Second => version2_out::ROOT,
    };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{root}\n")
}

/// The files of some units; without any, one that has nothing to be translated, for there must be one.
pub(in crate::bilingual) fn body(version: XliffVersion, units: &[BilingualUnit]) -> String {
    let mut bytes = Vec::new();
    let mut writer = XliffWriter::resume(&mut bytes, version);
    let none = [BilingualUnit::new(BilingualText::default(), None, UnitState::Kept)];
    let units = if units.is_empty() { &none } else { units };
    // Nothing fails to be written into memory.
    let _ = units.iter().try_for_each(|unit| writer.write(unit)).and_then(|()| writer.close_file());
    String::from_utf8(bytes).unwrap_or_default()
}

impl<W: Write> XliffWriter<W> {
    pub(in crate::bilingual) fn begin(mut out: W, version: XliffVersion) -> io::Result<Self> {
        out.write_all(head(version).as_bytes())?;
        Ok(Self::resume(out, version))
    }

    /// Goes on behind a head.
    fn resume(out: W, version: XliffVersion) -> Self {
        Self { out, version, file: None, files: UsedIds::default() }
    }

    fn open_file(&mut self, article: Option<&ArticleId>) -> io::Result<()> {
        if self.file.as_ref().is_some_and(|file| file.article.as_ref() == article) {
            return Ok(());
        }
        self.close_file()?;
        let original = article.map_or("", ArticleId::as_str);
        // Articles have names of all kinds, ids have not.
        let id = self.files.next(format!("f{}", &blake3::hash(original.as_bytes()).to_hex()[..16]));
        let original = attribute(original);
        match self.version {
            XliffVersion::First => writeln!(
                self.out,
                "<file original=\"{original}\" source-language=\"de\" target-language=\"en\" datatype=\"plaintext\">\n<body>"
            )?,
            XliffVersion::Second if original.is_empty() => {
                writeln!(self.out, "<file id=\"{id}\" canResegment=\"no\">")?;
            }
            XliffVersion::Second => {
                writeln!(self.out, "<file id=\"{id}\" original=\"{original}\" canResegment=\"no\">")?;
            }
        }
        self.file = Some(OpenFile { article: article.cloned(), block: None, ids: UsedIds::default() });
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
        let id = file.ids.next(format!("b{}", block.number));
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
            XliffVersion::Second => name(wanted).into_owned(),
        };
        let id = file.ids.next(wanted);
        let unit = match self.version {
            XliffVersion::First => version1_out::unit(unit, &id),
            XliffVersion::Second => version2_out::unit(unit, &id),
        };
        self.out.write_all(unit.as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.close_file()?;
        self.out.write_all(TAIL.as_bytes())?;
        self.out.flush()
    }
}
