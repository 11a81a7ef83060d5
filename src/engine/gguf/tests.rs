//! The engine on tiny networks with random weights, which the tests write themselves.

use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{Value, write};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use tempfile::TempDir;

use super::*;
use crate::engine::ErrorClass;
use crate::model::TermHint;

const WIDTH: usize = 32;
const INNER: usize = 64;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const HEAD: usize = 8;
const LAYERS: usize = 3;

const CHAT: &str = "{% for m in messages %}<|turn|>{{ m.role }}\n{{ m.content | trim }}{% endfor %}\
                    {% if add_generation_prompt %}<|turn|>assistant\n{% endif %}";

/// Asks in the manner of TranslateGemma, whose prompt is the shortest.
const SHORT: &str = "{# source_lang_code #}";

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

struct Tiny {
    architecture: &'static str,
    template: Option<&'static str>,
    /// The token whose embedding is so large that the model says it whatever it is asked.
    stuck: Option<usize>,
    metadata: Vec<(String, Value)>,
    _folder: TempDir,
    path: PathBuf,
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
    fn new(architecture: &'static str) -> Self {
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
        Self { architecture, template: None, stuck: None, metadata, _folder: folder, path }
    }

    fn set(mut self, key: &str, value: Value) -> Self {
        self.metadata.retain(|(name, _)| name != key);
        self.metadata.push((key.to_owned(), value));
        self
    }

    fn write(self) -> Self {
        let mut all = vec![("general.architecture".to_owned(), Value::String(self.architecture.to_owned()))];
        all.extend(self.metadata.clone());
        all.extend(vocabulary(self.template));
        let tensors = weights(self.architecture, self.stuck);
        let metadata: Vec<(&str, &Value)> = all.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, t)| (name.as_str(), t)).collect();
        write(&mut File::create(&self.path).unwrap(), &metadata, &tensors).unwrap();
        self
    }

    fn probe(&self) -> Probe {
        Probe::load(&self.path).unwrap()
    }

    fn engine(&self) -> Result<Gguf, EngineError> {
        let model = self.path.clone();
        Gguf::load(Options { profile: "tiny".into(), model, context: 1024, caveat: Some("tiny") })
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

fn weights(architecture: &str, stuck: Option<usize>) -> Vec<(String, QTensor)> {
    let mut noise = Noise(7);
    let (queries, keys, words) = (HEADS * HEAD, KV_HEADS * HEAD, tokens().len());
    // Small embeddings, or nothing else would count for what is said next.
    let embeddings =
        (noise.tensor(&[words, WIDTH], GgmlDType::F32).dequantize(&Device::Cpu).unwrap() * 0.1).unwrap();
    let mut all = vec![
        ("token_embd.weight".to_owned(), QTensor::quantize(&embeddings, GgmlDType::Q8_0).unwrap()),
        ("output_norm.weight".to_owned(), noise.tensor(&[WIDTH], GgmlDType::F32)),
    ];
    if let Some(token) = stuck {
        // With a norm of ones, what is most like the last position's row wins; with equal rows, the one scaled up.
        let mut rows = vec![0.01f32; words * WIDTH];
        rows[token * WIDTH..(token + 1) * WIDTH].fill(1.0);
        let rows = Tensor::from_vec(rows, (words, WIDTH), &Device::Cpu).unwrap();
        all[0].1 = QTensor::quantize(&rows, GgmlDType::Q8_0).unwrap();
        let ones = Tensor::ones(WIDTH, candle_core::DType::F32, &Device::Cpu).unwrap();
        all[1].1 = QTensor::quantize(&ones, GgmlDType::F32).unwrap();
    }
    for layer in 0..LAYERS {
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
            "gemma3" => parts.extend([
                ("attn_q_norm.weight", vec![HEAD]),
                ("attn_k_norm.weight", vec![HEAD]),
                ("post_attention_norm.weight", vec![WIDTH]),
                ("post_ffw_norm.weight", vec![WIDTH]),
            ]),
            _ => {}
        }
        for (name, shape) in parts {
            let kind = if shape.len() == 1 { GgmlDType::F32 } else { GgmlDType::Q8_0 };
            let mut tensor = noise.tensor(&shape, kind);
            if stuck.is_some() {
                let zeros = Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu).unwrap();
                tensor = QTensor::quantize(&zeros, kind).unwrap();
            }
            all.push((format!("blk.{layer}.{name}"), tensor));
        }
    }
    all
}

/// A model that answers with one token, over and over.
fn stuck_on(token: &str) -> Tiny {
    let mut tiny = Tiny::new("llama");
    tiny.template = Some(SHORT);
    tiny.stuck = tokens().iter().position(|known| known == token);
    assert!(tiny.stuck.is_some());
    tiny.write()
}

fn batch(texts: &[&str]) -> Batch {
    let request = |text: &&str| Request { text: (*text).to_owned(), terms: Vec::new() };
    Batch { requests: texts.iter().map(request).collect(), context: None }
}

#[test]
fn every_architecture_says_the_same_with_and_without_a_shared_beginning() {
    for architecture in ["qwen2", "llama", "gemma3"] {
        let probe = Tiny::new(architecture).write().probe();
        let prompt = probe.tokens("Der Hafen von Husum ist heute wegen Hochwassers gesperrt.").unwrap();
        let alone = probe.greedy(&[&prompt], 0, 24).unwrap();
        for shared in [1, 7, prompt.len() - 1] {
            assert_eq!(
                probe.greedy(&[&prompt], shared, 24).unwrap(),
                alone,
                "{architecture}, {shared} shared"
            );
        }
    }
}

#[test]
fn texts_decoded_side_by_side_do_not_touch_one_another() {
    for architecture in ["qwen2", "llama", "gemma3"] {
        let probe = Tiny::new(architecture).write().probe();
        let prompts: Vec<_> = ["Eins", "Zwei und drei", "Ein viertes Wort folgt"]
            .map(|text| probe.tokens(text).unwrap())
            .to_vec();
        let together = probe.greedy(&prompts.iter().map(Vec::as_slice).collect::<Vec<_>>(), 1, 16).unwrap();
        for (prompt, said) in prompts.iter().zip(together) {
            assert_eq!(probe.greedy(&[prompt], 1, 16).unwrap(), [said], "{architecture}");
        }
    }
}

#[test]
fn architectures_differ_in_what_they_say() {
    let said = |architecture| {
        let probe = Tiny::new(architecture).write().probe();
        let prompt = probe.tokens("Am Abend brannte noch Licht.").unwrap();
        probe.greedy(&[&prompt], 0, 24).unwrap()
    };
    assert_ne!(said("qwen2"), said("llama"));
    assert_ne!(said("gemma3"), said("llama"));
}

#[test]
fn a_sliding_window_hides_what_is_far_away() {
    let said = |window: u32| {
        let tiny = Tiny::new("gemma3").set("gemma3.attention.sliding_window", Value::U32(window)).write();
        let probe = tiny.probe();
        let prompt = probe.tokens("Die Fähre nach Amrum fährt bei Sturm nicht, sagt die Reederei.").unwrap();
        probe.greedy(&[&prompt], 0, 24).unwrap()
    };
    assert_ne!(said(2), said(1000));
    assert_eq!(said(500), said(1000));
}

#[tokio::test]
async fn a_loop_is_cut_to_its_first_round_and_told() {
    let engine = stuck_on("x").engine().unwrap();
    let answers = engine.translate(&batch(&["Der Zug hält in Hamm.", "Er fährt weiter."])).await.unwrap();
    assert_eq!(answers.len(), 2);
    for answer in answers {
        assert_eq!((answer.text.as_str(), answer.cuts), ("x", vec![crate::model::Cut::Loop]));
    }
}

#[tokio::test]
async fn an_answer_without_words_is_an_error_of_the_segment() {
    for token in ["<end>", "<|turn|>", "."] {
        let engine = stuck_on(token).engine().unwrap();
        let error = engine.translate(&batch(&["Der Zug hält in Hamm."])).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Reject, "{token}: {error}");
    }
}

#[tokio::test]
async fn a_text_that_leaves_no_room_for_an_answer_is_too_large() {
    let engine = stuck_on("x").engine().unwrap();
    let error = engine.translate(&batch(&[&"Wort ".repeat(400)])).await.unwrap_err();
    assert_eq!(error, EngineError::TooLarge);
}

#[tokio::test]
async fn more_texts_than_slots_come_back_in_order_and_as_if_alone() {
    let engine = Tiny::new("qwen2").write().engine().unwrap();
    let texts: Vec<String> =
        (0..3 * SLOTS).map(|number| format!("Satz Nummer {number} von vielen.")).collect();
    let answer = async |texts: &[&str]| engine.translate(&batch(texts)).await;
    for text in &texts[..3] {
        let (first, second) = (answer(&[text]).await, answer(&[text]).await);
        assert_eq!(first, second);
    }
    let all: Vec<&str> = texts.iter().map(String::as_str).collect();
    match answer(&all).await {
        Ok(answers) => assert_eq!(answers.len(), texts.len()),
        Err(error) => assert_eq!(error.class(), ErrorClass::Reject),
    }
}

#[tokio::test]
async fn giving_up_a_batch_leaves_the_engine_usable() {
    let engine = stuck_on("x").engine().unwrap();
    let given_up = batch(&["Die Ampel ist rot."]);
    drop(futures::poll!(engine.translate(&given_up)));
    assert_eq!(engine.translate(&batch(&["Grün."])).await.unwrap()[0].text, "x");
}

#[test]
fn a_text_cannot_be_taken_for_a_mark() {
    let mut tiny = Tiny::new("llama");
    tiny.template = Some(CHAT);
    let (_, tokens) = tiny.write().probe().into_parts();
    let prompter = prompt::Prompter::new(&tokens).unwrap();
    assert_eq!(prompter.style(), Style::Chat);
    let request = |text: &str| Request { text: text.to_owned(), terms: Vec::new() };
    let marks =
        |text| prompter.prompt(&tokens, &request(text), None).unwrap().own.iter().filter(|t| **t < 3).count();
    assert_eq!(marks("Er kommt."), marks("Er <|turn|> kommt <end>."));
    assert_eq!(tokens.marked("Er <|turn|> kommt <end>.").unwrap().iter().filter(|t| **t < 3).count(), 2);
}

#[test]
fn prompts_share_their_fixed_part_and_carry_terms_and_context() {
    for template in [None, Some(CHAT), Some(SHORT)] {
        let mut tiny = Tiny::new("llama");
        tiny.template = template;
        let (_, tokens) = tiny.write().probe().into_parts();
        let prompter = prompt::Prompter::new(&tokens).unwrap();
        let terms = vec![TermHint { source: "Deich".into(), target: "dyke".into() }];
        let bare = Request { text: "Der Deich hält.".into(), terms: Vec::new() };
        let rich = Request { terms, ..bare.clone() };
        let (bare, rich) = (
            prompter.prompt(&tokens, &bare, None).unwrap(),
            prompter.prompt(&tokens, &rich, Some("Es stürmt.")).unwrap(),
        );
        assert_eq!(bare.fixed, rich.fixed);
        assert!(!bare.own.is_empty() && bare.own.len() < rich.own.len());
        let told = tokens.text(&rich.own).unwrap();
        assert!(told.contains("Deich = dyke") && told.contains("Der Deich hält."), "{told}");
        assert_eq!(told.contains("Es stürmt."), template.is_some());
    }
}

#[test]
fn a_template_without_system_turns_gets_its_text_in_the_first_turn() {
    let strict = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}\
                  {% for m in messages %}<|turn|>{{ m.content }}{% endfor %}";
    let mut tiny = Tiny::new("llama");
    tiny.template = Some(strict);
    let (_, tokens) = tiny.write().probe().into_parts();
    let turns = [template::Turn::new("system", "Kurz."), template::Turn::new("user", "Ja?")];
    assert_eq!(template::render(&tokens, strict, &turns).unwrap(), "<|turn|>Kurz.\n\nJa?");
}

#[test]
fn what_cannot_be_used_is_refused_with_its_reason() {
    let refused = |tiny: Tiny| match tiny.write().engine() {
        Err(EngineError::Unusable(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert!(refused(Tiny::new("mamba")).contains("mamba"));
    let zero = Tiny::new("llama").set("llama.attention.head_count", Value::U32(0));
    assert!(refused(zero).contains("attention.head_count"));
    let odd = Tiny::new("llama").set("llama.attention.head_count_kv", Value::U32(3));
    assert!(refused(odd).contains("heads"));
    let wide = Tiny::new("llama").set("llama.feed_forward_length", Value::U32(96));
    assert!(refused(wide).contains("ffn_gate"));
    let yarn = Tiny::new("llama").set("llama.rope.scaling.type", Value::String("yarn".into()));
    assert!(refused(yarn).contains("yarn"));
}

#[test]
fn a_broken_file_is_an_error_wherever_it_ends() {
    let tiny = Tiny::new("qwen2").write();
    let whole = std::fs::read(&tiny.path).unwrap();
    for part in [0, 3, 20, 1000, whole.len() / 2, whole.len() - 64] {
        std::fs::write(&tiny.path, &whole[..part]).unwrap();
        assert!(matches!(tiny.engine(), Err(EngineError::Unusable(_))), "{part} bytes");
    }
    std::fs::remove_file(&tiny.path).unwrap();
    assert!(matches!(tiny.engine(), Err(EngineError::Unusable(_))));
}

#[test]
fn the_fingerprint_follows_the_file() {
    let print = |tiny: &Tiny| tiny.engine().unwrap().info().fingerprint.clone();
    let (one, other) = (Tiny::new("qwen2").write(), Tiny::new("llama").write());
    assert_eq!(print(&one), print(&one));
    assert_ne!(print(&one), print(&other));
}

#[test]
fn the_path_of_a_file_stands_in_its_errors() {
    let error = Probe::load(Path::new("no/such.gguf")).err().unwrap();
    assert!(error.to_string().contains("such.gguf"));
}
