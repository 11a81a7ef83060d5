//! From which of two answers the German follows.
//!
//! A model that says fluent English may leave out what the German says, or say something else. So the other direction is asked,
//! too: how likely the German is as the translation of each answer (the noisy channel, as in Yee et al. 2019, "Simple and
//! Effective Noisy Channel Modeling for Neural Machine Translation").

use std::sync::Arc;

use super::cache::Cache;
use super::fixed::FixedPart;
use super::model::{Chunk, GgufModel, failed};
use super::prompt::Prompter;
use super::rivals::WrittenAnswer;
use super::state::PromptState;
use super::tokens::Tokens;
use crate::engine::error::EngineError;

/// A model asked for the German of its English.
pub(super) struct NoisyChannel {
    prompter: Prompter,
    fixed: FixedPart,
}

impl NoisyChannel {
    /// Prepares to ask in the other direction than `prompter`. `None` if nobody knows how to.
    pub(super) fn new(
        prompter: &Prompter,
        tokens: &Tokens,
        state: PromptState,
    ) -> Result<Option<Self>, EngineError> {
        Ok(prompter.reversed(tokens)?.map(|prompter| Self { prompter, fixed: FixedPart::new(state) }))
    }

    /// The better of two answers to a German text: that of which the tokens, and those of the German behind it, are likelier in the
    /// mean. It is the first one if there is no room for them in `context` positions.
    pub(super) fn better(
        &mut self,
        model: &GgufModel,
        tokens: &Tokens,
        context: usize,
        german: &str,
        pair: [WrittenAnswer; 2],
    ) -> Result<WrittenAnswer, EngineError> {
        let german = self.prompter.reversed_answer(tokens, german)?;
        let mut shown = Vec::new();
        for WrittenAnswer { answer, .. } in &pair {
            let question = self.prompter.reversed_question(tokens, &answer.text)?;
            shown.push([question, german.clone()].concat());
        }
        let [first, other] = pair;
        let longest = shown.iter().map(Vec::len).max().unwrap_or_default();
        if german.is_empty() || self.prompter.fixed().len() + longest > context {
            return Ok(first);
        }
        let likelihoods = self.likelihoods(model, &shown, german.len())?;
        #[expect(clippy::cast_precision_loss, reason = "a text has few tokens")]
        let merit = |answer: &WrittenAnswer, of_german: f32| {
            answer.text.mean_likelihood() + of_german / german.len() as f32
        };
        let is_better = merit(&other, likelihoods[1]) > merit(&first, likelihoods[0]);
        Ok(if is_better { other } else { first })
    }

    /// How likely the last `count` tokens of each text are. What a text has in common with the one before is not shown again.
    pub(super) fn likelihoods(
        &mut self,
        model: &GgufModel,
        shown: &[Vec<u32>],
        count: usize,
    ) -> Result<Vec<f32>, EngineError> {
        let fixed = self.fixed.seen(model, self.prompter.fixed())?;
        let mut cache = Cache::after(Arc::clone(&fixed));
        let mut before: &[u32] = &[];
        let mut likelihoods = Vec::with_capacity(shown.len());
        for tokens in shown {
            let common = tokens.iter().zip(before).take_while(|(one, other)| one == other).count();
            // At least a token is shown before those that are weighed.
            let common = common.min(tokens.len() - count - 1);
            cache = cache.fork(fixed.count() + common);
            let chunk = Chunk { tokens: &tokens[common..], cache: &mut cache };
            likelihoods.push(model.likelihood(chunk, count).map_err(failed)?);
            before = tokens;
        }
        Ok(likelihoods)
    }
}
