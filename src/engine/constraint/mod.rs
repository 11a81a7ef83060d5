//! Terms that a model makes hold as it writes: what is common to the engines that have the model on this machine.
//!
//! What a model says by itself stays if all terms of its text hold in it. Otherwise a term that is missing is put into
//! the answer in up to four places, the model writes on from there, and the best of what comes of that is taken if it
//! holds more terms and no check finds more in it. Names beyond doubt count as terms.
//!
//! The places are those in which the model begins to look at the German of the term, as far as it tells, and then those in
//! which it is likeliest to begin the term. Where it looks stands what it has said for the term, which may well be nothing
//! that it would begin the term with; where it does not look the term would stand beside that, and no check may notice. So a
//! place where it looks goes before the others, however likely these are; which of several is right is told by how likely
//! all of it is some tokens later.
//!
//! An engine tells of its model what [`ModelVocabulary`], [`Past`] and [`AnswerWriting`] ask, and gives the [`Scores`] of each next token
//! to what is open in a [`AnswerDraft`].

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
pub(super) use wanted::WantedTerms;
