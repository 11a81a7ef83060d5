//! The target shared out between slots, each a stretch without a hole.

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
