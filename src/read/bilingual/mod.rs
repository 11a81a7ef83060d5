//! Bilingual files as articles: what has no English yet is the text, and its target is the place of the English.

mod fill;
mod found;
mod tmx;
mod tree;
mod xliff;
mod xlsx;

use std::ops::Range;
use std::path::Path;

use super::decode::{decode, decode_labelled};
use super::draft::ArticleDraft;
use super::error::ReadError;
use super::reader::Reader;
use crate::model::{Article, ArticleId, Encoding, Markup};
use tree::tree;

pub(super) use xlsx::Workbook;

/// How far an XML declaration is looked for, in bytes.
const DECLARATION: usize = 200;

/// TMX and XLIFF files. A unit is a segment; approved and translated ones stay as they are.
#[derive(Debug)]
pub(super) struct BilingualReader {
    pub(super) markup: Markup,
}

impl Reader for BilingualReader {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let (markup, encoding, label) = decoded(path, bytes)?;
        let damaged = |source: Box<dyn std::error::Error + Send + Sync>| ReadError::Damaged {
            path: path.to_owned(),
            part: None,
            source,
        };
        let file = tree(&markup).map_err(|error| damaged(error.into()))?;
        let wanted = if self.markup == Markup::Tmx { "tmx" } else { "xliff" };
        let Some(root) = file.child(wanted) else {
            return Err(damaged(format!("there is no <{wanted}> in it").into()));
        };
        let mut found = match self.markup {
            Markup::Tmx => tmx::targets(&markup, root),
            _ => xliff::targets(&markup, root),
        };
        if let (Some(wrong), true) = (found.wrong, found.fills.is_empty()) {
            return Err(damaged(wrong.into()));
        }
        found.edits.extend(label.map(|place| (place, "UTF-8".to_owned())));
        let mut draft = ArticleDraft::default();
        fill::fill(&markup, &found.fills, &found.edits, &mut draft);
        Ok(draft.finish(id, encoding, self.markup, None))
    }
}

/// Decodes a file of XML. The place of the name of an encoding other than UTF-8 is given back: files are written in that.
fn decoded(path: &Path, bytes: &[u8]) -> Result<(String, Encoding, Option<Range<usize>>), ReadError> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION)]);
    let declared = label(&head).and_then(|place| encoding_rs::Encoding::for_label(head[place].as_bytes()));
    let (markup, encoding) = match declared.filter(|encoding| encoding.is_single_byte()) {
        Some(encoding) if std::str::from_utf8(bytes).is_err() => decode_labelled(path, bytes, encoding)?,
        _ => decode(path, bytes)?,
    };
    let place = label(&markup[..markup.floor_char_boundary(DECLARATION)]);
    let place = place.filter(|place| !markup[place.clone()].eq_ignore_ascii_case("utf-8"));
    Ok((markup, encoding, place))
}

/// Where the name of the encoding stands in an XML declaration.
fn label(head: &str) -> Option<Range<usize>> {
    let start = head.find("<?xml")?;
    let end = start + head[start..].find("?>")?;
    let at = start + head[start..end].find("encoding")? + "encoding".len();
    let open = at + head[at..end].find(['"', '\''])? + 1;
    let length = head[open..end].find(['"', '\''])?;
    Some(open..open + length)
}
