//! The thread that owns the database.

use std::collections::HashSet;
use std::fmt;
use std::sync::mpsc::Receiver;

use futures::channel::oneshot;

use super::adoption::{Adoption, Succession};
use super::database::{Database, StoreMode};
use super::entry::{MemoryEntry, NearEntry, SearchQuery};
use super::error::MemoryError;
use super::forget::{Forgotten, Selection};
use super::key::Key;
use super::read_marks::ReadText;
use super::records::{Log, Maker, MemoryRevision, MemoryStats, OutputRecord, StoredAnswer, TextOfEngine};
use super::refused::{Attempt, Refused};
use crate::model::{
    ArticleId, Example, HumanPair, PairId, PairOrigin, Request, SegmentInContext, StoredPair, TermHint,
    Timestamp, Translation,
};

/// Where an answer goes. Nobody may be waiting for it any more; that is not an error.
pub(super) type ReplyTo<T> = oneshot::Sender<Result<T, MemoryError>>;

/// What the thread is asked to do.
#[derive(Debug)]
pub(super) enum DatabaseCommand {
    Lookup(Vec<Key>, ReplyTo<Vec<Option<Translation>>>),
    TermsTold(Vec<TextOfEngine>, ReplyTo<Vec<Vec<Vec<TermHint>>>>),
    Attempts(Vec<Key>, ReplyTo<Vec<Option<Attempt>>>),
    Makers(ReplyTo<Vec<Maker>>),
    OpenPool(ReplyTo<()>),
    Nearest(Vec<Request>, ReplyTo<Vec<Vec<Example>>>),
    ClosePool(ReplyTo<()>),
    Store(StoreMode, Vec<StoredAnswer>, ReplyTo<()>),
    Refuse(Vec<Refused>, ReplyTo<()>),
    Chosen(Selection, ReplyTo<Forgotten>),
    Forget(Selection, ReplyTo<Forgotten>),
    Corrections(Vec<SegmentInContext>, ReplyTo<Vec<Option<StoredPair>>>),
    Correct(Vec<HumanPair>, ReplyTo<Vec<PairId>>),
    AddPairs(Vec<HumanPair>, ReplyTo<Vec<PairId>>),
    Withdraw(Vec<PairId>, Timestamp, ReplyTo<u64>),
    LastLearned(Vec<PairOrigin>, ReplyTo<Vec<StoredPair>>),
    PairsNamed(String, usize, ReplyTo<Vec<StoredPair>>),
    PairsAfter(Option<PairId>, usize, ReplyTo<Vec<StoredPair>>),
    Near(SegmentInContext, usize, ReplyTo<Vec<NearEntry>>),
    Search(SearchQuery, ReplyTo<Vec<MemoryEntry>>),
    Revision(ReplyTo<MemoryRevision>),
    ReadMarks(Vec<ArticleId>, ReplyTo<Vec<HashSet<ReadText>>>),
    MarkRead(ArticleId, Vec<ReadText>, bool, ReplyTo<()>),
    Outputs(ReplyTo<Vec<OutputRecord>>),
    AnnounceOutput(OutputRecord, ReplyTo<()>),
    SettleOutput(OutputRecord, ReplyTo<()>),
    MemoryStats(ReplyTo<MemoryStats>),
    Adoption(Succession, ReplyTo<Adoption>),
    Decide(Succession, bool, ReplyTo<()>),
    /// What is asked for too rarely for a name of its own.
    Task(DatabaseTask),
    Close(ReplyTo<Log>),
}

/// Something to be done with the database.
pub(super) struct DatabaseTask(pub(super) Box<dyn FnOnce(&Database) + Send>);

impl fmt::Debug for DatabaseTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseTask")
    }
}

/// Serves commands until the memory is closed, or the last sender is gone.
///
/// Consecutive stores share one commit: the more requests are in flight, the fewer times the disk is waited for. Any other
/// command sees all stores that were sent before it, acknowledged or not.
pub(super) fn run(database: Database, queue: &Receiver<DatabaseCommand>) {
    while let Ok(first) = queue.recv() {
        let mut stores = Vec::new();
        let mut closing = None;
        for command in std::iter::once(first).chain(queue.try_iter()) {
            if !matches!(command, DatabaseCommand::Store(..)) {
                commit(&database, std::mem::take(&mut stores));
            }
            match command {
                DatabaseCommand::Lookup(keys, answer) => drop(answer.send(database.lookup(&keys))),
                DatabaseCommand::TermsTold(texts, answer) => drop(answer.send(database.terms_told(&texts))),
                DatabaseCommand::Attempts(keys, answer) => drop(answer.send(database.attempts(&keys))),
                DatabaseCommand::Makers(answer) => drop(answer.send(database.makers())),
                DatabaseCommand::OpenPool(answer) => drop(answer.send(database.open_pool())),
                DatabaseCommand::Nearest(requests, answer) => drop(answer.send(database.nearest(&requests))),
                DatabaseCommand::ClosePool(answer) => drop(answer.send(database.close_pool())),
                DatabaseCommand::Store(mode, records, answer) => stores.push((mode, records, answer)),
                DatabaseCommand::Refuse(refused, answer) => drop(answer.send(database.refuse(&refused))),
                DatabaseCommand::Chosen(selection, answer) => drop(answer.send(database.chosen(&selection))),
                DatabaseCommand::Forget(selection, answer) => drop(answer.send(database.forget(&selection))),
                DatabaseCommand::Corrections(segments, answer) => {
                    drop(answer.send(database.corrections(&segments)));
                }
                DatabaseCommand::Correct(pairs, answer) => drop(answer.send(database.correct(&pairs))),
                DatabaseCommand::AddPairs(pairs, answer) => drop(answer.send(database.add_pairs(&pairs))),
                DatabaseCommand::Withdraw(pairs, at, answer) => {
                    drop(answer.send(database.withdraw(&pairs, at)));
                }
                DatabaseCommand::LastLearned(files, answer) => {
                    drop(answer.send(database.last_learned(&files)));
                }
                DatabaseCommand::PairsNamed(digits, limit, answer) => {
                    drop(answer.send(database.pairs_named(&digits, limit)));
                }
                DatabaseCommand::PairsAfter(id, limit, answer) => {
                    drop(answer.send(database.pairs_after(id, limit)));
                }
                DatabaseCommand::Near(segment, limit, answer) => {
                    drop(answer.send(database.near(&segment, limit)));
                }
                DatabaseCommand::Search(query, answer) => drop(answer.send(database.search(&query))),
                DatabaseCommand::Revision(answer) => drop(answer.send(database.revision())),
                DatabaseCommand::ReadMarks(articles, answer) => {
                    drop(answer.send(database.read_marks(&articles)));
                }
                DatabaseCommand::MarkRead(article, texts, is_read, answer) => {
                    drop(answer.send(database.mark_read(&article, &texts, is_read)));
                }
                DatabaseCommand::Outputs(answer) => drop(answer.send(database.outputs())),
                DatabaseCommand::AnnounceOutput(output, answer) => {
                    drop(answer.send(database.announce_output(&output)));
                }
                DatabaseCommand::SettleOutput(output, answer) => {
                    drop(answer.send(database.settle_output(&output)));
                }
                DatabaseCommand::MemoryStats(answer) => drop(answer.send(database.stats())),
                DatabaseCommand::Adoption(succession, answer) => {
                    drop(answer.send(database.adoption(&succession)));
                }
                DatabaseCommand::Decide(succession, taken, answer) => {
                    drop(answer.send(database.decide(&succession, taken)));
                }
                DatabaseCommand::Task(DatabaseTask(act)) => act(&database),
                DatabaseCommand::Close(answer) => closing = Some(answer),
            }
        }
        commit(&database, stores);
        if let Some(answer) = closing {
            drop(answer.send(database.close()));
            return;
        }
    }
    // Nobody is left to report to; what could not be merged stays in the log.
    drop(database.close());
}

/// Stores everything in one commit, then answers everyone.
fn commit(database: &Database, stores: Vec<(StoreMode, Vec<StoredAnswer>, ReplyTo<()>)>) {
    if stores.is_empty() {
        return;
    }
    let records = stores.iter().flat_map(|(mode, records, _)| records.iter().map(|record| (*mode, record)));
    let result = database.store(records);
    for (_, _, answer) in stores {
        drop(answer.send(result.clone()));
    }
}
