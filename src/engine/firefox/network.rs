//! The forward pass: encoder, SSRU decoder, greedy choice, attention kept as alignment.
//!
//! The crate's own `greedy_batch` gives no alignment, and its `translate_aligned` works on one sentence at a
//! time and projects the encoder's output again for every word. This pass gives both at the speed of a batch:
//! it uses the crate's products and tables, keeps the attention that is computed anyway, and lays sentences of
//! different length end to end instead of padding them. Its tokens are those of the crate (see the tests).

use std::f32::consts::FRAC_PI_2;
use std::ops::Range;

use fxtranslate::ops;
use fxtranslate::weights::Weights;

use crate::engine::repetition::first_loop;
use crate::model::Cut;

use super::layers::{Affine, Attention, DecoderLayer, FeedForward, NetworkLayers};
use super::load::NetworkShape;
use super::output::Output;

/// Tokens that come out for a source of `n` tokens at most: `2n + 4`, and never more than this (as in Marian).
const MOST_TOKENS: usize = 256;

/// A network, shared by all threads.
pub(super) struct Network {
    weights: Weights,
    layers: NetworkLayers,
    shape: NetworkShape,
    /// Angle of the positional encoding by component: `position · frequency + offset`.
    angles: Vec<(f32, f32)>,
}

/// A sentence as the network sees it.
pub(super) struct NetworkInput {
    /// Source tokens, the end mark included.
    pub(super) tokens: Vec<u32>,
    /// The target tokens that may come out, in rising order; `None` for all of them.
    pub(super) candidates: Option<Vec<u32>>,
}

/// What came out for a sentence.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Decoded {
    /// Target tokens without the end mark.
    pub(super) tokens: Vec<u32>,
    /// For each target token, how much it looked at each source token; each row adds up to 1.
    pub(super) attention: Vec<Vec<f32>>,
    /// Why it ends where it ends, if not by the end mark.
    pub(super) cut: Option<Cut>,
}

impl Decoded {
    /// Notes that the limit was reached. If that was in a loop, its first round is left, unless the source has
    /// loops, too.
    fn run_away(&mut self, source: &[u32]) {
        self.cut = Some(Cut::Runaway);
        if let Some(length) = first_loop(&self.tokens).filter(|_| first_loop(source).is_none()) {
            self.tokens.truncate(length);
            self.attention.truncate(length);
            self.cut = Some(Cut::Loop);
        }
    }
}

/// Activations of several sentences, laid end to end.
struct Sources {
    /// The rows of each sentence.
    rows: Vec<Range<usize>>,
    /// All rows, each as wide as the network.
    states: Vec<f32>,
}

/// Keys and values that an attention looks at.
struct EncoderMemory {
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// The rows of a memory that belong to one sentence.
struct NetworkView<'a> {
    memory: &'a EncoderMemory,
    rows: &'a Range<usize>,
}

/// What a decoder layer works on at one place of the target.
struct DecoderStep<'a> {
    /// The sentences that are not finished, one for each row of the state.
    active: &'a [usize],
    sources: &'a Sources,
    memory: &'a EncoderMemory,
}

impl Network {
    /// Makes a network of tensors that [`load`](super::load::load) has checked.
    pub(super) fn new(weights: Weights, layers: NetworkLayers, shape: NetworkShape) -> Self {
        let half = shape.width / 2;
        #[expect(clippy::cast_precision_loss, reason = "a width has few digits")]
        let angle = |c: usize| {
            let frequency = 1e-4_f32.powf((c % half) as f32 / (half as f32 - 1.0));
            (frequency, (c / half) as f32 * FRAC_PI_2)
        };
        let angles = (0..shape.width).map(angle).collect();
        Self { weights, layers, shape, angles }
    }

    /// Translates sentences together; `end` is the end mark's token.
    pub(super) fn translate(&self, inputs: &[NetworkInput], end: u32) -> Vec<Decoded> {
        let sources = self.encode(inputs);
        let memories: Vec<EncoderMemory> = self.memories(&sources);
        let limit = |input: &NetworkInput| (2 * input.tokens.len() + 4).min(MOST_TOKENS);
        let candidates = inputs.iter().map(|input| input.candidates.as_deref());
        let mut output = Output::new(&self.weights, self.shape, candidates);
        let mut decoded = vec![Decoded::default(); inputs.len()];
        let mut previous = vec![end; inputs.len()];
        let mut active: Vec<usize> = (0..inputs.len()).collect();
        let cells = vec![0.0; inputs.len() * self.shape.width];
        let mut cells = vec![cells; self.layers.decoder.len()];
        // Every sentence has reached its limit by the last position.
        for position in 0..=MOST_TOKENS {
            active.retain(|&sentence| {
                let goes_on = position < limit(&inputs[sentence]);
                if !goes_on {
                    decoded[sentence].run_away(&inputs[sentence].tokens);
                }
                goes_on
            });
            if active.is_empty() {
                break;
            }
            let mut state = self.embed_targets(&active, &previous, position);
            let mut attention = Vec::new();
            for ((layer, memory), cells) in self.layers.decoder.iter().zip(&memories).zip(&mut cells) {
                let step = DecoderStep { active: &active, sources: &sources, memory };
                attention = self.decode(layer, &step, cells, &mut state);
            }
            let chosen = output.choose(&active, &state);
            let mut rows = attention.into_iter();
            let mut kept = Vec::with_capacity(active.len());
            for (&sentence, token) in active.iter().zip(chosen) {
                let row = rows.next().unwrap_or_default();
                if token != end {
                    decoded[sentence].tokens.push(token);
                    decoded[sentence].attention.push(row);
                    previous[sentence] = token;
                    kept.push(sentence);
                }
            }
            active = kept;
        }
        decoded
    }

    fn encode(&self, inputs: &[NetworkInput]) -> Sources {
        let width = self.shape.width;
        let mut rows = Vec::with_capacity(inputs.len());
        let mut end = 0;
        for input in inputs {
            rows.push(end..end + input.tokens.len());
            end += input.tokens.len();
        }
        let mut states = vec![0.0; end * width];
        for (input, rows) in inputs.iter().zip(&rows) {
            for (position, &token) in input.tokens.iter().enumerate() {
                let row = rows.start + position;
                let state = &mut states[row * width..(row + 1) * width];
                self.weights.src_embed_row_into(token, state);
                self.place(state, position);
            }
        }
        for layer in &self.layers.encoder {
            let attention = &layer.attention;
            let queries = self.product(&attention.query, &states, end);
            let memory = self.memory(attention, &states, end);
            let mut joined = vec![0.0; states.len()];
            let mut scores = Vec::new();
            for rows in &rows {
                for row in rows.clone() {
                    let at = row * width..(row + 1) * width;
                    self.attend(
                        &queries[at.clone()],
                        &NetworkView { memory: &memory, rows },
                        &mut joined[at],
                        &mut scores,
                    );
                }
            }
            let branch = self.product(&attention.output, &joined, end);
            states = self.normed(&branch, &states, &attention.norm);
            states = self.feed_forward(&layer.feed_forward, &states);
        }
        Sources { rows, states }
    }

    fn memories(&self, sources: &Sources) -> Vec<EncoderMemory> {
        let rows = sources.states.len() / self.shape.width;
        self.layers.decoder.iter().map(|layer| self.memory(&layer.attention, &sources.states, rows)).collect()
    }

    fn embed_targets(&self, active: &[usize], previous: &[u32], position: usize) -> Vec<f32> {
        let width = self.shape.width;
        let mut states = vec![0.0; active.len() * width];
        for (state, &sentence) in states.chunks_exact_mut(width).zip(active) {
            // Marian shifts the target to the right, so the first place holds no embedding.
            if position > 0 {
                self.weights.trg_embed_row_into(previous[sentence], state);
            }
            self.place(state, position);
        }
        states
    }

    /// Scales an embedding and adds its position.
    #[expect(clippy::cast_precision_loss, reason = "widths and positions have few digits")]
    fn place(&self, state: &mut [f32], position: usize) {
        let scale = (self.shape.width as f32).sqrt();
        for (cell, (frequency, offset)) in state.iter_mut().zip(&self.angles) {
            *cell = scale * *cell + (position as f32 * frequency + offset).sin();
        }
    }

    /// Takes the active sentences one token further through a layer; gives the attention of its first head.
    fn decode(
        &self,
        layer: &DecoderLayer,
        step: &DecoderStep<'_>,
        cells: &mut [f32],
        state: &mut Vec<f32>,
    ) -> Vec<Vec<f32>> {
        let width = self.shape.width;
        let &DecoderStep { active, sources, memory } = step;
        let count = active.len();
        let candidates = self.product(&layer.candidate, state, count);
        let gates = self.product(&layer.gate, state, count);
        let mut branch = vec![0.0; state.len()];
        for (row, &sentence) in active.iter().enumerate() {
            let at = row * width..(row + 1) * width;
            let cell = &mut cells[sentence * width..(sentence + 1) * width];
            let next = ops::highway(cell, &candidates[at.clone()], &gates[at.clone()]);
            cell.copy_from_slice(&next);
            branch[at].copy_from_slice(&ops::relu(&next));
        }
        *state = self.normed(&branch, state, &layer.norm);

        let queries = self.product(&layer.attention.query, state, count);
        let mut joined = vec![0.0; state.len()];
        let mut first_heads = Vec::with_capacity(active.len());
        let mut scores = Vec::new();
        for (row, &sentence) in active.iter().enumerate() {
            let at = row * width..(row + 1) * width;
            let view = NetworkView { memory, rows: &sources.rows[sentence] };
            self.attend(&queries[at.clone()], &view, &mut joined[at], &mut scores);
            first_heads.push(scores[..view.rows.len()].to_vec());
        }
        let branch = self.product(&layer.attention.output, &joined, count);
        *state = self.normed(&branch, state, &layer.attention.norm);
        *state = self.feed_forward(&layer.feed_forward, state);
        first_heads
    }

    fn memory(&self, attention: &Attention, states: &[f32], rows: usize) -> EncoderMemory {
        EncoderMemory {
            keys: self.product(&attention.key, states, rows),
            values: self.product(&attention.value, states, rows),
        }
    }

    /// Attention of one query over a view; `scores` holds each head's weights afterwards, head by head.
    fn attend(&self, query: &[f32], view: &NetworkView<'_>, joined: &mut [f32], scores: &mut Vec<f32>) {
        let NetworkView { memory, rows } = view;
        let (width, size) = (self.shape.width, self.shape.width / self.shape.heads);
        #[expect(clippy::cast_precision_loss, reason = "a width has few digits")]
        let scale = 1.0 / (size as f32).sqrt();
        scores.clear();
        scores.resize(rows.len() * self.shape.heads, 0.0);
        for (head, scores) in scores.chunks_exact_mut(rows.len()).enumerate() {
            let head = head * size..(head + 1) * size;
            for (score, row) in scores.iter_mut().zip((*rows).clone()) {
                let key = &memory.keys[row * width..(row + 1) * width];
                *score = scale * dot(&query[head.clone()], &key[head.clone()]);
            }
            ops::softmax_in_place(scores, 1, rows.len());
            let joined = &mut joined[head.clone()];
            for (&weight, row) in scores.iter().zip((*rows).clone()) {
                let value = &memory.values[row * width..(row + 1) * width];
                for (sum, cell) in joined.iter_mut().zip(&value[head.clone()]) {
                    *sum += weight * cell;
                }
            }
        }
    }

    fn feed_forward(&self, names: &FeedForward, states: &[f32]) -> Vec<f32> {
        let rows = states.len() / self.shape.width;
        let mut hidden = self.product(&names.inner, states, rows);
        for cell in &mut hidden {
            *cell = cell.max(0.0);
        }
        let branch = self.product(&names.outer, &hidden, rows);
        self.normed(&branch, states, &names.norm)
    }

    /// `x·W + b` for all rows of `x`.
    fn product(&self, affine: &Affine, x: &[f32], rows: usize) -> Vec<f32> {
        self.weights.affine(&affine.weight, x, rows, affine.bias.as_deref())
    }

    /// Layer norm of a branch and what it branched off from.
    fn normed(&self, branch: &[f32], residual: &[f32], norm: &str) -> Vec<f32> {
        const EPSILON: f32 = 1e-6;
        let sum: Vec<f32> = branch.iter().zip(residual).map(|(a, b)| a + b).collect();
        let (scale, bias) = self.weights.layer_norm(norm).unwrap_or((&[1.0], None));
        let rows = sum.len() / self.shape.width;
        ops::layer_normalization(&sum, scale, bias, rows, self.shape.width, EPSILON)
    }
}

/// Scalar product in eight running sums, which the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 8;
    let mut sums = [0.0_f32; LANES];
    let (heads, tails) = (a.chunks_exact(LANES), a.chunks_exact(LANES).remainder());
    let others = b.chunks_exact(LANES);
    let rest: f32 = tails.iter().zip(others.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in heads.zip(others) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_away(tokens: &[u32], source: &[u32]) -> Decoded {
        let attention = vec![vec![1.0]; tokens.len()];
        let mut decoded = Decoded { tokens: tokens.to_vec(), attention, cut: None };
        decoded.run_away(source);
        decoded
    }

    #[test]
    fn what_does_not_end_is_told_and_a_loop_loses_its_repetitions() {
        let loops: Vec<u32> = [vec![1, 2], [8, 9].repeat(8), vec![8]].concat();
        let cut = run_away(&loops, &[5, 6, 7]);
        assert_eq!(
            (cut.tokens.as_slice(), cut.attention.len(), cut.cut),
            ([1, 2, 8, 9].as_slice(), 4, Some(Cut::Loop))
        );
        let rambles: Vec<u32> = (0..40).collect();
        assert_eq!(
            (run_away(&rambles, &[5]).tokens, run_away(&rambles, &[5]).cut),
            (rambles, Some(Cut::Runaway))
        );
        assert_eq!(run_away(&loops, &[5; 16]).tokens, loops);
    }
}
