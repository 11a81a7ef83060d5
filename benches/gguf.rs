//! Decoding speed of the `gguf` engine beside a bare candle loop on the same weights.
//!
//! The bare loop does nothing but the products with the quantised matrices that a token needs: no loop with
//! candle can be faster on one text. The engine is measured with one text and with eight side by side. The
//! weights are random, in the formats and a fraction of the dimensions of Qwen 2.5 1.5B; speed does not depend
//! on their values. With `WORTLAUT_BENCH_GGUF` a file of one's own is taken.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{Content, Value, write};
use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Module as _, Tensor};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wortlaut::engine::gguf::Probe;

const WIDTH: usize = 1536;
const INNER: usize = 4608;
const KEYS: usize = 256;
const LAYERS: usize = 6;
const WORDS: usize = 32_000;
const TOKENS: usize = 32;

fn main_bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var_os("WORTLAUT_BENCH_GGUF").map_or_else(|| random(folder.path()), PathBuf::from);
    let mut group = criterion.benchmark_group("gguf");
    group.sample_size(10);
    let matrices = matrices(&path);
    group.throughput(Throughput::Elements(1));
    group.bench_function("bare candle products, one token", |bencher| {
        bencher.iter(|| {
            for (matrix, input) in &matrices {
                black_box(matrix.forward(input).unwrap());
            }
        });
    });
    let probe = Probe::load(&path).unwrap();
    for texts in [1, 8] {
        let prompts = vec![[5_u32, 6, 7].as_slice(); texts];
        let tokens = probe.greedy(&prompts, 1, TOKENS).unwrap().iter().map(Vec::len).sum::<usize>();
        group.throughput(Throughput::Elements(u64::try_from(tokens).unwrap()));
        group.bench_function(format!("engine, {texts} side by side, {tokens} tokens"), |bencher| {
            bencher.iter(|| black_box(probe.greedy(&prompts, 1, TOKENS).unwrap()));
        });
    }
}

/// Every matrix that decoding a token multiplies with, and a row to multiply.
fn matrices(path: &Path) -> Vec<(QMatMul, Tensor)> {
    let mut file = File::open(path).unwrap();
    let content = Content::read(&mut file).unwrap();
    let output = if content.tensor_infos.contains_key("output.weight") { "output." } else { "token_embd." };
    let names = content.tensor_infos.iter().filter(|(name, info)| {
        info.shape.rank() == 2 && (name.starts_with("blk.") || name.starts_with(output))
    });
    names
        .map(|(name, info)| {
            let input =
                Tensor::ones((1, info.shape.dims()[1]), candle_core::DType::F32, &Device::Cpu).unwrap();
            let tensor = content.tensor(&mut File::open(path).unwrap(), name, &Device::Cpu).unwrap();
            (QMatMul::from_qtensor(tensor).unwrap(), input)
        })
        .collect()
}

/// Writes a model with random weights.
fn random(folder: &Path) -> PathBuf {
    let path = folder.join("random.gguf");
    let tensor = |shape: &[usize], kind| {
        let kind = if shape.len() == 1 { GgmlDType::F32 } else { kind };
        QTensor::quantize(&Tensor::rand(-1f32, 1f32, shape, &Device::Cpu).unwrap(), kind).unwrap()
    };
    let mut tensors = vec![
        ("token_embd.weight".to_owned(), tensor(&[WORDS, WIDTH], GgmlDType::Q6K)),
        ("output_norm.weight".to_owned(), tensor(&[WIDTH], GgmlDType::F32)),
    ];
    for layer in 0..LAYERS {
        for (name, shape, kind) in [
            ("attn_norm", vec![WIDTH], GgmlDType::F32),
            ("ffn_norm", vec![WIDTH], GgmlDType::F32),
            ("attn_q", vec![WIDTH, WIDTH], GgmlDType::Q4K),
            ("attn_k", vec![KEYS, WIDTH], GgmlDType::Q4K),
            ("attn_v", vec![KEYS, WIDTH], GgmlDType::Q6K),
            ("attn_output", vec![WIDTH, WIDTH], GgmlDType::Q4K),
            ("ffn_gate", vec![INNER, WIDTH], GgmlDType::Q4K),
            ("ffn_up", vec![INNER, WIDTH], GgmlDType::Q4K),
            ("ffn_down", vec![WIDTH, INNER], GgmlDType::Q6K),
        ] {
            tensors.push((format!("blk.{layer}.{name}.weight"), tensor(&shape, kind)));
        }
    }
    let metadata = metadata();
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let tensors: Vec<(&str, &QTensor)> =
        tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    write(&mut File::create(&path).unwrap(), &metadata, &tensors).unwrap();
    path
}

fn metadata() -> Vec<(String, Value)> {
    let number = |value: usize| Value::U32(u32::try_from(value).unwrap());
    let word = |index: usize| ["a", "b"].get(index).map_or_else(|| format!("w{index}"), ToString::to_string);
    let words = (0..WORDS).map(|index| Value::String(word(index))).collect();
    let types = (0..WORDS).map(|index| Value::I32(if index == WORDS - 1 { 3 } else { 1 })).collect();
    let text = |text: &str| Value::String(text.to_owned());
    let mut all: Vec<(String, Value)> = [
        ("embedding_length", WIDTH),
        ("feed_forward_length", INNER),
        ("block_count", LAYERS),
        ("context_length", 4096),
        ("attention.head_count", 12),
        ("attention.head_count_kv", 2),
    ]
    .map(|(key, value)| (format!("qwen2.{key}"), number(value)))
    .to_vec();
    all.extend(
        [
            ("general.architecture", text("qwen2")),
            ("tokenizer.ggml.model", text("gpt2")),
            ("tokenizer.ggml.pre", text("gpt-2")),
            ("tokenizer.ggml.tokens", Value::Array(words)),
            ("tokenizer.ggml.token_type", Value::Array(types)),
            ("tokenizer.ggml.merges", Value::Array(vec![text("a b")])),
            ("tokenizer.ggml.eos_token_id", number(WORDS - 1)),
            ("tokenizer.ggml.bos_token_id", number(WORDS - 1)),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    all
}

criterion_group!(benches, main_bench);
criterion_main!(benches);
