//! HTML: the main text of a page, with the place of every word.
//!
//! A tokenizer that follows the standard finds where the text stands; which of it is the article and which
//! is what web pages have around one is decided by `dom_smoothie`, an implementation of Readability.

mod fragment;
mod main_text;
mod names;
mod scan;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::decode::{decode, decode_labelled};
use super::error::ReadError;
use super::reader::Reader;
use crate::model::{Article, ArticleId, Encoding, Markup};
use scan::PageScan;

pub(super) use fragment::{fragment, is_html};

/// Web pages. Scripts, styles, preformatted text and attributes are not text; what stands outside of the main
/// text is furniture.
#[derive(Debug)]
pub(super) struct Html;

impl Reader for Html {
    fn article(&self, id: ArticleId, path: &Path, bytes: &[u8]) -> Result<Article, ReadError> {
        let (markup, encoding) = decoded(path, bytes)?;
        let mut scan = PageScan::new(&markup, encoding.name != "UTF-8");
        scan.run();
        let shape = scan.shape();
        let mut draft = scan.into_draft();
        main_text::mark(&markup, shape, &mut draft);
        draft.part_in_work().markup = markup;
        Ok(draft.finish(id, encoding, Markup::Html, None))
    }
}

/// How many bytes at the beginning may hold the name of the encoding, by the standard.
const HEAD: usize = 1024;

/// Decodes a page. What it says of itself counts unless it begins with a byte order mark or is UTF-8.
fn decoded(path: &Path, bytes: &[u8]) -> Result<(String, Encoding), ReadError> {
    let label = label(&bytes[..bytes.len().min(HEAD)]);
    let encoding = label.and_then(encoding_rs::Encoding::for_label);
    match encoding.filter(|encoding| encoding.is_single_byte()) {
        Some(encoding) if !bytes.contains(&0) && std::str::from_utf8(bytes).is_err() => {
            decode_labelled(path, bytes, encoding)
        }
        _ => decode(path, bytes),
    }
}

/// What stands behind `charset=`.
fn label(head: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"charset=";
    let at = head.windows(NAME.len()).position(|window| window.eq_ignore_ascii_case(NAME))?;
    let rest = &head[at + NAME.len()..];
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte))?;
    Some(&rest[..end])
}
