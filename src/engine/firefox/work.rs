//! What the threads do: cut and tokenise texts, translate parts together, turn tokens into text.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use fxtranslate::shortlist::Shortlist;
use fxtranslate::spm::SpmVocab;
use tokio::sync::mpsc::UnboundedSender;

use crate::engine::constraint::WantedTerms;
use crate::engine::error::EngineError;
use crate::model::{Cut, TermMatch};
use crate::text;

use super::align::{AlignedSide, Link, links, original_ranges};
use super::decoder::{Decoded, NetworkInput, PartDecoder};
use super::load::Loaded;
use super::network::Network;
use super::output::TokenCandidates;
use super::queue::WorkQueue;

/// Parts that are translated together at most. More rows make a product cheaper by the row, until the
/// activations leave the cache.
const MOST_ROWS: usize = 32;
/// Source tokens that are translated together at most.
const MOST_TOKENS: usize = 1_200;

/// A job of the threads.
pub(super) enum WorkJob {
    /// Cut texts into parts and line them up.
    Cut(Vec<WorkText>, UnboundedSender<WorkAnswer>),
    /// Translate parts together.
    Translate(Vec<Part>, UnboundedSender<WorkAnswer>),
}

/// A text to be translated.
pub(super) struct WorkText {
    pub(super) text: String,
    /// The terms that are to hold.
    pub(super) wanted: Arc<[TermMatch]>,
}

/// What the threads report.
pub(super) enum WorkAnswer {
    /// How many parts there are; sent before the first of them.
    Parts(usize),
    /// A part is translated.
    Done(Result<Done, EngineError>),
}

/// A piece of a text within the network's limit.
pub(super) struct Part {
    text: usize,
    range: Range<usize>,
    source: String,
    normal: String,
    tokens: Vec<(u32, Range<usize>)>,
    /// The terms in it.
    wanted: Vec<TermMatch>,
}

/// A translated part.
pub(super) struct Done {
    /// The text it belongs to, by its place in the batch.
    pub(super) text: usize,
    /// Its bytes in that text.
    pub(super) range: Range<usize>,
    /// The English.
    pub(super) target: String,
    /// Links from bytes of the part to bytes of the target.
    pub(super) links: Vec<Link>,
    /// Why the English was cut off, if it was.
    pub(super) cut: Option<Cut>,
}

/// A model with all it takes to translate; shared by the threads.
pub(super) struct FirefoxTranslator {
    network: Network,
    vocabulary: SpmVocab,
    shortlist: Option<Shortlist>,
    /// Source tokens that a part may have, without the end mark.
    limit: usize,
    threads: usize,
}

impl FirefoxTranslator {
    pub(super) fn new(loaded: Loaded, limit: usize, threads: usize) -> Self {
        let Loaded { weights, layers, shape, vocabulary, shortlist, .. } = loaded;
        Self { network: Network::new(weights, layers, shape), vocabulary, shortlist, limit, threads }
    }

    /// Takes jobs until the queue is closed. A job that panics loses its answer and nothing else.
    pub(super) fn work(&self, queue: &WorkQueue<WorkJob>) {
        while let Some(job) = queue.pop() {
            let _ = catch_unwind(AssertUnwindSafe(|| match job {
                WorkJob::Cut(texts, answer) => self.cut(&texts, &answer, queue),
                WorkJob::Translate(parts, answer) => self.translate(&parts, &answer),
            }));
        }
    }

    fn cut(&self, texts: &[WorkText], answer: &UnboundedSender<WorkAnswer>, queue: &WorkQueue<WorkJob>) {
        let mut parts = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            parts.extend(self.parts(number, text));
        }
        // Longest first: equal lengths together, and the last batches are short, so all threads end together.
        parts.sort_by_key(|part| std::cmp::Reverse(part.tokens.len()));
        if answer.send(WorkAnswer::Parts(parts.len())).is_err() {
            return;
        }
        let rows = parts.len().div_ceil(self.threads).clamp(1, MOST_ROWS);
        let mut waiting = parts.into_iter().peekable();
        while let Some(longest) = waiting.peek() {
            let rows = rows.min(MOST_TOKENS / (longest.tokens.len() + 1)).max(1);
            queue.push(WorkJob::Translate(waiting.by_ref().take(rows).collect(), answer.clone()));
        }
    }

    /// The parts of a text. No term is cut through if there is another way.
    pub(super) fn parts(&self, number: usize, text: &WorkText) -> impl Iterator<Item = Part> {
        let mut whole: Vec<Range<usize>> = text.wanted.iter().map(|term| term.span.clone()).collect();
        whole.sort_unstable_by_key(|span| span.start);
        let fits = |part: &str| self.vocabulary.encode(part).len() <= self.limit;
        let ranges = text::clauses(&text.text, &whole, &fits);
        ranges.into_iter().map(move |range| self.part(number, text, range))
    }

    fn part(&self, number: usize, text: &WorkText, range: Range<usize>) -> Part {
        let source = text.text[range.clone()].to_owned();
        let (normal, tokens) = self.vocabulary.encode_with_offsets(&source);
        let wanted = text.wanted.iter().filter_map(|term| within(term, &range)).collect();
        Part { text: number, range, source, normal, tokens, wanted }
    }

    fn translate(&self, parts: &[Part], answer: &UnboundedSender<WorkAnswer>) {
        // Nobody waits any more if the future was dropped.
        if answer.is_closed() {
            return;
        }
        let inputs: Vec<NetworkInput<'_>> = parts.iter().map(|part| self.input(part)).collect();
        let decoded = self.decoder(&inputs).finish();
        for ((part, input), decoded) in parts.iter().zip(&inputs).zip(decoded) {
            let done = decoded.map(|decoded| self.done(part, input, &decoded));
            if answer.send(WorkAnswer::Done(done)).is_err() {
                return;
            }
        }
    }

    /// What translates parts.
    pub(super) fn decoder<'a>(&'a self, inputs: &'a [NetworkInput<'a>]) -> PartDecoder<'a> {
        PartDecoder::new(&self.network, &self.vocabulary, inputs)
    }

    /// A part as the network is given it.
    pub(super) fn input<'a>(&self, part: &'a Part) -> NetworkInput<'a> {
        let Part { source: text, normal, wanted, .. } = part;
        let (mut tokens, ranges): (Vec<u32>, Vec<Range<usize>>) = part.tokens.iter().cloned().unzip();
        tokens.push(self.vocabulary.eos_id());
        let wanted = WantedTerms::new(text, wanted, &self.vocabulary);
        let candidates = self.shortlist.as_ref().map(|list| {
            let mut candidates = list.candidates(&tokens, true);
            // The crate fills up to a multiple of eight, in a small vocabulary beyond its end.
            candidates.retain(|token| (*token as usize) < self.vocabulary.len());
            TokenCandidates::new(candidates, wanted.iter().flat_map(WantedTerms::tokens))
        });
        let normalise = |text: &str| self.vocabulary.normalize(text);
        let places = original_ranges(text, normal, ranges.into_iter(), &normalise);
        NetworkInput { text, tokens, places, candidates, wanted }
    }

    fn done(&self, part: &Part, input: &NetworkInput<'_>, decoded: &Decoded) -> Done {
        let (target, target_tokens) = self.vocabulary.decode_with_offsets(&decoded.tokens);
        let side = AlignedSide { text: &target, tokens: &target_tokens };
        let links = links(&input.side(), &side, &decoded.attention);
        Done { text: part.text, range: part.range.clone(), target, links, cut: decoded.cut }
    }
}

/// A term of a text as one of a part of it; `None` if it does not stand there.
fn within(term: &TermMatch, part: &Range<usize>) -> Option<TermMatch> {
    let is_inside = part.start <= term.span.start && term.span.end <= part.end;
    let span = term.span.start.checked_sub(part.start)?..term.span.end.checked_sub(part.start)?;
    is_inside.then(|| TermMatch { span, ..term.clone() })
}
