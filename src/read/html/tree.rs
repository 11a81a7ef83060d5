//! The elements of a page that are open, and what is known of each of them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::attributes::Attribute;
use super::marks::{ElementMark, marks};
use super::names::{Role, closes, role};
use crate::model::BlockKind;

/// Elements deeper than this say nothing of their own.
const DEEPEST: usize = 256;
/// How many elements are remembered. Larger pages are read whole, without a search for their article.
pub(super) const MOST_ELEMENTS: usize = 60_000;

/// An element in the tree of the page.
#[derive(Debug, Clone, Default)]
pub(super) struct PageElement {
    /// Its parent's index; the root is its own parent.
    pub(super) parent: usize,
    /// A hash of the names and classes of it and of the elements around it: what looks alike has the same.
    pub(super) look: u64,
    pub(super) mark: Option<ElementMark>,
}

/// What the elements around a place say of the text there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PlaceInPage {
    /// The innermost element's index in the tree.
    pub(super) element: usize,
    /// The kind that the innermost element with an opinion gives to a block.
    pub(super) kind: Option<BlockKind>,
    /// Whether the text is to stay as it is.
    pub(super) is_fixed: bool,
    pub(super) is_link: bool,
}

struct OpenElement {
    name: Vec<u8>,
    here: PlaceInPage,
}

/// The tree of a page as far as it is read.
pub(super) struct ElementTree {
    elements: Vec<PageElement>,
    open: Vec<OpenElement>,
    /// How many elements of each name are open, so that an end tag of none is seen at once.
    names: HashMap<Vec<u8>, usize>,
    has_title: bool,
}

impl ElementTree {
    pub(super) fn new() -> Self {
        let root = PageElement::default();
        Self { elements: vec![root], open: Vec::new(), names: HashMap::new(), has_title: false }
    }

    pub(super) fn here(&self) -> PlaceInPage {
        self.open.last().map_or_else(PlaceInPage::default, |open| open.here)
    }

    pub(super) fn into_elements(self) -> Vec<PageElement> {
        self.elements
    }

    /// Opens an element.
    pub(super) fn open(&mut self, name: &[u8], attributes: &[Attribute<'_>]) {
        self.close_implied(name);
        if self.open.len() >= DEEPEST {
            return;
        }
        let around = self.here();
        let (mark, is_fixed) = marks(name, attributes);
        let kind = match role(name) {
            Role::Block(Some(BlockKind::Title)) if self.has_title => Some(BlockKind::Heading),
            Role::Block(kind) => kind,
            _ => None,
        };
        self.has_title |= kind == Some(BlockKind::Title);
        let here = PlaceInPage {
            element: self.grow(around.element, name, attributes, mark),
            kind: kind.or(around.kind),
            is_fixed: is_fixed.unwrap_or(around.is_fixed),
            is_link: around.is_link || name == b"a",
        };
        *self.names.entry(name.to_vec()).or_default() += 1;
        self.open.push(OpenElement { name: name.to_vec(), here });
    }

    /// A new element in the tree, unless it is part of a line like others and says nothing of its own.
    fn grow(
        &mut self,
        parent: usize,
        name: &[u8],
        attributes: &[Attribute<'_>],
        mark: Option<ElementMark>,
    ) -> usize {
        let says = mark.is_some() || name.contains(&b'-') || matches!(role(name), Role::Block(_));
        if !says || self.elements.len() >= MOST_ELEMENTS {
            return parent;
        }
        let mut hasher = DefaultHasher::new();
        self.elements[parent].look.hash(&mut hasher);
        name.hash(&mut hasher);
        let class = attributes.iter().find(|attribute| attribute.is("class"));
        class.map(|class| class.raw).unwrap_or_default().hash(&mut hasher);
        self.elements.push(PageElement { parent, look: hasher.finish(), mark });
        self.elements.len() - 1
    }

    /// Closes what ends where this element begins, though no end tag says so.
    fn close_implied(&mut self, name: &[u8]) {
        while self.open.last().is_some_and(|last| closes(name, &last.name)) {
            self.pop();
        }
    }

    /// Closes the innermost open element of this name and all in it. An end tag of part of a line does not close the blocks
    /// it stands in.
    pub(super) fn close(&mut self, name: &[u8]) {
        if self.names.get(name).is_none_or(|&open| open == 0) {
            return;
        }
        let is_block = matches!(role(name), Role::Block(_));
        let stops =
            |open: &OpenElement| open.name == name || !is_block && matches!(role(&open.name), Role::Block(_));
        let Some(at) = self.open.iter().rposition(stops) else { return };
        if self.open[at].name == name {
            while self.open.len() > at {
                self.pop();
            }
        }
    }

    fn pop(&mut self) {
        if let Some(last) = self.open.pop()
            && let Some(open) = self.names.get_mut(&last.name)
        {
            *open -= 1;
        }
    }
}
