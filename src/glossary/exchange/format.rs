//! The formats and what each has a place for.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use crate::model::{CaseRule, Entry, EntryKind};

/// A format of glossary files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExchangeFormat {
    /// wortlaut's own.
    Tsv,
    /// The same columns, comma-separated, for spreadsheets.
    Csv,
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
    /// TMX 1.4: a translation unit an entry.
    Tmx,
    /// A sheet of Excel; only read.
    Xlsx,
}

/// Something that an entry has and a format may have no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Renderings behind the house form.
    FurtherTargets,
    /// The case rule.
    Case,
    /// Further German forms.
    Forms,
    /// Renderings that are not wanted.
    Avoid,
    /// That it is a name.
    Name,
    /// That it stays as it is.
    Keep,
    /// The remark.
    Note,
    /// A second entry of the same source.
    Duplicates,
    /// Characters that XML forbids.
    Control,
}

/// What a format could not hold, and of how many entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What.
    pub field: Field,
    /// The format.
    pub format: ExchangeFormat,
    /// How many entries lose it.
    pub entries: usize,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = if self.entries == 1 { "entry" } else { "entries" };
        write!(f, "{} not kept by {}: {} {entries}", self.field.name(), self.format, self.entries)
    }
}

impl Field {
    const ALL: [Self; 9] = [
        Self::FurtherTargets,
        Self::Case,
        Self::Forms,
        Self::Avoid,
        Self::Name,
        Self::Keep,
        Self::Note,
        Self::Duplicates,
        Self::Control,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::FurtherTargets => "further targets",
            Self::Case => "case",
            Self::Forms => "forms",
            Self::Avoid => "avoid",
            Self::Name => "kind name",
            Self::Keep => "kind keep",
            Self::Note => "note",
            Self::Duplicates => "duplicates",
            Self::Control => "control characters",
        }
    }

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
    /// All formats.
    pub const ALL: [Self; 9] = [
        Self::Tsv,
        Self::Csv,
        Self::DeeplTsv,
        Self::DeeplCsv,
        Self::Omegat,
        Self::TbxDct,
        Self::TbxDca,
        Self::Tmx,
        Self::Xlsx,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tsv => "tsv",
            Self::Csv => "csv",
            Self::DeeplTsv => "deepl-tsv",
            Self::DeeplCsv => "deepl-csv",
            Self::Omegat => "omegat",
            Self::TbxDct => "tbx-dct",
            Self::TbxDca => "tbx-dca",
            Self::Tmx => "tmx",
            Self::Xlsx => "xlsx",
        }
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

    /// Whether the format has a place for something.
    #[must_use]
    pub fn holds(self, field: Field) -> bool {
        match self {
            Self::Tsv | Self::Csv | Self::Xlsx => true,
            Self::DeeplTsv | Self::DeeplCsv => field == Field::Control,
            Self::Omegat => matches!(field, Field::FurtherTargets | Field::Note | Field::Control),
            Self::TbxDct | Self::TbxDca => !matches!(field, Field::Case | Field::Keep | Field::Control),
            Self::Tmx => field != Field::Control,
        }
    }
}

impl fmt::Display for ExchangeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ExchangeFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|format| format.as_str()).collect();
            format!("the formats are {}", known.join(", "))
        })
    }
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
    let lost = Field::ALL.into_iter().filter(|field| !format.holds(*field));
    lost.map(|field| Loss { field, format, entries: count(field) }).filter(|loss| loss.entries > 0).collect()
}
