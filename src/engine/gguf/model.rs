//! The network: one forward pass for all architectures.
//!
//! All of it works on plain rows of numbers. The rows of one pass may belong to several texts: the matrices are then
//! read from memory once for all of them, which is what decoding on a CPU waits for.

use std::sync::Arc;

use candle_core::Error;
use rayon::prelude::*;

use super::attention::AttentionHeads;
use super::cache::Cache;
use super::file::GgufFile;
use super::matrix::{Matrix, MatrixInput};
use super::ops::{Angles, add, add_to_rows, gate, normalise, vectorised};
use super::shape::ModelShape;
use super::threads::spread;
use crate::engine::constraint::Scores;
use crate::engine::error::EngineError;
use crate::engine::fault::Cause;

/// A loaded model.
pub(super) struct GgufModel {
    shape: ModelShape,
    embeddings: Arc<Matrix>,
    layers: Vec<ModelLayer>,
    norm: Vec<f32>,
    /// In many models the embeddings.
    output: Arc<Matrix>,
    /// What wave lengths are stretched by (Llama 3), one for each pair of a head.
    factors: Option<Vec<f32>>,
    vocabulary: usize,
}

struct ModelLayer {
    index: usize,
    attention_norm: Vec<f32>,
    query: Projection,
    key: Projection,
    value: Projection,
    mix: Projection,
    attention_end_norm: Option<Vec<f32>>,
    inner_norm: Vec<f32>,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
    inner_end_norm: Option<Vec<f32>>,
    window: Option<usize>,
}

/// A product with a bias and a norm of its heads, where the model has them.
struct Projection {
    matrix: Matrix,
    bias: Option<Vec<f32>>,
    head_norm: Option<Vec<f32>>,
}

/// Further tokens of a text.
pub(super) struct Chunk<'a> {
    /// At least one token.
    pub(super) tokens: &'a [u32],
    /// What stands before them; it has seen them afterwards.
    pub(super) cache: &'a mut Cache,
}

/// How likely each token is to come next, behind each of some rows.
pub(super) struct NextScores {
    scores: Vec<f32>,
    vocabulary: usize,
}

/// What is the same in all layers of one pass.
struct Pass<'a> {
    shape: &'a ModelShape,
    /// The position of each row.
    positions: Vec<usize>,
    everywhere: Angles,
    sliding: Option<Angles>,
}

impl GgufModel {
    /// Loads all tensors, on all cores.
    pub(super) fn load(file: &GgufFile) -> Result<Self, EngineError> {
        let shape = ModelShape::read(file)?;
        let name = "token_embd.weight";
        let vocabulary = file.rows(name).ok_or_else(|| file.wrong("has no embeddings"))?;
        let matrix = |name| file.matrix(name, vocabulary, shape.width).map(Arc::new);
        let load_output = || file.rows("output.weight").map(|_| matrix("output.weight")).transpose();
        let load_ends = || rayon::join(|| matrix(name), load_output);
        let load_layer = |index| ModelLayer::load(file, &shape, index);
        let load_layers = || (0..shape.layers).into_par_iter().map(load_layer).collect::<Result<_, _>>();
        let ((embeddings, output), layers) = rayon::join(load_ends, load_layers);
        let embeddings = embeddings?;
        Ok(Self {
            layers: layers?,
            norm: file.vector("output_norm.weight", shape.width)?,
            output: output?.unwrap_or_else(|| Arc::clone(&embeddings)),
            factors: file.optional_vector("rope_freqs.weight", shape.head / 2)?,
            embeddings,
            vocabulary,
            shape,
        })
    }

    /// Tokens that the model knows.
    pub(super) fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// Positions that the model was trained for.
    pub(super) fn context(&self) -> usize {
        self.shape.context
    }

    /// Layers, and the values of a position's keys in each.
    pub(super) fn cached(&self) -> (usize, usize) {
        (self.shape.layers, self.shape.kv_heads * self.shape.head)
    }

    /// A cache that has seen nothing.
    pub(super) fn cache(&self) -> Cache {
        Cache::new(self.shape.layers)
    }

    /// Shows every chunk's tokens to the model; gives the likeliest next token for each.
    pub(super) fn advance(&self, chunks: &mut [Chunk<'_>]) -> Result<Vec<u32>, Error> {
        Ok(self.next(chunks)?.of_rows().map(|scores| Scores::of_all(scores).likeliest()).collect())
    }

    /// Shows every chunk's tokens to the model; tells of each token how likely it comes next.
    pub(super) fn next(&self, chunks: &mut [Chunk<'_>]) -> Result<NextScores, Error> {
        let rows = self.forward(chunks)?;
        let width = self.shape.width;
        let mut last = Vec::with_capacity(chunks.len() * width);
        let mut end = 0;
        for chunk in chunks {
            end += chunk.tokens.len() * width;
            last.extend_from_slice(&rows[end - width..end]);
        }
        self.scores(last)
    }

    /// Shows a chunk's tokens to the model; tells how likely the last `count` of them are behind those before, as the sum of the
    /// logarithms. At least one of them is before.
    pub(super) fn likelihood(&self, chunk: Chunk<'_>, count: usize) -> Result<f32, Error> {
        /// Rows whose scores are in memory at once: there is a score for each token of the vocabulary.
        const ROWS: usize = 64;
        let width = self.shape.width;
        let mut chunks = [chunk];
        let rows = self.forward(&mut chunks)?;
        let [Chunk { tokens, .. }] = chunks;
        let first = tokens.len() - count;
        let before = &rows[(first - 1) * width..(tokens.len() - 1) * width];
        let mut sum = 0.0;
        for (before, tokens) in before.chunks(ROWS * width).zip(tokens[first..].chunks(ROWS)) {
            let scores = self.scores(before.to_vec())?;
            let likelihood = |(scores, token): (&[f32], &u32)| Scores::of_all(scores).likelihood(*token);
            sum += scores.of_rows().zip(tokens).map(likelihood).sum::<f32>();
        }
        Ok(sum)
    }

    /// Shows every chunk's tokens to the model. Gives the rows that they end as.
    fn forward(&self, chunks: &mut [Chunk<'_>]) -> Result<Vec<f32>, Error> {
        let tokens: Vec<u32> = chunks.iter().flat_map(|chunk| chunk.tokens).copied().collect();
        let pass = self.pass(chunks);
        let mut rows = self.embed(&tokens)?;
        for layer in &self.layers {
            layer.attention(&pass, chunks, &mut rows)?;
            layer.feed_forward(&self.shape, &mut rows)?;
        }
        for chunk in chunks.iter_mut() {
            chunk.cache.advance(chunk.tokens.len());
        }
        Ok(rows)
    }

    fn pass(&self, chunks: &[Chunk<'_>]) -> Pass<'_> {
        let positions: Vec<usize> = chunks
            .iter()
            .flat_map(|chunk| chunk.cache.count()..chunk.cache.count() + chunk.tokens.len())
            .collect();
        let (shape, factors) = (&self.shape, self.factors.as_deref());
        let angles = |rotation, factors| Angles::new(&positions, shape.head, rotation, factors);
        Pass {
            shape,
            everywhere: angles(shape.rotation, factors),
            sliding: shape.sliding.map(|sliding| angles(sliding.rotation, None)),
            positions,
        }
    }

    fn embed(&self, tokens: &[u32]) -> Result<Vec<f32>, Error> {
        let mut rows = self.embeddings.rows(tokens)?;
        for value in &mut rows {
            *value *= self.shape.embedding_scale;
        }
        Ok(rows)
    }

    /// How likely each token comes next, behind each row.
    fn scores(&self, mut rows: Vec<f32>) -> Result<NextScores, Error> {
        normalise(&mut rows, &self.norm, self.shape.epsilon);
        let scores = self.output.product(&MatrixInput::new(rows, self.shape.width))?;
        Ok(NextScores { scores, vocabulary: self.vocabulary })
    }
}

impl NextScores {
    /// The scores of all tokens, for one row after the other.
    pub(super) fn of_rows(&self) -> impl Iterator<Item = &[f32]> {
        self.scores.chunks_exact(self.vocabulary)
    }
}

impl ModelLayer {
    fn load(file: &GgufFile, shape: &ModelShape, index: usize) -> Result<Self, EngineError> {
        let name = |what: &str| format!("blk.{index}.{what}.weight");
        let (width, queries, keys) = (shape.width, shape.heads * shape.head, shape.kv_heads * shape.head);
        Ok(Self {
            index,
            attention_norm: file.vector(&name("attn_norm"), width)?,
            query: Projection::load(file, &format!("blk.{index}.attn_q"), (queries, width), shape.head)?,
            key: Projection::load(file, &format!("blk.{index}.attn_k"), (keys, width), shape.head)?,
            value: Projection::load(file, &format!("blk.{index}.attn_v"), (keys, width), shape.head)?,
            mix: Projection::load(file, &format!("blk.{index}.attn_output"), (width, queries), shape.head)?,
            attention_end_norm: file.optional_vector(&name("post_attention_norm"), width)?,
            inner_norm: file.vector(&name("ffn_norm"), width)?,
            gate: file.matrix(&name("ffn_gate"), shape.inner, width)?,
            up: file.matrix(&name("ffn_up"), shape.inner, width)?,
            down: file.matrix(&name("ffn_down"), width, shape.inner)?,
            inner_end_norm: file.optional_vector(&name("post_ffw_norm"), width)?,
            window: shape.window(index),
        })
    }

    fn attention(&self, pass: &Pass<'_>, chunks: &mut [Chunk<'_>], rows: &mut [f32]) -> Result<(), Error> {
        let shape = pass.shape;
        let input = normalised(rows, &self.attention_norm, shape);
        let mut queries = self.query.apply(&input, shape.epsilon)?;
        let mut keys = self.key.apply(&input, shape.epsilon)?;
        let values = self.value.apply(&input, shape.epsilon)?;
        let angles = self.window.and(pass.sliding.as_ref()).unwrap_or(&pass.everywhere);
        let (query_width, key_width) = (shape.heads * shape.head, shape.kv_heads * shape.head);
        angles.turn(&mut queries, query_width, shape.pairing);
        angles.turn(&mut keys, key_width, shape.pairing);
        let mut start = 0;
        for chunk in chunks.iter_mut() {
            let part = start * key_width..(start + chunk.tokens.len()) * key_width;
            chunk.cache.append(self.index, &keys[part.clone()], &values[part], key_width);
            start += chunk.tokens.len();
        }
        let mixed = self.mixed(pass, chunks, &queries);
        let mut output = self.mix.apply(&MatrixInput::new(mixed, query_width), shape.epsilon)?;
        if let Some(norm) = &self.attention_end_norm {
            normalise(&mut output, norm, shape.epsilon);
        }
        add(rows, &output);
        Ok(())
    }

    /// Attention of every row and every head of keys, spread over the threads.
    fn mixed(&self, pass: &Pass<'_>, chunks: &[Chunk<'_>], queries: &[f32]) -> Vec<f32> {
        let (shape, positions) = (pass.shape, &pass.positions);
        let group = shape.heads / shape.kv_heads * shape.head;
        let seen = chunks.iter().flat_map(|chunk| vec![chunk.cache.seen(self.index); chunk.tokens.len()]);
        let rows = seen.zip(positions).flat_map(|row| vec![row; shape.kv_heads]);
        let mut mixed = vec![0f32; queries.len()];
        let items = rows.zip(queries.chunks_exact(group)).zip(mixed.chunks_exact_mut(group)).enumerate();
        let operations = 2 * queries.len() * positions.iter().max().map_or(0, |last| last + 1);
        spread(items.collect(), operations, |(number, (((seen, position), heads), mixed))| {
            let kv_head = number % shape.kv_heads;
            let (position, window) = (*position, self.window);
            vectorised(AttentionHeads { shape, heads, kv_head, position, window, seen, mixed });
        });
        mixed
    }

    fn feed_forward(&self, shape: &ModelShape, rows: &mut [f32]) -> Result<(), Error> {
        let input = normalised(rows, &self.inner_norm, shape);
        let mut gates = self.gate.product(&input)?;
        gate(&mut gates, &self.up.product(&input)?, shape.activation);
        let mut output = self.down.product(&MatrixInput::new(gates, shape.inner))?;
        if let Some(norm) = &self.inner_end_norm {
            normalise(&mut output, norm, shape.epsilon);
        }
        add(rows, &output);
        Ok(())
    }
}

impl Projection {
    fn load(
        file: &GgufFile,
        name: &str,
        (rows, columns): (usize, usize),
        head: usize,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            matrix: file.matrix(&format!("{name}.weight"), rows, columns)?,
            bias: file.optional_vector(&format!("{name}.bias"), rows)?,
            head_norm: file.optional_vector(&format!("{name}_norm.weight"), head)?,
        })
    }

    fn apply(&self, input: &MatrixInput, epsilon: f32) -> Result<Vec<f32>, Error> {
        let mut output = self.matrix.product(input)?;
        if let Some(bias) = &self.bias {
            add_to_rows(&mut output, bias);
        }
        if let Some(norm) = &self.head_norm {
            normalise(&mut output, norm, epsilon);
        }
        Ok(output)
    }
}

/// An error of the arithmetic: this model can give nothing.
pub(super) fn failed(error: impl Into<Cause>) -> EngineError {
    EngineError::broken("the model cannot be computed", error)
}

/// Rows made ready to be multiplied; they themselves stay as they are.
fn normalised(rows: &[f32], norm: &[f32], shape: &ModelShape) -> MatrixInput {
    let mut input = rows.to_vec();
    normalise(&mut input, norm, shape.epsilon);
    MatrixInput::new(input, shape.width)
}
