//! When an answer has gone on for long enough.

/// Tokens that an answer may always have, however short the source is.
const LEAST: usize = 24;

/// How many tokens an answer may have for each token of the source. English takes fewer tokens than German in
/// all vocabularies at hand, so this is generous.
const PER_SOURCE_TOKEN: usize = 2;

/// The most tokens that an answer may have, from the number of tokens of the source.
pub(super) fn bound(source_tokens: usize) -> usize {
    LEAST + PER_SOURCE_TOKEN * source_tokens
}
