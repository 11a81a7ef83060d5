//! The formats and what each has a place for.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use strum::VariantArray as _;

use crate::model::{CaseRule, Entry, EntryKind};

/// A format of glossary files.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case", parse_err_ty = String, parse_err_fn = known_formats)]
pub enum ExchangeFormat {
    Tsv,
    /// The same columns, comma-separated, for spreadsheets.
    Csv,
    /// The same with semicolons and a byte order mark, as an Excel of Germany, Austria or Switzerland opens it.
    ExcelCsv,
    /// `DeepL`'s: source and target, tab-separated.
    DeeplTsv,
    /// `DeepL`'s: source and target, and in files that are read also two language codes, comma-separated.
    DeeplCsv,
    /// `OmegaT`'s: source, target, comment, tab-separated.
    Omegat,
    /// TBX-Basic, ISO 30042:2019, data categories as tags.
    TbxDct,
    /// TBX-Basic, ISO 30042:2019, data categories as attributes.
    TbxDca,
    /// TBX of 2008 (`martif`), which most CAT tools read.
    #[strum(serialize = "tbx-2008")]
    Tbx2008,
    /// TMX 1.4: a translation unit an entry.
    Tmx,
    /// A sheet of Excel.
    Xlsx,
}

/// Something that an entry has and a format may have no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Field {
    #[strum(serialize = "further targets")]
    FurtherTargets,
    Case,
    Forms,
    Avoid,
    #[strum(serialize = "kind name")]
    Name,
    #[strum(serialize = "kind keep")]
    Keep,
    Note,
    /// A second entry of the same source.
    Duplicates,
    /// Characters that XML forbids.
    #[strum(serialize = "control characters")]
    Control,
}

/// What a format could not hold, and of how many entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    pub field: Field,
    pub format: ExchangeFormat,
    /// How many entries lose it.
    pub entries: usize,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = if self.entries == 1 { "entry" } else { "entries" };
        write!(f, "{} not kept by {}: {} {entries}", self.field, self.format, self.entries)
    }
}

impl Field {
    /// Whether an entry has it.
    fn is_in(self, entry: &Entry) -> bool {
        match self {
            Self::FurtherTargets => entry.targets.len() > 1,
            Self::Case => entry.case != CaseRule::default(),
            Self::Forms => !entry.forms.is_empty(),
            Self::Avoid => !entry.avoid.is_empty(),
            Self::Name => entry.kind == EntryKind::Name,
            Self::Keep => entry.kind == EntryKind::Keep,
            Self::Note => !entry.note.is_empty(),
            Self::Duplicates => false,
            Self::Control => {
                let texts = entry.targets.iter().chain(&entry.forms).chain(&entry.avoid);
                texts.chain([&entry.source, &entry.note]).any(|t| !t.chars().all(super::xml::is_allowed))
            }
        }
    }
}

impl ExchangeFormat {
    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The format that a file name stands for.
    ///
    /// `.tsv` and `.csv` are wortlaut's own columns; when they are read without a header, source and target.
    #[must_use]
    pub fn guess(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_string_lossy().to_lowercase();
        Some(match extension.as_str() {
            "tsv" => Self::Tsv,
            "csv" => Self::Csv,
            "txt" | "tab" | "utf8" => Self::Omegat,
            "tbx" => Self::TbxDct,
            "tmx" => Self::Tmx,
            "xlsx" => Self::Xlsx,
            _ => return None,
        })
    }

    /// Whether files of this format are always another program's: the glossary can be read from them but is not kept
    /// in them.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        !matches!(self, Self::Tsv | Self::DeeplTsv | Self::Omegat)
    }

    /// Whether the format has a place for something.
    #[must_use]
    pub fn holds(self, field: Field) -> bool {
        match self {
            Self::Tsv | Self::Csv | Self::ExcelCsv | Self::Xlsx => true,
            Self::DeeplTsv | Self::DeeplCsv => field == Field::Control,
            Self::Omegat => matches!(field, Field::FurtherTargets | Field::Note | Field::Control),
            Self::TbxDct | Self::TbxDca | Self::Tbx2008 => {
                !matches!(field, Field::Case | Field::Keep | Field::Control)
            }
            Self::Tmx => field != Field::Control,
        }
    }
}

/// What to say about a name that no format has.
fn known_formats(_: &str) -> String {
    let known: Vec<&str> = ExchangeFormat::VARIANTS.iter().map(|format| format.as_str()).collect();
    format!("the formats are {}", known.join(", "))
}

/// What a format loses of entries.
pub(super) fn losses(entries: &[Arc<Entry>], format: ExchangeFormat) -> Vec<Loss> {
    let count = |field: Field| match field {
        Field::Duplicates => {
            let sources: HashSet<&str> = entries.iter().map(|entry| entry.source.as_str()).collect();
            entries.len() - sources.len()
        }
        _ => entries.iter().filter(|entry| field.is_in(entry)).count(),
    };
    let lost = Field::VARIANTS.iter().copied().filter(|field| !format.holds(*field));
    lost.map(|field| Loss { field, format, entries: count(field) }).filter(|loss| loss.entries > 0).collect()
}
