//! How a model writes the answer to a text.

use std::ops::Range;

use super::answer;
use super::past::ModelPast;
use super::tokens::Tokens;
use crate::engine::constraint::{AnswerWriting, EarlyEnd, ModelVocabulary as _};
use crate::engine::error::EngineError;
use crate::engine::repetition::before_loop;
use crate::model::{Cut, Translation};

/// What is the same for all that is written for a text.
#[derive(Clone, Copy)]
pub(super) struct WritingRules<'a> {
    pub(super) source: &'a str,
    pub(super) tokens: &'a Tokens,
    /// Tokens that terms may begin with.
    pub(super) openings: &'a [u32],
    /// Whether other answers are tried, too.
    pub(super) has_rivals: bool,
    /// The most tokens of an answer.
    pub(super) bound: usize,
    /// Whether the text repeats itself already in German.
    pub(super) loops: bool,
}

impl AnswerWriting for WritingRules<'_> {
    type Tokens = Tokens;
    type Past = ModelPast;

    fn tokens(&self) -> &Tokens {
        self.tokens
    }

    fn has_rivals(&self) -> bool {
        self.has_rivals
    }

    fn openings(&self) -> &[u32] {
        self.openings
    }

    fn end(&self, said: &[u32]) -> Option<EarlyEnd> {
        if let Some(length) = before_loop(said).filter(|_| !self.loops) {
            return Some(EarlyEnd { length, cut: Some(Cut::Loop) });
        }
        let length = said.len();
        if self.tokens.text(said).is_ok_and(|text| !answer::complete(&text)) {
            (length >= self.bound).then_some(EarlyEnd { length, cut: Some(Cut::Runaway) })
        } else {
            // Its line has ended; what cannot be read is an error when it is asked for.
            Some(EarlyEnd { length, cut: None })
        }
    }

    fn answer(&self, said: &[u32], cut: Option<Cut>) -> Result<Translation, EngineError> {
        answer::translation(self.source, &self.tokens.text(said)?, cut)
    }

    /// Of the attention of a language model nobody knows which part of it links words.
    fn rendering(&self, _: &ModelPast, _: &[u32], _: &Range<usize>) -> Vec<usize> {
        Vec::new()
    }
}
