//! What the threads do: cut and tokenise texts, translate parts together, turn tokens into text.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fxtranslate::shortlist::Shortlist;
use fxtranslate::spm::SpmVocab;
use tokio::sync::mpsc::UnboundedSender;

use crate::model::Cut;
use crate::text;

use super::align::{AlignedSide, Link, links, original_ranges};
use super::load::Loaded;
use super::network::{Decoded, Network, NetworkInput};
use super::queue::WorkQueue;

/// Parts that are translated together at most. More rows make a product cheaper by the row, until the
/// activations leave the cache.
const MOST_ROWS: usize = 32;
/// Source tokens that are translated together at most.
const MOST_TOKENS: usize = 1_200;

/// A job of the threads.
pub(super) enum WorkJob {
    /// Cut texts into parts and line them up.
    Cut(Vec<String>, UnboundedSender<WorkAnswer>),
    /// Translate parts together.
    Translate(Vec<Part>, UnboundedSender<WorkAnswer>),
}

/// What the threads report.
pub(super) enum WorkAnswer {
    /// How many parts there are; sent before the first of them.
    Parts(usize),
    /// A part is translated.
    Done(Done),
}

/// A piece of a text within the network's limit.
pub(super) struct Part {
    text: usize,
    range: Range<usize>,
    source: String,
    normal: String,
    tokens: Vec<(u32, Range<usize>)>,
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

    fn cut(&self, texts: &[String], answer: &UnboundedSender<WorkAnswer>, queue: &WorkQueue<WorkJob>) {
        let mut parts = Vec::new();
        for (text, source) in texts.iter().enumerate() {
            let ranges = text::clauses(source, &[], &|part| self.vocabulary.encode(part).len() <= self.limit);
            parts.extend(ranges.into_iter().map(|range| self.part(text, &source[range.clone()], range)));
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

    fn part(&self, text: usize, source: &str, range: Range<usize>) -> Part {
        let (normal, tokens) = self.vocabulary.encode_with_offsets(source);
        Part { text, range, source: source.to_owned(), normal, tokens }
    }

    fn translate(&self, parts: &[Part], answer: &UnboundedSender<WorkAnswer>) {
        // Nobody waits any more if the future was dropped.
        if answer.is_closed() {
            return;
        }
        let inputs: Vec<NetworkInput> = parts.iter().map(|part| self.input(part)).collect();
        let decoded = self.network.translate(&inputs, self.vocabulary.eos_id());
        for (part, decoded) in parts.iter().zip(decoded) {
            let done = self.done(part, &decoded);
            if answer.send(WorkAnswer::Done(done)).is_err() {
                return;
            }
        }
    }

    fn input(&self, part: &Part) -> NetworkInput {
        let mut tokens: Vec<u32> = part.tokens.iter().map(|(token, _)| *token).collect();
        tokens.push(self.vocabulary.eos_id());
        let candidates = self.shortlist.as_ref().map(|list| {
            let mut candidates = list.candidates(&tokens, true);
            // The crate fills up to a multiple of eight, in a small vocabulary beyond its end.
            candidates.retain(|token| (*token as usize) < self.vocabulary.len());
            candidates
        });
        NetworkInput { tokens, candidates }
    }

    fn done(&self, part: &Part, decoded: &Decoded) -> Done {
        let (target, target_tokens) = self.vocabulary.decode_with_offsets(&decoded.tokens);
        let ranges = part.tokens.iter().map(|(_, range)| range.clone());
        let source_tokens =
            original_ranges(&part.source, &part.normal, ranges, &|text| self.vocabulary.normalize(text));
        let source = AlignedSide { text: &part.source, tokens: &source_tokens };
        let links =
            links(&source, &AlignedSide { text: &target, tokens: &target_tokens }, &decoded.attention);
        Done { text: part.text, range: part.range.clone(), target, links, cut: decoded.cut }
    }
}
