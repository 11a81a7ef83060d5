//! The layers of a Marian transformer with an SSRU decoder, under the names their tensors have in the file.

/// A product `x·W + b`.
pub(super) struct Affine {
    /// Name of the weight.
    pub(super) weight: String,
    /// Name of the bias, where it has one.
    pub(super) bias: Option<String>,
}

impl Affine {
    fn new(weight: String, bias: String) -> Self {
        Self { weight, bias: Some(bias) }
    }
}

/// Multi-head attention with its residual connection.
pub(super) struct Attention {
    pub(super) query: Affine,
    pub(super) key: Affine,
    pub(super) value: Affine,
    pub(super) output: Affine,
    /// Name of the layer norm after it.
    pub(super) norm: String,
}

impl Attention {
    fn new(name: &str) -> Self {
        let part = |letter: char| Affine::new(format!("{name}_W{letter}"), format!("{name}_b{letter}"));
        Self {
            query: part('q'),
            key: part('k'),
            value: part('v'),
            output: part('o'),
            norm: format!("{name}_Wo"),
        }
    }
}

/// Two products with a rectifier between them, with their residual connection.
pub(super) struct FeedForward {
    pub(super) inner: Affine,
    pub(super) outer: Affine,
    /// Name of the layer norm after it.
    pub(super) norm: String,
}

impl FeedForward {
    fn new(name: &str) -> Self {
        Self {
            inner: Affine::new(format!("{name}_W1"), format!("{name}_b1")),
            outer: Affine::new(format!("{name}_W2"), format!("{name}_b2")),
            norm: format!("{name}_ffn"),
        }
    }
}

/// A layer of the encoder.
pub(super) struct EncoderLayer {
    pub(super) attention: Attention,
    pub(super) feed_forward: FeedForward,
}

/// A layer of the decoder.
pub(super) struct DecoderLayer {
    /// What the cell would hold.
    pub(super) candidate: Affine,
    /// How much of the old cell stays.
    pub(super) gate: Affine,
    /// Name of the layer norm after the cell.
    pub(super) norm: String,
    pub(super) attention: Attention,
    pub(super) feed_forward: FeedForward,
}

/// All layers of a network.
pub(super) struct NetworkLayers {
    pub(super) encoder: Vec<EncoderLayer>,
    pub(super) decoder: Vec<DecoderLayer>,
}

/// Name of the embedding table, which is the output product's weight as well.
pub(super) const EMBEDDING: &str = "Wemb";
/// Name of the output product's bias.
pub(super) const OUTPUT_BIAS: &str = "decoder_ff_logit_out_b";
/// Name of the scale that quantises the input of the output product.
pub(super) const OUTPUT_SCALE: &str = "none_QuantMultA";

impl NetworkLayers {
    /// The layers of a network of the given depths.
    pub(super) fn new(encoder: usize, decoder: usize) -> Self {
        let encoder_layer = |n: usize| EncoderLayer {
            attention: Attention::new(&format!("encoder_l{n}_self")),
            feed_forward: FeedForward::new(&format!("encoder_l{n}_ffn")),
        };
        let decoder_layer = |n: usize| DecoderLayer {
            candidate: Affine { weight: format!("decoder_l{n}_rnn_W"), bias: None },
            gate: Affine::new(format!("decoder_l{n}_rnn_Wf"), format!("decoder_l{n}_rnn_bf")),
            norm: format!("decoder_l{n}_rnn_ffn"),
            attention: Attention::new(&format!("decoder_l{n}_context")),
            feed_forward: FeedForward::new(&format!("decoder_l{n}_ffn")),
        };
        Self {
            encoder: (1..=encoder).map(encoder_layer).collect(),
            decoder: (1..=decoder).map(decoder_layer).collect(),
        }
    }

    /// Every product with the sizes of its input and output.
    pub(super) fn products(&self, width: usize, inner: usize) -> Vec<(&Affine, usize, usize)> {
        let mut all = Vec::new();
        for layer in &self.decoder {
            all.extend([&layer.candidate, &layer.gate].map(|affine| (affine, width, width)));
        }
        for (attention, feed_forward) in self.blocks() {
            let Attention { query, key, value, output, .. } = attention;
            all.extend([query, key, value, output].map(|affine| (affine, width, width)));
            all.push((&feed_forward.inner, width, inner));
            all.push((&feed_forward.outer, inner, width));
        }
        all
    }

    /// The name of every layer norm.
    pub(super) fn norms(&self) -> impl Iterator<Item = &str> {
        let cells = self.decoder.iter().map(|layer| layer.norm.as_str());
        cells.chain(self.blocks().flat_map(|(a, f)| [a.norm.as_str(), f.norm.as_str()]))
    }

    fn blocks(&self) -> impl Iterator<Item = (&Attention, &FeedForward)> {
        let encoder = self.encoder.iter().map(|layer| (&layer.attention, &layer.feed_forward));
        encoder.chain(self.decoder.iter().map(|layer| (&layer.attention, &layer.feed_forward)))
    }
}
