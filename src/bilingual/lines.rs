//! Texts by lines: two files side by side, and JSON objects.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::decode::DecodedStream;
use super::error::BilingualError;
use super::format::Units;
use super::text::BilingualText;
use super::unit::{BilingualUnit, UnitState};
use crate::model::ArticleId;
use crate::text::json_fault;

/// A line has no more bytes than this.
const LINE: u64 = 16 << 20;

/// The lines of a file, without what ends them.
struct LinesOfFile {
    path: PathBuf,
    input: BufReader<DecodedStream<File>>,
    line: usize,
}

impl LinesOfFile {
    fn open(path: &Path) -> Result<Self, BilingualError> {
        let file_error = |source| BilingualError::File { path: path.to_owned(), source };
        let input = DecodedStream::new(File::open(path).map_err(file_error)?).map_err(file_error)?;
        Ok(Self { path: path.to_owned(), input: BufReader::with_capacity(1 << 16, input), line: 0 })
    }

    fn damaged(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> BilingualError {
        BilingualError::Damaged { path: self.path.clone(), line: self.line, source: source.into() }
    }

    fn next_line(&mut self) -> Option<Result<String, BilingualError>> {
        let mut line = Vec::new();
        self.line += 1;
        match (&mut self.input).take(LINE).read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(self.damaged(error))),
        }
        if line.len() as u64 == LINE && !line.ends_with(b"\n") {
            return Some(Err(self.damaged("it is longer than 16 MiB")));
        }
        let text = String::from_utf8(line).map_err(|error| self.damaged(error));
        Some(text.map(|text| text.trim_end_matches(['\n', '\r']).to_owned()))
    }
}

/// Reads two files of which line n of one is line n of the other.
///
/// # Errors
/// A file cannot be read, or one has more lines than the other.
pub fn line_units(german: &Path, english: &Path) -> Result<Units, BilingualError> {
    let counts = [count(german)?, count(english)?];
    if counts[0] != counts[1] {
        let [sent, came] = counts;
        return Err(BilingualError::Lines {
            german: german.to_owned(),
            english: english.to_owned(),
            sent,
            came,
        });
    }
    let (mut german, mut english) = (LinesOfFile::open(german)?, LinesOfFile::open(english)?);
    let units = std::iter::from_fn(move || {
        let (source, target) = (german.next_line()?, english.next_line()?);
        Some(source.and_then(|source| {
            let target =
                Some(target?).filter(|text| !text.is_empty()).map(|text| BilingualText::plain(&text));
            let source = BilingualText::plain(&source);
            Ok(BilingualUnit { source, target, line: german.line, ..BilingualUnit::default() })
        }))
    });
    Ok(Box::new(units))
}

/// How many lines a file has; the last one need not be ended.
fn count(path: &Path) -> Result<usize, BilingualError> {
    let file_error = |source: io::Error| BilingualError::File { path: path.to_owned(), source };
    let mut input = DecodedStream::new(File::open(path).map_err(file_error)?).map_err(file_error)?;
    let (mut lines, mut last, mut buffer) = (0, b'\n', vec![0; 1 << 16]);
    loop {
        let read = input.read(&mut buffer).map_err(file_error)?;
        let Some(end) = buffer[..read].last() else { break };
        lines += memchr::memchr_iter(b'\n', &buffer[..read]).count();
        last = *end;
    }
    Ok(lines + usize::from(last != b'\n'))
}

/// A row of JSON lines: those of wortlaut's own, and of others that name their languages.
#[derive(Deserialize)]
struct JsonRow {
    article: Option<ArticleId>,
    segment: Option<usize>,
    #[serde(alias = "source", alias = "src", default)]
    de: String,
    #[serde(alias = "target", alias = "tgt", alias = "mt")]
    en: Option<String>,
    /// What wortlaut says of its own rows.
    status: Option<String>,
}

impl JsonRow {
    fn state(&self) -> UnitState {
        match (self.status.as_deref(), self.en.as_deref()) {
            (Some("kept"), _) => UnitState::Kept,
            (_, None | Some("")) => UnitState::Initial,
            _ => UnitState::Translated,
        }
    }
}

/// Reads a file with a JSON object a line: its German in `de` (or `source`, `src`), its English in `en` (or `target`, `tgt`, `mt`).
///
/// # Errors
/// The file cannot be read.
pub fn json_units(path: &Path) -> Result<Units, BilingualError> {
    let mut lines = LinesOfFile::open(path)?;
    let units = std::iter::from_fn(move || {
        loop {
            match lines.next_line()? {
                Ok(line) if line.trim().is_empty() => {}
                Ok(line) => {
                    let row: Result<JsonRow, _> = serde_json::from_str(&line);
                    return Some(row.map_err(|error| lines.damaged(json_fault(&error))).map(|row| {
                        BilingualUnit {
                            state: row.state(),
                            article: row.article,
                            segment: row.segment,
                            source: BilingualText::plain(&row.de),
                            target: row
                                .en
                                .filter(|text| !text.is_empty())
                                .map(|text| BilingualText::plain(&text)),
                            line: lines.line,
                            ..BilingualUnit::default()
                        }
                    }));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    });
    Ok(Box::new(units))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        file
    }

    fn texts(units: Units) -> Vec<(usize, String, Option<String>)> {
        let text =
            |unit: BilingualUnit| (unit.line, unit.source.text(), unit.target.map(|target| target.text()));
        units.map(|unit| text(unit.expect("read"))).collect()
    }

    #[test]
    fn lines_go_side_by_side_whatever_ends_them() {
        let (german, english) = (file("\u{feff}Hafen\r\n\r\nFähre".as_bytes()), file(b"port\n\nferry\n"));
        let units = texts(line_units(german.path(), english.path()).expect("read"));
        let expected = [(1, "Hafen", Some("port")), (2, "", None), (3, "Fähre", Some("ferry"))];
        assert_eq!(units, expected.map(|(line, de, en)| (line, de.to_owned(), en.map(str::to_owned))));
    }

    #[test]
    fn another_number_of_lines_is_told() {
        let (german, english) = (file(b"a\nb\n"), file(b"a\n"));
        let error = line_units(german.path(), english.path()).err().expect("an error").to_string();
        assert!(error.contains("2 lines") && error.contains("1 line"), "{error}");
    }

    #[test]
    fn json_lines_name_their_languages() {
        let input = file(
            b"{\"de\":\"Hafen\",\"en\":\"port\"}\n\n{\"source\":\"Ja\",\"target\":\"yes\"}\n{\"de\":1}\n",
        );
        let mut units = json_units(input.path()).expect("read");
        assert_eq!(units.next().expect("one").expect("read").source.text(), "Hafen");
        assert_eq!(units.next().expect("one").expect("read").line, 3);
        let error = units.next().expect("one").expect_err("a number").to_string();
        assert!(error.contains("line 4"), "{error}");
    }
}
