//! Runs with doubles of engines: whose answers count.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::ready;

use super::*;
use crate::check::Checks;
use crate::engine::{Abilities, Billing, EngineError, EngineInfo, Limits, TranslateFuture};
use crate::glossary::Glossary;
use crate::memory::{Key, Memory, SqliteMemory, StoredAnswer};
use crate::model::{ArticleId, Batch, Example, ParallelDocument, Request, TermHint, Translation};
use crate::text::German;

const ARTICLE: &str = "Die Fähre legt ab. Der Hafen ist leer.\n\nDie Fähre legt ab.\n";

/// An engine that puts its name before what it is sent, and remembers the batches.
struct Double {
    info: EngineInfo,
    batches: Mutex<Vec<Batch>>,
    failure: Mutex<Option<fn() -> EngineError>>,
}

impl Double {
    fn new(name: &str, abilities: Abilities) -> Arc<Self> {
        let info = EngineInfo {
            profile: name.to_owned(),
            kind: "pseudo",
            fingerprint: format!("{name} 1"),
            limits: Limits { segments: 50, characters: 10_000, bytes: 10_000 },
            concurrency: 2,
            billing: Billing::None,
            prices: None,
            abilities,
            caveat: None,
        };
        Arc::new(Self { info, batches: Mutex::default(), failure: Mutex::default() })
    }

    /// An engine whose requests hold at most `characters` characters.
    fn taking(name: &str, characters: usize) -> Arc<Self> {
        let double = Self::new(name, BARE);
        let limits = Limits { characters, ..double.info.limits };
        let info = EngineInfo { limits, ..double.info.clone() };
        Arc::new(Self { info, batches: Mutex::default(), failure: Mutex::default() })
    }

    fn peer(&self) -> Peer {
        let EngineInfo { profile, fingerprint, abilities, .. } = &self.info;
        Peer {
            profile: profile.clone(),
            fingerprint: fingerprint.clone(),
            terms: abilities.terms,
            constraints: abilities.constraints,
            caveat: None,
        }
    }

    /// Fails from now on, or no more.
    fn fails(&self, failure: Option<fn() -> EngineError>) {
        *self.failure.lock().expect("whole") = failure;
    }

    /// The batches that were sent since the last call.
    fn take(&self) -> Vec<Batch> {
        std::mem::take(&mut *self.batches.lock().expect("whole"))
    }

    /// The texts that were sent since the last call, in alphabetical order.
    fn sent(&self) -> Vec<String> {
        let requests = self.take().into_iter().flat_map(|batch| batch.requests);
        let mut texts: Vec<String> = requests.map(|request| request.text).collect();
        texts.sort();
        texts
    }
}

impl Engine for Double {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.batches.lock().expect("whole").push(batch.clone());
        let answer =
            |request: &Request| Translation::plain(format!("{} {}", self.info.profile, request.text));
        if let Some(failure) = *self.failure.lock().expect("whole") {
            return ready(Err(failure())).boxed();
        }
        ready(Ok(batch.requests.iter().map(answer).collect())).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.batches.lock().expect("whole").len() as u64
    }
}

/// An answer of an engine, for the memory.
fn record(engine: &Double, text: &str, english: &str) -> StoredAnswer {
    let EngineInfo { profile, fingerprint, .. } = &engine.info;
    let request = Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    StoredAnswer {
        key: Key::new(fingerprint, &request),
        engine: profile.clone(),
        fingerprint: fingerprint.clone(),
        request,
        translation: Translation::plain(english),
    }
}

/// What a run is made with.
struct Bench {
    memory: Arc<dyn Memory>,
    glossary: Glossary,
}

impl Bench {
    fn new(glossary: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("terms.tsv");
        std::fs::write(&path, format!("source\ttarget\n{glossary}")).expect("written");
        let glossary = Glossary::load(&path).expect("a glossary");
        Self { memory: Arc::new(SqliteMemory::open_in_memory().expect("a memory")), glossary }
    }

    fn tools(&self, engine: &Arc<Double>) -> Tools {
        Tools {
            segmenter: Arc::new(German::default()),
            matcher: Arc::new(Matcher::new(&self.glossary)),
            engine: Arc::clone(engine) as Arc<dyn Engine>,
        }
    }

    /// Begins to translate an article; how that ended, and the documents.
    async fn begin(
        &self,
        engine: &Arc<Double>,
        text: &str,
        peers: Peers,
    ) -> (RunOutcome, Vec<ParallelDocument>) {
        let documents: Arc<Mutex<Vec<ParallelDocument>>> = Arc::default();
        let theirs = Arc::clone(&documents);
        let deliver = Deliver::articles(Arc::new(move |document| {
            theirs.lock().expect("whole").push(document);
            Ok(Vec::new())
        }));
        let inputs = inputs(text);
        let run = Run::new(inputs, self.tools(engine), Arc::clone(&self.memory));
        let outcome = Run { options: options(peers), deliver, ..run }.start().await;
        let documents = std::mem::take(&mut *documents.lock().expect("whole"));
        (outcome, documents)
    }

    /// Translates an article; the stats, and who made the English of each segment.
    async fn run(&self, engine: &Arc<Double>, text: &str, peers: Peers) -> (Stats, Vec<(String, String)>) {
        let (run, documents) = self.begin(engine, text, peers).await;
        assert!(run.failure.is_none());
        let units = documents[0].units().iter();
        let made = units.filter_map(|unit| {
            let rendition = unit.rendition()?;
            Some((rendition.translator.engine()?.to_owned(), rendition.target.clone()))
        });
        (run.stats, made.collect())
    }

    async fn estimate(&self, engine: &Arc<Double>, text: &str, peers: Peers) -> Estimate {
        let run = Run::new(inputs(text), self.tools(engine), Arc::clone(&self.memory));
        Run { options: options(peers), ..run }.estimate().await.expect("readable")
    }
}

fn inputs(text: &str) -> Inputs {
    let article = Input::Bytes(ArticleId::new("a.txt"), text.into());
    Inputs { articles: vec![article], ..Inputs::default() }
}

fn options(peers: Peers) -> Options {
    Options {
        read: read::ReadOptions::default(),
        furniture: false,
        attributes: true,
        any_language: true,
        rungs: vec![Rung::Repair, Rung::Inline],
        house_form: true,
        forecast: false,
        peers,
        next: Vec::new(),
        on: AskNext::Failure,
        again: Again::default(),
        only_again: false,
        offline: false,
        unaided: false,
        checks: Checks::default(),
    }
}

fn weaker(engine: &Double) -> Peers {
    Peers { weaker: vec![engine.peer()], ..Peers::default() }
}

fn makers(made: &[(String, String)]) -> Vec<&str> {
    made.iter().map(|(engine, _)| engine.as_str()).collect()
}

const TAKES_TERMS: Abilities = Abilities { terms: true, ..BARE };
const BARE: Abilities = Abilities {
    terms: false,
    constraints: false,
    dictionary: false,
    context: false,
    title: false,
    examples: false,
    markup: false,
    marks: true,
};

#[tokio::test]
async fn what_a_weaker_engine_made_is_reused_and_told() {
    let bench = Bench::new("Fähre\tferry\n");
    let (small, large) = (Double::new("small", TAKES_TERMS), Double::new("large", BARE));
    bench.run(&small, ARTICLE, Peers::default()).await;
    small.sent();

    let longer = format!("{ARTICLE}\nEin Satz ist neu.\n");
    let planned = bench.estimate(&large, &longer, weaker(&small)).await;
    let (stats, made) = bench.run(&large, &longer, weaker(&small)).await;
    assert_eq!(large.sent(), ["Ein Satz ist neu."]);
    assert_eq!(makers(&made), ["small", "small", "small", "large"]);
    assert_eq!(made[0].1, "small Die ferry legt ab.", "the small one's answers of every rung are reused");
    assert_eq!(stats.upgradable, BTreeMap::from([("small".to_owned(), 3)]));
    assert_eq!((planned.to_send, planned.reused), (stats.translated, stats.reused));
    assert_eq!(planned.upgradable, stats.upgradable);
}

#[tokio::test]
async fn what_was_taken_over_from_an_earlier_version_counts_as_the_engines_own() {
    let bench = Bench::new("Fähre\tferry\n");
    let (earlier, now) = (Double::new("earlier", TAKES_TERMS), Double::new("now", TAKES_TERMS));
    bench.run(&earlier, ARTICLE, Peers::default()).await;
    let adopted = || Peers {
        adopted: Some(Peer { fingerprint: earlier.peer().fingerprint, ..now.peer() }),
        ..Peers::default()
    };
    let planned = bench.estimate(&now, ARTICLE, adopted()).await;
    let (stats, made) = bench.run(&now, ARTICLE, adopted()).await;
    assert!(now.sent().is_empty());
    assert_eq!((planned.to_send, stats.reused), (0, 3));
    assert_eq!(makers(&made), ["now"; 3]);
    assert!(stats.upgradable.is_empty() && planned.upgradable.is_empty());
    assert_eq!(bench.estimate(&now, ARTICLE, Peers::default()).await.to_send, 2, "not without it");
}

#[tokio::test]
async fn an_upgrade_translates_exactly_what_a_weaker_engine_made() {
    let bench = Bench::new("");
    let (small, large) = (Double::new("small", TAKES_TERMS), Double::new("large", BARE));
    bench.run(&large, "Der Hafen ist leer.", Peers::default()).await;
    large.sent();
    bench.run(&small, "Die Fähre legt ab.", Peers::default()).await;
    let planned = bench.estimate(&large, ARTICLE, Peers::default()).await;
    assert_eq!((planned.to_send, planned.reused), (1, 2));
    let upgraded = bench.run(&large, ARTICLE, Peers::default()).await;
    assert_eq!(large.sent(), ["Die Fähre legt ab."]);
    assert_eq!(makers(&upgraded.1), ["large"; 3]);

    let again = bench.run(&large, ARTICLE, weaker(&small)).await;
    assert!(large.sent().is_empty());
    assert_eq!(again.1, upgraded.1, "what was upgraded stays so");
    assert!(again.0.upgradable.is_empty());
}

#[tokio::test]
async fn the_best_maker_there_is_goes_before_the_engine_of_the_run() {
    let bench = Bench::new("");
    let [small, middle, large] = ["small", "middle", "large"].map(|name| Double::new(name, BARE));
    for engine in [&small, &middle, &large] {
        bench.run(engine, "Der Hafen ist leer.", Peers::default()).await;
        engine.sent();
    }
    bench.run(&small, "Die Fähre legt ab.", Peers::default()).await;
    let peers = Peers { better: vec![large.peer()], weaker: vec![small.peer()], ..Peers::default() };
    let (stats, made) = bench.run(&middle, ARTICLE, peers).await;
    assert_eq!(makers(&made), ["small", "large", "small"]);
    assert!(middle.sent().is_empty());
    assert_eq!(stats.upgradable, BTreeMap::from([("small".to_owned(), 2)]));
}

#[tokio::test]
async fn a_changed_entry_is_asked_of_the_engine_of_the_run() {
    let (small, large) = (Double::new("small", TAKES_TERMS), Double::new("large", BARE));
    let mut bench = Bench::new("Fähre\tferry\n");
    bench.run(&small, ARTICLE, Peers::default()).await;
    bench.glossary = Bench::new("Fähre\tferryboat\n").glossary;
    let (stats, made) = bench.run(&large, ARTICLE, weaker(&small)).await;
    assert_eq!(large.sent(), ["Die Fähre legt ab."]);
    assert_eq!(makers(&made), ["large", "small", "large"]);
    assert_eq!(stats.upgradable, BTreeMap::from([("small".to_owned(), 1)]));
}

#[tokio::test]
async fn engines_that_are_no_peers_stay_apart() {
    let bench = Bench::new("");
    let (one, other) = (Double::new("one", BARE), Double::new("other", BARE));
    bench.run(&one, ARTICLE, Peers::default()).await;
    let (stats, made) = bench.run(&other, ARTICLE, Peers::default()).await;
    assert_eq!(makers(&made), ["other"; 3]);
    assert_eq!((stats.translated, stats.reused), (2, 1));
}

#[tokio::test]
async fn examples_are_what_the_memory_held_when_the_run_began() {
    let bench = Bench::new("");
    let (first, second) =
        (Double::new("first", BARE), Double::new("second", Abilities { examples: true, ..BARE }));
    let known = "Der Hafen von Emden ist seit Montag gesperrt.";
    bench.memory.store(vec![record(&first, known, "The port of Emden closed.")]).await.expect("stored");
    let article =
        "Der Hafen von Emden ist seit Sonntag gesperrt. Der Hafen von Husum ist seit Sonntag gesperrt.";
    bench.run(&second, article, Peers::default()).await;
    let batches = second.take();
    let shown: Vec<_> = batches.iter().flat_map(|batch| &batch.examples).collect();
    let example = Example { source: known.into(), target: "The port of Emden closed.".into() };
    assert_eq!(shown, [&vec![example.clone()], &vec![example]]);

    let alone = Run::new(
        inputs("Der Hafen von Leer ist seit Sonntag gesperrt."),
        bench.tools(&second),
        bench.memory.clone(),
    );
    let options = Options { unaided: true, ..options(Peers::default()) };
    assert!(Run { options, ..alone }.start().await.failure.is_none());
    assert_eq!(second.take()[0].examples, [Vec::new()], "what an engine can do by itself");

    bench.run(&first, article, Peers::default()).await;
    assert!(first.take().iter().flat_map(|batch| &batch.examples).all(Vec::is_empty));
    bench.run(&second, "Der Hafen von Husum ist seit Montag gesperrt.", Peers::default()).await;
    let texts = second.take().remove(0).examples.remove(0).into_iter().map(|example| example.source);
    assert_eq!(texts.count(), 1, "what an engine only marked is no example");
}

#[tokio::test]
async fn the_examples_of_a_run_that_was_broken_off_stay() {
    let bench = Bench::new("");
    let engine = Double::new("engine", Abilities { examples: true, ..BARE });
    let text = "Der Hafen von Emden ist seit Sonntag gesperrt.";
    engine.fails(Some(|| EngineError::Unusable("on purpose".to_owned())));
    assert!(bench.begin(&engine, text, Peers::default()).await.0.failure.is_some());
    engine.fails(None);
    engine.take();
    let late = "Der Hafen von Emden ist seit Montag gesperrt.";
    bench.memory.store(vec![record(&engine, late, "The port of Emden closed.")]).await.expect("stored");
    bench.run(&engine, text, Peers::default()).await;
    assert!(engine.take().iter().flat_map(|batch| &batch.examples).all(Vec::is_empty));
    bench.run(&engine, "Der Hafen von Emden ist seit Freitag gesperrt.", Peers::default()).await;
    assert_eq!(engine.take()[0].examples[0].len(), 1);
}

#[tokio::test]
async fn a_term_that_came_at_the_price_of_another_is_sent_again_with_it() {
    let bench = Bench::new("Fähre\tsteam ferry\nHafen\told harbour\n");
    let engine = Double::new("one", BARE);
    let answers = [
        ("Die Fähre sieht den Hafen.", "The boat sees the old harbour."),
        ("Die steam ferry sieht den Hafen.", "The steam ferry sees the dock."),
        ("Die steam ferry sieht den old harbour.", "The steam ferry sees the old harbour."),
    ];
    let records = answers.map(|(german, english)| record(&engine, german, english));
    bench.memory.store(records.to_vec()).await.expect("stored");
    let (stats, made) = bench.run(&engine, "Die Fähre sieht den Hafen.", Peers::default()).await;
    assert_eq!(made[0].1, "The steam ferry sees the old harbour.");
    assert_eq!((stats.terms.native, stats.terms.inline), (1, 1));
    assert!(engine.sent().is_empty());
}

#[tokio::test]
async fn a_weaker_engines_answer_on_a_rung_is_told() {
    let bench = Bench::new("Fähre\tsteam ferry\n");
    let (small, large) = (Double::new("small", BARE), Double::new("large", BARE));
    let records = vec![
        record(&large, "Die Fähre sieht den Hafen.", "The boat sees the harbour."),
        record(&small, "Die steam ferry sieht den Hafen.", "The steam ferry sees the harbour."),
    ];
    bench.memory.store(records).await.expect("stored");
    let (stats, made) = bench.run(&large, "Die Fähre sieht den Hafen.", weaker(&small)).await;
    assert!(large.sent().is_empty());
    assert_eq!(made, [("small".to_owned(), "The steam ferry sees the harbour.".to_owned())]);
    assert_eq!(stats.upgradable, BTreeMap::from([("small".to_owned(), 1)]));
}

#[tokio::test]
async fn a_dictionary_is_asked_with_the_german_once_and_its_answer_is_kept() {
    let bench = Bench::new("Fähre\tsteam ferry\n");
    let engine = Double::new("engine", Abilities { dictionary: true, ..BARE });
    let text = "Die Fähre sieht den Hafen.";
    let first = vec![record(&engine, text, "The boat sees the harbour.")];
    bench.memory.store(first).await.expect("stored");
    bench.run(&engine, text, Peers::default()).await;
    let asked: Vec<Request> = engine.take().into_iter().flat_map(|batch| batch.requests).collect();
    let terms = vec![TermHint { source: "Fähre".to_owned(), target: "steam ferry".to_owned() }];
    assert_eq!(asked, [Request { text: text.to_owned(), terms, inlines: Vec::new() }]);
    bench.run(&engine, text, Peers::default()).await;
    assert!(engine.take().is_empty(), "it is in the memory");
}

#[tokio::test]
async fn an_engine_that_makes_terms_hold_is_given_all_targets_and_not_asked_again() {
    let text = "Die Fähre sieht den Hafen.";
    let hint = |target: &str| TermHint { source: "Fähre".to_owned(), target: target.to_owned() };
    let bench = Bench::new("Fähre\tsteam ferry|ferryboat|boat\n");
    let service = Double::new("service", TAKES_TERMS);
    let engine = Double::new("engine", Abilities { constraints: true, ..TAKES_TERMS });
    let all = vec![hint("steam ferry"), hint("boat"), hint("ferryboat")];
    for (double, terms) in [(&service, vec![hint("steam ferry")]), (&engine, all.clone())] {
        let answer = record(double, text, "The vessel sees the harbour.");
        let request = Request { terms, ..answer.request };
        let key = Key::new(&answer.fingerprint, &request);
        bench.memory.store(vec![StoredAnswer { key, request, ..answer }]).await.expect("stored");
    }
    bench.run(&service, text, Peers::default()).await;
    assert_eq!(service.sent(), ["Die steam ferry sieht den Hafen."]);
    bench.run(&engine, text, Peers::default()).await;
    assert!(engine.take().is_empty(), "it did what it could");

    let other = Bench::new("Fähre\tsteam ferry|boat\n");
    Bench { memory: Arc::clone(&bench.memory), ..other }.run(&engine, text, Peers::default()).await;
    let batches = engine.take();
    let [Batch { requests, wanted, .. }] = batches.as_slice() else { panic!("{batches:?}") };
    assert_eq!(requests[0].terms, all[..2], "an accepted target is gone");
    let surfaces: Vec<&str> = wanted[0].iter().map(|term| term.surface(text)).collect();
    assert_eq!(surfaces, ["Fähre"]);
}

#[tokio::test]
async fn a_segment_in_parts_is_of_the_weakest_of_their_makers() {
    let bench = Bench::new("");
    let (small, large) = (Double::taking("small", 40), Double::taking("large", 40));
    let text = "Die Fähre legt morgen früh ab, weil der Hafen seit Montag wieder offen ist.";
    bench.run(&small, text, Peers::default()).await;
    let parts = small.sent();
    assert_eq!(parts.len(), 3, "{parts:?}");
    for part in &parts {
        bench.memory.store(vec![record(&large, part, "in English")]).await.expect("stored");
        let (stats, made) = bench.run(&large, text, weaker(&small)).await;
        assert!(large.sent().is_empty());
        let is_last = part == &parts[2];
        assert_eq!(makers(&made), [if is_last { "large" } else { "small" }]);
        assert_eq!(stats.upgradable.is_empty(), is_last);
    }
}

#[tokio::test]
async fn a_dry_run_counts_equal_texts_as_the_run_does() {
    // An article that fills the window: the next one claims its texts when the first one has its answers.
    let long = "Die Fähre legt ab. Der Hafen ist leer.\n\n".repeat(200);
    let articles = || {
        let article = |name| Input::Bytes(ArticleId::new(name), long.clone().into());
        Inputs { articles: ["a.txt", "b.txt", "c.txt"].map(article).into(), ..Inputs::default() }
    };
    let (bench, engine) = (Bench::new(""), Double::new("one", BARE));
    let run = || Run {
        options: options(Peers::default()),
        ..Run::new(articles(), bench.tools(&engine), Arc::clone(&bench.memory))
    };
    let planned = run().estimate().await.expect("readable");
    let stats = run().start().await.stats;
    assert_eq!((planned.to_send, planned.reused), (2, 3 * 400 - 2));
    assert_eq!((stats.translated, stats.reused), (2, 3 * 400 - 2));
    assert_eq!(engine.sent().len(), 2);
}

#[tokio::test]
async fn texts_whose_answer_comes_too_late_are_never_sent_in_halves() {
    let bench = Bench::new("");
    let engine = Double::new("one", BARE);
    engine.fails(Some(|| {
        let after = Duration::from_secs(1);
        let last = Box::new(EngineError::Timeout { host: "mt.example".to_owned(), after });
        EngineError::GivenUp { attempts: 3, down: false, last }
    }));
    let (run, documents) = bench.begin(&engine, ARTICLE, Peers::default()).await;
    assert_eq!((run.stats.failed, run.stats.requests, documents.len()), (3, 2, 1));
    let sizes: Vec<usize> = engine.take().iter().map(|batch| batch.requests.len()).collect();
    assert_eq!(sizes, [2, 2], "once, and once more when all else is sent");
}

#[test]
fn sums_of_what_a_service_charges_do_not_wrap() {
    let mut sum = Stats { billed_characters: u64::MAX, ..Stats::default() };
    sum += sum.clone();
    assert_eq!(sum.billed_characters, u64::MAX);
}

#[tokio::test]
async fn an_article_that_is_done_makes_room_for_others() {
    /// More segments than may be under way at once.
    const ARTICLES: usize = 2 * run::MIN_WINDOW;
    let bench = Bench::new("");
    let engine = Double::new("small", BARE);
    let article = |n: usize| {
        let text = format!("Die Fähre {n} legt ab.");
        Input::Bytes(ArticleId::new(&format!("{n}.txt")), text.into_bytes())
    };
    let inputs = Inputs { articles: (0..ARTICLES).map(article).collect(), ..Inputs::default() };
    let run = Run::new(inputs, bench.tools(&engine), Arc::clone(&bench.memory));
    let run = Run { options: options(Peers::default()), ..run }.start();
    // Without room the run would never end; it takes less than a second.
    let guard = Duration::from_mins(2);
    let outcome = tokio::time::timeout(guard, run).await.expect("no article waits for ever");
    assert_eq!(outcome.stats.articles, ARTICLES as u64);
}
