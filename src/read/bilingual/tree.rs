//! The elements of a file of markup with their places.

use std::ops::Range;

use crate::read::xml::{MarkupError, Tag, XmlNode, local, walk};

/// The attributes that say something about a unit or its codes, or about a cell.
const ATTRIBUTES: [&str; 23] = [
    "Id",
    "Target",
    "approved",
    "ctype",
    "equiv",
    "equiv-text",
    "i",
    "id",
    "lang",
    "mid",
    "mtype",
    "r",
    "rid",
    "s",
    "source-language",
    "srcLang",
    "startRef",
    "state",
    "subType",
    "t",
    "target-language",
    "translate",
    "trgLang",
];

/// An element and where it stands.
#[derive(Debug, Default)]
pub(super) struct SpannedElement {
    /// With its prefix.
    pub(super) name: String,
    attributes: Vec<(&'static str, String)>,
    /// Its start tag.
    pub(super) tag: Range<usize>,
    /// From its start tag to its end tag.
    pub(super) whole: Range<usize>,
    pub(super) content: Vec<SpannedNode>,
}

/// What an element has in it.
#[derive(Debug)]
pub(super) enum SpannedNode {
    Text(String, Range<usize>),
    Element(SpannedElement),
}

impl SpannedElement {
    fn of(tag: &Tag<'_>, place: Range<usize>) -> Self {
        let value = |name: &'static str| Some((name, tag.attribute(name)?));
        Self {
            name: tag.name().to_owned(),
            attributes: ATTRIBUTES.into_iter().filter_map(value).collect(),
            whole: place.clone(),
            tag: place,
            content: Vec::new(),
        }
    }

    /// The name without its prefix.
    pub(super) fn local(&self) -> &str {
        local(&self.name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The elements right in it.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.content.iter().filter_map(|node| match node {
            SpannedNode::Element(element) => Some(element),
            SpannedNode::Text(..) => None,
        })
    }

    /// The first element of a name right in it.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children().find(|child| child.local() == name)
    }

    /// Whether there is neither a word nor a code in it.
    pub(super) fn is_blank(&self) -> bool {
        self.content.iter().all(|node| match node {
            SpannedNode::Text(text, _) => text.trim().is_empty(),
            // An empty segment that is marked is empty.
            SpannedNode::Element(inner) => inner.local() == "mrk" && inner.is_blank(),
        })
    }

    /// The words in it. How they are read aloud is none of them.
    pub(super) fn words(&self) -> String {
        let words = self.content.iter().map(|node| match node {
            SpannedNode::Text(text, _) => text.clone(),
            SpannedNode::Element(inner) if matches!(inner.local(), "rPh" | "phoneticPr") => String::new(),
            SpannedNode::Element(inner) => inner.words(),
        });
        words.collect()
    }

    /// Where its content stands.
    pub(super) fn inner(&self) -> Range<usize> {
        let first = self.content.first().map(SpannedNode::place);
        let last = self.content.last().map(SpannedNode::place);
        first.map_or(self.tag.end, |first| first.start)..last.map_or(self.tag.end, |last| last.end)
    }
}

impl SpannedNode {
    /// Where it stands.
    pub(super) fn place(&self) -> Range<usize> {
        match self {
            Self::Text(_, place) => place.clone(),
            Self::Element(element) => element.whole.clone(),
        }
    }
}

/// The root of a file, with all that is in it.
pub(super) fn tree(markup: &str) -> Result<SpannedElement, MarkupError> {
    let mut open = vec![SpannedElement::default()];
    walk(markup, |node, place| {
        let node = match node {
            XmlNode::Start(tag) => {
                open.push(SpannedElement::of(&tag, place));
                return;
            }
            XmlNode::Empty(tag) => SpannedNode::Element(SpannedElement::of(&tag, place)),
            XmlNode::Text(text) => SpannedNode::Text(text.into_owned(), place),
            XmlNode::End(_) => {
                // The walk sees to it that what ends has begun.
                let Some(mut ended) = open.pop() else { return };
                ended.whole.end = place.end;
                SpannedNode::Element(ended)
            }
        };
        if let Some(around) = open.last_mut() {
            around.content.push(node);
        }
    })?;
    Ok(open.pop().unwrap_or_default())
}
