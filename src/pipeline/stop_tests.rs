//! Runs that end before their time: what is still sent, how long it takes, and what is reported.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use tokio::time::{Instant, sleep};

use super::*;
use crate::engine::{
    Abilities, AnswerFault, Billing, EngineError, EngineInfo, Limits, Spent, TranslateFuture,
};
use crate::glossary::Glossary;
use crate::memory::{Key, Memory, SqliteMemory};
use crate::model::{ArticleId, Batch, Request, Translation, Usage};
use crate::text::German;

const SENTENCES: [&str; 6] = [
    "Die Fähre legt ab.",
    "Der Hafen ist leer.",
    "Ein Boot kommt an.",
    "Es bringt Fisch.",
    "Die Flut steigt.",
    "Der Wind dreht.",
];

/// What happens to a request, in the order in which they come; the last one happens to all further ones.
#[derive(Debug, Clone)]
enum Fate {
    Answer,
    /// The user asks the run to end, then the request goes its way.
    Interrupt(Box<Fate>),
    /// The same, twice.
    InterruptTwice(Box<Fate>),
    After(Duration, Box<Fate>),
    Fail(fn() -> EngineError),
    Hang,
}

/// An engine that does as it is told.
struct Told {
    info: EngineInfo,
    fates: Vec<Fate>,
    requests: AtomicUsize,
    characters: AtomicU64,
    stop: Stop,
}

impl Told {
    fn new(segments: usize, concurrency: usize, fates: &[Fate]) -> Arc<Self> {
        let info = EngineInfo {
            profile: "told".to_owned(),
            kind: "pseudo",
            fingerprint: "told 1".to_owned(),
            limits: Limits { segments, characters: 10_000, bytes: 10_000 },
            concurrency,
            billing: Billing::Characters,
            prices: None,
            abilities: Abilities { marks: true, ..Abilities::default() },
            caveat: None,
        };
        let (requests, characters) = (AtomicUsize::new(0), AtomicU64::new(0));
        Arc::new(Self { info, fates: fates.to_vec(), requests, characters, stop: Stop::default() })
    }

    async fn meet(&self, mut fate: Fate, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        loop {
            fate = match fate {
                Fate::Answer => {
                    self.characters.fetch_add(batch.characters().characters, Ordering::SeqCst);
                    let answer = |request: &Request| Translation::plain(format!("EN {}", request.text));
                    return Ok(batch.requests.iter().map(answer).collect());
                }
                Fate::Fail(error) => return Err(error()),
                Fate::Hang => std::future::pending().await,
                Fate::Interrupt(then) => {
                    self.stop.soon.cancel();
                    // Until the desk has taken notice.
                    while !self.is_stopped() {
                        tokio::task::yield_now().await;
                    }
                    *then
                }
                Fate::InterruptTwice(then) => {
                    self.stop.now.cancel();
                    Fate::Interrupt(then)
                }
                Fate::After(time, then) => {
                    sleep(time).await;
                    *then
                }
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.requests.load(Ordering::SeqCst) >= STOPPED
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst) % STOPPED
    }
}

/// Added to the number of requests when the engine is stopped.
const STOPPED: usize = 1 << 32;

impl Engine for Told {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        let request = self.requests.fetch_add(1, Ordering::SeqCst) % STOPPED;
        let fate = self.fates.get(request).or(self.fates.last()).expect("a fate");
        self.meet(fate.clone(), batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        Self::requests(self) as u64
    }

    fn spent(&self) -> Spent {
        let usage = Usage::of_characters(self.characters.load(Ordering::SeqCst));
        Spent { usage, ..Spent::default() }
    }

    fn stop(&self) -> usize {
        self.requests.fetch_add(STOPPED, Ordering::SeqCst);
        0
    }
}

/// A run over the sentences, and the memory it leaves.
async fn run_of(engine: &Arc<Told>) -> (RunOutcome, SqliteMemory) {
    let glossary = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(glossary.path(), "source\ttarget\n").expect("written");
    let tools = Tools {
        segmenter: Arc::new(German::default()),
        matcher: Arc::new(Matcher::new(&Glossary::load(glossary.path()).expect("a glossary"))),
        engine: Arc::<Told>::clone(engine),
    };
    let options = Options { any_language: true, rungs: Vec::new(), ..Options::default() };
    let article = Input::Bytes(ArticleId::new("a.txt"), SENTENCES.join(" ").into());
    let inputs = Inputs { articles: vec![article], ..Inputs::default() };
    let memory = Arc::new(SqliteMemory::open_in_memory().expect("a memory"));
    let written = Arc::new(Mutex::new(0));
    let deliver = Deliver::articles(Arc::new(move |_| {
        *written.lock().expect("whole") += 1;
        Ok(Vec::new())
    }));
    let run = Run::new(inputs, tools, Arc::<SqliteMemory>::clone(&memory));
    let outcome = Run { options, deliver, stop: engine.stop.clone(), ..run }.start().await;
    (outcome, Arc::into_inner(memory).expect("a run that is over holds nothing"))
}

/// The sentences whose answers are in a memory.
async fn stored(memory: &dyn Memory) -> Vec<&'static str> {
    let request = |text: &str| Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    let keys = SENTENCES.map(|text| Key::new("told 1", &request(text)));
    let found = memory.lookup(keys.to_vec()).await.expect("readable");
    SENTENCES.into_iter().zip(found).filter_map(|(text, found)| found.map(|_| text)).collect()
}

fn interrupt(then: Fate) -> Fate {
    Fate::Interrupt(Box::new(then))
}

#[tokio::test]
async fn an_answer_that_was_in_flight_is_stored_and_nothing_more_is_sent() {
    let engine = Told::new(2, 1, &[Fate::Answer, interrupt(Fate::Answer)]);
    let (run, memory) = run_of(&engine).await;
    assert!(matches!(run.failure, Some(RunError::Interrupted)));
    assert_eq!(engine.requests(), 2);
    assert_eq!(stored(&memory).await, SENTENCES[..4]);
    let Stats { unfinished, segments, translated, remaining, requests, billed_characters, .. } = run.stats;
    assert_eq!((unfinished, segments, translated, remaining), (1, 6, 4, 2));
    let billed = SENTENCES[..4].iter().map(|text| text.chars().count() as u64).sum();
    assert_eq!((requests, billed_characters, run.is_complete), (2, billed, true));
}

#[tokio::test]
async fn what_fails_after_an_interruption_is_neither_halved_nor_swept() {
    let errors: [fn() -> EngineError; 3] = [
        || EngineError::TooLarge,
        || EngineError::RateLimited { after: None },
        || AnswerFault::CutOff.into(),
    ];
    for error in errors {
        let engine = Told::new(2, 1, &[Fate::Answer, interrupt(Fate::Fail(error))]);
        let (run, memory) = run_of(&engine).await;
        assert_eq!((engine.requests(), run.stats.translated, run.stats.remaining), (2, 2, 4));
        assert_eq!((run.stats.failed, stored(&memory).await.len()), (0, 2));
    }
}

#[tokio::test]
async fn a_run_that_its_engine_ends_tells_what_it_came_to() {
    let quota = || EngineError::Quota("456".to_owned());
    let (run, memory) = run_of(&Told::new(2, 1, &[Fate::Answer, Fate::Answer, Fate::Fail(quota)])).await;
    assert!(matches!(run.failure, Some(RunError::Engine(EngineError::Quota(_)))));
    let Stats { articles, unfinished, segments, translated, remaining, .. } = run.stats;
    assert_eq!((articles, unfinished, segments, translated, remaining), (0, 1, 6, 4, 2));
    assert_eq!(stored(&memory).await, SENTENCES[..4]);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_flight_has_half_a_minute() {
    let after = |seconds| Fate::After(Duration::from_secs(seconds), Box::new(Fate::Answer));
    let engine = Told::new(3, 2, &[after(29), interrupt(after(31))]);
    let start = Instant::now();
    let (run, memory) = run_of(&engine).await;
    assert_eq!(start.elapsed().as_secs(), 30);
    assert_eq!((engine.requests(), run.stats.unfinished), (2, 1));
    assert_eq!(stored(&memory).await.len(), 3, "the answer that came in time");
}

#[tokio::test(start_paused = true)]
async fn a_second_interruption_ends_the_run_at_once() {
    let engine = Told::new(3, 2, &[Fate::Hang, Fate::InterruptTwice(Box::new(Fate::Hang))]);
    let start = Instant::now();
    let (run, _) = run_of(&engine).await;
    assert!(start.elapsed() <= Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(matches!(run.failure, Some(RunError::Interrupted)));
    assert_eq!((run.stats.segments, run.stats.remaining), (6, 6));
}
