//! The input formats by file extension.

use std::path::Path;

use super::bilingual::{BilingualReader, Workbook};
use super::docx::Docx;
use super::html::Html;
use super::markdown::Markdown;
use super::plain::PlainTextReader;
use super::reader::{ReadOptions, Reader};
use super::srt::Srt;
use crate::model::Markup;

/// An input format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArticleFormat {
    Text,
    /// A file of markup.
    Markup(Markup),
}

impl ArticleFormat {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Markup(Markup::Markdown),
        Self::Markup(Markup::Html),
        Self::Markup(Markup::Docx),
        Self::Markup(Markup::Srt),
        Self::Markup(Markup::Tmx),
        Self::Markup(Markup::Xliff),
        Self::Markup(Markup::Xlsx),
    ];

    /// The file extensions of the format, without the dot and in lower case.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt", "text"],
            Self::Markup(markup) => markup.extensions(),
        }
    }

    /// The format of a file by its extension, capitals aside.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.extensions().contains(&extension.as_str()))
    }

    /// Whether its files count below a folder. Most workbooks are no translations, and who means one names it.
    #[must_use]
    pub fn counts_in_folders(self) -> bool {
        !matches!(self, Self::Markup(Markup::Xlsx))
    }

    /// What reads this format.
    #[must_use]
    pub fn reader(self, options: &ReadOptions) -> Box<dyn Reader> {
        match self {
            Self::Text => Box::new(PlainTextReader { wrap: options.wrap }),
            Self::Markup(Markup::Markdown) => Box::new(Markdown),
            Self::Markup(Markup::Html) => Box::new(Html),
            Self::Markup(Markup::Docx) => Box::new(Docx { max_bytes: options.max_bytes }),
            Self::Markup(Markup::Srt) => Box::new(Srt),
            Self::Markup(Markup::Xlsx) => Box::new(Workbook { max_bytes: options.max_bytes }),
            Self::Markup(markup @ (Markup::Tmx | Markup::Xliff)) => Box::new(BilingualReader { markup }),
        }
    }
}
