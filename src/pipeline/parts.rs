//! What is sent for a segment: one request, or several for one that is longer than the engine takes.

use std::ops::Range;

use crate::engine::Engine;
use crate::model::{MatchKind, Request, TermHint, TermMatch, Translation};
use crate::text::{Joint, clauses, join};

use super::peers::{Makers, Query};
use super::plan::normalise;

/// A segment, or what fits into a request of one that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What is sent, and where the answer is in the memory.
    pub query: Query,
    /// Whether white space stands before it in its segment.
    pub spaced: bool,
}

/// The requests for a segment as it stands in the article. `terms` are those in it; none is cut in two. `styles`
/// are those of the text, for an engine that takes them.
pub(super) fn of_source(
    source: &str,
    terms: &[TermMatch],
    styles: Vec<Range<usize>>,
    engine: (&dyn Engine, &Makers),
) -> Vec<Part> {
    let mut whole: Vec<Range<usize>> = terms.iter().map(|term| term.span.clone()).collect();
    whole.sort_by_key(|span| span.start);
    let spans = cut(source, &whole, engine.0);
    // Of a text that is cut, or in which white space goes, the places are those of another text.
    let is_as_it_was = spans.len() == 1 && normalise(source).len() == source.len();
    let styles = if is_as_it_was { styles } else { Vec::new() };
    let parts = spans.into_iter().map(|span| {
        let inside = |term: &&TermMatch| span.start <= term.span.start && term.span.end <= span.end;
        let hints = hints(source, terms.iter().filter(inside));
        part(source, &span, (hints, styles.clone()), engine.1)
    });
    parts.collect()
}

/// The requests for a text that a rung made of a segment; `hints` are terms that still stand in it in German.
pub(super) fn of_rung(text: &str, hints: &[TermHint], engine: (&dyn Engine, &Makers)) -> Vec<Part> {
    let parts = cut(text, &[], engine.0).into_iter().map(|span| {
        let inside = |hint: &&TermHint| normalise(&text[span.clone()]).contains(&hint.source);
        let inside = hints.iter().filter(inside).cloned().collect();
        part(text, &span, (inside, Vec::new()), engine.1)
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

/// The request for a stretch of a text.
fn part(
    text: &str,
    span: &Range<usize>,
    (terms, styles): (Vec<TermHint>, Vec<Range<usize>>),
    makers: &Makers,
) -> Part {
    let request = Request { text: normalise(&text[span.clone()]).into_owned(), terms, styles };
    Part { query: makers.query(request), spaced: text[..span.start].ends_with(char::is_whitespace) }
}

/// Puts the answers to the parts of a text together, in their order. Where one is empty all are: a part that is
/// missing must not go unnoticed.
pub(super) fn joined(parts: &[Part], answers: Vec<Translation>) -> Translation {
    if let [_] = parts
        && let Some(answer) = answers.first()
    {
        return answer.clone();
    }
    if answers.iter().any(|answer| answer.text.trim().is_empty()) {
        return Translation::plain("");
    }
    let joints: Vec<Joint<'_>> = parts
        .iter()
        .zip(&answers)
        .map(|(part, answer)| Joint {
            source: &part.query.request.text,
            target: answer.text.trim(),
            spaced: part.spaced,
        })
        .collect();
    let (text, _) = join(&joints);
    let billed = answers.iter().map(|answer| answer.billed).sum();
    let cuts = answers.into_iter().flat_map(|answer| answer.cuts).collect();
    Translation { text, alignment: None, billed, cuts }
}

/// The terms as an engine is told them: each pair once, in order of appearance.
pub(super) fn hints<'a>(source: &str, terms: impl IntoIterator<Item = &'a TermMatch>) -> Vec<TermHint> {
    let mut hints: Vec<TermHint> = Vec::new();
    for term in terms.into_iter().filter(|term| term.kind != MatchKind::Part) {
        let surface = normalise(term.surface(source)).into_owned();
        let hint = TermHint { source: surface, target: term.entry.target().to_owned() };
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}
