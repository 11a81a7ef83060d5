//! Where the markup of a translated segment comes to stand, and what is to be said about that.

use std::ops::Range;

use super::project::{Hints, TargetShares, project};
use super::tree::Tree;
use crate::model::{
    Alignment, Finding, FindingKind, HeldTerm, InlineKind, Layout, Rendition, Segment, SegmentedArticle,
    Severity,
};

/// The markup of a segment, and the target shared out among it.
pub(super) struct Placed {
    pub(super) tree: Tree,
    pub(super) projection: TargetShares,
}

/// Shares the target of a segment out among its markup.
pub(super) fn placed(layout: &Layout, span: &Range<usize>, source: &str, rendition: &Rendition) -> Placed {
    let tree = Tree::new(layout, span, source);
    let alignment = rendition.alignment.as_ref();
    let held = |term: &HeldTerm| Some((term.term.span.clone(), term.hold.as_ref()?.span.clone()));
    let terms = rendition.terms.iter().filter_map(held);
    let aligned = alignment.and_then(Alignment::words).into_iter().flat_map(|words| words.0.iter().cloned());
    let words: Vec<_> = terms.chain(aligned).collect();
    let inlines = alignment.and_then(Alignment::inlines).map_or(&[][..], |inlines| &inlines.0);
    let projection = project(source, &tree, &rendition.target, Hints { words: &words, inlines });
    Placed { tree, projection }
}

/// What there is to say about the markup of a segment in the document that is written: what has no words in the English.
#[must_use]
pub fn markup_findings(article: &SegmentedArticle, segment: &Segment, rendition: &Rendition) -> Vec<Finding> {
    let Some(layout) = &article.article().layout else { return Vec::new() };
    let source = article.source(segment);
    let Placed { tree, projection } = placed(layout, &segment.span, source, rendition);
    let finding = |&lost: &usize| {
        let element = &tree.elements[lost];
        let text = shown(&source[element.source.clone()]);
        let message = match element.kind {
            InlineKind::Atom => {
                format!("“{text}” does not stand in the English; its markup stands behind it")
            }
            InlineKind::Range => {
                format!("nothing in the English was found to be “{text}”, which is marked up")
            }
        };
        let source = Some(element.source.clone());
        Finding { source, ..Finding::new(FindingKind::Markup, Severity::Warning, message) }
    };
    projection.lost.iter().map(finding).collect()
}

/// The beginning of a text, for a line of a terminal.
fn shown(text: &str) -> String {
    /// Characters that are enough to find a place.
    const SHOWN: usize = 40;
    let start: String = text.chars().take(SHOWN).collect();
    if start.len() < text.len() { start + "…" } else { start }
}
