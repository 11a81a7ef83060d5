//! Word documents: the text of paragraphs, with the place of every run in its part.
//!
//! Translated are the document itself, footnotes, endnotes, headers and footers, with the tables and text
//! boxes in them, and the title and the subject of its properties. `elements` says of each element among the words what
//! becomes of it. Comments, alternative text of pictures, charts and embedded files stay as they are.

mod elements;
mod language;
mod properties;
mod run_look;
mod styles;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
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

/// The types of the document itself, by their ends: documents and templates, with and without macros.
const MAIN: [&str; 4] = [
    "document.main+xml",
    "wordprocessingml.template.main+xml",
    "document.macroEnabled.main+xml",
    "template.macroEnabledTemplate.main+xml",
];

/// The other parts with text, in the order of the article, by the ends of their types.
const WITH_TEXT: [&str; 4] = ["footnotes+xml", "endnotes+xml", "header+xml", "footer+xml"];

const STYLES: &str = "styles+xml";

/// The title and the subject.
const PROPERTIES: &str = "core-properties+xml";

/// The parts that say in which language the document is.
const WITH_LANGUAGE: [&str; 3] = [STYLES, "settings+xml", PROPERTIES];

impl Reader for Docx {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let mut archive = Archive::open(path, bytes, self.max_bytes)?;
        let parts = parts(&mut archive)?;
        let of_type = |end: &'static str| parts.iter().filter(move |part| part.kind.ends_with(end));
        let Some(main) = MAIN.into_iter().flat_map(of_type).next() else {
            return Err(archive.broken(None, "it is not a Word document"));
        };
        let styles = match of_type(STYLES).next() {
            Some(part) => match archive.text(&part.name)? {
                Some(markup) => {
                    Styles::read(&markup).map_err(|error| archive.broken(Some(&part.name), error))?
                }
                None => Styles::default(),
            },
            None => Styles::default(),
        };
        let mut draft = ArticleDraft::default();
        for part in std::iter::once(main).chain(WITH_TEXT.into_iter().flat_map(of_type)) {
            let Some(markup) = archive.text(&part.name)? else { continue };
            draft.part(&part.name);
            walk::text(&markup, &styles, &mut draft)
                .map_err(|error| archive.broken(Some(&part.name), error))?;
            draft.part_in_work().markup = markup;
        }
        for part in WITH_LANGUAGE.into_iter().flat_map(of_type) {
            let Some(markup) = archive.text(&part.name)? else { continue };
            draft.part(&part.name);
            let broken = |error| archive.broken(Some(&part.name), error);
            if part.kind.ends_with(PROPERTIES) {
                properties::properties(&markup, &mut draft).map_err(broken)?;
            }
            let edits = language::languages(&markup).map_err(broken)?;
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

/// All parts that have a type, in the order of the list; those that have the type of their extension behind the others.
fn parts(archive: &mut Archive<'_>) -> Result<Vec<PartName>, ReadError> {
    let Some(types) = archive.text(TYPES)? else {
        return Err(archive.broken(None, "it is not an office document"));
    };
    let mut parts = Vec::new();
    let mut defaults = HashMap::new();
    let walked = walk(&types, |node, _| {
        let (XmlNode::Start(tag) | XmlNode::Empty(tag)) = node else { return };
        let Some(kind) = tag.attribute("ContentType") else { return };
        match local(tag.name()) {
            "Override" => {
                let name = tag.attribute("PartName").unwrap_or_default().trim_start_matches('/').to_owned();
                if !parts.iter().any(|known: &PartName| known.name == name) {
                    parts.push(PartName { name, kind });
                }
            }
            "Default" => {
                let extension = tag.attribute("Extension").unwrap_or_default();
                defaults.insert(extension.to_ascii_lowercase(), kind);
            }
            _ => {}
        }
    });
    walked.map_err(|error| archive.broken(Some(TYPES), error))?;
    let listed = parts.len();
    for name in archive.names() {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        let kind = extension.and_then(|extension| defaults.get(&extension));
        if let Some(kind) = kind
            && name != TYPES
            && !parts[..listed].iter().any(|known| known.name == name)
        {
            parts.push(PartName { name, kind: kind.clone() });
        }
    }
    Ok(parts)
}
