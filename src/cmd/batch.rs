//! `wortlaut batch`, and what `translate --batch` has of it: batch jobs at a service.

use std::sync::Arc;
use std::thread;

use clap::{Args, Subcommand};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::engine::{Engine, JobState, build};
use crate::memory::{BatchJob, Memory};
use crate::pipeline::{
    BatchRungs, Event, Events, Inputs, JobKeeper, Night, NightEnd, Options, Pauses, RunError, Stop, Tools,
};
use crate::report::{Mode, Progress, clean, counted};

use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::output::print;
use super::profile::named_profile;
use super::project::Project;
use super::project_memory::{existing_memory, lock_memory, open_memory};
use super::runtime::runtime;
use super::signals;

#[derive(Debug, Subcommand)]
pub(super) enum BatchCommand {
    /// List the batch jobs that have not ended, or whose answers are not in the memory yet.
    #[command(after_help = "Examples:\n  wortlaut batch status\n  wortlaut batch status --json")]
    Status(BatchStatusArgs),
    /// Wait for batch jobs and take their answers into the memory; `wortlaut translate` then writes the files.
    #[command(after_help = "Example:\n  wortlaut batch wait && wortlaut translate")]
    Wait,
    /// Call batch jobs off. What is done by then is charged, and `wortlaut batch wait` takes it into the memory.
    #[command(after_help = "Example:\n  wortlaut batch cancel && wortlaut batch wait")]
    Cancel,
    /// Let batch jobs go whose answers are not to be had any more. Their segments are sent again, and paid for again.
    #[command(after_help = "Example:\n  wortlaut batch forget batch_6a66")]
    Forget(BatchForgetArgs),
}

/// How batch jobs are listed.
#[derive(Debug, Args)]
pub(super) struct BatchStatusArgs {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Which batch jobs are let go.
#[derive(Debug, Args)]
pub(super) struct BatchForgetArgs {
    /// Jobs, as `wortlaut batch status` names them
    #[arg(value_name = "JOB", required = true)]
    jobs: Vec<String>,
}

/// How a run goes by night.
#[derive(Debug, Clone, Copy)]
pub(super) struct NightPlan {
    /// How what is asked again is asked.
    pub(super) rungs: BatchRungs,
    /// Whether jobs are waited for.
    pub(super) waits: bool,
}

impl NightPlan {
    /// The run by night.
    pub(super) fn night(
        self,
        inputs: Inputs,
        tools: Tools,
        options: Options,
        memory: &Arc<dyn Memory>,
    ) -> Night {
        let keeper = JobKeeper {
            engine: Arc::clone(&tools.engine),
            memory: Arc::clone(memory),
            events: Events::default(),
            stop: Stop::default(),
            pauses: Pauses::default(),
            waits: self.waits,
        };
        Night { inputs, tools, options, rungs: self.rungs, keeper }
    }
}

/// What to do when jobs are under way.
const GO_ON: &str = "the same command goes on, also on another machine with the same memory; \
                     `wortlaut batch status` shows the jobs";

pub(super) fn run(command: &BatchCommand, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let runtime = runtime()?;
    match command {
        BatchCommand::Status(args) => status(args, &project, &runtime),
        BatchCommand::Wait => wait(&project, global, &runtime),
        BatchCommand::Cancel => cancel(&project, &runtime),
        BatchCommand::Forget(args) => forget(args, &project, &runtime),
    }
}

/// The engine that a job is of; `None` if its profile is not what it was, so that its answers would not count.
fn engine_of(project: &Project, job: &BatchJob) -> Result<Option<Arc<dyn Engine>>, Failure> {
    let engine = build(&named_profile(project, &job.profile)?)?;
    let is_same = engine.info().fingerprint == job.fingerprint && engine.night_lane().is_some();
    Ok(is_same.then_some(engine))
}

/// What is said of a job whose profile was changed.
fn of_another_profile(job: &BatchJob) -> Failure {
    let message =
        format!("the profile {} is not what it was when batch job {} was handed in", job.profile, name(job));
    Failure::new(Exit::Config, message).hint("change it back, so that the answers of the job are found")
}

/// What a job is called.
fn name(job: &BatchJob) -> &str {
    job.service_id.as_deref().unwrap_or(&job.nonce)
}

fn status(args: &BatchStatusArgs, project: &Project, runtime: &Runtime) -> Result<Exit, Failure> {
    let jobs = match existing_memory(&project.settings)? {
        Some(memory) => runtime.block_on(memory.batch_jobs())?,
        None => Vec::new(),
    };
    if jobs.is_empty() && !args.json {
        print("no batch jobs")?;
    }
    for job in jobs {
        let state = state(project, &job, runtime);
        if args.json {
            let object = json!({
                "job": job.service_id, "nonce": job.nonce, "engine": job.profile, "host": job.host,
                "handed_in": job.created_at, "requests": job.requests, "open": job.open,
                "cancelled": job.cancelled, "state": state,
            });
            print(&object.to_string())?;
        } else {
            let requests = counted(job.requests, "request");
            let (name, engine, host, at) = (name(&job), &job.profile, &job.host, job.created_at);
            print(&clean(&format!("{name}  {engine} at {host}, {requests}, handed in {at}: {state}")))?;
        }
    }
    Ok(Exit::Ok)
}

/// How far a job is, as its service says, or why that is not known.
fn state(project: &Project, job: &BatchJob, runtime: &Runtime) -> String {
    let Some(id) = &job.service_id else { return "not known whether the service has it".to_owned() };
    let engine = match engine_of(project, job) {
        Ok(Some(engine)) => engine,
        Ok(None) => return "its profile was changed since".to_owned(),
        Err(_) => return "its engine is not ready".to_owned(),
    };
    let Some(lane) = engine.night_lane() else { return "its engine has no batch jobs".to_owned() };
    match runtime.block_on(lane.state(id)) {
        Ok(JobState::Running { done: Some(done) }) => format!("{done} done"),
        Ok(JobState::Running { done: None }) => "under way".to_owned(),
        Ok(JobState::Ended { cancelled: true }) => "called off".to_owned(),
        Ok(JobState::Ended { cancelled: false }) => "ended".to_owned(),
        Ok(JobState::Failed(reason)) => format!("failed: {reason}"),
        Err(error) => format!("not known: {error}"),
    }
}

fn wait(project: &Project, global: &GlobalArgs, runtime: &Runtime) -> Result<Exit, Failure> {
    let _lock = lock_memory(&project.settings)?;
    let memory = open_memory(&project.settings)?;
    let progress = Progress::new(if global.quiet { Mode::Quiet } else { Mode::Lines });
    let mut result = Ok(());
    for job in runtime.block_on(memory.batch_jobs())? {
        let Some(engine) = engine_of(project, &job)? else {
            result = Err(of_another_profile(&job));
            continue;
        };
        let mut keeper = JobKeeper {
            engine,
            memory: Arc::clone(&memory),
            events: Events::default(),
            stop: Stop::default(),
            pauses: Pauses::default(),
            waits: true,
        };
        let kept = told(&progress, |events| {
            keeper.events = events;
            runtime.block_on(until_stopped(keeper.settle(job), &keeper.stop))
        });
        kept.map_err(with_way_on)?;
    }
    runtime.block_on(memory.close())?;
    result.map(|()| Exit::Ok)
}

fn cancel(project: &Project, runtime: &Runtime) -> Result<Exit, Failure> {
    let memory = open_memory(&project.settings)?;
    for job in runtime.block_on(memory.batch_jobs())? {
        let Some(id) = &job.service_id else {
            print(&format!(
                "{}: not known whether the service has it; `wortlaut batch wait` finds out",
                job.nonce
            ))?;
            continue;
        };
        let engine = engine_of(project, &job)?.ok_or_else(|| of_another_profile(&job))?;
        let Some(lane) = engine.night_lane() else { continue };
        runtime.block_on(lane.cancel(id))?;
        runtime.block_on(memory.cancel_job(job.nonce.clone()))?;
        print(&clean(&format!("{id}: called off; `wortlaut batch wait` takes over what is done")))?;
    }
    runtime.block_on(memory.close())?;
    Ok(Exit::Ok)
}

fn forget(args: &BatchForgetArgs, project: &Project, runtime: &Runtime) -> Result<Exit, Failure> {
    let _lock = lock_memory(&project.settings)?;
    let memory = open_memory(&project.settings)?;
    let known = runtime.block_on(memory.batch_jobs())?;
    let job = |wanted: &String| {
        known.iter().find(|job| name(job) == wanted).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("there is no batch job {wanted}"))
                .hint("`wortlaut batch status` lists the jobs")
        })
    };
    let jobs: Vec<&BatchJob> = args.jobs.iter().map(job).collect::<Result<_, _>>()?;
    for job in jobs {
        runtime.block_on(memory.settle_job(job.nonce.clone()))?;
        print(&clean(&format!("{}: let go; its segments are sent again", name(job))))?;
    }
    runtime.block_on(memory.close())?;
    Ok(Exit::Ok)
}

/// Refuses an engine without batch jobs.
pub(super) fn require_lane(engine: &dyn Engine) -> Result<(), Failure> {
    if engine.night_lane().is_some() {
        return Ok(());
    }
    let message = format!("{} has no batch jobs", engine.info().profile);
    Err(Failure::new(Exit::Config, message)
        .hint("engines of the kinds anthropic, gemini, mistral and openai have them"))
}

/// Says that texts are in batch jobs, to somebody who runs in the open.
pub(super) fn note_underway(
    memory: &dyn Memory,
    progress: &Progress,
    runtime: &Runtime,
) -> Result<(), Failure> {
    let jobs = runtime.block_on(memory.batch_jobs())?;
    if !jobs.is_empty() {
        let jobs = counted(jobs.len() as u64, "batch job");
        progress.line(&format!(
            "note: {jobs} under way; articles with segments in them are not written before `wortlaut batch wait`"
        ));
    }
    Ok(())
}

/// The night of a run; gives back how the run ends if it ends with that.
pub(super) fn work(
    night: &mut Night,
    progress: &Progress,
    runtime: &Runtime,
) -> Result<Option<Exit>, Failure> {
    let ended = told(progress, |events| {
        night.keeper.events = events;
        runtime.block_on(until_stopped(night.work(), &night.keeper.stop))
    });
    let exit = match ended.map_err(with_way_on)? {
        NightEnd::Done => None,
        NightEnd::Underway => {
            progress.line(&format!("batch jobs are under way; {GO_ON}"));
            Some(Exit::Partial)
        }
        NightEnd::Cancelled => {
            progress.line("a batch job was called off; the same command hands in again what it did not do");
            Some(Exit::Partial)
        }
    };
    if exit.is_some() {
        runtime.block_on(night.keeper.memory.close())?;
    }
    Ok(exit)
}

/// What something comes to that signals can stop: the first one soon, the second one at once.
async fn until_stopped<T>(
    work: impl Future<Output = Result<T, RunError>>,
    stop: &Stop,
) -> Result<T, RunError> {
    let stopped = async {
        tokio::select! {
            ended = work => ended,
            () = stop.now.cancelled() => Err(RunError::Interrupted),
        }
    };
    signals::heeded(stopped, stop).await
}

fn with_way_on(error: RunError) -> Failure {
    Failure::from(error).with_state(&format!("what was handed in is in the memory: {GO_ON}"))
}

/// Runs something and shows its events as they come.
fn told<T>(progress: &Progress, act: impl FnOnce(Events) -> T) -> T {
    thread::scope(|scope| {
        let (events, mut happened) = Events::channel();
        scope.spawn(move || {
            while let Some(event) = happened.blocking_recv() {
                if matches!(event, Event::Finished) {
                    break;
                }
                progress.event(&event);
            }
        });
        let done = act(events.clone());
        events.send(Event::Finished);
        done
    })
}
