//! The plan of an article: what each of its segments needs. Pure.

use crate::engine::Engine;
use crate::glossary::Matcher;
use crate::model::{BlockKind, InlineKind, InlineSpan, SegmentedArticle, StoredPair, TermMatch};

use super::Options;
use super::corrections::{Corrections, CorrectionsKnown};
use super::event::Extent;
use super::makers::Makers;
use super::requests::{self, RequestPart};

/// What a segment needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// No translation; this stands in the English.
    Keep(String),
    /// The answers to these requests, joined. More than one only for a segment that is longer than what the
    /// engine takes.
    Ask(Vec<RequestPart>),
    /// Nothing: a person wrote its English.
    Correction(Box<StoredPair>),
}

/// A segment with its terms and its need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedSegment {
    /// The glossary terms in it.
    pub(super) terms: Vec<TermMatch>,
    /// What it needs.
    pub(super) need: Need,
    /// Whether it is sent although the memory has an answer.
    pub(super) afresh: bool,
}

/// What each segment of an article needs, in source order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// One for each segment.
    pub(super) segments: Vec<PlannedSegment>,
    /// What people had corrected when it was made.
    pub(super) corrected: CorrectionsKnown,
}

impl Plan {
    /// Plans an article.
    pub(super) fn new(
        article: &SegmentedArticle,
        matcher: &Matcher,
        engine: &dyn Engine,
        makers: &Makers,
        options: &Options,
    ) -> Self {
        let id = &article.article().id;
        let segments = article.segments().iter().zip(1..).map(|(segment, number)| {
            let source = article.source(segment);
            let inlines = article.inlines(segment);
            if let Some(kept) = kept(article.kind(segment), source, &inlines, options) {
                return PlannedSegment { terms: Vec::new(), need: Need::Keep(kept), afresh: false };
            }
            let terms = matcher.find_in(id.as_str(), source);
            let inlines = if engine.info().abilities.markup { inlines } else { Vec::new() };
            let need = Need::Ask(requests::of_source(source, &terms, inlines, engine, makers));
            PlannedSegment { terms, need, afresh: options.again.includes(id, number, source) }
        });
        Self { segments: segments.collect(), corrected: CorrectionsKnown::default() }
    }

    /// Puts corrections in the place of whatever else a segment needs. One that is kept, as a menu is, takes only what was
    /// written for this article: elsewhere the same words may be language.
    pub(super) fn correct(
        mut self,
        article: &SegmentedArticle,
        matcher: &Matcher,
        corrections: Corrections,
    ) -> Self {
        self.corrected = corrections.known();
        let id = &article.article().id;
        let pairs = self.segments.iter_mut().zip(article.segments()).zip(corrections.pairs);
        for ((planned, segment), stored) in pairs {
            let Some(stored) = stored else { continue };
            if matches!(planned.need, Need::Keep(_)) {
                if stored.pair.place.as_ref().is_none_or(|place| place.article != *id) {
                    continue;
                }
                planned.terms = matcher.find_in(id.as_str(), article.source(segment));
            }
            planned.need = Need::Correction(Box::new(stored));
            planned.afresh = false;
        }
        self
    }

    /// The segments of its article for which nothing is asked.
    pub(super) fn given(&self, article: &SegmentedArticle) -> Extent {
        let segments = article.segments().iter().zip(&self.segments);
        let given = segments.filter(|(_, planned)| !matches!(planned.need, Need::Ask(_)));
        given.map(|(segment, _)| Extent::of(article.source(segment))).sum()
    }
}

/// What stands in the English of a segment that needs no translation; `None` if it needs one.
fn kept(kind: BlockKind, source: &str, inlines: &[InlineSpan], options: &Options) -> Option<String> {
    let atoms = inlines.iter().filter(|inline| inline.kind == InlineKind::Atom);
    let mut ends = vec![0];
    ends.extend(atoms.flat_map(|atom| [atom.span.start, atom.span.end]));
    ends.push(source.len());
    // Every other stretch is what stands between two atoms.
    let mut language = ends.chunks(2).filter_map(|ends| source.get(ends[0]..*ends.get(1)?));
    match kind {
        BlockKind::Furniture if !options.furniture => Some(String::new()),
        BlockKind::Attribute if !options.attributes => Some(String::new()),
        BlockKind::Metadata => Some(String::new()),
        BlockKind::Verbatim => Some(source.to_owned()),
        _ if language.any(|text| text.contains(char::is_alphabetic)) => None,
        _ => Some(source.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_with_letters_is_sent() {
        let few = Options { attributes: false, ..Options::default() };
        let all = Options { furniture: true, ..Options::default() };
        assert_eq!(kept(BlockKind::Attribute, "Ein Bild", &[], &few), Some(String::new()));
        assert_eq!(kept(BlockKind::Attribute, "Ein Bild", &[], &all), None);
        assert_eq!(kept(BlockKind::Paragraph, "* * *", &[], &few), Some("* * *".into()));
        assert_eq!(kept(BlockKind::Paragraph, "Er kam.", &[], &few), None);
        assert_eq!(kept(BlockKind::Furniture, "Teilen", &[], &few), Some(String::new()));
        assert_eq!(kept(BlockKind::Furniture, "Teilen", &[], &all), None);
        let code = [InlineSpan { kind: InlineKind::Atom, span: 2..5 }];
        assert_eq!(kept(BlockKind::Paragraph, "1 git.", &code, &few), Some("1 git.".into()));
        assert_eq!(kept(BlockKind::Paragraph, "1 git ja", &code, &few), None);
    }
}
