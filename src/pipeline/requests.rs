//! What is sent for a segment: one request, or several for one that is longer than the engine takes.

use std::ops::Range;

use crate::enforce::other_orders;
use crate::engine::Engine;
use crate::model::{Alignment, InlineSpan, Request, SpanPairs, TermHint, TermMatch, Translation};
use crate::text::{TranslatedPart, clauses, join};

use super::line::{SentLine, normalise};
use super::makers::{Makers, Query};

/// A segment, or what fits into a request of one that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestPart {
    /// What is sent, and where the answer is in the memory.
    pub(super) query: Query,
    /// Whether white space stands before it in its segment.
    pub(super) spaced: bool,
    /// Where what is sent stands in the text that it was made of.
    line: SentLine,
    /// The markup that is sent along, as it stands in the segment.
    inlines: Vec<Range<usize>>,
}

/// A piece of markup as it stands in its segment, and in the text that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SentInline {
    pub(super) own: Range<usize>,
    pub(super) sent: InlineSpan,
}

/// The requests for a segment as it stands in the article. `terms` are those in it; none is cut in two. `inlines`
/// is the markup in it, for an engine that takes that.
pub(super) fn of_source(
    source: &str,
    terms: &[TermMatch],
    inlines: Vec<InlineSpan>,
    engine: &dyn Engine,
    makers: &Makers,
) -> Vec<RequestPart> {
    let inlines: Vec<_> =
        inlines.into_iter().map(|sent| SentInline { own: sent.span.clone(), sent }).collect();
    let mut whole: Vec<Range<usize>> = terms.iter().map(|term| term.span.clone()).collect();
    whole.sort_by_key(|span| span.start);
    let inside = |span: &Range<usize>| {
        let inside = |term: &&TermMatch| span.start <= term.span.start && term.span.end <= span.end;
        SentTerms::new(source, terms.iter().filter(inside))
    };
    of_text(&Sent { text: source, others: &[], inlines: &inlines, whole: &whole }, inside, engine, makers)
}

/// The requests for a text that a rung made of a segment; `others` are what it makes with accepted targets in another
/// order, `hints` terms that still stand in it in German.
pub(super) fn of_rung(
    text: &str,
    others: &[String],
    hints: &SentTerms,
    inlines: &[SentInline],
    engine: &dyn Engine,
    makers: &Makers,
) -> Vec<RequestPart> {
    let inside = |span: &Range<usize>| {
        let stretch = normalise(&text[span.clone()]);
        hints.clone().within(|hint| stretch.contains(&hint.source))
    };
    of_text(&Sent { text, others, inlines, whole: &[] }, inside, engine, makers)
}

/// A stand-in for the longest request that a rung can make of a segment: `added` characters longer, with all of its terms
/// and markup.
pub(super) fn longest_of_rung(
    source: &str,
    added: usize,
    terms: &[TermMatch],
    inlines: Vec<InlineSpan>,
) -> Request {
    let text = format!("{source}{}", "x".repeat(added));
    Request { text, terms: SentTerms::new(source, terms).terms, inlines }
}

/// A text that is to be sent.
struct Sent<'a> {
    text: &'a str,
    /// What was sent if accepted targets in it stood in another order.
    others: &'a [String],
    inlines: &'a [SentInline],
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
    let Sent { text, others, inlines, whole } = sent;
    let spans = cut(text, whole, engine);
    let is_whole = spans.len() == 1;
    // The markup of a text that is cut may be on both sides of a cut.
    let inlines = if is_whole { *inlines } else { &[] };
    let parts = spans.into_iter().map(|span| {
        let line = SentLine::new(&text[span.clone()]);
        let there = |InlineSpan { kind, span }: &InlineSpan| InlineSpan {
            kind: *kind,
            span: line.there(span.start)..line.there(span.end),
        };
        let sent = inlines.iter().map(|inline| there(&inline.sent)).collect();
        let SentTerms { terms, others: other_terms, matches, is_dictionary } = hints(&span);
        let matches = SentTerms::placed(matches, text, &line.text);
        let request = Request { text: line.text.clone(), terms, inlines: sent };
        let same_text = other_terms.into_iter().map(|terms| Request { terms, ..request.clone() });
        // Where a part of another text ends is not known.
        let other_texts = others.iter().filter(|_| is_whole && request.inlines.is_empty());
        let same_terms =
            other_texts.map(|text| Request { text: normalise(text).into_owned(), ..request.clone() });
        let other_requests: Vec<Request> = same_text.chain(same_terms).collect();
        let spaced = text[..span.start].ends_with(char::is_whitespace);
        let inlines = inlines.iter().map(|inline| inline.own.clone()).collect();
        let query = if is_dictionary {
            makers.dictionary_query(request)
        } else {
            makers.query(&request, &other_requests, matches)
        };
        RequestPart { query, spaced, line, inlines }
    });
    parts.collect()
}

impl RequestPart {
    /// What an answer says of the text that was sent, said of the text that it was made of; of markup, of the segment.
    fn own(&self, alignment: &Alignment) -> Alignment {
        match alignment {
            Alignment::Words(SpanPairs(pairs)) => {
                let back = |(from, to): &(Range<usize>, Range<usize>)| (self.line.back(from), to.clone());
                Alignment::Words(SpanPairs(pairs.iter().map(back).collect()))
            }
            Alignment::Inlines(SpanPairs(pairs)) => {
                // Both lists are in the order of the text.
                let mut sent = self.query.request.inlines.iter().zip(&self.inlines);
                let own = |(from, to): &(Range<usize>, Range<usize>)| {
                    let (_, own) = sent.find(|(sent, _)| sent.span == *from)?;
                    Some((own.clone(), to.clone()))
                };
                Alignment::Inlines(SpanPairs(pairs.iter().filter_map(own).collect()))
            }
        }
    }
}

/// Where a text is cut so that the engine takes each part; `whole` are stretches that are not cut.
fn cut(text: &str, whole: &[Range<usize>], engine: &dyn Engine) -> Vec<Range<usize>> {
    let limits = engine.info().limits;
    let fits = |part: &str| {
        let request = Request { text: normalise(part).into_owned(), terms: Vec::new(), inlines: Vec::new() };
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
        let alignment = answer.alignment.as_ref().map(|known| part.own(known));
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
    let told = answers.iter().flat_map(|answer| answer.told.iter().cloned()).collect();
    let cuts = answers.into_iter().flat_map(|answer| answer.cuts).collect();
    Translation { billed, cuts, told, ..Translation::plain(text) }
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
    /// Whether they go to an engine's dictionary, and thus to engines that take no terms otherwise.
    is_dictionary: bool,
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
        Self { others: others.collect(), terms: hints, matches, is_dictionary: false }
    }

    /// Terms for an engine's dictionary.
    pub(super) fn of_dictionary(terms: &[TermHint]) -> Self {
        Self { terms: terms.to_vec(), is_dictionary: true, ..Self::default() }
    }

    /// Those that fit, for a text that is not the one the terms were found in.
    fn within(self, fits: impl Fn(&TermHint) -> bool) -> Self {
        let keep = |terms: Vec<TermHint>| terms.into_iter().filter(|hint| fits(hint)).collect();
        let others = self.others.into_iter().map(keep).collect();
        let terms: Vec<_> = keep(self.terms);
        // Without any it is a request like others, and their answers count.
        let is_dictionary = self.is_dictionary && !terms.is_empty();
        Self { terms, others, matches: Vec::new(), is_dictionary }
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
