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
    for (index, key) in part(shape, seen.keys, query.kv_head, first).take(count).enumerate() {
        for (head, scores) in query.heads.chunks_exact(shape.head).zip(scores.chunks_exact_mut(count)) {
            scores[index] = dot(head, key) * shape.query_scale;
        }
    }
    scores.chunks_exact_mut(count).for_each(shares);
    mixed.fill(0.0);
    for (index, value) in part(shape, seen.values, query.kv_head, first).take(count).enumerate() {
        for (head, scores) in mixed.chunks_exact_mut(shape.head).zip(scores.chunks_exact(count)) {
            add_scaled(head, value, scores[index]);
        }
    }
}

/// One head of every position from `first` on.
fn part<'a>(
    shape: &ModelShape,
    [shared, own]: [&'a [f32]; 2],
    kv_head: usize,
    first: usize,
) -> impl Iterator<Item = &'a [f32]> {
    let (row, head) = (shape.kv_heads * shape.head, shape.head);
    let skipped = (first * row).min(shared.len());
    let (shared, own) = (&shared[skipped..], &own[first * row - skipped..]);
    let rows = shared.chunks_exact(row).chain(own.chunks_exact(row));
    rows.map(move |row| &row[kv_head * head..(kv_head + 1) * head])
}
