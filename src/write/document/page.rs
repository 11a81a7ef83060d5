//! The English on its way into the markup.

use std::ops::Range;

use super::escape::escape;
use super::placed::{Placed, placed};
use super::render::{By, Change, render};
use super::run;
use super::tree::{Home, InlineElement, TextSlot, Tree};
use crate::model::{Article, Layout, Markup, ParallelDocument, Rendition, TextNode, Unit};
use crate::write::view::{View, after, views};

/// A node and what comes to stand in it.
struct FilledNode<'a> {
    part: usize,
    node: &'a TextNode,
    text: String,
}

/// All nodes of an article, to be filled from the first to the last.
pub(super) struct Page<'a> {
    article: &'a Article,
    layout: &'a Layout,
    targets: Vec<FilledNode<'a>>,
    /// What else changes in each part: text beside elements, and elements that change places.
    changes: Vec<Vec<Change>>,
}

impl<'a> Page<'a> {
    pub(super) fn new(article: &'a Article, layout: &'a Layout) -> Self {
        let nodes = layout.parts.iter().enumerate().flat_map(|(part, markup)| {
            markup.nodes.iter().map(move |node| FilledNode { part, node, text: String::new() })
        });
        let changes = layout.parts.iter().map(|_| Vec::new()).collect();
        Self { article, layout, targets: nodes.collect(), changes }
    }

    /// Puts all segments and gaps in their places.
    pub(super) fn fill(&mut self, document: &ParallelDocument) {
        for view in views(document) {
            let start = view.segment.span.start;
            self.keep(start - view.before.len()..start);
            self.segment(&view);
        }
        let rest = after(document).len();
        self.keep(self.article.text.len() - rest..self.article.text.len());
        self.targets_of_units(document);
    }

    /// Takes the copy of the German out of a target that gets no English, and says of one that does that it has some.
    fn targets_of_units(&mut self, document: &ParallelDocument) {
        let segments = document.source().segments();
        for (part, changes) in self.layout.parts.iter().zip(&mut self.changes) {
            for target in &part.targets {
                let first = segments.partition_point(|segment| segment.span.end <= target.text.start);
                let behind = segments.partition_point(|segment| segment.span.start < target.text.end);
                let mut units = document.units()[first..behind.max(first)].iter();
                // A long unit has several segments; one without English leaves it without.
                if first == behind || units.any(|unit| matches!(unit, Unit::Failed { .. })) {
                    changes.push((target.place.clone(), By::Markup(target.old.clone())));
                } else {
                    let edits = target.edits.iter();
                    changes.extend(edits.map(|(place, text)| (place.clone(), By::Markup(text.clone()))));
                }
            }
        }
    }

    /// The markup of all parts; `edited` says whether the markup itself changes too.
    pub(super) fn finish(mut self, edited: bool) -> Vec<String> {
        for target in &self.targets {
            let (part, node) = (&self.layout.parts[target.part], target.node);
            if target.text == self.article.text[node.text.clone()] {
                continue;
            }
            let text = escape(self.layout.markup, part, node.place.clone(), &target.text);
            self.changes[target.part].push((node.place.clone(), By::Markup(text)));
        }
        let parts = self.layout.parts.iter().zip(self.changes);
        let finished = parts.map(|(part, mut changes)| {
            if edited {
                let edits = part.edits.iter().map(|(place, text)| (place.clone(), By::Markup(text.clone())));
                changes.extend(edits);
            }
            render(&part.markup, changes)
        });
        finished.collect()
    }

    /// The nodes that have some of these bytes of the text.
    fn nodes(&self, span: &Range<usize>) -> Range<usize> {
        let first = self.targets.partition_point(|target| target.node.text.end <= span.start);
        let behind = self.targets.partition_point(|target| target.node.text.start < span.end);
        first..behind.max(first)
    }

    /// Leaves text as it is.
    fn keep(&mut self, span: Range<usize>) {
        for index in self.nodes(&span) {
            let target = &mut self.targets[index];
            let own = &target.node.text;
            let shared = own.start.max(span.start)..own.end.min(span.end);
            target.text.push_str(self.article.text.get(shared).unwrap_or_default());
        }
    }

    /// Puts a segment in its place.
    fn segment(&mut self, view: &View<'_>) {
        match view.unit {
            Unit::Kept { .. } => self.keep(view.segment.span.clone()),
            Unit::Translated(rendition) => self.english(view, rendition),
            Unit::Failed { .. } => {
                if let Some(index) = self.nodes(&view.segment.span).next() {
                    self.targets[index].text.push_str(&view.english());
                }
            }
        }
    }

    /// Shares the English out between the nodes of a segment.
    fn english(&mut self, view: &View<'_>, rendition: &Rendition) {
        let Placed { tree, projection } = placed(self.layout, &view.segment.span, view.source, rendition);
        let element = |element: usize| tree.elements[element].place.clone();
        for &(old, new) in &projection.moves {
            self.changes[tree.part].push((element(old), By::Element(element(new))));
        }
        if self.layout.markup == Markup::Markdown {
            // Emphasis without text would show its marks.
            let lost: Vec<usize> =
                projection.lost.iter().copied().filter(|&lost| self.is_emphasis(&tree, lost)).collect();
            for lost in lost {
                let moved = projection.moves.iter().find(|(_, new)| *new == lost);
                let place = element(moved.map_or(lost, |(old, _)| *old));
                self.changes[tree.part].retain(|(known, _)| *known != place);
                self.changes[tree.part].push((place, By::Markup(String::new())));
            }
        }
        let nodes = |index: usize| match &tree.slots[projection.stretches.get(index)?.slot].home {
            Home::Nodes(nodes) => Some(nodes),
            Home::Beside(_) | Home::Atom => None,
        };
        for (index, stretch) in projection.stretches.iter().enumerate() {
            let blank = if stretch.is_spaced { " " } else { "" };
            let text = format!("{}{blank}", &rendition.target[stretch.span.clone()]);
            let home = &tree.slots[stretch.slot].home;
            // In Word, no element is made for a blank.
            let is_blank = self.layout.markup == Markup::Docx
                && matches!(home, Home::Beside(_))
                && text.trim().is_empty();
            let neighbour = index.checked_sub(1).and_then(nodes).or_else(|| nodes(index + 1));
            if let Some(nodes) = neighbour.filter(|_| is_blank) {
                self.put(tree.part, nodes, &text);
                continue;
            }
            match home {
                _ if text.is_empty() => {}
                Home::Nodes(nodes) => self.put(tree.part, nodes, &text),
                Home::Beside(at) => {
                    let part = &self.layout.parts[tree.part];
                    let mut text = escape(self.layout.markup, part, *at..*at, &text);
                    if self.layout.markup == Markup::Docx {
                        text = self.run(&tree, stretch.slot, *at, &text);
                    }
                    self.changes[tree.part].push((*at..*at, By::Markup(text)));
                }
                Home::Atom => {}
            }
        }
    }

    /// Text at a place of a Word document that has none, in a run like the next one with text in the sentence.
    fn run(&self, tree: &Tree, slot: usize, at: usize, text: &str) -> String {
        let part = &self.layout.parts[tree.part];
        let nodes = |slot: &TextSlot| match &slot.home {
            Home::Nodes(nodes) => Some(part.nodes[nodes.start].place.start),
            Home::Beside(_) | Home::Atom => None,
        };
        let (before, behind) = tree.slots.split_at(slot);
        let like = behind.iter().find_map(nodes).or_else(|| before.iter().rev().find_map(nodes));
        // What does not move stands in the middle of a run.
        let is_beside = |atom: &&InlineElement| atom.place.start == at || atom.place.end == at;
        let in_run = tree.elements.iter().find(is_beside).is_some_and(|atom| !atom.is_movable);
        run::run_like(&part.markup, like.unwrap_or_default(), in_run, text)
    }

    fn is_emphasis(&self, tree: &Tree, element: usize) -> bool {
        let markup = &self.layout.parts[tree.part].markup;
        tree.elements[element].is_movable
            && markup[tree.elements[element].place.start..].starts_with(['*', '_', '~', '=', '+', '^'])
    }

    /// Puts text into the first of some nodes; the others become empty. A node that has the white space at the beginning or
    /// end of the text already keeps it, so that lines stay as they are broken.
    fn put(&mut self, part: usize, nodes: &Range<usize>, text: &str) {
        let first = self.targets.partition_point(|target| target.part < part) + nodes.start;
        let targets = &mut self.targets[first..first + nodes.len()];
        let is_blank =
            |target: &FilledNode<'_>| self.article.text[target.node.text.clone()].trim().is_empty();
        let (head, tail) = match targets {
            [first, .., last] => (is_blank(first), is_blank(last)),
            _ => (false, false),
        };
        let lead = text.len() - text.trim_start().len();
        let (own, mut rest) = text.split_at(if head && lead < text.len() { lead } else { 0 });
        targets[0].text.push_str(own);
        if tail && targets.len() > usize::from(head) + 1 {
            let end = rest.trim_end().len();
            if let Some(last) = targets.last_mut() {
                last.text.push_str(&rest[end..]);
            }
            rest = &rest[..end];
        }
        targets[usize::from(!own.is_empty())].text.push_str(rest);
    }
}
