//! Batch jobs from their first day to their last: handed in, awaited, looked for after a break, and their answers taken into
//! the memory as if they had come in the open.
//!
//! A pass over the corpus gathers what the memory does not have; its jobs are awaited; then the pass is made again, until
//! nothing more is to be asked in this way. What is left is asked in the open by an ordinary run, which finds the rest in the
//! memory and writes the files: they are those of a run in the open with the same answers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::desk::{RunError, class_of};
use super::event::{Event, Events};
use super::gatherer::{BatchRungs, Gatherer, Gathering, NightEstimate, lane};
use super::makers::{Makers, Peers};
use super::run::{Run, Stop};
use super::{Inputs, Options, Tools};
use crate::check::Verdict;
use crate::engine::{
    Engine, EngineError, ErrorClass, FoundJob, JobAnswer, JobOutcome, JobSearch, JobState, NightReading,
    SetAside, request_number,
};
use crate::memory::{BatchJob, BatchRequest, BatchText, Key, Memory, MemoryError, Refused, StoredAnswer};
use crate::model::{Request, Translation, Usage};

/// Passes that hand something in; an answer in every form and on every rung comes to fewer.
const ROUNDS: usize = 12;
/// Answers that are stored together.
const TOGETHER: usize = 64;

/// How long is waited between two looks at a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    pub first: Duration,
    pub longest: Duration,
    /// How long a job is looked for, again and again, before one that the service does not list counts as never handed in.
    pub settling: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        let (first, longest) = (Duration::from_secs(2), Duration::from_mins(1));
        // No vendor says how soon a job is in its list. Waiting costs nothing by night, and a job that is listed too late is
        // paid for twice.
        Self { first, longest, settling: Duration::from_mins(5) }
    }
}

/// What became of a batch job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobNews {
    /// The service has it.
    HandedIn { job: String, requests: u64 },
    /// Nobody knows whether the service has it; it is looked for.
    Unsure { reason: String },
    /// The service does not list it; it is looked for until so much time has passed.
    Missing { limit: Duration },
    /// It was found at the service after a break.
    Found { job: String },
    /// The service never got it.
    Lost,
    /// It is being worked off.
    Running { job: String, done: Option<u64>, requests: u64 },
    /// It has ended, and its answers are stored.
    Ended { job: String, answered: u64, unanswered: u64 },
}

/// What became of a job that was looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptJob {
    /// It is still being worked off, or looked for.
    Underway,
    /// Its answers are in the memory; whether it was called off.
    Settled { cancelled: bool },
}

/// How a night ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NightEnd {
    /// Nothing is left to be handed in: an ordinary run does the rest.
    Done,
    /// Jobs are under way.
    Underway,
    /// A job was called off: what it did not do is handed in again only when somebody says so.
    Cancelled,
}

/// Looks after the jobs of an engine.
pub struct JobKeeper {
    pub engine: Arc<dyn Engine>,
    pub memory: Arc<dyn Memory>,
    pub events: Events,
    pub stop: Stop,
    pub pauses: Pauses,
    /// Whether jobs are awaited, or only looked at.
    pub waits: bool,
}

/// A run by batch jobs, up to what is left for an ordinary one.
pub struct Night {
    pub inputs: Inputs,
    pub tools: Tools,
    pub options: Options,
    pub rungs: BatchRungs,
    pub keeper: JobKeeper,
}

impl Night {
    /// Hands in what is to be asked, and awaits it.
    ///
    /// # Errors
    /// If the service does not take a job, the memory fails or the run is interrupted. What was handed in is in the memory,
    /// and is found again.
    pub async fn work(&self) -> Result<NightEnd, RunError> {
        let keeper = &self.keeper;
        let mut asides: HashMap<String, SetAside> = HashMap::new();
        let refused: Mutex<HashSet<Key>> = Mutex::default();
        for round in 0.. {
            let mut is_cancelled = false;
            let mut is_underway = false;
            for job in keeper.jobs().await? {
                let aside = asides.remove(&job.nonce);
                match keeper.look_after(job, aside, &refused).await? {
                    KeptJob::Underway => is_underway = true,
                    KeptJob::Settled { cancelled } => is_cancelled |= cancelled,
                }
            }
            match (is_underway, is_cancelled && round > 0) {
                (true, _) => return Ok(NightEnd::Underway),
                (_, true) => return Ok(NightEnd::Cancelled),
                _ if round >= ROUNDS => break,
                _ => {}
            }
            let gatherer = self.gatherer(refused.lock().clone());
            let Gathering { handed_in, .. } = self.gather(gatherer).await?;
            // What is left over costs more than the run may spend: the ordinary run says so.
            if handed_in.is_empty() {
                break;
            }
            asides.extend(handed_in.into_iter().map(|handed| (handed.nonce, handed.set_aside)));
        }
        Ok(NightEnd::Done)
    }

    /// What would be handed in now; nothing is.
    ///
    /// # Errors
    /// If the memory fails.
    pub async fn estimate(&self) -> Result<NightEstimate, RunError> {
        let gatherer = self.gatherer(HashSet::new()).counting();
        Ok(self.gather(gatherer).await?.counted)
    }

    fn gatherer(&self, refused: HashSet<Key>) -> Gatherer {
        let (engine, keeper) = (Arc::clone(&self.tools.engine), &self.keeper);
        Gatherer::new(engine, Arc::clone(&keeper.memory), keeper.events.clone(), self.rungs, refused)
    }

    /// One pass over the corpus.
    async fn gather(&self, gatherer: Gatherer) -> Result<Gathering, RunError> {
        let Self { inputs, tools, options, keeper, .. } = self;
        let gatherer = Arc::new(gatherer);
        // Only what the first engine is asked goes by night.
        let options = Options { next: Vec::new(), forecast: false, ..options.clone() };
        let run = Run::new(inputs.clone(), tools.clone(), Arc::clone(&keeper.memory));
        let run = Run { options, stop: keeper.stop.clone(), ..run };
        run.gather(Arc::clone(&gatherer)).await?;
        gatherer.finish().await
    }
}

impl JobKeeper {
    /// The jobs of the engine that are not settled.
    ///
    /// # Errors
    /// If the memory fails.
    pub async fn jobs(&self) -> Result<Vec<BatchJob>, MemoryError> {
        let fingerprint = &self.engine.info().fingerprint;
        let mut jobs = self.memory.batch_jobs().await?;
        jobs.retain(|job| job.fingerprint == *fingerprint);
        Ok(jobs)
    }

    /// Awaits a job and stores its answers.
    ///
    /// # Errors
    /// If the service or the memory fails, or the run is interrupted; the job stays as it was.
    pub async fn settle(&self, job: BatchJob) -> Result<KeptJob, RunError> {
        self.look_after(job, None, &Mutex::default()).await
    }

    /// The same with what was set aside for the job, and with somebody who wants to know of refused texts.
    async fn look_after(
        &self,
        job: BatchJob,
        aside: Option<SetAside>,
        refused: &Mutex<HashSet<Key>>,
    ) -> Result<KeptJob, RunError> {
        let id = match job.service_id.clone() {
            Some(id) => id,
            None => match self.seek(&job).await? {
                Some(FoundJob::Job(id)) => id,
                Some(FoundJob::Nowhere) => {
                    if let Some(aside) = aside {
                        aside.give_back();
                    }
                    return Ok(KeptJob::Settled { cancelled: job.cancelled });
                }
                Some(FoundJob::Undecided) | None => return Ok(KeptJob::Underway),
            },
        };
        let lane = lane(self.engine.as_ref())?;
        let mut pauses = self.growing();
        let mut told = None;
        let cancelled = loop {
            match self.patiently(lane.state(&id).await)? {
                Some(JobState::Ended { cancelled }) => break cancelled || job.cancelled,
                Some(JobState::Failed(reason)) => {
                    if let Some(aside) = aside {
                        aside.give_back();
                    }
                    self.memory.settle_job(job.nonce).await?;
                    let message = format!("the service could not take the batch job {id}: {reason}");
                    return Err(EngineError::Unusable(message).into());
                }
                Some(JobState::Running { done }) if told != Some(done) => {
                    told = Some(done);
                    let news = JobNews::Running { job: id.clone(), done, requests: job.requests };
                    self.events.send(Event::Job(news));
                }
                Some(JobState::Running { .. }) | None => {}
            }
            if !self.waits {
                return Ok(KeptJob::Underway);
            }
            self.pause(pauses.next().unwrap_or(self.pauses.longest)).await?;
        };
        let taken = self.take_answers(&job, &id, refused).await?;
        self.memory.settle_job(job.nonce).await?;
        match aside {
            Some(aside) if taken.is_silent => drop(aside),
            Some(aside) => aside.spend(taken.usage),
            None => lane.charge(taken.usage),
        }
        let unanswered = job.open.saturating_sub(taken.answered);
        self.events.send(Event::Job(JobNews::Ended { job: id, answered: taken.answered, unanswered }));
        Ok(KeptJob::Settled { cancelled })
    }

    /// Looks for a job that may have been handed in; `None` if it is not to be waited for.
    ///
    /// One look at a list that does not have it proves nothing: the service may list late what it has taken, or still be
    /// reading what it was sent. The time is that of this process, as clocks of machines differ and are set.
    async fn seek(&self, job: &BatchJob) -> Result<Option<FoundJob>, RunError> {
        let others = self.memory.batch_jobs().await?;
        let search = JobSearch {
            nonce: job.nonce.clone(),
            since: job.created_at,
            requests: job.requests,
            others: others.into_iter().filter_map(|job| job.service_id).collect(),
        };
        let lane = lane(self.engine.as_ref())?;
        let limit = self.pauses.settling;
        let mut pauses = self.growing();
        let mut missing: Option<Instant> = None;
        loop {
            match self.patiently(lane.find(&search).await)? {
                Some(FoundJob::Job(id)) => {
                    self.memory.name_job(job.nonce.clone(), id.clone()).await?;
                    self.events.send(Event::Job(JobNews::Found { job: id.clone() }));
                    return Ok(Some(FoundJob::Job(id)));
                }
                Some(FoundJob::Nowhere) if missing.is_some_and(|since| since.elapsed() >= limit) => {
                    self.memory.settle_job(job.nonce.clone()).await?;
                    self.events.send(Event::Job(JobNews::Lost));
                    return Ok(Some(FoundJob::Nowhere));
                }
                Some(FoundJob::Nowhere) if missing.is_none() => {
                    missing = Some(Instant::now());
                    self.events.send(Event::Job(JobNews::Missing { limit }));
                }
                Some(FoundJob::Nowhere) | None => {}
                Some(FoundJob::Undecided) if !self.waits => return Ok(None),
                Some(FoundJob::Undecided) => missing = None,
            }
            self.pause(pauses.next().unwrap_or(self.pauses.longest)).await?;
        }
    }

    /// What came of a question that may be asked again; `None` if it failed for a moment.
    fn patiently<T>(&self, result: Result<T, EngineError>) -> Result<Option<T>, EngineError> {
        match result {
            Ok(found) => Ok(Some(found)),
            Err(error) if self.waits && matches!(error.class(), ErrorClass::Retry(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn growing(&self) -> impl Iterator<Item = Duration> {
        let longest = self.pauses.longest;
        std::iter::successors(Some(self.pauses.first), move |pause| Some((*pause * 2).min(longest)))
    }

    async fn pause(&self, pause: Duration) -> Result<(), RunError> {
        tokio::select! {
            () = self.stop.soon.cancelled() => Err(RunError::Interrupted),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }

    /// Stores the answers of a job as they are read.
    async fn take_answers(
        &self,
        job: &BatchJob,
        id: &str,
        refused: &Mutex<HashSet<Key>>,
    ) -> Result<TakenAnswers, RunError> {
        let lane = lane(self.engine.as_ref())?;
        let intake = Intake {
            engine: self.engine.as_ref(),
            makers: Makers::new(self.engine.info(), &Peers::default()),
            refused,
        };
        let mut taken = TakenAnswers::default();
        let mut answers = lane.answers(id).await?.chunks(TOGETHER);
        while let Some(some) = answers.next().await {
            let mut outcomes: HashMap<u32, JobOutcome> = HashMap::new();
            for answer in some {
                let JobAnswer { name, outcome } = answer?;
                if let Some(number) = request_number(&job.nonce, &name) {
                    outcomes.insert(number, outcome);
                }
            }
            let numbers: Vec<u32> = outcomes.keys().copied().collect();
            let requests = self.memory.job_requests(job.nonce.clone(), numbers).await?;
            let settled = requests.iter().map(|request| request.number).collect();
            let mut sorted = SortedAnswers::default();
            for request in &requests {
                if let Some(outcome) = outcomes.remove(&request.number) {
                    intake.take(request, outcome, &mut sorted)?;
                }
            }
            taken.add(&sorted);
            let stored = self.memory.store(sorted.new);
            let replaced = self.memory.replace(sorted.replacing);
            let remembered = self.memory.refuse(sorted.unusable);
            stored.await?;
            replaced.await?;
            remembered.await?;
            // Only now: after a break in between they are read once more, and stored where they are.
            self.memory.settle_requests(job.nonce.clone(), settled).await?;
        }
        Ok(taken)
    }
}

/// What was taken from a job.
#[derive(Default)]
struct TakenAnswers {
    answered: u64,
    usage: Usage,
    /// Whether the service did not say of an answer what it used.
    is_silent: bool,
}

impl TakenAnswers {
    fn add(&mut self, sorted: &SortedAnswers) {
        self.answered += sorted.answered;
        self.usage += sorted.usage;
        self.is_silent |= sorted.is_silent;
    }
}

/// What came of requests of a job, to be stored together.
#[derive(Default)]
struct SortedAnswers {
    new: Vec<StoredAnswer>,
    /// Those in the place of answers that the memory has.
    replacing: Vec<StoredAnswer>,
    unusable: Vec<Refused>,
    answered: u64,
    usage: Usage,
    is_silent: bool,
}

/// Reads answers of jobs, and sorts them.
struct Intake<'a> {
    engine: &'a dyn Engine,
    makers: Makers,
    refused: &'a Mutex<HashSet<Key>>,
}

impl Intake<'_> {
    /// Takes what came of a request.
    fn take(
        &self,
        request: &BatchRequest,
        outcome: JobOutcome,
        sorted: &mut SortedAnswers,
    ) -> Result<(), RunError> {
        let reply = match outcome {
            JobOutcome::Answered(reply) => reply,
            JobOutcome::Errored(_) => {
                self.refuse(request);
                return Ok(());
            }
            JobOutcome::Expired | JobOutcome::Cancelled => return Ok(()),
        };
        let companions = request.companions as usize;
        let own = request.texts.last().map_or(0, |text| text.place as usize + 1);
        let NightReading { usage, translations } = lane(self.engine)?.read(&reply, companions + own);
        sorted.answered += 1;
        match usage {
            Some(usage) => {
                let characters = request.texts.iter().map(|text| text.request.text.chars().count() as u64);
                sorted.usage += Usage { characters: characters.sum(), ..usage };
            }
            None => sorted.is_silent = true,
        }
        let is_single = own == 1;
        let translations = match translations {
            Ok(translations) => translations,
            Err(EngineError::NoAnswer { fault }) => {
                let (class, said) = class_of(&fault, is_single);
                for text in &request.texts {
                    let record = self.record(&text.request, Translation::plain(said));
                    sorted.unusable.push(Refused { record, class, form: request.form });
                }
                return Ok(());
            }
            Err(_) => {
                self.refuse(request);
                return Ok(());
            }
        };
        let translation = |text: &BatchText| {
            let translation = translations.get(companions + text.place as usize).cloned();
            translation.unwrap_or_else(|| Translation::plain(""))
        };
        let translations: Vec<Translation> = request.texts.iter().map(translation).collect();
        let pairs: Vec<_> = request.texts.iter().map(|text| &text.request).zip(&translations).collect();
        let received = self.makers.received_together(&pairs);
        for ((text, translation), (_, verdict)) in request.texts.iter().zip(translations).zip(received) {
            let record = self.record(&text.request, translation);
            match verdict {
                Verdict::Usable if text.replaces => sorted.replacing.push(record),
                Verdict::Usable => sorted.new.push(record),
                Verdict::Unusable(class) => {
                    sorted.unusable.push(Refused { record, class, form: request.form });
                }
            }
        }
        Ok(())
    }

    fn record(&self, request: &Request, translation: Translation) -> StoredAnswer {
        let info = self.engine.info();
        StoredAnswer {
            key: Key::new(&info.fingerprint, request),
            engine: info.profile.clone(),
            fingerprint: info.fingerprint.clone(),
            request: request.clone(),
            translation,
        }
    }

    /// Notes that texts are not to be put into another job.
    fn refuse(&self, request: &BatchRequest) {
        let fingerprint = &self.engine.info().fingerprint;
        let keys = request.texts.iter().map(|text| Key::new(fingerprint, &text.request));
        self.refused.lock().extend(keys);
    }
}
