//! What requests use, in the units that services count.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What requests use: characters where a service charges by the text, tokens where it runs a language model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Unicode characters of German.
    pub characters: u64,
    /// Tokens of prompts that were read anew.
    pub input_tokens: u64,
    /// Tokens of prompts that the service had kept from an earlier request.
    pub cached_tokens: u64,
    /// Tokens of answers, without `thinking_tokens`.
    pub output_tokens: u64,
    /// Tokens that a model wrote before its answers, and that are not part of them.
    pub thinking_tokens: u64,
}

impl Usage {
    /// Characters of German, and nothing else.
    #[must_use]
    pub fn of_characters(characters: u64) -> Self {
        Self { characters, ..Self::default() }
    }

    /// Whether nothing was used that anybody counts.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What came since an earlier moment.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            characters: self.characters.saturating_sub(earlier.characters),
            input_tokens: self.input_tokens.saturating_sub(earlier.input_tokens),
            cached_tokens: self.cached_tokens.saturating_sub(earlier.cached_tokens),
            output_tokens: self.output_tokens.saturating_sub(earlier.output_tokens),
            thinking_tokens: self.thinking_tokens.saturating_sub(earlier.thinking_tokens),
        }
    }

    /// All tokens.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        let Self { input_tokens, cached_tokens, output_tokens, thinking_tokens, .. } = *self;
        [cached_tokens, output_tokens, thinking_tokens].into_iter().fold(input_tokens, u64::saturating_add)
    }
}

/// A figure of a service can be anything; a sum of them never wraps.
impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.characters = self.characters.saturating_add(other.characters);
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.cached_tokens = self.cached_tokens.saturating_add(other.cached_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.thinking_tokens = self.thinking_tokens.saturating_add(other.thinking_tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_wrap() {
        let mut sum = Usage::of_characters(u64::MAX);
        sum += Usage { characters: 1, input_tokens: u64::MAX, output_tokens: 1, ..Usage::default() };
        assert_eq!((sum.characters, sum.tokens()), (u64::MAX, u64::MAX));
        assert_eq!(sum.since(&Usage::of_characters(1)).characters, u64::MAX - 1);
    }
}
