//! Runs by batch jobs: whatever breaks off in between, nothing is bought twice, and what is written is what a run in the open
//! writes with the same answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{pending, ready};
use futures::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::failing_memory::{FailingMemory, FaultyWrites, WriteFault};
use super::*;
use crate::engine::{
    Abilities, Billing, EngineError, EngineInfo, FoundJob, JobAnswer, JobAnswers, JobLimits, JobOutcome,
    JobSearch, JobState, Limits, NightFuture, NightLane, NightReading, NightRequest, Purse, SetAside, Spent,
    TranslateFuture, request_name,
};
use crate::memory::{Memory, SqliteMemory};
use crate::model::{ArticleId, Batch, ParallelDocument, Request, Translation, Unit, Usage};
use crate::text::German;

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// The call does not reach the service.
    Before,
    /// The service does what it is asked, and its answer does not come back.
    After,
    /// The process is killed while it waits for the answer.
    Killed,
}

#[derive(Default)]
struct Books {
    jobs: Vec<SoldJob>,
    /// How often each text was answered for money.
    bought: HashMap<String, usize>,
    /// How often each text was asked for.
    asked: HashMap<String, usize>,
    calls: usize,
    broken: Option<(usize, Break)>,
    looks: usize,
    /// Looks at the list that do not show a job yet.
    unlisted: usize,
}

struct SoldJob {
    id: String,
    nonce: String,
    requests: Vec<Value>,
    /// Calls for its state before it has ended.
    pending: usize,
    outcomes: Option<Vec<(String, Outcome)>>,
    is_cancelled: bool,
}

/// What the service does with some requests when they come for the first time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Moods {
    /// Some expire, and some fail, so that they are asked in the open.
    #[default]
    Failing,
    /// Some expire, and some answers are empty, so that their texts are asked for in another form.
    Silent,
}

#[derive(Clone)]
enum Outcome {
    Answered(Value),
    Errored,
    Expired,
    Cancelled,
}

/// A service with a night lane, which outlives the processes that use it.
#[derive(Default)]
struct NightService {
    books: Mutex<Books>,
    /// Told when a process is to be killed.
    kill: Arc<Notify>,
    /// Whether its list of jobs tells their nonces; otherwise only answers do.
    has_marks: bool,
    moods: Moods,
    /// Whether it does not say of some answers what they used.
    is_silent: bool,
}

struct NightEngine {
    info: EngineInfo,
    service: Arc<NightService>,
    purse: Arc<Purse>,
}

fn english(german: &str) -> String {
    let number: String = german.chars().filter(char::is_ascii_digit).collect();
    format!("In the harbour of the town lies the ship with number {number}.")
}

/// Whether a text is answered only when it is asked for in another form.
fn is_hard(german: &str) -> bool {
    german.contains('5')
}

impl NightService {
    /// Counts a call; gives back what goes wrong with it.
    fn call(&self) -> Option<Break> {
        let mut books = self.books.lock().unwrap();
        books.calls += 1;
        books.broken.filter(|(at, _)| *at == books.calls).map(|(_, how)| how)
    }

    async fn called<T>(&self, act: impl FnOnce(&mut Books) -> T) -> Result<T, EngineError> {
        let gone = || EngineError::Timeout { host: "night.example".to_owned(), after: Duration::ZERO };
        let how = self.call();
        if how == Some(Break::Before) {
            return Err(gone());
        }
        let done = act(&mut self.books.lock().unwrap());
        match how {
            Some(Break::Killed) => {
                self.kill.notify_one();
                pending().await
            }
            Some(_) => Err(gone()),
            None => Ok(done),
        }
    }
}

impl Books {
    /// Works a job off: some requests expire or fail once, the others are answered and paid for.
    fn work_off(&mut self, index: usize, moods: Moods) {
        if self.jobs[index].outcomes.is_some() {
            return;
        }
        let (nonce, requests) = (self.jobs[index].nonce.clone(), self.jobs[index].requests.clone());
        let is_cancelled = self.jobs[index].is_cancelled;
        let mut outcomes = Vec::new();
        for (number, request) in requests.iter().enumerate() {
            let texts: Vec<String> = serde_json::from_value(request["texts"].clone()).unwrap();
            let seen = self.asked.entry(texts[0].clone()).or_default();
            *seen += 1;
            let outcome = if is_cancelled && number % 2 == 0 {
                Outcome::Cancelled
            } else if *seen == 1 && texts[0].contains('7') {
                Outcome::Expired
            } else if *seen == 1 && texts[0].contains('9') && moods == Moods::Failing {
                Outcome::Errored
            } else {
                let english: Vec<String> = texts.iter().map(|text| self.sell(text, moods)).collect();
                Outcome::Answered(json!({ "texts": english }))
            };
            outcomes.push((request_name(&nonce, number), outcome));
        }
        fastrand::Rng::with_seed(index as u64).shuffle(&mut outcomes);
        self.jobs[index].outcomes = Some(outcomes);
    }

    /// The answer to a text, for money.
    fn sell(&mut self, text: &str, moods: Moods) -> String {
        let times = self.bought.entry(text.to_owned()).or_default();
        *times += 1;
        if moods == Moods::Silent && *times == 1 && is_hard(text) { String::new() } else { english(text) }
    }

    fn index(&self, id: &str) -> usize {
        self.jobs.iter().position(|job| job.id == id).expect("a job that was handed in")
    }
}

impl Engine for NightEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        let mut books = self.service.books.lock().unwrap();
        for request in &batch.requests {
            *books.bought.entry(request.text.clone()).or_default() += 1;
        }
        let answers = batch.requests.iter().map(|request| Translation::plain(english(&request.text)));
        ready(Ok(answers.collect())).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        0
    }

    fn spent(&self) -> Spent {
        self.purse.spent()
    }

    fn night_lane(&self) -> Option<&dyn NightLane> {
        Some(self)
    }
}

impl NightLane for NightEngine {
    fn host(&self) -> String {
        "night.example".to_owned()
    }

    fn limits(&self) -> JobLimits {
        JobLimits { requests: 3, bytes: 1_000 }
    }

    fn encode(&self, batch: &Batch) -> Result<NightRequest, EngineError> {
        let texts: Vec<&str> = batch.requests.iter().map(|request| request.text.as_str()).collect();
        Ok(NightRequest { body: json!({ "texts": texts }).to_string().into(), most: batch.characters() })
    }

    fn night_prices(&self) -> Option<&Arc<crate::engine::Prices>> {
        None
    }

    fn affords(&self, most: &Usage) -> bool {
        self.purse.affords(None, most)
    }

    fn set_aside(&self, most: Usage) -> NightFuture<'_, SetAside> {
        self.purse.set_aside(None, most).boxed()
    }

    fn charge(&self, usage: Usage) {
        self.purse.charge(None, usage);
    }

    fn submit<'a>(&'a self, nonce: &'a str, requests: &'a [NightRequest]) -> NightFuture<'a, String> {
        self.service
            .called(move |books| {
                let id = format!("job_{}", books.jobs.len());
                let requests = requests.iter().map(|request| serde_json::from_slice(&request.body).unwrap());
                books.jobs.push(SoldJob {
                    id: id.clone(),
                    nonce: nonce.to_owned(),
                    requests: requests.collect(),
                    pending: books.jobs.len() % 3,
                    outcomes: None,
                    is_cancelled: false,
                });
                id
            })
            .boxed()
    }

    fn find<'a>(&'a self, search: &'a JobSearch) -> NightFuture<'a, FoundJob> {
        let has_marks = self.service.has_marks;
        self.service
            .called(move |books| {
                let mut found = FoundJob::Nowhere;
                if books.unlisted > 0 {
                    books.unlisted -= 1;
                    return found;
                }
                for index in 0..books.jobs.len() {
                    let job = &mut books.jobs[index];
                    if search.others.contains(&job.id) {
                        continue;
                    }
                    if !has_marks && job.pending > 0 {
                        job.pending -= 1;
                        found = FoundJob::Undecided;
                    } else if job.nonce == search.nonce {
                        return FoundJob::Job(job.id.clone());
                    }
                }
                found
            })
            .boxed()
    }

    fn state<'a>(&'a self, id: &'a str) -> NightFuture<'a, JobState> {
        self.service
            .called(move |books| {
                books.looks += 1;
                let index = books.index(id);
                if books.jobs[index].pending > 0 {
                    books.jobs[index].pending -= 1;
                    return JobState::Running { done: None };
                }
                books.work_off(index, self.service.moods);
                JobState::Ended { cancelled: books.jobs[index].is_cancelled }
            })
            .boxed()
    }

    fn answers<'a>(&'a self, id: &'a str) -> NightFuture<'a, JobAnswers<'a>> {
        self.service
            .called(move |books| {
                let outcomes = books.jobs[books.index(id)].outcomes.clone().unwrap();
                let answer = |(name, outcome)| {
                    let outcome = match outcome {
                        Outcome::Answered(reply) => JobOutcome::Answered(reply),
                        Outcome::Errored => JobOutcome::Errored("overloaded".to_owned()),
                        Outcome::Expired => JobOutcome::Expired,
                        Outcome::Cancelled => JobOutcome::Cancelled,
                    };
                    Ok(JobAnswer { name, outcome })
                };
                stream::iter(outcomes.into_iter().map(answer).collect::<Vec<_>>()).boxed()
            })
            .boxed()
    }

    fn cancel<'a>(&'a self, id: &'a str) -> NightFuture<'a, ()> {
        self.service
            .called(move |books| {
                let index = books.index(id);
                books.jobs[index].is_cancelled = true;
            })
            .boxed()
    }

    fn read(&self, reply: &Value, texts: usize) -> NightReading {
        let read: Vec<String> = serde_json::from_value(reply["texts"].clone()).unwrap();
        assert_eq!(read.len(), texts);
        let is_silent = self.service.is_silent && read.iter().any(|text| text.contains('3'));
        NightReading {
            usage: (!is_silent).then_some(Usage { input_tokens: 1, ..Usage::default() }),
            translations: Ok(read.into_iter().map(Translation::plain).collect()),
        }
    }
}

/// A machine with a memory, which outlives the processes, too.
struct Machine {
    memory: Arc<dyn Memory>,
    service: Arc<NightService>,
    rungs: BatchRungs,
    /// Sentences in an article.
    sentences: usize,
    /// What goes wrong with the memory.
    writes: Option<Arc<FaultyWrites>>,
}

fn article(from: usize, sentences: usize) -> String {
    let sentence = |n| format!("Im Hafen der Stadt liegt das Schiff mit Nummer {n}. ");
    (from..from + sentences).map(sentence).collect::<Vec<_>>().concat()
}

/// Two articles with so many sentences; the second one has sentences of the first.
fn inputs(sentences: usize) -> Inputs {
    let articles = [("a.txt", article(1, sentences)), ("b.txt", article(1 + sentences / 2, sentences))];
    let articles = articles.map(|(name, text)| Input::Bytes(ArticleId::new(name), text.into_bytes()));
    Inputs { articles: articles.into(), ..Inputs::default() }
}

impl Machine {
    fn new(has_marks: bool) -> Self {
        let service = Arc::new(NightService { has_marks, ..NightService::default() });
        let memory = Arc::new(SqliteMemory::open_in_memory().unwrap());
        Self { memory, service, rungs: BatchRungs::Live, sentences: 14, writes: None }
    }

    /// One whose service is asked by night only, and whose n-th write fails.
    fn with_fault(has_marks: bool, at: usize, fault: WriteFault) -> Self {
        let service = NightService { has_marks, moods: Moods::Silent, ..NightService::default() };
        let writes = FaultyWrites { at, fault, count: AtomicUsize::new(0), kill: Arc::clone(&service.kill) };
        let (service, writes) = (Arc::new(service), Some(Arc::new(writes)));
        Self { service, rungs: BatchRungs::Next, sentences: 6, writes, ..Self::new(has_marks) }
    }

    fn tools(&self, purse: &Arc<Purse>) -> Tools {
        let engine = NightEngine {
            info: EngineInfo {
                profile: "night".to_owned(),
                kind: "night",
                fingerprint: "night 1".to_owned(),
                limits: Limits { segments: 2, characters: 100_000, bytes: 100_000 },
                concurrency: 2,
                billing: Billing::Characters,
                prices: None,
                abilities: Abilities::default(),
                caveat: None,
            },
            service: Arc::clone(&self.service),
            purse: Arc::clone(purse),
        };
        Tools { segmenter: Arc::new(German::default()), ..Tools::new(Arc::new(engine), &Glossary::default()) }
    }

    /// The memory as a process has it.
    fn memory(&self) -> Arc<dyn Memory> {
        let memory = Arc::clone(&self.memory);
        match &self.writes {
            Some(writes) => Arc::new(FailingMemory::new(memory, Arc::clone(writes))),
            None => memory,
        }
    }

    fn night(&self, memory: &Arc<dyn Memory>, purse: &Arc<Purse>) -> Night {
        let tools = self.tools(purse);
        let keeper = JobKeeper {
            engine: Arc::clone(&tools.engine),
            memory: Arc::clone(memory),
            events: Events::default(),
            stop: Stop::default(),
            pauses: Pauses { first: Duration::ZERO, longest: Duration::ZERO, settling: Duration::ZERO },
            waits: true,
        };
        Night {
            inputs: inputs(self.sentences),
            tools,
            options: Options::default(),
            rungs: self.rungs,
            keeper,
        }
    }

    /// What a process comes to; `None` if it was killed.
    async fn process<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            ended = work => Some(ended),
            () = self.service.kill.notified() => None,
        }
    }

    /// A process that hands in and waits.
    async fn hand_in(&self) -> Option<Result<NightEnd, RunError>> {
        let night = self.night(&self.memory(), &Arc::default());
        self.process(night.work()).await
    }

    /// A process that hands in and waits, and then writes the files, as the command does.
    async fn translate(&self) -> Option<Result<Vec<String>, RunError>> {
        let memory = self.memory();
        let night = self.night(&memory, &Arc::default());
        let work = async {
            match night.work().await? {
                NightEnd::Done => self.run(&memory).await,
                other => panic!("{other:?}"),
            }
        };
        self.process(work).await
    }

    /// The English of all articles, from an ordinary run.
    async fn files(&self) -> Vec<String> {
        self.run(&self.memory()).await.unwrap()
    }

    async fn run(&self, memory: &Arc<dyn Memory>) -> Result<Vec<String>, RunError> {
        let files = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&files);
        let deliver = Deliver::articles(Arc::new(move |document: ParallelDocument| {
            let english = document.units().iter().map(|unit| match unit {
                Unit::Translated(rendition) => rendition.target.clone(),
                other => panic!("{other:?}"),
            });
            let id = document.source().article().id.to_string();
            taken.lock().unwrap().push(format!("{id}: {}", english.collect::<Vec<_>>().join("\n")));
            Ok(Vec::new())
        }));
        let run = Run::new(inputs(self.sentences), self.tools(&Arc::default()), Arc::clone(memory));
        if let Some(failure) = (Run { deliver, ..run }).start().await.failure {
            return Err(failure);
        }
        let mut files = files.lock().unwrap().clone();
        files.sort();
        Ok(files)
    }

    /// That each text was paid for once, and those that were answered only in another form once in each.
    fn check(&self, about: &str) {
        let mut books = self.service.books.lock().unwrap();
        // The service does what it has taken, whether anybody asks for it or not.
        (0..books.jobs.len()).for_each(|index| books.work_off(index, self.service.moods));
        assert_eq!(books.bought.len(), self.sentences * 3 / 2, "{about}");
        let forms = |text: &str| 1 + usize::from(self.service.moods == Moods::Silent && is_hard(text));
        let wrong: Vec<_> = books.bought.iter().filter(|(text, times)| **times != forms(text)).collect();
        assert!(wrong.is_empty(), "{about}: {wrong:?}");
    }
}

async fn expected_files() -> Vec<String> {
    Machine::new(true).files().await
}

#[tokio::test]
async fn a_night_ends_in_the_files_of_a_run_in_the_open() {
    for (has_marks, rungs) in [(true, BatchRungs::Live), (false, BatchRungs::Next)] {
        let machine = Machine { rungs, ..Machine::new(has_marks) };
        assert!(matches!(machine.hand_in().await, Some(Ok(NightEnd::Done))));
        assert_eq!(machine.files().await, expected_files().await);
        machine.check("faultless");
        let books = machine.service.books.lock().unwrap();
        assert!(books.jobs.len() > 3, "what expired went into another job");
        assert!(books.jobs.iter().all(|job| job.requests.len() <= 3));
    }
}

/// Breaks each call in turn, until one process needs no more calls than that.
async fn broken(how: Break, has_marks: bool) -> usize {
    let expected = expected_files().await;
    for at in 1.. {
        let machine = Machine::new(has_marks);
        machine.service.books.lock().unwrap().broken = Some((at, how));
        let mut processes = 0;
        loop {
            processes += 1;
            assert!(processes < 5, "call {at}");
            match machine.hand_in().await {
                Some(Ok(NightEnd::Done)) => break,
                None | Some(Err(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(machine.files().await, expected, "{how:?} at call {at}");
        machine.check(&format!("{how:?} at call {at}"));
        if machine.service.books.lock().unwrap().calls < at {
            return at;
        }
    }
    unreachable!("there is a last call")
}

#[tokio::test]
async fn whichever_call_fails_nothing_is_bought_twice_and_nothing_is_lost() {
    for has_marks in [true, false] {
        for how in [Break::Before, Break::After] {
            assert!(broken(how, has_marks).await > 10);
        }
    }
}

#[tokio::test]
async fn a_process_that_is_killed_between_sent_and_noted_buys_nothing_twice() {
    for has_marks in [true, false] {
        assert!(broken(Break::Killed, has_marks).await > 10);
    }
}

/// Breaks each write of the memory in turn, until the same command needs no more of them than that.
async fn failed(fault: WriteFault, has_marks: bool) {
    let expected = Machine::with_fault(true, 0, fault).files().await;
    for at in 1.. {
        let about = format!("{fault:?} at write {at}");
        let machine = Machine::with_fault(has_marks, at, fault);
        let mut processes = 0;
        let files = loop {
            processes += 1;
            assert!(processes < 4, "{about}");
            if let Some(Ok(files)) = machine.translate().await {
                break files;
            }
        };
        assert_eq!(files, expected, "{about}");
        machine.check(&about);
        assert_eq!(machine.memory.batch_jobs().await.unwrap(), [], "{about}");
        let count = machine.writes.as_ref().map_or(0, |writes| writes.count.load(Ordering::SeqCst));
        assert_eq!(processes > 1, count >= at, "{about}: no fault is passed over");
        if count < at {
            let jobs = machine.service.books.lock().unwrap().jobs.len();
            assert!(jobs > 2 && at > 5 * jobs, "{jobs} jobs in {count} writes");
            break;
        }
    }
}

#[tokio::test]
async fn whichever_write_fails_nothing_is_bought_twice_and_nothing_is_lost() {
    for fault in [WriteFault::NotDone, WriteFault::Done, WriteFault::Full] {
        failed(fault, true).await;
        failed(fault, false).await;
    }
}

#[tokio::test]
async fn a_process_that_is_killed_at_any_write_buys_nothing_twice() {
    for fault in [WriteFault::KilledBefore, WriteFault::KilledAfter] {
        failed(fault, true).await;
        failed(fault, false).await;
    }
}

/// A night whose first job is taken, but not answered, and then not listed for so many looks.
async fn listed_late(unlisted: usize, waits: bool) -> (Machine, Duration, Vec<JobNews>) {
    let machine = Machine::new(true);
    {
        let mut books = machine.service.books.lock().unwrap();
        (books.broken, books.unlisted) = (Some((1, Break::Killed)), unlisted);
    }
    assert!(machine.hand_in().await.is_none(), "it was killed");
    let mut night = machine.night(&machine.memory(), &Arc::default());
    let (events, mut happened) = Events::channel();
    night.keeper.pauses = Pauses::default();
    (night.keeper.events, night.keeper.waits) = (events, waits);
    let begun = tokio::time::Instant::now();
    let job = night.keeper.jobs().await.unwrap().remove(0);
    night.keeper.settle(job).await.unwrap();
    let mut news = Vec::new();
    while let Ok(event) = happened.try_recv() {
        if let Event::Job(told) = event {
            news.push(told);
        }
    }
    (machine, begun.elapsed(), news)
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_listed_late_is_found_however_often_it_was_missing_before() {
    let limit = Pauses::default().settling;
    for waits in [true, false] {
        // The pauses are 2, 4, 8, 16 and 32 seconds, then a minute: ten looks in the first five minutes.
        for unlisted in 0..10 {
            let (machine, _, news) = listed_late(unlisted, waits).await;
            let missing = (unlisted > 0).then_some(JobNews::Missing { limit });
            let found = Some(JobNews::Found { job: "job_0".to_owned() });
            let expected: Vec<JobNews> = missing.into_iter().chain(found).collect();
            assert_eq!(news[..expected.len()], expected, "{unlisted}");
            assert!(matches!(machine.hand_in().await, Some(Ok(NightEnd::Done))));
            assert_eq!(machine.files().await, expected_files().await);
            machine.check(&format!("listed after {unlisted} looks"));
        }
        let (_, passed, news) = listed_late(usize::MAX, waits).await;
        assert_eq!(news, [JobNews::Missing { limit }, JobNews::Lost]);
        assert!(passed >= limit, "{passed:?}");
    }
}

#[tokio::test]
async fn what_is_in_a_job_is_not_sent_in_the_open_either() {
    let machine = Machine::new(true);
    let (memory, purse) = (machine.memory(), Arc::default());
    let mut night = machine.night(&memory, &purse);
    machine.service.books.lock().unwrap().jobs.clear();
    night.keeper.waits = false;
    assert!(matches!(night.work().await, Ok(NightEnd::Underway)));
    let run = Run::new(inputs(machine.sentences), machine.tools(&purse), Arc::clone(&memory));
    let outcome = run.start().await;
    assert!(outcome.failure.is_none());
    assert!(outcome.stats.unfinished > 0, "articles with texts in jobs are not written");
    assert!(matches!(machine.hand_in().await, Some(Ok(NightEnd::Done))));
    machine.files().await;
    machine.check("in the open meanwhile");
}

#[tokio::test]
async fn what_was_called_off_is_handed_in_again_only_when_somebody_says_so() {
    let machine = Machine::new(true);
    let (memory, purse) = (machine.memory(), Arc::default());
    let mut night = machine.night(&memory, &purse);
    night.keeper.waits = false;
    assert!(matches!(night.work().await, Ok(NightEnd::Underway)));
    for job in night.keeper.jobs().await.unwrap() {
        let lane = night.keeper.engine.night_lane().unwrap();
        lane.cancel(job.service_id.as_deref().unwrap()).await.unwrap();
        memory.cancel_job(job.nonce).await.unwrap();
    }
    night.keeper.waits = true;
    for job in night.keeper.jobs().await.unwrap() {
        assert_eq!(night.keeper.settle(job).await.unwrap(), KeptJob::Settled { cancelled: true });
    }
    assert_eq!(night.keeper.jobs().await.unwrap(), []);
    assert!(matches!(machine.hand_in().await, Some(Ok(NightEnd::Done))));
    assert_eq!(machine.files().await, expected_files().await);
    machine.check("called off");
}

#[tokio::test]
async fn what_is_known_of_the_use_of_a_job_is_counted_in_the_run_that_takes_its_answers() {
    for is_silent in [false, true] {
        let service = Arc::new(NightService { has_marks: true, is_silent, ..NightService::default() });
        let machine = Machine { service, ..Machine::new(true) };
        // Four jobs are handed in, then the first one is asked for.
        machine.service.books.lock().unwrap().broken = Some((5, Break::Killed));
        assert!(machine.hand_in().await.is_none(), "it was killed");
        let purse = Arc::default();
        let night = machine.night(&machine.memory(), &purse);
        assert!(matches!(night.work().await, Ok(NightEnd::Done)));
        let books = machine.service.books.lock().unwrap();
        let outcomes = books.jobs.iter().flat_map(|job| job.outcomes.iter().flatten());
        let answers: Vec<&Value> = outcomes
            .filter_map(
                |(_, outcome)| if let Outcome::Answered(reply) = outcome { Some(reply) } else { None },
            )
            .collect();
        let told = answers.iter().filter(|reply| !is_silent || !reply.to_string().contains('3')).count();
        assert_eq!(told < answers.len(), is_silent);
        assert_eq!(purse.spent().usage.input_tokens, told as u64);
    }
}

#[tokio::test]
async fn no_more_is_handed_in_than_may_be_spent() {
    let machine = Machine::new(true);
    let memory = machine.memory();
    let allowance = crate::engine::Allowance { characters: Some(400), cost: None };
    let purse = Purse::new(allowance);
    let night = machine.night(&memory, &purse);
    assert!(matches!(night.work().await, Ok(NightEnd::Done)));
    let books = machine.service.books.lock().unwrap();
    let bought: usize = books.bought.keys().map(|text| text.chars().count()).sum();
    assert!(bought > 0 && bought <= 400, "{bought}");
}
