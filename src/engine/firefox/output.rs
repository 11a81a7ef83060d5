//! The output product: how likely each token comes next.

use fxtranslate::gemm::PreparedB;
use fxtranslate::ops;
use fxtranslate::weights::Weights;

use super::layers::OUTPUT_BIAS;
use super::load::NetworkShape;
use crate::engine::constraint::Scores;

/// The kernel takes columns in groups of eight.
const GROUP: usize = 8;

/// The target tokens that may come out for a sentence.
pub(super) struct TokenCandidates {
    tokens: Vec<u32>,
    /// How many of them the network may say by itself; the others only where a term asks for them.
    free: usize,
}

impl TokenCandidates {
    /// Those that the network may say by itself, in rising order, and those that terms are written with.
    pub(super) fn new(free: Vec<u32>, of_terms: impl Iterator<Item = u32>) -> Self {
        let mut others: Vec<u32> = of_terms.filter(|token| free.binary_search(token).is_err()).collect();
        others.sort_unstable();
        others.dedup();
        Self { free: free.len(), tokens: [free, others].concat() }
    }
}

/// Scores the tokens that may come next in each row.
pub(super) struct Output<'a> {
    weights: &'a Weights,
    shape: NetworkShape,
    /// The candidates of each sentence, where it has any.
    choices: Vec<Option<Choice<'a>>>,
    /// Of each row the scores of its candidates.
    chosen: Vec<Vec<f32>>,
    /// Of each row the scores of all tokens, if they were computed.
    all: Vec<f32>,
}

/// The rows of the embedding table that a sentence may choose from.
///
/// A product with some two thousand rows instead of all 32,000 saves most of a decoder step. The rows are
/// gathered once a sentence, where the crate gathers them for every token; and the product runs in the kernel that
/// the full one runs in, where the crate takes a plain loop. The kernel adds pairs of products in 16 bits and
/// saturates, as in Firefox, so next to equal candidates may come out in another order than in the crate.
struct Choice<'a> {
    candidates: &'a TokenCandidates,
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
        candidates: impl Iterator<Item = Option<&'a TokenCandidates>>,
    ) -> Self {
        let bias = weights.f32(OUTPUT_BIAS).unwrap_or_else(|| vec![0.0; shape.vocabulary]);
        let choice = |candidates: Option<&'a TokenCandidates>| {
            let candidates = candidates.filter(|candidates| candidates.free > 0)?;
            let scale = weights.output_wemb_qmult()?;
            Some(Choice::new(weights, shape.width, &bias, candidates, scale))
        };
        let choices = candidates.map(choice).collect();
        Self { weights, shape, choices, chosen: Vec::new(), all: Vec::new() }
    }

    /// Scores the next token of each row; `sentences` says whose rows they are, `states` holds them.
    pub(super) fn score(&mut self, sentences: &[usize], states: &[f32]) {
        let Self { weights, shape, choices, chosen, all } = self;
        chosen.resize_with(chosen.len().max(sentences.len()), Vec::new);
        if sentences.iter().any(|&sentence| choices[sentence].as_ref().is_none_or(|c| c.table.is_none())) {
            weights.full_logits_batch_into(states, sentences.len(), all);
            let rows = sentences.iter().zip(all.chunks_exact(shape.vocabulary)).zip(chosen);
            for ((&sentence, all), scores) in rows {
                let tokens =
                    choices[sentence].as_ref().map_or(&[][..], |choice| choice.candidates.tokens.as_slice());
                scores.clear();
                scores.extend(tokens.iter().map(|&token| all[token as usize]));
            }
            return;
        }
        let mut shifted = Vec::new();
        let rows = sentences.iter().zip(states.chunks_exact(shape.width)).zip(chosen);
        for ((&sentence, state), scores) in rows {
            let Some(choice) = &choices[sentence] else { continue };
            let Some(table) = &choice.table else { continue };
            ops::prepare_a_into(state, choice.input_scale, &mut shifted);
            table.matmul_into(&shifted, 1, choice.output_scale, &choice.bias, scores);
        }
    }

    /// The scores of a row, which is of that sentence.
    pub(super) fn of_row(&self, row: usize, sentence: usize) -> Scores<'_> {
        let size = self.shape.vocabulary;
        match &self.choices[sentence] {
            Some(Choice { candidates: TokenCandidates { tokens, free }, .. }) => {
                Scores::of(tokens, *free, &self.chosen[row])
            }
            None => Scores::of_all(&self.all[row * size..(row + 1) * size]),
        }
    }
}

impl<'a> Choice<'a> {
    fn new(
        weights: &Weights,
        width: usize,
        bias: &[f32],
        candidates: &'a TokenCandidates,
        scale: f32,
    ) -> Self {
        let TokenCandidates { tokens, free } = candidates;
        // Columns that only fill up a group stay empty.
        let columns = tokens.len().next_multiple_of(GROUP);
        let mut rows = vec![0_i8; columns * width];
        for (row, &token) in rows.chunks_exact_mut(width).zip(tokens) {
            weights.output_wemb_int8_row(token, row);
        }
        let mut bias: Vec<f32> = tokens.iter().map(|&token| bias[token as usize]).collect();
        bias.resize(columns, 0.0);
        let input_scale = weights.output_qa();
        let output_scale = 1.0 / (input_scale * scale);
        let table = free.is_multiple_of(GROUP).then(|| PreparedB::new(&rows, columns, width));
        Self {
            bias: ops::prepare_bias(&rows, columns, width, &bias, output_scale),
            table: table.flatten(),
            candidates,
            input_scale,
            output_scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_of_terms_stand_behind_the_others_once() {
        let candidates = TokenCandidates::new(vec![1, 4, 9], [9, 7, 2, 7].into_iter());
        assert_eq!((candidates.tokens.as_slice(), candidates.free), ([1, 4, 9, 2, 7].as_slice(), 3));
    }
}
