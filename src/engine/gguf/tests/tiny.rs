//! Writes tiny networks with random weights.

use std::fs::File;
use std::path::PathBuf;

use candle_core::quantized::gguf_file::{Value, write};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use tempfile::TempDir;

use super::super::{Gguf, GgufOptions, Probe};
use crate::engine::{EngineError, Tuning};

const WIDTH: usize = 32;
const INNER: usize = 64;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const HEAD: usize = 8;
const LAYERS: usize = 3;

const EMBEDDINGS: &str = "token_embd.weight";
const NORM: &str = "output_norm.weight";

pub(super) const CHAT: &str = "{% for m in messages %}<|turn|>{{ m.role }}\n{{ m.content | trim }}{% endfor %}\
                    {% if add_generation_prompt %}<|turn|>assistant\n{% endif %}";

/// Asks in the manner of `TranslateGemma`, whose prompt is the shortest.
pub(super) const SHORT: &str = "{# source_lang_code #}";

/// Numbers that look random and are the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f32::from(u16::try_from(self.0 >> 48).unwrap()) / 32_768.0 - 1.0
    }

    fn tensor(&mut self, shape: &[usize], kind: GgmlDType) -> QTensor {
        let values = (0..shape.iter().product()).map(|_| self.next()).collect::<Vec<f32>>();
        QTensor::quantize(&Tensor::from_vec(values, shape, &Device::Cpu).unwrap(), kind).unwrap()
    }
}

pub(super) struct Tiny {
    architecture: &'static str,
    pub(super) template: Option<&'static str>,
    /// The token whose embedding is so large that the model says it whatever it is asked.
    stuck: Option<usize>,
    /// Pairs of tokens of which the second is said behind the first, and how sure that is.
    pairs: Vec<(usize, usize, f32)>,
    /// Values of a head in the weights.
    pub(super) head: usize,
    metadata: Vec<(String, Value)>,
    _folder: TempDir,
    pub(super) path: PathBuf,
}

fn tokens() -> Vec<String> {
    let mut tokens: Vec<String> = ["<end>", "<begin>", "<|turn|>"].map(str::to_owned).to_vec();
    // The alphabet of byte-level BPE: printable bytes stand for themselves, the others from U+0100 on.
    let printable = |byte: &u8| matches!(*byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let others = (0..=255).filter(|byte| !printable(byte)).count();
    tokens.extend((0..=255_u8).filter(printable).map(|byte| char::from(byte).to_string()));
    tokens
        .extend((0x100..0x100 + u32::try_from(others).unwrap()).filter_map(char::from_u32).map(String::from));
    tokens
}

impl Tiny {
    pub(super) fn new(architecture: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiny.gguf");
        let count = |value: usize| Value::U32(u32::try_from(value).unwrap());
        let numbers = [
            ("embedding_length", WIDTH),
            ("feed_forward_length", INNER),
            ("block_count", LAYERS),
            ("context_length", 4096),
            ("attention.head_count", HEADS),
            ("attention.head_count_kv", KV_HEADS),
            ("attention.key_length", HEAD),
            ("attention.sliding_window", 5),
        ];
        let metadata = numbers.map(|(key, value)| (format!("{architecture}.{key}"), count(value))).to_vec();
        Self {
            architecture,
            template: None,
            stuck: None,
            pairs: Vec::new(),
            head: HEAD,
            metadata,
            _folder: folder,
            path,
        }
    }

    pub(super) fn set(mut self, key: &str, value: Value) -> Self {
        self.metadata.retain(|(name, _)| name != key);
        self.metadata.push((key.to_owned(), value));
        self
    }

    pub(super) fn write(self) -> Self {
        let mut all = vec![("general.architecture".to_owned(), Value::String(self.architecture.to_owned()))];
        all.extend(self.metadata.clone());
        all.extend(vocabulary(self.template));
        let mut tensors =
            weights(self.architecture, self.head, self.stuck.is_some() || !self.pairs.is_empty());
        match self.stuck {
            Some(token) => tensors.extend(always(token)),
            None if !self.pairs.is_empty() => tensors.extend(following(&self.pairs)),
            None => {}
        }
        let metadata: Vec<(&str, &Value)> = all.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, t)| (name.as_str(), t)).collect();
        write(&mut File::create(&self.path).unwrap(), &metadata, &tensors).unwrap();
        self
    }

    pub(super) fn probe(&self) -> Probe {
        Probe::load(&self.path).unwrap()
    }

    pub(super) fn options(&self) -> GgufOptions {
        GgufOptions {
            profile: "tiny".to_owned(),
            model: self.path.clone(),
            context: 1024,
            neighbours: true,
            rerank: false,
            caveat: Some("tiny".to_owned()),
            tuning: Tuning::default(),
        }
    }

    pub(super) fn engine(&self) -> Result<Gguf, EngineError> {
        Gguf::load(self.options())
    }
}

fn vocabulary(template: Option<&str>) -> Vec<(String, Value)> {
    let tokens = tokens();
    let types = (0..tokens.len()).map(|index| Value::I32(if index < 3 { 3 } else { 1 })).collect();
    let merges = vec![Value::String("a b".into())];
    let text = |text: &str| Value::String(text.to_owned());
    let mut all: Vec<(String, Value)> = [
        ("model", text("gpt2")),
        ("pre", text("gpt-2")),
        ("tokens", Value::Array(tokens.iter().map(|token| text(token)).collect())),
        ("token_type", Value::Array(types)),
        ("merges", Value::Array(merges)),
        ("eos_token_id", Value::U32(0)),
        ("bos_token_id", Value::U32(1)),
        ("add_bos_token", Value::Bool(true)),
    ]
    .map(|(key, value)| (format!("tokenizer.ggml.{key}"), value))
    .to_vec();
    all.extend(template.map(|template| ("tokenizer.chat_template".to_owned(), text(template))));
    all
}

/// The tensors: random ones, or layers that leave a row as it is.
fn weights(architecture: &str, head: usize, are_silent: bool) -> Vec<(String, QTensor)> {
    let mut noise = Noise(7);
    let words = tokens().len();
    let mut all = Vec::new();
    if !are_silent {
        // Small embeddings, or nothing else would count for what is said next.
        let embeddings =
            (noise.tensor(&[words, WIDTH], GgmlDType::F32).dequantize(&Device::Cpu).unwrap() * 0.1).unwrap();
        all.push((EMBEDDINGS.to_owned(), QTensor::quantize(&embeddings, GgmlDType::Q8_0).unwrap()));
        all.push((NORM.to_owned(), noise.tensor(&[WIDTH], GgmlDType::F32)));
    }
    for layer in 0..LAYERS {
        for (name, shape) in parts(architecture, head) {
            let kind = if shape.len() == 1 { GgmlDType::F32 } else { GgmlDType::Q8_0 };
            let tensor = if are_silent { zeros(&shape, kind) } else { noise.tensor(&shape, kind) };
            all.push((format!("blk.{layer}.{name}"), tensor));
        }
    }
    all
}

/// What makes one token win behind any.
fn always(token: usize) -> [(String, QTensor); 2] {
    // With a norm of ones, what is most like the last position's row wins; with equal rows, the one scaled up.
    let mut rows = vec![0.01f32; tokens().len() * WIDTH];
    rows[token * WIDTH..(token + 1) * WIDTH].fill(1.0);
    [(EMBEDDINGS.to_owned(), rows_of_words(rows)), (NORM.to_owned(), ones())]
}

/// What makes tokens win behind others.
fn following(pairs: &[(usize, usize, f32)]) -> [(String, QTensor); 3] {
    let mut noise = Noise(7);
    let rows: Vec<f32> = (0..tokens().len() * WIDTH).map(|_| noise.next().signum()).collect();
    let mut output = vec![0f32; rows.len()];
    for (before, behind, sure) in pairs {
        for at in 0..WIDTH {
            output[behind * WIDTH + at] += sure * rows[before * WIDTH + at];
        }
    }
    [
        (EMBEDDINGS.to_owned(), rows_of_words(rows)),
        (NORM.to_owned(), ones()),
        ("output.weight".to_owned(), rows_of_words(output)),
    ]
}

fn rows_of_words(rows: Vec<f32>) -> QTensor {
    let rows = Tensor::from_vec(rows, (tokens().len(), WIDTH), &Device::Cpu).unwrap();
    QTensor::quantize(&rows, GgmlDType::Q8_0).unwrap()
}

fn ones() -> QTensor {
    QTensor::quantize(&Tensor::ones(WIDTH, DType::F32, &Device::Cpu).unwrap(), GgmlDType::F32).unwrap()
}

fn zeros(shape: &[usize], kind: GgmlDType) -> QTensor {
    QTensor::quantize(&Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap(), kind).unwrap()
}

fn parts(architecture: &str, head: usize) -> Vec<(&'static str, Vec<usize>)> {
    let (queries, keys) = (HEADS * head, KV_HEADS * head);
    let mut parts = vec![
        ("attn_norm.weight", vec![WIDTH]),
        ("ffn_norm.weight", vec![WIDTH]),
        ("attn_q.weight", vec![queries, WIDTH]),
        ("attn_k.weight", vec![keys, WIDTH]),
        ("attn_v.weight", vec![keys, WIDTH]),
        ("attn_output.weight", vec![WIDTH, queries]),
        ("ffn_gate.weight", vec![INNER, WIDTH]),
        ("ffn_up.weight", vec![INNER, WIDTH]),
        ("ffn_down.weight", vec![WIDTH, INNER]),
    ];
    match architecture {
        "qwen2" => parts.extend([
            ("attn_q.bias", vec![queries]),
            ("attn_k.bias", vec![keys]),
            ("attn_v.bias", vec![keys]),
        ]),
        "qwen3" => parts.extend(head_norms(head)),
        "gemma3" => parts.extend(
            head_norms(head)
                .into_iter()
                .chain([("post_attention_norm.weight", vec![WIDTH]), ("post_ffw_norm.weight", vec![WIDTH])]),
        ),
        _ => {}
    }
    parts
}

fn head_norms(head: usize) -> [(&'static str, Vec<usize>); 2] {
    ["attn_q_norm.weight", "attn_k_norm.weight"].map(|name| (name, vec![head]))
}

/// A model that only knows which character follows which: each pair is a character, the next one, and how sure that is. `⏎` is
/// the line break before an answer, `⏹` is its end.
pub(super) fn saying(template: &'static str, pairs: &[(char, char, f32)]) -> Tiny {
    let known = tokens();
    let token = |character: char| {
        let token = match character {
            '⏹' => "<end>".to_owned(),
            '⏎' => "Ċ".to_owned(),
            ' ' => "Ġ".to_owned(),
            other => other.to_string(),
        };
        known.iter().position(|other| *other == token).unwrap()
    };
    let mut tiny = Tiny::new("llama");
    tiny.template = Some(template);
    tiny.pairs = pairs.iter().map(|(before, behind, sure)| (token(*before), token(*behind), *sure)).collect();
    tiny.write()
}

/// A model that answers with one token, over and over.
pub(super) fn stuck_on(token: &str) -> Tiny {
    let mut tiny = Tiny::new("llama");
    tiny.template = Some(SHORT);
    tiny.stuck = tokens().iter().position(|known| known == token);
    assert!(tiny.stuck.is_some());
    tiny.write()
}
