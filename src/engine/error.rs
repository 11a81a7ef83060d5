//! What can go wrong with an engine, and what to do about it.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::fault::{AnswerFault, Cause};
use super::profile::ProfileError;

/// What to do about an [`EngineError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Try the same batch again, not before the given time if there is one.
    Retry(Option<Duration>),
    /// The service does not translate the batch as it is: halve it; a single text has failed.
    Reject,
    /// This engine will not translate anything any more.
    Fatal,
}

/// Why an engine did not answer. Never holds a key, nor does a source of it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// No connection.
    #[error("cannot reach {host}: {reason}")]
    Connection {
        /// Host and port.
        host: String,
        /// What happened, without what repeats the address.
        reason: String,
        source: Cause,
    },
    /// The connection broke off before the answer was complete.
    #[error("the connection to {host} broke off: {reason}")]
    BrokenOff {
        /// Host and port.
        host: String,
        /// What happened, without what repeats the address.
        reason: String,
        source: Cause,
    },
    /// No answer in time.
    #[error("no answer from {host} within {} s", after.as_secs())]
    Timeout {
        /// Host and port.
        host: String,
        after: Duration,
    },
    /// The service asks to slow down (HTTP 429 and the like).
    #[error("the service asks to slow down")]
    RateLimited {
        /// How long to wait, if the service says.
        after: Option<Duration>,
    },
    /// The service is out of order (HTTP 5xx).
    #[error("the service is out of order (HTTP {status}): {message}")]
    Unavailable {
        status: u16,
        /// What the service says, shortened.
        message: String,
        /// How long to wait, if the service says.
        after: Option<Duration>,
    },
    /// The request is larger than the service takes (HTTP 413).
    #[error("the request is too large for the service")]
    TooLarge,
    /// A text of the request is longer than the service takes.
    #[error("a text of {characters} characters is too long for the service, which takes {limit}")]
    TooLong { characters: usize, limit: usize },
    /// The service refuses this request (HTTP 400 and the like).
    #[error("the service refuses the request (HTTP {status}): {message}")]
    Refused {
        status: u16,
        /// What the service says, shortened.
        message: String,
    },
    /// An answer came that holds no translations, and may have been paid for.
    #[error(transparent)]
    NoAnswer {
        #[from]
        fault: AnswerFault,
    },
    /// The key is missing, wrong or banned (HTTP 401, 403).
    #[error("the service does not accept the key: {0}")]
    Key(String),
    /// The quota is used up (HTTP 456 and the like).
    #[error("the quota of the service is used up: {0}")]
    Quota(String),
    /// What the run may spend is spent: the next request could cost more than is left.
    #[error("the next request could cost more than the run may spend; spent so far: {0}")]
    Allowance(String),
    /// The profile is wrong: nothing was sent.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The model of a local engine is not installed.
    #[error("{profile} has no model: pull one with `wortlaut model pull`")]
    NoModel { profile: String },
    /// The engine cannot work at all: wrong address, wrong model, missing file.
    #[error("{0}")]
    Unusable(String),
    /// The same, since something below it fails: a file, a thread, the arithmetic of a model.
    #[error("{message}")]
    Broken {
        /// What fails, and why.
        message: String,
        source: Cause,
    },
    /// The run is ending: nothing more is sent.
    #[error("the run was stopped")]
    Stopped,
    /// The same batch failed until its retries were used up.
    #[error("given up after {attempts} attempt{}: {last}", if *attempts == 1 { "" } else { "s" })]
    GivenUp {
        /// Requests sent for this batch.
        attempts: u32,
        /// Whether the service as a whole has stopped working, not only for this batch.
        down: bool,
        #[source]
        last: Box<EngineError>,
    },
}

impl EngineError {
    /// [`Broken`](Self::Broken): what fails, and because of what.
    #[must_use]
    pub fn broken(what: impl fmt::Display, cause: impl Into<Cause>) -> Self {
        let source = cause.into();
        Self::Broken { message: format!("{what}: {source}"), source }
    }

    /// [`NoAnswer`](Self::NoAnswer), with an answer that is not what the protocol says.
    #[must_use]
    pub fn unreadable(cause: impl Into<Cause>) -> Self {
        AnswerFault::Unreadable(cause.into()).into()
    }

    /// Whether it was given up because answers did not come in time: smaller requests would be paid for once
    /// more.
    #[must_use]
    pub fn is_late(&self) -> bool {
        matches!(self, Self::GivenUp { last, .. } if matches!(**last, Self::Timeout { .. }))
    }

    /// Whether the service may have charged for the request: it was on its way, and nobody knows what became of it.
    #[must_use]
    pub fn may_be_charged(&self) -> bool {
        matches!(
            self,
            Self::BrokenOff { .. } | Self::Timeout { .. } | Self::Unavailable { .. } | Self::NoAnswer { .. }
        )
    }

    /// What to do about it.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Connection { .. } | Self::BrokenOff { .. } | Self::Timeout { .. } => {
                ErrorClass::Retry(None)
            }
            Self::RateLimited { after } | Self::Unavailable { after, .. } => ErrorClass::Retry(*after),
            Self::TooLarge
            | Self::TooLong { .. }
            | Self::Refused { .. }
            | Self::NoAnswer { .. }
            | Self::GivenUp { down: false, .. } => ErrorClass::Reject,
            Self::Key(_)
            | Self::Quota(_)
            | Self::Allowance(_)
            | Self::Profile(_)
            | Self::NoModel { .. }
            | Self::Unusable(_)
            | Self::Broken { .. }
            | Self::Stopped
            | Self::GivenUp { down: true, .. } => ErrorClass::Fatal,
        }
    }
}
