//! Runs with an engine that answers wrongly in every way there is, and the same to the same: it is asked otherwise.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::ready;
use proptest::prelude::*;

use super::*;
use crate::engine::{
    Abilities, AnswerFault, Billing, EngineError, EngineInfo, Limits, Spent, TranslateFuture,
};
use crate::memory::{Memory, SqliteMemory};
use crate::model::{ArticleId, Batch, Finding, ParallelDocument, Request, Translation};
use crate::text::German;

/// The kinds of wrong answers: of a whole answer those before [`OF_ONE_TEXT`], of one of its texts the others.
const KINDS: u64 = 18;
const OF_ONE_TEXT: u64 = 7;

/// What an engine is asked and may not be asked again after it was answered.
type SentBody = (Vec<String>, Option<String>);

/// An engine whose answer follows from what it is sent, and is wrong in some cases out of a thousand.
struct WrongEngine {
    info: EngineInfo,
    seed: u64,
    /// Requests in a thousand that are answered wrongly, and that are not answered at all the first time.
    in_thousand: u64,
    lost: u64,
    answered: Mutex<HashSet<SentBody>>,
    seen: Mutex<HashMap<SentBody, u64>>,
    /// Bodies that came again after an answer.
    repeated: Mutex<Vec<SentBody>>,
}

impl WrongEngine {
    fn new(seed: u64, in_thousand: u64, lost: u64, texts: usize, context: bool) -> Arc<Self> {
        let info = EngineInfo {
            profile: "wrong".to_owned(),
            kind: "wrong",
            fingerprint: "wrong 1".to_owned(),
            limits: Limits { segments: texts, characters: 100_000, bytes: 100_000 },
            concurrency: 2,
            billing: Billing::Characters,
            prices: None,
            abilities: Abilities { context, ..Abilities::default() },
            caveat: None,
        };
        Arc::new(Self {
            info,
            seed,
            in_thousand,
            lost,
            answered: Mutex::default(),
            seen: Mutex::default(),
            repeated: Mutex::default(),
        })
    }

    fn draw(&self, salt: &str, body: &SentBody) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, salt, body).hash(&mut hasher);
        hasher.finish()
    }

    fn answer(&self, batch: &Batch) -> Result<Vec<String>, EngineError> {
        let texts: Vec<String> = batch.requests.iter().map(|request| request.text.clone()).collect();
        let body = (texts.clone(), batch.context.clone());
        let times = {
            let mut seen = self.seen.lock().expect("whole");
            let times = seen.entry(body.clone()).or_default();
            *times += 1;
            *times
        };
        if times == 1 && self.draw("lost", &body) % 1000 < self.lost {
            let last = Box::new(EngineError::RateLimited { after: None });
            return Err(EngineError::GivenUp { attempts: 1, down: false, last });
        }
        if !self.answered.lock().expect("whole").insert(body.clone()) {
            self.repeated.lock().expect("whole").push(body.clone());
        }
        let mut right: Vec<String> = texts.iter().map(|text| english(text)).collect();
        if self.draw("wrong", &body) % 1000 >= self.in_thousand {
            return Ok(right);
        }
        let kind = self.draw("kind", &body) % KINDS;
        let one = usize::try_from(self.draw("one", &body)).unwrap_or_default() % right.len();
        match kind {
            0 => {
                right.pop();
                return Ok(right);
            }
            1 => return Err(AnswerFault::OtherIds.into()),
            2 => return Err(AnswerFault::CutOff.into()),
            3 => return Err(EngineError::unreadable("a brace is missing")),
            4 => return Err(AnswerFault::Withheld("a filter".to_owned()).into()),
            5 => return Ok(texts),
            6 => {
                right.rotate_left(one);
                return Ok(right);
            }
            _ => {}
        }
        right[one] = match kind - OF_ONE_TEXT {
            0 => texts[one].clone(),
            1 => String::new(),
            2 => "I'm sorry, but I can't translate this text.".to_owned(),
            3 => format!("Translation: {}", right[one]),
            4 => "The port and the port and the port and the port and the port and the".to_owned(),
            5 => "Le numéro est dans la phrase qui est avec les autres phrases.".to_owned(),
            6 => "<!DOCTYPE html><html><body>Please sign in</body></html>".to_owned(),
            7 => format!("{} (Note: The name of the ship is not given.)", right[one]),
            8 => right[one].replace('’', "&rsquo;").replace(' ', "&#32;"),
            9 => right[one].replace(" the ", "\n\nthe "),
            _ => right[one].chars().take(right[one].chars().count() / 3).collect(),
        };
        Ok(right)
    }
}

impl Engine for WrongEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        let answers = self.answer(batch);
        ready(answers.map(|texts| texts.into_iter().map(Translation::plain).collect())).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.seen.lock().expect("whole").values().sum()
    }

    fn spent(&self) -> Spent {
        Spent::default()
    }
}

/// What the engine answers to a sentence of [`inputs`], or to a greeting, when it is not wrong: some answers have a number
/// too many, which the checks report.
fn english(german: &str) -> String {
    let number: String = german.chars().filter(char::is_ascii_digit).collect();
    if number.is_empty() {
        return "Good day.".to_owned();
    }
    let added = if number.ends_with('5') { " of 54321" } else { "" };
    format!("In the town’s harbour lies the ship with number {number}{added}.")
}

fn inputs(articles: usize, sentences: usize) -> Inputs {
    let article = |article: usize| {
        let sentence =
            |n: usize| format!("Im Hafen der Stadt liegt das Schiff mit Nummer {}. ", article * 1000 + n);
        let text: String = (1..=sentences).map(sentence).collect();
        Input::Bytes(ArticleId::new(&format!("{article}.txt")), text.as_bytes().into())
    };
    Inputs { articles: (1..=articles).map(article).collect(), ..Inputs::default() }
}

fn run(
    engine: &Arc<WrongEngine>,
    memory: &Arc<dyn Memory>,
    inputs: Inputs,
    glossary: &Glossary,
) -> (RunOutcome, Vec<ParallelDocument>) {
    let documents: Arc<Mutex<Vec<ParallelDocument>>> = Arc::default();
    let theirs = Arc::clone(&documents);
    let deliver = Deliver::articles(Arc::new(move |document| {
        theirs.lock().expect("whole").push(document);
        Ok(Vec::new())
    }));
    let tools = Tools {
        segmenter: Arc::new(German::default()),
        matcher: Arc::new(Matcher::new(glossary)),
        engine: Arc::clone(engine) as Arc<dyn Engine>,
    };
    let run = Run { deliver, ..Run::new(inputs, tools, Arc::clone(memory)) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let outcome = runtime.block_on(run.start());
    let documents = std::mem::take(&mut *documents.lock().expect("whole"));
    (outcome, documents)
}

/// A term that the engine never renders so, and one that it does.
fn glossary() -> Glossary {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terms.tsv");
    std::fs::write(&path, "source\ttarget\nHafen\tmooring\nNummer\tnumber\n").expect("written");
    Glossary::load(&path).expect("a glossary")
}

fn memory() -> Arc<dyn Memory> {
    Arc::new(SqliteMemory::open_in_memory().expect("a memory"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_sent_again_unchanged_after_an_answer(
        seed: u64,
        wrong in 0..1000_u64,
        lost in 0..300_u64,
        texts in 1..20_usize,
        context: bool,
        articles in 1..4_usize,
        sentences in 1..15_usize,
        has_terms: bool,
    ) {
        let glossary = if has_terms { glossary() } else { Glossary::default() };
        let engine = WrongEngine::new(seed, wrong, lost, texts, context);
        let memory = memory();
        for _ in 0..2 {
            let (_, documents) = run(&engine, &memory, inputs(articles, sentences), &glossary);
            for unit in documents.iter().flat_map(|document| document.units().iter().zip(document.source().segments())
                .map(|(unit, segment)| (unit.target().map(str::to_owned), document.source().source(segment).to_owned())))
            {
                let (target, german) = unit;
                prop_assert!(target.is_none_or(|target| target.replace("mooring", "harbour") == english(&german)));
            }
        }
        prop_assert_eq!(&*engine.repeated.lock().expect("whole"), &Vec::new());
    }
}

#[test]
fn one_wrong_answer_in_twenty_costs_little_and_leaves_nothing_out() {
    for (seed, texts, context) in [(1, 10, true), (2, 10, false), (3, 50, false), (4, 50, true), (5, 3, true)]
    {
        let glossary = if texts < 50 { glossary() } else { Glossary::default() };
        let run = |wrong: u64| {
            let engine = WrongEngine::new(seed, wrong, 0, texts, context);
            let (outcome, mut documents) = run(&engine, &memory(), inputs(60, 2 * texts), &glossary);
            assert_eq!(outcome.stats.failed, 0, "{seed}: {:?}", outcome.failure);
            documents.sort_by_key(|document| document.source().article().id.clone());
            (engine.requests(), documents)
        };
        let ((faultless, expected), (faulty, documents)) = (run(0), run(50));
        assert!(faulty * 100 <= faultless * 115, "{seed}: {faulty} requests for {faultless}");
        assert_eq!(documents.len(), 60);
        for (expected, document) in expected.iter().zip(&documents) {
            let english = |document: &ParallelDocument| -> Vec<Option<String>> {
                document.units().iter().map(|unit| unit.target().map(str::to_owned)).collect()
            };
            assert_eq!(english(document), english(expected), "{seed}");
            let findings = |document: &ParallelDocument| -> Vec<(usize, Finding)> {
                document.findings().into_iter().map(|found| (found.segment, found.finding)).collect()
            };
            let (findings, found) = (findings(expected), findings(document));
            assert!(findings.iter().all(|finding| found.contains(finding)), "{seed}: {findings:?} {found:?}");
        }
        assert!(expected.iter().any(|document| !document.findings().is_empty()));
    }
}
