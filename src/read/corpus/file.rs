//! A corpus file, and a record as it is found in it.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::problem::RecordProblem;
use crate::model::{ArticleId, CORPUS_EXTENSIONS, CorpusRow, RecordField};
use crate::read::error::ReadError;

/// Which fields of a record are what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    pub text: String,
    /// The id of the article; without one it is named by its file and line.
    pub id: Option<String>,
    /// Where the English goes; a record must not have it already.
    pub target: String,
    pub text_type: TextType,
    /// Those that go into the outputs with each segment.
    pub kept: Vec<String>,
    /// Further fields that are added, which a record must not have already.
    pub added: &'static [&'static str],
}

/// What the text of a record is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum TextType {
    /// HTML if it has a tag or a character reference of HTML, and plain text otherwise.
    #[default]
    Auto,
    Plain,
    Html,
}

/// A kind of corpus file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CorpusKind {
    JsonLines,
    /// A table whose delimiter is found out from its header.
    Csv,
    /// A table with tabs.
    Tsv,
}

impl CorpusKind {
    pub(super) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            other => CORPUS_EXTENSIONS.contains(&other).then_some(Self::JsonLines),
        }
    }
}

/// Whether a file is a corpus by its extension.
#[must_use]
pub fn is_corpus(path: &Path) -> bool {
    CorpusKind::of(path).is_some()
}

/// A corpus file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corpus {
    pub id: ArticleId,
    /// The file; `-` stands for JSON lines on standard input.
    pub path: PathBuf,
    /// Which fields are what.
    pub fields: Fields,
}

/// A record as the reader of its kind finds it.
pub(super) struct RawRecord {
    pub(super) line: u64,
    pub(super) row: Option<CorpusRow>,
    pub(super) found: Result<RecordFields, RecordProblem>,
}

/// The fields that were looked for.
pub(super) struct RecordFields {
    pub(super) id: Option<String>,
    pub(super) text: String,
    pub(super) kept: Vec<RecordField>,
}

impl Corpus {
    /// Whether it comes through standard input, perhaps from somebody who waits for answers before he sends more.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.path == Path::new("-")
    }

    /// The name of the record that begins on a line.
    #[must_use]
    pub fn record_id(&self, line: u64) -> ArticleId {
        ArticleId::of_record(&format!("{}#{line}", self.id))
    }

    pub(super) fn failed(&self, source: std::io::Error) -> ReadError {
        ReadError::File { path: self.path.clone(), source }
    }
}

/// The text of a corpus in UTF-8.
pub(super) type Utf8Reader = Box<dyn BufRead + Send>;
