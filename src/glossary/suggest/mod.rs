//! Names and terms of a corpus that a glossary does not have yet.
//!
//! [`Candidates`] reads the sentences and ranks what in them looks like a name or a term; [`RenderingFinder`] reads them
//! once more with their translations and proposes what the chosen ones are called in English. Both take time linear
//! in the corpus, and memory that does not grow with it. Suggestions are for people to judge: mined terms are wrong
//! too often to be enforced unseen.

mod candidates;
mod counts;
mod rank;
mod renderings;
mod suggestion;
#[cfg(test)]
mod tests;
mod units;
mod words;

pub use candidates::Candidates;
pub use renderings::RenderingFinder;
pub use suggestion::Suggestion;
