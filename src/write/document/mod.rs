//! `document`: the article in its own format, its text replaced by the English.

mod archive;
mod coded;
mod escape;
mod known;
mod order;
mod page;
mod placed;
mod project;
mod render;
mod run;
mod share;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;

use std::path::Path;

use super::error::WriteError;
use super::plain::PlainText;
use super::writer::{OutputFile, Writer};
use crate::model::{Article, ArticleId, Layout, Markup, ParallelDocument, Unit};
use page::Page;

pub(super) use coded::{coded_source, coded_target};
pub use placed::markup_findings;

/// The file of the article with the English in the place of the German; of plain text, the same as `text`.
#[derive(Debug)]
pub(super) struct Document;

impl Writer for Document {
    fn files(&self, document: &ParallelDocument) -> Result<Vec<OutputFile>, WriteError> {
        let article = document.source().article();
        let Some(layout) = &article.layout else { return PlainText.files(document) };
        let parts = parts(document, layout);
        Ok(vec![OutputFile::new(ending(&article.id), bytes(article, layout, parts)?)])
    }

    fn endings(&self, article: &ArticleId) -> Vec<String> {
        vec![ending(article)]
    }
}

/// `.english.` and the extension of the article, in lower case; `.english.txt` if it is plain text.
fn ending(article: &ArticleId) -> String {
    let extension = Path::new(article.as_str()).extension().and_then(|extension| extension.to_str());
    let extension = extension.filter(|extension| Markup::of_extension(extension).is_some()).unwrap_or("txt");
    format!(".english.{}", extension.to_ascii_lowercase())
}

/// The markup of each part with the English in it.
fn parts(document: &ParallelDocument, layout: &Layout) -> Vec<String> {
    let article = document.source().article();
    let mut page = Page::new(article, layout);
    page.fill(document);
    let is_english = document.units().iter().any(|unit| matches!(unit, Unit::Translated(_)));
    // Files are written in UTF-8, whatever they were read in, and must say so.
    let edited = is_english || article.encoding.name != "UTF-8";
    page.finish(edited)
}

/// The bytes of the file; a byte order mark stays.
fn bytes(article: &Article, layout: &Layout, parts: Vec<String>) -> Result<Vec<u8>, WriteError> {
    if let Some(archive) = &layout.archive {
        let old = layout.parts.iter().map(|part| (part.name.as_str(), part.markup.as_str()));
        let members: Vec<_> = old.zip(parts).map(|((name, old), new)| (name, old, new)).collect();
        return archive::repack(archive, &members)
            .map_err(|source| WriteError::Archive { article: article.id.clone(), source });
    }
    let mark = if article.encoding.bom { "\u{feff}" } else { "" };
    let mut text = String::from(mark);
    text.extend(parts);
    Ok(text.into_bytes())
}
