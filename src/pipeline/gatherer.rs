//! What a run would send, gathered into batch jobs that are handed in as they fill.

use std::collections::HashSet;
use std::sync::Arc;

use strum::{EnumString, IntoStaticStr, VariantArray};
use tokio::sync::Mutex;

use super::desk::RunError;
use super::event::{Event, Events};
use super::night::JobNews;
use super::queue::{Job, Parcel, parcel};
use crate::engine::{Engine, EngineError, NightLane, NightRequest, SetAside};
use crate::memory::{BatchJob, BatchRequest, BatchText, Key, Memory};
use crate::model::{Timestamp, Usage};

/// How what is asked again is asked: in other forms, or so that terms hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum BatchRungs {
    /// In the open, at the usual price: these are few, and each of them would take another night.
    #[default]
    Live,
    /// In the next job.
    Next,
}

/// Takes what would be sent.
pub(super) struct Gatherer {
    engine: Arc<dyn Engine>,
    memory: Arc<dyn Memory>,
    events: Events,
    rungs: BatchRungs,
    /// Whether requests are only counted.
    only_counts: bool,
    /// Texts that the service refused in a job; they are asked for in the open, where it is found out why.
    refused: HashSet<Key>,
    gathered: Mutex<GatheredRequests>,
}

#[derive(Default)]
struct GatheredRequests {
    requests: Vec<NightRequest>,
    rows: Vec<BatchRequest>,
    bytes: usize,
    most: Usage,
    handed_in: Vec<HandedIn>,
    counted: NightEstimate,
}

/// What would be handed in, rungs not reckoned with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NightEstimate {
    pub requests: u64,
    /// The most that it can use.
    pub most: Usage,
}

/// A job that was handed in by this run.
pub(super) struct HandedIn {
    pub(super) nonce: String,
    /// What it can cost at most.
    pub(super) set_aside: SetAside,
}

/// What was gathered.
pub(super) struct Gathering {
    pub(super) handed_in: Vec<HandedIn>,
    pub(super) counted: NightEstimate,
}

impl Gatherer {
    pub(super) fn new(
        engine: Arc<dyn Engine>,
        memory: Arc<dyn Memory>,
        events: Events,
        rungs: BatchRungs,
        refused: HashSet<Key>,
    ) -> Self {
        Self { engine, memory, events, rungs, only_counts: false, refused, gathered: Mutex::default() }
    }

    /// The same that hands nothing in.
    pub(super) fn counting(self) -> Self {
        Self { only_counts: true, ..self }
    }

    /// Whether a text is wanted: one that was never asked for, or any.
    pub(super) fn takes(&self, is_first: bool) -> bool {
        is_first || self.rungs == BatchRungs::Next
    }

    /// Takes a request's worth of texts; hands a job in when it is full.
    pub(super) async fn take(&self, jobs: &[Job]) -> Result<(), RunError> {
        if jobs.iter().any(|job| self.refused.contains(&job.key)) {
            return Ok(());
        }
        let lane = lane(self.engine.as_ref())?;
        let Parcel { batch, form, companions } = parcel(jobs);
        let request = lane.encode(&batch)?;
        let limits = lane.limits();
        let mut gathered = self.gathered.lock().await;
        if self.only_counts {
            gathered.counted.requests += 1;
            gathered.counted.most += request.most;
            return Ok(());
        }
        let is_full = gathered.requests.len() >= limits.requests
            || gathered.bytes + request.body.len() > limits.bytes && !gathered.requests.is_empty();
        if is_full {
            self.hand_in(lane, &mut gathered).await?;
        }
        let mut most = gathered.most;
        most += request.most;
        // It is left to the ordinary run, which says that no more may be spent.
        if !lane.affords(&most) {
            return Ok(());
        }
        let text = |(place, job): (u32, &Job)| BatchText {
            place,
            request: job.request.clone(),
            replaces: job.replaces,
        };
        let number = u32::try_from(gathered.rows.len()).unwrap_or(u32::MAX);
        gathered.rows.push(BatchRequest {
            number,
            form,
            companions: u32::try_from(companions).unwrap_or(u32::MAX),
            texts: (0..).zip(jobs).map(text).collect(),
        });
        gathered.most = most;
        gathered.bytes += request.body.len();
        gathered.requests.push(request);
        Ok(())
    }

    /// Hands in what is left, and says what was handed in.
    pub(super) async fn finish(&self) -> Result<Gathering, RunError> {
        let mut gathered = self.gathered.lock().await;
        self.hand_in(lane(self.engine.as_ref())?, &mut gathered).await?;
        let GatheredRequests { handed_in, counted, .. } = std::mem::take(&mut *gathered);
        Ok(Gathering { handed_in, counted })
    }

    /// Hands a job in. Before the service hears of it, it is in the memory; whatever happens from there on, its texts count as
    /// sent until it is known what became of it.
    async fn hand_in(&self, lane: &dyn NightLane, gathered: &mut GatheredRequests) -> Result<(), RunError> {
        let (requests, rows) = (std::mem::take(&mut gathered.requests), std::mem::take(&mut gathered.rows));
        let most = std::mem::take(&mut gathered.most);
        gathered.bytes = 0;
        if requests.is_empty() {
            return Ok(());
        }
        let info = self.engine.info();
        let count = requests.len() as u64;
        let nonce = nonce();
        let job = BatchJob {
            nonce: nonce.clone(),
            profile: info.profile.clone(),
            fingerprint: info.fingerprint.clone(),
            host: lane.host(),
            service_id: None,
            created_at: Timestamp::now(),
            cancelled: false,
            requests: count,
            open: count,
        };
        let set_aside = lane.set_aside(most).await?;
        if let Err(error) = self.memory.add_job(job, rows).await {
            set_aside.give_back();
            return Err(error.into());
        }
        match lane.submit(&nonce, &requests).await {
            Ok(id) => {
                gathered.handed_in.push(HandedIn { nonce: nonce.clone(), set_aside });
                self.memory.name_job(nonce, id.clone()).await?;
                self.events.send(Event::Job(JobNews::HandedIn { job: id, requests: count }));
                Ok(())
            }
            // Nobody knows whether the service has it; it is looked for.
            Err(error) if error.may_be_charged() => {
                gathered.handed_in.push(HandedIn { nonce, set_aside });
                self.events.send(Event::Job(JobNews::Unsure { reason: error.to_string() }));
                Ok(())
            }
            Err(error) => {
                set_aside.give_back();
                self.memory.settle_job(nonce).await?;
                Err(error.into())
            }
        }
    }
}

/// The night lane of an engine.
pub(super) fn lane(engine: &dyn Engine) -> Result<&dyn NightLane, EngineError> {
    let none = || EngineError::Unusable(format!("{} has no batch jobs", engine.info().profile));
    engine.night_lane().ok_or_else(none)
}

/// A word that no other job has.
fn nonce() -> String {
    format!("{:032x}", fastrand::Rng::new().u128(..))
}
