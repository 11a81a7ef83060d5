//! What a model might have said instead.
//!
//! A greedy answer takes the likeliest token each time, and the whole may still not be the likeliest. So at the places where the
//! model was least sure it also says the next best token, and goes on from there.

use super::past::ModelPast;
use super::writing::WritingRules;
use crate::engine::constraint::{CompleteAnswer, Hypothesis, is_no_worse};
use crate::engine::error::EngineError;
use crate::model::TermMatch;

/// Answers that are tried beside what the model says by itself.
const RIVALS: usize = 5;

/// How much less likely than as many tokens of the free answer the tokens of another one may be while it is written, as a natural
/// logarithm. Few that are further behind catch up.
const BEHIND: f32 = 1.0;

/// How much less likely than the free answer another one may be, in the mean of its tokens, as a natural logarithm. With less, good
/// ones are missed; with more, twice as much is compared and little found.
const NEAR: f32 = 0.03;

/// An answer of a language model that is complete.
pub(super) type WrittenAnswer = CompleteAnswer<ModelPast>;

/// What a model says by itself, and what it might have said instead.
pub(super) struct Rivals {
    free: Hypothesis<ModelPast>,
    /// Once the free answer is complete.
    others: Option<Vec<Rival>>,
}

struct Rival {
    text: Hypothesis<ModelPast>,
    /// How many of its tokens it has from the free answer.
    shared: usize,
}

impl Rivals {
    /// Begins with nothing said yet.
    pub(super) fn new(free: Hypothesis<ModelPast>) -> Self {
        Self { free, others: None }
    }

    /// What is to say a further token.
    pub(super) fn open(&mut self) -> impl Iterator<Item = &mut Hypothesis<ModelPast>> {
        let others = self.others.iter_mut().flatten().map(|rival| &mut rival.text);
        std::iter::once(&mut self.free).chain(others).filter(|text| !text.has_ended())
    }

    /// Goes on when what is open has said a further token. Returns whether all is written.
    pub(super) fn go_on(&mut self) -> bool {
        let Self { free, others } = self;
        if !free.has_ended() {
            return false;
        }
        let others = others.get_or_insert_with(|| {
            // What was cut off is no answer to be compared with.
            let doubts = if free.cut().is_none() { free.doubts() } else { Vec::new() };
            let rival = |at| Some(Rival { text: free.rival(at)?, shared: at });
            doubts.into_iter().take(RIVALS).filter_map(rival).collect()
        });
        others.retain(|rival| rival.text.lead(free) > -BEHIND);
        for Rival { text, shared } in others.iter_mut() {
            text.rejoin(free, *shared, *shared + 1);
        }
        others.iter().all(|rival| rival.text.has_ended())
    }

    /// The free answer, and the likeliest of the others that is nearly as likely and no worse otherwise.
    pub(super) fn chosen(
        self,
        terms: &[TermMatch],
        writing: &WritingRules<'_>,
    ) -> Result<(WrittenAnswer, Option<WrittenAnswer>), EngineError> {
        let Self { free: text, others } = self;
        let answer = text.answer(writing)?;
        let least = text.mean_likelihood() - NEAR;
        let mut others: Vec<Hypothesis<ModelPast>> =
            others.into_iter().flatten().map(|rival| rival.text).collect();
        others.retain(|other| other.mean_likelihood() > least);
        others.sort_by(|one, other| other.mean_likelihood().total_cmp(&one.mean_likelihood()));
        let other = others.into_iter().find_map(|text| {
            // One that is no answer is only a rival less.
            let other = text.answer(writing).ok().filter(|other| other.cuts.is_empty())?;
            let is_rival =
                other.text != answer.text && is_no_worse(writing.source, terms, &answer.text, &other.text);
            is_rival.then_some(WrittenAnswer { text, answer: other })
        });
        Ok((WrittenAnswer { text, answer }, other))
    }
}
