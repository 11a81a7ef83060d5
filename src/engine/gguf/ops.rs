//! The arithmetic between the matrix products, on plain rows of numbers.

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

    #[expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        inner_product(simd, self.0, self.1)
    }
}

/// The inner product, in sums that run side by side.
#[expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]
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

/// Adds a multiple of a row.
#[expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]
#[inline(always)]
pub(super) fn add_scaled<S: Simd>(simd: S, to: &mut [f32], row: &[f32], factor: f32) {
    let ((to, to_rest), (row, row_rest)) = (S::as_mut_simd_f32s(to), S::as_simd_f32s(row));
    let factors = simd.splat_f32s(factor);
    for (sum, value) in to.iter_mut().zip(row) {
        *sum = simd.mul_add_e_f32s(factors, *value, *sum);
    }
    for (sum, value) in to_rest.iter_mut().zip(row_rest) {
        *sum += factor * value;
    }
}

/// Turns scores into shares that sum to one.
pub(super) fn shares(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

/// Bends the gate and multiplies it with the values it lets through.
pub(super) fn gate(gates: &mut [f32], values: &[f32], activation: Activation) {
    /// A power of e takes as long as this many multiplications.
    const BEND: usize = 32;
    let work = |(gates, values): (&mut [f32], &[f32])| {
        for (gate, value) in gates.iter_mut().zip(values) {
            *gate = value * bend(*gate, activation);
        }
    };
    let (count, size) = (gates.len(), gates.len().div_ceil(16).max(1024));
    spread(gates.chunks_mut(size).zip(values.chunks(size)).collect(), BEND * count, work);
}

fn bend(x: f32, activation: Activation) -> f32 {
    /// √(2/π), of the tanh form of GELU.
    const ROOT: f32 = 0.797_884_6;
    match activation {
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Gelu => 0.5 * x * (1.0 + (ROOT * x * (1.0 + 0.044_715 * x * x)).tanh()),
    }
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
        assert!((bend(1.0, Activation::Gelu) - 0.841_192).abs() < 1e-5);
        assert!((bend(1.0, Activation::Silu) - 0.731_058).abs() < 1e-5);
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
            factor in -1_f32..1.0,
        ) {
            let (left, right): (Vec<f32>, Vec<f32>) = rows.into_iter().unzip();
            let plain: f32 = left.iter().zip(&right).map(|(x, y)| x * y).sum();
            let near = |one: f32, other: f32| (one - other).abs() < 1e-4;
            prop_assert!(near(vectorised(InnerProduct(&left, &right)), plain));
            prop_assert!(near(inner_product(Scalar, &left, &right), plain));
            let mut sums = left.clone();
            add_scaled(Scalar, &mut sums, &right, factor);
            prop_assert!((0..left.len()).all(|at| near(sums[at], left[at] + factor * right[at])));
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
