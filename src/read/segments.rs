//! Segments of files that are translated already, or are the other side of a translation: one after another, whatever the format.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use walkdir::WalkDir;

use super::corpus::bytes::{self, OpenBytes};
use super::error::ReadError;
use crate::bilingual::{self, BilingualFormat, BilingualText, BilingualUnit};
use crate::model::{ArticleId, BlockKind};
use crate::score::AskedTerm;
use crate::text::json_fault;

/// A segment of a file. What the file does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSegment {
    pub article: Option<ArticleId>,
    pub kind: Option<BlockKind>,
    pub german: Option<String>,
    pub english: Option<String>,
    /// The terms that the file says are to be rendered, and how.
    pub terms: Option<Vec<AskedTerm>>,
    /// The line of the file that it begins on, counted from 1.
    pub line: usize,
}

/// What the lines of a plain text are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineLanguage {
    German,
    English,
}

/// Whether a path is that of a text with a segment on each line, in one language.
#[must_use]
pub fn has_lines(path: &Path) -> bool {
    !(path.is_dir() || is_json_lines(path) || BilingualFormat::of(path).is_some())
}

/// The segments of a file in its order.
pub type FileSegments = Box<dyn Iterator<Item = Result<FileSegment, ReadError>> + Send>;

/// Reads the segments of a bilingual file, of JSON lines, or of a folder of them; any other file is plain text, with a segment on each line.
///
/// JSON lines are those that wortlaut writes, or have `de`, `en` and, as in the WMT terminology tasks, `terms`: `{"de": …, "en": …}`, where
/// the English may be a list.
///
/// # Errors
/// The file cannot be read, or is no text.
pub fn segments(path: &Path, lines: LineLanguage) -> Result<FileSegments, ReadError> {
    if path.is_dir() {
        let mut files = outputs(path)?.into_iter();
        let mut current: Option<FileSegments> = None;
        return Ok(Box::new(std::iter::from_fn(move || {
            loop {
                if let Some(next) = current.as_mut().and_then(Iterator::next) {
                    return Some(next);
                }
                match rows(&files.next()?) {
                    Ok(segments) => current = Some(segments),
                    Err(error) => return Some(Err(error)),
                }
            }
        })));
    }
    if BilingualFormat::of(path).is_some() {
        let units = bilingual::units(path)?;
        return Ok(Box::new(units.map(|unit| Ok(of_unit(unit?)))));
    }
    if !has_lines(path) {
        return rows(path);
    }
    let segment = move |(line, text): (usize, String)| {
        let (german, english) = match lines {
            LineLanguage::German => (Some(text), None),
            LineLanguage::English => (None, Some(text)),
        };
        FileSegment { german, english, line, ..FileSegment::default() }
    };
    Ok(Box::new(TextLines::open(path)?.map(move |line| line.map(segment))))
}

/// The JSON lines in a folder, in the order of their names, without the manifest.
fn outputs(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry =
            entry.map_err(|error| ReadError::File { path: folder.to_owned(), source: error.into() })?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if entry.file_type().is_file() && is_json_lines(entry.path()) && !is_hidden {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() { Err(ReadError::NoOutputs { path: folder.to_owned() }) } else { Ok(files) }
}

fn is_json_lines(path: &Path) -> bool {
    let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    extension.is_some_and(|extension| extension == "jsonl" || extension == "ndjson")
}

fn of_unit(unit: BilingualUnit) -> FileSegment {
    FileSegment {
        article: unit.article,
        kind: unit.block.map(|block| block.kind),
        german: Some(unit.source.text()),
        english: unit.target.as_ref().map(BilingualText::text),
        terms: None,
        line: unit.line,
    }
}

/// The lines of a text with their numbers, counted from 1.
struct TextLines {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    number: usize,
    /// Where the next line begins in the file.
    offset: usize,
}

impl TextLines {
    fn open(path: &Path) -> Result<Self, ReadError> {
        let OpenBytes { reader, encoding, .. } = bytes::open(path)?;
        let offset = if encoding.bom { '\u{feff}'.len_utf8() } else { 0 };
        Ok(Self { path: path.to_owned(), reader, number: 0, offset })
    }

    fn line(&mut self) -> Result<Option<(usize, String)>, ReadError> {
        let mut line = Vec::new();
        let read = self.reader.read_until(b'\n', &mut line);
        let read = read.map_err(|source| ReadError::File { path: self.path.clone(), source })?;
        if read == 0 {
            return Ok(None);
        }
        line.pop_if(|last| *last == b'\n');
        let text = String::from_utf8(line).map_err(|error| ReadError::Encoding {
            path: self.path.clone(),
            encoding: "UTF-8",
            offset: self.offset + error.utf8_error().valid_up_to(),
        })?;
        self.number += 1;
        self.offset += read;
        Ok(Some((self.number, text)))
    }
}

impl Iterator for TextLines {
    type Item = Result<(usize, String), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line().transpose()
    }
}

/// A line of JSON with a segment.
#[derive(Deserialize)]
struct JsonSegment {
    article: Option<String>,
    /// Only wortlaut counts segments.
    segment: Option<u64>,
    kind: Option<String>,
    #[serde(alias = "source", alias = "src")]
    de: Option<String>,
    #[serde(alias = "target", alias = "tgt", alias = "mt")]
    en: Option<String>,
    #[serde(default)]
    terms: serde_json::Value,
}

#[derive(Deserialize)]
struct JsonTerm {
    de: String,
    en: JsonTargets,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum JsonTargets {
    One(String),
    Several(Vec<String>),
}

/// The segments of JSON lines.
fn rows(path: &Path) -> Result<FileSegments, ReadError> {
    let lines = TextLines::open(path)?;
    let path = path.to_owned();
    let rows = lines.filter(|line| line.as_ref().map_or(true, |(_, text)| !text.trim().is_empty()));
    let segments = rows.map(move |line| {
        let (line, text) = line?;
        let row = || of_row(serde_json::from_str(&text)?, line);
        row().map_err(|error| ReadError::Row { path: path.clone(), line, fault: json_fault(&error) })
    });
    // An article without segments has a line, too.
    let has_text = |segment: &FileSegment| segment.german.is_some() || segment.english.is_some();
    Ok(Box::new(segments.filter(move |segment| segment.as_ref().map_or(true, has_text))))
}

fn of_row(row: JsonSegment, line: usize) -> Result<FileSegment, serde_json::Error> {
    // The terms that wortlaut found are what became of the glossary, not what it asks for.
    let terms = match row.terms {
        terms if row.segment.is_none() && !terms.is_null() => Some(Vec::<JsonTerm>::deserialize(terms)?),
        _ => None,
    };
    let asked = |term: JsonTerm| AskedTerm {
        source: term.de,
        targets: match term.en {
            JsonTargets::One(target) => vec![target],
            JsonTargets::Several(targets) => targets,
        },
        unwanted: Vec::new(),
    };
    Ok(FileSegment {
        article: row.article.as_deref().map(ArticleId::of_record),
        kind: row.kind.and_then(|kind| kind.parse().ok()),
        german: row.de,
        english: row.en,
        terms: terms.map(|terms| terms.into_iter().map(asked).collect()),
        line,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn all(path: &Path) -> Result<Vec<FileSegment>, ReadError> {
        segments(path, LineLanguage::English)?.collect()
    }

    #[test]
    fn a_folder_is_its_files_in_order_without_hidden_ones() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("b")).expect("made");
        let files =
            [("c.jsonl", "3"), ("b/a.jsonl", "2"), ("a.jsonl", "1"), (".wortlaut-manifest.jsonl", "0")];
        for (name, english) in files {
            fs::write(folder.path().join(name), format!("{{\"en\": \"{english}\"}}\n")).expect("written");
        }
        fs::write(folder.path().join("a.txt"), "4\n").expect("written");
        let english: Vec<_> =
            all(folder.path()).expect("read").into_iter().filter_map(|s| s.english).collect();
        assert_eq!(english, ["1", "2", "3"]);
        let error = all(tempfile::tempdir().expect("a folder").path()).expect_err("nothing there");
        assert!(matches!(error, ReadError::NoOutputs { .. }), "{error}");
    }

    #[test]
    fn lines_of_json_are_what_wortlaut_writes_or_rows_with_terms() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.JSONL");
        let rows = concat!(
            "{\"article\": \"a.txt\", \"segment\": 1, \"kind\": \"list_item\", \"de\": \"Ja\", \"en\": null, \"terms\": [{\"source\": \"Ja\"}]}\n",
            "{\"article\": \"b.txt\", \"after\": \" \"}\n\n",
            "{\"de\": \"Nein\", \"terms\": [{\"de\": \"Nein\", \"en\": \"no\"}]}\n",
        );
        fs::write(&path, rows).expect("written");
        let found = all(&path).expect("read");
        let first = FileSegment {
            article: Some(ArticleId::new("a.txt")),
            kind: Some(BlockKind::ListItem),
            german: Some("Ja".into()),
            line: 1,
            ..FileSegment::default()
        };
        let term = AskedTerm { source: "Nein".into(), targets: vec!["no".into()], unwanted: Vec::new() };
        let second = FileSegment {
            german: Some("Nein".into()),
            terms: Some(vec![term]),
            line: 4,
            ..FileSegment::default()
        };
        assert_eq!(found, [first, second]);
        fs::write(&path, "{\"en\": \"a\"}\n{\"en\": 1}\n").expect("written");
        let error = all(&path).expect_err("a number").to_string();
        assert!(error.contains("a.JSONL, line 2: invalid type: integer `1`, expected a string"), "{error}");
    }

    #[test]
    fn lines_end_at_line_feeds_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.en");
        fs::write(&path, "a\u{2028}b\r\n\nc").expect("written");
        let german = segments(&path, LineLanguage::German).expect("opened");
        let texts: Vec<_> = german.map(|segment| segment.expect("read").german.expect("German")).collect();
        assert_eq!(texts, ["a\u{2028}b\r", "", "c"]);
    }
}
