//! What is counted of each segment, and the scores of the sums.

use strum::VariantArray as _;

use super::chrf::{OF_CHARACTERS, OF_CHARACTERS_AND_WORDS};
use super::metric::Metric;
use super::{bleu, chrf, ter};

/// The metrics that are wanted, and how many references there are.
///
/// The counts of segments add up: those of a corpus, of a part of it or of a sample with repetitions are the sums of those of its segments, and
/// the scores are those of the sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoring {
    metrics: Vec<Metric>,
    references: usize,
}

impl Default for Scoring {
    /// All metrics against one reference.
    fn default() -> Self {
        Self::new(Metric::VARIANTS, 1)
    }
}

impl Scoring {
    /// Scores by some metrics, each once and in their order, against a number of references.
    #[must_use]
    pub fn new(metrics: &[Metric], references: usize) -> Self {
        let mut metrics = metrics.to_vec();
        metrics.sort_unstable();
        metrics.dedup();
        Self { metrics, references }
    }

    /// The metrics in their order.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The number of references.
    #[must_use]
    pub fn references(&self) -> usize {
        self.references
    }

    /// How many counts a segment has.
    pub(super) fn width(&self) -> usize {
        self.metrics.iter().map(|metric| metric.width()).sum()
    }

    /// The counts of the translations of a segment, one after another.
    pub(super) fn counts(&self, english: &[String], references: &[String]) -> Vec<u32> {
        let wants = |metric| self.metrics.contains(&metric);
        let none: [&[String]; 2] = [&[], &[]];
        let of = |is_wanted: bool| if is_wanted { [english, references] } else { none };
        let chrf = chrf::counts(of(wants(Metric::Chrf) || wants(Metric::ChrfPlusPlus)));
        let bleu = bleu::counts(of(wants(Metric::Bleu)));
        let ter = ter::counts(of(wants(Metric::Ter)));
        let mut counts = Vec::with_capacity(self.width() * english.len());
        for system in 0..english.len() {
            for metric in &self.metrics {
                counts.extend_from_slice(match metric {
                    Metric::Chrf => chrf::nearest(&chrf[system], OF_CHARACTERS),
                    Metric::ChrfPlusPlus => chrf::nearest(&chrf[system], OF_CHARACTERS_AND_WORDS),
                    Metric::Bleu => &bleu[system],
                    Metric::Ter => &ter[system],
                });
            }
        }
        counts
    }

    /// The score by each metric.
    pub(super) fn scores(&self, sums: &[u64]) -> Vec<f64> {
        let mut rest = sums;
        let score = |metric: &Metric| {
            let (own, others) = rest.split_at(metric.width());
            rest = others;
            metric.score(own, self.references)
        };
        self.metrics.iter().map(score).collect()
    }
}
