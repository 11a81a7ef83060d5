//! The view model of an article: what of it a page shows.

use super::super::view::{View, views};
use super::pieces::{ShownPiece, pieces};
use crate::model::{
    ArticleId, BlockKind, Finding, HeldTerm, ParallelDocument, Rung, Severity, Status, Translator,
};
use crate::text::one_line;

/// An article as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticlePage {
    pub article: ArticleId,
    /// The blocks that have segments, in source order.
    pub blocks: Vec<ShownBlock>,
}

/// A block of the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownBlock {
    pub kind: BlockKind,
    /// Its number in the article, counted from 1; blocks without segments are counted too.
    pub number: usize,
    /// Why it is no text of the article's own, if it is furniture or metadata and that is known.
    pub reason: Option<&'static str>,
    /// At least one.
    pub segments: Vec<ShownSegment>,
}

/// A segment and all that is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSegment {
    /// Its number in the article, counted from 1.
    pub number: usize,
    /// What stands before it in the article and is not white space: the marker of a list item or of a quotation.
    pub before: String,
    pub status: Status,
    /// The German, exactly as it stands in the article.
    pub german: Vec<ShownPiece>,
    /// The English, or what is kept in its place; empty if the segment failed: then a finding says why.
    pub english: Vec<ShownPiece>,
    /// Who wrote the English.
    pub translator: Option<Translator>,
    /// The rung whose answer was taken.
    pub rung: Option<Rung>,
    /// The terms found in the German. Their places count in the texts of `german` and `english`, joined.
    pub terms: Vec<HeldTerm>,
    /// What there is to report, with places as those of the terms.
    pub findings: Vec<Finding>,
}

/// How many findings of each severity there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FindingCounts {
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
}

impl ArticlePage {
    /// The view of a document.
    #[must_use]
    pub fn new(document: &ParallelDocument) -> Self {
        let mut blocks: Vec<ShownBlock> = Vec::new();
        for (number, view) in (1..).zip(views(document)) {
            let segment = ShownSegment::new(number, view);
            let block = view.segment.block + 1;
            match blocks.last_mut() {
                Some(last) if last.number == block => last.segments.push(segment),
                _ => blocks.push(ShownBlock {
                    kind: view.kind,
                    number: block,
                    reason: view.reason,
                    segments: vec![segment],
                }),
            }
        }
        Self { article: document.source().article().id.clone(), blocks }
    }

    /// All segments in source order.
    pub fn segments(&self) -> impl Iterator<Item = &ShownSegment> {
        self.blocks.iter().flat_map(|block| &block.segments)
    }

    /// The English headline in one line; `None` if the article has none or it is not translated.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        let block = self.blocks.iter().find(|block| block.kind == BlockKind::Title)?;
        let english: String = block.segments.iter().map(|segment| segment.english_text() + " ").collect();
        Some(one_line(&english)).filter(|title| !title.is_empty())
    }

    /// How many segments have a status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.segments().filter(|segment| segment.status == status).count()
    }

    /// The findings of all segments.
    #[must_use]
    pub fn finding_counts(&self) -> FindingCounts {
        let mut counts = FindingCounts::default();
        for finding in self.segments().flat_map(|segment| &segment.findings) {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Info => counts.infos += 1,
            }
        }
        counts
    }
}

impl ShownSegment {
    fn new(number: usize, view: View<'_>) -> Self {
        let View { unit, source, .. } = view;
        let findings = unit.findings().into_owned();
        let terms: Vec<HeldTerm> =
            unit.terms().map(|(term, hold)| HeldTerm { term: term.clone(), hold: hold.cloned() }).collect();
        let german = pieces(
            source,
            terms.iter().map(|term| Some(term.term.span.clone())),
            findings.iter().map(|finding| finding.source.clone()),
        );
        let english = pieces(
            unit.target().unwrap_or_default(),
            terms.iter().map(|term| Some(term.hold.as_ref()?.span.clone())),
            findings.iter().map(|finding| finding.target.clone()),
        );
        let rendition = unit.rendition();
        Self {
            number,
            before: one_line(view.before),
            status: unit.status(),
            german,
            english,
            translator: rendition.map(|rendition| rendition.translator.clone()),
            rung: rendition.map(|rendition| rendition.rung),
            terms,
            findings,
        }
    }

    /// The German as plain text.
    #[must_use]
    pub fn german_text(&self) -> String {
        text(&self.german)
    }

    /// The English as plain text.
    #[must_use]
    pub fn english_text(&self) -> String {
        text(&self.english)
    }

    /// The worst that there is to report.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

fn text(pieces: &[ShownPiece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::FindingKind;
    use crate::write::testing::{Sample, document, documents, term, translated};

    #[test]
    fn a_page_shows_blocks_markers_terms_and_findings() {
        let mut sample = Sample::paragraph("Die Rakete flog.");
        let rendition = translated(&mut sample.segments[0]);
        rendition.target = "The rocket flew.".into();
        rendition.terms = vec![term("Rakete", "rocket", 4..10, Some(4..10))];
        let finding = Finding::new(FindingKind::Length, Severity::Warning, "short");
        rendition.findings = vec![Finding { target: Some(11..15), ..finding }];
        let page = ArticlePage::new(&document(&[
            Sample::title("Titel\n\n"),
            Sample::gap("- "),
            sample.then(" Morgen."),
            Sample::paragraph("\nNein.").failed("quota"),
        ]));
        assert_eq!(page.title().as_deref(), Some("EN(Titel)"));
        assert_eq!(page.blocks.iter().map(|block| block.segments.len()).collect::<Vec<_>>(), [1, 2, 1]);
        let segment = &page.blocks[1].segments[0];
        assert_eq!((segment.number, segment.before.as_str()), (2, "-"));
        let marked = |pieces: &[ShownPiece]| {
            pieces.iter().find(|piece| piece.term.is_some()).map(|piece| piece.text.clone())
        };
        assert_eq!(marked(&segment.german).as_deref(), Some("Rakete"));
        assert_eq!(marked(&segment.english).as_deref(), Some("rocket"));
        let about = segment.english.iter().find(|piece| piece.finding == Some(0)).expect("marked");
        assert_eq!(about.text, "flew");
        assert_eq!(segment.severity(), Some(Severity::Warning));
        let failed = &page.blocks[2].segments[0];
        assert_eq!((failed.status, failed.english.len()), (Status::Failed, 0));
        assert_eq!(failed.findings[0].message, "quota");
        let counts = FindingCounts { errors: 1, warnings: 1, infos: 0 };
        assert_eq!((page.finding_counts(), page.count(Status::Translated)), (counts, 3));
    }

    proptest! {
        #[test]
        fn every_text_is_on_the_page_once_and_in_order(document in documents()) {
            let page = ArticlePage::new(&document);
            let shown: Vec<_> = page.segments().map(|segment| (segment.german_text(), segment.english_text())).collect();
            let own = views(&document).map(|view| (view.source.to_owned(), view.unit.target().unwrap_or_default().to_owned()));
            prop_assert_eq!(shown, own.collect::<Vec<_>>());
            prop_assert!(page.segments().map(|segment| segment.number).eq(1..=document.units().len()));
        }
    }
}
