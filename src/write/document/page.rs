//! The English on its way into the markup.

use std::ops::Range;

use super::escape::escape;
use super::project::{Hints, project};
use super::render::{By, Change, render};
use super::slot::MarkupSlot;
use crate::model::{Article, HeldTerm, Layout, Markup, ParallelDocument, Rendition, TextNode, Unit};
use crate::write::view::{View, after, views};

/// A node and what comes to stand in it.
struct FilledNode<'a> {
    part: usize,
    node: &'a TextNode,
    text: String,
}

/// Where the text of a slot goes.
enum Home {
    /// Into this node; the other nodes of the slot become empty.
    Node(usize),
    /// Into a part beside an element.
    Beside(usize, usize),
}

/// All nodes of an article, to be filled from the first to the last.
pub(super) struct Page<'a> {
    article: &'a Article,
    layout: &'a Layout,
    targets: Vec<FilledNode<'a>>,
    /// What else changes in each part: text beside elements, and elements that change places.
    changes: Vec<Vec<Change>>,
}

/// The slots of a segment, where their text goes, and the elements among them.
#[derive(Default)]
struct Slots {
    all: Vec<MarkupSlot>,
    homes: Vec<Home>,
    /// The part of the elements and their places; a slot names one by its index.
    elements: Vec<(usize, Range<usize>)>,
    /// Whether each element is whole in the segment.
    whole: bool,
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
            if node.is_fixed || target.text == self.article.text[node.text.clone()] {
                continue;
            }
            let before = &part.markup[line_start(&part.markup, node.place.start)..node.place.start];
            let text = escape(self.layout.markup, &target.text, before);
            self.changes[target.part].push((node.place.clone(), By::Markup(text)));
        }
        self.drop_empty();
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

    /// Emphasis without text would show its marks in Markdown.
    fn drop_empty(&mut self) {
        if self.layout.markup != Markup::Markdown {
            return;
        }
        for (index, part) in self.layout.parts.iter().enumerate() {
            let first = self.targets.partition_point(|target| target.part < index);
            let targets = &self.targets[first..];
            for element in &part.elements {
                let inside =
                    |target: &&FilledNode<'_>| target.part == index && target.node.place.end <= element.end;
                let start =
                    targets.partition_point(|t| t.part == index && t.node.place.start < element.start);
                let mut nodes = targets[start..].iter().take_while(inside).peekable();
                let is_emphasis = part.markup[element.start..].starts_with(['*', '_', '~']);
                let is_empty = nodes.peek().is_some() && nodes.all(|t| t.text.trim().is_empty());
                if is_emphasis && is_empty {
                    self.changes[index].push((element.clone(), By::Markup(String::new())));
                }
            }
        }
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
                let nodes = self.nodes(&view.segment.span);
                let open = nodes.clone().find(|&index| !self.targets[index].node.is_fixed);
                if let Some(index) = open.or_else(|| nodes.clone().next()) {
                    self.targets[index].text.push_str(&view.english());
                }
            }
        }
    }

    /// Shares the English out between the nodes of a segment.
    fn english(&mut self, view: &View<'_>, rendition: &Rendition) {
        let target = rendition.target.as_str();
        let slots = self.slots(&view.segment.span);
        let pairs = pairs(rendition);
        let hints = Hints { pairs: &pairs, may_move: slots.whole };
        let shared = project(view.source, &slots.all, target, hints);
        let mut order: Vec<usize> = shared.iter().filter_map(|(slot, _)| slots.all[*slot].element).collect();
        order.dedup();
        for (place, element) in order.into_iter().enumerate().filter(|(place, element)| place != element) {
            let (part, slot) = slots.elements[place].clone();
            self.changes[part].push((slot, By::Element(slots.elements[element].1.clone())));
        }
        for (slot, span) in shared.into_iter().filter(|(_, span)| !span.is_empty()) {
            match slots.homes[slot] {
                Home::Node(index) => self.targets[index].text.push_str(&target[span]),
                Home::Beside(part, at) => {
                    let before = &self.layout.parts[part].markup[..at];
                    let before = &before[line_start(before, at)..];
                    let text = escape(self.layout.markup, &target[span], before);
                    self.changes[part].push((at..at, By::Markup(text)));
                }
            }
        }
    }

    /// The slots of a segment.
    fn slots(&self, span: &Range<usize>) -> Slots {
        let mut found = Slots { whole: true, ..Slots::default() };
        let mut last: Option<&TextNode> = None;
        for index in self.nodes(span) {
            let FilledNode { part, node, .. } = &self.targets[index];
            let source =
                node.text.start.max(span.start) - span.start..node.text.end.min(span.end) - span.start;
            let element = self.layout.parts[*part].element_of(node);
            let element = element.map(|element| self.enter(&mut found, *part, element, span));
            let same = last.is_some_and(|last| last.style == node.style && !last.is_fixed && !node.is_fixed);
            last = Some(node);
            match found.all.last_mut() {
                Some(slot) if same && slot.element == element => slot.source.end = source.end,
                _ => {
                    if element.is_some() {
                        leave(&mut found, element, source.start);
                    }
                    found.all.push(MarkupSlot { source, is_fixed: node.is_fixed, element });
                    found.homes.push(Home::Node(index));
                }
            }
        }
        leave(&mut found, None, span.len());
        let is_beside = |slot: &MarkupSlot| slot.element.is_none() && slot.source.is_empty();
        if found.elements.len() == 1 && found.all.iter().all(|slot| slot.element.is_some() || is_beside(slot))
        {
            // An element around the whole segment is around the whole translation.
            found.all.retain(|slot| !is_beside(slot));
            found.homes.retain(|home| matches!(home, Home::Node(_)));
        }
        found
    }

    /// The number of an element in the segment, which may be new.
    fn enter(&self, found: &mut Slots, part: usize, element: &Range<usize>, span: &Range<usize>) -> usize {
        if found.elements.last().is_none_or(|(p, known)| (*p, known) != (part, element)) {
            found.elements.push((part, element.clone()));
            found.whole &= self.is_whole(part, element, span);
        }
        found.elements.len() - 1
    }

    /// Whether all text of an element belongs to these bytes of the text.
    fn is_whole(&self, part: usize, element: &Range<usize>, span: &Range<usize>) -> bool {
        let nodes = &self.layout.parts[part].nodes;
        let first = nodes.partition_point(|node| node.place.start < element.start);
        let behind = nodes.partition_point(|node| node.place.start < element.end);
        nodes[first..behind].iter().all(|node| span.start <= node.text.start && node.text.end <= span.end)
    }
}

/// Makes a place for text before an element that opens the segment or follows another one, and behind one
/// that closes the segment. `next` is the element that comes, `None` at the end.
fn leave(found: &mut Slots, next: Option<usize>, at: usize) {
    let last = found.all.last().and_then(|slot| slot.element);
    let (element, behind) = match (last, next) {
        (Some(last), Some(next)) if last != next => (next, false),
        (None, Some(next)) if found.all.is_empty() => (next, false),
        (Some(last), None) => (last, true),
        _ => return,
    };
    if found.whole {
        let (part, place) = &found.elements[element];
        let home = Home::Beside(*part, if behind { place.end } else { place.start });
        found.all.push(MarkupSlot { source: at..at, is_fixed: false, element: None });
        found.homes.push(home);
    }
}

/// What is known of which words belong together, the surest first.
fn pairs(rendition: &Rendition) -> Vec<(Range<usize>, Range<usize>)> {
    let held = |term: &HeldTerm| Some((term.term.span.clone(), term.hold.as_ref()?.span.clone()));
    let terms = rendition.terms.iter().filter_map(held);
    let aligned = rendition.alignment.iter().flat_map(|alignment| alignment.pairs().0.iter().cloned());
    terms.chain(aligned).collect()
}

/// Where the line of a place begins. Lines of many kilobytes are cut: what opens a line is short.
fn line_start(markup: &str, at: usize) -> usize {
    const LONGEST: usize = 256;
    let from = markup.floor_char_boundary(at.saturating_sub(LONGEST));
    markup[from..at].rfind(['\n', '\r']).map_or(from, |line| from + line + 1)
}
