//! What the styles of a document mean.

use std::collections::HashMap;

use super::run_look::RunLook;
use crate::model::BlockKind;
use crate::read::xml::{MarkupError, Tag, XmlNode, local, walk};

/// How many styles are followed that are based on each other; a circle of them would have no end.
const DEPTH: usize = 16;

/// The styles by their ids, which differ from language to language; names of built-in styles do not.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

#[derive(Debug, Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    look: RunLook,
}

impl Styles {
    pub(super) fn read(markup: &str) -> Result<Self, MarkupError> {
        let mut styles = HashMap::new();
        let mut open: Option<(String, Style)> = None;
        let value = |tag: &Tag<'_>| tag.attribute("val").unwrap_or_default();
        walk(markup, |node, _| match node {
            XmlNode::Start(tag) | XmlNode::Empty(tag) => match (local(tag.name()), &mut open) {
                ("style", _) => {
                    open = Some((tag.attribute("styleId").unwrap_or_default(), Style::default()));
                }
                ("name", Some((_, style))) => style.name = value(&tag).to_lowercase(),
                ("basedOn", Some((_, style))) => style.based_on = Some(value(&tag)),
                (property, Some((_, style))) => style.look.property(property, &tag),
                _ => {}
            },
            XmlNode::End(name) if local(&name) == "style" => styles.extend(open.take()),
            _ => {}
        })?;
        Ok(Self(styles))
    }

    /// The kind of block that paragraphs of a style are.
    pub(super) fn kind(&self, id: &str) -> BlockKind {
        let mut id = id;
        for _ in 0..DEPTH {
            let Some(style) = self.0.get(id) else { return named(&id.to_lowercase()) };
            let kind = named(&style.name);
            match &style.based_on {
                Some(base) if kind == BlockKind::Paragraph => id = base,
                _ => return kind,
            }
        }
        BlockKind::Paragraph
    }

    /// How runs of a style look.
    pub(super) fn look(&self, id: &str) -> RunLook {
        let mut look = RunLook::default();
        let mut next = self.0.get(id);
        for _ in 0..DEPTH {
            let Some(style) = next else { break };
            look = look.over(style.look);
            next = style.based_on.as_ref().and_then(|base| self.0.get(base));
        }
        look
    }
}

/// The kind of a built-in style.
fn named(name: &str) -> BlockKind {
    match name {
        "title" => BlockKind::Title,
        "subtitle" | "toc heading" => BlockKind::Heading,
        "quote" | "intense quote" => BlockKind::Quotation,
        _ if name.starts_with("heading") => BlockKind::Heading,
        _ if name.starts_with("list") => BlockKind::ListItem,
        _ => BlockKind::Paragraph,
    }
}
