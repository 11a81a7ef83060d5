//! Which stretches of two sequences are the same.

use std::collections::HashMap;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Two stretches are compared element by element only if the product of their lengths is at most this: what is longer
/// and has nothing that occurs once in both is another text, and is taken for one.
const CELLS: usize = 1 << 20;

/// A stretch of the old sequence and what stands in its place in the new one. Joined, they are both sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AlignedStretch {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
    pub(super) is_same: bool,
}

/// Aligns two sequences. The time grows with their lengths, whatever stands in them: what occurs once in both parts them, and
/// what is then left between is compared where it is short.
pub(super) fn align(old: &[u32], new: &[u32]) -> Vec<AlignedStretch> {
    let mut all: Vec<AlignedStretch> = Vec::new();
    let mut left = vec![(0..old.len(), 0..new.len())];
    while let Some((a, b)) = left.pop() {
        let head = old[a.clone()].iter().zip(&new[b.clone()]).take_while(|(a, b)| a == b).count();
        push(&mut all, a.start..a.start + head, b.start..b.start + head, true);
        let (a, b) = (a.start + head..a.end, b.start + head..b.end);
        let tail =
            old[a.clone()].iter().rev().zip(new[b.clone()].iter().rev()).take_while(|(a, b)| a == b).count();
        let (inner, behind) =
            ((a.start..a.end - tail, b.start..b.end - tail), (a.end - tail..a.end, b.end - tail..b.end));
        // The last one pushed is the first one taken.
        left.extend((tail > 0).then_some(behind));
        let (a, b) = inner;
        if a.is_empty() || b.is_empty() {
            push(&mut all, a, b, false);
        } else if let Some(parts) = parted(old, new, &a, &b) {
            left.extend(parts.into_iter().rev());
        } else {
            compare(old, new, &a, &b, &mut all);
        }
    }
    all
}

/// Which of the old texts each new one is, where texts came and went; `None` for one that is none of them.
#[must_use]
pub fn matched(old: &[&str], new: &[&str]) -> Vec<Option<usize>> {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut ids = Vec::with_capacity(old.len() + new.len());
    for text in old.iter().chain(new) {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        ids.push(*numbers.entry(text).or_insert(next));
    }
    let (old, new) = ids.split_at(old.len());
    let mut matched = vec![None; new.len()];
    for stretch in align(old, new).into_iter().filter(|stretch| stretch.is_same) {
        for (from, to) in stretch.old.zip(stretch.new) {
            matched[to] = Some(from);
        }
    }
    matched
}

/// The parts between what occurs once in both stretches; `None` if nothing does.
fn parted(
    old: &[u32],
    new: &[u32],
    a: &Range<usize>,
    b: &Range<usize>,
) -> Option<Vec<(Range<usize>, Range<usize>)>> {
    let mut places: HashMap<u32, (usize, usize, usize, usize)> = HashMap::new();
    for at in a.clone() {
        let place = places.entry(old[at]).or_default();
        (place.0, place.1) = (place.0 + 1, at);
    }
    for at in b.clone() {
        if let Some(place) = places.get_mut(&new[at]) {
            (place.2, place.3) = (place.2 + 1, at);
        }
    }
    let once = places.into_values().filter(|(in_old, _, in_new, _)| (*in_old, *in_new) == (1, 1));
    let mut once: Vec<(usize, usize)> = once.map(|(_, old, _, new)| (old, new)).collect();
    once.sort_unstable();
    let anchors = in_order(&once);
    if anchors.is_empty() {
        return None;
    }
    let mut parts = Vec::with_capacity(anchors.len() + 1);
    let (mut from_old, mut from_new) = (a.start, b.start);
    for (at_old, at_new) in anchors {
        parts.push((from_old..at_old, from_new..at_new));
        // With the anchor itself: what comes behind it begins alike.
        (from_old, from_new) = (at_old, at_new);
    }
    parts.push((from_old..a.end, from_new..b.end));
    Some(parts)
}

/// The most of some places that are in order in both sequences; they are in that of the first.
fn in_order(places: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The ends of the chains of each length, and what stands before each place in its chain.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; places.len()];
    for (index, (_, new)) in places.iter().enumerate() {
        let length = ends.partition_point(|end| places[*end].1 < *new);
        before[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() { ends.push(index) } else { ends[length] = index }
    }
    let mut chain = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        chain.push(places[index]);
        next = before[index];
    }
    chain.reverse();
    chain
}

/// Compares two stretches element by element.
fn compare(old: &[u32], new: &[u32], a: &Range<usize>, b: &Range<usize>, all: &mut Vec<AlignedStretch>) {
    if a.len().saturating_mul(b.len()) > CELLS {
        return push(all, a.clone(), b.clone(), false);
    }
    for op in capture_diff_slices(Algorithm::Myers, &old[a.clone()], &new[b.clone()]) {
        let is_same = matches!(op, DiffOp::Equal { .. });
        let (from, to) = (op.old_range(), op.new_range());
        push(all, a.start + from.start..a.start + from.end, b.start + to.start..b.start + to.end, is_same);
    }
}

/// Adds a stretch, joined with the one before if both are the same or neither is.
fn push(all: &mut Vec<AlignedStretch>, old: Range<usize>, new: Range<usize>, is_same: bool) {
    if old.is_empty() && new.is_empty() {
        return;
    }
    match all.last_mut() {
        Some(last) if last.is_same == is_same => (last.old.end, last.new.end) = (old.end, new.end),
        _ => all.push(AlignedStretch { old, new, is_same }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_stretches_joined_are_both_sequences(
            old in prop::collection::vec(0..6u32, 0..30),
            new in prop::collection::vec(0..6u32, 0..30),
        ) {
            let all = align(&old, &new);
            let (mut at_old, mut at_new) = (0, 0);
            for AlignedStretch { old: from, new: to, is_same } in &all {
                prop_assert_eq!((from.start, to.start), (at_old, at_new));
                prop_assert_eq!(*is_same, old[from.clone()] == new[to.clone()]);
                (at_old, at_new) = (from.end, to.end);
            }
            prop_assert_eq!((at_old, at_new), (old.len(), new.len()));
        }
    }

    #[test]
    fn a_change_costs_what_it_touches() {
        let old: Vec<u32> = (0..50_000).collect();
        let mut new = old.clone();
        new.splice(20_000..20_001, [70_000, 70_001]);
        new.remove(40_000);
        let changed: Vec<_> = align(&old, &new).into_iter().filter(|stretch| !stretch.is_same).collect();
        assert_eq!(changed.len(), 2);
        assert_eq!((changed[0].old.clone(), changed[0].new.clone()), (20_000..20_001, 20_000..20_002));
    }

    #[test]
    fn two_long_texts_without_anything_in_common_are_not_compared_word_by_word() {
        let old = vec![1; 200_000];
        let new: Vec<u32> = (0..200_000).map(|at| if at % 2 == 0 { 1 } else { 2 }).collect();
        assert!(!align(&old, &new).is_empty());
    }
}
