//! What people corrected. It stands in the place of whatever an engine would say.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::line::{SentLine, normalise};
use crate::enforce::{self, Case, Held};
use crate::memory::MemoryRevision;
use crate::model::{
    Alignment, Approval, FindingKind, InlineSpan, Neighbours, PairId, PairPlace, Rendition, Segment,
    SegmentInContext, SegmentedArticle, SpanPairs, StoredPair, Translation, Translator,
};
use crate::text::characters::is_control;
use crate::write;

/// The segments of an article as their corrections are looked for.
#[must_use]
pub fn in_context(article: &SegmentedArticle) -> Vec<SegmentInContext> {
    let segments = article.segments().iter();
    let sources: Vec<String> =
        segments.map(|segment| normalise(article.source(segment)).into_owned()).collect();
    let of = |index: usize| SegmentInContext {
        source: sources[index].clone(),
        place: Some(PairPlace { article: article.article().id.clone(), segment: index + 1 }),
        context: Neighbours {
            before: index.checked_sub(1).map(|before| sources[before].clone()),
            after: sources.get(index + 1).cloned(),
        },
    };
    (0..sources.len()).map(of).collect()
}

/// The corrections of an article at some moment.
#[derive(Debug, Clone)]
pub(super) struct Corrections {
    pub(super) revision: MemoryRevision,
    /// One for each segment, or none at all if there is no correction of anything.
    pub(super) pairs: Vec<Option<StoredPair>>,
}

/// Which corrections of an article were known at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CorrectionsKnown {
    pub(super) revision: MemoryRevision,
    ids: Vec<Option<PairId>>,
}

impl Default for CorrectionsKnown {
    fn default() -> Self {
        Self { revision: MemoryRevision::NO_PAIRS, ids: Vec::new() }
    }
}

impl CorrectionsKnown {
    /// Whether the corrections are the same, whatever else changed in the memory.
    pub(super) fn are_same(&self, other: &Self) -> bool {
        let any = |known: &Self| known.ids.iter().any(Option::is_some);
        self.ids == other.ids || !any(self) && !any(other)
    }
}

impl Corrections {
    /// Those of a memory that has none.
    pub(super) fn none(revision: MemoryRevision) -> Self {
        Self { revision, pairs: Vec::new() }
    }

    /// Which they are.
    pub(super) fn known(&self) -> CorrectionsKnown {
        let ids = self.pairs.iter().map(|stored| stored.as_ref().map(|stored| stored.id)).collect();
        CorrectionsKnown { revision: self.revision, ids }
    }
}

/// What a person wrote for a segment, looked at: its terms, what the checks find, and where its markup stands.
pub(super) fn corrected(
    article: &SegmentedArticle,
    segment: &Segment,
    case: Case,
    stored: &StoredPair,
) -> CorrectedSegment {
    let pair = &stored.pair;
    let text = safe(&pair.target);
    let is_as_written = text == pair.target;
    let inlines = pair.inlines.as_ref().filter(|_| is_as_written);
    let alignment = inlines.map(|pairs| placed(article, segment, pairs, &pair.target));
    let held = enforce::accept(case, Translation { alignment, ..Translation::plain(text) });
    let approval = Approval { by: pair.by.clone(), at: pair.at, pair: stored.id };
    CorrectedSegment { held, approval }
}

/// A segment whose English a person wrote.
pub(super) struct CorrectedSegment {
    pub(super) held: Held,
    approval: Approval,
}

impl CorrectedSegment {
    pub(super) fn into_rendition(self, article: &SegmentedArticle, segment: &Segment) -> Rendition {
        let Self { held, approval } = self;
        let enforcement = held.enforcement();
        let mut rendition = held.into_rendition("");
        let day: String = approval.at.to_string().chars().take("2026-11-26".len()).collect();
        for finding in &mut rendition.findings {
            if finding.kind == FindingKind::TermNotHeld {
                let _ = write!(finding.message, "; {} approved it on {day}", approval.by);
            }
        }
        rendition.translator = Translator::Person(approval);
        rendition.findings.extend(write::markup_findings(article, segment, &rendition));
        rendition.findings = enforcement.checks.graded(rendition.findings);
        rendition
    }
}

/// A text on one line without characters that drive a terminal: what people type is not cleaned, and pairs come from files
/// of others.
fn safe(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) && text.trim() == text {
        return Cow::Borrowed(text);
    }
    let words = text.split(|c: char| is_control(c) || c == ' ').filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// Where the markup of a segment stands in a text, as far as it is markup of this segment: the same sentence may stand
/// elsewhere with other markup.
fn placed(article: &SegmentedArticle, segment: &Segment, pairs: &SpanPairs, target: &str) -> Alignment {
    let line = SentLine::new(article.source(segment));
    let inlines = article.inlines(segment);
    let own = |(from, to): &(std::ops::Range<usize>, std::ops::Range<usize>)| {
        let is_within = from.start <= from.end && from.end <= line.text.len();
        let from = is_within.then(|| line.back(from))?;
        let is_own = inlines.iter().any(|InlineSpan { span, .. }| *span == from);
        (is_own && target.get(to.clone()).is_some()).then(|| (from, to.clone()))
    };
    Alignment::Inlines(SpanPairs(pairs.0.iter().filter_map(own).collect()))
}
