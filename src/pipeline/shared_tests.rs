//! Runs that share a memory, as workers on many machines do.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use futures::future::{join_all, ready};
use parking_lot::Mutex;
use proptest::prelude::*;
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::memory_double::MemoryDouble;
use super::*;
use crate::engine::{Abilities, Billing, EngineInfo, Limits, Spent, TranslateFuture};
use crate::memory::{Key, Memory, MemoryFuture, SqliteMemory};
use crate::model::{ArticleId, Batch, Request, Translation};
use crate::text::German;

/// What several handles of a memory know of each other.
#[derive(Debug, Default)]
struct SharedClaims {
    holders: Mutex<HashMap<Key, usize>>,
    changed: Notify,
}

impl SharedClaims {
    fn end(&self, worker: usize, is_meant: impl Fn(&Key) -> bool) {
        self.holders.lock().retain(|key, holder| *holder != worker || !is_meant(key));
        self.changed.notify_waiters();
    }
}

/// A memory as one of several workers has it.
#[derive(Debug)]
struct Shared {
    memory: Arc<dyn Memory>,
    claims: Arc<SharedClaims>,
    worker: usize,
}

impl MemoryDouble for Shared {
    fn memory(&self) -> &dyn Memory {
        self.memory.as_ref()
    }

    fn shares_claims(&self) -> bool {
        true
    }

    fn claimed(&self, keys: Vec<Key>) -> MemoryFuture<Vec<bool>> {
        let mut holders = self.claims.holders.lock();
        let granted = |key| *holders.entry(key).or_insert(self.worker) == self.worker;
        ready(Ok(keys.into_iter().map(granted).collect())).boxed()
    }

    fn let_go(&self, keys: Vec<Key>) -> MemoryFuture<()> {
        self.claims.end(self.worker, |key| keys.contains(key));
        ready(Ok(())).boxed()
    }

    fn ending_claims(&self, keys: Vec<Key>, stored: MemoryFuture<()>) -> MemoryFuture<()> {
        let (claims, worker) = (Arc::clone(&self.claims), self.worker);
        stored.inspect(move |_| claims.end(worker, |key| keys.contains(key))).boxed()
    }

    fn free(&self, keys: Vec<Key>) -> MemoryFuture<()> {
        let (claims, worker) = (Arc::clone(&self.claims), self.worker);
        let waits = async move {
            loop {
                let changed = claims.changed.notified();
                let is_free =
                    |key: &Key| claims.holders.lock().get(key).is_none_or(|holder| *holder == worker);
                if keys.iter().any(is_free) {
                    return Ok(());
                }
                changed.await;
            }
        };
        waits.boxed()
    }
}

/// An engine of one worker that counts, with those of the others, what it is sent.
struct Counting {
    info: EngineInfo,
    sent: Arc<Mutex<BTreeMap<String, usize>>>,
    /// Requests until it is told, and whom.
    left: AtomicUsize,
    last: Notify,
    /// What this worker sent.
    own: Mutex<BTreeSet<String>>,
}

impl Counting {
    fn new(sent: &Arc<Mutex<BTreeMap<String, usize>>>, requests: usize) -> Arc<Self> {
        let info = EngineInfo {
            profile: "counting".to_owned(),
            kind: "counting",
            fingerprint: "counting 1".to_owned(),
            limits: Limits { segments: 3, characters: 10_000, bytes: 10_000 },
            concurrency: 2,
            billing: Billing::Characters,
            prices: None,
            abilities: Abilities::default(),
            caveat: None,
        };
        let (sent, left) = (Arc::clone(sent), AtomicUsize::new(requests));
        Arc::new(Self { info, sent, left, last: Notify::new(), own: Mutex::default() })
    }
}

impl Engine for Counting {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        async move {
            let texts: Vec<&String> = batch.requests.iter().map(|request| &request.text).collect();
            for text in &texts {
                *self.sent.lock().entry((*text).clone()).or_default() += 1;
            }
            self.own.lock().extend(texts.iter().map(|text| (*text).clone()));
            if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.last.notify_one();
            }
            // Others get their turn while it is on its way.
            for _ in 0..7 {
                yield_now().await;
            }
            let english = |text: &&String| {
                let number: String = text.chars().filter(char::is_ascii_digit).collect();
                Translation::plain(format!("In the harbour of the town lies the ship with number {number}."))
            };
            Ok(texts.iter().map(english).collect())
        }
        .boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        0
    }

    fn spent(&self) -> Spent {
        Spent::default()
    }
}

/// Articles with numbered sentences, as a run of their own.
fn run(articles: &[Vec<u8>], engine: &Arc<Counting>, memory: Arc<dyn Memory>) -> Run {
    let article = |(number, sentences): (usize, &Vec<u8>)| {
        let sentence = |n| format!("Im Hafen der Stadt liegt das Schiff mit Nummer {n}. ");
        let text: String = sentences.iter().map(sentence).collect();
        Input::Bytes(ArticleId::new(&format!("{number}.txt")), text.into_bytes())
    };
    let articles = articles.iter().enumerate().map(article).collect();
    let tools = Tools {
        segmenter: Arc::new(German::default()),
        matcher: Arc::new(Matcher::new(&Glossary::default())),
        engine: Arc::<Counting>::clone(engine),
    };
    Run::new(Inputs { articles, ..Inputs::default() }, tools, memory)
}

/// Segments with a translation.
fn answered(outcome: &RunOutcome) -> usize {
    usize::try_from(outcome.stats.translated + outcome.stats.reused).expect("few")
}

fn key(engine: &Counting, text: &str) -> Key {
    let request = Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    Key::new(&engine.info.fingerprint, &request)
}

fn workers() -> impl Strategy<Value = Vec<Vec<Vec<u8>>>> {
    let article = prop::collection::vec(0..12_u8, 1..9);
    prop::collection::vec(prop::collection::vec(article, 1..5), 2..5)
}

fn shared(memory: &Arc<dyn Memory>, claims: &Arc<SharedClaims>, worker: usize) -> Arc<dyn Memory> {
    Arc::new(Shared { memory: Arc::clone(memory), claims: Arc::clone(claims), worker })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn workers_with_one_memory_send_a_text_once(workers in workers()) {
        let sent = Arc::default();
        let claims = Arc::default();
        let memory: Arc<dyn Memory> = Arc::new(SqliteMemory::open_in_memory().expect("a memory"));
        let runs = workers.iter().enumerate().map(|(worker, articles)| {
            run(articles, &Counting::new(&sent, 0), shared(&memory, &claims, worker)).start()
        });
        let outcomes = block_on(join_all(runs));
        for (outcome, articles) in outcomes.iter().zip(&workers) {
            prop_assert!(outcome.failure.is_none());
            prop_assert_eq!(answered(outcome), articles.iter().map(Vec::len).sum::<usize>());
        }
        prop_assert!(sent.lock().values().all(|times| *times == 1), "{sent:?}");
        prop_assert!(claims.holders.lock().is_empty());
    }

    #[test]
    fn what_a_killed_worker_had_claimed_is_sent_by_another(workers in workers(), requests in 1..5_usize) {
        let sent = Arc::default();
        let claims: Arc<SharedClaims> = Arc::default();
        let memory: Arc<dyn Memory> = Arc::new(SqliteMemory::open_in_memory().expect("a memory"));
        let (killed, others) = workers.split_first().expect("some workers");
        let engine = Counting::new(&sent, requests);
        let theirs = others.iter().enumerate().map(|(worker, articles)| {
            run(articles, &Counting::new(&sent, 0), shared(&memory, &claims, worker + 1)).start()
        });
        let killed = async {
            tokio::select! {
                biased;
                () = engine.last.notified() => {}
                _ = run(killed, &engine, shared(&memory, &claims, 0)).start() => {}
            }
            let is_held = |text: &String| claims.holders.lock().get(&key(&engine, text)) == Some(&0);
            let in_flight: BTreeSet<String> = engine.own.lock().iter().filter(|text| is_held(text)).cloned().collect();
            claims.end(0, |_| true);
            in_flight
        };
        let (in_flight, outcomes) = block_on(async { tokio::join!(killed, join_all(theirs)) });
        for (outcome, articles) in outcomes.iter().zip(others) {
            prop_assert!(outcome.failure.is_none());
            prop_assert_eq!(answered(outcome), articles.iter().map(Vec::len).sum::<usize>());
        }
        for (text, times) in sent.lock().iter() {
            prop_assert!(*times <= 1 + usize::from(in_flight.contains(text)), "{text} was sent {times} times");
        }
    }
    #[test]
    fn a_worker_that_has_lost_its_claims_sends_nothing_that_others_send(workers in workers(), requests in 1..5_usize) {
        let sent = Arc::default();
        let claims: Arc<SharedClaims> = Arc::default();
        let memory: Arc<dyn Memory> = Arc::new(SqliteMemory::open_in_memory().expect("a memory"));
        let (silent, others) = workers.split_first().expect("some workers");
        let engine = Counting::new(&sent, requests);
        let theirs = others.iter().enumerate().map(|(worker, articles)| {
            run(articles, &Counting::new(&sent, 0), shared(&memory, &claims, worker + 1)).start()
        });
        let lost = async {
            tokio::select! {
                () = engine.last.notified() => {}
                // It may have nothing of its own to send.
                () = async { for _ in 0..200 { yield_now().await } } => {}
            }
            let is_held = |text: &String| claims.holders.lock().get(&key(&engine, text)) == Some(&0);
            let in_flight: BTreeSet<String> = engine.own.lock().iter().filter(|text| is_held(text)).cloned().collect();
            claims.end(0, |_| true);
            in_flight
        };
        let own = run(silent, &engine, shared(&memory, &claims, 0)).start();
        let (outcome, in_flight, outcomes) = block_on(async { tokio::join!(own, lost, join_all(theirs)) });
        prop_assert!(outcome.failure.is_none());
        for (outcome, articles) in outcomes.iter().zip(others) {
            prop_assert_eq!(answered(outcome), articles.iter().map(Vec::len).sum::<usize>());
        }
        for (text, times) in sent.lock().iter() {
            prop_assert!(*times <= 1 + usize::from(in_flight.contains(text)), "{text} was sent {times} times");
        }
    }
}
