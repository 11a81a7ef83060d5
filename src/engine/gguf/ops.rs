//! The arithmetic between the matrix products, on plain rows of numbers.

#![expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]

use pulp::{Arch, Simd, WithSimd};

use super::shape::{Activation, Pairing, Rotation, real};
use super::threads::spread;

/// Divides every row by the root of its mean square and multiplies it with the weights.
pub(super) fn normalise(rows: &mut [f32], weights: &[f32], epsilon: f32) {
    for row in rows.chunks_exact_mut(weights.len()) {
        let square = vectorised(InnerProduct(row, row));
        let factor = 1.0 / (square / real(row.len()) + epsilon).sqrt();
        for (value, weight) in row.iter_mut().zip(weights) {
            *value *= factor * weight;
        }
    }
}

/// Adds a vector to every row.
pub(super) fn add_to_rows(rows: &mut [f32], vector: &[f32]) {
    for row in rows.chunks_exact_mut(vector.len()) {
        add(row, vector);
    }
}

/// Adds numbers to numbers.
pub(super) fn add(to: &mut [f32], what: &[f32]) {
    for (sum, value) in to.iter_mut().zip(what) {
        *sum += value;
    }
}

/// Does arithmetic with the widest vector instructions that the processor has.
pub(super) fn vectorised<W: WithSimd>(work: W) -> W::Output {
    Arch::new().dispatch(work)
}

/// The inner product of two rows.
struct InnerProduct<'a>(&'a [f32], &'a [f32]);

impl WithSimd for InnerProduct<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        inner_product(simd, self.0, self.1)
    }
}

/// The inner product, in sums that run side by side.
#[inline(always)]
pub(super) fn inner_product<S: Simd>(simd: S, left: &[f32], right: &[f32]) -> f32 {
    let ((left, left_rest), (right, right_rest)) = (S::as_simd_f32s(left), S::as_simd_f32s(right));
    let ((left, left_last), (right, right_last)) = (left.as_chunks::<2>(), right.as_chunks::<2>());
    let mut sums = [simd.splat_f32s(0.0); 2];
    for (x, y) in left.iter().zip(right) {
        sums[0] = simd.mul_add_e_f32s(x[0], y[0], sums[0]);
        sums[1] = simd.mul_add_e_f32s(x[1], y[1], sums[1]);
    }
    for (x, y) in left_last.iter().zip(right_last) {
        sums[0] = simd.mul_add_e_f32s(*x, *y, sums[0]);
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(x, y)| x * y).sum();
    simd.reduce_sum_f32s(simd.add_f32s(sums[0], sums[1])) + rest
}

/// Turns scores into shares that sum to one.
#[inline(always)]
pub(super) fn shares(scores: &mut [f32]) {
    /// Numbers side by side, so that none waits for the one before.
    const LANES: usize = 16;
    let mut largest = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = scores.as_chunks::<LANES>();
    for chunk in chunks {
        for (largest, score) in largest.iter_mut().zip(chunk) {
            *largest = if score > largest { *score } else { *largest };
        }
    }
    let most = largest.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max);
    for score in scores.iter_mut() {
        *score = exponential(*score - most);
    }
    let mut sums = [0.0; LANES];
    let (chunks, rest) = scores.as_chunks::<LANES>();
    for chunk in chunks {
        for (sum, score) in sums.iter_mut().zip(chunk) {
            *sum += score;
        }
    }
    let sum: f32 = sums.iter().chain(rest).sum();
    for score in scores {
        *score /= sum;
    }
}

/// A power of e, to the last but one digit, and zero where it is smaller than any normal number. That of the standard library
/// is computed number by number; this one by as many at once as the processor can.
///
/// The number is split into a whole power of 2 and a rest of at most ln(2)/2 to either side, of which the polynomial of the
/// Cephes library (`expf`) is taken.
#[inline(always)]
fn exponential(x: f32) -> f32 {
    /// 3 · 2^22: added to a number between −2^22 and 2^22 it leaves the nearest whole one in the lowest bits.
    const ROUNDING: f32 = 12_582_912.0;
    const LEAST: f32 = -87.0;
    const MOST: f32 = 88.0;
    /// ln(2) in two parts, of which the first has few digits: products with it are exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const POLYNOMIAL: [f32; 6] =
        [1.987_569_2e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let bounded = x.clamp(LEAST, MOST);
    let rounded = bounded * std::f32::consts::LOG2_E + ROUNDING;
    let power = rounded - ROUNDING;
    let rest = bounded - power * LN_2[0] - power * LN_2[1];
    let mut sum = 0.0;
    for factor in POLYNOMIAL {
        sum = sum * rest + factor;
    }
    let scale = f32::from_bits(rounded.to_bits().wrapping_add(127) << 23);
    let exponential = (sum * rest * rest + rest + 1.0) * scale;
    if x < LEAST { 0.0 } else { exponential }
}

/// Bends the gate and multiplies it with the values it lets through.
pub(super) fn gate(gates: &mut [f32], values: &[f32], activation: Activation) {
    /// To bend a number takes as long as this many multiplications.
    const BEND: usize = 16;
    let (count, size) = (gates.len(), gates.len().div_ceil(16).max(1024));
    let parts = gates.chunks_mut(size).zip(values.chunks(size)).collect();
    spread(parts, BEND * count, |(gates, values)| vectorised(ActivationGate { gates, values, activation }));
}

struct ActivationGate<'a> {
    gates: &'a mut [f32],
    values: &'a [f32],
    activation: Activation,
}

impl WithSimd for ActivationGate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let pairs = self.gates.iter_mut().zip(self.values);
        match self.activation {
            Activation::Silu => pairs.for_each(|(gate, value)| *gate = value * silu(*gate)),
            Activation::Gelu => pairs.for_each(|(gate, value)| *gate = value * gelu(*gate)),
        }
    }
}

#[inline(always)]
fn silu(x: f32) -> f32 {
    x / (1.0 + exponential(-x))
}

/// In its form with tanh.
#[inline(always)]
fn gelu(x: f32) -> f32 {
    /// 2·√(2/π), since (1 + tanh(y)) / 2 is 1 / (1 + e^(−2y)).
    const FACTOR: f32 = 1.595_769;
    x / (1.0 + exponential(-FACTOR * x * (1.0 + 0.044_715 * x * x)))
}

/// Cosines and sines for the rows of one forward pass, `head / 2` for each row.
pub(super) struct Angles {
    half: usize,
    turns: Vec<(f32, f32)>,
}

impl Angles {
    /// Computes the angles of rows at the given positions.
    pub(super) fn new(positions: &[usize], head: usize, rotation: Rotation, factors: Option<&[f32]>) -> Self {
        let half = head / 2;
        let waves: Vec<f32> = (0..half)
            .map(|pair| {
                let wave = rotation.base.powf(-real(2 * pair) / real(head));
                rotation.scale * wave / factors.and_then(|factors| factors.get(pair)).copied().unwrap_or(1.0)
            })
            .collect();
        let turns = positions
            .iter()
            .flat_map(|position| waves.iter().map(move |wave| real(*position) * wave))
            .map(|angle| (angle.cos(), angle.sin()))
            .collect();
        Self { half, turns }
    }

    /// Turns every head of every row.
    pub(super) fn turn(&self, rows: &mut [f32], row_width: usize, pairing: Pairing) {
        for (row, turns) in rows.chunks_exact_mut(row_width).zip(self.turns.chunks_exact(self.half)) {
            for head in row.chunks_exact_mut(2 * self.half) {
                for (pair, (cos, sin)) in turns.iter().enumerate() {
                    let (first, second) = match pairing {
                        Pairing::Neighbours => (2 * pair, 2 * pair + 1),
                        Pairing::Halves => (pair, pair + self.half),
                    };
                    let (x, y) = (head[first], head[second]);
                    head[first] = x * cos - y * sin;
                    head[second] = x * sin + y * cos;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use pulp::Scalar;

    use super::*;

    #[test]
    fn gelu_is_not_silu() {
        assert!((gelu(1.0) - 0.841_192).abs() < 1e-6 && (gelu(-1.0) + 0.158_808).abs() < 1e-6);
        assert!((silu(1.0) - 0.731_058).abs() < 1e-6 && (silu(-1.0) + 0.268_941).abs() < 1e-6);
        for bent in [gelu, silu] {
            assert!((bent(200.0) - 200.0).abs() < f32::EPSILON && bent(-200.0).abs() < f32::EPSILON);
        }
    }

    #[test]
    fn normalised_rows_have_a_mean_square_of_one() {
        let mut rows = vec![3.0, 4.0, -1.0, 1.0];
        normalise(&mut rows, &[1.0, 2.0], 0.0);
        assert!((rows[0] - 0.848_528).abs() < 1e-5 && (rows[1] - 2.0 * 1.131_37).abs() < 1e-4);
        assert!((rows[2] + 1.0).abs() < 1e-6 && (rows[3] - 2.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn vector_instructions_and_plain_ones_give_the_same(
            rows in vec((-1_f32..1.0, -1_f32..1.0), 0..150),
        ) {
            let (left, right): (Vec<f32>, Vec<f32>) = rows.into_iter().unzip();
            let plain: f32 = left.iter().zip(&right).map(|(x, y)| x * y).sum();
            let near = |one: f32, other: f32| (one - other).abs() < 1e-4;
            prop_assert!(near(vectorised(InnerProduct(&left, &right)), plain));
            prop_assert!(near(inner_product(Scalar, &left, &right), plain));
        }

        #[test]
        fn a_power_of_e_is_that_of_the_standard_library(x in -87_f32..88.0) {
            prop_assert!((exponential(x) / x.exp() - 1.0).abs() <= 2.0 * f32::EPSILON);
        }
    }

    #[test]
    fn shares_sum_to_one_even_for_huge_scores() {
        let mut scores = vec![1000.0, 1000.0, -1000.0];
        shares(&mut scores);
        assert!((scores[0] - 0.5).abs() < 1e-6 && scores[2].abs() < 1e-6);
    }

    #[test]
    fn turning_keeps_lengths_and_leaves_position_zero_alone() {
        for pairing in [Pairing::Neighbours, Pairing::Halves] {
            let angles = Angles::new(&[0, 7], 4, Rotation { base: 10_000.0, scale: 1.0 }, None);
            let mut rows = vec![1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0];
            angles.turn(&mut rows, 4, pairing);
            assert_eq!(rows[..4], [1.0, 2.0, 3.0, 4.0]);
            let turned = &rows[4..];
            assert!((vectorised(InnerProduct(turned, turned)) - 30.0).abs() < 1e-4);
            assert!((rows[4] - 1.0).abs() > 0.1);
        }
    }
}
