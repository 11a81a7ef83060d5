//! The records of a corpus: translated side by side, written in source order.
//!
//! Records are taken some at a time: they may be of a sentence each, and what it takes to hand something to another thread
//! would be more than what is done there. Those that were read together have a turn; the turns stand in a queue in source
//! order, and one task takes them in that order, waits for each translation and writes it. A turn keeps its permit until it
//! is written, so a slow one does not make those behind it pile up.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use futures::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::article::{Finished, Translated};
use super::compute::resume;
use super::event::{Event, Events, Extent};
use super::makers::Makers;
use super::plan::Plan;
use super::prepare::{Skip, plan};
use super::queue::Supply;
use super::run::{Feed, Permit, Sum, Tasks, corrected, extent};
use super::stats::Stats;
use super::{Options, Tools};
use crate::memory::MemoryRevision;
use crate::model::{ArticleId, CorpusRow, SegmentFinding, SegmentedArticle};
use crate::read::{Corpus, CorpusRecord, CorpusRecords, ReadError};
use crate::write::{CorpusSink, WriteError};

/// A record counts as at least one segment for each of this many bytes: its other fields are held in memory, too.
const BYTES_A_SEGMENT: usize = 8 << 10;

/// Records that are taken at once at most, and their bytes: a fraction of what may be under way, so that there are several
/// turns at any time.
const TOGETHER: usize = 64;
const BYTES_TOGETHER: usize = 8 << 10;

/// How long a stream may give nothing before what was read is sent without waiting for full batches: whoever writes it may wait
/// for answers. Pipes are filled again sooner, and requests take longer.
const LULL: Duration = Duration::from_millis(20);

/// Some records in the queue.
struct RecordsTurn {
    /// A row for each record.
    rows: Vec<TurnRow>,
    /// The translations, which are still to come; `None` if there is none.
    translations: Option<oneshot::Receiver<Vec<Translated<Finished>>>>,
    permit: Permit,
}

/// A record, and whether it is left out.
struct TurnRow {
    row: Option<CorpusRow>,
    /// Why it is left out.
    left_out: Option<String>,
}

/// What stands in the queue.
enum Message {
    Turn(RecordsTurn),
    /// All records of the file have had their turn; it has this hash.
    End([u8; 32]),
    /// The file cannot be read to its end.
    Broken,
}

/// A record that was read and planned.
struct Prepared {
    line: u64,
    row: Option<CorpusRow>,
    article: Result<(SegmentedArticle, Plan), Skip>,
}

/// What comes next of a corpus.
enum NextRecords {
    Some(Vec<CorpusRecord>),
    Broken(ReadError),
    End([u8; 32]),
}

/// The same with the records planned.
enum NextPrepared {
    Some(Vec<Prepared>),
    Broken(ReadError),
    End([u8; 32]),
}

impl Feed {
    /// Reads a corpus, and starts a task for each record as room becomes free.
    /// `None` if the desk was closed before its end.
    pub(super) async fn corpus(&self, corpus: &Corpus, tasks: &mut Tasks) -> Option<()> {
        let opened = self.desk.unless_closed(self.open(corpus)).await?;
        tasks.begun += 1;
        let (records, writer) = match opened {
            Ok(opened) => opened,
            Err(reason) => {
                self.skip(corpus.id.clone(), &Skip::Unreadable(reason), tasks);
                return Some(());
            }
        };
        self.note(&corpus.id, records.encoding().doubt(), tasks);
        let (queue, turns) = unbounded_channel();
        match writer {
            Some(writer) => {
                tasks.spawn(self.clone().write_in_order(corpus.id.clone(), writer, turns));
            }
            None => tasks.spawn(take_all(turns)),
        }
        self.records(corpus, records, &queue, tasks).await
    }

    /// Opens a corpus and begins its files; a dry run writes none.
    async fn open(&self, corpus: &Corpus) -> Result<(CorpusRecords, Option<Box<dyn CorpusSink>>), String> {
        let (corpus, options) = (corpus.clone(), self.options.clone());
        let deliver = (!self.desk.is_dry_run()).then(|| self.deliver.corpus.clone());
        let opened = spawn_blocking(move || {
            let records = corpus.open(&options.read).map_err(|error| error.to_string())?;
            let writer = deliver.map(|deliver| deliver(&corpus, records.shape())).transpose();
            Ok((records, writer.map_err(|error| error.to_string())?))
        });
        opened.await.unwrap_or_else(|error| resume(error))
    }

    /// Puts all records in the queue. If the desk is closed before, the queue has no end, and there is `None`.
    async fn records(
        &self,
        corpus: &Corpus,
        records: CorpusRecords,
        queue: &UnboundedSender<Message>,
        tasks: &mut Tasks,
    ) -> Option<()> {
        // Of a stream, one at a time: who sends it may wait for the answer, and what came first is sent first.
        let (together, at_once) = if corpus.is_stream() { (1, 1) } else { (TOGETHER, self.cores.count()) };
        let mut prepared = pin!(self.prepared(records, together, at_once));
        // Who no longer takes turns has said why.
        while !queue.is_closed() {
            let next = tokio::select! {
                next = self.desk.unless_closed(self.records_read(corpus, prepared.next())) => next?,
                // A stream may give nothing for hours.
                () = queue.closed() => break,
            };
            let Some(next) = next else { break };
            let message = match next {
                NextPrepared::Some(records) => match self.turn(corpus, records, tasks).await {
                    Some(turn) => Message::Turn(turn),
                    None => continue,
                },
                NextPrepared::Broken(error) => {
                    let reason = format!("{error}; nothing is written for this file");
                    self.skip(corpus.id.clone(), &Skip::Unreadable(reason), tasks);
                    Message::Broken
                }
                NextPrepared::End(hash) => Message::End(hash),
            };
            let is_last = !matches!(message, Message::Turn(_));
            if queue.send(message).is_err() || is_last {
                break;
            }
        }
        Some(())
    }

    /// Waits for records; if a stream has none yet, workers meanwhile send what there is.
    async fn records_read<T>(&self, corpus: &Corpus, read: impl Future<Output = T>) -> T {
        let mut read = pin!(read);
        if !corpus.is_stream() {
            return read.await;
        }
        if let Ok(read) = timeout(LULL, &mut read).await {
            return read;
        }
        self.desk.set_supply(Supply::Held);
        let read = read.await;
        self.desk.set_supply(Supply::Flowing);
        read
    }

    /// Reads records in order, at most `together` at a time, and plans up to `at_once` of these groups in parallel.
    fn prepared(
        &self,
        records: CorpusRecords,
        together: usize,
        at_once: usize,
    ) -> impl Stream<Item = NextPrepared> + use<> {
        let reader = RecordReader { records, together, error: None };
        let read = stream::unfold(Some(reader), async |reader| {
            let reader = reader?;
            Some(spawn_blocking(move || reader.next()).await.unwrap_or_else(|error| resume(error)))
        });
        let feed = self.clone();
        read.map(move |next| {
            let feed = feed.clone();
            async move {
                match next {
                    NextRecords::Some(records) => NextPrepared::Some(feed.prepare(records).await),
                    NextRecords::Broken(error) => NextPrepared::Broken(error),
                    NextRecords::End(hash) => NextPrepared::End(hash),
                }
            }
        })
        .buffered(at_once)
    }

    /// Plans records that were read together.
    async fn prepare(&self, records: Vec<CorpusRecord>) -> Vec<Prepared> {
        let (tools, options) = (Arc::clone(&self.tools), Arc::clone(&self.options));
        // A thread that hangs on a file holds nothing of the desk, whose memory is closed at the end.
        let makers = Arc::clone(self.desk.makers());
        let plan =
            move || records.into_iter().map(|record| prepare(record, &tools, &options, &makers)).collect();
        let prepared: Vec<Prepared> = self.cores.run(plan).await;
        join_all(prepared.into_iter().map(async |record| match record.article {
            Ok((article, plan)) => {
                let article = Ok(corrected(&self.desk, &self.tools, article, plan).await);
                Prepared { article, ..record }
            }
            Err(_) => record,
        }))
        .await
    }

    /// Starts the task of some records and gives back their turn; in a dry run they have none.
    async fn turn(&self, corpus: &Corpus, records: Vec<Prepared>, tasks: &mut Tasks) -> Option<RecordsTurn> {
        let (mut rows, mut articles) = (Vec::with_capacity(records.len()), Vec::new());
        let mut size = 0;
        for Prepared { line, row, article } in records {
            let bytes = row.as_ref().map_or(0, |row| row.bytes.len());
            let segments = article.as_ref().map_or(0, |(article, _)| article.segments().len());
            size += segments.max(bytes / BYTES_A_SEGMENT).max(1);
            // A row and the end of its line.
            let text = || article.as_ref().map_or_else(|_| Extent::default(), |(article, _)| extent(article));
            tasks.expect(self, bytes as u64 + 1, text);
            let left_out = match article {
                Ok(planned) => {
                    articles.push(planned);
                    None
                }
                Err(skip) => {
                    self.skip(corpus.record_id(line), &skip, tasks);
                    Some(skip.to_string())
                }
            };
            rows.push(TurnRow { row, left_out });
        }
        let permit = tasks.enter(&self.desk, size).await;
        if self.desk.is_dry_run() {
            let number = tasks.number(articles.len());
            tasks.spawn(self.estimations(articles, permit, number));
            return None;
        }
        if articles.is_empty() {
            return Some(RecordsTurn { rows, translations: None, permit });
        }
        for (article, _) in &articles {
            self.events.send(Event::Read { article: article.article().id.clone() });
        }
        let (sender, receiver) = oneshot::channel();
        let translations = self.translations(articles);
        tasks.spawn(async move {
            // If the corpus cannot be written, nobody waits for it.
            let _ = sender.send(translations.await);
            Sum::default()
        });
        Some(RecordsTurn { rows, translations: Some(receiver), permit })
    }
}

/// Reads the records of a corpus, some at a time.
struct RecordReader {
    records: CorpusRecords,
    /// How many are taken together at most.
    together: usize,
    /// What was wrong behind the last record.
    error: Option<ReadError>,
}

impl RecordReader {
    /// The records that are taken at once; there is no reader any more after the end, or an error.
    fn next(mut self) -> (NextRecords, Option<Self>) {
        if let Some(error) = self.error {
            return (NextRecords::Broken(error), None);
        }
        let (mut together, mut bytes) = (Vec::new(), 0);
        while together.len() < self.together && bytes < BYTES_TOGETHER {
            match self.records.next() {
                Some(Ok(record)) => {
                    bytes += record.row.as_ref().map_or(0, |row| row.bytes.len());
                    together.push(record);
                }
                Some(Err(error)) => {
                    self.error = Some(error);
                    break;
                }
                None if together.is_empty() => return (NextRecords::End(self.records.file_hash()), None),
                None => break,
            }
        }
        (NextRecords::Some(together), Some(self))
    }
}

/// Plans a record.
fn prepare(record: CorpusRecord, tools: &Tools, options: &Options, makers: &Makers) -> Prepared {
    let CorpusRecord { line, row, article } = record;
    let article = article.map_err(|problem| Skip::Unreadable(problem.to_string()));
    Prepared { line, row, article: article.and_then(|article| plan(article, tools, options, makers)) }
}

impl Feed {
    /// Writes the records of a corpus as their turn comes, and says what they came to.
    async fn write_in_order(
        self,
        corpus: ArticleId,
        mut writer: Box<dyn CorpusSink>,
        mut turns: UnboundedReceiver<Message>,
    ) -> Sum {
        let events = &self.events;
        let mut sum = Sum::default();
        let keeps_each = writer.keeps_each();
        // Corrections that the first record was written with.
        let mut first = None;
        while let Some(message) = turns.recv().await {
            let turn = match message {
                Message::Turn(turn) => turn,
                Message::End(hash) => {
                    self.note_corrections(&corpus, first, &mut sum).await;
                    return match blocking(move || writer.finish(hash)).await {
                        Ok(_) => sum,
                        Err(error) => unwritten(corpus, &error, sum.stats, events).into(),
                    };
                }
                // The reason was reported where it was noticed.
                Message::Broken => return broken_off(sum, Stats::default(), keeps_each, Stats::unwritten),
            };
            let TakenTurn { taken, rest: others } = self.take(turn, writer).await;
            for Taken { article, findings, revision, sum: of_record } in taken {
                first.get_or_insert(revision);
                let stats = Box::new(of_record.stats.clone());
                sum += of_record;
                events.send(Event::Written { article, stats, findings, files: Vec::new() });
            }
            match others {
                Ok(same) => writer = same,
                Err(Untaken::Unwritten(error, mut stats)) => {
                    *stats += rest(turns).await;
                    let lost = |stats| unwritten(corpus, &error, stats, events);
                    return broken_off(sum, *stats, keeps_each, lost);
                }
                Err(Untaken::Unfinished(mut so_far)) => {
                    *so_far += rest(turns).await;
                    return broken_off(sum, *so_far, keeps_each, Stats::unfinished);
                }
            }
        }
        // The run has ended before the file was read to its end.
        broken_off(sum, Stats::default(), keeps_each, |stats| {
            let stats = stats.unfinished();
            Stats { unfinished: stats.unfinished.max(1), ..stats }
        })
    }

    /// Says so if people corrected something while the records of a corpus were written: those that were written before
    /// may lack it.
    async fn note_corrections(&self, corpus: &ArticleId, first: Option<MemoryRevision>, sum: &mut Sum) {
        let Some(first) = first else { return };
        if self.desk.newest_revision().await.is_none_or(|newest| newest == first) {
            return;
        }
        sum.stats.warnings += 1;
        let note = "corrections were made while it was written; the same command puts all of them in and sends \
                    nothing again";
        self.events.send(Event::Noted { article: corpus.clone(), note: note.to_owned() });
    }

    /// Waits for the translations of some records and writes them, with what people corrected until now.
    async fn take(&self, turn: RecordsTurn, mut writer: Box<dyn CorpusSink>) -> TakenTurn {
        let RecordsTurn { rows, translations, permit } = turn;
        let translated = match translations {
            Some(translations) => self.newest(translated(translations, &rows).await).await,
            None => Vec::new(),
        };
        let written = blocking(move || {
            let (mut taken, mut translated) = (Vec::with_capacity(rows.len()), translated.into_iter());
            for TurnRow { row, left_out } in rows {
                let done = match left_out {
                    Some(reason) => Err(reason),
                    None => match translated.next() {
                        Some(Ok(finished)) => Ok(finished),
                        Some(Err(mut so_far)) => {
                            *so_far += translated.as_slice().iter().map(stats_of).sum();
                            return TakenTurn { taken, rest: Err(Untaken::Unfinished(so_far)) };
                        }
                        // Each record that is not left out has one.
                        None => continue,
                    },
                };
                let document = done.as_ref().map(|finished| &finished.document).map_err(String::as_str);
                if let Err(error) = writer.write(row.as_ref(), document) {
                    let mut stats = done.map(|finished| finished.stats).unwrap_or_default();
                    stats += translated.as_slice().iter().map(stats_of).sum();
                    return TakenTurn { taken, rest: Err(Untaken::Unwritten(error, Box::new(stats))) };
                }
                taken.extend(done.ok().map(Taken::of));
            }
            TakenTurn { taken, rest: Ok(writer) }
        });
        let written = written.await;
        drop(permit);
        written
    }

    /// Records with what people corrected until now.
    async fn newest(&self, mut all: Vec<Translated<Finished>>) -> Vec<Translated<Finished>> {
        while let Some(newest) = self.desk.newest_revision().await {
            let is_old = |record: &Translated<Finished>| {
                record.as_ref().is_ok_and(|finished| finished.corrected.revision != newest)
            };
            if !all.iter().any(is_old) {
                break;
            }
            all = join_all(all.into_iter().map(async |record| match record {
                Ok(old) if old.corrected.revision != newest => self.renewed(old, |finished| finished).await,
                same => same,
            }))
            .await;
        }
        all
    }
}

/// What a corpus comes to that is not written to its end: `lost` says what that means for the records behind those that were
/// taken, and, unless the sink keeps each, for these too.
fn broken_off(mut taken: Sum, rest: Stats, keeps_each: bool, lost: impl FnOnce(Stats) -> Stats) -> Sum {
    if keeps_each {
        taken.stats += lost(rest);
        return taken;
    }
    taken.stats += rest;
    lost(taken.stats).into()
}

/// Lets the turns of a dry run pass: there is nothing to write.
async fn take_all(mut turns: UnboundedReceiver<Message>) -> Sum {
    while turns.recv().await.is_some() {}
    Sum::default()
}

/// A record that was written.
struct Taken {
    article: ArticleId,
    findings: Vec<SegmentFinding>,
    /// The corrections that it was written with.
    revision: MemoryRevision,
    sum: Sum,
}

impl Taken {
    fn of(Finished { document, stats, renderings, corrected, .. }: Finished) -> Self {
        Self {
            article: document.source().article().id.clone(),
            findings: document.findings(),
            revision: corrected.revision,
            sum: Sum { stats, renderings, ..Sum::default() },
        }
    }
}

/// Records of a turn that were written, in their order.
struct TakenTurn {
    taken: Vec<Taken>,
    /// What writes the next turn, or why the first of the others was not written.
    rest: Result<Box<dyn CorpusSink>, Untaken>,
}

/// Why a record was not written, and what it and those behind it in its turn came to.
enum Untaken {
    /// The files cannot be written.
    Unwritten(WriteError, Box<Stats>),
    /// The run was stopped before it was translated.
    Unfinished(Box<Stats>),
}

/// The translations of some records, or what they came to.
async fn translated(
    translations: oneshot::Receiver<Vec<Translated<Finished>>>,
    rows: &[TurnRow],
) -> Vec<Translated<Finished>> {
    // A task that was left behind says nothing.
    translations.await.unwrap_or_else(|_| {
        let lost = |_: &TurnRow| Err(Box::new(Stats { unfinished: 1, ..Stats::default() }));
        rows.iter().filter(|row| row.left_out.is_none()).map(lost).collect()
    })
}

/// What a record comes to, whether it is written or not.
fn stats_of(record: &Translated<Finished>) -> Stats {
    record.as_ref().map_or_else(|so_far| (**so_far).clone(), |finished| finished.stats.clone())
}

/// What the articles come to whose turn will not come.
async fn rest(mut turns: UnboundedReceiver<Message>) -> Stats {
    turns.close();
    let mut stats = Stats::default();
    while let Some(message) = turns.recv().await {
        if let Message::Turn(RecordsTurn { rows, translations: Some(translations), permit }) = message {
            stats += translated(translations, &rows).await.iter().map(stats_of).sum();
            drop(permit);
        }
    }
    stats
}

/// Tells that the files of a corpus cannot be written.
fn unwritten(corpus: ArticleId, error: &WriteError, stats: Stats, events: &Events) -> Stats {
    events.send(Event::Skipped { article: corpus, reason: error.to_string() });
    let stats = stats.unwritten();
    Stats { skipped: stats.skipped.max(1), ..stats }
}

/// Does something off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    spawn_blocking(work).await.unwrap_or_else(|error| resume(error))
}
