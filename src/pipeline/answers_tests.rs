//! Runs with an engine that answers as a test says: what is no translation, what is paid, what is asked again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::ready;

use super::*;
use crate::engine::{Abilities, Billing, EngineError, EngineInfo, Limits, Spent, TranslateFuture};
use crate::glossary::Glossary;
use crate::memory::{Key, Memory, SqliteMemory, StoredAnswer};
use crate::model::{ArticleId, Batch, ParallelDocument, RepairRule, Request, Translation, Unit};
use crate::text::German;

/// What an engine answers to a batch.
type Script = Box<dyn Fn(&Batch) -> Result<Vec<String>, EngineError> + Send + Sync>;

/// An engine that counts what it answered, and may be asked for money.
struct Scripted {
    info: EngineInfo,
    script: Mutex<Script>,
    batches: Mutex<Vec<Batch>>,
    spent: Mutex<Spent>,
}

impl Scripted {
    fn new(
        abilities: Abilities,
        script: impl Fn(&Batch) -> Result<Vec<String>, EngineError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let info = EngineInfo {
            profile: "scripted".to_owned(),
            kind: "scripted",
            fingerprint: "scripted 1".to_owned(),
            limits: Limits { segments: 50, characters: 100_000, bytes: 100_000 },
            concurrency: 1,
            billing: Billing::Characters,
            prices: None,
            abilities,
            caveat: None,
        };
        Arc::new(Self {
            info,
            script: Mutex::new(Box::new(script)),
            batches: Mutex::default(),
            spent: Mutex::default(),
        })
    }

    /// Answers differently from now on.
    fn now(&self, script: impl Fn(&Batch) -> Result<Vec<String>, EngineError> + Send + Sync + 'static) {
        *self.script.lock().expect("whole") = Box::new(script);
    }

    /// The batches that were sent since the last call.
    fn take(&self) -> Vec<Batch> {
        std::mem::take(&mut *self.batches.lock().expect("whole"))
    }

    /// The texts of each batch since the last call, as their number.
    fn sizes(&self) -> Vec<usize> {
        self.take().iter().map(|batch| batch.requests.len()).collect()
    }
}

impl Engine for Scripted {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.batches.lock().expect("whole").push(batch.clone());
        self.spent.lock().expect("whole").usage += batch.characters();
        let answers = (self.script.lock().expect("whole"))(batch);
        ready(answers.map(|texts| texts.into_iter().map(Translation::plain).collect())).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.batches.lock().expect("whole").len() as u64
    }

    fn spent(&self) -> Spent {
        *self.spent.lock().expect("whole")
    }
}

/// An English sentence for a German one that ends in a number.
fn english(german: &str) -> String {
    let number: String = german.chars().filter(char::is_ascii_digit).collect();
    format!("This is sentence number {number}.")
}

fn answer(batch: &Batch, one: impl Fn(&str) -> String) -> Vec<String> {
    batch.requests.iter().map(|request| one(&request.text)).collect()
}

/// An article whose sentences are all different.
fn article(sentences: usize) -> String {
    (1..=sentences).map(|n| format!("Das ist der Satz mit der Nummer {n}. ")).collect::<Vec<_>>().concat()
}

fn memory() -> Arc<dyn Memory> {
    Arc::new(SqliteMemory::open_in_memory().expect("a memory"))
}

fn options(again: Again) -> Options {
    Options { any_language: true, rungs: vec![Rung::Repair, Rung::Inline], again, ..Options::default() }
}

fn tools(engine: &Arc<Scripted>, glossary: &Glossary) -> Tools {
    Tools {
        segmenter: Arc::new(German::default()),
        matcher: Arc::new(Matcher::new(glossary)),
        engine: Arc::clone(engine) as Arc<dyn Engine>,
    }
}

fn inputs(text: &str) -> Inputs {
    let article = Input::Bytes(ArticleId::new("a.txt"), text.into());
    Inputs { articles: vec![article], ..Inputs::default() }
}

/// Translates an article with a glossary and segments that are asked for again.
async fn translated(
    engine: &Arc<Scripted>,
    memory: &Arc<dyn Memory>,
    text: &str,
    (glossary, again): (&Glossary, Again),
) -> (RunOutcome, ParallelDocument) {
    let documents: Arc<Mutex<Vec<ParallelDocument>>> = Arc::default();
    let theirs = Arc::clone(&documents);
    let deliver = Deliver::articles(Arc::new(move |document| {
        theirs.lock().expect("whole").push(document);
        Ok(Vec::new())
    }));
    let run = Run::new(inputs(text), tools(engine, glossary), Arc::clone(memory));
    let outcome = Run { options: options(again), deliver, ..run }.start().await;
    let document = documents.lock().expect("whole").remove(0);
    (outcome, document)
}

async fn run_with(engine: &Arc<Scripted>, memory: &Arc<dyn Memory>, text: &str) -> (Stats, ParallelDocument) {
    let (run, document) = translated(engine, memory, text, (&Glossary::default(), Again::default())).await;
    (run.stats, document)
}

/// A glossary with an entry that the engine of these tests never renders of itself.
fn clauses() -> Glossary {
    glossary("clause")
}

/// A glossary with the accepted targets of one entry.
fn glossary(targets: &str) -> Glossary {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terms.tsv");
    std::fs::write(&path, format!("source\ttarget\nSatz\t{targets}\n")).expect("written");
    Glossary::load(&path).expect("a glossary")
}

/// The English of a sentence, or of one that a rung put a term into.
fn english_with_term(german: &str) -> String {
    let english = english(german);
    if german.contains("clause") { english.replace("sentence", "clause") } else { english }
}

/// How often each text was sent.
fn paid(batches: &[Batch]) -> HashMap<&str, usize> {
    let mut paid = HashMap::new();
    for request in batches.iter().flat_map(|batch| &batch.requests) {
        *paid.entry(request.text.as_str()).or_default() += 1;
    }
    paid
}

#[tokio::test]
async fn an_answer_that_is_no_translation_is_asked_for_alone_and_only_once() {
    for bad in ["", " ", "Das ist der Satz mit der Nummer 2.", "The Das ist der Satz mit der Nummer 2."] {
        let engine = Scripted::new(Abilities::default(), move |batch| {
            let spoilt = |text: &str| text.ends_with("2.") && batch.requests.len() > 1;
            Ok(answer(batch, |text| if spoilt(text) { bad.to_owned() } else { english(text) }))
        });
        let memory = memory();
        let (stats, document) = run_with(&engine, &memory, &article(3)).await;
        assert_eq!((stats.translated, stats.failed), (3, 0), "{bad:?}");
        assert_eq!(engine.sizes(), [3, 1], "{bad:?}");
        assert_eq!(document.units()[1].target(), Some("This is sentence number 2."));
        let (stats, _) = run_with(&engine, &memory, &article(3)).await;
        assert_eq!((stats.reused, engine.sizes().len()), (3, 0));
    }
}

#[tokio::test]
async fn a_text_that_is_never_translated_fails_for_good_and_says_why() {
    let context = Abilities { context: true, ..Abilities::default() };
    let engine = Scripted::new(context, |batch| {
        Ok(answer(batch, |text| if text.ends_with("2.") { text.to_owned() } else { english(text) }))
    });
    let memory = memory();
    let (stats, document) = run_with(&engine, &memory, &article(3)).await;
    assert_eq!((stats.translated, stats.failed), (2, 1));
    let asked: Vec<(usize, bool)> =
        engine.take().iter().map(|batch| (batch.requests.len(), batch.context.is_some())).collect();
    let forms = [(3, false), (1, true), (1, false), (2, false)];
    assert_eq!(asked, forms, "together, alone, without the text before it, behind another one");
    let unit = &document.units()[1];
    let Unit::Failed { reason: message, .. } = unit else { panic!("{unit:?}") };
    assert!(message.contains("came back unchanged") && message.contains("--again 'a.txt#2'"), "{message}");
    assert!(!message.contains("Nummer"), "German never stands where the English belongs: {message}");

    let (inputs, tools) = (inputs(&article(3)), tools(&engine, &Glossary::default()));
    let run = Run::new(inputs, tools, Arc::clone(&memory));
    let estimate = Run { options: options(Again::default()), ..run }.estimate().await.expect("readable");
    assert_eq!((estimate.to_send, estimate.reused, estimate.failed), (0, 2, 1));
    let (stats, _) = run_with(&engine, &memory, &article(3)).await;
    assert_eq!((stats.failed, engine.sizes().len()), (1, 0), "it is not asked for any more");
}

#[tokio::test]
async fn the_headline_goes_with_the_other_texts_to_engines_that_take_it() {
    let text = format!("Sturm 9 an der Küste\n\n{}", article(3));
    let asked = |abilities| {
        let text = text.clone();
        async move {
            let engine = Scripted::new(abilities, |batch| {
                Ok(answer(batch, |text| if text.ends_with("2.") { text.to_owned() } else { english(text) }))
            });
            run_with(&engine, &memory(), &text).await;
            let seen = |batch: &Batch| (batch.requests.len(), batch.title.clone());
            engine.take().iter().map(seen).collect::<Vec<_>>()
        }
    };
    let title = || Some("Sturm 9 an der Küste".to_owned());
    let takes = Abilities { context: true, title: true, ..Abilities::default() };
    assert_eq!(asked(takes).await, [(4, None), (1, title()), (1, None)], "not with itself, and not bare");
    let takes = Abilities { context: true, ..Abilities::default() };
    assert_eq!(asked(takes).await, [(4, None), (1, None), (1, None)]);
}

#[tokio::test]
async fn a_later_run_goes_on_with_the_next_form() {
    let context = Abilities { context: true, ..Abilities::default() };
    let engine = Scripted::new(context, |batch| match batch.requests.len() {
        1 => Err(EngineError::Unusable("on purpose".to_owned())),
        _ => Ok(answer(batch, |text| if text.ends_with("2.") { String::new() } else { english(text) })),
    });
    let memory = memory();
    let tools = tools(&engine, &Glossary::default());
    let run = Run::new(inputs(&article(3)), tools, Arc::clone(&memory));
    let stopped = Run { options: options(Again::default()), ..run }.start().await;
    assert!(stopped.failure.is_some());
    assert_eq!(engine.sizes(), [3, 1]);
    engine.now(|batch| Ok(answer(batch, english)));
    let (stats, _) = run_with(&engine, &memory, &article(3)).await;
    assert_eq!((stats.translated, stats.reused), (1, 2));
    assert!(engine.take()[0].context.is_some(), "alone, with what stands before it");
}

#[tokio::test]
async fn what_an_old_memory_has_is_judged() {
    let memory = memory();
    let engine = Scripted::new(Abilities::default(), |batch| Ok(answer(batch, english)));
    let record = |text: &str, english: &str| {
        let request = Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
        StoredAnswer {
            key: Key::new("scripted 1", &request),
            engine: "scripted".into(),
            fingerprint: "scripted 1".into(),
            request,
            translation: Translation::plain(english),
        }
    };
    let [first, second] = [1, 2].map(|n| format!("Das ist der Satz mit der Nummer {n}."));
    memory.store(vec![record(&first, ""), record(&second, &second)]).await.expect("stored");
    let (stats, _) = run_with(&engine, &memory, &article(3)).await;
    assert_eq!((stats.translated, stats.failed), (3, 0));
    let mut sizes = engine.sizes();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 1, 1]);
    let (stats, document) = run_with(&engine, &memory, &article(3)).await;
    assert_eq!((stats.reused, engine.sizes().len()), (3, 0));
    assert_eq!(document.units()[0].target(), Some("This is sentence number 1."));
}

#[tokio::test]
async fn an_answer_of_a_rung_that_is_an_echo_is_not_taken() {
    let glossary = clauses();
    let engine = Scripted::new(Abilities::default(), |batch| {
        Ok(answer(batch, |text| if text.contains("clause") { text.to_owned() } else { english(text) }))
    });
    let memory = memory();
    let (run, document) = translated(&engine, &memory, &article(1), (&glossary, Again::default())).await;
    assert_eq!(document.units()[0].target(), Some("This is sentence number 1."));
    assert_eq!((run.stats.terms.found, run.stats.terms.held), (1, 0));
    assert_eq!(engine.sizes(), [1, 1], "the first answer stands, so the rung is asked once");
    translated(&engine, &memory, &article(1), (&glossary, Again::default())).await;
    assert!(engine.sizes().is_empty(), "and never again");
}

#[tokio::test]
async fn a_service_that_is_short_of_every_answer_to_several_texts_is_soon_sent_single_ones() {
    let engine = Scripted::new(Abilities::default(), |batch| {
        let mut texts = answer(batch, english);
        if batch.requests.len() > 1 {
            texts.pop();
        }
        Ok(texts)
    });
    let memory = memory();
    let (stats, document) = run_with(&engine, &memory, &article(220)).await;
    assert_eq!((stats.translated, stats.failed), (220, 0));
    for (unit, number) in document.units().iter().zip(1..) {
        assert_eq!(unit.target(), Some(format!("This is sentence number {number}.").as_str()));
    }
    let batches = engine.take();
    assert!(paid(&batches).values().all(|count| *count <= 4));
    let sizes: Vec<usize> =
        batches.iter().map(|batch| batch.requests.len()).filter(|size| *size > 1).collect();
    assert_eq!(sizes, [50, 25, 12, 13, 25, 50, 50, 50, 20], "halves at first, then none");
    let characters: u64 = batches.iter().map(|batch| batch.characters().characters).sum();
    assert_eq!(stats.billed_characters, characters, "what was paid in vain is counted");
}

#[tokio::test]
async fn a_service_that_is_short_of_every_answer_is_not_paid_for_ever() {
    let engine = Scripted::new(Abilities::default(), |_| Ok(Vec::new()));
    let memory = memory();
    let (stats, _) = run_with(&engine, &memory, &article(5)).await;
    assert_eq!(stats.failed, 5);
    assert_eq!(engine.sizes(), [5, 2, 2, 3, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    run_with(&engine, &memory, &article(5)).await;
    assert!(engine.sizes().is_empty());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_asked_for_text_by_text() {
    let engine = Scripted::new(Abilities::default(), |batch| match batch.requests.len() {
        1 => Ok(answer(batch, english)),
        _ => Err(EngineError::unreadable("a brace is missing")),
    });
    let (stats, _) = run_with(&engine, &memory(), &article(4)).await;
    assert_eq!(stats.translated, 4);
    assert_eq!(
        engine.sizes(),
        [4, 2, 2, 2, 1, 1, 1, 1],
        "halves, one of them turned around, then each alone"
    );
}

#[tokio::test]
async fn a_batch_that_is_late_goes_again_whole_and_never_in_halves() {
    let engine = Scripted::new(Abilities::default(), |_| {
        let after = Duration::from_secs(1);
        let last = Box::new(EngineError::Timeout { host: "mt.example".into(), after });
        Err(EngineError::GivenUp { attempts: 3, down: false, last })
    });
    let (stats, _) = run_with(&engine, &memory(), &article(8)).await;
    assert_eq!(stats.failed, 8);
    assert_eq!(engine.sizes(), [8, 8], "a second chance, and no more");
}

#[tokio::test]
async fn a_refused_batch_is_halved_since_that_costs_nothing() {
    let engine = Scripted::new(Abilities::default(), |batch| {
        let refused = batch.requests.iter().any(|request| request.text.ends_with("3."));
        if refused {
            return Err(EngineError::Refused { status: 400, message: "on purpose".into() });
        }
        Ok(answer(batch, english))
    });
    let (stats, _) = run_with(&engine, &memory(), &article(4)).await;
    assert_eq!((stats.translated, stats.failed), (3, 1));
    assert_eq!(engine.sizes(), [4, 2, 2, 1, 1]);
}

#[tokio::test]
async fn what_is_asked_for_again_replaces_the_old_answer_only_if_it_is_a_translation() {
    let engine = Scripted::new(Abilities::default(), |batch| Ok(answer(batch, english)));
    let memory = memory();
    let text = format!("{} {}", article(2), article(2));
    run_with(&engine, &memory, &text).await;
    engine.take();
    let again = |places: &[&str], text: Option<&str>| {
        let places: Vec<String> = places.iter().map(|place| (*place).to_owned()).collect();
        (Glossary::default(), Again::new(&places, text).expect("patterns"))
    };

    engine.now(|batch| Ok(answer(batch, |_| "A new sentence.".to_owned())));
    let (glossary, second) = again(&["a.txt#2"], None);
    let (run, document) = translated(&engine, &memory, &text, (&glossary, second)).await;
    assert_eq!(paid(&engine.take()), HashMap::from([("Das ist der Satz mit der Nummer 2.", 1)]));
    assert_eq!((run.stats.translated, run.stats.reused), (1, 3));
    assert_eq!(document.units()[1].target(), Some("A new sentence."));

    engine.now(|batch| Ok(answer(batch, str::to_owned)));
    let (glossary, all) = again(&[], Some("Satz"));
    let (run, document) = translated(&engine, &memory, &text, (&glossary, all)).await;
    assert_eq!(run.stats.failed, 0, "the old answers stay");
    assert_eq!((run.stats.translated, run.stats.reused), (2, 2), "both texts were sent, each for two places");
    assert_eq!(document.units()[1].target(), Some("A new sentence."));
    assert_eq!(paid(&engine.take()).values().copied().max(), Some(4), "in each form, not once a place");

    let (stats, document) = run_with(&engine, &memory, &text).await;
    assert_eq!((stats.reused, engine.sizes().len()), (4, 0));
    assert_eq!(document.units()[1].target(), Some("A new sentence."));
}

#[tokio::test]
async fn a_segment_that_is_asked_for_again_is_done_once() {
    let engine = Scripted::new(Abilities::default(), |batch| Ok(answer(batch, english)));
    let memory = memory();
    let text = format!("{} {}", article(1), article(1));
    run_with(&engine, &memory, &text).await;
    // The first place is given what the memory has, and with it the second one, which is then asked for again.
    let again = Again::new(&["a.txt#2".to_owned()], None).expect("a pattern");
    let (events, mut happened) = Events::channel();
    let run = Run::new(inputs(&text), tools(&engine, &Glossary::default()), Arc::clone(&memory));
    Run { options: options(again), events, ..run }.start().await;
    let mut done = 0;
    while let Some(event) = happened.recv().await {
        if let Event::Segments { done: segments, .. } = event {
            done += segments.segments;
        }
    }
    assert_eq!(done, 2);
}

#[tokio::test]
async fn what_is_asked_for_again_is_asked_on_the_rungs_too() {
    let engine = Scripted::new(Abilities::default(), |batch| Ok(answer(batch, english_with_term)));
    let (memory, glossary) = (memory(), clauses());
    for _ in 0..2 {
        let again = Again::new(&["a.txt".to_owned()], None).expect("a pattern");
        let (run, _) = translated(&engine, &memory, &article(1), (&glossary, again)).await;
        assert_eq!((run.stats.terms.inline, engine.sizes()), (1, vec![1, 1]));
    }
}

/// Whether a text is sent again after its accepted targets were put in another order, by an engine that takes terms.
async fn is_sent_again(before: &str, after: &str, answers: fn(&Request) -> String) -> bool {
    let abilities = Abilities { terms: true, ..Abilities::default() };
    let engine = Scripted::new(abilities, move |batch| Ok(batch.requests.iter().map(answers).collect()));
    let memory = memory();
    translated(&engine, &memory, &article(1), (&glossary(before), Again::default())).await;
    assert!(!engine.take().is_empty());
    let (_, document) = translated(&engine, &memory, &article(1), (&glossary(after), Again::default())).await;
    assert_eq!(document.units().len(), 1);
    !engine.take().is_empty()
}

#[tokio::test]
async fn another_order_of_the_same_targets_sends_nothing_while_the_terms_hold() {
    // The engine writes the target that it is given.
    let obedient = |request: &Request| {
        let target = request.terms.first().map_or("phrase", |term| term.target.as_str());
        format!("This is {target} number 1.")
    };
    // It does not, but translates what a rung puts into the German.
    let deaf = |request: &Request| english_with_term(&request.text);
    // It writes none of them, whatever it is sent.
    let stubborn = |request: &Request| english(&request.text);
    for (before, after, answers, expected) in [
        ("clause|period", "period|clause", obedient as fn(&Request) -> String, false),
        ("clause|period|unit", "unit|clause|period", obedient, false),
        ("clause|period", "unit|period", obedient, false),
        ("clause|period", "period|clause", deaf, false),
        ("clause|period", "period|clause", stubborn, true),
    ] {
        assert_eq!(is_sent_again(before, after, answers).await, expected, "{before} to {after}");
    }
}

/// The engine writes the targets that it is given, and words of its own elsewhere.
fn obedient(request: &Request) -> String {
    let word = |source: &str, own: &str| {
        let term = request.terms.iter().find(|term| term.source == source);
        term.map_or(own.to_owned(), |term| term.target.clone())
    };
    format!("This is the {} with the {} 1.", word("Satz", "phrase"), word("Nummer", "number"))
}

/// The requests that a change of the glossary costs an engine that takes terms, as the dry run and the run have it, and the
/// English in the end.
async fn cost_of_change(before: &str, after: &str) -> ((u64, u64), String) {
    let abilities = Abilities { terms: true, ..Abilities::default() };
    let engine = Scripted::new(abilities, |batch| Ok(batch.requests.iter().map(obedient).collect()));
    let memory = memory();
    translated(&engine, &memory, &article(1), (&glossary(before), Again::default())).await;
    engine.take();
    let after = glossary(after);
    let dry = Run::new(inputs(&article(1)), tools(&engine, &after), Arc::clone(&memory));
    let dry = Run { options: options(Again::default()), ..dry }.estimate().await.expect("an estimate");
    assert!(engine.take().is_empty(), "a dry run sends nothing");
    let (_, document) = translated(&engine, &memory, &article(1), (&after, Again::default())).await;
    let sent = engine.take().iter().map(|batch| batch.requests.len() as u64).sum();
    let english = document.units()[0].rendition().expect("translated").target.clone();
    // Once more, nothing is sent whatever was.
    translated(&engine, &memory, &article(1), (&after, Again::default())).await;
    assert!(engine.take().is_empty());
    ((dry.to_send, sent), english)
}

#[tokio::test]
async fn a_change_of_the_glossary_is_repaired_from_the_stored_answer_where_that_suffices() {
    for (before, after, requests, english) in [
        // Another target, put before, put behind, or in the place of the old one.
        ("clause", "proposition", 0, "This is the proposition with the number 1."),
        ("clause", "proposition|clause", 0, "This is the clause with the number 1."),
        ("clause", "clause|proposition", 0, "This is the clause with the number 1."),
        ("clause|unit", "unit|clause", 0, "This is the clause with the number 1."),
        ("clause|unit", "proposition|unit", 0, "This is the proposition with the number 1."),
        ("clause", "clause\nNummer\tnumber", 0, "This is the clause with the number 1."),
        ("clause", "proposition\nNummer\tnumber", 0, "This is the proposition with the number 1."),
        // Nothing says which of its words the engine put there for it.
        ("clause", "clause\nNummer\tdial", 1, "This is the clause with the dial 1."),
        // Where two terms change places, the words of one stand for the other.
        ("clause\nNummer\tdial", "dial\nNummer\tclause", 1, "This is the dial with the clause 1."),
        // What the glossary says nothing of any more is let go.
        ("clause\nNummer\tdial", "clause", 1, "This is the clause with the number 1."),
    ] {
        let cost = cost_of_change(before, after).await;
        assert_eq!(cost, ((requests, requests), english.to_owned()), "{before} to {after}");
    }
}

#[tokio::test]
async fn a_repaired_answer_says_so() {
    let abilities = Abilities { terms: true, ..Abilities::default() };
    let engine = Scripted::new(abilities, |batch| Ok(batch.requests.iter().map(obedient).collect()));
    let memory = memory();
    translated(&engine, &memory, &article(1), (&glossary("clause"), Again::default())).await;
    let after = glossary("proposition");
    let (_, document) = translated(&engine, &memory, &article(1), (&after, Again::default())).await;
    let hold = document.units()[0].rendition().expect("translated").terms[0].hold.clone().expect("it holds");
    assert_eq!((hold.rung, hold.rule), (Rung::Repair, Some(RepairRule::Avoided)));
    // Without the rung there is nothing that suffices.
    let run = Run::new(inputs(&article(1)), tools(&engine, &after), Arc::clone(&memory));
    let native = Options { rungs: Vec::new(), ..options(Again::default()) };
    engine.take();
    let outcome = Run { options: native, ..run }.start().await;
    assert_eq!((outcome.stats.translated, engine.sizes()), (1, vec![1]));
}

#[tokio::test]
async fn a_rungs_texts_without_an_answer_of_their_own_are_sent_alone() {
    let engine = Scripted::new(Abilities::default(), |batch| {
        let is_rung = batch.requests[0].text.contains("clause");
        if is_rung && batch.requests.len() > 1 {
            return Err(EngineError::unreadable("a brace is missing"));
        }
        Ok(answer(batch, english_with_term))
    });
    let (run, _) = translated(&engine, &memory(), &article(3), (&clauses(), Again::default())).await;
    assert_eq!((run.stats.terms.inline, engine.sizes()), (3, vec![3, 3, 3, 1, 1, 1]));
}

#[tokio::test]
async fn only_texts_refused_one_after_another_give_a_service_up() {
    let is_odd = |batch: &Batch| {
        batch.requests.iter().any(|request| request.text.ends_with(['1', '3', '5', '7', '9']))
    };
    let text: Vec<String> = (1..=60).map(|n| format!("Das ist ein Satz mit Nummer {n}\n\n")).collect();
    let engine = Scripted::new(Abilities::default(), move |batch| {
        if is_odd(batch) {
            return Err(EngineError::Refused { status: 400, message: "on purpose".into() });
        }
        Ok(answer(batch, english))
    });
    let (stats, _) = run_with(&engine, &memory(), &text.concat()).await;
    assert_eq!((stats.translated, stats.failed), (30, 30));
}

#[tokio::test]
async fn a_service_whose_answers_to_single_texts_cannot_be_read_is_given_up() {
    let engine = Scripted::new(Abilities::default(), |_| Err(EngineError::unreadable("on purpose")));
    let tools = tools(&engine, &Glossary::default());
    let run = Run::new(inputs(&article(30)), tools, memory());
    let outcome = Run { options: options(Again::default()), ..run }.start().await;
    assert!(outcome.failure.is_some());
    assert_eq!(engine.sizes(), [vec![30, 15, 7, 8, 15], vec![1; 24]].concat());
}

#[tokio::test]
async fn a_failed_segment_is_asked_for_again_from_the_first_form() {
    let engine = Scripted::new(Abilities::default(), |batch| Ok(answer(batch, |_| String::new())));
    let memory = memory();
    let (stats, _) = run_with(&engine, &memory, &article(2)).await;
    assert_eq!(stats.failed, 2);
    engine.take();
    engine.now(|batch| Ok(answer(batch, english)));
    let again = Again::new(&["*.txt".to_owned()], None).expect("a pattern");
    let (run, _) = translated(&engine, &memory, &article(2), (&Glossary::default(), again)).await;
    assert_eq!((run.stats.translated, engine.sizes()), (2, vec![2]));
}

#[tokio::test]
async fn a_text_is_asked_for_again_though_another_place_has_it_too() {
    let engine = Scripted::new(Abilities::default(), |batch| Ok(answer(batch, english)));
    let memory = memory();
    let text = format!("{} {}", article(1), article(1));
    run_with(&engine, &memory, &text).await;
    engine.take();
    // The first place is not chosen, and is the one that looks into the memory.
    let again = Again::new(&["a.txt#2".to_owned()], None).expect("a pattern");
    let (run, _) = translated(&engine, &memory, &text, (&Glossary::default(), again)).await;
    assert_eq!((engine.sizes(), run.stats.translated), (vec![1], 1));
}
