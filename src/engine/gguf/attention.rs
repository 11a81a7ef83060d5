//! Attention over what a text has seen.

#![expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::cache::{KeyLine, SeenKeys, TILE};
use super::ops::shares;
use super::shape::ModelShape;

/// Heads that are worked on at once, each in registers of its own.
const HEADS: usize = 4;

/// Vectors of a value that are worked on at once.
const VECTORS: usize = 4;

/// The query heads of one position that share a head of keys and values, and what they look at.
pub(super) struct AttentionHeads<'a> {
    pub(super) shape: &'a ModelShape,
    /// `heads / kv_heads` heads, one after the other.
    pub(super) heads: &'a [f32],
    /// Which head of keys and values.
    pub(super) kv_head: usize,
    /// The position asking; it sees itself and what is before it.
    pub(super) position: usize,
    /// How many positions it sees, its own included; `None` for all.
    pub(super) window: Option<usize>,
    pub(super) seen: SeenKeys<'a>,
    /// Where the values are mixed, in the layout of the heads.
    pub(super) mixed: &'a mut [f32],
}

/// What some heads look at.
struct HeadsView<'a> {
    seen: SeenKeys<'a>,
    positions: Range<usize>,
    /// The numbers of a position's keys.
    width: usize,
    /// Those of the heads.
    part: Range<usize>,
}

impl WithSimd for AttentionHeads<'_> {
    type Output = ();

    /// Mixes the values that a position sees, by how well its queries go with their keys.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { shape, heads, kv_head, position, window, seen, mixed } = self;
        let positions = window.map_or(0, |window| (position + 1).saturating_sub(window))..position + 1;
        let part = kv_head * shape.head..(kv_head + 1) * shape.head;
        let view = HeadsView { seen, positions, width: shape.kv_heads * shape.head, part };
        // As many at once each time: six heads are three and three.
        let count = heads.len() / shape.head;
        let at_once = count.div_ceil(count.div_ceil(HEADS)) * shape.head;
        for (heads, mixed) in heads.chunks(at_once).zip(mixed.chunks_mut(at_once)) {
            let scale = shape.query_scale;
            match heads.len() / shape.head {
                4 => view.mix::<S, 4>(simd, heads, scale, mixed),
                3 => view.mix::<S, 3>(simd, heads, scale, mixed),
                2 => view.mix::<S, 2>(simd, heads, scale, mixed),
                _ => view.mix::<S, 1>(simd, heads, scale, mixed),
            }
        }
    }
}

impl HeadsView<'_> {
    /// Mixes the values for `H` heads.
    #[inline(always)]
    fn mix<S: Simd, const H: usize>(&self, simd: S, heads: &[f32], scale: f32, mixed: &mut [f32]) {
        let count = self.positions.len();
        let mut scores = vec![0.0; H * count];
        self.score::<S, H>(simd, &side_by_side(heads, self.part.len()), scale, &mut scores);
        for scores in scores.chunks_exact_mut(count) {
            shares(scores);
        }
        self.add::<S, H>(simd, &side_by_side(&scores, count), mixed);
    }

    /// How well `H` queries go with each key.
    #[inline(always)]
    fn score<S: Simd, const H: usize>(&self, simd: S, queries: &[[f32; H]], scale: f32, scores: &mut [f32]) {
        let count = self.positions.len();
        let mut index = 0;
        for piece in self.seen.pieces(self.positions.clone(), self.width) {
            for tile in piece.tiles(self.width) {
                let products = products(simd, &tile.lines[self.part.clone()], queries);
                for (head, products) in products.iter().enumerate() {
                    let scores = &mut scores[head * count + index..][..tile.places.len()];
                    for (score, product) in scores.iter_mut().zip(&products.0[tile.places.clone()]) {
                        *score = product * scale;
                    }
                }
                index += tile.places.len();
            }
        }
    }

    /// Adds up the values, each as often as its share says.
    #[inline(always)]
    fn add<S: Simd, const H: usize>(&self, simd: S, shares: &[[f32; H]], mixed: &mut [f32]) {
        let (head, step) = (self.part.len(), VECTORS * S::F32_LANES);
        let mut from = 0;
        while from + step <= head {
            let mut sums = [[simd.splat_f32s(0.0); VECTORS]; H];
            let mut shares = shares.iter();
            for piece in self.seen.pieces(self.positions.clone(), self.width) {
                for (value, share) in piece.values.chunks_exact(self.width).zip(shares.by_ref()) {
                    let (value, _) = S::as_simd_f32s(&value[self.part.start + from..][..step]);
                    let Some(value) = value.first_chunk::<VECTORS>() else { return };
                    for h in 0..H {
                        let share = simd.splat_f32s(share[h]);
                        for v in 0..VECTORS {
                            sums[h][v] = simd.mul_add_e_f32s(share, value[v], sums[h][v]);
                        }
                    }
                }
            }
            for h in 0..H {
                let (mixed, _) = S::as_mut_simd_f32s(&mut mixed[h * head + from..][..step]);
                for (mixed, sum) in mixed.iter_mut().zip(sums[h]) {
                    *mixed = sum;
                }
            }
            from += step;
        }
        // What is left of a head whose width is no multiple.
        for at in from..head {
            let mut sums = [0.0; H];
            let mut shares = shares.iter();
            for piece in self.seen.pieces(self.positions.clone(), self.width) {
                for (value, share) in piece.values.chunks_exact(self.width).zip(shares.by_ref()) {
                    for h in 0..H {
                        sums[h] += share[h] * value[self.part.start + at];
                    }
                }
            }
            for h in 0..H {
                mixed[h * head + at] = sums[h];
            }
        }
    }
}

/// The products of `H` queries with the keys of a tile.
#[inline(always)]
fn products<S: Simd, const H: usize>(simd: S, lines: &[KeyLine], queries: &[[f32; H]]) -> [KeyLine; H] {
    let mut products = [KeyLine::default(); H];
    for vector in 0..TILE / S::F32_LANES {
        let mut sums = [simd.splat_f32s(0.0); H];
        for (line, query) in lines.iter().zip(queries) {
            let keys = S::as_simd_f32s(&line.0).0[vector];
            for h in 0..H {
                sums[h] = simd.mul_add_e_f32s(simd.splat_f32s(query[h]), keys, sums[h]);
            }
        }
        for h in 0..H {
            S::as_mut_simd_f32s(&mut products[h].0).0[vector] = sums[h];
        }
    }
    products
}

/// The first number of each row, then the second, and so on.
#[inline(always)]
fn side_by_side<const H: usize>(rows: &[f32], width: usize) -> Vec<[f32; H]> {
    let mut turned = vec![[0.0; H]; width];
    for (h, row) in rows.chunks_exact(width).enumerate() {
        for (turned, number) in turned.iter_mut().zip(row) {
            turned[h] = *number;
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use pulp::Scalar;

    use super::super::cache::Cache;
    use super::super::ops::vectorised;
    use super::super::shape::{Activation, Pairing, Rotation};
    use super::*;

    const SCALE: f32 = 0.3;

    fn shape(head: usize, kv_heads: usize, group: usize) -> ModelShape {
        ModelShape {
            layers: 1,
            width: 1,
            inner: 1,
            heads: kv_heads * group,
            kv_heads,
            head,
            context: 100,
            epsilon: 0.0,
            embedding_scale: 1.0,
            query_scale: SCALE,
            activation: Activation::Silu,
            pairing: Pairing::Halves,
            rotation: Rotation { base: 1.0, scale: 1.0 },
            sliding: None,
        }
    }

    /// The definition: values, weighted with the powers of e of the products of query and key.
    fn defined(heads: &[f32], keys: &[Vec<f32>], values: &[Vec<f32>], head: usize) -> Vec<f32> {
        let mut all = Vec::new();
        for query in heads.chunks_exact(head) {
            let product = |key: &Vec<f32>| query.iter().zip(key).map(|(x, y)| x * y).sum::<f32>();
            let weights: Vec<f32> = keys.iter().map(|key| (SCALE * product(key)).exp()).collect();
            let sum: f32 = weights.iter().sum();
            for at in 0..head {
                all.push(weights.iter().zip(values).map(|(weight, value)| weight / sum * value[at]).sum());
            }
        }
        all
    }

    proptest! {
        #[test]
        fn attention_is_what_its_definition_says(
            head in 1_usize..80,
            group in 1_usize..10,
            pieces in vec(1_usize..40, 1..4),
            window in proptest::option::of(1_usize..40),
            kv_head in 0_usize..2,
            seed in any::<u32>(),
        ) {
            let mut noise = seed;
            let mut numbers = |count: usize| -> Vec<f32> {
                (0..count)
                    .map(|_| {
                        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        f32::from(u16::try_from(noise >> 16).unwrap()) / 32_768.0 - 1.0
                    })
                    .collect()
            };
            let (shape, width) = (shape(head, 2, group), 2 * head);
            let mut cache = Cache::new(1);
            let (mut keys, mut values) = (Vec::new(), Vec::new());
            for count in pieces {
                let more = [numbers(count * width), numbers(count * width)];
                cache.append(0, &more[0], &more[1], width);
                cache.advance(count);
                cache = cache.fork(cache.count());
                keys.extend_from_slice(&more[0]);
                values.extend_from_slice(&more[1]);
            }
            let heads = numbers(group * head);
            let position = cache.count() - 1;
            let first = window.map_or(0, |window| (position + 1).saturating_sub(window));
            let seen = |numbers: &[f32]| -> Vec<Vec<f32>> {
                let rows = numbers.chunks_exact(width).skip(first);
                rows.map(|row| row[kv_head * head..][..head].to_vec()).collect()
            };
            let expected = defined(&heads, &seen(&keys), &seen(&values), head);
            for is_scalar in [false, true] {
                let (mut mixed, seen) = (vec![f32::NAN; heads.len()], cache.seen(0));
                let heads = &heads;
                let attention =
                    AttentionHeads { shape: &shape, heads, kv_head, position, window, seen, mixed: &mut mixed };
                if is_scalar { attention.with_simd(Scalar) } else { vectorised(attention) }
                for (one, other) in mixed.iter().zip(&expected) {
                    prop_assert!((one - other).abs() < 1e-4, "{mixed:?} {expected:?}");
                }
            }
        }
    }
}
