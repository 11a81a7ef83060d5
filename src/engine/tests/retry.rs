use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use futures::{FutureExt, StreamExt};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::*;
use crate::engine::patience::Patience;
use crate::engine::{
    Engine, EngineInfo, ErrorClass, Gates, OnWait, Policy, Retrying, TranslateFuture, Wait, WaitReason,
};

const SECOND: Duration = Duration::from_secs(1);
/// How long the scripted engine takes to answer.
const LATENCY: Duration = Duration::from_millis(200);

/// An engine that fails as it is told, then answers; it knows when it was asked.
struct ScriptedEngine {
    info: EngineInfo,
    script: Mutex<VecDeque<EngineError>>,
    /// What comes when the script is over.
    finally: Option<fn() -> EngineError>,
    /// Until when it is out of order.
    down_until: Mutex<Option<Instant>>,
    /// Of so many requests in a row only the last one is answered.
    answers_each: Mutex<Option<usize>>,
    asked: Mutex<Vec<Instant>>,
}

/// An engine's description with room for any number of requests at once.
fn wide() -> EngineInfo {
    let profile =
        Profile { concurrency: NonZeroUsize::new(1_000), ..Profile::new("probe", EngineKind::Pseudo) };
    build(&profile).unwrap().info().clone()
}

impl ScriptedEngine {
    fn new(script: impl IntoIterator<Item = EngineError>, finally: Option<fn() -> EngineError>) -> Arc<Self> {
        Arc::new(Self {
            info: wide(),
            script: Mutex::new(script.into_iter().collect()),
            finally,
            down_until: Mutex::default(),
            answers_each: Mutex::default(),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<Instant> {
        self.asked.lock().clone()
    }
}

impl Engine for ScriptedEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        async move {
            let number = {
                let mut asked = self.asked.lock();
                asked.push(Instant::now());
                asked.len()
            };
            tokio::time::sleep(LATENCY).await;
            let is_down = self.down_until.lock().is_some_and(|until| Instant::now() < until);
            if is_down || self.answers_each.lock().is_some_and(|each| number % each != 0) {
                return Err(unavailable(None));
            }
            match self.script.lock().pop_front().or_else(|| self.finally.map(|finally| finally())) {
                Some(error) => Err(error),
                None => Ok(batch.requests.iter().map(|request| Translation::plain(&*request.text)).collect()),
            }
        }
        .boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.asked().len() as u64
    }
}

fn unavailable(after: Option<Duration>) -> EngineError {
    EngineError::Unavailable { status: 503, message: "Wartung".to_owned(), after }
}

fn slow_down(seconds: u64) -> EngineError {
    EngineError::RateLimited { after: Some(Duration::from_secs(seconds)) }
}

fn unreachable() -> EngineError {
    EngineError::Connection {
        host: "mt.example".to_owned(),
        reason: "refused".to_owned(),
        source: "refused".into(),
    }
}

/// A [`Wait`] that was reported.
#[derive(Debug, Clone, PartialEq)]
struct ToldWait {
    reason: WaitReason,
    duration: Duration,
}

fn retrying(engine: &Arc<ScriptedEngine>, policy: Policy) -> (Retrying, Arc<Mutex<Vec<ToldWait>>>) {
    let waits: Arc<Mutex<Vec<ToldWait>>> = Arc::default();
    let seen = Arc::clone(&waits);
    let on_wait: OnWait =
        Arc::new(move |&Wait { reason, duration, .. }| seen.lock().push(ToldWait { reason, duration }));
    let engine: Arc<dyn Engine> = Arc::<ScriptedEngine>::clone(engine);
    (Retrying::new(engine, policy, on_wait), waits)
}

fn seeded() -> Policy {
    Policy { seed: Some(7), ..Policy::default() }
}

async fn all(engine: &Retrying, requests: usize) -> Vec<Result<Vec<Translation>, EngineError>> {
    let batch = batch(&["Ja."]);
    join_all((0..requests).map(|_| engine.translate(&batch))).await
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_tried_again_after_a_growing_random_wait() {
    let engine = ScriptedEngine::new((0..5).map(|_| unavailable(None)), None);
    let (retrying, waits) = retrying(&engine, seeded());
    assert!(all(&retrying, 1).await[0].is_ok());
    let waits = waits.lock();
    assert_eq!(waits.len(), 5);
    for (wait, longest) in waits.iter().zip([1, 2, 4, 8, 16]) {
        assert_eq!(wait.reason, WaitReason::Failure);
        assert!(wait.duration <= longest * SECOND, "{wait:?}");
    }
    let total: Duration = waits.iter().map(|wait| wait.duration).sum();
    let asked = engine.asked();
    assert!(asked[5] - asked[0] >= total && total > Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_waits() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let engine = ScriptedEngine::new((0..4).map(|_| unavailable(None)), None);
        let (retrying, waits) = retrying(&engine, Policy { seed: Some(seed), ..Policy::default() });
        assert!(all(&retrying, 1).await[0].is_ok());
        runs.push(waits.lock().clone());
    }
    assert!(runs[0] == runs[1] && runs[0] != runs[2]);
}

#[tokio::test(start_paused = true)]
async fn attempts_end() {
    let engine = ScriptedEngine::new([], Some(|| unavailable(None)));
    let (retrying, _) = retrying(&engine, seeded());
    let error = all(&retrying, 1).await.remove(0).unwrap_err();
    assert!(matches!(error, EngineError::GivenUp { attempts: 6, down: false, .. }), "{error}");
    assert_eq!((error.class(), engine.asked().len()), (ErrorClass::Reject, 6));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_cannot_be_reached_is_given_up_as_a_whole() {
    let engine = ScriptedEngine::new([], Some(unreachable));
    let (retrying, _) = retrying(&engine, Policy { attempts: 3, ..seeded() });
    let error = all(&retrying, 1).await.remove(0).unwrap_err();
    assert_eq!((error.class(), engine.asked().len()), (ErrorClass::Fatal, 3));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_answers_nobody_is_down_after_a_while() {
    let engine = ScriptedEngine::new([], Some(|| unavailable(None)));
    let (retrying, _) = retrying(&engine, seeded());
    let mut given_up = 0;
    while all(&retrying, 1).await.remove(0).unwrap_err().class() != ErrorClass::Fatal {
        given_up += 1;
    }
    assert!((7..40).contains(&given_up), "{given_up}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_between_shows_that_the_service_is_up() {
    let engine = ScriptedEngine::new([], Some(|| unavailable(None)));
    let (retrying, _) = retrying(&engine, seeded());
    for _ in 0..20 {
        let error = all(&retrying, 1).await.remove(0).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Reject);
        engine.script.lock().push_back(EngineError::TooLarge);
        assert!(matches!(all(&retrying, 1).await[..], [Err(EngineError::TooLarge)]));
    }
}

#[tokio::test(start_paused = true)]
async fn timeouts_are_not_tried_as_often() {
    let timeout = || EngineError::Timeout { host: "mt.example".to_owned(), after: SECOND };
    let engine = ScriptedEngine::new([], Some(timeout));
    let (retrying, _) = retrying(&engine, seeded());
    let error = all(&retrying, 1).await.remove(0).unwrap_err();
    assert_eq!((error.class(), engine.asked().len()), (ErrorClass::Reject, 3));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_helped_is_not_tried_again() {
    for error in [EngineError::TooLarge, EngineError::Key("nein".to_owned())] {
        let message = error.to_string();
        let engine = ScriptedEngine::new([error], None);
        let (retrying, _) = retrying(&engine, seeded());
        assert_eq!(all(&retrying, 1).await.remove(0).unwrap_err().to_string(), message);
        assert_eq!(engine.asked().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_decides_how_long_to_wait_up_to_a_limit() {
    for (asked_for, least) in [(20, 20), (86_400, 300)] {
        let engine = ScriptedEngine::new([unavailable(Some(asked_for * SECOND))], None);
        let (retrying, waits) = retrying(&engine, seeded());
        assert!(all(&retrying, 1).await[0].is_ok());
        let wait = waits.lock()[0].duration;
        assert!(wait >= least * SECOND && wait <= (least + 1) * SECOND, "{wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_to_slow_down_holds_back_everybody_once() {
    let engine = ScriptedEngine::new((0..8).map(|_| slow_down(30)), None);
    let (retrying, waits) = retrying(&engine, seeded());
    let start = Instant::now();
    let late = async {
        tokio::time::sleep(10 * SECOND).await;
        all(&retrying, 8).await
    };
    let (early, late) = tokio::join!(all(&retrying, 8), late);
    assert!(early.iter().chain(&late).all(Result::is_ok));
    let waits = waits.lock();
    assert_eq!(waits.len(), 1, "one pause, told once: {waits:?}");
    assert_eq!((waits[0].reason, waits[0].duration), (WaitReason::SlowDown, 30 * SECOND));
    let asked: Vec<_> = engine.asked().into_iter().map(|at| at - start).collect();
    assert_eq!((asked.len(), asked.iter().filter(|at| **at >= 30 * SECOND).count()), (24, 16));
    assert!(asked.iter().all(|at| *at < SECOND || *at >= 30 * SECOND), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_requests_come_one_by_one_and_soon_all_of_them() {
    let engine = ScriptedEngine::new((0..17).map(|_| slow_down(10)), None);
    let (retrying, _) = retrying(&engine, seeded());
    let start = Instant::now();
    assert!(all(&retrying, 17).await.iter().all(Result::is_ok));
    let mut asked = engine.asked();
    asked.retain(|at| *at - start >= 10 * SECOND);
    assert_eq!(asked.len(), 17);
    assert!(asked.windows(2).all(|pair| pair[1] > pair[0]), "no two at once");
    assert!(asked[16] - asked[0] < SECOND, "all within a second");
    let later = Instant::now() + 5 * SECOND;
    tokio::time::sleep_until(later).await;
    all(&retrying, 16).await;
    assert!(engine.asked()[34..].iter().all(|at| *at - later < Duration::from_millis(5)), "then at once");
}

#[tokio::test(start_paused = true)]
async fn slowing_down_has_a_budget_of_time() {
    let engine = ScriptedEngine::new([], Some(|| EngineError::RateLimited { after: None }));
    let (retrying, _) = retrying(&engine, seeded());
    let start = Instant::now();
    let answers = all(&retrying, 4).await;
    let error = answers[0].as_ref().unwrap_err();
    assert!(answers.iter().all(Result::is_err));
    assert_eq!(error.class(), ErrorClass::Fatal, "{error}");
    let took = start.elapsed();
    assert!(took >= 600 * SECOND && took < 700 * SECOND, "{took:?}");
    assert!(engine.asked().len() < 120, "{}", engine.asked().len());
}

#[tokio::test(start_paused = true)]
async fn requests_to_slow_down_are_no_failed_attempts() {
    let engine = ScriptedEngine::new((0..100).map(|_| slow_down(1)), None);
    let (retrying, _) = retrying(&engine, Policy { attempts: 1, ..seeded() });
    assert!(all(&retrying, 1).await[0].is_ok());
    assert_eq!(engine.asked().len(), 101);
}

#[tokio::test(start_paused = true)]
async fn an_absurd_wait_is_cut_short_and_told() {
    for (asked, told) in [(86_400, true), (30, false)] {
        for error in [slow_down(asked), unavailable(Some(Duration::from_secs(asked)))] {
            let engine = ScriptedEngine::new([error], None);
            let inner: Arc<dyn Engine> = Arc::<ScriptedEngine>::clone(&engine);
            let said: Arc<Mutex<Vec<String>>> = Arc::default();
            let heard = Arc::clone(&said);
            let retrying =
                Retrying::new(inner, seeded(), Arc::new(move |wait| heard.lock().push(wait.to_string())));
            let start = Instant::now();
            assert!(all(&retrying, 1).await[0].is_ok());
            assert!(start.elapsed() < 302 * SECOND, "{:?}", start.elapsed());
            let said = said.lock();
            let says = said[0].contains("it asks for 86400 s, which is too long to wait");
            assert_eq!((said.len(), says), (1, told), "{said:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_out_of_order_is_asked_by_one_request_at_a_time() {
    let start = Instant::now();
    // It is back after a minute and a half.
    let engine = ScriptedEngine::new([], None);
    *engine.down_until.lock() = Some(start + 90 * SECOND);
    let (retrying, waits) = retrying(&engine, Policy { attempts: 100, ..seeded() });
    assert!(all(&retrying, 32).await.iter().all(Result::is_ok));
    assert!(start.elapsed() < 100 * SECOND, "{:?}", start.elapsed());
    let asked: Vec<_> = engine.asked().into_iter().map(|at| at - start).collect();
    let scouts = asked.iter().filter(|at| (SECOND..90 * SECOND).contains(*at)).count();
    assert!((8..=16).contains(&scouts), "{asked:?}");
    assert_eq!(asked.iter().filter(|at| **at < SECOND).count(), 32, "those were on their way");
    let out_of_order = waits.lock().iter().filter(|wait| wait.reason == WaitReason::OutOfOrder).count();
    assert_eq!(out_of_order, scouts + 1, "{scouts}");
}

#[tokio::test(start_paused = true)]
async fn one_fault_after_another_in_between_does_not_stop_everybody() {
    // Seven of eight requests fail, yet the service is up.
    let engine = ScriptedEngine::new([], None);
    *engine.answers_each.lock() = Some(8);
    let (retrying, waits) = retrying(&engine, Policy { attempts: 100, ..seeded() });
    assert!(all(&retrying, 1).await[0].is_ok());
    assert!(waits.lock().iter().all(|wait| wait.reason == WaitReason::Failure));
}

#[tokio::test(start_paused = true)]
async fn a_scout_after_pauses_in_a_row_goes_alone() {
    let engine = ScriptedEngine::new((0..19).map(|_| slow_down(10)), None);
    let (retrying, _) = retrying(&engine, seeded());
    let start = Instant::now();
    assert!(all(&retrying, 16).await.iter().all(Result::is_ok));
    let after = |pauses: u32| {
        let (from, to) = (10 * pauses * SECOND, (10 * pauses + 10) * SECOND);
        engine.asked().iter().filter(|at| (from..to).contains(&(**at - start))).count()
    };
    // The first pause may have been a matter of too many at once; after the second one the service is asked by one.
    assert_eq!(after(0), 16);
    assert!(after(1) >= 3, "{}", after(1));
    assert_eq!(engine.asked().len(), 16 + 19);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_first_passes_first() {
    let engine = ScriptedEngine::new([], None);
    let (retrying, _) = retrying(&engine, Policy { requests_per_second: Some(5.0), ..seeded() });
    let order = Mutex::new(Vec::new());
    let batch = batch(&["Ja."]);
    let requests = (0..40).map(|number| {
        let (retrying, order, batch) = (&retrying, &order, &batch);
        async move {
            retrying.translate(batch).await.unwrap();
            order.lock().push(number);
        }
    });
    join_all(requests).await;
    assert!(order.lock().is_sorted(), "{:?}", order.lock());
}

#[tokio::test(start_paused = true)]
async fn engines_with_a_host_in_common_share_its_gate() {
    let gates = Gates::default();
    let engines = [slow_down(30), slow_down(30)].map(|error| ScriptedEngine::new([error], None));
    let all_of = |host: &'static str, engine: &Arc<ScriptedEngine>| {
        let inner: Arc<dyn Engine> = Arc::<ScriptedEngine>::clone(engine);
        Retrying::at(gates.of(host.to_owned()), inner, seeded(), Arc::new(|_| {}))
    };
    let (first, second) = (all_of("mt.example", &engines[0]), all_of("mt.example", &engines[1]));
    let elsewhere = ScriptedEngine::new([], None);
    let third = all_of("other.example", &elsewhere);
    let start = Instant::now();
    let later = async {
        tokio::time::sleep(SECOND).await;
        // The second one was asked to wait by nobody yet.
        tokio::join!(all(&second, 1), all(&third, 1))
    };
    tokio::join!(all(&first, 1), later);
    assert!(engines[1].asked()[0] - start >= 30 * SECOND);
    assert_eq!(elsewhere.asked()[0] - start, SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_in_the_line_or_on_its_way_blocks_nobody() {
    let engine = ScriptedEngine::new((0..30).map(|_| unavailable(None)), None);
    let (retrying, _) = retrying(&engine, Policy { attempts: 100, ..seeded() });
    for millis in [0, 100, 250, 1_500, 3_000] {
        let dropped = tokio::time::timeout(Duration::from_millis(millis), all(&retrying, 16)).await;
        assert!(dropped.is_err());
    }
    assert!(all(&retrying, 16).await.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_begin_in_a_second_than_allowed() {
    let engine = ScriptedEngine::new([], None);
    let (retrying, _) = retrying(&engine, Policy { requests_per_second: Some(10.0), ..seeded() });
    all(&retrying, 31).await;
    let asked = engine.asked();
    let took = asked[30] - asked[0];
    assert!(took >= 3 * SECOND && took < Duration::from_millis(3_200), "{took:?}");
    assert!(asked.windows(11).all(|window| window[10] - window[0] >= Duration::from_millis(995)));
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_makes_no_sense_does_no_harm() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300, 1e-12] {
        let engine = ScriptedEngine::new([], None);
        let (retrying, _) = retrying(&engine, Policy { requests_per_second: Some(rate), ..seeded() });
        assert!(all(&retrying, 3).await.iter().all(Result::is_ok), "{rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_limits_nothing_waits() {
    let engine = ScriptedEngine::new([], None);
    let (retrying, _) = retrying(&engine, seeded());
    let start = Instant::now();
    all(&retrying, 1_000).await;
    assert!(start.elapsed() < LATENCY + Duration::from_millis(5), "{:?}", start.elapsed());
}

/// What a request and the time of its end come to if the engine is stopped after `seconds`.
async fn stopped_after(
    seconds: u32,
    engine: &Arc<ScriptedEngine>,
    policy: Policy,
) -> (EngineError, Duration, usize) {
    let (retrying, waits) = retrying(engine, policy);
    let start = Instant::now();
    let stop = async {
        tokio::time::sleep(seconds * SECOND).await;
        let told = waits.lock().len();
        (retrying.stop(), told)
    };
    let (mut answers, (in_flight, told)) = tokio::join!(all(&retrying, 1), stop);
    let took = start.elapsed();
    assert_eq!(waits.lock().len(), told, "a stopped engine waits for nothing");
    let after = all(&retrying, 1).await;
    assert!(matches!(after[..], [Err(EngineError::Stopped)]), "nothing is sent any more");
    (answers.remove(0).unwrap_err(), took, in_flight)
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_the_engine_is_stopped_is_given_up_at_once() {
    let slow = Policy { requests_per_second: Some(0.01), ..seeded() };
    let cases: [(fn() -> EngineError, Policy); 3] = [
        (|| slow_down(300), seeded()),
        (|| unavailable(Some(300 * SECOND)), seeded()),
        // The second attempt waits for the gate.
        (|| unavailable(None), slow),
    ];
    for (error, policy) in cases {
        let engine = ScriptedEngine::new([], Some(error));
        let (error, took, in_flight) = stopped_after(10, &engine, policy).await;
        assert!(matches!(error, EngineError::Stopped), "{error}");
        assert_eq!((took, in_flight), (10 * SECOND, 0));
        assert_eq!(engine.asked().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_in_flight_when_the_engine_is_stopped_goes_on_and_is_not_tried_again() {
    let engine = ScriptedEngine::new([], None);
    let (retrying, _) = retrying(&engine, seeded());
    let stop = async {
        tokio::task::yield_now().await;
        retrying.stop()
    };
    let (answers, in_flight) = tokio::join!(all(&retrying, 3), stop);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((in_flight, engine.asked().len()), (3, 3));

    let engine = ScriptedEngine::new([], Some(|| unavailable(None)));
    let (error, took, in_flight) = stopped_after(0, &engine, seeded()).await;
    assert!(matches!(error, EngineError::Stopped), "{error}");
    assert_eq!((in_flight, engine.asked().len()), (1, 1));
    assert!(took >= LATENCY && took < 2 * LATENCY, "{took:?}");
}

/// A service that takes its time, as an engine with [`Patience`] sees it.
struct Late {
    info: EngineInfo,
    patience: Patience,
    /// How long a request takes; the first one is number 0.
    takes: fn(usize) -> Duration,
    load: Mutex<Load>,
}

#[derive(Default)]
struct Load {
    under_way: usize,
    /// When each was sent, and how many were then on their way.
    log: Vec<(Instant, usize)>,
}

impl Late {
    fn new(takes: fn(usize) -> Duration, concurrency: usize) -> Arc<Self> {
        Self::within(SECOND, takes, concurrency)
    }

    fn within(limit: Duration, takes: fn(usize) -> Duration, concurrency: usize) -> Arc<Self> {
        let info = EngineInfo { concurrency, ..wide() };
        Arc::new(Self { info, patience: Patience::new(limit), takes, load: Mutex::default() })
    }

    /// Sends batches with as many workers as its concurrency allows, and returns how many were answered.
    async fn serve(self: &Arc<Self>, batches: usize) -> usize {
        let inner: Arc<dyn Engine> = Arc::<Self>::clone(self);
        let retrying = Retrying::new(inner, seeded(), Arc::new(|_| {}));
        let batch = batch(&["Ja."]);
        let answers = futures::stream::iter(0..batches).map(|_| retrying.translate(&batch));
        let answers: Vec<_> = answers.buffer_unordered(self.info.concurrency).collect().await;
        answers.iter().filter(|answer| answer.is_ok()).count()
    }
}

impl Engine for Late {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        async move {
            let number = {
                let mut load = self.load.lock();
                load.under_way += 1;
                let entry = (Instant::now(), load.under_way);
                load.log.push(entry);
                load.log.len() - 1
            };
            let answer = self.patience.wait_for(tokio::time::sleep((self.takes)(number))).await;
            self.load.lock().under_way -= 1;
            let late = |after| EngineError::Timeout { host: "mt.example".to_owned(), after };
            answer.map(|()| vec![Translation::plain("Yes."); batch.requests.len()]).map_err(late)
        }
        .boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.load.lock().log.len() as u64
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_all_late_are_paid_twice_at_most() {
    for (workers, batches, most) in [(1, 1, 2), (1, 5, 6), (16, 5, 6), (1, 32, 33), (16, 32, 33)] {
        let late = Late::new(|_| 3 * SECOND, workers);
        assert_eq!(late.serve(batches).await, batches, "{workers} workers");
        let sent = late.requests();
        assert!(sent <= most, "{sent} requests for {batches} batches with {workers} workers");
    }
}

#[tokio::test(start_paused = true)]
async fn one_slow_answer_in_sixteen_costs_one_request() {
    let late = Late::new(|number| if number % 16 == 5 { 3 * SECOND } else { SECOND / 10 }, 16);
    assert_eq!(late.serve(320).await, 320);
    assert_eq!(late.requests(), 321);
}

#[tokio::test(start_paused = true)]
async fn after_a_late_answer_fewer_requests_go_out_at_once_and_soon_as_many_as_before() {
    let late = Late::new(|number| if number == 0 { 3 * SECOND } else { SECOND / 5 }, 16);
    let start = Instant::now();
    assert_eq!(late.serve(400).await, 400);
    let load = late.load.lock();
    let most_between = |from: Duration, to: Duration| {
        let between = load.log.iter().filter(|(at, _)| (from..to).contains(&(*at - start)));
        between.map(|(_, under_way)| *under_way).max().unwrap()
    };
    assert_eq!(most_between(Duration::ZERO, SECOND), 16);
    // Those that are on their way at that moment end; what follows has half of the room.
    let (soon, later) = (SECOND + SECOND / 10, SECOND + SECOND / 2);
    assert!((8..=11).contains(&most_between(soon, later)), "{}", most_between(soon, later));
    assert_eq!(most_between(4 * SECOND, 60 * SECOND), 16);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_answers_is_found_out_soon() {
    for (workers, most) in [(1, 6), (8, 15)] {
        let late = Late::within(60 * SECOND, |_| Duration::from_hours(24), workers);
        let inner: Arc<dyn Engine> = Arc::<Late>::clone(&late);
        let retrying = Retrying::new(inner, seeded(), Arc::new(|_| {}));
        let mut fatal = false;
        while !fatal {
            let answers = all(&retrying, workers).await;
            fatal = answers.into_iter().any(|answer| answer.unwrap_err().class() == ErrorClass::Fatal);
        }
        assert!(late.requests() <= most, "{} requests with {workers} workers", late.requests());
    }
}
