//! Attention over what a text has seen.

use pulp::{Simd, WithSimd};

use super::cache::SeenKeys;
use super::ops::{add_scaled, inner_product, shares};
use super::shape::ModelShape;

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

impl WithSimd for AttentionHeads<'_> {
    type Output = ();

    /// Mixes the values that a position sees, by how well its queries go with their keys.
    #[expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { shape, heads, kv_head, position, window, seen, mixed } = self;
        let positions = window.map_or(0, |window| (position + 1).saturating_sub(window))..position + 1;
        let count = positions.len();
        let mut scores = vec![0f32; count * mixed.len() / shape.head];
        let width = shape.kv_heads * shape.head;
        let part = kv_head * shape.head..(kv_head + 1) * shape.head;
        let mut index = 0;
        for piece in seen.keys(positions.clone(), width) {
            for key in piece.chunks_exact(width) {
                let key = &key[part.clone()];
                for (head, scores) in heads.chunks_exact(shape.head).zip(scores.chunks_exact_mut(count)) {
                    scores[index] = inner_product(simd, head, key) * shape.query_scale;
                }
                index += 1;
            }
        }
        scores.chunks_exact_mut(count).for_each(shares);
        mixed.fill(0.0);
        let mut index = 0;
        for piece in seen.values(positions, width) {
            for value in piece.chunks_exact(width) {
                let value = &value[part.clone()];
                for (head, scores) in mixed.chunks_exact_mut(shape.head).zip(scores.chunks_exact(count)) {
                    add_scaled(simd, head, value, scores[index]);
                }
                index += 1;
            }
        }
    }
}
