//! Any program as an engine: a line of JSON for each batch on its standard input, a line of JSON for each answer on its
//! standard output.
//!
//! ```json
//! {"id": 1, "target": "en-US", "texts": ["Die Fähre legt an."], "context": "Es ist spät.", "terms": [[]]}
//! {"id": 1, "translations": ["The ferry docks."]}
//! ```
//!
//! `context` is German before the first text, `terms` has for each text the terms in it (`source`, `target`); either is left
//! out if there is none. Answers may come in any order, and instead of `translations` an answer may have `error`, a message:
//! that batch is refused. The program is kept running; it ends when its standard input does. What it writes to standard error
//! is logged, and its last line is part of the error if it ends before its time.

mod program;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::time::timeout;

use self::program::{CommandReply, Program};
use crate::engine::error::EngineError;
use crate::engine::fault::AnswerFault;
use crate::engine::fingerprint::{Fingerprint, ServerMark};
use crate::engine::interface::{Abilities, Billing, Engine, EngineInfo, Limits, TranslateFuture};
use crate::engine::profile::{CommandOptions, EngineKind, Profile, ProfileError};
use crate::model::{Batch, Request, TermHint, Translation};
use crate::text::characters::one_line;

/// Texts in a batch.
const TEXTS: usize = 50;
/// How long a program may take for a batch: a large model without a GPU is slow, and loads first.
const TIMEOUT: Duration = Duration::from_mins(10);

/// The engine.
pub(super) struct CommandEngine {
    info: EngineInfo,
    command: String,
    target: &'static str,
    timeout: Duration,
    /// `None` before the first batch.
    program: Mutex<Option<Arc<Program>>>,
    next_id: AtomicU64,
}

/// A line that is sent.
#[derive(Serialize)]
struct CommandTask<'a> {
    id: u64,
    target: &'static str,
    texts: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Vec<&'a [TermHint]>>,
}

impl CommandEngine {
    /// The engine of a profile; nothing is started yet.
    pub(super) fn new(profile: &Profile, options: &CommandOptions) -> Result<Self, EngineError> {
        let Some(command) = options.command.clone().filter(|command| !command.trim().is_empty()) else {
            let hint = format!("set command in [engines.{}] to what a shell would run", profile.name);
            return Err(ProfileError::missing(format!("{} has no command", profile.name), hint).into());
        };
        let target = options.target_lang.tag();
        let fingerprint = Fingerprint {
            profile: profile.name.clone(),
            kind: EngineKind::Command,
            options: format!("target={target} model={:?}", options.model),
            server: Some(ServerMark::Identity(options.identity.clone().unwrap_or_else(|| command.clone()))),
        };
        let info = EngineInfo {
            profile: profile.name.clone(),
            kind: EngineKind::Command.name(),
            fingerprint: fingerprint.to_string(),
            limits: Limits {
                segments: profile.max_segments.map_or(TEXTS, NonZeroUsize::get),
                characters: usize::MAX,
                bytes: usize::MAX,
            },
            // A program that does one thing after the other needs to know nothing of ids.
            concurrency: profile.concurrency.map_or(1, NonZeroUsize::get),
            billing: Billing::None,
            prices: None,
            abilities: Abilities { terms: options.terms, context: profile.context, ..Abilities::default() },
            caveat: None,
        };
        let timeout = options.timeout.unwrap_or(TIMEOUT);
        let (program, next_id) = (Mutex::default(), AtomicU64::new(1));
        Ok(Self { info, command, target, timeout, program, next_id })
    }

    async fn send(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let has_terms = batch.requests.iter().any(|request| !request.terms.is_empty());
        let task = CommandTask {
            id,
            target: self.target,
            texts: batch.requests.iter().map(|request| request.text.as_str()).collect(),
            context: batch.context.as_deref(),
            terms: has_terms.then(|| batch.requests.iter().map(|request| &request.terms[..]).collect()),
        };
        let line =
            serde_json::to_vec(&task).map_err(|error| EngineError::broken("cannot write JSON", error))?;
        let program = self.program()?;
        let Ok(reply) = timeout(self.timeout, program.ask(id, line)).await else {
            // What hangs once hangs for ever; the next attempt starts it anew.
            self.stop_program(&program);
            return Err(EngineError::Timeout { host: self.command.clone(), after: self.timeout });
        };
        let CommandReply { translations, error, .. } = reply?;
        match (translations, error) {
            (_, Some(message)) => Err(EngineError::Refused { status: 0, message: one_line(&message) }),
            (None, None) => Err(EngineError::unreadable("it has neither translations nor error")),
            (Some(texts), None) if texts.len() != batch.requests.len() => {
                Err(AnswerFault::WrongCount { sent: batch.requests.len(), got: texts.len() }.into())
            }
            (Some(texts), None) => Ok(texts.into_iter().map(Translation::plain).collect()),
        }
    }

    /// The running program; started if it is not, or has ended.
    fn program(&self) -> Result<Arc<Program>, EngineError> {
        let mut program = self.program.lock();
        if let Some(running) = program.as_ref().filter(|program| program.is_running()) {
            return Ok(Arc::clone(running));
        }
        let started = Arc::new(Program::start(&self.command)?);
        *program = Some(Arc::clone(&started));
        Ok(started)
    }

    /// Ends a program that does not answer, unless another has taken its place already.
    fn stop_program(&self, hung: &Arc<Program>) {
        let mut program = self.program.lock();
        if program.as_ref().is_some_and(|program| Arc::ptr_eq(program, hung)) {
            *program = None;
        }
        hung.end();
    }
}

impl Engine for CommandEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.send(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        self.next_id.load(Ordering::Relaxed) - 1
    }
}
