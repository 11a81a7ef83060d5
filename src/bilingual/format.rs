//! The formats by name, extension and content.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::error::BilingualError;
use super::table::{DelimitedUnits, DelimitedWriter, SheetStream, SheetUnits};
use super::tmx::{self, TmxUnits, TmxWriter};
use super::unit::BilingualUnit;
use super::writer::UnitWriter;
use super::xliff::{self, XliffUnits, XliffVersion, XliffWriter};

/// A format of bilingual files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum BilingualFormat {
    /// Translation Memory eXchange 1.4b.
    Tmx,
    /// XLIFF: 2.1 is written, 1.2 and 2.x are read.
    Xliff,
    /// XLIFF 1.2, for tools that do not read a later one.
    #[strum(serialize = "xliff-1.2")]
    Xliff12,
    /// A table with tabs. It holds texts without their markup.
    Tsv,
    /// A table with commas; those with semicolons are read, too. It holds texts without their markup.
    Csv,
    /// An Excel workbook. It holds texts without their markup.
    Xlsx,
}

/// The units of a file, in its order. After an error there are no more.
pub type Units = Box<dyn Iterator<Item = Result<BilingualUnit, BilingualError>> + Send>;

impl BilingualFormat {
    /// The name used on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether its texts keep their markup, and its notes and context stay whole.
    #[must_use]
    pub fn keeps_markup(self) -> bool {
        !matches!(self, Self::Tsv | Self::Csv | Self::Xlsx)
    }

    /// The extensions of its files, without the dot and in lower case; the first is written.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Tmx => &["tmx"],
            // With those of Trados, memoQ and Phrase.
            Self::Xliff | Self::Xliff12 => &["xlf", "xliff", "sdlxliff", "mqxliff", "mxliff"],
            Self::Tsv => &["tsv", "tab"],
            Self::Csv => &["csv"],
            Self::Xlsx => &["xlsx"],
        }
    }

    /// The format of a file by its extension, capitals aside.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::VARIANTS.iter().copied().find(|format| format.extensions().contains(&extension.as_str()))
    }

    /// Reads the units of an input; `path` is for the errors.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn read(self, path: &Path, input: impl Read + Send + 'static) -> Result<Units, BilingualError> {
        Ok(match self {
            Self::Tmx => Box::new(TmxUnits::new(path, input)?),
            // The file says its version.
            Self::Xliff | Self::Xliff12 => Box::new(XliffUnits::new(path, input)?),
            // The file says its delimiter.
            Self::Tsv | Self::Csv => Box::new(DelimitedUnits::new(path, input)?),
            Self::Xlsx => Box::new(SheetUnits::new(path, input)?),
        })
    }

    /// Begins a file.
    ///
    /// # Errors
    /// Its head cannot be written.
    pub fn writer<'a>(self, out: impl Write + 'a) -> io::Result<Box<dyn UnitWriter + 'a>> {
        Ok(match self {
            Self::Tmx => Box::new(TmxWriter::begin(out)?),
            Self::Xliff => Box::new(XliffWriter::begin(out, XliffVersion::Second)?),
            Self::Xliff12 => Box::new(XliffWriter::begin(out, XliffVersion::First)?),
            Self::Tsv => Box::new(DelimitedWriter::begin(out, b'\t')?),
            Self::Csv => Box::new(DelimitedWriter::begin(out, b',')?),
            Self::Xlsx => Box::new(SheetStream::begin(out)?),
        })
    }
}

/// A format of XML files, in which articles can follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub enum XmlFormat {
    Tmx,
    Xliff,
    Xliff12,
}

impl From<XmlFormat> for BilingualFormat {
    fn from(format: XmlFormat) -> Self {
        match format {
            XmlFormat::Tmx => Self::Tmx,
            XmlFormat::Xliff => Self::Xliff,
            XmlFormat::Xliff12 => Self::Xliff12,
        }
    }
}

impl XmlFormat {
    /// What stands before the first unit of a file.
    #[must_use]
    pub fn head(self) -> String {
        match self {
            Self::Tmx => tmx::head(),
            Self::Xliff => xliff::head(XliffVersion::Second),
            Self::Xliff12 => xliff::head(XliffVersion::First),
        }
    }

    /// What stands for some units, complete in itself: behind it the units of another article may follow.
    #[must_use]
    pub fn body(self, units: &[BilingualUnit]) -> String {
        match self {
            Self::Tmx => tmx::body(units),
            Self::Xliff => xliff::body(XliffVersion::Second, units),
            Self::Xliff12 => xliff::body(XliffVersion::First, units),
        }
    }

    /// What stands behind the last unit of a file.
    #[must_use]
    pub fn tail(self) -> &'static str {
        match self {
            Self::Tmx => tmx::TAIL,
            Self::Xliff | Self::Xliff12 => xliff::TAIL,
        }
    }
}

/// Reads the units of a file, whose extension says its format.
///
/// # Errors
/// The file cannot be read, or has another extension.
pub fn units(path: &Path) -> Result<Units, BilingualError> {
    let known = || {
        let extensions = BilingualFormat::VARIANTS.iter().flat_map(|format| format.extensions());
        extensions.map(|extension| format!(".{extension}")).collect::<Vec<_>>().join(", ")
    };
    let format = BilingualFormat::of(path)
        .ok_or_else(|| BilingualError::UnknownFormat { path: path.to_owned(), known: known() })?;
    units_in(path, format)
}

/// Reads the units of a file whose format is known.
///
/// # Errors
/// The file cannot be read.
pub fn units_in(path: &Path, format: BilingualFormat) -> Result<Units, BilingualError> {
    let file = File::open(path).map_err(|source| BilingualError::File { path: path.to_owned(), source })?;
    format.read(path, file)
}
