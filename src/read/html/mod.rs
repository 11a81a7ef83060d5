//! HTML: the main text of a page, with the place of every word.
//!
//! A tokenizer that follows the standard finds where the text stands; which of it is the article and which
//! is what web pages have around one is decided by `dom_smoothie`, an implementation of Readability.

mod attributes;
mod charset;
mod fragment;
mod main_text;
#[cfg(test)]
mod main_text_tests;
mod marks;
mod names;
mod scan;
#[cfg(test)]
mod tests;
mod translatable;
mod tree;

use std::path::Path;

use super::error::ReadError;
use super::reader::Reader;
use crate::model::{Article, ArticleId, Markup};
use charset::decoded;
use scan::PageScan;

pub(super) use fragment::{fragment, is_html};
pub(super) use names::{Role, role};

/// Web pages. Scripts, styles and preformatted text are not text; what stands outside of the main text is furniture. The
/// window title and attributes that people read stand behind it.
#[derive(Debug)]
pub(super) struct Html;

impl Reader for Html {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let (markup, encoding) = decoded(path, bytes)?;
        let mut page = PageScan::new(&markup).run();
        main_text::mark(&markup, &mut page);
        let mut draft = page.into_draft();
        draft.part_in_work().markup = markup;
        Ok(draft.finish(id, encoding, Markup::Html, None))
    }
}
