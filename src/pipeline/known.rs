//! What the memory knows of the answers to queries: the run and the estimate ask it the same way.

use std::sync::Arc;

use crate::check::Verdict;
use crate::enforce::{Answer, Case, Enforcement, Held, Step};
use crate::engine::Engine;
use crate::english::{Sentence, fold};
use crate::memory::{Attempt, Memory, MemoryError, TextOfEngine};
use crate::model::{Form, MakerRank, TermHint, TermMatch, Translation};

use super::line::normalise;
use super::makers::{Makers, OtherRequest, Query};
use super::requests::{self, RequestPart, SentTerms};

/// What the memory knows of the answer to a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// It has a translation.
    Answer {
        /// Whose it is.
        maker: MakerRank,
        /// The translation, as it enters an article.
        translation: Translation,
    },
    /// It was asked for, and no translation came back.
    Refused(Attempt),
    /// Nothing.
    Nothing,
}

impl Known {
    /// Whether there is a form left, up to the last one, in which the engine was not asked.
    pub(super) fn may_be_asked(&self, last: Form) -> bool {
        match self {
            Self::Answer { .. } => false,
            Self::Refused(attempt) => attempt.form < last,
            Self::Nothing => true,
        }
    }
}

/// What is needed to know of an answer whether it is one to a query.
#[derive(Clone, Copy)]
pub(super) struct Knowledge<'a> {
    pub(super) memory: &'a dyn Memory,
    pub(super) makers: &'a Makers,
    pub(super) engine: &'a dyn Engine,
    /// What may be done for terms.
    pub(super) enforcement: &'a Arc<Enforcement>,
}

impl Knowledge<'_> {
    /// What the memory knows of each query. What it holds is judged like a new answer: memories of earlier versions have
    /// empty answers and echoes, which count as asked once.
    pub(super) async fn of(self, queries: &[&Query]) -> Result<Vec<Known>, MemoryError> {
        let keys = queries.iter().flat_map(|query| query.keys.iter().copied()).collect();
        let mut rows = self.memory.lookup(keys).await?.into_iter();
        let mut known: Vec<Known> = queries
            .iter()
            .map(|query| of_rows(self.makers, query, rows.by_ref().take(query.keys.len()).collect()))
            .collect();
        // Mostly all is answered, and nothing more is to be looked up.
        let open = |known: &&mut Known| !matches!(known, Known::Answer { .. });
        let keys =
            queries.iter().zip(&mut known).filter(|(_, known)| open(known)).map(|(query, _)| query.key);
        let keys: Vec<_> = keys.collect();
        if !keys.is_empty() {
            let attempts = self.memory.attempts(keys).await?;
            for (known, attempt) in known.iter_mut().filter(open).zip(attempts) {
                if let Some(attempt) = attempt {
                    *known = Known::Refused(attempt);
                }
            }
        }
        self.in_other_orders(queries, &mut known).await?;
        self.under_another_glossary(queries, &mut known).await?;
        Ok(known)
    }

    /// Takes answers that were given when accepted targets stood in another order, for queries of which nothing else is
    /// known.
    async fn in_other_orders(self, queries: &[&Query], known: &mut [Known]) -> Result<(), MemoryError> {
        let open = || queries.iter().zip(&*known).filter(|(_, known)| **known == Known::Nothing);
        let keys: Vec<_> = open().flat_map(|(query, _)| query.others.iter().map(|other| other.key)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let mut rows = self.memory.lookup(keys).await?.into_iter();
        for (query, known) in queries.iter().zip(known).filter(|(_, known)| **known == Known::Nothing) {
            let rows: Vec<_> = rows.by_ref().take(query.others.len()).collect();
            let Some(answer) = of_other_rows(self.makers, query, rows) else { continue };
            if self.outcome(query, answer.clone()).await?.is_some_and(|held| is_held(&held)) {
                let Answer { translation, maker } = answer;
                *known = Known::Answer { maker, translation };
            }
        }
        Ok(())
    }

    /// Takes answers that were given with other terms, for queries of which nothing else is known: where the terms of today
    /// hold in them, repaired if need be, and nothing else is wrong with them, there is nothing to pay for.
    async fn under_another_glossary(
        self,
        queries: &[&Query],
        known: &mut [Known],
    ) -> Result<(), MemoryError> {
        let (memory, makers) = (self.memory, self.makers);
        for (maker, fingerprint) in makers.own_with_terms() {
            let mut open: Vec<(&Query, &mut Known)> = queries.iter().copied().zip(&mut *known).collect();
            open.retain(|(query, known)| **known == Known::Nothing && !query.terms.is_empty());
            let text = |query: &Query| TextOfEngine {
                fingerprint: fingerprint.to_owned(),
                text: query.request.text.clone(),
            };
            if open.is_empty() {
                break;
            }
            let told = memory.terms_told(open.iter().map(|(query, _)| text(query)).collect()).await?;
            for ((query, known), told) in open.into_iter().zip(told) {
                let others = makers.told(query, maker, &told);
                let rows = memory.lookup(others.iter().map(|other| other.key).collect()).await?;
                for (other, row) in others.iter().zip(rows) {
                    let Some(answer) = row.and_then(|row| of_other_terms(makers, query, other, &row)) else {
                        continue;
                    };
                    let held = self.outcome(query, answer.clone()).await?;
                    if held.is_some_and(|held| is_held(&held) && !held.has_errors()) {
                        let Answer { translation, maker } = answer;
                        *known = Known::Answer { maker, translation };
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// What comes of an answer to a query with what the memory has of the rungs above it; `None` if it does not have what
    /// would be sent there.
    async fn outcome(self, query: &Query, answer: Answer) -> Result<Option<Box<Held>>, MemoryError> {
        let Self { memory, makers, engine, enforcement } = self;
        let source = Sentence::new(query.request.text.as_str());
        let case = Case { source, terms: query.terms.to_vec(), enforcement: Arc::clone(enforcement) };
        let mut step = makers.start(case, answer);
        loop {
            let ask = match step {
                Step::Held(held) => return Ok(Some(held)),
                Step::Ask(ask) => ask,
            };
            let hints = SentTerms::new(ask.source(), ask.held_terms());
            let text = &ask.rewritten().text;
            let parts = requests::of_rung(text, &ask.in_other_orders(), &hints, &[], engine, makers);
            let [RequestPart { query, .. }] = parts.as_slice() else { return Ok(None) };
            let rows = memory.lookup(query.keys.clone()).await?;
            let answer = if let Known::Answer { maker, translation } = of_rows(makers, query, rows) {
                Some(Answer { translation, maker })
            } else {
                let keys = query.others.iter().map(|other| other.key).collect();
                of_other_rows(makers, query, memory.lookup(keys).await?)
            };
            step = ask.answer(answer);
        }
    }
}

/// Whether all terms hold.
fn is_held(held: &Held) -> bool {
    held.pair().outcomes.iter().all(|outcome| !outcome.is_lost())
}

/// The first usable answer to what was sent with accepted targets in other orders.
fn of_other_rows(makers: &Makers, query: &Query, rows: Vec<Option<Translation>>) -> Option<Answer> {
    query.others.iter().zip(rows).find_map(|(other, row)| {
        let (mut translation, verdict) = makers.received(&other.request, &row?);
        // Where the text had another target in it, the places in it are those of another text.
        if other.request.text != query.request.text {
            translation.alignment = None;
        }
        (verdict == Verdict::Usable).then_some(Answer { translation, maker: other.maker })
    })
}

/// An answer to what was sent with other terms, with those that are others today. `None` if it is not usable, or has for one
/// term what is to stand for another now: then it cannot be known which of the two its words stand for.
fn of_other_terms(makers: &Makers, query: &Query, other: &OtherRequest, row: &Translation) -> Option<Answer> {
    let told: Vec<TermHint> =
        other.request.terms.iter().filter(|hint| !query.request.terms.contains(hint)).cloned().collect();
    let is_anothers = |hint: &TermHint| {
        let has =
            |term: &TermMatch| term.entry.targets.iter().any(|target| fold(target) == fold(&hint.target));
        let is_its = |term: &TermMatch| normalise(term.surface(&query.request.text)) == hint.source;
        query.terms.iter().any(|term| has(term) && !is_its(term))
    };
    let (translation, verdict) = makers.received(&query.request, row);
    let is_clear = verdict == Verdict::Usable && !told.iter().any(is_anothers);
    is_clear.then_some(Answer { translation: Translation { told, ..translation }, maker: other.maker })
}

/// What is known of a query by the rows of its keys.
fn of_rows(makers: &Makers, query: &Query, rows: Vec<Option<Translation>>) -> Known {
    let mut old = None;
    for (rank, row) in rows.into_iter().enumerate() {
        let (maker, Some(translation)) = (MakerRank(rank), row) else { continue };
        match makers.received(&query.request, &translation) {
            (translation, Verdict::Usable) => return Known::Answer { maker, translation },
            (_, Verdict::Unusable(class)) if makers.is_own(maker) => {
                old = Some(Attempt { form: Form::Batch, class, answer: translation.text, count: 1 });
            }
            (_, Verdict::Unusable(_)) => {}
        }
    }
    old.map_or(Known::Nothing, Known::Refused)
}
