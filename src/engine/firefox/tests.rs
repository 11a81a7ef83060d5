use std::fs;
use std::path::Path;

use fxtranslate::engine::Engine as Reference;
use fxtranslate::shortlist::Shortlist;
use proptest::prelude::*;

use super::decoder::{Decoded, NetworkInput};
use super::output::TokenCandidates;
use super::work::Part;
use super::*;
use crate::check::testing::term;
use crate::model::TermMatch;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-model").join(name)
}

fn options() -> FirefoxOptions {
    FirefoxOptions {
        profile: "tiny".to_owned(),
        model: fixture("model.deen.intgemm.alphas.bin"),
        vocabulary: fixture("vocab.deen.spm"),
        shortlist: Some(fixture("lex.50.50.deen.s2t.bin")),
        tuning: Tuning { threads: NonZeroUsize::new(2), ..Tuning::default() },
    }
}

fn pairs() -> Vec<(String, String, Vec<usize>)> {
    let file = fs::read_to_string(fixture("pairs.tsv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let links = cells[2].split(' ').map(|n| n.parse().unwrap()).collect();
        (cells[0].to_owned(), cells[1].to_owned(), links)
    };
    file.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

fn batch<'a>(texts: impl IntoIterator<Item = &'a str>) -> Batch {
    let request = |text: &str| Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    Batch { requests: texts.into_iter().map(request).collect(), ..Batch::default() }
}

async fn translate(engine: &Firefox, texts: &[&str]) -> Vec<Translation> {
    let translations = engine.translate(&batch(texts.iter().copied())).await.unwrap();
    assert_eq!(translations.len(), texts.len());
    translations
}

#[tokio::test]
async fn the_network_says_what_it_was_trained_to_say() {
    let pairs = pairs();
    for shortlist in [options().shortlist, None] {
        let engine = Firefox::open(&FirefoxOptions { shortlist, ..options() }).unwrap();
        let sources: Vec<&str> = pairs.iter().map(|(german, ..)| german.as_str()).collect();
        let targets: Vec<String> = translate(&engine, &sources).await.into_iter().map(|t| t.text).collect();
        let wanted: Vec<&str> = pairs.iter().map(|(_, english, _)| english.as_str()).collect();
        assert_eq!(targets, wanted);
    }
}

#[tokio::test]
async fn it_says_what_the_crate_says_also_where_it_was_never_trained() {
    let texts = [
        "Der Botschafter verurteilte den Waffenstillstand in Französisch-Guayana.",
        "Genf!",
        "Ein Rabe namens 17 — „Ärger“ über Ω und die Luftwaffe",
        "Hera Hera Hera",
    ];
    let files = options();
    let reference = Reference::load(&files.model, &files.vocabulary, &files.vocabulary).unwrap();
    let engine = Firefox::open(&FirefoxOptions { shortlist: None, ..options() }).unwrap();
    let ours: Vec<String> = translate(&engine, &texts).await.into_iter().map(|t| t.text).collect();
    assert_eq!(ours, texts.map(|text| reference.translate(text)));

    let lex = Shortlist::load(files.shortlist.unwrap()).unwrap();
    let reference = reference.with_shortlist(lex);
    let engine = Firefox::open(&options()).unwrap();
    let ours: Vec<String> = translate(&engine, &texts).await.into_iter().map(|t| t.text).collect();
    assert_eq!(ours, texts.map(|text| reference.translate(text)));
}

/// What does the work, with the shortlist or without.
fn translator(shortlist: bool) -> FirefoxTranslator {
    let files = options();
    let shortlist = files.shortlist.filter(|_| shortlist);
    let loaded = load::load(&files.model, &files.vocabulary, shortlist.as_deref()).unwrap();
    FirefoxTranslator::new(loaded, MAX_SOURCE_TOKENS, 1)
}

/// What comes out for a text that is one part, in which these terms are to hold, and in how many steps.
fn decoded(translator: &FirefoxTranslator, text: &str, wanted: &[TermMatch]) -> (Decoded, usize) {
    let text = WorkText { text: text.to_owned(), wanted: wanted.into() };
    let parts: Vec<Part> = translator.parts(0, &text).collect();
    let inputs: Vec<NetworkInput<'_>> = parts.iter().map(|part| translator.input(part)).collect();
    let mut decoder = translator.decoder(&inputs);
    let mut steps = 0;
    while decoder.step() {
        steps += 1;
    }
    (decoder.finish().remove(0).unwrap(), steps)
}

#[test]
fn its_attention_is_that_of_the_crate() {
    let files = options();
    let reference = Reference::load(&files.model, &files.vocabulary, &files.vocabulary).unwrap();
    let translator = translator(false);
    for (source, ..) in pairs() {
        let (ours, _) = decoded(&translator, &source, &[]);
        let theirs = reference.translate_aligned(&source);
        for (our_row, their_row) in ours.attention.iter().zip(&theirs.alignments) {
            for (a, b) in our_row.iter().zip(their_row) {
                assert!((a - b).abs() < 1e-3, "{source}: {a} is not {b}");
            }
        }
    }
}

/// The English words that are linked to a German one.
fn linked<'a>(source: &str, translation: &'a Translation, german: &str) -> Vec<&'a str> {
    let links = translation.alignment.as_ref().unwrap().words().unwrap().0.iter();
    let links = links.filter(|(from, _)| &source[from.clone()] == german);
    links.map(|(_, to)| &translation.text[to.clone()]).collect()
}

#[tokio::test]
async fn names_are_aligned_to_their_renderings() {
    let engine = Firefox::open(&options()).unwrap();
    let source = "Die Verteidigungsministerin besuchte das Panzerbataillon in Rukla.";
    let translation = translate(&engine, &[source]).await.remove(0);
    let words = |german: &str| linked(source, &translation, german);
    assert_eq!(words("Verteidigungsministerin"), ["defence", "minister"]);
    assert_eq!(words("Panzerbataillon"), ["tank", "battalion"]);
    assert_eq!(words("Rukla"), ["Rukla"]);
}

#[tokio::test]
async fn nearly_all_words_are_aligned_as_a_person_aligned_them() {
    let engine = Firefox::open(&options()).unwrap();
    let (mut right, mut all) = (0, 0);
    for (german, english, links) in pairs() {
        let translation = translate(&engine, &[&german]).await.remove(0);
        let starts = |text: &str| -> Vec<usize> {
            text.split(' ').map(|word| word.as_ptr() as usize - text.as_ptr() as usize).collect()
        };
        let (from, to) = (starts(&german), starts(&english));
        let found = &translation.alignment.as_ref().unwrap().words().unwrap().0;
        all += links.len();
        right += (0..links.len())
            .filter(|&n| found.iter().any(|(s, t)| t.start == to[n] && s.start == from[links[n]]))
            .count();
    }
    assert!(right * 100 >= all * 95, "{right} of {all}");
}

#[tokio::test]
async fn a_sentence_beyond_the_limit_is_cut_and_loses_nothing() {
    let engine = Firefox::open_limited(&options(), 24).unwrap();
    let long = "Der Satellit beobachtet das Eis der Arktis, die Raumsonde sendet Bilder vom Asteroiden, \
                und das Panzerbataillon übt in der Lausitz.";
    let translation = translate(&engine, &[long]).await.remove(0);
    let all = &translation.alignment.as_ref().unwrap().words().unwrap().0;
    assert_eq!(
        translation.text.to_lowercase(),
        "the satellite observes the ice of the arctic, the space probe sends images of the asteroid, \
         and the tank battalion trains in lusatia."
    );
    let name = all.iter().find(|(from, _)| &long[from.clone()] == "Lausitz").unwrap();
    assert_eq!(&translation.text[name.1.clone()], "Lusatia");
}

#[tokio::test]
async fn empty_and_strange_texts_do_no_harm() {
    let engine = Firefox::open(&options()).unwrap();
    let endless = "Küstenwache".repeat(100);
    let texts = ["", "  ", "\u{0}\u{200b}", "👩‍🚀", "fu\u{308}r", endless.as_str()];
    let translations = translate(&engine, &texts).await;
    assert_eq!(translations[0].text, "");
    for (text, translation) in texts.iter().zip(&translations) {
        for (from, to) in &translation.alignment.as_ref().unwrap().words().unwrap().0 {
            assert!(text.get(from.clone()).is_some() && translation.text.get(to.clone()).is_some());
        }
    }
}

#[tokio::test]
async fn batches_run_side_by_side_and_a_dropped_one_disturbs_nobody() {
    let engine = Firefox::open(&options()).unwrap();
    let pairs = pairs();
    let batch = batch(pairs.iter().map(|(german, ..)| german.as_str()));
    let mut dropped = engine.translate(&batch);
    assert!(futures::poll!(&mut dropped).is_pending());
    drop(dropped);
    let (first, second) = tokio::join!(engine.translate(&batch), engine.translate(&batch));
    assert_eq!(first.unwrap(), second.unwrap());
}

/// Pieces in the vocabulary.
const VOCABULARY: u32 = 480;
const COAST_GUARD: &str = "Die Küstenwache ortete ein fremdes U-Boot.";

/// A term of a text in a place of which only the German is known.
fn wanted(text: &str, german: &str, targets: &str) -> TermMatch {
    term(german, targets, text.find(german).unwrap())
}

/// The answer to a text in which a term is to hold.
async fn with_term(engine: &Firefox, text: &str, german: &str, targets: &str) -> Translation {
    let wanted = vec![[wanted(text, german, targets)].into()];
    engine.translate(&Batch { wanted, ..batch([text]) }).await.unwrap().remove(0)
}

#[test]
fn a_term_that_holds_already_changes_nothing_and_costs_no_step() {
    for shortlist in [true, false] {
        let translator = translator(shortlist);
        let free = decoded(&translator, COAST_GUARD, &[]);
        for targets in ["coast guard", "maritime police|coast guard"] {
            let term = wanted(COAST_GUARD, "Küstenwache", targets);
            assert_eq!(decoded(&translator, COAST_GUARD, &[term]), free, "{targets}");
        }
    }
}

#[tokio::test]
async fn a_term_that_is_missing_is_written_and_aligned_where_it_belongs() {
    let probe = "Die Raumsonde Hera erreichte den Asteroiden Dimorphos.";
    for shortlist in [options().shortlist, None] {
        let engine = Firefox::open(&FirefoxOptions { shortlist, ..options() }).unwrap();
        let answer = with_term(&engine, COAST_GUARD, "Küstenwache", "space agency").await;
        assert_eq!(answer.text, "The space agency located a foreign submarine.");
        assert!(linked(COAST_GUARD, &answer, "Küstenwache").starts_with(&["space", "agency"]));
        assert_eq!(linked(COAST_GUARD, &answer, "Boot"), ["submarine"]);
        let answer = with_term(&engine, probe, "Raumsonde", "Ω|negotiators").await;
        assert_eq!(answer.text, "The Hera negotiators reached the asteroid Dimorphos.");
        assert_eq!(linked(probe, &answer, "Raumsonde"), ["negotiators"]);
        assert_eq!(linked(probe, &answer, "Dimorphos"), ["Dimorphos"]);
    }
}

#[tokio::test]
async fn a_term_that_cannot_be_had_leaves_what_the_network_says_by_itself() {
    let engine = Firefox::open(&options()).unwrap();
    let free = translate(&engine, &[COAST_GUARD]).await.remove(0);
    // There is no piece for it.
    assert_eq!(with_term(&engine, COAST_GUARD, "Küstenwache", "ΩΩ").await, free);
}

#[test]
fn what_terms_may_be_written_with_is_not_said_without_them() {
    let translator = translator(true);
    let shortlist = Shortlist::load(options().shortlist.unwrap()).unwrap();
    let strange = ["Genf!", "Hera Hera Hera", "Der Botschafter verurteilte den Waffenstillstand in Genf."];
    let pairs = pairs();
    for text in pairs.iter().map(|(german, ..)| german.as_str()).chain(strange) {
        let work = WorkText { text: text.to_owned(), wanted: Arc::default() };
        let parts: Vec<Part> = translator.parts(0, &work).collect();
        let said = |of_terms: std::ops::Range<u32>| {
            let mut input = translator.input(&parts[0]);
            let mut free = shortlist.candidates(&input.tokens, true);
            free.retain(|token| *token < VOCABULARY);
            input.candidates = Some(TokenCandidates::new(free, of_terms));
            input.wanted = None;
            translator.decoder(&[input]).finish().remove(0).unwrap()
        };
        assert_eq!(said(0..VOCABULARY), said(0..0), "{text}");
    }
}

#[tokio::test]
async fn a_term_of_a_long_sentence_is_one_of_the_part_in_which_it_stands() {
    let engine = Firefox::open_limited(&options(), 24).unwrap();
    let long = "Der Satellit beobachtet das Eis der Arktis, die Raumsonde sendet Bilder vom Asteroiden, \
                und das Panzerbataillon übt in der Lausitz.";
    let answer = with_term(&engine, long, "Lausitz", "Geneva").await;
    assert_eq!(
        answer.text.to_lowercase(),
        "the satellite observes the ice of the arctic, the space probe sends images of the asteroid, \
         and the tank battalion trains in geneva."
    );
    assert_eq!(linked(long, &answer, "Lausitz"), ["Geneva"]);
}

#[test]
fn what_was_cut_off_a_part_is_told_of_the_whole() {
    let part = |range, cut| Done { text: 0, range, target: "Yes.".to_owned(), links: Vec::new(), cut };
    let cuts = |first, second| join("Ja. Doch.", &[part(0..3, first), part(4..9, second)]).cuts;
    assert_eq!(cuts(None, None), []);
    assert_eq!(cuts(None, Some(Cut::Runaway)), [Cut::Runaway]);
    assert_eq!(cuts(Some(Cut::Loop), Some(Cut::Loop)), [Cut::Loop]);
}

#[test]
fn the_fingerprint_names_the_files() {
    let info = |options: &FirefoxOptions| Firefox::open(options).unwrap().info().clone();
    let whole = info(&options());
    let made = Fingerprint::parse(&whole.profile, &whole.fingerprint).unwrap();
    assert_eq!(made.kind, EngineKind::Firefox);
    assert_eq!(
        (made.takes_terms(), made.has_constraints()),
        (whole.abilities.terms, whole.abilities.constraints)
    );
    assert_ne!(whole.fingerprint, info(&FirefoxOptions { shortlist: None, ..options() }).fingerprint);
}

#[test]
fn damaged_files_are_errors_that_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let refuse = |field: &str, bytes: &[u8]| {
        let path = folder.path().join(field);
        fs::write(&path, bytes).unwrap();
        let mut options = options();
        match field {
            "model" => options.model = path.clone(),
            "vocabulary" => options.vocabulary = path.clone(),
            _ => options.shortlist = Some(path.clone()),
        }
        let Err(EngineError::Broken { message, .. }) = Firefox::open(&options) else {
            panic!("{field} accepted")
        };
        assert!(message.contains(path.to_str().unwrap()), "{message}");
    };
    for (field, file) in [
        ("model", options().model),
        ("vocabulary", options().vocabulary),
        ("lex", options().shortlist.unwrap()),
    ] {
        let good = fs::read(file).unwrap();
        refuse(field, b"");
        refuse(field, &good[..good.len() / 2]);
        refuse(field, &[0xff; 4096]);
    }
    let mut options = options();
    options.model = folder.path().join("missing");
    assert!(Firefox::open(&options).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_model_never_takes_the_program_down(at in 0_usize..9_000, byte: u8, file in 0_usize..3) {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options();
        let shortlist = options.shortlist.as_mut().unwrap();
        let path = [&mut options.model, &mut options.vocabulary, shortlist].into_iter().nth(file).unwrap();
        let mut bytes = fs::read(&*path).unwrap();
        bytes[at] ^= byte;
        *path = folder.path().join("damaged");
        fs::write(&*path, bytes).unwrap();
        if let Ok(engine) = Firefox::open(&options) {
            let answer = futures::executor::block_on(engine.translate(&batch(["Die Luftwaffe übt in Oslo."])));
            prop_assert!(answer.is_ok_and(|texts| texts.len() == 1) || byte != 0);
        }
    }

    #[test]
    fn an_answer_depends_neither_on_the_texts_beside_it_nor_on_the_threads(
        texts in proptest::collection::vec((0_usize..22, 0_usize..4), 1..24),
        threads in 1_usize..4,
    ) {
        let pairs = pairs();
        let targets = ["air force", "space agency", "tank battalion", "coast guard"];
        let text = |&(pair, target): &(usize, usize)| {
            let german = pairs[pair].0.as_str();
            let noun = german.split(' ').skip(1).find(|word| word.starts_with(char::is_uppercase));
            let noun = noun.unwrap_or_default().trim_end_matches('.');
            (german, Arc::from([wanted(german, noun, targets[target])]))
        };
        let texts: Vec<(&str, Arc<[TermMatch]>)> = texts.iter().map(text).collect();
        let open = |threads| {
            let tuning = Tuning { threads: NonZeroUsize::new(threads), ..Tuning::default() };
            Firefox::open(&FirefoxOptions { tuning, ..options() }).unwrap()
        };
        let translate = |engine: &Firefox, texts: &[(&str, Arc<[TermMatch]>)]| {
            let wanted = texts.iter().map(|(_, wanted)| Arc::clone(wanted)).collect();
            let batch = Batch { wanted, ..batch(texts.iter().map(|(text, _)| *text)) };
            futures::executor::block_on(engine.translate(&batch)).unwrap()
        };
        let (together, alone) = (translate(&open(threads), &texts), open(1));
        for (text, answer) in texts.chunks(1).zip(together) {
            prop_assert_eq!(translate(&alone, text), [answer]);
        }
    }
}
