//! The texts of a segment with its markup as codes, for files that other tools read.

use std::ops::Range;

use super::placed::{Placed, placed};
use super::tree::{Home, Tree, TreeItem};
use crate::bilingual::{BilingualPiece, BilingualText};
use crate::model::{InlineKind, Layout, MarkupPart, Rendition};

/// Longer markup is not shown to translators: it would fill their screens, and files. A picture may be written out in it.
const LONGEST: usize = 2000;

/// The German of a segment with its codes, which are numbered from 1.
pub(in crate::write) fn coded_source(layout: &Layout, span: &Range<usize>, source: &str) -> BilingualText {
    let tree = Tree::new(layout, span, source);
    let codes = Codes { tree: &tree, part: layout.parts.get(tree.part) };
    BilingualText::new(SourcePieces { codes, source, at: 0, pieces: Vec::new() }.all())
}

/// The English of a segment with the codes of its German where [`Document`](super::Document) puts the markup. Its words are
/// those of the rendition.
pub(in crate::write) fn coded_target(
    layout: &Layout,
    span: &Range<usize>,
    source: &str,
    rendition: &Rendition,
) -> BilingualText {
    let Placed { tree, projection } = placed(layout, span, source, rendition);
    let codes = Codes { tree: &tree, part: layout.parts.get(tree.part) };
    let mut pieces = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut placed = vec![false; tree.elements.len()];
    let mut end = 0;
    for stretch in &projection.stretches {
        let slot = stretch.slot;
        let atom = tree.slots[slot].element.filter(|_| tree.is_atom(slot));
        let around = match atom {
            Some(atom) => tree.elements[atom].parent,
            None => tree.slots[slot].element,
        };
        let mut around: Vec<usize> = tree.around(around).collect();
        around.reverse();
        let shared = open.iter().zip(&around).take_while(|(a, b)| a == b).count();
        pieces.extend(open.drain(shared..).rev().map(|element| codes.close(element)));
        for &element in &around[shared..] {
            placed[element] = true;
            pieces.push(codes.open(element));
            open.push(element);
        }
        end = end.max(stretch.span.end);
        let words = &rendition.target[stretch.span.clone()];
        match atom {
            Some(atom) => {
                placed[atom] = true;
                pieces.push(codes.atom(atom, words));
            }
            None => pieces.push(BilingualPiece::Text(words.to_owned())),
        }
    }
    pieces.extend(open.drain(..).rev().map(|element| codes.close(element)));
    pieces.push(BilingualPiece::Text(rendition.target[end..].to_owned()));
    // Markup that has no slot has no words either.
    for element in (0..placed.len()).filter(|&element| !placed[element]) {
        match tree.elements[element].kind {
            InlineKind::Atom => pieces.push(codes.atom(element, "")),
            InlineKind::Range => pieces.extend([codes.open(element), codes.close(element)]),
        }
    }
    BilingualText::new(pieces)
}

/// The elements of a segment as codes.
struct Codes<'a> {
    tree: &'a Tree,
    part: Option<&'a MarkupPart>,
}

impl Codes<'_> {
    fn id(element: usize) -> String {
        (element + 1).to_string()
    }

    fn open(&self, element: usize) -> BilingualPiece {
        let whole = &self.tree.elements[element].place;
        let inner = self.inside(element);
        BilingualPiece::Open { id: Self::id(element), native: self.native(whole.start..inner.start) }
    }

    fn close(&self, element: usize) -> BilingualPiece {
        let whole = &self.tree.elements[element].place;
        let inner = self.inside(element);
        BilingualPiece::Close { id: Self::id(element), native: self.native(inner.end..whole.end) }
    }

    fn atom(&self, element: usize, reads_as: &str) -> BilingualPiece {
        let native = self.native(self.tree.elements[element].place.clone());
        BilingualPiece::Atom { id: Self::id(element), native, reads_as: reads_as.to_owned() }
    }

    /// Where the content of a range stands in the markup.
    fn inside(&self, element: usize) -> Range<usize> {
        let whole = &self.tree.elements[element].place;
        let items = &self.tree.elements[element].items;
        let place = |item: &TreeItem| match item {
            TreeItem::Element(inner) => self.tree.elements[*inner].place.clone(),
            TreeItem::Slot(slot) => match &self.tree.slots[*slot].home {
                Home::Nodes(nodes) => {
                    let nodes = self.part.map_or(&[][..], |part| &part.nodes[nodes.clone()]);
                    let start = nodes.first().map_or(whole.end, |node| node.place.start);
                    start..nodes.last().map_or(start, |node| node.place.end)
                }
                Home::Beside(at) => *at..*at,
                Home::Atom => whole.end..whole.end,
            },
        };
        let start = items.first().map_or(whole.end, |item| place(item).start);
        let end = items.last().map_or(start, |item| place(item).end);
        // What goes on in another segment is not whole here.
        let start = start.clamp(whole.start, whole.end);
        start..end.clamp(start, whole.end)
    }

    fn native(&self, place: Range<usize>) -> String {
        let native = self.part.and_then(|part| part.markup.get(place)).unwrap_or_default();
        if native.len() > LONGEST { String::new() } else { native.to_owned() }
    }
}

/// Goes through the German in the order of its markup.
struct SourcePieces<'a> {
    codes: Codes<'a>,
    source: &'a str,
    /// How far the words are taken.
    at: usize,
    pieces: Vec<BilingualPiece>,
}

impl SourcePieces<'_> {
    fn all(mut self) -> Vec<BilingualPiece> {
        let tree = self.codes.tree;
        // The elements that are open, with what is left in each: a tree may be deep.
        let mut open = vec![(None, tree.root.iter())];
        while let Some((parent, items)) = open.last_mut() {
            match (items.next(), *parent) {
                (Some(TreeItem::Slot(slot)), _) => self.words(tree.slots[*slot].source.end),
                (Some(TreeItem::Element(element)), _) => {
                    let own = &tree.elements[*element];
                    self.words(own.source.start);
                    match own.kind {
                        InlineKind::Atom => self.atom(*element),
                        InlineKind::Range => {
                            self.pieces.push(self.codes.open(*element));
                            open.push((Some(*element), own.items.iter()));
                        }
                    }
                }
                (None, Some(element)) => {
                    self.words(tree.elements[element].source.end);
                    self.pieces.push(self.codes.close(element));
                    open.pop();
                }
                (None, None) => drop(open.pop()),
            }
        }
        self.words(self.source.len());
        self.pieces
    }

    fn atom(&mut self, element: usize) {
        let own = &self.codes.tree.elements[element].source;
        let reads_as = self.source.get(self.at.max(own.start)..own.end).unwrap_or_default();
        self.pieces.push(self.codes.atom(element, reads_as));
        self.at = own.end.max(self.at);
    }

    /// The words up to a byte of the segment, whether they stand in a slot or the reader put them there.
    fn words(&mut self, end: usize) {
        if let Some(words) = self.source.get(self.at..end) {
            self.pieces.push(BilingualPiece::Text(words.to_owned()));
            self.at = end;
        }
    }
}
