//! The engine `firefox` beside the bare crate: same model, same sentences, same threads.
//!
//! The model has the dimensions of Firefox's base models and random weights, for speed does not depend on
//! what the weights are. Random weights never end a sentence, so both sides decode up to Marian's limit
//! of `2n + 4` tokens; each iteration translates the same tokens on both sides.
//!
//! `cargo bench --bench firefox`

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set itself up has nothing else to do")]

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use futures::executor::block_on;
use fxtranslate::engine::Engine as Bare;
use fxtranslate::shortlist::Shortlist;
use wortlaut::engine::firefox::{Firefox, FirefoxOptions};
use wortlaut::engine::{Engine, Tuning};
use wortlaut::model::{Batch, Request};

const WIDTH: u32 = 512;
const INNER: u32 = 2048;
const VOCABULARY: u32 = 32_000;
const ENCODER: u32 = 6;
const DECODER: u32 = 2;
const SENTENCES: u32 = 64;
/// Tokens of the shortest and the longest sentence.
const TOKENS: (u32, u32) = (6, 45);
/// Candidates that the shortlist has for each source token.
const CANDIDATES: u32 = 100;

/// A small generator of numbers that are the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(limit)).unwrap()
    }
}

/// A tensor of the file: name, Marian's number of its type, shape, bytes.
type Tensor = (String, u64, Vec<u32>, Vec<u8>);

fn table(tensors: &mut Vec<Tensor>, random: &mut Random, name: &str, (rows, columns): (u32, u32)) {
    let mut bytes: Vec<u8> = (0..rows * columns).map(|_| random.below(256).to_le_bytes()[0]).collect();
    bytes.extend(2000_f32.to_le_bytes());
    tensors.push((name.to_owned(), 0x4101, vec![rows, columns], bytes));
    let scale = if name == "Wemb" { "none_QuantMultA".to_owned() } else { format!("{name}_QuantMultA") };
    vector(tensors, &scale, 1, 30.0);
}

fn vector(tensors: &mut Vec<Tensor>, name: &str, length: u32, value: f32) {
    let bytes = (0..length).flat_map(|_| value.to_le_bytes()).collect();
    tensors.push((name.to_owned(), 0x404, vec![1, length], bytes));
}

fn tensors() -> Vec<Tensor> {
    let mut all = Vec::new();
    let mut random = Random(1);
    let square = (WIDTH, WIDTH);
    table(&mut all, &mut random, "Wemb", (VOCABULARY, WIDTH));
    vector(&mut all, "decoder_ff_logit_out_b", VOCABULARY, 0.0);
    let encoder = (1..=ENCODER).map(|n| (format!("encoder_l{n}"), "self"));
    let decoder = (1..=DECODER).map(|n| (format!("decoder_l{n}"), "context"));
    for (layer, attention) in encoder.chain(decoder) {
        let mut norms = vec![format!("{layer}_{attention}_Wo"), format!("{layer}_ffn_ffn")];
        for part in ["q", "k", "v", "o"] {
            table(&mut all, &mut random, &format!("{layer}_{attention}_W{part}"), square);
            vector(&mut all, &format!("{layer}_{attention}_b{part}"), WIDTH, 0.0);
        }
        table(&mut all, &mut random, &format!("{layer}_ffn_W1"), (WIDTH, INNER));
        vector(&mut all, &format!("{layer}_ffn_b1"), INNER, 0.0);
        table(&mut all, &mut random, &format!("{layer}_ffn_W2"), (INNER, WIDTH));
        vector(&mut all, &format!("{layer}_ffn_b2"), WIDTH, 0.0);
        if attention == "context" {
            table(&mut all, &mut random, &format!("{layer}_rnn_W"), square);
            table(&mut all, &mut random, &format!("{layer}_rnn_Wf"), square);
            vector(&mut all, &format!("{layer}_rnn_bf"), WIDTH, 0.0);
            norms.push(format!("{layer}_rnn_ffn"));
        }
        for norm in norms {
            vector(&mut all, &format!("{norm}_ln_scale"), WIDTH, 1.0);
            vector(&mut all, &format!("{norm}_ln_bias"), WIDTH, 0.0);
        }
    }
    let yaml = format!(
        "dim-emb: {WIDTH}\ntransformer-heads: 8\nenc-depth: {ENCODER}\ndec-depth: {DECODER}\n\
         transformer-dim-ffn: {INNER}\n"
    );
    all.push((
        "special:model.yml".to_owned(),
        0x101,
        vec![u32::try_from(yaml.len()).unwrap()],
        yaml.into_bytes(),
    ));
    all
}

fn model() -> Vec<u8> {
    let tensors = tensors();
    let mut file = Vec::new();
    let word = |file: &mut Vec<u8>, value: usize| file.extend((value as u64).to_le_bytes());
    word(&mut file, 1);
    word(&mut file, tensors.len());
    for (name, kind, shape, bytes) in &tensors {
        word(&mut file, name.len() + 1);
        file.extend(kind.to_le_bytes());
        word(&mut file, shape.len());
        word(&mut file, bytes.len());
    }
    for (name, ..) in &tensors {
        file.extend(name.bytes().chain([0]));
    }
    file.extend(tensors.iter().flat_map(|(_, _, shape, _)| shape.iter().flat_map(|n| n.to_le_bytes())));
    word(&mut file, 0);
    file.extend(tensors.iter().flat_map(|(.., bytes)| bytes));
    file
}

/// Word pieces made of syllables; each is a word of its own, so a sentence has as many tokens as words.
fn piece(number: u32) -> String {
    let consonants = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "w", "z", "st", "sch"];
    let vowels = ["a", "e", "i", "o", "u", "au", "ei", "ie"];
    let mut rest = number;
    let mut word = String::from("\u{2581}");
    for _ in 0..3 {
        word += consonants[(rest % 16) as usize];
        word += vowels[(rest / 16 % 8) as usize];
        rest /= 128;
    }
    word
}

/// A `SentencePiece` model: repeated field 1 of piece (field 1), score (2) and type (3).
fn vocabulary() -> Vec<u8> {
    let mut file = Vec::new();
    for number in 0..VOCABULARY {
        let (text, kind) = match number {
            0 => ("</s>".to_owned(), 3),
            1 => ("<unk>".to_owned(), 2),
            _ => (piece(number), 1),
        };
        let mut message = vec![0x0a, u8::try_from(text.len()).unwrap()];
        message.extend(text.bytes());
        message.push(0x15);
        message.extend((-10_f32).to_le_bytes());
        message.extend([0x18, kind]);
        file.extend([0x0a, u8::try_from(message.len()).unwrap()]);
        file.extend(message);
    }
    file
}

fn shortlist() -> Vec<u8> {
    let mut random = Random(2);
    let mut file = Vec::new();
    for value in [0, 0, CANDIDATES, CANDIDATES, VOCABULARY + 1, VOCABULARY * CANDIDATES] {
        file.extend(u64::from(value).to_le_bytes());
    }
    file.extend((0..=VOCABULARY).flat_map(|n| u64::from(n * CANDIDATES).to_le_bytes()));
    file.extend((0..VOCABULARY * CANDIDATES).flat_map(|_| random.below(VOCABULARY).to_le_bytes()));
    file
}

fn sentences() -> Vec<String> {
    let mut random = Random(3);
    let sentence = |_| {
        let words = TOKENS.0 + random.below(TOKENS.1 - TOKENS.0);
        let words: Vec<String> = (0..words).map(|_| piece(2 + random.below(VOCABULARY - 2))).collect();
        words.join(" ").replace('\u{2581}', "")
    };
    (0..SENTENCES).map(sentence).collect()
}

fn write(folder: &Path, name: &str, bytes: Vec<u8>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn firefox(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let threads = available_parallelism().map_or(1, NonZeroUsize::get);
    let options = FirefoxOptions {
        profile: "bench".to_owned(),
        model: write(folder.path(), "model.bin", model()),
        vocabulary: write(folder.path(), "vocab.spm", vocabulary()),
        shortlist: None,
        tuning: Tuning { threads: NonZeroUsize::new(threads), ..Tuning::default() },
    };
    let lex = write(folder.path(), "lex.bin", shortlist());
    let sentences = sentences();
    let texts: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let request = |text: &String| Request { text: text.clone(), terms: Vec::new(), inlines: Vec::new() };
    let batch = Batch { requests: sentences.iter().map(request).collect(), ..Batch::default() };

    for (name, lex) in [("whole vocabulary", None), ("shortlist", Some(lex))] {
        let mut group = criterion.benchmark_group(format!("firefox, {name}, {threads} threads"));
        group
            .sample_size(10)
            .sampling_mode(SamplingMode::Flat)
            .throughput(Throughput::Elements(SENTENCES.into()));
        let mut bare = Bare::load(&options.model, &options.vocabulary, &options.vocabulary).unwrap();
        if let Some(lex) = &lex {
            bare = bare.with_shortlist(Shortlist::load(lex).unwrap());
        }
        let bare = bare.with_threads(threads);
        let engine = Firefox::open(&FirefoxOptions { shortlist: lex, ..options.clone() }).unwrap();
        group.bench_function("bare crate", |bencher| bencher.iter(|| bare.translate_batch(&texts)));
        group
            .bench_function("engine", |bencher| bencher.iter(|| block_on(engine.translate(&batch)).unwrap()));
        group.finish();
    }
}

criterion_group!(benches, firefox);
criterion_main!(benches);
