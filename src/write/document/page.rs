//! The English on its way into the markup.

use std::ops::Range;

use super::escape::escape;
use super::placed::{Placed, placed};
use super::render::{By, Change, render};
use super::tree::{Home, Tree};
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
        for stretch in projection.stretches {
            let blank = if stretch.is_spaced { " " } else { "" };
            let text = format!("{}{blank}", &rendition.target[stretch.span]);
            match &tree.slots[stretch.slot].home {
                _ if text.is_empty() => {}
                Home::Nodes(nodes) => self.put(tree.part, nodes, &text),
                Home::Beside(at) => {
                    let part = &self.layout.parts[tree.part];
                    let text = escape(self.layout.markup, part, *at..*at, &text);
                    self.changes[tree.part].push((*at..*at, By::Markup(text)));
                }
                Home::Atom => {}
            }
        }
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
