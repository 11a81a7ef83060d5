//! Glossary terms enforced while a local model decodes: what `firefox` and `gguf` have in common.
//!
//! The model's own answer stands if every term holds in it. Otherwise a missing term is inserted in two places, and the model
//! continues from each until it rejoins its own answer. The first result that holds more terms without new findings replaces
//! the answer. Names that must be kept as they are, and the words of `data/words.tsv`, are treated as terms.
//!
//! If the model reveals its alignment, the places where it starts to translate the German term are tried first. That is where
//! the wrong rendering stands, even if the model would never start the right one there. At any other place the term would
//! repeat what the answer already says, and no check would notice. Without an alignment, the places where the first token of
//! the term is likeliest are tried.
//!
//! An engine implements [`ModelVocabulary`], [`Past`] and [`AnswerWriting`], and feeds the [`Scores`] of the next token to each
//! open hypothesis of an [`AnswerDraft`].

mod branching;
mod draft;
mod hypothesis;
mod interface;
mod scores;
mod wanted;

#[cfg(test)]
mod tests;

pub(super) use branching::CompleteAnswer;
pub(super) use draft::AnswerDraft;
pub(super) use hypothesis::Hypothesis;
pub(super) use interface::{AnswerWriting, EarlyEnd, ModelVocabulary, Past};
pub(super) use scores::Scores;
pub(super) use wanted::{WantedTerms, is_no_worse};
