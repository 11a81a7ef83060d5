//! The title and the subject of a document, which its fields and content controls show when Word opens it.

use crate::model::BlockKind;
use crate::read::draft::ArticleDraft;
use crate::read::xml::{MarkupError, XmlNode, walk};

/// Reads the language in the core properties.
pub(super) fn properties(markup: &str, draft: &mut ArticleDraft) -> Result<(), MarkupError> {
    let mut open: Option<(String, usize)> = None;
    walk(markup, |node, span| match node {
        XmlNode::Start(tag) => {
            open = matches!(tag.name(), "dc:title" | "dc:subject").then(|| (String::new(), span.end));
        }
        XmlNode::Text(text) => {
            if let Some((known, _)) = &mut open {
                known.push_str(&text);
            }
        }
        XmlNode::End(_) => {
            if let Some((text, start)) = open.take()
                && text.contains(char::is_alphabetic)
            {
                draft.block(BlockKind::Heading);
                draft.node(&text, start..span.start);
                draft.close();
            }
        }
        XmlNode::Empty(_) => {}
    })
}
