//! Runs with several engines: what one does not translate, the next one is asked for.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::ready;

use super::*;
use crate::engine::{
    Abilities, AnswerFault, Billing, EngineError, EngineInfo, Limits, Spent, TranslateFuture,
};
use crate::memory::{Memory, SqliteMemory};
use crate::model::{ArticleId, Batch, ParallelDocument, Request, Translation, Unit};
use crate::text::German;

type NamedScript = Box<dyn Fn(&str) -> Result<String, EngineError> + Send + Sync>;

/// An engine that answers text by text as a test says.
struct NamedEngine {
    info: EngineInfo,
    script: NamedScript,
    asked: Mutex<Vec<String>>,
}

impl NamedEngine {
    fn new(
        name: &str,
        script: impl Fn(&str) -> Result<String, EngineError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let info = EngineInfo {
            profile: name.to_owned(),
            kind: "named",
            fingerprint: format!("{name} 1"),
            limits: Limits { segments: 3, characters: 100_000, bytes: 100_000 },
            concurrency: 1,
            billing: Billing::Characters,
            prices: None,
            abilities: Abilities::default(),
            caveat: None,
        };
        Arc::new(Self { info, script: Box::new(script), asked: Mutex::default() })
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("whole"))
    }
}

impl Engine for NamedEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        let texts: Vec<String> = batch.requests.iter().map(|request| request.text.clone()).collect();
        self.asked.lock().expect("whole").extend(texts.clone());
        let answers: Result<Vec<_>, _> = texts.iter().map(|text| (self.script)(text)).collect();
        ready(answers.map(|texts| texts.into_iter().map(Translation::plain).collect())).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.asked.lock().expect("whole").len() as u64
    }

    fn spent(&self) -> Spent {
        Spent::default()
    }
}

fn english(german: &str) -> String {
    let number: String = german.chars().filter(char::is_ascii_digit).collect();
    format!("In the harbour of the town lies the ship with number {number}.")
}

fn article(sentences: usize) -> String {
    let sentence = |n| format!("Im Hafen der Stadt liegt das Schiff mit Nummer {n}. ");
    (1..=sentences).map(sentence).collect::<Vec<_>>().concat()
}

fn memory() -> Arc<dyn Memory> {
    Arc::new(SqliteMemory::open_in_memory().expect("a memory"))
}

fn run(engines: &[&Arc<NamedEngine>], on: AskNext, memory: &Arc<dyn Memory>) -> Run {
    let articles = vec![Input::Bytes(ArticleId::new("a.txt"), article(6).as_bytes().into())];
    let engine = |engine: &&Arc<NamedEngine>| Arc::clone(*engine) as Arc<dyn Engine>;
    let tools = Tools {
        segmenter: Arc::new(German::default()),
        matcher: Arc::new(Matcher::new(&Glossary::default())),
        engine: engine(&engines[0]),
    };
    let next: Vec<_> = engines[1..].iter().map(engine).collect();
    let peers = Peers { weaker: next.iter().map(|next| Peer::of(next.info())).collect(), ..Peers::default() };
    let options = Options { peers, next, on, ..Options::default() };
    Run { options, ..Run::new(Inputs { articles, ..Inputs::default() }, tools, Arc::clone(memory)) }
}

async fn translated(run: Run) -> (RunOutcome, Vec<(String, String)>) {
    let documents: Arc<Mutex<Vec<ParallelDocument>>> = Arc::default();
    let theirs = Arc::clone(&documents);
    let deliver = Deliver::articles(Arc::new(move |document| {
        theirs.lock().expect("whole").push(document);
        Ok(Vec::new())
    }));
    let outcome = Run { deliver, ..run }.start().await;
    let documents = std::mem::take(&mut *documents.lock().expect("whole"));
    let made = |unit: &Unit| match unit {
        Unit::Translated(rendition) => {
            (rendition.translator.engine().unwrap_or("none").to_owned(), rendition.target.clone())
        }
        other => ("none".to_owned(), format!("{other:?}")),
    };
    let units = documents.iter().flat_map(|document| document.units().iter().map(made)).collect();
    (outcome, units)
}

fn makers(units: &[(String, String)]) -> Vec<&str> {
    units.iter().map(|(maker, _)| maker.as_str()).collect()
}

#[tokio::test]
async fn what_the_first_engine_does_not_translate_goes_to_the_next_and_nothing_is_sent_again() {
    let first = NamedEngine::new("first", |text| match text {
        text if text.ends_with("2.") => Err(AnswerFault::Declined("no".to_owned()).into()),
        text if text.ends_with("4.") => Err(EngineError::Refused { status: 400, message: "no".to_owned() }),
        text if text.ends_with("5.") => Ok(text.to_owned()),
        text => Ok(english(text)),
    });
    let next = NamedEngine::new("next", |text| Ok(english(text)));
    let memory = memory();
    let (outcome, units) = translated(run(&[&first, &next], AskNext::Failure, &memory)).await;
    assert!(outcome.failure.is_none());
    assert_eq!(makers(&units), ["first", "next", "first", "next", "next", "first"]);
    assert!(units.iter().zip(1..).all(|((_, target), n)| *target == english(&n.to_string())));
    assert_eq!(next.take().len(), 3, "what the first one has is not asked of the next");
    assert_eq!((outcome.shares[1].segments, outcome.shares[1].retired.is_none()), (3, true));

    first.take();
    let (again, same) = translated(run(&[&first, &next], AskNext::Failure, &memory)).await;
    assert_eq!((units, again.stats.reused), (same, 6));
    assert!(first.take().is_empty() && next.take().is_empty());
}

#[tokio::test]
async fn an_engine_that_ends_does_not_end_the_run_if_there_is_a_next() {
    for error in [
        || EngineError::Quota("456".to_owned()),
        || EngineError::Key("wrong".to_owned()),
        || EngineError::Unusable("a web page came".to_owned()),
    ] {
        let first = NamedEngine::new("first", move |text| {
            if text.ends_with(['4', '5', '6']) || text.ends_with("5.") {
                Err(error())
            } else {
                Ok(english(text))
            }
        });
        let next = NamedEngine::new("next", |text| Ok(english(text)));
        let (outcome, units) = translated(run(&[&first, &next], AskNext::Failure, &memory())).await;
        assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
        assert_eq!(makers(&units), ["first", "first", "first", "next", "next", "next"]);
        assert!(outcome.shares[0].retired.is_some());
    }
    let ends = || NamedEngine::new("first", |_| Err(EngineError::Quota("456".to_owned())));
    let last = NamedEngine::new("last", |_| Err(EngineError::Key("wrong".to_owned())));
    let (outcome, _) = translated(run(&[&ends(), &last], AskNext::Failure, &memory())).await;
    assert!(matches!(outcome.failure, Some(RunError::Engine(EngineError::Key(_)))));
    let spent = NamedEngine::new("first", |_| Err(EngineError::Allowance("all".to_owned())));
    let next = NamedEngine::new("next", |text| Ok(english(text)));
    let (outcome, _) = translated(run(&[&spent, &next], AskNext::Failure, &memory())).await;
    assert!(matches!(outcome.failure, Some(RunError::Engine(EngineError::Allowance(_)))));
    assert!(next.take().is_empty(), "what a run may spend is spent for all");
}

#[tokio::test]
async fn the_translation_with_the_lesser_findings_stands_and_the_first_one_if_both_are_alike() {
    // A number that is wrong is a finding.
    let wrong = |text: &str| english(text).replace("number", "number 1000");
    let first = NamedEngine::new("first", move |text| {
        Ok(if text.ends_with("2.") || text.ends_with("4.") { wrong(text) } else { english(text) })
    });
    let next = NamedEngine::new("next", move |text| {
        Ok(if text.ends_with("4.") { wrong(text) } else { english(text) })
    });
    let memory = memory();
    let (outcome, units) = translated(run(&[&first, &next], AskNext::Findings, &memory)).await;
    assert!(outcome.failure.is_none());
    assert_eq!(makers(&units), ["first", "next", "first", "first", "first", "first"]);
    assert_eq!(next.take().len(), 2, "only those with findings");
    first.take();
    let (_, same) = translated(run(&[&first, &next], AskNext::Findings, &memory)).await;
    assert_eq!(units, same);
    assert!(first.take().is_empty() && next.take().is_empty(), "both answers are in the memory");
    let (_, units) = translated(run(&[&first, &next], AskNext::Failure, &memory)).await;
    assert_eq!(makers(&units), ["first"; 6]);
}

#[tokio::test]
async fn a_dry_run_says_how_much_may_go_to_each_engine() {
    let first =
        NamedEngine::new(
            "first",
            |text| if text.ends_with("2.") { Ok(text.to_owned()) } else { Ok(english(text)) },
        );
    let next = NamedEngine::new("next", |_| Err(EngineError::Unusable("away".to_owned())));
    let memory = memory();
    let estimate = run(&[&first, &next], AskNext::Failure, &memory).estimate().await.expect("readable");
    let segments = |estimate: &Estimate| estimate.most.iter().map(|most| most.segments).collect::<Vec<_>>();
    assert_eq!((estimate.to_send, segments(&estimate)), (6, vec![6, 6]));
    translated(run(&[&first, &next], AskNext::Failure, &memory)).await;
    let estimate = run(&[&first, &next], AskNext::Failure, &memory).estimate().await.expect("readable");
    assert_eq!((estimate.to_send, estimate.passed_on, segments(&estimate)), (0, 1, vec![0, 1]));
    assert_eq!(estimate.failed, 0);
    let estimate = run(&[&first, &next], AskNext::Findings, &memory).estimate().await.expect("readable");
    assert_eq!(segments(&estimate), [0, 6]);
}
