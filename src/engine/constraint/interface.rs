//! What an engine implements so that terms can be enforced in its answers.

use std::ops::Range;

use crate::engine::error::EngineError;
use crate::model::{Cut, Translation};

/// The tokens of a model.
pub(in crate::engine) trait ModelVocabulary {
    /// How a word, or several, is written in the middle of a text: with the blank before it, or joined to what stands there.
    /// `None` if there are no tokens for it alone.
    fn word(&self, word: &str, is_spaced: bool) -> Option<Vec<u32>>;

    /// The text of tokens, with the blank that the first of them brings along. Bytes that are no UTF-8 yet become replacement
    /// characters.
    fn text(&self, tokens: &[u32]) -> Result<String, EngineError>;

    /// Whether a token ends an answer.
    fn ends(&self, token: u32) -> bool;

    /// Whether a token begins inside a word, if one stands before it.
    fn continues_word(&self, token: u32) -> bool {
        let inside = |c: char| c.is_alphanumeric() || c == char::REPLACEMENT_CHARACTER;
        self.text(&[token]).is_ok_and(|text| text.starts_with(inside))
    }
}

/// The decoder state of a model in one answer.
pub(in crate::engine) trait Past {
    /// Whether several tokens can be appended at once and computed later, in one pass, if the answer is continued at all.
    const DEFERS: bool;

    /// The state as it was after the first `said` tokens of the answer, before the next one was chosen.
    fn fork(&mut self, said: usize) -> Self;

    /// Appends a token to the answer.
    fn say(&mut self, token: u32);
}

/// How the answer to a text is written.
pub(in crate::engine) trait AnswerWriting {
    type Tokens: ModelVocabulary;
    type Past: Past;

    fn tokens(&self) -> &Self::Tokens;

    /// Whether other answers are tried: what the model would have said in the place of each token is kept.
    fn has_rivals(&self) -> bool;

    /// Tokens that terms may begin with: how likely they are is kept.
    fn openings(&self) -> &[u32];

    /// Whether the answer must stop here although the model has not ended it, as when it loops or is too long.
    fn end(&self, said: &[u32]) -> Option<EarlyEnd>;

    /// The translation in an answer that has ended.
    fn answer(&self, said: &[u32], cut: Option<Cut>) -> Result<Translation, EngineError>;

    /// The tokens at which the answer starts to translate `span` of the German; empty if the model has no alignment.
    fn rendering(&self, past: &Self::Past, said: &[u32], span: &Range<usize>) -> Vec<usize>;
}

/// How an answer ends that the model has not ended itself.
pub(in crate::engine) struct EarlyEnd {
    /// How many of its tokens are left.
    pub(in crate::engine) length: usize,
    /// Why it was cut off, if it was.
    pub(in crate::engine) cut: Option<Cut>,
}
