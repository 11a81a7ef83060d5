//! How good translations are: metrics against references, and terms held.
//!
//! [`Evaluation`] takes segments and gives figures. chrF, chrF++, BLEU and TER are those of sacreBLEU to the last digit; each score is
//! made of sums of counts over segments, so that a corpus, its parts and random samples of it come from the same counts. Nothing here reads
//! a file or changes a translation.

mod bleu;
mod chrf;
mod cores;
mod evaluation;
mod metric;
mod ngrams;
mod phrase;
mod resample;
mod scoring;
mod signature;
mod ter;
mod terms;
mod word_ids;

pub use evaluation::{EvaluatedSegment, Evaluation, SegmentTermSource, SystemConfidence, SystemFigures};
pub use metric::Metric;
pub use resample::{Confidence, Resampling};
pub use scoring::Scoring;
pub use signature::signature;
pub use terms::{AskedTerm, TermFigures};
