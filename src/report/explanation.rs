//! How the terms of a document were made to hold.

use crate::model::{Hold, ParallelDocument, TermMatch};

/// A line for each term of a document that must hold: where it stands, how it is rendered, and by which rung and rule.
#[must_use]
pub fn explanation_lines(document: &ParallelDocument) -> Vec<String> {
    let source = document.source();
    let article = &source.article().id;
    let segments = source.segments().iter().zip(document.units()).zip(1..);
    let lines = segments.flat_map(|((segment, unit), number)| {
        let (german, english) = (source.source(segment), unit.target().unwrap_or_default());
        let terms = unit.terms().filter(|(term, _)| term.is_required());
        terms.map(move |(term, hold)| {
            let surface = term.surface(german);
            format!("{article}, segment {number}: {surface} → {}", rendering(term, hold, english))
        })
    });
    lines.collect()
}

/// The rendering of a term and how it came there.
fn rendering(term: &TermMatch, hold: Option<&Hold>, english: &str) -> String {
    let Some(hold) = hold else { return format!("{} does not hold", term.entry.target()) };
    let rendering = english.get(hold.span.clone()).unwrap_or_default();
    let rung = hold.rung.as_str();
    match hold.rule {
        Some(rule) => format!("{rendering} ({rung}, {}: in the place of {})", rule.as_str(), rule.describe()),
        None => format!("{rendering} ({rung})"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{
        Article, ArticleId, Block, BlockKind, Encoding, Entry, HeldTerm, MatchKind, Origin, Rendition,
        RepairRule, Rung, Segment, SegmentedArticle, Unit,
    };

    #[test]
    fn each_term_is_explained() {
        let text = "Der Bauleiter kam nach Husum.".to_owned();
        let span = 0..text.len();
        let article = Article {
            id: ArticleId::new("a.txt"),
            encoding: Encoding::utf8(),
            blocks: vec![Block::new(BlockKind::Paragraph, span.clone())],
            text,
            layout: None,
            fields: Vec::new(),
            file_hash: None,
        };
        let term = |source: &str, target: &str, at: usize, hold| {
            let origin = Origin { path: "g.tsv".into(), line: 2 };
            let entry = Arc::new(Entry::new(source, target, origin));
            let term = TermMatch { entry, span: at..at + source.len(), kind: MatchKind::Word };
            HeldTerm { term, hold }
        };
        let hold = Hold { span: 4..16, rung: Rung::Repair, rule: Some(RepairRule::LeftGerman) };
        let unit = Unit::Translated(Rendition {
            rung: Rung::Repair,
            terms: vec![term("Bauleiter", "site manager", 4, Some(hold)), term("Husum", "Husum", 23, None)],
            ..Rendition::new("The site manager came.".to_owned(), "pseudo")
        });
        let source = SegmentedArticle::new(article, vec![Segment { block: 0, span }]).expect("valid spans");
        let document = ParallelDocument::new(source, vec![unit]).expect("a unit");
        assert_eq!(
            explanation_lines(&document),
            [
                "a.txt, segment 1: Bauleiter → site manager (repair, left_german: in the place of the German words, \
                 left as they were)",
                "a.txt, segment 1: Husum → Husum does not hold",
            ]
        );
    }
}
