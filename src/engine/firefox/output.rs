//! The output product: which token comes next.

use fxtranslate::gemm::PreparedB;
use fxtranslate::ops;
use fxtranslate::weights::Weights;

use super::layers::OUTPUT_BIAS;
use super::load::NetworkShape;

/// Chooses the next token of each sentence.
pub(super) struct Output<'a> {
    weights: &'a Weights,
    shape: NetworkShape,
    /// The candidates of each sentence, where it has any.
    choices: Vec<Option<Choice<'a>>>,
    logits: Vec<f32>,
}

/// The rows of the embedding table that a sentence may choose from.
///
/// A product with some two thousand rows instead of all 32,000 saves most of a decoder step. The rows are
/// gathered once a sentence, where the crate gathers them for every token; and the product runs in the kernel that
/// the full one runs in, where the crate takes a plain loop. The kernel adds pairs of products in 16 bits and
/// saturates, as in Firefox, so next to equal candidates may come out in another order than in the crate.
struct Choice<'a> {
    candidates: &'a [u32],
    /// The gathered rows; `None` where this processor has no kernel for them.
    table: Option<PreparedB>,
    bias: Vec<f32>,
    input_scale: f32,
    output_scale: f32,
}

impl<'a> Output<'a> {
    /// Gathers the rows that each sentence may choose from: those of its candidates, where it has any.
    pub(super) fn new(
        weights: &'a Weights,
        shape: NetworkShape,
        candidates: impl Iterator<Item = Option<&'a [u32]>>,
    ) -> Self {
        let bias = weights.f32(OUTPUT_BIAS).unwrap_or_else(|| vec![0.0; shape.vocabulary]);
        let choice = |candidates: Option<&'a [u32]>| {
            let candidates = candidates.filter(|candidates| !candidates.is_empty())?;
            let scale = weights.output_wemb_qmult()?;
            Some(Choice::new(weights, shape.width, &bias, candidates, scale))
        };
        Self { weights, shape, choices: candidates.map(choice).collect(), logits: Vec::new() }
    }

    /// The best next token of each active sentence; `states` holds a row for each of them.
    pub(super) fn choose(&mut self, active: &[usize], states: &[f32]) -> Vec<u32> {
        if active.iter().any(|&sentence| self.choices[sentence].as_ref().is_none_or(|c| c.table.is_none())) {
            return self.choose_from_all(active, states);
        }
        let mut shifted = Vec::new();
        let mut chosen = Vec::with_capacity(active.len());
        for (&sentence, state) in active.iter().zip(states.chunks_exact(self.shape.width)) {
            let Some(choice) = &self.choices[sentence] else { continue };
            let Some(table) = &choice.table else { continue };
            ops::prepare_a_into(state, choice.input_scale, &mut shifted);
            table.matmul_into(&shifted, 1, choice.output_scale, &choice.bias, &mut self.logits);
            chosen.push(choice.candidates[best(self.logits.iter().copied())]);
        }
        chosen
    }

    fn choose_from_all(&mut self, active: &[usize], states: &[f32]) -> Vec<u32> {
        self.weights.full_logits_batch_into(states, active.len(), &mut self.logits);
        let rows = active.iter().zip(self.logits.chunks_exact(self.shape.vocabulary));
        rows.map(|(&sentence, logits)| match &self.choices[sentence] {
            Some(choice) => {
                choice.candidates[best(choice.candidates.iter().map(|&token| logits[token as usize]))]
            }
            #[expect(clippy::cast_possible_truncation, reason = "tokens are 32-bit in the format")]
            None => best(logits.iter().copied()) as u32,
        })
        .collect()
    }
}

impl<'a> Choice<'a> {
    fn new(weights: &Weights, width: usize, bias: &[f32], candidates: &'a [u32], scale: f32) -> Self {
        let mut rows = vec![0_i8; candidates.len() * width];
        for (row, &token) in rows.chunks_exact_mut(width).zip(candidates) {
            weights.output_wemb_int8_row(token, row);
        }
        let bias: Vec<f32> = candidates.iter().map(|&token| bias[token as usize]).collect();
        let input_scale = weights.output_qa();
        let output_scale = 1.0 / (input_scale * scale);
        // The kernel takes columns in groups of eight.
        let table =
            candidates.len().is_multiple_of(8).then(|| PreparedB::new(&rows, candidates.len(), width));
        Self {
            bias: ops::prepare_bias(&rows, candidates.len(), width, &bias, output_scale),
            table: table.flatten(),
            candidates,
            input_scale,
            output_scale,
        }
    }
}

/// The place of the largest value, the first of equal ones.
fn best(values: impl Iterator<Item = f32>) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (place, value) in values.enumerate() {
        if value > best.1 {
            best = (place, value);
        }
    }
    best.0
}
