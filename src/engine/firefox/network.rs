//! The forward pass: encoder, SSRU decoder, attention kept as alignment.
//!
//! The crate's own `greedy_batch` gives no alignment, and its `translate_aligned` works on one sentence at a
//! time and projects the encoder's output again for every word. This pass gives both at the speed of a batch:
//! it uses the crate's products and tables, keeps the attention that is computed anyway, and lays sentences of
//! different length end to end instead of padding them. Its tokens are those of the crate (see the tests).
//!
//! A row of a step is an answer in the making, of which a sentence may have several: they look at the same states of the
//! encoder, and each has cells of its own. What the cells held after each token is kept where an answer may be begun again
//! in the middle.

use std::f32::consts::FRAC_PI_2;
use std::ops::Range;
use std::rc::Rc;

use fxtranslate::ops;
use fxtranslate::weights::Weights;

use crate::engine::constraint::Past;

use super::layers::{Affine, Attention, DecoderLayer, FeedForward, NetworkLayers};
use super::load::NetworkShape;
use super::output::{Output, TokenCandidates};

/// A network, shared by all threads.
pub(super) struct Network {
    weights: Weights,
    layers: NetworkLayers,
    shape: NetworkShape,
    /// Angle of the positional encoding by component: `position · frequency + offset`.
    angles: Vec<(f32, f32)>,
}

/// What the network has behind it in an answer.
pub(super) struct NetworkPast {
    /// The sentence, by its place among those that were read together.
    sentence: usize,
    /// What the cells of all layers held after each step, of which there is one for each token; only after the last one if
    /// nothing begins again in the middle.
    cells: Vec<Rc<[f32]>>,
    /// How much each token looked at each source token; each row adds up to 1.
    attention: Vec<Rc<[f32]>>,
    /// The last token.
    previous: Option<u32>,
    has_forks: bool,
}

impl NetworkPast {
    /// Nothing said yet.
    pub(super) fn new(sentence: usize, has_forks: bool) -> Self {
        Self { sentence, cells: Vec::new(), attention: Vec::new(), previous: None, has_forks }
    }

    /// The sentence, by its place among those that were read together.
    pub(super) fn sentence(&self) -> usize {
        self.sentence
    }

    /// For each target token, how much it looked at each source token; each row adds up to 1.
    pub(super) fn attention(&self) -> &[Rc<[f32]>] {
        &self.attention
    }

    fn advance(&mut self, cells: Vec<f32>, attention: Vec<f32>) {
        if !self.has_forks {
            self.cells.clear();
        }
        self.cells.push(cells.into());
        self.attention.push(attention.into());
    }
}

impl Past for NetworkPast {
    /// Each step needs the one before, and what it attends to is looked at later.
    const DEFERS: bool = false;

    fn fork(&mut self, said: usize) -> Self {
        // The step that was to say the next token is done: it does not depend on what that is.
        let [cells, attention] = [&self.cells, &self.attention].map(|steps| steps[..=said].to_vec());
        Self { sentence: self.sentence, cells, attention, previous: None, has_forks: self.has_forks }
    }

    fn say(&mut self, token: u32) {
        self.previous = Some(token);
    }
}

/// Sentences that the encoder has read.
pub(super) struct ReadSentences {
    /// The rows of each sentence.
    rows: Vec<Range<usize>>,
    /// What each layer of the decoder looks at.
    memories: Vec<EncoderMemory>,
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

/// What a decoder layer works on in a step.
struct DecoderStep<'a> {
    layer: &'a DecoderLayer,
    memory: &'a EncoderMemory,
    /// Where the cells of the layer stand among those of all layers.
    cells: Range<usize>,
}

/// An answer in a step.
struct DecoderRow<'a> {
    /// The rows of its sentence.
    source: &'a Range<usize>,
    /// The cells of all layers, end to end.
    cells: Vec<f32>,
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

    /// Reads sentences together; each is its tokens with the end mark.
    pub(super) fn read(&self, sentences: &[&[u32]]) -> ReadSentences {
        let sources = self.encode(sentences);
        ReadSentences { memories: self.memories(&sources), rows: sources.rows }
    }

    /// What tells how likely each token comes next.
    pub(super) fn output<'a>(
        &'a self,
        candidates: impl Iterator<Item = Option<&'a TokenCandidates>>,
    ) -> Output<'a> {
        Output::new(&self.weights, self.shape, candidates)
    }

    /// Takes answers one step further, in which each has its next token to say; gives a row of states for each.
    pub(super) fn step(&self, sentences: &ReadSentences, pasts: &mut [&mut NetworkPast]) -> Vec<f32> {
        let width = self.shape.width;
        let size = width * self.layers.decoder.len();
        let cells =
            |past: &NetworkPast| past.cells.last().map_or_else(|| vec![0.0; size], |cells| cells.to_vec());
        let row = |past: &&mut NetworkPast| DecoderRow {
            source: &sentences.rows[past.sentence],
            cells: cells(past),
        };
        let mut rows: Vec<DecoderRow<'_>> = pasts.iter().map(row).collect();
        let mut state = self.embed_targets(pasts);
        let mut attention = Vec::new();
        for ((number, layer), memory) in self.layers.decoder.iter().enumerate().zip(&sentences.memories) {
            let step = DecoderStep { layer, memory, cells: number * width..(number + 1) * width };
            attention = self.decode(&step, &mut rows, &mut state);
        }
        for ((past, row), attention) in pasts.iter_mut().zip(rows).zip(attention) {
            past.advance(row.cells, attention);
        }
        state
    }

    fn encode(&self, sentences: &[&[u32]]) -> Sources {
        let width = self.shape.width;
        let mut rows = Vec::with_capacity(sentences.len());
        let mut end = 0;
        for tokens in sentences {
            rows.push(end..end + tokens.len());
            end += tokens.len();
        }
        let mut states = vec![0.0; end * width];
        for (tokens, rows) in sentences.iter().zip(&rows) {
            for (position, &token) in tokens.iter().enumerate() {
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

    fn embed_targets(&self, pasts: &[&mut NetworkPast]) -> Vec<f32> {
        let width = self.shape.width;
        let mut states = vec![0.0; pasts.len() * width];
        for (state, past) in states.chunks_exact_mut(width).zip(pasts) {
            // Marian shifts the target to the right, so the first place holds no embedding.
            if let Some(previous) = past.previous {
                self.weights.trg_embed_row_into(previous, state);
            }
            self.place(state, past.attention.len());
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

    /// Takes answers one step further through a layer; gives the attention of its first head.
    fn decode(
        &self,
        step: &DecoderStep<'_>,
        rows: &mut [DecoderRow<'_>],
        state: &mut Vec<f32>,
    ) -> Vec<Vec<f32>> {
        let width = self.shape.width;
        let &DecoderStep { layer, memory, .. } = step;
        let count = rows.len();
        let candidates = self.product(&layer.candidate, state, count);
        let gates = self.product(&layer.gate, state, count);
        let mut branch = vec![0.0; state.len()];
        for (number, row) in rows.iter_mut().enumerate() {
            let at = number * width..(number + 1) * width;
            let cell = &mut row.cells[step.cells.clone()];
            let next = ops::highway(cell, &candidates[at.clone()], &gates[at.clone()]);
            cell.copy_from_slice(&next);
            branch[at].copy_from_slice(&ops::relu(&next));
        }
        *state = self.normed(&branch, state, &layer.norm);

        let queries = self.product(&layer.attention.query, state, count);
        let mut joined = vec![0.0; state.len()];
        let mut first_heads = Vec::with_capacity(count);
        let mut scores = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let at = number * width..(number + 1) * width;
            let view = NetworkView { memory, rows: row.source };
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
    use std::path::Path;

    use super::super::load::{Loaded, load};
    use super::*;

    /// A network, and tokens for it to read and to say.
    fn network() -> (Network, [Vec<u32>; 2]) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-model");
        let (model, vocabulary) =
            (folder.join("model.deen.intgemm.alphas.bin"), folder.join("vocab.deen.spm"));
        let Loaded { weights, layers, shape, vocabulary, .. } = load(&model, &vocabulary, None).unwrap();
        let texts = ["Die Raumsonde sendet Bilder.", "The coast guard sends images of Geneva."];
        (Network::new(weights, layers, shape), texts.map(|text| vocabulary.encode_with_eos(text)))
    }

    #[test]
    fn what_is_begun_again_in_the_middle_is_as_what_said_it_all() {
        let (network, [german, english]) = network();
        let read = network.read(&[&german]);
        let mut whole = NetworkPast::new(0, true);
        let mut states = Vec::new();
        for token in &english {
            states.push(network.step(&read, &mut [&mut whole]));
            whole.say(*token);
        }
        for said in 0..english.len() - 1 {
            let mut fork = whole.fork(said);
            let mut other = whole.fork(said / 2);
            fork.say(english[said]);
            other.say(english[0]);
            let both = network.step(&read, &mut [&mut other, &mut fork]);
            assert_eq!(both[network.shape.width..], states[said + 1]);
            assert_eq!(fork.attention(), &whole.attention()[..said + 2]);
        }
    }

    #[test]
    fn cells_are_kept_only_where_something_may_begin_again() {
        let (network, [german, english]) = network();
        let read = network.read(&[&german]);
        let mut past = NetworkPast::new(0, false);
        for token in &english {
            network.step(&read, &mut [&mut past]);
            past.say(*token);
        }
        assert_eq!((past.cells.len(), past.attention.len()), (1, english.len()));
    }
}
