//! The engine on tiny networks with random weights, which the tests write themselves.

mod tiny;

use std::path::Path;

use candle_core::quantized::gguf_file::Value;

use self::tiny::{CHAT, SHORT, Tiny, stuck_on};
use super::*;
use crate::engine::ErrorClass;
use crate::model::TermHint;

fn batch(texts: &[&str]) -> Batch {
    let request = |text: &&str| Request { text: (*text).to_owned(), terms: Vec::new(), styles: Vec::new() };
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
    let request = |text: &str| Request { text: text.to_owned(), terms: Vec::new(), styles: Vec::new() };
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
        let bare = Request { text: "Der Deich hält.".into(), terms: Vec::new(), styles: Vec::new() };
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
