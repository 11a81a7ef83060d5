//! What the memory knows of the answers to queries: the run and the estimate ask it the same way.

use std::sync::Arc;

use crate::check::Verdict;
use crate::enforce::{self, Answer, Case, Step};
use crate::engine::Engine;
use crate::english::Sentence;
use crate::memory::{Attempt, Memory, MemoryError};
use crate::model::{Form, MakerRank, Translation};

use super::makers::{Makers, Query};
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
    /// Whether there is a form left in which the engine was not asked.
    pub(super) fn may_be_asked(&self) -> bool {
        match self {
            Self::Answer { .. } => false,
            Self::Refused(attempt) => attempt.form < Form::Bare,
            Self::Nothing => true,
        }
    }
}

/// What the memory knows of each query. What it holds is judged like a new answer: memories of earlier versions have
/// empty answers and echoes, which count as asked once.
pub(super) async fn known(
    memory: &dyn Memory,
    makers: &Makers,
    engine: &dyn Engine,
    queries: &[&Query],
) -> Result<Vec<Known>, MemoryError> {
    let keys = queries.iter().flat_map(|query| query.keys.iter().copied()).collect();
    let mut rows = memory.lookup(keys).await?.into_iter();
    let mut known: Vec<Known> = queries
        .iter()
        .map(|query| of_rows(makers, query, rows.by_ref().take(query.keys.len()).collect()))
        .collect();
    // Mostly all is answered, and nothing more is to be looked up.
    let open = |known: &&mut Known| !matches!(known, Known::Answer { .. });
    let keys = queries.iter().zip(&mut known).filter(|(_, known)| open(known)).map(|(query, _)| query.key);
    let keys: Vec<_> = keys.collect();
    if !keys.is_empty() {
        let attempts = memory.attempts(keys).await?;
        for (known, attempt) in known.iter_mut().filter(open).zip(attempts) {
            if let Some(attempt) = attempt {
                *known = Known::Refused(attempt);
            }
        }
    }
    in_other_orders(memory, makers, engine, queries, &mut known).await?;
    Ok(known)
}

/// Takes answers that were given when accepted targets stood in another order, for queries of which nothing else is known.
async fn in_other_orders(
    memory: &dyn Memory,
    makers: &Makers,
    engine: &dyn Engine,
    queries: &[&Query],
    known: &mut [Known],
) -> Result<(), MemoryError> {
    let open = || queries.iter().zip(&*known).filter(|(_, known)| **known == Known::Nothing);
    let keys: Vec<_> = open().flat_map(|(query, _)| query.others.iter().map(|other| other.key)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let mut rows = memory.lookup(keys).await?.into_iter();
    for (query, known) in queries.iter().zip(known).filter(|(_, known)| **known == Known::Nothing) {
        let rows: Vec<_> = rows.by_ref().take(query.others.len()).collect();
        let Some((maker, translation)) = of_other_rows(makers, query, rows) else { continue };
        if holds(memory, makers, engine, query, Answer { maker, translation: translation.clone() }).await? {
            *known = Known::Answer { maker, translation };
        }
    }
    Ok(())
}

/// The first usable answer to what was sent with accepted targets in other orders.
fn of_other_rows(
    makers: &Makers,
    query: &Query,
    rows: Vec<Option<Translation>>,
) -> Option<(MakerRank, Translation)> {
    query.others.iter().zip(rows).find_map(|(other, row)| {
        let (mut translation, verdict) = makers.received(&other.request, &row?);
        // Where the text had another target in it, the places in it are those of another text.
        if other.request.text != query.request.text {
            translation.alignment = None;
        }
        (verdict == Verdict::Usable).then_some((other.maker, translation))
    })
}

/// Whether the terms of a query hold in an answer, or in what the memory has of the rungs above it.
async fn holds(
    memory: &dyn Memory,
    makers: &Makers,
    engine: &dyn Engine,
    query: &Query,
    answer: Answer,
) -> Result<bool, MemoryError> {
    let source = Sentence::new(query.request.text.as_str());
    let case = Case { source, terms: query.terms.to_vec(), enforcement: Arc::default() };
    let mut step = enforce::start(case, answer);
    loop {
        let ask = match step {
            Step::Held(held) => return Ok(held.pair().outcomes.iter().all(|outcome| !outcome.is_lost())),
            Step::Ask(ask) => ask,
        };
        let hints = SentTerms::new(ask.source(), ask.held_terms());
        let text = &ask.rewritten().text;
        let parts = requests::of_rung(text, &ask.in_other_orders(), &hints, &[], engine, makers);
        let [RequestPart { query, .. }] = parts.as_slice() else { return Ok(false) };
        let rows = memory.lookup(query.keys.clone()).await?;
        let answer = if let Known::Answer { maker, translation } = of_rows(makers, query, rows) {
            Some((maker, translation))
        } else {
            let keys = query.others.iter().map(|other| other.key).collect();
            of_other_rows(makers, query, memory.lookup(keys).await?)
        };
        step = ask.answer(answer.map(|(maker, translation)| Answer { translation, maker }));
    }
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
