//! The output formats by name.

use std::path::Path;

use serde::{Deserialize, Serialize};
use strum::{EnumMessage as _, VariantArray as _};
use thiserror::Error;

use super::bilingual::BilingualFile;
use super::document::Document;
use super::jsonl::Jsonl;
use super::lines::Lines;
use super::md::BilingualTable;
use super::page::BilingualHtml;
use super::plain::PlainText;
use super::tsv::Tsv;
use super::writer::Writer;
use super::xlsx::BilingualWorkbook;
use crate::bilingual::XmlFormat;
use crate::model::{ArticleId, Markup};

/// The extensions of plain text.
const PLAIN: [&str; 2] = ["txt", "text"];

/// An output format.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumMessage,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = UnknownFormat, parse_err_fn = UnknownFormat::new)]
pub enum OutputFormat {
    /// `.de.txt` and `.en.txt`: line n of one is line n of the other, one segment a line.
    #[strum(message = "two files, one segment a line: line n of one is line n of the other")]
    Lines,
    /// `.english.txt`: the English as flowing text in the layout of the source.
    #[strum(message = "the English as running text")]
    Text,
    /// `.english.html` and so on: the article in its own format; of plain text, the same as `text`.
    #[strum(message = "the article in its own format, in English")]
    Document,
    /// `.tsv`: one segment a line, for spreadsheets.
    #[strum(message = "a table with one row a segment")]
    Tsv,
    /// `.jsonl`: one object a segment, with everything that is known about it.
    #[strum(message = "one JSON object a segment, with everything that is known about it")]
    Jsonl,
    /// `.bilingual.html`: a page with German and English side by side, terms and findings marked.
    #[strum(message = "a page with German and English side by side, terms and findings marked")]
    Html,
    /// `.bilingual.md`: a table with German and English side by side.
    #[strum(message = "a Markdown table with German and English side by side")]
    Md,
    /// `.bilingual.xlsx`: a row a segment, to be sorted, filtered and corrected.
    #[strum(message = "an Excel workbook with one row a segment")]
    Xlsx,
    /// `.tmx`: one unit a segment, for translation memories.
    #[strum(message = "TMX 1.4b, for translation memories")]
    Tmx,
    /// `.xlf`: XLIFF 2.1, one unit a segment, for translation tools.
    #[strum(message = "XLIFF 2.1, for translation tools")]
    Xliff,
    /// `.1.2.xlf`: XLIFF 1.2, for tools that do not read a later one.
    #[serde(rename = "xliff-1.2")]
    #[strum(serialize = "xliff-1.2", message = "XLIFF 1.2, for tools that do not read a later one")]
    Xliff12,
    /// `.tsv` with a byte order mark, by which Excel knows UTF-8.
    #[serde(rename = "tsv-bom")]
    #[strum(serialize = "tsv-bom", message = "tsv with a byte order mark, for Excel")]
    TsvBom,
}

/// A name that no output format has.
#[derive(Debug, Error)]
#[error("unknown format {name:?}; the formats are {}", OutputFormat::names())]
pub struct UnknownFormat {
    name: String,
}

impl UnknownFormat {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }
}

impl OutputFormat {
    /// What the name `all` stands for: every format. Of two that have the same file, one.
    pub const EVERY: [Self; 11] = [
        Self::Lines,
        Self::Text,
        Self::Document,
        Self::Tsv,
        Self::Jsonl,
        Self::Html,
        Self::Md,
        Self::Xlsx,
        Self::Tmx,
        Self::Xliff,
        Self::Xliff12,
    ];

    /// The name of [`OutputFormat::EVERY`].
    pub const ALL: &str = "all";

    /// The name used in the configuration and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What its files are, as a noun phrase.
    #[must_use]
    pub fn describe(self) -> &'static str {
        self.get_message().unwrap_or_default()
    }

    /// All names, for people.
    fn names() -> String {
        Self::VARIANTS.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The extensions that a file of this format may have if it is made of an article or corpus: without the dot and
    /// in lower case.
    #[must_use]
    pub fn extensions(self, article: &ArticleId) -> &'static [&'static str] {
        let own = Path::new(article.as_str()).extension().and_then(|own| own.to_str()).unwrap_or_default();
        // The formats `text` and `document` of a corpus are the corpus itself.
        match (self, own.to_ascii_lowercase().as_str()) {
            (Self::Jsonl, _) | (Self::Document | Self::Text, "jsonl" | "ndjson") => &["jsonl", "ndjson"],
            (Self::Html, _) => Markup::Html.extensions(),
            (Self::Md, _) => Markup::Markdown.extensions(),
            (Self::Tsv | Self::TsvBom, _) | (Self::Document | Self::Text, "tsv") => &["tsv"],
            (Self::Document | Self::Text, "csv") => &["csv"],
            (Self::Document, own) => Markup::of_extension(own).map_or(&PLAIN, Markup::extensions),
            (Self::Lines | Self::Text, _) => &PLAIN,
            (Self::Xlsx, _) => &["xlsx"],
            (Self::Tmx, _) => &["tmx"],
            (Self::Xliff | Self::Xliff12, _) => &["xlf", "xliff"],
        }
    }

    /// Whether the articles of a run can stand in one file of this format.
    #[must_use]
    pub fn is_merged(self) -> bool {
        self.writer().frame().is_some()
    }

    /// What makes the files of this format.
    #[must_use]
    pub fn writer(self) -> &'static dyn Writer {
        match self {
            Self::Lines => &Lines,
            Self::Text => &PlainText,
            Self::Document => &Document,
            Self::Tsv => &Tsv { has_mark: false },
            Self::TsvBom => &Tsv { has_mark: true },
            Self::Jsonl => &Jsonl,
            Self::Html => &BilingualHtml,
            Self::Md => &BilingualTable,
            Self::Xlsx => &BilingualWorkbook,
            Self::Tmx => &BilingualFile { format: XmlFormat::Tmx, ending: ".tmx" },
            Self::Xliff => &BilingualFile { format: XmlFormat::Xliff, ending: ".xlf" },
            Self::Xliff12 => &BilingualFile { format: XmlFormat::Xliff12, ending: ".1.2.xlf" },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::english::tidy;
    use crate::model::Translation;
    use crate::text::characters::is_control;
    use crate::write::testing::{Sample, document, translated};

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in OutputFormat::VARIANTS {
            assert_eq!(format.to_string().parse::<OutputFormat>().expect("known"), *format);
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
            // A workbook is an archive.
            for format in OutputFormat::VARIANTS.iter().filter(|format| **format != OutputFormat::Xlsx) {
                for file in format.writer().files(&document).expect("files") {
                    let text = String::from_utf8(file.contents).expect("UTF-8");
                    let text = text.trim_start_matches('\u{feff}');
                    prop_assert!(!text.contains(|c| is_control(c) && !matches!(c, '\t' | '\n')), "{format}: {text:?}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_format_is_answered_with_the_known_ones() {
        let error = "pdf".parse::<OutputFormat>().expect_err("unknown").to_string();
        assert!(error.contains("\"pdf\"") && error.contains("jsonl, html, md, xlsx"), "{error}");
    }
}
