//! The output formats by name.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::jsonl::Jsonl;
use super::lines::Lines;
use super::plain::PlainText;
use super::tsv::Tsv;
use super::{WriteError, Writer};
use crate::model::{ArticleId, Markup};

/// The extensions of plain text.
const PLAIN: [&str; 2] = ["txt", "text"];

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `.de.txt` and `.en.txt`: line n of one is line n of the other, one segment a line.
    Lines,
    /// `.english.txt`: the English as flowing text in the layout of the source.
    Text,
    /// `.english.html` and so on: the article in its own format; of plain text, the same as `text`.
    Document,
    /// `.tsv`: one segment a line, for spreadsheets.
    Tsv,
    /// `.jsonl`: one object a segment, with everything that is known about it.
    Jsonl,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Lines, Self::Text, Self::Document, Self::Tsv, Self::Jsonl];

    /// The name used in the configuration and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Text => "text",
            Self::Document => "document",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
        }
    }

    /// The extensions that a file of this format may have if it is made of an article or corpus: without the dot and
    /// in lower case.
    #[must_use]
    pub fn extensions(self, article: &ArticleId) -> &'static [&'static str] {
        let own = Path::new(article.as_str()).extension().and_then(|own| own.to_str()).unwrap_or_default();
        // The formats `text` and `document` of a corpus are the corpus itself.
        match (self, own.to_ascii_lowercase().as_str()) {
            (Self::Jsonl, _) | (Self::Document | Self::Text, "jsonl" | "ndjson") => &["jsonl", "ndjson"],
            (Self::Tsv, _) | (Self::Document | Self::Text, "tsv") => &["tsv"],
            (Self::Document | Self::Text, "csv") => &["csv"],
            (Self::Document, own) => Markup::of_extension(own).map_or(&PLAIN, Markup::extensions),
            (Self::Lines | Self::Text, _) => &PLAIN,
        }
    }

    /// What makes the files of this format.
    #[must_use]
    pub fn writer(self) -> &'static dyn Writer {
        match self {
            Self::Lines => &Lines,
            Self::Text => &PlainText,
            Self::Document => &Document,
            Self::Tsv => &Tsv,
            Self::Jsonl => &Jsonl,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = WriteError;

    fn from_str(name: &str) -> Result<Self, WriteError> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name.trim())
            .ok_or_else(|| WriteError::UnknownFormat { name: name.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::english::{is_control, tidy};
    use crate::model::Translation;
    use crate::write::testing::{Sample, document, translated};

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse::<Format>().expect("known"), format);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_service_answers_no_file_can_drive_a_terminal(
            german in "[A-Za-zäß][A-Za-zäß (.&;]{0,20}",
            answer in "([a-z]{1,4}|[ \\t\\r\\n]|[\\u{0}-\\u{1f}\\u{7f}-\\u{9f}]|\u{1b}\\[|\u{202e}|&#[0-9]{1,3};|[:;.&]){0,20}|.*",
        ) {
            let answer = tidy(&german, Translation::plain(answer));
            let mut sample = Sample::paragraph(&german);
            translated(&mut sample.segments[0]).target = answer.text;
            let document = document(&[sample]);
            for format in Format::ALL {
                for file in format.writer().files(&document).expect("files") {
                    let text = String::from_utf8(file.contents).expect("UTF-8");
                    prop_assert!(!text.contains(|c| is_control(c) && !matches!(c, '\t' | '\n')), "{format}: {text:?}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_format_is_told_the_known_ones() {
        let error = "pdf".parse::<Format>().expect_err("unknown").to_string();
        assert!(error.contains("\"pdf\"") && error.contains("lines, text, document, tsv, jsonl"), "{error}");
    }
}
