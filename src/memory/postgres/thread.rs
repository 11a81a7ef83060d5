//! The thread that owns the connection: it answers one question after another, renews the lease, and looks for what is
//! waited for.

use std::fmt;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{info, warn};

use super::address::MemoryAddress;
use super::claims::HeldClaims;
use super::session::{Access, QueryResult, Session};
use crate::memory::database::StoreMode;
use crate::memory::error::MemoryError;
use crate::memory::key::Key;
use crate::memory::records::{Log, StoredAnswer};
use crate::memory::worker::ReplyTo;

/// How long a connection that broke is made anew, before the memory fails.
const PATIENCE: Duration = Duration::from_mins(2);
/// The waits between attempts, from the first to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How often two processes may be in each other's way before one of them fails: each time another one got on.
const CONFLICTS: u32 = 20;
/// How often what others have claimed is looked for: at first, and in the end.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LAST_LOOK: Duration = Duration::from_millis(500);

/// What the thread is asked to do.
pub(super) enum ServerCommand {
    Store(StoreMode, Vec<StoredAnswer>, ReplyTo<()>),
    Claim(Vec<Key>, ReplyTo<Vec<bool>>),
    Release(Vec<Key>, ReplyTo<()>),
    Released(Vec<Key>, ReplyTo<()>),
    Task(Box<dyn Task>),
    Close(ReplyTo<Log>),
}

impl fmt::Debug for ServerCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerCommand")
    }
}

/// A question with its answer's way.
pub(super) trait Task: Send {
    fn perform(self: Box<Self>, keeper: &mut Keeper) -> LocalBoxFuture<'_, ()>;
}

/// A question to the database alone, or to what is held in it.
pub(super) struct ServerQuestion<I, F, T> {
    pub(super) input: I,
    pub(super) act: F,
    pub(super) answer: ReplyTo<T>,
}

impl<I, F, T> Task for ServerQuestion<I, F, T>
where
    I: Send + 'static,
    F: AsyncFn(&mut Session, &mut HeldClaims, &I) -> QueryResult<T> + Send + 'static,
    T: Send + 'static,
{
    fn perform(self: Box<Self>, keeper: &mut Keeper) -> LocalBoxFuture<'_, ()> {
        let Self { input, act, answer } = *self;
        async move {
            let done = keeper.ask(async |session, claims| act(session, claims, &input).await).await;
            let _ = answer.send(done);
        }
        .boxed_local()
    }
}

/// Someone who waits until one of some keys may be claimed.
struct Waiting {
    keys: Vec<Key>,
    answer: ReplyTo<()>,
    /// When it is looked for next, and how long after that again.
    due: Instant,
    pause: Duration,
}

/// Keeps the connection, and what is held in the database.
pub(super) struct Keeper {
    address: MemoryAddress,
    access: Access,
    session: Option<Session>,
    claims: HeldClaims,
    waiting: Vec<Waiting>,
}

impl Keeper {
    /// With a connection that has been prepared.
    pub(super) fn new(address: MemoryAddress, access: Access, session: Session) -> Self {
        Self { address, access, session: Some(session), claims: HeldClaims::default(), waiting: Vec::new() }
    }

    /// Serves commands until the memory is closed, or the last handle is gone.
    pub(super) async fn serve(mut self, mut queue: UnboundedReceiver<ServerCommand>) {
        loop {
            let due = self.due();
            let timer = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let first = tokio::select! {
                biased;
                () = timer => None,
                command = queue.recv() => match command {
                    Some(command) => Some(command),
                    None => break,
                },
            };
            self.keep_up().await;
            let Some(first) = first else { continue };
            let mut waiting = vec![first];
            while let Ok(command) = queue.try_recv() {
                waiting.push(command);
            }
            if let Some(closing) = self.serve_all(waiting).await {
                self.resign().await;
                let _ = closing.send(Ok(Log::Merged));
                return;
            }
        }
        self.resign().await;
    }

    /// Serves what waits; gives back who asked to close.
    async fn serve_all(&mut self, commands: Vec<ServerCommand>) -> Option<ReplyTo<Log>> {
        let (mut stores, mut closing) = (Vec::new(), None);
        for command in commands {
            match command {
                // The more requests are in flight, the fewer commits are waited for.
                ServerCommand::Store(StoreMode::Keep, records, answer) => stores.push((records, answer)),
                ServerCommand::Store(StoreMode::Replace, records, answer) => {
                    self.store(StoreMode::Keep, std::mem::take(&mut stores)).await;
                    self.store(StoreMode::Replace, vec![(records, answer)]).await;
                }
                ServerCommand::Claim(keys, answer) => {
                    let claim = self.ask(async |session, claims| claims.claim(session, &keys).await);
                    let _ = answer.send(claim.await);
                }
                ServerCommand::Release(keys, answer) => {
                    let release = self.ask(async |session, claims| claims.release(session, &keys).await);
                    let _ = answer.send(release.await);
                }
                ServerCommand::Released(keys, answer) => {
                    let (due, pause) = (Instant::now(), FIRST_LOOK);
                    self.waiting.push(Waiting { keys, answer, due, pause });
                }
                ServerCommand::Task(task) => {
                    // In the order in which it was asked: what was stored before is found.
                    self.store(StoreMode::Keep, std::mem::take(&mut stores)).await;
                    task.perform(self).await;
                }
                ServerCommand::Close(answer) => closing = Some(answer),
            }
        }
        self.store(StoreMode::Keep, stores).await;
        closing
    }

    /// Stores everything in one commit, then answers everyone.
    async fn store(&mut self, mode: StoreMode, stores: Vec<(Vec<StoredAnswer>, ReplyTo<()>)>) {
        let records: Vec<&StoredAnswer> = stores.iter().flat_map(|(records, _)| records).collect();
        let result = if records.is_empty() {
            Ok(())
        } else {
            self.ask(async |session, claims| {
                session.store(mode, &records).await?;
                claims.ended(records.iter().map(|record| &record.key));
                Ok(())
            })
            .await
        };
        for (_, answer) in stores {
            let _ = answer.send(result.clone());
        }
    }

    /// When something is to be done unasked.
    fn due(&self) -> Option<Instant> {
        self.waiting.iter().map(|waiting| waiting.due).chain(self.claims.renewal()).min()
    }

    /// Does what is due: renews the lease, looks for what others have let go.
    async fn keep_up(&mut self) {
        let now = Instant::now();
        if self.claims.renewal().is_some_and(|due| due <= now) {
            let renewed = self.ask(async |session, claims| claims.renew(session).await).await;
            match renewed {
                Ok(Some(_)) => {}
                Ok(None) => {
                    warn!("the lease on texts in the translation memory ran out; they are claimed again");
                }
                // Whoever asks for something next hears of it.
                Err(error) => warn!(%error, "cannot renew the lease on texts in the translation memory"),
            }
        }
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|waiting| waiting.due <= now);
        self.waiting = later;
        if due.is_empty() {
            return;
        }
        let keys: Vec<Key> = due.iter().flat_map(|waiting| waiting.keys.iter().copied()).collect();
        let held = self.ask(async |session, claims| claims.held_by_others(session, &keys).await).await;
        for waiting in due {
            match &held {
                Err(error) => drop(waiting.answer.send(Err(error.clone()))),
                Ok(held) if waiting.keys.iter().all(|key| held.contains(key.as_bytes())) => {
                    if !waiting.answer.is_canceled() {
                        let due = Instant::now() + waiting.pause;
                        let pause = waiting.pause.mul_f64(1.5).min(LAST_LOOK);
                        self.waiting.push(Waiting { due, pause, ..waiting });
                    }
                }
                Ok(_) => drop(waiting.answer.send(Ok(()))),
            }
        }
    }

    /// Asks the database. A connection that broke is made anew for a while; the question is then asked again.
    pub(super) async fn ask<T>(
        &mut self,
        mut act: impl AsyncFnMut(&mut Session, &mut HeldClaims) -> QueryResult<T>,
    ) -> Result<T, MemoryError> {
        let mut conflicts = 0;
        loop {
            self.reconnect().await?;
            let Some(session) = &mut self.session else { return Err(MemoryError::Gone) };
            let error = match act(session, &mut self.claims).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if session.is_closed() || error.is_of_connection() {
                let error = error.memory_error(&self.address);
                info!(%error, "lost the connection to the translation memory");
                self.session = None;
            } else if error.is_of_others() && conflicts < CONFLICTS {
                conflicts += 1;
            } else {
                return Err(error.memory_error(&self.address));
            }
        }
    }

    /// Makes the connection anew if it is gone.
    async fn reconnect(&mut self) -> Result<(), MemoryError> {
        let (begun, mut wait) = (Instant::now(), FIRST_WAIT);
        while self.session.is_none() {
            match self.connect().await {
                Ok(session) => self.session = Some(session),
                Err(error) if !error.is_passing() || begun.elapsed() >= PATIENCE => return Err(error),
                Err(error) => {
                    info!(%error, "connect to the translation memory again");
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
        Ok(())
    }

    async fn connect(&self) -> Result<Session, MemoryError> {
        let mut session = Session::connect(&self.address).await?;
        match session.prepare(&self.address, self.access).await {
            Ok(true) => Ok(session),
            Ok(false) => Err(MemoryError::Gone),
            Err(error) => Err(error.memory_error(&self.address)),
        }
    }

    /// Lets go what is held, if the connection still stands; otherwise it is taken over in time.
    async fn resign(&mut self) {
        let Some(session) = &mut self.session else { return };
        if let Err(error) = self.claims.resign(session).await {
            let error = error.memory_error(&self.address);
            warn!(%error, "cannot let go of texts in the translation memory; others take them over in a minute");
        }
    }
}
