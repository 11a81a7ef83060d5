//! The records of a corpus: translated side by side, written in source order.
//!
//! Each record that was read has a turn; the turns stand in a queue in source order, and one task takes
//! them in that order, waits for each translation and writes it. A record keeps its permit until it is
//! written, so a slow one does not make those behind it pile up.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::article::{Finished, Translated};
use super::compute::resume;
use super::corrections::CorrectionsKnown;
use super::event::{Event, Events};
use super::makers::Makers;
use super::plan::Plan;
use super::prepare::{Skip, plan};
use super::queue::Supply;
use super::run::{Feed, Permit, Sum, Tasks, corrected};
use super::stats::Stats;
use super::{Options, Tools};
use crate::memory::MemoryRevision;
use crate::model::{ArticleId, CorpusRow, SegmentFinding, SegmentedArticle};
use crate::read::{Corpus, CorpusRecord, CorpusRecords};
use crate::write::{CorpusSink, WriteError};

/// A record counts as at least one segment for each of this many bytes: its other fields are held in memory, too.
const BYTES_A_SEGMENT: usize = 8 << 10;

/// How long a stream may give nothing before what was read is sent without waiting for full batches: whoever writes it may wait
/// for answers. Pipes are filled again sooner, and requests take longer.
const LULL: Duration = Duration::from_millis(20);

/// A record in the queue.
struct RecordTurn {
    row: Option<CorpusRow>,
    /// Its translation, which is still to come, or why the record is left out.
    translation: Result<oneshot::Receiver<Translated<Finished>>, String>,
    permit: Permit,
}

/// What stands in the queue.
enum Message {
    Turn(RecordTurn),
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
        mut records: CorpusRecords,
        queue: &UnboundedSender<Message>,
        tasks: &mut Tasks,
    ) -> Option<()> {
        // Who no longer takes turns has said why.
        while !queue.is_closed() {
            let (tools, options) = (self.tools.clone(), self.options.clone());
            let makers = Arc::clone(self.desk.makers());
            let read = spawn_blocking(move || {
                let next = records
                    .next()
                    .map(|record| record.map(|record| prepare(record, &tools, &options, &makers)));
                (records, next)
            });
            let read = tokio::select! {
                read = self.desk.unless_closed(self.record_read(corpus, read)) => read?,
                // A stream may give nothing for hours.
                () = queue.closed() => break,
            };
            let (rest, next) = read.unwrap_or_else(|error| resume(error));
            records = rest;
            let message = match next {
                Some(Ok(mut record)) => {
                    if let Ok((article, plan)) = record.article {
                        record.article = Ok(corrected(&self.desk, &self.tools, article, plan).await);
                    }
                    match self.turn(corpus, record, tasks).await {
                        Some(turn) => Message::Turn(turn),
                        None => continue,
                    }
                }
                Some(Err(error)) => {
                    let reason = format!("{error}; nothing is written for this file");
                    self.skip(corpus.id.clone(), &Skip::Unreadable(reason), tasks);
                    Message::Broken
                }
                None => Message::End(records.file_hash()),
            };
            let is_last = !matches!(message, Message::Turn(_));
            if queue.send(message).is_err() || is_last {
                break;
            }
        }
        Some(())
    }

    /// Waits for a record; if a stream has none yet, workers meanwhile send what there is.
    async fn record_read<T>(&self, corpus: &Corpus, read: impl Future<Output = T>) -> T {
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

    /// Starts the task of a record and gives back its turn; in a dry run it has none.
    async fn turn(&self, corpus: &Corpus, record: Prepared, tasks: &mut Tasks) -> Option<RecordTurn> {
        let Prepared { line, row, article } = record;
        let bytes = row.as_ref().map_or(0, |row| row.bytes.len());
        let segments = article.as_ref().map_or(0, |(article, _)| article.segments().len());
        // A row and the end of its line.
        tasks.planned(self, bytes as u64 + 1, article.as_ref().ok().map(|(article, _)| article));
        let permit = tasks.enter(&self.desk, segments.max(bytes / BYTES_A_SEGMENT)).await;
        let translation = match article {
            Ok((article, plan)) if self.desk.is_dry_run() => {
                let number = tasks.number();
                tasks.spawn(self.estimation(article, plan, permit, number));
                return None;
            }
            Ok((article, plan)) => {
                self.events.send(Event::Read { article: article.article().id.clone() });
                let (sender, receiver) = oneshot::channel();
                let translation = self.translation(article, plan, |finished| finished);
                tasks.spawn(async move {
                    // If the corpus cannot be written, nobody waits for it.
                    let _ = sender.send(translation.await);
                    Sum::default()
                });
                Ok(receiver)
            }
            Err(skip) => {
                self.skip(corpus.record_id(line), &skip, tasks);
                Err(skip.to_string())
            }
        };
        Some(RecordTurn { row, translation, permit })
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
            match self.take(turn, writer).await {
                Ok((same, done)) => {
                    writer = same;
                    if let Some(Taken { article, findings, corrected, sum: of_record }) = done {
                        first.get_or_insert(corrected.revision);
                        let stats = Box::new(of_record.stats.clone());
                        sum += of_record;
                        events.send(Event::Written { article, stats, findings, files: Vec::new() });
                    }
                }
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
        if self.desk.has_revision(first).await {
            return;
        }
        sum.stats.warnings += 1;
        let note = "corrections were made while it was written; the same command puts all of them in and sends \
                    nothing again";
        self.events.send(Event::Noted { article: corpus.clone(), note: note.to_owned() });
    }

    /// Waits for the translation of a record and writes it, with what people corrected until now.
    async fn take(
        &self,
        turn: RecordTurn,
        mut writer: Box<dyn CorpusSink>,
    ) -> Result<(Box<dyn CorpusSink>, Option<Taken>), Untaken> {
        let RecordTurn { row, translation, permit } = turn;
        let done = match translation {
            Ok(translation) => {
                let finished = translated(translation).await;
                Ok(self.newest(finished).await.map_err(Untaken::Unfinished)?)
            }
            Err(reason) => Err(reason),
        };
        let written = blocking(move || {
            let document = done.as_ref().map(|finished| &finished.document).map_err(String::as_str);
            if let Err(error) = writer.write(row.as_ref(), document) {
                let stats = done.map(|finished| finished.stats).unwrap_or_default();
                return Err(Untaken::Unwritten(error, Box::new(stats)));
            }
            let done = done.ok().map(|Finished { document, stats, renderings, corrected }| Taken {
                article: document.source().article().id.clone(),
                findings: document.findings(),
                corrected,
                sum: Sum { stats, renderings, ..Sum::default() },
            });
            Ok((writer, done))
        });
        let written = written.await;
        drop(permit);
        written
    }

    /// A record with what people corrected until now.
    async fn newest(&self, mut finished: Translated<Finished>) -> Translated<Finished> {
        while let Ok(old) = &finished
            && !self.desk.is_newest(&old.corrected).await
        {
            finished = self.renewed(finished?, |finished| finished).await;
        }
        finished
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
    corrected: CorrectionsKnown,
    sum: Sum,
}

/// Why a record was not written, and what it came to.
enum Untaken {
    /// The files cannot be written.
    Unwritten(WriteError, Box<Stats>),
    /// The run was stopped before it was translated.
    Unfinished(Box<Stats>),
}

/// The translation of a record, or what it came to.
async fn translated(translation: oneshot::Receiver<Translated<Finished>>) -> Translated<Finished> {
    // A task that was left behind says nothing.
    translation.await.unwrap_or_else(|_| Err(Box::new(Stats { unfinished: 1, ..Stats::default() })))
}

/// What the articles come to whose turn will not come.
async fn rest(mut turns: UnboundedReceiver<Message>) -> Stats {
    turns.close();
    let mut stats = Stats::default();
    while let Some(message) = turns.recv().await {
        if let Message::Turn(RecordTurn { translation: Ok(translation), permit, .. }) = message {
            stats += translated(translation).await.map_or_else(|so_far| *so_far, |finished| finished.stats);
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
