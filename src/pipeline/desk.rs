//! The desk where articles ask for translations.
//!
//! Equal requests are merged: the first to ask for a key claims it, later ones wait for the same answer.
//! A key is claimed *before* the memory is asked and let go *after* the answer is stored, so at no moment
//! can a second request for it go out. An answer is stored before anyone sees it. In a memory that several processes share
//! the same is done among them: what is to be sent is claimed there, looked up once more, and what another process has
//! claimed is waited for.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::ops::{AddAssign, SubAssign};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use futures::executor::block_on;
use futures::future::{pending, try_join};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::check::{Class, Verdict};
use crate::enforce::Enforcement;
use crate::engine::{AnswerFault, Billing, Engine, EngineError, ErrorClass, Foreseen, Spent};
use crate::memory::{Attempt, Key, Memory, MemoryError, MemoryRevision, Refused, SpilledKeys, StoredAnswer};
use crate::model::{Example, Form, MakerRank, Rung, SegmentedArticle, Translation};

use super::corrections::{Corrections, CorrectionsKnown, in_context};
use super::event::{Event, Events, Extent};
use super::gatherer::Gatherer;
use super::known::{Knowledge, Known};
use super::makers::{Makers, Peers, Query};
use super::queue::{Job, Kept, Parcel, Queue, Regrouped, Supply, Surroundings, parcel};
use super::{AskNext, Options};

/// Texts refused in a row, with none accepted between them, after which the service is given up: it refuses the user, not
/// the texts.
const REFUSALS: usize = 24;

/// Answers to several texts in a row that held no translation, with none that did between them, after which texts go alone
/// at once: the service does not take several.
const IN_VAIN: usize = 3;

/// Texts that are sent once more as they are, in another order, before they go alone: halves of so few are single texts.
const FEW: usize = 3;

/// Why a segment fails in a run that sends nothing, if only sending could bring its translation.
pub const ABSENT: &str = "the memory does not have it";

/// A request for a translation.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) query: Query,
    pub(super) surroundings: Surroundings,
    /// What progress counts when it is answered: a segment whose first answer it completes, or nothing.
    pub(super) counts: Extent,
    /// Whether it is asked for again, in another form, if the answer is no translation. What a rung asks is not: the
    /// first answer stands.
    pub(super) insists: bool,
    /// Whether it is sent although the memory has an answer.
    pub(super) afresh: bool,
}

/// Questions whose keys are claimed and whose answers are on their way or still to be looked up.
#[derive(Debug, Default)]
pub(super) struct Claim {
    /// Those that were the first with their keys.
    questions: Vec<Question>,
    /// The replies to all, in order.
    replies: Vec<oneshot::Receiver<Reply>>,
    /// Those that are sent although the memory has an answer, with their places.
    afresh: Vec<(usize, Question)>,
}

impl Claim {
    /// Puts another claim behind this one.
    pub(super) fn extend(&mut self, other: Self) {
        let before = self.replies.len();
        self.questions.extend(other.questions);
        self.replies.extend(other.replies);
        self.afresh.extend(other.afresh.into_iter().map(|(place, question)| (before + place, question)));
    }
}

/// What came of an [`Question`].
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) result: Result<Translation, Unanswered>,
    /// Whether a request went out for it.
    pub(super) is_sent: bool,
    /// Whose answer it is.
    pub(super) maker: MakerRank,
}

impl Reply {
    /// Whether the next run asks again: the memory has no answer, be it one that is no translation.
    pub(super) fn is_open(&self) -> bool {
        matches!(&self.result, Err(reason) if !matches!(reason, Unanswered::Unusable { .. }))
    }
}

/// Why there is no translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// The service refuses this text, or does not answer it in time.
    Failed(String),
    /// What came back is no translation, in whatever form it was asked for.
    Unusable {
        /// Why it is none.
        class: Class,
        /// The last answer.
        answer: String,
    },
    /// In a dry run: it would be sent, or wait for the answer to an equal text.
    Unsent,
    /// The run ended before.
    Stopped,
}

/// Why a run ended before everything was translated.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The engine is out of use.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The memory is out of use.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The user interrupted the run.
    #[error("interrupted")]
    Interrupted,
}

/// How long requests in flight are awaited when a run ends before its time.
pub(super) const DRAIN: Duration = Duration::from_secs(30);

/// Those who wait for a key, and what progress counts for them; the first one claimed it.
type Waiters = Vec<(oneshot::Sender<Reply>, Extent)>;

/// What is sent in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    /// What the memory does not have.
    Everything,
    /// Nothing: what the memory does not have fails.
    Nothing,
    /// What is to be translated again; whatever else the memory does not have fails.
    Chosen,
    /// Nothing: what the memory does not have is counted.
    DryRun,
    /// Nothing: what the memory does not have is gathered for batch jobs.
    Gathering,
}

/// How a run ends; the same for all of its engines.
#[derive(Debug, Default)]
struct RunEnding {
    failure: Mutex<Option<RunError>>,
    closed: CancellationToken,
}

/// Texts that went to an engine, those that went several times included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct SentTexts {
    segments: u64,
    characters: u64,
}

impl AddAssign for SentTexts {
    fn add_assign(&mut self, other: Self) {
        self.segments += other.segments;
        self.characters += other.characters;
    }
}

impl SubAssign for SentTexts {
    fn sub_assign(&mut self, other: Self) {
        self.segments -= other.segments;
        self.characters -= other.characters;
    }
}

/// What went to an engine of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineShare {
    /// Its profile.
    pub engine: String,
    pub requests: u64,
    /// Texts in these requests, those that went several times included.
    pub segments: u64,
    /// Their characters.
    pub characters: u64,
    /// Why it was not asked to the end, if the next one went on.
    pub retired: Option<String>,
}

/// Merges, remembers, packs and sends.
pub(super) struct Desk {
    engine: Arc<dyn Engine>,
    makers: Arc<Makers>,
    enforcement: Arc<Enforcement>,
    memory: Arc<dyn Memory>,
    queue: Queue,
    claims: Mutex<HashMap<Key, Waiters>>,
    /// Keys that are claimed in a memory which others share.
    held: Mutex<HashSet<Key>>,
    ending: Arc<RunEnding>,
    /// That of the engine that is asked for what this one does not translate.
    next: Option<Arc<Desk>>,
    /// What takes the texts that would be sent, if they go into batch jobs.
    gatherer: Option<Arc<Gatherer>>,
    /// Whether there are texts in batch jobs, which count as sent until those are settled.
    has_jobs: AtomicBool,
    on: AskNext,
    /// Why this engine is not asked any more, while the next one goes on.
    retired: Mutex<Option<String>>,
    sent: Mutex<SentTexts>,
    refusals: AtomicUsize,
    /// Answers to several texts in a row that held no translation.
    in_vain: AtomicUsize,
    /// Texts that the service refused in this run, and why: the same request is not sent for another place.
    refused: Mutex<HashMap<Key, String>>,
    /// Requests that the engine had sent before this run.
    requests_before: u64,
    spent_before: Spent,
    /// Whether some texts are sent although the memory has an answer.
    renews: bool,
    /// What was sent in such a run, or would be in a dry run: once is enough.
    renewed: Mutex<SpilledKeys>,
    sending: Sending,
    /// That of the pairs in the memory, as it was when it was asked for last.
    revision: Mutex<MemoryRevision>,
    /// Whether requests go with earlier translations of like texts.
    takes_examples: bool,
    /// Whether what people corrected is left aside.
    is_unaided: bool,
    events: Events,
}

/// An answer that is a translation.
struct Usable {
    job: Job,
    /// As it came.
    translation: Translation,
    /// Without what is not its English.
    tidied: Translation,
}

/// Texts of one answer that are no translations.
struct TurnedDown {
    answers: Vec<(Job, Translation, Class)>,
    /// The form in which they were sent.
    form: Form,
    /// Whether they are all that was sent.
    together: bool,
}

/// What went over the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) spent: Spent,
}

/// Two smaller batches, the first one last, where it is taken from.
fn halves(jobs: Vec<Job>) -> Vec<Vec<Job>> {
    let mut first: Vec<Job> =
        jobs.into_iter().map(|job| Job { regrouped: Regrouped::Divided, ..job }).collect();
    let second = first.split_off(first.len() / 2);
    vec![second, first]
}

/// What it means for a text that no translation came, and what was said instead.
pub(super) fn class_of(fault: &AnswerFault, is_single: bool) -> (Class, &str) {
    match fault {
        // Of several texts it is not known which of them is refused.
        AnswerFault::Declined(said) | AnswerFault::Withheld(said) if is_single => {
            (Class::Refusal, said.as_str())
        }
        AnswerFault::CutOff if is_single => (Class::CutOff, ""),
        AnswerFault::Empty if is_single => (Class::Empty, ""),
        _ => (Class::Missing, ""),
    }
}

/// Whether the same request may well be answered later: nothing is said against its texts.
fn may_pass(error: &EngineError) -> bool {
    matches!(error, EngineError::GivenUp { .. }) || matches!(error.class(), ErrorClass::Retry(_))
}

impl Desk {
    /// The desk of an engine, and behind it those of the engines that follow.
    pub(super) fn new(
        engine: Arc<dyn Engine>,
        options: &Options,
        memory: &Arc<dyn Memory>,
        events: &Events,
        sending: Sending,
    ) -> Self {
        let ending: Arc<RunEnding> = Arc::default();
        let of = |engine, peers: &Peers, next| {
            let desk = Self::of(engine, options, peers, Arc::clone(memory), events.clone(), sending);
            Self { next, ending: Arc::clone(&ending), ..desk }
        };
        let mut next = None;
        for engine in options.next.iter().rev() {
            next = Some(Arc::new(of(Arc::clone(engine), &Peers::default(), next)));
        }
        of(engine, &options.peers, next)
    }

    fn of(
        engine: Arc<dyn Engine>,
        options: &Options,
        peers: &Peers,
        memory: Arc<dyn Memory>,
        events: Events,
        sending: Sending,
    ) -> Self {
        let info = engine.info();
        let spent_before = engine.spent();
        let queue = Queue::new(info.limits, info.abilities.context);
        Self {
            makers: Arc::new(Makers::new(info, peers)),
            enforcement: Arc::new(Enforcement {
                rungs: options.rungs.clone(),
                house_form: options.house_form,
                dictionary: info.abilities.dictionary,
                checks: options.checks.clone(),
            }),
            takes_examples: info.abilities.examples
                && !options.unaided
                && matches!(sending, Sending::Everything | Sending::Chosen | Sending::Gathering),
            requests_before: engine.requests(),
            engine,
            memory,
            queue,
            claims: Mutex::default(),
            held: Mutex::default(),
            ending: Arc::default(),
            next: None,
            gatherer: None,
            has_jobs: AtomicBool::new(false),
            on: options.on,
            retired: Mutex::default(),
            sent: Mutex::default(),
            refusals: AtomicUsize::new(0),
            in_vain: AtomicUsize::new(0),
            refused: Mutex::default(),
            spent_before,
            is_unaided: options.unaided,
            renews: !options.again.is_empty(),
            renewed: Mutex::default(),
            sending,
            revision: Mutex::new(MemoryRevision::NO_PAIRS),
            events,
        }
    }

    /// The same desk with somebody who takes what would be sent.
    pub(super) fn with_gatherer(self, gatherer: Option<Arc<Gatherer>>) -> Self {
        Self { gatherer, ..self }
    }

    /// Whether what would be sent is only counted.
    pub(super) fn is_dry_run(&self) -> bool {
        self.sending == Sending::DryRun
    }

    /// Tells what happens to an article.
    pub(super) fn tell(&self, event: Event) {
        self.events.send(event);
    }

    pub(super) fn engine(&self) -> &dyn Engine {
        self.engine.as_ref()
    }

    /// What may be done for terms.
    pub(super) fn enforcement(&self) -> &Arc<Enforcement> {
        &self.enforcement
    }

    /// Whose answers count.
    pub(super) fn makers(&self) -> &Arc<Makers> {
        &self.makers
    }

    /// The desk of the engine that is asked for what this one does not translate.
    pub(super) fn next(&self) -> Option<&Self> {
        self.next.as_deref()
    }

    /// When the next engine is asked, if there is one.
    pub(super) fn asks_next(&self) -> Option<AskNext> {
        self.next.as_ref().map(|_| self.on)
    }

    /// This desk and those that follow.
    fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |desk| desk.next())
    }

    /// The same, for workers to hold.
    pub(super) fn chain_of(first: &Arc<Self>) -> Vec<Arc<Self>> {
        let next = |desk: &Arc<Self>| desk.next.clone();
        std::iter::successors(Some(Arc::clone(first)), next).collect()
    }

    fn requests(&self) -> u64 {
        self.engine.requests().saturating_sub(self.requests_before)
    }

    pub(super) fn counts(&self) -> Counts {
        let requests = self.chain().map(Self::requests).sum();
        // Those with the same purse all know what was paid from it; others know of nothing.
        let spent = self.chain().map(|desk| desk.engine.spent().since(&desk.spent_before));
        let used = |spent: &Spent| spent.usage.characters.saturating_add(spent.usage.input_tokens);
        Counts { requests, spent: spent.max_by_key(used).unwrap_or_default() }
    }

    /// What went to each engine.
    pub(super) fn shares(&self) -> Vec<EngineShare> {
        let share = |desk: &Self| {
            let SentTexts { segments, characters } = *desk.sent.lock();
            EngineShare {
                engine: desk.engine.info().profile.clone(),
                requests: desk.requests(),
                segments,
                characters,
                retired: desk.retired.lock().clone(),
            }
        };
        self.chain().map(share).collect()
    }

    /// Whether any engine of the run is paid by characters.
    pub(super) fn bills_characters(&self) -> bool {
        self.chain().any(|desk| desk.engine.info().billing == Billing::Characters)
    }

    /// Says of all engines whether more is to come.
    pub(super) fn set_supply(&self, supply: Supply) {
        self.chain().for_each(|desk| desk.queue.set_supply(supply));
    }

    /// Lets the workers of all engines go when nothing waits any more.
    pub(super) fn dismiss(&self) {
        self.chain().for_each(|desk| drop(desk.queue.close()));
    }

    /// Whether the desk is closed for good.
    pub(super) fn is_closed(&self) -> bool {
        self.ending.closed.is_cancelled()
    }

    /// What a future comes to; `None` if the desk is closed before.
    pub(super) async fn unless_closed<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.ending.closed.run_until_cancelled(future).await
    }

    /// How many requests are in flight now that the desk is closed.
    pub(super) fn in_flight(&self) -> u64 {
        if self.is_closed() { self.chain().map(|desk| desk.engine.stop() as u64).sum() } else { 0 }
    }

    /// Why the desk closed, if it did.
    pub(super) fn take_failure(&self) -> Option<RunError> {
        self.ending.failure.lock().take()
    }

    /// Answers all, in order.
    pub(super) async fn ask(&self, questions: Vec<Question>) -> Vec<Reply> {
        self.replies(self.claim(questions)).await
    }

    /// Claims the keys of some questions. Of equal ones, in whatever articles, the first to be claimed is the one that is
    /// sent, so whoever wants the same outcome every time claims in a fixed order.
    pub(super) fn claim(&self, questions: Vec<Question>) -> Claim {
        let is_afresh =
            |(_, question): &(usize, &Question)| question.afresh && self.sending != Sending::Nothing;
        let afresh = questions.iter().enumerate().filter(is_afresh).map(|(place, question)| {
            let counts = Extent::default();
            (place, Question { counts, ..question.clone() })
        });
        let mut claim = Claim { afresh: afresh.collect(), ..Claim::default() };
        let mut claims = self.claims.lock();
        for question in questions {
            let (sender, receiver) = oneshot::channel();
            claim.replies.push(receiver);
            match claims.entry(question.query.key) {
                Entry::Occupied(mut entry) => entry.get_mut().push((sender, question.counts)),
                Entry::Vacant(entry) => {
                    entry.insert(vec![(sender, question.counts)]);
                    claim.questions.push(question);
                }
            }
        }
        claim
    }

    /// Answers all questions of a claim, in order.
    pub(super) async fn replies(&self, claim: Claim) -> Vec<Reply> {
        let Claim { questions, replies, afresh } = claim;
        let mut replies = self.replies_once(questions, replies).await;
        loop {
            // Another place with the same text may have been first and have been given what the memory has.
            let is_missed = |(_, question): &&(usize, Question)| !self.is_renewed(question.query.key);
            let (places, missed): (Vec<usize>, Vec<Question>) =
                afresh.iter().filter(is_missed).cloned().unzip();
            if missed.is_empty() || self.is_closed() {
                return replies;
            }
            let Claim { questions, replies: receivers, .. } = self.claim(missed);
            for (place, reply) in places.into_iter().zip(self.replies_once(questions, receivers).await) {
                replies[place] = reply;
            }
        }
    }

    /// Whether a text was sent in this run, so that it need not be sent afresh.
    fn is_renewed(&self, key: Key) -> bool {
        let known = self.renewed.lock().contains(key);
        known.unwrap_or_else(|error| {
            self.close(RunError::Memory(error));
            true
        })
    }

    /// Remembers that a text was sent, or would be; returns whether it is the first time.
    fn renew(&self, key: Key) -> bool {
        let is_first = self.renewed.lock().insert(key);
        is_first.unwrap_or_else(|error| {
            self.close(RunError::Memory(error));
            false
        })
    }

    /// Answers all with what is known or comes back, in order.
    async fn replies_once(
        &self,
        questions: Vec<Question>,
        receivers: Vec<oneshot::Receiver<Reply>>,
    ) -> Vec<Reply> {
        self.look_up(questions).await;
        let stopped = self.answer(Err(Unanswered::Stopped), false);
        // One after another: all are waited for anyway, and many receivers that are ready at once are all looked at
        // again for every hundred that tokio lets through.
        let mut replies = Vec::with_capacity(receivers.len());
        for receiver in receivers {
            replies.push(receiver.await.unwrap_or_else(|_| stopped.clone()));
        }
        replies
    }

    /// Answers what the memory knows and queues the rest.
    async fn look_up(&self, claimed: Vec<Question>) {
        let open = self.answer_known(claimed).await;
        self.enqueue(open).await;
    }

    /// Answers what the memory knows, and gives back the rest.
    async fn answer_known(&self, claimed: Vec<Question>) -> Vec<(Question, Known)> {
        if claimed.is_empty() {
            return Vec::new();
        }
        let queries: Vec<&Query> = claimed.iter().map(|ask| &ask.query).collect();
        let knowledge = Knowledge {
            memory: self.memory.as_ref(),
            makers: &self.makers,
            engine: self.engine.as_ref(),
            enforcement: &self.enforcement,
        };
        let known = match knowledge.of(&queries).await {
            Ok(known) => known,
            Err(error) => {
                self.close(RunError::Memory(error));
                vec![Known::Nothing; claimed.len()]
            }
        };
        let underway = self.underway(&claimed, &known).await;
        let mut unknown = Vec::new();
        for (ask, known) in claimed.into_iter().zip(known) {
            let answer = if underway.contains(&ask.query.key) {
                let reason = if self.is_dry_run() { Unanswered::Unsent } else { Unanswered::Stopped };
                Some(self.answer(Err(reason), false))
            } else {
                self.at_once(&ask, &known)
            };
            match answer {
                Some(answer) => self.resolve(ask.query.key, &answer),
                None => unknown.push((ask, known)),
            }
        }
        unknown
    }

    /// Queues texts that are to be sent.
    async fn enqueue(&self, open: Vec<(Question, Known)>) {
        let asks: Vec<&Question> = open.iter().map(|(ask, _)| ask).collect();
        let examples = self.examples(&asks).await;
        let jobs = open
            .into_iter()
            .zip(examples)
            .filter_map(|((ask, known), examples)| self.job(ask, known, examples));
        self.give_up(self.queue.push(jobs.collect()));
    }

    /// The texts without an answer that are in a batch job.
    async fn underway(&self, claimed: &[Question], known: &[Known]) -> HashSet<Key> {
        if !self.has_jobs.load(Ordering::Relaxed) {
            return HashSet::new();
        }
        let open = claimed.iter().zip(known).filter(|(_, known)| !matches!(known, Known::Answer { .. }));
        let keys: Vec<Key> = open.map(|(ask, _)| ask.query.key).collect();
        match self.memory.underway(keys.clone()).await {
            Ok(underway) => {
                keys.into_iter().zip(underway).filter(|(_, is)| *is).map(|(key, _)| key).collect()
            }
            Err(error) => {
                self.close(RunError::Memory(error));
                // Nothing is sent any more.
                HashSet::new()
            }
        }
    }

    /// Whether a text is left out where texts are gathered: it was taken, or is none of those that are wanted.
    fn is_left_out(&self, ask: &Question, known: &Known) -> bool {
        let Some(gatherer) = &self.gatherer else { return false };
        let is_first = ask.insists && *known == Known::Nothing;
        self.is_renewed(ask.query.key) || !gatherer.takes(is_first)
    }

    /// The answer to what need not be sent.
    fn at_once(&self, ask: &Question, known: &Known) -> Option<Reply> {
        match known {
            _ if ask.afresh && self.sending != Sending::Nothing && !self.is_renewed(ask.query.key) => {
                self.unsent(ask.query.key)
            }
            // Another place would send it.
            Known::Refused(_) if self.is_dry_run() && self.is_renewed(ask.query.key) => {
                self.unsent(ask.query.key)
            }
            Known::Answer { maker, translation } => {
                Some(Reply { result: Ok(translation.clone()), is_sent: false, maker: *maker })
            }
            Known::Refused(Attempt { class, answer, .. })
                if !ask.insists || !known.may_be_asked(self.last_form()) =>
            {
                let unusable = Unanswered::Unusable { class: *class, answer: answer.clone() };
                Some(self.answer(Err(unusable), false))
            }
            _ if self.is_dry_run() => self.unsent(ask.query.key),
            _ if self.is_left_out(ask, known) => Some(self.answer(Err(Unanswered::Stopped), false)),
            _ if self.sending == Sending::Nothing || self.sending == Sending::Chosen && !ask.afresh => {
                Some(self.answer(Err(Unanswered::Failed(ABSENT.to_owned())), false))
            }
            _ => self.refusal(ask).map(|reason| self.answer(Err(Unanswered::Failed(reason)), false)),
        }
    }

    /// Why the service refused a text in this run.
    fn refusal(&self, ask: &Question) -> Option<String> {
        self.refused.lock().get(&ask.query.key).filter(|_| !ask.afresh).cloned()
    }

    /// The last form in which a text is sent.
    fn last_form(&self) -> Form {
        if self.engine.info().limits.segments > 1 { Form::Paired } else { Form::Bare }
    }

    /// The reply of a dry run to a text that would be sent; the first one with this key is the one that would be.
    fn unsent(&self, key: Key) -> Option<Reply> {
        let first = self.is_dry_run() && self.renew(key);
        self.is_dry_run().then(|| self.answer(Err(Unanswered::Unsent), first))
    }

    /// What the batches of texts that are sent for the first time will use, packed as they would be.
    pub(super) fn foresee(&self, texts: Vec<(Query, Surroundings)>) -> Foreseen {
        let job = |(query, surroundings): (Query, Surroundings)| Job {
            bytes: self.engine.encoded_len(&query.request),
            request: query.request,
            key: query.key,
            surroundings,
            examples: Vec::new(),
            alternatives: false,
            wanted: Arc::default(),
            swept: false,
            form: Form::Batch,
            regrouped: Regrouped::No,
            insists: true,
            replaces: false,
            afresh: false,
            kept: None,
        };
        let mut foreseen = Foreseen::default();
        for jobs in self.queue.packed(texts.into_iter().map(job).collect()) {
            foreseen += self.engine.foresee(&parcel(&jobs).batch);
        }
        foreseen
    }

    /// What is sent for a text, in the first form in which it was not sent yet.
    fn job(&self, ask: Question, known: Known, examples: Vec<Example>) -> Option<Job> {
        let Question { query, surroundings, insists, afresh, .. } = ask;
        if self.renews || self.gatherer.is_some() {
            self.renew(query.key);
        }
        let job = Job {
            bytes: self.engine.encoded_len(&query.request),
            request: query.request,
            key: query.key,
            surroundings,
            examples,
            // Only of a segment as it stands are its terms known here; what a rung asks is not asked for choices.
            alternatives: self.enforcement.may(Rung::Alternative) && !query.terms.is_empty(),
            wanted: if self.engine.info().abilities.constraints { query.terms } else { Arc::default() },
            swept: false,
            form: Form::Batch,
            regrouped: Regrouped::No,
            insists,
            replaces: known != Known::Nothing,
            afresh,
            kept: None,
        };
        match known {
            Known::Nothing => Some(job),
            Known::Answer { maker, translation } => {
                Some(Job { kept: Some(Kept { maker, translation }), ..job })
            }
            Known::Refused(_) if afresh => Some(job),
            Known::Refused(attempt) => job.after(attempt.form),
        }
    }

    /// Earlier translations of like texts, where the engine takes them.
    async fn examples(&self, asks: &[&Question]) -> Vec<Vec<Example>> {
        let none = || vec![Vec::new(); asks.len()];
        if asks.is_empty() || !self.takes_examples {
            return none();
        }
        let requests = asks.iter().map(|ask| ask.query.request.clone()).collect();
        self.memory.nearest(requests).await.unwrap_or_else(|error| {
            self.close(RunError::Memory(error));
            none()
        })
    }

    /// Sends what waits until the queue is closed. Several workers do this side by side.
    pub(super) async fn work(&self) {
        // Texts that others send who share the memory.
        let mut elsewhere: Vec<Job> = Vec::new();
        let mut released = pending().boxed();
        loop {
            tokio::select! {
                jobs = self.queue.next() => {
                    let Some(jobs) = jobs else { return self.give_up(elsewhere) };
                    let others = self.deliver(jobs).await;
                    if others.is_empty() {
                        continue;
                    }
                    elsewhere.extend(others);
                }
                outcome = &mut released => {
                    if let Err(error) = outcome {
                        self.close(RunError::Memory(error));
                    }
                    let open = self.unanswered(std::mem::take(&mut elsewhere), &HashSet::new()).await;
                    self.give_up(self.queue.push(open));
                }
            }
            released = match elsewhere.as_slice() {
                [] => pending().boxed(),
                jobs => self.memory.released(jobs.iter().map(|job| job.key).collect()),
            };
        }
    }

    /// Sends a batch. One that is refused, which costs nothing, is made as small as the service says, or halved until the
    /// culprit is found; of one whose answer is no use, or came too late, no halves are sent. Gives back texts that others send
    /// who share the memory.
    async fn deliver(&self, jobs: Vec<Job>) -> Vec<Job> {
        let mut elsewhere = Vec::new();
        let mut stack = vec![jobs];
        while let Some(jobs) = stack.pop() {
            if self.is_closed() || self.retired.lock().is_some() {
                self.give_up(jobs);
                continue;
            }
            let jobs = if self.memory.is_shared() { self.granted(jobs, &mut elsewhere).await } else { jobs };
            if jobs.is_empty() {
                continue;
            }
            if let Some(gatherer) = &self.gatherer {
                if let Err(error) = gatherer.take(&jobs).await {
                    self.close(error);
                }
                self.give_up(jobs);
                continue;
            }
            match self.send(&jobs).await {
                Ok(translations) => stack.extend(self.settle(jobs, translations).await),
                Err(EngineError::NoAnswer { fault }) => stack.extend(self.miss(jobs, fault).await),
                // Less of it may still be paid for.
                Err(EngineError::Allowance(_)) if jobs.len() > 1 => stack.extend(halves(jobs)),
                Err(error) if error.class() == ErrorClass::Fatal => {
                    self.end_engine(error);
                    self.give_up(jobs);
                }
                Err(error) if may_pass(&error) && jobs.iter().any(|job| !job.swept) => self.postpone(jobs),
                Err(error) if jobs.len() > 1 && !error.is_late() => stack.extend(self.smaller(jobs)),
                Err(error) => self.refuse(jobs, &error),
            }
        }
        elsewhere
    }

    /// Those of the texts that nobody else sends who shares the memory; `elsewhere` gets the others. What has its answer by now
    /// is answered.
    async fn granted(&self, jobs: Vec<Job>, elsewhere: &mut Vec<Job>) -> Vec<Job> {
        let granted = match self.memory.claim(jobs.iter().map(|job| job.key).collect()).await {
            Ok(granted) => granted,
            Err(error) => {
                self.close(RunError::Memory(error));
                self.give_up(jobs);
                return Vec::new();
            }
        };
        let (mut own, mut known) = (Vec::new(), HashSet::new());
        for (job, is_granted) in jobs.into_iter().zip(granted) {
            if !is_granted {
                // It may have been held before, and have been taken over.
                self.held.lock().remove(&job.key);
                elsewhere.push(job);
                continue;
            }
            if !self.held.lock().insert(job.key) {
                known.insert(job.key);
            }
            own.push(job);
        }
        // Between the look and the claim somebody may have stored an answer, or a refusal.
        self.unanswered(own, &known).await
    }

    /// Answers texts that others have answered meanwhile and gives back the rest; those that others asked for in their form go
    /// on in the next one. `own` are those that this run holds for longer: the refusals of these are its own.
    async fn unanswered(&self, jobs: Vec<Job>, own: &HashSet<Key>) -> Vec<Job> {
        if jobs.is_empty() {
            return jobs;
        }
        let keys: Vec<Key> = jobs.iter().map(|job| job.key).collect();
        let known = try_join(self.memory.lookup(keys.clone()), self.memory.attempts(keys)).await;
        let (rows, attempts) = match known {
            Ok(known) => known,
            Err(error) => {
                self.close(RunError::Memory(error));
                self.give_up(jobs);
                return Vec::new();
            }
        };
        let (mut open, mut again) = (Vec::new(), Vec::new());
        for ((job, row), attempt) in jobs.into_iter().zip(rows).zip(attempts) {
            if job.afresh {
                open.push(job);
                continue;
            }
            let received = row.map(|row| self.makers.received(&job.request, &row));
            match (received, attempt) {
                (Some((translation, Verdict::Usable)), _) => {
                    self.resolve(job.key, &self.answer(Ok(translation), false));
                }
                (_, Some(Attempt { form, class, answer, .. }))
                    if !own.contains(&job.key) && form >= job.form =>
                {
                    let next =
                        job.clone().after(form).filter(|next| job.insists && next.form <= self.last_form());
                    match next {
                        Some(next) => again.push(next),
                        None => self.fail(&job, Unanswered::Unusable { class, answer }),
                    }
                }
                _ => open.push(job),
            }
        }
        self.give_up(self.queue.push(again));
        open
    }

    /// What a refused batch is sent as, the first one last. Where the service has said what it takes, texts that it does not
    /// take fail at once, and the others go in as few batches as may be.
    fn smaller(&self, jobs: Vec<Job>) -> Vec<Vec<Job>> {
        self.queue.keep_to(self.engine.limits());
        let sent = jobs.len();
        let (mut rest, mut refused) = (Vec::new(), Vec::new());
        for job in jobs {
            match self.engine.refusal(&job.request) {
                Some(error) => refused.push((job, error)),
                None => rest.push(job),
            }
        }
        for (job, error) in refused {
            self.refuse(vec![job], &error);
        }
        let mut batches = self.queue.packed(rest);
        if batches.first().is_some_and(|first| first.len() == sent) {
            return halves(batches.remove(0));
        }
        batches.reverse();
        batches
    }

    /// One request.
    async fn send(&self, jobs: &[Job]) -> Result<Vec<Translation>, EngineError> {
        let Parcel { batch, companions, .. } = parcel(jobs);
        let texts = SentTexts { segments: jobs.len() as u64, characters: batch.characters().characters };
        // Before it is sent, since a run that ends may leave it behind.
        *self.sent.lock() += texts;
        let mut translations = match self.engine.translate(&batch).await {
            Err(error @ EngineError::Allowance(_)) => {
                *self.sent.lock() -= texts;
                return Err(error);
            }
            answered => answered?,
        };
        let (sent, got) = (batch.requests.len(), translations.len());
        if sent != got {
            return Err(AnswerFault::WrongCount { sent, got }.into());
        }
        let mut translations = translations.split_off(companions);
        for (job, translation) in jobs.iter().zip(&mut translations) {
            // What the memory holds of a text does not depend on the texts beside it.
            if !job.alternatives {
                translation.alternatives.clear();
            }
        }
        Ok(translations)
    }

    /// Stores answers, then gives out those that are translations. Texts whose answer is none are sent again; gives back
    /// what is to be sent at once.
    async fn settle(&self, jobs: Vec<Job>, translations: Vec<Translation>) -> Vec<Vec<Job>> {
        self.refusals.store(0, Ordering::Relaxed);
        let form = parcel(&jobs).form;
        self.tell_spent();
        let (mut usable, mut unusable) = (Vec::new(), Vec::new());
        let answers: Vec<_> = jobs.iter().map(|job| &job.request).zip(&translations).collect();
        let received = self.makers.received_together(&answers);
        for ((job, translation), received) in jobs.into_iter().zip(translations).zip(received) {
            match received {
                (tidied, Verdict::Usable) => usable.push(Usable { job, translation, tidied }),
                (_, Verdict::Unusable(class)) => unusable.push((job, translation, class)),
            }
        }
        if !usable.is_empty() && form == Form::Batch {
            self.in_vain.store(0, Ordering::Relaxed);
        }
        let together = usable.is_empty();
        self.keep(usable).await;
        self.turn_down(TurnedDown { answers: unusable, form, together }).await
    }

    /// Tells what the requests so far used.
    fn tell_spent(&self) {
        if self.engine.info().billing == Billing::None {
            return;
        }
        self.events.send(Event::Spent { spent: self.engine.spent().since(&self.spent_before) });
    }

    /// Stores translations as they came, then gives them out as they enter an article.
    async fn keep(&self, answers: Vec<Usable>) {
        let record = |answer: &Usable| self.record(&answer.job, &answer.translation);
        let (new, old): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| !answer.job.replaces);
        let stored = self.memory.store(new.into_iter().map(record).collect());
        let replaced = self.memory.replace(old.into_iter().map(record).collect());
        if let Err(error) = stored.await.and(replaced.await) {
            self.close(RunError::Memory(error));
            return self.give_up(answers.into_iter().map(|answer| answer.job).collect());
        }
        for Usable { job, tidied, .. } in answers {
            // The claim ended when the answer was stored.
            self.held.lock().remove(&job.key);
            self.resolve(job.key, &self.answer(Ok(tidied), true));
        }
    }

    /// Remembers answers that are no translations, and sends their texts in another way: where nothing of a batch could be
    /// used in smaller batches, which are given back, or in another order; else each in its next form.
    async fn turn_down(&self, turned_down: TurnedDown) -> Vec<Vec<Job>> {
        let TurnedDown { answers, form, together } = turned_down;
        if answers.is_empty() {
            return Vec::new();
        }
        let refused = answers.iter().map(|(job, translation, class)| {
            let record = self.record(job, translation);
            Refused { record, class: *class, form }
        });
        if let Err(error) = self.memory.refuse(refused.collect()).await {
            self.close(RunError::Memory(error));
            self.give_up(answers.into_iter().map(|(job, ..)| job).collect());
            return Vec::new();
        }
        let last = self.last_form();
        let mut again = Vec::new();
        for (job, translation, class) in answers {
            // Of an answer without a place for this text nothing is known of the text: it goes once more in any case.
            let is_asked = job.insists || class == Class::Missing;
            match job.clone().after(form).filter(|next| is_asked && next.form <= last) {
                Some(_) => again.push(job),
                None => self.fail(&job, Unanswered::Unusable { class, answer: translation.text }),
            }
        }
        if together && again.len() > 1 && form == Form::Batch && self.count_in_vain() < IN_VAIN {
            if again.len() > FEW {
                return halves(again);
            }
            if again.iter().all(|job| job.regrouped != Regrouped::Turned) {
                let turned = again.into_iter().rev().map(|job| Job { regrouped: Regrouped::Turned, ..job });
                return vec![turned.collect()];
            }
        }
        let next = again.into_iter().filter_map(|job| job.after(form));
        self.give_up(self.queue.push(next.collect()));
        Vec::new()
    }

    /// Counts an answer to several texts without a translation, and gives their number in a row.
    fn count_in_vain(&self) -> usize {
        self.in_vain.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Handles an answer without translations: none of its texts has one. Gives back what is to be sent at once.
    async fn miss(&self, jobs: Vec<Job>, fault: AnswerFault) -> Vec<Vec<Job>> {
        let is_single = jobs.len() == 1;
        self.tell_spent();
        let (class, said) = class_of(&fault, is_single);
        let form = parcel(&jobs).form;
        let answers = jobs.into_iter().map(|job| (job, Translation::plain(said), class)).collect();
        let at_once = self.turn_down(TurnedDown { answers, form, together: true }).await;
        if is_single {
            self.count_refusal(&fault.into());
        }
        at_once
    }

    /// An answer as the memory keeps it.
    fn record(&self, job: &Job, translation: &Translation) -> StoredAnswer {
        let info = self.engine.info();
        StoredAnswer {
            key: job.key,
            engine: info.profile.clone(),
            fingerprint: info.fingerprint.clone(),
            request: job.request.clone(),
            translation: translation.clone(),
        }
    }

    /// Fails texts: the only one of a batch that the service refuses, or all of one that it never answers in time.
    fn refuse(&self, jobs: Vec<Job>, error: &EngineError) {
        for job in jobs {
            if matches!(
                error,
                EngineError::Refused { .. } | EngineError::TooLarge | EngineError::TooLong { .. }
            ) {
                self.refused.lock().insert(job.key, error.to_string());
            }
            self.fail(&job, Unanswered::Failed(error.to_string()));
        }
        // A limit is set for everyone.
        if !matches!(error, EngineError::TooLong { .. }) {
            self.count_refusal(error);
        }
    }

    /// Gives up a service that refuses one text after another.
    fn count_refusal(&self, error: &EngineError) {
        let refusals = self.refusals.fetch_add(1, Ordering::Relaxed) + 1;
        if refusals >= REFUSALS {
            let message = format!("{refusals} texts were refused one after another; the last time: {error}");
            self.end_engine(EngineError::Unusable(message));
        }
    }

    /// Ends the run because of an error of the engine; if there is a next engine that can go on, only the asking of this one.
    fn end_engine(&self, error: EngineError) {
        let Some(next) = self.next() else { return self.close(RunError::Engine(error)) };
        match error {
            EngineError::Allowance(_) => return self.close(RunError::Engine(error)),
            // It was stopped: there is a reason already.
            EngineError::Stopped => return,
            _ => {}
        }
        {
            let mut retired = self.retired.lock();
            if retired.is_some() {
                return;
            }
            *retired = Some(error.to_string());
        }
        let (engine, next) = (self.engine.info().profile.clone(), next.engine.info().profile.clone());
        self.events.send(Event::Retired { engine, next, reason: error.to_string() });
        self.engine.stop();
        self.give_up(self.queue.close());
    }

    /// Ends the asking for a text without a new answer: one that the memory has stays.
    fn fail(&self, job: &Job, reason: Unanswered) {
        let answer = match &job.kept {
            Some(Kept { maker, translation }) => {
                Reply { result: Ok(translation.clone()), is_sent: true, maker: *maker }
            }
            None => self.answer(Err(reason), true),
        };
        self.resolve(job.key, &answer);
    }

    /// Gives texts whose retries are used up a second chance when everything else is sent.
    fn postpone(&self, jobs: Vec<Job>) {
        let swept = jobs.into_iter().map(|job| {
            // Together they could become the batch again that was answered.
            let is_divided = job.form == Form::Batch && job.regrouped != Regrouped::No;
            let form = if is_divided { Form::Alone } else { job.form };
            Job { swept: true, form, ..job }
        });
        self.give_up(self.queue.push(swept.collect()));
    }

    /// What people corrected in an article, as far as it was known before; see [`Self::newest_corrections`]. Where there is
    /// none of anything, nothing is looked up.
    pub(super) async fn corrections(&self, article: &SegmentedArticle) -> Corrections {
        let revision = *self.revision.lock();
        if self.is_unaided || revision == MemoryRevision::NO_PAIRS {
            return Corrections::none(revision);
        }
        let pairs = self.memory.corrections(in_context(article)).await;
        let pairs = pairs.unwrap_or_else(|error| {
            self.close(RunError::Memory(error));
            Vec::new()
        });
        // Those that came meanwhile are looked up again before anything is written.
        Corrections { revision, pairs }
    }

    /// What people corrected in an article until now.
    pub(super) async fn newest_corrections(&self, article: &SegmentedArticle) -> Corrections {
        self.revise(self.memory.revision().await);
        self.corrections(article).await
    }

    /// That of the pairs in the memory now; `None` if the memory fails.
    pub(super) async fn newest_revision(&self) -> Option<MemoryRevision> {
        self.revise(self.memory.revision().await)
    }

    /// Whether nobody corrected anything since, asked on a thread that may wait.
    pub(super) fn is_newest_now(&self, known: &CorrectionsKnown) -> bool {
        block_on(self.newest_revision()).is_none_or(|newest| newest == known.revision)
    }

    /// Remembers a revision. If the memory fails, nothing new is known of it.
    fn revise(&self, revision: Result<MemoryRevision, MemoryError>) -> Option<MemoryRevision> {
        match revision {
            Ok(revision) => {
                *self.revision.lock() = revision;
                Some(revision)
            }
            Err(error) => {
                self.close(RunError::Memory(error));
                None
            }
        }
    }

    /// Gets ready for asks. Examples are what the memory holds at this moment.
    pub(super) async fn open(&self) {
        self.revise(self.memory.revision().await);
        match self.memory.batch_jobs().await {
            Ok(jobs) => {
                self.chain().for_each(|desk| desk.has_jobs.store(!jobs.is_empty(), Ordering::Relaxed));
            }
            Err(error) => self.close(RunError::Memory(error)),
        }
        if self.chain().any(|desk| desk.takes_examples)
            && let Err(error) = self.memory.open_pool().await
        {
            self.close(RunError::Memory(error));
        }
    }

    /// Ends a run. One that was broken off keeps its examples for the run that takes it up.
    pub(super) async fn end(&self) {
        if self.chain().any(|desk| desk.takes_examples)
            && !self.is_closed()
            && let Err(error) = self.memory.close_pool().await
        {
            self.close(RunError::Memory(error));
        }
    }

    /// Closes the desk: nothing more is sent, and everyone who waits gets an answer. What is in flight goes on.
    pub(super) fn close(&self, failure: RunError) {
        let interrupted = matches!(failure, RunError::Interrupted);
        {
            let mut known = self.ending.failure.lock();
            if known.is_some() {
                return;
            }
            *known = Some(failure);
        }
        self.ending.closed.cancel();
        let in_flight = self.chain().map(|desk| desk.engine.stop()).sum();
        self.events.send(Event::Stopping { interrupted, in_flight, limit: DRAIN });
        self.shut();
    }

    /// Sends nothing more, now that the run has been closed, be it by the desk of another engine.
    pub(super) fn shut(&self) {
        for desk in self.chain() {
            desk.engine.stop();
            desk.give_up(desk.queue.close());
        }
    }

    /// Tells all who still wait that the run is over: the workers are gone, and what was in flight with them.
    pub(super) fn abandon(&self) {
        for desk in self.chain() {
            let keys: Vec<Key> = desk.claims.lock().keys().copied().collect();
            for key in keys {
                desk.resolve(key, &desk.answer(Err(Unanswered::Stopped), false));
            }
        }
    }

    /// Tells those who wait for these texts that the run is over, or that this engine is not asked any more.
    fn give_up(&self, jobs: Vec<Job>) {
        let retired = if self.is_closed() { None } else { self.retired.lock().clone() };
        for job in jobs {
            match &retired {
                Some(reason) => self.fail(&job, Unanswered::Failed(reason.clone())),
                None => self.resolve(job.key, &self.answer(Err(Unanswered::Stopped), false)),
            }
        }
    }

    /// What the engine of the run has to say.
    fn answer(&self, result: Result<Translation, Unanswered>, is_sent: bool) -> Reply {
        Reply { result, is_sent, maker: self.makers.own() }
    }

    /// Answers all who wait for a key and lets it go.
    fn resolve(&self, key: Key, answer: &Reply) {
        if self.held.lock().remove(&key) {
            // Nobody waits for it: if the memory fails, the next question to it says so, and the claim ends in time.
            drop(self.memory.release(vec![key]));
        }
        let waiters = self.claims.lock().remove(&key).unwrap_or_default();
        let done: Extent = waiters.iter().map(|(_, counts)| *counts).sum();
        if done.segments > 0 && answer.result != Err(Unanswered::Stopped) {
            self.events.send(Event::Segments { done, sent: answer.is_sent });
        }
        for (index, (waiter, _)) in waiters.into_iter().enumerate() {
            // Who no longer waits was stopped; the answer is in the memory all the same.
            let _ = waiter.send(Reply { is_sent: answer.is_sent && index == 0, ..answer.clone() });
        }
    }
}
