//! Runs beside people who correct: what they wrote outranks every engine, whenever they wrote it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use futures::executor::block_on;
use parking_lot::Mutex;
use proptest::prelude::*;

use super::*;
use crate::engine::{Abilities, Billing, EngineInfo, Limits, TranslateFuture};
use crate::memory::{Memory, SqliteMemory};
use crate::model::{
    ArticleId, Batch, CorpusRow, FindingKind, HumanPair, Neighbours, PairId, PairKind, PairPlace,
    ParallelDocument, Request, Rung, SpanPairs, Status, Timestamp, Translation,
};
use crate::read::{Corpus, Fields, TextType};
use crate::write::{
    ChangeCause, CorpusSink, CorpusWriter, EarlierRecords, OutputFormat, Outputs, WriteError,
};

/// Called before each answer, with the number of texts that were sent before.
type OnSend = Box<dyn Fn(usize) + Send + Sync>;

/// An engine that marks what it is sent, one text a request.
struct Marking {
    info: EngineInfo,
    sent: Mutex<Vec<String>>,
    before: OnSend,
}

impl Marking {
    fn new(before: impl Fn(usize) + Send + Sync + 'static) -> Arc<Self> {
        let info = EngineInfo {
            profile: "marking".to_owned(),
            kind: "marking",
            fingerprint: "marking 1".to_owned(),
            limits: Limits { segments: 1, characters: 100_000, bytes: 100_000 },
            concurrency: 1,
            billing: Billing::Characters,
            prices: None,
            abilities: Abilities { marks: true, ..Abilities::default() },
            caveat: None,
        };
        Arc::new(Self { info, sent: Mutex::default(), before: Box::new(before) })
    }

    fn sent(&self) -> Vec<String> {
        std::mem::take(&mut *self.sent.lock())
    }
}

impl Engine for Marking {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        async move {
            let number = self.sent.lock().len();
            (self.before)(number);
            let texts = batch.requests.iter().map(|request| request.text.clone());
            self.sent.lock().extend(texts.clone());
            Ok(texts.map(|text| Translation::plain(format!("EN {text}"))).collect())
        }
        .boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.sent.lock().len() as u64
    }
}

fn memory() -> Arc<dyn Memory> {
    Arc::new(SqliteMemory::open_in_memory().expect("a memory"))
}

/// A correction that was made at no certain place.
fn pair(source: &str, target: &str, at: i64) -> HumanPair {
    HumanPair {
        kind: PairKind::Correction,
        source: source.to_owned(),
        target: target.to_owned(),
        inlines: None,
        by: "Ada".to_owned(),
        at: Timestamp::from_seconds(at),
        place: None,
        context: Neighbours::default(),
        origin: None,
    }
}

fn at(article: &str, segment: usize, pair: HumanPair) -> HumanPair {
    HumanPair { place: Some(PairPlace { article: ArticleId::new(article), segment }), ..pair }
}

fn add(memory: &Arc<dyn Memory>, pair: HumanPair) -> PairId {
    block_on(memory.add_pairs(vec![pair])).expect("added")[0]
}

fn glossary(entries: &str) -> Glossary {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terms.tsv");
    std::fs::write(&path, format!("source\ttarget\n{entries}")).expect("written");
    Glossary::load(&path).expect("a glossary")
}

fn articles(texts: &[(&str, &str)]) -> Inputs {
    let of = |(name, text): &(&str, &str)| Input::Bytes(ArticleId::new(name), text.as_bytes().to_vec());
    Inputs { articles: texts.iter().map(of).collect(), ..Inputs::default() }
}

fn run(inputs: Inputs, engine: &Arc<Marking>, glossary: &Glossary, memory: &Arc<dyn Memory>) -> Run {
    let tools = Tools::new(Arc::clone(engine) as Arc<dyn Engine>, glossary);
    let options = Options { any_language: true, ..Options::default() };
    Run { options, ..Run::new(inputs, tools, Arc::clone(memory)) }
}

/// The documents of a run, and its figures.
async fn documents(run: Run) -> (Stats, Vec<ParallelDocument>) {
    let documents: Arc<Mutex<Vec<ParallelDocument>>> = Arc::default();
    let theirs = Arc::clone(&documents);
    let deliver = Deliver::articles(Arc::new(move |document| {
        theirs.lock().push(document);
        Ok(Vec::new())
    }));
    let outcome = Run { deliver, ..run }.start().await;
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    let documents = std::mem::take(&mut *documents.lock());
    (outcome.stats, documents)
}

fn targets(document: &ParallelDocument) -> Vec<&str> {
    document.units().iter().map(|unit| unit.target().unwrap_or("-")).collect()
}

const TEXT: &str = "Die Fähre liegt still. Der Hafen ist leer. Es regnet heute.";

#[tokio::test]
async fn a_correction_is_used_without_a_request_whatever_the_machine_says() {
    let (memory, engine) = (memory(), Marking::new(|_| {}));
    let glossary = glossary("Fähre\tferry\nHafen\tharbour\n");
    add(&memory, pair("Die Fähre liegt still.", "The ferry lies still.", 1));
    add(&memory, HumanPair { kind: PairKind::Suggestion, ..pair("Es regnet heute.", "Rain.", 1) });
    let inputs = || articles(&[("a.txt", TEXT)]);
    let dry = run(inputs(), &engine, &glossary, &memory).estimate().await.expect("an estimate");
    assert_eq!((dry.segments, dry.corrected, dry.to_send, dry.reused), (3, 1, 2, 0));
    let (stats, found) = documents(run(inputs(), &engine, &glossary, &memory)).await;
    assert_eq!((stats.segments, stats.corrected, stats.translated, stats.failed), (3, 1, 2, 0));
    assert_eq!(targets(&found[0])[0], "The ferry lies still.");
    let sent = engine.sent();
    assert!(sent.iter().all(|text| !text.contains("liegt still")), "{sent:?}");
    let rendition = found[0].units()[0].rendition().expect("translated");
    assert_eq!((rendition.rung, rendition.findings.len()), (Rung::Correction, 0));
    assert_eq!(rendition.translator.approval().map(|approval| approval.by.as_str()), Some("Ada"));
    let hold = rendition.terms[0].hold.as_ref().expect("it holds");
    assert_eq!((hold.span.clone(), hold.rung), (4..9, Rung::Correction));
    assert_eq!(stats.terms.correction, 1);

    // Asking again asks for what is not corrected only.
    let mut again = run(inputs(), &engine, &glossary, &memory);
    again.options.again = Again::new(&["a.txt".to_owned()], None).expect("a pattern");
    let (stats, found) = documents(again).await;
    assert_eq!((stats.corrected, stats.again, targets(&found[0])[0]), (1, 2, "The ferry lies still."));
    assert!(engine.sent().iter().all(|text| !text.contains("liegt still")));
}

#[tokio::test]
async fn what_an_engine_can_do_by_itself_is_seen_without_corrections() {
    let (memory, engine) = (memory(), Marking::new(|_| {}));
    add(&memory, pair("Die Fähre liegt still.", "The ferry lies still.", 1));
    let mut alone = run(articles(&[("a.txt", TEXT)]), &engine, &Glossary::default(), &memory);
    alone.options.unaided = true;
    let (stats, found) = documents(alone).await;
    assert_eq!((stats.corrected, stats.translated), (0, 3));
    assert_eq!(targets(&found[0])[0], "EN Die Fähre liegt still.");
    let (stats, _) =
        documents(run(articles(&[("a.txt", TEXT)]), &engine, &Glossary::default(), &memory)).await;
    assert_eq!((stats.corrected, stats.reused), (1, 2), "elsewhere it counts, and the answers do");
}

#[tokio::test]
async fn a_correction_that_breaks_an_entry_stays_with_a_finding() {
    let (memory, engine) = (memory(), Marking::new(|_| {}));
    add(&memory, pair("Der Hafen ist leer.", "The port is empty.", 1));
    let glossary = glossary("Hafen\tharbour\n");
    let (stats, found) = documents(run(articles(&[("a.txt", TEXT)]), &engine, &glossary, &memory)).await;
    assert_eq!(targets(&found[0])[1], "The port is empty.");
    let finding = &found[0].units()[1].findings()[0];
    assert_eq!((finding.kind, stats.errors), (FindingKind::TermNotHeld, 1));
    assert!(finding.message.ends_with("; Ada approved it on 1970-01-01"), "{}", finding.message);
}

#[tokio::test]
async fn the_nearest_correction_is_taken_and_what_is_kept_takes_only_its_own() {
    let (memory, engine) = (memory(), Marking::new(|_| {}));
    let text = "# Titel\n\nDer Satz gilt. Es regnet heute.\n\n1984\n";
    let context = Neighbours { before: None, after: Some("Es regnet heute.".to_owned()) };
    add(&memory, HumanPair { context, ..pair("Der Satz gilt.", "Before rain.", 1) });
    add(&memory, pair("Der Satz gilt.", "Anywhere.", 2));
    add(&memory, at("other.md", 9, pair("1984", "Nineteen", 1)));
    let inputs = || articles(&[("a.md", text), ("b.md", "Der Satz gilt. Der Hafen ist leer.\n")]);
    let (_, mut found) = documents(run(inputs(), &engine, &Glossary::default(), &memory)).await;
    found.sort_by(|a, b| a.source().article().id.cmp(&b.source().article().id));
    assert_eq!(targets(&found[0])[1..], ["Before rain.", "EN Es regnet heute.", "1984"]);
    assert_eq!(targets(&found[1])[0], "Anywhere.");
    assert_eq!(found[0].units()[3].status(), Status::Kept);
    add(&memory, at("a.md", 4, pair("1984", "The year 1984", 1)));
    let (stats, _) = documents(run(inputs(), &engine, &Glossary::default(), &memory)).await;
    assert_eq!((stats.corrected, stats.kept), (3, 0));
}

#[tokio::test]
async fn a_segment_that_failed_takes_its_correction() {
    let memory = memory();
    let engine = Marking::new(|_| {});
    let mut offline = run(articles(&[("a.txt", TEXT)]), &engine, &Glossary::default(), &memory);
    offline.options.offline = true;
    add(&memory, pair("Es regnet heute.", "It is raining today.", 1));
    let (stats, found) = documents(offline).await;
    assert_eq!((stats.failed, stats.corrected), (2, 1));
    assert_eq!(targets(&found[0])[2], "It is raining today.");
}

#[tokio::test]
async fn markup_stands_where_the_person_put_it() {
    let (memory, engine) = (memory(), Marking::new(|_| {}));
    let text = "Der **rote** Kran\nsteht.\n";
    let source = "Der rote Kran steht.";
    let inlines = SpanPairs(vec![(4..8, 13..16)]);
    add(&memory, HumanPair { inlines: Some(inlines), ..pair(source, "The crane is red.", 1) });
    let glossary = Glossary::default();
    let markdown = |document: &ParallelDocument| {
        let files = OutputFormat::Document.writer().files(document).expect("files");
        String::from_utf8(files[0].contents.clone()).expect("UTF-8")
    };
    let (_, found) = documents(run(articles(&[("a.md", text)]), &engine, &glossary, &memory)).await;
    assert_eq!(markdown(&found[0]), "The crane is **red**.\n");
    // Elsewhere the same words have other markup, or places that are none.
    for text in ["Der rote *Kran* steht.\n", "Der rote Kran steht.\n"] {
        let (_, found) = documents(run(articles(&[("b.md", text)]), &engine, &glossary, &memory)).await;
        let written = markdown(&found[0]);
        assert_eq!(
            (written.replace('*', ""), written.contains('*')),
            ("The crane is red.\n".to_owned(), text.contains('*'))
        );
    }
    #[expect(clippy::reversed_empty_ranges, reason = "a memory that was tampered with may have them")]
    let wild = SpanPairs(vec![(4..8, 1..900), (7..3, 2..1), (900..901, 0..1)]);
    add(&memory, HumanPair { inlines: Some(wild), ..pair(source, "The red crane stands.", 2) });
    let (_, found) = documents(run(articles(&[("a.md", text)]), &engine, &glossary, &memory)).await;
    assert_eq!(markdown(&found[0]), "The **red** crane stands.\n");
}

#[tokio::test]
async fn what_drives_a_terminal_is_no_part_of_a_correction() {
    let (memory, engine) = (memory(), Marking::new(|_| {}));
    add(&memory, pair("Es regnet heute.", " It\u{1b}[2J rains\n\u{202e}today. ", 1));
    let (_, found) =
        documents(run(articles(&[("a.txt", TEXT)]), &engine, &Glossary::default(), &memory)).await;
    assert_eq!(targets(&found[0])[2], "It [2J rains today.");
}

/// What happens to a pair while a run goes on: when its number of texts was sent, or its number of documents was about to
/// be written.
#[derive(Debug, Clone)]
struct Happening {
    sentence: usize,
    /// Whether the last correction of it is taken back.
    is_taken_back: bool,
}

fn sentence(number: usize) -> String {
    format!("Das ist der Satz mit der Nummer {number}.")
}

/// Lets something happen; returns the pairs so far.
fn happen(memory: &Arc<dyn Memory>, what: &Happening, made: &Mutex<Vec<(usize, PairId)>>, time: usize) {
    let mut made = made.lock();
    let time = i64::try_from(time).expect("small");
    if what.is_taken_back {
        let Some(at) = made.iter().rposition(|(sentence, _)| *sentence == what.sentence) else { return };
        let (_, id) = made.remove(at);
        block_on(memory.withdraw(vec![id], Timestamp::from_seconds(1000 + time))).expect("taken back");
    } else {
        let pair =
            pair(&sentence(what.sentence), &format!("Sentence {}, version {time}.", what.sentence), time);
        let id = add(memory, pair);
        made.push((what.sentence, id));
    }
}

fn happenings() -> impl Strategy<Value = Vec<(bool, usize, Happening)>> {
    let one = (any::<bool>(), 0..12_usize, 0..6_usize, any::<bool>()).prop_map(
        |(on_send, when, sentence, back)| (on_send, when, Happening { sentence, is_taken_back: back }),
    );
    prop::collection::vec(one, 0..8)
}

proptest! {
    #[test]
    fn what_is_written_has_the_corrections_of_the_moment_and_nothing_is_sent_twice(plan in happenings()) {
        let memory = memory();
        let made: Arc<Mutex<Vec<(usize, PairId)>>> = Arc::default();
        let act = {
            let (memory, made, plan, clock) = (Arc::clone(&memory), Arc::clone(&made), plan, AtomicUsize::new(1));
            move |on_send: bool, when: usize| {
                for (_, _, what) in plan.iter().filter(|(send, at, _)| *send == on_send && *at == when) {
                    happen(&memory, what, &made, clock.fetch_add(1, Ordering::Relaxed));
                }
            }
        };
        let act = Arc::new(act);
        // One at a time, as with the lock of an output folder.
        let turn: Arc<Mutex<()>> = Arc::default();
        let (sends, of_sends) = (Arc::clone(&act), Arc::clone(&turn));
        let engine = Marking::new(move |number| {
            let _turn = of_sends.lock();
            sends(true, number);
        });
        // Each sentence stands in two articles.
        let texts: Vec<String> = (0..4).map(|n| (n..n + 3).map(|s| sentence(s % 6)).collect::<Vec<_>>().join(" ")).collect();
        let names = ["a.txt", "b.txt", "c.txt", "d.txt"];
        let inputs: Vec<(&str, &str)> = names.into_iter().zip(texts.iter().map(String::as_str)).collect();
        let (looks, written) = (AtomicUsize::new(0), Arc::new(Mutex::new(Vec::new())));
        let (theirs, memories) = (Arc::clone(&written), Arc::clone(&memory));
        let article: DeliverArticle = Arc::new(move |document, is_current| {
            let _turn = turn.lock();
            act(false, looks.fetch_add(1, Ordering::Relaxed));
            if !is_current() {
                return Ok(None);
            }
            // No other thread makes corrections: what holds now held when it was asked.
            let now = block_on(memories.corrections(in_context(document.source()))).expect("read");
            let now: Vec<Option<String>> = now.into_iter().map(|pair| pair.map(|pair| pair.pair.target)).collect();
            theirs.lock().push((document.clone(), now));
            Ok(Some(Vec::new()))
        });
        let run = run(articles(&inputs), &engine, &Glossary::default(), &memory);
        let deliver = Deliver { article, ..Deliver::articles(Arc::new(|_| Ok(Vec::new()))) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let outcome = runtime.block_on(Run { deliver, ..run }.start());
        prop_assert!(outcome.failure.is_none());
        let written = written.lock();
        prop_assert_eq!(written.len(), 4);
        for (document, now) in &*written {
            for ((unit, segment), correction) in document.units().iter().zip(document.source().segments()).zip(now) {
                let machine = format!("EN {}", document.source().source(segment));
                prop_assert_eq!(unit.target(), Some(correction.as_ref().unwrap_or(&machine).as_str()));
                prop_assert_eq!(unit.rendition().is_some_and(|r| r.translator.approval().is_some()), correction.is_some());
            }
        }
        let mut sent = engine.sent();
        let texts = sent.len();
        sent.sort();
        sent.dedup();
        prop_assert_eq!(sent.len(), texts, "nothing is sent twice");
        let stats = outcome.stats;
        prop_assert_eq!(stats.segments, stats.translated + stats.reused + stats.corrected + stats.kept);
    }
}

#[tokio::test]
async fn a_corpus_takes_corrections_made_while_it_is_written_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("c.jsonl");
    let rows: Vec<String> = (0..4).map(|n| format!("{{\"text\":\"{}\"}}\n", sentence(n))).collect();
    std::fs::write(&path, rows.concat()).expect("written");
    let memory = memory();
    let meanwhile = Arc::clone(&memory);
    let engine = Marking::new(move |number| {
        if number == 2 {
            add(&meanwhile, pair(&sentence(3), "The last one.", 1));
        }
    });
    let fields = Fields {
        text: "text".to_owned(),
        target: "en".to_owned(),
        id: None,
        text_type: TextType::Plain,
        kept: Vec::new(),
        added: &[],
    };
    let corpora = vec![Corpus { id: ArticleId::new("c.jsonl"), path, fields }];
    let inputs = Inputs { corpora, ..Inputs::default() };
    let output = folder.path().join("out");
    let outputs = Arc::new(Outputs::folder(Path::new(&output), false).expect("a folder"));
    let corpus: DeliverCorpus = Arc::new(move |corpus, shape| {
        let formats = [OutputFormat::Document];
        let writer = CorpusWriter::begin(Arc::clone(&outputs), &corpus.id, &formats, shape.clone(), "en")?;
        Ok(Box::new(writer))
    });
    let deliver = Deliver { corpus, ..Deliver::articles(Arc::new(|_| Ok(Vec::new()))) };
    let (events, mut happened) = Events::channel();
    let run = run(inputs, &engine, &Glossary::default(), &memory);
    let outcome = Run { deliver, events, ..run }.start().await;
    assert!(outcome.failure.is_none());
    let english = std::fs::read_to_string(output.join("c.english.jsonl")).expect("read");
    assert_eq!(english.matches("\"en\":\"The last one.\"").count(), 1, "{english}");
    assert_eq!(english.matches("\"en\":\"EN Das").count(), 3, "{english}");
    let mut notes = Vec::new();
    while let Ok(event) = happened.try_recv() {
        if let Event::Noted { note, .. } = event {
            notes.push(note);
        }
    }
    assert!(notes.len() <= 1, "{notes:?}");
}

/// Writes a corpus, and tells what changes by it.
struct Acting {
    writer: CorpusWriter,
    before: Option<EarlierRecords>,
    told: Arc<Mutex<Vec<(usize, String, ChangeCause)>>>,
    written: usize,
    /// Called when a record stands in the files, with how many do.
    after: Arc<dyn Fn(usize) + Send + Sync>,
}

impl CorpusSink for Acting {
    fn write(
        &mut self,
        row: Option<&CorpusRow>,
        document: Result<&ParallelDocument, &str>,
    ) -> Result<(), WriteError> {
        self.writer.write(row, document)?;
        if let (Some(before), Ok(document)) = (&mut self.before, document) {
            let before = before.of(document).expect("read").expect("it is there");
            let number = self.written;
            let told = before.changed(document).into_iter();
            self.told.lock().extend(told.map(|told| (number, told.new.unwrap_or_default(), told.why)));
        }
        self.written += 1;
        (self.after)(self.written);
        Ok(())
    }

    fn finish(self: Box<Self>, file_hash: [u8; 32]) -> Result<Vec<PathBuf>, WriteError> {
        Box::new(self.writer).finish(file_hash)
    }
}

#[tokio::test]
async fn what_is_corrected_after_its_record_was_written_is_put_in_by_the_next_run_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("c.jsonl");
    // Long enough that each record is taken by itself: those that are taken together are written at once.
    let more = "x".repeat(10_000);
    let row = |n| format!("{{\"text\":\"{}\",\"more\":\"{more}\"}}\n", sentence(n));
    let rows: Vec<String> = (0..5).map(row).collect();
    std::fs::write(&path, rows.concat()).expect("written");
    let (memory, engine) = (memory(), Marking::new(|_| {}));
    let fields = Fields {
        text: "text".to_owned(),
        target: "en".to_owned(),
        id: None,
        text_type: TextType::Plain,
        kept: Vec::new(),
        added: &[],
    };
    let corpora = vec![Corpus { id: ArticleId::new("c.jsonl"), path, fields }];
    let output = folder.path().join("out");
    let told: Arc<Mutex<Vec<(usize, String, ChangeCause)>>> = Arc::default();
    let pass = |after: Arc<dyn Fn(usize) + Send + Sync>| {
        let outputs = Arc::new(Outputs::folder(&output, false).expect("a folder"));
        let told = Arc::clone(&told);
        let corpus: DeliverCorpus = Arc::new(move |corpus, shape| {
            let formats = [OutputFormat::Document, OutputFormat::Jsonl];
            let before = outputs.records_before(&corpus.id);
            let writer =
                CorpusWriter::begin(Arc::clone(&outputs), &corpus.id, &formats, shape.clone(), "en")?;
            let (told, after) = (Arc::clone(&told), Arc::clone(&after));
            Ok(Box::new(Acting { writer, before, told, written: 0, after }))
        });
        let deliver = Deliver { corpus, ..Deliver::articles(Arc::new(|_| Ok(Vec::new()))) };
        let (events, mut happened) = Events::channel();
        let inputs = Inputs { corpora: corpora.clone(), ..Inputs::default() };
        let run = Run { deliver, events, ..run(inputs, &engine, &Glossary::default(), &memory) };
        let output = &output;
        async move {
            let outcome = run.start().await;
            assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
            let is_noted = std::iter::from_fn(|| happened.try_recv().ok()).any(
                |event| matches!(event, Event::Noted { note, .. } if note.contains("corrections were made")),
            );
            let text = std::fs::read_to_string(output.join("c.english.jsonl")).expect("read");
            (outcome.stats, is_noted, text.lines().map(str::to_owned).collect::<Vec<_>>())
        }
    };
    let meanwhile = Arc::clone(&memory);
    let (_, is_noted, first) = pass(Arc::new(move |written| {
        if written == 3 {
            add(&meanwhile, pair(&sentence(1), "Too late.", 1));
            add(&meanwhile, pair(&sentence(4), "In time.", 1));
        }
    }))
    .await;
    assert!(is_noted && first[4].contains("\"In time.\""), "{first:?}");
    assert!(first[1].contains("\"EN Das"), "{first:?}");
    assert_eq!((engine.sent().len(), told.lock().len()), (5, 0));
    let (stats, is_noted, second) = pass(Arc::new(|_| {})).await;
    assert_eq!((engine.sent().len(), is_noted, stats.corrected), (0, false, 2));
    let differing: Vec<usize> = (0..5).filter(|&at| first[at] != second[at]).collect();
    assert_eq!(differing, [1]);
    assert_eq!(*told.lock(), [(1, "Too late.".to_owned(), ChangeCause::Correction)]);
}
