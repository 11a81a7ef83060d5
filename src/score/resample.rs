//! How sure figures are: bootstrap resampling (Koehn 2004).

use super::cores::on_all_cores;
use super::scoring::Scoring;

/// How often segments are drawn, and how the drawing begins: the same twice over is the same figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    pub samples: usize,
    pub seed: u64,
}

impl Default for Resampling {
    /// As sacreBLEU, but for the generator of random numbers: figures agree with its as far as chance lets them.
    fn default() -> Self {
        Self { samples: 1000, seed: 12345 }
    }
}

/// Where a score lies in 95 of 100 samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence {
    /// The mean of the samples.
    pub mean: f64,
    /// Half the width of the interval.
    pub interval: f64,
}

/// The counts of all segments of some translations of the same text, kept for drawing.
#[derive(Debug, Default)]
pub(super) struct KeptCounts {
    /// Those of a segment stand together, one system after another.
    pub(super) counts: Vec<u32>,
    pub(super) segments: usize,
}

/// The scores of samples: for each system and metric as many as there are samples. All systems have the same segments in a sample.
pub(super) struct SampledScores(Vec<Vec<Vec<f64>>>);

impl KeptCounts {
    pub(super) fn sample(&self, scoring: &Scoring, systems: usize, how: Resampling) -> SampledScores {
        let width = scoring.width();
        let samples = on_all_cores(how.samples, |sample| {
            let mut sums = vec![0_u64; width * systems];
            let drawn = drawn(self.segments, how.seed, sample);
            for (times, counts) in drawn.iter().zip(self.counts.chunks_exact(sums.len().max(1))) {
                if *times > 0 {
                    for (sum, count) in sums.iter_mut().zip(counts) {
                        *sum += u64::from(*times) * u64::from(*count);
                    }
                }
            }
            (0..systems).map(|system| scoring.scores(&sums[system * width..][..width])).collect::<Vec<_>>()
        });
        let scores =
            |system: usize, metric: usize| samples.iter().map(|sample| sample[system][metric]).collect();
        let metrics = scoring.metrics().len();
        let of_system = |system| (0..metrics).map(|metric| scores(system, metric)).collect();
        SampledScores((0..systems).map(of_system).collect())
    }
}

/// How many times each segment is in a sample.
fn drawn(segments: usize, seed: u64, sample: usize) -> Vec<u32> {
    let mut random = SplitMix(seed ^ SplitMix(sample as u64).next());
    let mut times = vec![0; segments];
    for _ in 0..segments {
        times[random.below(segments)] += 1;
    }
    times
}

impl SampledScores {
    /// The confidence intervals of a system by each metric.
    pub(super) fn confidence(&self, system: usize) -> Vec<Confidence> {
        self.0[system].iter().map(|scores| confidence(scores)).collect()
    }

    /// For each metric how likely it is that a system differs as much from the first one by chance; `scores` are those of both.
    ///
    /// A small one says that they differ, not which is better.
    pub(super) fn p_values(&self, system: usize, scores: [&[f64]; 2]) -> Vec<f64> {
        let each = self.0[system].iter().zip(&self.0[0]).zip(scores[0].iter().zip(scores[1]));
        each.map(|((own, first), (score, other))| p_value(own, first, (score - other).abs())).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody draws 2^53 samples")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn confidence(scores: &[f64]) -> Confidence {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    // One in forty on each side.
    let outside = sorted.len() / 40;
    let (low, high) = (sorted[outside], sorted[sorted.len() - outside - 1]);
    Confidence { mean: mean(&sorted), interval: 0.5 * (high - low) }
}

/// The share of samples whose difference is farther above the mean one than the real difference is above none.
#[expect(clippy::cast_precision_loss, reason = "nobody draws 2^53 samples")]
fn p_value(own: &[f64], first: &[f64], difference: f64) -> f64 {
    let differences: Vec<f64> = own.iter().zip(first).map(|(own, first)| (own - first).abs()).collect();
    // Two systems that write the same do not differ at all; by the rule below they would do so for certain.
    if differences.iter().all(|sampled| *sampled == 0.0) {
        return 1.0;
    }
    let mean = mean(&differences);
    let farther = differences.iter().filter(|sampled| **sampled - mean > difference).count();
    // The real one counts as a sample, too, so that it is never impossible.
    (farther as f64 + 1.0) / (differences.len() as f64 + 1.0)
}

/// The generator `SplitMix64` (Steele et al. 2014): a few lines of our own, since figures are to stay the same whatever a crate does.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    #[expect(clippy::cast_possible_truncation, reason = "less than the bound, which is a usize")]
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact, or the same operations")]
mod tests {
    use super::*;

    #[test]
    fn the_interval_leaves_one_in_forty_out_on_each_side() {
        let scores: Vec<f64> = (0..200).rev().map(f64::from).collect();
        assert_eq!(confidence(&scores), Confidence { mean: 99.5, interval: 94.5 });
        assert_eq!(confidence(&[3.0]), Confidence { mean: 3.0, interval: 0.0 });
    }

    #[test]
    fn chance_is_how_often_samples_differ_as_much_more_than_usual() {
        // The differences are 1, 1, 1 and 9, their mean is 3: only the last one is farther above it than 2.
        assert_eq!(p_value(&[2.0, 3.0, 0.0, 9.0], &[1.0, 4.0, 1.0, 0.0], 2.0), 2.0 / 5.0);
        assert_eq!(p_value(&[2.0, 3.0, 0.0, 9.0], &[1.0, 4.0, 1.0, 0.0], 6.0), 1.0 / 5.0);
        assert_eq!(p_value(&[2.0, 3.0], &[2.0, 3.0], 0.0), 1.0);
    }

    #[test]
    fn a_sample_has_as_many_segments_as_there_are_and_is_another_each_time() {
        let first = drawn(1000, 7, 0);
        assert_eq!(first.iter().sum::<u32>(), 1000);
        assert_eq!(first, drawn(1000, 7, 0));
        assert_ne!(first, drawn(1000, 7, 1));
        assert_ne!(first, drawn(1000, 8, 0));
        // Some are drawn several times and about one in e not at all.
        let left_out = first.iter().filter(|times| **times == 0).count();
        assert!((330..410).contains(&left_out), "{left_out}");
    }
}
