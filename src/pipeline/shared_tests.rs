//! Runs that share a memory, as workers on many machines do.

use std::collections::{BTreeMap, HashMap, HashSet};
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

/// Workers with one memory.
#[derive(Debug, Default)]
struct Crew {
    /// Who holds which claim.
    holders: Mutex<HashMap<Key, usize>>,
    changed: Notify,
    /// Keys that were granted to a worker and whose answer is neither stored nor refused yet. The worker has sent these
    /// texts or is about to, so losing the claim does not stop it.
    on_the_way: Mutex<HashSet<(usize, Key)>>,
    /// How often each text was sent.
    sent: Mutex<BTreeMap<String, usize>>,
    /// How often each text is answered with something that is no translation before it is translated.
    refusals: usize,
}

impl Crew {
    fn end(&self, worker: usize, is_meant: impl Fn(&Key) -> bool) {
        self.holders.lock().retain(|key, holder| *holder != worker || !is_meant(key));
        self.on_the_way.lock().retain(|(holder, key)| *holder != worker || !is_meant(key));
        self.changed.notify_waiters();
    }

    /// Ends all claims of a worker; gives back what it has on its way.
    fn lose(&self, worker: usize) -> HashSet<Key> {
        let is_own = |(holder, key): &(usize, Key)| (*holder == worker).then_some(*key);
        let on_the_way = self.on_the_way.lock().iter().filter_map(is_own).collect();
        self.end(worker, |_| true);
        on_the_way
    }

    /// How often each text was sent, with its key, but for what only goes along with another.
    fn sent(&self) -> Vec<(Key, String, usize)> {
        let sent = self.sent.lock();
        let texts = sent.iter().filter(|(text, _)| text.contains(char::is_numeric));
        texts.map(|(text, times)| (key(text), text.clone(), *times)).collect()
    }
}

/// A memory as one of several workers has it.
#[derive(Debug)]
struct Shared {
    memory: Arc<dyn Memory>,
    crew: Arc<Crew>,
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
        let mut holders = self.crew.holders.lock();
        let mut on_the_way = self.crew.on_the_way.lock();
        let granted = |key| {
            let is_own = *holders.entry(key).or_insert(self.worker) == self.worker;
            if is_own {
                on_the_way.insert((self.worker, key));
            }
            is_own
        };
        ready(Ok(keys.into_iter().map(granted).collect())).boxed()
    }

    fn let_go(&self, keys: Vec<Key>) -> MemoryFuture<()> {
        self.crew.end(self.worker, |key| keys.contains(key));
        ready(Ok(())).boxed()
    }

    fn ending_claims(&self, keys: Vec<Key>, stored: MemoryFuture<()>) -> MemoryFuture<()> {
        let (crew, worker) = (Arc::clone(&self.crew), self.worker);
        stored.inspect(move |_| crew.end(worker, |key| keys.contains(key))).boxed()
    }

    fn free(&self, keys: Vec<Key>) -> MemoryFuture<()> {
        let (crew, worker) = (Arc::clone(&self.crew), self.worker);
        let waits = async move {
            loop {
                let changed = crew.changed.notified();
                let is_free = |key: &Key| crew.holders.lock().get(key).is_none_or(|holder| *holder == worker);
                if keys.iter().any(is_free) {
                    return Ok(());
                }
                changed.await;
            }
        };
        waits.boxed()
    }
}

/// The engine of one worker.
struct Counting {
    info: EngineInfo,
    crew: Arc<Crew>,
    worker: usize,
    /// How many more requests and answers there are before `last` is notified.
    left: AtomicUsize,
    last: Notify,
}

const FINGERPRINT: &str = "counting 1";
const REFUSAL: &str = "I'm sorry, but I can't translate this text.";

impl Counting {
    fn new(crew: &Arc<Crew>, worker: usize, steps: usize) -> Arc<Self> {
        let info = EngineInfo {
            profile: "counting".to_owned(),
            kind: "counting",
            fingerprint: FINGERPRINT.to_owned(),
            limits: Limits { segments: 3, characters: 10_000, bytes: 10_000 },
            concurrency: 2,
            billing: Billing::Characters,
            prices: None,
            abilities: Abilities::default(),
            caveat: None,
        };
        let (crew, left) = (Arc::clone(crew), AtomicUsize::new(steps));
        Arc::new(Self { info, crew, worker, left, last: Notify::new() })
    }

    /// Counts that a text is sent, and says what the answer is.
    fn answer(&self, text: &str) -> Translation {
        let mut sent = self.crew.sent.lock();
        let times = sent.entry(text.to_owned()).or_default();
        *times += 1;
        if *times <= self.crew.refusals {
            return Translation::plain(REFUSAL);
        }
        let number: String = text.chars().filter(char::is_ascii_digit).collect();
        Translation::plain(format!("In the harbour of the town lies the ship with number {number}."))
    }

    fn step(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.last.notify_one();
        }
    }
}

impl Engine for Counting {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        async move {
            let texts: Vec<&String> = batch.requests.iter().map(|request| &request.text).collect();
            let answers: Vec<Translation> = texts.iter().map(|text| self.answer(text)).collect();
            self.step();
            // Others get their turn while it is on its way.
            for _ in 0..7 {
                yield_now().await;
            }
            let mut on_the_way = self.crew.on_the_way.lock();
            for (text, _) in texts.iter().zip(&answers).filter(|(_, answer)| answer.text == REFUSAL) {
                on_the_way.remove(&(self.worker, key(text)));
            }
            self.step();
            Ok(answers)
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

fn key(text: &str) -> Key {
    let request = Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    Key::new(FINGERPRINT, &request)
}

fn workers() -> impl Strategy<Value = Vec<Vec<Vec<u8>>>> {
    let article = prop::collection::vec(0..12_u8, 1..9);
    prop::collection::vec(prop::collection::vec(article, 1..5), 2..5)
}

fn memory() -> Arc<dyn Memory> {
    Arc::new(SqliteMemory::open_in_memory().expect("a memory"))
}

fn shared(memory: &Arc<dyn Memory>, crew: &Arc<Crew>, worker: usize) -> Arc<dyn Memory> {
    Arc::new(Shared { memory: Arc::clone(memory), crew: Arc::clone(crew), worker })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn workers_with_one_memory_send_a_text_once(workers in workers()) {
        let (crew, memory) = (Arc::<Crew>::default(), memory());
        let runs = workers.iter().enumerate().map(|(worker, articles)| {
            run(articles, &Counting::new(&crew, worker, 0), shared(&memory, &crew, worker)).start()
        });
        let outcomes = block_on(join_all(runs));
        for (outcome, articles) in outcomes.iter().zip(&workers) {
            prop_assert!(outcome.failure.is_none());
            prop_assert_eq!(answered(outcome), articles.iter().map(Vec::len).sum::<usize>());
        }
        for (_, text, times) in crew.sent() {
            prop_assert_eq!(times, 1, "{} was sent {} times", text, times);
        }
        prop_assert!(crew.holders.lock().is_empty());
    }

    #[test]
    fn what_a_killed_worker_had_claimed_is_sent_by_another(workers in workers(), steps in 1..10_usize) {
        let (crew, memory) = (Arc::<Crew>::default(), memory());
        let (killed, others) = workers.split_first().expect("some workers");
        let engine = Counting::new(&crew, 0, steps);
        let theirs = others.iter().zip(1..).map(|(articles, worker)| {
            run(articles, &Counting::new(&crew, worker, 0), shared(&memory, &crew, worker)).start()
        });
        let killed = async {
            tokio::select! {
                biased;
                () = engine.last.notified() => {}
                _ = run(killed, &engine, shared(&memory, &crew, 0)).start() => {}
            }
            crew.lose(0)
        };
        let (on_the_way, outcomes) = block_on(async { tokio::join!(killed, join_all(theirs)) });
        for (outcome, articles) in outcomes.iter().zip(others) {
            prop_assert!(outcome.failure.is_none());
            prop_assert_eq!(answered(outcome), articles.iter().map(Vec::len).sum::<usize>());
        }
        for (key, text, times) in crew.sent() {
            prop_assert!(times <= 1 + usize::from(on_the_way.contains(&key)), "{text} was sent {times} times");
        }
    }

    #[test]
    fn a_worker_that_has_lost_its_claims_sends_nothing_that_others_send(
        workers in workers(),
        steps in 1..12_usize,
    ) {
        // With a refusal the worker still holds the claim while the text waits to be sent again.
        let (crew, memory) = (Arc::new(Crew { refusals: 1, ..Crew::default() }), memory());
        let (silent, others) = workers.split_first().expect("some workers");
        let engine = Counting::new(&crew, 0, steps);
        let theirs = others.iter().zip(1..).map(|(articles, worker)| {
            run(articles, &Counting::new(&crew, worker, 0), shared(&memory, &crew, worker)).start()
        });
        let lost = async {
            engine.last.notified().await;
            crew.lose(0)
        };
        let own = async {
            let outcome = run(silent, &engine, shared(&memory, &crew, 0)).start().await;
            // It may have had less to send.
            engine.last.notify_one();
            outcome
        };
        let (outcome, on_the_way, outcomes) = block_on(async { tokio::join!(own, lost, join_all(theirs)) });
        prop_assert!(outcome.failure.is_none());
        for (outcome, articles) in outcomes.iter().zip(others) {
            prop_assert_eq!(answered(outcome), articles.iter().map(Vec::len).sum::<usize>());
        }
        for (key, text, times) in crew.sent() {
            let most = 2 + usize::from(on_the_way.contains(&key));
            prop_assert!(times <= most, "{text} was sent {times} times");
        }
    }
}
