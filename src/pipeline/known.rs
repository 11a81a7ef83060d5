//! What the memory knows of the answers to queries: the run and the estimate ask it the same way.

use crate::check::Verdict;
use crate::memory::{Attempt, Memory, MemoryError};
use crate::model::{Form, MakerRank, Translation};

use super::makers::{Makers, Query};

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
    memory: &Memory,
    makers: &Makers,
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
    Ok(known)
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
