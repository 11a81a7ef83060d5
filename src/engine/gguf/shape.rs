//! What tells one architecture from another, as data.

use super::file::GgufFile;
use crate::engine::error::EngineError;

/// More positions than this are never used, whatever a file says: it bounds what a file can make us allocate.
const MOST_LAYERS: usize = 512;

/// Widths above this are not language models that run on a CPU.
const WIDEST: usize = 1 << 20;

/// How the gate of the feed-forward part is bent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    /// x · sigmoid(x): llama, qwen2 and qwen3.
    Silu,
    /// The tanh form of GELU: gemma3.
    Gelu,
}

/// Which two values of a head a rotation turns together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairing {
    /// Neighbours: GGUF files of llama are permuted for it.
    Neighbours,
    /// The value half a head further on: qwen2, qwen3 and gemma3.
    Halves,
}

/// A rotation of queries and keys by their position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rotation {
    /// The base of the wave lengths.
    pub(super) base: f32,
    /// What positions are multiplied by.
    pub(super) scale: f32,
}

/// Layers that see only the nearest positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sliding {
    /// How many positions such a layer sees, its own included.
    pub(super) window: usize,
    /// Every layer slides but each `period`-th.
    pub(super) period: usize,
    /// How such a layer rotates.
    pub(super) rotation: Rotation,
}

/// The dimensions of a model and what is particular to its architecture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ModelShape {
    pub(super) layers: usize,
    /// Values of a position between layers.
    pub(super) width: usize,
    /// Values of a position inside the feed-forward part.
    pub(super) inner: usize,
    pub(super) heads: usize,
    /// Heads of keys and values; each serves `heads / kv_heads` queries.
    pub(super) kv_heads: usize,
    /// Values of one head.
    pub(super) head: usize,
    /// Positions that the model was trained for.
    pub(super) context: usize,
    /// Added to the mean square before its root is taken.
    pub(super) epsilon: f32,
    /// What embeddings are multiplied by.
    pub(super) embedding_scale: f32,
    /// What queries are multiplied by.
    pub(super) query_scale: f32,
    pub(super) activation: Activation,
    pub(super) pairing: Pairing,
    pub(super) rotation: Rotation,
    pub(super) sliding: Option<Sliding>,
}

impl ModelShape {
    /// Reads the shape of a model.
    pub(super) fn read(file: &GgufFile) -> Result<Self, EngineError> {
        let width = positive(file, "embedding_length", WIDEST)?;
        let heads = positive(file, "attention.head_count", width)?;
        let head = file.optional_count("attention.key_length").unwrap_or(width / heads);
        let mut shape = Self {
            layers: positive(file, "block_count", MOST_LAYERS)?,
            width,
            inner: positive(file, "feed_forward_length", WIDEST)?,
            heads,
            kv_heads: file.optional_count("attention.head_count_kv").unwrap_or(heads),
            head,
            context: positive(file, "context_length", usize::MAX)?,
            epsilon: file.optional_real("attention.layer_norm_rms_epsilon").unwrap_or(1e-5),
            embedding_scale: 1.0,
            query_scale: 1.0 / real(head).sqrt(),
            activation: Activation::Silu,
            pairing: Pairing::Halves,
            rotation: rotation(file)?,
            sliding: None,
        };
        shape.check(file)?;
        match file.architecture() {
            // The norms of heads that qwen3 has in the place of biases are found in the file.
            "qwen2" | "qwen3" => {}
            "llama" => shape.pairing = Pairing::Neighbours,
            "gemma3" => shape.make_gemma(file),
            other => {
                let known = "llama, qwen2, qwen3 and gemma3 are known";
                return Err(file.wrong(format!("has the architecture {other}; {known}")));
            }
        }
        Ok(shape)
    }

    /// Gemma 3: five of six layers slide, embeddings are scaled, the gate is GELU.
    fn make_gemma(&mut self, file: &GgufFile) {
        /// The 27B model scales queries by its width instead of its heads; llama.cpp knows it by its layers, too.
        const LAYERS_OF_27B: usize = 62;

        self.embedding_scale = real(self.width).sqrt();
        self.activation = Activation::Gelu;
        if self.layers == LAYERS_OF_27B {
            self.query_scale = 1.0 / real(self.width / self.heads).sqrt();
        }
        let base = file.optional_real("rope.freq_base_swa").unwrap_or(10_000.0);
        self.sliding = file
            .optional_count("attention.sliding_window")
            .filter(|window| *window > 0)
            .map(|window| Sliding { window, period: 6, rotation: Rotation { base, scale: 1.0 } });
    }

    fn check(&self, file: &GgufFile) -> Result<(), EngineError> {
        let fits = self.kv_heads > 0
            && self.heads.is_multiple_of(self.kv_heads)
            && self.head > 0
            && self.head.is_multiple_of(2)
            && self.heads.checked_mul(self.head).is_some_and(|all| all <= WIDEST);
        if !fits {
            return Err(file.wrong("has heads that do not fit together"));
        }
        match file.optional_count("rope.dimension_count") {
            Some(turned) if turned != self.head => Err(file.wrong("rotates only a part of each head")),
            _ => Ok(()),
        }
    }

    /// The window of a layer, or `None` if it sees all positions.
    pub(super) fn window(&self, layer: usize) -> Option<usize> {
        self.sliding
            .filter(|sliding| !(layer + 1).is_multiple_of(sliding.period))
            .map(|sliding| sliding.window)
    }
}

fn rotation(file: &GgufFile) -> Result<Rotation, EngineError> {
    let scale = match file.optional_text("rope.scaling.type") {
        None | Some("none") => 1.0,
        Some("linear") => 1.0 / file.optional_real("rope.scaling.factor").unwrap_or(1.0),
        Some(other) => {
            return Err(file.wrong(format!("scales its rotations in a way not known here: {other}")));
        }
    };
    Ok(Rotation { base: file.optional_real("rope.freq_base").unwrap_or(10_000.0), scale })
}

fn positive(file: &GgufFile, key: &str, most: usize) -> Result<usize, EngineError> {
    match file.count(key)? {
        value if value > 0 && value <= most => Ok(value),
        value => Err(file.wrong(format!("has the value {value} for {key}"))),
    }
}

/// A dimension as a real number.
#[expect(clippy::cast_precision_loss, reason = "dimensions are far below 2^24")]
pub(super) fn real(value: usize) -> f32 {
    value as f32
}
