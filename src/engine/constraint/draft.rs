//! What is being written of a text.

use super::branching::{Branching, CompleteAnswer, NextStage};
use super::hypothesis::Hypothesis;
use super::interface::{AnswerWriting, Past};
use super::wanted::WantedTerms;
use crate::engine::error::EngineError;

/// What is being written of a text.
pub(in crate::engine) enum AnswerDraft<P> {
    /// What the model says by itself.
    Free(Hypothesis<P>),
    /// The same with a term in it.
    Branching(Box<Branching<P>>),
    /// Nothing more.
    Done,
}

impl<P: Past> AnswerDraft<P> {
    /// What is to say a further token.
    pub(in crate::engine) fn open(&mut self) -> Box<dyn Iterator<Item = &mut Hypothesis<P>> + '_> {
        match self {
            Self::Free(text) => Box::new(std::iter::once(text)),
            Self::Branching(branching) => Box::new(branching.open()),
            Self::Done => Box::new(std::iter::empty()),
        }
    }

    /// Goes on when what is open has said a further token; gives the answer if it is complete with that. Without `wanted`, all
    /// that is said is an answer.
    pub(in crate::engine) fn go_on(
        &mut self,
        wanted: Option<&WantedTerms>,
        writing: &impl AnswerWriting<Past = P>,
    ) -> Option<Result<CompleteAnswer<P>, EngineError>> {
        let next = match (std::mem::replace(self, Self::Done), wanted) {
            (Self::Free(text), _) if !text.has_ended() => {
                *self = Self::Free(text);
                return None;
            }
            (Self::Free(text), wanted) => match (text.answer(writing), wanted) {
                (Ok(answer), Some(wanted)) => {
                    Branching::start(CompleteAnswer { text, answer }, wanted, writing)
                }
                (answer, _) => return Some(answer.map(|answer| CompleteAnswer { text, answer })),
            },
            (Self::Branching(branching), Some(wanted)) => branching.go_on(wanted, writing),
            (Self::Branching(_), None) | (Self::Done, _) => return None,
        };
        match next {
            Ok(NextStage::Open(branching)) => {
                *self = Self::Branching(branching);
                None
            }
            Ok(NextStage::Done(complete)) => Some(Ok(*complete)),
            Err(error) => Some(Err(error)),
        }
    }
}
