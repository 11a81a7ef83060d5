//! What is sent for a segment: one request, or several for one that is longer than the engine takes.

use std::ops::Range;

use crate::engine::Engine;
use crate::model::{Request, TermHint, TermMatch, Translation};
use crate::text::{TranslatedPart, clauses, join};

use super::makers::{Makers, Query};
use super::plan::normalise;
use crate::enforce::other_orders;

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
    let inside = |span: &Range<usize>| {
        let inside = |term: &&TermMatch| span.start <= term.span.start && term.span.end <= span.end;
        SentTerms::new(source, terms.iter().filter(inside))
    };
    of_text(&Sent { text: source, others: &[], styles, whole: &whole }, inside, engine, makers)
}

/// The requests for a text that a rung made of a segment; `others` are what it makes with accepted targets in another
/// order, `hints` terms that still stand in it in German.
pub(super) fn of_rung(
    text: &str,
    others: &[String],
    hints: &SentTerms,
    styles: &[Range<usize>],
    engine: &dyn Engine,
    makers: &Makers,
) -> Vec<RequestPart> {
    let inside = |span: &Range<usize>| {
        let stretch = normalise(&text[span.clone()]);
        hints.clone().within(|hint| stretch.contains(&hint.source))
    };
    of_text(&Sent { text, others, styles, whole: &[] }, inside, engine, makers)
}

/// A text that is to be sent.
struct Sent<'a> {
    text: &'a str,
    /// What was sent if accepted targets in it stood in another order.
    others: &'a [String],
    styles: &'a [Range<usize>],
    /// Stretches that are not cut.
    whole: &'a [Range<usize>],
}

/// The requests for a text; `hints` gives those of a stretch.
fn of_text(
    sent: &Sent<'_>,
    hints: impl Fn(&Range<usize>) -> SentTerms,
    engine: &dyn Engine,
    makers: &Makers,
) -> Vec<RequestPart> {
    let Sent { text, others, styles, whole } = sent;
    let spans = cut(text, whole, engine);
    // Of a text that is cut, or in which white space goes, the places are those of another text.
    let is_exact = spans.len() == 1 && normalise(text).len() == text.len();
    let is_whole = spans.len() == 1;
    let parts = spans.into_iter().map(|span| {
        let line = normalise(&text[span.clone()]).into_owned();
        let styles = if is_exact { styles.to_vec() } else { Vec::new() };
        let SentTerms { terms, others: other_terms, matches } = hints(&span);
        let matches = SentTerms::placed(matches, text, &line);
        let request = Request { text: line, terms, styles };
        let same_text = other_terms.into_iter().map(|terms| Request { terms, ..request.clone() });
        // Where a part of another text ends is not known.
        let other_texts = others.iter().filter(|_| is_whole && request.styles.is_empty());
        let same_terms =
            other_texts.map(|text| Request { text: normalise(text).into_owned(), ..request.clone() });
        let other_requests: Vec<Request> = same_text.chain(same_terms).collect();
        let spaced = text[..span.start].ends_with(char::is_whitespace);
        RequestPart { query: makers.query(request, &other_requests, matches), spaced, is_exact }
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

/// The terms of a text as they go to an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SentTerms {
    /// Each pair once, in order of appearance.
    terms: Vec<TermHint>,
    /// The same with the accepted targets of the entries in other orders.
    others: Vec<Vec<TermHint>>,
    /// The terms themselves, where they are to hold in the answer.
    matches: Vec<TermMatch>,
}

impl SentTerms {
    /// The hints for terms of a text.
    pub(super) fn new<'a>(source: &str, terms: impl IntoIterator<Item = &'a TermMatch>) -> Self {
        let mut hints: Vec<TermHint> = Vec::new();
        let mut targets: Vec<&[String]> = Vec::new();
        let mut matches = Vec::new();
        for term in terms.into_iter().filter(|term| term.is_required()) {
            let surface = normalise(term.surface(source)).into_owned();
            let hint = TermHint { source: surface, target: term.entry.target().to_owned() };
            matches.push(term.clone());
            if !hints.contains(&hint) {
                hints.push(hint);
                targets.push(&term.entry.targets);
            }
        }
        let others = other_orders(&targets).into_iter().map(|chosen| {
            let hint = |(hint, target): (&TermHint, &str)| TermHint {
                source: hint.source.clone(),
                target: target.to_owned(),
            };
            hints.iter().zip(chosen).map(hint).collect()
        });
        Self { others: others.collect(), terms: hints, matches }
    }

    /// Those that fit, for a text that is not the one the terms were found in.
    fn within(self, fits: impl Fn(&TermHint) -> bool) -> Self {
        let keep = |terms: Vec<TermHint>| terms.into_iter().filter(|hint| fits(hint)).collect();
        let others = self.others.into_iter().map(keep).collect();
        Self { terms: keep(self.terms), others, matches: Vec::new() }
    }

    /// The terms in a line that was made of a stretch of their text.
    fn placed(matches: Vec<TermMatch>, text: &str, line: &str) -> Vec<TermMatch> {
        let mut from = 0;
        let placed = matches.into_iter().filter_map(|term| {
            let surface = normalise(term.surface(text)).into_owned();
            let start = from + line.get(from..)?.find(&surface)?;
            from = start + surface.len();
            Some(TermMatch { span: start..from, ..term })
        });
        placed.collect()
    }
}
