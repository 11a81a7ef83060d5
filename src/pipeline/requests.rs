//! What is sent for a segment: one request, or several for one that is longer than the engine takes.

use std::ops::Range;

use crate::engine::Engine;
use crate::model::{Request, TermHint, TermMatch, Translation};
use crate::text::{TranslatedPart, clauses, join};

use super::makers::{Makers, Query};
use super::plan::normalise;

/// A segment, or what fits into a request of one that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestPart {
    /// What is sent, and where the answer is in the memory.
    pub(super) query: Query,
    /// Whether white space stands before it in its segment.
    pub(super) spaced: bool,
    /// Whether the places in what is sent are those in the text it was made of.
    pub(super) is_exact: bool,
}

/// The requests for a segment as it stands in the article. `terms` are those in it; none is cut in two. `styles`
/// are those of the text, for an engine that takes them.
pub(super) fn of_source(
    source: &str,
    terms: &[TermMatch],
    styles: &[Range<usize>],
    engine: &dyn Engine,
    makers: &Makers,
) -> Vec<RequestPart> {
    let mut whole: Vec<Range<usize>> = terms.iter().map(|term| term.span.clone()).collect();
    whole.sort_by_key(|span| span.start);
    let hints = |span: &Range<usize>| {
        let inside = |term: &&TermMatch| span.start <= term.span.start && term.span.end <= span.end;
        hints(source, terms.iter().filter(inside))
    };
    of_text(source, styles, &whole, hints, engine, makers)
}

/// The requests for a text that a rung made of a segment; `hints` are terms that still stand in it in German.
pub(super) fn of_rung(
    text: &str,
    hints: &[TermHint],
    styles: &[Range<usize>],
    engine: &dyn Engine,
    makers: &Makers,
) -> Vec<RequestPart> {
    let inside = |span: &Range<usize>| {
        let stretch = normalise(&text[span.clone()]);
        hints.iter().filter(|hint| stretch.contains(&hint.source)).cloned().collect()
    };
    of_text(text, styles, &[], inside, engine, makers)
}

/// The requests for a text with styles. `whole` are stretches that are not cut; `hints` gives those of a stretch.
fn of_text(
    text: &str,
    styles: &[Range<usize>],
    whole: &[Range<usize>],
    hints: impl Fn(&Range<usize>) -> Vec<TermHint>,
    engine: &dyn Engine,
    makers: &Makers,
) -> Vec<RequestPart> {
    let spans = cut(text, whole, engine);
    // Of a text that is cut, or in which white space goes, the places are those of another text.
    let is_exact = spans.len() == 1 && normalise(text).len() == text.len();
    let parts = spans.into_iter().map(|span| {
        let line = normalise(&text[span.clone()]).into_owned();
        let styles = if is_exact { styles.to_vec() } else { Vec::new() };
        let request = Request { text: line, terms: hints(&span), styles };
        let spaced = text[..span.start].ends_with(char::is_whitespace);
        RequestPart { query: makers.query(request), spaced, is_exact }
    });
    parts.collect()
}

/// Where a text is cut so that the engine takes each part; `whole` are stretches that are not cut.
fn cut(text: &str, whole: &[Range<usize>], engine: &dyn Engine) -> Vec<Range<usize>> {
    let limits = engine.info().limits;
    let fits = |part: &str| {
        let request = Request { text: normalise(part).into_owned(), terms: Vec::new(), styles: Vec::new() };
        let characters =
            request.text.len() <= limits.characters || request.text.chars().count() <= limits.characters;
        characters && engine.encoded_len(&request) <= limits.bytes
    };
    let mut spans = clauses(text, whole, &fits);
    if spans.is_empty() {
        spans.push(0..text.len());
    }
    spans
}

/// Puts the answers to the parts of a text together, in their order.
pub(super) fn joined(parts: &[RequestPart], answers: Vec<Translation>) -> Translation {
    if let ([part], [answer]) = (parts, answers.as_slice()) {
        let alignment = answer.alignment.clone().filter(|_| part.is_exact);
        return Translation { alignment, ..answer.clone() };
    }
    let joints: Vec<TranslatedPart<'_>> = parts
        .iter()
        .zip(&answers)
        .map(|(part, answer)| TranslatedPart {
            source: &part.query.request.text,
            target: answer.text.trim(),
            spaced: part.spaced,
        })
        .collect();
    let (text, _) = join(&joints);
    let billed = answers
        .iter()
        .map(|answer| answer.billed)
        .try_fold(0_u64, |sum, billed| Some(sum.saturating_add(billed?)));
    let cuts = answers.into_iter().flat_map(|answer| answer.cuts).collect();
    Translation { text, alignment: None, billed, cuts }
}

/// The terms as they go to an engine: each pair once, in order of appearance.
pub(super) fn hints<'a>(source: &str, terms: impl IntoIterator<Item = &'a TermMatch>) -> Vec<TermHint> {
    let mut hints: Vec<TermHint> = Vec::new();
    for term in terms.into_iter().filter(|term| term.is_required()) {
        let surface = normalise(term.surface(source)).into_owned();
        let hint = TermHint { source: surface, target: term.entry.target().to_owned() };
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}
