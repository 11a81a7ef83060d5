//! The thread that owns the database.

use std::sync::mpsc::Receiver;

use futures::channel::oneshot;

use super::database::{Database, Mode};
use super::{
    Adoption, Attempt, Forgotten, Key, Log, Maker, MemoryError, OutputRecord, Record, Refused, Selection,
    Stats, Succession,
};
use crate::model::{Example, Request, Translation};

/// Where an answer goes. Nobody may be waiting for it any more; that is no error.
type Answer<T> = oneshot::Sender<Result<T, MemoryError>>;

/// What the thread is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    /// [`super::Memory::lookup`]
    Lookup(Vec<Key>, Answer<Vec<Option<Translation>>>),
    /// [`super::Memory::attempts`]
    Attempts(Vec<Key>, Answer<Vec<Option<Attempt>>>),
    /// [`super::Memory::makers`]
    Makers(Answer<Vec<Maker>>),
    /// [`super::Memory::open_pool`]
    OpenPool(Answer<()>),
    /// [`super::Memory::nearest`]
    Nearest(Vec<Request>, Answer<Vec<Vec<Example>>>),
    /// [`super::Memory::close_pool`]
    ClosePool(Answer<()>),
    /// [`super::Memory::store`] and [`super::Memory::replace`]
    Store(Mode, Vec<Record>, Answer<()>),
    /// [`super::Memory::refuse`]
    Refuse(Vec<Refused>, Answer<()>),
    /// [`super::Memory::chosen`]
    Chosen(Selection, Answer<Forgotten>),
    /// [`super::Memory::forget`]
    Forget(Selection, Answer<Forgotten>),
    /// [`super::Memory::outputs`]
    Outputs(Answer<Vec<OutputRecord>>),
    /// [`super::Memory::announce_output`]
    AnnounceOutput(OutputRecord, Answer<()>),
    /// [`super::Memory::settle_output`]
    SettleOutput(OutputRecord, Answer<()>),
    /// [`super::Memory::stats`]
    Stats(Answer<Stats>),
    /// [`super::Memory::adoption`]
    Adoption(Succession, Answer<Adoption>),
    /// [`super::Memory::decide`]
    Decide(Succession, bool, Answer<()>),
    /// [`super::Memory::close`]
    Close(Answer<Log>),
}

/// Serves commands until the memory is closed, or the last sender is gone.
///
/// All commands that wait are taken at once, and all records among them go into one commit: the more
/// requests are in flight, the fewer times the disk is waited for.
pub(super) fn run(database: Database, queue: &Receiver<Command>) {
    while let Ok(first) = queue.recv() {
        let mut stores = Vec::new();
        let mut closing = None;
        for command in std::iter::once(first).chain(queue.try_iter()) {
            match command {
                Command::Lookup(keys, answer) => drop(answer.send(database.lookup(&keys))),
                Command::Attempts(keys, answer) => drop(answer.send(database.attempts(&keys))),
                Command::Makers(answer) => drop(answer.send(database.makers())),
                Command::OpenPool(answer) => drop(answer.send(database.open_pool())),
                Command::Nearest(requests, answer) => drop(answer.send(database.nearest(&requests))),
                Command::ClosePool(answer) => drop(answer.send(database.close_pool())),
                Command::Store(mode, records, answer) => stores.push((mode, records, answer)),
                Command::Refuse(refused, answer) => drop(answer.send(database.refuse(&refused))),
                Command::Chosen(selection, answer) => drop(answer.send(database.chosen(&selection))),
                Command::Forget(selection, answer) => drop(answer.send(database.forget(&selection))),
                Command::Outputs(answer) => drop(answer.send(database.outputs())),
                Command::AnnounceOutput(output, answer) => {
                    drop(answer.send(database.announce_output(&output)));
                }
                Command::SettleOutput(output, answer) => drop(answer.send(database.settle_output(&output))),
                Command::Stats(answer) => drop(answer.send(database.stats())),
                Command::Adoption(succession, answer) => drop(answer.send(database.adoption(&succession))),
                Command::Decide(succession, taken, answer) => {
                    drop(answer.send(database.decide(&succession, taken)));
                }
                Command::Close(answer) => closing = Some(answer),
            }
        }
        commit(&database, stores);
        if let Some(answer) = closing {
            drop(answer.send(database.close()));
            return;
        }
    }
    // Nobody is left to be told; what could not be merged stays in the log.
    drop(database.close());
}

/// Stores everything in one commit, then tells everyone.
fn commit(database: &Database, stores: Vec<(Mode, Vec<Record>, Answer<()>)>) {
    if stores.is_empty() {
        return;
    }
    let records = stores.iter().flat_map(|(mode, records, _)| records.iter().map(|record| (*mode, record)));
    let result = database.store(records);
    for (_, _, answer) in stores {
        drop(answer.send(result.clone()));
    }
}
