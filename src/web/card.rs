//! What is held of an article for as long as the page is open: enough to list it, filter it and find it again.

use std::collections::HashSet;
use std::sync::Arc;

use crate::memory::ReadText;
use crate::model::{ArticleId, BlockKind, FindingKind, PairId, ParallelDocument, Severity, Status, Unit};
use crate::pipeline::{Input, normalise};
use crate::read::Corpus;
use crate::text::one_line;

/// Where the text of an article comes from.
#[derive(Debug, Clone)]
pub(super) enum ArticlePlace {
    /// A file, or what came through a pipe.
    File(Arc<Input>),
    /// The record of a corpus that begins on this line.
    Record { corpus: Arc<Corpus>, line: u64 },
}

/// An article in the list.
#[derive(Debug, Clone)]
pub(super) struct ArticleCard {
    pub(super) id: ArticleId,
    pub(super) place: ArticlePlace,
    /// Its headline in German; empty if it has none.
    pub(super) title: String,
    pub(super) segments: Vec<SegmentCard>,
    /// Why it is left out, if it is.
    pub(super) left_out: Option<String>,
}

/// A segment of an article in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SegmentCard {
    /// The German in one line, as corrections are found by it.
    pub(super) source: Box<str>,
    /// The English, or what stands in its place.
    pub(super) target: Box<str>,
    pub(super) status: Status,
    /// What translated it, and how: the name of an engine profile and that of a rung.
    pub(super) maker: Option<CardMaker>,
    pub(super) findings: Box<[(FindingKind, Severity)]>,
    /// What the memory knows it by once it was read.
    pub(super) text: ReadText,
    pub(super) is_read: bool,
}

/// What translated a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CardMaker {
    /// `None` if a person did.
    pub(super) engine: Option<Box<str>>,
    /// What a person approved it by.
    pub(super) approval: Option<PairId>,
    pub(super) rung: &'static str,
}

impl ArticleCard {
    pub(super) fn new(
        document: &ParallelDocument,
        place: ArticlePlace,
        read: Option<&HashSet<ReadText>>,
    ) -> Self {
        let source = document.source();
        let segments = source.segments().iter().zip(document.units());
        let is_title = |segment: &&crate::model::Segment| source.kind(segment) == BlockKind::Title;
        let title: Vec<_> =
            source.segments().iter().take_while(is_title).map(|segment| source.source(segment)).collect();
        Self {
            id: source.article().id.clone(),
            place,
            title: one_line(&title.join(" ")),
            segments: segments
                .map(|(segment, unit)| SegmentCard::new(source.source(segment), unit, read))
                .collect(),
            left_out: None,
        }
    }

    /// An article that a run leaves out.
    pub(super) fn left_out(id: ArticleId, place: ArticlePlace, reason: String) -> Self {
        Self { id, place, title: String::new(), segments: Vec::new(), left_out: Some(reason) }
    }

    /// How many segments have a status.
    pub(super) fn count(&self, status: Status) -> usize {
        self.segments.iter().filter(|segment| segment.status == status).count()
    }

    /// The numbers of the segments that are not what they were in an earlier card.
    pub(super) fn changes_since(&self, earlier: &Self) -> Vec<usize> {
        let numbered = (1..).zip(&self.segments);
        let is_new =
            |(number, segment): &(usize, &SegmentCard)| earlier.segments.get(number - 1) != Some(*segment);
        numbered.filter(is_new).map(|(number, _)| number).collect()
    }

    /// How many segments were read.
    pub(super) fn read(&self) -> usize {
        self.segments.iter().filter(|segment| segment.is_read).count()
    }

    /// How many findings are of a severity.
    pub(super) fn findings(&self, severity: Severity) -> usize {
        let findings = self.segments.iter().flat_map(|segment| &segment.findings);
        findings.filter(|(_, of)| *of == severity).count()
    }
}

impl SegmentCard {
    fn new(source: &str, unit: &Unit, read: Option<&HashSet<ReadText>>) -> Self {
        let findings = unit.findings();
        let maker = unit.rendition().map(|rendition| CardMaker {
            engine: rendition.translator.engine().map(Into::into),
            approval: rendition.translator.approval().map(|approval| approval.pair),
            rung: rendition.rung.as_str(),
        });
        let target = unit.target().unwrap_or_default();
        let text = ReadText::new(source, target);
        Self {
            source: normalise(source).into(),
            target: target.into(),
            status: unit.status(),
            maker,
            findings: findings.iter().map(|finding| (finding.kind, finding.severity)).collect(),
            is_read: read.is_some_and(|read| read.contains(&text)),
            text,
        }
    }
}
