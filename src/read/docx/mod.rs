//! Word documents: the text of paragraphs, with the place of every run in its part.
//!
//! Translated are the document itself, footnotes, endnotes, headers and footers, with the tables and text
//! boxes in them. Deleted text and field codes are not text; results of fields are. Comments, drawings'
//! captions in alternative text, charts and embedded files stay as they are.

mod styles;
mod walk;

#[cfg(test)]
mod tests;

use std::path::Path;

use super::archive::Archive;
use super::draft::ArticleDraft;
use super::error::ReadError;
use super::reader::Reader;
use super::xml::{XmlNode, local, walk};
use crate::model::{Article, ArticleId, Encoding, Markup};
use styles::Styles;

/// Word documents.
#[derive(Debug)]
pub(super) struct Docx {
    /// The most bytes of markup that are unpacked.
    pub(super) max_bytes: u64,
}

/// The list of the parts of a document and their types.
const TYPES: &str = "[Content_Types].xml";

/// The parts with text, in the order of the article, by the end of their types.
const WITH_TEXT: [&str; 5] =
    ["document.main+xml", "footnotes+xml", "endnotes+xml", "header+xml", "footer+xml"];

/// The parts that say in which language the document is.
const WITH_LANGUAGE: [&str; 3] = ["styles+xml", "settings+xml", "core-properties+xml"];

impl Reader for Docx {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let mut archive = Archive::open(path, bytes, self.max_bytes)?;
        let parts = parts(&mut archive)?;
        let of_type = |end: &'static str| parts.iter().filter(move |part| part.kind.ends_with(end));
        if of_type(WITH_TEXT[0]).next().is_none() {
            return Err(archive.broken(None, "it is not a Word document"));
        }
        let styles = match of_type(WITH_LANGUAGE[0]).next() {
            Some(part) => match archive.text(&part.name)? {
                Some(markup) => {
                    Styles::read(&markup).map_err(|error| archive.broken(Some(&part.name), error))?
                }
                None => Styles::default(),
            },
            None => Styles::default(),
        };
        let mut draft = ArticleDraft::default();
        for part in WITH_TEXT.into_iter().flat_map(of_type) {
            let Some(markup) = archive.text(&part.name)? else { continue };
            draft.part(&part.name);
            walk::text(&markup, &styles, &mut draft)
                .map_err(|error| archive.broken(Some(&part.name), error))?;
            draft.part_in_work().markup = markup;
        }
        for part in WITH_LANGUAGE.into_iter().flat_map(of_type) {
            let Some(markup) = archive.text(&part.name)? else { continue };
            draft.part(&part.name);
            let edits = walk::languages(&markup).map_err(|error| archive.broken(Some(&part.name), error))?;
            let part = draft.part_in_work();
            part.edits = edits;
            part.markup = markup;
        }
        Ok(draft.finish(id, Encoding::utf8(), Markup::Docx, Some(bytes.to_vec())))
    }
}

/// A member of the archive and its type.
struct PartName {
    name: String,
    kind: String,
}

/// All parts that have a type of their own, in the order of the list.
fn parts(archive: &mut Archive<'_>) -> Result<Vec<PartName>, ReadError> {
    let Some(types) = archive.text(TYPES)? else {
        return Err(archive.broken(None, "it is not an office document"));
    };
    let mut parts = Vec::new();
    let walked = walk(&types, |node, _| {
        let (XmlNode::Start(tag) | XmlNode::Empty(tag)) = node else { return };
        if local(tag.name()) == "Override"
            && let (Some(name), Some(kind)) = (tag.attribute("PartName"), tag.attribute("ContentType"))
        {
            let name = name.trim_start_matches('/').to_owned();
            if !parts.iter().any(|known: &PartName| known.name == name) {
                parts.push(PartName { name, kind });
            }
        }
    });
    walked.map_err(|error| archive.broken(Some(TYPES), error))?;
    Ok(parts)
}
