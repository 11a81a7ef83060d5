//! The markup of a segment as a tree, and the places among it where text can stand.

use std::ops::Range;

use crate::model::{Inline, InlineKind, Layout, Markup, MarkupPart};

/// The markup of a segment. Whatever becomes of its words, this is what its markup is made of: pieces change places with
/// their siblings as wholes, and text goes into slots, so that nothing of it can be lost, doubled or torn.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// The part it stands in.
    pub(super) part: usize,
    /// Its pieces, an outer one before those in it.
    pub(super) elements: Vec<InlineElement>,
    /// Places for text, and of each atom one for what it reads as; in the order of the file.
    pub(super) slots: Vec<TextSlot>,
    /// What is not in any element.
    pub(super) root: Vec<TreeItem>,
}

/// A range or an atom of a segment.
#[derive(Debug)]
pub(super) struct InlineElement {
    pub(super) kind: InlineKind,
    /// Bytes of the segment; of a range that goes on outside of it, those inside.
    pub(super) source: Range<usize>,
    /// Bytes of the markup.
    pub(super) place: Range<usize>,
    pub(super) is_movable: bool,
    pub(super) parent: Option<usize>,
    /// What a range has in it.
    pub(super) items: Vec<TreeItem>,
}

/// What stands side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TreeItem {
    Slot(usize),
    Element(usize),
}

/// A place for words of the target.
#[derive(Debug)]
pub(super) struct TextSlot {
    /// Bytes of the segment; empty for a place that has no text in the source.
    pub(super) source: Range<usize>,
    /// The range that it lies in, or the atom that it is of.
    pub(super) element: Option<usize>,
    pub(super) home: Home,
}

/// Where the text of a slot goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Home {
    /// Into these nodes of the part.
    Nodes(Range<usize>),
    /// Between two pieces of markup.
    Beside(usize),
    /// Nowhere: it stands in the atom already.
    Atom,
}

impl Tree {
    /// The markup in these bytes of the text, which are the source.
    pub(super) fn new(layout: &Layout, span: &Range<usize>, source: &str) -> Self {
        for (index, part) in layout.parts.iter().enumerate() {
            let nodes = part.nodes_in(span);
            let inlines: Vec<&Inline> = part.inlines_in(span).collect();
            if !nodes.is_empty() || !inlines.is_empty() {
                let tree = Self { part: index, ..Self::default() };
                let markup = layout.markup;
                return TreeBuilder {
                    tree,
                    part,
                    span,
                    source,
                    open: Vec::new(),
                    nodes: 0..0,
                    at: 0,
                    markup,
                }
                .build(nodes, &inlines);
            }
        }
        Self::default()
    }

    /// What an element, or the root, has in it.
    pub(super) fn items(&self, parent: Option<usize>) -> &[TreeItem] {
        parent.map_or(&self.root, |parent| &self.elements[parent].items)
    }

    pub(super) fn is_atom(&self, slot: usize) -> bool {
        self.slots[slot].home == Home::Atom
    }

    /// An element and what it lies in, the innermost first.
    pub(super) fn around(&self, element: Option<usize>) -> impl Iterator<Item = usize> {
        std::iter::successors(element, |&inner| self.elements[inner].parent)
    }
}

struct TreeBuilder<'a> {
    tree: Tree,
    part: &'a MarkupPart,
    span: &'a Range<usize>,
    source: &'a str,
    open: Vec<usize>,
    /// The nodes since the last piece of markup.
    nodes: Range<usize>,
    /// How far the segment was read.
    at: usize,
    markup: Markup,
}

impl TreeBuilder<'_> {
    fn build(mut self, nodes: Range<usize>, inlines: &[&Inline]) -> Tree {
        let mut inlines = inlines.iter().peekable();
        for index in nodes {
            let start = self.part.nodes[index].place.start;
            while let Some(inline) = inlines.next_if(|inline| inline.place.start <= start) {
                self.element(inline);
            }
            self.close_before(start);
            if self.nodes.is_empty() {
                self.nodes = index..index;
            }
            self.nodes.end = index + 1;
        }
        for inline in inlines {
            self.element(inline);
        }
        while !self.open.is_empty() {
            self.close();
        }
        self.behind_last();
        self.tree
    }

    /// The bytes of a text in the segment.
    fn own(&self, text: &Range<usize>) -> Range<usize> {
        let start = text.start.max(self.span.start) - self.span.start;
        start..(text.end.min(self.span.end) - self.span.start).max(start)
    }

    fn element(&mut self, inline: &Inline) {
        self.close_before(inline.place.start);
        let begins_before = inline.text.start < self.span.start;
        let takes_text = self.takes_text_beside(inline.kind, &self.own(&inline.text));
        self.slot((!begins_before && takes_text).then_some(inline.place.start));
        let element = self.tree.elements.len();
        let source = self.own(&inline.text);
        let is_whole = !begins_before && inline.text.end <= self.span.end;
        self.push(TreeItem::Element(element));
        self.tree.elements.push(InlineElement {
            kind: inline.kind,
            source: source.clone(),
            place: inline.place.clone(),
            is_movable: inline.is_movable && is_whole,
            parent: self.open.last().copied(),
            items: Vec::new(),
        });
        if inline.kind == InlineKind::Atom {
            self.at = source.end;
            self.tree.slots.push(TextSlot { source, element: Some(element), home: Home::Atom });
        } else {
            self.open.push(element);
        }
    }

    /// Whether text may stand beside a piece of markup where there is none in the source.
    fn takes_text_beside(&self, kind: InlineKind, own: &Range<usize>) -> bool {
        // In Word, text takes an element of its own. Words that are put before the first thing in a sentence go into that if
        // it is a range, so that none has to be made; before what reads as something, they have no other place.
        let text = self.source.get(own.clone()).unwrap_or_default();
        let needs_own = kind == InlineKind::Atom && !text.trim().is_empty();
        self.markup.takes_bare_text() || self.markup == Markup::Docx && needs_own
    }

    /// Closes what ends before a place.
    fn close_before(&mut self, place: usize) {
        while self.open.last().is_some_and(|&open| self.tree.elements[open].place.end <= place) {
            self.close();
        }
    }

    fn close(&mut self) {
        self.behind_last();
        self.open.pop();
    }

    /// Ends what stands side by side: behind the last element in it text may stand, unless that goes on in the next
    /// segment.
    fn behind_last(&mut self) {
        let last = self.tree.items(self.open.last().copied()).last();
        let beside = match last {
            Some(TreeItem::Element(last)) => {
                let InlineElement { place, source, is_movable, kind, .. } = &self.tree.elements[*last];
                let goes_on = *kind == InlineKind::Range && !is_movable && source.end == self.span.len();
                let takes_text = self.takes_text_beside(*kind, source);
                (!goes_on && takes_text).then_some(place.end)
            }
            _ => None,
        };
        self.slot(beside);
    }

    /// Makes a slot of the nodes since the last piece of markup; without any, of the place beside one, if text may stand
    /// there.
    fn slot(&mut self, beside: Option<usize>) {
        let nodes = std::mem::take(&mut self.nodes);
        let (source, home) = match beside {
            _ if !nodes.is_empty() => {
                let text = self.part.nodes[nodes.start].text.start..self.part.nodes[nodes.end - 1].text.end;
                (self.own(&text), Home::Nodes(nodes))
            }
            Some(beside) => (self.at..self.at, Home::Beside(beside)),
            _ => return,
        };
        self.at = source.end;
        self.push(TreeItem::Slot(self.tree.slots.len()));
        self.tree.slots.push(TextSlot { source, element: self.open.last().copied(), home });
    }

    fn push(&mut self, item: TreeItem) {
        match self.open.last() {
            Some(&open) => self.tree.elements[open].items.push(item),
            None => self.tree.root.push(item),
        }
    }
}
