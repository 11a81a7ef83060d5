//! The target shared out between slots, each a stretch without a hole.

use std::ops::Range;

use super::slot::MarkupSlot;
use super::tokens::TargetToken;

/// For each token the place of its slot: never decreasing, at the least cost. `weights` says what it costs to
/// leave each place without a token.
pub(super) fn cheapest(tokens: usize, weights: &[f32], cost: impl Fn(usize, usize) -> f32) -> Vec<usize> {
    let places = weights.len();
    // At index n, what it costs to leave out the first n places.
    let mut left_out = vec![0.0_f32];
    for weight in weights {
        left_out.push(left_out[left_out.len() - 1] + weight);
    }
    let mut sums: Vec<f32> = left_out[..places].to_vec();
    let mut from = vec![0_u32; tokens * places];
    for token in 0..tokens {
        let mut best = (f32::INFINITY, 0);
        let mut next = vec![0.0; places];
        for place in 0..places {
            let step = if token == 0 {
                (sums[place], place)
            } else {
                let stay = (sums[place], place);
                let come = (best.0 + left_out[place], best.1);
                if stay.0 <= come.0 { stay } else { come }
            };
            // To come from here means to leave out what lies between.
            let leave = sums[place] - left_out[place + 1];
            if leave < best.0 {
                best = (leave, place);
            }
            next[place] = step.0 + cost(token, place);
            from[token * places + place] = u32::try_from(step.1).unwrap_or_default();
        }
        sums = next;
    }
    let all = left_out[places];
    let end = (0..places).min_by(|&a, &b| {
        let total = |place: usize| sums[place] + all - left_out[place + 1];
        total(a).total_cmp(&total(b))
    });
    let mut place = end.unwrap_or_default();
    let mut chosen = vec![0; tokens];
    for token in (0..tokens).rev() {
        chosen[token] = place;
        place = from[token * places + place] as usize;
    }
    chosen
}

/// The stretch of each slot from the places of the tokens.
pub(super) fn stretches(
    order: &[usize],
    tokens: &[TargetToken],
    chosen: &[usize],
    end: usize,
) -> Vec<(usize, Range<usize>)> {
    let mut start = 0;
    let stretch = |(place, &slot): (usize, &usize)| {
        let behind = chosen.partition_point(|&chosen| chosen <= place);
        let stop = tokens.get(behind).map_or(end, |token| token.span.start);
        let span = start..stop;
        start = stop;
        (slot, span)
    };
    order.iter().enumerate().map(stretch).collect()
}

/// Shares the target out by the lengths in the source, at the borders of words.
pub(super) fn by_length(
    slots: &[MarkupSlot],
    tokens: &[TargetToken],
    target: &str,
) -> Vec<(usize, Range<usize>)> {
    let open = |slot: &MarkupSlot| if slot.is_fixed { 0 } else { slot.source.len() };
    let all: usize = slots.iter().map(open).sum::<usize>().max(1);
    let last = slots.iter().rposition(|slot| !slot.is_fixed).unwrap_or(slots.len() - 1);
    let (mut start, mut sum) = (0, 0_usize);
    let stretch = |(index, slot): (usize, &MarkupSlot)| {
        sum += open(slot);
        let share = sum.saturating_mul(target.len()) / all;
        let at = tokens.partition_point(|token| token.span.start < share);
        let border = tokens.get(at).map_or(target.len(), |token| token.span.start);
        let end = match index {
            _ if slot.is_fixed && index != last => start,
            _ if index >= last => target.len(),
            _ => border.max(start),
        };
        let span = start..end;
        start = end;
        (index, span)
    };
    slots.iter().enumerate().map(stretch).collect()
}
