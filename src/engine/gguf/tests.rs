//! The engine on tiny networks with random weights, which the tests write themselves.

mod tiny;

use std::path::Path;

use candle_core::quantized::gguf_file::Value;

use self::tiny::{CHAT, SHORT, Tiny, saying, stuck_on};
use super::model::{Chunk, GgufModel};
use super::noisy_channel::NoisyChannel;
use super::past::ModelPast;
use super::rivals::WrittenAnswer;
use super::tokens::Tokens;
use super::writing::WritingRules;
use super::*;
use crate::check::testing::term;
use crate::engine::EngineKind;
use crate::engine::ErrorClass;
use crate::engine::constraint::{Hypothesis, ModelVocabulary as _, Past as _, Scores, WantedTerms};
use crate::model::{TermHint, Translation};

const ARCHITECTURES: [&str; 4] = ["qwen2", "qwen3", "llama", "gemma3"];

fn batch(texts: &[&str]) -> Batch {
    let request = |text: &&str| Request { text: (*text).to_owned(), terms: Vec::new(), inlines: Vec::new() };
    Batch { requests: texts.iter().map(request).collect(), ..Batch::default() }
}

#[test]
fn every_architecture_says_the_same_with_and_without_a_shared_beginning() {
    for architecture in ARCHITECTURES {
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
    for architecture in ARCHITECTURES {
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
    let all: std::collections::HashSet<_> = ARCHITECTURES.map(said).into_iter().collect();
    assert_eq!(all.len(), ARCHITECTURES.len());
}

#[test]
fn forced_to_say_what_it_says_a_model_agrees_with_itself() {
    let probe = Tiny::new("qwen3").write().probe();
    let prompt = probe.tokens("Im Tal liegt Nebel.").unwrap();
    let said = probe.greedy(&[&prompt], 0, 12).unwrap().remove(0);
    assert_eq!(probe.forced(&prompt, &said).unwrap(), said);
}

#[test]
fn heads_may_be_wider_than_their_share() {
    // As in Qwen3 4B, whose 32 heads of 128 take 4,096 values where a position has 2,560.
    let narrow = Tiny::new("qwen3").set("qwen3.attention.key_length", Value::U32(4)).write();
    assert!(narrow.engine().err().unwrap().to_string().contains("attn_q"));
    let mut wide = Tiny::new("qwen3").set("qwen3.attention.key_length", Value::U32(16));
    wide.head = 16;
    let probe = wide.write().probe();
    let prompt = probe.tokens("Am Deich weiden Schafe.").unwrap();
    let said = probe.greedy(&[&prompt], 0, 12).unwrap();
    assert_eq!(probe.greedy(&[&prompt], 3, 12).unwrap(), said);
    assert!(!said[0].is_empty());
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
async fn what_repeats_itself_in_the_german_may_do_so_in_the_english() {
    let engine = stuck_on("x").engine().unwrap();
    let answers = engine.translate(&batch(&[&"ha".repeat(9)])).await.unwrap();
    assert!(answers[0].text.len() > 16);
    assert_eq!(answers[0].cuts, [crate::model::Cut::Runaway]);
}

#[tokio::test]
async fn tuning_changes_limits_and_not_what_comes_out() {
    let tiny = Tiny::new("qwen2").write();
    let number = NonZeroUsize::new;
    let tuning = Tuning { threads: None, segments: number(3), concurrency: number(1) };
    let tuned = Gguf::load(GgufOptions { tuning, ..tiny.options() }).unwrap();
    assert_eq!((tuned.info().limits.segments, tuned.info().concurrency), (3, 1));
    assert_eq!(tuned.info().fingerprint, tiny.engine().unwrap().info().fingerprint);
    let tuning = Tuning { threads: number(1 + barrier_pool().n_workers()), ..Tuning::default() };
    assert!(Gguf::load(GgufOptions { tuning, ..tiny.options() }).is_ok());
    let tuning = Tuning { threads: number(4711), ..Tuning::default() };
    let refused = Gguf::load(GgufOptions { tuning, ..tiny.options() }).err().unwrap().to_string();
    assert!(refused.contains("4711") && refused.contains("CANDLE_NUM_THREADS"), "{refused}");
}

#[test]
fn sentences_go_alone_if_that_is_wanted() {
    let mut tiny = Tiny::new("llama");
    tiny.template = Some(CHAT);
    let tiny = tiny.write();
    let with = tiny.engine().unwrap();
    let alone = Gguf::load(GgufOptions { neighbours: false, ..tiny.options() }).unwrap();
    assert!(with.info().abilities.context && !alone.info().abilities.context);
    assert!(
        with.takes_context("Es regnet.") && !with.takes_context("") && !alone.takes_context("Es regnet.")
    );
    assert_ne!(with.info().fingerprint, alone.info().fingerprint);
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
    assert!(matches!(error, EngineError::TooLarge), "{error}");
}

#[tokio::test]
async fn more_texts_than_slots_come_back_in_order_and_as_if_alone() {
    let engine = Tiny::new("qwen2").write().engine().unwrap();
    let texts: Vec<String> =
        (0..3 * SLOTS).map(|number| format!("Satz Nummer {number} von vielen.")).collect();
    let answer = async |texts: &[&str]| engine.translate(&batch(texts)).await;
    for text in &texts[..3] {
        // The model knows nothing: what it says may be no answer, but then it is none again.
        let said = async || answer(&[text]).await.map_err(|error| error.to_string());
        let (first, second) = (said().await, said().await);
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
    assert_eq!(prompter.style(), PromptStyle::Chat);
    let request = |text: &str| Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    let marks = |text| {
        prompter.prompt(&tokens, &request(text), None, &[]).unwrap().own.iter().filter(|t| **t < 3).count()
    };
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
        let bare = Request { text: "Der Deich hält.".into(), terms: Vec::new(), inlines: Vec::new() };
        let rich = Request { terms, ..bare.clone() };
        let (bare, rich) = (
            prompter.prompt(&tokens, &bare, None, &[]).unwrap(),
            prompter.prompt(&tokens, &rich, Some("Es stürmt."), &[]).unwrap(),
        );
        assert_eq!(bare.fixed, rich.fixed);
        assert!(!bare.own.is_empty() && bare.own.len() < rich.own.len());
        let told = tokens.text(&rich.own).unwrap();
        assert!(told.contains("Deich = dyke") && told.contains("Der Deich hält."), "{told}");
        assert_eq!(told.contains("Es stürmt."), template.is_some());
    }
}

#[test]
fn examples_stand_between_the_fixed_part_and_the_text_as_the_pairs_do() {
    let example = |source: &str, target: &str| Example { source: source.into(), target: target.into() };
    let examples =
        [example("Der Deich brach.", "The dyke broke."), example("Er brach.", "It <|turn|> broke.")];
    for (template, between) in [(None, "English: "), (Some(CHAT), "assistant")] {
        let mut tiny = Tiny::new("llama");
        tiny.template = template;
        let (_, tokens) = tiny.write().probe().into_parts();
        let prompter = prompt::Prompter::new(&tokens).unwrap();
        assert!(prompter.takes_examples());
        let request = Request { text: "Der Deich hält.".into(), terms: Vec::new(), inlines: Vec::new() };
        let bare = prompter.prompt(&tokens, &request, None, &[]).unwrap();
        let shown = prompter.prompt(&tokens, &request, None, &examples).unwrap();
        assert_eq!(shown.fixed, bare.fixed);
        assert!(shown.own.ends_with(&bare.own), "the nearest comes last, and then the text as ever");
        let told = tokens.text(&shown.own).unwrap();
        let places = ["It <|turn|> broke.", "German: Der Deich brach.", between, "The dyke broke.", "hält."];
        let places = places.iter().scan(0, |from, part| {
            *from += told[*from..].find(part).unwrap_or_else(|| panic!("{part} in {told}"));
            Some(*from)
        });
        assert_eq!(places.count(), 5);
        let marks = shown.own.iter().filter(|token| **token < 3).count();
        let pair = if template.is_some() { 2 } else { 0 };
        assert_eq!(marks, bare.own.iter().filter(|token| **token < 3).count() + 2 * pair);
    }
}

#[test]
fn a_prompt_of_fixed_form_takes_no_examples() {
    let engine = stuck_on("x").engine().unwrap();
    assert!(!engine.info().abilities.examples);
    assert!(Tiny::new("qwen2").write().engine().unwrap().info().abilities.examples);
}

#[test]
fn examples_that_leave_no_room_are_left_out() {
    let (model, tokens) = Tiny::new("qwen2").write().probe().into_parts();
    let state = PromptState::beside(Path::new("no/such.gguf"), blake3::hash(b""));
    let decoder = Decoder::new(model, tokens, 4096, state, false).unwrap();
    let request =
        Request { text: "Der Zug hält in Hamm.".to_owned(), terms: Vec::new(), inlines: Vec::new() };
    let length = |examples: usize| {
        let example = Example { source: "Wort ".repeat(60), target: "Word ".repeat(60) };
        let (reply, _) = oneshot::channel();
        let examples = vec![example; examples];
        decoder
            .fitting(
                &DecodeJob {
                    request: request.clone(),
                    context: None,
                    examples,
                    wanted: Arc::default(),
                    reply,
                },
                100,
            )
            .unwrap()
            .own
            .len()
    };
    assert!(length(1) > length(0) + 600);
    assert_eq!(length(9), length(0));
}

#[test]
fn the_state_of_the_fixed_part_is_computed_once_and_kept() {
    let tiny = Tiny::new("llama").write();
    let (model, tokens) = tiny.probe().into_parts();
    let prompt = tokens.plain("Am Deich weiden Schafe.").unwrap();
    let state = PromptState::beside(&tiny.path, blake3::hash(b""));
    let seen = || fixed::FixedPart::new(state.clone()).seen(&model, &prompt).unwrap();
    let computed = seen();
    let (layers, width) = model.cached();
    assert_eq!(state.load(&prompt, layers, width).as_ref(), Some(&computed));
    // Whatever is kept is taken.
    let mut other = computed.to_bytes();
    other[0] ^= 1;
    let other = cache::Positions::from_bytes(&other, prompt.len(), layers, width);
    state.save(&prompt, &other);
    assert_eq!(*seen(), other);
}

#[tokio::test]
async fn a_second_run_says_the_same_with_what_the_first_has_kept() {
    let tiny = stuck_on("x");
    let kept = || std::fs::read(tiny.path.with_file_name("tiny.gguf.prompt"));
    let said = async || {
        let answers = tiny.engine().unwrap().translate(&batch(&["Der Zug hält in Hamm."])).await;
        answers.map_err(|error| error.to_string())
    };
    let first = said().await;
    let state = kept().expect("the state is kept");
    assert_eq!(said().await, first);
    assert_eq!(kept().unwrap(), state);
}

#[test]
fn a_template_without_system_turns_gets_its_text_in_the_first_turn() {
    let strict = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}\
                  {% for m in messages %}<|turn|>{{ m.content }}{% endfor %}";
    let mut tiny = Tiny::new("llama");
    tiny.template = Some(strict);
    let (_, tokens) = tiny.write().probe().into_parts();
    let turns = [template::ChatTurn::new("system", "Kurz."), template::ChatTurn::new("user", "Ja?")];
    assert_eq!(template::render(&tokens, strict, &turns).unwrap(), "<|turn|>Kurz.\n\nJa?");
}

#[test]
fn a_template_may_look_backwards_and_take_thoughts_apart() {
    // What the templates of thinking models do.
    let backwards = "{%- set ns = namespace(last=messages|length - 1, open=true) %}\
        {%- for m in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}\
        {%- if ns.open and m.role == 'user' and m.content is string and not(m.content.startswith('<x>')) %}\
        {%- set ns.open = false %}{%- set ns.last = index %}{%- endif %}{%- endfor %}\
        {%- for m in messages %}{{- '<|turn|>' + m.role + '\n' }}\
        {%- if loop.index0 > ns.last or m.reasoning is string %}?{%- endif %}\
        {{- m.content.split('</think>')[-1].lstrip('\n').rstrip('\n') }}{%- endfor %}\
        {%- if add_generation_prompt %}{{- '<|turn|>assistant\n' }}\
        {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}\
        {%- endif %}{%- endif %}";
    let mut tiny = Tiny::new("qwen3");
    tiny.template = Some(backwards);
    let (_, tokens) = tiny.write().probe().into_parts();
    let turns = [template::ChatTurn::new("system", "Kurz."), template::ChatTurn::new("user", "Ja?")];
    assert_eq!(
        template::render(&tokens, backwards, &turns).unwrap(),
        "<|turn|>system\nKurz.<|turn|>user\nJa?<|turn|>assistant\n<think>\n\n</think>\n\n"
    );
}

#[test]
fn what_cannot_be_used_is_refused_with_its_reason() {
    let refused = |tiny: Tiny| match tiny.write().engine() {
        Err(error @ (EngineError::Unusable(_) | EngineError::Broken { .. })) => error.to_string(),
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
        assert!(matches!(tiny.engine(), Err(EngineError::Broken { .. })), "{part} bytes");
    }
    std::fs::remove_file(&tiny.path).unwrap();
    assert!(matches!(tiny.engine(), Err(EngineError::Broken { .. })));
}

/// The header of a file may claim any size.
#[test]
fn a_matrix_larger_than_its_file_is_an_error() {
    let tiny = Tiny::new("qwen2").set("qwen2.embedding_length", Value::U32(256)).write();
    let whole = std::fs::read(&tiny.path).unwrap();
    let name = b"token_embd.weight";
    let dimensions = whole.windows(name.len()).position(|bytes| bytes == name).unwrap() + name.len() + 4;
    for (rows, expected) in
        [(1 << 40, "unexpected end of file"), (1 << 60, "more weights than can be counted")]
    {
        let mut claim: Vec<u8> = [256, rows].into_iter().flat_map(u64::to_le_bytes).collect();
        // 12 stands for Q4_K.
        claim.extend(12_u32.to_le_bytes());
        let mut file = whole.clone();
        file[dimensions..][..claim.len()].copy_from_slice(&claim);
        std::fs::write(&tiny.path, file).unwrap();
        let error = tiny.engine().err().unwrap();
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let told: Vec<String> = causes.map(ToString::to_string).collect();
        assert!(told.join(": ").contains(expected), "{told:?}");
    }
}

#[test]
fn the_kind_knows_what_the_engine_does() {
    let info = Tiny::new("qwen2").write().engine().unwrap().info().clone();
    assert_eq!(EngineKind::Gguf.takes_terms(), info.abilities.terms);
    let made = Fingerprint::parse(&info.profile, &info.fingerprint).unwrap();
    assert_eq!(made.kind, EngineKind::Gguf);
    assert_eq!(made.has_constraints(), info.abilities.constraints);
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

const SHIP: &str = "Schiff kam.";

/// Says `Ship came.`, and after `Ferry`, at which it would rather not begin, goes on in the same way.
fn seaman() -> Tiny {
    let said = "⏎Ship came.⏹";
    let pairs = said.chars().zip(said.chars().skip(1)).map(|(before, behind)| (before, behind, 1.0));
    let other = [
        ('⏎', 'F', 0.75),
        ('F', 'e', 1.0),
        ('e', 'r', 0.75),
        ('r', 'r', 0.5),
        ('r', 'y', 0.5),
        ('y', ' ', 1.0),
    ];
    saying(SHORT, &pairs.chain(other).collect::<Vec<_>>())
}

/// Begins with `Ship`, at which it stumbles, or nearly as gladly with `Tug`, at which it does not.
fn stumbling(template: &'static str) -> Tiny {
    let sure =
        |said: &'static str| said.chars().zip(said.chars().skip(1)).map(|(one, next)| (one, next, 1.0));
    let unsure = [('⏎', 'T', 0.99), ('S', 'x', 0.99), ('x', '⏹', 1.0)];
    saying(template, &sure("⏎Ship came.⏹").chain(sure("Tug ")).chain(unsure).collect::<Vec<_>>())
}

#[tokio::test]
async fn what_might_have_been_said_instead_is_taken_if_it_is_likelier_and_holds_the_terms() {
    let chat = stumbling(CHAT);
    let engine = Gguf::load(GgufOptions { context: 4096, rerank: true, ..chat.options() }).unwrap();
    for (wanted, expected) in [(vec![], "Tug came."), (vec![term("Schiff", "ship", 0)], "Ship came.")] {
        assert_eq!(answers(&engine, &[SHIP], &wanted).await, [Translation::plain(expected)]);
    }
    assert!(chat.path.with_extension("gguf.reversed").exists(), "what the other direction takes is kept");
    // Nobody knows how to ask such a model for German.
    for (template, rerank) in [(SHORT, true), (CHAT, false)] {
        let tiny = stumbling(template);
        let engine = Gguf::load(GgufOptions { context: 4096, rerank, ..tiny.options() }).unwrap();
        assert_eq!(answers(&engine, &[SHIP], &[]).await, [Translation::plain("Ship came.")]);
    }
}

/// How likely tokens are behind others, one by one.
fn likelihood(model: &GgufModel, before: &[u32], tokens: &[u32]) -> f32 {
    let mut cache = model.cache();
    let mut shown = before;
    let each = tokens.iter().map(|token| {
        let scores = model.next(&mut [Chunk { tokens: shown, cache: &mut cache }]).unwrap();
        shown = std::slice::from_ref(token);
        Scores::of_all(scores.of_rows().next().unwrap()).likelihood(*token)
    });
    each.sum()
}

#[test]
fn of_two_answers_that_is_better_from_which_the_german_follows() {
    let answers = ["The ship came.", "The ferry has come."];
    for architecture in ARCHITECTURES {
        let FreeAnswer { model, tokens, .. } = FreeAnswer::of(architecture, "ferry");
        let prompter = prompt::Prompter::new(&tokens).unwrap();
        let reversed = prompter.reversed(&tokens).unwrap().unwrap();
        let german = reversed.reversed_answer(&tokens, SHIP).unwrap();
        let (mut shown, mut expected) = (Vec::new(), Vec::new());
        for answer in answers {
            let question = reversed.reversed_question(&tokens, answer).unwrap();
            expected.push(likelihood(&model, &[reversed.fixed(), &question].concat(), &german));
            shown.push([question, german.clone()].concat());
        }
        let folder = tempfile::tempdir().unwrap();
        let state = PromptState::beside(&folder.path().join("a.gguf"), blake3::hash(b""));
        let mut channel = NoisyChannel::new(&prompter, &tokens, state).unwrap().unwrap();
        let likelihoods = channel.likelihoods(&model, &shown, german.len()).unwrap();
        for (likelihood, expected) in likelihoods.iter().zip(&expected) {
            assert!((likelihood - expected).abs() < 0.01, "{architecture} {likelihoods:?} {expected:?}");
        }
        // Both are as likely by themselves, so the German decides, whichever of them comes first.
        let best = answers[usize::from(expected[1] > expected[0])];
        for [first, other] in [answers, [answers[1], answers[0]]] {
            let of = |answer| WrittenAnswer {
                text: FreeAnswer::of(architecture, "ferry").text,
                answer: Translation::plain(answer),
            };
            let chosen = channel.better(&model, &tokens, 4096, SHIP, [of(first), of(other)]).unwrap();
            assert_eq!(chosen.answer.text, best, "{architecture} {expected:?}");
        }
    }
}

/// The answers to texts, in the first of which these terms are to hold.
async fn answers(engine: &Gguf, texts: &[&str], wanted: &[TermMatch]) -> Vec<Translation> {
    let batch = Batch { wanted: vec![wanted.into()], ..batch(texts) };
    engine.translate(&batch).await.unwrap()
}

#[tokio::test]
async fn a_term_that_is_missing_is_written_in_the_place_of_what_stands_for_it() {
    let engine = seaman().engine().unwrap();
    for (targets, expected) in [
        ("ferry", "Ferry came."),
        ("the ferry", "Ferry came."),
        ("bark|ferry", "Ferry came."),
        ("ferry|bark", "Ferry came."),
        // What already stands there stays, as does all where there is nothing to be written.
        ("ship", "Ship came."),
        ("ferry|ship", "Ship came."),
        ("\u{1}", "Ship came."),
    ] {
        let answers = answers(&engine, &[SHIP], &[term("Schiff", targets, 0)]).await;
        assert_eq!(answers, [Translation::plain(expected)], "{targets}");
    }
}

#[tokio::test]
async fn what_is_written_with_a_term_does_not_depend_on_the_texts_beside_it() {
    let engine = seaman().engine().unwrap();
    let ferry = [term("Schiff", "ferry", 0)];
    let alone = answers(&engine, &[SHIP], &ferry).await;
    let others = format!("Ein {}Wort.", "langes ".repeat(8));
    let together = answers(&engine, &[SHIP, &others, SHIP, &others, "Ja."], &ferry).await;
    assert_eq!(together[0], alone[0]);
    assert_eq!(together[2].text, "Ship came.", "nothing is wanted of the others");
}

#[tokio::test]
async fn a_model_that_cannot_write_a_text_with_a_term_keeps_its_own() {
    let engine = stuck_on("x").engine().unwrap();
    let free = engine.translate(&batch(&[SHIP])).await.unwrap();
    assert_eq!(answers(&engine, &[SHIP], &[term("Schiff", "ferry", 0)]).await, free);
}

fn rules<'a>(tokens: &'a Tokens, wanted: &'a WantedTerms) -> WritingRules<'a> {
    WritingRules {
        source: SHIP,
        tokens,
        openings: wanted.openings(),
        has_rivals: true,
        bound: 24,
        loops: true,
    }
}

/// Lets a model write until the end.
fn write(model: &GgufModel, text: &mut Hypothesis<ModelPast>, writing: &WritingRules<'_>) {
    while !text.has_ended() {
        let mut chunk = [text.past_mut().chunk(usize::MAX)];
        let count = chunk[0].tokens.len();
        let scores = model.next(&mut chunk).unwrap();
        assert!(text.past_mut().seen(count));
        text.go_on(Scores::of_all(scores.of_rows().next().unwrap()), writing);
    }
}

/// What a model says of a text by itself, with what a term of it takes.
struct FreeAnswer {
    model: GgufModel,
    tokens: Tokens,
    wanted: WantedTerms,
    prompt: Vec<u32>,
    text: Hypothesis<ModelPast>,
}

impl FreeAnswer {
    fn of(architecture: &'static str, target: &str) -> Self {
        let (model, tokens) = Tiny::new(architecture).write().probe().into_parts();
        let wanted = WantedTerms::new(SHIP, &[term("Schiff", target, 0)], &tokens).unwrap();
        let prompt = tokens.opening(SHIP).unwrap();
        let mut text = Hypothesis::new(ModelPast::new(model.cache(), prompt.clone()));
        write(&model, &mut text, &rules(&tokens, &wanted));
        Self { model, tokens, wanted, prompt, text }
    }
}

#[test]
fn a_term_is_written_whole_wherever_it_begins_and_whatever_the_weights() {
    for architecture in ARCHITECTURES {
        let FreeAnswer { model, tokens, wanted, text: mut free, .. } =
            FreeAnswer::of(architecture, "steam ferry");
        let writing = rules(&tokens, &wanted);
        let places = wanted.places(0, &free, &writing).unwrap();
        assert!(!places.is_empty(), "{architecture}");
        for place in places.into_iter().take(6) {
            let before = free.said()[..place.tokens].to_vec();
            let mut text = free.fork(place);
            write(&model, &mut text, &WritingRules { bound: 48, ..writing });
            assert!(text.said().starts_with(&before));
            let said = tokens.text(&text.said()[before.len()..]).unwrap().to_lowercase();
            let rest = said.trim_start().strip_prefix("steam ferr").unwrap_or_else(|| panic!("{said}"));
            let rest =
                rest.strip_prefix('y').or(rest.strip_prefix("ies")).unwrap_or_else(|| panic!("{said}"));
            assert!(!rest.starts_with(char::is_alphanumeric), "{said}");
        }
    }
}

#[test]
fn what_shares_a_beginning_is_as_what_saw_it_all() {
    for architecture in ARCHITECTURES {
        let FreeAnswer { model, tokens, wanted, prompt, text: mut free } =
            FreeAnswer::of(architecture, "ferry");
        let writing = rules(&tokens, &wanted);
        for place in wanted.places(0, &free, &writing).unwrap() {
            let seen = [&prompt, &free.said()[..place.tokens], &[place.opening]].concat();
            let mut fork = free.fork(place);
            let mut alone = Hypothesis::new(ModelPast::new(model.cache(), seen));
            let [one, other] = [&mut fork, &mut alone].map(|text| {
                let scores = model.next(&mut [text.past_mut().chunk(usize::MAX)]).unwrap();
                scores.of_rows().next().unwrap().to_vec()
            });
            assert!(one.iter().zip(&other).all(|(one, other)| (one - other).abs() < 1e-3), "{architecture}");
        }
    }
}

#[test]
fn tokens_that_are_computed_later_are_seen_all_the_same() {
    let FreeAnswer { model, prompt, text: free, .. } = FreeAnswer::of("llama", "ferry");
    let scores = |past: &mut ModelPast| {
        let mut chunk = [past.chunk(usize::MAX)];
        let count = chunk[0].tokens.len();
        let scores = model.next(&mut chunk).unwrap().of_rows().next().unwrap().to_vec();
        assert!(past.seen(count));
        scores
    };
    let mut past = ModelPast::new(model.cache(), prompt.clone());
    scores(&mut past);
    free.said().iter().for_each(|token| past.say(*token));
    for at in [free.said().len(), free.said().len() / 2, 1, 0] {
        let mut fork = past.fork(at);
        fork.say(7);
        let all = [&prompt, &free.said()[..at], &[7]].concat();
        let (one, other) = (scores(&mut fork), scores(&mut ModelPast::new(model.cache(), all)));
        assert!(one.iter().zip(&other).all(|(one, other)| (one - other).abs() < 1e-3), "{at}");
    }
}
