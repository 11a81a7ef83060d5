//! The encoding that a page names, and how it comes to name UTF-8, in which every page is written.

use std::ops::Range;
use std::path::Path;

use encoding_rs::UTF_8;

use super::attributes::Attribute;
use crate::model::Encoding;
use crate::read::decode::{decode, decode_labelled};
use crate::read::error::ReadError;

/// How many bytes at the beginning may hold the name of the encoding, by the standard.
const HEAD: usize = 1024;
/// The parameter of a content type that names the encoding.
const PARAMETER: &str = "charset=";

/// Decodes a page. What it says of itself counts unless it begins with a byte order mark, is UTF-8, or would be no German.
pub(super) fn decoded(path: &Path, bytes: &[u8]) -> Result<(String, Encoding), ReadError> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let labels = [label(head, b"encoding="), label(head, PARAMETER.as_bytes())];
    let declared = labels.into_iter().flatten().find_map(encoding_rs::Encoding::for_label);
    match declared.filter(|encoding| encoding.is_single_byte()) {
        Some(encoding) if !bytes.contains(&0) && std::str::from_utf8(bytes).is_err() => {
            decode_labelled(path, bytes, encoding)
        }
        _ => {
            let (text, encoding) = decode(path, bytes)?;
            // A page that calls itself UTF-8 and is not: what it is read as is a guess, however good the text looks.
            let is_mistaken = declared == Some(UTF_8) && encoding.name != UTF_8.name() && !encoding.bom;
            let is_doubtful = encoding.is_doubtful || is_mistaken;
            Ok((text, Encoding { is_doubtful, ..encoding }))
        }
    }
}

/// What stands behind a name; that of an encoding in an XML declaration counts only there.
fn label<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let head = match name {
        b"encoding=" => &head[..declaration(head)?.end],
        _ => head,
    };
    let at = head.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))?;
    let rest = head[at + name.len()..].trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte))?;
    Some(&rest[..end])
}

/// Where the XML declaration stands that a page may begin with.
fn declaration(page: &[u8]) -> Option<Range<usize>> {
    let start = page.len() - page.trim_ascii_start().len();
    let rest = &page[start..];
    let end = rest.starts_with(b"<?xml").then(|| rest.windows(2).position(|window| window == b"?>"))??;
    Some(start..start + end + 2)
}

/// What becomes of the names of the encoding in a page while its tags go by.
#[derive(Debug, Default)]
pub(super) struct CharsetEdits {
    is_named: bool,
    /// Where a name may be put if there is none: behind the head's tag, else behind that of the page.
    head: Option<usize>,
    html: Option<usize>,
    /// Whether tags without an end are closed by themselves.
    is_xml: bool,
}

impl CharsetEdits {
    /// What the XML declaration of the page comes to say.
    pub(super) fn declaration(&mut self, markup: &str) -> Option<(Range<usize>, String)> {
        let place = declaration(markup.as_bytes())?;
        self.is_xml = true;
        let named = label(markup.as_bytes(), b"encoding=")?;
        self.is_named = true;
        let start = named.as_ptr().addr() - markup.as_ptr().addr();
        debug_assert!(place.contains(&start));
        is_other(named).then(|| (start..start + named.len(), UTF_8.name().to_owned()))
    }

    /// What a tag comes to say.
    pub(super) fn tag(
        &mut self,
        name: &[u8],
        end: usize,
        attributes: &[Attribute<'_>],
    ) -> Option<(Range<usize>, String)> {
        let has = |name: &str| attributes.iter().find(|attribute| attribute.is(name));
        match name {
            b"head" => self.head = self.head.or(Some(end)),
            b"html" => {
                self.html = self.html.or(Some(end));
                self.is_xml |= has("xmlns").is_some();
            }
            b"meta" => {
                let is_type =
                    || has("http-equiv").is_some_and(|kind| kind.raw.eq_ignore_ascii_case("content-type"));
                let place = match (has("charset"), has("content")) {
                    (Some(charset), _) => charset.place.clone(),
                    (None, Some(content)) if is_type() => {
                        let at = content.raw.to_ascii_lowercase().find(PARAMETER)? + PARAMETER.len();
                        let name = content.raw[at..].split([';', ' ', ',']).next().unwrap_or_default();
                        content.place.start + at..content.place.start + at + name.len()
                    }
                    _ => return None,
                };
                self.is_named = true;
                let old = attributes.iter().find(|attribute| {
                    attribute.place.start <= place.start && place.end <= attribute.place.end
                })?;
                let raw = &old.raw[place.start - old.place.start..place.end - old.place.start];
                return is_other(raw.as_bytes()).then(|| (place, "utf-8".to_owned()));
            }
            _ => {}
        }
        None
    }

    /// The name that a page without one is given; none where what is read is no page but a piece of one.
    pub(super) fn missing(&self) -> Option<(Range<usize>, String)> {
        let at = self.head.or(self.html).filter(|_| !self.is_named)?;
        let end = if self.is_xml { "/>" } else { ">" };
        Some((at..at, format!("<meta charset=\"utf-8\"{end}")))
    }
}

/// Whether a name is of another encoding than UTF-8.
fn is_other(name: &[u8]) -> bool {
    !name.is_empty() && !name.trim_ascii().eq_ignore_ascii_case(b"utf-8")
}
