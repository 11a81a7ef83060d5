//! Text to tokens and back.

use std::path::Path;

use shimmytok::{EncodeOptions, Tokenizer};
use thiserror::Error;

use crate::engine::constraint::ModelVocabulary;
use crate::engine::error::EngineError;

/// Why the tokenizer fails at a text.
#[derive(Debug, Error)]
enum TokenError {
    #[error("the text cannot be turned into tokens: {0}")]
    Encode(#[source] shimmytok::Error),
    #[error("tokens cannot be read: {0}")]
    Decode(#[source] shimmytok::Error),
}

/// The tokenizer of a model, read from its GGUF file.
pub(super) struct Tokens {
    inner: Tokenizer,
}

impl Tokens {
    /// Reads the tokenizer.
    pub(super) fn load(path: &Path) -> Result<Self, EngineError> {
        let wrong =
            |e| EngineError::broken(format_args!("{}: the tokenizer cannot be read", path.display()), e);
        Tokenizer::from_gguf_file(path).map(|inner| Self { inner }).map_err(wrong)
    }

    /// How many tokens there are.
    pub(super) fn count(&self) -> usize {
        self.inner.vocab_size()
    }

    /// Tokens of text that may be anything: marks of turns in it are plain characters.
    pub(super) fn plain(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        self.encode(text, &EncodeOptions::with_parse_special(false, false))
    }

    /// Tokens of a prompt's own text, in which marks of turns count.
    pub(super) fn marked(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        self.encode(text, &EncodeOptions::with_parse_special(false, true))
    }

    /// Tokens of a prompt's own text at the beginning, where the model may want a mark of its own.
    pub(super) fn opening(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        let begins_with_mark = self.beginning().is_some_and(|mark| text.starts_with(&mark));
        self.encode(text, &EncodeOptions::with_parse_special(!begins_with_mark, true))
    }

    /// The text of the mark that a text begins with.
    pub(super) fn beginning(&self) -> Option<String> {
        self.inner.token_to_piece(self.inner.bos_token()).ok()
    }

    /// The text of the mark that a text ends with.
    pub(super) fn end(&self) -> Option<String> {
        self.inner.token_to_piece(self.inner.eos_token()).ok()
    }

    /// The text of a mark.
    pub(super) fn mark(&self, token: u32) -> Option<String> {
        if self.inner.is_special_token(token) { self.inner.token_to_piece(token).ok() } else { None }
    }

    /// The chat template of the model, if it has one.
    pub(super) fn chat_template(&self) -> Option<&str> {
        self.inner.chat_template()
    }

    /// Tokens of a text that comes behind another one; `None` if the two have a token in common, or the model has none for a
    /// character.
    fn behind(&self, before: &str, text: &str) -> Option<Vec<u32>> {
        let whole = self.plain(&format!("{before}{text}")).ok()?;
        let tokens = whole.strip_prefix(self.plain(before).ok()?.as_slice())?.to_vec();
        self.text(&tokens).ok()?.trim_start().eq(text.trim_start()).then_some(tokens)
    }

    fn encode(&self, text: &str, options: &EncodeOptions) -> Result<Vec<u32>, EngineError> {
        let wrong = |e| EngineError::unreadable(TokenError::Encode(e));
        self.inner.encode_with_options(text, options).map_err(wrong)
    }
}

impl ModelVocabulary for Tokens {
    fn word(&self, word: &str, is_spaced: bool) -> Option<Vec<u32>> {
        // Behind a letter and at the start of a line a model writes as it does anywhere in a text.
        if is_spaced {
            self.behind("a", &format!(" {word}"))
        } else {
            self.behind("\n", word).or_else(|| self.behind("", word))
        }
    }

    fn text(&self, tokens: &[u32]) -> Result<String, EngineError> {
        let readable = |e| EngineError::unreadable(TokenError::Decode(e));
        self.inner.decode(tokens, true).map_err(readable)
    }

    /// The end of text, of a turn, or any other mark.
    fn ends(&self, token: u32) -> bool {
        token == self.inner.eos_token() || self.inner.is_special_token(token)
    }
}
