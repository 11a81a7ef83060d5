//! Formats that name their segments: each unit is compared with the one of its segment.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;

use serde::Deserialize;

use super::carry::rewritten;
use super::outcome::{LearnError, ReadBack, SegmentEdit};
use super::words::TextMap;
use crate::bilingual::{BilingualFormat, BilingualText, BilingualUnit, UnitNote, UnitState};
use crate::model::SpanPairs;
use crate::write::OutputFormat;

/// The texts of a file have no more bytes than this, whatever a workbook unpacks to: those of the largest article that is read have
/// 64 MiB in each language.
const TEXTS: usize = 256 << 20;

/// How the units of a format are read; `None` for one that has no units.
#[derive(Debug, Clone, Copy)]
pub(super) enum UnitReader {
    Bilingual(BilingualFormat),
    Jsonl,
}

impl UnitReader {
    pub(super) fn of(format: OutputFormat) -> Option<Self> {
        Some(match format {
            OutputFormat::Tsv | OutputFormat::TsvBom => Self::Bilingual(BilingualFormat::Tsv),
            OutputFormat::Xlsx => Self::Bilingual(BilingualFormat::Xlsx),
            OutputFormat::Tmx => Self::Bilingual(BilingualFormat::Tmx),
            OutputFormat::Xliff => Self::Bilingual(BilingualFormat::Xliff),
            OutputFormat::Xliff12 => Self::Bilingual(BilingualFormat::Xliff12),
            OutputFormat::Jsonl => Self::Jsonl,
            OutputFormat::Lines
            | OutputFormat::Text
            | OutputFormat::Document
            | OutputFormat::Html
            | OutputFormat::Md => {
                return None;
            }
        })
    }

    /// The units of a file.
    fn units(self, path: &Path, bytes: &[u8]) -> Result<Vec<BilingualUnit>, LearnError> {
        match self {
            Self::Bilingual(format) => {
                bounded(format.read(path, Cursor::new(bytes.to_vec()))?.map(|unit| Ok(unit?)), TEXTS)
            }
            Self::Jsonl => {
                let lines = bytes
                    .split(|byte| *byte == b'\n')
                    .zip(1..)
                    .filter(|(line, _)| !line.trim_ascii().is_empty());
                let rows = lines.map(|(line, number)| {
                    let fault = |error: &serde_json::Error| crate::text::json_fault(error);
                    serde_json::from_slice::<EditedRow>(line)
                        .map_err(|error| LearnError::Row(number, fault(&error)))
                });
                rows.map(|row| row.map(EditedRow::unit)).collect()
            }
        }
    }
}

/// All units, as long as their texts have no more bytes than some.
fn bounded(
    units: impl Iterator<Item = Result<BilingualUnit, LearnError>>,
    bytes: usize,
) -> Result<Vec<BilingualUnit>, LearnError> {
    let mut left = bytes;
    let counted = units.map(|unit| {
        let unit = unit?;
        let target = unit.target.as_ref().map_or(0, |target| target.text().len());
        left = left.checked_sub(unit.source.text().len() + target).ok_or(LearnError::TooLarge)?;
        Ok(unit)
    });
    counted.collect()
}

/// A row of `jsonl`, as far as a person may have edited it.
#[derive(Deserialize)]
struct EditedRow {
    segment: Option<usize>,
    #[serde(default)]
    de: String,
    en: Option<String>,
}

impl EditedRow {
    fn unit(self) -> BilingualUnit {
        let target = self.en.as_deref().filter(|en| !en.is_empty()).map(BilingualText::plain);
        BilingualUnit {
            source: BilingualText::plain(&self.de),
            target,
            segment: self.segment,
            ..BilingualUnit::default()
        }
    }
}

/// Compares the units of a file with those that wortlaut wrote.
pub(super) fn compare(
    reader: UnitReader,
    path: &Path,
    written: &[u8],
    found: &[u8],
) -> Result<ReadBack, LearnError> {
    let (written, found) = (reader.units(path, written)?, reader.units(path, found)?);
    let mut back = ReadBack::default();
    let mut places: HashMap<usize, &BilingualUnit> = HashMap::new();
    for unit in &found {
        match segment(unit) {
            Some(segment) if !places.contains_key(&segment) => drop(places.insert(segment, unit)),
            _ => back.strays += 1,
        }
    }
    for old in &written {
        let Some(number) = segment(old) else { continue };
        back.lines += 1;
        let Some(new) = places.remove(&number) else {
            back.gone.push(number - 1);
            continue;
        };
        back.is_german |= rewritten(&old.source.text(), &new.source.text()).is_some();
        back.has_more |= has_more(old, new);
        let (before, after) = (english(old), english(new));
        let is_approved = old.state == UnitState::Translated && new.state == UnitState::Approved;
        let text = match rewritten(&before, &after) {
            None if !is_approved => continue,
            None => before.clone(),
            Some(text) => text,
        };
        if text.is_empty() {
            back.gone.push(number - 1);
            continue;
        }
        let inlines = inlines(new);
        back.edits.push(SegmentEdit { segment: number - 1, old: before, new: text, is_approved, inlines });
    }
    back.strays += places.len();
    Ok(back)
}

fn english(unit: &BilingualUnit) -> String {
    unit.target.as_ref().map(BilingualText::text).unwrap_or_default()
}

/// The number of the segment: by itself, or in the name that wortlaut gives its units.
fn segment(unit: &BilingualUnit) -> Option<usize> {
    let named = || unit.id.strip_prefix('s')?.parse().ok();
    unit.segment.or_else(named).filter(|number| *number > 0)
}

/// Whether a unit has a remark or a column of a person, which a file of wortlaut's own would not have.
fn has_more(old: &BilingualUnit, new: &BilingualUnit) -> bool {
    let is_new =
        |note: &UnitNote| note.finding.is_none() && old.notes.iter().all(|old| old.text != note.text);
    new.notes.iter().any(is_new) || new.fields.iter().any(|(name, _)| old.field(name).is_none())
}

/// Where the markup stands in the English on one line, if all of it does.
fn inlines(unit: &BilingualUnit) -> Option<SpanPairs> {
    let target = unit.target.as_ref()?;
    let pairs = unit.source.pairs_with(target);
    if pairs.0.is_empty() || pairs.0.len() < unit.source.codes().len() {
        return None;
    }
    let map = TextMap::new(&target.text());
    Some(SpanPairs(pairs.0.into_iter().map(|(from, to)| (from, map.there(&to))).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_unpacks_to_more_than_an_article_is_given_up() {
        let all = || {
            (0..100).map(|_| {
                Ok(BilingualUnit { source: BilingualText::plain("Elbe"), ..BilingualUnit::default() })
            })
        };
        assert_eq!(bounded(all(), 400).expect("all of them").len(), 100);
        let mut read = 0;
        let counted = all().inspect(|_| read += 1);
        assert!(matches!(bounded(counted, 40), Err(LearnError::TooLarge)));
        assert_eq!(read, 11, "what is too much is not read to its end");
    }
}
