//! The language that a document says it is in.

use std::ops::Range;

use crate::read::xml::{MarkupError, Tag, XmlNode, local, walk};

/// The language of the English document: Word has no English without a country, and proofs in that of most of its users.
const ENGLISH: &str = "en-US";

/// Where a part names its language, and what is to stand there.
pub(super) fn languages(markup: &str) -> Result<Vec<(Range<usize>, String)>, MarkupError> {
    let mut edits = Vec::new();
    let mut in_language = false;
    walk(markup, |node, span| match node {
        XmlNode::Start(tag) | XmlNode::Empty(tag) if is_language(&tag) => {
            in_language = tag.name() == "dc:language";
            edits.extend(language(markup, &tag, &span));
        }
        XmlNode::Text(text) if in_language && is_german(&text) => edits.push((span, ENGLISH.to_owned())),
        XmlNode::End(_) => in_language = false,
        _ => {}
    })?;
    Ok(edits)
}

fn is_language(tag: &Tag<'_>) -> bool {
    matches!(local(tag.name()), "lang" | "themeFontLang" | "language")
}

/// Whether a tag of a language is that of German.
fn is_german(language: &str) -> bool {
    language.trim().get(..2).is_some_and(|start| start.eq_ignore_ascii_case("de"))
}

/// The edit that makes a tag name English, if it names German.
pub(super) fn language(markup: &str, tag: &Tag<'_>, span: &Range<usize>) -> Option<(Range<usize>, String)> {
    let value = tag.attribute("val").filter(|value| is_german(value))?;
    let markup = &markup[span.clone()];
    let at = markup.find(":val=").or_else(|| markup.find(" val="))? + ":val=".len() + 1;
    let end = at + value.len();
    (markup.get(at..end) == Some(value.as_str()))
        .then(|| (span.start + at..span.start + end, ENGLISH.to_owned()))
}
