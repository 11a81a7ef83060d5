//! Attention over what a text has seen.

use super::cache::SeenKeys;
use super::ops::{add_scaled, dot, shares};
use super::shape::ModelShape;

/// The query heads of one position that share a head of keys and values.
pub(super) struct AttentionQuery<'a> {
    /// `heads / kv_heads` heads, one after the other.
    pub(super) heads: &'a [f32],
    /// Which head of keys and values.
    pub(super) kv_head: usize,
    /// The position asking; it sees itself and what is before it.
    pub(super) position: usize,
    /// How many positions it sees, its own included; `None` for all.
    pub(super) window: Option<usize>,
}

/// Mixes the values that a position sees, by how well its queries go with their keys.
///
/// `mixed` has the layout of the query's heads.
pub(super) fn attend(shape: &ModelShape, query: &AttentionQuery<'_>, seen: SeenKeys<'_>, mixed: &mut [f32]) {
    let first = query.window.map_or(0, |window| (query.position + 1).saturating_sub(window));
    let count = query.position + 1 - first;
    let mut scores = vec![0f32; count * mixed.len() / shape.head];
    let width = shape.kv_heads * shape.head;
    let part = query.kv_head * shape.head..(query.kv_head + 1) * shape.head;
    // Iterating from within keeps the loop over the pieces of a cache out of the loop over positions.
    seen.keys(width).skip(first).take(count).enumerate().for_each(|(index, key)| {
        let key = &key[part.clone()];
        for (head, scores) in query.heads.chunks_exact(shape.head).zip(scores.chunks_exact_mut(count)) {
            scores[index] = dot(head, key) * shape.query_scale;
        }
    });
    scores.chunks_exact_mut(count).for_each(shares);
    mixed.fill(0.0);
    seen.values(width).skip(first).take(count).enumerate().for_each(|(index, value)| {
        let value = &value[part.clone()];
        for (head, scores) in mixed.chunks_exact_mut(shape.head).zip(scores.chunks_exact(count)) {
            add_scaled(head, value, scores[index]);
        }
    });
}
